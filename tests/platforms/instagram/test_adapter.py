"""The adapter in front of canned answers: the rare and the malformed ones.

What a well-behaved Instagram does is walked through in `test_instagram_conforms.py`.
"""

import logging
import re
import traceback
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import aiohttp
import pytest
from pydantic import SecretStr

from platforms.contract import Handle, Made, Outgoing, Published, Ready, Receipt, Usage, Waiting
from platforms.errors import (
    HandleLost,
    NeedsReconnect,
    OutcomeUnknown,
    PlatformError,
    Rejected,
    Trouble,
    TryAgainLater,
)
from platforms.instagram.adapter import InstagramAdapter
from tests.platforms.instagram.builders import (
    ACCOUNT,
    APP_SECRET,
    GRAPH,
    NODE,
    POST,
    TOKEN,
    TOKEN_URL,
    WHO,
    adapter,
    carousel_post,
    envelope,
    image_post,
    photo,
    reel_post,
    story_post,
    video,
)
from tests.support.canned_answers import CannedAnswers

SINCE = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
HTML = "<!doctype html><title>Sorry, something went wrong.</title>"


def any_query(path: str) -> re.Pattern[str]:
    return re.compile(re.escape(f"{GRAPH}/{path}") + r"\?.*")


CONTAINER = any_query("v25.0/178001")
PUBLISH = f"{NODE}/media_publish"
CREATE = f"{NODE}/media"
REFRESH = any_query("refresh_access_token")
LONG = any_query("access_token")
ME = any_query("v25.0/me")
LIST = any_query(f"v25.0/{ACCOUNT}/media")


def form_of(answers: CannedAnswers, url: str) -> dict[str, str]:
    (body,) = [kwargs["data"] for method, to, kwargs in answers.sent() if to == url]
    return {name: values[0] for name, values in parse_qs(body.decode()).items()}


# Preparing


async def test_preparing_makes_one_container_and_hands_it_back() -> None:
    with CannedAnswers() as answers:
        answers.post(CREATE, payload={"id": "178001"})
        async with adapter() as instagram:
            progress = await instagram.prepare(WHO, image_post("Hi"), [])

    assert progress == Made(Handle("post", 0, "178001", timedelta(hours=24)))
    assert form_of(answers, CREATE) == {
        "image_url": "https://post.example/m/a.jpg",
        "caption": "Hi",
        "access_token": TOKEN,
    }


async def test_the_token_of_a_post_call_is_in_the_form_and_not_in_the_address() -> None:
    with CannedAnswers() as answers:
        answers.post(CREATE, payload={"id": "178001"})
        async with adapter() as instagram:
            await instagram.prepare(WHO, image_post(), [])

    assert [url for _, url, _ in answers.sent()] == [CREATE]


@pytest.mark.parametrize(
    ("status", "expected"),
    [("IN_PROGRESS", Waiting(timedelta(seconds=2))), ("FINISHED", Ready())],
)
async def test_a_made_container_is_only_read(status: str, expected: Waiting | Ready) -> None:
    with CannedAnswers() as answers:
        answers.get(CONTAINER, payload={"status_code": status})
        async with adapter() as instagram:
            assert await instagram.prepare(WHO, image_post(), [POST]) == expected


async def test_a_film_is_asked_after_less_often() -> None:
    with CannedAnswers() as answers:
        answers.get(CONTAINER, payload={"status_code": "IN_PROGRESS"})
        async with adapter() as instagram:
            progress = await instagram.prepare(WHO, reel_post(), [POST])

    assert progress == Waiting(timedelta(seconds=5))


async def test_a_container_that_is_public_already_stops_the_preparation() -> None:
    with CannedAnswers() as answers:
        answers.get(CONTAINER, payload={"status_code": "PUBLISHED"})
        async with adapter() as instagram:
            with pytest.raises(OutcomeUnknown):
                await instagram.prepare(WHO, image_post(), [POST])


