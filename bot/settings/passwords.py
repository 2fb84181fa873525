"""Which passwords an address holds, and which of them are none."""

from urllib.parse import parse_qs, unquote, urlsplit

_DEFAULT_PASSWORDS = frozenset(
    {"postgres", "postcue", "password", "passw0rd", "secret", "redis", "admin", "root", "default",
     "test", "demo", "docker", "12345678", "123456", "changeme", "change-me", "change_me",
     "a-long-password", "example", "foobared"}
)  # fmt: skip


def is_default_password(text: str) -> bool:
    """Say whether *text* is one of the passwords that everybody tries first."""
    return text.lower() in _DEFAULT_PASSWORDS


def passwords_in(address: str) -> list[str]:
    """Return the passwords that the address of a database or a Redis holds, as they are used."""
    parts = urlsplit(address)
    written = [parts.password or "", *parse_qs(parts.query).get("password", [])]
    return [text for each in written if each for text in {each, unquote(each)}]
