"""The one way out: who may be called, what comes back, what leaks."""

import asyncio
import gzip
import logging
import socket
import traceback
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from hypothesis import given
from hypothesis import strategies as st

from platforms.errors import OutcomeUnknown, Rejected, TryAgainLater
from platforms.http import (
    AddressGuard,
    Answer,
    NeverLeft,
    NoAnswer,
    Origin,
    OutboundClient,
    Unsendable,
    build_session,
    is_public_address,
    to_platform_error,
    without_query,
)
from tests.support.canned_answers import CannedAnswers

GRAPH = "https://graph.example.com"
CANARY = "IGAAcanary0123456789secretsecret"
SECOND = timedelta(seconds=1)


@asynccontextmanager
async def serving(app: web.Application, **site: object) -> AsyncIterator[str]:
    """Serve *app* on a free loopback port and yield its origin."""
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, **site).start()  # type: ignore[arg-type]
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def raw_server(answer: bytes | None) -> AsyncIterator[str]:
    """Serve connections by hand: read the request, write *answer*, close (None: stay silent)."""

    met: list[asyncio.Task[None]] = []

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        met.append(asyncio.current_task())  # type: ignore[arg-type]
        try:
            if answer is not None:
                await reader.readuntil(b"\r\n\r\n")
                writer.write(answer)
            else:
                await reader.read()
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    server = await asyncio.start_server(meet, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    await asyncio.gather(*met)


@asynccontextmanager
async def client_of(origin: str, **options: object) -> AsyncIterator[OutboundClient]:
    async with build_session([origin]) as session:
        yield OutboundClient(session, allowed_origins=[origin], **options)  # type: ignore[arg-type]


class ListedResolver(AbstractResolver):
    """Answers each question with the next list of addresses; the last one for ever."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: int = socket.AF_INET,  # noqa: ARG002
    ) -> list[ResolveResult]:
        addresses = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in addresses
        ]

    async def close(self) -> None:
        pass


# S2: the address that is connected


INSIDE_ADDRESSES = [
    "127.0.0.1",
    "10.0.0.8",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "fd00::1",
    "fe80::1",
    "224.0.0.1",
    "2002:7f00:1::",
    "192.0.2.1",
    "198.18.0.1",
    "::127.0.0.1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
]


@pytest.mark.parametrize("address", [*INSIDE_ADDRESSES, "fe80::1%eth0", "no address", ""])
def test_s2_an_address_inside_is_not_public(address: str) -> None:
    assert not is_public_address(address)


@pytest.mark.parametrize("address", ["157.240.0.174", "2a03:2880:f212::1", "::ffff:157.240.0.174"])
def test_s2_an_ordinary_address_is_public(address: str) -> None:
    assert is_public_address(address)


@pytest.mark.parametrize("address", INSIDE_ADDRESSES)
def test_s2_no_socket_is_opened_to_an_address_inside(address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    guard = AddressGuard([Origin.read(GRAPH)])

    with pytest.raises(PermissionError):
        guard.open_socket((family, socket.SOCK_STREAM, 0, "", (address, 443)))


@pytest.mark.parametrize("address", INSIDE_ADDRESSES)
async def test_s2_a_name_that_leads_inside_is_not_connected(address: str) -> None:
    async with build_session([GRAPH], resolver=ListedResolver([address])) as session:
        client = OutboundClient(session, allowed_origins=[GRAPH])

        with pytest.raises(NeverLeft):
            await client.get(f"{GRAPH}/me", {}, within=SECOND)


async def test_s2_a_name_that_changes_its_mind_is_not_connected_inside() -> None:
    # A server listens where the name will lead to: only the guard is in the way.
    hits: list[str] = []

    async def hit(request: web.Request) -> web.Response:
        hits.append(request.path)
        return web.json_response({})

    app = web.Application()
    app.router.add_get("/me", hit)
    async with serving(app) as origin:
        port = origin.rpartition(":")[2]
        resolver = ListedResolver(["157.240.0.174"], ["127.0.0.1"])
        async with build_session([GRAPH], resolver=resolver) as session:
            await resolver.resolve("rebound.example.com")  # a check beforehand finds nothing wrong

            with pytest.raises(OSError, match=r"rebound\.example\.com"):
                await session.get(f"http://rebound.example.com:{port}/me")

    assert resolver.asked == 2
    assert hits == []


async def test_s2_of_several_addresses_only_the_fit_ones_are_tried() -> None:
    app = web.Application()
    async with serving(app) as origin:
        port = origin.rpartition(":")[2]
        resolver = ListedResolver(["10.0.0.8", "64:ff9b::a00:8", "127.0.0.1"])
        async with (
            build_session([origin], resolver=resolver) as session,
            session.get(f"http://both.example.com:{port}/me") as answer,
        ):
            assert answer.status == 404


async def test_s2_an_address_written_as_an_address_is_not_connected_either() -> None:
    # Literal addresses never reach a resolver.
    app = web.Application()
    async with serving(app) as origin, build_session([GRAPH]) as session:
        with pytest.raises(OSError, match="127"):
            await session.get(f"{origin}/me")


async def test_s2_a_redirect_to_the_metadata_address_is_not_followed() -> None:
    asked: list[str] = []

    async def redirect(request: web.Request) -> web.Response:
        asked.append(request.path)
        raise web.HTTPFound("http://169.254.169.254/latest/meta-data/")

    app = web.Application()
    app.router.add_get("/me", redirect)
    async with serving(app) as origin, client_of(origin) as client:
        answer = await client.get(f"{origin}/me", {}, within=SECOND)

    assert (answer.status, answer.body) == (302, None)
    assert asked == ["/me"]


def test_s2_a_sandbox_opens_its_own_port_on_loopback_and_no_other() -> None:
    guard = AddressGuard([Origin.read("http://127.0.0.1:8081/instagram"), Origin.read(GRAPH)])

    assert guard.permits("127.0.0.1", 8081)
    assert not guard.permits("127.0.0.1", 5432)
    assert not guard.permits("10.0.0.1", 8081)
    assert not guard.permits("169.254.169.254", 8081)


@pytest.mark.parametrize(
    "url",
    [
        "https://graph.example.com@evil.example/me",
        "https://user:pass@graph.example.com/me",
        "https://graph.example.com.evil.example/me",
        "https://evil.example/graph.example.com/me",
        "https://evil.example#graph.example.com",
        "https://evil.example\\@graph.example.com/me",
        "https://graph.example.com\\.evil.example/me",
        "https://graph.example.com:8443/me",
        "https://graph.example.com:80/me",
        "http://graph.example.com/me",
        "http://graph.example.com:443/me",
        "https://graph.example.com./me",
        "https://gráph.example.com/me",
        "https://graph.exаmple.com/me",
        "https://graph.example.com/me#fragment",
        "https://evil.example/ https://graph.example.com/me",
        "//graph.example.com/me",
        "file:///etc/passwd",
        "https://[::1]/me",
        "https://127.0.0.1/me",
        "https://2130706433/me",
        "https:///me",
        "https://graph.example.com:x/me",
        "",
    ],
)
async def test_s2_a_confusing_address_is_never_sent(url: str) -> None:
    with CannedAnswers() as answers:
        async with client_of(GRAPH) as client:
            with pytest.raises(Unsendable):
                await client.get(url, {"access_token": CANARY}, within=SECOND)

    assert answers.sent() == []


async def test_s2_upper_case_names_the_same_host() -> None:
    with CannedAnswers() as answers:
        answers.get(f"{GRAPH}/me?x=1", payload={"id": "1"})
        async with client_of(GRAPH) as client:
            answer = await client.get("HTTPS://GRAPH.Example.com/me", {"x": "1"}, within=SECOND)

    assert answer.body == {"id": "1"}


@pytest.mark.parametrize(
    "address",
    [
        "http://graph.example.com",
        "https://graph.example.com:8443",
        "http://10.0.0.5:8081",
        "http://169.254.169.254",
        "ftp://127.0.0.1",
        "127.0.0.1:8081",
        "",
    ],
)
def test_s2_an_origin_is_https_or_loopback(address: str) -> None:
    with pytest.raises(ValueError, match=r"not |holds"):
        Origin.read(address)


def test_a_path_behind_an_origin_does_not_change_it() -> None:
    assert Origin.read("http://127.0.0.1:8081/a/b") == Origin("http", "127.0.0.1", 8081)


# What comes back


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"<!doctype html><title>Sorry</title>", "not_json"),
        (b'{"id": "178', "not_json"),
        (b"", "not_json"),
        (b"[1, 2]", "not_json"),
        (b'"text"', "not_json"),
        (b"\xff\xfe\x00", "not_json"),
        (b"[" * 100_000, "not_json"),
    ],
)
async def test_an_answer_that_is_no_json_object_is_a_value(body: bytes, fault: str) -> None:
    with CannedAnswers() as answers:
        answers.get(f"{GRAPH}/me", body=body)
        async with client_of(GRAPH) as client:
            answer = await client.get(f"{GRAPH}/me", {}, within=SECOND)

    assert (answer.status, answer.body, answer.fault) == (200, None, fault)


async def test_an_answer_cut_in_half_is_known_as_truncated() -> None:
    half = b'HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{"id": "17'
    async with raw_server(half) as origin, client_of(origin) as client:
        answer = await client.post(f"{origin}/publish", {"a": "b"}, within=SECOND)

    assert (answer.status, answer.body, answer.fault) == (200, None, "truncated")


async def test_an_answer_without_end_is_cut_at_the_cap() -> None:
    async def pour(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        with suppress(ConnectionError):
            while True:
                await response.write(b"x" * 10_000)
        return response

    app = web.Application()
    app.router.add_get("/me", pour)
    async with serving(app) as origin, client_of(origin, max_answer_bytes=50_000) as client:
        answer = await client.get(f"{origin}/me", {}, within=timedelta(seconds=20))

    assert (answer.body, answer.fault) == (None, "too_large")


async def test_packed_rubbish_is_truncated() -> None:
    rubbish = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello"
    async with raw_server(rubbish) as origin, client_of(origin) as client:
        answer = await client.get(f"{origin}/me", {}, within=SECOND)

    assert (answer.status, answer.body, answer.fault) == (200, None, "truncated")


async def test_a_small_answer_that_unpacks_without_end_is_cut_at_the_cap() -> None:
    packed = gzip.compress(b" " * 50_000_000)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"
    async with raw_server(head.encode() + packed) as origin, client_of(origin) as client:
        tracemalloc.start()
        answer = await client.get(f"{origin}/me", {}, within=timedelta(seconds=20))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert (answer.body, answer.fault) == (None, "too_large")
    assert peak < 20_000_000


async def test_what_is_sent_arrives_unharmed() -> None:
    got: dict[str, object] = {}

    async def keep(request: web.Request) -> web.Response:
        got.update(await request.post())
        return web.json_response({"id": 7})

    app = web.Application()
    app.router.add_post("/media", keep)
    form = {"caption": "#1 & 50 % + é 👨‍👩‍👧 \n=x", "image_url": "https://x.example/a?b=c&d=%20"}
    async with serving(app) as origin, client_of(origin) as client:
        answer = await client.post(f"{origin}/media", form, within=SECOND)

    assert got == form
    assert answer.body == {"id": 7}


async def test_a_query_arrives_unharmed() -> None:
    got: dict[str, str] = {}

    async def keep(request: web.Request) -> web.Response:
        got.update(request.query)
        return web.json_response({})

    app = web.Application()
    app.router.add_get("/me", keep)
    query = {"fields": "a,b{c}", "state": "x+y/z==&#é"}
    async with serving(app) as origin, client_of(origin) as client:
        await client.get(f"{origin}/me", query, within=SECOND)

    assert got == query


# What never left, and what may have worked


async def test_a_refused_connection_never_left() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        origin = f"http://127.0.0.1:{unused.getsockname()[1]}"
        async with client_of(origin) as client:
            with pytest.raises(NeverLeft):
                await client.post(f"{origin}/publish", {"access_token": CANARY}, within=SECOND)


async def test_a_name_nobody_knows_never_left() -> None:
    class Nobody(ListedResolver):
        async def resolve(self, *_: object, **__: object) -> list[ResolveResult]:
            raise OSError("no such name")

    async with build_session([GRAPH], resolver=Nobody([])) as session:
        client = OutboundClient(session, allowed_origins=[GRAPH])
        with pytest.raises(NeverLeft):
            await client.post(f"{GRAPH}/publish", {}, within=SECOND)


async def test_tls_that_fails_never_left() -> None:
    app = web.Application()
    async with serving(app) as origin:
        secure = origin.replace("http:", "https:")
        async with client_of(secure) as client:
            with pytest.raises(NeverLeft):
                await client.post(f"{secure}/publish", {}, within=SECOND)


async def test_a_connection_that_is_never_accepted_never_left() -> None:
    # The TLS handshake is part of connecting, and this server never says a word of it.
    async with raw_server(None) as origin:
        secure = origin.replace("http:", "https:")
        async with client_of(secure) as client:
            with pytest.raises(NeverLeft):
                await client.post(f"{secure}/publish", {}, within=timedelta(seconds=0.4))


async def test_silence_after_sending_is_no_answer() -> None:
    async with raw_server(None) as origin, client_of(origin) as client:
        with pytest.raises(NoAnswer):
            await client.post(f"{origin}/publish", {}, within=timedelta(seconds=0.2))


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Le", b"SSH-2.0-x\r\n\r\n"])
async def test_a_connection_that_ends_early_is_no_answer(answer: bytes) -> None:
    async with raw_server(answer) as origin, client_of(origin) as client:
        with pytest.raises(NoAnswer):
            await client.post(f"{origin}/publish", {"a": "b"}, within=SECOND)


async def test_text_that_is_no_text_is_never_sent() -> None:
    with CannedAnswers() as answers:
        async with client_of(GRAPH) as client:
            with pytest.raises(Unsendable):
                await client.post(f"{GRAPH}/media", {"caption": "\ud800"}, within=SECOND)

    assert answers.sent() == []


async def test_a_cancelled_call_stays_cancelled() -> None:
    async with raw_server(None) as origin, client_of(origin) as client:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await client.get(f"{origin}/me", {}, within=timedelta(seconds=30))


@pytest.mark.parametrize(
    ("error", "is_publish", "expected"),
    [
        (NeverLeft("x"), True, TryAgainLater),
        (NeverLeft("x"), False, TryAgainLater),
        (NoAnswer("x"), True, OutcomeUnknown),
        (NoAnswer("x"), False, TryAgainLater),
        (Unsendable("x"), True, Rejected),
    ],
)
def test_a_call_without_an_answer_has_one_meaning(
    error: NeverLeft, is_publish: bool, expected: type[Exception]
) -> None:
    assert type(to_platform_error(error, is_publish=is_publish)) is expected


# What leaks


async def test_s5_no_error_and_no_log_holds_a_query_or_a_form(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    told: list[str] = []
    async with raw_server(None) as silent, raw_server(b"") as rude, raw_server(b"x") as odd:
        for origin in (silent, rude, odd, *(o.replace("http:", "https:") for o in (silent, odd))):
            async with client_of(origin) as client:
                for send in (client.get, client.post):
                    try:
                        await send(
                            f"{origin}/me",
                            {"access_token": CANARY},
                            within=timedelta(seconds=0.2),
                        )
                    except (NeverLeft, NoAnswer) as err:
                        told += traceback.format_exception(err)

    assert told
    text = "\n".join([*told, *(str(vars(record)) for record in caplog.records)])
    assert CANARY not in text
    assert "access_token" not in text


@given(st.text(), st.text())
def test_s5_without_query_keeps_no_secret(left: str, secret: str) -> None:
    bare = without_query(f"https://a:pw@host/{left}?access_token={secret}")

    assert "access_token" not in bare or "access_token" in left
    assert "pw@" not in bare or "pw@" in left


async def test_the_session_keeps_no_cookies_and_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    seen: list[str] = []

    async def bake(request: web.Request) -> web.Response:
        seen.append(request.headers.get("Cookie", ""))
        response = web.json_response({})
        response.set_cookie("id", "1")
        return response

    app = web.Application()
    app.router.add_get("/me", bake)
    async with serving(app) as origin, client_of(origin) as client:
        for _ in range(2):
            await client.get(f"{origin}/me", {}, within=SECOND)

    assert seen == ["", ""]


def test_an_answer_says_what_it_holds() -> None:
    assert Answer(200, {}, {"id": "1"}).fault == ""


# ── looking at an address of our own (K33) ───────────────────────────────────────────────────


async def test_k33_a_peek_asks_for_one_byte_and_names_no_path(
    caplog: pytest.LogCaptureFixture,
) -> None:
    asked: list[str] = []

    async def serve(request: web.Request) -> web.Response:
        asked.append(request.headers["Range"])
        return web.Response(status=206, body=b"x")

    app = web.Application()
    app.router.add_get(f"/m/{CANARY}/a.jpg", serve)
    with caplog.at_level(logging.DEBUG):
        async with serving(app) as origin, build_session([origin]) as session:
            client = OutboundClient(session, allowed_origins=[origin])
            found = await client.peek(f"{origin}/m/{CANARY}/a.jpg", within=5 * SECOND)
            missing = await client.peek(f"{origin}/m/{CANARY}/b.jpg", within=5 * SECOND)
            with pytest.raises(Unsendable):
                await client.peek("https://elsewhere.example/a.jpg", within=SECOND)
        async with build_session([origin]) as session:
            client = OutboundClient(session, allowed_origins=[origin])
            with pytest.raises(NeverLeft) as caught:
                await client.peek(f"{origin}/m/{CANARY}/a.jpg", within=SECOND)

    assert (found, missing, asked) == (206, 404, ["bytes=0-0"])
    # What the server of this test writes about itself is not ours.
    ours = [one.getMessage() for one in caplog.records if one.name != "aiohttp.access"]
    assert CANARY not in "".join([*ours, str(caught.value)])
