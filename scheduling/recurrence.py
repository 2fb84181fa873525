"""Recurring posts: a series starts, makes its next posts in time, pauses, goes on, ends.

A run becomes a post once, however many of us look (unique by series and slot). Runs keep their
wall clock across clock changes. Posts are made a week ahead, so that the queue shows them and the
engine prepares them like any other.
"""

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from hashlib import sha256
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

from tortoise.transactions import in_transaction

from models.account import Account
from models.clock import Clock
from models.database import DATABASE_TROUBLE, db
from models.failpoints import fp
from models.outbox import CardMessage, tell
from models.post import Media, Post, copy_media, lock_post
from models.series import Occurrence, Series
from models.team import Member
from scheduling.duplicates import TOGETHER
from scheduling.errors import AccountNotReady, AlreadyGoingOut, PlanningError
from scheduling.planner import Planner, Slot
from scheduling.when import Reading
from scheduling.when.rule import ELAPSED, Rule, instant_of_run, parse_rule, runs_after
from scheduling.when.zones import instants_of, zone_of

log = logging.getLogger(__name__)

A_YEAR = timedelta(days=366)
AHEAD = timedelta(days=8)
"""How long before its slot a run becomes a post."""

LOOKS_BACK = timedelta(days=2)
"""How far back a run may lie whose day, in another zone or at another clock, is not over yet."""

MADE_AS = "made_as"
"""Where a run's notes keep what it said when it was made: what differs, a person changed."""

ASIDE = "aside"
"""Where the notes of a run that a pause took back keep the stage it goes back to."""

_SAME_ALL_YEAR = {
    "-11:00": "Pacific/Pago_Pago",
    "-10:00": "Pacific/Honolulu",
    "-09:30": "Pacific/Marquesas",
    "-09:00": "Pacific/Gambier",
    "-08:00": "Pacific/Pitcairn",
    "-07:00": "America/Phoenix",
    "-06:00": "America/Costa_Rica",
    "-05:00": "America/Bogota",
    "-04:00": "America/Puerto_Rico",
    "-03:00": "America/Sao_Paulo",
    "-02:00": "America/Noronha",
    "-01:00": "Atlantic/Cape_Verde",
    "+00:00": "UTC",
    "-00:00": "UTC",
    "+01:00": "Africa/Lagos",
    "+02:00": "Africa/Johannesburg",
    "+03:00": "Europe/Istanbul",
    "+03:30": "Asia/Tehran",
    "+04:00": "Asia/Dubai",
    "+04:30": "Asia/Kabul",
    "+05:00": "Asia/Tashkent",
    "+05:30": "Asia/Kolkata",
    "+05:45": "Asia/Kathmandu",
    "+06:00": "Asia/Dhaka",
    "+06:30": "Asia/Yangon",
    "+07:00": "Asia/Bangkok",
    "+08:00": "Asia/Singapore",
    "+08:45": "Australia/Eucla",
    "+09:00": "Asia/Tokyo",
    "+09:30": "Australia/Darwin",
    "+10:00": "Australia/Brisbane",
    "+11:00": "Pacific/Noumea",
    "+12:00": "Pacific/Tarawa",
    "+13:00": "Pacific/Tongatapu",
    "+14:00": "Pacific/Kiritimati",
}
"""For an offset, a place whose clocks are never changed: a series needs a zone with a name."""

_LOOK_EVERY_SECONDS = 20.0
_BATCH = 50
_MAX_RUNS_AT_ONCE = 400
_OVER = """
SELECT series.id FROM series WHERE series.state = 'active' AND series.next_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM occurrence JOIN post ON post.id = occurrence.post_id
        WHERE occurrence.series_id = series.id AND post.due_at > $1
            AND post.stage IN ('draft', 'committed'))
LIMIT 50
"""


