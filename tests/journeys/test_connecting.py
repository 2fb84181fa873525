"""Connecting an account, and losing it, with a browser and a chat side by side."""

from datetime import timedelta

import pytest

from models.account import Account, ConnectState, DeletionRequest
from models.outbox import Audit
from sandbox.instagram.accounts import BASIC_SCOPE
from sandbox.telegram.media import a_jpeg
from sandbox.telegram.view import Seen
from tests.support.waiting import wait_until
from tests.support.world import BRAND, World, link_of


async def accounts() -> int:
    return await Account.filter(sealed_token__not="").count()


async def held(world: World) -> Seen:
    """Connect, plan a post, and give its card."""
    await world.settle_in()
    await world.connect()
    await world.dana.sends_photo(a_jpeg(), "Menu\nin 3 hours")
    return await world.card("🗓 Scheduled #1")


# ── nothing connected ────────────────────────────────────────────────────────────────────────


async def test_bad_082_a_denied_consent_is_a_friendly_page_and_told_in_the_chat(
    world: World,
) -> None:
    await world.settle_in()

    page = await world.allow(await world.connect_link(), deny=True)

    assert "Nothing was connected" in page
    await world.card("Nothing was connected: Instagram was told no")
    assert await accounts() == 0


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


async def test_bad_083_a_login_that_took_too_long_is_told_in_the_chat(world: World) -> None:
    await world.settle_in()
    link = await world.connect_link()

    async with world.browser() as browser:
        back = await browser.consent(link, username=BRAND)
        world.pass_time(timedelta(minutes=11))
        page = await browser.get(back)

    assert page.status == 410
    await world.card("The link was too old, nothing was connected")
    assert await accounts() == 0


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


async def test_bad_085_a_missing_permission_is_named_with_what_it_is_for(world: World) -> None:
    await world.settle_in()
    link = await world.connect_link()

    async with world.browser() as browser:
        back = await browser.consent(link, username=BRAND, scopes=[BASIC_SCOPE])
        page = await browser.get(back)

    assert "instagram_business_content_publish" in page.text
    told = await world.card("Nothing was connected")
    assert "instagram_business_content_publish was not allowed" in told.text
    assert "publish" in told.text.partition("needed for")[2]
    assert await accounts() == 0


async def test_bad_086_a_personal_account_is_told_how_to_switch(world: World) -> None:
    await world.settle_in()

    page = await world.allow(await world.connect_link(), username="jonas.private")

    assert "Switch to professional account" in page
    await world.card("@jonas.private is a personal account")
    assert await accounts() == 0


async def test_bad_087_an_account_of_another_team_stays_there_and_both_are_told(
    world: World,
) -> None:
    await world.settle_in()
    await world.connect()
    mia = world.telegram.person("Mia", language="en")
    await world.settle_in(mia)

    page = await world.allow(await world.connect_link(mia))

    assert "belongs to another team" in page
    await world.card("belongs to another team here", person=mia)
    await world.card("Somebody of another team tried to connect")
    assert (await Account.get()).state == "active"


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


async def test_k26_an_account_works_only_after_the_person_said_yes(world: World) -> None:
    await world.settle_in()
    await world.allow(await world.connect_link())
    asked = await world.card("Is it yours?")

    await world.dana.sends_photo(a_jpeg(), "Menu\nin 20 seconds")
    await world.card("Draft #1")

    assert (await Account.get()).state == "unconfirmed"
    await world.dana.presses(asked, "Yes, it is mine")
    await wait_until(_is_active, what="the account works")


async def _is_active() -> bool:
    return (await Account.get()).state == "active"


async def test_k26_no_remove_it_forgets_the_token(world: World) -> None:
    await world.settle_in()
    await world.allow(await world.connect_link())
    asked = await world.card("Is it yours?")

    await world.dana.presses(asked, "No, remove it")

    await world.card("was removed. Nothing more goes out there")
    account = await Account.get()
    assert (account.state, account.sealed_token) == ("disconnected", "")


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


async def test_s7_in_a_group_nobody_else_says_yes_for_who_asked(world: World) -> None:
    mia = world.telegram.person("Mia", language="en")
    group = world.telegram.group("Café team", [world.dana, mia])
    group.adds_bot(world.dana)
    group.promotes_bot(world.dana)
    await world.dana.writes("/connect", chat=group)
    offered = await group.sees(
        lambda seen: any("/connect/" in one.url for row in seen.buttons for one in row)
    )
    await mia.writes("/queue", chat=group)
    await world.allow(link_of(offered))
    asked = await group.sees("Is it yours?")

    answer = await mia.presses(asked, "Yes, it is mine")

    assert answer.is_alert
    assert (await Account.get()).state == "unconfirmed"
    await world.dana.presses(asked, "Yes, it is mine")
    await wait_until(_is_active, what="the account works")


# ── access taken back ────────────────────────────────────────────────────────────────────────


async def test_s15_a_person_who_removes_the_app_is_disconnected_and_posts_wait(
    world: World,
) -> None:
    await held(world)

    status, _ = await world.instagram.call_back(
        BRAND, f"{world.settings.public_url}/meta/deauthorize"
    )

    assert status == 200
    await world.card("⏸ On hold #1")
    await world.card("the access was taken back on Instagram")
    account = await Account.get()
    assert (account.state, account.sealed_token) == ("disconnected", "")
    assert await Audit.filter(action="account.deauthorized").count() == 1


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


async def test_after_deauthorizing_connecting_again_publishes_the_pressed_post(
    world: World,
) -> None:
    await held(world)
    await world.instagram.call_back(BRAND, f"{world.settings.public_url}/meta/deauthorize")
    card = await world.card("⏸ On hold #1")

    await world.dana.presses(card, "Reconnect & publish")
    offered = await world.dana.sees(
        lambda seen: any("/connect/" in one.url for row in seen.buttons for one in row),
        after=card,
    )
    await world.allow(link_of(offered))
    asked = await world.card("Is it yours?")
    await world.dana.presses(asked, "Yes, it is mine")

    await world.instagram.until_published(1)
    await world.card("✅ Published #1")
