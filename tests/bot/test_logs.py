"""Nothing secret leaves by a log line, whatever shape it comes in (S5)."""

import io
import json
import logging
import string
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pydantic import SecretStr

from bot import logs
from bot.config import load
from bot.logs import HIDDEN, JsonLines, LineHandler, Redaction, TextLines
from bot.settings.fields import Settings
from bot.settings.key import new_key

LETTERS = string.ascii_letters + string.digits
TOKEN_SIGNS = LETTERS + "_-"

bot_tokens = st.builds(
    lambda number, text: f"{number}:{text}",
    st.integers(10**8, 10**11),
    st.text(TOKEN_SIGNS, min_size=30, max_size=40),
)
opaque = st.text(LETTERS, min_size=12, max_size=60)
secrets = st.one_of(
    bot_tokens,
    opaque.map(lambda text: "xoxb-1234-" + text),
    opaque.map(lambda text: "xapp-1-" + text),
    opaque.map(lambda text: "EAA" + text),
    opaque.map(lambda text: "IGAA" + text),
    opaque.map(lambda text: "IGQVJ" + text),
    st.builds(
        lambda kid, nonce, data: f"v1.{kid}.{nonce}.{data}",
        st.text(LETTERS, min_size=1, max_size=4),
        st.text(TOKEN_SIGNS, min_size=16, max_size=16),
        st.text(TOKEN_SIGNS, min_size=24, max_size=80),
    ),
)
"""Secrets that are known by their look."""

carriers = st.sampled_from(
    [
        "https://graph.instagram.com/v25.0/me?fields=id&access_token={}&x=1",
        "GET /callback?code={}&state=abc",
        "GET /callback?state={}",
        "Authorization: Bearer {}",
        "{{'Authorization': 'Bearer {}'}}",
        "<CIMultiDict('Host': 'x', 'Authorization': 'Bearer {}', 'Accept': '*/*')>",
        "(b'authorization', b'Bearer {}')",
        '{{"access_token": "{}", "token_type": "bearer"}}',
        "{{'refresh_token': '{}'}}",
        "client_secret={}",
        "https://x.example/?next=%2Fa%3Faccess_token%3D{}",
        "X-Telegram-Bot-Api-Secret-Token: {}",
        "https://post.example.com/connect/{}xxxx",
        "https://post.example.com/m/1795501715.{}xxxx/abc.jpg",
        "POST /hooks/telegram/{}xxxx HTTP/1.1",
        "postgresql://postcue:{}@db.internal:5432/postcue",
    ]
)
"""Texts in which anything at all is a secret because of where it stands."""


UNHURRIED = examples(deadline=None, max_examples=60)
"""Each example writes two dozen lines with tracebacks, and the machine may be busy."""


class Lines:
    """A logger whose lines can be read back, in both forms."""

    def __init__(self, redaction: Redaction) -> None:
        self.json, self.text = io.StringIO(), io.StringIO()
        self.log = logging.Logger("somebody.else")  # noqa: LOG001 — one of its own, not the shared
        self.log.addHandler(LineHandler(self.json, redaction, JsonLines()))
        self.log.addHandler(LineHandler(self.text, redaction, TextLines()))

    @property
    def written(self) -> str:
        return self.json.getvalue() + self.text.getvalue()


def log_in_every_way(lines: Lines, text: str) -> None:
    lines.log.info("calling %s now", text)
    lines.log.info(text)
    lines.log.info("calling %(where)s", {"where": text})
    lines.log.info("event", extra={"where": text, "deep": {"list": [text], text: (text,)}})
    lines.log.info("event", extra={"raw": text.encode(), "object": ValueError(text)})
    lines.log.info("broken %d", text)
    lines.log.info("event", stack_info=True)
    try:
        try:
            raise KeyError(text)  # noqa: TRY301
        except KeyError as err:
            raise RuntimeError(f"while asking {text}") from err
    except RuntimeError:
        lines.log.exception("it.failed")