class Recurrences:
    """Starts series and keeps them going."""

    def __init__(self, planner: Planner, clock: Clock) -> None:
        self._planner = planner
        self._clock = clock

    async def run(self) -> None:
        """Make the posts of runs that come near, until cancelled."""
        while True:
            with suppress(*DATABASE_TROUBLE):
                await self.make_due()
            await self._clock.pause(_LOOK_EVERY_SECONDS)

    async def make_due(self) -> int:
        """Make a post of every run that is near enough; returns how many were made."""
        near = self._clock.now() + AHEAD
        found = await Series.filter(state="active", next_at__lte=near).limit(_BATCH)
        made = 0
        for one in found:
            try:
                made += await self._make_due_of(one.id)
            except DATABASE_TROUBLE:
                raise
            except Exception:
                # One series that cannot go on must not keep the others from it.
                log.exception("series.trouble", extra={"series": str(one.id)})
        for row in await db().execute_query_dict(_OVER, [self._clock.now()]):
            await self._end_of(row["id"])
        return made

    async def _make_due_of(self, series_id: UUID) -> int:
        async with in_transaction():
            series = await lock_series(series_id)
            if series is None or series.state != "active":
                return 0
            return await self.make_posts(series, now=self._clock.now())

    async def start(
        self, template: Post, account: Account, reading: Reading, *, by: Member, now: datetime
    ) -> Series:
        """Begin a series with *template*, inside the caller's transaction."""
        if reading.rrule is None or reading.dtstart is None or reading.first is None:
            raise PlanningError("not a recurrence")
        rows = await db().execute_query_dict(
            "UPDATE team SET next_series = next_series + 1 WHERE id = $1"
            " RETURNING next_series - 1 AS n",
            [template.team_id],
        )
        series = await Series.create(
            team_id=template.team_id,
            author_id=by.id,
            account_id=account.id,
            template_id=template.id,
            number=rows[0]["n"],
            rule=reading.rrule,
            dtstart=reading.dtstart.isoformat(timespec="seconds"),
            zone=named_zone(reading.tz),
            next_at=reading.first,
            created_at=now,
        )
        template.stage, template.question = "committed", ""
        template.rev += 1
        template.updated_at = now
        template.changed_by_id = by.id
        await template.save()
        await self.make_posts(series, now=now)
        return series

    async def make_posts(self, series: Series, *, now: datetime) -> int:
        """Make the posts of all runs that are near, and note which run comes after them."""
        made = 0
        while series.next_at and series.next_at <= now + AHEAD and made < _MAX_RUNS_AT_ONCE:
            slot_at = series.next_at
            is_wanted = slot_at > now and _wall(slot_at, series.zone) not in series.skipped
            if is_wanted and not await _is_made(series, slot_at):
                await self._make_post(series, slot_at, now=now)
                made += 1
            series.next_at = next_run(series, after=slot_at)
        if series.next_at is None and series.state == "active":
            await self._end_when_done(series, now)
        await series.save()
        await tell("post", series.template_id, "changed", now=now)
        return made

    async def _end_when_done(self, series: Series, now: datetime) -> None:
        if not await coming(series, after=now, count=1):
            series.state, series.ended_at = "ended", now

    async def _end_of(self, series_id: UUID) -> None:
        async with in_transaction():
            series = await lock_series(series_id)
            now = self._clock.now()
            if series is None or series.state != "active" or series.next_at is not None:
                return
            await self._end_when_done(series, now)
            if series.state == "ended":
                await self._changed(series, now)

    async def _make_post(self, series: Series, slot_at: datetime, *, now: datetime) -> None:
        template = await Post.get(id=series.template_id)
        author = await Member.get(id=series.author_id)
        account = await Account.get(id=series.account_id)
        rows = await db().execute_query_dict(
            "UPDATE team SET next_number = next_number + 1 WHERE id = $1"
            " RETURNING next_number - 1 AS n",
            [template.team_id],
        )
        post = await Post.create(
            team_id=template.team_id,
            author_id=template.author_id,
            place_id=template.place_id,
            number=rows[0]["n"],
            kind=template.kind,
            source_ref=template.source_ref,
            caption=template.caption,
            caption_source="series",
            notes=_notes_of_run(series, template),
            zone=series.zone,
            created_at=now,
            updated_at=now,
        )
        await copy_media(template, post, now=now)
        post.notes = {**post.notes, MADE_AS: await _content_of(post)}
        _note_change(post, series, slot_at)
        fp("C25")
        await Occurrence.create(series_id=series.id, slot_at=slot_at, post=post, created_at=now)
        slot = Slot(slot_at, _wall(slot_at, series.zone), series.zone)
        try:
            await self._planner.book(post, [account], slot, by=author, now=now)
        except AccountNotReady:
            # It waits for the account as any draft does, and goes on once it is connected.
            post.question = "account"
            post.due_at, post.wall_time, post.zone = slot.due_at, slot.wall_time, slot.zone
            post.notes = {**post.notes, "chosen": True, "account": str(account.id)}
            await post.save()
            await tell("post", post.id, "changed", now=now)

    # Changing a series; each inside the caller's transaction, which holds the series

    async def pause(self, series: Series, *, now: datetime) -> None:
        """Stop making posts; what is scheduled ahead is taken back.

        A run that somebody changed is set aside, and comes back as it was when the series goes on.
        """
        await self._take_back(series, now=now, sets_aside=True)
        series.state = "paused"
        await self._changed(series, now)

    async def resume(self, series: Series, *, now: datetime) -> None:
        """Go on with the next run from now; those that passed meanwhile are not made up for."""
        series.state = "active"
        await self._bring_back(series, now=now)
        series.next_at = next_run(series, after=now)
        await self.make_posts(series, now=now)
        await self._changed(series, now)

    async def end(self, series: Series, *, now: datetime) -> None:
        """End a series for good."""
        await self._take_back(series, now=now)
        series.state, series.next_at, series.ended_at = "ended", None, now
        await self._changed(series, now)

    async def skip_next(self, series: Series, *, now: datetime) -> datetime | None:
        """Leave the next run out and return when it would have been."""
        ahead = await coming(series, after=now, count=1)
        if not ahead:
            return None
        (left_out,) = ahead
        await self._take_back(series, now=now, only=left_out.slot_at)
        series.skipped = [*series.skipped, _wall(left_out.slot_at, series.zone)]
        if series.next_at is None:
            await self._end_when_done(series, now)
        await self._changed(series, now)
        return left_out.at

    async def leave_out(self, series: Series, runs: Sequence[datetime], *, now: datetime) -> None:
        """Leave these runs out, as if each had been skipped."""
        for run in runs:
            await self._take_back(series, now=now, only=run)
        walls = [_wall(run, series.zone) for run in runs]
        series.skipped = list(dict.fromkeys([*series.skipped, *walls]))
        await self._changed(series, now)

    async def take_in(self, series: Series, runs: Sequence[datetime], *, now: datetime) -> None:
        """Have these runs again that were left out."""
        walls = {_wall(run, series.zone) for run in runs}
        series.skipped = [wall for wall in series.skipped if wall not in walls]
        if series.state == "active":
            series.next_at = next_run(series, after=now)
            await self.make_posts(series, now=now)
        await self._changed(series, now)

    async def content_changed(self, series: Series, *, now: datetime) -> None:
        """Have the coming posts say what the template says ("all later").

        They stay the posts they are. What somebody changed in one of them ("this one") stays.
        """
        template = await Post.get(id=series.template_id)
        for occurrence in await Occurrence.filter(series_id=series.id, slot_at__gt=now):
            post = await lock_post(occurrence.post_id)
            if post and (post.stage in {"draft", "committed"} or post.notes.get(ASIDE)):
                with suppress(AlreadyGoingOut):
                    await self._follow_template(post, template, now=now)
        if series.state == "active":
            await self.make_posts(series, now=now)
        await self._changed(series, now)

    async def _follow_template(self, post: Post, template: Post, *, now: datetime) -> None:
        made, is_now = post.notes.get(MADE_AS), await _content_of(post)
        before = made if isinstance(made, dict) else is_now
        wanted = await _content_of(template)
        if all(is_now[part] != before.get(part) for part in wanted):
            return
        if is_now["caption"] == before.get("caption"):
            caption = template.caption
        else:
            caption, wanted["caption"] = post.caption, str(before.get("caption"))
        is_media_own = is_now["media"] != before.get("media")
        if is_media_own:
            wanted["media"] = str(before.get("media"))
        if caption == post.caption and (is_media_own or is_now["media"] == wanted["media"]):
            return
        if post.stage == "committed":
            await self._planner.content_changed(post, by=None, now=now)
        post.caption = caption
        if not is_media_own:
            post.kind = template.kind
            await Media.filter(post_id=post.id).delete()
            await copy_media(template, post, now=now)
        post.notes = {**post.notes, MADE_AS: wanted}
        await post.save()
        await tell("post", post.id, "changed", now=now)

    async def change_clock(
        self, series: Series, clocks: Sequence[time], *, now: datetime
    ) -> list[datetime]:
        """Have all coming runs at other times of day; returns the runs that keep their old one.

        A day whose run is out already has no second one, and a run of today whose new time has
        passed goes out when it was to go out.

        Raises:
            PlanningError: it counts hours or minutes, or the clocks do not go into one rule.
        """
        rule, begin = parse_rule(series.rule), datetime.fromisoformat(series.dtstart)
        hours = sorted({clock.hour for clock in clocks})
        minutes = sorted({clock.minute for clock in clocks})
        if rule.freq in ELAPSED or len(hours) * len(minutes) != len(set(clocks)):
            raise PlanningError("no rule has these times of day")
        old_clocks = sorted(time(hour, minute) for hour in rule.hours for minute in rule.minutes)
        rule.hours[:], rule.minutes[:] = hours, minutes
        place = old_clocks.index(begin.time()) if begin.time() in old_clocks else 0
        new_clock = sorted(clocks)[min(place, len(clocks) - 1)]
        return await self._slots_changed(
            series, rule, datetime.combine(begin.date(), new_clock), series.zone, now=now
        )

    async def change_zone(self, series: Series, zone: str, *, now: datetime) -> list[datetime]:
        """Have all coming runs at the same clock times in *zone*; see `change_clock`.

        A series that counts hours or minutes keeps its moments: it goes by no clock.
        """
        rule, begin = parse_rule(series.rule), datetime.fromisoformat(series.dtstart)
        if rule.freq in ELAPSED:
            walls = [
                instant_of_run(datetime.fromisoformat(one), series.zone) for one in series.skipped
            ]
            series.dtstart = _wall(instant_of_run(begin, series.zone), zone)
            series.skipped = [_wall(one, zone) for one in walls]
            series.zone = zone
            await self._changed(series, now)
            return []
        return await self._slots_changed(series, rule, begin, zone, now=now)

    async def _slots_changed(
        self, series: Series, rule: Rule, begin: datetime, zone: str, *, now: datetime
    ) -> list[datetime]:
        """Give every run its new slot: the n-th of a day stays the n-th of that day."""
        before = _days(series, now)
        today = now.astimezone(ZoneInfo(series.zone)).date()
        if rule.count is not None:
            rule.count += _runs_up_to(rule, begin, today) - _runs_up_to(
                parse_rule(series.rule), datetime.fromisoformat(series.dtstart), today
            )
        old_zone = series.zone
        series.rule, series.zone = rule.text(), zone
        series.dtstart = begin.isoformat(timespec="seconds")
        after = _days(series, now)
        moves = {
            instant_of_run(wall, old_zone): after[day][index]
            for day, walls in before.items()
            for index, wall in enumerate(walls)
            if index < len(after.get(day, ()))
        }
        walls = {
            _wall(old, old_zone): _wall(instant_of_run(wall, zone), zone)
            for old, wall in moves.items()
        }
        series.skipped = [walls.get(wall, wall) for wall in series.skipped]
        kept = await self._move_runs(series, moves, now=now)
        if series.state == "active":
            series.next_at = next_run(series, after=now)
            await self.make_posts(series, now=now)
        await self._changed(series, now)
        return kept

    async def _move_runs(
        self,
        series: Series,
        moves: Mapping[datetime, datetime],
        *,
        now: datetime,
    ) -> list[datetime]:
        known = await Occurrence.filter(series_id=series.id, slot_at__gt=now - LOOKS_BACK)
        paired = [one for one in known if one.slot_at in moves]
        # All leave their slots before any takes its new one: a slot may be another's old one.
        await Occurrence.filter(id__in=[one.id for one in paired]).delete()
        kept: list[datetime] = []
        taken: set[datetime] = set()
        for one in paired:
            wall = moves[one.slot_at]
            slot = Slot(instant_of_run(wall, series.zone), _iso(wall), series.zone)
            if not await self._move_run(series, one, slot, now=now):
                kept.append(one.slot_at)
            # Where the clocks change, two clock times may be one moment.
            slot_at = one.slot_at if slot.due_at in taken else slot.due_at
            taken.add(slot_at)
            fp("C25")
            await Occurrence.create(
                series_id=series.id,
                slot_at=slot_at,
                post_id=one.post_id,
                created_at=one.created_at,
            )
        fp("C26b")
        for one in known:
            if one not in paired and one.slot_at > now:
                await self._take_back(series, now=now, only=one.slot_at)
        return kept

    async def _move_run(
        self, series: Series, one: Occurrence, slot: Slot, *, now: datetime
    ) -> bool:
        """Move the post of a run along; False when it keeps its old time because of the hour."""
        post = await lock_post(one.post_id)
        is_open = post is not None and post.stage in {"draft", "committed"}
        if post is None or not is_open or post.due_at != one.slot_at or one.slot_at <= now:
            # Out already, called off, or moved by somebody: that stays as it is.
            return True
        if slot.due_at <= now:
            return False
        _note_change(post, series, slot.due_at)
        if post.stage == "draft":
            post.due_at, post.wall_time, post.zone = slot.due_at, slot.wall_time, slot.zone
            await post.save()
            return True
        with suppress(AlreadyGoingOut):
            await self._planner.move(post, slot, by=None, now=now)
        return True

    async def _take_back(
        self,
        series: Series,
        *,
        now: datetime,
        only: datetime | None = None,
        sets_aside: bool = False,
    ) -> None:
        """Remove coming posts that nobody has seen, cancel those that somebody has.

        A run that a person called off stays called off: its post remains, so it is not made anew.
        With *sets_aside* one that a person changed is kept for when the series goes on.
        """
        ahead = Occurrence.filter(series_id=series.id, post__due_at__gt=now)
        if only is not None:
            ahead = Occurrence.filter(series_id=series.id, slot_at=only)
        for occurrence in await ahead:
            post = await lock_post(occurrence.post_id)
            if post is None or post.stage == "cancelled":
                continue
            has_card = (
                await CardMessage.filter(subject_id=post.id).exclude(message_ref="").exists()
            )
            is_own = sets_aside and await _is_own(post, occurrence)
            try:
                await self._planner.cancel(post, by=None, now=now)
            except AlreadyGoingOut:
                continue
            if is_own:
                post.notes = {**post.notes, ASIDE: post.undo_stage}
            else:
                await occurrence.delete()
            if not has_card and not is_own:
                await post.delete()
                continue
            # Undo would bring it back beside the post that is made for the same run.
            post.undo_stage, post.undo_until = "", None
            await post.save(update_fields=["undo_stage", "undo_until", "notes"])

    async def _bring_back(self, series: Series, *, now: datetime) -> None:
        """Have the runs again that were set aside, where their time is still ahead."""
        aside = Occurrence.filter(series_id=series.id, post__due_at__gt=now)
        for occurrence in await aside.filter(post__stage="cancelled"):
            post = await lock_post(occurrence.post_id)
            stage = post.notes.get(ASIDE) if post else None
            if post is None or not stage:
                continue
            post.notes = {key: value for key, value in post.notes.items() if key != ASIDE}
            post.undo_stage, post.undo_until = str(stage), now
            await self._planner.undo(post, by=None, now=now)

    async def _changed(self, series: Series, now: datetime) -> None:
        await series.save()
        await Post.filter(id=series.template_id).update(updated_at=now)
        template = await lock_post(series.template_id)
        if template:
            template.rev += 1
            await template.save(update_fields=["rev"])
        await tell("post", series.template_id, "changed", now=now)


