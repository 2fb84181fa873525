"""What came in from a chat, written down before it is acknowledged."""

from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

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
