"""The `signed_request` with which Meta vouches for its deauthorize and deletion callbacks.

Its form is `base64url(signature) "." base64url(json)`; the signature is HMAC-SHA256 over the
*encoded* JSON with the app's secret.  Source: Meta "Data Deletion Request Callback" (2025).
"""

import base64
import binascii
import hashlib
import hmac
import json
from typing import Final
from urllib.parse import parse_qs

from pydantic import SecretStr

from platforms.errors import Rejected, Trouble

ALGORITHM: Final = "HMAC-SHA256"
_MAX_BODY_BYTES: Final = 20_000


def signed_user_id(body: bytes, secret: SecretStr) -> str:
    """Return the app-scoped id of the user that the form in *body* speaks of.

    Whether it was sent before is not looked at: both callbacks may be obeyed twice without harm.

    Raises:
        Rejected: not one field `signed_request` that this app's secret signed.
    """
    signature, payload = _parts(body)
    # Encoding ours and comparing texts leaves no second spelling of a right signature.
    digest = hmac.new(secret.get_secret_value().encode(), payload, hashlib.sha256).digest()
    expected = base64.urlsafe_b64encode(digest)
    if not hmac.compare_digest(_without_padding(signature), expected.rstrip(b"=")):
        raise _refused("another signature")
    claims = _decoded(payload)
    if claims.get("algorithm") != ALGORITHM:
        raise _refused("another algorithm")
    user_id = claims.get("user_id")
    if isinstance(user_id, bool) or not isinstance(user_id, str | int) or user_id == "":
        raise _refused("no user")
    return str(user_id)


def _parts(body: bytes) -> tuple[bytes, bytes]:
    if len(body) > _MAX_BODY_BYTES:
        raise _refused("too long")
    try:
        fields = parse_qs(body.decode("ascii"), keep_blank_values=True, max_num_fields=10)
        (value,) = fields.get("signed_request", [])
        signature, payload = value.encode("ascii").split(b".")
    except ValueError:
        raise _refused("not one signed_request of two parts") from None
    return signature, payload


def _without_padding(signature: bytes) -> bytes:
    """Take off padding where it is the right one; anything else stays and will not compare."""
    padded_length = 44  # 32 bytes in base64
    is_padded = len(signature) == padded_length and signature.endswith(b"=")
    return signature[:-1] if is_padded else signature


def _decoded(payload: bytes) -> dict[str, object]:
    bare = payload.rstrip(b"=")
    try:
        raw = base64.b64decode(bare + b"=" * (-len(bare) % 4), altchars=b"-_", validate=True)
        claims = json.loads(raw)
    except (ValueError, binascii.Error, RecursionError):
        raise _refused("unreadable") from None
    if not isinstance(claims, dict):
        raise _refused("unreadable")
    return claims


def _refused(why: str) -> Rejected:
    return Rejected(Trouble.NOT_SIGNED, code="signed_request", detail=why)
