import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards.buttons import read_payload
from bot.cards.manner import in_the_manner_of
from bot.cards.post import post_card
from bot.cards.views import PostView
from bot.texts import LANGUAGES
from integrations.chat.contract import Capabilities
from integrations.chat.outgoing import Button, Card, Line, TimeTag
from integrations.slack import outbound as slack
from integrations.telegram.outbound import MAX_TEXT_UNITS, draw, units
from models.post import TARGET_MOVES, Target
from platforms.errors import Trouble
from scheduling.when.terms import Why
from tests.support.posts import (
    BERLIN,
    INSTAGRAM,
    NOW,
    SLOT,
    a_draft,
    a_member,
    a_photo,
    a_post,
    a_reading,
    a_target,
    a_view,
    an_account,
    an_id,
    scheduled,
)

GIVING_UP = frozenset({"cancel", "drop", "leave"})
LATER_STEPS = frozenset({"draft", "awaiting_approval", "cancelled"})
"""States of a target that no committed post shows (yet)."""

SHOWN_STATES = sorted(set(TARGET_MOVES) - LATER_STEPS)
MENUS = ("time", "now", "caption", "alt", "account", "more", "choices")
QUESTIONS = (
    *(
        "",
        "no_time",
        "suggested",
        "several",
        "two_readings",
        "ambiguous",
        "past",
        "past_slot",
        "invalid",
    ),
    *("unread", "nonexistent", "overlap", "conflict", "range", "vague", "too_far", "recurrence"),
    *("now", "zone", "account", "no_caption", "leave_out", "fix"),
    *("no_date", "duplicate"),
)
COMPLAINT: dict[str, Any] = {
    "key": "complaint.caption_too_long",
    "item": None,
    "params": {"length": 2201, "limit": 2200, "over": 1},
    "remedies": ["edit_caption"],
}
CROWD = {"count": 50, "limit": 50, "hours": 24, "free_at": (SLOT + timedelta(hours=3)).isoformat()}


TELEGRAM = Capabilities(max_fetch_bytes=20_000_000)
SLACK = Capabilities(max_fetch_bytes=None, can_thread=True, can_modal=True)


def drawn(view: PostView) -> Card:
    return post_card(view, INSTAGRAM)


def in_telegram(card: Card) -> Card:
    return in_the_manner_of(TELEGRAM, card)


def words_of(line: Line) -> str:
    return "".join(run.text for run in line)


def lines_of(card: Card) -> list[str]:
    return [words_of(line) for line in card.lines]


def text_of(card: Card) -> str:
    return "\n".join(lines_of(card))


def buttons_of(card: Card) -> list[Button]:
    return [button for row in card.buttons for button in row]


def verbs_of(card: Card) -> list[str]:
    found = [read_payload(button.payload) for button in buttons_of(card) if button.payload]
    assert None not in found
    return [pressed.verb for pressed in found if pressed]


def drafts() -> Iterator[PostView]:
    """Every question there is, with two alternatives, a slot, and something to complain about."""
    readings = [
        a_reading(
            SLOT,
            flags=("ambiguous",),
            alternatives=(a_reading(SLOT + timedelta(hours=12)),),
            unread=(0, 3),
        ).to_json()
    ]
    for question in QUESTIONS:
        post = a_draft(
            question,
            readings=readings,
            when_words="tomorrow 9",
            due_at=SLOT,
            complaints=[COMPLAINT],
        )
        yield a_view(post)
        yield a_view(a_draft(question))