async def test_children_are_made_one_per_call_in_any_order_they_are_missing() -> None:
    third = Handle("item", 2, "3")
    album = carousel_post(photo(), video(), photo())
    with CannedAnswers() as answers:
        answers.post(CREATE, payload={"id": "1"})
        answers.post(CREATE, payload={"id": "2"})
        async with adapter() as instagram:
            first = await instagram.prepare(WHO, album, [third])
            assert isinstance(first, Made)
            second = await instagram.prepare(WHO, album, [third, first.handle])

    assert first.handle == Handle("item", 0, "1", timedelta(hours=24))
    assert second == Made(Handle("item", 1, "2", timedelta(hours=24)))


async def test_a_parent_waits_for_its_children_and_names_them_in_order() -> None:
    children = [Handle("item", 1, "22"), Handle("item", 0, "11")]
    with CannedAnswers() as answers:
        answers.get(any_query("v25.0/11"), payload={"status_code": "FINISHED"}, repeat=True)
        answers.get(any_query("v25.0/22"), payload={"status_code": "IN_PROGRESS"})
        answers.get(any_query("v25.0/22"), payload={"status_code": "FINISHED"})
        answers.post(CREATE, payload={"id": "33"})
        async with adapter() as instagram:
            waiting = await instagram.prepare(WHO, carousel_post(), children)
            made = await instagram.prepare(WHO, carousel_post(), children)

    assert waiting == Waiting(timedelta(seconds=5))
    assert made == Made(Handle("post", 0, "33", timedelta(hours=24)))
    assert form_of(answers, CREATE)["children"] == "11,22"


async def test_an_item_that_failed_loses_the_whole_carousel() -> None:
    children = [Handle("item", 0, "11"), Handle("item", 1, "22")]
    with CannedAnswers() as answers:
        answers.get(any_query("v25.0/11"), payload={"status_code": "EXPIRED"})
        async with adapter() as instagram:
            with pytest.raises(HandleLost):
                await instagram.prepare(WHO, carousel_post(), children)


async def test_the_item_that_instagram_refuses_is_named() -> None:
    children = [Handle("item", 0, "11"), Handle("item", 1, "22")]
    failed = {"status_code": "ERROR", "status": "Error: 2207026"}
    with CannedAnswers() as answers:
        answers.post(CREATE, status=400, payload=envelope(36001, 2207005))
        answers.get(any_query("v25.0/11"), payload={"status_code": "FINISHED"})
        answers.get(any_query("v25.0/22"), payload=failed)
        async with adapter() as instagram:
            with pytest.raises(Rejected) as at_once:
                await instagram.prepare(WHO, carousel_post(), children[:1])
            with pytest.raises(Rejected) as later:
                await instagram.prepare(WHO, carousel_post(), children)

    assert at_once.value.params["item"] == later.value.params["item"] == 2


async def test_what_instagram_tells_people_is_handed_on_without_secrets() -> None:
    said = envelope(100, error_user_msg=f"Not this one ({TOKEN}).")
    with CannedAnswers() as answers:
        answers.post(CREATE, status=400, payload=said)
        async with adapter() as instagram:
            with pytest.raises(Rejected) as caught:
                await instagram.prepare(WHO, image_post(), [])

    assert caught.value.params == {"says": "Not this one (***)."}


async def test_a_created_container_without_an_id_is_made_again_later() -> None:
    with CannedAnswers() as answers:
        answers.post(CREATE, payload={"success": True})
        async with adapter() as instagram:
            with pytest.raises(TryAgainLater) as caught:
                await instagram.prepare(WHO, image_post(), [])

    assert caught.value.trouble is Trouble.UNCLEAR


async def test_a_post_without_media_is_our_mistake() -> None:
    async with adapter() as instagram:
        with pytest.raises(Rejected) as caught:
            await instagram.prepare(WHO, Outgoing("reel", "", ()), [])

    assert caught.value.trouble is Trouble.OUR_MISTAKE


