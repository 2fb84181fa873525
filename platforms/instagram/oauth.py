"""Login with Instagram: the consent address, and how its token answers read.  Pure.

Source: Meta "Business Login for Instagram" (2025).  There is no PKCE; the state and the browser
binding of the site carry that load.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import urlencode

from pydantic import SecretStr

from platforms.contract import Grant

SCOPES: Final[Mapping[str, str]] = {
    "instagram_business_basic": "to see which account it is, and its posts",
    "instagram_business_content_publish": "to publish posts for you",
}


@dataclass(frozen=True, slots=True)
class ShortToken:
    """What the code is exchanged for: good for an hour, to be exchanged once more at once."""

    token: SecretStr
    app_user_id: str
    scopes: tuple[str, ...]


def consent_address(page: str, *, app_id: str, state: str, redirect_uri: str) -> str:
    """Return where a person is sent to allow the app."""
    query = urlencode(
        {
            "client_id": app_id,
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "scope": ",".join(SCOPES),
            "state": state,
        }
    )
    return f"{page}{'&' if '?' in page else '?'}{query}"


def clean_code(code: str) -> str:
    """Return a code without the `#_` that Instagram hangs on its redirects."""
    return code.strip().removesuffix("#_")


def read_short_token(body: Mapping[str, object]) -> ShortToken | None:
    """Read the exchange's answer, wrapped in `data` or flat; None where it holds no token."""
    data = body.get("data")
    entry = data[0] if isinstance(data, list) and data else body
    if not isinstance(entry, Mapping):
        return None
    token, user_id = entry.get("access_token"), entry.get("user_id")
    if not isinstance(token, str) or not token:
        return None
    app_user_id = str(user_id) if isinstance(user_id, str | int) else ""
    return ShortToken(SecretStr(token), app_user_id, _scopes(entry.get("permissions")))


def read_long_token(body: Mapping[str, object]) -> Grant | None:
    """Read the answer of the second exchange or of a refresh, wrapped or flat."""
    data = body.get("data")
    entry = data[0] if isinstance(data, list) and data else body
    if not isinstance(entry, Mapping):
        return None
    token, seconds = entry.get("access_token"), entry.get("expires_in")
    if not isinstance(token, str) or not token:
        return None
    life = timedelta(seconds=seconds) if isinstance(seconds, int) and seconds > 0 else None
    return Grant(SecretStr(token), life or timedelta(days=60), _scopes(entry.get("permissions")))


def _scopes(value: object) -> tuple[str, ...]:
    """Read permissions given as "a,b" or as a list."""
    if isinstance(value, str):
        return tuple(part for part in (p.strip() for p in value.split(",")) if part)
    if isinstance(value, list):
        return tuple(part for part in value if isinstance(part, str))
    return ()
