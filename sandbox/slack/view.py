"""What a person sees: a message, a modal, the Home tab."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape, unescape
from zoneinfo import ZoneInfo

from sandbox.slack import markup, payloads, reading, richtext
from sandbox.slack.reading import Control, Picture
from sandbox.slack.state import Channel, Json, Message, User, View
from sandbox.slack.world import World


class Seen:
    """A message as it stands now."""

    def __init__(self, world: World, channel: Channel, message: Message) -> None:
        self._world = world
        self.channel = channel
        self.message = message

    @property
    def ts(self) -> str:
        """The message's ts, which names it."""
        return self.message.ts

    @property
    def at(self) -> datetime:
        """When it was said."""
        return datetime.fromtimestamp(float(self.ts), UTC)

    @property
    def fallback(self) -> str:
        """The text for notices and screen readers, as it is read."""
        return markup.plain(self.message.text, self._world.named)

    @property
    def text(self) -> str:
        """What is read: the blocks' words if there are blocks, else the text."""
        return self._read(None)

    def text_for(self, user: User) -> str:
        """Give what one person reads: dates stand in their own zone."""
        return self._read(ZoneInfo(user.tz))

    @property
    def blocks(self) -> list[Json]:
        """The blocks as the bot gave them."""
        return self.message.blocks

    @property
    def controls(self) -> list[Control]:
        """What can be pressed or chosen."""
        return reading.controls_of(self.blocks, self._world.named)

    @property
    def buttons(self) -> list[str]:
        """The words on the buttons."""
        return [one.text for one in self.controls if one.kind == "button"]

    @property
    def pictures(self) -> list[Picture]:
        """The pictures in the blocks."""
        return reading.pictures_of(self.blocks)

    @property
    def thread_ts(self) -> str:
        """The ts of the message whose thread this stands in, or empty."""
        return self.message.thread_ts

    @property
    def replies(self) -> list["Seen"]:
        """The answers in the thread under it."""
        found = self._world.replies(self.channel, self.ts)
        return [Seen(self._world, self.channel, one) for one in found]

    @property
    def reactions(self) -> list[str]:
        """The names of the reactions."""
        return list(self.message.reactions)

    @property
    def pings(self) -> list[str]:
        """Whom it calls: ``!channel`` and the like, and ids of people."""
        return [*markup.pings(self.message.text), *reading.pings_in(self.blocks)]

    @property
    def files(self) -> list[str]:
        """The ids of the files with it."""
        return self.message.files

    @property
    def is_from_bot(self) -> bool:
        """Whether the app said it."""
        return bool(self.message.bot_id)

    @property
    def is_ephemeral(self) -> bool:
        """Whether only one person sees it."""
        return bool(self.message.only_for)

    @property
    def is_deleted(self) -> bool:
        """Whether it was removed."""
        return self.message.is_deleted

    @property
    def is_edited(self) -> bool:
        """Whether it was changed."""
        return self.message.edited is not None

    @property
    def as_json(self) -> Json:
        """The message as the Web API gives it."""
        return payloads.message(self._world, self.channel, self.message)

    @property
    def html(self) -> str:
        """The text as safe HTML."""
        return markup.as_html(self.message.text, self._world.named)

    def find(self, words: str) -> Control:
        """Give the control with these words or this id.

        Raises:
            LookupError: there is none, or several.
        """
        found = reading.find_control(self.controls, words)
        if found is None:
            raise LookupError(f"no button {words!r} under {self!r}")
        return found

    def _read(self, zone: ZoneInfo | None) -> str:
        if self.blocks:
            return reading.text_of(self.blocks, self._world.named, zone)
        return markup.plain(self.message.text, self._world.named, zone)

    def __repr__(self) -> str:
        who = "bot" if self.is_from_bot else self._world.named(self.message.user)
        notes = [
            note
            for note, holds in (
                ("ephemeral", self.is_ephemeral),
                ("deleted", self.is_deleted),
                ("edited", self.is_edited),
                (f"in {self.thread_ts}", bool(self.thread_ts)),
                (f"{len(self.files)} files", bool(self.files)),
            )
            if holds
        ]
        buttons = " ".join(f"[{words}]" for words in self.buttons)
        return f"<{self.ts} {who}{' '.join(['', *notes])}: {self.text!r} {buttons}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Seen) and (self.channel.id, self.ts) == (
            other.channel.id,
            other.ts,
        )

    def __hash__(self) -> int:
        return hash((self.channel.id, self.ts))


