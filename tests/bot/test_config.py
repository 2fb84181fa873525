"""The settings: every fault at once, in plain words, and nothing unsafe in production."""

import base64
import os
import re
import stat
from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.config import ConfigurationFaults, load
from bot.settings.fields import Settings, words_of_settings
from bot.settings.hosts import is_this_machine
from bot.settings.key import KEY_FILE, new_key

SAFE = {
    "POSTCUE_ENV": "production",
    "DATABASE_URL": "postgresql://postcue:orange-lamp-4711@db:5432/postcue",
    "REDIS_URL": "redis://:green-chair-0815@redis:6379/0",
    "PUBLIC_URL": "https://post.example.com",
    "ENCRYPTION_KEYS": new_key(),
    "TELEGRAM_BOT_TOKEN": "7654321098:AAF3kq9ZpLw-7RtYx2Vb_8NcMdQeGhJsKu0",
    "INSTAGRAM_APP_ID": "1234567890123456",
    "INSTAGRAM_APP_SECRET": "9f2c4e6a8b0d1f3c5e7a9b1d3f5c7e9a",
}
"""Settings that production takes."""


def faults_of(**changes: str) -> list[str]:
    """Return the faults of the safe settings with *changes*."""
    with pytest.raises(ConfigurationFaults) as caught:
        load(SAFE | changes, None)
    return caught.value.faults


def only_fault_of(**changes: str) -> str:
    (fault,) = faults_of(**changes)
    return fault


# ── reading ──────────────────────────────────────────────────────────────────────────────────


def test_nothing_set_is_a_development_installation_on_this_machine(tmp_path: Path) -> None:
    settings = load({"DATA_DIR": str(tmp_path)}, None)

    assert settings.postcue_env == "development"
    assert not settings.database_url
    assert (settings.http_host, settings.http_port) == ("127.0.0.1", 8081)
    assert settings.public_url == "http://127.0.0.1:8081"
    assert settings.telegram_api_url == "https://api.telegram.org"
    assert settings.instagram_graph_url == "https://graph.instagram.com"
    assert settings.instagram_graph_version == "v25.0"
    assert (settings.log_format, settings.log_level) == ("text", "info")
    assert settings.clock_shift_file is None


def test_the_environment_wins_over_the_file_also_when_it_is_empty_there(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("HTTP_PORT=9000\nREDIS_URL=redis://127.0.0.1\nLOG_LEVEL='warning'\n")
    environ = {"DATA_DIR": str(tmp_path), "HTTP_PORT": "9001", "REDIS_URL": ""}

    settings = load(environ, dotenv)

    assert settings.http_port == 9001
    assert not settings.redis_url
    assert settings.log_level == "warning"


def test_a_missing_file_is_no_fault(tmp_path: Path) -> None:
    assert load({"DATA_DIR": str(tmp_path)}, tmp_path / "absent").http_port == 8081


def test_a_dollar_in_the_file_stays_a_dollar(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("INSTAGRAM_APP_ID=1\nINSTAGRAM_APP_SECRET=a${HOME}b\n")

    settings = load({"DATA_DIR": str(tmp_path)}, dotenv)

    assert settings.instagram_app_secret.get_secret_value() == "a${HOME}b"


def test_blanks_around_a_value_and_a_slash_behind_an_address_do_not_matter(tmp_path: Path) -> None:
    settings = load(
        {"DATA_DIR": f" {tmp_path} ", "PUBLIC_URL": "https://post.example.com/ "}, None
    )

    assert settings.data_dir == tmp_path
    assert settings.public_url == "https://post.example.com"


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("0.0.0.0", "http://127.0.0.1:8081"),
        ("::", "http://[::1]:8081"),
        ("h.lan", "http://h.lan:8081"),
    ],
)
def test_the_public_address_defaults_to_where_the_site_listens(
    host: str, url: str, tmp_path: Path
) -> None:
    assert load({"DATA_DIR": str(tmp_path), "HTTP_HOST": host}, None).public_url == url


def test_settings_do_not_change(tmp_path: Path) -> None:
    settings = load({"DATA_DIR": str(tmp_path)}, None)

    with pytest.raises(FrozenInstanceError):
        settings.http_port = 1  # type: ignore[misc]


