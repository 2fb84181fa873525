"""Many workspaces: the app is installed by Slack's consent page, works there, and is taken out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from integrations.slack.scopes import SCOPES
from models.inbox import Inbox
from models.installation import Installation, Installations, InstallState
from models.outbox import Audit
from models.team import Place, Team
from sandbox.slack import Person, Workspace
from sandbox.telegram.media import a_jpeg
from tests.support.canaries import database_texts
from tests.support.slack_world import SlackWorld, running_slack_world
from tests.support.waiting import wait_until


@pytest.fixture
async def world(empty_database, tmp_path, clock) -> AsyncIterator[SlackWorld]:
    """A house whose Slack app is set up for installing: no bot token in its settings."""
    async with running_slack_world(
        database_url=empty_database,
        folder=tmp_path,
        clock=clock,
        mode="http",
        SLACK_BOT_TOKEN="",
        SLACK_CLIENT_ID="1000000001.2000000002",
        SLACK_CLIENT_SECRET="sandbox-slack-client-secret",
    ) as found:
        yield found


@dataclass
class Visit:
    """One browser on our pages of installing."""

    site: str
    session: aiohttp.ClientSession

    async def look(self) -> str:
        async with self.session.get(f"{self.site}/slack/install") as answer:
            assert answer.status == 200
            return await answer.text()

    async def begin(self, **headers: str) -> aiohttp.ClientResponse:
        return await self.session.post(
            f"{self.site}/slack/install", allow_redirects=False, headers=headers
        )

    async def consent(self) -> str:
        answer = await self.begin()
        assert answer.status == 303
        return answer.headers["Location"]

    async def come_back(self, address: str) -> tuple[int, str]:
        async with self.session.get(address, allow_redirects=False) as answer:
            return answer.status, await answer.text()


@asynccontextmanager
async def browsing(world: SlackWorld) -> AsyncIterator[Visit]:
    jar = aiohttp.CookieJar(unsafe=True)
    timeout = aiohttp.ClientTimeout(total=20)
    async with aiohttp.ClientSession(cookie_jar=jar, timeout=timeout) as session:
        yield Visit(world.world.settings.public_url, session)


async def install(
    world: SlackWorld, workspace: Workspace, *, is_org: bool = False
) -> tuple[str, Person]:
    admin = world.slack.person("Admin", workspace=workspace)
    async with browsing(world) as visit:
        await visit.look()
        back = world.slack.allows(await visit.consent(), admin, is_org=is_org)
        status, page = await visit.come_back(back)
    assert status == 200, page
    return page, admin


async def test_the_app_is_installed_works_there_is_taken_out_and_comes_again(
    world: SlackWorld,
) -> None:
    cafe = world.slack.add_workspace("Cafe Nord")
    page, admin = await install(world, cafe)
    assert "Postcue is in Cafe Nord" in page
    kept = await Installation.get()
    assert (kept.workspace, kept.is_org, kept.installed_by) == (cafe.id, False, admin.id)
    assert set(kept.scopes.split(",")) == set(SCOPES)
    token = world.slack.install(cafe).token
    texts = await database_texts(world.world.database_url)
    assert not [name for name, text in texts.items() if token in text]

    # It speaks there, and in no workspace that did not install it.
    await admin.writes("hello")
    await admin.sees(lambda seen: "photo" in seen.text)

    # (79) What is still on its way when it is taken out is dropped and noted.
    world.slack.uninstalls(cafe)
    await wait_until(_ended, what="the installation ended")
    assert (await Installation.get()).sealed_token == ""
    assert not await Place.filter(workspace=cafe.id, is_open=True).exists()
    late = world.slack.delivered("message")[-1]
    late.payload["event_id"] = "EvLATE"
    late.payload["event"] |= {"ts": "1700000000.000001", "user": admin.id}
    late.payload["event"].pop("bot_id", None)
    before = len(admin.direct.from_bot())
    world.slack.repeats(late)
    await wait_until(lambda: Inbox.filter(external_id="EvLATE", state="ignored").exists())
    assert await Audit.filter(action__in=("event.dropped", "workspace.removed")).exists()
    assert len(admin.direct.from_bot()) == before

    # Installed again it speaks again, where it spoke before.
    await install(world, cafe)
    assert (await Installation.get()).ended_at is None
    assert await Place.filter(workspace=cafe.id, is_open=True).exists()
    await admin.writes("hello again")
    await wait_until(lambda: len(admin.direct.from_bot()) > before)


async def _ended() -> bool:
    return await Installation.filter(ended_at__isnull=False).exists()


async def test_tokens_that_end_are_renewed_while_people_talk_and_a_refusal_is_told(
    world: SlackWorld,
) -> None:
    cafe = world.slack.add_workspace("Cafe Nord")
    world.slack.app.token_rotation = True
    _, admin = await install(world, cafe)
    old = world.slack.install(cafe).token
    texts = await database_texts(world.world.database_url)
    refresh = world.slack.install(cafe).refresh_token
    assert not [name for name, text in texts.items() if old in text or refresh in text]
    await admin.writes("hello")
    await admin.sees(lambda seen: "photo" in seen.text)

    # Ten hours and more later it is renewed, and twelve hours later the old one is over.
    world.world.pass_time(timedelta(hours=10, minutes=30))
    await world.world.parts.renewer.renew_ending()
    assert world.slack.install(cafe).token != old
    world.world.pass_time(timedelta(hours=2))
    before = len(admin.direct.from_bot())
    await admin.types("/post queue")
    await wait_until(lambda: len(admin.direct.from_bot()) > before)

    # What cannot be renewed is told while there is time.
    world.slack.forgets_refresh(cafe)
    world.world.pass_time(timedelta(hours=9))
    await world.world.parts.renewer.renew_ending()
    told = await admin.sees(lambda seen: "Please install me again" in seen.text)
    assert "/slack/install" in told.text
    await install(world, cafe)
    assert (await Installation.get()).refused_at is None


async def test_bad_079_a_word_of_the_end_that_comes_after_a_new_installation_ends_nothing(
    world: SlackWorld,
) -> None:
    cafe = world.slack.add_workspace("Cafe Nord")
    await install(world, cafe)
    world.slack.uninstalls(cafe)
    await wait_until(_ended, what="the installation ended")
    old = world.slack.delivered("app_uninstalled")[-1]
    old.payload["event_id"] = "EvOLD"
    old.payload["event_time"] -= 60
    await install(world, cafe)

    world.slack.repeats(old)

    await wait_until(lambda: Inbox.filter(external_id="EvOLD", state="done").exists())
    assert (await Installation.get()).ended_at is None


async def test_an_organisation_installs_once_for_all_its_workspaces(world: SlackWorld) -> None:
    north = world.slack.add_workspace("North", enterprise="E1")
    south = world.slack.add_workspace("South", enterprise="E1")
    await install(world, north, is_org=True)
    assert (await Installation.get()).workspace == "E1"

    for workspace in (north, south):
        mia = world.slack.person("Mia", workspace=workspace)
        await mia.writes("hello")
        await mia.sees(lambda seen: "photo" in seen.text)
        await mia.types("/post queue")
        await mia.sees(lambda seen: "Nothing is planned" in seen.text)

    spoken = {place.workspace for place in await Place.all()}
    assert spoken == {f"{north.id}@E1", f"{south.id}@E1"}


async def test_two_workspaces_see_nothing_of_each_other(world: SlackWorld) -> None:
    cafe, shop = (world.slack.add_workspace(name) for name in ("Cafe Nord", "Shop"))
    (_, baker), (_, seller) = await install(world, cafe), await install(world, shop)
    await world.connect(baker)
    await baker.sends(a_jpeg(), "Fresh bread\ntomorrow 9am")
    card = await world.card("Scheduled #1", person=baker)

    await seller.types("/post queue")
    await world.card("Nothing is planned", person=seller)
    await seller.types("/post accounts")
    await world.card("No account is connected yet", person=seller)
    await seller.opens_home()
    home = await seller.sees_home("Today")
    assert "#1" not in home.text
    await seller.sends(a_jpeg(), "New shoes\ntomorrow 10am")
    await world.card("Draft #1", person=seller)

    assert await Team.all().count() == 2
    assert "Fresh bread" in card.text
    assert not any("Fresh bread" in one.text for one in seller.direct.from_bot())
    assert not any("New shoes" in one.text for one in baker.direct.from_bot())


async def test_s7_a_state_is_good_once_and_only_in_the_browser_that_began(
    world: SlackWorld,
) -> None:
    cafe = world.slack.add_workspace("Cafe Nord")
    admin = world.slack.person("Admin", workspace=cafe)
    async with browsing(world) as mine, browsing(world) as theirs:
        back = world.slack.allows(await mine.consent(), admin)
        assert (await theirs.come_back(back))[0] == 400
        await theirs.consent()
        assert (await theirs.come_back(back))[0] == 400
        assert not await Installation.exists()

        assert (await mine.come_back(back))[0] == 200
        assert (await mine.come_back(back))[0] == 400

        for query in ("", "?code=x", "?state=x&code=y", "?state=a&state=b&code=c"):
            status, _ = await mine.come_back(f"{mine.site}/slack/oauth_redirect{query}")
            assert status == 400
    assert await Installation.all().count() == 1


async def test_s7_a_form_of_another_site_begins_nothing_and_a_look_burns_nothing(
    world: SlackWorld,
) -> None:
    async with browsing(world) as visit:
        for _ in range(3):
            await visit.look()
        answer = await visit.begin(Origin="https://evil.example")
        cross = await visit.begin(**{"Sec-Fetch-Site": "cross-site"})

    assert (answer.status, cross.status) == (403, 403)
    assert not await InstallState.exists()


async def test_bad_082_a_no_a_refused_code_and_a_missing_right_install_nothing(
    world: SlackWorld,
) -> None:
    cafe = world.slack.add_workspace("Cafe Nord")
    admin = world.slack.person("Admin", workspace=cafe)
    async with browsing(world) as visit:
        no = world.slack.allows(await visit.consent(), admin, answer="cancel")
        assert "Nothing was installed" in (await visit.come_back(no))[1]

        back = world.slack.allows(await visit.consent(), admin)
        world.slack.fails("error", "oauth.v2.access", error="invalid_code")
        assert "did not let us in" in (await visit.come_back(back))[1]

        back = world.slack.allows(await visit.consent(), admin)
        world.slack.fails("server_error", "oauth.v2.access")
        assert (await visit.come_back(back))[0] == 503

        there = (await visit.consent()).replace("files%3Aread%2C", "")
        back = world.slack.allows(there, admin)
        assert "did not let us in" in (await visit.come_back(back))[1]
    assert not await Installation.exists()


async def test_the_consent_page_is_asked_for_what_the_manifest_asks(world: SlackWorld) -> None:
    async with browsing(world) as visit:
        there = urlsplit(await visit.consent())

    asked = parse_qs(there.query)
    assert there.path == "/slack/oauth/v2/authorize"
    assert tuple(asked["scope"][0].split(",")) == SCOPES
    assert asked["redirect_uri"] == [f"{world.world.settings.public_url}/slack/oauth_redirect"]


async def test_s4_a_token_of_another_row_does_not_open(world: SlackWorld) -> None:
    keyring, clock = world.world.parts.keyring, world.world.clock
    one, two = world.slack.add_workspace("One"), world.slack.add_workspace("Two")
    for workspace in (one, two):
        await install(world, workspace)
    first, second = await Installation.all().order_by("installed_at")
    first.sealed_token, second.sealed_token = second.sealed_token, first.sealed_token
    await first.save()

    from models.sealed import SealError

    with pytest.raises(SealError):
        await Installations(keyring, clock).token_of("slack", first.workspace)
