"""The human side: tests and pages speak here as the people of a workspace."""

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.chats.watching import PATIENCE_SECONDS, watch
from sandbox.slack import forms, limits, markup, payloads
from sandbox.slack.delivery import Delivery
from sandbox.slack.interacting import Hands, settled
from sandbox.slack.reading import Control
from sandbox.slack.state import Channel, Json, Message, StoredFile, User, View
from sandbox.slack.view import Screen, Seen, Wanted, fits
from sandbox.slack.world import World

_UNNAMED = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file to send.

    *size* declares another size than the bytes have. With *late_seconds* type and size are known
    only after so many seconds of the stand-in's clock (``math.inf``: never); *is_bare* sends
    nothing but the id, as in shared channels. *mode* external or remote means a file that lies
    elsewhere, at *url*.
    """

    data: bytes
    name: str = ""
    mimetype: str = ""
    size: int | None = None
    alt_text: str = ""
    late_seconds: float = 0.0
    is_bare: bool = False
    mode: str = "hosted"
    url: str = ""


class Place:
    """A channel or direct messages to look into."""

    def __init__(self, world: World, channel: Channel) -> None:
        self.world = world
        self.channel = channel

    @property
    def id(self) -> str:
        """The channel's id."""
        return self.channel.id

    def messages(
        self, wanted: Wanted | None = None, *, with_deleted: bool = False, viewer: str = ""
    ) -> list[Seen]:
        """Give what stands here, oldest first; ephemeral ones for *viewer* (all for nobody)."""
        own = [*self.channel.messages.values(), *self.channel.ephemeral.values()]
        own.sort(key=lambda one: one.ts)
        every = [Seen(self.world, self.channel, one) for one in own]
        return [
            seen
            for seen in every
            if (with_deleted or not seen.is_deleted)
            and (not viewer or seen.message.only_for in {"", viewer})
            and fits(seen, wanted)
        ]

    def from_bot(self, wanted: Wanted | None = None, *, viewer: str = "") -> list[Seen]:
        """Give what the app said here."""
        return [seen for seen in self.messages(wanted, viewer=viewer) if seen.is_from_bot]

    def transcript(self) -> str:
        """Give the channel as lines of text, for a failed test to show."""
        return "\n".join(repr(seen) for seen in self.messages(with_deleted=True))

    async def sees(
        self,
        wanted: Wanted | None = None,
        *,
        seconds: float = PATIENCE_SECONDS,
        after: Seen | None = None,
        viewer: str = "",
    ) -> Seen:
        """Wait until a message of the app is as *wanted*, new or edited; gives the newest such.

        Raises:
            AssertionError: it did not come to be in time; the transcript is in the words.
        """

        def newest() -> Seen | None:
            said = self.from_bot(wanted, viewer=viewer)
            fresh = [one for one in said if after is None or one.ts > after.ts]
            return fresh[-1] if fresh else None

        def missing() -> str:
            return f"not seen within {seconds} s: {wanted!r}. The channel:\n{self.transcript()}"

        return await watch(self.world.feed, newest, seconds=seconds, missing=missing)

    # what happens to a channel

    def adds_bot(self, by: "Person") -> None:
        """Invite the bot."""
        bot = self.world.workspace(self.channel.team).bot_user
        self.world.join(self.channel, bot, inviter=by.id)

    def removes_bot(self) -> None:
        """Throw the bot out."""
        self.world.leave(self.channel, self.world.workspace(self.channel.team).bot_user)

    def archives(self) -> None:
        """Close the channel for good."""
        self.channel.is_archived = True
        kind = "group_archive" if self.channel.kind == "private" else "channel_archive"
        event = {"type": kind, "channel": self.channel.id, "user": ""}
        self.world.tell_app(self.channel.team, event)
        self.world.changed()

    def is_renamed(self, name: str) -> None:
        """Give the channel another name."""
        self.channel.name = name
        kind = "group_rename" if self.channel.kind == "private" else "channel_rename"
        shown = {"id": self.channel.id, "name": name, "created": 1_700_000_000}
        self.world.tell_app(self.channel.team, {"type": kind, "channel": shown})
        self.world.changed()


