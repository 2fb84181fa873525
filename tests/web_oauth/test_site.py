import logging
import re
from urllib.parse import quote

import pytest

from models.account import Account
from models.team import Member, Place, Team
from tests.web_oauth.conftest import World
from web_oauth.guards import Buckets
from web_oauth.pages import plain

PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'\"><svg/onload=alert(1)>",
    "</title><script>alert(1)</script>",
    "{{ 12345*6789 }}{% raw %}",
    "javascript:alert(1)",
    "<a href='javascript:alert(1)'>x</a>",
    "&lt;script&gt;",
    "\u202ebrand\u202c",
)

PAGES = (
    "/", "/nothing-here", "/connect/" + "a" * 43, "/connect/instagram/callback",
    "/connect/instagram/callback?error=access_denied", "/meta/deletion/x", "/static/site.css",
    "/m/token/key.jpg", "/health/live", "/hooks/telegram",
)  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
async def test_every_answer_carries_the_guarding_headers(world: World, path) -> None:
    answer = await world.browser().get(path)

    headers = answer.headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "unsafe-inline" not in policy
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in headers  # plain http here
    assert "aiohttp" not in headers["Server"]
    assert "Access-Control-Allow-Origin" not in headers


async def test_a_form_may_lead_to_the_consent_pages_and_nowhere_else(world: World) -> None:
    policy = (await world.browser().get("/")).headers["Content-Security-Policy"]

    assert "form-action 'self' https://instagram.example https://threads.example;" in policy


async def test_pages_load_nothing_from_elsewhere_and_run_no_script(world: World) -> None:
    browser, dana = world.browser(), await world.person()
    link = await world.link(dana)
    pages = [
        await browser.get("/"),
        await browser.get(link),
        await browser.get("/nope"),
        await world.connect(dana),
    ]

    for page in pages:
        assert "text/html" in page.headers["Content-Type"]
        assert "no-store" in page.headers["Cache-Control"]
        assert "<script" not in page.text
        assert " style=" not in page.text
        assert 'lang="en"' in page.text
        assert "viewport" in page.text
        assert re.findall(r'(?:src|href)="(?!/static/|https://t\.me/)([^"]*)"', page.text) == []
        assert all("alt=" in image for image in re.findall(r"<img[^>]*>", page.text))
    for name in ("site.css", "mark.svg"):
        assert (await browser.get(f"/static/{name}")).status == 200


@pytest.mark.parametrize("payload", PAYLOADS)
async def test_s10_what_people_and_platforms_write_is_never_markup(world: World, payload) -> None:
    browser = world.browser()
    dana = await world.person(payload, payload)
    await Team.all().update(name=payload)
    await Place.all().update(title=payload, chat=payload)
    await Place.filter(id=dana.place.id).update(chat="telegram")
    link = await world.link(dana)
    pages = [await browser.get(link)]
    for outcome in (
        {"code": world.instagram.code_for(payload, user_id="1", display_name=payload)},
        {"code": world.instagram.code_for(payload, user_id="2", can_publish=False)},
        {"code": world.instagram.code_for(payload, user_id="3", scopes=(payload,))},
        {"code": payload},
        {"error": payload, "error_description": payload, "error_reason": payload},
        {"error": "access_denied", "error_description": payload},
    ):
        state = await browser.begin(await world.link(dana))
        pages.append(await browser.come_back(state, **outcome))
    jo = await world.person("Jo", "jo")
    await Account.all().update(state="active")
    pages.append(await world.connect(jo, payload, user_id="1"))
    pages.append(await browser.come_back(payload, code=payload))
    asked = quote(payload, safe="")
    paths = (
        "/connect/{}",
        "/meta/deletion/{}",
        "/{}",
        "/connect/{}/callback",
        "/m/x/{}",
        "/?a={}",
    )
    pages += [await browser.get(path.format(asked)) for path in paths]

    assert pages[1].status == 200
    assert pages[7].status == 409
    for page in pages:
        if "text/html" in page.headers["Content-Type"]:
            assert "<script" not in page.text
            assert "<svg" not in page.text
            assert "onerror=alert(1)>" not in page.text.replace("&gt;", "")
            assert re.search(r'href="\s*javascript:', page.text) is None
            assert "83810205" not in page.text
            assert "\u202e" not in page.text
        assert page.status < 500


async def test_s10_names_are_shown_as_written_but_for_marks_that_turn_words(world: World) -> None:
    page = await world.connect(await world.person("Zoë & Čapek <3", "zoe"))

    assert "Zoë &amp; Čapek &lt;3" in page.text
    assert plain("a\u202eb\x00c\u2066d") == "abcd"
    assert plain("👩\u200d🍳") == "👩\u200d🍳"
    assert len(plain("x" * 500)) < 100