def named_zone(tz: str) -> str:
    """Return a zone that has a name for one that may be an offset ("+02:00").

    Raises:
        PlanningError: nowhere are the clocks like that all the year.
    """
    if tz[:1] not in {"+", "-"}:
        return tz
    if tz not in _SAME_ALL_YEAR:
        raise PlanningError(f"no zone keeps to {tz}")
    return _SAME_ALL_YEAR[tz]


async def lock_series(series_id: object) -> Series | None:
    """Return the series and hold it until the transaction ends."""
    return await Series.filter(id=series_id).select_for_update().first()


@dataclass(frozen=True, slots=True)
class Run:
    """A run that is still to come: the slot its rule gives it, and when it really goes out."""

    slot_at: datetime
    at: datetime


async def coming(series: Series, *, after: datetime, count: int) -> list[Run]:
    """Return the next *count* runs as they will be: moved and called-off ones heeded."""
    made = {
        occurrence.slot_at: occurrence.post
        for occurrence in await Occurrence.filter(
            series_id=series.id, post__due_at__gt=after
        ).prefetch_related("post")
    }
    known = await Occurrence.filter(series_id=series.id, slot_at__gt=after).values_list(
        "slot_at", flat=True
    )
    slots = upcoming(series, after=after, count=count + len(known))
    runs = [Run(slot, slot) for slot in slots if slot not in set(known)]
    runs += [
        Run(slot, post.due_at)
        for slot, post in made.items()
        if post.due_at and post.stage in {"draft", "committed"}
    ]
    return sorted(runs, key=lambda run: run.at)[:count]


