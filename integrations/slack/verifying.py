"""Whether a request comes from Slack: its signature over the raw body. Never raises."""

import hashlib
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
    found = {name.lower(): value for name, value in headers.items()}
    stamp = found.get("x-slack-request-timestamp", "")
    shown = found.get("x-slack-signature", "")
    key = secret.get_secret_value()
    if not key or not stamp.isascii() or not stamp.isdecimal() or len(stamp) > _MAX_DIGITS:
        return False
    if abs(now.timestamp() - int(stamp)) > WINDOW_SECONDS:
        return False
    base = b"v0:" + stamp.encode() + b":" + body
    wanted = "v0=" + hmac.new(key.encode(), base, hashlib.sha256).hexdigest()
    return hmac.compare_digest(wanted.encode(), shown.encode(errors="surrogatepass"))
