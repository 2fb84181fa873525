"""Recurring posts: a series starts, makes its next posts in time, pauses, goes on, ends.

A run becomes a post once, however many of us look (unique by series and slot). Runs keep their
wall clock across clock changes. Posts are made a week ahead, so that the queue shows them and the
engine prepares them like any other.
"""

import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from tortoise.transactions import in_transaction

from models.account import Account
from models.clock import Clock
from models.database import DATABASE_TROUBLE, db
from models.failpoints import fp
from models.outbox import CardMessage, tell
from models.post import Media, Post, lock_post
from models.series import Occurrence, Series
from models.team import Member
from scheduling.errors import AccountNotReady, AlreadyGoingOut, PlanningError
from scheduling.planner import Planner, Slot
from scheduling.when import Reading
from scheduling.when.rule import parse_rule, runs_after

log = logging.getLogger(__name__)

AHEAD = timedelta(days=8)
"""How long before its slot a run becomes a post."""

_LOOK_EVERY_SECONDS = 20.0
_BATCH = 50
_MAX_RUNS_AT_ONCE = 400


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
            zone=reading.tz,
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
        ahead = await Occurrence.filter(series_id=series.id, slot_at__gt=now).exists()
        if not ahead:
            series.state, series.ended_at = "ended", now

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
            notes={"series": series.number},
            zone=series.zone,
            created_at=now,
            updated_at=now,
        )
        for item in await Media.filter(post_id=template.id).exclude(state="removed"):
            await _copy(item, post)
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
        """Stop making posts; what is scheduled ahead is taken back."""
        await self._take_back(series, now=now)
        series.state = "paused"
        await self._changed(series, now)

    async def resume(self, series: Series, *, now: datetime) -> None:
        """Go on with the next run from now."""
        series.state = "active"
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
        ahead = upcoming(series, after=now, count=1)
        if not ahead:
            return None
        await self._take_back(series, now=now, only=ahead[0])
        series.skipped = [*series.skipped, _wall(ahead[0], series.zone)]
        await self._changed(series, now)
        return ahead[0]

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
        """Make the coming posts anew from the template ("all later")."""
        await self._take_back(series, now=now)
        if series.state == "active":
            series.next_at = next_run(series, after=now)
            await self.make_posts(series, now=now)
        await self._changed(series, now)

    async def change_clock(self, series: Series, clock: time, *, now: datetime) -> None:
        """Have all coming runs at another time of day."""
        rule = parse_rule(series.rule)
        rule.hours[:], rule.minutes[:] = [clock.hour], [clock.minute]
        begin = datetime.fromisoformat(series.dtstart)
        series.rule = rule.text()
        series.dtstart = datetime.combine(begin.date(), clock).isoformat(timespec="seconds")
        await self.content_changed(series, now=now)

    async def _take_back(
        self, series: Series, *, now: datetime, only: datetime | None = None
    ) -> None:
        """Remove coming posts that nobody has seen, cancel those that somebody has.

        A run that a person called off stays called off: its post remains, so it is not made anew.
        """
        ahead = Occurrence.filter(series_id=series.id, slot_at__gt=now)
        if only is not None:
            ahead = ahead.filter(slot_at=only)
        for occurrence in await ahead:
            post = await lock_post(occurrence.post_id)
            if post is None or post.stage == "cancelled":
                continue
            has_card = (
                await CardMessage.filter(subject_id=post.id).exclude(message_ref="").exists()
            )
            try:
                await self._planner.cancel(post, by=None, now=now)
            except AlreadyGoingOut:
                continue
            await occurrence.delete()
            if not has_card:
                await post.delete()
                continue
            # Undo would bring it back beside the post that is made for the same run.
            post.undo_stage, post.undo_until = "", None
            await post.save(update_fields=["undo_stage", "undo_until"])

    async def _changed(self, series: Series, now: datetime) -> None:
        await series.save()
        await Post.filter(id=series.template_id).update(updated_at=now)
        template = await lock_post(series.template_id)
        if template:
            template.rev += 1
            await template.save(update_fields=["rev"])
        await tell("post", series.template_id, "changed", now=now)


async def lock_series(series_id: object) -> Series | None:
    """Return the series and hold it until the transaction ends."""
    return await Series.filter(id=series_id).select_for_update().first()


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
    local = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return local.isoformat(timespec="seconds")


async def _is_made(series: Series, slot_at: datetime) -> bool:
    return await Occurrence.filter(series_id=series.id, slot_at=slot_at.astimezone(UTC)).exists()


async def _copy(item: Media, post: Post) -> None:
    values = {
        name: getattr(item, name)
        for name in Media._meta.fields_map  # noqa: SLF001 - every column but the keys
        if name not in {"id", "post", "post_id"}
    }
    await Media.create(post=post, **values)
