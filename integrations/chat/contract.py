"""A chat as everybody uses it, what it can do, and what one inherits that can do less."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol, Self

from integrations.chat.incoming import (
    Actor,
    Answered,
    Inbound,
    PlaceRef,
    Received,
    Refused,
    Unnamed,
)
from integrations.chat.outgoing import Card, CommandWords, Form, Reaction

Store = Callable[[Sequence[Received]], Awaitable[None]]
"""Writes raw events to the inbox; returns only when they are committed."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a chat can do, as data. `command_prefix` is what people type before a command.

    `hears_groups_as_admin`: in groups only an admin is shown what was not said to it.
    Without toasts of its own (`has_toasts`) a chat answers a press by a message to that person
    alone, so what the card shows anyway is not said there.
    `tells_of_own`: every new message of ours comes back as an `echo` within a moment.
    """

    max_fetch_bytes: int | None
    has_toasts: bool = True
    can_thread: bool = False
    can_modal: bool = False
    can_ephemeral: bool = False
    has_home: bool = False
    has_profiles: bool = False
    hears_groups_as_admin: bool = False
    command_prefix: str = "/"
    has_edit_events: bool = True
    tells_of_own: bool = False
    min_gap_private: timedelta = field(default=timedelta(seconds=1))
    min_gap_group: timedelta = field(default=timedelta(seconds=3))


@dataclass(frozen=True, slots=True)
class Introduction:
    """Who our bot is in this chat: its own id, its name, and a link that opens it.

    `missing_rights` are those it needs and was not given.
    """

    bot_id: str
    username: str
    deep_link: str = ""
    missing_rights: tuple[str, ...] = ()


class Chat(Protocol):
    """One chat service with one bot in it. Opened and closed with `async with`."""

    @property
    def name(self) -> str:
        """The chat's name in the registry: "telegram"."""

    @property
    def source(self) -> str:
        """Chat and bot, as the inbox keys it: "telegram:42"."""

    @property
    def capabilities(self) -> Capabilities:
        """What this chat can do."""

    async def __aenter__(self) -> Self:
        """Open what the chat needs; asks nobody anything."""

    async def __aexit__(self, *problem: object) -> None:
        """Close it."""

    async def introduce(self) -> Introduction:
        """Ask the service who we are (proves the token)."""

    async def profile(self, place: PlaceRef, actor: Actor) -> Actor:
        """Return *actor* with what the service knows: name, language, zone. Never raises."""

    @property
    def is_polled(self) -> bool:
        """Whether events are fetched (`poll`) rather than pushed to our door."""

    async def receive(
        self, headers: Mapping[str, str], body: bytes, store: Store
    ) -> Answered | Refused:
        """Judge a request at the webhook door, and have what it brings stored before answering.

        Nothing is understood, and nobody is asked anything; the judgement takes constant time.
        Raises what *store* raises.
        """

    async def is_in(self, place: PlaceRef) -> bool:
        """Say whether our app is (still) in the workspace of *place*."""

    def parse(self, raw: bytes) -> Inbound:
        """Understand a stored raw event. Pure; an unknown kind is `ignored`."""

    async def named(self, inbound: Inbound, unnamed: Unnamed) -> Inbound:
        """Return *inbound* with what its words mention called by the names that people read.

        Our own name is left out. Takes a few seconds at most and never raises.
        """

    async def poll(self, store: Store) -> None:
        """Fetch events until cancelled; each batch is stored before it is confirmed."""

    async def announce(self, commands: Sequence[CommandWords]) -> None:
        """Put the commands into the chat's own menu, and choose webhook or polling."""

    async def send(self, place: PlaceRef, card: Card, *, reply_to: str = "") -> str:
        """Send a card and return the reference of the message."""

    async def edit(self, place: PlaceRef, message_ref: str, card: Card) -> None:
        """Redraw a message of ours. Unchanged counts as done."""

    async def toast(self, press_ref: str, text: str = "", *, is_alert: bool = False) -> None:
        """Answer a press at once; never raises, a late toast is dropped."""

    async def whisper(
        self,
        place: PlaceRef,
        user_id: str,
        card: Card,
        *,
        reply_to: str = "",
        replaces: str = "",
    ) -> None:
        """Say something in *place* that only one person sees; best effort, never raises.

        It stands where *reply_to* is talked about. It takes the place of the message *replaces*
        draws anew (`Press.whisper_ref`), as long as the chat allows that.
        """

    async def open_form(self, form_ref: str, form: Form) -> None:
        """Open a form for whoever did what *form_ref* came with; never raises, late is dropped."""

    async def show_home(self, place: PlaceRef, card: Card) -> None:
        """Draw a person's Home; raises what `send` raises."""

    async def react(self, place: PlaceRef, message_ref: str, reaction: Reaction) -> None:
        """Leave a receipt on a person's message; best effort, never raises."""

    def fetch(self, file_id: str, *, max_bytes: int) -> AsyncIterator[bytes]:
        """Stream a file.

        Raises:
            FileGone: too big (declared or streamed), expired, or deleted.
            ChatBusy: not now.
        """


class PlainChat:
    """What a chat inherits that has no whispers, forms, Home, profiles or workspaces."""

    async def is_in(self, place: PlaceRef) -> bool:
        """There are no workspaces here to be taken out of."""
        del place
        return True

    async def profile(self, place: PlaceRef, actor: Actor) -> Actor:
        """What an event says of a person is all there is."""
        del place
        return actor

    async def named(self, inbound: Inbound, unnamed: Unnamed) -> Inbound:
        """What people write has their names in it already."""
        del unnamed
        return inbound

    async def whisper(
        self,
        place: PlaceRef,
        user_id: str,
        card: Card,
        *,
        reply_to: str = "",
        replaces: str = "",
    ) -> None:
        """Nothing can be said to one person alone here."""

    async def open_form(self, form_ref: str, form: Form) -> None:
        """No form opens here."""

    async def show_home(self, place: PlaceRef, card: Card) -> None:
        """Nobody has a Home here."""