@pytest.mark.parametrize(
    ("payload", "kind", "trouble"),
    [
        ({"status_code": "EXPIRED"}, HandleLost, Trouble.HANDLE_EXPIRED),
        ({"status_code": "ERROR"}, HandleLost, Trouble.MEDIA_PROCESSING),
        (
            {"status_code": "ERROR", "status": "Error: 2207026 unsupported"},
            Rejected,
            Trouble.FORMAT_REFUSED,
        ),
        ({"status_code": "DREAMING"}, TryAgainLater, Trouble.UNCLEAR),
        ({}, TryAgainLater, Trouble.UNCLEAR),
    ],
)
async def test_a_container_that_failed_says_how(
    payload: dict, kind: type[PlatformError], trouble: Trouble
) -> None:
    with CannedAnswers() as answers:
        answers.get(CONTAINER, payload=payload, repeat=True)
        async with adapter() as instagram:
            for step in (
                instagram.prepare(WHO, image_post(), [POST]),
                instagram.check(WHO, [POST]),
            ):
                with pytest.raises(PlatformError) as caught:
                    await step
                assert (type(caught.value), caught.value.trouble) == (kind, trouble)


# Checking


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("IN_PROGRESS", Waiting(timedelta(seconds=5))),
        ("FINISHED", Ready()),
        ("PUBLISHED", Published(Receipt())),
    ],
)
async def test_checking_reads_where_the_container_stands(status: str, expected: object) -> None:
    with CannedAnswers() as answers:
        answers.get(CONTAINER, payload={"status_code": status})
        async with adapter() as instagram:
            assert await instagram.check(WHO, [Handle("item", 0, "9"), POST]) == expected


async def test_a_container_that_cannot_be_seen_proves_nothing_when_checked() -> None:
    with CannedAnswers() as answers:
        answers.get(CONTAINER, status=400, payload=envelope(100, 33), repeat=True)
        async with adapter() as instagram:
            with pytest.raises(TryAgainLater) as while_checking:
                await instagram.check(WHO, [POST])
            with pytest.raises(HandleLost):
                await instagram.prepare(WHO, image_post(), [POST])

    assert type(while_checking.value) is TryAgainLater


# Publishing


async def publish(**answer: object) -> Published:
    with CannedAnswers() as answers:
        answers.post(PUBLISH, **answer)
        async with adapter() as instagram:
            published = await instagram.publish(WHO, [Handle("item", 0, "9"), POST])
        assert form_of(answers, PUBLISH) == {"creation_id": "178001", "access_token": TOKEN}
        return published


@pytest.mark.parametrize("media_id", ["18001", 18001])
async def test_publishing_names_the_container_and_returns_the_id(media_id: object) -> None:
    assert await publish(payload={"id": media_id}) == Published(Receipt(media_id="18001"))


@pytest.mark.parametrize(
    "answer",
    [
        {"body": HTML},
        {"body": '{"id": "180'},
        {"body": ""},
        {"payload": {}},
        {"payload": {"id": ""}},
        {"payload": {"id": None}},
        {"payload": {"success": True}},
        {"status": 204, "body": ""},
        {"status": 302, "headers": {"Location": "https://evil.example"}},
        {"status": 400, "body": HTML},
        {"status": 404, "body": HTML},
        {"status": 408, "body": ""},
        {"status": 429, "body": HTML},
        {"status": 500, "body": HTML},
        {"status": 500, "payload": envelope(9007, 2207027)},
        {"status": 502, "body": ""},
        {"status": 503, "payload": envelope(2)},
        {"status": 504, "body": HTML},
        {"status": 400, "payload": envelope(1)},
        {"status": 400, "payload": envelope(-1, 2207001)},
        {"status": 400, "payload": envelope(341)},
        {"status": 403, "payload": envelope(4, 2207051)},
        {"status": 400, "payload": envelope(24, 2207008)},
        {"status": 400, "payload": envelope(100, 33)},
        {"status": 400, "payload": envelope(424_242)},
        {"status": 200, "payload": envelope(2)},
        {"exception": aiohttp.ServerDisconnectedError()},
        {"exception": aiohttp.ClientOSError(104, "reset")},
        {"exception": aiohttp.ClientPayloadError("half")},
        {"exception": aiohttp.SocketTimeoutError("silent")},
        {"exception": TimeoutError()},
        {"exception": ConnectionResetError()},
    ],
    ids=repr,
)
async def test_whatever_does_not_prove_a_refusal_leaves_the_outcome_unknown(answer: dict) -> None:
    with pytest.raises(OutcomeUnknown):
        await publish(**answer)


