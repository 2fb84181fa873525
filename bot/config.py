"""The settings of an installation: environment over `.env`, read here and nowhere else.

Every field of `Settings` carries its own words; docs/configuration.md and `.env.example` are made
of them (`python -m bot.config docs|env`), and a test holds them equal.
"""

import base64
import difflib
import os
import re
import secrets
import sys
import textwrap
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal
from urllib.parse import SplitResult, urlsplit

from dotenv import dotenv_values
from pydantic import SecretStr

from bot import refusals
from models.database import connection_values
from models.sealed import KEY_BYTES, Keyring

Environment = Literal["demo", "development", "production"]

KEY_FILE = "encryption-keys"
"""Name of the file under DATA_DIR that keeps the key made for a demo or for development."""

_OUR_PREFIXES = ("POSTCUE_", "TELEGRAM_", "SLACK_", "INSTAGRAM_")
_WORDS = "words"
_MIN_REDACTED_CHARS = 8
_MAX_PORT = 65535


class ConfigurationFaults(Exception):
    """The settings do not do. `faults` has one plain line for each reason, all of them."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class SettingWords:
    """What is to be said about a setting, and how its text is read.

    `default` is what an empty value means; `default_words` says it where it cannot be written as
    a value. `read` raises ValueError with the end of the sentence "NAME …".
    """

    purpose: str
    read: Callable[[str], Any]
    default: str = ""
    default_words: str = ""
    example: str = ""
    needed_by: str = "nobody"


def _words(purpose: str, read: Callable[[str], Any], **more: str) -> dict[str, SettingWords]:
    return {_WORDS: SettingWords(purpose, read, **more)}


# ── how a value is read ──────────────────────────────────────────────────────────────────────


def _one_of(*choices: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text.lower() not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}")
        return text.lower()

    return read


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > _MAX_PORT:
        raise ValueError("must be a port number from 1 to 65535 (0 takes any free one)")
    return int(text)


def _hops(text: str) -> int:
    if not re.fullmatch(r"[0-9]", text):
        raise ValueError("must be a number from 0 to 9")
    return int(text)


def _calls(text: str) -> int:
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


def _base_url(text: str) -> str:
    parts = _split_address(text, ("https", "http"))
    if not parts.hostname or any(letter.isspace() or letter == "\\" for letter in text):
        raise ValueError("must have a host in it, and no blank")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("must not have a user name, a question mark or a # in it")
    return text.rstrip("/")


def _public_url(text: str) -> str:
    if not text:
        return ""
    url = _base_url(text)
    if urlsplit(url).path:
        raise ValueError("must end after the host (and port), without a path")
    return url


def _database_url(text: str) -> SecretStr:
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


def _redis_url(text: str) -> SecretStr:
    if text:
        _split_address(text, ("redis", "rediss", "unix"))
    return SecretStr(text)


def _encryption_keys(text: str) -> SecretStr:
    if text:
        try:
            Keyring.parse(text)
        except ValueError as err:
            raise ValueError(f"cannot be used: {err}. {refusals.MAKE_A_KEY}") from err
    return SecretStr(text)


def _matching(pattern: str, otherwise: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text and not re.fullmatch(pattern, text):
            raise ValueError(otherwise)
        return text

    return read


def _secret(read: Callable[[str], str]) -> Callable[[str], SecretStr]:
    return lambda text: SecretStr(read(text))


def _path_or_none(text: str) -> Path | None:
    return Path(text) if text else None


_TOKEN = _matching(
    r"\d+:[A-Za-z0-9_-]+", "does not look like a token of BotFather (digits, a colon, letters)"
)
_WEBHOOK_SECRET = _matching(
    r"[A-Za-z0-9_-]{1,256}", "must have only letters, digits, _ and - in it, 256 at most"
)
_SLACK_TOKEN = _matching(
    r"xox[bp]-[A-Za-z0-9-]+|xoxe\.xox[bp]-[A-Za-z0-9-]+",
    "does not look like a bot token of Slack (it begins with xoxb-)",
)
_SLACK_APP_TOKEN = _matching(
    r"xapp-[A-Za-z0-9-]+", "does not look like an app token of Slack (it begins with xapp-)"
)
_SLACK_WORD = _matching(r"[A-Za-z0-9._-]+", "must have only letters, digits, dots and - in it")
_APP_ID = _matching(r"\d+", "must be a number (the Instagram app ID, not the name of the app)")
_APP_SECRET = _matching(r"\S+", "must not have a blank in it")
_GRAPH_VERSION = _matching(r"v\d+\.\d+", "must be written like v25.0")


# ── the settings ─────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything an operator can choose. Each field is the environment variable in small letters.

    Secrets, and addresses that hold a password, are `SecretStr`: they print as `**********`, and
    an empty one is false.
    """

    postcue_env: Environment = field(
        metadata=_words(
            "How careful to be: demo and development allow http and stand-ins on this machine,"
            " production refuses every unsafe setting.",
            _one_of("demo", "development", "production"),
            default="development",
            example="production",
            needed_by="every real installation",
        )
    )
    database_url: SecretStr = field(
        metadata=_words(
            "Address of PostgreSQL 15 or newer. Empty starts an own one with its data under"
            " DATA_DIR.",
            _database_url,
            example="postgresql://postcue:a-long-password@db.internal:5432/postcue",
            needed_by="installations of several processes or machines",
        )
    )
    redis_url: SecretStr = field(
        metadata=_words(
            "Address of Redis or Valkey, which carries work to the workers. It may be emptied"
            " at any time, no post lives there. `up` needs none and ignores it.",
            _redis_url,
            example="redis://:a-long-password@redis.internal:6379/0",
            needed_by="`worker` and `clock`",
        )
    )
    data_dir: Path = field(
        metadata=_words(
            "Folder for media, the key made for a demo, and the embedded PostgreSQL.",
            Path,
            default=".data",
            example="/var/lib/postcue",
        )
    )
    public_url: str = field(
        metadata=_words(
            "The https address under which browsers, Meta and Telegram reach the site. Connecting"
            " accounts and handing media to Instagram go through it.",
            _public_url,
            default_words="http:// and HTTP_HOST:HTTP_PORT",
            example="https://post.example.com",
            needed_by="every real installation",
        )
    )
    http_host: str = field(
        metadata=_words(
            "Address the site listens on. Inside a container: 0.0.0.0.",
            _matching(r"[0-9A-Za-z.:\-]+", "must be the address of a network interface"),
            default="127.0.0.1",
            example="0.0.0.0",  # noqa: S104 — words, nothing listens here
            needed_by="containers",
        )
    )
    http_port: int = field(
        metadata=_words("Port the site listens on.", _port, default="8081", example="8081")
    )
    proxy_hops: int = field(
        metadata=_words(
            "How many proxies of yours stand in front of the site (Caddy is one). It tells whose"
            " address in X-Forwarded-For is to be believed when visitors are counted.",
            _hops,
            default="0",
            example="1",
            needed_by="installations behind a proxy",
        )
    )
    publish_at_once: int = field(
        metadata=_words(
            "How many publish calls a worker has under way at once. More is of use only where"
            " hundreds of posts are due in the same second.",
            _calls,
            default="100",
            example="200",
        )
    )
    encryption_keys: SecretStr = field(
        metadata=_words(
            "Keys that seal the tokens at rest, as id:base64 with commas between. The first one"
            " seals, all of them open; put a new one in front and run `rotate-keys` to change it.",
            _encryption_keys,
            default_words="a key made once and kept under DATA_DIR; production has no default",
            example="k1:… (made by the command below)",
            needed_by="production",
        )
    )
    log_format: Literal["text", "json", ""] = field(
        metadata=_words(
            "One line of text or of JSON for each event.",
            lambda text: _one_of("text", "json")(text) if text else "",
            default_words="json in production, text elsewhere",
            example="json",
        )
    )
    log_level: Literal["debug", "info", "warning", "error"] = field(
        metadata=_words(
            "The least important events to write. Production refuses debug.",
            _one_of("debug", "info", "warning", "error"),
            default="info",
            example="info",
        )
    )
    telegram_bot_token: SecretStr = field(
        metadata=_words(
            "Token of the Telegram bot, from BotFather. See telegram.md.",
            _secret(_TOKEN),
            example="123456789:the-letters-BotFather-gave",
            needed_by="everybody who uses Telegram",
        )
    )
    telegram_api_url: str = field(
        metadata=_words(
            "Where Telegram's Bot API is.",
            _base_url,
            default="https://api.telegram.org",
            example="https://api.telegram.org",
        )
    )
    telegram_link_url: str = field(
        metadata=_words(
            "Where links that open a conversation on Telegram begin.",
            _base_url,
            default="https://t.me",
            example="https://t.me",
        )
    )
    telegram_mode: Literal["polling", "webhook"] = field(
        metadata=_words(
            "How messages come in: polling asks Telegram and works anywhere, webhook lets Telegram"
            " call PUBLIC_URL.",
            _one_of("polling", "webhook"),
            default="polling",
            example="webhook",
        )
    )
    telegram_webhook_secret: SecretStr = field(
        metadata=_words(
            "A random word that proves at the webhook door that it is Telegram who calls;"
            " 32 letters or more.",
            _secret(_WEBHOOK_SECRET),
            example="the-output-of-openssl-rand-hex-32",
            needed_by="TELEGRAM_MODE=webhook",
        )
    )
    slack_bot_token: SecretStr = field(
        metadata=_words(
            "Bot token of the Slack app in a single workspace. See slack.md. An app that many"
            " workspaces install needs none.",
            _secret(_SLACK_TOKEN),
            example="xoxb-the-rest-from-the-page-OAuth-and-Permissions",
            needed_by="Slack in one workspace",
        )
    )
    slack_app_token: SecretStr = field(
        metadata=_words(
            "App-level token of the Slack app, for Socket Mode: events come over a connection that"
            " Postcue opens, so nothing has to be reachable from outside.",
            _secret(_SLACK_APP_TOKEN),
            example="xapp-the-rest-from-the-page-Basic-Information",
            needed_by="Slack without a public address",
        )
    )
    slack_signing_secret: SecretStr = field(
        metadata=_words(
            "Signing secret of the Slack app: it proves at the door that it is Slack who calls.",
            _secret(_APP_SECRET),
            example="thirty-two-hex-digits-from-Basic-Information",
            needed_by="Slack by HTTP",
        )
    )
    slack_client_id: str = field(
        metadata=_words(
            "Client ID of the Slack app, with which workspaces install it at /slack/install.",
            _SLACK_WORD,
            example="1234567890.1234567890123",
            needed_by="Slack in many workspaces",
        )
    )
    slack_client_secret: SecretStr = field(
        metadata=_words(
            "Client secret of the Slack app.",
            _secret(_APP_SECRET),
            example="thirty-two-hex-digits-from-Basic-Information",
            needed_by="Slack in many workspaces",
        )
    )
    slack_api_url: str = field(
        metadata=_words(
            "Where Slack's Web API is.",
            _base_url,
            default="https://slack.com/api",
            example="https://slack.com/api",
        )
    )
    slack_files_url: str = field(
        metadata=_words(
            "The one address that files of Slack are fetched from.",
            _base_url,
            default="https://files.slack.com",
            example="https://files.slack.com",
        )
    )
    slack_authorize_url: str = field(
        metadata=_words(
            "Slack's consent page, where a workspace lets the app in.",
            _base_url,
            default="https://slack.com/oauth/v2/authorize",
            example="https://slack.com/oauth/v2/authorize",
        )
    )
    instagram_app_id: str = field(
        metadata=_words(
            "The Instagram app ID of the Meta app. See instagram.md.",
            _APP_ID,
            example="1234567890123456",
            needed_by="everybody who publishes on Instagram",
        )
    )
    instagram_app_secret: SecretStr = field(
        metadata=_words(
            "The Instagram app secret of the Meta app; it also proves Meta's callbacks.",
            _secret(_APP_SECRET),
            example="thirty-two-hex-digits-from-the-app-dashboard",
            needed_by="everybody who publishes on Instagram",
        )
    )
    instagram_authorize_url: str = field(
        metadata=_words(
            "Instagram's consent page.",
            _base_url,
            default="https://www.instagram.com/oauth/authorize",
            example="https://www.instagram.com/oauth/authorize",
        )
    )
    instagram_token_url: str = field(
        metadata=_words(
            "Where a code from the consent page becomes a token.",
            _base_url,
            default="https://api.instagram.com/oauth/access_token",
            example="https://api.instagram.com/oauth/access_token",
        )
    )
    instagram_graph_url: str = field(
        metadata=_words(
            "Where Instagram's publishing calls go.",
            _base_url,
            default="https://graph.instagram.com",
            example="https://graph.instagram.com",
        )
    )
    instagram_graph_version: str = field(
        metadata=_words(
            "Version of Instagram's API that is spoken.",
            _GRAPH_VERSION,
            default="v25.0",
            example="v25.0",
        )
    )
    clock_shift_file: Path | None = field(
        metadata=_words(
            "A file that holds by how many seconds the clock is moved, for demo and tests."
            " Production refuses it.",
            _path_or_none,
            default_words="the real time",
            example=".demo/clock-shift",
            needed_by="demo and tests",
        )
    )

    @property
    def is_production(self) -> bool:
        """Say whether unsafe settings are refused here."""
        return self.postcue_env == "production"

    @property
    def has_slack(self) -> bool:
        """Say whether there is a Slack app to talk through: events come in, and calls go out."""
        hears = self.slack_app_token or self.slack_signing_secret
        return bool(hears and (self.slack_bot_token or self.slack_client_id))

    @property
    def keyring(self) -> Keyring:
        """The keys that seal tokens at rest."""
        return Keyring.parse(self.encryption_keys.get_secret_value())

    def faults_for(self, command: str) -> list[str]:
        """Return what *command* (`up`, `chat`, `worker`, …) misses, one plain line each."""
        faults = []
        if command in {"up", "chat"} and not (self.telegram_bot_token or self.has_slack):
            faults.append(
                "TELEGRAM_BOT_TOKEN is missing: there is no chat to listen to. Ask @BotFather on"
                " Telegram for a bot and put its token into .env (docs/telegram.md), or set up"
                " Slack (docs/slack.md); to try Postcue without either, run `make demo`"
            )
        if command in {"worker", "clock"} and not self.redis_url:
            faults.append(
                f"REDIS_URL is missing: `{command}` exchanges work with others through it;"
                " `up` runs everything in one process without Redis"
            )
        return faults

    def secret_texts(self) -> list[str]:
        """Return every text that must not be shown anywhere, longest first."""
        texts: set[str] = set()
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, SecretStr) and value:
                texts |= {value.get_secret_value(), *_parts_of(each.name, value)}
        return sorted(filter(_is_worth_hiding, texts), key=len, reverse=True)


