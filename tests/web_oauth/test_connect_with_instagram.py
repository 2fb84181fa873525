"""The real adapter and the pretend Instagram, over real HTTP; and a real browser on top."""

import json
import shutil
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest
from aiohttp import web
from pydantic import SecretStr

from models.account import Account, DeletionRequest
from models.outbox import Outbox
from models.sealed import Keyring
from platforms.http import build_session
from platforms.instagram.adapter import InstagramAdapter, InstagramSettings
from sandbox.instagram import APP_ID, APP_SECRET, SCOPES, InstagramSandbox
from sandbox.instagram.mounting import mount
from sandbox.serving import serving
from tests.sandbox.conftest import CAFE, CAFE_ID
from tests.support.clock import SettableClock
from tests.support.fake_door_chat import FakeDoorChat
from tests.web_oauth.conftest import Answer, Asker, Browser, KnownLinks, MemoryStore, ask_team
from web_oauth.linking import token_place
from web_oauth.site import SiteParts, build_site, serve
from web_oauth.state import new_connect_link

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@dataclass
class Stage:
    """Our site with the real adapter, beside the pretend Instagram."""

    public_url: str
    port: int
    box: InstagramSandbox
    clock: SettableClock
    keyring: Keyring

    async def link(self, asker: Asker) -> str:
        return await new_connect_link(
            platform="instagram",
            member_id=asker.member.id,
            team_id=asker.team.id,
            place_id=asker.place.id,
            post_id=None,
            now=self.clock.now(),
            public_url=self.public_url,
        )


@pytest.fixture
async def stage(database: str, clock: SettableClock) -> AsyncIterator[Stage]:
    box, pretend = InstagramSandbox(clock.now), web.Application()
    mount(box, pretend)
    keyring = Keyring({"k1": bytes(range(32))})
    port = free_port()
    async with serving(pretend) as base:
        settings = InstagramSettings(
            app_id=APP_ID,
            app_secret=SecretStr(APP_SECRET),
            authorize_url=f"{base}/instagram/oauth/authorize",
            token_url=f"{base}/instagram/oauth/access_token",
            graph_url=f"{base}/instagram/graph",
        )
        async with build_session(settings.origins) as session:
            parts = SiteParts(
                clock=clock,
                public_url=f"http://127.0.0.1:{port}",
                environment="demo",
                platforms={"instagram": InstagramAdapter(session, settings)},
                chats={"telegram": FakeDoorChat()},
                deep_links={"telegram": "https://t.me/postcue_bot"},
                keyring=keyring,
                store=MemoryStore(),
                links=KnownLinks(),
            )
            async with serve(build_site(parts), host="127.0.0.1", port=port):
                yield Stage(parts.public_url, port, box, clock, keyring)


@pytest.fixture
async def browser(stage: Stage) -> AsyncIterator[Browser]:
    browser = Browser(stage.port)
    yield browser
    await browser.session.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def consent(browser: Browser, link: str, **choice: object) -> Answer:
    """Go from the link to the consent page, choose there, and come back."""
    begun = await browser.post(link.removeprefix(browser.base))
    form = {"account": CAFE, "decision": "allow", "scope": list(SCOPES), **choice}
    async with browser.session.post(
        begun.headers["Location"],
        data=urlencode(form, doseq=True),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        allow_redirects=False,
    ) as answer:
        back = answer.headers["Location"]
    return await browser.get(back.removeprefix(browser.base))


async def test_an_account_is_connected_through_instagrams_own_steps(
    stage: Stage, browser: Browser
) -> None:
    dana = await ask_team(stage.clock)

    page = await consent(browser, await stage.link(dana))

    assert f"@{CAFE} connected" in page.text
    account = await Account.get()
    assert (account.platform_user_id, account.username) == (CAFE_ID, CAFE)
    assert account.app_user_id not in {"", CAFE_ID}
    assert {"instagram_business_basic", "instagram_business_content_publish"} <= set(
        account.scopes
    )
    token = stage.keyring.open(account.sealed_token, token_place(account.id, dana.team.id))
    assert token.get_secret_value() in stage.box.world.tokens


