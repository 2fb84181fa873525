"""Recurring posts: a series starts, makes its next posts in time, pauses, goes on, ends.

A run becomes a post once, however many of us look (unique by series and slot). Posts are made a
week ahead, so that the queue shows them and the engine prepares them like any other.
"""

import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, time
from uuid import UUID

from tortoise.transactions import in_transaction

from models.account import Account
from models.clock import Clock
from models.database import DATABASE_TROUBLE, db
from models.failpoints import fp
from models.outbox import tell
from models.post import Post, copy_media, lock_post
from models.series import Occurrence, Series, lock_series
from models.team import Member
from scheduling.duplicates import TOGETHER
from scheduling.errors import AccountNotReady, AlreadyGoingOut, PlanningError
from scheduling.planner import Planner, Slot
from scheduling.recurring.clock_changes import note_change
from scheduling.recurring.coming import coming
from scheduling.recurring.contents import MADE_AS, content_of, follow_template
from scheduling.recurring.moving import change_slots
from scheduling.recurring.named_zones import named_zone
from scheduling.recurring.runs import AHEAD, next_run, wall_text
from scheduling.recurring.taking_back import ASIDE, bring_back, take_back
from scheduling.when import Reading
from scheduling.when.rule import ELAPSED, Rule, instant_of_run, parse_rule

log = logging.getLogger(__name__)

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
            is_wanted = slot_at > now and wall_text(slot_at, series.zone) not in series.skipped
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
        post.notes = {**post.notes, MADE_AS: await content_of(post)}
        note_change(post, series, slot_at)
        fp("C25")
        await Occurrence.create(series_id=series.id, slot_at=slot_at, post=post, created_at=now)
        slot = Slot(slot_at, wall_text(slot_at, series.zone), series.zone)
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
        await take_back(self._planner, series, now=now, sets_aside=True)
        series.state = "paused"
        await self._changed(series, now)

    async def resume(self, series: Series, *, now: datetime) -> None:
        """Go on with the next run from now; those that passed meanwhile are not made up for."""
        series.state = "active"
        await bring_back(self._planner, series, now=now)
        series.next_at = next_run(series, after=now)
        await self.make_posts(series, now=now)
        await self._changed(series, now)

    async def end(self, series: Series, *, now: datetime) -> None:
        """End a series for good."""
        await take_back(self._planner, series, now=now)
        series.state, series.next_at, series.ended_at = "ended", None, now
        await self._changed(series, now)

    async def skip_next(self, series: Series, *, now: datetime) -> datetime | None:
        """Leave the next run out and return when it would have been."""
        ahead = await coming(series, after=now, count=1)
        if not ahead:
            return None
        (left_out,) = ahead
        await take_back(self._planner, series, now=now, only=left_out.slot_at)
        series.skipped = [*series.skipped, wall_text(left_out.slot_at, series.zone)]
        if series.next_at is None:
            await self._end_when_done(series, now)
        await self._changed(series, now)
        return left_out.at

    async def leave_out(self, series: Series, runs: Sequence[datetime], *, now: datetime) -> None:
        """Leave these runs out, as if each had been skipped."""
        for run in runs:
            await take_back(self._planner, series, now=now, only=run)
        walls = [wall_text(run, series.zone) for run in runs]
        series.skipped = list(dict.fromkeys([*series.skipped, *walls]))
        await self._changed(series, now)

    async def take_in(self, series: Series, runs: Sequence[datetime], *, now: datetime) -> None:
        """Have these runs again that were left out."""
        walls = {wall_text(run, series.zone) for run in runs}
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
                    await follow_template(self._planner, post, template, now=now)
        if series.state == "active":
            await self.make_posts(series, now=now)
        await self._changed(series, now)

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
            series.dtstart = wall_text(instant_of_run(begin, series.zone), zone)
            series.skipped = [wall_text(one, zone) for one in walls]
            series.zone = zone
            await self._changed(series, now)
            return []
        return await self._slots_changed(series, rule, begin, zone, now=now)

    async def _slots_changed(
        self, series: Series, rule: Rule, begin: datetime, zone: str, *, now: datetime
    ) -> list[datetime]:
        kept = await change_slots(self._planner, series, rule, begin, zone, now=now)
        if series.state == "active":
            series.next_at = next_run(series, after=now)
            await self.make_posts(series, now=now)
        await self._changed(series, now)
        return kept

    async def _changed(self, series: Series, now: datetime) -> None:
        await series.save()
        await Post.filter(id=series.template_id).update(updated_at=now)
        template = await lock_post(series.template_id)
        if template:
            template.rev += 1
            await template.save(update_fields=["rev"])
        await tell("post", series.template_id, "changed", now=now)


def _notes_of_run(series: Series, template: Post) -> dict[str, object]:
    notes: dict[str, object] = {"series": series.number}
    if template.notes.get(TOGETHER):
        notes[TOGETHER] = template.notes[TOGETHER]
    return notes


async def _is_made(series: Series, slot_at: datetime) -> bool:
    return await Occurrence.filter(series_id=series.id, slot_at=slot_at.astimezone(UTC)).exists()
