"""Carries what the outbox says to the chats.

An outbox row is fanned out to places, one delivery each; a delivery is drawn when it is sent, so
the latest state wins, and several changes of one card become one edit. Whoever serves a place
holds its deliveries by a lease that is renewed while the work goes on. A crash sends again: an
edit shows no double, and a card whose reference was noted is edited, not sent anew. Where a chat
tells us of our own messages, that notes it too.
"""

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from tortoise.transactions import in_transaction

from bot.cards.drawing import Artist, Drawing
from bot.cards.manner import in_the_manner_of
from bot.echoes import WAIT, mark_of
from bot.failures import pass_on
from bot.homes import refresh_homes
from bot.missed import gather_missed
from bot.pacing import Pacer
from bot.people import follow_move
from integrations.chat import (
    Card,
    Chat,
    ChatBusy,
    Line,
    MessageGone,
    PlaceMoved,
    PlaceRef,
    RouteDead,
    TimeTag,
)
from models.clock import Clock
from models.database import DATABASE_TROUBLE, OUTBOX, Wakeups, db
from models.failpoints import fp
from models.outbox import CardMessage, Delivery, Outbox
from models.team import Place

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=10)
"""How long a place waits after its courier died; renewed all the while it is served."""

MAX_ATTEMPTS = 12
PROGRESS_GAP_PRIVATE = timedelta(seconds=3)
PROGRESS_GAP_GROUP = timedelta(seconds=10)
"""At most one edit of a card in that time for mere progress (K23)."""

_RENEW_SECONDS = 3.0
_SEND_SECONDS = 60.0
_RECEIPT_SECONDS = 5.0
_STOP_SECONDS = 10.0
_NOTE_TRIES = 16
_NOTE_PAUSE_SECONDS = 0.5
_POLL_SECONDS = 1.0
_BATCH = 50
_MAX_BACKOFF = timedelta(minutes=5)
_WAITS = "the place waits: "
"""Begins the error of a delivery that waits because its whole place does."""

_FAN_OUT = """
SELECT id FROM outbox WHERE fanned_out_at IS NULL
    AND NOT (event = 'late' AND purpose = 'notice' AND NOT payload ? 'alone')
ORDER BY created_at, id LIMIT $1 FOR UPDATE SKIP LOCKED
"""
_IS_HELD = """
EXISTS (SELECT 1 FROM delivery held WHERE held.place_id = delivery.place_id
    AND held.state = 'waiting'
    AND (held.lease_until >= $1
         OR (held.next_attempt_at > $1 AND starts_with(held.error, 'the place waits: '))))
"""
_PLACES = f"""
SELECT place_id FROM delivery
WHERE state = 'waiting' AND next_attempt_at <= $1 AND place_id <> ALL($3::uuid[])
  AND NOT {_IS_HELD}
GROUP BY place_id ORDER BY min(created_at) LIMIT $2
"""  # noqa: S608 - put together from constants
_PLACE_LOCK = "SELECT pg_try_advisory_xact_lock(7219, hashtext($1)) AS mine"
_CLAIM = f"""
UPDATE delivery SET lease_until = $3, attempts = attempts + 1 WHERE id IN (
    SELECT id FROM delivery
    WHERE place_id = $2 AND state = 'waiting' AND next_attempt_at <= $1 AND NOT {_IS_HELD}
    ORDER BY created_at, id LIMIT $4
) RETURNING id
"""  # noqa: S608 - put together from constants
_RENEW = """
UPDATE delivery SET lease_until = $3
WHERE id = ANY($1::uuid[]) AND state = 'waiting' AND lease_until = $2 RETURNING id
"""
_RELEASE = """
UPDATE delivery SET next_attempt_at = $2, lease_until = NULL, error = $3,
    attempts = attempts - $4
WHERE id = ANY($1::uuid[]) AND state = 'waiting'
"""
_NEXT = """
SELECT min(next_attempt_at) AS at FROM delivery WHERE state = 'waiting' AND next_attempt_at > $1
"""


class _TooSoonError(Exception):
    """Mere progress of a card that was edited a moment ago: it can wait until `at`."""

    def __init__(self, at: datetime) -> None:
        super().__init__("too soon for progress")
        self.at = at