def clocks_of(rule: str) -> list[time]:
    """Return the times of day of a rule; none where it counts hours."""
    parsed = parse_rule(rule)
    return [time(hour, minute) for hour in parsed.hours for minute in parsed.minutes]


def is_same_but_for_the_clock(rule: str, other: str) -> bool:
    """Say whether two rules speak of the same days."""
    one, two = parse_rule(rule), parse_rule(other)
    for each in (one, two):
        each.hours, each.minutes = [], []
    return one.text() == two.text()


def next_run(series: Series, *, after: datetime) -> datetime | None:
    """Return the first run after *after*, None when there is none."""
    begin = datetime.fromisoformat(series.dtstart)
    runs = runs_after(series.rule, dtstart=begin, tz=series.zone, after=after, count=1)
    return runs[0] if runs else None


def upcoming(series: Series, *, after: datetime, count: int) -> list[datetime]:
    """Return the next *count* runs that were not skipped."""
    begin = datetime.fromisoformat(series.dtstart)
    wanted = count + len(series.skipped)
    runs = runs_after(series.rule, dtstart=begin, tz=series.zone, after=after, count=wanted)
    left = [run for run in runs if _wall(run, series.zone) not in series.skipped]
    return left[:count]


def _wall(at: datetime, zone: str) -> str:
    return _iso(at.astimezone(ZoneInfo(zone)).replace(tzinfo=None))


