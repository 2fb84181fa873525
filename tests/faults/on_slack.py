"""Slack in a fault run, by HTTP or over sockets: events come late, twice, out of order, again."""

import asyncio
import random
from collections import Counter
from collections.abc import Collection
from functools import partial
from typing import Any

from aiohttp import web

from sandbox.clock import Clock
from sandbox.slack import SlackSandbox
from sandbox.slack.delivery import Delivery
from sandbox.slack.faults import FaultKind
from sandbox.slack.people import Attachment, Person, Place
from sandbox.slack.reading import Control
from sandbox.slack.view import Seen
from tests.faults.chats import Address, Shown

HOOK = "/hooks/slack"
QUICK_RETRIES = (0.0, 10.0, 60.0)
"""Seconds between the tries of an event, else at once, a minute and five minutes."""

_NEWEST = 4
_CALLS = ("chat.postMessage", "chat.postMessage", "chat.update", "chat.update", "chat.update")
_OTHER_CALLS = (
    "files.info", "(download)", "reactions.add", "users.info", "conversations.open",
    "chat.postEphemeral", "views.open", "apps.connections.open",
)  # fmt: skip
_KINDS: tuple[FaultKind, ...] = ("drop", "drop_before", "server_error", "ratelimited", "hang")


class SlackSide:
    """Slack, one workspace; everyone has direct messages with us and a channel of their own."""

    chat = "slack"

    def __init__(self, clock: Clock, *, is_http: bool, is_quick: bool) -> None:
        self.box = SlackSandbox(clock)
        self.box.flood_control = True
        self.count: Counter[str] = Counter()
        self._is_http = is_http
        self._dice = random.Random(0)
        self._pressing: set[asyncio.Task[object]] = set()
        if is_quick:
            self.box.office.retry_pauses = QUICK_RETRIES

    def add_to(self, app: web.Application) -> None:
        self.box.add_to(app)

    def settings(self, outside: str, public_url: str) -> dict[str, str]:
        self.box.origin = outside
        found = {
            "SLACK_BOT_TOKEN": self.box.token,
            "SLACK_SIGNING_SECRET": self.box.app.signing_secret,
            "SLACK_API_URL": f"{outside}/slack/api/",
            "SLACK_FILES_URL": f"{outside}/slack",
            "SLACK_AUTHORIZE_URL": f"{outside}/slack/oauth/v2/authorize",
        }
        if self._is_http:
            self.box.uses_http(public_url, path=HOOK)
        else:
            found["SLACK_APP_TOKEN"] = self.box.app.app_token
        return found

    def speaker(self, name: str) -> "_Speaker":
        person = self.box.person(name, tz="Etc/UTC")
        wanted = f"of-{person.name}"
        known = next((one for one in self.box.channels() if one.name == wanted), None)
        channel = Place(self.box.world, known) if known else self.box.channel(wanted, [person])
        return _Speaker(person, channel, self)

    def shown(self, place: str) -> list[Shown]:
        is_person = place in self.box.world.state.users
        where = self.box.person_by_id(place).direct if is_person else self.box.place(place)
        return [self.as_shown(seen) for seen in where.from_bot() if not seen.is_ephemeral]

    def as_shown(self, seen: Seen, person: Person | None = None) -> Shown:
        """Return a message; with *person* it has buttons."""
        controls = seen.controls if person else []
        buttons = tuple(
            (one.text, partial(self._press, person, seen, one))
            for one in controls
            if person and one.kind == "button" and not one.url
        )
        root = f"{seen.channel.id}/{seen.thread_ts}" if seen.thread_ts else ""
        return Shown(seen.text.split("\n")[0], root, buttons)

    def _press(self, person: Person, seen: Seen, control: Control) -> None:
        """Press, and do not wait for the answer."""
        task = asyncio.create_task(person.presses_old(seen, control))
        self._pressing.add(task)
        task.add_done_callback(self._pressing.discard)

    # ── what goes wrong ──────────────────────────────────────────────────────────────────────

    def disturb(self, seed: int) -> None:
        self._dice = random.Random(seed)
        self.box.office.hold_back = self._hold_back

    def _hold_back(self, delivery: Delivery) -> float:
        """Let two of five events be overtaken, and some come again, at once or seconds later."""
        dice = self._dice
        for chance, name, longest in ((0.2, "doubled", 0.0), (0.15, "repeated late", 6.0)):
            if dice.random() < chance:
                self.count[f"events: {name}"] += 1
                loop = asyncio.get_running_loop()
                loop.call_later(dice.uniform(0, 1) * longest, self._repeat, delivery)
        if dice.random() < 0.4:
            self.count["events: held back"] += 1
            return dice.uniform(0.05, 1.5)
        return 0.0

    def _repeat(self, delivery: Delivery) -> None:
        if self.box.office.hold_back:
            self.box.repeats(delivery)

    def fail(self, dice: random.Random) -> str:
        if dice.random() < 0.2:
            self.box.fails(
                "ratelimited", dice.choice(_CALLS), times=dice.randint(4, 8), retry_after=2
            )
            return "a storm of 429s"
        kind = dice.choices(_KINDS, (4, 3, 3, 4, 1))[0]
        method = dice.choice(_CALLS if dice.random() < 0.6 else _OTHER_CALLS)
        self.box.fails(kind, method, retry_after=dice.randint(1, 3))
        return kind

    def lose_acknowledgements(self, dice: random.Random) -> None:
        """Lose the next few acknowledgements: what they are for comes again."""
        self.box.loses_acks(dice.randint(1, 4))

    async def break_sockets(self, dice: random.Random) -> str:
        """Cut all sockets, or ask for new ones; return which."""
        how = dice.choice(("cut", "refresh_requested", "warning"))
        if how == "cut":
            self.box.breaks_sockets()
        else:
            await self.box.disconnects(how)
        return how

    async def calm(self) -> None:
        office = self.box.office
        self.box.heals()
        office.hold_back, office.mute, office.sockets.mute = None, 0, 0

    def hurry(self) -> None:
        self.box.office.hurry()

    # ── the record ───────────────────────────────────────────────────────────────────────────

    def given_up(self, marks: Collection[str]) -> set[str]:
        taken: dict[str, bool] = {}
        for one in self.box.deliveries:
            event = one.payload.get("event", {})
            mark = next((mark for mark in marks if mark in str(event.get("text", ""))), "")
            if mark and event.get("type") in {"message", "app_mention"} and one.settled.is_set():
                was_taken = any(not attempt.failure for attempt in one.attempts)
                taken[mark] = taken.get(mark, False) or was_taken
            elif mark:
                taken[mark] = True
        return {mark for mark, was_taken in taken.items() if not was_taken}

    def broken_rules(self) -> list[str]:
        return [f"Slack: {one}" for one in self.box.violations]


