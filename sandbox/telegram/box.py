"""The stand-in for Telegram as tests and the demo hold it: bots, people, chats, faults, routes."""

import asyncio
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from sandbox.chats.box import Box
from sandbox.chats.watching import PATIENCE_SECONDS
from sandbox.clock import Clock, ShiftedClock, unix
from sandbox.telegram.door import Door
from sandbox.telegram.faults import Fault, FaultKind
from sandbox.telegram.journal import Journal
from sandbox.telegram.people import Channel, Group, Person
from sandbox.telegram.state import Bot
from sandbox.telegram.world import FIRST_PERSON_ID, World

DEMO_TOKEN = "42:SANDBOX-telegram-token-for-demo-only"
DEMO_USERNAME = "postcue_demo_bot"


class TelegramSandbox(Box[Fault]):
    """A whole Telegram: mount it with ``add_to(app)``, point a bot at it, and speak as a person.

    With a *folder* everything is kept on disk, so that a restart goes on with the same people and
    chats and no id is ever given twice. ``flood_control`` and ``local_mode`` are switches.
    """

    world: World

    def __init__(self, clock: Clock | None = None, folder: Path | None = None) -> None:
        self.world = World(clock or ShiftedClock(), folder)
        self.door = Door(self.world)
        if not self.world.state.bots:
            self.add_bot(DEMO_TOKEN, DEMO_USERNAME, "Postcue")

    # mounting

    def routes(self, prefix: str = "/telegram") -> list[web.RouteDef]:
        """Give the routes of the Bot API."""
        return self.door.routes(prefix)

    def add_to(self, app: web.Application, prefix: str = "/telegram") -> None:
        """Mount everything on *app* and start and stop with it."""
        app.add_routes(self.routes(prefix))
        app.on_startup.append(self._on_startup)
        app.on_shutdown.append(self._on_shutdown)

    async def start(self) -> None:
        """Go on with what an earlier run left undelivered."""
        for bot in self.world.state.bots.values():
            self.world.office.push(bot)

    async def close(self) -> None:
        """End polls, deliveries and streams, and write everything down."""
        self.world.closing.set()
        for query in self.world.queries.values():
            query.answered.set()
        self.world.feed.end()
        await self.world.office.close()
        self.world.save()

    # bots

    @property
    def token(self) -> str:
        """The token of the first bot."""
        return next(iter(self.world.state.bots))

    @property
    def bot(self) -> Bot:
        """The first bot."""
        return next(iter(self.world.state.bots.values()))

    def add_bot(
        self, token: str, username: str, name: str, *, reads_all_group_messages: bool = False
    ) -> Bot:
        """Register a bot; its id is the number before the colon of the token."""
        number = int(token.split(":", 1)[0])
        bot = Bot(token, number, username, name, reads_all_group_messages)
        self.world.state.bots[token] = bot
        self.world.changed()
        return bot

    # people and chats

    def person(
        self,
        name: str,
        *,
        language: str = "en",
        username: str = "",
        is_premium: bool = False,
        bot: Bot | None = None,
    ) -> Person:
        """Give the person of that name, new when there is none yet."""
        for user_id, user in self.world.state.users.items():
            if user["first_name"] == name:
                return Person(self.world, user_id, bot or self.bot)
        return self._new_person(name, language, username, is_premium=is_premium, bot=bot)

    def _new_person(
        self, name: str, language: str, username: str, *, is_premium: bool, bot: Bot | None
    ) -> Person:
        user_id = self.world.state.next("person", first=FIRST_PERSON_ID)
        user: dict[str, Any] = {
            "id": user_id,
            "is_bot": False,
            "first_name": name,
            "language_code": language,
        }
        user["username"] = (
            username
            or "".join(c for c in name.lower() if c.isascii() and c.isalnum()) + str(user_id)[-4:]
        )
        if is_premium:
            user["is_premium"] = True
        self.world.state.users[user_id] = user
        self.world.feed.tell("person", user=user_id)
        self.world.changed()
        return Person(self.world, user_id, bot or self.bot)

    def person_by_id(self, user_id: int, bot: Bot | None = None) -> Person:
        """Give the person of that id.

        Raises:
            LookupError: there is nobody of that id.
        """
        if user_id not in self.world.state.users:
            raise LookupError(f"nobody has the id {user_id}")
        return Person(self.world, user_id, bot or self.bot)

    def people(self) -> list[Person]:
        """Give everyone."""
        return [Person(self.world, user_id, self.bot) for user_id in self.world.state.users]

    def group(
        self,
        title: str,
        members: Iterable[Person],
        *,
        is_supergroup: bool = True,
        is_forum: bool = False,
    ) -> Group:
        """Open a group created by the first member; the bot is not in it yet (``adds_bot``)."""
        kind = "supergroup" if is_supergroup or is_forum else "group"
        chat = self.world.add_chat(kind, title, is_forum=is_forum)
        for person in members:
            chat.members[person.id] = "member" if chat.members else "creator"
        return Group(self.world, chat)

    def channel(self, title: str, owner: Person, *, username: str = "") -> Channel:
        """Open a channel."""
        chat = self.world.add_chat("channel", title, username=username)
        chat.members[owner.id] = "creator"
        return Channel(self.world, chat)

    # faults, news, the record

    def fails(self, kind: FaultKind, method: str = "*", **details: Any) -> Fault:
        """Switch a fault on, by default for one call; *details* are the fields of ``Fault``."""
        return self.goes_wrong(Fault(kind, method, **details))

    @property
    def journal(self) -> Journal:
        """Every call that was made."""
        return self.world.journal

    @property
    def local_mode(self) -> bool:
        """Whether it acts as a local server: no download limit, absolute paths; needs a folder."""
        return self.world.local_mode

    @local_mode.setter
    def local_mode(self, is_local: bool) -> None:
        self.world.local_mode = is_local

    def expire_file(self, file_id: str) -> None:
        """Make a file id useless, as happens to old ones."""
        self.world.state.files[file_id].has_expired = True
        self.world.changed()

    def spoil_download(self, file_id: str, how: str) -> None:
        """Serve a file wrongly: ``cut`` breaks off, ``endless`` never ends, ``whole`` mends it."""
        self.world.state.files[file_id].serves = how

    def tell_bot(
        self, kind: str, payload: dict[str, Any], bot: Bot | None = None
    ) -> dict[str, Any]:
        """Send the bot an update of any kind and content, also one that does not exist yet."""
        return self.world.office.put(bot or self.bot, {kind: payload})

    def repeat(self, update: dict[str, Any], bot: Bot | None = None) -> None:
        """Send an update again under its old id, as after a lost acknowledgement."""
        self.world.office.put(bot or self.bot, update)

    async def all_updates_taken(
        self, seconds: float = PATIENCE_SECONDS, bot: Bot | None = None
    ) -> None:
        """Wait until the bot has confirmed every update (it may still be at work on the last).

        Raises:
            TimeoutError: some stayed unconfirmed.
        """
        with self.subscribe() as news:
            async with asyncio.timeout(seconds):
                while (bot or self.bot).updates:
                    await news.next()

    def pending_updates(self, bot: Bot | None = None) -> list[dict[str, Any]]:
        """Give the updates that the bot has not confirmed."""
        return list((bot or self.bot).updates)

    def sign_init_data(self, person: Person, *, auth_date: int | None = None, **more: str) -> str:
        """Give the initData of a Mini App opened by *person*, signed with the bot's token."""
        fields = {
            "auth_date": str(auth_date if auth_date is not None else unix(self.world.clock)),
            "query_id": "AAH" + secrets.token_urlsafe(12),
            "user": json.dumps(
                self.world.user(person.id), separators=(",", ":"), ensure_ascii=False
            ),
            **more,
        }
        checked = "\n".join(f"{name}={fields[name]}" for name in sorted(fields))
        key = hmac.new(b"WebAppData", person.bot.token.encode(), hashlib.sha256).digest()
        fields["hash"] = hmac.new(key, checked.encode(), hashlib.sha256).hexdigest()
        return urlencode(fields)

    async def _on_startup(self, app: web.Application) -> None:
        del app
        await self.start()

    async def _on_shutdown(self, app: web.Application) -> None:
        del app
        await self.close()