def _iso(wall: datetime) -> str:
    return wall.isoformat(timespec="seconds")


def _days(series: Series, now: datetime) -> dict[date, list[datetime]]:
    """Return the clock times of a series' runs by day, from a little ago to a little ahead."""
    zone = ZoneInfo(series.zone)
    first = (now - LOOKS_BACK).astimezone(zone).date()
    # Whatever was skipped keeps being left out, however far ahead it is.
    walls = [datetime.fromisoformat(wall).date() for wall in series.skipped]
    last = max([(now + 2 * AHEAD).astimezone(zone).date(), *walls])
    days: dict[date, list[datetime]] = {}
    begin = datetime.fromisoformat(series.dtstart)
    for wall in walls_of(parse_rule(series.rule), begin):
        if wall.date() > last:
            break
        if wall.date() >= first:
            days.setdefault(wall.date(), []).append(wall)
    return days


def _runs_up_to(rule: Rule, begin: datetime, last: date) -> int:
    runs = 0
    for wall in walls_of(rule, begin):
        if wall.date() > last:
            break
        runs += 1
    return runs


def walls_of(rule: Rule, begin: datetime) -> Iterator[datetime]:
    """Give the runs of *rule* as clock times, until it ends."""
    for index, wall in enumerate(rule.runs(begin)):
        is_over = rule.count is not None and index >= rule.count
        if is_over or (rule.until is not None and wall.date() > rule.until):
            return
        yield wall


