"""The settings that must not start, each with the line that says what to do instead."""

from collections.abc import Iterator
from pathlib import PurePath
from urllib.parse import parse_qs, urlsplit

from bot.settings.fields import Settings
from bot.settings.hosts import is_public_host, is_this_machine
from bot.settings.key import MAKE_A_KEY
from bot.settings.passwords import is_default_password, passwords_in

HOW_TO_MAKE_ONE = "Make one with: openssl rand -hex 32"

Refusal = tuple[str, str]
"""A setting's name, and the rest of the sentence about it."""

BASE_URLS = (
    "telegram_api_url",
    "telegram_link_url",
    "slack_api_url",
    "slack_files_url",
    "slack_authorize_url",
    "instagram_authorize_url",
    "instagram_token_url",
    "instagram_graph_url",
)
_PLACEHOLDERS = ("changeme", "change-me", "change_me", "placeholder", "your-", "example", "xxxx")
_MIN_SECRET_CHARS = {
    "telegram_webhook_secret": 32,
    "instagram_app_secret": 16,
    "slack_signing_secret": 32,
    "slack_client_secret": 32,
}
_MIN_TOKEN_CHARS = 30
_MIN_DIFFERENT_CHARS = 6


def refusals_of(settings: Settings) -> Iterator[Refusal]:
    """Give every reason not to start with *settings*, the unsafe ones in production only."""
    yield from _half_set(settings)
    if settings.is_production:
        yield from _public_url(settings)
        yield from _base_urls(settings)
        yield from _database(settings)
        yield from _redis(settings)
        yield from _secrets(settings)
        yield from _meant_for_development(settings)


def _half_set(settings: Settings) -> Iterator[Refusal]:
    if settings.telegram_mode == "webhook" and not settings.telegram_webhook_secret:
        yield (
            "TELEGRAM_WEBHOOK_SECRET",
            f"is missing: the webhook door stands open without it. {HOW_TO_MAKE_ONE}",
        )
    yield from _half_slack(settings)
    if settings.instagram_app_id and not settings.instagram_app_secret:
        yield "INSTAGRAM_APP_SECRET", "is missing: it belongs to INSTAGRAM_APP_ID"
    if settings.instagram_app_secret and not settings.instagram_app_id:
        yield "INSTAGRAM_APP_ID", "is missing: it belongs to INSTAGRAM_APP_SECRET"


def _half_slack(settings: Settings) -> Iterator[Refusal]:
    hears = settings.slack_app_token or settings.slack_signing_secret
    speaks = settings.slack_bot_token or settings.slack_client_id
    if speaks and not hears:
        yield (
            "SLACK_SIGNING_SECRET",
            "is missing, and so is SLACK_APP_TOKEN: one of the two lets Slack's events in",
        )
    if hears and not speaks:
        yield (
            "SLACK_BOT_TOKEN",
            "is missing, and so is SLACK_CLIENT_ID: one of the two lets us speak in Slack",
        )
    if settings.slack_client_id and not settings.slack_client_secret:
        yield "SLACK_CLIENT_SECRET", "is missing: it belongs to SLACK_CLIENT_ID"
    if settings.slack_client_secret and not settings.slack_client_id:
        yield "SLACK_CLIENT_ID", "is missing: it belongs to SLACK_CLIENT_SECRET"


def _public_url(settings: Settings) -> Iterator[Refusal]:
    parts = urlsplit(settings.public_url)
    if parts.scheme != "https":
        yield (
            "PUBLIC_URL",
            "must be the https:// address of this site: Meta and Telegram take no other",
        )
    elif not is_public_host(parts.hostname or ""):
        yield "PUBLIC_URL", "must be reachable from outside, it names this machine or its network"


def _base_urls(settings: Settings) -> Iterator[Refusal]:
    for name in BASE_URLS:
        parts = urlsplit(getattr(settings, name))
        if parts.scheme != "https":
            yield name.upper(), "must begin with https:// in production"
        elif is_this_machine(parts.hostname or ""):
            yield (
                name.upper(),
                "names this machine; stand-ins are for demo and development, leave it empty",
            )


def _database(settings: Settings) -> Iterator[Refusal]:
    address = settings.database_url.get_secret_value()
    parts = urlsplit(address)
    host = parse_qs(parts.query).get("host", [parts.hostname or ""])[0]
    passwords = passwords_in(address)
    if any(is_default_password(each) or each == parts.username for each in passwords):
        yield "DATABASE_URL", "has a default password; give the database one of its own"
    if (
        address
        and not passwords
        and not PurePath(host).is_absolute()
        and not is_this_machine(host)
    ):
        yield "DATABASE_URL", "has no password, and the database is on another machine"


def _redis(settings: Settings) -> Iterator[Refusal]:
    address = settings.redis_url.get_secret_value()
    parts = urlsplit(address)
    passwords = passwords_in(address)
    if any(is_default_password(each) for each in passwords):
        yield "REDIS_URL", "has a default password; give Redis one of its own"
    if address and not passwords and parts.scheme != "unix":
        host = parts.hostname or "localhost"
        if not is_this_machine(host):
            yield "REDIS_URL", "has no password, and Redis is on another machine: set requirepass"


def _secrets(settings: Settings) -> Iterator[Refusal]:
    if not settings.encryption_keys:
        yield "ENCRYPTION_KEYS", f"is missing: tokens are sealed with it. {MAKE_A_KEY}"
    for name, least in _MIN_SECRET_CHARS.items():
        text = getattr(settings, name).get_secret_value()
        if text and len(text) < least:
            yield name.upper(), f"is too short: {least} letters or more"
        elif text and _looks_invented(text):
            yield name.upper(), "looks like a placeholder, not like a secret"
    token = settings.telegram_bot_token.get_secret_value().partition(":")[2]
    if token and (len(token) < _MIN_TOKEN_CHARS or _looks_invented(token)):
        yield "TELEGRAM_BOT_TOKEN", "is not a whole token of BotFather"
    for name in ("slack_bot_token", "slack_app_token"):
        token = getattr(settings, name).get_secret_value().partition("-")[2]
        if token and (len(token) < _MIN_TOKEN_CHARS or _looks_invented(token)):
            yield name.upper(), "is not a whole token of Slack"


def _meant_for_development(settings: Settings) -> Iterator[Refusal]:
    if settings.clock_shift_file is not None:
        yield "CLOCK_SHIFT_FILE", "must be empty: production runs on the real time"
    if settings.log_level == "debug":
        yield "LOG_LEVEL", "must not be debug in production: it writes what people send"


def _looks_invented(text: str) -> bool:
    small = text.lower()
    return len(set(small)) < _MIN_DIFFERENT_CHARS or any(each in small for each in _PLACEHOLDERS)
