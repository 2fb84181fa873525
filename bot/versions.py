"""What was said of a message before it came in itself: its edits, its end, answers to it.

A chat delivers again what was not taken, a minute later or five: by then the person may have
changed the words, taken the message back or answered it ("cancel"), and that was delivered at
once. Edits may overtake one another, too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from integrations.chat.contract import Chat
from integrations.chat.incoming import Inbound
from models.database import db
from models.inbox import Inbox

WINDOW = timedelta(minutes=15)
"""How much earlier an edit may have come in than the message; chats give up trying before."""

_EARLIER = """
SELECT id, body FROM inbox
WHERE conversation = $1 AND source = $2 AND id <> $3 AND kind = 'event'
  AND state IN ('done', 'ignored') AND ready_at > $4
  AND position(convert_to($5, 'UTF8') IN body) > 0
"""


@dataclass(frozen=True, slots=True)
class Version:
    """A message as an edit (or its end) left it, and the event that said so."""

    inbound: Inbound
    body: bytes


@dataclass(frozen=True, slots=True)
class ToldBefore:
    """What came in before the message it speaks of.

    `newer` is its newest edit, or its end; `answers` are the events that hold words in answer.
    """

    newer: Version | None = None
    answers: tuple[UUID, ...] = ()


async def told_before(row: Inbox, inbound: Inbound, chat: Chat) -> ToldBefore:
    """Return what came in before *row* and speaks of the message that *row* brings."""
    number = inbound.message_ref.rpartition("/")[2]
    if not number or inbound.sent_at is None:
        return ToldBefore()
    since = row.received_at - WINDOW
    found = await db().execute_query_dict(
        _EARLIER, [row.conversation, row.source, row.id, since, number]
    )
    earlier = [(one["id"], Version(chat.parse(one["body"]), bytes(one["body"]))) for one in found]
    newer = [
        one
        for _, one in earlier
        if one.inbound.kind in {"edit", "deleted"}
        and one.inbound.message_ref == inbound.message_ref
        and one.inbound.sent_at is not None
        and (inbound.kind == "message" or one.inbound.sent_at > inbound.sent_at)
    ]
    return ToldBefore(
        max(newer, key=lambda one: one.inbound.sent_at or row.received_at, default=None),
        tuple(event for event, one in earlier if _answers(one.inbound, inbound)),
    )


async def take_up_again(events: Sequence[UUID], *, now: datetime) -> None:
    """Have *events* handled once more: what they are about is known now."""
    if events:
        await Inbox.filter(id__in=events).update(state="waiting", ready_at=now, attempts=0)


def _answers(said: Inbound, message: Inbound) -> bool:
    is_words = said.kind == "message" and bool(said.text) and not said.attachments
    return is_words and message.kind == "message" and said.reply_to == message.message_ref