async def _content_of(post: Post) -> dict[str, str]:
    """Return what a post says and shows, short enough to be kept beside it."""
    items = await Media.filter(post_id=post.id).exclude(state="removed").order_by("ordinal")
    media = [[item.file_id, item.alt_text] for item in items]
    shown = json.dumps([post.kind, media])
    return {
        "caption": sha256(post.caption.encode()).hexdigest(),
        "media": sha256(shown.encode()).hexdigest(),
    }


async def _is_own(post: Post, occurrence: Occurrence) -> bool:
    """Say whether somebody changed this run alone since it was made."""
    if post.due_at != occurrence.slot_at:
        return True
    made = post.notes.get(MADE_AS)
    return isinstance(made, dict) and made != await _content_of(post)


@dataclass(frozen=True, slots=True)
class ClockChange:
    """A run that the clocks being changed moves (a gap), or that could be one of two moments."""

    wall: datetime
    at: datetime
    is_gap: bool


def clock_changes(
    rule: str, begin: datetime, zone: str, *, after: datetime, within: timedelta = A_YEAR
) -> list[ClockChange]:
    """Return the first run in a gap and the first in an overlap, within a year after *after*."""
    parsed, place = parse_rule(rule), zone_of(zone)
    clocks = [time(hour, minute) for hour in parsed.hours for minute in parsed.minutes]
    days = [
        day
        for day in _days_of_change(place, after, within)
        if any(len(instants_of(datetime.combine(day, clock), place)) != 1 for clock in clocks)
    ]
    found: dict[bool, ClockChange] = {}
    for wall in walls_of(parsed, begin) if days else ():
        if wall.date() > days[-1]:
            break
        change = change_at(wall, zone)
        if change and wall.date() in days and change.at > after:
            found.setdefault(change.is_gap, change)
    return sorted(found.values(), key=lambda change: change.at)


