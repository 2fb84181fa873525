"""The card of a list of changes to the queue: what would change, what did, what was taken back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.cards.buttons import Drawer
from bot.cards.captions import fitting, with_piece
from bot.texts import say
from bot.texts.times import clock, day, moment
from integrations.chat.outgoing import Button, Card, Text
from models.rearrangement import Rearrangement
from scheduling.planner import Slot
from scheduling.rearranging.changes import Change
from scheduling.rearranging.goals import Goal
from scheduling.rearranging.sentence import Order

MAX_LINES = 50
_MAX_DAYS = 5
_CHOICES_A_ROW = 2


def moves_card(
    kept: Rearrangement,
    language: str,
    *,
    now: datetime,
    captions: Mapping[UUID, str] = MappingProxyType({}),
) -> Card:
    """Draw a list as it stands: a question, what would change, or what became of it.

    *captions* are those of its posts: each row shows the beginning of its own.
    """
    drawn = _List(kept, language, now, captions)
    lines = drawn.lines()
    return Card(
        lines=tuple((Text(line, "bold" if is_title else "plain"),) for line, is_title in lines),
        buttons=tuple(tuple(row) for row in drawn.rows()),
        fallback_text=" ".join(line for line, _ in lines),
    )


class _List:
    """One list, drawn for one person."""

    def __init__(
        self, kept: Rearrangement, language: str, now: datetime, captions: Mapping[UUID, str]
    ) -> None:
        self._kept = kept
        self._captions = captions
        self._language = language
        self._now = now
        self._changes = [Change.from_json(one) for one in kept.changes]
        self._zone = str(kept.wanted.get("zone") or "UTC")

    def _say(self, key: str, **params: object) -> str:
        return say(key, self._language, **params)

    # ── lines ───────────────────────────────────────────────────────────────────────────────

    def lines(self) -> list[tuple[str, bool]]:
        """Return the lines; a title is marked."""
        if self._kept.kind == "answer":
            return [(self._answer(self._changes[0]), False)]
        match self._kept.state:
            case "choosing":
                asks_until = bool(self._kept.wanted.get("asks_until"))
                return [(self._say("move.ask_until" if asks_until else "move.ask"), False)]
            case "cancelled":
                return [(self._say("move.cancelled"), False)]
            case "ended":
                return [(self._say("move.ended"), False)]
            case "listed":
                title = self._title()
            case "empty":
                title = self._say("move.nothing")
            case "applied":
                title = self._say("move.applied", count=self._count("done"))
            case _:
                title = self._say("move.undone", count=self._count("back"))
        found = [(title, True), *((line, False) for line in self._rows_of_changes())]
        if self._kept.state == "listed":
            found += [(line, False) for line in self._crowded()]
        return found

    def _title(self) -> str:
        count = sum(one.is_change for one in self._changes)
        if self._kept.kind != "pause":
            return self._say("move.title", count=count)
        end = Order.from_json(self._kept.wanted).goals[0].at
        until = moment(end, self._zone, now=self._now, language=self._language) if end else ""
        return self._say("move.title_pause", until=until)

    def _count(self, outcome: str) -> int:
        return sum(one.outcome == outcome for one in self._changes)

    def _rows_of_changes(self) -> list[str]:
        shown = self._changes[:MAX_LINES]
        rows = fitting(lambda chars: [self._told(one, chars) for one in shown])
        left = len(self._changes) - MAX_LINES
        return [*rows, self._say("move.more", count=left)] if left > 0 else rows

    def _told(self, change: Change, chars: int) -> str:
        row, end, warning = self._row(change).partition("\n")
        # Behind a sentence it would read on.
        if change.post_id is not None and not row.endswith("."):
            row = with_piece(row, self._captions.get(change.post_id, ""), chars)
        return row + end + warning

    def _row(self, change: Change) -> str:
        if change.series_id:
            return self._series(change)
        number = f"#{change.number}"
        is_undone = self._kept.state == "undone"
        if change.why:
            return f"{number}: {self._why(change)}"
        if is_undone and change.outcome == "back":
            return self._say("move.row_back", number=number, when=self._at(change.before))
        if change.outcome == "changed" or (is_undone and change.outcome not in {"", "done"}):
            return f"{number}: {self._say(f'move.kept.{change.outcome}')}"
        row = self._say(
            "move.row", number=number, before=self._at(change.before), after=self._at(change.after)
        )
        if change.warning and self._kept.state == "listed":
            other = f"#{change.other}"
            row += "\n   " + self._say(f"move.warn.{change.warning}", other=other)
        return row

    def _why(self, change: Change) -> str:
        return self._say(
            f"move.stays.{change.why}",
            before=self._at(change.before),
            after=self._at(change.after),
        )

    def _series(self, change: Change) -> str:
        number = f"S{change.number}"
        days = [self._day(run) for run in change.runs[:_MAX_DAYS]]
        if len(change.runs) > _MAX_DAYS:
            days.append("…")
        params = {"number": number, "count": len(change.runs), "days": ", ".join(days)}
        is_back = change.takes_in is (change.outcome != "back")
        if change.outcome in {"past", "changed"}:
            return f"{number}: {self._say('move.kept.changed')}"
        if is_back:
            return self._say("move.series_back", **params)
        row = self._say("move.series", **params)
        if change.next_run:
            row += " " + self._say("move.series_next", when=self._moment(change.next_run))
        return row

    def _answer(self, change: Change) -> str:
        number = f"#{change.number}"
        if self._kept.state == "undone":
            if change.outcome == "back":
                return self._say("move.row_back", number=number, when=self._at(change.before))
            return f"{number}: {self._say(f'move.kept.{change.outcome}')}"
        before, after = change.before, change.after
        if before is None or after is None:
            return number
        return self._say(
            "time.moved",
            number=number,
            before=self._short(before, after),
            after=moment(after.due_at, after.zone, now=self._now, language=self._language),
        )

    def _short(self, before: Slot, after: Slot) -> str:
        """Return "09:00", with its day where the new time is on another one."""
        zone = ZoneInfo(after.zone)
        is_same = before.due_at.astimezone(zone).date() == after.due_at.astimezone(zone).date()
        hour = clock(before.due_at, after.zone)
        if is_same:
            return hour
        return f"{day(before.due_at, after.zone, now=self._now, language=self._language)}, {hour}"

    def _crowded(self) -> list[str]:
        crowded = self._kept.wanted.get("crowded")
        if not isinstance(crowded, Mapping):
            return []
        return [self._say("move.warn.crowded", **{str(key): crowded[key] for key in crowded})]

    def _day(self, at: datetime) -> str:
        return day(at, self._zone, now=self._now, language=self._language)

    def _moment(self, at: datetime) -> str:
        return f"{self._day(at)}, {clock(at, self._zone)}"

    def _at(self, slot: Slot | None) -> str:
        """Return "Thu 26 Nov 09:00", with the zone where it is not the person's own."""
        if slot is None:
            return ""
        words = (
            f"{day(slot.due_at, slot.zone, now=self._now, language=self._language)}"
            f" {clock(slot.due_at, slot.zone, seconds=slot.due_at.second != 0)}"
        )
        return words if slot.zone == self._zone else f"{words} ({slot.zone})"

    # ── buttons ─────────────────────────────────────────────────────────────────────────────

    def rows(self) -> list[list[Button]]:
        """Return the buttons that still do something."""
        draw = Drawer(self._kept.id, self._kept.rev, self._language)
        match self._kept.state:
            case "choosing":
                return self._choices(draw, Order.from_json(self._kept.wanted).goals)
            case "listed":
                apply = draw.button("mvgo", "move_apply", "success")
                return [[apply, draw.button("mvno", "move_cancel")]]
            case "applied" if self._kept.undo_until and self._kept.undo_until > self._now:
                return [[draw.button("mvundo", "undo", "primary")]]
            case _:
                return []

    def _choices(self, draw: Drawer, goals: Sequence[Goal]) -> list[list[Button]]:
        buttons = [
            draw.labelled(f"mvalt{index}", self._goal(goal)) for index, goal in enumerate(goals)
        ]
        rows = [buttons[at : at + _CHOICES_A_ROW] for at in range(0, len(buttons), _CHOICES_A_ROW)]
        return [*rows, [draw.button("mvno", "move_cancel")]]

    def _goal(self, goal: Goal) -> str:
        if goal.kind == "clock" and goal.clock:
            return f"{goal.clock:%H:%M}"
        at = goal.moment_from(self._now, self._zone)
        return self._day(at) if goal.kind == "day" else self._moment(at)
