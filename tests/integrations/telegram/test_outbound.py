"""Cards as Telegram's HTML and keyboards."""

import html
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.chat.outgoing import Button, Card, Link, Text, TimeTag
from integrations.telegram.outbound import MAX_TEXT_UNITS, draw, shorten, units

DUE = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
_TAG = re.compile(r"<[^>]*>")


def _card(**fields: object) -> Card:
    given: dict[str, object] = {"lines": ((Text("✅ Scheduled"),),), "fallback_text": "Scheduled."}
    return Card(**{**given, **fields})  # type: ignore[arg-type]


def _read(drawn_html: str) -> str:
    """The text after its markup is read, as Telegram counts it."""
    return html.unescape(_TAG.sub("", drawn_html))


def test_runs_are_drawn_in_their_style() -> None:
    lines = (
        (Text("Scheduled", "bold"), Text(" "), Text("#142", "code")),
        (Text("soon", "italic"), Link("Open post", 'https://example.org/?a=1&b="2"')),
    )

    assert draw(_card(lines=lines)).html == (
        "<b>Scheduled</b> <code>#142</code>\n"
        '<i>soon</i><a href="https://example.org/?a=1&amp;b=&quot;2&quot;">Open post</a>'
    )


def test_a_moment_carries_the_viewers_own_time() -> None:
    lines = (
        (TimeTag(DUE, "Tue 24 Nov, 09:00", "bold"), TimeTag(DUE, "in 18 h", is_relative=True)),
    )

    assert draw(_card(lines=lines)).html == (
        f'<b><tg-time unix="{int(DUE.timestamp())}">Tue 24 Nov, 09:00</tg-time></b>'
        f'<tg-time unix="{int(DUE.timestamp())}" format="r">in 18 h</tg-time>'
    )


def test_a_caption_is_quoted_between_lines_and_footer() -> None:
    card = _card(quote="Fresh bread\n\n#brot", footer=((Text("1 / 2,200"),),))

    assert draw(card).html == (
        "✅ Scheduled\n<blockquote>Fresh bread\n\n#brot</blockquote>\n1 / 2,200"
    )


def test_a_long_caption_is_folded_when_asked() -> None:
    assert "<blockquote expandable>" in draw(_card(quote="x" * 400, fold_quote=True)).html


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "</blockquote><a href='tg://x'>",
        "*_[x](y)`",
        "<!channel> & <b>",
        "&lt;b&gt;",
        '"><img src=x>',
    ],
)
def test_bad_039_s10_markup_of_people_is_shown_literally(hostile: str) -> None:
    card = _card(
        lines=(
            (
                Text(hostile),
                Text(hostile, "bold"),
                TimeTag(DUE, hostile),
                Link(hostile, "https://a.b"),
            ),
        ),
        quote=hostile,
    )

    drawn = draw(card).html

    assert _read(drawn) == f"{hostile * 4}\n{hostile}"
    assert set(_TAG.findall(drawn)) <= {
        "<b>", "</b>", "<blockquote>", "</blockquote>", '<a href="https://a.b">', "</a>",
        f'<tg-time unix="{int(DUE.timestamp())}">', "</tg-time>",
    }  # fmt: skip


def test_a_link_that_is_no_web_address_is_only_words() -> None:
    assert draw(_card(lines=((Link("tap", "javascript:alert(1)"),),))).html == "tap"


_CAPTIONS = st.text(
    st.sampled_from("👩‍👧🏳️é\u0301שלוםمرحبا<>&_*[]`\"'\n #@abc🇩🇪👍🏽") | st.characters(codec=None),
    max_size=2200,
)


@given(_CAPTIONS, st.booleans(), st.integers(1, 2200))
def test_every_card_fits_with_any_caption(caption: str, folded: bool, repeat: int) -> None:
    caption = (caption * repeat)[:2200]
    card = _card(
        lines=((Text("📅 Scheduled #142", "bold"),), (TimeTag(DUE, "Tue 24 Nov, 09:00"),)),
        quote=caption,
        fold_quote=folded,
        footer=((Text("1,204 / 2,200 · 12 / 30 hashtags"),),),
    )

    drawn = draw(card)

    assert units(_read(drawn.html)) <= MAX_TEXT_UNITS
    assert drawn.html.endswith("hashtags")
    drawn.html.encode()


def test_2200_emoji_are_cut_and_nothing_else_is_lost() -> None:
    drawn = draw(_card(quote="🥐" * 2200, footer=((Text("footer"),),)))

    text = _read(drawn.html)
    assert text.startswith("✅ Scheduled\n🥐")
    assert text.endswith("🥐…\nfooter")
    assert units(text) > MAX_TEXT_UNITS - 4


