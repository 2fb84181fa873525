"""Every setting there is, each with its own words.

docs/configuration.md and `.env.example` are made of them (`bot.settings.documents`).
"""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from pydantic import SecretStr

from bot.settings import values
from bot.settings.passwords import is_default_password, passwords_in
from models.sealed import Keyring

Environment = Literal["demo", "development", "production"]

_WORDS = "words"
_MIN_REDACTED_CHARS = 8


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
            values.one_of("demo", "development", "production"),
            default="development",
            example="production",
            needed_by="every real installation",
        )
    )
    database_url: SecretStr = field(
        metadata=_words(
            "Address of PostgreSQL 15 or newer. Empty starts an own one with its data under"
            " DATA_DIR.",
            values.database_url,
            example="postgresql://postcue:a-long-password@db.internal:5432/postcue",
            needed_by="installations of several processes or machines",
        )
    )
    redis_url: SecretStr = field(
        metadata=_words(
            "Address of Redis or Valkey, which carries work to the workers. It may be emptied"
            " at any time, no post lives there. `up` needs none and ignores it.",
            values.redis_url,
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
            values.public_url,
            default_words="http:// and HTTP_HOST:HTTP_PORT",
            example="https://post.example.com",
            needed_by="every real installation",
        )
    )
    http_host: str = field(
        metadata=_words(
            "Address the site listens on. Inside a container: 0.0.0.0.",
            values.matching(r"[0-9A-Za-z.:\-]+", "must be the address of a network interface"),
            default="127.0.0.1",
            example="0.0.0.0",  # noqa: S104 — words, nothing listens here
            needed_by="containers",
        )
    )
    http_port: int = field(
        metadata=_words("Port the site listens on.", values.port, default="8081", example="8081")
    )
    proxy_hops: int = field(
        metadata=_words(
            "How many proxies of yours stand in front of the site (Caddy is one). It tells whose"
            " address in X-Forwarded-For is to be believed when visitors are counted.",
            values.hops,
            default="0",
            example="1",
            needed_by="installations behind a proxy",
        )
    )
    publish_at_once: int = field(
        metadata=_words(
            "How many publish calls a worker has under way at once. More is of use only where"
            " hundreds of posts are due in the same second.",
            values.calls,
            default="100",
            example="200",
        )
    )
    encryption_keys: SecretStr = field(
        metadata=_words(
            "Keys that seal the tokens at rest, as id:base64 with commas between. The first one"
            " seals, all of them open; put a new one in front and run `rotate-keys` to change it.",
            values.encryption_keys,
            default_words="a key made once and kept under DATA_DIR; production has no default",
            example="k1:… (made by the command below)",
            needed_by="production",
        )
    )
    log_format: Literal["text", "json", ""] = field(
        metadata=_words(
            "One line of text or of JSON for each event.",
            lambda text: values.one_of("text", "json")(text) if text else "",
            default_words="json in production, text elsewhere",
            example="json",
        )
    )
    log_level: Literal["debug", "info", "warning", "error"] = field(
        metadata=_words(
            "The least important events to write. Production refuses debug.",
            values.one_of("debug", "info", "warning", "error"),
            default="info",
            example="info",
        )
    )
    telegram_bot_token: SecretStr = field(
        metadata=_words(
            "Token of the Telegram bot, from BotFather. See telegram.md.",
            values.secret(values.BOT_TOKEN),
            example="123456789:the-letters-BotFather-gave",
            needed_by="everybody who uses Telegram",
        )
    )
    telegram_api_url: str = field(
        metadata=_words(
            "Where Telegram's Bot API is.",
            values.base_url,
            default="https://api.telegram.org",
            example="https://api.telegram.org",
        )
    )
    telegram_link_url: str = field(
        metadata=_words(
            "Where links that open a conversation on Telegram begin.",
            values.base_url,
            default="https://t.me",
            example="https://t.me",
        )
    )
    telegram_mode: Literal["polling", "webhook"] = field(
        metadata=_words(
            "How messages come in: polling asks Telegram and works anywhere, webhook lets Telegram"
            " call PUBLIC_URL.",
            values.one_of("polling", "webhook"),
            default="polling",
            example="webhook",
        )
    )
    telegram_webhook_secret: SecretStr = field(
        metadata=_words(
            "A random word that proves at the webhook door that it is Telegram who calls;"
            " 32 letters or more.",
            values.secret(values.WEBHOOK_SECRET),
            example="the-output-of-openssl-rand-hex-32",
            needed_by="TELEGRAM_MODE=webhook",
        )
    )
    slack_bot_token: SecretStr = field(
        metadata=_words(
            "Bot token of the Slack app in a single workspace. See slack.md. An app that many"
            " workspaces install needs none.",
            values.secret(values.SLACK_TOKEN),
            example="xoxb-the-rest-from-the-page-OAuth-and-Permissions",
            needed_by="Slack in one workspace",
        )
    )
    slack_app_token: SecretStr = field(
        metadata=_words(
            "App-level token of the Slack app, for Socket Mode: events come over a connection that"
            " Postcue opens, so nothing has to be reachable from outside.",
            values.secret(values.SLACK_APP_TOKEN),
            example="xapp-the-rest-from-the-page-Basic-Information",
            needed_by="Slack without a public address",
        )
    )
    slack_signing_secret: SecretStr = field(
        metadata=_words(
            "Signing secret of the Slack app: it proves at the door that it is Slack who calls.",
            values.secret(values.APP_SECRET),
            example="thirty-two-hex-digits-from-Basic-Information",
            needed_by="Slack by HTTP",
        )
    )
    slack_client_id: str = field(
        metadata=_words(
            "Client ID of the Slack app, with which workspaces install it at /slack/install.",
            values.SLACK_WORD,
            example="1234567890.1234567890123",
            needed_by="Slack in many workspaces",
        )
    )
    slack_client_secret: SecretStr = field(
        metadata=_words(
            "Client secret of the Slack app.",
            values.secret(values.APP_SECRET),
            example="thirty-two-hex-digits-from-Basic-Information",
            needed_by="Slack in many workspaces",
        )
    )
    slack_api_url: str = field(
        metadata=_words(
            "Where Slack's Web API is.",
            values.base_url,
            default="https://slack.com/api",
            example="https://slack.com/api",
        )
    )
    slack_files_url: str = field(
        metadata=_words(
            "The one address that files of Slack are fetched from.",
            values.base_url,
            default="https://files.slack.com",
            example="https://files.slack.com",
        )
    )
    slack_authorize_url: str = field(
        metadata=_words(
            "Slack's consent page, where a workspace lets the app in.",
            values.base_url,
            default="https://slack.com/oauth/v2/authorize",
            example="https://slack.com/oauth/v2/authorize",
        )
    )
    instagram_app_id: str = field(
        metadata=_words(
            "The Instagram app ID of the Meta app. See instagram.md.",
            values.APP_ID,
            example="1234567890123456",
            needed_by="everybody who publishes on Instagram",
        )
    )
    instagram_app_secret: SecretStr = field(
        metadata=_words(
            "The Instagram app secret of the Meta app; it also proves Meta's callbacks.",
            values.secret(values.APP_SECRET),
            example="thirty-two-hex-digits-from-the-app-dashboard",
            needed_by="everybody who publishes on Instagram",
        )
    )
    instagram_authorize_url: str = field(
        metadata=_words(
            "Instagram's consent page.",
            values.base_url,
            default="https://www.instagram.com/oauth/authorize",
            example="https://www.instagram.com/oauth/authorize",
        )
    )
    instagram_token_url: str = field(
        metadata=_words(
            "Where a code from the consent page becomes a token.",
            values.base_url,
            default="https://api.instagram.com/oauth/access_token",
            example="https://api.instagram.com/oauth/access_token",
        )
    )
    instagram_graph_url: str = field(
        metadata=_words(
            "Where Instagram's publishing calls go.",
            values.base_url,
            default="https://graph.instagram.com",
            example="https://graph.instagram.com",
        )
    )
    instagram_graph_version: str = field(
        metadata=_words(
            "Version of Instagram's API that is spoken.",
            values.GRAPH_VERSION,
            default="v25.0",
            example="v25.0",
        )
    )
    clock_shift_file: Path | None = field(
        metadata=_words(
            "A file that holds by how many seconds the clock is moved, for demo and tests."
            " Production refuses it.",
            values.path_or_none,
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
        return passwords_in(text)
    return []


def _is_worth_hiding(text: str) -> bool:
    # Hiding "postgres" would blank out half of every line and protect nothing.
    return len(text) >= _MIN_REDACTED_CHARS and not is_default_password(text)


def words_of_settings() -> dict[str, SettingWords]:
    """Return the words of every setting by its name in the environment, in the order to read."""
    return {each.name.upper(): each.metadata[_WORDS] for each in fields(Settings)}
