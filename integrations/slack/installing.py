"""Bringing the Slack app into workspaces and organisations: consent page, code, installation."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import aiohttp
from pydantic import SecretStr
from slack_sdk.web.async_client import AsyncWebClient

from integrations.chat.errors import ChatError
from integrations.chat.installing import Installed, Renewed
from integrations.slack.calling import CALL_SECONDS, plain_errors
from integrations.slack.inbound import CHAT
from integrations.slack.scopes import SCOPES

_LONGEST_LIFE_SECONDS = 366 * 24 * 3600


@dataclass(frozen=True, slots=True)
class SlackInstallerSettings:
    """The app as OAuth knows it, and where Slack is."""

    client_id: str
    client_secret: SecretStr
    api_url: str
    authorize_url: str


class SlackInstaller:
    """Brings the Slack app into workspaces."""

    def __init__(
        self, settings: SlackInstallerSettings, *, session: aiohttp.ClientSession
    ) -> None:
        self._settings = settings
        self._client = AsyncWebClient(
            base_url=settings.api_url,
            session=session,
            timeout=int(CALL_SECONDS),
            retry_handlers=[],
        )

    def __repr__(self) -> str:
        return f"<SlackInstaller {self._settings.client_id}>"

    @property
    def chat(self) -> str:
        """The chat's name in the registry."""
        return CHAT

    def consent_url(self, *, state: str, redirect_uri: str) -> str:
        """Return the address of Slack's consent page."""
        asked = {
            "client_id": self._settings.client_id,
            "scope": ",".join(SCOPES),
            "redirect_uri": redirect_uri,
            "state": state,
        }
        return f"{self._settings.authorize_url}?{urlencode(asked)}"

    async def finish(self, *, code: str, redirect_uri: str) -> Installed:
        """Turn a code into an installation.

        Raises:
            ChatBusy: not now.
            ChatError: Slack does not take the code, or a scope is missing.
        """
        return _installed(await self._access({"code": code, "redirect_uri": redirect_uri}))

    async def renew(self, refresh: SecretStr) -> Renewed:
        """Turn a refresh token, which is good for once, into a new pair of tokens.

        Raises:
            ChatBusy: not now.
            ChatError: Slack does not take it.
        """
        found = await self._access(
            {"grant_type": "refresh_token", "refresh_token": refresh.get_secret_value()}
        )
        token, (again, ends_in) = found.get("access_token"), _rotation(found)
        if not isinstance(token, str) or again is None or ends_in is None:
            raise ChatError("a new token that is none")
        return Renewed(SecretStr(token), again, ends_in)

    async def _access(self, what: Mapping[str, str]) -> Mapping[str, Any]:
        async with plain_errors():
            # In the body, not as the client's own method does it: by a kind of login that
            # aiohttp gives up (3.14), and never in the address.
            answer = await self._client.api_call(
                "oauth.v2.access",
                data={
                    "client_id": self._settings.client_id,
                    "client_secret": self._settings.client_secret.get_secret_value(),
                    **what,
                },
            )
        found = answer.data
        if not isinstance(found, dict):
            raise ChatError("an answer that is none")
        return found

    def link_into(self, installed: Installed) -> str:
        """Return a link that opens the app in Slack."""
        team = "" if installed.is_org else f"&team={installed.workspace}"
        return f"https://slack.com/app_redirect?app={installed.app_id}{team}"


def _installed(found: Mapping[str, Any]) -> Installed:
    scopes = tuple(one for one in str(found.get("scope") or "").split(",") if one)
    missing = [one for one in SCOPES if one not in scopes]
    if missing:
        raise ChatError(f"not granted: {', '.join(missing)}")
    is_org = found.get("is_enterprise_install") is True
    where = found.get("enterprise" if is_org else "team")
    where = where if isinstance(where, dict) else {}
    token, workspace = found.get("access_token"), where.get("id")
    if not isinstance(token, str) or not isinstance(workspace, str) or not workspace:
        raise ChatError("an installation without a token or a workspace")
    person = found.get("authed_user")
    refresh, ends_in = _rotation(found)
    return Installed(
        workspace=workspace,
        token=SecretStr(token),
        is_org=is_org,
        name=str(where.get("name") or ""),
        app_id=str(found.get("app_id") or ""),
        bot_user=str(found.get("bot_user_id") or ""),
        scopes=scopes,
        installed_by=str(person.get("id") or "") if isinstance(person, dict) else "",
        refresh=refresh,
        ends_in=ends_in,
    )


def _rotation(found: Mapping[str, Any]) -> tuple[SecretStr | None, timedelta | None]:
    """Return what renews a token and how long it is good; nothing where it never ends."""
    refresh, seconds = found.get("refresh_token"), found.get("expires_in")
    if not isinstance(refresh, str) or not refresh:
        return None, None
    if not isinstance(seconds, int) or not 0 <= seconds <= _LONGEST_LIFE_SECONDS:
        raise ChatError("a token that ends, nobody says when")
    return SecretStr(refresh), timedelta(seconds=seconds)
