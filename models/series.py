"""A recurring post: its rule, and where it stands. Each run becomes a post of its own."""

from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.account import Account
from models.ids import new_id
from models.post import Post
from models.team import Member, Team

SERIES_STATES = ("active", "paused", "ended")


class Series(Model):
    """A rule that makes posts out of a template (a post that itself never goes out).

    `rule` is an RFC 5545 value without DTSTART; `dtstart` is its first run as naive wall clock in
    `zone`. `next_at` is the next run that has no post yet (None when there is none any more).
    `skipped` holds the runs that were left out, as wall clocks. `number` is per team ("S7").
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    team: fields.ForeignKeyRelation[Team] = fields.ForeignKeyField(
        "models.Team", related_name="series", on_delete=fields.CASCADE
    )
    author: fields.ForeignKeyRelation[Member] = fields.ForeignKeyField(
        "models.Member", related_name="series", on_delete=fields.CASCADE
    )
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="series", on_delete=fields.CASCADE
    )
    template: fields.ForeignKeyRelation[Post] = fields.ForeignKeyField(
        "models.Post", related_name="series", on_delete=fields.CASCADE
    )
    number = fields.IntField()
    state = fields.TextField(default="active")
    rule = fields.TextField()
    dtstart = fields.TextField()
    zone = fields.TextField()
    next_at = fields.DatetimeField(null=True)
    skipped: fields.Field[list[str]] = fields.JSONField(default=list)
    created_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

    team_id: UUID
    author_id: UUID
    account_id: UUID
    template_id: UUID

    class Meta:
        table = "series"
        unique_together = (("team", "number"),)
        indexes = (Index(fields=("state", "next_at"), name="series_by_next"),)


class Occurrence(Model):
    """One run of a series: unique by series and slot, so it becomes a post once."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    series: fields.ForeignKeyRelation[Series] = fields.ForeignKeyField(
        "models.Series", related_name="occurrences", on_delete=fields.CASCADE
    )
    slot_at = fields.DatetimeField()
    post: fields.OneToOneRelation[Post] = fields.OneToOneField(
        "models.Post", related_name="occurrence", on_delete=fields.CASCADE
    )
    created_at = fields.DatetimeField()

    series_id: UUID
    post_id: UUID

    class Meta:
        table = "occurrence"
        unique_together = (("series", "slot_at"),)


async def lock_series(series_id: object) -> Series | None:
    """Return the series and hold it until the transaction ends."""
    return await Series.filter(id=series_id).select_for_update().first()
