"""Sends one drawing to one place: a new message, an edit of the card, or a Home."""

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from bot.cards.drawing import Drawing
from bot.deliveries import Errand, note_down
from bot.echoes import mark_of
from bot.pacing import Pacer
from integrations.chat.contract import Chat
from integrations.chat.errors import MessageGone
from integrations.chat.incoming import PlaceRef
from integrations.chat.outgoing import Card, Line, TimeTag
from models.clock import Clock
from models.failpoints import fp
from models.outbox import CardMessage
from models.team import Place

PROGRESS_GAP_PRIVATE = timedelta(seconds=3)
PROGRESS_GAP_GROUP = timedelta(seconds=10)
"""At most one edit of a card in that time for mere progress (K23)."""


class TooSoonError(Exception):
    """Mere progress of a card that was edited a moment ago: it can wait until `at`."""

    def __init__(self, at: datetime) -> None:
        super().__init__("too soon for progress")
        self.at = at


class Sender:
    """Sends at the pace each chat bears."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pacer = Pacer(clock)

    async def send(self, chat: Chat, place: Place, errand: Errand, drawing: Drawing) -> str:
        """Send *drawing*; returns the reference of the message that shows it.

        Raises:
            TooSoonError: it is mere progress, and can wait.
            ChatError: the chat refuses or does not answer.
        """
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
        await note_down(
            self._clock,
            lambda: noted.update(
                message_ref=reference,
                shown_hash=shown,
                rev_shown=drawing.rev,
                updated_at=self._clock.now(),
            ),
        )
        return reference

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

    async def _send_new(
        self, chat: Chat, where: PlaceRef, drawing: Drawing, errand: Errand
    ) -> str:
        mark = mark_of(errand.newest, is_lasting=drawing.is_lasting)
        card = replace(drawing.card, mark=mark)
        try:
            return await chat.send(where, card, reply_to=drawing.reply_to)
        except MessageGone:
            # What it would answer was deleted; the words still have to be said.
            return await chat.send(where, card)

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
            raise TooSoonError(card.updated_at + gap)


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
