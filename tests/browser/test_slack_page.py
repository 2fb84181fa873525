"""The Slack tab shows what happens in the workspace, and lets one act in it."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.browser.conftest import Scene
from tests.browser.fake_desk import FakeDesk, running_desk

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(loop_scope="module")
async def desk(scene: Scene) -> AsyncIterator[FakeDesk]:
    """The tab, opened, with an app on the other side."""
    async with running_desk(scene.sandbox, scene.base) as desk:
        await scene.sandbox.slack.sees_socket()
        await scene.page.click("#tab-slack")
        yield desk
        assert scene.sandbox.slack.violations == []


async def test_a_sample_becomes_a_card_in_the_thread_and_a_form_changes_it(
    scene: Scene, desk: FakeDesk
) -> None:
    page = scene.page
    await expect(page.locator("#chat")).to_be_hidden()
    await page.click("#sl-samples")
    await page.locator("#sl-tray").get_by_role("button", name="An album").click()
    await expect(page.locator("#sl-files figure")).to_have_count(4)
    await page.click("#sl-send")

    await expect(page.locator(".s-files img")).to_have_count(4)
    await expect(page.locator(".s-reactions")).to_have_text("👀")
    thread = page.locator(".s-thread")
    await expect(thread).to_contain_text("Scheduled #142")
    await expect(thread.locator("time.slack-date")).to_have_text(re.compile(r"\d\d?:\d\d"))
    await expect(thread.locator(".b-section img")).to_have_attribute("alt", re.compile("Picture:"))
    await expect(thread.get_by_role("link", name="Read")).to_have_attribute(
        "href", "https://example.org/"
    )

    await thread.get_by_role("button", name="Change time").click()
    form = page.locator("#sl-modal")
    await expect(form).to_contain_text("Change post #142")
    await form.get_by_role("button", name="Save").click()
    await expect(form.locator(".b-error")).to_have_text("Please complete this required field.")
    picture = Path(__file__).parents[2] / "sandbox/page/samples/terrace.jpg"
    await form.get_by_label("Pictures").set_input_files(picture)
    await form.get_by_label("When").fill("2020-01-01T09:00")
    await form.get_by_label("Caption").fill("New words")
    await form.get_by_label("Tell the team").check()
    await form.get_by_role("button", name="Save").click()
    await expect(form.locator(".b-error")).to_have_text("That time is in the past")
    await expect(form.get_by_label("Caption")).to_have_value("New words")
    await expect(form).to_contain_text("Attached: terrace.jpg")
    await form.get_by_label("When").fill("2099-01-01T09:00")
    await form.get_by_label("Account").select_option("team.lindenhof")
    await form.get_by_label("When").press("Enter")
    await expect(form).to_be_hidden()
    values = desk.submitted[0]
    assert values["words"]["caption"]["value"] == "New words"
    assert values["kind"]["account"]["selected_option"]["value"] == "2"
    assert values["pictures"]["files"]["files"][0]["name"] == "terrace.jpg"
    assert [one["value"] for one in values["more"]["also"]["selected_options"]] == ["tell"]

    await thread.get_by_role("button", name="Cancel post").click()
    await expect(thread).to_contain_text("Cancelled #142")
    await expect(thread.get_by_role("button", name="Change time")).to_have_count(0)


async def test_words_threads_commands_and_shortcuts_by_keyboard(
    scene: Scene, desk: FakeDesk
) -> None:
    page = scene.page
    evil = '<img src=x onerror="document.title=1"> & *bold*'
    await page.fill("#sl-words", evil)
    await page.locator("#sl-words").press("Enter")
    said = page.locator(".s-item").first
    await expect(said.locator(".b-text").first).to_have_text(
        '<img src=x onerror="document.title=1"> & bold'
    )
    await expect(said.locator(".s-thread")).to_contain_text("I heard you")

    await said.get_by_role("button", name="Reply in thread").last.click()
    await expect(page.locator("#sl-context")).to_contain_text("Reply in thread")
    await page.keyboard.type("make it 10am")
    await page.keyboard.press("Enter")
    await expect(said.locator(".s-thread")).to_contain_text("make it 10am")
    await page.fill("#sl-words", "/post queue")
    await page.locator("#sl-words").press("Enter")
    answer = page.locator(".s-message.ephemeral")
    await expect(answer).to_contain_text("Only visible to you")
    await expect(answer.locator("b", has_text="Nothing")).to_be_visible()

    await said.locator(".s-message").first.hover()
    await said.get_by_role("button", name="Edit").first.click()
    await page.fill("#sl-words", "tomorrow 8am")
    await page.locator("#sl-words").press("Enter")
    await expect(said).to_contain_text("(edited)")
    menu = said.locator("summary").first
    await menu.focus()
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Schedule this").press("Enter")
    await expect(page.locator("#sl-modal")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator("#sl-modal")).to_be_hidden()
    assert await page.title() == "Postcue sandbox"


async def test_the_home_tab_and_direct_messages(scene: Scene, desk: FakeDesk) -> None:
    page = scene.page
    await page.get_by_role("button", name="Home").click()
    home = page.locator("#sl-home")
    await expect(home.locator("h4")).to_have_text("Today")
    await expect(home.locator(".b-fields")).to_contain_text("18:30 Team day")
    await home.get_by_role("button", name="New post").click()
    await page.locator("#sl-modal").get_by_role("button", name="Never mind").click()
    await expect(page.locator("#sl-modal")).to_be_hidden()
    await page.get_by_role("button", name="Messages").click()
    await page.fill("#sl-words", "hello")
    await page.locator("#sl-words").press("Enter")
    await expect(page.locator("#sl-log")).to_contain_text("I heard you")

    await page.locator("#sl-places").get_by_role("button", name="social").click()
    await expect(page.locator("#sl-log")).to_contain_text("acts when it is mentioned: @postcue")
    await page.click("#sl-samples")
    await page.locator("#sl-tray").get_by_role("button", name="No time").click()
    await expect(page.locator("#sl-words")).to_have_value(re.compile("^@postcue New mugs!"))
    await page.click("#sl-send")
    await expect(page.locator(".s-thread")).to_contain_text("Scheduled #142")


async def test_dropped_files_every_name_and_a_narrow_page(scene: Scene, desk: FakeDesk) -> None:
    page = scene.page
    await page.set_viewport_size({"width": 390, "height": 800})
    await expect(page.locator("#slack")).to_be_visible()
    dropped = await page.evaluate_handle(
        """async () => {
            const blob = await (await fetch("/page/samples/new-mugs.jpg")).blob();
            const carried = new DataTransfer();
            carried.items.add(new File([blob], "mugs.jpg", { type: "image/jpeg" }));
            return carried;
        }"""
    )
    await page.dispatch_event("#slack", "dragenter", {"dataTransfer": dropped})
    await expect(page.locator("#sl-drop")).to_be_visible()
    await page.dispatch_event("#slack", "drop", {"dataTransfer": dropped})
    await expect(page.locator("#sl-files figure")).to_have_count(1)
    await page.fill("#sl-words", "New mugs")
    await page.locator("#sl-words").press("Enter")
    await expect(page.locator(".s-thread")).to_contain_text("Scheduled")
    await page.locator(".s-thread").get_by_role("button", name="Change time").click()
    await expect(page.locator("#sl-modal")).to_be_visible()

    nameless = await page.evaluate(
        """() => [...document.querySelectorAll("img, button, a, input, textarea, select, summary")]
            .filter((node) => node.closest("[hidden]") === null && node.offsetParent)
            .filter((node) => node.tagName === "IMG" ? !node.hasAttribute("alt")
                : !(node.textContent.trim() || node.ariaLabel || node.labels?.length
                    || node.querySelector("img")?.alt))
            .map((node) => node.outerHTML.slice(0, 120))"""
    )
    assert nameless == []
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    await page.keyboard.press("Escape")
    await page.click("#tab-chat")
    await expect(page.locator("#slack")).to_be_hidden()
    await desk_says(scene)
    await expect(page.locator("#tab-slack .dot")).to_be_visible()


async def desk_says(scene: Scene) -> None:
    box = scene.sandbox.slack
    place = next(one for one in box.channels() if one.name == "social")
    box.world.post(place, box.workspace.bot_user, {"text": "news"}, bot_id=box.workspace.bot_id)
