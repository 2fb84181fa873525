"""An outage of a platform, and the posts that waited for its end."""

from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.ids import new_id
from models.post import Post


class Incident(Model):
    """A platform (for one of our apps there) did not answer; one is open at a time.

    `touched_at` is when a worker last found it still down. `closed_at` is when it answered again,
    `settled_at` when every post that waited has come to an end; `left` counts the others.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    platform = fields.TextField()
    app = fields.TextField(default="")
    opened_at = fields.DatetimeField()
    touched_at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)
    settled_at = fields.DatetimeField(null=True)
    left = fields.IntField(default=0)

    posts: fields.ReverseRelation["IncidentPost"]

    class Meta:
        table = "incident"
        indexes = (Index(fields=("settled_at", "platform"), name="incident_by_settled"),)


class IncidentPost(Model):
    """A post that an outage made wait."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    incident: fields.ForeignKeyRelation[Incident] = fields.ForeignKeyField(
        "models.Incident", related_name="posts", on_delete=fields.CASCADE
    )
    post: fields.ForeignKeyRelation[Post] = fields.ForeignKeyField(
        "models.Post", related_name="incidents", on_delete=fields.CASCADE
    )

    incident_id: UUID
    post_id: UUID

    class Meta:
        table = "incident_post"
        unique_together = (("incident", "post"),)
