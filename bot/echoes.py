"""Our own messages, as a chat tells us of them: where one stands whose answer got lost.

A message carries a mark that nobody sees and that comes back with it. What was sent but never
noted (the answer was lost, the process died) is found by that and not sent again.
"""

from datetime import datetime, timedelta
from uuid import UUID

from integrations.chat.incoming import Inbound
from models.outbox import CardMessage, Delivery

WAIT = timedelta(seconds=3)
"""How long an unclear send is left alone: by then the chat has told of it, if it was made."""

_CARD, _SAY = "card", "say"


def mark_of(delivery: Delivery, *, is_lasting: bool) -> str:
    """Return the mark for the message that *delivery* makes."""
    return f"{_CARD if is_lasting else _SAY}:{delivery.id.hex}"


async def note_echo(echo: Inbound, *, now: datetime) -> None:
    """Note where a message of ours stands, unless that is known; call it in a transaction.

    A card is known by it from then on, and is edited there; anything else counts as said.
    """
    kind, _, number = echo.mark.partition(":")
    try:
        delivery_id = UUID(number)
    except ValueError:
        return
    # Once it is sent, its message may be another one already: an echo that comes late is no news.
    waiting = Delivery.filter(id=delivery_id, state="waiting")
    delivery = await waiting.prefetch_related("outbox").first()
    if delivery is None:
        return
    if kind == _CARD:
        await CardMessage.filter(
            subject_kind=delivery.outbox.subject_kind,
            subject_id=delivery.outbox.subject_id,
            place_id=delivery.place_id,
            purpose="card",
            message_ref="",
        ).update(message_ref=echo.message_ref, shown_hash="")
    elif kind == _SAY:
        await waiting.update(
            state="sent", message_ref=echo.message_ref, sent_at=now, lease_until=None
        )