def test_a_misspelt_name_in_the_file_is_a_fault_that_names_the_right_one(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("TELEGRAM_TOKEN=1:x\nPOSTGRES_PASSWORD=somebody-elses\n")

    with pytest.raises(ConfigurationFaults) as caught:
        load({"DATA_DIR": str(tmp_path)}, dotenv)

    assert caught.value.faults == [
        "TELEGRAM_TOKEN in .env is no setting of Postcue; is TELEGRAM_BOT_TOKEN meant?"
    ]


BROKEN = {
    "POSTCUE_ENV": "staging",
    "DATABASE_URL": "mysql://u:p@h/d",
    "REDIS_URL": "http://h",
    "PUBLIC_URL": "https://h/postcue",
    "HTTP_HOST": "a b",
    "HTTP_PORT": "70000",
    "PROXY_HOPS": "many",
    "PUBLISH_AT_ONCE": "lots",
    "ENCRYPTION_KEYS": "k1:abc",
    "LOG_FORMAT": "xml",
    "LOG_LEVEL": "loud",
    "TELEGRAM_BOT_TOKEN": "@my_bot",
    "TELEGRAM_API_URL": "api.telegram.org",
    "TELEGRAM_LINK_URL": "t.me",
    "TELEGRAM_MODE": "push",
    "TELEGRAM_WEBHOOK_SECRET": "no blanks please",
    "INSTAGRAM_APP_ID": "Postcue",
    "INSTAGRAM_APP_SECRET": "no blanks please",
    "INSTAGRAM_AUTHORIZE_URL": "https://u:p@h",
    "INSTAGRAM_TOKEN_URL": "https://h?x=1",
    "INSTAGRAM_GRAPH_URL": "https://",
    "INSTAGRAM_GRAPH_VERSION": "newest",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_value_that_cannot_be_read_is_named_and_not_repeated(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationFaults) as caught:
        load({"DATA_DIR": str(tmp_path), name: BROKEN[name]}, None)

    assert caught.value.faults[0].startswith(f"{name} ")
    assert "\n" not in caught.value.faults[0]
    assert BROKEN[name] not in caught.value.faults[0].removeprefix(name)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationFaults) as caught:
        load({"DATA_DIR": str(tmp_path)} | BROKEN, None)

    assert {fault.partition(" ")[0] for fault in caught.value.faults} == set(BROKEN)


@examples(deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(words_of_settings())), st.text(max_size=40)))
def test_no_text_whatever_breaks_the_reading(environ: dict[str, str]) -> None:
    environ |= {"DATA_DIR": "", "ENCRYPTION_KEYS": environ.get("ENCRYPTION_KEYS") or new_key()}

    faults: list[str] = []
    try:
        load(environ, None)
    except ConfigurationFaults as err:
        faults = err.faults

    assert all(fault.isprintable() for fault in faults)


def test_every_setting_has_its_words() -> None:
    for name, words in words_of_settings().items():
        assert words.purpose.endswith("."), name
        assert words.example, name
        assert words.needed_by, name
        assert not (words.default and words.default_words), name


# ── secrets ──────────────────────────────────────────────────────────────────────────────────


def test_s5_settings_print_no_secret() -> None:
    settings = load(SAFE, None)

    printed = f"{settings!r} {settings}"

    assert not [text for text in settings.secret_texts() if text in printed]


def test_s5_faults_print_no_secret() -> None:
    faults = faults_of(
        DATABASE_URL="postgresql://u:se#cret/@h:port/d",
        REDIS_URL="redis://:hush-hush-hush@h:port",
        ENCRYPTION_KEYS=SAFE["ENCRYPTION_KEYS"] + ",k2:hush",
        TELEGRAM_WEBHOOK_SECRET="hush hush",
    )

    assert len(faults) == 4
    assert not re.search("hush|se#cret", " ".join(faults))


def test_every_setting_that_holds_a_secret_has_the_secret_type() -> None:
    settings = load(SAFE, None)

    secret = {
        each.name
        for each in fields(Settings)
        if isinstance(getattr(settings, each.name), SecretStr)
    }

    assert secret == {
        "database_url",
        "redis_url",
        "encryption_keys",
        "telegram_bot_token",
        "telegram_webhook_secret",
        "slack_bot_token",
        "slack_app_token",
        "slack_signing_secret",
        "slack_client_secret",
        "instagram_app_secret",
    }