def _parts_of(name: str, value: SecretStr) -> list[str]:
    text = value.get_secret_value()
    if name == "telegram_bot_token":
        return [text.partition(":")[2]]
    if name == "encryption_keys":
        return [part.strip().partition(":")[2] for part in text.split(",")]
    if name in {"database_url", "redis_url"}:
        return refusals.passwords_in(text)
    return []


def _is_worth_hiding(text: str) -> bool:
    # Hiding "postgres" would blank out half of every line and protect nothing.
    return len(text) >= _MIN_REDACTED_CHARS and not refusals.is_default_password(text)


def words_of_settings() -> dict[str, SettingWords]:
    """Return the words of every setting by its name in the environment, in the order to read."""
    return {each.name.upper(): each.metadata[_WORDS] for each in fields(Settings)}


# ── reading ──────────────────────────────────────────────────────────────────────────────────


def load(
    environ: Mapping[str, str] | None = None, dotenv_path: Path | None = Path(".env")
) -> Settings:
    """Return the settings from *environ* (the process's own when None) over *dotenv_path*.

    In demo and development a missing encryption key is made once and kept under DATA_DIR.

    Raises:
        ConfigurationFaults: with every fault there is, not just the first.
    """
    written = _read_dotenv(dotenv_path)
    values = written | dict(os.environ if environ is None else environ)
    broken = dict[str, str]()
    read: dict[str, Any] = {
        name.lower(): _read(name, values, broken) for name in words_of_settings()
    }
    settings = Settings(**read)
    settings = _fill_in(settings)
    faults = [f"{name} {what}" for name, what in broken.items()]
    faults += [
        f"{name} {what}" for name, what in refusals.refusals_of(settings) if name not in broken
    ]
    faults += _misspelt(written)
    if not faults and not settings.encryption_keys:
        settings = _with_kept_key(settings)
    elif faults:
        raise ConfigurationFaults(faults)
    return settings


