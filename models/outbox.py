"""What is to be said, written in the transaction of the change it tells about."""

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.ids import new_id
from models.team import Member, Place


class Outbox(Model):
    """Something happened to a subject that people should see.

    It names *what* changed (`subject_kind`, `subject_id`, `event`), not the words: those are
    found when it is sent, so the latest state wins. `purpose` is "card" (keep the one card true),
    "notice" (a message that pings) or "say" (a passing answer). `place_id` None = the courier
    finds the places. `payload` holds what cannot be read back from the subject.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    subject_kind = fields.TextField()
    subject_id = fields.UUIDField()
    event = fields.TextField()
    purpose = fields.TextField(default="card")
    place: fields.ForeignKeyNullableRelation[Place] = fields.ForeignKeyField(
        "models.Place", related_name="outbox", null=True, on_delete=fields.CASCADE
    )
    payload: fields.Field[dict[str, object]] = fields.JSONField(default=dict)
    created_at = fields.DatetimeField()
    fanned_out_at = fields.DatetimeField(null=True)

    place_id: UUID | None

    class Meta:
        table = "outbox"
        indexes = (Index(fields=("subject_kind", "subject_id"), name="outbox_by_subject"),)


async def tell(
    subject_kind: str,
    subject_id: UUID,
    event: str,
    *,
    now: datetime,
    purpose: str = "card",
    place_id: UUID | None = None,
    payload: dict[str, object] | None = None,
) -> None:
    """Write down that something is to be said; call it in the transaction of the change."""
    await Outbox.create(
        subject_kind=subject_kind,
        subject_id=subject_id,
        event=event,
        purpose=purpose,
        place_id=place_id,
        payload=payload or {},
        created_at=now,
    )


class Delivery(Model):
    """One outbox row on its way to one place. States: waiting, sent, dropped, undeliverable."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    outbox: fields.ForeignKeyRelation[Outbox] = fields.ForeignKeyField(
        "models.Outbox", related_name="deliveries", on_delete=fields.CASCADE
    )
    place: fields.ForeignKeyRelation[Place] = fields.ForeignKeyField(
        "models.Place", related_name="deliveries", on_delete=fields.CASCADE
    )
    state = fields.TextField(default="waiting")
    attempts = fields.IntField(default=0)
    next_attempt_at = fields.DatetimeField()
    lease_until = fields.DatetimeField(null=True)
    message_ref = fields.TextField(default="")
    error = fields.TextField(default="")
    created_at = fields.DatetimeField()
    sent_at = fields.DatetimeField(null=True)

    outbox_id: UUID
    place_id: UUID

    class Meta:
        table = "delivery"
        unique_together = (("outbox", "place"),)
        indexes = (Index(fields=("state", "next_attempt_at"), name="delivery_by_state"),)


class CardMessage(Model):
    """The one message that shows a subject in a place for a purpose, edited ever after."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    subject_kind = fields.TextField()
    subject_id = fields.UUIDField()
    place: fields.ForeignKeyRelation[Place] = fields.ForeignKeyField(
        "models.Place", related_name="cards", on_delete=fields.CASCADE
    )
    purpose = fields.TextField(default="card")
    message_ref = fields.TextField(default="")
    shown_hash = fields.TextField(default="")
    rev_shown = fields.IntField(default=-1)
    updated_at = fields.DatetimeField()

    place_id: UUID

    class Meta:
        table = "card"
        unique_together = (("subject_kind", "subject_id", "place", "purpose"),)
        indexes = (Index(fields=("place_id", "message_ref"), name="card_by_message"),)


class Prompt(Model):
    """A question we asked somebody, for which the next typed words are the answer.

    One open per place and person. `expects` says what ("time", "caption", "zone", …).
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    place: fields.ForeignKeyRelation[Place] = fields.ForeignKeyField(
        "models.Place", related_name="prompts", on_delete=fields.CASCADE
    )
    member: fields.ForeignKeyRelation[Member] = fields.ForeignKeyField(
        "models.Member", related_name="prompts", on_delete=fields.CASCADE
    )
    expects = fields.TextField()
    subject_kind = fields.TextField(default="")
    subject_id = fields.UUIDField(null=True)
    detail: fields.Field[dict[str, object]] = fields.JSONField(default=dict)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)

    place_id: UUID
    member_id: UUID

    class Meta:
        table = "prompt"
        indexes = (Index(fields=("place_id", "member_id"), name="prompt_by_person"),)


class Audit(Model):
    """Who did what, when, from where. Only ever appended to."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    team_id = fields.UUIDField(null=True)
    actor_id = fields.UUIDField(null=True)
    action = fields.TextField()
    subject_kind = fields.TextField(default="")
    subject_id = fields.UUIDField(null=True)
    via = fields.TextField(default="")
    detail: fields.Field[dict[str, object]] = fields.JSONField(default=dict)
    at = fields.DatetimeField()

    class Meta:
        table = "audit"
        indexes = (Index(fields=("subject_kind", "subject_id"), name="audit_by_subject"),)
