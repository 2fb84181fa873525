"""The post people talk about, the targets the engine moves, and what is tried for them.

The two tables of legal moves stand here, each held twice: by the one function that writes the
state, and by a trigger in the database (a test keeps the three equal).
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.account import Account
from models.ids import new_id
from models.team import Member, Place, Team

POST_MOVES: Mapping[str, frozenset[str]] = {
    "draft": frozenset({"awaiting_approval", "committed", "cancelled"}),
    "awaiting_approval": frozenset({"committed", "draft", "cancelled"}),
    "committed": frozenset({"draft", "awaiting_approval", "cancelled"}),
    "cancelled": frozenset({"draft", "awaiting_approval", "committed"}),
}
"""`post.stage`: where a post stands for the people. Leaving `cancelled` is Undo (K3)."""

_HELD = frozenset({"deferred", "blocked", "failed", "cancelled"})

TARGET_MOVES: Mapping[str, frozenset[str]] = {
    "draft": frozenset({"awaiting_approval", "scheduled", "cancelled"}),
    "awaiting_approval": frozenset({"scheduled", "draft", "cancelled"}),
    "scheduled": _HELD | {"preparing", "late", "draft"},
    "preparing": _HELD | {"waiting_media", "ready", "scheduled", "late"},
    "waiting_media": _HELD | {"ready", "preparing", "scheduled", "late"},
    "ready": _HELD | {"publishing", "preparing", "scheduled", "late"},
    "publishing": frozenset(
        {"published", "ready", "preparing", "deferred", "blocked", "failed", "unconfirmed"}
    ),
    "published": frozenset(),
    "unconfirmed": frozenset({"published", "scheduled", "cancelled"}),
    "late": frozenset({"scheduled", "cancelled"}),
    "deferred": frozenset(
        {"scheduled", "preparing", "waiting_media", "ready", "publishing"}
        | {"blocked", "failed", "cancelled"}
    ),
    "blocked": frozenset({"scheduled", "late", "cancelled"}),
    "failed": frozenset({"scheduled", "cancelled"}),
    "cancelled": frozenset({"scheduled", "draft"}),
}
"""`target.state`: where one post stands on one account (engine states)."""

WAITING_STATES = ("scheduled", "preparing", "waiting_media", "ready", "publishing", "deferred")
"""States in which `next_attempt_at` means work for the engine."""

OPEN_STATES = (*WAITING_STATES, "late", "blocked", "unconfirmed")
"""States that are not an end: the post may still go out."""


class Post(Model):
    """What people talk about: media, a caption, a time. Has one target per account once booked.

    `source_text` is what was written, `caption` what remains of it, `when_words` what was taken as
    time. `readings` is what was understood (a list, each JSON both ways); `question` names what is
    still open ("no_time", "past", "ambiguous", "suggested", "account", …) or "".
    `due_at`, `wall_time`, `zone` are the chosen slot; a draft may have one before any account.
    `rev` grows with every visible change; buttons carry it.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    team: fields.ForeignKeyRelation[Team] = fields.ForeignKeyField(
        "models.Team", related_name="posts", on_delete=fields.CASCADE
    )
    author: fields.ForeignKeyRelation[Member] = fields.ForeignKeyField(
        "models.Member", related_name="posts", on_delete=fields.CASCADE
    )
    place: fields.ForeignKeyRelation[Place] = fields.ForeignKeyField(
        "models.Place", related_name="posts", on_delete=fields.CASCADE
    )
    number = fields.IntField()
    kind = fields.TextField(default="image")
    stage = fields.TextField(default="draft")
    rev = fields.IntField(default=0)
    source_ref = fields.TextField(default="")
    source_album = fields.TextField(default="")
    source_text = fields.TextField(default="")
    source_entities: fields.Field[list[list[object]]] = fields.JSONField(default=list)
    caption = fields.TextField(default="")
    caption_source = fields.TextField(default="message")
    when_words = fields.TextField(default="")
    readings: fields.Field[list[dict[str, object]]] = fields.JSONField(default=list)
    question = fields.TextField(default="")
    complaints: fields.Field[list[dict[str, object]]] = fields.JSONField(default=list)
    notes: fields.Field[dict[str, object]] = fields.JSONField(default=dict)
    due_at = fields.DatetimeField(null=True)
    wall_time = fields.TextField(default="")
    zone = fields.TextField(default="")
    cancelled_at = fields.DatetimeField(null=True)
    undo_stage = fields.TextField(default="")
    undo_until = fields.DatetimeField(null=True)
    changed_by: fields.ForeignKeyNullableRelation[Member] = fields.ForeignKeyField(
        "models.Member", related_name="changed_posts", null=True, on_delete=fields.SET_NULL
    )
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()

    targets: fields.ReverseRelation["Target"]
    media: fields.ReverseRelation["Media"]
    team_id: UUID
    author_id: UUID
    place_id: UUID
    changed_by_id: UUID | None

    class Meta:
        table = "post"
        unique_together = (("team", "number"),)
        indexes = (
            Index(fields=("author_id", "stage"), name="post_by_author"),
            Index(fields=("place_id", "source_ref"), name="post_by_source"),
            Index(fields=("team_id", "due_at"), name="post_by_due"),
        )