def test_passwords_are_hidden_by_themselves_but_never_a_word_of_everyday() -> None:
    settings = load(SAFE, None)
    harmless = load(
        {
            "DATABASE_URL": "postgresql://postgres:postgres@127.0.0.1/x",
            "ENCRYPTION_KEYS": new_key(),
        },
        None,
    )

    assert {"orange-lamp-4711", "green-chair-0815"} <= set(settings.secret_texts())
    assert "postgres" not in harmless.secret_texts()


# ── the key of a demo ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("environment", ["demo", "development"])
def test_a_key_is_made_once_and_kept_for_its_owner_only(environment: str, tmp_path: Path) -> None:
    environ = {"POSTCUE_ENV": environment, "DATA_DIR": str(tmp_path / "new" / "folder")}

    first = load(environ, None)
    second = load(environ, None)

    path = tmp_path / "new" / "folder" / KEY_FILE
    assert first.encryption_keys == second.encryption_keys
    assert first.keyring.kids == ("k1",)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_keys_that_are_set_are_taken_and_none_is_made(tmp_path: Path) -> None:
    settings = load({"DATA_DIR": str(tmp_path), "ENCRYPTION_KEYS": new_key("k7")}, None)

    assert settings.keyring.kids == ("k7",)
    assert not list(tmp_path.iterdir())


def test_a_damaged_kept_key_is_a_fault_and_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / KEY_FILE).write_text("k1:half")

    with pytest.raises(ConfigurationFaults) as caught:
        load({"DATA_DIR": str(tmp_path)}, None)

    assert KEY_FILE in caught.value.faults[0]
    assert (tmp_path / KEY_FILE).read_text() == "k1:half"


def test_a_folder_that_cannot_be_made_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(ConfigurationFaults) as caught:
        load({"DATA_DIR": str(tmp_path / "file" / "data")}, None)

    assert caught.value.faults[0].startswith("DATA_DIR cannot be written")


# ── what a command needs ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("command", ["up", "chat"])
def test_without_a_chat_token_there_is_nothing_to_listen_to(command: str, tmp_path: Path) -> None:
    (fault,) = load({"DATA_DIR": str(tmp_path)}, None).faults_for(command)

    assert fault.startswith("TELEGRAM_BOT_TOKEN is missing")
    assert "make demo" in fault


@pytest.mark.parametrize("command", ["worker", "clock"])
def test_processes_of_their_own_need_redis(command: str, tmp_path: Path) -> None:
    (fault,) = load({"DATA_DIR": str(tmp_path)}, None).faults_for(command)

    assert fault.startswith("REDIS_URL is missing")


@pytest.mark.parametrize("command", ["up", "chat", "site", "worker", "clock", "migrate", "doctor"])
def test_complete_settings_do_for_every_command(command: str) -> None:
    assert load(SAFE, None).faults_for(command) == []


# ── what must not start in production ────────────────────────────────────────────────────────


def test_s18_production_starts_with_safe_settings() -> None:
    settings = load(SAFE, None)

    assert settings.is_production
    assert settings.log_format == "json"


def test_s18_production_makes_no_key_by_itself(tmp_path: Path) -> None:
    fault = only_fault_of(ENCRYPTION_KEYS="", DATA_DIR=str(tmp_path))

    assert fault.startswith("ENCRYPTION_KEYS is missing")
    assert "Make one with: python -c" in fault
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ("k1:" + base64.b64encode(b"short").decode(), "5 bytes long"),
        ("k1:" + base64.b64encode(b"x" * 32).decode(), "placeholder"),
        ("changeme", "id:base64"),
        pytest.param(f"{new_key('k1')},{new_key('k1')}", "twice", id="same-id-twice"),
    ],
)
def test_bad_089_an_encryption_key_that_does_not_do_is_refused_everywhere(
    keys: str, says: str
) -> None:
    for environment in ("production", "development", "demo"):
        fault = only_fault_of(ENCRYPTION_KEYS=keys, POSTCUE_ENV=environment)

        assert fault.startswith("ENCRYPTION_KEYS cannot be used")
        assert says in fault


