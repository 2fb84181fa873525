# ruff: noqa: ARG002 - a contract is kept, not every argument of it is used
"""A chat that keeps what it is told and fails when told to; keeps `Chat`."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Self

from integrations.chat.contract import Capabilities, Introduction, Store
from integrations.chat.errors import MessageGone
from integrations.chat.incoming import (
    Actor,
    Answered,
    Attachment,
    AttachmentKind,
    Inbound,
    PlaceRef,
    Press,
    Received,
    Refused,
)
from integrations.chat.outgoing import Card, CommandWords, Form, Reaction


@dataclass(slots=True)
class Shown:
    """A message of ours as it stands, with every card it ever showed."""

    ref: str
    place: PlaceRef
    reply_to: str
    cards: list[Card]

    @property
    def card(self) -> Card:
        return self.cards[-1]

    @property
    def words(self) -> str:
        return self.card.fallback_text


@dataclass
class FakeChat:
    """Messages in memory. `failures` are raised one after the other by the next calls.

    `after_failing` lets a call do its work and raise all the same (an answer that got lost).
    While `gate` is closed, calls wait.
    """

    name: str = "telegram"
    source: str = "telegram:42"
    capabilities: Capabilities = field(
        default_factory=lambda: Capabilities(
            max_fetch_bytes=20_000_000,
            min_gap_private=timedelta(),
            min_gap_group=timedelta(),
        )
    )
    messages: dict[str, Shown] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)
    toasts: list[tuple[str, str]] = field(default_factory=list)
    reactions: list[tuple[str, Reaction]] = field(default_factory=list)
    homes: dict[str, list[Card]] = field(default_factory=dict)
    forms: list[tuple[str, Form]] = field(default_factory=list)
    whispers: list[tuple[str, Card]] = field(default_factory=list)
    failures: list[Exception | None] = field(default_factory=list)
    failures_afterwards: list[Exception] = field(default_factory=list)
    left: set[str] = field(default_factory=set)
    unparsable: set[bytes] = field(default_factory=set)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    waiting: int = 0

    def __post_init__(self) -> None:
        self.gate.set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *problem: object) -> None:
        return None

    # ── what came in ────────────────────────────────────────────────────────────────────────

    @property
    def is_polled(self) -> bool:
        return True

    async def profile(self, place: PlaceRef, actor: Actor) -> Actor:
        return actor

    async def is_in(self, place: PlaceRef) -> bool:
        return place.workspace not in self.left

    async def introduce(self) -> Introduction:
        return Introduction("42", "postcue_bot", "https://t.me/postcue_bot")

    async def receive(
        self, headers: Mapping[str, str], body: bytes, store: Store
    ) -> Answered | Refused:
        await store([Received(self.source, str(len(body)), f"{self.source}:1", body)])
        return Answered()

    def parse(self, raw: bytes) -> Inbound:
        """Understand what `a_message` and its like wrote."""
        if raw in self.unparsable:
            raise ValueError("cannot be understood")
        found = json.loads(raw)
        place = PlaceRef(
            self.name,
            "",
            found.get("chat", "1001"),
            is_private=found.get("private", True),
            title=found.get("title", ""),
        )
        press = found.get("press")
        return Inbound(
            kind=found["kind"],
            place=place,
            actor=Actor(found["from"], "Dana", "dana", "en", home=found.get("home", ""))
            if found.get("from")
            else None,
            message_ref=found.get("ref", ""),
            text=found.get("text", ""),
            album=found.get("album", ""),
            reply_to=found.get("reply_to", ""),
            attachments=tuple(
                Attachment(AttachmentKind.PHOTO, file_id=one, unique_id=one, mime="image/jpeg")
                for one in found.get("photos", ())
            ),
            command=found.get("command", ""),
            press=Press("q1", press, found.get("ref", "")) if press else None,
            mentions_bot=found.get("mentions", False),
            moved_to=found.get("moved_to", ""),
            route_open=found.get("route_open", True),
            sent_at=datetime.fromtimestamp(found["at"], UTC) if "at" in found else None,
        )

    async def poll(self, store: Store) -> None:
        await asyncio.Event().wait()

    async def announce(self, commands: Sequence[CommandWords]) -> None:
        return None

    # ── what goes out ───────────────────────────────────────────────────────────────────────

    async def send(self, place: PlaceRef, card: Card, *, reply_to: str = "") -> str:
        await self._called("send", card)
        ref = str(len(self.messages) + 501)
        self.messages[ref] = Shown(ref, place, reply_to, [card])
        self._fail_afterwards()
        return ref

    async def edit(self, place: PlaceRef, message_ref: str, card: Card) -> None:
        await self._called("edit", card)
        if message_ref not in self.messages:
            raise MessageGone("no such message")
        self.messages[message_ref].cards.append(card)
        self._fail_afterwards()

    async def toast(self, press_ref: str, text: str = "", *, is_alert: bool = False) -> None:
        self.toasts.append((press_ref, text))

    async def whisper(
        self,
        place: PlaceRef,
        user_id: str,
        card: Card,
        *,
        reply_to: str = "",
        replaces: str = "",
    ) -> None:
        self.whispers.append((user_id, card))

    async def open_form(self, form_ref: str, form: Form) -> None:
        self.forms.append((form_ref, form))

    async def show_home(self, place: PlaceRef, card: Card) -> None:
        await self._called("home", card)
        self.homes.setdefault(place.chat_id, []).append(card)

    async def react(self, place: PlaceRef, message_ref: str, reaction: Reaction) -> None:
        self.reactions.append((message_ref, reaction))

    async def fetch(self, file_id: str, *, max_bytes: int) -> AsyncIterator[bytes]:
        yield b""

    async def _called(self, what: str, card: Card) -> None:
        self.calls.append((what, card.fallback_text))
        self.waiting += 1
        try:
            await self.gate.wait()
        finally:
            self.waiting -= 1
        failure = self.failures.pop(0) if self.failures else None
        if failure:
            raise failure

    def _fail_afterwards(self) -> None:
        if self.failures_afterwards:
            raise self.failures_afterwards.pop(0)

    # ── looking ─────────────────────────────────────────────────────────────────────────────

    @property
    def said(self) -> list[str]:
        """What each message says now, in the order they were sent."""
        return [shown.words for shown in self.messages.values()]

    def counts(self) -> tuple[int, int]:
        """How often was sent, and how often edited."""
        kinds = [what for what, _ in self.calls]
        return kinds.count("send"), kinds.count("edit")


def raw(kind: str, **values: object) -> bytes:
    """Write a raw event that `FakeChat.parse` understands."""
    return json.dumps({"kind": kind, "from": "1001", **values}).encode()