@dataclass(slots=True)
class _Hold:
    """The deliveries of a place that one courier has, and until when."""

    ids: list[UUID]
    until: datetime
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def renew(self, until: datetime) -> bool:
        """Hold them longer; False when somebody else took them (we were thought dead)."""
        async with self._one_at_a_time:
            if not self.ids:
                return True
            rows = await db().execute_query_dict(_RENEW, [self.ids, self.until, until])
            self.until = until
            return bool(rows)

    def forget(self, ids: Sequence[UUID]) -> None:
        """Hold these no longer: they are done, or given back."""
        self.ids = [one for one in self.ids if one not in ids]


@dataclass(frozen=True, slots=True)
class _Errand:
    """One thing to do in a place: the newest delivery, and older ones it makes unneeded."""

    newest: Delivery
    superseded: tuple[Delivery, ...]

    @property
    def outbox(self) -> Outbox:
        return self.newest.outbox

    @property
    def ids(self) -> list[UUID]:
        return [one.id for one in (self.newest, *self.superseded)]


@dataclass(frozen=True, slots=True)
class _PlaceWaits:
    """Nothing more goes to a place before `until`."""

    until: datetime
    error: str


class Courier:
    """Sends. Any number may run: a place is served by one at a time, in order."""

    def __init__(
        self, artist: Artist, chats: Mapping[str, Chat], clock: Clock, wakeups: Wakeups
    ) -> None:
        """*chats* are keyed by their name ("telegram")."""
        self._artist = artist
        self._chats = chats
        self._clock = clock
        self._wakeups = wakeups
        self._pacer = Pacer(clock)
        self._has_homes = any(chat.capabilities.has_home for chat in chats.values())
        self._busy: set[UUID] = set()
        self._is_stopping = False

    async def run(self) -> None:
        """Carry until cancelled; what is in hand then is still brought to its end."""
        serving: set[asyncio.Task[None]] = set()
        self._is_stopping = False
        try:
            while True:
                try:
                    await self._fan_out()
                    for place_id in await self._places():
                        self._busy.add(place_id)
                        task = asyncio.create_task(self._serve_and_wake(place_id))
                        serving.add(task)
                        task.add_done_callback(serving.discard)
                except Exception:
                    log.exception("courier.trouble")
                await self._wakeups.wait(OUTBOX, at_most=await self._until_next())
        finally:
            self._is_stopping = True
            await self._end(serving)

    async def _end(self, serving: set[asyncio.Task[None]]) -> None:
        if not serving:
            return
        _, late = await asyncio.wait(set(serving), timeout=_STOP_SECONDS)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def drain(self) -> int:
        """Carry what is due now and return how many places were served."""
        served = 0
        while True:
            await self._fan_out()
            places = await self._places()
            if not places:
                return served
            for place_id in places:
                await self._serve(place_id)
                served += 1

    # ── fan out ─────────────────────────────────────────────────────────────────────────────

    async def _fan_out(self) -> None:
        await gather_missed(self._clock.now())
        while True:
            async with in_transaction() as connection:
                rows = await connection.execute_query_dict(_FAN_OUT, [_BATCH])
                if not rows:
                    return
                now = self._clock.now()
                found = await Outbox.filter(id__in=[one["id"] for one in rows]).order_by(
                    "created_at", "id"
                )
                for row in found:
                    await self._make_deliveries(row, now)
                if self._has_homes:
                    await refresh_homes([row.subject_id for row in found], now=now)

    async def _make_deliveries(self, row: Outbox, now: datetime) -> None:
        told_at = await pass_on(row, now)
        for place_id in await self._places_of(row):
            if place_id == told_at:
                continue
            await Delivery.create(
                outbox_id=row.id,
                place_id=place_id,
                next_attempt_at=now,
                created_at=row.created_at,
            )
        row.fanned_out_at = now
        await row.save(update_fields=["fanned_out_at"])

    async def _places_of(self, row: Outbox) -> list[UUID]:
        try:
            return await self._artist.places_of(row)
        except DATABASE_TROUBLE:
            raise
        except Exception:
            # One row that nobody understands must not keep all others from being said.
            log.exception("courier.no_places", extra={"outbox": str(row.id)})
            return []

    async def _places(self) -> list[UUID]:
        rows = await db().execute_query_dict(
            _PLACES, [self._clock.now(), _BATCH, list(self._busy)]
        )
        return [row["place_id"] for row in rows]

    async def _until_next(self) -> float:
        with suppress(Exception):
            now = self._clock.now()
            rows = await db().execute_query_dict(_NEXT, [now])
            at: datetime | None = rows[0]["at"] if rows else None
            if at:
                return min(max((at - now).total_seconds(), 0.02), _POLL_SECONDS)
        return _POLL_SECONDS

    # ── one place ───────────────────────────────────────────────────────────────────────────

    async def _serve_and_wake(self, place_id: UUID) -> None:
        try:
            await self._serve(place_id)
        except Exception:
            # What was claimed is taken again when its lease ends.
            log.exception("courier.trouble", extra={"place": str(place_id)})
        finally:
            self._busy.discard(place_id)
            self._wakeups.wake(OUTBOX)

    async def _serve(self, place_id: UUID) -> None:
        hold, errands = await self._claim(place_id)
        fp("C30")
        async with self._kept(hold):
            for index, errand in enumerate(errands):
                if self._is_stopping:
                    rest = [one for later in errands[index:] for one in later.ids]
                    await self._release(rest, self._clock.now(), "", uncount=1)
                    return
                if not await hold.renew(self._clock.now() + LEASE):
                    log.warning("courier.lost_its_place", extra={"place": str(place_id)})
                    return
                waits = await self._carry(errand)
                if waits:
                    rest = [one for later in errands[index + 1 :] for one in later.ids]
                    await self._release(rest, waits.until, waits.error, uncount=1)
                    return
                hold.forget(errand.ids)

    async def _claim(self, place_id: UUID) -> tuple[_Hold, list[_Errand]]:
        """Take the waiting deliveries of a place, oldest first, edits of one card as one."""
        now = self._clock.now()
        until = now + LEASE
        async with in_transaction() as connection:
            locked = await connection.execute_query_dict(_PLACE_LOCK, [str(place_id)])
            rows: Sequence[Mapping[str, UUID]] = []
            if locked[0]["mine"]:
                rows = await connection.execute_query_dict(_CLAIM, [now, place_id, until, _BATCH])
        found = await Delivery.filter(id__in=[row["id"] for row in rows]).prefetch_related(
            "outbox", "place"
        )
        found.sort(key=lambda one: (one.created_at, one.id))
        return _Hold([one.id for one in found], until), _as_errands(found)

    @asynccontextmanager
    async def _kept(self, hold: _Hold) -> AsyncIterator[None]:
        """Keep the lease alive while the body runs (a slow chat, a place in line)."""
        async with asyncio.TaskGroup() as group:
            renewing = group.create_task(self._keep_renewing(hold))
            try:
                yield
            finally:
                renewing.cancel()

    async def _keep_renewing(self, hold: _Hold) -> None:
        while True:
            await self._clock.pause(_RENEW_SECONDS)
            with suppress(*DATABASE_TROUBLE):
                await hold.renew(self._clock.now() + LEASE)

    async def _carry(self, errand: _Errand) -> _PlaceWaits | None:
        """Send one errand; tells when its whole place must wait."""
        place = errand.newest.place
        chat = self._chats.get(place.chat)
        if chat is None:
            await self._finish(errand, state="undeliverable", error="no such chat here")
            return None
        try:
            fp("C08")
            drawing = await self._artist.draw(errand.outbox, place)
            if drawing is None:
                await self._finish(errand, state="dropped")
                return None
            drawing = replace(drawing, card=in_the_manner_of(chat.capabilities, drawing.card))
            async with asyncio.timeout(_SEND_SECONDS):
                reference = await self._send(chat, place, errand, drawing)
        except _TooSoonError as soon:
            await self._release(errand.ids, soon.at, "", uncount=1)
            return None
        except (ChatBusy, TimeoutError) as err:
            return await self._wait(errand, err, tells_of_own=chat.capabilities.tells_of_own)
        except PlaceMoved as err:
            await follow_move(place_ref(place), err.new_chat_id)
            return await self._moved(errand)
        except RouteDead as err:
            await Place.filter(id=place.id).update(is_open=False)
            await self._finish(errand, state="undeliverable", error=str(err))
            return None
        except DATABASE_TROUBLE:
            raise
        except Exception as err:
            # Ours or this one message's fault: the others go on.
            log.exception("courier.failed", extra={"outbox": str(errand.outbox.id)})
            await self._later(errand, error=type(err).__name__)
            return None
        fp("C21")
        await self._finish(errand, state="sent", reference=reference)
        if drawing.receipt and drawing.reply_to:
            with suppress(TimeoutError):
                async with asyncio.timeout(_RECEIPT_SECONDS):
                    await chat.react(place_ref(place), drawing.reply_to, drawing.receipt)
        return None

    async def _send(self, chat: Chat, place: Place, errand: _Errand, drawing: Drawing) -> str:
        where = place_ref(place)
        if drawing.replaces:
            await self._pacer.wait(chat, where, is_edit=True)
            with suppress(MessageGone):
                await chat.edit(where, drawing.replaces, drawing.card)
            return drawing.replaces
        if not drawing.is_lasting:
            await self._pacer.wait(chat, where)
            return await self._send_new(chat, where, drawing, errand)
        card, _ = await CardMessage.get_or_create(
            subject_kind=errand.outbox.subject_kind,
            subject_id=errand.outbox.subject_id,
            place_id=place.id,
            purpose="card",
            defaults={"updated_at": self._clock.now()},
        )
        shown = _shown(drawing.card)
        reference = card.message_ref
        if where.is_home:
            return await self._show_home(chat, where, card, drawing, shown)
        if drawing.begins_anew and card.rev_shown != drawing.rev:
            reference = ""
        if reference and card.shown_hash == shown:
            return reference
        self._refuse_hurry(card, place, drawing)
        await self._pacer.wait(chat, where, is_edit=bool(reference))
        if reference:
            try:
                await chat.edit(where, reference, drawing.card)
            except MessageGone:
                reference = ""
        if reference:
            # Only while it is still the one: meanwhile the card may have been moved below.
            noted = CardMessage.filter(id=card.id, message_ref=reference)
        else:
            reference = await self._send_new(chat, where, drawing, errand)
            noted = CardMessage.filter(id=card.id)
        fp("C09")
        await self._note_down(
            lambda: noted.update(
                message_ref=reference,
                shown_hash=shown,
                rev_shown=drawing.rev,
                updated_at=self._clock.now(),
            )
        )
        return reference

    async def _note_down(self, write: Callable[[], Awaitable[object]]) -> None:
        """Write down what was sent, also where the database is away for a few seconds.

        What is not noted is sent again, and seen twice.
        """
        for tries_left in reversed(range(_NOTE_TRIES)):
            try:
                await write()
            except DATABASE_TROUBLE:
                if not tries_left:
                    raise
                await self._clock.pause(_NOTE_PAUSE_SECONDS)
            else:
                return

    async def _show_home(
        self, chat: Chat, where: PlaceRef, card: CardMessage, drawing: Drawing, shown: str
    ) -> str:
        """Draw a Home; one that shows the same already is left alone, unless it was opened."""
        if card.shown_hash != shown or drawing.begins_anew:
            await self._pacer.wait(chat, where, is_edit=True)
            await chat.show_home(where, drawing.card)
            await CardMessage.filter(id=card.id).update(
                message_ref="home", shown_hash=shown, updated_at=self._clock.now()
            )
        return "home"

    def _refuse_hurry(self, card: CardMessage, place: Place, drawing: Drawing) -> None:
        """Hold mere progress back; a first card, an end, and new buttons are never delayed."""
        has_new_buttons = drawing.rev != card.rev_shown and bool(drawing.card.buttons)
        if not card.message_ref or not drawing.is_progress or has_new_buttons:
            return
        is_private = place.purpose == "direct"
        gap = PROGRESS_GAP_PRIVATE if is_private else PROGRESS_GAP_GROUP
        now = self._clock.now()
        # A moment in the future is of a clock that was set back: it holds nothing.
        if card.updated_at <= now < card.updated_at + gap:
            raise _TooSoonError(card.updated_at + gap)

    async def _send_new(
        self, chat: Chat, where: PlaceRef, drawing: Drawing, errand: _Errand
    ) -> str:
        mark = mark_of(errand.newest, is_lasting=drawing.is_lasting)
        card = replace(drawing.card, mark=mark)
        try:
            return await chat.send(where, card, reply_to=drawing.reply_to)
        except MessageGone:
            # What it would answer was deleted; the words still have to be said.
            return await chat.send(where, card)

    async def _finish(
        self, errand: _Errand, *, state: str, reference: str = "", error: str = ""
    ) -> None:
        now = self._clock.now()
        if state == "undeliverable":
            log.warning("courier.undeliverable", extra={"outbox": str(errand.outbox.id)})
        await self._note_down(
            lambda: Delivery.filter(id__in=errand.ids).update(
                state=state,
                message_ref=reference,
                error=error[:200],
                sent_at=now,
                lease_until=None,
            )
        )

    async def _wait(self, errand: _Errand, err: Exception, *, tells_of_own: bool) -> _PlaceWaits:
        """Have the whole place wait as long as the chat says; nothing is ever given up for it."""
        after = err.after if isinstance(err, ChatBusy) else None
        if after is None:
            after = max(_backoff(errand), WAIT) if tells_of_own else _backoff(errand)
        at = self._clock.now() + after
        waits = _PlaceWaits(at, f"{_WAITS}{err or type(err).__name__}"[:200])
        beyond = max(0, errand.newest.attempts - MAX_ATTEMPTS // 2)
        await self._release(errand.ids, at, waits.error, uncount=beyond)
        return waits

    async def _moved(self, errand: _Errand) -> _PlaceWaits:
        """Take everything of the place up again at once, under its new id."""
        if errand.newest.attempts >= MAX_ATTEMPTS:
            await self._finish(errand, state="undeliverable", error="moved without an end")
        else:
            await self._release(errand.ids, self._clock.now(), "moved", uncount=0)
        return _PlaceWaits(self._clock.now(), "moved")

    async def _later(self, errand: _Errand, *, error: str) -> None:
        if errand.newest.attempts >= MAX_ATTEMPTS:
            await self._finish(errand, state="undeliverable", error=error)
            return
        await self._release(errand.ids, self._clock.now() + _backoff(errand), error, uncount=0)

    async def _release(
        self, ids: Sequence[UUID], at: datetime, error: str, *, uncount: int
    ) -> None:
        """Give deliveries back until *at*; *uncount* takes tries back that were none."""
        if ids:
            await db().execute_query(_RELEASE, [list(ids), at, error, uncount])


def _backoff(errand: _Errand) -> timedelta:
    return min(timedelta(seconds=0.5 * 2 ** min(errand.newest.attempts, 10)), _MAX_BACKOFF)


def _shown(card: Card) -> str:
    """Return what tells two drawings apart: all that is seen, but not how time goes by."""

    def still(lines: Sequence[Line]) -> list[object]:
        return [
            replace(run, text="") if isinstance(run, TimeTag) and run.is_relative else run
            for line in lines
            for run in (*line, "\n")
        ]

    seen = (still(card.lines), card.quote, card.fold_quote, still(card.footer), card.buttons)
    return hashlib.sha256(repr(seen).encode("utf-8", "surrogatepass")).hexdigest()


def place_ref(place: Place) -> PlaceRef:
    """Return a stored place as the chat knows it."""
    return PlaceRef(
        chat=place.chat,
        workspace=place.workspace,
        chat_id=place.chat_id,
        thread=place.thread,
        is_private=place.purpose in {"direct", "home"},
        title=place.title,
        is_home=place.purpose == "home",
    )


def _as_errands(deliveries: Sequence[Delivery]) -> list[_Errand]:
    """Group the deliveries of one card; a card is drawn once, where its newest change stands."""
    groups: dict[object, list[Delivery]] = {}
    for one in deliveries:
        row = one.outbox
        is_card = row.purpose == "card"
        groups.setdefault((row.subject_kind, row.subject_id) if is_card else one.id, []).append(
            one
        )
    # A card comes before the notice that speaks of it, at the place of its first change.
    return [_Errand(group[-1], tuple(group[:-1])) for group in groups.values()]
