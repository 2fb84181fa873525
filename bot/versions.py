"""What a message says last, also where a chat tells of its edit first.

A chat delivers again what was not taken, a minute later or five: by then the person may have
changed the words or taken the message back, and that was delivered at once. Edits may overtake
one another, too.
"""

from dataclasses import dataclass
from datetime import timedelta

from integrations.chat import Chat, Inbound
from models.database import db
from models.inbox import Inbox

WINDOW = timedelta(minutes=15)
"""How much earlier an edit may have come in than the message; chats give up trying before."""

_EDITS = """
SELECT body FROM inbox
WHERE conversation = $1 AND source = $2 AND id <> $3 AND kind = 'event'
  AND state IN ('done', 'ignored') AND ready_at > $4
  AND position(convert_to($5, 'UTF8') IN body) > 0
"""


@dataclass(frozen=True, slots=True)
class Version:
    """A message as an edit (or its end) left it, and the event that said so."""

    inbound: Inbound
    body: bytes


async def newer_version(row: Inbox, inbound: Inbound, chat: Chat) -> Version | None:
    """Return the newest edit (or the end) of a message that came in before *row*."""
    number = inbound.message_ref.rpartition("/")[2]
    if not number or inbound.sent_at is None:
        return None
    since = row.received_at - WINDOW
    found = await db().execute_query_dict(
        _EDITS, [row.conversation, row.source, row.id, since, number]
    )
    edits = [Version(chat.parse(one["body"]), bytes(one["body"])) for one in found]
    newer = [
        one
        for one in edits
        if one.inbound.kind in {"edit", "deleted"}
        and one.inbound.message_ref == inbound.message_ref
        and one.inbound.sent_at is not None
        and (inbound.kind == "message" or one.inbound.sent_at > inbound.sent_at)
    ]
    return max(newer, key=lambda one: one.inbound.sent_at or row.received_at, default=None)
