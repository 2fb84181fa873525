"""Whether a request comes from Slack: its signature over the raw body. Never raises."""

import hmac
from collections.abc import Mapping
from datetime import datetime

from pydantic import SecretStr

WINDOW_SECONDS = 300
"""How old a request may be, and how far ahead its clock; Slack's own advice."""

_MAX_DIGITS = 12


def is_signed(
    headers: Mapping[str, str], body: bytes, secret: SecretStr, *, now: datetime
) -> bool:
    """Say whether *body* was signed with *secret* within the last five minutes.

    Whatever stands in the headers is answered with False, junk included.
    """
    stamp = header(headers, "X-Slack-Request-Timestamp")
    shown = header(headers, "X-Slack-Signature")
    key = secret.get_secret_value()
    if not key or not stamp.isascii() or not stamp.isdecimal() or len(stamp) > _MAX_DIGITS:
        return False
    if abs(now.timestamp() - int(stamp)) > WINDOW_SECONDS:
        return False
    base = b"v0:" + stamp.encode() + b":" + body
    wanted = "v0=" + hmac.digest(key.encode(), base, "sha256").hex()
    return hmac.compare_digest(wanted.encode(), shown.encode(errors="surrogatepass"))


def header(headers: Mapping[str, str], name: str) -> str:
    """Return the header *name* in whatever case it came, "" where it is missing."""
    found = headers.get(name)
    if found is not None:
        return found
    wanted = name.lower()
    return next((value for other, value in headers.items() if other.lower() == wanted), "")
