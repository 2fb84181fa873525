"""How the text of a setting is read.

Each reader gives the value, or raises ValueError with the end of the sentence "NAME …".
"""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from pydantic import SecretStr

from bot.settings.key import MAKE_A_KEY
from models.database import connection_values
from models.sealed import Keyring

_MAX_PORT = 65535


def one_of(*choices: str) -> Callable[[str], str]:
    """Give what takes one of *choices*, in small letters."""

    def read(text: str) -> str:
        if text.lower() not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}")
        return text.lower()

    return read


def port(text: str) -> int:
    """Read a port number."""
    if not text.isascii() or not text.isdigit() or int(text) > _MAX_PORT:
        raise ValueError("must be a port number from 1 to 65535 (0 takes any free one)")
    return int(text)


def hops(text: str) -> int:
    """Read how many proxies there are."""
    if not re.fullmatch(r"[0-9]", text):
        raise ValueError("must be a number from 0 to 9")
    return int(text)


def calls(text: str) -> int:
    """Read how many calls may be under way at once."""
    if not re.fullmatch(r"[1-9][0-9]{0,2}|1000", text):
        raise ValueError("must be a number from 1 to 1000")
    return int(text)


def _split_address(text: str, schemes: tuple[str, ...]) -> SplitResult:
    wanted = " or ".join(f"{scheme}://" for scheme in schemes)
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError as err:
        raise ValueError(f"must be an address that begins with {wanted}") from err
    if parts.scheme not in schemes:
        raise ValueError(f"must be an address that begins with {wanted}")
    return parts


def base_url(text: str) -> str:
    """Read the address of a service, without a slash at its end."""
    parts = _split_address(text, ("https", "http"))
    if not parts.hostname or any(letter.isspace() or letter == "\\" for letter in text):
        raise ValueError("must have a host in it, and no blank")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("must not have a user name, a question mark or a # in it")
    return text.rstrip("/")


def public_url(text: str) -> str:
    """Read the address of our own site; empty stays empty."""
    if not text:
        return ""
    url = base_url(text)
    if urlsplit(url).path:
        raise ValueError("must end after the host (and port), without a path")
    return url


def database_url(text: str) -> SecretStr:
    """Read the address of PostgreSQL; empty stays empty."""
    if text:
        try:
            connection_values(text)
        except ValueError as err:
            # Not the original words: they may quote a password that holds an odd sign.
            raise ValueError(
                "must be an address such as postgresql://user:password@host:5432/name;"
                " signs like @ : / # in the password are written as %40 %3A %2F %23"
            ) from err
    return SecretStr(text)


def redis_url(text: str) -> SecretStr:
    """Read the address of Redis; empty stays empty."""
    if text:
        _split_address(text, ("redis", "rediss", "unix"))
    return SecretStr(text)


def encryption_keys(text: str) -> SecretStr:
    """Read the keys that seal tokens; empty stays empty."""
    if text:
        try:
            Keyring.parse(text)
        except ValueError as err:
            raise ValueError(f"cannot be used: {err}. {MAKE_A_KEY}") from err
    return SecretStr(text)


def matching(pattern: str, otherwise: str) -> Callable[[str], str]:
    """Give what takes a text of *pattern*, or says *otherwise*; empty stays empty."""

    def read(text: str) -> str:
        if text and not re.fullmatch(pattern, text):
            raise ValueError(otherwise)
        return text

    return read


def secret(read: Callable[[str], str]) -> Callable[[str], SecretStr]:
    """Give what reads as *read* does and keeps it from being printed."""
    return lambda text: SecretStr(read(text))


def path_or_none(text: str) -> Path | None:
    """Read the name of a file; empty is none."""
    return Path(text) if text else None


BOT_TOKEN = matching(
    r"\d+:[A-Za-z0-9_-]+", "does not look like a token of BotFather (digits, a colon, letters)"
)
WEBHOOK_SECRET = matching(
    r"[A-Za-z0-9_-]{1,256}", "must have only letters, digits, _ and - in it, 256 at most"
)
SLACK_TOKEN = matching(
    r"xox[bp]-[A-Za-z0-9-]+|xoxe\.xox[bp]-[A-Za-z0-9-]+",
    "does not look like a bot token of Slack (it begins with xoxb-)",
)
SLACK_APP_TOKEN = matching(
    r"xapp-[A-Za-z0-9-]+", "does not look like an app token of Slack (it begins with xapp-)"
)
SLACK_WORD = matching(r"[A-Za-z0-9._-]+", "must have only letters, digits, dots and - in it")
APP_ID = matching(r"\d+", "must be a number (the Instagram app ID, not the name of the app)")
APP_SECRET = matching(r"\S+", "must not have a blank in it")
GRAPH_VERSION = matching(r"v\d+\.\d+", "must be written like v25.0")
