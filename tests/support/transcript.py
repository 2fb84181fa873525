"""A conversation as a text to be read: who says what, what the card says, what can be pressed."""

import re
from collections.abc import Sequence
from datetime import datetime

from sandbox.slack.people import Modal
from tests.support.talking import OnSlack, Shown, Somebody
from tests.support.town import BERLIN, Town

_REFERENCE = re.compile(r"\bE-[0-9A-F]{4}\b")
_SECONDS = re.compile(r"\b(\d\d:\d\d):\d\d\b")
_JUST_NOW = re.compile(r"\b\d+ s ago\b")
_INDENT = "    "


class Transcript:
    """Plays a person and writes down what they do and all that they see of it."""

    def __init__(self, town: Town, who: Somebody, title: str) -> None:
        self.town = town
        self.who = who
        self._lines = [title]
        self._known: dict[str, Shown] = {}
        self._own: list[Shown] = []
        self._receipts: dict[str, set[str]] = {}
        for one in who.shown():
            # What was said before is not part of it.
            self._known[one.key] = one
        self.clock_shows()

    def __str__(self) -> str:
        return "\n".join(self._lines).strip() + "\n"

    # ── doing ───────────────────────────────────────────────────────────────────────────────

    def clock_shows(self) -> None:
        """Write down what time it is."""
        now = self.town.clock.now().astimezone(BERLIN)
        self._lines += ["", f"— {now:%A} {now.day} {now:%B %Y}, {now:%H:%M} —"]

    async def sends(self, *photos: bytes, words: str = "") -> Shown:
        """Send pictures."""
        what = "a photo" if len(photos) == 1 else f"{len(photos)} photos"
        self._says(f"sends {what}", words)
        return await self._heard(await self.who.sends(*photos, words=words))

    async def writes(self, words: str) -> None:
        """Write words."""
        self._says("writes", words)
        await self._heard(await self.who.writes(words))

    async def commands(self, line: str) -> None:
        """Type a command."""
        self._says("types", f"{'/post ' if self.who.chat == 'slack' else '/'}{line}")
        await self.who.commands(line)
        await self.news()

    async def replies(self, message: Shown, words: str) -> None:
        """Answer a message of ours."""
        self._says("answers the card", words)
        await self._heard(await self.who.replies(message, words))

    async def edits(self, message: Shown, words: str) -> None:
        """Change an own message."""
        self._says("changes the message", words)
        await self.who.edits(message, words)
        await self.news()

    async def presses(self, message: Shown, label: str) -> None:
        """Press a button."""
        self._says(f"presses [{label}]")
        told = await self.who.presses(message, label)
        if told and self.who.chat == "telegram":
            self._lines += ["", f"Postcue, for a moment on the screen: {self._plain(told)}"]
        await self.news()

    async def opens(self, message: Shown) -> None:
        """Go through the pages behind the button of a message, and allow it there."""
        label = next(one.text for row in message.rows for one in row if one.url)
        self._says(f"presses [{label}] and allows it on Instagram's page")
        await self.town.world.allow(message.link, username=self.who.account)
        await self.news()

    async def sees_window(self, message: Shown, label: str) -> Modal:
        """Press a button that opens a window (where there are windows)."""
        assert isinstance(self.who, OnSlack)
        self._says(f"presses [{label}]")
        await self.who.person.presses(message.native, label)
        form = await self.who.person.sees_modal()
        fields = [
            f"{one.text}: {_value(one.element)}".strip()
            for one in form.screen.controls
            if one.is_input
        ]
        shown = [*fields, f"[{form.screen.submit}]"]
        self._block(f"A window opens, “{form.title}”", shown)
        return form

    async def fills(self, form: Modal, label: str, value: datetime | str) -> None:
        """Fill in a field of a window, and send it off."""
        said = value
        if isinstance(value, datetime):
            said = _moment(value)
        self._says(f"fills in {label}: {said} and presses [{form.screen.submit}]")
        await form.fills(label, value)
        for field, words in (await form.submits()).items():
            self._lines += ["", f"The window says at {field}: {words}"]
        await self.news()

    # ── seeing ──────────────────────────────────────────────────────────────────────────────

    def newest(self, words: str) -> Shown:
        """Give the newest message of ours that shows *words*.

        Raises:
            AssertionError: there is none; the transcript is in the words.
        """
        found = [one for one in self.who.shown() if words in one.text]
        assert found, f"nothing shows {words!r}:\n{self}"
        return found[-1]

    async def sees(self, words: str) -> None:
        """Wait until *words* are shown, and write down what was said by then."""
        await self.who.sees(words)
        await self.news()

    async def news(self) -> None:
        """Wait until all is said, and write down what is new."""
        await self.town.quiet()
        shown = self.who.shown()
        for one in shown:
            before = self._known.get(one.key)
            if before is None:
                self._block(f"Postcue{self._where(one)}", _drawn(one))
            elif (before.lines, before.rows) != (one.lines, one.rows):
                was = self._plain(before.lines[0])
                self._block(f"Postcue, where it said “{was}”", _drawn(one))
            self._known[one.key] = one
        for number, one in enumerate(self._own):
            now = self.who.receipts(one)
            if now != self._receipts.get(one.key, set()):
                which = "the message" if len(self._own) == 1 else f"message {number + 1}"
                marks = " ".join(sorted(now))
                self._lines += ["", f"Postcue marks {which}: {marks}"]
                self._receipts[one.key] = now

    async def _heard(self, own: Shown) -> Shown:
        self._own.append(own)
        await self.news()
        return own

    def _where(self, shown: Shown) -> str:
        if shown.is_private:
            return f", to {self.who.name} alone"
        if not shown.under:
            return ""
        return ", in the thread" if self.who.chat == "slack" else ", in answer"

    def _says(self, what: str, words: str = "") -> None:
        said = words.split("\n") if words else []
        self._block(f"{self.who.name} {what}", said)

    def _block(self, head: str, lines: Sequence[str]) -> None:
        self._lines += ["", f"{head}{':' if lines else '.'}"]
        self._lines += [f"{_INDENT}{self._plain(line)}".rstrip() for line in lines]

    def _plain(self, text: str) -> str:
        """Leave out what is another one each time."""
        text = text.replace(self.who.account, "cafe") if self.who.account else text
        text = _JUST_NOW.sub("1 s ago", _REFERENCE.sub("E-7F3K", text))
        return _SECONDS.sub(r"\1:07", text)


def _drawn(shown: Shown) -> list[str]:
    rows = [
        " ".join(f"[{one.text}{' ↗' if one.url and '↗' not in one.text else ''}]" for one in row)
        for row in shown.rows
    ]
    return [*shown.lines, *rows]


def _value(element: dict[str, object]) -> str:
    at = element.get("initial_date_time")
    if isinstance(at, int):
        return _moment(datetime.fromtimestamp(at, BERLIN))
    return str(element.get("initial_value") or "")


def _moment(at: datetime) -> str:
    local = at.astimezone(BERLIN)
    return f"{local:%a} {local.day} {local:%b}, {local:%H:%M}"