@UNHURRIED
@given(secrets)
def test_s5_a_secret_is_known_by_its_look_wherever_it_is_logged(secret: str) -> None:
    lines = Lines(Redaction())

    log_in_every_way(lines, f'{secret} https://api.example/{secret}/x "{secret}" a={secret},')

    assert secret not in lines.written
    assert secret.rpartition(".")[2] not in lines.written


@UNHURRIED
@given(carriers, opaque)
def test_s5_a_secret_is_known_by_the_place_it_stands_in(carrier: str, secret: str) -> None:
    assume(secret not in carrier)  # "Authorizatio" is no secret beside "Authorization"
    lines = Lines(Redaction())

    log_in_every_way(lines, carrier.format(secret))

    assert secret not in lines.written


@UNHURRIED
@given(bot_tokens)
def test_s5_a_telegram_address_shows_no_token_even_when_it_is_encoded(token: str) -> None:
    for written in (token, quote(token, safe="")):
        redacted = Redaction().text(f"http://127.0.0.1/telegram/bot{written}/getMe")

        assert redacted == f"http://127.0.0.1/telegram/bot{HIDDEN}/getMe"


@UNHURRIED
@given(st.text(min_size=8, max_size=60).filter(lambda text: len(text.strip()) >= 8))
def test_s5_the_secrets_of_the_settings_are_hidden_in_every_spelling(secret: str) -> None:
    lines = Lines(Redaction([secret]))

    told = [secret, quote(secret, safe=""), repr({"x": secret}), json.dumps({"x": secret})]
    log_in_every_way(lines, " ".join(told))

    assert secret not in lines.written
    assert quote(secret, safe="") not in lines.written
    assert repr(secret)[1:-1] not in lines.written
    assert json.dumps(secret)[1:-1] not in lines.written


def test_s5_every_secret_of_the_settings_is_registered(tmp_path: Path) -> None:
    canaries = {
        "TELEGRAM_BOT_TOKEN": "12345:canary-of-the-bot-token-0123456789",
        "TELEGRAM_WEBHOOK_SECRET": "canary-of-the-webhook-secret",
        "INSTAGRAM_APP_ID": "1",
        "INSTAGRAM_APP_SECRET": "canary-of-the-app-secret",
        "DATABASE_URL": "postgresql://u:canary%40database@h/d",
        "REDIS_URL": "redis://:canary-of-redis@h",
        "ENCRYPTION_KEYS": new_key(),
    }
    settings = load(canaries, None)
    lines = Lines(Redaction(settings.secret_texts()))
    hidden = [
        *canaries.values(),
        "canary-of-the-bot-token-0123456789",
        "canary@database",
        "canary%40database",
        "canary-of-redis",
        canaries["ENCRYPTION_KEYS"].partition(":")[2],
    ]

    for text in hidden:
        log_in_every_way(lines, f"<{text}>")

    assert not [text for text in hidden if len(text) > 1 and text in lines.written]


def test_s5_a_field_with_a_secret_name_is_hidden_whatever_it_holds() -> None:
    lines = Lines(Redaction())

    lines.log.info("x", extra={"access_token": "plain", "nested": {"Cookie": "a=plain"}})
    lines.log.info("x", extra={"token": SecretStr("plain"), "password": ["plain"]})

    assert "plain" not in lines.written


