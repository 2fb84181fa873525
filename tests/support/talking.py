"""A person in a chat, the same on Telegram and on Slack: what they do, and what they see."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.slack import reading
from sandbox.slack.people import Attachment as SlackFile
from sandbox.slack.people import Person as SlackPerson
from sandbox.slack.people import Place as SlackPlace
from sandbox.slack.view import Seen as SlackSeen
from sandbox.telegram.media import a_jpeg
from sandbox.telegram.people import Attachment as TelegramFile
from sandbox.telegram.people import Person as TelegramPerson
from sandbox.telegram.people import Place as TelegramPlace
from sandbox.telegram.view import Seen as TelegramSeen

SEEN, DONE, FAILED = "👀", "👍", "😢"
"""Receipts on a person's message, as Telegram draws them."""

_RECEIPTS = {"eyes": SEEN, "white_check_mark": DONE, "x": FAILED}
_UNSEEN = "\u2060"
PATIENCE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Label:
    """A button as people see it."""

    text: str
    url: str = ""
    style: str = ""
    native: Any = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as it stood when it was looked at.

    `lines` are what is read, a caption's with "> " before each; `under` is the key of the message
    it answers (or in whose thread it stands); `is_private`: nobody else in the room sees it.
    """

    key: str
    lines: tuple[str, ...]
    rows: tuple[tuple[Label, ...], ...] = ()
    under: str = ""
    is_private: bool = False
    fallback: str = ""
    pings: tuple[str, ...] = ()
    receipts: frozenset[str] = frozenset()
    native: Any = field(default=None, compare=False, repr=False)

    @property
    def text(self) -> str:
        """What is read, as it was written."""
        return "\n".join(line.removeprefix("> ") for line in self.lines)

    @property
    def buttons(self) -> tuple[str, ...]:
        """The words on all buttons."""
        return tuple(one.text for row in self.rows for one in row)

    def label(self, words: str) -> Label:
        """Give the button with exactly those words."""
        return next(one for row in self.rows for one in row if one.text == words)

    @property
    def link(self) -> str:
        """The address of the first button that opens one."""
        return next(one.url for row in self.rows for one in row if one.url)


Wanted = str | Callable[[Shown], bool]


class Somebody(ABC):
    """A person in a room: alone with us, or among others (`among`).

    Whatever they do returns once it was done, not once it was answered; `sees` waits for that.
    """

    chat: str
    name: str
    account: str = ""
    """The Instagram account that is connected for them, "" for none."""

    # doing

    @abstractmethod
    async def sends(self, *photos: bytes, words: str = "", is_said_to_us: bool = True) -> Shown:
        """Send pictures (or a film) with words; among others with our name before them."""

    @abstractmethod
    async def sends_files(self, *files: bytes, words: str = "", name: str = "") -> Shown:
        """Send files as they are (a Telegram document each), called *name*, with words."""

    @abstractmethod
    async def writes(self, words: str, *, is_said_to_us: bool = True) -> Shown:
        """Write words; among others with our name before them."""

    @abstractmethod
    async def commands(self, line: str) -> None:
        """Type a command ("queue", "timezone Tokyo") as it is typed in this chat."""

    @abstractmethod
    async def replies(self, message: Shown, words: str) -> Shown:
        """Answer a message of ours (in its thread, where there are threads)."""

    @abstractmethod
    async def edits(self, message: Shown, words: str) -> None:
        """Change the words of an own message."""

    @abstractmethod
    async def presses(self, message: Shown, label: str, *, is_stale: bool = False) -> str:
        """Press a button; gives what this person alone was told about it, "" for nothing.

        *is_stale*: the button was there once, and this person's screen still shows it.
        """

    @abstractmethod
    async def forges(self, message: Shown, payload: str) -> str:
        """Press what is on no button, as a tampered app could; gives what this person is told."""

    @abstractmethod
    async def sets_time(
        self, card: Shown, words: str, at: datetime, *, by: str = "Change time"
    ) -> None:
        """Give a new time under the button *by*: typed, or picked where a window opens."""

    @abstractmethod
    async def sets_caption(self, card: Shown, text: str, *, by: str = "Edit caption") -> None:
        """Give a new caption under the button *by*."""

    @abstractmethod
    async def chooses_account(self, card: Shown, username: str) -> None:
        """Have a post go to another account: by buttons, or in a window."""

    # seeing

    @abstractmethod
    def shown(self) -> list[Shown]:
        """Give what we said in the room, as this person sees it now, oldest first."""

    @abstractmethod
    def receipts(self, message: Shown) -> set[str]:
        """Give the receipts we left on this person's message."""

    async def sees(
        self, wanted: Wanted, *, after: Shown | None = None, seconds: float = PATIENCE_SECONDS
    ) -> Shown:
        """Wait until a message of ours is as *wanted*, new or edited; gives the newest such."""

        def fits(seen: Any) -> bool:
            return _fits(self._look(seen), wanted)

        return self._look(await self._waits(fits, after.native if after else None, seconds))

    async def sees_at(self, message: Shown, words: str) -> Shown:
        """Wait until that very message of ours shows *words*; gives it as it is then."""
        return await self.sees(lambda one: one.key == message.key and words in one.text)

    async def is_told(self, words: str, answer: Wanted) -> Shown:
        """Write *words* and wait for what is said to them; gives that answer."""
        said = await self.writes(words)
        return await self.sees(answer, after=said)

    @abstractmethod
    def _look(self, seen: Any) -> Shown:
        """Read a message as this person does."""

    @abstractmethod
    async def _waits(self, fits: Callable[[Any], bool], after: Any, seconds: float) -> Any:
        """Wait for a message of ours in the room."""


