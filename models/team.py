"""The team, the people in it, how chats know them, and the places they talk in."""

from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.ids import new_id


class Team(Model):
    """Those who post together. `next_number` numbers posts (`#142`), `next_series` series."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    name = fields.TextField(default="")
    next_number = fields.IntField(default=1)
    next_series = fields.IntField(default=1, db_default=1)
    settings: fields.Field[dict[str, object]] = fields.JSONField(default=dict)
    created_at = fields.DatetimeField()

    class Meta:
        table = "team"


class Member(Model):
    """A person in a team. No e-mail and no password: there is none to steal (K9)."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    team: fields.ForeignKeyRelation[Team] = fields.ForeignKeyField(
        "models.Team", related_name="members", on_delete=fields.CASCADE
    )
    name = fields.TextField(default="")
    role = fields.TextField(default="owner")
    language = fields.TextField(default="en")
    zone = fields.TextField(null=True)
    date_order = fields.TextField(null=True)
    hints: fields.Field[dict[str, object]] = fields.JSONField(default=dict)
    created_at = fields.DatetimeField()

    team_id: UUID

    class Meta:
        table = "member"
        indexes = (Index(fields=("team_id",), name="member_by_team"),)


class ChatIdentity(Model):
    """How one chat knows a member: (chat, workspace, their id there) is unique."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    member: fields.ForeignKeyRelation[Member] = fields.ForeignKeyField(
        "models.Member", related_name="identities", on_delete=fields.CASCADE
    )
    chat = fields.TextField()
    workspace = fields.TextField(default="")
    external_id = fields.TextField()
    username = fields.TextField(default="")
    created_at = fields.DatetimeField()

    member_id: UUID

    class Meta:
        table = "chat_identity"
        unique_together = (("chat", "workspace", "external_id"),)
        indexes = (Index(fields=("member_id",), name="chat_identity_by_member"),)


class Place(Model):
    """A conversation where a team talks with us, and what it is for.

    `purpose` is "direct" (a private chat), "home" (a person's Home), "group", or later "desk",
    "approvals", "failures".
    `person` is whose private chat it is. `is_open` turns false when the service says we cannot
    reach it any more. `tells_failures`: the team's failures are told there too; one place a team.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    team: fields.ForeignKeyRelation[Team] = fields.ForeignKeyField(
        "models.Team", related_name="places", on_delete=fields.CASCADE
    )
    chat = fields.TextField()
    workspace = fields.TextField(default="")
    chat_id = fields.TextField()
    thread = fields.TextField(default="")
    person: fields.ForeignKeyNullableRelation[Member] = fields.ForeignKeyField(
        "models.Member", related_name="own_places", null=True, on_delete=fields.SET_NULL
    )
    purpose = fields.TextField(default="direct")
    title = fields.TextField(default="")
    is_open = fields.BooleanField(default=True)
    tells_failures = fields.BooleanField(default=False, db_default=False)
    created_at = fields.DatetimeField()

    team_id: UUID
    person_id: UUID | None

    class Meta:
        table = "place"
        unique_together = (("chat", "workspace", "chat_id", "thread"),)
        indexes = (
            Index(fields=("team_id", "purpose"), name="place_by_team"),
            Index(fields=("person_id",), name="place_by_person"),
        )
