"""Links to single objects that end by themselves: `PUBLIC_URL/m/<token>/<key>`.

The token is "<unix time>.<HMAC-SHA256 over time and key>". Who holds a link holds one object for a
while, and nothing else: no listing, no other key.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime, timedelta

from pydantic import SecretStr

PATH = "/m"
"""Where the site serves links: `/m/{token}/{key}`."""

MIN_SECRET_BYTES = 16
_PURPOSE = b"postcue media link v1"


class SignedLinks:
    """Signs and checks links. *clock* tells the present moment, aware."""

    def __init__(self, secret: SecretStr, base_url: str, clock: Callable[[], datetime]) -> None:
        key = secret.get_secret_value().encode()
        if len(key) < MIN_SECRET_BYTES:
            raise ValueError(f"the secret for media links needs {MIN_SECRET_BYTES} bytes")
        # A key of its own: the same secret may serve elsewhere, its signatures are no links here.
        self._key = hmac.new(key, _PURPOSE, hashlib.sha256).digest()
        self._base_url = base_url.rstrip("/")
        self._clock = clock

    def sign(self, key: str, *, lives: timedelta) -> str:
        """Give a link to the object *key* that is good for *lives* from now."""
        until = str(int((self._clock() + lives).timestamp()))
        return f"{self._base_url}{PATH}/{until}.{self._signature(until, key)}/{key}"

    def is_good(self, token: str, key: str) -> bool:
        """Tell whether *token* opens *key* now. Takes the same time however wrong it is."""
        until, _, signature = token.partition(".")
        expected = self._signature(until, key)
        # The texts are compared, not what they decode to: there is one spelling of a signature.
        is_ours = hmac.compare_digest(signature.encode(errors="surrogatepass"), expected.encode())
        return is_ours and self._clock().timestamp() < int(until)

    def _signature(self, until: str, key: str) -> str:
        signed = f"{until}\n{key}".encode(errors="surrogatepass")
        digest = hmac.new(self._key, signed, hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
