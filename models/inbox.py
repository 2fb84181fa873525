"""What came in from a chat, written down before it is acknowledged."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.database import db
from models.failpoints import fp
from models.ids import new_id


class Inbox(Model):
    """One raw event of a chat. (`source`, `external_id`) is unique: a repeated one is dropped.

    `conversation` keeps order. States: waiting, done, ignored, parked (failed too often).
    An album is one row of its own, due once it has been quiet (`ready_at`).
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    source = fields.TextField()
    external_id = fields.TextField()
    second_key = fields.TextField(null=True)
    conversation = fields.TextField()
    kind = fields.TextField(default="event")
    body = fields.BinaryField()
    state = fields.TextField(default="waiting")
    attempts = fields.IntField(default=0)
    error = fields.TextField(default="")
    received_at = fields.DatetimeField()
    ready_at = fields.DatetimeField()
    handled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "inbox"
        unique_together = (("source", "external_id"), ("source", "second_key"))
        indexes = (Index(fields=("state", "ready_at"), name="inbox_by_ready"),)


class Album(Model):
    """The messages of one album, collected until it has been quiet for a moment."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    source = fields.TextField()
    chat_id = fields.TextField()
    group_key = fields.TextField()
    last_part_at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)
    post_id = fields.UUIDField(null=True)

    class Meta:
        table = "album"
        unique_together = (("source", "chat_id", "group_key"),)


class AlbumPart(Model):
    """One message of an album; parts come late and out of order, each is kept once."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    album: fields.ForeignKeyRelation[Album] = fields.ForeignKeyField(
        "models.Album", related_name="parts", on_delete=fields.CASCADE
    )
    message_ref = fields.TextField()
    body = fields.BinaryField()

    album_id: UUID

    class Meta:
        table = "album_part"
        unique_together = (("album", "message_ref"),)


class RawEvent(Protocol):
    """What a chat hands over to be stored: its key, its conversation, the bytes as they came."""

    @property
    def source(self) -> str:
        """Chat and bot ("telegram:42")."""

    @property
    def external_id(self) -> str:
        """The chat's own number for the event; unique within the source."""

    @property
    def conversation(self) -> str:
        """Where it belongs; one event of a conversation is handled at a time."""

    @property
    def raw(self) -> bytes:
        """The event as it came, nothing cleaned."""

    @property
    def second_key(self) -> str | None:
        """Another key it is unique by within the source, None where there is none."""


_STORE = """
INSERT INTO inbox (id, source, external_id, second_key, conversation, kind, body, state, attempts,
                   error, received_at, ready_at)
SELECT new.id, new.source, new.external_id, new.second_key, new.conversation, 'event', new.body,
       'waiting', 0, '', new.at, new.at
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::timestamptz[],
            $7::text[]) AS new (id, source, external_id, conversation, body, at, second_key)
ON CONFLICT DO NOTHING
RETURNING id
"""


async def store_received(received: Sequence[RawEvent], now: datetime) -> int:
    """Write raw events to the inbox in one statement and return how many were new.

    Committed when it returns (unless the caller holds a transaction); an event that is there
    already is dropped. Ids and times grow within the batch, so the order of arrival can be read.
    """
    if not received:
        return 0
    fp("C01")
    ids = sorted(new_id() for _ in received)
    moments = [now + timedelta(microseconds=i) for i in range(len(received))]
    rows = await db().execute_query_dict(
        _STORE,
        [
            ids,
            [_storable(one.source) for one in received],
            [_storable(one.external_id) for one in received],
            [_storable(one.conversation) for one in received],
            [one.raw for one in received],
            moments,
            [_storable(one.second_key) if one.second_key else None for one in received],
        ],
    )
    fp("C02")
    return len(rows)


def _storable(text: str) -> str:
    """Write NUL and lone surrogates as escapes: PostgreSQL's text holds neither.

    A strange key may cost its own event the order, never the others of its batch the storing.
    """
    return text.encode("utf-8", "backslashreplace").decode("utf-8").replace("\0", "\\x00")
