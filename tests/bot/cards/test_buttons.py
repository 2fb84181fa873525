from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards.buttons import Drawer, Pressed, payload, read_payload
from integrations.chat.outgoing import MAX_PAYLOAD_BYTES
from models.ids import short

SUBJECT = UUID("0192f3c4-0000-7000-8000-00000000002a")
GOOD = f"p1:cancel:{short(SUBJECT)}:7"

verbs = st.from_regex(r"[a-z][a-z0-9]{0,11}", fullmatch=True)
revs = st.integers(min_value=0, max_value=999_999_999)


@given(verbs, st.uuids(), revs)
def test_bad_064_a_payload_is_read_back_as_it_was_written(verb: str, key: UUID, rev: int) -> None:
    text = payload(verb, key, rev)

    assert len(text.encode()) <= MAX_PAYLOAD_BYTES
    assert read_payload(text) == Pressed(verb, key, rev)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "cancel",
        "{}",
        '{"verb":"cancel"}',
        "p0:cancel:AAAAAAAAAAAAAAAAAAAAAA:1",
        GOOD.replace("p1", "p2"),
        GOOD.upper(),
        f" {GOOD}",
        f"{GOOD} ",
        f"{GOOD}\n",
        f"{GOOD}\0",
        f"{GOOD}:8",
        GOOD.rsplit(":", 1)[0],
        GOOD.replace(":7", ":"),
        GOOD.replace(":7", ":-1"),
        GOOD.replace(":7", ":+1"),
        GOOD.replace(":7", ":1.0"),
        GOOD.replace(":7", ":٧"),
        GOOD.replace(":7", ":9999999999"),
        GOOD.replace("cancel", ""),
        GOOD.replace("cancel", "Cancel"),
        GOOD.replace("cancel", "can cel"),
        GOOD.replace("cancel", "cancel" * 5),
        GOOD.replace("cancel", "cançel"),
        GOOD.replace(short(SUBJECT), short(SUBJECT)[:-1]),
        GOOD.replace(short(SUBJECT), short(SUBJECT) + "A"),
        GOOD.replace(short(SUBJECT), "A" * 21 + "B"),
        GOOD.replace(short(SUBJECT), "A" * 21 + "="),
        GOOD.replace(short(SUBJECT), str(SUBJECT)),
        GOOD + "x" * 10_000,
    ],
)
def test_bad_064_what_is_not_exactly_of_our_form_carries_nothing(text: str) -> None:
    assert read_payload(text) is None


@given(st.text(max_size=80))
def test_bad_064_no_text_at_all_makes_the_reader_fail(text: str) -> None:
    found = read_payload(text)

    assert found is None or payload(found.verb, found.subject, found.rev) == text


@given(st.integers(min_value=0, max_value=len(GOOD) - 1), st.characters(codec="utf-8"))
def test_bad_064_one_changed_letter_never_turns_into_another_spelling(at: int, put: str) -> None:
    text = GOOD[:at] + put + GOOD[at + 1 :]

    found = read_payload(text)

    assert found is None or payload(found.verb, found.subject, found.rev) == text


def test_a_payload_over_the_limit_is_refused_where_it_is_written() -> None:
    with pytest.raises(ValueError, match="64"):
        payload("v" * 40, SUBJECT, 1)


@pytest.mark.parametrize(
    ("verb", "index"),
    [("alt0", 0), ("alt12", 12), ("alt", None), ("cancel", None), ("altx", None)],
)
def test_the_number_behind_a_verb_is_read(verb: str, index: int | None) -> None:
    assert Pressed(verb, SUBJECT, 0).index_of("alt") == index


def test_a_drawn_button_carries_subject_revision_words_and_style() -> None:
    button = Drawer(SUBJECT, 7, "en").button("cancel", "cancel", "danger")

    assert button.label == "Cancel post"
    assert button.style == "danger"
    assert read_payload(button.payload) == Pressed("cancel", SUBJECT, 7)
