"""Connecting an account, and losing it, with a browser and a chat side by side."""

from datetime import timedelta

import pytest

from models.account import Account, ConnectState, DeletionRequest
from sandbox.telegram.media import a_jpeg
from sandbox.telegram.view import Seen
from tests.support.world import BRAND, World


async def accounts() -> int:
    return await Account.filter(sealed_token__not="").count()


async def held(world: World) -> Seen:
    """Connect, plan a post, and give its card."""
    await world.settle_in()
    await world.connect()
    await world.dana.sends_photo(a_jpeg(), "Menu\nin 3 hours")
    return await world.card("🗓 Scheduled #1")


# ── nothing connected ────────────────────────────────────────────────────────────────────────


async def test_bad_082_a_way_back_without_a_code_connects_nothing(world: World) -> None:
    await world.settle_in()
    link = await world.connect_link()

    async with world.browser() as browser:
        back = await browser.consent(link, username=BRAND)
        state = back.partition("state=")[2].partition("#")[0]
        page = await browser.get(f"{back.partition('?')[0]}?state={state}")

    assert page.status == 400
    await world.card("Nothing was connected")
    assert await accounts() == 0


async def test_bad_083_a_link_that_was_used_is_refused_with_a_way_to_a_new_one(
    world: World,
) -> None:
    await world.settle_in()
    link = await world.connect_link()
    await world.allow(link)

    async with world.browser() as browser:
        page = await browser.get(link)
        posted = await browser.ask("POST", link)

    assert (page.status, posted.status) == (410, 410)
    assert "used already" in page.text
    assert "New link in Telegram" in page.text


async def test_bad_083_a_link_of_eleven_minutes_ago_is_refused(world: World) -> None:
    await world.settle_in()
    link = await world.connect_link()

    world.pass_time(timedelta(minutes=11))

    async with world.browser() as browser:
        page = await browser.get(link)
    assert page.status == 410
    assert "expired" in page.text


async def test_bad_083_s7_a_way_back_in_another_browser_is_refused(world: World) -> None:
    await world.settle_in()
    link = await world.connect_link()

    async with world.browser() as first, world.browser() as second:
        back = await first.consent(link, username=BRAND)
        foreign = await second.get(back)
        begun = await second.ask("POST", link)
        own = await first.get(back)

    assert (foreign.status, begun.status) == (403, 403)
    assert "another browser" in foreign.text
    assert own.status == 200


async def test_bad_083_an_invented_state_is_unknown(world: World) -> None:
    await world.settle_in()

    async with world.browser() as browser:
        page = await browser.get(
            f"{world.settings.public_url}/connect/instagram/callback?state={'x' * 43}&code=abc"
        )

    assert page.status == 404


async def test_bad_084_a_replayed_way_back_is_refused_and_asks_instagram_nothing(
    world: World,
) -> None:
    await world.settle_in()
    link = await world.connect_link()

    async with world.browser() as browser:
        back = await browser.consent(link, username=BRAND)
        first = await browser.get(back)
        second = await browser.get(back)

    assert (first.status, second.status) == (200, 403)
    assert len(world.instagram.journal.of("exchange")) == 1
    assert await accounts() == 1


async def test_bad_084_a_code_that_was_used_elsewhere_connects_nothing(world: World) -> None:
    await world.settle_in()
    link = await world.connect_link()

    async with world.browser() as browser:
        back = await browser.consent(link, username=BRAND)
        (code,) = world.instagram.world.codes.values()
        code.is_used = True
        page = await browser.get(back)

    assert page.status == 400
    await world.card("Nothing was connected")
    assert await accounts() == 0


async def test_bad_088_no_parameter_leads_off_the_site(world: World) -> None:
    await world.settle_in()
    link = await world.connect_link()
    off = "redirect_uri=https://evil.example&next=https://evil.example&url=//evil.example"

    async with world.browser() as browser:
        shown = await browser.get(f"{link}?{off}")
        begun = await browser.ask("POST", f"{link}?{off}")
        back = world.instagram.consent(begun.location, username=BRAND)
        done = await browser.get(back.replace("#_", "") + f"&{off}")

    assert "evil.example" not in shown.text + begun.location + done.text
    assert begun.location.startswith(world.settings.instagram_authorize_url)
    assert (done.status, done.location) == (200, "")
    for address in {begun.location}:
        world.secrets.add(address.partition("state=")[2].partition("&")[0])


async def test_k26_a_preview_of_the_link_burns_nothing(world: World) -> None:
    await world.settle_in()
    link = await world.connect_link()

    async with world.browser() as preview:
        for method in ("GET", "GET", "GET", "HEAD"):
            assert (await preview.ask(method, link)).status == 200

    assert await ConnectState.filter(state_hash__isnull=False).count() == 0
    assert "connected" in (await world.allow(link)).casefold()


# ── whose is it? ─────────────────────────────────────────────────────────────────────────────


async def test_s7_a_forwarded_link_connects_nothing_until_who_asked_says_yes(
    world: World,
) -> None:
    # Mia gets Dana's link, and consents with an account of her own in her own browser.
    await world.settle_in()
    mia = world.telegram.person("Mia", language="en")
    await world.settle_in(mia)
    page = await world.allow(await world.connect_link(), username="mira.on.wheels")
    assert "Dana" in page
    asked = await world.card("Is it yours?")
    yes = asked.button("Yes, it is mine").data
    own = await world.card("Your time zone is", person=mia)

    answer = await mia.answer_to(mia.forges_press(own, yes))

    assert "another team" in answer.text
    assert (await Account.get()).state == "unconfirmed"
    assert world.telegram.person("Mia").messages("Is it yours?") == []


# ── access taken back ────────────────────────────────────────────────────────────────────────


async def test_s15_a_deletion_request_forgets_names_and_says_so_on_a_page(world: World) -> None:
    await held(world)

    status, body = await world.instagram.call_back(
        BRAND, f"{world.settings.public_url}/meta/deletion"
    )

    assert status == 200
    asked = await DeletionRequest.get()
    assert asked.confirmation_code in body
    account = await Account.get()
    assert (account.username, account.sealed_token) == ("deleted", "")
    async with world.browser() as browser:
        page = await browser.get(
            f"{world.settings.public_url}/meta/deletion/{asked.confirmation_code}"
        )
    assert page.status == 200
    await world.card("⏸ On hold #1")


@pytest.mark.parametrize("what", ["deauthorize", "deletion"])
async def test_bad_081_a_callback_that_is_not_signed_changes_nothing(
    world: World, what: str
) -> None:
    await held(world)
    signature, _, payload = world.instagram.signed_request(BRAND).partition(".")

    async with world.browser() as browser:
        for wrong in (f"{signature[:-4]}AAAA.{payload}", f".{payload}", payload, ""):
            answer = await browser.ask(
                "POST",
                f"{world.settings.public_url}/meta/{what}",
                data={"signed_request": wrong},
            )
            assert answer.status == 400

    assert (await Account.get()).state == "active"
