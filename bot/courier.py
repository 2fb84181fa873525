"""Carries what the outbox says to the chats.

An outbox row is fanned out to places, one delivery each (`fanout`); a delivery is drawn when it
is sent, so the latest state wins, and several changes of one card become one edit. What is in hand
is held by a lease (`deliveries`), and each drawing is sent as its card wants it (`sending`). A
crash sends again: an edit shows no double, and a card whose reference was noted is edited, not
sent anew. Where a chat tells us of our own messages, that notes it too.
"""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from bot.cards.drawing import Artist
from bot.cards.manner import in_the_manner_of
from bot.deliveries import PLACE_WAITS, Deliveries, Errand
from bot.echoes import WAIT
from bot.fanout import FanOut
from bot.people import follow_move
from bot.sending import Sender, TooSoonError, place_ref
from integrations.chat.contract import Chat
from integrations.chat.errors import ChatBusy, PlaceMoved, RouteDead
from models.clock import Clock
from models.database import DATABASE_TROUBLE, OUTBOX, Wakeups
from models.failpoints import fp
from models.team import Place

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 12
_SEND_SECONDS = 60.0
_RECEIPT_SECONDS = 5.0
_STOP_SECONDS = 10.0
_POLL_SECONDS = 1.0
_MAX_BACKOFF = timedelta(minutes=5)


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
        self._sender = Sender(clock)
        self._deliveries = Deliveries(clock)
        has_homes = any(chat.capabilities.has_home for chat in chats.values())
        self._fan_out = FanOut(artist, clock, has_homes=has_homes)
        self._busy: set[UUID] = set()
        self._is_stopping = False

    async def run(self) -> None:
        """Carry until cancelled; what is in hand then is still brought to its end."""
        serving: set[asyncio.Task[None]] = set()
        self._is_stopping = False
        try:
            while True:
                try:
                    await self._fan_out.run()
                    for place_id in await self._deliveries.places(busy=self._busy):
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
            await self._fan_out.run()
            places = await self._deliveries.places(busy=self._busy)
            if not places:
                return served
            for place_id in places:
                await self._serve(place_id)
                served += 1

    async def _until_next(self) -> float:
        with suppress(Exception):
            at = await self._deliveries.next_at()
            if at:
                return min(max((at - self._clock.now()).total_seconds(), 0.02), _POLL_SECONDS)
        return _POLL_SECONDS

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
        hold, errands = await self._deliveries.claim(place_id)
        fp("C30")
        async with self._deliveries.kept(hold):
            for index, errand in enumerate(errands):
                if self._is_stopping:
                    rest = [one for later in errands[index:] for one in later.ids]
                    await self._deliveries.release(rest, self._clock.now(), "", uncount=1)
                    return
                if not await self._deliveries.renew(hold):
                    log.warning("courier.lost_its_place", extra={"place": str(place_id)})
                    return
                waits = await self._carry(errand)
                if waits:
                    rest = [one for later in errands[index + 1 :] for one in later.ids]
                    await self._deliveries.release(rest, waits.until, waits.error, uncount=1)
                    return
                hold.forget(errand.ids)

    async def _carry(self, errand: Errand) -> _PlaceWaits | None:
        """Send one errand; tells when its whole place must wait."""
        place = errand.newest.place
        chat = self._chats.get(place.chat)
        if chat is None:
            await self._give_up(errand, "no such chat here")
            return None
        try:
            fp("C08")
            drawing = await self._artist.draw(errand.outbox, place)
            if drawing is None:
                await self._deliveries.finish(errand, state="dropped")
                return None
            drawing = replace(drawing, card=in_the_manner_of(chat.capabilities, drawing.card))
            async with asyncio.timeout(_SEND_SECONDS):
                reference = await self._sender.send(chat, place, errand, drawing)
        except TooSoonError as soon:
            await self._deliveries.release(errand.ids, soon.at, "", uncount=1)
            return None
        except (ChatBusy, TimeoutError) as err:
            return await self._wait(errand, err, tells_of_own=chat.capabilities.tells_of_own)
        except PlaceMoved as err:
            await follow_move(place_ref(place), err.new_chat_id)
            return await self._moved(errand)
        except RouteDead as err:
            await Place.filter(id=place.id).update(is_open=False)
            await self._give_up(errand, str(err))
            return None
        except DATABASE_TROUBLE:
            raise
        except Exception as err:
            # Ours or this one message's fault: the others go on.
            log.exception("courier.failed", extra={"outbox": str(errand.outbox.id)})
            await self._later(errand, error=type(err).__name__)
            return None
        fp("C21")
        await self._deliveries.finish(errand, state="sent", reference=reference)
        if drawing.receipt and drawing.reply_to:
            with suppress(TimeoutError):
                async with asyncio.timeout(_RECEIPT_SECONDS):
                    await chat.react(place_ref(place), drawing.reply_to, drawing.receipt)
        return None

    async def _wait(self, errand: Errand, err: Exception, *, tells_of_own: bool) -> _PlaceWaits:
        """Have the whole place wait as long as the chat says; nothing is ever given up for it."""
        after = err.after if isinstance(err, ChatBusy) else None
        if after is None:
            after = max(_backoff(errand), WAIT) if tells_of_own else _backoff(errand)
        at = self._clock.now() + after
        waits = _PlaceWaits(at, f"{PLACE_WAITS}{err or type(err).__name__}"[:200])
        beyond = max(0, errand.newest.attempts - MAX_ATTEMPTS // 2)
        await self._deliveries.release(errand.ids, at, waits.error, uncount=beyond)
        return waits

    async def _moved(self, errand: Errand) -> _PlaceWaits:
        """Take everything of the place up again at once, under its new id."""
        if errand.newest.attempts >= MAX_ATTEMPTS:
            await self._give_up(errand, "moved without an end")
        else:
            await self._deliveries.release(errand.ids, self._clock.now(), "moved", uncount=0)
        return _PlaceWaits(self._clock.now(), "moved")

    async def _later(self, errand: Errand, *, error: str) -> None:
        if errand.newest.attempts >= MAX_ATTEMPTS:
            await self._give_up(errand, error)
            return
        at = self._clock.now() + _backoff(errand)
        await self._deliveries.release(errand.ids, at, error, uncount=0)

    async def _give_up(self, errand: Errand, error: str) -> None:
        await self._deliveries.finish(errand, state="undeliverable", error=error)


def _backoff(errand: Errand) -> timedelta:
    return min(timedelta(seconds=0.5 * 2 ** min(errand.newest.attempts, 10)), _MAX_BACKOFF)
