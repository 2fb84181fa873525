import asyncio
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from models.account import Account, ConnectState
from models.ids import new_id, short
from models.outbox import Audit, Outbox
from models.post import Post, Target
from platforms.errors import NeedsReconnect, Rejected, Trouble, TryAgainLater
from tests.web_oauth.conftest import PUBLIC_URL, World
from web_oauth.linking import token_place


async def test_a_login_connects_the_account_for_the_person_who_asked(world: World) -> None:
    dana = await world.person()
    browser = world.browser()
    link = await world.link(dana)
    page = await browser.get(link)
    state = await browser.begin(link)

    done = await browser.come_back(state, code=world.instagram.code_for("brand"))

    assert "Dana (@dana)" in page.text
    assert "publish posts for you" in page.text
    assert done.status == 200
    assert "@brand connected" in done.text
    assert "Dana (@dana)" in done.text
    account = await world.account()
    asked = await ConnectState.get(member_id=dana.member.id)
    assert f"https://t.me/postcue_bot?start=c_{short(asked.id)}" in done.text
    assert account.state == "unconfirmed"
    assert account.team_id == dana.team.id
    assert account.connected_by_id == dana.member.id
    assert (account.platform_user_id, account.app_user_id) == ("id-brand", "app-id-brand")
    assert account.scopes == ["basic", "publish"]
    assert "SECRET" not in account.sealed_token
    opened = world.keyring.open(account.sealed_token, token_place(account.id, account.team_id))
    assert opened.get_secret_value() == "SECRET-token-1"
    assert account.token_expires_at is not None
    life = account.token_expires_at - world.clock.now()
    assert timedelta(days=59) < life < timedelta(days=61)
    assert world.instagram.exchanged == [
        ("code-1", f"{PUBLIC_URL}/connect/instagram/callback"),
    ]
    (row,) = await world.told("account", "connected")
    assert (row.subject_id, row.purpose, row.place_id) == (account.id, "card", dana.place.id)
    assert row.payload == {
        "member": str(dana.member.id),
        "post": "",
        "reconnected": False,
        "connect": short(asked.id),
        "followed": False,
    }
    assert await Audit.filter(action="account.connected", actor_id=dana.member.id).count() == 1


async def test_a_preview_burns_nothing_whether_it_gets_or_heads(world: World) -> None:
    browser, link = world.browser(), await world.link(await world.person())

    for _ in range(3):
        assert (await world.browser().get(link)).status == 200
        assert (await world.browser().ask("HEAD", link)).status == 200

    state = await browser.begin(link)
    done = await browser.come_back(state, code=world.instagram.code_for("brand"))
    assert "@brand connected" in done.text


async def test_a_head_at_the_callback_uses_nothing_up(world: World) -> None:
    browser = world.browser()
    state = await browser.begin(await world.link(await world.person()))
    code = world.instagram.code_for("brand")
    params = {"state": state, "code": code}

    head = await browser.ask("HEAD", "/connect/instagram/callback", params=params)

    assert head.status == 405
    assert "@brand connected" in (await browser.come_back(state, code=code)).text


async def test_bad_082_denied_consent_is_a_friendly_page_and_told_in_the_chat(
    world: World,
) -> None:
    dana = await world.person()
    browser = world.browser()
    state = await browser.begin(await world.link(dana))

    page = await browser.come_back(
        state, error="access_denied", error_reason="user_denied", error_description="<b>no</b>"
    )

    assert page.status == 200
    assert "Nothing was connected" in page.text
    assert "<b>no" not in page.text
    (row,) = await world.told("connect", "denied")
    assert (row.place_id, row.purpose) == (dana.place.id, "notice")
    assert row.payload["why"] == "denied"
    assert world.instagram.exchanged == []
    assert not await Account.all().count()