UNSAFE = [
    ("PUBLIC_URL", "http://post.example.com", "https://"),
    ("PUBLIC_URL", "", "https://"),
    ("PUBLIC_URL", "https://localhost", "reachable from outside"),
    ("PUBLIC_URL", "https://10.0.0.7", "reachable from outside"),
    ("PUBLIC_URL", "https://nas.local", "reachable from outside"),
    ("TELEGRAM_API_URL", "http://api.telegram.org", "https://"),
    ("TELEGRAM_API_URL", "https://127.0.0.1:9000/telegram", "this machine"),
    ("TELEGRAM_LINK_URL", "http://127.0.0.1:9000/t.me", "https://"),
    ("INSTAGRAM_AUTHORIZE_URL", "http://127.0.0.1/oauth", "https://"),
    ("INSTAGRAM_TOKEN_URL", "https://[::1]/token", "this machine"),
    ("INSTAGRAM_GRAPH_URL", "https://0x7f.1", "this machine"),
    ("DATABASE_URL", "postgresql://postcue:postgres@db/postcue", "default password"),
    ("DATABASE_URL", "postgresql://someone:someone@db/postcue", "default password"),
    ("DATABASE_URL", "postgresql://db/postcue?password=changeme", "default password"),
    ("DATABASE_URL", "postgresql://someone@db/postcue", "no password"),
    ("REDIS_URL", "redis://redis:6379/0", "no password"),
    ("REDIS_URL", "redis://:redis@redis:6379/0", "default password"),
    ("TELEGRAM_BOT_TOKEN", "123:short", "whole token"),
    ("TELEGRAM_WEBHOOK_SECRET", "short", "32 letters"),
    ("TELEGRAM_WEBHOOK_SECRET", "changeme-changeme-changeme-changeme", "placeholder"),
    ("TELEGRAM_WEBHOOK_SECRET", "a" * 40, "placeholder"),
    ("INSTAGRAM_APP_SECRET", "short", "16 letters"),
    ("INSTAGRAM_APP_SECRET", "your-instagram-app-secret", "placeholder"),
    ("INSTAGRAM_APP_SECRET", "", "belongs to INSTAGRAM_APP_ID"),
    ("INSTAGRAM_APP_ID", "", "belongs to INSTAGRAM_APP_SECRET"),
    ("CLOCK_SHIFT_FILE", "/tmp/shift", "real time"),
    ("LOG_LEVEL", "debug", "debug"),
]


@pytest.mark.parametrize(("name", "value", "says"), UNSAFE)
def test_bad_089_production_refuses_what_is_unsafe(name: str, value: str, says: str) -> None:
    fault = only_fault_of(**{name: value})

    assert fault.startswith(f"{name} ")
    assert says in fault


def test_bad_089_webhook_without_a_secret_is_refused_everywhere() -> None:
    for environment in ("production", "development", "demo"):
        fault = only_fault_of(TELEGRAM_MODE="webhook", POSTCUE_ENV=environment)

        assert fault.startswith("TELEGRAM_WEBHOOK_SECRET is missing")
        assert "openssl rand -hex 32" in fault


def test_s18_every_unsafe_setting_is_told_in_one_go() -> None:
    first_of_each = {name: value for name, value, _ in reversed(UNSAFE) if value}

    faults = faults_of(**first_of_each)

    assert {fault.partition(" ")[0] for fault in faults} == set(first_of_each) - {
        "INSTAGRAM_APP_ID"
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"REDIS_URL": "redis://127.0.0.1:6379"},
        {"REDIS_URL": "unix:///run/redis.sock"},
        {"REDIS_URL": ""},
        {"DATABASE_URL": "postgresql://postcue@/postcue?host=/run/postgresql"},
        {"DATABASE_URL": "postgresql://postcue@127.0.0.1/postcue"},
        {"DATABASE_URL": ""},
        {"TELEGRAM_MODE": "webhook", "TELEGRAM_WEBHOOK_SECRET": os.urandom(16).hex()},
    ],
)
def test_s18_production_takes_what_is_safe(changes: dict[str, str]) -> None:
    assert load(SAFE | changes, None).is_production