async def test_bad_082_a_refusal_at_instagram_comes_back_kindly(
    stage: Stage, browser: Browser
) -> None:
    page = await consent(browser, await stage.link(await ask_team(stage.clock)), decision="deny")

    assert "Nothing was connected" in page.text
    assert (await Outbox.get(event="denied")).payload["why"] == "denied"


async def test_bad_085_a_switch_turned_off_at_instagram_is_named(
    stage: Stage, browser: Browser
) -> None:
    page = await consent(
        browser,
        await stage.link(await ask_team(stage.clock)),
        scope=["instagram_business_basic"],
    )

    assert "instagram_business_content_publish" in page.text
    assert (await Outbox.get(event="failed")).payload["why"] == "scopes"


async def test_bad_086_a_personal_account_at_instagram_is_explained(
    stage: Stage, browser: Browser
) -> None:
    page = await consent(
        browser, await stage.link(await ask_team(stage.clock)), account="jonas.private"
    )

    assert "Nothing was connected" in page.text
    assert (await Outbox.get(event="failed")).payload["why"] == "personal"
    assert not await Account.all().count()


async def test_s15_instagrams_own_signed_callbacks_are_obeyed(
    stage: Stage, browser: Browser
) -> None:
    await consent(browser, await stage.link(await ask_team(stage.clock)))

    left, _ = await stage.box.call_back(CAFE, f"{stage.public_url}/meta/deauthorize")
    account = await Account.get()
    gone, body = await stage.box.call_back(CAFE, f"{stage.public_url}/meta/deletion")

    assert (left, gone) == (200, 200)
    assert (account.state, account.sealed_token) == ("disconnected", "")
    assert (await Account.get()).username == "deleted"
    told = json.loads(body)
    page = await browser.get(told["url"].removeprefix(stage.public_url))
    assert "Your data is deleted" in page.text


async def test_s6_a_signed_request_with_any_byte_flipped_is_400(
    stage: Stage, browser: Browser
) -> None:
    await consent(browser, await stage.link(await ask_team(stage.clock)))
    signed = stage.box.signed_request(CAFE)

    for at in range(len(signed)):
        forged = signed[:at] + chr(ord(signed[at]) ^ 1) + signed[at + 1 :]
        form = {"signed_request": forged}
        for path in ("/meta/deauthorize", "/meta/deletion"):
            assert (await browser.post(path, data=form)).status == 400

    assert (await Account.get()).state == "unconfirmed"
    assert not await DeletionRequest.all().count()


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")
async def test_a_real_browser_goes_the_whole_way(stage: Stage, tmp_path: Path) -> None:
    from playwright.async_api import async_playwright

    dana = await ask_team(stage.clock)
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox"]
        )
        page = await chromium.new_page(viewport={"width": 390, "height": 780})
        faults: list[str] = []
        # A blocked load or redirect is an error on the console, at an address of ours.
        page.on(
            "console",
            lambda said: (
                faults.append(said.text)
                if said.type == "error" and said.location["url"].startswith(stage.public_url)
                else None
            ),
        )

        await page.goto(await stage.link(dana))
        await page.screenshot(path=tmp_path / "start.png")
        await page.get_by_role("button", name="Continue to Instagram").click()
        await page.get_by_role("button", name="Allow").click()
        await page.get_by_text(f"@{CAFE} connected").first.wait_for()
        await page.screenshot(path=tmp_path / "connected.png")
        way_back = await page.get_by_role("link", name="Back to Telegram").get_attribute("href")
        is_styled = await page.evaluate(
            "getComputedStyle(document.querySelector('main')).maxWidth"
        )
        await chromium.close()

    assert faults == []
    assert is_styled == "480px"
    assert way_back is not None
    assert way_back.startswith("https://t.me/postcue_bot?start=c_")
    assert (await Account.get()).state == "unconfirmed"
