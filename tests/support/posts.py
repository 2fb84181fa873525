"""Posts, accounts and people as they would be read from the database, for tests that need none."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from tortoise import Tortoise

from bot.cards.views import PostView
from models.account import Account
from models.database import MODEL_MODULES
from models.ids import new_id
from models.post import Media, Post, Target
from models.team import Member
from platforms.contract import PlatformCard
from platforms.instagram.adapter import CARD
from scheduling.when import Reading

# Relations between models are known only after this; nothing is connected.
Tortoise.init_models(list(MODEL_MODULES), "models")

NOW = datetime(2026, 11, 23, 14, 10, tzinfo=UTC)
"""Monday 23 November 2026, 15:10 in Berlin."""

SLOT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
BERLIN = "Europe/Berlin"
INSTAGRAM: PlatformCard = CARD


def a_member(**values: Any) -> Member:
    """Return Dana, who lives in Berlin."""
    return Member(
        **{"name": "Dana", "zone": BERLIN, "language": "en", "created_at": NOW, **values}
    )


def an_account(**values: Any) -> Account:
    """Return @brand, which works."""
    account = Account(
        **{
            "platform": "instagram",
            "platform_user_id": "17",
            "username": "brand",
            "account_type": "BUSINESS",
            "state": "active",
            "token_expires_at": NOW + timedelta(days=60),
            "created_at": NOW,
            "updated_at": NOW,
            **values,
        }
    )
    account._saved_in_db = True
    return account


def a_photo(**values: Any) -> Media:
    """Return a stored photo."""
    return Media(
        **{
            "source": "telegram:42",
            "file_id": "file",
            "kind": "image",
            "state": "stored",
            "created_at": NOW,
            **values,
        }
    )


def a_target(account: Account | None = None, **values: Any) -> Target:
    """Return a target due tomorrow at nine in Berlin."""
    return Target(
        **{
            "account": account or an_account(),
            "due_at": SLOT,
            "wall_time": "2026-11-24T09:00:00",
            "zone": BERLIN,
            "created_at": NOW,
            "updated_at": NOW,
            **values,
        }
    )


def a_post(**values: Any) -> Post:
    """Return post #142 as it was sent, with nothing known about its time."""
    return Post(
        **{
            "team_id": new_id(),
            "author_id": new_id(),
            "place_id": new_id(),
            "number": 142,
            "zone": BERLIN,
            "caption": "Autumn menu is here 🍂 #cafe",
            "source_ref": "77",
            "created_at": NOW,
            "updated_at": NOW,
            **values,
        }
    )


def a_draft(question: str, **values: Any) -> Post:
    """Return a draft that asks *question*."""
    return a_post(question=question, **values)


def a_view(
    post: Post,
    *targets: Target,
    media: tuple[Media, ...] | None = None,
    accounts: tuple[Account, ...] | None = None,
    author: Member | None = None,
    now: datetime = NOW,
) -> PostView:
    """Return what the card of *post* is drawn from; one photo and one account unless told."""
    own = tuple(target.account for target in targets)
    return PostView(
        post=post,
        author=author or a_member(),
        media=(a_photo(),) if media is None else media,
        targets=targets,
        accounts=(own or (an_account(),)) if accounts is None else accounts,
        now=now,
    )


def scheduled(
    state: str = "scheduled", *, post: dict[str, Any] | None = None, **values: Any
) -> PostView:
    """Return the view of a committed post whose one target stands in *state*."""
    known = {"stage": "committed", "due_at": SLOT, "when_words": "tomorrow 9am", **(post or {})}
    return a_view(a_post(**known), a_target(state=state, **values))


def a_reading(at: datetime, *, zone: str = BERLIN, **values: Any) -> Reading:
    """Return a reading of the moment *at*."""
    from zoneinfo import ZoneInfo

    local = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return Reading(**{"status": "ok", "tz": zone, "at_utc": at, "local": local, **values})


def an_id(number: int) -> UUID:
    """Return the same id for the same number."""
    return UUID(int=number)
