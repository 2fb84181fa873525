"""Bringing the Slack app into workspaces and organisations: consent page, code, installation."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import aiohttp
from pydantic import SecretStr
from slack_sdk.web.async_client import AsyncWebClient

from integrations.chat import ChatError, Installed
from integrations.slack.calling import CALL_SECONDS, plain_errors
from integrations.slack.inbound import CHAT
from integrations.slack.scopes import SCOPES


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
            ChatError: Slack does not take the code, the app is set up with tokens that end after
                hours, or a scope is missing.
        """
        async with plain_errors():
            # In the body, not as the client's own method does it: by a kind of login that
            # aiohttp gives up (3.14), and never in the address.
            answer = await self._client.api_call(
                "oauth.v2.access",
                data={
                    "client_id": self._settings.client_id,
                    "client_secret": self._settings.client_secret.get_secret_value(),
                    "code": code,
                    "redirect_uri": redirect_uri,
                },
            )
        found = answer.data
        if not isinstance(found, dict):
            raise ChatError("an answer that is none")
        return _installed(found)

    def link_into(self, installed: Installed) -> str:
        """Return a link that opens the app in Slack."""
        team = "" if installed.is_org else f"&team={installed.workspace}"
        return f"https://slack.com/app_redirect?app={installed.app_id}{team}"


def _installed(found: Mapping[str, Any]) -> Installed:
    if found.get("refresh_token"):
        raise ChatError("token rotation is on: switch it off in the app's settings")
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
    return Installed(
        workspace=workspace,
        token=SecretStr(token),
        is_org=is_org,
        name=str(where.get("name") or ""),
        app_id=str(found.get("app_id") or ""),
        bot_user=str(found.get("bot_user_id") or ""),
        scopes=scopes,
        installed_by=str(person.get("id") or "") if isinstance(person, dict) else "",
    )
