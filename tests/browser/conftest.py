"""The page in a headless Chromium, with a sandbox and a small bot behind it."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from sandbox.server import Sandbox
from sandbox.serving import serving
from tests.browser.fake_bot import FakeBot, running_bot

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@dataclass
class Scene:
    page: Page
    bot: FakeBot
    sandbox: Sandbox
    base: str
    complaints: list[str] = field(default_factory=list)

    async def starts(self) -> None:
        """Press Start and wait for the bot's first card."""
        await self.page.click("#start")
        await self.page.wait_for_selector(".theirs .words")

    async def sends(self, words: str) -> None:
        await self.page.fill("#words", words)
        await self.page.keyboard.press("Enter")


# One browser for a whole file: starting it takes longer than most of the tests.
@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def scene(browser: Browser) -> AsyncIterator[Scene]:
    """The page, opened wide; it may not complain in its console."""
    sandbox = Sandbox()
    async with serving(sandbox.app) as base, running_bot(sandbox, base) as bot:
        context = await browser.new_context(
            viewport={"width": 1280, "height": 860}, reduced_motion="reduce"
        )
        page = await context.new_page()
        scene = Scene(page, bot, sandbox, base)
        page.on("pageerror", lambda error: scene.complaints.append(str(error)))
        page.on(
            "console",
            lambda message: (
                scene.complaints.append(message.text) if message.type == "error" else None
            ),
        )
        await page.goto(base)
        await page.wait_for_selector("body[data-ready]")
        yield scene
        await context.close()
        assert scene.complaints == []
        assert sandbox.instagram.violations == []
