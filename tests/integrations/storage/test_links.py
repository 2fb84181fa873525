"""Links to single objects."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from integrations.storage.links import SignedLinks
from tests.support.clock import SettableClock

KEY = "0123456789abcdef0123456789abcdef.jpg"
OTHER = "fedcba9876543210fedcba9876543210.jpg"
HOUR = timedelta(hours=1)


def _links(clock: SettableClock, secret: str = "a secret of some length") -> SignedLinks:
    return SignedLinks(SecretStr(secret), "https://postcue.example.org/", clock.now)


def _token(url: str) -> str:
    return urlsplit(url).path.split("/")[2]


def test_a_link_leads_to_the_site_and_opens_its_object(clock: SettableClock) -> None:
    links = _links(clock)

    url = links.sign(KEY, lives=HOUR)

    assert url.startswith("https://postcue.example.org/m/")
    assert url.endswith(f"/{KEY}")
    assert links.is_good(_token(url), KEY)


def test_s11_an_expired_link_is_refused(clock: SettableClock) -> None:
    links = _links(clock)
    token = _token(links.sign(KEY, lives=HOUR))

    clock.pass_time(HOUR - timedelta(seconds=5))
    assert links.is_good(token, KEY)

    clock.pass_time(timedelta(seconds=5))
    assert not links.is_good(token, KEY)


def test_s11_a_link_opens_no_other_object(clock: SettableClock) -> None:
    links = _links(clock)
    token = _token(links.sign(KEY, lives=HOUR))

    for other in (OTHER, KEY.replace(".jpg", ".mp4"), "", f"{KEY}/", f"../{KEY}", KEY.upper()):
        assert not links.is_good(token, other)


def test_s11_changing_any_character_of_a_link_spoils_it(clock: SettableClock) -> None:
    links = _links(clock)
    token = _token(links.sign(KEY, lives=HOUR))

    for at, character in enumerate(token):
        for other in "0123456789ABCxyz-_.=ü":
            if other != character:
                assert not links.is_good(token[:at] + other + token[at + 1 :], KEY)
    for other in (token[:-1], token + "A", token + "=", f"0{token}", f"+{token}", f" {token}"):
        assert not links.is_good(other, KEY)


def test_s11_a_link_of_another_secret_is_refused(clock: SettableClock) -> None:
    token = _token(_links(clock, "another secret of length").sign(KEY, lives=HOUR))

    assert not _links(clock).is_good(token, KEY)


@given(st.text(), st.text())
def test_s11_no_token_whatever_opens_anything_or_fails(token: str, key: str) -> None:
    assert not _links(SettableClock()).is_good(token, key)


def test_a_short_secret_is_no_secret(clock: SettableClock) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        _links(clock, "short")