class Target(Model):
    """One post on one account; the unit the engine moves.

    `epoch` fences old owners out (+1 at every claim). `intent_at` is the committed fact that the
    publish call is about to be sent. `reads` counts looks after an unknown outcome; `calls` counts
    publish calls. `resume_state` is where a deferred one goes on. `last_error` holds trouble,
    code and params for the words. `lateness_allowed` is set when a person said "publish it now".
    `link_tries` counts the later looks at one that is over: for its link, or whether it is live.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    post: fields.ForeignKeyRelation[Post] = fields.ForeignKeyField(
        "models.Post", related_name="targets", on_delete=fields.CASCADE
    )
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="targets", on_delete=fields.CASCADE
    )
    state = fields.TextField(default="scheduled")
    rev = fields.IntField(default=0)
    due_at = fields.DatetimeField()
    wall_time = fields.TextField(default="")
    zone = fields.TextField(default="")
    next_attempt_at = fields.DatetimeField(null=True)
    attempt = fields.IntField(default=0)
    epoch = fields.BigIntField(default=0)
    lease_owner = fields.TextField(null=True)
    lease_until = fields.DatetimeField(null=True)
    intent_at = fields.DatetimeField(null=True)
    reads = fields.IntField(default=0)
    polls = fields.IntField(default=0)
    calls = fields.IntField(default=0)
    renewals = fields.IntField(default=0)
    resume_state = fields.TextField(default="")
    lateness_allowed = fields.BooleanField(default=False)
    platform_media_id = fields.TextField(default="")
    permalink = fields.TextField(default="")
    link_tries = fields.IntField(default=0, db_default=0)
    published_at = fields.DatetimeField(null=True)
    last_error_code = fields.TextField(default="")
    last_error: fields.Field[dict[str, object]] = fields.JSONField(default=dict)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()

    handles: fields.ReverseRelation["Handle"]
    attempts: fields.ReverseRelation["Attempt"]
    post_id: UUID
    account_id: UUID

    class Meta:
        table = "target"
        unique_together = (("post", "account"),)
        indexes = (Index(fields=("account_id", "state"), name="target_by_account"),)


class Handle(Model):
    """What a platform gave us while preparing (a container, an upload); nothing public yet."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    target: fields.ForeignKeyRelation[Target] = fields.ForeignKeyField(
        "models.Target", related_name="handles", on_delete=fields.CASCADE
    )
    purpose = fields.TextField()
    ordinal = fields.IntField(default=0)
    external_id = fields.TextField()
    made_at = fields.DatetimeField()
    lapses_at = fields.DatetimeField(null=True)
    ever_published = fields.BooleanField(default=False)
    dropped_at = fields.DatetimeField(null=True)

    target_id: UUID

    class Meta:
        table = "handle"
        indexes = (Index(fields=("target_id", "made_at"), name="handle_by_target"),)


class Attempt(Model):
    """One try of one step for a target: what was done, how long it took, what came of it."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    target: fields.ForeignKeyRelation[Target] = fields.ForeignKeyField(
        "models.Target", related_name="attempts", on_delete=fields.CASCADE
    )
    step = fields.TextField()
    number = fields.IntField(default=1)
    outcome = fields.TextField(default="open")
    error_code = fields.TextField(default="")
    error: fields.Field[dict[str, object]] = fields.JSONField(default=dict)
    duration_ms = fields.IntField(null=True)
    created_at = fields.DatetimeField()
    finished_at = fields.DatetimeField(null=True)

    target_id: UUID

    class Meta:
        table = "attempt"
        indexes = (Index(fields=("target_id", "created_at"), name="attempt_by_target"),)


class Media(Model):
    """A picture or video of a post, from the moment the chat named it.

    `file_id` is what the chat hands it out by (never an address). States: pending (not fetched),
    stored, refused (`refusal` says why), gone (the chat has it no more), removed.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    post: fields.ForeignKeyRelation[Post] = fields.ForeignKeyField(
        "models.Post", related_name="media", on_delete=fields.CASCADE
    )
    ordinal = fields.IntField(default=0)
    state = fields.TextField(default="pending")
    source = fields.TextField()
    file_id = fields.TextField()
    unique_id = fields.TextField(default="")
    message_ref = fields.TextField(default="")
    sent_as = fields.TextField(default="photo")
    claimed_mime = fields.TextField(default="")
    claimed_bytes = fields.BigIntField(null=True)
    kind = fields.TextField(default="image")
    mime = fields.TextField(default="")
    size_bytes = fields.BigIntField(default=0)
    width = fields.IntField(null=True)
    height = fields.IntField(null=True)
    duration_seconds = fields.FloatField(null=True)
    sha256 = fields.TextField(default="")
    storage_key = fields.TextField(default="")
    alt_text = fields.TextField(default="")
    refusal = fields.TextField(default="")
    attempts = fields.IntField(default=0)
    next_attempt_at = fields.DatetimeField(null=True)
    lease_until = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()

    post_id: UUID

    class Meta:
        table = "media"
        indexes = (
            Index(fields=("post_id", "ordinal"), name="media_by_post"),
            Index(fields=("state", "next_attempt_at"), name="media_by_state"),
        )


async def copy_media(source: Post, target: Post, *, now: datetime) -> None:
    """Give *target* the media of *source*; what is still to be fetched is fetched for it too."""
    for item in await Media.filter(post_id=source.id).exclude(state="removed").order_by("ordinal"):
        values = {
            name: getattr(item, name)
            for name in Media._meta.fields_map  # noqa: SLF001 - every column but the keys
            if name not in {"id", "post", "post_id", "attempts", "lease_until"}
        }
        if item.state == "pending":
            values["next_attempt_at"] = now
        await Media.create(post=target, **values)


async def lock_post(post_id: object) -> Post | None:
    """Return the post and hold it until the transaction ends; None when it is gone."""
    return await Post.filter(id=post_id).select_for_update().first()