def _fits(shown: Shown, wanted: Wanted) -> bool:
    return wanted in shown.text if isinstance(wanted, str) else wanted(shown)


@cache
def a_photo(number: int = 0) -> bytes:
    """Return a small photo, the same for the same number."""
    return a_jpeg(640, 640, str(number))


# ── Telegram ─────────────────────────────────────────────────────────────────────────────────


class OnTelegram(Somebody):
    """A person on Telegram."""

    chat = "telegram"

    def __init__(self, person: TelegramPerson, place: TelegramPlace | None = None) -> None:
        """*place* None is the private chat with the bot."""
        self.person = person
        self.place = place
        self.name = person.name

    async def sends(self, *photos: bytes, words: str = "", is_said_to_us: bool = True) -> Shown:
        said = self._addressed(words) if is_said_to_us else words
        if len(photos) > 1:
            album = await self.person.sends_album(photos, said, chat=self.place)
            return self._look(album[0])
        return self._look(await self.person.sends(photos[0], said, chat=self.place))

    async def sends_files(self, *files: bytes, words: str = "", name: str = "") -> Shown:
        papers = [TelegramFile(one, "document", name) for one in files]
        if len(papers) > 1:
            album = await self.person.sends_album(papers, words, chat=self.place)
            return self._look(album[0])
        return self._look(await self.person.sends(papers[0], words, chat=self.place))

    async def writes(self, words: str, *, is_said_to_us: bool = True) -> Shown:
        said = self._addressed(words) if is_said_to_us else words
        return self._look(await self.person.writes(said, chat=self.place))

    async def commands(self, line: str) -> None:
        await self.person.writes(f"/{line}", chat=self.place)

    async def replies(self, message: Shown, words: str) -> Shown:
        return self._look(await self.person.replies(message.native, words))

    async def edits(self, message: Shown, words: str) -> None:
        await self.person.edits(message.native, words)

    async def presses(self, message: Shown, label: str, *, is_stale: bool = False) -> str:
        if is_stale:
            return await self.forges(message, message.label(label).native.data)
        return (await self.person.presses(message.native, label)).text

    async def forges(self, message: Shown, payload: str) -> str:
        query = self.person.forges_press(message.native, payload)
        return (await self.person.answer_to(query)).text

    async def sets_time(
        self, card: Shown, words: str, at: datetime, *, by: str = "Change time"
    ) -> None:
        del at
        await self.presses(card, by)
        await self.sees("just type it")
        await self.person.writes(words, chat=self.place)

    async def sets_caption(self, card: Shown, text: str, *, by: str = "Edit caption") -> None:
        await self.presses(card, by)
        await self.sees("Send the new caption")
        await self.person.writes(text, chat=self.place)

    async def chooses_account(self, card: Shown, username: str) -> None:
        await self.presses(card, "Accounts")
        asked = await self.sees("Where should it go?")
        await self.presses(asked, f"@{username}")

    def shown(self) -> list[Shown]:
        return [self._look(seen) for seen in self._room.from_bot()]

    def receipts(self, message: Shown) -> set[str]:
        return set(message.native.reactions)

    @property
    def _room(self) -> TelegramPlace:
        return self.place or self.person.private

    def _addressed(self, words: str) -> str:
        return words if self.place is None else f"@{self.person.bot.username} {words}"

    def _look(self, seen: TelegramSeen) -> Shown:
        return Shown(
            key=str(seen.id),
            lines=tuple(_lines_with_quotes(seen)),
            rows=tuple(
                tuple(Label(one.text, one.url, one.style, one) for one in row)
                for row in seen.buttons
            ),
            under=str(seen.reply_to.id) if seen.reply_to else "",
            receipts=frozenset(seen.reactions),
            native=seen,
        )

    async def _waits(self, fits: Callable[[Any], bool], after: Any, seconds: float) -> Any:
        return await self._room.sees(fits, seconds=seconds, after=after)


def _lines_with_quotes(seen: TelegramSeen) -> Iterator[str]:
    quoted = [
        (one["offset"], one["offset"] + one["length"])
        for one in seen.entities
        if one["type"].endswith("blockquote")
    ]
    at = 0
    for line in seen.text.split("\n"):
        is_quoted = any(start <= at < end for start, end in quoted)
        yield f"{'> ' if is_quoted else ''}{line.replace(_UNSEEN, '')}"
        at += len(line.encode("utf-16-le")) // 2 + 1


