"""The list of changes to the queue, as it is drawn in each of its states."""

from datetime import timedelta
from uuid import uuid4

import pytest

from bot.cards.buttons import read_payload
from bot.cards.moves import MAX_LINES, moves_card
from bot.flows import moving
from bot.texts import LANGUAGES
from integrations.chat.outgoing import Card
from models.ids import new_id
from models.rearrangement import Rearrangement
from scheduling.planner import Slot
from scheduling.rearranging.changes import Change
from scheduling.rearranging.goals import Goal, slot_of_moment
from scheduling.rearranging.sentence import Order
from tests.support.posts import BERLIN, NOW

HOUR = Goal("length", seconds=3600)
STATES = ("choosing", "listed", "empty", "applied", "undone", "cancelled", "ended")


def slot(days: int, zone: str = BERLIN) -> Slot:
    return slot_of_moment(NOW + timedelta(days=days), zone)


def moved(number: int, **values: object) -> Change:
    return Change(number, uuid4(), before=slot(1), after=slot(2), **values)  # type: ignore[arg-type]


def kept(state: str, *changes: Change, kind: str = "move", **wanted: object) -> Rearrangement:
    """A list in *state*."""
    order = Order("pause" if kind == "pause" else "move", (), (HOUR,))
    if kind == "pause":
        order = order.chosen(Goal("moment", at=NOW + timedelta(days=3), zone=BERLIN))
    return Rearrangement(
        id=new_id(),
        kind=kind,
        state=state,
        rev=3,
        wanted={**order.to_json(), "zone": BERLIN, **wanted},
        changes=[change.to_json() for change in changes],
        created_at=NOW,
        undo_until=NOW + timedelta(minutes=10),
    )


def text_of(card: Card) -> str:
    return "\n".join("".join(run.text for run in line) for line in card.lines)  # type: ignore[union-attr]


def verbs_of(card: Card) -> list[str]:
    pressed = [read_payload(button.payload) for row in card.buttons for button in row]
    return [one.verb for one in pressed if one]


EVERYTHING = (
    moved(1),
    moved(2, warning="clash", other=9),
    moved(3, warning="twin", other=9),
    *(
        Change(4, uuid4(), before=slot(1), after=slot(2), why=why)
        for why in (
            "missing", "going_out", "published", "cancelled", "draft", "series", "no_partner",
            "after_pause", "same", "past", "too_far", "resumed_late",
        )
    ),
    Change(5, series_id=uuid4(), runs=(NOW, NOW + timedelta(days=1)), next_run=NOW),
    Change(5, series_id=uuid4(), runs=(NOW,), takes_in=True),
    *(moved(6, outcome=one) for one in ("done", "back", "changed", "published", "past")),
    moved(6, outcome="going_out"),
)  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_list_is_drawn_in_every_state_and_language(language: str) -> None:
    for state in STATES:
        for kind in ("move", "pause"):
            drawn = moves_card(kept(state, *EVERYTHING, kind=kind), language, now=NOW)

            assert drawn.fallback_text
            assert "{" not in text_of(drawn)
            assert {verb.rstrip("0123456789") for verb in verbs_of(drawn)} <= moving.VERBS


def test_a_list_names_the_whole_way_of_each_post_and_what_to_look_at() -> None:
    drawn = moves_card(kept("listed", moved(1), moved(2, warning="clash", other=9)), "en", now=NOW)

    assert text_of(drawn) == (
        "2 posts would change:\n"
        "#1 Tue 24 Nov 15:10 → Wed 25 Nov 15:10\n"
        "#2 Tue 24 Nov 15:10 → Wed 25 Nov 15:10\n   ⚠️ same minute as #9"
    )
    assert verbs_of(drawn) == ["mvgo", "mvno"]


def test_a_zone_is_named_where_it_is_not_the_persons_own() -> None:
    other = Change(1, uuid4(), before=slot(1, "Asia/Tokyo"), after=slot(2, "Asia/Tokyo"))

    assert "23:10 (Asia/Tokyo) → " in text_of(moves_card(kept("listed", other), "en", now=NOW))


def test_a_crowded_day_is_said_ahead() -> None:
    crowded = {"username": "brand", "count": 51, "limit": 50}

    drawn = moves_card(kept("listed", moved(1), crowded=crowded), "en", now=NOW)

    assert "51 posts of @brand within 24 hours; Instagram may stop at 50." in text_of(drawn)


def test_a_long_list_is_cut_and_counts_the_rest() -> None:
    changes = [moved(number) for number in range(1, MAX_LINES + 8)]

    drawn = text_of(moves_card(kept("listed", *changes), "en", now=NOW))

    assert drawn.endswith("… and 7 more")
    assert len(drawn) < 3000


def test_each_post_that_moves_is_named_by_its_caption_where_there_is_room() -> None:
    first, second = moved(1), moved(2, warning="clash", other=9)
    many = [moved(number) for number in range(3, MAX_LINES + 1)]
    captions = {
        one.post_id: "November at the Lindenhof, in four pictures"
        for one in (first, second, *many)
        if one.post_id
    }

    few = text_of(moves_card(kept("listed", first, second), "en", now=NOW, captions=captions))
    all_of_them = kept("listed", first, second, *many)
    full = text_of(moves_card(all_of_them, "en", now=NOW, captions=captions))

    assert few.endswith(
        "#2 Tue 24 Nov 15:10 → Wed 25 Nov 15:10 · November at the Lindenhof, in…\n"
        "   ⚠️ same minute as #9"
    )
    assert "November" not in full
    assert len(full) < 3000


def test_undo_is_offered_while_it_holds() -> None:
    applied = kept("applied", moved(1, outcome="done"))

    assert verbs_of(moves_card(applied, "en", now=NOW)) == ["mvundo"]
    assert verbs_of(moves_card(applied, "en", now=NOW + timedelta(minutes=11))) == []


def test_what_could_not_be_undone_is_said_with_its_reason() -> None:
    undone = kept("undone", moved(1, outcome="back"), moved(2, outcome="published"))

    assert text_of(moves_card(undone, "en", now=NOW)) == (
        "Undone:\n#1 is back: Tue 24 Nov 15:10\n#2: stays, it is published."
    )


def test_a_clock_that_can_mean_two_is_asked_with_both() -> None:
    order = Order("move", (1,), (goal(9), goal(21)))
    asked = kept("choosing")
    asked.wanted = {**order.to_json(), "zone": BERLIN}

    drawn = moves_card(asked, "en", now=NOW)

    assert [button.label for row in drawn.buttons for button in row] == [
        "Tue 24 Nov, 09:00", "Tue 24 Nov, 21:00", "Cancel",
    ]  # fmt: skip
    assert verbs_of(drawn) == ["mvalt0", "mvalt1", "mvno"]


def goal(hour: int) -> Goal:
    at = (NOW + timedelta(days=1)).replace(hour=hour - 1, minute=0)
    return Goal("moment", at=at, zone=BERLIN)
