"""Instagram's refusals, turned into ours by one table.

A code can mean two things.  On every call before the publish call nothing can have become public,
so a hiccup is just tried again.  On the publish call a code that does not *prove* the refusal
(`is_proof` is False, every 5xx, every code not listed) is `OutcomeUnknown`: look, never resend.

Source: Meta "Error codes" (2026-06-02); `type` is "OAuthException" even for media, so it is not
looked at.
"""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum, auto
from typing import Final, Literal

from platforms.contract import Usage
from platforms.errors import (
    HandleLost,
    NeedsReconnect,
    OutcomeUnknown,
    PlatformError,
    Rejected,
    Trouble,
    TryAgainLater,
)
from platforms.http import Answer

Who = Literal["owner", "admin", "platform"]


class Call(Enum):
    """What was asked, as far as the meaning of an answer depends on it."""

    ACCOUNT = auto()  # about the account or its token
    CREATE = auto()  # makes a container
    PREPARED = auto()  # reads a container that has not been published yet
    READ = auto()  # reads a container or a post that may be live
    PUBLISH = auto()  # the one dangerous call


class Verdict(Enum):
    """What the caller does about a refusal."""

    AGAIN = auto()
    LOST = auto()
    WINDOW = auto()
    REFUSED = auto()
    RECONNECT = auto()


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: the verdict, the reason, who must act, how long at least."""

    verdict: Verdict
    trouble: Trouble
    who: Who = "owner"
    after: timedelta | None = None
    is_proof: bool = True


def _again(trouble: Trouble, *, is_proof: bool = True) -> Row:
    return Row(Verdict.AGAIN, trouble, is_proof=is_proof)


def _lost(trouble: Trouble, *, is_proof: bool = True) -> Row:
    return Row(Verdict.LOST, trouble, is_proof=is_proof)


def _window(trouble: Trouble, *, after: timedelta | None = None, is_proof: bool = True) -> Row:
    return Row(Verdict.WINDOW, trouble, after=after, is_proof=is_proof)


def _refused(trouble: Trouble, *, is_proof: bool = True) -> Row:
    return Row(Verdict.REFUSED, trouble, is_proof=is_proof)


def _reconnect(trouble: Trouble, who: Who = "owner") -> Row:
    return Row(Verdict.RECONNECT, trouble, who=who)


# By code and subcode; None stands for every subcode that has no row of its own.
ROWS: Final[Mapping[tuple[int, int | None], Row]] = {
    (-1, None): _again(Trouble.PLATFORM_DOWN, is_proof=False),
    (-1, 2207001): _again(Trouble.PLATFORM_DOWN, is_proof=False),
    (-1, 2207032): _lost(Trouble.MEDIA_PROCESSING, is_proof=False),
    (-1, 2207053): _lost(Trouble.MEDIA_PROCESSING, is_proof=False),
    (-2, None): _again(Trouble.MEDIA_UNFETCHABLE, is_proof=False),
    (-2, 2207003): _again(Trouble.MEDIA_UNFETCHABLE),
    (-2, 2207020): _lost(Trouble.HANDLE_EXPIRED),
    (1, None): _again(Trouble.PLATFORM_DOWN, is_proof=False),
    (1, 2207057): _refused(Trouble.CONTENT_REFUSED),
    (2, None): _again(Trouble.PLATFORM_DOWN, is_proof=False),
    (4, None): _window(Trouble.RATE_LIMITED),
    # Posts were seen live after this answer (gitroomhq/postiz-app#1681).
    (4, 2207051): _window(Trouble.SPAM_BLOCK, after=timedelta(hours=4), is_proof=False),
    (9, None): _window(Trouble.QUOTA_REACHED, is_proof=False),
    (9, 2207042): _window(Trouble.QUOTA_REACHED),
    (10, None): _reconnect(Trouble.PERMISSION_MISSING),
    (10, 2207081): _refused(Trouble.CONTENT_REFUSED),
    (17, None): _window(Trouble.RATE_LIMITED),
    # A container that was published already may answer like one that never was.
    (24, None): _lost(Trouble.HANDLE_EXPIRED, is_proof=False),
    (24, 2207006): _lost(Trouble.HANDLE_EXPIRED, is_proof=False),
    (24, 2207008): _lost(Trouble.HANDLE_EXPIRED, is_proof=False),
    (25, None): _reconnect(Trouble.ACCOUNT_RESTRICTED, "platform"),
    (25, 2207050): _reconnect(Trouble.ACCOUNT_RESTRICTED, "platform"),
    (32, None): _window(Trouble.RATE_LIMITED),
    (100, None): _refused(Trouble.OUR_MISTAKE),
    (100, 33): _reconnect(Trouble.ACCOUNT_GONE),
    (100, 2207023): _refused(Trouble.OUR_MISTAKE),
    (100, 2207028): _refused(Trouble.CONTENT_REFUSED),
    (100, 2207035): _refused(Trouble.TAG_REFUSED),
    (100, 2207036): _refused(Trouble.TAG_REFUSED),
    (100, 2207037): _refused(Trouble.TAG_REFUSED),
    (100, 2207040): _refused(Trouble.TAG_REFUSED),
    (100, 2207064): _refused(Trouble.OUR_MISTAKE),
    (102, None): _reconnect(Trouble.LOGIN_EXPIRED),
    (110, None): _refused(Trouble.TAG_REFUSED),
    (190, None): _reconnect(Trouble.LOGIN_EXPIRED),
    (190, 458): _reconnect(Trouble.ACCESS_REMOVED),
    (190, 459): _reconnect(Trouble.ACCOUNT_RESTRICTED, "platform"),
    (190, 460): _reconnect(Trouble.PASSWORD_CHANGED),
    (190, 463): _reconnect(Trouble.LOGIN_EXPIRED),
    (190, 464): _reconnect(Trouble.ACCOUNT_RESTRICTED, "platform"),
    (190, 467): _reconnect(Trouble.LOGIN_EXPIRED),
    (190, 492): _reconnect(Trouble.PERMISSION_MISSING, "admin"),
    (341, None): _window(Trouble.RATE_LIMITED, is_proof=False),
    (352, None): _refused(Trouble.FORMAT_REFUSED),
    (352, 2207026): _refused(Trouble.FORMAT_REFUSED),
    (368, None): _window(Trouble.SPAM_BLOCK, after=timedelta(hours=24), is_proof=False),
    # A duplicate of what?  Perhaps of the very call whose answer was lost.
    (506, None): _refused(Trouble.DUPLICATE, is_proof=False),
    (613, None): _window(Trouble.RATE_LIMITED),
    (9004, None): _again(Trouble.MEDIA_UNFETCHABLE),
    (9004, 2207052): _again(Trouble.MEDIA_UNFETCHABLE),
    (9007, None): _again(Trouble.NOT_READY),
    (9007, 2207027): _again(Trouble.NOT_READY),
    (36000, None): _refused(Trouble.IMAGE_TOO_LARGE),
    (36000, 2207004): _refused(Trouble.IMAGE_TOO_LARGE),
    (36001, None): _refused(Trouble.FORMAT_REFUSED),
    (36001, 2207005): _refused(Trouble.FORMAT_REFUSED),
    (36003, None): _refused(Trouble.RATIO_REFUSED),
    (36003, 2207009): _refused(Trouble.RATIO_REFUSED),
    (36004, None): _refused(Trouble.CAPTION_TOO_LONG),
    (36004, 2207010): _refused(Trouble.CAPTION_TOO_LONG),
    (80001, None): _window(Trouble.RATE_LIMITED),
    (80002, None): _window(Trouble.RATE_LIMITED),
    (1609005, None): _refused(Trouble.LINK_REFUSED),
    (1609008, None): _refused(Trouble.LINK_REFUSED),
}

# Subcodes from here on mean the same whatever their code.
_MEDIA_SUBCODES: Final = 2_207_000
# These come under more than one code, or alone in the status text of a container.
SUBCODES: Final[Mapping[int, Row]] = {
    2207076: _again(Trouble.MEDIA_UNFETCHABLE),
    2207077: _again(Trouble.MEDIA_UNFETCHABLE),
    2207082: _again(Trouble.MEDIA_UNFETCHABLE),
    2207085: _refused(Trouble.CONTENT_REFUSED),
    **{sub: row for (_, sub), row in ROWS.items() if sub is not None and sub >= _MEDIA_SUBCODES},
}

_PERMISSION_GAP: Final = _reconnect(Trouble.PERMISSION_MISSING, "admin")
_PLATFORM_DOWN: Final = _again(Trouble.PLATFORM_DOWN, is_proof=False)
_NOT_LISTED: Final = _again(Trouble.UNCLEAR, is_proof=False)
_LIMITED: Final = _window(Trouble.RATE_LIMITED, is_proof=False)
_BAD_LOCATION: Final = _refused(Trouble.CONTENT_REFUSED)

_HTTP_TOO_MANY: Final = 429
_HTTP_SERVER_ERROR: Final = 500
_MAX_SAYS_CHARS: Final = 300
_REFUSED_STATUSES: Final = range(400, 429)
_NOT_FOUND_HERE: Final = (100, 33)


@dataclass(frozen=True, slots=True)
class Refusal:
    """The error envelope of an answer; `code` is None where there is none."""

    code: int | None
    subcode: int | None = None
    message: str = ""
    trace_id: str = ""
    is_transient: bool = False
    user_message: str = ""

    @property
    def name(self) -> str:
        """Return "190/463", "190", or "" without an envelope."""
        if self.code is None:
            return ""
        return f"{self.code}/{self.subcode}" if self.subcode else str(self.code)


def read_refusal(answer: Answer) -> Refusal | None:
    """Return the refusal in an answer, None where it is none (a success by status and body)."""
    error = answer.body.get("error") if answer.body is not None else None
    if isinstance(error, dict):
        return Refusal(
            _number(error.get("code")),
            _number(error.get("error_subcode")),
            str(error.get("message") or ""),
            str(error.get("fbtrace_id") or ""),
            error.get("is_transient") is True,
            str(error.get("error_user_msg") or ""),
        )
    is_success = 200 <= answer.status < 300 and answer.body is not None  # noqa: PLR2004
    return None if is_success else Refusal(None)


def to_error(
    answer: Answer, refusal: Refusal, call: Call, *, secrets: Collection[str] = ()
) -> PlatformError:
    """Return our error for a refusal met on *call*; *secrets* are taken out of its details."""
    row = _row(answer, refusal, call)
    code = refusal.name or f"http/{answer.status}"
    detail = without_secrets(refusal.message or answer.fault, secrets)
    is_unproven = not row.is_proof or answer.status >= _HTTP_SERVER_ERROR
    if call is Call.PUBLISH and is_unproven:
        trouble = row.trouble if row.trouble in _KEPT_WHEN_UNKNOWN else Trouble.UNCLEAR
        return OutcomeUnknown(trouble, code=code, detail=detail)
    after = wait_of(answer) if row.verdict is Verdict.WINDOW else None
    error = _error(row, code=code, detail=detail, after=max_wait(row.after, after))
    if refusal.user_message:
        says = without_secrets(refusal.user_message, secrets)[:_MAX_SAYS_CHARS]
        error.params = {**error.params, "says": says}
    return error


def exchange_error(answer: Answer, *, secrets: Collection[str]) -> PlatformError:
    """Return our error for a code exchange without a token; its envelope is not Graph's."""
    body = answer.body or {}
    if isinstance(body.get("error"), dict):
        return to_error(
            answer, read_refusal(answer) or Refusal(None), Call.ACCOUNT, secrets=secrets
        )
    message = str(body.get("error_message") or "")
    code = f"oauth/{answer.status}"
    if answer.status not in _REFUSED_STATUSES or not message:
        row = _row_of_status(answer.status)
        return _error(row, code=code, detail=answer.fault, after=wait_of(answer))
    is_ours = any(
        word in message.casefold() for word in ("redirect_uri", "client", "platform app")
    )
    trouble = Trouble.OUR_MISTAKE if is_ours else Trouble.LOGIN_EXPIRED
    return Rejected(trouble, code=code, detail=without_secrets(message, secrets))


