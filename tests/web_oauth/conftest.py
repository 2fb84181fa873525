"""The site over real HTTP, a browser with its cookies, a team that asks."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from pydantic import SecretStr

from models.account import Account
from models.outbox import Outbox
from models.sealed import Keyring
from models.team import ChatIdentity, Member, Place, Team
from tests.support.clock import SettableClock
from tests.support.fake_door_chat import FakeDoorChat
from tests.support.fake_login_platform import FakeLoginPlatform
from web_oauth.site import SiteParts, build_site, serve
from web_oauth.state import new_connect_link

PUBLIC_URL = "http://postcue.test"


@dataclass
class Answer:
    status: int
    headers: "aiohttp.typedefs.CIMultiDictProxy[str]"
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class Browser:
    """A browser with a cookie jar of its own; follows no redirect by itself."""

    def __init__(self, port: int) -> None:
        self.base = f"http://127.0.0.1:{port}"
        self.session = aiohttp.ClientSession(
            cookie_jar=aiohttp.CookieJar(unsafe=True), timeout=aiohttp.ClientTimeout(total=20)
        )

    async def ask(self, method: str, path: str, **more) -> Answer:
        address = f"{self.base}{path.removeprefix(PUBLIC_URL)}"
        async with self.session.request(method, address, allow_redirects=False, **more) as answer:
            return Answer(answer.status, answer.headers, await answer.read())

    async def get(self, path: str, **more) -> Answer:
        return await self.ask("GET", path, **more)

    async def post(self, path: str, **more) -> Answer:
        return await self.ask("POST", path, **more)

    async def begin(self, link: str) -> str:
        """Press the button on the page behind a link; returns the state the platform is given."""
        answer = await self.post(link)
        assert answer.status == 303, answer.text
        return parse_qs(urlsplit(answer.headers["Location"]).query)["state"][0]

    async def come_back(self, state: str, platform: str = "instagram", **query: str) -> Answer:
        return await self.get(f"/connect/{platform}/callback", params={"state": state, **query})


@dataclass
class Asker:
    """A person of a team, in their chat."""

    team: Team
    member: Member
    place: Place


async def ask_team(clock: SettableClock, name: str = "Dana", username: str = "dana") -> Asker:
    """A team of one, in a chat of its own."""
    now = clock.now()
    team = await Team.create(created_at=now)
    member = await Member.create(team=team, name=name, created_at=now)
    number = str(100 + await Place.all().count())
    await ChatIdentity.create(
        member=member, chat="telegram", external_id=number, username=username, created_at=now
    )
    place = await Place.create(team=team, chat="telegram", chat_id=number, created_at=now)
    return Asker(team, member, place)


class MemoryStore:
    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.breaks_after: int | None = None

    async def size(self, key: str) -> int:
        from integrations.storage.contract import ObjectGone

        if key not in self.objects:
            raise ObjectGone
        return len(self.objects[key])

    async def open(self, key: str, *, start: int = 0, end: int | None = None):
        whole = self.objects[key][start : None if end is None else end + 1]
        for at in range(0, len(whole), 1000):
            if self.breaks_after is not None and at >= self.breaks_after:
                raise OSError("the disk is gone")
            yield whole[at : at + 1000]


class KnownLinks:
    """Good links by (token, key); a test takes one away to let it end."""

    def __init__(self) -> None:
        self.good: set[tuple[str, str]] = set()

    def is_good(self, token: str, key: str) -> bool:
        return (token, key) in self.good


@dataclass
class World:
    clock: SettableClock
    port: int
    instagram: FakeLoginPlatform
    threads: FakeLoginPlatform
    chat: FakeDoorChat
    store: MemoryStore
    links: KnownLinks
    keyring: Keyring
    public_url: str
    browsers: list[Browser] = field(default_factory=list)
    wakes: list[str] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)

    def browser(self) -> Browser:
        self.browsers.append(Browser(self.port))
        return self.browsers[-1]

    async def person(self, name: str = "Dana", username: str = "dana") -> Asker:
        return await ask_team(self.clock, name, username)

    async def link(self, asker: Asker, *, platform: str = "instagram", post_id=None) -> str:
        return await new_connect_link(
            platform=platform,
            member_id=asker.member.id,
            team_id=asker.team.id,
            place_id=asker.place.id,
            post_id=post_id,
            now=self.clock.now(),
            public_url=self.public_url,
        )

    async def connect(self, asker: Asker, username: str = "brand", **how) -> Answer:
        """Walk the whole way in a fresh browser."""
        browser = self.browser()
        state = await browser.begin(await self.link(asker))
        return await browser.come_back(state, code=self.instagram.code_for(username, **how))

    async def account(self, username: str = "brand") -> Account:
        return await Account.get(username=username)

    async def told(self, subject_kind: str, event: str) -> list[Outbox]:
        return await Outbox.filter(subject_kind=subject_kind, event=event).order_by("id")


@pytest.fixture
def public_url() -> str:
    return PUBLIC_URL


@pytest.fixture
def hook_secrets() -> dict[str, str]:
    return {}


@pytest.fixture
def pages_per_minute() -> int:
    return 6_000


@pytest.fixture
def proxy_hops() -> int:
    return 0


@pytest.fixture
async def world(
    database: str,
    clock: SettableClock,
    public_url: str,
    hook_secrets: dict[str, str],
    pages_per_minute: int,
    proxy_hops: int,
) -> AsyncIterator[World]:
    instagram, threads = FakeLoginPlatform(), FakeLoginPlatform("threads", "Threads")
    chat, store, links = FakeDoorChat(), MemoryStore(), KnownLinks()
    keyring = Keyring({"k1": bytes(range(32))})
    wakes: list[str] = []
    flags: set[str] = set()
    app = build_site(
        SiteParts(
            clock=clock,
            public_url=public_url,
            environment="development",
            platforms={"instagram": instagram, "threads": threads},
            chats={"telegram": chat},
            deep_links={"telegram": "https://t.me/postcue_bot"},
            keyring=keyring,
            store=store,
            links=links,
            hook_secrets={name: SecretStr(part) for name, part in hook_secrets.items()},
            wake=wakes.append,
            is_stopping=lambda: "stopping" in flags,
            media_trouble=lambda: "NeverLeft" if "unseen" in flags else "",
            pages_per_minute=pages_per_minute,
            proxy_hops=proxy_hops,
        )
    )
    async with serve(app, host="127.0.0.1", port=0) as port:
        made = World(
            clock, port, instagram, threads, chat, store, links, keyring, public_url,
            wakes=wakes, flags=flags,
        )  # fmt: skip
        yield made
        for browser in made.browsers:
            await browser.session.close()
