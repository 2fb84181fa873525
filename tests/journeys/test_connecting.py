"""Connecting an account, and losing it, with a browser and a chat side by side."""

import pytest

from models.account import Account, ConnectState, DeletionRequest
from tests.support.talking import OnTelegram, Somebody
from tests.support.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="module")

MODES = ("telegram", "slack-socket")
"""What a browser is shown does not depend on the door by which words come in."""


class Login:
    """Somebody who asked for a link to connect an account, and that link."""

    def __init__(self, town: Town, who: Somebody, link: str) -> None:
        self.town = town
        self.who = who
        self.link = link

    async def accounts(self) -> int:
        """Return how many accounts of theirs have a token."""
        team = (await self.town.member(self.who)).team_id
        return await Account.filter(team_id=team, sealed_token__not="").count()


async def asked(town: Town) -> Login:
    """Have somebody ask for a link to connect an account."""
    dana = await town.settled(is_connected=False)
    return await asks(town, dana)


async def asks(town: Town, who: Somebody) -> Login:
    """Have *who* ask for a link to connect an account."""
    town.account_for(who)
    await who.commands("connect")
    return Login(town, who, (await who.sees("Open this link")).link)


# ── nothing connected ────────────────────────────────────────────────────────────────────────


async def test_bad_082_a_way_back_without_a_code_connects_nothing(town: Town) -> None:
    login = await asked(town)

    async with town.world.browser() as browser:
        back = await browser.consent(login.link, username=login.who.account)
        state = back.partition("state=")[2].partition("#")[0]
        page = await browser.get(f"{back.partition('?')[0]}?state={state}")

    assert page.status == 400
    await login.who.sees("Nothing was connected")
    assert await login.accounts() == 0


async def test_bad_083_a_link_that_was_used_is_refused_with_a_way_to_a_new_one(
    town: Town,
) -> None:
    login = await asked(town)
    await town.world.allow(login.link, username=login.who.account)

    async with town.world.browser() as browser:
        page = await browser.get(login.link)
        posted = await browser.ask("POST", login.link)

    assert (page.status, posted.status) == (410, 410)
    assert "used already" in page.text
    assert f"New link in {login.who.chat.title()}" in page.text


async def test_bad_083_a_link_of_eleven_minutes_ago_is_refused(town: Town) -> None:
    login = await asked(town)

    town.pass_time(minutes=11)

    async with town.world.browser() as browser:
        page = await browser.get(login.link)
    assert page.status == 410
    assert "expired" in page.text


async def test_bad_083_s7_a_way_back_in_another_browser_is_refused(town: Town) -> None:
    login = await asked(town)

    async with town.world.browser() as first, town.world.browser() as second:
        back = await first.consent(login.link, username=login.who.account)
        foreign = await second.get(back)
        begun = await second.ask("POST", login.link)
        own = await first.get(back)

    assert (foreign.status, begun.status) == (403, 403)
    assert "another browser" in foreign.text
    assert own.status == 200


async def test_bad_083_an_invented_state_is_unknown(town: Town) -> None:
    async with town.world.browser() as browser:
        back = f"{town.world.settings.public_url}/connect/instagram/callback"
        page = await browser.get(f"{back}?state={'x' * 43}&code=abc")

    assert page.status == 404


async def test_bad_084_a_replayed_way_back_is_refused_and_asks_instagram_nothing(
    town: Town,
) -> None:
    login = await asked(town)
    exchanges = town.world.instagram.journal.of("exchange")

    async with town.world.browser() as browser:
        back = await browser.consent(login.link, username=login.who.account)
        first = await browser.get(back)
        second = await browser.get(back)

    assert (first.status, second.status) == (200, 403)
    assert len(town.world.instagram.journal.of("exchange")) == len(exchanges) + 1
    assert await login.accounts() == 1


