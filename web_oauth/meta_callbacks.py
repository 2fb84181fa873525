"""Meta's two calls about a person who leaves: deauthorize, and delete my data.

Both carry a `signed_request`; whichever configured platform can verify it is the one meant.
Source: Meta "Data Deletion Request Callback" (2025).
"""

import logging
import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from aiohttp import web
from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from models.account import Account, DeletionRequest
from models.clock import Clock
from models.database import db
from models.outbox import Audit, tell
from platforms.contract import Platform
from platforms.errors import Rejected, Trouble
from web_oauth import words
from web_oauth.bodies import read_body
from web_oauth.pages import Pages

log = logging.getLogger(__name__)

MAX_FORM_BYTES = 64 * 1024
_CODE_FORM = re.compile(r"[A-Za-z0-9_-]{22}\Z")
_CODE_BYTES = 16

_BLOCK = """
UPDATE target SET state = 'blocked', rev = rev + 1, epoch = epoch + 1, lease_owner = NULL,
       lease_until = NULL, last_error_code = '',
       last_error = jsonb_build_object('trouble', $2::text, 'code', ''), updated_at = $3
WHERE account_id = ANY($1::uuid[])
  AND (state IN ('scheduled', 'preparing', 'waiting_media', 'ready')
       OR (state = 'deferred' AND resume_state <> 'publishing'))
RETURNING post_id
"""
# One that is being published is left alone: whether it is live has still to be found out.

_FORGET_POSTS = """
UPDATE target SET platform_media_id = '', permalink = ''
WHERE account_id = ANY($1::uuid[]) AND state <> 'publishing'
"""


class MetaCallbacks:
    """Deauthorize, deletion, and the page that says how far a deletion is."""

    def __init__(
        self, *, clock: Clock, public_url: str, platforms: Mapping[str, Platform], pages: Pages
    ) -> None:
        self._clock = clock
        self._public_url = public_url.rstrip("/")
        self._platforms = platforms
        self._pages = pages

    def routes(self) -> list[web.AbstractRouteDef]:
        """Return the routes."""
        return [
            web.post("/meta/deauthorize", self.deauthorize),
            web.post("/meta/deletion", self.delete),
            web.get("/meta/deletion/{code}", self.status),
        ]

    async def deauthorize(self, request: web.Request) -> web.Response:
        """Disconnect the accounts of a person who removed our app."""
        platform, user_id = await self._signed(request)
        now = self._clock.now()
        async with in_transaction():
            accounts = await _accounts_of(platform, user_id)
            await disconnect(accounts, reason="deauthorized", now=now)
        log.info("meta.deauthorized", extra={"platform": platform, "accounts": len(accounts)})
        return web.json_response({"accounts": len(accounts)})

    async def delete(self, request: web.Request) -> web.Response:
        """Take a deletion request: write it down with its code, then do it at once.

        The request is committed first, so what a crash cuts off is finished by
        `finish_open_deletions`.
        """
        platform, user_id = await self._signed(request)
        now = self._clock.now()
        asked = await DeletionRequest.create(
            platform=platform,
            confirmation_code=secrets.token_urlsafe(_CODE_BYTES),
            app_user_id=user_id,
            requested_at=now,
        )
        await forget(asked, now=now)
        log.info("meta.deleted", extra={"platform": platform, "request": str(asked.id)})
        code = asked.confirmation_code
        return web.json_response(
            {"url": f"{self._public_url}/meta/deletion/{code}", "confirmation_code": code}
        )

    async def status(self, request: web.Request) -> web.Response:
        """Say how far a deletion is."""
        code = request.match_info["code"]
        asked = None
        if _CODE_FORM.match(code):
            asked = await DeletionRequest.get_or_none(confirmation_code=code)
        if asked is None:
            return self._pages.say(words.NOT_FOUND, status=404)
        platform = self._platforms.get(asked.platform)
        return self._pages.page(
            "deletion.html",
            platform=platform.card.title if platform else asked.platform,
            requested_at=asked.requested_at,
            done_at=asked.done_at,
            code=asked.confirmation_code,
        )

    async def _signed(self, request: web.Request) -> tuple[str, str]:
        """Return platform and app-scoped user id of a request that one of them signed."""
        body = await read_body(request, max_bytes=MAX_FORM_BYTES)
        for name, platform in self._platforms.items():
            try:
                return name, platform.verify_callback(body)
            except Rejected:
                continue
        log.warning("meta.refused")
        raise web.HTTPBadRequest(text="not signed by any platform of ours")


async def finish_open_deletions(*, now: datetime) -> int:
    """Do what a crash left of deletion requests; returns how many were finished."""
    open_ones = await DeletionRequest.filter(done_at=None).order_by("requested_at").limit(100)
    for asked in open_ones:
        await forget(asked, now=now)
    return len(open_ones)


async def forget(asked: DeletionRequest, *, now: datetime) -> None:
    """Delete what a platform gave us about a person, and note that it is done.

    Token, names and ids go; what the team wrote itself stays. The rows stay as well, without
    name, so that the team's history still has a place to point to.
    """
    async with in_transaction():
        accounts = await _accounts_of(asked.platform, asked.app_user_id)
        await disconnect(accounts, reason="deleted", now=now)
        await db().execute_query_dict(_FORGET_POSTS, [[account.id for account in accounts]])
        for account in accounts:
            account.platform_user_id = f"deleted:{account.id}"
            account.app_user_id = ""
            account.username = "deleted"
            account.display_name = ""
            account.account_type = ""
            account.scopes = []
            await account.save()
        asked.app_user_id = ""
        asked.done_at = now
        await asked.save()


async def disconnect(accounts: Sequence[Account], *, reason: str, now: datetime) -> None:
    """Take the tokens of *accounts* away and hold their posts; call it in a transaction.

    An account that was disconnected before loses what is left of its token without another word.
    """
    was_open = [account for account in accounts if account.state != "disconnected"]
    for account in accounts:
        account.state = "disconnected"
        account.trouble = Trouble.ACCESS_REMOVED
        account.sealed_token = ""
        account.token_version += 1
        account.token_expires_at = None
        account.refresh_started_at = None
        account.updated_at = now
        await account.save()
    posts = await db().execute_query_dict(
        _BLOCK, [[account.id for account in accounts], Trouble.ACCESS_REMOVED.value, now]
    )
    for post_id in sorted({UUID(str(row["post_id"])) for row in posts}):
        await tell("post", post_id, "changed", now=now)
    for account in was_open:
        await _write_down(account, reason, now)


async def _write_down(account: Account, reason: str, now: datetime) -> None:
    await Audit.create(
        team_id=account.team_id,
        action=f"account.{reason}",
        subject_kind="account",
        subject_id=account.id,
        via="meta",
        at=now,
    )
    await tell("account", account.id, "changed", now=now)
    await tell(
        "account",
        account.id,
        "disconnected",
        now=now,
        purpose="notice",
        payload={"reason": reason},
    )


async def _accounts_of(platform: str, user_id: str) -> list[Account]:
    """Return a person's accounts, locked. Meta names the app-scoped id, at times the other one."""
    if not user_id:
        return []
    return (
        await Account.filter(Q(app_user_id=user_id) | Q(platform_user_id=user_id))
        .filter(platform=platform)
        .order_by("id")
        .select_for_update()
    )