def test_a_caption_of_2200_letters_is_shown_whole() -> None:
    caption = "<&_ש" * 550

    assert caption in _read(draw(_card(quote=caption)).html)


def test_even_lines_without_end_fit() -> None:
    drawn = draw(_card(lines=((Text("x" * 9000, "bold"),),), footer=((Text("y" * 9000),),)))

    assert units(_read(drawn.html)) <= MAX_TEXT_UNITS


def test_more_styles_than_telegram_counts_are_dropped_not_refused() -> None:
    drawn = draw(_card(lines=tuple((Text(f"{n}", "bold"),) for n in range(150))))

    assert drawn.html.count("<b>") == 100
    assert _read(drawn.html).splitlines() == [str(n) for n in range(150)]


@given(st.text(st.sampled_from("a👍🏽👩\u200d👧é\u0301"), max_size=40), st.integers(1, 30))
def test_cutting_never_parts_what_is_drawn_as_one(text: str, room: int) -> None:
    cut = shorten(text, room)

    assert units(cut) <= room
    if cut != text:
        assert not cut.removesuffix("…").endswith("\u200d")
        following = text[len(cut.removesuffix("…")) :].lstrip()
        assert not cut.removesuffix("…") or not following.startswith(("\u0301", "🏽"))


def test_an_empty_card_says_its_sentence() -> None:
    drawn = draw(_card(lines=(), fallback_text="Nothing <here>."))

    assert (drawn.html, drawn.plain) == ("Nothing &lt;here&gt;.", "Nothing <here>.")


def test_buttons_keep_rows_payloads_addresses_and_styles() -> None:
    card = _card(
        buttons=(
            (
                Button("Approve", "p1:ok:x:1", style="success"),
                Button("Cancel", "p1:no:x:1", style="danger"),
            ),
            (Button("Open", url="https://example.org"),),
        )
    )

    keyboard = draw(card).keyboard

    assert keyboard is not None
    assert keyboard.to_dict() == {
        "inline_keyboard": [
            [
                {"text": "Approve", "callback_data": "p1:ok:x:1", "style": "success"},
                {"text": "Cancel", "callback_data": "p1:no:x:1", "style": "danger"},
            ],
            [{"text": "Open", "url": "https://example.org"}],
        ]
    }


def test_an_address_telegram_takes_on_no_button_is_written_out() -> None:
    drawn = draw(_card(buttons=((Button("Connect", url="http://localhost:8080/c"),),)))

    assert drawn.keyboard is None
    assert drawn.plain.endswith("Connect: http://localhost:8080/c")


@pytest.mark.parametrize(
    "buttons",
    [
        ((Button("x", "y" * 65),),),
        ((Button("x", "ü" * 33),),),
        ((Button("x"),),),
        ((Button("x", "y", url="https://a.b"),),),
        ((Button(" ", "y"),),),
        (tuple(Button(str(n), "y") for n in range(9)),),
        tuple((Button(str(n), "y"),) for n in range(101)),
    ],
    ids=["65 bytes", "66 bytes", "nothing", "both", "no label", "9 in a row", "101"],
)
def test_a_keyboard_telegram_would_refuse_is_a_mistake(
    buttons: tuple[tuple[Button, ...], ...],
) -> None:
    with pytest.raises(ValueError, match=r".+"):
        draw(_card(buttons=buttons))


@given(st.text(max_size=64))
def test_a_payload_is_drawn_exactly_when_it_fits_64_bytes(payload: str) -> None:
    try:
        size = len(payload.encode())
    except UnicodeEncodeError:
        size = 65
    fits = 1 <= size <= 64

    try:
        drawn = draw(_card(buttons=((Button("x", payload),),)))
    except ValueError:
        assert not fits
    else:
        assert fits
        assert drawn.keyboard is not None
        assert drawn.keyboard.inline_keyboard[0][0].callback_data == payload


def test_a_card_that_asks_offers_a_placeholder_of_64_characters() -> None:
    markup = draw(_card(asks_reply="tomorrow 9am " * 10)).force_reply()

    assert markup is not None
    assert len(markup.input_field_placeholder or "") == 64


def test_bad_039_a_name_in_a_caption_mentions_nobody_on_telegram() -> None:
    drawn = draw(Card(lines=((Text("@cafe and @Mia"),),), quote="by @mia", fallback_text="x"))

    assert "@cafe" not in drawn.html
    assert "@mia" not in drawn.html.casefold()
    assert drawn.plain.replace("\u2060", "").startswith("@cafe and @Mia")