@pytest.mark.parametrize(
    ("query", "why"),
    [({}, "no_code"), ({"code": ""}, "no_code"), ({"error": "server_error"}, "refused_there"),
     ({"code": "x" * 5000}, "no_code")],
)  # fmt: skip
async def test_bad_082_a_missing_code_is_told_and_nothing_is_connected(
    world: World, query, why
) -> None:
    browser = world.browser()
    state = await browser.begin(await world.link(await world.person()))

    page = await browser.come_back(state, **query)

    assert page.status == 400
    (row,) = await world.told("connect", "failed")
    assert row.payload["why"] == why
    assert world.instagram.exchanged == []


async def test_bad_083_a_state_works_once(world: World) -> None:
    browser = world.browser()
    state = await browser.begin(await world.link(await world.person()))
    await browser.come_back(state, code=world.instagram.code_for("brand"))

    again = await browser.come_back(state, code=world.instagram.code_for("other"))

    assert again.status in {403, 410}
    assert "New link in Telegram" in again.text
    assert await Account.all().count() == 1
    assert len(world.instagram.exchanged) == 1


async def test_s7_two_callbacks_at_once_use_a_state_once(world: World) -> None:
    browser = world.browser()
    state = await browser.begin(await world.link(await world.person()))
    codes = [world.instagram.code_for(f"brand{i}") for i in range(8)]

    pages = await asyncio.gather(*(browser.come_back(state, code=code) for code in codes))

    assert sorted(page.status for page in pages).count(200) == 1
    assert await Account.all().count() == 1
    assert len(world.instagram.exchanged) == 1


async def test_bad_083_a_link_works_for_ten_minutes(world: World) -> None:
    dana = await world.person()
    browser, link = world.browser(), await world.link(dana)
    state = await browser.begin(link)
    world.clock.pass_time(timedelta(minutes=10, seconds=1))

    page = await browser.get(link)
    begun = await browser.post(link)
    back = await browser.come_back(state, code=world.instagram.code_for("brand"))
    again = await browser.come_back(state, code=world.instagram.code_for("brand"))

    assert (page.status, begun.status, back.status, again.status) == (410, 410, 410, 410)
    assert "expired" in back.text
    assert "https://t.me/postcue_bot?start=connect" in back.text
    assert world.instagram.exchanged == []
    (row,) = await world.told("connect", "expired")
    assert row.place_id == dana.place.id


@pytest.mark.parametrize("state", ["", "unknown", "a" * 43, "a" * 5000, "\x00", "' OR 1=1 --"])
async def test_bad_083_an_unknown_state_is_refused(world: World, state) -> None:
    page = await world.browser().come_back(state, code=world.instagram.code_for("brand"))

    assert page.status == 404
    assert "/connect" in page.text
    assert world.instagram.exchanged == []


async def test_s7_a_state_from_another_browser_is_refused_and_stays_unused(world: World) -> None:
    victim, attacker = world.browser(), world.browser()
    state = await attacker.begin(await world.link(await world.person()))
    code = world.instagram.code_for("brand")

    refused = await victim.come_back(state, code=code)

    assert refused.status == 403
    assert "another browser" in refused.text
    assert world.instagram.exchanged == []
    assert not await Account.all().count()
    assert (await attacker.come_back(state, code=code)).status == 200


async def test_s7_a_forwarded_link_cannot_be_begun_in_a_second_browser(world: World) -> None:
    first, second = world.browser(), world.browser()
    link = await world.link(await world.person())
    state = await first.begin(link)

    refused = await second.post(link)

    assert refused.status == 403
    assert "Set-Cookie" not in refused.headers
    page = await first.come_back(state, code=world.instagram.code_for("brand"))
    assert page.status == 200


async def test_s7_beginning_again_in_the_same_browser_kills_the_earlier_state(
    world: World,
) -> None:
    browser, link = world.browser(), await world.link(await world.person())
    old = await browser.begin(link)
    new = await browser.begin(link)
    code = world.instagram.code_for("brand")

    assert (await browser.come_back(old, code=code)).status == 404
    assert (await browser.come_back(new, code=code)).status == 200