async def test_bad_084_a_code_that_was_used_elsewhere_connects_nothing(town: Town) -> None:
    login = await asked(town)

    async with town.world.browser() as browser:
        back = await browser.consent(login.link, username=login.who.account)
        for code in town.world.instagram.world.codes.values():
            code.is_used = True
        page = await browser.get(back)

    assert page.status == 400
    await login.who.sees("Nothing was connected")
    assert await login.accounts() == 0


async def test_bad_088_no_parameter_leads_off_the_site(town: Town) -> None:
    login, world = await asked(town), town.world
    off = "redirect_uri=https://evil.example&next=https://evil.example&url=//evil.example"

    async with world.browser() as browser:
        shown = await browser.get(f"{login.link}?{off}")
        begun = await browser.ask("POST", f"{login.link}?{off}")
        back = world.instagram.consent(begun.location, username=login.who.account)
        done = await browser.get(back.replace("#_", "") + f"&{off}")

    assert "evil.example" not in shown.text + begun.location + done.text
    assert begun.location.startswith(world.settings.instagram_authorize_url)
    assert (done.status, done.location) == (200, "")
    world.secrets.add(begun.location.partition("state=")[2].partition("&")[0])


async def test_k26_a_preview_of_the_link_burns_nothing(town: Town) -> None:
    login = await asked(town)
    begun = ConnectState.filter(state_hash__isnull=False)
    before = await begun.count()

    async with town.world.browser() as preview:
        for method in ("GET", "GET", "GET", "HEAD"):
            assert (await preview.ask(method, login.link)).status == 200

    assert await begun.count() == before
    page = await town.world.allow(login.link, username=login.who.account)
    assert "connected" in page.casefold()


# ── whose is it? ─────────────────────────────────────────────────────────────────────────────


async def test_s7_a_forwarded_link_connects_nothing_until_who_asked_says_yes(
    town: Town,
) -> None:
    # Mia gets Dana's link, and consents with an account of her own in her own browser.
    login = await asked(town)
    mia = await town.settled("Mia", is_connected=False)
    await mia.commands("accounts")
    own = await mia.sees(lambda one: bool(one.buttons))
    page = await town.world.allow(login.link, username=login.who.account)
    assert "Dana" in page
    question = await login.who.sees("Is it yours?")
    yes = question.label("Yes, it is mine").native
    payload = yes.data if isinstance(mia, OnTelegram) else yes.value

    told = await mia.forges(own, payload)

    assert "another team" in told
    assert (await Account.get(username=login.who.account)).state == "unconfirmed"
    assert not [one for one in mia.shown() if "Is it yours?" in one.text]


# ── access taken back ────────────────────────────────────────────────────────────────────────


async def test_s15_a_deletion_request_forgets_names_and_says_so_on_a_page(town: Town) -> None:
    dana, _, _ = await town.plans("in 3 hours")
    account = await Account.get(username=dana.account)
    site = town.world.settings.public_url

    status, body = await town.world.instagram.call_back(dana.account, f"{site}/meta/deletion")

    assert status == 200
    request = await DeletionRequest.all().order_by("-requested_at").first()
    assert request is not None
    assert request.confirmation_code in body
    await account.refresh_from_db()
    assert (account.username, account.sealed_token) == ("deleted", "")
    async with town.world.browser() as browser:
        page = await browser.get(f"{site}/meta/deletion/{request.confirmation_code}")
    assert page.status == 200
    await dana.sees("⏸ On hold #1")


@pytest.mark.parametrize("what", ["deauthorize", "deletion"])
async def test_bad_081_a_callback_that_is_not_signed_changes_nothing(
    town: Town, what: str
) -> None:
    dana, _, _ = await town.plans("in 3 hours")
    signed = town.world.instagram.signed_request(dana.account)
    signature, _, payload = signed.partition(".")

    async with town.world.browser() as browser:
        for wrong in (f"{signature[:-4]}AAAA.{payload}", f".{payload}", payload, ""):
            answer = await browser.ask(
                "POST",
                f"{town.world.settings.public_url}/meta/{what}",
                data={"signed_request": wrong},
            )
            assert answer.status == 400

    assert (await Account.get(username=dana.account)).state == "active"
