"""Building the platforms that are set up."""

from datetime import timedelta

import pytest
from pydantic import SecretStr

from platforms.contract import PlatformCard
from platforms.http import build_session
from platforms.instagram.adapter import InstagramSettings
from platforms.registry import ADAPTERS, build_platforms, origins_of

INSTAGRAM = InstagramSettings("1", SecretStr("s"))


async def test_platforms_are_built_by_name() -> None:
    async with build_session(origins_of([INSTAGRAM])) as session:
        platforms = build_platforms(session, [INSTAGRAM])

    assert set(platforms) == {"instagram"} == set(ADAPTERS)
    assert {name: p.card.name for name, p in platforms.items()} == {"instagram": "instagram"}


async def test_what_is_not_set_up_is_not_there() -> None:
    async with build_session(origins_of([])) as session:
        assert build_platforms(session, []) == {}


async def test_s2_an_origin_that_is_neither_https_nor_loopback_is_refused_at_the_start() -> None:
    odd = InstagramSettings("1", SecretStr("s"), graph_url="http://10.0.0.7/graph")

    with pytest.raises(ValueError, match="not https"):
        build_session(origins_of([odd]))


def test_only_what_the_program_itself_calls_is_an_origin() -> None:
    # The consent page is opened by a browser.
    assert origins_of([INSTAGRAM]) == (
        "https://api.instagram.com/oauth/access_token",
        "https://graph.instagram.com",
    )


async def test_a_card_is_whole() -> None:
    async with build_session(origins_of([INSTAGRAM])) as session:
        (platform,) = build_platforms(session, [INSTAGRAM]).values()
    card = platform.card

    assert isinstance(card, PlatformCard)
    assert set(card.kinds) == {"image", "carousel", "reel", "story"}
    assert card.token_refresh_after < card.token_life == timedelta(days=60)