def test_s5_a_line_that_cannot_be_written_is_named_without_its_content(
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Unwritable:
        def __str__(self) -> str:
            raise OSError("IGAAsecretsecretsecret")

    lines = Lines(Redaction())

    lines.log.info("event", extra={"it": Unwritable()})

    assert capsys.readouterr().err.startswith("log.line_lost logger=somebody.else")
    assert not lines.written


def test_what_is_no_secret_stays_readable() -> None:
    lines = Lines(Redaction())

    lines.log.info(
        "post.published",
        extra={"post": 142, "state": "published", "code": 190, "token_version": 3, "ok": True},
    )
    lines.log.info(
        "error code=190 at 2026-11-24T09:00:00Z for 0190f5fe-7c00-7a4c-8f3c-2d5e7b6a9c10"
    )

    first = json.loads(lines.json.getvalue().splitlines()[0])
    assert first | {"time": ""} == {
        "time": "",
        "level": "info",
        "logger": "somebody.else",
        "event": "post.published",
        "post": 142,
        "state": "published",
        "code": 190,
        "token_version": 3,
        "ok": True,
    }
    assert HIDDEN not in lines.written
    assert "post.published post=142 state=published code=190 token_version=3 ok=true" in (
        lines.text.getvalue()
    )


def test_an_event_is_one_line_and_nobody_can_forge_another() -> None:
    lines = Lines(Redaction())

    lines.log.info("a\n2026-11-24T09:00:00Z INFO x forged", extra={"said": "b\r\nforged \x1b[2J"})

    assert len(lines.json.getvalue().splitlines()) == 1
    assert len(lines.text.getvalue().splitlines()) == 1
    assert "\x1b" not in lines.written


def test_a_traceback_is_one_field_in_json_and_indented_in_text() -> None:
    lines = Lines(Redaction())

    try:
        raise ValueError("no")  # noqa: TRY301
    except ValueError:
        lines.log.exception("it.failed")

    assert json.loads(lines.json.getvalue())["error"].endswith("ValueError: no")
    first, *rest = lines.text.getvalue().splitlines()
    assert first.endswith("it.failed")
    assert all(line.startswith("    ") for line in rest)


def test_the_time_is_utc_with_milliseconds() -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, "event", None, None)
    record.created = 1_795_500_000.25

    line = json.loads(JsonLines().format(record))

    assert line["time"] == "2026-11-24T06:00:00.250Z"


def test_other_handlers_still_see_the_record_as_it_was() -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, "at %s", ("access_token=abc123",), None)

    Redaction().record(record)

    assert record.getMessage() == "at access_token=abc123"


@pytest.fixture
def untouched_logging() -> Iterator[None]:
    """Put logging back as it was: configuring is for a whole process."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    levels = {name: logging.getLogger(name).level for name in logs.QUIET}
    # Whoever configured before us did so among warnings that pytest keeps for itself.
    logging.captureWarnings(capture=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.excepthook", None)
        patch.setattr("threading.excepthook", None)
        yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, each in levels.items():
        logging.getLogger(name).setLevel(each)
    logging.captureWarnings(capture=False)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load({"DATA_DIR": str(tmp_path), "TELEGRAM_BOT_TOKEN": "12345:canary-canary"}, None)


@pytest.mark.usefixtures("untouched_logging")
def test_s5_libraries_that_log_whole_addresses_are_quiet_at_every_level(
    settings: Settings,
) -> None:
    stream = io.StringIO()

    logs.configure(replace(settings, log_level="debug"), stream)
    logging.getLogger("httpx").info("HTTP Request: POST https://api.telegram.org/bot1:x/getMe")
    logging.getLogger("httpcore.connection").debug("connect")
    logging.getLogger("aiohttp.access").info("GET /callback?code=x")
    logging.getLogger("tortoise.db_client").debug("INSERT … VALUES sealed")

    assert stream.getvalue() == ""


@pytest.mark.usefixtures("untouched_logging")
def test_s5_a_crash_and_a_warning_go_through_the_redaction_too(settings: Settings) -> None:
    stream = io.StringIO()

    logs.configure(replace(settings, log_format="json"), stream)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        # Another test may have left it on, with a hook that is gone since.
        logging.captureWarnings(capture=False)
        logging.captureWarnings(capture=True)
        warnings.warn("token 12345:canary-canary is odd", stacklevel=1)
    error = RuntimeError("at bot12345:canary-canary/getMe")
    logs.sys.excepthook(RuntimeError, error, None)

    written = stream.getvalue()
    assert "process.crashed" in written
    assert "is odd" in written
    assert "canary-canary" not in written


@pytest.mark.usefixtures("untouched_logging")
def test_configuring_twice_writes_each_event_once(settings: Settings) -> None:
    stream = io.StringIO()

    logs.configure(settings, io.StringIO())
    logs.configure(settings, stream)
    logging.getLogger("scheduling.due").info("due.claimed")
    logging.getLogger("scheduling.due").debug("due.looked")

    assert stream.getvalue().count("\n") == 1
    assert "INFO    scheduling.due due.claimed" in stream.getvalue()
