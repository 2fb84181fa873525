"""The signature at Slack's door: true for Slack alone, and never an exception."""

import json
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from integrations.chat.incoming import Answered, Received, Refused
from integrations.slack.chat import SlackChat, SlackSettings
from integrations.slack.verifying import is_signed
from sandbox.slack import signature
from tests.integrations.slack.stage import Pauses, judged, now, nowhere
from tests.support.at_the_door import handed_in

SECRET = "0123456789abcdef0123456789abcdef"
EVENT = {
    "type": "event_callback",
    "team_id": "T1",
    "event_id": "Ev1",
    "event": {"type": "message", "channel": "C1", "user": "U1", "ts": "1.000001", "text": "hi"},
}


def door() -> SlackChat:
    settings = SlackSettings("http://x/api", "http://x", SecretStr(SECRET), None, SecretStr("x"))
    return SlackChat(
        settings,
        session=None,  # type: ignore[arg-type]  # the door makes no call
        pause=Pauses(),
        now=now,
        token_of=nowhere,
        judge=judged,
    )


DOOR = door()
"""One door for all examples of a property."""


def signed(body: bytes, *, at: int | None = None, secret: str = SECRET) -> dict[str, str]:
    kind = "application/json" if body[:1] in {b"{", b"["} else "application/x-www-form-urlencoded"
    stamp = int(now().timestamp()) if at is None else at
    return {**signature(secret, body, stamp), "Content-Type": kind}


async def test_s6_what_slack_signed_is_taken() -> None:
    body = json.dumps(EVENT).encode()

    taken = await handed_in(door(), signed(body), body)

    assert isinstance(taken, Received)
    assert (taken.external_id, taken.second_key) == ("Ev1", "said:T1:C1:1.000001")


async def test_s6_with_any_byte_flipped_it_is_401() -> None:
    body = json.dumps(EVENT).encode()
    headers, chat = signed(body), door()

    for at in range(len(body)):
        flipped = body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
        assert await handed_in(chat, headers, flipped) == Refused(401)
    for name in ("X-Slack-Signature", "X-Slack-Request-Timestamp"):
        for at in range(len(headers[name])):
            value = headers[name]
            other = value[:at] + chr(ord(value[at]) ^ 1) + value[at + 1 :]
            assert await handed_in(chat, {**headers, name: other}, body) == Refused(401)


@pytest.mark.parametrize("minutes", [-6, 6, -60 * 24, 60 * 24 * 365])
async def test_s6_bad_075_too_old_or_from_the_future_is_401(minutes: int) -> None:
    body = json.dumps(EVENT).encode()
    at = int((now() + timedelta(minutes=minutes)).timestamp())

    assert await handed_in(door(), signed(body, at=at), body) == Refused(401)


@pytest.mark.parametrize(
    "stamp", ["", "abc", "9" * 400, "-1", "1e9", "١٧٠٠٠٠٠٠٠٠", " 1", "1.5", "0x10", "\x00"]
)
async def test_s6_bad_075_a_junk_timestamp_is_401(stamp: str) -> None:
    body = json.dumps(EVENT).encode()

    answer = await handed_in(door(), {**signed(body), "X-Slack-Request-Timestamp": stamp}, body)

    assert answer == Refused(401)


@pytest.mark.parametrize(
    "shown", ["", "v0=", "v0=ü", "v1=00", "\udcff", "v0=" + "0" * 64, "ü" * 9]
)
async def test_s6_bad_076_a_junk_signature_is_401(shown: str) -> None:
    body = json.dumps(EVENT).encode()

    answer = await handed_in(door(), {**signed(body), "X-Slack-Signature": shown}, body)

    assert answer == Refused(401)


async def test_s6_bad_076_a_body_that_is_no_text_is_401_unsigned_and_400_signed() -> None:
    body = b"\xff\xfe\x00payload="

    assert await handed_in(door(), {}, body) == Refused(401)
    assert await handed_in(door(), signed(body), body) == Refused(400)


@given(
    st.dictionaries(
        st.sampled_from(["X-Slack-Signature", "X-Slack-Request-Timestamp", "Content-Type"]),
        st.text(),
    ),
    st.binary(max_size=200),
)
async def test_s6_whatever_comes_unsigned_is_401(headers: dict[str, str], body: bytes) -> None:
    assert await handed_in(DOOR, headers, body) == Refused(401)
    assert not is_signed(headers, body, SecretStr(SECRET), now=now())


