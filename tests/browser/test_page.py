"""The page shows what happens in the sandbox, and lets one act in it."""

import re
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Scene
from tests.browser.fake_bot import CAFE

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


async def test_a_newcomer_is_led_from_start_to_the_first_post(scene: Scene) -> None:
    page = scene.page
    await expect(page.locator(".coach [aria-current]")).to_contain_text("Press Start")
    await expect(page.get_by_text("Nothing published yet")).to_be_visible()

    await scene.starts()
    await expect(page.locator(".coach [aria-current]")).to_contain_text("Send a sample photo")
    await page.get_by_role("button", name="Send a sample photo").click()
    await page.get_by_role("button", name="A photo", exact=True).click()
    await expect(page.locator("#files figure")).to_have_count(1)
    await page.click("#send")
    await expect(page.locator(".coach [aria-current]")).to_contain_text("Watch it go out")
    await scene.bot.publish(image_url=f"{scene.base}/page/samples/autumn-latte.jpg")

    await expect(page.locator(".post")).to_have_count(1)
    await expect(page.locator("#coach")).to_be_hidden()


async def test_a_sample_photo_becomes_a_bubble_and_the_card_quotes_it(scene: Scene) -> None:
    page = scene.page
    await scene.starts()
    await page.click("#samples")
    await page.get_by_role("button", name="A photo", exact=True).click()
    await expect(page.locator("#files figure")).to_have_count(1)
    await page.locator("#words").press("Enter")

    bubble = page.locator(".bubble.mine").last
    await expect(bubble.locator("img")).to_have_attribute("alt", re.compile("Autumn menu is here"))
    await expect(bubble.locator(".words")).to_have_text(
        "Autumn menu is here 🍂 #cafe\nin 20 seconds"
    )
    await expect(bubble.locator(".reactions")).to_have_text("👀")
    card = page.locator(".bubble.theirs").last
    await expect(card.locator(".quote")).to_contain_text("Autumn menu is here")
    await expect(card.locator("b")).to_have_text("Scheduled")
    await expect(card.locator("blockquote")).to_contain_text("in 20 seconds")
    await expect(card.locator("time.tg-time")).to_have_text(re.compile(r"in 1[78] h"))


async def test_an_album_is_one_bubble_of_four_pictures(scene: Scene) -> None:
    page = scene.page
    await scene.starts()
    await page.click("#samples")
    await page.get_by_role("button", name="An album").click()
    await expect(page.locator("#files figure")).to_have_count(4)
    await page.get_by_role("button", name="Remove new-mugs.jpg").click()
    await page.click("#send")

    await expect(page.locator(".bubble.mine .media img")).to_have_count(3)
    await expect(page.locator(".bubble.mine", has=page.locator(".media"))).to_have_count(1)
    groups = {
        update["message"]["media_group_id"]
        for update in scene.bot.updates
        if "media_group_id" in update.get("message", {})
    }
    assert len(groups) == 1


async def test_own_files_are_picked_and_may_go_as_documents(scene: Scene, tmp_path: Path) -> None:
    page = scene.page
    await scene.starts()
    picture = Path(__file__).parents[2] / "sandbox/page/samples/terrace.jpg"
    await page.set_input_files("#pick", picture)
    await page.get_by_label("Send as file").check()
    await scene.sends("From my disk")

    await expect(page.locator(".bubble.mine .paper")).to_contain_text("terrace.jpg")
    sent = scene.bot.updates[-1]["message"]
    assert sent["document"]["file_name"] == "terrace.jpg"
    assert sent["caption"] == "From my disk"


async def test_files_can_be_dropped_on_the_chat(scene: Scene) -> None:
    page = scene.page
    await scene.starts()
    dropped = await page.evaluate_handle(
        """async () => {
            const blob = await (await fetch("/page/samples/new-mugs.jpg")).blob();
            const carried = new DataTransfer();
            carried.items.add(new File([blob], "mugs.jpg", { type: "image/jpeg" }));
            return carried;
        }"""
    )
    await page.dispatch_event("#chat", "dragenter", {"dataTransfer": dropped})
    await expect(page.locator("#drop")).to_be_visible()
    await page.dispatch_event("#chat", "drop", {"dataTransfer": dropped})

    await expect(page.locator("#files figure")).to_have_count(1)
    await expect(page.locator("#drop")).to_be_hidden()


async def test_buttons_answer_with_a_toast_an_alert_or_a_changed_card(scene: Scene) -> None:
    page = scene.page
    await scene.starts()
    await page.get_by_role("button", name="Toast").click()
    await expect(page.locator("#toast")).to_have_text("You pressed toast")

    await page.get_by_role("button", name="Alert").click()
    await expect(page.locator("#alert")).to_contain_text("You pressed alert")
    await page.locator("#alert button").click()
    await expect(page.get_by_role("link", name="Read")).to_have_attribute(
        "href", "https://example.org/"
    )

    await page.get_by_role("button", name="Edit me").click()
    await expect(page.locator(".bubble.theirs").last).to_contain_text("Published #142")
    await expect(page.locator(".bubble.theirs").last).to_contain_text("edited")
    await expect(page.locator(".key")).to_have_count(0)