class Surface:
    """A modal or the Home tab in the hands of a person."""

    def __init__(self, person: "Person", view: View) -> None:
        self._person = person
        self.view = view

    @property
    def screen(self) -> Screen:
        """What is to be seen now."""
        return Screen(self._person.world, self.view)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # title, text, buttons, errors …
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.screen, name)

    async def presses(self, words: str) -> "Pressed":
        """Press a button in it."""
        control = self.screen.find(words)
        return await self._act(control, None)

    async def chooses(self, words: str, value: Any) -> "Pressed":  # noqa: ANN401
        """Choose something that is sent at once (not an input of the form)."""
        control = self.screen.find(words)
        forms.put_in(self._person.world, self.view, control, value)
        return await self._act(control, value)

    async def _act(self, control: Control, value: Any) -> "Pressed":  # noqa: ANN401
        hands, user = self._person.hands, self._person.user
        return Pressed(await hands.press_in_view(user, self.view, control, value), control.url)

    def __repr__(self) -> str:
        return repr(self.screen)


class Modal(Surface):
    """An open modal."""

    @property
    def is_open(self) -> bool:
        """Whether it is still there."""
        return self.view in self._person.world.modals_of(self._person.id)

    async def fills(self, words: str, value: Any) -> "Modal":  # noqa: ANN401
        """Fill in the input of that label or action id; ``forms.put_in`` tells of *value*.

        An input with dispatch_action sends it at once.
        """
        control = self.screen.find(words)
        if control.kind == "file_input":
            many = value if isinstance(value, list) else [value]
            return await self.attaches(control.block_id, control.action_id, many)
        forms.put_in(self._person.world, self.view, control, value)
        if control.block.get("dispatch_action") or not control.is_input:
            await self._act(control, value)
        return self

    async def attaches(
        self, block: str, action: str, files: Sequence[bytes | Attachment]
    ) -> "Modal":
        """Put files into a file input.

        Raises:
            ValueError: too many, too large, or of a kind that is not taken.
        """
        control = next(
            one for one in self.screen.controls if (one.block_id, one.action_id) == (block, action)
        )
        stored = self._person.uploads(files)
        taken = control.element.get("filetypes")
        for one in stored:
            if one.size > limits.MAX_FILE_INPUT_BYTES:
                raise ValueError(f"{one.name} is larger than 10 MB")
            if taken and payloads.kind_name(one) not in {*taken, *_twins(taken)}:
                raise ValueError(f"{one.name} is of a kind that is not taken")
        forms.put_in(self._person.world, self.view, control, stored)
        return self

    async def suggests(self, words: str, typed: str) -> list[str]:
        """Type in a select whose options the app brings; gives what it offers."""
        control = self.screen.find(words)
        options = await self._person.hands.suggest(self._person.user, self.view, control, typed)
        return [str(one["text"]["text"]) for one in options]

    async def submits(self) -> dict[str, str]:
        """Send it; gives the errors by label (empty: it was taken)."""
        await self._person.hands.submit(self._person.user, self.view)
        return self.screen.errors

    async def closes(self, *, all_of_them: bool = False) -> None:
        """Close it without sending."""
        await self._person.hands.close(self._person.user, self.view, all_of_them=all_of_them)


@dataclass(frozen=True, slots=True)
class Pressed:
    """What came of a press, a command or a shortcut."""

    delivery: Delivery
    url: str = ""

    @property
    def was_taken(self) -> bool:
        """Whether the app acknowledged it within three seconds."""
        return self.delivery.was_taken

    @property
    def seconds(self) -> float:
        """How long the app took, in real time."""
        return self.delivery.attempts[-1].seconds

    @property
    def answer(self) -> Any:  # noqa: ANN401  # JSON of any shape
        """What came with the acknowledgement."""
        return self.delivery.answer


