"""What every method of the Web API is handed, and how a method is declared."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from sandbox.slack.errors import SlackError
from sandbox.slack.limits import MAX_PAGE
from sandbox.slack.request import Params
from sandbox.slack.state import Channel, Install, Json, Message, StoredFile, User, Workspace
from sandbox.slack.world import World


@dataclass(frozen=True, slots=True)
class Ask:
    """One call: the world, who calls, and what was given."""

    world: World
    install: Install
    params: Params

    @property
    def me(self) -> str:
        """The bot's user id."""
        return self.install.bot_user

    @property
    def team(self) -> str:
        """The workspace meant: the token's, or for an org token the one that is named."""
        if not self.install.is_org:
            return self.install.team
        named = self.params.text("team_id")
        for workspace in self.world.state.workspaces.values():
            if workspace.enterprise == self.install.enterprise and named in {"", workspace.id}:
                return workspace.id
        raise SlackError("team_not_found")

    @property
    def workspace(self) -> Workspace:
        """The workspace meant."""
        return self.world.workspace(self.team)

    def is_mine(self, team_id: str) -> bool:
        """Tell whether the token is good in a workspace."""
        if not self.install.is_org:
            return team_id == self.install.team
        return self.world.workspace(team_id).enterprise == self.install.enterprise

    def channel(self, name: str = "channel", *, must_be_in: bool = False) -> Channel:
        """Give the channel a call names, if the bot may know it."""
        wanted = self.params.wanted(name)
        found = self.world.state.channels.get(wanted)
        if found is None or not self.is_mine(found.team):
            raise SlackError("channel_not_found")
        if self.me in found.members:
            return found
        if found.kind != "public":
            raise SlackError("channel_not_found")
        if must_be_in:
            raise SlackError("not_in_channel")
        return found

    def user(self, name: str = "user") -> User:
        """Give the person a call names."""
        found = self.world.state.users.get(self.params.wanted(name))
        if found is None or not self.is_mine(found.team):
            raise SlackError("user_not_found")
        return found

    def message(self, channel: Channel, name: str = "ts") -> Message:
        """Give the message a call names."""
        found = channel.messages.get(self.params.wanted(name))
        if found is None or found.is_deleted:
            raise SlackError("message_not_found")
        return found

    def file(self) -> StoredFile:
        """Give the file a call names."""
        found = self.world.state.files.get(self.params.wanted("file"))
        if found is None or not self.is_mine(found.team):
            raise SlackError("file_not_found")
        if found.is_deleted:
            raise SlackError("file_deleted")
        return found

    def page(self, things: list[Json], *, usual: int) -> tuple[list[Json], Json]:
        """Give the asked page of *things* and the field that leads to the next."""
        limit = self.params.number("limit", usual) or usual
        if not 1 <= limit <= MAX_PAGE:
            raise SlackError("invalid_limit")
        cursor = self.params.text("cursor")
        start = 0
        if cursor:
            if not cursor.startswith("next_"):
                raise SlackError("invalid_cursor")
            start = int(cursor.removeprefix("next_"))
        end = start + limit
        following = f"next_{end}" if end < len(things) else ""
        return things[start:end], {"next_cursor": following}


Handler = Callable[[Ask], Awaitable[Json]]


@dataclass(frozen=True, slots=True)
class Method:
    """A method: what does it, and one of which scopes it takes (none: any token will do)."""

    handler: Handler
    scopes: tuple[str, ...] = ()
    token: Literal["bot", "app", "none"] = "bot"