async def test_one_edits_an_own_message_and_replies_to_a_card(scene: Scene) -> None:
    page = scene.page
    await scene.starts()
    await scene.sends("one two")
    bubble = page.locator(".bubble.mine", has_text="one two")
    await expect(bubble).to_be_visible()
    await page.locator("#words").press("ArrowUp")
    await expect(page.locator("#context")).to_contain_text("Edit")
    await page.fill("#words", "three\nfour")
    await page.keyboard.press("Enter")
    changed = page.locator(".bubble.mine", has_text="three")
    await expect(changed.locator(".words")).to_have_text("three\nfour")
    await expect(changed).to_contain_text("edited")
    await expect(page.locator("#context")).to_be_hidden()

    card = page.locator(".line.theirs").first
    await card.hover()
    await card.get_by_role("button", name="Reply", exact=True).click()
    await scene.sends("make it 10am")

    await expect(page.locator(".bubble.mine").last.locator(".quote")).to_contain_text("Scheduled")
    assert "reply_to_message" in scene.bot.updates[-1]["message"]


async def test_what_is_said_cannot_run_in_the_page(scene: Scene) -> None:
    await scene.starts()
    evil = '<img src=x onerror="document.title=1"><script>document.title=1</script>'
    await scene.sends(evil)

    await expect(scene.page.locator(".bubble.mine").last.locator(".words")).to_have_text(evil)
    await scene.bot.publish(
        image_url=f"{scene.base}/page/samples/new-mugs.jpg", caption=evil, alt_text=evil
    )
    await expect(scene.page.locator(".post .caption")).to_contain_text("<script>")
    assert await scene.page.title() == "Postcue sandbox"


async def test_the_feed_changes_by_itself_and_tells_how_long_ago(scene: Scene) -> None:
    page = scene.page
    await scene.bot.publish(
        image_url=f"{scene.base}/page/samples/cherry-cake.jpg",
        caption="Cake!\n#sweet",
        alt_text="A slice of cherry cake",
    )

    post = page.locator(".post")
    await expect(post.locator("img.slide, .slide img")).to_have_attribute(
        "alt", "A slice of cherry cake"
    )
    await expect(post.locator(".caption")).to_have_text(f"{CAFE} Cake!\n#sweet")
    await expect(post.locator(".when")).to_have_text(re.compile(r"just now|\d s ago"))
    await expect(page.locator("#news")).to_have_text(re.compile("New on cafe.lindenhof"))


async def test_a_carousel_turns_by_button(scene: Scene) -> None:
    page, names = scene.page, ("terrace", "cherry-cake", "new-mugs")
    children = [
        (
            await scene.bot.graph(
                "media",
                image_url=f"{scene.base}/page/samples/{name}.jpg",
                is_carousel_item="true",
            )
        )["id"]
        for name in names
    ]
    await scene.bot.publish(media_type="CAROUSEL", children=",".join(children))

    await expect(page.locator(".counter")).to_have_text("1/3")
    await page.get_by_role("button", name="Next", exact=True).click()
    await expect(page.locator(".counter")).to_have_text("2/3")
    await page.get_by_role("button", name="Previous", exact=True).click()
    await expect(page.locator(".counter")).to_have_text("1/3")


async def test_hearts_grid_and_deletion(scene: Scene) -> None:
    page = scene.page
    await scene.bot.publish(image_url=f"{scene.base}/page/samples/terrace.jpg", caption="x")
    await page.get_by_role("button", name="Like", exact=True).click()
    await expect(page.locator(".likes")).to_have_text("1 like")
    await expect(page.get_by_role("button", name="Unlike")).to_be_visible()

    await page.get_by_role("button", name="Grid").click()
    await page.locator(".tile").click()
    await expect(page.locator("#lightbox .post")).to_be_visible()
    await page.locator("#lightbox").get_by_role("button", name="Delete").click()

    await expect(page.get_by_text("Nothing published yet")).to_be_visible()
    assert scene.sandbox.instagram.published[0].is_deleted


async def test_a_story_rings_the_profile_picture(scene: Scene) -> None:
    await scene.bot.publish(
        media_type="STORIES", image_url=f"{scene.base}/page/samples/story-latte.jpg"
    )

    await scene.page.get_by_role("button", name="Watch the story").click()

    await expect(scene.page.locator("#lightbox")).to_contain_text("Story")


async def test_a_permalink_opens_the_post(scene: Scene) -> None:
    await scene.bot.publish(
        image_url=f"{scene.base}/page/samples/terrace.jpg", caption="Look here"
    )
    post = scene.sandbox.instagram.published[0]

    await scene.page.goto(f"{scene.base}/instagram/p/{post.shortcode}/")

    await expect(scene.page.locator("#lightbox")).to_contain_text("Look here")