async def test_s7_another_providers_state_is_refused(world: World) -> None:
    browser = world.browser()
    state = await browser.begin(await world.link(await world.person()))

    mixed = await browser.come_back(
        state, platform="threads", code=world.threads.code_for("brand")
    )

    assert mixed.status == 404
    assert world.threads.exchanged == []
    done = await browser.come_back(state, code=world.instagram.code_for("brand"))
    assert done.status == 200


async def test_s7_a_state_given_twice_counts_as_none(world: World) -> None:
    browser = world.browser()
    state = await browser.begin(await world.link(await world.person()))

    page = await browser.get(f"/connect/instagram/callback?state={state}&state={state}&code=c")

    assert page.status == 404
    assert world.instagram.exchanged == []


async def test_s7_a_form_that_another_site_sends_begins_nothing(world: World) -> None:
    link = await world.link(await world.person())

    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        refused = await world.browser().post(link, headers=headers)
        assert refused.status == 403
        assert "Location" not in refused.headers

    # Browsers call our own form's origin "null", since our pages send no referrer.
    own = {"Sec-Fetch-Site": "same-origin", "Origin": "null"}
    assert (await world.browser().post(link, headers=own)).status == 303


async def test_several_logins_run_side_by_side_in_one_browser(world: World) -> None:
    browser, dana = world.browser(), await world.person()
    first = await browser.begin(await world.link(dana))
    second = await browser.begin(await world.link(dana))

    one = await browser.come_back(first, code=world.instagram.code_for("one"))
    two = await browser.come_back(second, code=world.instagram.code_for("two"))

    assert (one.status, two.status) == (200, 200)


async def test_only_hashes_of_link_state_and_cookie_are_kept(world: World) -> None:
    browser, link = world.browser(), await world.link(await world.person())
    state = await browser.begin(link)
    cookies = [cookie.value for cookie in browser.session.cookie_jar]

    row = await ConnectState.all().values()

    assert len(link.rpartition("/")[2]) == len(state) == 43
    for secret in (link.rpartition("/")[2], state, *cookies):
        assert secret not in str(row)


async def test_the_cookie_is_bound_to_this_host_and_hidden_from_scripts(world: World) -> None:
    answer = await world.browser().post(await world.link(await world.person()))

    cookie = answer.headers["Set-Cookie"]

    assert cookie.startswith("postcue-")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Max-Age=600" in cookie
    assert "Domain" not in cookie


class TestUnderHttps:
    @pytest.fixture
    def public_url(self) -> str:
        return "https://postcue.test"

    async def test_the_cookie_is_a_host_cookie(self, world: World) -> None:
        link = (await world.link(await world.person())).removeprefix(world.public_url)

        answer = await world.browser().post(link)

        cookie = answer.headers["Set-Cookie"]
        assert cookie.startswith("__Host-postcue-")
        assert "Secure" in cookie
        assert "Path=/" in cookie
        assert "max-age" in answer.headers["Strict-Transport-Security"]
        back = parse_qs(urlsplit(answer.headers["Location"]).query)["redirect_uri"]
        assert back == ["https://postcue.test/connect/instagram/callback"]


async def test_bad_084_a_code_is_taken_once(world: World) -> None:
    dana, browser = await world.person(), world.browser()
    code = world.instagram.code_for("brand")
    await browser.come_back(await browser.begin(await world.link(dana)), code=code)
    before = await world.account()

    again = await browser.come_back(await browser.begin(await world.link(dana)), code=code)

    assert again.status == 400
    (row,) = await world.told("connect", "failed")
    assert row.payload["why"] == "code_refused"
    assert (await world.account()).token_version == before.token_version


async def test_bad_085_a_missing_scope_is_named_with_what_it_is_for(world: World) -> None:
    page = await world.connect(await world.person(), scopes=("basic",))

    assert "publish" in page.text
    assert "publish posts for you" in page.text
    assert "Nothing was connected" in page.text
    (row,) = await world.told("connect", "failed")
    assert row.payload["why"] == "scopes"
    assert row.payload["missing"] == "publish"
    assert row.payload["meaning"] == "publish posts for you"
    assert not await Account.all().count()


