"""How our app comes into the workspaces of a chat that has such."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from pydantic import SecretStr


@dataclass(frozen=True, slots=True)
class Installed:
    """What the service says once our app was let into a workspace (or an organisation).

    A token that ends after a while (`ends_in`) comes with one to renew it with (`refresh`).
    """

    workspace: str
    token: SecretStr
    is_org: bool = False
    name: str = ""
    app_id: str = ""
    bot_user: str = ""
    scopes: tuple[str, ...] = ()
    installed_by: str = ""
    refresh: SecretStr | None = None
    ends_in: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Renewed:
    """A token in the place of one that ends, what to renew it with, and how long it is good."""

    token: SecretStr
    refresh: SecretStr
    ends_in: timedelta


class Installer(Protocol):
    """Brings our app into workspaces, by a consent page of the service."""

    @property
    def chat(self) -> str:
        """The chat's name in the registry."""

    def consent_url(self, *, state: str, redirect_uri: str) -> str:
        """Return the address of the consent page."""

    async def finish(self, *, code: str, redirect_uri: str) -> Installed:
        """Turn the *code* that came back from there into an installation.

        Raises:
            ChatBusy: not now.
            ChatError: the service does not take it, or lets us do less than is needed.
        """

    async def renew(self, refresh: SecretStr) -> Renewed:
        """Turn what came with a token that ends into a new one.

        Raises:
            ChatBusy: not now.
            ChatError: the service will not do that any more.
        """

    def link_into(self, installed: Installed) -> str:
        """Return a link that opens the conversation with our bot there."""
