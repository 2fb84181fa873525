"""Consent, codes and tokens of the pretend Instagram keep Meta's rules."""

import base64
import hashlib
import hmac
import json
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from sandbox.instagram import APP_ID, APP_SECRET, SCOPES
from tests.sandbox.conftest import CAFE, CAFE_ID, Stage

BACK = "http://127.0.0.1:8081/oauth/instagram"


def authorize(stage: Stage, **changes: str) -> str:
    query = {
        "client_id": APP_ID,
        "redirect_uri": BACK,
        "response_type": "code",
        "scope": ",".join(SCOPES),
        "state": "s t",
        **changes,
    }
    return f"{stage.base}/instagram/oauth/authorize?{urlencode(query)}"


async def choose(stage: Stage, address: str, **form) -> str:
    fields = {"account": CAFE, "decision": "allow", "scope": list(SCOPES), **form}
    body = urlencode(fields, doseq=True)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    async with stage.client.session.post(
        address, data=body, headers=headers, allow_redirects=False
    ) as answer:
        assert answer.status == 302
        return answer.headers["Location"]


async def exchange(stage: Stage, code: str, **changes: str) -> tuple[int, dict]:
    form = {
        "client_id": APP_ID,
        "client_secret": APP_SECRET,
        "grant_type": "authorization_code",
        "redirect_uri": BACK,
        "code": code,
        **changes,
    }
    async with stage.client.session.post(
        f"{stage.base}/instagram/oauth/access_token", data=form
    ) as answer:
        return answer.status, await answer.json()


async def code_for(stage: Stage, **form) -> str:
    where = await choose(stage, authorize(stage), **form)
    return parse_qs(urlsplit(where).query)["code"][0]


async def test_the_page_lists_accounts_and_scopes(stage: Stage) -> None:
    async with stage.client.session.get(authorize(stage)) as answer:
        page = await answer.text()

    assert answer.status == 200
    for words in (CAFE, "mira.on.wheels", "jonas.private", "Personal account", "Publish photos"):
        assert words in page


async def test_allowing_leads_to_a_token_for_sixty_days(stage: Stage) -> None:
    where = await choose(stage, authorize(stage))
    assert where.startswith(f"{BACK}?code=")
    assert where.endswith("#_")
    query = parse_qs(urlsplit(where).query)
    assert query["state"] == ["s t"]

    status, short = await exchange(stage, query["code"][0])
    stage.client.token = short["data"][0]["access_token"]
    long = await stage.client.ask(
        "GET", "access_token", grant_type="ig_exchange_token", client_secret=APP_SECRET
    )
    stage.client.token = long.json["access_token"]
    me = await stage.client.ask("GET", "v25.0/me", fields="user_id,id,username,account_type")

    assert status == 200
    assert short["data"][0]["permissions"] == ",".join(SCOPES)
    assert (long.json["token_type"], long.json["expires_in"]) == ("bearer", 5183944)
    assert me.json == {
        "user_id": CAFE_ID,
        "id": short["data"][0]["user_id"],
        "username": CAFE,
        "account_type": "BUSINESS",
    }


async def test_denying_leads_back_with_access_denied(stage: Stage) -> None:
    where = await choose(stage, authorize(stage), decision="deny")

    query = parse_qs(urlsplit(where).query)
    assert query["error"] == ["access_denied"]
    assert query["error_reason"] == ["user_denied"]
    assert query["state"] == ["s t"]


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "1"},
        {"response_type": "token"},
        {"redirect_uri": "javascript:alert(1)"},
        {"scope": "business_basic"},
        {"scope": ""},
        {"prompt": "x"},
    ],
)
async def test_a_wrong_authorize_address_shows_an_error_page(
    stage: Stage, changes: dict[str, str]
) -> None:
    async with stage.client.session.get(authorize(stage, **changes)) as answer:
        assert answer.status == 400

    assert len(stage.box.violations) == 1


async def test_a_code_works_once(stage: Stage) -> None:
    code = await code_for(stage)
    await exchange(stage, code)

    status, body = await exchange(stage, code)

    assert status == 400
    assert body["error_type"] == "OAuthException"
    assert "already used" in body["error_message"]


async def test_a_code_dies_after_an_hour(stage: Stage) -> None:
    code = await code_for(stage)

    stage.clock.pass_time(hours=1, seconds=1)

    assert (await exchange(stage, code))[0] == 400


