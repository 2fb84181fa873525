"""The consent address and the token answers, in every form they were seen in."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from platforms.instagram.adapter import CARD
from platforms.instagram.oauth import (
    clean_code,
    consent_address,
    read_long_token,
    read_short_token,
)


def test_the_consent_address_carries_what_instagram_asks_for_and_nothing_more() -> None:
    address = consent_address(
        "https://www.instagram.com/oauth/authorize",
        app_id="102",
        state="s+/=&?",
        redirect_uri="https://post.example/connect/instagram/callback",
    )

    assert address.startswith("https://www.instagram.com/oauth/authorize?")
    assert parse_qs(urlsplit(address).query) == {
        "client_id": ["102"],
        "redirect_uri": ["https://post.example/connect/instagram/callback"],
        "response_type": ["code"],
        "scope": ["instagram_business_basic,instagram_business_content_publish"],
        "state": ["s+/=&?"],
    }


def test_a_page_that_has_a_query_keeps_it() -> None:
    address = consent_address("https://a.example/x?y=1", app_id="1", state="2", redirect_uri="3")

    assert parse_qs(urlsplit(address).query)["y"] == ["1"]


@pytest.mark.parametrize("code", ["AQB123", "AQB123#_", " AQB123#_\n"])
def test_a_code_loses_what_instagram_hangs_on_it(code: str) -> None:
    assert clean_code(code) == "AQB123"


@pytest.mark.parametrize(
    ("body", "user", "scopes"),
    [
        (
            {"data": [{"access_token": "IGS", "user_id": "91", "permissions": "a,b"}]},
            "91",
            ("a", "b"),
        ),
        ({"access_token": "IGS", "user_id": 91, "permissions": ["a", "b"]}, "91", ("a", "b")),
        ({"access_token": "IGS", "user_id": 91, "permissions": " a , b ,"}, "91", ("a", "b")),
        ({"access_token": "IGS"}, "", ()),
        ({"access_token": "IGS", "permissions": None, "data": []}, "", ()),
    ],
)
def test_a_short_token_is_read_wrapped_and_flat(
    body: dict, user: str, scopes: tuple[str, ...]
) -> None:
    short = read_short_token(body)

    assert short is not None
    assert short.token.get_secret_value() == "IGS"
    assert (short.app_user_id, short.scopes) == (user, scopes)
    assert "IGS" not in repr(short)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"data": []},
        {"data": ["x"]},
        {"data": [{"user_id": "1"}]},
        {"access_token": ""},
        {"access_token": 7},
        {"data": {"access_token": "x"}},
    ],
)
def test_an_answer_without_a_token_is_none(body: dict) -> None:
    assert read_short_token(body) is None
    assert read_long_token(body) is None


@pytest.mark.parametrize(
    "body",
    [
        {"access_token": "IGL", "token_type": "bearer", "expires_in": 5183944},
        {"data": [{"access_token": "IGL", "expires_in": 5183944}]},
    ],
)
def test_a_long_token_is_read_with_its_life(body: dict) -> None:
    grant = read_long_token(body)

    assert grant is not None
    assert grant.token.get_secret_value() == "IGL"
    assert grant.expires_after == timedelta(seconds=5183944)


@pytest.mark.parametrize("seconds", [None, 0, -5, "soon"])
def test_a_life_that_is_not_told_is_the_documented_one(seconds: object) -> None:
    grant = read_long_token({"access_token": "IGL", "expires_in": seconds})

    assert grant is not None
    assert grant.expires_after == timedelta(days=60)


def test_bad_085_a_scope_that_was_not_granted_is_named_with_its_meaning() -> None:
    missing = CARD.missing_scopes(["instagram_business_basic"])

    assert missing == ("instagram_business_content_publish",)
    assert CARD.scope_meanings[missing[0]] == "to publish posts for you"


def test_bad_085_scopes_nobody_told_of_are_not_called_missing() -> None:
    assert CARD.missing_scopes([]) == ()
    assert CARD.missing_scopes(CARD.scopes_needed) == ()


def test_every_scope_asked_for_has_a_meaning() -> None:
    assert set(CARD.scope_meanings) == set(CARD.scopes_needed)