async def test_bad_086_a_personal_account_is_told_how_to_switch(world: World) -> None:
    page = await world.connect(await world.person(), can_publish=False)

    assert "Switch to professional account" in page.text
    (row,) = await world.told("connect", "failed")
    assert row.payload["why"] == "personal"
    assert row.payload["username"] == "brand"
    assert not await Account.all().count()


async def test_bad_087_an_account_of_another_team_is_refused_and_both_are_told(
    world: World,
) -> None:
    dana, mallory = await world.person(), await world.person("Mallory", "mallory")
    await world.connect(dana)
    before = await world.account()

    page = await world.connect(mallory)
    await world.connect(mallory)

    assert page.status == 409
    assert "another team" in page.text
    assert "Dana" not in page.text
    after = await world.account()
    assert (after.team_id, after.sealed_token) == (dana.team.id, before.sealed_token)
    asked = await world.told("connect", "failed")
    assert [row.payload["why"] for row in asked] == ["other_team", "other_team"]
    assert {row.place_id for row in asked} == {mallory.place.id}
    (owner,) = await world.told("account", "claimed")  # once a day, however often it is tried
    assert owner.subject_id == before.id
    assert owner.purpose == "notice"


async def test_bad_087_an_account_of_this_team_is_renewed_and_not_doubled(world: World) -> None:
    dana = await world.person()
    await world.connect(dana)
    await Account.all().update(state="active")
    before = await world.account()

    page = await world.connect(dana, display_name="The Brand")

    assert "connected again" in page.text
    after = await world.account()
    assert after.id == before.id
    assert after.state == "active"
    assert after.token_version == before.token_version + 1
    assert after.sealed_token != before.sealed_token
    assert after.display_name == "The Brand"


async def test_reconnecting_goes_by_the_platforms_id_and_names_the_post(world: World) -> None:
    dana, browser, post_id = await world.person(), world.browser(), new_id()
    await world.connect(dana)
    await Account.all().update(state="needs_reconnect", trouble="login_expired")
    link = await world.link(dana, post_id=post_id)
    code = world.instagram.code_for("brand_renamed", user_id="id-brand")

    await browser.come_back(await browser.begin(link), code=code)

    account = await Account.get()
    assert (account.state, account.trouble) == ("active", "")
    assert account.username == "brand_renamed"
    payload = (await world.told("account", "connected"))[-1].payload
    assert (payload["reconnected"], payload["post"]) == (True, str(post_id))
    assert payload["followed"] is False  # so that what waited for it is resumed, once


async def test_an_account_that_was_disconnected_is_asked_about_again(world: World) -> None:
    dana = await world.person()
    await world.connect(dana)
    await Account.all().update(state="disconnected", sealed_token="")

    await world.connect(dana)

    account = await Account.get()
    assert account.state == "unconfirmed"
    assert account.sealed_token


@pytest.mark.parametrize(
    ("state", "age", "is_free"),
    [
        ("disconnected", timedelta(), True),
        ("unconfirmed", timedelta(hours=23), False),
        ("unconfirmed", timedelta(hours=25), True),
        ("active", timedelta(days=400), False),
        ("needs_reconnect", timedelta(days=400), False),
    ],
)
async def test_an_account_moves_to_another_team_once_it_was_let_go(
    world: World, state, age, is_free
) -> None:
    dana, jo = await world.person(), await world.person("Jo", "jo")
    await world.connect(dana)
    await Account.all().update(state=state)
    old = await Account.get()
    world.clock.pass_time(age)

    page = await world.connect(jo)

    assert page.status == (200 if is_free else 409)
    mine = await Account.get(platform_user_id="id-brand")
    assert mine.team_id == (jo.team.id if is_free else dana.team.id)
    await old.refresh_from_db()
    assert old.team_id == dana.team.id
    assert (old.sealed_token == "") is is_free


