"""The stand-in's inside: workspaces, people, channels, messages and the events they cause."""

import asyncio
import secrets
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sandbox.chats.keeping import Keeper
from sandbox.clock import Clock
from sandbox.feed import Feed
from sandbox.slack import limits, payloads
from sandbox.slack.delivery import Delivery, Office
from sandbox.slack.errors import SlackError
from sandbox.slack.faults import Faults
from sandbox.slack.files import Files
from sandbox.slack.journal import Journal
from sandbox.slack.state import (
    App,
    Channel,
    ChannelKind,
    Install,
    Json,
    Message,
    State,
    StoredFile,
    User,
    View,
    Workspace,
    state_from,
)
from sandbox.slack.tempo import Tempo

_EVENT_OF_KIND = {
    "public": "message.channels",
    "private": "message.groups",
    "im": "message.im",
    "mpim": "message.mpim",
}
_CHANNEL_TYPE = {"public": "channel", "private": "group", "im": "im", "mpim": "mpim"}
_SAID = frozenset({"", "file_share", "thread_broadcast"})
_ID_OF_KIND = {"public": "C", "private": "C", "im": "D", "mpim": "C"}


@dataclass(slots=True)
class Trigger:
    """The right to open a modal, for three seconds of real time."""

    id: str
    team: str
    user: str
    until: float
    view: str = ""
    is_used: bool = False


@dataclass(slots=True)
class ResponseUrl:
    """A door for answers to one interaction."""

    id: str
    channel: str
    user: str
    until: float
    message_ts: str = ""
    uses: int = 0


@dataclass(slots=True)
class Code:
    """What the authorize page gives: good for one exchange."""

    value: str
    team: str
    user: str
    scopes: list[str]
    redirect_uri: str
    until: float
    is_org: bool = False
    is_used: bool = False


