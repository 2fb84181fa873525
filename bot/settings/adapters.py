"""What each adapter gets of the settings."""

from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import SecretStr

from bot.settings.fields import Settings
from integrations.telegram.chat import TelegramSettings, Webhook
from platforms.instagram.adapter import InstagramSettings

if TYPE_CHECKING:
    from integrations.slack.chat import SlackSettings
    from integrations.slack.installing import SlackInstallerSettings


def instagram_of(settings: Settings) -> tuple[InstagramSettings, ...]:
    """Return what the Instagram adapter needs; it is built also before it is set up."""
    return (
        InstagramSettings(
            app_id=settings.instagram_app_id,
            app_secret=settings.instagram_app_secret,
            authorize_url=settings.instagram_authorize_url,
            token_url=settings.instagram_token_url,
            graph_url=settings.instagram_graph_url,
            version=settings.instagram_graph_version,
        ),
    )


def telegram_of(settings: Settings) -> TelegramSettings | None:
    """Return what the Telegram chat needs, None without a token."""
    if not settings.telegram_bot_token:
        return None
    webhook = None
    if settings.telegram_mode == "webhook":
        webhook = Webhook(
            url=f"{settings.public_url.rstrip('/')}/hooks/telegram",
            secret=settings.telegram_webhook_secret,
        )
    return TelegramSettings(
        settings.telegram_bot_token,
        settings.telegram_api_url,
        webhook,
        link_url=settings.telegram_link_url,
    )


def slack_of(settings: Settings) -> "SlackSettings | None":
    """Return what the Slack chat needs, None where there is no whole app."""
    if not settings.has_slack:
        return None
    from integrations.slack.chat import SlackSettings  # noqa: PLC0415 - see the registry

    return SlackSettings(
        api_url=settings.slack_api_url,
        files_url=settings.slack_files_url,
        signing_secret=settings.slack_signing_secret or None,
        app_token=settings.slack_app_token or None,
        bot_token=settings.slack_bot_token or None,
        client_id=settings.slack_client_id,
    )


def slack_installer_of(settings: Settings) -> "SlackInstallerSettings | None":
    """Return what installing in many workspaces needs, None without a client of OAuth."""
    if not settings.has_slack or not settings.slack_client_id:
        return None
    from integrations.slack.installing import SlackInstallerSettings  # noqa: PLC0415

    return SlackInstallerSettings(
        client_id=settings.slack_client_id,
        client_secret=settings.slack_client_secret,
        api_url=settings.slack_api_url,
        authorize_url=settings.slack_authorize_url,
    )


def chat_origins(settings: Settings) -> list[str]:
    """Return where the chats' calls and downloads go."""
    return [settings.telegram_api_url, settings.slack_api_url, settings.slack_files_url]


def ready_platforms(settings: Settings) -> frozenset[str]:
    """Return the platforms that are set up, so that accounts can be connected."""
    is_set = bool(settings.instagram_app_id and settings.instagram_app_secret)
    return frozenset({"instagram"} if is_set else ())


def link_secret(settings: Settings) -> SecretStr:
    """Derive the key of signed media links from the first encryption key."""
    first = settings.encryption_keys.get_secret_value().split(",")[0]
    derived = HKDF(hashes.SHA256(), 32, None, b"postcue media links").derive(first.encode())
    return SecretStr(derived.hex())