@pytest.mark.parametrize(
    ("error", "status", "why"),
    [
        (TryAgainLater(Trouble.PLATFORM_DOWN), 502, "platform"),
        (Rejected(Trouble.LOGIN_EXPIRED), 400, "code_refused"),
        (NeedsReconnect(Trouble.ACCESS_REMOVED), 502, "login_refused"),
    ],
)
async def test_what_the_platform_says_no_to_is_told_in_the_chat(
    world: World, error, status, why
) -> None:
    world.instagram.fails_with = error

    page = await world.connect(await world.person())

    assert page.status == status
    (row,) = await world.told("connect", "failed")
    assert row.payload["why"] == why


async def test_a_platform_that_never_answers_is_told_too(world: World, monkeypatch) -> None:
    monkeypatch.setattr("web_oauth.connect.EXCHANGE_LIMIT", timedelta(milliseconds=50))
    world.instagram.hangs = True

    page = await world.connect(await world.person())

    assert page.status == 502
    (row,) = await world.told("connect", "failed")
    assert row.payload["why"] == "platform"


async def test_bad_088_a_redirect_parameter_leads_nowhere(world: World) -> None:
    browser, link = world.browser(), await world.link(await world.person())
    evil = dict.fromkeys(
        ("next", "redirect", "redirect_uri", "return_to", "url", "continue"),
        "https://evil.example/x",
    )

    page = await browser.get(link, params=evil)
    begun = await browser.post(link, params=evil, data=evil)
    state = parse_qs(urlsplit(begun.headers["Location"]).query)["state"][0]
    done = await browser.come_back(state, code=world.instagram.code_for("brand"), **evil)

    assert begun.headers["Location"].startswith(world.instagram.consent_page)
    for answer in (page, begun, done):
        assert "evil.example" not in answer.text + str(answer.headers)
    assert done.status == 200
    for path in ("//evil.example/x", "/https://evil.example", "/%2f%2fevil.example"):
        answer = await browser.get(path)
        assert answer.status == 404
        assert "Location" not in answer.headers


async def test_a_callback_is_answered_when_the_outbox_cannot_be_written(
    world: World, monkeypatch, caplog
) -> None:
    async def broken(*_args: object, **_more: object) -> None:
        raise RuntimeError("SECRET-in-a-trace")

    monkeypatch.setattr("web_oauth.linking.tell", broken)

    page = await world.connect(await world.person())

    assert page.status == 500
    assert "SECRET" not in page.text
    assert "Traceback" not in page.text
    reference = page.text.partition("Reference ")[2][:6]
    assert any(getattr(record, "reference", "") == reference for record in caplog.records)
    assert not await Account.all().count()  # one transaction: no account without its word
    assert not await Outbox.all().count()


async def test_a_platform_that_is_not_set_up_makes_no_error(world: World) -> None:
    dana = await world.person()
    link = await world.link(dana, platform="myspace")

    page = await world.browser().get(link)
    begun = await world.browser().post(link)
    back = await world.browser().come_back("a" * 43, platform="myspace")

    assert (page.status, begun.status, back.status) == (404, 404, 404)


async def test_a_login_with_another_account_than_the_post_waits_for_is_pointed_out(
    world: World,
) -> None:
    dana, browser, now = await world.person(), world.browser(), world.clock.now()
    await world.connect(dana)
    await Account.all().update(state="needs_reconnect")
    post = await Post.create(
        team=dana.team, author=dana.member, place=dana.place, number=1,
        created_at=now, updated_at=now,
    )  # fmt: skip
    await Target.create(
        post=post, account=await world.account(), state="blocked", due_at=now,
        created_at=now, updated_at=now,
    )  # fmt: skip

    other, right = [
        await browser.come_back(
            await browser.begin(await world.link(dana, post_id=post.id)),
            code=world.instagram.code_for(name),
        )
        for name in ("private_me", "brand")
    ]

    assert "waits for <strong>@brand</strong>" in other.text
    assert "waits for" not in right.text
    assert "connected again" in right.text