@pytest.mark.parametrize(
    ("answer", "kind", "trouble"),
    [
        ({"status": 400, "payload": envelope(9007, 2207027)}, TryAgainLater, Trouble.NOT_READY),
        (
            {"status": 400, "payload": envelope(9, 2207042)},
            TryAgainLater,
            Trouble.QUOTA_REACHED,
        ),
        ({"status": 403, "payload": envelope(4)}, TryAgainLater, Trouble.RATE_LIMITED),
        ({"status": 400, "payload": envelope(-2, 2207020)}, HandleLost, Trouble.HANDLE_EXPIRED),
        ({"status": 400, "payload": envelope(190, 463)}, NeedsReconnect, Trouble.LOGIN_EXPIRED),
        (
            {"status": 403, "payload": envelope(25, 2207050)},
            NeedsReconnect,
            Trouble.ACCOUNT_RESTRICTED,
        ),
        ({"status": 400, "payload": envelope(36003, 2207009)}, Rejected, Trouble.RATIO_REFUSED),
    ],
    ids=repr,
)
async def test_a_definite_refusal_is_its_class(
    answer: dict, kind: type[PlatformError], trouble: Trouble
) -> None:
    with pytest.raises(PlatformError) as caught:
        await publish(**answer)

    assert (type(caught.value), caught.value.trouble) == (kind, trouble)


async def test_publishing_without_a_prepared_post_sends_nothing() -> None:
    with CannedAnswers() as answers:
        async with adapter() as instagram:
            with pytest.raises(Rejected):
                await instagram.publish(WHO, [Handle("item", 0, "9")])

    assert answers.sent() == []


# Finding


async def test_a_post_is_found_in_the_list_and_a_story_among_the_stories() -> None:
    listed = {
        "id": "1",
        "caption": "Hello",
        "timestamp": "2026-11-23T14:00:05+0000",
        "permalink": "https://www.instagram.com/p/1/",
    }
    stories = any_query(f"v25.0/{ACCOUNT}/stories")
    with CannedAnswers() as answers:
        answers.get(LIST, payload={"data": [listed]})
        answers.get(stories, payload={"data": [{**listed, "id": "2"}]})
        async with adapter() as instagram:
            post = await instagram.find_published(WHO, image_post("Hello"), since=SINCE)
            story = await instagram.find_published(WHO, story_post(), since=SINCE)

    assert post == Receipt(
        "1", "https://www.instagram.com/p/1/", datetime(2026, 11, 23, 14, 0, 5, tzinfo=UTC)
    )
    assert story is not None
    assert story.media_id == "2"


async def test_a_list_that_could_not_be_read_is_an_error_and_not_an_absence() -> None:
    with CannedAnswers() as answers:
        answers.get(LIST, body=HTML)
        async with adapter() as instagram:
            with pytest.raises(TryAgainLater):
                await instagram.find_published(WHO, image_post(), since=SINCE)


async def test_a_post_is_described_as_far_as_it_is_told() -> None:
    with CannedAnswers() as answers:
        answers.get(any_query("v25.0/18001"), payload={"id": "18001"})
        async with adapter() as instagram:
            assert await instagram.describe(WHO, "18001") == Receipt("18001")


async def test_a_quota_is_read_live() -> None:
    body = {"data": [{"quota_usage": 3, "config": {"quota_total": 25, "quota_duration": 3600}}]}
    with CannedAnswers() as answers:
        answers.get(any_query(f"v25.0/{ACCOUNT}/content_publishing_limit"), payload=body)
        async with adapter() as instagram:
            quota = await instagram.quota(WHO)

    assert quota is not None
    assert (quota.used, quota.total, quota.window) == (3, 25, timedelta(hours=1))


# Connecting