def leave_environment() -> None:
    """Take the secrets that were read out of the process's own environment.

    No library finds one there by chance (Bolt looks for SLACK_BOT_TOKEN, whatever it is given),
    and no child inherits it.
    """
    for each in fields(Settings):
        if each.type is SecretStr:
            os.environ.pop(each.name.upper(), None)


def _read_dotenv(path: Path | None) -> dict[str, str]:
    if path is None or not path.is_file():
        return {}
    return {name: value or "" for name, value in dotenv_values(path, interpolate=False).items()}


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("has a sign in it that cannot be printed")
    return text


def _read(name: str, values: Mapping[str, str], broken: dict[str, str]) -> object:
    words = words_of_settings()[name]
    text = values.get(name, "").strip() or words.default
    try:
        return words.read(_printable(text))
    except ValueError as err:
        broken[name] = str(err)
        return words.read(words.default)


def _fill_in(settings: Settings) -> Settings:
    if not settings.log_format:
        settings = replace(settings, log_format="json" if settings.is_production else "text")
    if not settings.public_url:
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.http_host, settings.http_host)  # noqa: S104
        shown = f"[{host}]" if ":" in host else host
        settings = replace(settings, public_url=f"http://{shown}:{settings.http_port}")
    return settings


def _misspelt(written: Mapping[str, str]) -> list[str]:
    known = list(words_of_settings())
    faults = []
    for name in written:
        if name in known or not name.startswith(_OUR_PREFIXES):
            continue
        near = difflib.get_close_matches(name, known, n=1)
        meant = f"; is {near[0]} meant?" if near else ""
        faults.append(f"{name} in .env is no setting of Postcue{meant}")
    return faults


