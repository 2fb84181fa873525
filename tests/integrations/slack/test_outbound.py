"""Cards and forms as Slack's blocks: they always fit, and what people wrote is shown as it is."""

import re
import string
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.chat.outgoing import Button, Card, Field, Form, Link, Text, TimeTag
from integrations.slack.outbound import draw, draw_form, draw_home, escaped
from sandbox.slack import markup
from sandbox.slack.lint import blocks_problems, view_problems
from sandbox.slack.reading import mrkdwn_of, text_of
from tests.support.slack import judge_blocks, judge_view

AT = datetime(2026, 11, 24, 8, tzinfo=UTC)
SIGNS = "<>&*_~`@#!|:\n\\ \u202e\u200d\ud83d\U0001f468\u0627é\0" + string.ascii_letters

words = st.one_of(
    st.text(alphabet=SIGNS, max_size=60),
    st.text(max_size=40),
    st.sampled_from(
        ["<!channel>", "<!here|x>", "<@U1>", "<#C1>", "*_[", "&lt;", ":tada:", "@here"]
    ),
)
captions = st.one_of(
    words,
    st.builds(lambda text, times: (text or "x") * times, words, st.integers(1, 60)),
    st.sampled_from(["👨‍👩‍👧‍👦" * 320, "&" * 2_200, "<" * 9_000, "שלום " * 440]),
)
runs = st.one_of(
    st.builds(Text, words, st.sampled_from(["plain", "bold", "italic", "code"])),
    st.builds(TimeTag, st.just(AT), words, st.sampled_from(["plain", "bold"]), st.booleans()),
    st.builds(Link, words, st.sampled_from(["https://example.com/a?b=<&>", "javascript:x", ""])),
)
lines = st.lists(st.lists(runs, max_size=4).map(tuple), max_size=5).map(tuple)
buttons = st.one_of(
    st.builds(
        Button,
        st.text(alphabet=string.ascii_letters + "<&>🗓", min_size=1, max_size=120),
        payload=st.just("p1:time:AAAAAAAAAAAAAAAAAAAAAA:12"),
        style=st.sampled_from(["", "primary", "success", "danger"]),
    ),
    st.builds(Button, st.just("Open"), url=st.just("https://example.com/connect/x")),
)
cards = st.builds(
    Card,
    lines=lines,
    fallback_text=words,
    quote=captions,
    fold_quote=st.booleans(),
    footer=lines,
    buttons=st.lists(st.lists(buttons, max_size=8).map(tuple), max_size=3).map(tuple),
)
crowds = st.builds(
    Card,
    lines=st.lists(
        st.one_of(
            st.just((Text(""),)),
            st.builds(lambda text, times: (Text(text * times),), words, st.integers(1, 90)),
        ),
        max_size=400,
    ).map(tuple),
    fallback_text=words,
    quote=captions,
    footer=lines,
    buttons=st.lists(st.lists(buttons, min_size=1, max_size=5).map(tuple), max_size=120).map(
        tuple
    ),
)
"""What a team draws that has very many posts and accounts."""


@given(cards)
def test_any_card_fits_and_is_understood_by_the_client_library(card: Card) -> None:
    drawn = draw(card)

    assert drawn.text.strip()
    assert len(drawn.blocks) <= 6 + 1
    assert blocks_problems(drawn.blocks, "message") == []
    judge_blocks(drawn.blocks)
    if drawn.blocks:
        assert view_problems(draw_home(card)) == []


@settings(max_examples=25)
@given(crowds)
def test_b32_cards_and_homes_of_the_busiest_teams_fit(card: Card) -> None:
    drawn, home = draw(card), draw_home(card)

    assert len(drawn.blocks) <= 50
    assert blocks_problems(drawn.blocks, "message") == []
    assert len(home["blocks"]) <= 100
    assert view_problems(home) == [] or not home["blocks"]


def test_b32_every_section_of_a_home_has_room_of_its_own() -> None:
    many = [(Text("x" * 99),) for _ in range(50)]
    card = Card(
        lines=((Text("Today"),), *many, (Text(""),), (Text("Needs you"),), *many),
        fallback_text="x",
    )

    first, second = draw_home(card)["blocks"]

    assert text_of([first], str).startswith("Today")
    assert text_of([second], str).startswith("Needs you")
    assert text_of([first], str).endswith("…")


@given(captions)
def test_s10_bad_039_a_caption_is_shown_exactly_and_calls_nobody(caption: str) -> None:
    drawn = draw(Card(lines=(), fallback_text=caption or "x", quote=caption))

    sound = "".join(one for one in caption if one != "\0" and not "\ud800" <= one <= "\udfff")
    shown = text_of(drawn.blocks, str)
    assert shown == sound if len(sound) <= 3_000 else shown[:-1] in sound
    assert markup.pings(f"{drawn.text}\n{mrkdwn_of(drawn.blocks)}") == []


