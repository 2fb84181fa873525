"""The stand-in for Slack as tests and the demo hold it: workspaces, people, faults, routes."""

import asyncio
import copy
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from aiohttp import web

from sandbox.chats.box import Box
from sandbox.clock import Clock, ShiftedClock
from sandbox.slack import limits, oauth
from sandbox.slack.delivery import Delivery, Office
from sandbox.slack.door import Door
from sandbox.slack.faults import Fault, FaultKind
from sandbox.slack.files import NEVER
from sandbox.slack.interacting import Hands, settled
from sandbox.slack.journal import Journal
from sandbox.slack.people import Person, Place
from sandbox.slack.state import App, Channel, Group, Install, Json, StoredFile, User, Workspace
from sandbox.slack.world import World

DEMO_WORKSPACE = "Lindenhof"
DEMO_COMMANDS = (
    {
        "command": "/post",
        "description": "Plan a post",
        "usage_hint": "[queue | drafts | connect | help]",
    },
)
DEMO_SHORTCUTS = (
    {"name": "Schedule this", "type": "message", "callback_id": "schedule_this"},
    {"name": "Add to draft", "type": "message", "callback_id": "add_to_draft"},
    {"name": "New post", "type": "global", "callback_id": "new_post"},
)


def demo_app() -> App:
    """Give the app as its settings would have it, in Socket Mode."""
    return App(
        id="A0SB0000001",
        name="Postcue",
        client_id="1000000001.2000000002",
        client_secret="sandbox-slack-client-secret",
        signing_secret="sandbox-slack-signing-secret-0001",
        verification_token="sandbox-verification",
        app_token="xapp-1-A0SB0000001-0001-sandbox",
        commands=[dict(one) for one in DEMO_COMMANDS],
        shortcuts=[dict(one) for one in DEMO_SHORTCUTS],
    )


