"""Slack at the webhook door: signed, stored, answered in time; junk gets 401 or 400."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

import pytest
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from integrations.chat.incoming import Received
from integrations.slack.chat import SlackChat, SlackSettings
from models.inbox import Inbox, store_received
from sandbox.slack import signature
from tests.integrations.slack.stage import Pauses, judged, nowhere
from tests.support.clock import SettableClock
from tests.web_oauth.conftest import Browser, KnownLinks, MemoryStore
from web_oauth import site
from web_oauth.site import SiteParts, build_site, serve

SECRET = "0123456789abcdef0123456789abcdef"
JSON, FORM = "application/json", "application/x-www-form-urlencoded"


class Door:
    """Our site with Slack's door, and a store that can be slow."""

    def __init__(self, clock: SettableClock) -> None:
        self.clock = clock
        self.gate = asyncio.Event()
        self.gate.set()
        self.browser: Browser

    async def store(self, batch: Sequence[Received], now: datetime) -> int:
        await self.gate.wait()
        return await store_received(batch, now)

    async def knock(self, body: bytes, *, mime: str = JSON, **headers: str) -> tuple[int, bytes]:
        shown = {**signature(SECRET, body, int(self.clock.now().timestamp())), **headers}
        answer = await self.browser.post(
            "/hooks/slack", data=body, headers={"Content-Type": mime, **shown}
        )
        return answer.status, answer.body


def event(number: str = "Ev1", kind: str = "message") -> bytes:
    inner = {"type": kind, "channel": "C1", "user": "U1", "ts": "1.000001", "text": "hi"}
    whole = {"type": "event_callback", "team_id": "T1", "event_id": number, "event": inner}
    return json.dumps(whole).encode()


@pytest.fixture
async def door(database: str, clock: SettableClock) -> AsyncIterator[Door]:
    found = Door(clock)
    settings = SlackSettings("http://x/api", "http://x", SecretStr(SECRET), None, SecretStr("x"))
    chat = SlackChat(
        settings,
        session=None,  # type: ignore[arg-type]  # the door makes no call
        pause=Pauses(),
        now=clock.now,
        token_of=nowhere,
        judge=judged,
    )
    parts = SiteParts(
        clock=clock,
        public_url="http://postcue.test",
        environment="demo",
        platforms={},
        chats={"slack": chat},
        keyring=None,  # type: ignore[arg-type]  # nothing is sealed here
        store=MemoryStore(),  # type: ignore[arg-type]
        links=KnownLinks(),
        registry=CollectorRegistry(),
        store_events=found.store,
    )
    async with serve(build_site(parts), host="127.0.0.1", port=0) as port:
        found.browser = Browser(port)
        yield found
        await found.browser.session.close()


async def test_bad_078_an_event_its_retries_and_its_mention_are_kept_once(door: Door) -> None:
    first = await door.knock(event())
    retry = await door.knock(event(), **{"X-Slack-Retry-Num": "1"})
    mention = await door.knock(event("Ev2", "app_mention"))

    assert [first, retry, mention] == [(200, b"")] * 3
    row = await Inbox.get()
    assert (row.source, row.external_id, row.conversation) == ("slack:app", "Ev1", "slack:T1:C1")
    assert row.second_key == "said:T1:C1:1.000001"


async def test_an_answer_comes_in_time_also_while_the_database_is_slow(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert site.SLACK_ANSWER_SECONDS < 3
    door.gate.clear()

    started = asyncio.get_running_loop().time()
    status, _ = await door.knock(event())
    took = asyncio.get_running_loop().time() - started

    assert status == 503
    assert took < 3
    door.gate.set()
    assert (await door.knock(event(), **{"X-Slack-Retry-Num": "1"}))[0] == 200
    assert await Inbox.all().count() == 1


async def test_s6_unsigned_junk_of_every_kind_is_401(door: Door) -> None:
    bodies = (b"", b"{}", b"\xff\xfe", b"payload=%00", b"[" * 5_000, event())
    for body in bodies:
        for headers in (
            {},
            {"X-Slack-Request-Timestamp": "abc", "X-Slack-Signature": "v0=00"},
            {"X-Slack-Request-Timestamp": "9" * 400, "X-Slack-Signature": "v0="},
        ):
            for mime in (JSON, FORM):
                answer = await door.browser.post(
                    "/hooks/slack", data=body, headers={"Content-Type": mime, **headers}
                )
                assert (answer.status, answer.body) == (401, b"")
    assert not await Inbox.exists()


async def test_bad_073_signed_without_form_is_400_and_other_types_are_415(door: Door) -> None:
    assert (await door.knock(b"[" * 5_000))[0] == 400
    assert (await door.knock(b"payload=nonsense", mime=FORM))[0] == 400
    assert (await door.knock(event(), mime="text/plain"))[0] == 415
    assert not await Inbox.exists()


async def test_bad_077_the_handshake_is_answered_with_the_challenge(door: Door) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "c-42"}).encode()

    status, answer = await door.knock(body)

    assert (status, json.loads(answer)) == (200, {"challenge": "c-42"})
    assert not await Inbox.exists()