def container_error(subcode: int | None, text: str) -> PlatformError:
    """Return our error for a container whose status is ERROR.

    The container itself is lost in any case; only what the media can never pass is refused.
    """
    row = SUBCODES.get(subcode) if subcode is not None else None
    code = f"status/{subcode}" if subcode is not None else "status/ERROR"
    if row is not None and row.verdict in {Verdict.REFUSED, Verdict.RECONNECT}:
        return _error(row, code=code, detail=text, after=None)
    trouble = row.trouble if row is not None else Trouble.MEDIA_PROCESSING
    return HandleLost(trouble, code=code, detail=text)


def read_usage(headers: Mapping[str, str]) -> list[Usage]:
    """Return the budgets that Meta's usage headers tell of; a garbled header tells nothing."""
    usages = []
    app = _json(headers.get("x-app-usage", ""))
    if app:
        usages.append(Usage("instagram", "", _percent(app)))
    for account_id, entries in _json(headers.get("x-business-use-case-usage", "")).items():
        for entry in entries if isinstance(entries, list) else []:
            if isinstance(entry, dict):
                minutes = _number(entry.get("estimated_time_to_regain_access")) or 0
                regain = timedelta(minutes=minutes) if minutes > 0 else None
                usages.append(Usage("instagram", account_id, _percent(entry), regain))
    return usages


