"""Carries what the outbox says to the chats.

An outbox row is fanned out to places, one delivery each; a delivery is drawn when it is sent, so
the latest state wins, and several changes of one card become one edit. A crash sends again: an
edit shows no double, and a card that was sent but not noted is found by its row.
"""

import asyncio
import hashlib
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tortoise.transactions import in_transaction

from bot.cards.drawing import Artist, Drawing
from bot.pacing import Pacer
from integrations.chat import (
    Chat,
    ChatBusy,
    ChatError,
    MessageGone,
    PlaceMoved,
    PlaceRef,
    RouteDead,
)
from models.clock import Clock
from models.database import DATABASE_TROUBLE, OUTBOX, Wakeups, db
from models.outbox import CardMessage, Delivery, Outbox
from models.team import Place

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=15)
MAX_ATTEMPTS = 30
_POLL_SECONDS = 1.0
_BATCH = 50
_MAX_BACKOFF = timedelta(minutes=5)

_FAN_OUT = """
SELECT id FROM outbox WHERE fanned_out_at IS NULL
ORDER BY created_at, id LIMIT $1 FOR UPDATE SKIP LOCKED
"""
_CLAIM = """
UPDATE delivery SET lease_until = $1 + interval '15 s', attempts = attempts + 1
WHERE place_id = $2 AND state = 'waiting' AND next_attempt_at <= $1
RETURNING id
"""
_PLACES = """
SELECT place_id FROM delivery
WHERE state = 'waiting' AND next_attempt_at <= $1 AND (lease_until IS NULL OR lease_until < $1)
GROUP BY place_id ORDER BY min(next_attempt_at) LIMIT $2
"""
_PLACE_LOCK = "SELECT pg_try_advisory_lock(7219, hashtext($1)) AS mine"


