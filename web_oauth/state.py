"""The one-time secrets of connecting an account: link in the chat, OAuth state, cookie.

Each is 256 random bits, lives ten minutes and is kept as a hash only. The state is used once, by a
conditional UPDATE, and only in the browser that began: a link that was forwarded, a state from
elsewhere or a second try gain nothing.
"""

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal
from uuid import UUID

from tortoise.transactions import in_transaction

from models.account import ConnectState
from models.database import db
from models.outbox import tell

LIFE = timedelta(minutes=10)
"""How long a link in the chat is good, the login included."""

_SECRET_BYTES = 32
_SECRET_FORM = re.compile(r"[A-Za-z0-9_-]{43}\Z")


class Why(StrEnum):
    """Why a link or a state is not taken."""

    UNKNOWN = "unknown"
    USED = "used"
    EXPIRED = "expired"
    OTHER_BROWSER = "other_browser"


@dataclass(frozen=True, slots=True)
class Login:
    """A login that begins: the state for the platform, the cookie that binds it to a browser."""

    platform: str
    state: str
    cookie_name: str
    cookie_value: str


async def new_connect_link(
    *,
    platform: str,
    member_id: UUID,
    team_id: UUID,
    place_id: UUID,
    post_id: UUID | None,
    now: datetime,
    public_url: str,
) -> str:
    """Return a link that lets *member_id* connect an account; call it inside your transaction.

    The link is shown once in the chat and cannot be had again: only its hash is kept. *post_id*
    is a post to go on with afterwards.
    """
    token = secrets.token_urlsafe(_SECRET_BYTES)
    await ConnectState.create(
        platform=platform,
        link_hash=_hash(token),
        team_id=team_id,
        member_id=member_id,
        place_id=place_id,
        post_id=post_id,
        created_at=now,
        expires_at=now + LIFE,
    )
    return f"{public_url.rstrip('/')}/connect/{token}"


async def look_at_link(token: str, *, now: datetime) -> ConnectState | Why:
    """Return what a link in the chat stands for, changing nothing: a preview may look too."""
    found = await _by_hash("link_hash", token)
    if found is None:
        return Why.UNKNOWN
    return _why_closed(found, now) or found


async def begin_login(
    token: str, *, cookies: Mapping[str, str], is_https: bool, now: datetime
) -> Login | Why:
    """Mint state and cookie for the browser that follows a link.

    The first browser to do so keeps the link; it may begin again (the way back, a second press),
    and its earlier state is dead then.
    """
    found = await look_at_link(token, now=now)
    if isinstance(found, Why):
        return found
    name = cookie_name(found, is_https=is_https)
    state, cookie = secrets.token_urlsafe(_SECRET_BYTES), secrets.token_urlsafe(_SECRET_BYTES)
    rows = await db().execute_query_dict(
        "UPDATE connect_state SET state_hash = $1, cookie_hash = $2"
        " WHERE id = $3 AND used_at IS NULL AND expires_at > $4"
        " AND (cookie_hash IS NULL OR cookie_hash = $5) RETURNING id",
        [_hash(state), _hash(cookie), found.id, now, _hash(cookies.get(name, ""))],
    )
    if rows:
        return Login(found.platform, state, name, cookie)
    found = await look_at_link(token, now=now)
    return found if isinstance(found, Why) else Why.OTHER_BROWSER


async def finish_login(
    state: str, *, platform: str, cookies: Mapping[str, str], is_https: bool, now: datetime
) -> ConnectState | Why:
    """Use a state up, committed before any code is sent; returns who asked, where.

    A state of another platform is unknown here. In another browser it is refused and stays unused.
    One that lapsed is closed, and the chat is told so once.
    """
    found = await _by_hash("state_hash", state)
    if found is None or found.platform != platform:
        return Why.UNKNOWN
    cookie = cookies.get(cookie_name(found, is_https=is_https), "")
    if found.cookie_hash != _hash(cookie):
        return Why.OTHER_BROWSER
    rows = await db().execute_query_dict(
        "UPDATE connect_state SET used_at = $1 WHERE id = $2 AND state_hash = $3"
        " AND cookie_hash = $4 AND used_at IS NULL AND expires_at > $1 RETURNING id",
        [now, found.id, _hash(state), _hash(cookie)],
    )
    if rows:
        return found
    await found.refresh_from_db()
    why = _why_closed(found, now) or Why.USED
    if why is Why.EXPIRED:
        await _close_expired(found, now)
    return why


def cookie_name(asked: ConnectState, *, is_https: bool) -> str:
    """Return the name of the cookie of one login; several may run in one browser.

    Browsers take `__Host-` under https only; the demo runs on plain http.
    """
    return f"{'__Host-' if is_https else ''}postcue-{asked.link_hash[:16]}"


async def _by_hash(column: Literal["link_hash", "state_hash"], secret: str) -> ConnectState | None:
    if not _SECRET_FORM.match(secret):
        return None
    found = ConnectState.filter(**{column: _hash(secret)}).prefetch_related("member", "place")
    return await found.first()


def _why_closed(found: ConnectState, now: datetime) -> Why | None:
    if found.used_at is not None:
        return Why.USED
    return Why.EXPIRED if found.expires_at <= now else None


async def _close_expired(found: ConnectState, now: datetime) -> None:
    async with in_transaction():
        rows = await db().execute_query_dict(
            "UPDATE connect_state SET used_at = $1 WHERE id = $2 AND used_at IS NULL RETURNING id",
            [now, found.id],
        )
        if rows:
            await tell(
                "connect",
                found.id,
                "expired",
                now=now,
                purpose="notice",
                place_id=found.place_id,
                payload={"why": Why.EXPIRED.value, "platform": found.platform},
            )


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