@pytest.mark.parametrize(
    "changes",
    [
        {"client_secret": "wrong"},
        {"client_id": "1"},
        {"redirect_uri": BACK + "/"},
        {"grant_type": "x"},
        {"more": "x"},
    ],
)
async def test_a_wrong_exchange_is_refused_and_the_code_stays_good(
    stage: Stage, changes: dict[str, str]
) -> None:
    code = await code_for(stage)

    status, body = await exchange(stage, code, **changes)

    assert (status, body["code"]) == (400, 400)
    assert (await exchange(stage, code))[0] == 200


async def test_the_token_answer_may_be_flat_with_a_list(stage: Stage) -> None:
    stage.box.settings.change({"token_form": "flat", "permissions_form": "list"})

    _, body = await exchange(stage, await code_for(stage))

    assert isinstance(body["user_id"], int)
    assert body["permissions"] == list(SCOPES)


async def test_a_person_may_keep_a_scope_back(stage: Stage) -> None:
    code = await code_for(stage, scope=[SCOPES[0]])
    _, body = await exchange(stage, code)
    stage.client.token = body["data"][0]["access_token"]

    answer = await stage.client.create(image_url=stage.house.photo())

    assert body["data"][0]["permissions"] == SCOPES[0]
    assert answer.code == (10, None)


async def test_a_personal_account_connects_but_cannot_publish(stage: Stage) -> None:
    _, body = await exchange(stage, await code_for(stage, account="jonas.private"))
    stage.client.token = body["data"][0]["access_token"]

    me = await stage.client.ask("GET", "me", fields="account_type,user_id")
    answer = await stage.client.ask(
        "POST", f"{me.json['user_id']}/media", image_url=stage.house.photo()
    )

    assert me.json["account_type"] == "PERSONAL"
    assert answer.code == (10, None)


async def test_refresh_waits_a_day_and_gives_sixty_more(stage: Stage) -> None:
    early = await stage.client.ask("GET", "refresh_access_token", grant_type="ig_refresh_token")
    stage.clock.pass_time(hours=24)

    late = await stage.client.ask("GET", "refresh_access_token", grant_type="ig_refresh_token")

    assert early.code == (100, None)
    assert late.json["expires_in"] == 5183944
    assert (await stage.client.ask("GET", "me")).status == 200
    stage.client.token = late.json["access_token"]
    stage.clock.pass_time(days=59)
    assert (await stage.client.ask("GET", "me")).status == 200


async def test_an_expired_token_is_190_463_and_cannot_be_refreshed(stage: Stage) -> None:
    stage.clock.pass_time(days=61)

    asked = await stage.client.ask("GET", "me")
    refreshed = await stage.client.ask(
        "GET", "refresh_access_token", grant_type="ig_refresh_token"
    )

    assert asked.code == refreshed.code == (190, 463)


async def test_short_and_long_tokens_do_not_swap_roles(stage: Stage) -> None:
    twice = await stage.client.ask(
        "GET", "access_token", grant_type="ig_exchange_token", client_secret=APP_SECRET
    )
    stage.client.token = stage.box.issue_token(CAFE, is_long=False).value
    wrong = await stage.client.ask(
        "GET", "access_token", grant_type="ig_exchange_token", client_secret="x"
    )
    refreshed = await stage.client.ask(
        "GET", "refresh_access_token", grant_type="ig_refresh_token"
    )

    assert (twice.code, wrong.code, refreshed.code) == ((190, None), (101, None), (190, None))


async def test_no_token_and_a_foreign_token_are_refused(stage: Stage) -> None:
    stage.client.token = "EAAB-page-token"
    foreign = await stage.client.ask("GET", "me")
    async with stage.client.session.get(f"{stage.base}/instagram/graph/me") as answer:
        none = await answer.json()

    assert foreign.code == (190, None)
    assert none["error"]["code"] == 104


async def test_the_signed_request_is_signed_with_the_apps_secret(stage: Stage) -> None:
    signature, payload = stage.box.signed_request(CAFE).split(".")

    expected = hmac.new(APP_SECRET.encode(), payload.encode(), hashlib.sha256).digest()
    assert base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4)) == expected
    read = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert read["algorithm"] == "HMAC-SHA256"
    assert read["user_id"] == stage.box.account(CAFE).scoped_id


async def test_a_consent_can_be_given_in_python(stage: Stage) -> None:
    where = stage.box.consent(authorize(stage), "mira.on.wheels")

    code = parse_qs(urlsplit(where).query)["code"][0]
    _, body = await exchange(stage, code)
    assert body["data"][0]["user_id"] == stage.box.account("mira.on.wheels").scoped_id
