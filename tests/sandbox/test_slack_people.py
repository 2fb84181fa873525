"""What people of a workspace do reaches the app in Slack's shapes, and only what it may know."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import Person
from tests.support.slack import RunningSlack, running_slack

# slack_sdk 3.47 signs its exchange with a class that aiohttp 3.14 is giving up.
pytestmark = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")


@pytest.fixture
async def slack() -> AsyncIterator[RunningSlack]:
    async with running_slack() as running:
        running.box.office.is_held = True
        yield running


@pytest.fixture
def dana(slack: RunningSlack) -> Person:
    return slack.box.person("Dana")


def events(slack: RunningSlack) -> list[dict[str, Any]]:
    return [one.payload["event"] for one in slack.box.deliveries if one.kind == "events_api"]


async def test_each_kind_of_channel_has_its_own_type_and_a_bot_outside_hears_nothing(
    slack: RunningSlack, dana: Person
) -> None:
    box = slack.box
    places = {
        "channel": box.channel("open", [dana]),
        "group": box.channel("closed", [dana], is_private=True),
        "mpim": box.group([dana, box.person("Mia")]),
        "im": dana.direct,
    }
    for kind, place in places.items():
        await dana.writes(f"in a {kind}", channel=place)
    await dana.writes("unheard", channel=box.channel("far", [dana], with_bot=False))

    heard = [(one["channel_type"], one["text"], one["channel"]) for one in events(slack)]
    assert heard == [(kind, f"in a {kind}", place.id) for kind, place in places.items()]


async def test_a_mention_comes_twice_but_not_in_direct_messages(
    slack: RunningSlack, dana: Person
) -> None:
    cafe = slack.box.channel("cafe", [dana])

    await dana.mentions("queue", channel=cafe)
    await dana.mentions("queue")

    assert [one["type"] for one in events(slack)] == ["message", "app_mention", "message"]
    first, second = events(slack)[:2]
    assert first["ts"] == second["ts"]
    assert first["text"] == f"<@{dana.bot}> queue"
    ids = [one.event_id for one in slack.box.deliveries]
    assert len(set(ids)) == 3


async def test_a_name_is_a_mention_in_capitals_too(slack: RunningSlack, dana: Person) -> None:
    cafe = slack.box.channel("cafe", [dana])
    name = slack.box.world.state.users[dana.bot].name

    await dana.writes(f"@{name.upper()} queue", channel=cafe)

    first, second = events(slack)
    assert second["type"] == "app_mention"
    assert first["text"] == f"<@{dana.bot}> queue"
    assert first["blocks"][0]["elements"][0]["elements"][0]["user_id"] == dana.bot


async def test_what_is_typed_arrives_escaped_with_links_marked(
    slack: RunningSlack, dana: Person
) -> None:
    mia = slack.box.person("Mia")
    await dana.writes("<b> & @mia see https://a.example/?x=1&y=2 now")

    assert events(slack)[0]["text"] == (
        f"&lt;b&gt; &amp; <@{mia.id}> see <https://a.example/?x=1&amp;y=2> now"
    )


async def test_threads_edits_and_deletions_are_told(slack: RunningSlack, dana: Person) -> None:
    first = await dana.writes("tomorrow 9am")
    reply = await dana.replies(first, "make it 10am")
    await dana.edits(first, "tomorrow 8am")
    await dana.deletes(reply)

    _, answer, change, gone = events(slack)
    assert (answer["thread_ts"], answer["parent_user_id"]) == (first.ts, dana.id)
    assert change["subtype"] == "message_changed"
    assert change["message"]["text"] == "tomorrow 8am"
    assert change["message"]["edited"]["user"] == dana.id
    assert change["previous_message"]["text"] == "tomorrow 9am"
    assert (gone["subtype"], gone["deleted_ts"]) == ("message_deleted", reply.ts)
    with pytest.raises(ValueError, match="own message"):
        await slack.box.person("Mia").deletes(first)


async def test_what_the_bot_says_comes_back_as_its_own(slack: RunningSlack, dana: Person) -> None:
    said = await slack.result("chat.postMessage", channel=dana.id, text="card")
    await slack.result("chat.update", channel=said["channel"], ts=said["ts"], text="changed")

    own, change = events(slack)
    assert (own["user"], own["bot_id"]) == (dana.bot, slack.box.workspace.bot_id)
    assert change["message"]["bot_id"] == own["bot_id"]
    assert (await dana.sees("changed")).ts == said["ts"]


async def test_coming_and_going_is_told(slack: RunningSlack, dana: Person) -> None:
    mia = slack.box.person("Mia")
    cafe = slack.box.channel("cafe", [dana], with_bot=False)
    mia.joins(cafe)
    cafe.adds_bot(dana)
    mia.leaves(cafe)
    cafe.removes_bot()
    await dana.opens_home()

    told = [(one["type"], one.get("user")) for one in events(slack)]
    assert told == [
        ("message", dana.bot),
        ("member_joined_channel", dana.bot),
        ("member_left_channel", mia.id),
        ("channel_left", None),
        ("app_home_opened", dana.id),
    ]
    assert events(slack)[1]["inviter"] == dana.id
    assert events(slack)[-1]["channel"] == dana.direct.id


async def test_two_workspaces_do_not_hear_or_read_each_other(slack: RunningSlack) -> None:
    box = slack.box
    other = box.add_workspace("Bäckerei Nord")
    box.installs(other)
    dana, kim = box.person("Dana"), box.person("Kim", workspace=other)
    cafe = box.channel("cafe", [dana])
    await dana.writes("here")
    await kim.writes("there")

    assert [one.payload["team_id"] for one in box.deliveries] == [box.workspace.id, other.id]
    there = AsyncWebClient(token=box.install(other).token, base_url=slack.api)
    assert (await there.auth_test())["team_id"] == other.id
    token = box.install(other).token
    body = await slack.call("chat.postMessage", token=token, channel=cafe.id, text="x")
    assert body["error"] == "channel_not_found"
    body = await slack.call("users.info", token=token, user=dana.id)
    assert body["error"] == "user_not_found"


async def test_an_uninstalled_app_hears_its_end_and_then_nothing(
    slack: RunningSlack, dana: Person
) -> None:
    token = slack.box.token
    slack.box.uninstalls()
    await dana.writes("anyone?")

    assert [one["type"] for one in events(slack)] == ["tokens_revoked", "app_uninstalled"]
    assert events(slack)[0]["tokens"]["bot"] == [dana.bot]
    body = await slack.call("auth.test", token=token)
    assert body["error"] == "account_inactive"
    slack.box.installs(slack.box.workspace)
    assert slack.box.token != token
    await dana.writes("back?")
    assert events(slack)[-1]["text"] == "back?"


def authorize_url(slack: RunningSlack, **changed: str) -> str:
    asked = {
        "client_id": slack.box.app.client_id,
        "scope": "chat:write,im:history",
        "redirect_uri": "https://desk.example/slack/callback",
        "state": "s1",
        **changed,
    }
    return f"{slack.origin}/slack/oauth/v2/authorize?" + "&".join(
        f"{name}={value}" for name, value in asked.items()
    )


async def test_an_installation_goes_by_page_code_and_token(slack: RunningSlack) -> None:
    box = slack.box
    other = box.add_workspace("Nord")
    kim = box.person("Kim", workspace=other)
    async with slack.session.get(authorize_url(slack)) as page:
        assert "Nord" in await page.text()
    form = {
        "client_id": box.app.client_id,
        "scope": "chat:write,im:history",
        "redirect_uri": "https://desk.example/slack/callback",
        "state": "s1",
        "team": other.id,
        "answer": "allow",
    }
    url = f"{slack.origin}/slack/oauth/v2/authorize"
    async with slack.session.post(url, data=form, allow_redirects=False) as answer:
        back = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert back["state"] == ["s1"]
    client = AsyncWebClient(base_url=slack.api)
    exchange: dict[str, str] = {
        "client_id": box.app.client_id,
        "client_secret": box.app.client_secret,
        "redirect_uri": "https://desk.example/slack/callback",
        "code": back["code"][0],
    }

    granted = await client.oauth_v2_access(**exchange)

    assert granted["team"]["id"] == other.id
    assert granted["authed_user"]["id"] == kim.id
    assert granted["scope"] == "chat:write,im:history"
    me = await AsyncWebClient(token=granted["access_token"], base_url=slack.api).auth_test()
    assert me["user_id"] == granted["bot_user_id"]
    again = await slack.call("oauth.v2.access", **exchange)
    assert again["error"] == "code_already_used"
    wrong = await slack.call("oauth.v2.access", **{**exchange, "client_secret": "x"})
    assert wrong["error"] == "bad_client_secret"
    unknown = await slack.call("oauth.v2.access", **{**exchange, "code": "x"})
    assert unknown["error"] == "invalid_code"
    form["answer"] = "cancel"
    async with slack.session.post(url, data=form, allow_redirects=False) as answer:
        back = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert back == {"error": ["access_denied"], "state": ["s1"]}


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"client_id": "1"}, "invalid_client_id"),
        ({"scope": "admin"}, "invalid_scope"),
        ({"redirect_uri": "https://evil.example/"}, "bad_redirect_uri"),
    ],
)
async def test_a_wrong_authorize_address_shows_an_error(
    slack: RunningSlack, changed: dict[str, str], problem: str
) -> None:
    slack.box.app.redirect_urls = ["https://desk.example/"]

    async with slack.session.get(authorize_url(slack, **changed)) as page:
        assert page.status == 400
        assert problem in await page.text()


async def test_an_enterprise_installs_for_all_its_workspaces(slack: RunningSlack) -> None:
    box = slack.box
    north = box.add_workspace("North", enterprise="E1")
    south = box.add_workspace("South", enterprise="E1")
    ana, ben = box.person("Ana", workspace=north), box.person("Ben", workspace=south)
    code = parse_qs(urlsplit(box.allows(authorize_url(slack), ana, is_org=True)).query)["code"][0]
    granted = await AsyncWebClient(base_url=slack.api).oauth_v2_access(
        client_id=box.app.client_id, client_secret=box.app.client_secret, code=code
    )
    assert (granted["team"], granted["enterprise"]["id"]) == (None, "E1")
    assert granted["is_enterprise_install"]

    await ben.writes("from the south")

    told = box.deliveries[-1].payload
    assert told["team_id"] == south.id
    assert told["authorizations"][0]["is_enterprise_install"]
    token = granted["access_token"]
    said = await slack.call("chat.postMessage", token=token, channel=ben.direct.id, text="hello")
    assert said["ok"], said
    teams = await slack.call("auth.teams.list", token=token)
    assert [one["id"] for one in teams["teams"]] == [north.id, south.id]


async def test_tokens_that_rotate_lapse_and_are_renewed(slack: RunningSlack) -> None:
    box = slack.box
    box.app.token_rotation = True
    other = box.add_workspace("Nord")
    install = box.installs(other)
    install.expires_at = int(box.world.seconds()) - 1
    assert (await slack.call("auth.test", token=install.token))["error"] == "token_expired"

    renewed = await AsyncWebClient(base_url=slack.api).oauth_v2_access(
        client_id=box.app.client_id,
        client_secret=box.app.client_secret,
        grant_type="refresh_token",
        refresh_token=install.refresh_token,
    )

    assert renewed["expires_in"] > 43_000
    assert (await slack.call("auth.test", token=renewed["access_token"]))["ok"]


async def test_an_old_token_is_good_until_its_end_and_a_refresh_token_once(
    slack: RunningSlack,
) -> None:
    box = slack.box
    install = box.rotates_tokens()
    old, refresh = install.token, install.refresh_token
    client = AsyncWebClient(base_url=slack.api)
    asked = {
        "client_id": box.app.client_id,
        "client_secret": box.app.client_secret,
        "grant_type": "refresh_token",
        "refresh_token": refresh,
    }

    renewed = await client.oauth_v2_access(**asked)

    for token in (old, renewed["access_token"]):
        assert (await slack.call("auth.test", token=token))["ok"]
    with pytest.raises(SlackApiError, match="invalid_refresh_token"):
        await client.oauth_v2_access(**asked)
    await client.oauth_v2_access(**{**asked, "refresh_token": renewed["refresh_token"]})
    assert (await slack.call("auth.test", token=old))["error"] == "invalid_auth"
    box.uninstalls()
    assert not (await slack.call("auth.test", token=renewed["access_token"]))["ok"]