class SlackSandbox(Box[Fault]):
    """A whole Slack: mount it with ``add_to(app)``, point an app at it, and speak as a person.

    The first workspace has the app installed (``token`` is its bot's). Events go over sockets
    until ``uses_http`` says where else. ``origin`` must be known before anything with an address
    in it is sent; it is learned from the first request, or set. With a *folder* everything is
    kept.
    """

    world: World

    def __init__(self, clock: Clock | None = None, folder: Path | None = None) -> None:
        self.world = World(clock or ShiftedClock(), demo_app(), folder)
        self.door = Door(self.world)
        self.authorize = oauth.Authorize(self.world)
        self.hands = Hands(self.world, self.door)
        if not self.world.state.workspaces:
            self.installs(self.add_workspace(DEMO_WORKSPACE))

    # mounting

    def routes(self, prefix: str = "/slack") -> list[web.RouteDef]:
        """Give the routes of the Web API and the other doors."""
        return [*self.door.routes(prefix), *self.authorize.routes(prefix)]

    def add_to(self, app: web.Application, prefix: str = "/slack") -> None:
        """Mount everything on *app* and stop with it."""
        app.add_routes(self.routes(prefix))
        app.on_shutdown.append(self._on_shutdown)

    async def close(self) -> None:
        """End sockets, deliveries and streams, and write everything down."""
        self.world.closing.set()
        self.world.feed.end()
        await self.world.office.close()
        self.world.save()

    @property
    def origin(self) -> str:
        """Where the stand-in is reached, such as ``http://127.0.0.1:8080``."""
        return self.world.origin

    @origin.setter
    def origin(self, origin: str) -> None:
        self.world.origin = origin

    # the app

    @property
    def app(self) -> App:
        """The app and its settings."""
        return self.world.app

    @property
    def office(self) -> Office:
        """What was sent to the app, and the times it took."""
        return self.world.office

    @property
    def token(self) -> str:
        """The bot's token in the first workspace."""
        install = self.world.install_for(self.workspace.id)
        if install is None:
            raise LookupError("the app is not installed in the first workspace")
        return install.token

    def uses_http(self, base: str, *, path: str = "/slack/events", options: str = "") -> None:
        """Send everything to *base* + *path* by HTTP from now on."""
        url = base.rstrip("/") + path
        app = self.app
        app.socket_mode = False
        app.events_url = app.interactivity_url = url
        app.options_url = base.rstrip("/") + options if options else url
        for command in app.commands:
            command["url"] = url
        self.world.changed()

    def uses_sockets(self) -> None:
        """Send everything over sockets from now on."""
        self.app.socket_mode = True
        self.world.changed()

    def reads_manifest(self, manifest: Json) -> None:
        """Take over the settings of an app manifest (as a dict).

        Only what it asks for is delivered and granted from then on, so that a manifest that
        forgets an event or a scope shows.

        Raises:
            ValueError: it asks for what the stand-in does not know.
        """
        settings, features = manifest["settings"], manifest.get("features", {})
        subscribed = settings.get("event_subscriptions", {})
        interactivity = settings.get("interactivity", {})
        app = self.app
        app.events = _known(subscribed.get("bot_events", []), limits.BOT_EVENTS, "event")
        app.scopes = list(manifest["oauth_config"]["scopes"]["bot"])
        app.redirect_urls = list(manifest["oauth_config"].get("redirect_urls") or [])
        app.socket_mode = bool(settings.get("socket_mode_enabled"))
        app.token_rotation = bool(settings.get("token_rotation_enabled"))
        app.events_url = subscribed.get("request_url", "")
        app.interactivity_url = interactivity.get("request_url", "")
        app.options_url = interactivity.get("message_menu_options_url", "")
        app.commands = [dict(one) for one in features.get("slash_commands", [])]
        app.shortcuts = [dict(one) for one in features.get("shortcuts", [])]
        for command in app.commands:
            if not limits.COMMAND_NAME.fullmatch(command["command"]):
                raise ValueError(f"no such command can be: {command['command']}")
        for install in self.world.state.installs.values():
            install.scopes = list(app.scopes)
        self.world.changed()

    async def verifies_url(self) -> bool:
        """Do the handshake that saving a request URL begins; True when the app passed it."""
        return await self.office.verify_url(self.app.events_url)

    # workspaces

    @property
    def workspace(self) -> Workspace:
        """The first workspace."""
        return next(iter(self.world.state.workspaces.values()))

    @property
    def workspaces(self) -> list[Workspace]:
        """All workspaces."""
        return list(self.world.state.workspaces.values())

    def add_workspace(self, name: str, *, enterprise: str = "") -> Workspace:
        """Open a workspace; the app is not in it yet. *enterprise* is an id such as E1."""
        state = self.world.state
        domain = "".join(sign for sign in name.lower() if sign.isalnum())
        workspace = Workspace(state.new_id("T"), name, domain, enterprise)
        known = next(
            (
                one
                for one in state.workspaces.values()
                if enterprise and one.enterprise == enterprise
            ),
            None,
        )
        workspace.bot_id = known.bot_id if known else state.new_id("B")
        workspace.bot_user = known.bot_user if known else state.new_id("U")
        state.workspaces[workspace.id] = workspace
        if known is None:
            self.world.add_user(
                User(
                    workspace.bot_user,
                    workspace.id,
                    name=self.app.name.lower(),
                    real_name=self.app.name,
                    is_bot=True,
                    bot_id=workspace.bot_id,
                )
            )
        self.world.changed()
        return workspace

    def installs(
        self, workspace: Workspace, *, by: Person | None = None, is_org: bool = False
    ) -> Install:
        """Put the app into a workspace without the pages of OAuth."""
        user = by.id if by else self.person("Installer", workspace=workspace).id
        return oauth.installed(self.world, workspace, user, list(self.app.scopes), is_org=is_org)

    def uninstalls(self, workspace: Workspace | None = None) -> None:
        """Remove the app from a workspace: tokens_revoked and app_uninstalled are the last."""
        oauth.end(self.world, self.install(workspace), is_uninstall=True)

    def revokes(self, workspace: Workspace | None = None) -> None:
        """Revoke the bot's token: tokens_revoked is the last event."""
        oauth.end(self.world, self.install(workspace), is_uninstall=False)

    def rotates_tokens(self, workspace: Workspace | None = None) -> Install:
        """Switch token rotation on, and give a workspace that has the app tokens that end."""
        self.app.token_rotation = True
        return self.installs(workspace or self.workspace)

    def ends_token(self, workspace: Workspace | None = None) -> None:
        """Have the twelve hours of the bot's token be over."""
        self.install(workspace).expires_at = int(self.world.seconds()) - 1
        self.world.changed()

    def forgets_refresh(self, workspace: Workspace | None = None) -> None:
        """Take the token no more with which the bot's token is renewed."""
        self.install(workspace).refresh_token = "xoxe-1-forgotten"
        self.world.changed()

    def install(self, workspace: Workspace | None = None) -> Install:
        """Give the installation in a workspace.

        Raises:
            LookupError: there is none.
        """
        found = self.world.install_for((workspace or self.workspace).id)
        if found is None:
            raise LookupError("the app is not installed there")
        return found

    def allows(
        self, authorize_url: str, person: Person, *, is_org: bool = False, answer: str = "allow"
    ) -> str:
        """Press Allow (or anything else: Cancel) on the authorize page; gives where that leads.

        Raises:
            ValueError: the page shows an error instead.
        """
        asked = dict(parse_qsl(urlsplit(authorize_url).query))
        problem = self.authorize.problem(asked)
        if problem:
            raise ValueError(problem)
        if answer != "allow":
            return self.authorize.denied(asked)
        return self.authorize.allowed(asked, person.user.team, person.id, is_org=is_org)

    # people and channels

    def person(
        self,
        name: str,
        *,
        workspace: Workspace | None = None,
        tz: str = "Europe/Berlin",
        locale: str = "en-US",
    ) -> Person:
        """Give the person of that name in a workspace, new when there is none yet."""
        team = (workspace or self.workspace).id
        for user in self.world.state.users.values():
            if user.team == team and user.real_name == name and not user.is_bot:
                return Person(self.world, self.hands, user)
        short = "".join(sign for sign in name.lower() if sign.isalnum()) or "someone"
        made = User(
            self.world.state.new_id("U"),
            team,
            name=short,
            real_name=name,
            tz=tz,
            locale=locale,
            email=f"{short}@example.com",
        )
        return Person(self.world, self.hands, self.world.add_user(made))

    def person_by_id(self, user_id: str) -> Person:
        """Give the person of that id.

        Raises:
            LookupError: there is nobody of that id.
        """
        user = self.world.state.users.get(user_id)
        if user is None or user.is_bot:
            raise LookupError(f"nobody has the id {user_id}")
        return Person(self.world, self.hands, user)

    def people(self) -> list[Person]:
        """Give everyone who is no bot."""
        users = self.world.state.users.values()
        return [Person(self.world, self.hands, user) for user in users if not user.is_bot]

    def channel(
        self,
        name: str,
        members: Iterable[Person],
        *,
        is_private: bool = False,
        with_bot: bool = True,
    ) -> Place:
        """Open a channel created by the first member; with the bot in it unless said otherwise."""
        people = list(members)
        kind = "private" if is_private else "public"
        team = people[0].user.team
        channel = self.world.add_channel(
            team, "private" if kind == "private" else "public", [one.id for one in people], name
        )
        if with_bot:
            channel.members.append(self.world.workspace(team).bot_user)
        return Place(self.world, channel)

    def user_group(self, handle: str, name: str, members: Iterable[Person]) -> Group:
        """Make a group of people that can be called by its handle."""
        people = list(members)
        made = Group(
            self.world.state.new_id("S"),
            people[0].user.team,
            handle,
            name,
            [one.id for one in people],
        )
        self.world.state.groups[made.id] = made
        self.world.changed()
        return made

    def group(self, members: Iterable[Person], *, with_bot: bool = True) -> Place:
        """Open group direct messages, with the bot unless said otherwise."""
        people = list(members)
        team = people[0].user.team
        bot = [self.world.workspace(team).bot_user] if with_bot else []
        names = "--".join(one.name for one in people)
        channel = self.world.add_channel(
            team, "mpim", [*[one.id for one in people], *bot], f"mpdm-{names}-1"
        )
        return Place(self.world, channel)

    def place(self, channel_id: str) -> Place:
        """Give the channel of that id.

        Raises:
            LookupError: there is none.
        """
        channel = self.world.state.channels.get(channel_id)
        if channel is None:
            raise LookupError(f"there is no channel {channel_id}")
        return Place(self.world, channel)

    def channels(self) -> list[Channel]:
        """Give all channels and direct messages."""
        return list(self.world.state.channels.values())

    # files

    def file(self, file_id: str) -> StoredFile:
        """Give a file."""
        return self.world.state.files[file_id]

    def file_is_late(self, file_id: str) -> None:
        """Hide type and size of a file until ``file_is_ready``."""
        self.file(file_id).ready_at = NEVER

    def file_is_ready(self, file_id: str) -> None:
        """Show type and size of a file."""
        file = self.file(file_id)
        file.ready_at, file.is_bare = 0.0, False

    def spoils(self, file_id: str, how: str = "whole", *, redirects_to: str = "") -> None:
        """Serve a file wrongly: cut, endless, login, missing, or elsewhere; ``whole`` mends it."""
        file = self.file(file_id)
        file.serves, file.redirects_to = how, redirects_to

    # faults, news, the record

    def fails(self, kind: FaultKind, method: str = "*", **details: Any) -> Fault:
        """Switch a fault on, by default for one call; *details* are the fields of ``Fault``."""
        return self.goes_wrong(Fault(kind, method, **details))

    def loses_acks(self, count: int = 1) -> None:
        """Lose the next acknowledgements, by either way: the events come again."""
        if self.app.socket_mode:
            self.office.sockets.mute = count
        else:
            self.office.mute = count

    async def disconnects(self, reason: str = "refresh_requested") -> None:
        """Ask every socket to connect anew."""
        await self.office.sockets.disconnect(reason)

    def breaks_sockets(self) -> None:
        """Break every socket without a word."""
        for socket in list(self.office.sockets.open):
            socket.abort()

    async def sees_socket(self, count: int = 1, seconds: float = 10.0) -> None:
        """Wait until the app has so many sockets open.

        Raises:
            TimeoutError: it has not in time.
        """
        with self.subscribe() as news:
            async with asyncio.timeout(seconds):
                while len(self.office.sockets.open) < count:
                    await news.next()

    async def all_told(self, seconds: float = 10.0) -> None:
        """Wait until the app has taken every event sent so far (or never will)."""
        async with asyncio.timeout(seconds):
            await settled(self.office.pending)

    def repeats(self, delivery: Delivery) -> Delivery:
        """Send an event again under its old id."""
        return self.office.repeat(delivery)

    @property
    def deliveries(self) -> list[Delivery]:
        """All that was sent to the app, oldest first."""
        return list(self.office.sent)

    def delivered(self, name: str) -> list[Delivery]:
        """Give the deliveries of one event, interaction or command."""
        return [one for one in self.office.sent if one.name == name]

    @property
    def journal(self) -> Journal:
        """Every call that was made."""
        return self.world.journal

    @property
    def violations(self) -> list[str]:
        """What a healthy run has none of: unknown methods, and what a careful app does not do."""
        unknown = [f"unknown method {name}" for name in self.journal.unknown_methods]
        return [*unknown, *self.journal.violations]

    def tell_app(self, event: Json, workspace: Workspace | None = None) -> Delivery:
        """Send the app an event of any kind and content, also one that does not exist yet."""
        workspace = workspace or self.workspace
        delivery = self.world.tell_of_end(
            self.install(workspace), workspace.id, copy.deepcopy(event), is_asked=False
        )
        if delivery is None:
            raise LookupError("nobody to tell")
        return delivery

    async def _on_shutdown(self, app: web.Application) -> None:
        del app
        await self.close()


def _known(asked: list[str], known: tuple[str, ...], what: str) -> list[str]:
    strangers = [one for one in asked if one not in known]
    if strangers:
        raise ValueError(f"unknown {what}: {', '.join(strangers)}")
    return list(asked)