class World:
    """Everything that exists in the stand-in, with the operations both sides share."""

    def __init__(self, clock: Clock, app: App, folder: Path | None = None) -> None:
        self.clock = clock
        self.keeper = Keeper(folder, State, state_from)
        self.state = self.keeper.state
        if self.state.app is None:
            self.state.app = app
        self.app = self.state.app
        self.feed = Feed("slack")
        self.journal = Journal()
        self.faults = Faults()
        self.tempo = Tempo()
        self.files = Files(self.state, self.keeper, clock)
        self.office = Office(self.app, clock, self.feed.tell)
        self.triggers: dict[str, Trigger] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self.codes: dict[str, Code] = {}
        self.uploads: dict[str, StoredFile] = {}
        self.trigger_seconds = limits.TRIGGER_SECONDS
        self.closing = asyncio.Event()
        self._origin = ""

    # where it is

    @property
    def origin(self) -> str:
        """Where the stand-in is reached, such as ``http://127.0.0.1:8080``."""
        if not self._origin:
            raise RuntimeError("the stand-in does not know its address yet: set its origin")
        return self._origin

    @origin.setter
    def origin(self, origin: str) -> None:
        self._origin = origin.rstrip("/")

    def learn_origin(self, origin: str) -> None:
        """Take the address of a request, unless one is known."""
        self._origin = self._origin or origin

    # keeping

    def changed(self) -> None:
        """Note that something changed; it is on disk a moment later."""
        self.keeper.changed()

    def save(self) -> None:
        """Write everything down now."""
        self.keeper.save()

    def seconds(self) -> float:
        """Tell the time in seconds since 1970."""
        return self.clock.now().timestamp()

    def new_ts(self) -> str:
        """Give the ts of a new message: the time, and always after the last one."""
        now = self.clock.now()
        micros = int(now.timestamp()) * 1_000_000 + now.microsecond
        self.state.last_ts = max(micros, self.state.last_ts + 1)
        return f"{self.state.last_ts // 1_000_000}.{self.state.last_ts % 1_000_000:06d}"

    # who is there

    def install_for(self, team_id: str) -> Install | None:
        """Give the installation that serves a workspace."""
        workspace = self.state.workspaces[team_id]
        for one in self.state.installs.values():
            mine = one.team == team_id or (
                one.is_org
                and bool(workspace.enterprise)
                and one.enterprise == workspace.enterprise
            )
            if mine and one.is_live and not one.is_superseded:
                return one
        return None

    def add_user(self, user: User) -> User:
        """Let someone join a workspace."""
        self.state.users[user.id] = user
        self.feed.tell("person", user=user.id)
        self.changed()
        return user

    def named(self, number: str) -> str:
        """Give the name of a person, group or channel, else the id itself."""
        if number in self.state.users:
            return self.state.users[number].name
        if number in self.state.channels:
            return self.state.channels[number].name or number
        if number in self.state.groups:
            return self.state.groups[number].handle
        return number

    def is_ready(self, file: StoredFile) -> bool:
        """Tell whether a file's type and size are known yet."""
        return file.ready_at <= self.seconds()

    # channels

    def add_channel(
        self, team_id: str, kind: ChannelKind, members: list[str], name: str = ""
    ) -> Channel:
        """Open a channel."""
        number = self.state.new_id(_ID_OF_KIND[kind])
        channel = Channel(
            number,
            team_id,
            kind,
            name=name,
            creator=members[0] if members else "",
            created=int(self.seconds()),
            members=list(members),
        )
        self.state.channels[number] = channel
        self.feed.tell("channel", channel=number)
        self.changed()
        return channel

    def direct(self, team_id: str, user: str, other: str) -> Channel:
        """Give the direct messages of two, new when there are none."""
        for one in self.state.channels.values():
            if one.kind == "im" and one.team == team_id and set(one.members) == {user, other}:
                return one
        return self.add_channel(team_id, "im", [user, other])

    def join(self, channel: Channel, user: str, inviter: str = "") -> None:
        """Let someone into a channel, and say so."""
        if user in channel.members:
            return
        channel.members.append(user)
        said = {"text": f"<@{user}> has joined the channel"}
        self.post(channel, user, said, subtype="channel_join")
        event = {
            "type": "member_joined_channel",
            "user": user,
            "channel": channel.id,
            "channel_type": "C" if channel.kind == "public" else "G",
            "team": channel.team,
            "event_ts": self.new_ts(),
        }
        self.tell_app(channel.team, event, {**event, "inviter": inviter} if inviter else event)

    def leave(self, channel: Channel, user: str) -> None:
        """Let someone out of a channel."""
        if user not in channel.members:
            return
        install = self.install_for(channel.team)
        if install is not None and user == install.bot_user:
            # Who leaves is told in words of its own; the others hear that somebody left.
            channel.members.remove(user)
            kind = "channel_left" if channel.kind == "public" else "group_left"
            gone = {"type": kind, "channel": channel.id, "event_ts": self.new_ts()}
            self.tell_of_end(install, channel.team, gone)
            self.feed.tell("channel", channel=channel.id)
            self.changed()
            return
        event = {
            "type": "member_left_channel",
            "user": user,
            "channel": channel.id,
            "channel_type": "C" if channel.kind == "public" else "G",
            "team": channel.team,
            "event_ts": self.new_ts(),
        }
        self.tell_app(channel.team, event)
        channel.members.remove(user)
        self.feed.tell("channel", channel=channel.id)
        self.changed()

    # messages

    def post(
        self,
        channel: Channel,
        user: str,
        said: Json,
        *,
        subtype: str = "",
        thread_ts: str = "",
        bot_id: str = "",
        files: list[str] | None = None,
        only_for: str = "",
    ) -> Message:
        """Put a message into *channel* and tell the app of it."""
        message = Message(
            ts=self.new_ts(),
            user=user,
            said=said,
            subtype=subtype,
            thread_ts=thread_ts,
            bot_id=bot_id,
            files=list(files or []),
            only_for=only_for,
        )
        if only_for:
            channel.ephemeral[message.ts] = message
        else:
            channel.messages[message.ts] = message
        for number in message.files:
            self.state.files[number].shares.setdefault(channel.id, []).append(message.ts)
        self.changed()
        self.feed.tell("message", channel=channel.id, ts=message.ts)
        if not only_for:
            self._tell_of_message(channel, message)
        return message

    def edit(self, channel: Channel, message: Message, changes: Json, by: str) -> None:
        """Change what a message says and tell the app."""
        before = payloads.message(self, channel, message)
        message.versions.append(dict(message.said))
        message.said = {**message.said, **changes}
        message.edited = {"user": by, "ts": f"{int(self.seconds())}.000000"}
        self.changed()
        self.feed.tell("edit", channel=channel.id, ts=message.ts)
        if message.only_for:
            return
        self._tell_of_change(
            channel,
            "message_changed",
            {"message": payloads.message(self, channel, message), "previous_message": before},
        )

    def delete(self, channel: Channel, message: Message) -> None:
        """Remove a message and tell the app; where it was answered, a stone marks its place."""
        before = payloads.message(self, channel, message)
        replies = self.replies(channel, message.ts)
        message.is_deleted = True
        self.changed()
        self.feed.tell("delete", channel=channel.id, ts=message.ts)
        if message.only_for:
            return
        if replies:
            stone = {
                "type": "message",
                "subtype": "tombstone",
                "text": "This message was deleted.",
                "user": "USLACKBOT",
                "hidden": True,
                "ts": message.ts,
                "thread_ts": message.ts,
                "reply_count": len(replies),
            }
            about = {"message": stone, "previous_message": before}
            self._tell_of_change(channel, "message_changed", about)
            return
        self._tell_of_change(
            channel, "message_deleted", {"deleted_ts": message.ts, "previous_message": before}
        )

    def replies(self, channel: Channel, ts: str) -> list[Message]:
        """Give the answers in a thread, oldest first."""
        return [
            one
            for one in channel.messages.values()
            if one.thread_ts == ts and one.ts != ts and not one.is_deleted
        ]

    def react(self, channel: Channel, message: Message, name: str, user: str) -> None:
        """Add a reaction.

        Raises:
            SlackError: it stands already, or there is no such emoji.
        """
        if not limits.EMOJI_NAME.fullmatch(name):
            raise SlackError("invalid_name")
        users = message.reactions.setdefault(name, [])
        if user in users:
            raise SlackError("already_reacted")
        users.append(user)
        self._tell_of_reaction("reaction_added", channel, message, name, user)

    def unreact(self, channel: Channel, message: Message, name: str, user: str) -> None:
        """Take a reaction back.

        Raises:
            SlackError: it does not stand.
        """
        users = message.reactions.get(name, [])
        if user not in users:
            raise SlackError("no_reaction")
        users.remove(user)
        if not users:
            del message.reactions[name]
        self._tell_of_reaction("reaction_removed", channel, message, name, user)

    # telling the app

    def tell_app(
        self, team_id: str, event: Json, shown: Json | None = None, *, subscription: str = ""
    ) -> Delivery | None:
        """Send an event, if the app is here, has subscribed to it and may know."""
        install = self.install_for(team_id)
        name = subscription or str(event["type"])
        scope = limits.SCOPE_OF_EVENT.get(name)
        if install is None or name not in self.app.events:
            return None
        if scope is not None and scope not in install.scopes:
            return None
        place = event.get("channel") or event.get("channel_id")
        if isinstance(place, str) and event["type"] != "app_home_opened":
            channel = self.state.channels[place]
            if install.bot_user not in channel.members:
                return None
        payload = payloads.envelope_of_event(self, install, team_id, shown or event)
        return self.office.send(Delivery("events_api", team_id, payload))

    def tell_of_end(
        self, install: Install, team_id: str, event: Json, *, is_asked: bool = True
    ) -> Delivery | None:
        """Send an event whatever the bot may see, as the last of an installation are."""
        if is_asked and str(event["type"]) not in self.app.events:
            return None
        payload = payloads.envelope_of_event(self, install, team_id, event)
        return self.office.send(Delivery("events_api", team_id, payload))

    def _tell_of_message(self, channel: Channel, message: Message) -> None:
        shown = payloads.message(self, channel, message)
        about: Json = {
            "channel": channel.id,
            "event_ts": message.ts,
            "channel_type": _CHANNEL_TYPE[channel.kind],
        }
        event = {**shown, **about}
        self.tell_app(channel.team, event, subscription=_EVENT_OF_KIND[channel.kind])
        bot_user = self.state.workspaces[channel.team].bot_user
        may_call = channel.kind != "im" and not message.bot_id and message.subtype in _SAID
        if may_call and f"<@{bot_user}>" in message.text:
            mention = {k: v for k, v in event.items() if k not in {"channel_type", "subtype"}}
            self.tell_app(channel.team, {**mention, "type": "app_mention"})
        for number in message.files:
            self.tell_app(
                channel.team,
                {
                    "type": "file_shared",
                    "channel_id": channel.id,
                    "file_id": number,
                    "user_id": message.user,
                    "file": {"id": number},
                    "event_ts": message.ts,
                },
            )

    def _tell_of_change(self, channel: Channel, subtype: str, details: Json) -> None:
        ts = self.new_ts()
        event = {
            "type": "message",
            "subtype": subtype,
            "channel": channel.id,
            "hidden": True,
            "ts": ts,
            "event_ts": ts,
            "channel_type": _CHANNEL_TYPE[channel.kind],
            **details,
        }
        self.tell_app(channel.team, event, subscription=_EVENT_OF_KIND[channel.kind])

    def _tell_of_reaction(
        self, kind: str, channel: Channel, message: Message, name: str, user: str
    ) -> None:
        self.changed()
        self.feed.tell("reaction", channel=channel.id, ts=message.ts)
        item = {"type": "message", "channel": channel.id, "ts": message.ts}
        install = self.install_for(channel.team)
        if install is None or install.bot_user not in channel.members:
            return
        self.tell_app(
            channel.team,
            {
                "type": kind,
                "user": user,
                "reaction": name,
                "item_user": message.user,
                "item": item,
                "event_ts": self.new_ts(),
            },
        )

    # rights that lapse

    def new_trigger(self, team_id: str, user: str, view: str = "") -> Trigger:
        """Give the right to open a modal now; *view* is the modal it was pressed in."""
        until = asyncio.get_running_loop().time() + self.trigger_seconds
        number = f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        trigger = Trigger(number, team_id, user, until, view)
        self.triggers[number] = trigger
        return trigger

    def use_trigger(self, number: str) -> Trigger:
        """Take the right to open a modal.

        Raises:
            SlackError: there is none, it was used, or three seconds have passed.
        """
        trigger = self.triggers.get(number)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.is_used:
            raise SlackError("exchanged_trigger_id")
        if trigger.until < asyncio.get_running_loop().time():
            raise SlackError("expired_trigger_id")
        trigger.is_used = True
        return trigger

    def new_response_url(self, channel: Channel, user: str, message_ts: str = "") -> str:
        """Open a door for answers; gives its address."""
        workspace = self.state.workspaces[channel.team]
        number = secrets.token_hex(12)
        self.response_urls[number] = ResponseUrl(
            number,
            channel.id,
            user,
            self.seconds() + timedelta(seconds=limits.RESPONSE_URL_SECONDS).total_seconds(),
            message_ts,
        )
        return f"{self.origin}/slack/response/{workspace.id}/{number}"

    # views

    def modals_of(self, user: str) -> list[View]:
        """Give the modals a person has open, the one on top last."""
        return self.state.modals.setdefault(user, [])

    def view(self, number: str) -> View | None:
        """Give an open modal or a Home tab by its id."""
        every = [*self.state.homes.values()]
        for many in self.state.modals.values():
            every += many
        return next((one for one in every if one.id == number), None)

    def new_view(self, team_id: str, user: str, asked: Json, below: View | None = None) -> View:
        """Make a view; nobody sees it yet."""
        number = self.state.new_id("V")
        root = below.root if below else number
        return View(
            id=number,
            team=team_id,
            user=user,
            asked=with_ids(asked),
            hash=self.new_hash(),
            root=root,
            previous=below.id if below else "",
        )

    def new_hash(self) -> str:
        """Give the hash of a fresh version of a view."""
        return f"{self.new_ts()}.{secrets.token_hex(4)}"

    def workspace(self, team_id: str) -> Workspace:
        """Give a workspace."""
        return self.state.workspaces[team_id]


def with_ids(thing: Json) -> Json:
    """Give a message or view whose blocks and elements all have ids, as Slack fills them in."""
    if not thing.get("blocks"):
        return thing
    return {**thing, "blocks": [_block_with_ids(block) for block in thing["blocks"]]}


def _block_with_ids(block: Json) -> Json:
    filled = {**block, "block_id": block.get("block_id") or secrets.token_hex(3)}
    for name in ("accessory", "element"):
        if isinstance(block.get(name), dict) and block[name].get("type") != "image":
            filled[name] = _with_action_id(block[name])
    if block.get("type") in {"actions", "card"}:
        for name in ("elements", "actions"):
            if name in block:
                filled[name] = [_with_action_id(one) for one in block[name]]
    return filled


def _with_action_id(element: Json) -> Json:
    return {**element, "action_id": element.get("action_id") or secrets.token_hex(3)}
