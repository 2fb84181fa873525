"""Which platforms there are: one line for each, and how wiring builds those that are set up."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

import aiohttp

from platforms.contract import Platform, Usage
from platforms.instagram.adapter import InstagramAdapter, InstagramSettings

PlatformSettings = InstagramSettings
OnUsage = Callable[[Usage], None]

ADAPTERS: Final = {
    "instagram": (InstagramSettings, InstagramAdapter),
}


def build_platforms(
    session: aiohttp.ClientSession,
    settings: Iterable[PlatformSettings],
    *,
    on_usage: OnUsage | None = None,
) -> Mapping[str, Platform]:
    """Return the platforms that *settings* speak of, by name.

    *session* comes from `platforms.http.build_session(origins_of(settings))`.  *on_usage* hears
    how much of a call budget is used, whenever a platform says so.
    """
    built: list[Platform] = []
    for one in settings:
        adapter = next(make for kind, make in ADAPTERS.values() if isinstance(one, kind))
        built.append(adapter(session, one, on_usage=on_usage))
    return {platform.card.name: platform for platform in built}


def origins_of(settings: Iterable[PlatformSettings]) -> tuple[str, ...]:
    """Return every address whose origin the platforms call: what the guarded session is built for.

    An address here is only looked at for its origin; a ValueError of `build_session` names one
    that is neither https on port 443 nor loopback.
    """
    return tuple(origin for one in settings for origin in one.origins)
