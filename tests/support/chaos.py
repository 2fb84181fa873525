"""A person who does random things, and what must hold whatever they do."""

import asyncio
import logging
import os
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta

from bot.cards.buttons import read_payload
from models.inbox import Inbox
from models.outbox import CardMessage, Delivery, Outbox
from models.post import Media, Post, Target
from sandbox.telegram.media import a_jpeg, a_png, an_mp4
from sandbox.telegram.people import Attachment
from sandbox.telegram.view import Button, Seen
from sandbox.telegram.world import Query
from tests.support.world import World

BOOKING = ("in 20 seconds", "in 2 minutes", "in 3 hours", "tomorrow 9am", "every day at 18:30")
"""Phrases that stand on a line of their own and mean one thing: they book at once."""

OTHER_PHRASES = (
    "", "", "friday 9", "yesterday 9am", "31 February", "tomorrow at 25:00", "now", "story",
    "next friday", "03/04 10:00", "in 500 years", "2027-03-28 02:30", "🎉 tomorrow",
)  # fmt: skip
CAPTIONS = ("Menu", "Autumn 🍂 #cafe", "", "<b>bold</b> & *stars*", "two\n\nlines", "x" * 900)
WORDS = (
    "10am", "tomorrow 9am", "in 2 hours", "in 20 seconds", "friday", "Berlin", "New York", "hello",
    "cancel", "caption: Better words", "?", "31 February", "every monday 8am", "a new caption",
    "at 25:00", "yesterday", "now", "19:15", "#tag " * 31,
)  # fmt: skip
COMMANDS = (
    "/start", "/help", "/connect", "/accounts", "/queue", "/drafts", "/timezone", "/cancel",
    "/why", "/nonsense", "/timezone Tokyo", "/timezone Nowhere", "/start c_x", "/start connect",
)  # fmt: skip
NUMBERED = ("/cancel", "/why")
CONFIRMS = (
    "Schedule", "Yes, publish now", "Publish now", "Undo", "Try again", "Post now", "Retry",
    "Start", "In 1 h", "Tonight", "Tomorrow", "It's live", "Post again",
)  # fmt: skip
LEAVES = ("Disconnect", "forget me")
"""Words on buttons that end a walk for good; they are pressed in tests of their own."""

_PATIENCE_SECONDS = 30.0
_STEP_SECONDS = 0.02


STEPS = int(os.environ.get("CHAOS_STEPS", "40"))
Act = Callable[[], Awaitable[None]]


def seeds() -> list[int]:
    """Return the seeds to walk with; a failed walk names its own."""
    asked = os.environ.get("CHAOS_SEEDS", "1 2")
    if asked.startswith("x"):
        return list(range(1000, 1000 + int(asked[1:])))
    return [int(one) for one in asked.split()]