class Screen:
    """A modal or a Home tab as it stands now."""

    def __init__(self, world: World, view: View) -> None:
        self._world = world
        self.view = view

    @property
    def title(self) -> str:
        """The words at the top of a modal."""
        return reading.words_of(self.view.asked.get("title"), self._world.named)

    @property
    def text(self) -> str:
        """What is read, labels of inputs included."""
        return reading.text_of(self.view.blocks, self._world.named)

    def text_for(self, user: User) -> str:
        """Give what one person reads: dates stand in their own zone."""
        return reading.text_of(self.view.blocks, self._world.named, ZoneInfo(user.tz))

    @property
    def controls(self) -> list[Control]:
        """What can be pressed, chosen or filled in."""
        return reading.controls_of(self.view.blocks, self._world.named)

    @property
    def buttons(self) -> list[str]:
        """The words on the buttons."""
        return [one.text for one in self.controls if one.kind == "button"]

    @property
    def labels(self) -> list[str]:
        """The labels of the inputs."""
        return [one.text for one in self.controls if one.is_input]

    @property
    def submit(self) -> str:
        """The words on the button that sends a modal."""
        return reading.words_of(self.view.asked.get("submit"), self._world.named)

    @property
    def errors(self) -> dict[str, str]:
        """What stands in red under the inputs, by their label (by "" what is wrong with all)."""
        names = {one.block_id: one.text for one in self.controls}
        return {names.get(block, block): words for block, words in self.view.errors.items()}

    @property
    def pictures(self) -> list[Picture]:
        """The pictures in it."""
        return reading.pictures_of(self.view.blocks)

    def find(self, words: str) -> Control:
        """Give the control with these words, label or id.

        Raises:
            LookupError: there is none, or several.
        """
        found = reading.find_control(self.controls, words)
        if found is None:
            have = ", ".join(one.text or one.action_id for one in self.controls)
            raise LookupError(f"no {words!r} in {self.title!r}, which has: {have}")
        return found

    def __repr__(self) -> str:
        return f"<{self.view.kind} {self.title!r}: {self.text!r} {self.errors or ''}>"


Wanted = str | Callable[[Seen], bool]
"""What to look for: words that the message contains, or a claim about it."""


def fits(seen: Seen, wanted: Wanted | None) -> bool:
    """Tell whether a message is what is looked for."""
    if wanted is None:
        return True
    if isinstance(wanted, str):
        return wanted in seen.text or wanted in seen.fallback
    return bool(wanted(seen))


@dataclass(frozen=True, slots=True)
class Page:
    """Draws for the page: texts become HTML, all else stays as the app gave it."""

    world: World

    def blocks(self, blocks: list[Json]) -> list[Json]:
        """Give blocks whose text objects carry ``html``."""
        return [self._opened(block) for block in blocks]

    def html(self, text: str) -> str:
        """Give the HTML of a message's own text."""
        return markup.as_html(text, self.world.named)

    def _opened(self, thing: Json) -> Json:
        made: Json = {}
        for name, value in thing.items():
            if isinstance(value, dict):
                made[name] = self._opened(value)
            elif isinstance(value, list):
                made[name] = [self._opened(one) if isinstance(one, dict) else one for one in value]
            else:
                made[name] = value
        if made.get("type") == "mrkdwn":
            made["html"] = self.html(str(made.get("text", "")))
        elif made.get("type") == "plain_text":
            made["html"] = escape(unescape(str(made.get("text", ""))))
        elif made.get("type") == "rich_text":
            made["html"] = richtext.as_html(thing, self.world.named)
        elif made.get("type") == "markdown":
            made["html"] = escape(str(made.get("text", "")))
        return made
