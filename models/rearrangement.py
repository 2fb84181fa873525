"""Changes to the queue that somebody wants: listed first, applied by a press, then undone."""

from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.ids import new_id
from models.team import Member, Place, Team


class Rearrangement(Model):
    """A list of changes to planned posts.

    States: choosing (more than one time may be meant), listed, applied, undone, cancelled, empty
    (nothing of what is planned would change). `wanted` is what was asked for, `changes` what it
    does to each post; both as `scheduling.rearranging` writes them. `rev` grows with what is
    shown; its buttons carry it.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    team: fields.ForeignKeyRelation[Team] = fields.ForeignKeyField(
        "models.Team", related_name="rearrangements", on_delete=fields.CASCADE
    )
    member: fields.ForeignKeyRelation[Member] = fields.ForeignKeyField(
        "models.Member", related_name="rearrangements", on_delete=fields.CASCADE
    )
    place: fields.ForeignKeyRelation[Place] = fields.ForeignKeyField(
        "models.Place", related_name="rearrangements", on_delete=fields.CASCADE
    )
    kind = fields.TextField()
    state = fields.TextField(default="listed")
    rev = fields.IntField(default=0)
    message_ref = fields.TextField(default="")
    wanted: fields.Field[dict[str, object]] = fields.JSONField(default=dict)
    changes: fields.Field[list[dict[str, object]]] = fields.JSONField(default=list)
    created_at = fields.DatetimeField()
    applied_at = fields.DatetimeField(null=True)
    undo_until = fields.DatetimeField(null=True)

    team_id: UUID
    member_id: UUID
    place_id: UUID

    class Meta:
        table = "rearrangement"
        indexes = (Index(fields=("team_id", "kind", "applied_at"), name="rearrangement_by_kind"),)


async def lock_rearrangement(rearrangement_id: object) -> Rearrangement | None:
    """Return it and hold it until the transaction ends; None when it is gone."""
    return await Rearrangement.filter(id=rearrangement_id).select_for_update().first()
