"""The key that seals tokens: how one is made, and the one kept for a demo or for development."""

import base64
import os
import secrets
from contextlib import suppress
from pathlib import Path

from models.sealed import KEY_BYTES

KEY_FILE = "encryption-keys"
"""Name of the file under DATA_DIR that keeps the key made for a demo or for development."""

MAKE_A_KEY = (
    'Make one with: python -c "import base64, secrets;'
    " print('k1:' + base64.b64encode(secrets.token_bytes(32)).decode())\""
)


def new_key(kid: str = "k1") -> str:
    """Return a fresh key as ENCRYPTION_KEYS takes it."""
    return f"{kid}:{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}"


def kept_key(path: Path) -> str:
    """Return the key that the file *path* keeps; it is made now if there is no such file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        # Written aside and linked into place: of several processes that start at once, one wins
        # and the others read its key, never half of it.
        aside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        try:
            with os.fdopen(
                os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w"
            ) as file:
                file.write(new_key() + "\n")
            with suppress(FileExistsError):
                path.hardlink_to(aside)
        finally:
            aside.unlink(missing_ok=True)
    return path.read_text().strip()