def wait_of(answer: Answer) -> timedelta | None:
    """Return how long Meta says to wait: `Retry-After`, or the regain time of a usage header."""
    seconds = _number(answer.headers.get("retry-after"))
    waits = [usage.regain_after for usage in read_usage(answer.headers)]
    return max_wait(timedelta(seconds=seconds) if seconds and seconds > 0 else None, *waits)


def max_wait(*waits: timedelta | None) -> timedelta | None:
    """Return the longest of the waits that are known."""
    return max((wait for wait in waits if wait is not None), default=None)


def without_secrets(text: str, secrets: Collection[str]) -> str:
    """Take tokens out of what Meta wrote: "Malformed access token …" repeats the whole token."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "***")
    return _TOKEN_LIKE.sub("***", text)


_TOKEN_LIKE: Final = re.compile(r"\b(?:IG|EAA)[A-Za-z0-9_-]{16,}|(?<=access_token=)[^&\s]+")
_KEPT_WHEN_UNKNOWN: Final = frozenset({Trouble.SPAM_BLOCK, Trouble.DUPLICATE})


def _row(answer: Answer, refusal: Refusal, call: Call) -> Row:
    if (refusal.code, refusal.subcode) == _NOT_FOUND_HERE:
        return _row_of_missing_object(call)
    if refusal.code is None:
        return _row_of_status(answer.status)
    if "INVALID_LOCATION_ID" in refusal.message:
        return _BAD_LOCATION
    exact = ROWS.get((refusal.code, refusal.subcode))
    if exact is not None:
        return exact
    by_code = _row_of_code(refusal.code)
    if refusal.subcode is not None and refusal.subcode in SUBCODES:
        row = SUBCODES[refusal.subcode]
        return replace(row, is_proof=row.is_proof and by_code is not None and by_code.is_proof)
    if by_code is not None:
        return by_code
    return _PLATFORM_DOWN if refusal.is_transient else _row_of_status(answer.status)


def _row_of_code(code: int) -> Row | None:
    if 200 <= code <= 299:  # noqa: PLR2004 - Graph's range for missing permissions
        return _PERMISSION_GAP
    return ROWS.get((code, None))


def _row_of_missing_object(call: Call) -> Row:
    """Say what "object missing or not visible" means: it depends on what was asked for."""
    match call:
        case Call.PREPARED:
            return _lost(Trouble.HANDLE_EXPIRED)
        case Call.READ | Call.PUBLISH:
            return _NOT_LISTED
        case _:
            return ROWS[_NOT_FOUND_HERE]


def _row_of_status(status: int) -> Row:
    if status == _HTTP_TOO_MANY:
        return _LIMITED
    return _PLATFORM_DOWN if status >= _HTTP_SERVER_ERROR else _NOT_LISTED


def _error(row: Row, *, code: str, detail: str, after: timedelta | None) -> PlatformError:
    match row.verdict:
        case Verdict.AGAIN:
            return TryAgainLater(row.trouble, code=code, detail=detail)
        case Verdict.LOST:
            return HandleLost(row.trouble, code=code, detail=detail)
        case Verdict.WINDOW:
            return TryAgainLater(
                row.trouble, after=after, is_window=True, code=code, detail=detail
            )
        case Verdict.REFUSED:
            return Rejected(row.trouble, code=code, detail=detail)
        case Verdict.RECONNECT:
            return NeedsReconnect(row.trouble, who=row.who, code=code, detail=detail)


def _number(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return int(value)
    except (ValueError, OverflowError):
        return None


def _percent(entry: Mapping[str, object]) -> float:
    values = [entry.get(name) for name in ("call_count", "total_cputime", "total_time")]
    return max((float(v) for v in values if isinstance(v, int | float)), default=0.0)


def _json(text: str) -> Mapping[str, object]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