def _days_of_change(place: tzinfo, after: datetime, within: timedelta) -> list[date]:
    days = [after + timedelta(days=number) for number in range(within.days + 2)]
    offsets = [day.astimezone(place).utcoffset() for day in days]
    found: set[date] = set()
    for number, (before, later) in enumerate(pairwise(offsets)):
        if before != later:
            found |= {day.astimezone(place).date() for day in days[number : number + 2]}
    return sorted(found)


def change_at(wall: datetime, zone: str) -> ClockChange | None:
    """Return what a change of the clocks does to a run at *wall*, None where there is none."""
    moments = instants_of(wall, zone_of(zone))
    if len(moments) == 1:
        return None
    return ClockChange(wall, instant_of_run(wall, zone), is_gap=not moments)


def _change_of(series: Series, slot_at: datetime) -> ClockChange | None:
    """Return the change of the clocks that the run at *slot_at* falls in."""
    rule, day = parse_rule(series.rule), slot_at.astimezone(zone_of(series.zone)).date()
    for hour in rule.hours:
        for minute in rule.minutes:
            wall = datetime.combine(day, time(hour, minute))
            if instant_of_run(wall, series.zone) == slot_at:
                return change_at(wall, series.zone)
    return None


def _note_change(post: Post, series: Series, slot_at: datetime) -> None:
    """Note on a run that the clocks change then, so that its card can say so."""
    notes = {key: value for key, value in post.notes.items() if key != "clock_change"}
    change = _change_of(series, slot_at)
    if change:
        notes["clock_change"] = {"wall": f"{change.wall:%H:%M}", "is_gap": change.is_gap}
    post.notes = notes


def _notes_of_run(series: Series, template: Post) -> dict[str, object]:
    notes: dict[str, object] = {"series": series.number}
    if template.notes.get(TOGETHER):
        notes[TOGETHER] = template.notes[TOGETHER]
    return notes


async def _is_made(series: Series, slot_at: datetime) -> bool:
    return await Occurrence.filter(series_id=series.id, slot_at=slot_at.astimezone(UTC)).exists()