@pytest.mark.parametrize(
    "short",
    [
        {"data": [{"access_token": "IGSHORT", "user_id": "91", "permissions": "a,b"}]},
        {"access_token": "IGSHORT", "user_id": 91, "permissions": ["a", "b"]},
    ],
)
async def test_a_code_becomes_a_long_token(short: dict) -> None:
    with CannedAnswers() as answers:
        answers.post(TOKEN_URL, payload=short)
        answers.get(LONG, payload={"access_token": "IGLONG", "expires_in": 5183944})
        async with adapter() as instagram:
            grant = await instagram.exchange_code(code="AQ#_", redirect_uri="https://x.example/c")

    assert grant.token.get_secret_value() == "IGLONG"
    assert (grant.app_user_id, grant.scopes) == ("91", ("a", "b"))
    assert form_of(answers, TOKEN_URL)["code"] == "AQ"
    assert form_of(answers, TOKEN_URL)["redirect_uri"] == "https://x.example/c"


async def test_a_used_code_is_rejected() -> None:
    said = {
        "error_type": "OAuthException",
        "code": 400,
        "error_message": "Matching code was not found or was already used",
    }
    with CannedAnswers() as answers:
        answers.post(TOKEN_URL, status=400, payload=said)
        async with adapter() as instagram:
            with pytest.raises(Rejected) as caught:
                await instagram.exchange_code(code="AQ", redirect_uri="https://x.example/c")

    assert caught.value.trouble is Trouble.LOGIN_EXPIRED


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"exception": aiohttp.ServerDisconnectedError()}, {}),
        ({"body": HTML}, {}),
        ({"payload": {"access_token": "IGSHORT"}}, {"status": 500, "body": HTML}),
        ({"payload": {"access_token": "IGSHORT"}}, {"payload": {"expires_in": 1}}),
        ({"payload": {"access_token": "IGSHORT"}}, {"exception": TimeoutError()}),
    ],
    ids=repr,
)
async def test_an_exchange_without_an_answer_is_tried_later(first: dict, second: dict) -> None:
    with CannedAnswers() as answers:
        answers.post(TOKEN_URL, **first)
        answers.get(LONG, **second)
        async with adapter() as instagram:
            with pytest.raises(TryAgainLater):
                await instagram.exchange_code(code="AQ", redirect_uri="https://x.example/c")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"status": 400, "payload": envelope(190, 463)}, NeedsReconnect),
        ({"status": 400, "payload": envelope(190, 458)}, NeedsReconnect),
        ({"status": 400, "payload": envelope(100)}, TryAgainLater),
        ({"status": 400, "payload": envelope(36000)}, TryAgainLater),
        ({"status": 400, "body": HTML}, TryAgainLater),
        ({"status": 500, "body": HTML}, TryAgainLater),
        ({"payload": {"token": "?"}}, TryAgainLater),
    ],
    ids=repr,
)
async def test_a_refresh_ends_a_login_only_when_the_token_is_dead(
    answer: dict, kind: type[PlatformError]
) -> None:
    with CannedAnswers() as answers:
        answers.get(REFRESH, **answer)
        async with adapter() as instagram:
            with pytest.raises(kind):
                await instagram.refresh(WHO.token)


async def test_a_refresh_gives_a_token_with_a_new_life() -> None:
    with CannedAnswers() as answers:
        answers.get(REFRESH, payload={"data": [{"access_token": "IGNEW", "expires_in": 100}]})
        async with adapter() as instagram:
            grant = await instagram.refresh(WHO.token)

    assert grant.token.get_secret_value() == "IGNEW"
    assert grant.expires_after == timedelta(seconds=100)


async def test_bad_086_a_personal_account_is_told_apart() -> None:
    told = {"user_id": "178", "id": "91", "username": "jonas", "account_type": "PERSONAL"}
    with CannedAnswers() as answers:
        answers.get(ME, payload=told)
        async with adapter() as instagram:
            profile = await instagram.whoami(WHO.token)

    assert (profile.username, profile.can_publish) == ("jonas", False)


