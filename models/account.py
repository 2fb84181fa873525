"""A team's account on a platform, its sealed token, and the way it gets connected."""

from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.ids import new_id
from models.team import Member, Place, Team

ACCOUNT_STATES = ("unconfirmed", "active", "needs_reconnect", "held", "disconnected")
"""`unconfirmed`: connected in a browser, not yet confirmed in the chat as theirs (K26)."""


class Account(Model):
    """An account on a platform. It belongs to one team of an installation at a time (K8).

    `sealed_token` is what `models.sealed` made of the token, never the token. `app_user_id` is the
    id the platform's callbacks use. `trouble` says why it needs a person (a `Trouble` key).
    `quota_total` posts may go out within `quota_window_seconds`, as the platform last told; None
    while it told nothing.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    team: fields.ForeignKeyRelation[Team] = fields.ForeignKeyField(
        "models.Team", related_name="accounts", on_delete=fields.CASCADE
    )
    connected_by: fields.ForeignKeyNullableRelation[Member] = fields.ForeignKeyField(
        "models.Member", related_name="connected_accounts", null=True, on_delete=fields.SET_NULL
    )
    platform = fields.TextField()
    platform_user_id = fields.TextField()
    app_user_id = fields.TextField(default="")
    username = fields.TextField()
    display_name = fields.TextField(default="")
    account_type = fields.TextField(default="")
    state = fields.TextField(default="unconfirmed")
    trouble = fields.TextField(default="")
    scopes: fields.Field[list[str]] = fields.JSONField(default=list)
    sealed_token = fields.TextField(default="")
    token_version = fields.IntField(default=0)
    token_issued_at = fields.DatetimeField(null=True)
    token_expires_at = fields.DatetimeField(null=True)
    refresh_started_at = fields.DatetimeField(null=True)
    checked_at = fields.DatetimeField(null=True)
    quota_total = fields.IntField(null=True)
    quota_window_seconds = fields.IntField(null=True)
    quota_read_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()

    team_id: UUID
    connected_by_id: UUID | None

    class Meta:
        table = "account"
        unique_together = (("platform", "platform_user_id"),)
        indexes = (
            Index(fields=("team_id", "state"), name="account_by_team"),
            Index(fields=("platform", "app_user_id"), name="account_by_app_user"),
        )


class ConnectState(Model):
    """One way to connect an account, used once, for ten minutes, by one person in one browser.

    Only hashes are kept (SHA-256, hex): `link_hash` of the link in the chat, `state_hash` of the
    OAuth state, `cookie_hash` of the browser's cookie. `post_id` is a post to
    go on with afterwards.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    platform = fields.TextField()
    link_hash = fields.CharField(max_length=64, unique=True)
    state_hash = fields.CharField(max_length=64, null=True, unique=True)
    cookie_hash = fields.TextField(null=True)
    team: fields.ForeignKeyRelation[Team] = fields.ForeignKeyField(
        "models.Team", related_name="connect_states", on_delete=fields.CASCADE
    )
    member: fields.ForeignKeyRelation[Member] = fields.ForeignKeyField(
        "models.Member", related_name="connect_states", on_delete=fields.CASCADE
    )
    place: fields.ForeignKeyRelation[Place] = fields.ForeignKeyField(
        "models.Place", related_name="connect_states", on_delete=fields.CASCADE
    )
    post_id = fields.UUIDField(null=True)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)

    team_id: UUID
    member_id: UUID
    place_id: UUID

    class Meta:
        table = "connect_state"


class DeletionRequest(Model):
    """A platform's request to forget a person's data, and how far we are with it."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    platform = fields.TextField()
    confirmation_code = fields.CharField(max_length=64, unique=True)
    app_user_id = fields.TextField()
    requested_at = fields.DatetimeField()
    done_at = fields.DatetimeField(null=True)

    class Meta:
        table = "deletion_request"