async def test_an_error_is_a_page_with_a_reference_and_no_trace(
    world: World, monkeypatch, caplog
) -> None:
    async def broken(*_args: object, **_more: object) -> None:
        raise ValueError("SECRET-detail")

    monkeypatch.setattr("web_oauth.connect.look_at_link", broken)
    with caplog.at_level(logging.INFO):
        page = await world.browser().get("/connect/" + "a" * 43)

    assert page.status == 500
    assert "SECRET" not in page.text
    assert "ValueError" not in page.text
    (reference,) = re.findall(r"E-[0-9A-Z]{4}", page.text)
    (record,) = [one for one in caplog.records if one.message == "site.error"]
    assert record.reference == reference


async def test_a_database_that_is_away_is_said_kindly(world: World, monkeypatch) -> None:
    async def away(*_args: object, **_more: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr("web_oauth.connect.look_at_link", away)

    page = await world.browser().get("/connect/" + "a" * 43)

    assert page.status == 503
    assert int(page.headers["Retry-After"]) > 0
    assert "Nothing was changed" in page.text


async def test_s5_the_access_log_names_routes_and_holds_no_secret(world: World, caplog) -> None:
    dana, browser = await world.person(), world.browser()
    with caplog.at_level(logging.DEBUG):
        link = await world.link(dana)
        state = await browser.begin(link)
        code = world.instagram.code_for("brand")
        await browser.come_back(state, code=code)
        await browser.get("/m/secret-link-token/key.jpg")

    lines = [record for record in caplog.records if record.name.startswith("web_oauth")]
    assert {getattr(line, "route", "") for line in lines if line.message == "site.request"} >= {
        "/connect/{token}", "/connect/{platform}/callback", "/m/{token}/{key}"
    }  # fmt: skip
    everything = "\n".join(f"{line.getMessage()} {line.__dict__}" for line in lines)
    for secret in (link.rpartition("/")[2], state, code, "SECRET-token", "secret-link-token"):
        assert secret not in everything
    assert not [one for one in caplog.records if one.name == "aiohttp.access"]


async def test_a_body_that_is_too_large_is_refused_on_pages_too(world: World) -> None:
    link = await world.link(await world.person())

    answer = await world.browser().post("/meta/deletion", data=b"x" * 100_000)
    begun = await world.browser().post(link, data=b"x" * 100_000)

    assert answer.status == 413
    assert begun.status in {303, 413}
    assert await Member.all().count() == 1


def test_s14_a_bucket_empties_and_refills_steadily() -> None:
    buckets = Buckets(60)

    assert [buckets.wait_seconds("a", 0.0) for _ in range(60)] == [0.0] * 60
    assert buckets.wait_seconds("a", 0.0) > 0.9
    assert buckets.wait_seconds("b", 0.0) == 0.0
    assert buckets.wait_seconds("a", 1.5) == 0.0
    assert buckets.wait_seconds("a", 1.5) > 0.4


def test_s14_the_memory_for_addresses_is_bounded() -> None:
    buckets = Buckets(60)

    for number in range(30_000):
        buckets.wait_seconds(str(number), 0.0)

    assert len(buckets._left) <= 10_000


class TestWithATightLimit:
    @pytest.fixture
    def pages_per_minute(self) -> int:
        return 5

    async def test_s14_pages_are_slowed_down_and_doors_are_not(self, world: World) -> None:
        browser = world.browser()

        pages = [(await browser.get("/")).status for _ in range(7)]
        forged = {"X-Forwarded-For": "203.0.113.7"}
        again = await browser.get("/", headers=forged)
        live = [(await browser.get("/health/live")).status for _ in range(7)]

        assert pages == [200] * 5 + [429] * 2
        assert again.status == 429  # an address that a caller names is not believed
        assert int(again.headers["Retry-After"]) > 0
        assert live == [200] * 7


class TestBehindOurProxy:
    @pytest.fixture
    def pages_per_minute(self) -> int:
        return 2

    @pytest.fixture
    def proxy_hops(self) -> int:
        return 1

    async def test_s14_each_address_behind_the_proxy_has_its_own_bucket(
        self, world: World
    ) -> None:
        browser = world.browser()

        async def status(forwarded: str) -> int:
            return (await browser.get("/", headers={"X-Forwarded-For": forwarded})).status

        assert [await status("198.51.100.1") for _ in range(3)] == [200, 200, 429]
        # What stands left of the last was written by the caller.
        assert await status("9.9.9.9, 198.51.100.1") == 429
        assert await status("198.51.100.2") == 200
        # One host has a whole /64 of IPv6.
        assert [await status(f"2001:db8::{n}") for n in range(3)] == [200, 200, 429]