async def test_a_profile_without_an_id_is_asked_for_later() -> None:
    with CannedAnswers() as answers:
        answers.get(ME, payload={"username": "jonas"})
        async with adapter() as instagram:
            with pytest.raises(TryAgainLater):
                await instagram.whoami(WHO.token)


async def test_giving_a_token_back_asks_nobody() -> None:
    with CannedAnswers() as answers:
        async with adapter() as instagram:
            await instagram.revoke(WHO.token)

    assert answers.sent() == []


# Limits


async def test_usage_is_heard_with_every_answer_also_a_refusal() -> None:
    heard: list[Usage] = []
    headers = {"X-App-Usage": '{"call_count":96}'}
    with CannedAnswers() as answers:
        answers.get(CONTAINER, payload={"status_code": "FINISHED"}, headers=headers)
        answers.get(CONTAINER, status=400, payload=envelope(4), headers=headers)
        async with adapter(heard=heard) as instagram:
            await instagram.check(WHO, [POST])
            with pytest.raises(TryAgainLater):
                await instagram.check(WHO, [POST])

    assert heard == [Usage("instagram", "", 96.0)] * 2


# Every door, every kind of bad answer: always one of our own errors, and no secret in it


Step = Callable[[InstagramAdapter], Awaitable[object]]
STEPS: dict[str, Step] = {
    "prepare": lambda i: i.prepare(WHO, image_post(), []),
    "prepared": lambda i: i.prepare(WHO, image_post(), [POST]),
    "check": lambda i: i.check(WHO, [POST]),
    "publish": lambda i: i.publish(WHO, [POST]),
    "find_published": lambda i: i.find_published(WHO, image_post(), since=SINCE),
    "describe": lambda i: i.describe(WHO, "1"),
    "quota": lambda i: i.quota(WHO),
    "whoami": lambda i: i.whoami(WHO.token),
    "refresh": lambda i: i.refresh(WHO.token),
    "exchange": lambda i: i.exchange_code(code="AQ-secret-code", redirect_uri="https://x.example"),
}
BAD_ANSWERS: dict[str, dict] = {
    "html": {"body": HTML},
    "half": {"body": '{"id": "1'},
    "nothing": {"body": ""},
    "server": {"status": 500, "body": HTML},
    "redirect": {"status": 302, "headers": {"Location": "http://169.254.169.254/"}},
    "unlisted": {"status": 400, "payload": envelope(31_337, 7)},
    "repeats the token": {
        "status": 400,
        "payload": envelope(190, message=f"Malformed access token {TOKEN} ({APP_SECRET})"),
    },
    "odd envelope": {"status": 400, "payload": {"error": "no"}},
    "dropped": {"exception": aiohttp.ServerDisconnectedError()},
    "response error": {
        "exception": aiohttp.ClientResponseError(
            None,  # type: ignore[arg-type]
            (),
            message=f"https://graph.instagram.com/me?access_token={TOKEN}",
        )
    },
    "timeout": {"exception": aiohttp.ConnectionTimeoutError(f"to ?access_token={TOKEN}")},
}


@pytest.mark.parametrize("answer", BAD_ANSWERS.values(), ids=BAD_ANSWERS)
@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
async def test_s5_every_step_answers_in_our_own_errors_and_tells_no_secret(
    step: Step, answer: dict, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "platforms")
    everywhere = re.compile(r"https://(graph|api)\.instagram\.com/.*")
    with CannedAnswers() as answers:
        answers.get(everywhere, **answer)
        answers.post(everywhere, **answer)
        async with adapter() as instagram:
            with pytest.raises(PlatformError) as caught:
                await step(instagram)

    seen = [str(caught.value), repr(caught.value), str(vars(caught.value))]
    seen += traceback.format_exception(caught.value)
    seen += [str(vars(record)) for record in caplog.records]
    for secret in (TOKEN, APP_SECRET, "AQ-secret-code"):
        assert secret not in "\n".join(seen)


async def test_s5_the_settings_and_the_token_print_as_stars() -> None:
    async with adapter() as instagram:
        assert APP_SECRET not in repr(instagram._settings)
    assert TOKEN not in repr(WHO)
    assert "***" in repr(SecretStr(TOKEN))
