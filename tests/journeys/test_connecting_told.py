"""Connecting an account, and losing it, as it is told in any chat."""

from datetime import timedelta

import pytest

from models.account import Account
from models.outbox import Audit
from sandbox.instagram.accounts import BASIC_SCOPE
from tests.support.talking import Somebody, a_photo
from tests.support.town import Town
from tests.support.waiting import wait_until

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def a_link(town: Town, who: Somebody) -> str:
    """Ask for a link to connect the account of *who*."""
    if not who.account:
        town.account_for(who)
    before = next(reversed(who.shown()), None)
    await who.commands("connect")
    return (await who.sees("Open this link", after=before)).link


async def accounts_of(town: Town, who: Somebody) -> list[Account]:
    team = (await town.member(who)).team_id
    return await Account.filter(team_id=team).exclude(sealed_token="")


async def test_bad_082_a_no_on_instagrams_page_is_told_and_connects_nothing(
    town: Town,
) -> None:
    dana = await town.settled(is_connected=False)

    page = await town.world.allow(await a_link(town, dana), username=dana.account, deny=True)

    assert "Nothing was connected" in page
    told = await dana.sees("Nothing was connected: Instagram was told no")
    assert ("/post connect" in told.text) is (dana.chat == "slack")
    assert await accounts_of(town, dana) == []


async def test_bad_083_a_login_that_took_too_long_is_told(town: Town) -> None:
    dana = await town.settled(is_connected=False)
    link = await a_link(town, dana)

    async with town.world.browser() as browser:
        back = await browser.consent(link, username=dana.account)
        town.pass_time(minutes=11)
        page = await browser.get(back)

    assert page.status == 410
    await dana.sees("The link was too old, nothing was connected")
    assert await accounts_of(town, dana) == []


async def test_bad_085_bad_086_what_an_account_lacks_is_told_with_what_to_do(
    town: Town,
) -> None:
    dana = await town.settled(is_connected=False)
    link = await a_link(town, dana)
    async with town.world.browser() as browser:
        back = await browser.consent(link, username=dana.account, scopes=[BASIC_SCOPE])
        await browser.get(back)
    told = await dana.sees("instagram_business_content_publish was not allowed")
    assert "publish" in told.text.partition("needed for")[2]

    await dana.commands("connect")
    again = await dana.sees("Open this link", after=told)
    page = await town.world.allow(again.link, username="jonas.private")

    assert "Switch to professional account" in page
    await dana.sees("@jonas.private is a personal account")
    assert await accounts_of(town, dana) == []


async def test_bad_087_an_account_of_another_team_stays_there_and_both_are_told(
    town: Town,
) -> None:
    dana = await town.settled()
    mia = await town.settled("Mia", is_connected=False)
    mia.account = dana.account

    page = await town.world.allow(await a_link(town, mia), username=dana.account)

    assert "belongs to another team" in page
    await mia.sees("belongs to another team here")
    await dana.sees("Somebody of another team tried to connect")
    assert (await Account.get(username=dana.account)).state == "active"


async def test_k26_an_account_works_only_after_a_yes_and_no_forgets_its_token(
    town: Town,
) -> None:
    dana = await town.settled(is_connected=False)
    await town.world.allow(await a_link(town, dana), username=dana.account)
    asked = await dana.sees("Is it yours?")
    await dana.sends(a_photo(), words="Menu\nin 20 minutes")
    await dana.sees("Draft #1")
    assert (await Account.get(username=dana.account)).state == "unconfirmed"

    await dana.presses(asked, "No, remove it")
    await dana.sees("was removed. Nothing more goes out there")
    gone = await Account.get(username=dana.account)
    assert (gone.state, gone.sealed_token) == ("disconnected", "")
    await town.world.allow(await a_link(town, dana), username=dana.account)
    await dana.presses(await dana.sees("Is it yours?", after=asked), "Yes, it is mine")

    await dana.sees("🗓 Scheduled #1")


async def test_s7_among_others_nobody_else_says_yes_for_who_asked(town: Town) -> None:
    dana = await town.settled(is_connected=False)
    mia = await town.colleague(dana)
    here, there = town.room("Cafe team", dana, mia)
    here.account = town.account_for(dana).username
    link = await a_link(town, here)
    await there.commands("queue")
    await there.sees("Nothing is planned")
    await town.world.allow(link, username=here.account)
    asked = await here.sees("Is it yours?")

    told = await there.presses(asked, "Yes, it is mine")

    assert told
    assert (await Account.get(username=here.account)).state == "unconfirmed"
    await here.presses(asked, "Yes, it is mine")
    await wait_until(lambda: is_active(here.account), what="the account works")


async def is_active(username: str) -> bool:
    return (await Account.get(username=username)).state == "active"


@pytest.mark.parametrize("what", ["deauthorize", "deletion"])
async def test_s15_access_that_is_taken_back_holds_posts_until_it_is_given_again(
    town: Town, what: str
) -> None:
    dana, _, card = await town.plans("in 3 hours")
    account = await Account.get(username=dana.account)

    status, _ = await town.world.instagram.call_back(
        dana.account, f"{town.world.settings.public_url}/meta/{what}"
    )

    assert status == 200
    held = await dana.sees("⏸ On hold #1")
    assert held.key == card.key
    lost = await Account.get(id=account.id)
    assert (lost.state, lost.sealed_token) == ("disconnected", "")
    if what == "deletion":
        assert lost.username == "deleted"
        return
    await dana.sees("the access was taken back on Instagram")
    assert await Audit.filter(action="account.deauthorized", team_id=lost.team_id).count() == 1
    assert "Reconnect & publish" not in held.buttons, "its time is ahead"
    await dana.presses(held, "Reconnect")
    offered = await dana.sees("Open this link", after=held)
    await town.world.allow(offered.link, username=dana.account)
    await dana.presses(await dana.sees("Is it yours?"), "Yes, it is mine")
    await dana.sees("🗓 Scheduled #1")
    town.pass_time(hours=3)
    await town.until_published(dana)
    assert (await dana.sees("✅ Published #1")).key == card.key
    assert town.clock.now() < (await town.target(dana)).due_at + timedelta(hours=3)