@dataclass(frozen=True, slots=True)
class _Errand:
    """One thing to do in a place: the newest delivery, and older ones it makes unneeded."""

    newest: Delivery
    superseded: tuple[Delivery, ...]

    @property
    def outbox(self) -> Outbox:
        return self.newest.outbox


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
        self._busy: set[UUID] = set()

    async def run(self) -> None:
        """Carry until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                with suppress(*DATABASE_TROUBLE):
                    await self._fan_out()
                    for place_id in await self._places():
                        self._busy.add(place_id)
                        group.create_task(self._serve(place_id))
                await self._wakeups.wait(OUTBOX, at_most=await self._until_next())

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
        while True:
            async with in_transaction() as connection:
                rows = await connection.execute_query_dict(_FAN_OUT, [_BATCH])
                if not rows:
                    return
                now = self._clock.now()
                for row in await Outbox.filter(id__in=[found["id"] for found in rows]).order_by(
                    "created_at", "id"
                ):
                    await self._make_deliveries(row, now)

    async def _make_deliveries(self, row: Outbox, now: datetime) -> None:
        for place_id in await self._artist.places_of(row):
            await Delivery.create(
                outbox_id=row.id,
                place_id=place_id,
                next_attempt_at=now,
                created_at=row.created_at,
            )
        row.fanned_out_at = now
        await row.save(update_fields=["fanned_out_at"])

    async def _places(self) -> list[UUID]:
        rows = await db().execute_query_dict(_PLACES, [self._clock.now(), _BATCH])
        return [row["place_id"] for row in rows if row["place_id"] not in self._busy]

    async def _until_next(self) -> float:
        with suppress(*DATABASE_TROUBLE):
            rows = await db().execute_query_dict(
                "SELECT min(next_attempt_at) AS at FROM delivery WHERE state = 'waiting'", []
            )
            at: datetime | None = rows[0]["at"] if rows else None
            if at:
                left = (at - self._clock.now()).total_seconds()
                return min(max(left, 0.05), _POLL_SECONDS)
        return _POLL_SECONDS

    # ── one place ───────────────────────────────────────────────────────────────────────────

    async def _serve(self, place_id: UUID) -> None:
        try:
            for errand in await self._claim(place_id):
                if not await self._carry(errand):
                    break
        except DATABASE_TROUBLE:
            log.warning("courier.database_trouble", exc_info=True)
        finally:
            self._busy.discard(place_id)

    async def _claim(self, place_id: UUID) -> list[_Errand]:
        """Take the waiting deliveries of a place, oldest first, edits of one card as one."""
        rows = await db().execute_query_dict(_CLAIM, [self._clock.now(), place_id])
        found = await Delivery.filter(id__in=[row["id"] for row in rows]).prefetch_related(
            "outbox", "place"
        )
        found.sort(key=lambda one: (one.created_at, one.id))
        return _as_errands(found)

    async def _carry(self, errand: _Errand) -> bool:
        """Send one errand; False when the place must wait (the rest stays for later)."""
        place = errand.newest.place
        chat = self._chats.get(place.chat)
        if chat is None:
            await self._finish(errand, state="undeliverable", error="no such chat here")
            return True
        try:
            drawing = await self._artist.draw(errand.outbox, place)
            if drawing is None:
                await self._finish(errand, state="dropped")
                return True
            reference = await self._send(chat, place, errand, drawing)
        except ChatBusy as err:
            await self._later(errand, after=err.after, error=str(err))
            return False
        except PlaceMoved as err:
            await Place.filter(id=place.id).update(chat_id=err.new_chat_id)
            await self._later(errand, after=timedelta(), error="moved")
            return False
        except RouteDead as err:
            await Place.filter(id=place.id).update(is_open=False)
            await self._finish(errand, state="undeliverable", error=str(err))
            return True
        except ChatError as err:
            await self._later(errand, after=None, error=str(err))
            return False
        except DATABASE_TROUBLE:
            raise
        except Exception as err:
            log.exception("courier.failed", extra={"outbox": str(errand.outbox.id)})
            await self._later(errand, after=None, error=type(err).__name__)
            return True
        await self._finish(errand, state="sent", reference=reference)
        return True

    async def _send(self, chat: Chat, place: Place, errand: _Errand, drawing: Drawing) -> str:
        where = place_ref(place)
        if not drawing.is_lasting:
            await self._pacer.wait(chat, where)
            return await self._send_new(chat, where, drawing)
        card, _ = await CardMessage.get_or_create(
            subject_kind=errand.outbox.subject_kind,
            subject_id=errand.outbox.subject_id,
            place_id=place.id,
            purpose="card",
            defaults={"updated_at": self._clock.now()},
        )
        shown = hashlib.sha256(repr(drawing.card).encode()).hexdigest()
        if card.message_ref and card.shown_hash == shown:
            return card.message_ref
        if card.message_ref:
            await self._pacer.wait(chat, where, is_edit=True)
            try:
                await chat.edit(where, card.message_ref, drawing.card)
            except MessageGone:
                card.message_ref = ""
        if not card.message_ref:
            await self._pacer.wait(chat, where)
            card.message_ref = await self._send_new(chat, where, drawing)
        card.shown_hash, card.rev_shown = shown, drawing.rev
        card.updated_at = self._clock.now()
        await card.save()
        return card.message_ref

    async def _send_new(self, chat: Chat, where: PlaceRef, drawing: Drawing) -> str:
        try:
            return await chat.send(where, drawing.card, reply_to=drawing.reply_to)
        except MessageGone:
            # What it would answer was deleted; the words still have to be said.
            return await chat.send(where, drawing.card)

    async def _finish(
        self, errand: _Errand, *, state: str, reference: str = "", error: str = ""
    ) -> None:
        now = self._clock.now()
        ids = [one.id for one in (errand.newest, *errand.superseded)]
        await Delivery.filter(id__in=ids).update(
            state=state, message_ref=reference, error=error[:200], sent_at=now, lease_until=None
        )

    async def _later(self, errand: _Errand, *, after: timedelta | None, error: str) -> None:
        tries = errand.newest.attempts
        if tries >= MAX_ATTEMPTS:
            await self._finish(errand, state="undeliverable", error=error)
            return
        backoff = after if after is not None else timedelta(seconds=0.5 * 2 ** min(tries, 10))
        ids = [one.id for one in (errand.newest, *errand.superseded)]
        await Delivery.filter(id__in=ids).update(
            next_attempt_at=self._clock.now() + min(backoff, _MAX_BACKOFF),
            lease_until=None,
            error=error[:200],
        )


def place_ref(place: Place) -> PlaceRef:
    """Return a stored place as the chat knows it."""
    return PlaceRef(
        chat=place.chat,
        workspace=place.workspace,
        chat_id=place.chat_id,
        thread=place.thread,
        is_private=place.purpose == "direct",
        title=place.title,
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