def all_views() -> Iterator[PostView]:
    """Every state of a post, every question, every page of a card."""
    yield from drafts()
    extra: dict[str, Any] = {"permalink": "https://instagram.example/p/1", "published_at": SLOT}
    for state in SHOWN_STATES:
        yield scheduled(state)
        yield scheduled(
            state, last_error={"trouble": "login_expired"}, attempt=4, reads=3, **extra
        )
        for menu in MENUS:
            yield scheduled(state, post={"notes": {"menu": menu}})
    for menu in MENUS:
        yield a_view(a_draft("no_time", notes={"menu": menu}))
    two = (an_account(), an_account(username="other"))
    yield a_view(a_post(stage="committed"), a_target(two[0]), accounts=two)
    gone = an_account(state="needs_reconnect")
    yield a_view(a_post(stage="committed"), a_target(gone, state="blocked"))
    for notes in ({}, {"outcome": "unknown"}):
        yield a_view(a_post(stage="cancelled", due_at=SLOT, notes=notes))
    undo = {"stage": "cancelled", "due_at": SLOT, "undo_until": NOW + timedelta(minutes=10)}
    yield a_view(a_post(**undo))
    yield a_view(a_draft("crowded", due_at=SLOT, notes={"crowd": CROWD}))


@pytest.mark.parametrize(("due_at", "when"), [(SLOT, "scheduled for "), (None, "ready to go")])
def test_a_draft_whose_account_fell_asleep_asks_to_connect_that_one_again(
    due_at: datetime | None, when: str
) -> None:
    asleep = (an_account(state="needs_reconnect"),)

    card = drawn(a_view(a_draft("account", due_at=due_at), accounts=asleep))

    assert f"Reconnect @brand and it will be {when}" in text_of(card)
    assert buttons_of(card)[0].label == "Reconnect"


# ── more than one time ──


def a_list(*clocks: int, **values: Any) -> PostView:
    """A draft of a message that names a time tomorrow for each of *clocks*."""
    day = SLOT.replace(hour=0)
    readings = [a_reading(day + timedelta(hours=hour)).to_json() for hour in clocks]
    known = {"source_text": "Menu\nnine and six", "caption": "Menu", "when_words": "nine and six"}
    return a_view(a_draft("several", readings=readings, **known, **values))


def test_bad_054_each_time_of_a_list_is_numbered_and_can_be_taken_alone() -> None:
    card = drawn(a_list(8, 17))

    assert "1. Tue 24 Nov, 09:00 (Europe/Berlin)" in lines_of(card)
    assert "2. Tue 24 Nov, 18:00 (Europe/Berlin)" in lines_of(card)
    assert "I took “nine and six” out of the caption." in lines_of(card)
    labels = [button.label for button in buttons_of(card)]
    assert labels[:4] == ["Schedule both", "Keep in caption", "Only the first", "Only the second"]
    assert verbs_of(card) == ["both", "keep", "alt0", "alt1", "time", "cancel"]


def test_k17_a_longer_list_is_numbered_on_its_buttons() -> None:
    card = drawn(a_list(8, 12, 17))

    labels = [button.label for button in buttons_of(card)]
    assert labels[0] == "Schedule all"
    assert labels[2:5] == ["Only 1", "Only 2", "Only 3"]


def test_k17_a_time_of_a_list_that_has_passed_is_not_offered_any_more() -> None:
    view = a_list(8, 12, 17)

    card = drawn(replace(view, now=SLOT + timedelta(minutes=1)))

    assert "1. Tue 24 Nov, 13:00 (Europe/Berlin)" in lines_of(card)
    assert verbs_of(card)[:4] == ["both", "keep", "alt0", "alt1"]


def test_k15_a_tail_that_was_booked_at_once_can_be_taken_back_for_ten_minutes() -> None:
    until = {"tail_until": (NOW + timedelta(minutes=10)).isoformat()}
    view = scheduled(post={"notes": until})

    assert verbs_of(drawn(view))[:2] == ["unbook", "keep"]
    assert len(drawn(view).buttons) <= 2
    later = replace(view, now=NOW + timedelta(minutes=10))
    assert "unbook" not in verbs_of(drawn(later))
    moved = scheduled(post={"notes": {**until, "moved": True}})
    assert "unbook" not in verbs_of(drawn(moved))


