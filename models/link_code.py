"""One-time codes with which a person shows in a second chat who they are in the first."""

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.database import db
from models.ids import new_id
from models.team import Member

LIFETIME = timedelta(minutes=15)
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_CHARS = 8
_USE = """
UPDATE link_code SET used_at = $2, used_by_id = $3
WHERE code_hash = $1 AND used_at IS NULL AND expires_at > $2 AND member_id <> $3
RETURNING id
"""
_CONFIRM = """
UPDATE link_code SET confirmed_at = $2
WHERE id = $1 AND used_by_id = $3 AND confirmed_at IS NULL AND used_at > $4
RETURNING member_id
"""


class LinkCode(Model):
    """A code that `member` asked for. The code itself is told once and kept as a hash.

    Typed in another chat it is used up (`used_by`), and counts once that person confirmed it.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    member: fields.ForeignKeyRelation[Member] = fields.ForeignKeyField(
        "models.Member", related_name="link_codes", on_delete=fields.CASCADE
    )
    used_by: fields.ForeignKeyNullableRelation[Member] = fields.ForeignKeyField(
        "models.Member", related_name="used_link_codes", null=True, on_delete=fields.CASCADE
    )
    code_hash = fields.TextField()
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)
    confirmed_at = fields.DatetimeField(null=True)

    member_id: UUID
    used_by_id: UUID | None

    class Meta:
        table = "link_code"
        unique_together = (("code_hash",),)
        indexes = (Index(fields=("member_id",), name="link_code_by_member"),)


async def new_code(member_id: UUID, *, now: datetime) -> str:
    """Return a code of *member_id*, good once and for 15 minutes; earlier ones end with it."""
    await LinkCode.filter(member_id=member_id, used_at__isnull=True).delete()
    code = "".join(secrets.choice(_LETTERS) for _ in range(_CHARS))
    await LinkCode.create(
        member_id=member_id, code_hash=_hash(code), created_at=now, expires_at=now + LIFETIME
    )
    return f"{code[:4]}-{code[4:]}"


async def use_code(code: str, member_id: UUID, *, now: datetime) -> LinkCode | None:
    """Use *code* up for *member_id*; None when it is wrong, over, used, or that person's own."""
    rows = await db().execute_query_dict(_USE, [_hash(code), now, member_id])
    return await LinkCode.get(id=rows[0]["id"]).prefetch_related("member") if rows else None


async def confirm_code(code_id: UUID, member_id: UUID, *, now: datetime) -> UUID | None:
    """Return whose code it was, once, if *member_id* used it a short while ago."""
    rows = await db().execute_query_dict(_CONFIRM, [code_id, now, member_id, now - LIFETIME])
    return UUID(str(rows[0]["member_id"])) if rows else None


def _hash(code: str) -> str:
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()