def test_a_demo_may_use_stand_ins_on_this_machine(tmp_path: Path) -> None:
    settings = load(
        {
            "POSTCUE_ENV": "demo",
            "DATA_DIR": str(tmp_path),
            "TELEGRAM_BOT_TOKEN": "1:sandbox",
            "TELEGRAM_API_URL": "http://127.0.0.1:9000/telegram",
            "INSTAGRAM_GRAPH_URL": "http://127.0.0.1:9000/instagram/graph",
            "CLOCK_SHIFT_FILE": str(tmp_path / "shift"),
        },
        None,
    )

    assert settings.faults_for("up") == []


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST.", "a.localhost", "127.0.0.1", "127.1", "0x7f.1", "2130706433", "::1",
     "::ffff:127.0.0.1", "0.0.0.0", "::", "169.254.169.254", "fe80::1", ""],
)  # fmt: skip
def test_s18_this_machine_is_known_in_every_spelling(host: str) -> None:
    assert is_this_machine(host)


@pytest.mark.parametrize("host", ["api.telegram.org", "10.0.0.1", "8.8.8.8", "localhost.example"])
def test_other_machines_are_other_machines(host: str) -> None:
    assert not is_this_machine(host)


# ── Slack ────────────────────────────────────────────────────────────────────────────────────

SLACK = {
    "TELEGRAM_BOT_TOKEN": "",
    "SLACK_BOT_TOKEN": "xoxb-7301928465-8273645190-kQ3vZ9pLw7RtYx2Vb8Nc",
    "SLACK_APP_TOKEN": "xapp-1-A07KQ3VZ9PL-7301928465-9f2c4e6a8b0d1f3c5e7a",
    "SLACK_SIGNING_SECRET": "8d1c4e6a9b0d2f3c5e7a9b1d3f5c7e90",
    "SLACK_CLIENT_ID": "7301928465.8273645190",
    "SLACK_CLIENT_SECRET": "7c1d4e6a9b0d2f3c5e7a9b1d3f5c7e91",
}


@pytest.mark.parametrize(
    "given",
    [
        ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"),
        ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"),
        ("SLACK_SIGNING_SECRET", "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"),
        tuple(SLACK)[1:],
    ],
)
def test_slack_alone_is_a_chat_to_listen_to(given: tuple[str, ...]) -> None:
    chosen = {name: SLACK[name] for name in given}

    settings = load(SAFE | {"TELEGRAM_BOT_TOKEN": ""} | chosen, None)

    assert settings.has_slack
    assert settings.faults_for("up") == []
    shown = set(settings.secret_texts())
    assert {text for name, text in chosen.items() if name != "SLACK_CLIENT_ID"} <= shown


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        (("SLACK_BOT_TOKEN",), "SLACK_SIGNING_SECRET is missing"),
        (("SLACK_APP_TOKEN",), "SLACK_BOT_TOKEN is missing"),
        (("SLACK_SIGNING_SECRET",), "SLACK_BOT_TOKEN is missing"),
        (("SLACK_SIGNING_SECRET", "SLACK_CLIENT_ID"), "SLACK_CLIENT_SECRET is missing"),
        (
            ("SLACK_SIGNING_SECRET", "SLACK_BOT_TOKEN", "SLACK_CLIENT_SECRET"),
            "SLACK_CLIENT_ID is missing",
        ),
    ],
)
def test_half_a_slack_app_is_named_with_what_it_lacks(
    given: tuple[str, ...], missing: str
) -> None:
    assert only_fault_of(**{name: SLACK[name] for name in given}).startswith(missing)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SLACK_API_URL", "http://slack.com/api"),
        ("SLACK_FILES_URL", "https://127.0.0.1"),
        ("SLACK_AUTHORIZE_URL", "https://localhost/oauth"),
        ("SLACK_SIGNING_SECRET", "short"),
        ("SLACK_CLIENT_SECRET", "changeme-changeme-changeme-changeme"),
        ("SLACK_BOT_TOKEN", "xoxb-short"),
        ("SLACK_APP_TOKEN", "xapp-example-example-example-example"),
        ("SLACK_BOT_TOKEN", "nonsense"),
    ],
)
def test_s18_production_takes_no_pretend_slack_and_no_invented_secret(
    name: str, value: str
) -> None:
    assert only_fault_of(**{**SLACK, name: value}).startswith(name)