class _Errors(logging.Handler):
    """Keeps what was logged as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        text = logging.Formatter().format(record)
        if "sandbox.telegram.door._Cut" in text:
            return  # a connection that the stand-in was told to cut
        self.found.append(f"{record.name} {text} {getattr(record, 'inbox', '')}")


class Walk:
    """One random walk; *seed* tells it apart and lets it be walked again."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.seed = seed
        self.dice = random.Random(seed)
        self.sent: list[Seen] = []
        self.asked = list[Query]()
        self.story: list[str] = []
        self.errors = _Errors()

    async def go(self, steps: int) -> None:
        """Do *steps* random things, then hold what must hold."""
        logging.getLogger().addHandler(self.errors)
        try:
            await self.world.settle_in()
            if self.dice.random() < 0.8:
                await self.world.connect()
            for _ in range(steps):
                await self._step()
            await self.hold()
        except BaseException:
            print(f"seed {self.seed}:", *self.story, sep="\n  ")  # noqa: T201 - shown by pytest
            print(self.world.dana.private.transcript())  # noqa: T201 - shown by pytest
            raise
        finally:
            logging.getLogger().removeHandler(self.errors)

    async def _step(self) -> None:
        act: Act = self.dice.choices(
            [
                self._photo, self._album, self._video, self._document, self._edit, self._reply,
                self._press, self._press_twice, self._stale_press, self._command, self._words,
                self._restart, self._telegram_fault, self._instagram_fault, self._time,
                self._settle,
            ],
            [8, 4, 3, 2, 6, 6, 24, 3, 5, 7, 9, 1, 3, 3, 7, 8],
        )[0]  # fmt: skip
        await act()
        await asyncio.sleep(self.dice.choice([0, 0, 0, _STEP_SECONDS, 0.1, 0.5]))

    def _note(self, what: str) -> None:
        self.story.append(what)

    # sending

    def _text(self) -> str:
        dice = self.dice
        phrase = dice.choice(BOOKING if dice.random() < 0.5 else OTHER_PHRASES)
        return f"{dice.choice(CAPTIONS)}\n{phrase}".strip()

    async def _photo(self) -> None:
        text = self._text()
        self._note(f"photo {text!r}")
        picture = a_jpeg(400, 400, str(len(self.sent)))
        self.sent.append(await self.world.dana.sends_photo(picture, text))

    async def _album(self) -> None:
        text = self._text()
        count, late = self.dice.randint(2, 4), self.dice.choice([0, 0, 1])
        self._note(f"album of {count} ({late} late) {text!r}")
        items = [a_jpeg(300, 300, f"{len(self.sent)}-{index}") for index in range(count)]
        album = await self.world.dana.sends_album(
            items, text, is_out_of_order=self.dice.random() < 0.3, hold_back=late
        )
        self.sent.append(album[0])
        if late:
            await asyncio.sleep(self.dice.choice([0.1, 1.0, 2.5]))
            album.release()

    async def _video(self) -> None:
        text = self._text()
        self._note(f"video {text!r}")
        self.sent.append(await self.world.dana.sends_video(an_mp4(), text))

    async def _document(self) -> None:
        text = self._text()
        data = self.dice.choice([a_png(300, 300), b"", b"<html></html>", a_jpeg()[:3000]])
        self._note(f"document of {len(data)} bytes {text!r}")
        self.sent.append(await self.world.dana.sends(Attachment(data, "document", "a.png"), text))

    async def _edit(self) -> None:
        if self.sent:
            message, text = self.dice.choice(self.sent[-4:]), self._text()
            self._note(f"edit {message.id} {text!r}")
            await self.world.dana.edits(message, text)

    async def _reply(self) -> None:
        cards = self.world.dana.private.from_bot()[-8:]
        if cards:
            card, words = self.dice.choice(cards), self.dice.choice(WORDS)
            self._note(f"reply to {card.id} {words!r}")
            await self.world.dana.replies(card, words)

    async def _words(self) -> None:
        words = self.dice.choice(WORDS)
        self._note(f"write {words!r}")
        await self.world.dana.writes(words)

    async def _command(self) -> None:
        command = self.dice.choice(COMMANDS)
        if command in NUMBERED and self.dice.random() < 0.7:
            command += f" {self.dice.choice(['1', '#2', '3', '99', 'x', '-1', '²'])}"
        self._note(command)
        await self.world.dana.writes(command)

    # pressing

    def _buttons(self, *, is_stale: bool = False) -> list[tuple[Seen, Button]]:
        found = []
        for seen in self.world.dana.private.from_bot()[-12:]:
            rows = [row for said in seen.history for row in said.buttons] if is_stale else []
            for row in rows or seen.buttons:
                found += [(seen, one) for one in row if one.data]
        return [one for one in found if not any(word in one[1].text for word in LEAVES)]

    async def _press(self) -> None:
        self._tap(self._buttons(), times=1)

    async def _press_twice(self) -> None:
        self._tap(self._buttons(), times=2)

    async def _stale_press(self) -> None:
        self._tap(self._buttons(is_stale=True), times=1)

    def _tap(self, found: list[tuple[Seen, Button]], *, times: int) -> None:
        if not found:
            return
        seen, button = self.dice.choice(found)
        self._note(f"press {button.text!r} on {seen.id} ({times}x, {button.data.split(':')[1]})")
        for _ in range(times):
            self.asked.append(self.world.dana.forges_press(seen, button.data))

    # misfortunes

    async def _restart(self) -> None:
        self._note("restart")
        # Answers to presses are given at once or never: those in hand may be lost.
        self.asked.clear()
        if self.dice.random() < 0.5:
            await self.world.kill()
            await self.world.start()
        else:
            await self.world.restart()

    async def _telegram_fault(self) -> None:
        kind = self.dice.choice(["flood", "server_error", "drop", "drop_before"])
        method = self.dice.choice(["sendMessage", "editMessageText", "getFile", "getUpdates"])
        if kind == "drop" and method == "sendMessage":
            # Telegram has no key for a message: after this one a second card is accepted.
            kind = "drop_before"
        self._note(f"Telegram: {kind} on {method}")
        self.world.telegram.fails(kind, method, times=self.dice.randint(1, 3))  # type: ignore[arg-type]  # one of those above

    async def _instagram_fault(self) -> None:
        action = self.dice.choice(
            ["error", "error_after", "drop_before", "drop_after", "html", "reject_media"]
        )
        route = self.dice.choice(["create", "container", "publish", "limit", "list"])
        more = {"status": 500, "code": 2} if action.startswith("error") else {}
        self._note(f"Instagram: {action} on {route}")
        self.world.instagram.fault(action, route, times=self.dice.randint(1, 2), **more)  # type: ignore[arg-type]  # one of those above

    async def _time(self) -> None:
        seconds = self.dice.choice([1, 5, 21, 65, 130, 400, 1_000, 4_000])
        self._note(f"{seconds} s pass")
        # A press is answered within Telegram's window or not at all.
        self.asked = [query for query in self.asked if query.answers]
        self.world.pass_time(timedelta(seconds=seconds))

    async def _settle(self) -> None:
        """Let the product come to rest, as when a person reads before going on."""
        loop = asyncio.get_running_loop()
        limit = loop.time() + 1.5
        while loop.time() < limit and await _busy():
            await asyncio.sleep(_STEP_SECONDS)

    # what must hold

    async def hold(self) -> None:
        """Hold everything to the promises, once all is quiet."""
        self.world.telegram.heals()
        self.world.instagram.faults.clear()
        self._note("rest")
        await self._come_to_rest()
        assert not self.errors.found, "\n".join(self.errors.found)
        unanswered = [query for query in self.asked if not query.answers]
        assert not unanswered, f"{len(unanswered)} presses were not answered"
        assert not self.world.telegram.journal.unknown
        assert not self.world.instagram.violations, self.world.instagram.violations
        assert not await Inbox.filter(state="parked").exists(), "a row was parked"
        assert not await Delivery.filter(state="undeliverable").exists()
        await self._hold_published()
        await self._hold_cards()
        await self._hold_questions()

    async def _come_to_rest(self) -> None:
        loop = asyncio.get_running_loop()
        limit, nudged = loop.time() + _PATIENCE_SECONDS, loop.time()
        quiet = 0
        while quiet < 5:
            busy = await _busy()
            quiet = 0 if busy else quiet + 1
            is_asked = bool(self.world.telegram.pending_updates()) or busy == "inbox"
            if loop.time() - nudged > (5.0 if is_asked else 1.0):
                # What waits for its next try, waits for the clock.
                self.world.pass_time(timedelta(seconds=10))
                nudged = loop.time()
            assert loop.time() < limit, f"never came to rest: {busy}"
            await asyncio.sleep(_STEP_SECONDS)

    async def _hold_published(self) -> None:
        public = self.world.instagram.published
        targets = await Target.filter(state="published").prefetch_related("post")
        written = {target.platform_media_id: target for target in targets}
        by_hand = [one for one in targets if "confirmed_by" in one.last_error]
        unclear = await Target.filter(state="unconfirmed").count()
        counted = Counter(one.container_id for one in public)
        assert not [key for key, count in counted.items() if count > 1], "published twice"
        closed = await Post.filter(stage="cancelled", notes__contains={"outcome": "unknown"})
        lost = [one for one in public if one.id not in written]
        assert len(lost) <= len(by_hand) + unclear + len(closed), f"live and not known: {lost}"
        for one in public:
            target = written.get(one.id)
            if target is None:
                continue
            post: Post = target.post
            assert one.caption == post.caption, f"#{post.number}: {one.caption!r}"
            assert one.published_at >= target.due_at - timedelta(seconds=1), (
                f"#{post.number} early"
            )
        assert len(written) + len(by_hand) >= len(targets), "one media id for two posts"

    async def _hold_cards(self) -> None:
        private = self.world.dana.private
        for post in await Post.all():
            card = await CardMessage.get_or_none(subject_id=post.id, purpose="card")
            if card is None or not card.message_ref:
                is_run = bool(post.notes.get("series"))
                assert is_run, f"#{post.number} ({post.stage}) has no card"
                continue
            live = [
                seen
                for seen in private.from_bot()
                if any(_is_of(button, post) for row in seen.buttons for button in row)
                and seen.text.split("\n")[0].endswith(f" #{post.number}")
            ]
            assert len(live) <= 1, f"#{post.number} has {len(live)} live cards: {live}"
            shown = next(one for one in private.messages() if str(one.id) == card.message_ref)
            if post.caption:
                assert post.caption in shown.text, f"#{post.number}: {shown.text!r}"
            assert not live or live[0].id == shown.id, f"{live} live, {shown} is known"

    async def _hold_questions(self) -> None:
        """No draft waits without a question, and every question can be answered."""
        private = self.world.dana.private
        for post in await Post.filter(stage="draft"):
            assert post.question, f"#{post.number} waits for nothing"
            card = await CardMessage.get(subject_id=post.id, purpose="card")
            shown = next(one for one in private.messages() if str(one.id) == card.message_ref)
            assert shown.buttons, f"#{post.number} asks {post.question} without a way on"
            revs = {
                button.data.rsplit(":", 1)[1]
                for row in shown.buttons
                for button in row
                if button.data
            }
            assert revs <= {str(post.rev)}, f"#{post.number} shows {revs}, it is at {post.rev}"


def _is_of(button: Button, post: Post) -> bool:
    pressed = read_payload(button.data) if button.data else None
    if pressed is None or pressed.subject != post.id:
        return False
    return pressed.verb != "open" and not pressed.verb.startswith("usecap")


async def _busy() -> str:
    """Return what still waits to be done, "" when the product is at rest."""
    if await Inbox.filter(state="waiting").exists():
        return "inbox"
    if await Outbox.filter(fanned_out_at__isnull=True).exists():
        return "outbox"
    if await Delivery.filter(state="waiting").exists():
        return "delivery"
    if await Media.filter(state="pending").exclude(post__stage="cancelled").exists():
        return "media"
    if await Target.filter(state__in=("publishing", "preparing", "waiting_media")).exists():
        return "target"
    return ""