class Person:
    """Someone in a workspace; without *channel* all happens in direct messages with the bot."""

    def __init__(self, world: World, hands: Hands, user: User) -> None:
        self.world = world
        self.hands = hands
        self.user = user

    @property
    def id(self) -> str:
        """The user id."""
        return self.user.id

    @property
    def name(self) -> str:
        """The name others see."""
        return self.user.name

    @property
    def bot(self) -> str:
        """The bot's user id in this person's workspace."""
        return self.world.workspace(self.user.team).bot_user

    @property
    def direct(self) -> Place:
        """The direct messages with the bot."""
        return Place(self.world, self.world.direct(self.user.team, self.bot, self.id))

    # saying

    async def writes(
        self,
        text: str,
        *,
        channel: Place | None = None,
        thread: Seen | None = None,
        files: Sequence[bytes | Attachment] = (),
        broadcast: bool = False,
    ) -> Seen:
        """Say something, with files if there are any; in *thread* it answers that message.

        ``@name`` in the text is a mention of that person or of the bot.
        """
        place = self._into(channel, thread)
        if not text.strip() and not files:
            raise ValueError("a client sends no empty message")
        if len(files) > limits.MAX_FILES_IN_A_MESSAGE:
            raise ValueError("a client takes 10 files at once")
        stored = self.uploads(files)
        said: Json = {"text": markup.typed(text, self._names())}
        if text.strip():
            said["blocks"] = [_rich(text, self._names())]
        said["client_msg_id"] = f"{next(_UNNAMED):08d}-0000-4000-8000-000000000000"
        subtype = "file_share" if stored else ""
        root = (thread.thread_ts or thread.ts) if thread else ""
        if root and broadcast:
            subtype = "thread_broadcast"
        message = self.world.post(
            place.channel,
            self.id,
            said,
            subtype=subtype,
            thread_ts=root,
            files=[one.id for one in stored],
        )
        return Seen(self.world, place.channel, message)

    async def mentions(self, text: str, **where: Any) -> Seen:
        """Say something to the bot by its name."""
        bot = self.world.state.users[self.bot].name
        return await self.writes(f"@{bot} {text}", **where)

    async def sends(
        self,
        files: bytes | Attachment | Sequence[bytes | Attachment],
        text: str = "",
        **where: Any,
    ) -> Seen:
        """Send one file or several in one message."""
        many = [files] if isinstance(files, (bytes, Attachment)) else list(files)
        return await self.writes(text, files=many, **where)

    async def replies(self, message: Seen, text: str, **more: Any) -> Seen:
        """Answer in the thread of a message."""
        place = Place(self.world, message.channel)
        return await self.writes(text, channel=place, thread=message, **more)

    async def edits(self, message: Seen, text: str) -> Seen:
        """Change the text of an own message."""
        self._must_own(message.message)
        changes = {
            "text": markup.typed(text, self._names()),
            "blocks": [_rich(text, self._names())],
        }
        self.world.edit(message.channel, message.message, changes, self.id)
        return message

    async def deletes(self, message: Seen) -> None:
        """Delete an own message."""
        self._must_own(message.message)
        self.world.delete(message.channel, message.message)

    async def reacts(self, message: Seen, name: str) -> None:
        """React to a message."""
        self.world.react(message.channel, message.message, name, self.id)

    def uploads(self, files: Iterable[bytes | Attachment]) -> list[StoredFile]:
        """Bring files into the workspace, in order."""
        return [self._upload(one) for one in files]

    # commands, shortcuts, buttons

    async def types(self, line: str, *, channel: Place | None = None) -> Pressed:
        """Type a slash command (``/post queue``); a thread takes none."""
        command, _, text = line.partition(" ")
        if command not in {one["command"] for one in self.world.app.commands}:
            raise LookupError(f"{command} is not a valid command")
        place = channel or self.direct
        delivery = await self.hands.command(self.user, place.channel, command, text.strip())
        return Pressed(delivery)

    async def uses_shortcut(self, callback_id: str, message: Seen | None = None) -> Pressed:
        """Use a shortcut of the app by its callback id or name: on a message, or a global one."""
        kind = "global" if message is None else "message"
        known = next(
            (
                one
                for one in self.world.app.shortcuts
                if one["type"] == kind and callback_id in {one["callback_id"], one["name"]}
            ),
            None,
        )
        if known is None:
            raise LookupError(f"the app has no {kind} shortcut {callback_id}")
        name = str(known["callback_id"])
        if message is None:
            return Pressed(await self.hands.global_shortcut(self.user, name))
        return Pressed(
            await self.hands.message_shortcut(self.user, name, message.channel, message.message)
        )

    async def presses(self, message: Seen, words: str) -> Pressed:
        """Press the button with these words (or this action id) under a message."""
        control = message.find(words)
        return Pressed(await self._act(message, control, None), control.url)

    async def chooses(self, message: Seen, words: str, value: Any) -> Pressed:  # noqa: ANN401
        """Choose something under a message."""
        return Pressed(await self._act(message, message.find(words), value))

    async def presses_old(self, message: Seen, control: Control) -> Pressed:
        """Press a control that has been taken away since, as a stale client can."""
        return Pressed(await self._act(message, control, None))

    # seeing

    async def sees(
        self,
        wanted: Wanted | None = None,
        *,
        channel: Place | None = None,
        seconds: float = PATIENCE_SECONDS,
        after: Seen | None = None,
    ) -> Seen:
        """Wait until the app shows this person a message that is as *wanted*."""
        place = channel or self.direct
        return await place.sees(wanted, seconds=seconds, after=after, viewer=self.id)

    @property
    def modal(self) -> Modal | None:
        """The modal on top, if one is open."""
        stack = self.world.modals_of(self.id)
        return Modal(self, stack[-1]) if stack else None

    async def sees_modal(self, words: str = "", *, seconds: float = PATIENCE_SECONDS) -> Modal:
        """Wait until a modal is open whose title or text has the *words*.

        Raises:
            AssertionError: it did not open in time.
        """

        def opened() -> Modal | None:
            modal = self.modal
            is_it = modal is not None and words in f"{modal.title}\n{modal.text}"
            return modal if is_it else None

        def missing() -> str:
            return f"no modal {words!r} within {seconds} s, but {self.modal!r}"

        return await watch(self.world.feed, opened, seconds=seconds, missing=missing)

    async def opens_home(self) -> None:
        """Open the Home tab; the app is told and may put something there."""
        self._open_tab("home")

    async def opens_messages(self) -> None:
        """Open the Messages tab of the app."""
        self._open_tab("messages")

    @property
    def home(self) -> Surface | None:
        """The Home tab, if the app has put something there."""
        view = self.world.state.homes.get(self.id)
        return Surface(self, view) if view else None

    async def sees_home(self, words: str = "", *, seconds: float = PATIENCE_SECONDS) -> Surface:
        """Wait until the Home tab has the *words*.

        Raises:
            AssertionError: it had not in time.
        """

        def shown() -> Surface | None:
            home = self.home
            return home if home is not None and words in home.text else None

        def missing() -> str:
            return f"no {words!r} on the Home tab within {seconds} s, but {self.home!r}"

        return await watch(self.world.feed, shown, seconds=seconds, missing=missing)

    # being somewhere

    def joins(self, place: Place) -> None:
        """Go into a channel."""
        self.world.join(place.channel, self.id)

    def leaves(self, place: Place) -> None:
        """Go out of a channel."""
        self.world.leave(place.channel, self.id)

    def moves_to(self, tz: str) -> None:
        """Change the zone in the profile."""
        self.user.tz = tz
        self.world.changed()

    async def all_told(self) -> None:
        """Wait until the app has taken every event sent so far."""
        await settled(self.world.office.pending)

    async def _act(self, message: Seen, control: Control, value: Any) -> Delivery:  # noqa: ANN401
        return await self.hands.press_in_message(
            self.user, message.channel, message.message, control, value
        )

    def _open_tab(self, tab: str) -> None:
        event: Json = {
            "type": "app_home_opened",
            "user": self.id,
            "channel": self.direct.id,
            "tab": tab,
            "event_ts": self.world.new_ts(),
        }
        view = self.world.state.homes.get(self.id)
        if tab == "home" and view is not None:
            event["view"] = self.hands.shown(view)
        self.world.tell_app(self.user.team, event)

    def _into(self, channel: Place | None, thread: Seen | None) -> Place:
        place = channel
        if place is None:
            place = Place(self.world, thread.channel) if thread else self.direct
        if self.id not in place.channel.members:
            raise ValueError(f"{self.name} is not in {place.channel.name or place.id}")
        if place.channel.is_archived:
            raise ValueError("the channel is archived")
        return place

    def _names(self) -> dict[str, str]:
        """Give the ids of all that can be called here, by what is typed for it."""
        state, team = self.world.state, self.user.team
        people = {f"@{one.name}": one.id for one in state.users.values() if one.team == team}
        groups = {f"@{one.handle}": one.id for one in state.groups.values() if one.team == team}
        channels = {
            f"#{one.name}": one.id
            for one in state.channels.values()
            if one.team == team and one.name and one.id.startswith("C")
        }
        everybody = {f"@{name}": f"!{name}" for name in ("here", "channel", "everyone")}
        return {**everybody, **channels, **groups, **people}

    def _must_own(self, message: Message) -> None:
        if message.user != self.id or message.is_deleted:
            raise ValueError("only an own message can be changed")

    def _upload(self, what: bytes | Attachment) -> StoredFile:
        one = what if isinstance(what, Attachment) else Attachment(what)
        file = self.world.files.add(
            one.data,
            team=self.user.team,
            user=self.id,
            name=one.name,
            mimetype=one.mimetype,
            size=one.size,
            alt_text=one.alt_text,
        )
        file.mode, file.external_url, file.is_bare = one.mode, one.url, one.is_bare
        if one.late_seconds:
            file.ready_at = self.world.seconds() + one.late_seconds
        return file