class _Speaker:
    def __init__(self, person: Person, channel: Place, side: SlackSide) -> None:
        self.person = person
        self.channel = channel
        self._side = side
        self._said = 0

    @property
    def addresses(self) -> tuple[Address, ...]:
        team, me = self.person.user.team, self.person.id
        return (
            Address("slack", team, me, me),
            Address("slack", team, me, self.channel.id, is_private=False),
        )

    async def arrives(self) -> None:
        """Opens the Home: it shows the queue from then on."""
        await self.person.opens_home()

    async def begins(self, address: Address, words: str) -> str:
        if address.is_private:
            return ""
        seen = await self.person.writes(words, channel=self.channel)
        return f"{self.channel.id}/{seen.ts}"

    async def sends(self, picture: bytes, words: str) -> Any:
        """Send it in direct messages, or in the channel with a mention.

        Its type and size may be known late, or stand only where one asks for them.
        """
        self._said += 1
        dice = self._side._dice
        late = dice.uniform(0.5, 4) if dice.random() < 0.3 else 0.0
        file = Attachment(picture, late_seconds=late, is_bare=dice.random() < 0.1)
        if self._said % 2:
            return await self.person.sends(file, words)
        return await self.person.sends(file, self._called(words), channel=self.channel)

    async def edits(self, said: Any, words: str) -> None:
        is_open = said.channel.id == self.channel.id
        await self.person.edits(said, self._called(words) if is_open else words)

    async def answers(self, said: Any, words: str) -> None:
        await self.person.replies(said, words)

    async def takes_back(self, said: Any) -> None:
        if not said.is_deleted:
            await self.person.deletes(said)

    def newest(self) -> list[Shown]:
        places = (self.person.direct, self.channel)
        return [
            self._side.as_shown(seen, self.person)
            for place in places
            for seen in place.from_bot(viewer=self.person.id)[-_NEWEST:]
        ]

    async def tidies_up(self) -> bool:
        modal = self.person.modal
        if modal and self._side._dice.random() < 0.5:
            await modal.submits()
            return True
        if modal:
            await modal.closes()
        return False

    def _called(self, words: str) -> str:
        return f"@{self.person.world.state.users[self.person.bot].name} {words}"
