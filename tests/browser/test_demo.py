"""The demo itself, as a newcomer starts it: sandbox, page and Postcue together."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.support.demo import Demo, running_demo

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(240),
]

WAIT_MS = 20_000


@pytest_asyncio.fixture(loop_scope="module")
async def demo(tmp_path: Path) -> AsyncIterator[Demo]:
    async with running_demo(tmp_path / "demo") as demo:
        yield demo


@pytest_asyncio.fixture(loop_scope="module")
async def page(demo: Demo, browser: Browser) -> AsyncIterator[Page]:
    context = await browser.new_context(
        viewport={"width": 1280, "height": 860}, locale="en-GB", reduced_motion="reduce"
    )
    context.set_default_timeout(WAIT_MS)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(demo.page)
    await page.wait_for_selector("body[data-ready]")
    yield page
    await context.close()
    assert complaints == []


async def test_a_photo_sent_on_the_page_is_published_and_the_card_says_so(page: Page) -> None:
    await page.click("#start")
    await _connect(page)

    await _send_sample_photo(page, "Autumn menu is here 🍂 #cafe\nin 5 seconds")

    card = page.locator(".line.theirs", has=page.locator(".words", has_text="Published #1"))
    await expect(card).to_be_visible(timeout=WAIT_MS)
    await expect(card.locator("blockquote")).to_have_text("Autumn menu is here 🍂 #cafe")
    await expect(page.locator(".post")).to_have_count(1)
    await expect(page.locator(".post .caption")).to_have_text(
        "cafe.lindenhof Autumn menu is here 🍂 #cafe"
    )
    await expect(page.get_by_text(re.compile("#1 is on Instagram"))).to_have_count(1)
    # The page was never loaded anew: all of it came by itself.
    assert await page.evaluate("performance.getEntriesByType('navigation')[0].type") == "navigate"


async def test_a_lost_answer_is_published_once_and_told_once(page: Page, demo: Demo) -> None:
    await page.click("#start")
    await _connect(page)
    await page.get_by_role("button", name="Lose the next answer").click()

    await _send_sample_photo(page, "Once, please\nin 3 seconds")

    card = page.locator(".line.theirs", has=page.locator(".words", has_text="Published #1"))
    await expect(card).to_be_visible(timeout=90_000)
    await expect(page.locator(".post")).to_have_count(1)
    await expect(page.get_by_text(re.compile("#1 is on Instagram"))).to_have_count(1)


async def test_the_same_in_slack_from_connecting_to_a_receipt_on_the_message(page: Page) -> None:
    await page.click("#tab-slack")
    log = page.locator("#sl-log")
    await page.fill("#sl-words", "/post connect")
    await page.click("#sl-send")
    async with page.context.expect_page() as opened:
        await log.locator("a.s-btn").click()
    window = await opened.value
    await expect(window.get_by_text("with /post accounts")).to_be_visible()
    await window.get_by_text("Continue to Instagram").click()
    await window.get_by_role("button", name="Allow").click()
    await expect(window.get_by_role("heading")).to_contain_text("@cafe.lindenhof connected")
    await window.close()
    await log.get_by_role("button", name="Yes, it is mine").click()
    await expect(log.get_by_text("Access good until")).to_be_visible()

    await page.click("#sl-samples")
    await page.get_by_role("button", name="A photo", exact=True).click()
    await expect(page.locator("#sl-files figure")).to_have_count(1)
    await page.fill("#sl-words", "Autumn menu is here 🍂 #cafe\nin 4 seconds")
    await page.click("#sl-send")

    thread = log.get_by_role("group", name="Thread").last
    await expect(thread.get_by_text("Published #1")).to_be_visible()
    await expect(thread.get_by_text("#1 is on Instagram")).to_be_visible()
    await expect(log.locator('.s-reactions [title="white_check_mark"]')).to_have_count(1)
    await expect(page.locator(".post .caption")).to_have_text(
        "cafe.lindenhof Autumn menu is here 🍂 #cafe"
    )


async def _connect(page: Page) -> None:
    """Go through the browser's side of connecting in a window of its own, and confirm it."""
    await page.locator(".key", has_text="Connect Instagram").first.click()
    async with page.context.expect_page() as opened:
        await page.locator("a.key", has_text="Connect Instagram").last.click()
    window = await opened.value
    await window.get_by_text("Continue to Instagram").click()
    await window.get_by_role("button", name="Allow").click()
    await expect(window.get_by_role("heading")).to_contain_text("@cafe.lindenhof connected")
    await window.close()
    await expect(page.get_by_text("Connected to Postcue")).to_be_visible()
    await page.locator(".key", has_text="Yes, it is mine").click()
    await expect(page.locator(".words", has_text="Access good until")).to_be_visible()


async def _send_sample_photo(page: Page, words: str) -> None:
    await page.click("#samples")
    await page.get_by_role("button", name="A photo", exact=True).click()
    await expect(page.locator("#files figure")).to_have_count(1)
    await page.fill("#words", words)
    await page.click("#send")
