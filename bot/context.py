"""What a flow is handed: who, where, when, and the parts of the house it may use."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.cards.manner import in_the_manner_of
from bot.texts import say
from integrations.chat.contract import Chat
from integrations.chat.incoming import Inbound
from integrations.chat.outgoing import Button, Card, Reaction, Text
from models.outbox import tell
from models.team import Member, Place, Team
from platforms.contract import Platform
from scheduling.planner import Planner
from scheduling.recurrence import Recurrences

_SEEN_ON_THE_CARD = frozenset(
    {"toast.done", "toast.scheduled", "toast.publishing", "toast.cancelled", "toast.restored"}
)
"""What needs no words where a toast would be a message of its own: the card has changed."""

Effect = Callable[[], Awaitable[None]]
"""Something to do right after the commit, and not at all rather than late (a toast, a receipt)."""


@dataclass(frozen=True, slots=True)
class House:
    """The parts of the house that flows use, the same for everybody."""

    chats: Mapping[str, Chat]
    platforms: Mapping[str, Platform]
    planner: Planner
    recurrences: Recurrences
    public_url: str
    ready_platforms: frozenset[str]
    zone_guesses: tuple[str, ...] = ()


@dataclass(slots=True)
class Context:
    """One thing that happened, with the person, the place and the time it happened at.

    `now` is the present; `said_at` is when the person said it (a message may have waited).
    """

    house: House
    chat: Chat
    inbound: Inbound
    team: Team
    member: Member
    place: Place
    now: datetime
    said_at: datetime
    effects: list[Effect] = field(default_factory=list)

    @property
    def language(self) -> str:
        """The language to answer in."""
        return self.member.language

    @property
    def is_overheard(self) -> bool:
        """Whether it was said among people, below a post, and to nobody in particular."""
        said = self.inbound
        is_to_us = said.place.is_private or said.mentions_bot or said.reply_to_bot
        return bool(said.reply_to) and not is_to_us

    def mark_seen(self) -> None:
        """Mark the person's words as seen: the card that follows them may be far above."""
        place, ref = self.inbound.place, self.inbound.message_ref
        if ref:
            self.effects.append(lambda: self.chat.react(place, ref, Reaction.SEEN))

    def words(self, key: str, **params: object) -> str:
        """Return words in the person's language."""
        return say(key, self.language, **params)

    async def answer(
        self,
        key: str,
        *,
        buttons: Sequence[Sequence[Button]] = (),
        connect: Mapping[str, str] | None = None,
        reply: bool = True,
        **params: object,
    ) -> None:
        """Say the words of *key* here, as a reply to what the person sent."""
        words = self.words(key, **params)
        await self.say(words, buttons=buttons, connect=connect, reply=reply)

    async def say(
        self,
        text: str,
        *,
        buttons: Sequence[Sequence[Button]] = (),
        connect: Mapping[str, str] | None = None,
        reply: bool = True,
    ) -> None:
        """Say *text* here, as a reply to what the person sent.

        What answers a command or a form among other people only that person sees, where the chat
        can.
        """
        if self._is_between_us and not connect:
            self.whisper(text, buttons)
            return
        await say_in(
            self.place,
            text,
            now=self.now,
            buttons=buttons,
            reply_to=self._answered(reply=reply),
            connect=connect,
            language=self.language,
        )

    async def redraw(self, text: str, *, buttons: Sequence[Sequence[Button]] = ()) -> None:
        """Have the message whose button was pressed say *text* from now on."""
        press = self.inbound.press
        if press and press.whisper_ref:
            self.whisper(text, buttons, replaces=press.whisper_ref)
            return
        await say_in(
            self.place,
            text,
            now=self.now,
            buttons=buttons,
            language=self.language,
            replaces=self.inbound.message_ref,
        )

    def _answered(self, *, reply: bool) -> str:
        """Return what an answer replies to: a press is answered in the thread of its card."""
        said = self.inbound
        if said.press:
            return said.reply_to
        return said.message_ref if reply else ""

    @property
    def _is_between_us(self) -> bool:
        said = self.inbound
        is_aside = said.kind in {"command", "shortcut", "form"}
        # What was said to one person alone goes on so when they press something in it.
        is_aside = is_aside or bool(said.press and said.press.whisper_ref)
        return is_aside and self.can_whisper

    @property
    def can_whisper(self) -> bool:
        """Whether something can be said here to this person alone, among other people."""
        said = self.inbound
        has_whispers = self.chat.capabilities.can_ephemeral and said.actor is not None
        return has_whispers and not said.place.is_private

    def whisper(
        self, text: str, buttons: Sequence[Sequence[Button]], *, replaces: str = ""
    ) -> None:
        """Say *text* to this person alone, right after the commit or not at all."""
        who = self.inbound.actor.external_id if self.inbound.actor else ""
        card = Card(
            lines=tuple((Text(line),) for line in text.split("\n")),
            buttons=tuple(tuple(row) for row in buttons),
            fallback_text=text,
        )
        where, chat = self.inbound.place, self.chat
        said = in_the_manner_of(chat.capabilities, card)
        thread = self.inbound.reply_to if self.inbound.press else ""
        self.effects.append(
            lambda: chat.whisper(where, who, said, reply_to=thread, replaces=replaces)
        )

    def toast(self, key: str, *, is_alert: bool = False, **params: object) -> None:
        """Answer a press right after the commit."""
        press = self.inbound.press
        if press is None:
            return
        if not self.chat.capabilities.has_toasts and key in _SEEN_ON_THE_CARD:
            return
        words = self.words(key, **params)
        self.effects.append(lambda: self.chat.toast(press.press_ref, words, is_alert=is_alert))


async def say_in(
    place: Place,
    text: str,
    *,
    now: datetime,
    buttons: Sequence[Sequence[Button]] = (),
    reply_to: str = "",
    connect: Mapping[str, str] | None = None,
    language: str = "en",
    is_loud: bool = False,
    replaces: str = "",
) -> None:
    """Write down a passing message for *place*; the courier sends it.

    *replaces* names a message of ours that becomes this one.
    """
    rows = [
        [
            {"label": one.label, "payload": one.payload, "url": one.url, "style": one.style}
            for one in row
        ]
        for row in buttons
    ]
    payload: dict[str, object] = {"text": text, "buttons": rows, "reply_to": reply_to}
    payload |= {"language": language, "is_loud": is_loud}
    if replaces:
        payload["replaces"] = replaces
    if connect:
        payload["connect"] = dict(connect)
    await tell(
        "place", place.id, "say", purpose="say", place_id=place.id, payload=payload, now=now
    )