@pytest.mark.parametrize(("unfit", "verbs"), [((2,), ["out1"]), ((1, 3), ["out0", "out2"])])
def test_unfit_items_of_an_album_can_be_left_out_while_others_are_left(
    unfit: tuple[int, ...], verbs: list[str]
) -> None:
    found = [{"key": "media.damaged", "item": item, "params": {}} for item in unfit]
    post = a_draft("fix", kind="carousel", complaints=found)
    items = tuple(a_photo(ordinal=index) for index in range(3))

    card = drawn(a_view(post, media=items))

    assert verbs_of(card) == [*verbs, "cancel"]
    assert f"Leave out item {unfit[0]}" in [button.label for button in buttons_of(card)]
    alone = drawn(a_view(a_draft("fix", complaints=found[:1]), media=items[:1]))
    assert verbs_of(alone) == ["cancel"]


@pytest.mark.parametrize(
    ("is_gap", "words"),
    [(True, "02:30 does not exist then"), (False, "02:30 comes twice then")],
)
def test_bad_050_051_a_run_in_a_clock_change_says_so(is_gap: bool, words: str) -> None:
    notes = {"clock_change": {"wall": "02:30", "is_gap": is_gap}, "series": 1}

    assert words in text_of(drawn(scheduled(post={"notes": notes})))


# ── the first lines ──────────────────────────────────────────────────────────────────────────


def test_b3_a_scheduled_card_begins_with_state_account_and_time() -> None:
    card = drawn(scheduled())

    assert lines_of(card) == [
        "🗓 Scheduled #142",
        "@brand · Photo",
        "Tue 24 Nov, 09:00 (Europe/Berlin) · in 18 h · from “tomorrow 9am”",
    ]


@pytest.mark.parametrize(
    ("state", "title"),
    [
        ("scheduled", "🗓 Scheduled #142"),
        ("preparing", "🗓 Scheduled #142"),
        ("waiting_media", "🗓 Scheduled #142"),
        ("ready", "🗓 Scheduled #142"),
        ("deferred", "🗓 Scheduled #142"),
        ("publishing", "⏳ Publishing #142"),
        ("published", "✅ Published #142"),
        ("failed", "❌ Not published #142"),
        ("late", "⚠️ Missed #142"),
        ("blocked", "⏸ On hold #142"),
        ("unconfirmed", "❔ Outcome unknown #142"),
    ],
)
def test_b3_every_state_has_its_word_beside_its_sign(state: str, title: str) -> None:
    assert lines_of(drawn(scheduled(state)))[0] == title


def test_b3_every_state_that_the_engine_knows_is_tried_here() -> None:
    assert {*SHOWN_STATES, *LATER_STEPS} == set(TARGET_MOVES)


@pytest.mark.parametrize(
    ("kind", "media", "said"),
    [
        ("image", ["image"], "@brand · Photo"),
        ("reel", ["video"], "@brand · Reel"),
        ("story", ["image"], "@brand · Story"),
        ("carousel", ["image"] * 4, "@brand · Carousel, 4 photos"),
        ("carousel", ["image", "video"], "@brand · Carousel, 2 items"),
    ],
)
def test_b3_the_second_line_says_account_and_kind(kind: str, media: list[str], said: str) -> None:
    items = tuple(a_photo(kind=one) for one in media)
    view = a_view(a_post(kind=kind, stage="committed"), a_target(), media=items)

    assert lines_of(drawn(view))[1] == said


def test_b3_removed_items_are_not_counted() -> None:
    items = (a_photo(), a_photo(), a_photo(state="removed"))
    view = a_view(a_post(kind="carousel", stage="committed"), a_target(), media=items)

    assert lines_of(drawn(view))[1] == "@brand · Carousel, 2 photos"


def test_b43_without_an_account_the_card_says_so() -> None:
    assert lines_of(drawn(a_view(a_draft("no_time"), accounts=())))[1] == "no account yet · Photo"


def test_b4_the_time_is_drawn_in_the_viewers_own_zone_too() -> None:
    tags = [run for run in drawn(scheduled()).lines[2] if isinstance(run, TimeTag)]

    assert [(tag.at, tag.is_relative) for tag in tags] == [(SLOT, False), (SLOT, True)]


