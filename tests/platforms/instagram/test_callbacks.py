"""Meta's signed_request: what is believed and what is not."""

import base64
import hashlib
import hmac
import json
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from platforms.errors import Rejected, Trouble
from platforms.instagram.callbacks import signed_user_id
from tests.platforms.instagram.builders import APP_SECRET, adapter

SECRET = SecretStr(APP_SECRET)
CLAIMS = {"user_id": "218471", "algorithm": "HMAC-SHA256", "issued_at": 1291836800}


def encode(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def sign(payload: bytes, secret: str = APP_SECRET, digest: str = "sha256") -> bytes:
    return encode(hmac.new(secret.encode(), payload, digest).digest()) + b"." + payload


def signed(claims: object = CLAIMS, secret: str = APP_SECRET) -> bytes:
    return sign(encode(json.dumps(claims).encode()), secret)


def form(signed_request: bytes | str) -> bytes:
    return urlencode({"signed_request": signed_request}).encode()


def assert_refused(body: bytes) -> None:
    with pytest.raises(Rejected) as caught:
        signed_user_id(body, SECRET)

    assert caught.value.trouble is Trouble.NOT_SIGNED
    assert APP_SECRET not in str(vars(caught.value))


def test_s15_a_signed_callback_names_the_user() -> None:
    assert signed_user_id(form(signed()), SECRET) == "218471"


async def test_s15_the_adapter_believes_its_own_app_only() -> None:
    async with adapter() as instagram:
        assert instagram.verify_callback(form(signed())) == "218471"
        with pytest.raises(Rejected):
            instagram.verify_callback(form(signed(secret="another app's secret")))


def test_s15_a_user_id_may_come_as_a_number_and_with_an_expiry() -> None:
    claims = {**CLAIMS, "user_id": 218471, "expires": 1291840400}

    assert signed_user_id(form(signed(claims)), SECRET) == "218471"


def test_s15_padding_where_it_belongs_is_taken() -> None:
    payload = base64.urlsafe_b64encode(b'{"user_id":"1","algorithm":"HMAC-SHA256"}')
    signature, _, _ = sign(payload).partition(b".")

    assert payload.endswith(b"=")
    assert signed_user_id(form(signature + b"=." + payload), SECRET) == "1"


@given(st.data())
def test_s15_every_flipped_byte_is_refused(data: st.DataObject) -> None:
    whole = signed()
    place = data.draw(st.integers(0, len(whole) - 1))
    other = data.draw(st.integers(1, 255))
    flipped = whole[:place] + bytes([whole[place] ^ other]) + whole[place + 1 :]

    assert_refused(form(flipped))


def test_s15_every_other_spelling_of_the_last_letter_is_refused() -> None:
    # 43 letters hold 258 bits, the signature has 256: three more letters decode to the same bytes.
    signature, _, payload = signed().partition(b".")
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    others = [signature[:-1] + bytes([c]) for c in alphabet if c != signature[-1]]
    same = [o for o in others if base64.urlsafe_b64decode(o + b"=") == _bytes_of(signature)]

    assert len(same) == 3
    for other in others:
        assert_refused(form(other + b"." + payload))


def _bytes_of(signature: bytes) -> bytes:
    return base64.urlsafe_b64decode(signature + b"=")


@given(st.integers(0, 200))
def test_s15_every_shortened_request_is_refused(length: int) -> None:
    whole = signed()
    if length < len(whole):
        assert_refused(form(whole[:length]))


@given(st.binary(max_size=300))
def test_s15_junk_is_refused_and_never_crashes(junk: bytes) -> None:
    assert_refused(junk)
    assert_refused(b"signed_request=" + junk)
    assert_refused(form(junk))


@given(st.text(min_size=1).filter(lambda text: text.encode("utf-8", "replace") != b""))
def test_bad_081_another_apps_secret_is_refused(secret: str) -> None:
    try:
        other = secret.encode()
    except UnicodeEncodeError:
        return
    if other != APP_SECRET.encode():
        payload = encode(json.dumps(CLAIMS).encode())
        assert_refused(form(encode(hmac.new(other, payload, "sha256").digest()) + b"." + payload))


@pytest.mark.parametrize("algorithm", ["none", "", None, "HMAC-SHA1", "hmac-sha256", "HS256", 1])
def test_bad_081_another_algorithm_is_refused_though_signed(algorithm: object) -> None:
    assert_refused(form(signed({**CLAIMS, "algorithm": algorithm})))


def test_bad_081_algorithm_none_without_a_signature_is_refused() -> None:
    payload = encode(json.dumps({**CLAIMS, "algorithm": "none"}).encode())

    assert_refused(form(b"." + payload))
    assert_refused(form(payload))


def test_bad_081_a_weaker_digest_is_refused() -> None:
    payload = encode(json.dumps(CLAIMS).encode())

    assert_refused(form(sign(payload, digest="sha1")))
    assert_refused(form(encode(hashlib.sha256(payload).digest()) + b"." + payload))


@pytest.mark.parametrize("padding", [b"==", b"===", b"====", b"A", b"=A"])
def test_bad_081_bad_padding_is_refused(padding: bytes) -> None:
    signature, _, payload = signed().partition(b".")

    assert_refused(form(signature + padding + b"." + payload))


@pytest.mark.parametrize(
    "claims",
    [
        {"algorithm": "HMAC-SHA256"},
        {**CLAIMS, "user_id": ""},
        {**CLAIMS, "user_id": None},
        {**CLAIMS, "user_id": True},
        {**CLAIMS, "user_id": ["1"]},
        [],
        "text",
        None,
    ],
)
def test_s15_a_signed_request_without_a_user_is_refused(claims: object) -> None:
    assert_refused(form(signed(claims)))


@pytest.mark.parametrize("payload", [b"!!!!", b"e30", b"", b"AAAA", b"W10=="])
def test_s15_a_signed_payload_that_is_no_json_object_of_claims_is_refused(payload: bytes) -> None:
    assert_refused(form(sign(payload)))


def test_s15_two_requests_in_one_form_are_refused() -> None:
    body = form(signed())

    assert_refused(body + b"&" + body)
    assert_refused(b"")
    assert_refused(b"signed_request=")
    assert_refused(b"&".join([b"a=b"] * 50))
    assert_refused(body + b"&x=" + b"y" * 30_000)
    assert_refused("signed_request=é.é".encode())