def test_s6_without_a_secret_nobody_is_let_in() -> None:
    body = json.dumps(EVENT).encode()

    assert not is_signed(signed(body, secret=""), body, SecretStr(""), now=now())


@given(
    st.one_of(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(
                        ["type", "event", "event_id", "view", "payload", "team", "user"]
                    ),
                    inner,
                    max_size=4,
                )
            ),
            max_leaves=12,
        )
    )
)
async def test_bad_076_signed_json_of_any_shape_never_breaks_the_door(value: object) -> None:
    body = json.dumps(value).encode()
    form = urlencode({"payload": json.dumps(value)}).encode()

    for sent in (body, form):
        answer = await handed_in(
            DOOR,
            {**signed(sent), "Content-Type": "application/json" if sent is body else _FORM},
            sent,
        )
        assert not isinstance(answer, Refused) or answer.status == 400


_FORM = "application/x-www-form-urlencoded"


async def test_bad_077_the_handshake_is_answered_only_when_signed() -> None:
    body = json.dumps({"type": "url_verification", "challenge": "c-42"}).encode()

    assert await handed_in(door(), {"Content-Type": "application/json"}, body) == Refused(401)
    answer = await handed_in(door(), signed(body), body)
    assert isinstance(answer, Answered)
    assert json.loads(answer.body) == {"challenge": "c-42"}


async def test_bad_078_a_retry_has_the_key_of_the_first_and_so_has_a_mention() -> None:
    chat, body = door(), json.dumps(EVENT).encode()
    mention = {**EVENT, "event_id": "Ev2", "event": {**EVENT["event"], "type": "app_mention"}}
    again = json.dumps(mention).encode()

    first = await handed_in(chat, signed(body), body)
    retry = await handed_in(chat, {**signed(body), "X-Slack-Retry-Num": "1"}, body)
    other = await handed_in(chat, signed(again), again)

    assert first == retry
    assert isinstance(first, Received)
    assert isinstance(other, Received)
    assert first.external_id != other.external_id
    assert first.second_key == other.second_key is not None


def _submission(when: int, *, view: str = "V1") -> bytes:
    payload = {
        "type": "view_submission",
        "team": {"id": "T1"},
        "user": {"id": "U1"},
        "trigger_id": "1.2.3",
        "view": {
            "id": view,
            "hash": "h1",
            "private_metadata": json.dumps({"payload": "p1:ftime:x:1", "language": "en"}),
            "state": {
                "values": {
                    "when": {"when": {"type": "datetimepicker", "selected_date_time": when}}
                }
            },
        },
    }
    return urlencode({"payload": json.dumps(payload)}).encode()


async def test_b07_a_forms_errors_ride_in_the_acknowledgement_and_nothing_is_kept() -> None:
    body = _submission(1_700_000_000)

    answer = await handed_in(door(), signed(body), body)

    assert isinstance(answer, Answered)
    assert json.loads(answer.body) == {
        "response_action": "errors",
        "errors": {"when": "That time is in the past"},
    }


async def test_bad_069_a_form_sent_twice_has_one_key() -> None:
    chat, body = door(), _submission(4_000_000_000)

    first, second = [await handed_in(chat, signed(body), body) for _ in range(2)]

    assert isinstance(first, Received)
    assert isinstance(second, Received)
    assert first.external_id == second.external_id


async def test_a_choice_that_slack_asks_for_and_a_certificate_check_are_answered_at_once() -> None:
    asked = urlencode({"payload": json.dumps({"type": "block_suggestion"})}).encode()
    check = urlencode({"ssl_check": "1", "token": "x"}).encode()

    options, nothing = [await handed_in(door(), signed(body), body) for body in (asked, check)]

    assert isinstance(options, Answered)
    assert json.loads(options.body) == {"options": []}
    assert nothing == Answered()


async def test_bad_073_a_body_over_the_limit_is_413() -> None:
    body = b"{" + b" " * 1_000_001

    assert await handed_in(door(), signed(body), body) == Refused(413)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
@pytest.mark.parametrize("indent", ["", "\n  "])
async def test_an_event_is_stored_so_that_it_reads_as_it_came(encoding: str, indent: str) -> None:
    said = {**EVENT, "event": {**EVENT["event"], "text": 'heute "neun" ☕ \ud83d'}}  # type: ignore[dict-item]
    body = (indent + json.dumps(said)).encode(encoding)

    taken = await handed_in(door(), {**signed(body), "Content-Type": "application/json"}, body)

    assert isinstance(taken, Received)
    assert json.loads(taken.raw) == {"type": "events_api", "payload": said}