# ── Slack ────────────────────────────────────────────────────────────────────────────────────


class OnSlack(Somebody):
    """A person on Slack. *settled* waits until all that they did was answered."""

    chat = "slack"

    def __init__(
        self,
        person: SlackPerson,
        settled: Callable[[], Any],
        place: SlackPlace | None = None,
    ) -> None:
        """*place* None is the direct messages with the app."""
        self.person = person
        self.place = place
        self.name = person.user.real_name
        self._settled = settled

    async def sends(self, *photos: bytes, words: str = "", is_said_to_us: bool = True) -> Shown:
        return await self._says(words, photos, is_said_to_us=is_said_to_us)

    async def writes(self, words: str, *, is_said_to_us: bool = True) -> Shown:
        return await self._says(words, (), is_said_to_us=is_said_to_us)

    async def sends_files(self, *files: bytes, words: str = "", name: str = "") -> Shown:
        papers = [SlackFile(one, name) for one in files]
        return await self._says(words, papers, is_said_to_us=True)

    async def _says(
        self, words: str, files: Sequence[bytes | SlackFile], *, is_said_to_us: bool
    ) -> Shown:
        is_mention = is_said_to_us and self.place is not None
        say = self.person.mentions if is_mention else self.person.writes
        return self._look(await say(words, channel=self.place, files=files))

    async def commands(self, line: str) -> None:
        await self.person.types(f"/post {line}", channel=self.place)

    async def replies(self, message: Shown, words: str) -> Shown:
        return self._look(await self.person.replies(message.native, words))

    async def edits(self, message: Shown, words: str) -> None:
        await self.person.edits(message.native, words)

    async def presses(self, message: Shown, label: str, *, is_stale: bool = False) -> str:
        told = {one.key for one in self._whispers()}
        if is_stale:
            await self.person.presses_old(message.native, message.label(label).native)
        else:
            await self.person.presses(message.native, label)
        await self._settled()
        return "\n".join(one.text for one in self._whispers() if one.key not in told)

    async def forges(self, message: Shown, payload: str) -> str:
        told = {one.key for one in self._whispers()}
        real = message.rows[0][0].native
        forged = replace(real, value=payload, element={**real.element, "value": payload})
        await self.person.presses_old(message.native, forged)
        await self._settled()
        return "\n".join(one.text for one in self._whispers() if one.key not in told)

    async def sets_time(
        self, card: Shown, words: str, at: datetime, *, by: str = "Change time"
    ) -> None:
        del words
        await self.person.presses(card.native, by)
        form = await self.person.sees_modal("Time of")
        await form.fills("When", at)
        assert await form.submits() == {}

    async def sets_caption(self, card: Shown, text: str, *, by: str = "Edit caption") -> None:
        await self.person.presses(card.native, by)
        form = await self.person.sees_modal("Caption of")
        await form.fills("Caption", text)
        assert await form.submits() == {}

    async def chooses_account(self, card: Shown, username: str) -> None:
        await self.person.presses(card.native, "Accounts")
        form = await self.person.sees_modal("Account of")
        await form.fills("Account", f"@{username}")
        assert await form.submits() == {}

    def shown(self) -> list[Shown]:
        return [self._look(seen) for seen in self._room.from_bot(viewer=self.person.id)]

    def receipts(self, message: Shown) -> set[str]:
        return {_RECEIPTS[name] for name in message.native.reactions}

    @property
    def _room(self) -> SlackPlace:
        return self.place or self.person.direct

    def _whispers(self) -> list[Shown]:
        return [one for one in self.shown() if one.is_private]

    def _look(self, seen: SlackSeen) -> Shown:
        named, zone = self.person.world.named, ZoneInfo(self.person.user.tz)
        lines: list[str] = []
        for block in seen.blocks:
            if block["type"] == "actions":
                continue
            mark = "> " if _is_quote(block) else ""
            lines += [mark + one for one in reading.text_of([block], named, zone).split("\n")]
        rows = [
            tuple(
                Label(one.text, one.url, one.style, one)
                for one in reading.controls_of([block], named)
            )
            for block in seen.blocks
            if block["type"] == "actions"
        ]
        return Shown(
            key=seen.ts,
            lines=tuple(lines) if seen.blocks else tuple(seen.text.split("\n")),
            rows=tuple(rows),
            under=seen.thread_ts,
            is_private=seen.is_ephemeral,
            fallback=seen.fallback,
            pings=tuple(seen.pings),
            receipts=frozenset(_RECEIPTS.get(name, name) for name in seen.reactions),
            native=seen,
        )

    async def _waits(self, fits: Callable[[Any], bool], after: Any, seconds: float) -> Any:
        return await self._room.sees(fits, seconds=seconds, after=after, viewer=self.person.id)


def _is_quote(block: dict[str, Any]) -> bool:
    elements = block.get("elements") or [{}]
    return bool(block["type"] == "rich_text" and elements[0].get("type") == "rich_text_quote")
