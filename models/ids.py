"""Keys that sort by time, and their short form for buttons and links."""

import base64
import os
import time
import uuid

_DRAWN_AT_ONCE = 64
_drawn: list[bytes] = []
# A forked process must not draw what its parent draws.
os.register_at_fork(after_in_child=_drawn.clear)


def new_id() -> uuid.UUID:
    """Return a fresh UUID version 7: 48 bits of ms, 12 bits of what is below, the rest random.

    Ids made one after the other in a process sort so (RFC 9562, 6.2, method 3). Nothing reads the
    time back, so it is not the product's clock.
    """
    milliseconds, below = divmod(time.time_ns(), 1_000_000)
    value = (milliseconds & (1 << 48) - 1) << 80 | 0x7 << 76
    value |= (below * 4096 // 1_000_000) << 64 | 0x2 << 62
    return uuid.UUID(int=value | int.from_bytes(_random_bytes(), "big") >> 2)


def _random_bytes() -> bytes:
    """Return 8 bytes from the system, of which many are fetched at once."""
    try:
        return _drawn.pop()
    except IndexError:
        fresh = os.urandom(_DRAWN_AT_ONCE * 8)
        _drawn.extend(fresh[at : at + 8] for at in range(8, len(fresh), 8))
        return fresh[:8]


def short(key: uuid.UUID) -> str:
    """Return the 22-letter form of a key (base64url without padding)."""
    return base64.urlsafe_b64encode(key.bytes).rstrip(b"=").decode("ascii")


def from_short(text: str) -> uuid.UUID | None:
    """Return the key written as *text*, None when it is not the short form of any."""
    try:
        raw = base64.b64decode(text.encode("ascii") + b"==", altchars=b"-_", validate=True)
    except ValueError:
        return None
    return uuid.UUID(bytes=raw) if len(raw) == 16 and short(uuid.UUID(bytes=raw)) == text else None  # noqa: PLR2004