async def test_the_switches_do_harm_and_show_that_they_are_on(scene: Scene) -> None:
    page, box = scene.page, scene.sandbox.instagram
    for name in ("Instagram is down", "Lose the next answer", "Slow processing"):
        await page.get_by_role("button", name=name).click()
        await expect(page.get_by_role("button", name=name)).to_have_attribute(
            "aria-pressed", "true"
        )
    await page.get_by_role("button", name="Reject the next media").click()
    await expect(page.locator("#trouble-count")).to_have_text("4")
    assert box.is_down
    assert box.settings.processing_seconds == 20
    assert [fault.action for fault in box.faults.waiting()] == [
        "error",
        "drop_after",
        "reject_media",
    ]

    await page.get_by_role("button", name="Instagram is down").click()
    await expect(page.locator("#trouble-count")).to_have_text("3")
    await page.get_by_role("button", name="Revoke the token").click()
    await expect(page.get_by_role("button", name="Revoke the token")).to_be_disabled()

    assert not box.is_down
    assert {token.dead for token in box.world.tokens.values()} == {458}


async def test_the_clock_moves_by_an_hour_and_to_the_next_post(scene: Scene) -> None:
    page, clock = scene.page, scene.sandbox.clock
    await expect(page.locator("#clock-next")).to_be_disabled()
    await page.click("#clock-hour")
    await expect(page.locator("#clock-shift")).to_have_text("1 h ahead")
    assert clock.shift_seconds == 3600

    await scene.starts()
    await page.click("#clock-next")
    await expect(page.locator("#clock-shift")).to_have_text(re.compile("17 h 59 min|18 h"))

    assert 18 * 3600 - 10 < clock.shift_seconds < 18 * 3600


async def test_on_a_phone_one_part_shows_and_news_put_a_dot(scene: Scene) -> None:
    page = scene.page
    await page.set_viewport_size({"width": 390, "height": 800})
    await expect(page.locator("#insta")).to_be_hidden()

    await scene.bot.publish(image_url=f"{scene.base}/page/samples/terrace.jpg")
    await expect(page.locator("#tab-insta .dot")).to_be_visible()
    await page.locator("#tab-chat").press("ArrowLeft")

    await expect(page.locator("#insta .post")).to_be_visible()
    await expect(page.locator("#chat")).to_be_hidden()
    await expect(page.locator("#tab-insta .dot")).to_be_hidden()
    wide = await page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390


async def test_every_picture_and_control_has_a_name(scene: Scene) -> None:
    page = scene.page
    await scene.starts()
    await page.click("#samples")
    await page.get_by_role("button", name="A video").click()
    await expect(page.locator("#files figure")).to_have_count(1)
    await page.click("#send")
    await scene.bot.publish(image_url=f"{scene.base}/page/samples/terrace.jpg", caption="x")
    await expect(page.locator(".post")).to_be_visible()

    nameless = await page.evaluate(
        """() => [...document.querySelectorAll("img, video, button, a, input, textarea")]
            .filter((node) => node.closest("[hidden]") === null)
            .filter((node) => node.tagName === "IMG" ? !node.hasAttribute("alt")
                : !(node.textContent.trim() || node.ariaLabel || node.labels?.length
                    || node.querySelector("img")?.alt))
            .map((node) => node.outerHTML.slice(0, 120))"""
    )

    assert nameless == []


async def test_what_was_said_is_there_after_a_reload(scene: Scene) -> None:
    await scene.starts()
    await scene.sends("still here")
    await expect(scene.page.locator(".bubble.mine", has_text="still here")).to_be_visible()

    await scene.page.reload()

    await expect(scene.page.locator(".bubble.mine", has_text="still here")).to_be_visible()
    await expect(scene.page.locator("#start")).to_be_hidden()


async def test_a_link_to_the_bot_starts_it_with_its_payload(scene: Scene) -> None:
    await scene.page.goto(f"{scene.base}/t.me/postcue_demo_bot?start=c_abc")

    await expect(scene.page.locator(".bubble.mine")).to_contain_text("/start c_abc")
    await expect(scene.page.locator("#start")).to_be_hidden()


async def test_a_lost_sandbox_is_said_and_found_again(scene: Scene) -> None:
    await expect(scene.page.locator("#offline")).to_be_hidden()

    await scene.page.context.set_offline(True)
    await scene.sandbox._end_streams(scene.sandbox.app)
    await expect(scene.page.locator("#offline")).to_be_visible()
    await scene.page.context.set_offline(False)
    await scene.bot.publish(image_url=f"{scene.base}/page/samples/terrace.jpg", caption="Back")

    await expect(scene.page.locator(".post .caption")).to_contain_text("Back", timeout=15_000)
    await expect(scene.page.locator("#offline")).to_be_hidden()
    # The browser's own words about the lost connection are no fault of the page.
    scene.complaints[:] = [one for one in scene.complaints if "ERR_" not in one]