def _twins(kinds: Sequence[str]) -> list[str]:
    """Give the other name of a kind that has two."""
    return ["jpg"] if "jpeg" in kinds else []


_NAMED = re.compile(r"(?<![\w@#])[@#][\w-]+\b")
_ELEMENTS = {"C": ("channel", "channel_id"), "S": ("usergroup", "usergroup_id")}


def _rich(text: str, names: dict[str, str]) -> Json:
    """Give the block that clients send beside the text: words, and who or what is mentioned."""
    elements: list[Json] = []
    numbers = {name.casefold(): number for name, number in names.items()}
    at = 0
    for found in _NAMED.finditer(text):
        number = numbers.get(found[0].casefold())
        if number is None:
            continue
        if text[at : found.start()]:
            elements.append({"type": "text", "text": text[at : found.start()]})
        elements.append(_mention(number))
        at = found.end()
    if text[at:]:
        elements.append({"type": "text", "text": text[at:]})
    section = {"type": "rich_text_section", "elements": elements}
    return {"type": "rich_text", "block_id": "typed", "elements": [section]}


def _mention(number: str) -> Json:
    if number.startswith("!"):
        return {"type": "broadcast", "range": number[1:]}
    kind, name = _ELEMENTS.get(number[0], ("user", "user_id"))
    return {"type": kind, name: number}