# ── the key of a demo ────────────────────────────────────────────────────────────────────────


def new_key(kid: str = "k1") -> str:
    """Return a fresh key as ENCRYPTION_KEYS takes it."""
    return f"{kid}:{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}"


def _with_kept_key(settings: Settings) -> Settings:
    path = settings.data_dir / KEY_FILE
    try:
        text = _kept_or_made(path)
        Keyring.parse(text)
    except OSError as err:
        fault = (
            f"DATA_DIR cannot be written ({err.strerror}): {path} is to keep the encryption key"
        )
        raise ConfigurationFaults([fault]) from err
    except ValueError as err:
        fault = f"ENCRYPTION_KEYS is empty and {path} cannot be used: {err}"
        raise ConfigurationFaults([fault]) from err
    return replace(settings, encryption_keys=SecretStr(text))


def _kept_or_made(path: Path) -> str:
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


# ── the same words, as documents ─────────────────────────────────────────────────────────────


_ENV_HEAD = """\
# Copy this file to .env and fill in what you need.
# The environment wins over it. All about the settings: docs/configuration.md
"""


_ENV_FOOT = """\
# Only docker-compose.yml reads these: the name under which the site is reached, and two passwords
# (make each with: openssl rand -hex 24). It sets DATABASE_URL, REDIS_URL and PUBLIC_URL from them.
PUBLIC_HOST=
POSTGRES_PASSWORD=
REDIS_PASSWORD=
"""


def env_example() -> str:
    """Return the text of `.env.example`."""
    blocks = [_ENV_HEAD]
    for name, words in words_of_settings().items():
        empty = words.default or words.default_words
        told = [words.purpose, f"Needed by: {words.needed_by}. Example: {words.example}"]
        told += [f"Empty means: {empty}"] if empty else []
        comment = "\n".join(
            textwrap.fill(each, 97, initial_indent="# ", subsequent_indent="#   ") for each in told
        )
        blocks.append(f"{comment}\n{name}=\n")
    return "\n".join([*blocks, _ENV_FOOT])


def table_of_settings() -> str:
    """Return the settings as the table in docs/configuration.md."""
    lines = [
        "| Setting | What it is for | Empty means | Example | Needed by |",
        "|---|---|---|---|---|",
    ]
    for name, words in words_of_settings().items():
        default = f"`{words.default}`" if words.default else words.default_words or "none"
        lines.append(
            f"| `{name}` | {words.purpose} | {default} | `{words.example}` | {words.needed_by} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(env_example() if "env" in sys.argv else table_of_settings() + "\n")
