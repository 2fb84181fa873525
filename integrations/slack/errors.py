"""Slack's refusals as the errors of the chat contract. Source: docs.slack.dev, methods (2026)."""

from datetime import timedelta
from http import HTTPStatus

from slack_sdk.errors import SlackApiError

from integrations.chat.errors import ChatBusy, ChatError, MessageGone, RouteDead, TokenRefused

_NO_TOKEN = frozenset(
    {
        "account_inactive",
        "invalid_auth",
        "not_authed",
        "token_expired",
        "token_revoked",
        "org_login_required",
    }
)
_NO_WAY = frozenset(
    {
        "cannot_dm_bot",
        "channel_is_archived",
        "channel_not_found",
        "ekm_access_denied",
        "is_archived",
        "messages_tab_disabled",
        "not_in_channel",
        "restricted_action",
        "restricted_action_read_only_channel",
        "team_access_not_granted",
        "team_not_found",
        "user_disabled",
        "user_not_found",
        "user_not_visible",
    }
)
_NO_MESSAGE = frozenset(
    {
        "cant_update_message",
        "edit_window_closed",
        "message_not_found",
        "thread_not_found",
        "cannot_reply_to_message",
    }
)
_NOT_NOW = frozenset(
    {
        "fatal_error",
        "internal_error",
        "ratelimited",
        "rate_limited",
        "request_timeout",
        "service_unavailable",
        "team_added_to_org",
        "accesslimited",
    }
)
_LONGEST_WAIT = timedelta(hours=1)
_USUAL_WAIT = timedelta(seconds=5)


def error_of(err: SlackApiError) -> str:
    """Return Slack's own word for what went wrong, "" when there is none."""
    data = getattr(err.response, "data", None)
    found = data.get("error") if isinstance(data, dict) else None
    return found if isinstance(found, str) else ""


def understood(err: SlackApiError) -> ChatError:
    """Return what every chat raises in place of *err*; no address and no token is in it."""
    status = getattr(err.response, "status_code", 0)
    word = error_of(err)
    if status == HTTPStatus.TOO_MANY_REQUESTS or word in {"ratelimited", "rate_limited"}:
        return ChatBusy("Slack slows us down", after=_asked_wait(err))
    if word in _NO_TOKEN:
        return TokenRefused()
    if word in _NO_WAY:
        return RouteDead(word)
    if word in _NO_MESSAGE:
        return MessageGone(word)
    if word in _NOT_NOW or status >= HTTPStatus.INTERNAL_SERVER_ERROR or not word:
        return ChatBusy(f"Slack does not answer ({word or status})")
    return ChatError(f"Slack refused: {word}")


def _asked_wait(err: SlackApiError) -> timedelta:
    headers = getattr(err.response, "headers", None) or {}
    found = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    try:
        return min(timedelta(seconds=float(found)), _LONGEST_WAIT)
    except (ValueError, OverflowError):
        return _USUAL_WAIT