@given(st.lists(words, min_size=1, max_size=4))
def test_s10_lines_and_fallback_call_nobody_and_lose_nothing(said: list[str]) -> None:
    card = Card(lines=tuple((Text(one),) for one in said), fallback_text=" ".join(said))

    drawn = draw(card)

    assert markup.pings(f"{drawn.text}\n{mrkdwn_of(drawn.blocks)}") == []


def test_b04_a_moment_stands_there_for_all_and_in_everybodys_own_time() -> None:
    drawn = draw(
        Card(
            lines=((TimeTag(AT, "Tue 24 Nov, 09:00 (Europe/Berlin)", "bold"),),),
            fallback_text="Scheduled.",
        )
    )

    first, last = drawn.blocks
    assert text_of([first], str) == "Tue 24 Nov, 09:00 (Europe/Berlin)"
    assert re.fullmatch(
        rf"<!date\^{int(AT.timestamp())}\^[^|]+\|Tue 24 Nov, 09:00 \(Europe/Berlin\)>",
        last["elements"][0]["text"],
    )


def test_what_is_not_known_to_slack_is_no_style() -> None:
    (block,) = draw(
        Card(
            lines=(),
            fallback_text="",
            buttons=((Button("Yes", "p1", style="success"), Button("No", "p2", style="danger")),),
        )
    ).blocks

    assert [one["style"] for one in block["elements"]] == ["primary", "danger"]


@pytest.mark.parametrize(
    "button",
    [
        Button(" ", "p1"),
        Button("x"),
        Button("x", "p1", "https://example.com"),
        Button("x", "p" * 65),
    ],
)
def test_a_button_that_is_a_mistake_is_told(button: Button) -> None:
    with pytest.raises(ValueError, match=r"button|payload"):
        draw(Card(lines=(), fallback_text="x", buttons=((button,),)))


OPTIONS = (("a", "@brand"), ("b", "@other"), *((f"c{n}", "x" * n) for n in range(150)))
fields = st.one_of(
    st.builds(
        Field,
        st.just("caption"),
        words,
        st.just("long_text"),
        captions,
        is_optional=st.booleans(),
    ),
    st.builds(Field, st.just("when"), words, st.just("moment"), st.sampled_from(["", "18" * 5])),
    st.builds(Field, st.just("files"), words, st.just("files")),
    st.builds(
        Field,
        st.just("who"),
        words,
        st.sampled_from(["choice", "choices"]),
        st.sampled_from(["", "a", "a,b", "gone"]),
        st.sampled_from([(), OPTIONS[:1], OPTIONS[:2], OPTIONS[:101], OPTIONS]),
        words,
    ),
)  # fmt: skip


@given(words, words, st.lists(fields, max_size=4, unique_by=lambda one: one.name), lines)
def test_any_form_fits_and_is_understood_by_the_client_library(title, submit, found, said) -> None:
    form = Form(title, "p1:ftime:AAAAAAAAAAAAAAAAAAAAAA:1", submit, tuple(found), said)

    view = draw_form(form, channel="C1")

    assert view_problems(view) == []
    judge_view(view)


def test_a_field_with_nothing_to_choose_from_does_not_spoil_the_form() -> None:
    form = Form("New post", "p1:x:y:1", "Save", (Field("who", "Account", "choice"),))

    view = draw_form(form, channel="")

    assert view_problems(view) == []
    assert "submit" not in view


@pytest.mark.parametrize("value", ["", "v" * 151])
def test_a_value_that_slack_would_cut_or_refuse_is_told(value: str) -> None:
    field = Field("who", "Account", "choice", options=((value, "@brand"),))

    with pytest.raises(ValueError, match="chosen"):
        draw_form(Form("New post", "p1:x:y:1", "Save", (field,)), channel="")


def test_escaping_knows_the_three_signs() -> None:
    assert escaped("<a & b>") == "&lt;a &amp; b&gt;"


def test_short_buttons_share_a_line_and_long_ones_do_not() -> None:
    rows = (
        (Button("Edit caption", "a"), Button("Change time", "b")),
        (Button("⋯ More", "c"), Button("Cancel post", "d")),
        (Button("12:27 · a city with quite a long name", "e"),),
    )

    drawn = draw(Card(lines=(), fallback_text="x", buttons=rows))

    lines = [[one["value"] for one in block["elements"]] for block in drawn.blocks]
    assert lines == [["a", "b", "c", "d"], ["e"]]