@pytest.mark.parametrize("question", ["suggested", "account", "past_slot"])
def test_b4_a_question_about_a_moment_names_it_whole_and_in_the_viewers_zone(
    question: str,
) -> None:
    card = drawn(a_view(a_draft(question, due_at=SLOT, when_words="tomorrow 9am")))

    tags = [run for line in card.lines for run in line if isinstance(run, TimeTag)]
    assert [tag.text for tag in tags if not tag.is_relative] == [
        "Tue 24 Nov, 09:00 (Europe/Berlin)"
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_b4_where_nothing_counts_down_a_question_does_not_say_how_far_away_it_is(
    language: str,
) -> None:
    dana = a_member(language=language)
    view = a_view(a_draft("suggested", due_at=SLOT, when_words="9am"), author=dana)

    blocks = slack.draw(drawn(view)).blocks

    runs = [
        run["text"]
        for block in blocks
        if block["type"] == "rich_text"
        for run in block["elements"][0]["elements"]
    ]
    (asked,) = [line for line in "".join(runs).split("\n") if "?" in line]
    assert "09:00 (Europe/Berlin)" in asked
    assert "18" not in asked
    assert not re.search(r"[,·]\s*\?", asked)


@pytest.mark.parametrize("question", [q for q in QUESTIONS if q != "past_slot"])
def test_b7_a_time_that_is_not_chosen_is_never_shown_as_the_time(question: str) -> None:
    card = drawn(a_view(a_draft(question, due_at=SLOT)))

    assert not any(line.startswith("Tue 24 Nov") for line in lines_of(card))


def test_b4_a_chosen_time_stays_on_the_card_while_something_else_is_asked() -> None:
    view = a_view(a_draft("no_caption", due_at=SLOT, notes={"chosen": True}))

    assert "Tue 24 Nov, 09:00 (Europe/Berlin) · in 18 h" in lines_of(drawn(view))


def test_b5_the_words_taken_as_time_are_shown_and_can_be_put_back() -> None:
    view = a_view(a_draft("suggested", due_at=SLOT, when_words="tomorrow 9am"))

    card = drawn(view)

    assert "I took “tomorrow 9am” out of the caption." in lines_of(card)
    assert "keep" in verbs_of(card)


def test_b23_a_published_card_says_when_to_the_second_and_leads_to_the_post() -> None:
    link = "https://instagram.example/p/1"
    at = SLOT + timedelta(seconds=7)

    card = drawn(scheduled("published", published_at=at, permalink=link))

    assert lines_of(card)[2] == "Published 09:00:07 · Tue 24 Nov (Europe/Berlin)"
    assert [(one.label, one.url) for one in buttons_of(card)] == [("Open post", link)]


def test_b23_a_late_post_says_how_late() -> None:
    at = SLOT + timedelta(minutes=41)

    card = drawn(scheduled("published", published_at=at))

    assert "(41 min late)" in lines_of(card)[2]
    assert buttons_of(card) == []


def test_b24_a_failure_names_cause_tries_and_a_reference() -> None:
    view = scheduled(
        "failed", id=an_id(0x7F3C), attempt=3, last_error={"trouble": "login_expired"}
    )

    assert lines_of(drawn(view))[-1] == (
        "The Instagram login has expired. Tried 3 times. Nothing was posted. Ref E-7F3C"
    )


@pytest.mark.parametrize("trouble", list(Trouble))
def test_b24_every_reason_is_said_in_words(trouble: Trouble) -> None:
    card = drawn(scheduled("failed", last_error={"trouble": trouble.value}))

    assert "Something went wrong" not in text_of(card)
    assert trouble.value not in text_of(card)


def test_b24_a_lost_login_is_answered_with_a_reconnect_button() -> None:
    account = an_account(state="needs_reconnect")
    view = a_view(a_post(stage="committed"), a_target(account, state="failed"))

    assert verbs_of(drawn(view)) == ["recon", "time", "drop"]


def test_b24_reconnecting_publishes_only_what_is_due_and_the_button_says_which() -> None:
    account = an_account(state="needs_reconnect")
    ahead = a_view(a_post(stage="committed"), a_target(account, state="blocked"))
    due = replace(ahead, now=SLOT)

    labels = [drawn(view).buttons[0][0].label for view in (ahead, due)]

    assert labels == ["Reconnect", "Reconnect & publish"]


def test_b26_while_it_is_being_checked_the_card_says_so() -> None:
    assert "no duplicate will be made" in text_of(drawn(scheduled("publishing", reads=1)))


def test_b22_the_card_says_what_is_going_on() -> None:
    photos = (a_photo(), a_photo(state="pending"), a_photo(state="pending"))
    fetching = a_view(a_draft("", kind="carousel"), media=photos)
    video = a_view(
        a_post(kind="reel", stage="committed"),
        a_target(state="waiting_media"),
        media=(a_photo(kind="video"),),
    )

    assert "Getting your files… 1 of 3" in lines_of(drawn(fetching))
    assert "Instagram is processing the video…" in lines_of(drawn(video))


def test_k5_a_retry_says_which_try_of_how_many() -> None:
    view = scheduled(
        attempt=1,
        next_attempt_at=NOW + timedelta(minutes=2),
        last_error={"trouble": "platform_down"},
    )

    assert lines_of(drawn(view))[-1] == (
        "Instagram has trouble. Trying again in 2 min (try 2 of 4). Nothing was posted."
    )


def test_b12_a_cancelled_card_says_what_it_was_and_offers_undo_for_ten_minutes() -> None:
    undo = {"stage": "cancelled", "due_at": SLOT, "undo_until": NOW + timedelta(minutes=10)}

    within = drawn(a_view(a_post(**undo)))
    after = drawn(a_view(a_post(**undo), now=NOW + timedelta(minutes=10)))

    assert "Was Tue 24 Nov, 09:00 (Europe/Berlin)." in lines_of(within)
    assert verbs_of(within) == ["undo"]
    assert verbs_of(after) == []


def test_k4_a_post_that_was_left_with_an_unknown_outcome_says_so_ever_after() -> None:
    view = a_view(a_post(stage="cancelled", due_at=SLOT, notes={"outcome": "unknown"}))

    assert "Outcome unknown" in text_of(drawn(view))


def test_b16_a_caption_that_followed_an_edit_says_so() -> None:
    view = scheduled(post={"notes": {"caption_from_edit": True}})

    assert "Caption updated from your edit." in lines_of(drawn(view))


# ── the caption ──────────────────────────────────────────────────────────────────────────────


def test_b6_the_caption_is_shown_exactly_with_counters_as_the_platform_counts() -> None:
    caption = "Line one\n\n  two <b>&amp;</b> #one#two page#part 🍂"

    card = drawn(scheduled(post={"caption": caption}))

    assert card.quote == caption
    assert words_of(card.footer[0]) == f"{len(caption)} / 2,200 · 2 / 30 hashtags"


@pytest.mark.parametrize(("length", "is_folded"), [(1, False), (300, False), (301, True)])
def test_b6_a_caption_over_300_characters_is_folded(length: int, is_folded: bool) -> None:
    card = drawn(scheduled(post={"caption": "a" * length}))

    assert card.fold_quote is is_folded
    assert words_of(card.footer[0]) == f"{length:,} / 2,200"


def test_bad_034_a_missing_caption_is_said() -> None:
    assert words_of(drawn(scheduled(post={"caption": ""})).footer[0]) == "No caption."


def test_bad_035_the_overflow_of_a_caption_is_shown() -> None:
    view = a_view(a_draft("fix", caption="a" * 2201, complaints=[COMPLAINT]))

    card = drawn(view)

    assert "• The caption has 2,201 characters; Instagram takes 2,200 (1 too many)." in text_of(
        card
    )
    assert "cap" in verbs_of(card)


nasty = st.text(
    st.one_of(
        st.sampled_from("<>&_*[]()`~#@\"'\\\n👩\u200d\u0645\u0631\u202e\U0001f468\ufe0f"),
        st.characters(exclude_categories=("Cs",), exclude_characters="\0"),
    ),
    max_size=2_200,
)


def _as_seen(text: str) -> str:
    return text.replace("\u2060", "")


a_state = st.sampled_from(["draft", *SHOWN_STATES])


@given(nasty, a_state, st.integers(0, 2**31), st.integers(0, 999_999_999), st.uuids())
def test_bad_039_s10_any_caption_is_shown_literally_and_fits_the_chat(
    caption: str, state: str, number: int, rev: int, key: Any
) -> None:
    values: dict[str, Any] = {"caption": caption, "number": number, "rev": rev, "id": key}
    view = (
        a_view(a_draft("no_time", **values)) if state == "draft" else scheduled(state, post=values)
    )

    card = drawn(view)
    shown = draw(card)

    assert card.quote == caption
    assert units(shown.plain) <= MAX_TEXT_UNITS
    assert all(len(one.payload.encode()) <= 64 for one in buttons_of(card))
    assert f"#{number}" in shown.plain
    if units(caption) + caption.count("@") < 3_000:
        # A joiner that nobody sees keeps an "@name" from calling anybody.
        assert _as_seen(caption).strip() in _as_seen(shown.plain)
    tags = set(re.findall(r"</?[a-z-]+", shown.html))
    assert tags <= {"<b", "</b", "<tg-time", "</tg-time", "<blockquote", "</blockquote"}


def test_bad_037_a_caption_of_joined_emoji_is_shown_whole() -> None:
    caption = "👩‍👩‍👧‍👦" * 314

    shown = draw(drawn(scheduled(post={"caption": caption})))

    assert caption in shown.plain
    assert shown.plain.endswith("2,198 / 2,200")


def test_bad_037_what_no_message_can_hold_is_cut_in_sight_and_the_counter_stays() -> None:
    shown = draw(drawn(scheduled(post={"caption": "🍂" * 2_200})))

    assert units(shown.plain) <= MAX_TEXT_UNITS
    assert shown.plain.startswith("🗓 Scheduled #142")
    assert shown.plain.endswith("🍂…\n2,200 / 2,200")
    assert "…" in shown.plain


# ── buttons ──────────────────────────────────────────────────────────────────────────────────


def test_b11_a_scheduled_card_has_its_buttons_in_two_rows_and_danger_on_cancel_only() -> None:
    card = drawn(scheduled())

    assert [[one.label for one in row] for row in card.buttons] == [
        ["Edit caption", "Change time"],
        ["⋯ More", "Cancel post"],
    ]
    assert [one.label for one in buttons_of(card) if one.style == "danger"] == ["Cancel post"]


def test_b11_accounts_are_offered_only_where_there_are_several() -> None:
    accounts = (an_account(), an_account(username="other"))
    view = a_view(a_post(stage="committed"), a_target(accounts[0]), accounts=accounts)

    card = drawn(view)

    assert "Accounts" in [one.label for one in buttons_of(card)]
    assert len(card.buttons) == 2


def test_b37_a_draft_whose_account_is_broken_offers_the_others() -> None:
    broken = an_account(state="needs_reconnect")
    alone, among = (
        a_view(a_draft("account", due_at=SLOT), accounts=accounts)
        for accounts in ((broken,), (broken, an_account(username="other")))
    )

    assert "accts" not in verbs_of(drawn(alone))
    assert verbs_of(drawn(among)) == ["conn", "accts", "time", "cancel"]


def test_a_draft_meant_for_an_account_that_is_gone_goes_nowhere_else_unasked() -> None:
    notes = {"account": str(an_account().id)}
    view = a_view(a_draft("account", due_at=SLOT, notes=notes))

    card = drawn(view)

    assert view.account is None
    assert "The account it was meant for is not connected any more." in card.fallback_text
    assert "accts" in verbs_of(card)


def test_of_a_draft_that_was_planned_before_the_account_chosen_since_counts() -> None:
    first, other = an_account(), an_account(username="other")
    draft = a_draft("fix", notes={"account": str(other.id)})

    view = a_view(draft, a_target(first, state="draft"), accounts=(first, other))

    assert view.account is other
    assert view.other_accounts == (first,)


@pytest.mark.parametrize("notes", [{}, {"just_passed": "9am"}])
@pytest.mark.parametrize("state", SHOWN_STATES)
def test_b11_the_first_page_of_a_card_has_at_most_two_rows(
    state: str, notes: dict[str, object]
) -> None:
    accounts = (an_account(), an_account(username="other"))
    target = a_target(accounts[0], state=state, last_error={"trouble": "platform_down"})
    view = a_view(a_post(stage="committed", notes=notes), target, accounts=accounts)

    assert len(drawn(view).buttons) <= 2


def test_b11_only_buttons_that_give_a_post_up_are_drawn_as_dangerous() -> None:
    for view in all_views():
        for button in buttons_of(drawn(view)):
            pressed = read_payload(button.payload)
            is_giving_up = pressed is not None and pressed.verb in GIVING_UP
            assert (button.style == "danger") is is_giving_up, (view.state, button)


def test_b12_a_draft_can_be_given_up_at_every_question() -> None:
    assert all("cancel" in verbs_of(drawn(view)) for view in drafts())


def test_b12_what_is_going_out_or_is_out_cannot_be_cancelled() -> None:
    for state in ("publishing", "published"):
        assert verbs_of(drawn(scheduled(state))) == []
        assert verbs_of(drawn(scheduled(state, post={"notes": {"menu": "more"}}))) == []


def test_every_button_has_a_label_and_leads_somewhere_once() -> None:
    for view in all_views():
        card = drawn(view)
        labels = [button.label for button in buttons_of(card)]
        assert all(labels)
        assert len(set(verbs_of(card))) == len(verbs_of(card)), (
            view.post.question,
            verbs_of(card),
        )
        draw(card)


@pytest.mark.parametrize(
    ("question", "verbs"),
    [
        ("no_time", ["now", "hour", "tonight", "tomo", "cancel"]),
        ("suggested", ["sched", "keep", "time", "cancel"]),
        ("now", ["nowyes", "time", "cancel"]),
        ("past_slot", ["nowyes", "time", "cancel"]),
        ("account", ["conn", "time", "cancel"]),
        ("no_caption", ["cap", "nocap", "cancel"]),
        ("", ["cancel"]),
    ],
)
def test_b8_each_question_has_its_answers_on_buttons(question: str, verbs: list[str]) -> None:
    assert verbs_of(in_telegram(drawn(a_view(a_draft(question, due_at=SLOT))))) == verbs


def test_b8_where_a_chat_opens_forms_a_time_can_be_picked_at_once() -> None:
    card = drawn(a_view(a_draft("no_time")))

    assert "time" in verbs_of(in_the_manner_of(SLACK, card))
    assert "time" not in verbs_of(in_telegram(card))


def test_k14_tonight_is_not_offered_once_it_has_passed() -> None:
    evening = NOW + timedelta(hours=5)

    assert "tonight" not in verbs_of(drawn(a_view(a_draft("no_time"), now=evening)))


def test_b7_two_meanings_become_two_buttons_that_name_them() -> None:
    evening = SLOT + timedelta(hours=12)
    reading = a_reading(SLOT, flags=("ambiguous",), alternatives=(a_reading(evening),))
    view = a_view(a_draft("ambiguous", readings=[reading.to_json()], when_words="9"))

    card = drawn(view)

    assert [one.label for one in buttons_of(card)][:2] == [
        "Tue 24 Nov, 09:00",
        "Tue 24 Nov, 21:00",
    ]
    assert verbs_of(card)[:2] == ["alt0", "alt1"]
    assert "“9” can mean more than one time. Which one?" in lines_of(card)


def test_bad_051_a_time_that_comes_twice_is_told_apart_by_its_offset() -> None:
    first = SLOT.replace(year=2027, month=10, day=31, hour=0, minute=30)
    reading = a_reading(
        first,
        status="ask",
        at_utc=None,
        local=None,
        why="overlap",
        alternatives=(a_reading(first), a_reading(first + timedelta(hours=1), fold=1)),
    )
    view = a_view(a_draft("overlap", readings=[reading.to_json()]))

    labels = [one.label for one in buttons_of(drawn(view))]

    assert labels[:2] == ["02:30 UTC+02:00", "02:30 UTC+01:00"]


def test_b10_alternatives_that_have_passed_meanwhile_are_not_offered() -> None:
    reading = a_reading(SLOT, alternatives=(a_reading(SLOT + timedelta(days=1)),))
    view = a_view(a_draft("past", readings=[reading.to_json()]), now=SLOT + timedelta(minutes=1))

    assert verbs_of(drawn(view))[:2] == ["alt0", "time"]
    assert buttons_of(drawn(view))[0].label == "Wed 25 Nov, 09:00"


def test_b36_the_zone_is_asked_with_guesses() -> None:
    author = a_member(zone=None, hints={"zone_guesses": [BERLIN]})
    card = drawn(a_view(a_draft("zone", zone=""), author=author))

    assert "Is it 15:10 for you? Press the right one, or type your city." in lines_of(card)
    assert [verb for verb in verbs_of(card) if verb.startswith("zone")][:3] == [
        "zone0",
        "zone1",
        "zone2",
    ]
    assert buttons_of(card)[0].label == f"Yes, {BERLIN}"


def test_bad_023_an_album_of_eleven_asks_which_one_stays_out() -> None:
    items = tuple(a_photo() for _ in range(11))

    card = drawn(a_view(a_draft("leave_out", kind="carousel"), media=items))

    assert "Instagram takes 10 items, you sent 11. Which one stays out?" in lines_of(card)
    assert verbs_of(card) == [*(f"out{index}" for index in range(11)), "cancel"]


@pytest.mark.parametrize("why", get_args(Why))
def test_b7_every_reason_to_ask_is_a_question_in_words(why: str) -> None:
    reading = a_reading(SLOT, status="ask", at_utc=None, local=None, why=why, unread=(0, 3))
    post = a_draft(why, readings=[reading.to_json()], when_words="foo bar")

    asked = lines_of(drawn(a_view(post)))[2]

    assert asked.endswith(("?", ".")), asked
    assert why == "no_time" or len(asked) > 10


# ── in words alone ───────────────────────────────────────────────────────────────────────────


def test_b46_the_fallback_says_all_that_the_lines_say_in_sentences() -> None:
    for view in all_views():
        card = drawn(view)
        for words in lines_of(card):
            assert words.strip() in card.fallback_text
        assert card.fallback_text.endswith((".", "?", "!", "…", ":"))


def test_b46_no_state_is_told_by_a_sign_alone() -> None:
    signs = re.compile(r"[^\w#]+")
    titles = {signs.sub(" ", lines_of(drawn(view))[0]).strip() for view in all_views()}

    assert all(re.fullmatch(r"[A-Z][a-z]+( [a-z]+)* #142", title) for title in titles), titles


def test_b47_no_card_shows_a_code_or_a_trace() -> None:
    leaked = Target(
        state="failed",
        due_at=SLOT,
        last_error={"trouble": "surprise", "code": "190/463", "detail": "Traceback token=abc"},
        created_at=NOW,
        updated_at=NOW,
    )
    leaked.account = an_account()

    words = text_of(drawn(a_view(a_post(stage="committed"), leaked)))

    assert "190" not in words
    assert "Traceback" not in words
    assert "Something went wrong at Instagram." in words


def test_a_slot_without_room_is_said_with_figures_and_ways_on() -> None:
    card = drawn(a_view(a_draft("crowded", due_at=SLOT, notes={"crowd": CROWD})))

    assert "@brand already has 50 posts within 24 h; Instagram allows 50." in text_of(card)
    assert "One of them would wait until Tue 24 Nov, 12:00" in text_of(card)
    assert verbs_of(card) == ["crowdok", "time", "cancel"]
