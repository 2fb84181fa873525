# ruff: noqa: ARG002 - a contract names arguments that a fake has no use for
"""A platform as the login needs it: grants what a test says, remembers what it was asked."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlencode

from pydantic import SecretStr

from platforms.contract import (
    Complaint,
    Credentials,
    Grant,
    Handle,
    Made,
    Outgoing,
    PlatformCard,
    Profile,
    Published,
    Quota,
    Ready,
    Receipt,
    Waiting,
)
from platforms.errors import PlatformError, Rejected, Trouble


class FakeLoginPlatform:
    """Codes are given out with `code_for` and taken once; `signed=<user>` is a signed callback."""

    def __init__(self, name: str = "instagram", title: str = "Instagram") -> None:
        self.card = PlatformCard(
            name=name,
            title=title,
            kinds=("image",),
            scopes_needed=("basic", "publish"),
            scope_meanings={
                "basic": "see which account it is",
                "publish": "publish posts for you",
            },
            max_caption_chars=2200,
            max_hashtags=30,
            max_items=10,
            token_refresh_after=timedelta(days=7),
            token_life=timedelta(days=60),
        )
        self.consent_page = f"https://{name}.example/oauth/authorize"
        self.exchanged: list[tuple[str, str]] = []
        self.fails_with: PlatformError | None = None
        self.hangs = False
        self._codes: dict[str, tuple[Grant, Profile]] = {}
        self._profiles: dict[str, Profile] = {}

    def code_for(
        self,
        username: str,
        *,
        user_id: str = "",
        scopes: tuple[str, ...] = ("basic", "publish"),
        can_publish: bool = True,
        display_name: str = "",
    ) -> str:
        """Return a code that gives a token of *username*; its app-scoped id is "app-<id>"."""
        user_id = user_id or f"id-{username}"
        number = len(self._codes) + 1
        code, token = f"code-{number}", f"SECRET-token-{number}"
        grant = Grant(SecretStr(token), timedelta(days=60), scopes, f"app-{user_id}")
        profile = Profile(
            platform_user_id=user_id,
            username=username,
            display_name=display_name,
            account_type="BUSINESS" if can_publish else "PERSONAL",
            can_publish=can_publish,
            app_user_id=f"app-{user_id}",
        )
        self._codes[code] = (grant, profile)
        self._profiles[token] = profile
        return code

    def authorize_url(self, *, state: str, redirect_uri: str) -> str:
        return f"{self.consent_page}?{urlencode({'state': state, 'redirect_uri': redirect_uri})}"

    async def exchange_code(self, *, code: str, redirect_uri: str) -> Grant:
        self.exchanged.append((code, redirect_uri))
        if self.hangs:
            await asyncio.Event().wait()
        if self.fails_with is not None:
            raise self.fails_with
        if code not in self._codes:
            raise Rejected(Trouble.LOGIN_EXPIRED, code="400")
        return self._codes.pop(code)[0]

    async def refresh(self, token: SecretStr) -> Grant:
        return Grant(token, timedelta(days=60))

    async def whoami(self, token: SecretStr) -> Profile:
        return self._profiles[token.get_secret_value()]

    async def revoke(self, token: SecretStr) -> None:
        raise AssertionError("revoking would end what another team has")

    def review(self, outgoing: Outgoing) -> list[Complaint]:
        return []

    async def prepare(
        self, who: Credentials, outgoing: Outgoing, handles: Sequence[Handle]
    ) -> Made | Waiting | Ready:
        return Ready()

    async def check(
        self, who: Credentials, handles: Sequence[Handle]
    ) -> Waiting | Ready | Published:
        return Ready()

    async def publish(self, who: Credentials, handles: Sequence[Handle]) -> Published:
        return Published(Receipt())

    async def find_published(
        self, who: Credentials, outgoing: Outgoing, *, since: datetime
    ) -> Receipt | None:
        return None

    async def describe(self, who: Credentials, media_id: str) -> Receipt:
        return Receipt(media_id)

    async def quota(self, who: Credentials) -> Quota | None:
        return None

    def verify_callback(self, body: bytes) -> str:
        key, _, user = body.decode(errors="replace").partition("=")
        if key != f"signed-by-{self.card.name}" or not user:
            raise Rejected(Trouble.OUR_MISTAKE, code="signed_request")
        return user
