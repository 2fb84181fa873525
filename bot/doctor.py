"""Looks at every part of an installation, and says of each failure what to do."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from aiohttp import ClientError, ClientSession, ClientTimeout

from bot.settings.fields import Settings
from bot.settings.key import KEY_FILE
from integrations.chat.contract import Chat
from integrations.chat.errors import ChatBusy, ChatError, TokenRefused
from models.condition import (
    MAX_CLOCK_DIFFERENCE,
    clock_difference,
    missing_migrations,
    server_version,
    unknown_key_ids,
    wrong_key_ids,
)
from models.installation import Installation
from models.team import Place, Team

if TYPE_CHECKING:
    from integrations.storage.contract import MediaStore
    from models.clock import Clock

ANSWER_SECONDS = 10.0
"""How long each part may take to answer."""

START_SECONDS = 60.0
"""How long an embedded database may take to start the first time and to answer."""

_PROBE_LIVES = timedelta(minutes=1)
LITTLE_SPACE_BYTES = 1_000_000_000
_ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata")


class Level(StrEnum):
    """How a part is; only a failure makes the doctor end with 1."""

    OK = "ok"
    NOTE = "note"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found at one part, and what to do about it ("" when it is well)."""

    part: str
    level: Level
    says: str
    do: str = ""


@dataclass(frozen=True, slots=True)
class Parts:
    """What is to be looked at, built and handed in by the wiring.

    `open_database` opens the pool of `models.database` (and the embedded server where there is
    one); `live_path` is where the site answers that it lives.
    """

    settings: Settings
    clock: "Clock"
    open_database: Callable[[], AbstractAsyncContextManager[object]]
    store: "MediaStore"
    chats: Sequence[Chat] = field(default=())
    live_path: str = "/health/live"


async def examine(parts: Parts) -> list[Finding]:
    """Return the findings of every part; no part that is broken hides another."""
    found: list[Finding] = []
    for name, look in (
        ("database", _database),
        ("redis", _redis),
        ("media store", _store),
        ("chats", _chats),
        ("instagram", _instagram),
        ("public url", _public_url),
        ("time zones", _time_zones),
        ("virus scan", _virus_scan),
    ):
        found += await _look(name, look, parts)
    return found


async def _look(
    name: str, look: Callable[[Parts], Awaitable[list[Finding]]], parts: Parts
) -> list[Finding]:
    try:
        async with asyncio.timeout(START_SECONDS + ANSWER_SECONDS):
            return await look(parts)
    except Exception as err:  # noqa: BLE001 — whatever is broken there, the others get their turn
        said = f"{type(err).__name__}: {err}".splitlines()[0]
        return [Finding(name, Level.FAILURE, said, "this is not expected; the log tells more")]


def exit_code(findings: Iterable[Finding]) -> int:
    """Return 1 when something has failed, else 0."""
    return int(any(each.level is Level.FAILURE for each in findings))


def told(findings: Sequence[Finding]) -> str:
    """Return the findings as lines for a terminal."""
    lines = []
    for each in findings:
        lines.append(f"{each.level.value:<8} {each.part:<15} {each.says}")
        if each.do:
            lines.append(f"{'':<24} → {each.do}")
    failures = sum(each.level is Level.FAILURE for each in findings)
    lines.append(f"{failures} to mend" if failures else "Everything that was looked at is well.")
    return "\n".join(lines)


# ── the parts, one by one ────────────────────────────────────────────────────────────────────


async def _database(parts: Parts) -> list[Finding]:
    try:
        async with asyncio.timeout(START_SECONDS), parts.open_database():
            return [
                Finding("database", Level.OK, f"PostgreSQL {await server_version()} answers"),
                await _schema(),
                await _clock(parts),
                *await _keys(parts),
                *await _failures_places(),
                *await _installations(parts),
            ]
    except Exception as err:  # noqa: BLE001 — refused, unknown host, wrong password, no wheel: all one
        do = (
            "check DATABASE_URL, and that the server runs and lets us in"
            if parts.settings.database_url
            else "set DATABASE_URL to a PostgreSQL of yours, this machine cannot run its own"
        )
        said = (str(err) or type(err).__name__).splitlines()[0]
        return [Finding("database", Level.FAILURE, f"cannot be used: {said}", do)]


async def _schema() -> Finding:
    missing = await missing_migrations()
    if missing:
        said = f"is older than the program, it lacks {', '.join(missing)}"
        return Finding("schema", Level.FAILURE, said, "run: python -m bot migrate")
    return Finding("schema", Level.OK, "is the one this program wants")


async def _clock(parts: Parts) -> Finding:
    shift = parts.clock.shift
    apart = await clock_difference(parts.clock.now() - shift)
    if abs(apart) > MAX_CLOCK_DIFFERENCE:
        said = f"differs from the database's by {abs(apart).total_seconds():.0f} s"
        return Finding("clock", Level.FAILURE, said, "let NTP set the clock on both machines")
    if shift:
        said = f"is moved by {_plain(shift)} (CLOCK_SHIFT_FILE)"
        return Finding("clock", Level.NOTE, said, "empty CLOCK_SHIFT_FILE to run on the real time")
    return Finding("clock", Level.OK, "agrees with the database's")


def _plain(shift: timedelta) -> str:
    sign = "-" if shift < timedelta() else "+"
    return f"{sign}{abs(shift)}"


async def _keys(parts: Parts) -> list[Finding]:
    kids = parts.settings.keyring.kids
    if await missing_migrations():
        return []
    unknown = await unknown_key_ids(parts.settings.keyring)
    if unknown:
        return [
            Finding(
                "encryption keys",
                Level.FAILURE,
                f"stored tokens need {', '.join(unknown)}, ENCRYPTION_KEYS has {', '.join(kids)}",
                "put the missing key back behind the others; rotate-keys makes it unneeded",
            )
        ]
    wrong = await wrong_key_ids(parts.settings.keyring)
    if wrong:
        return [
            Finding(
                "encryption keys",
                Level.FAILURE,
                f"{', '.join(wrong)} is another key than stored tokens are sealed under",
                f"put the right one back into ENCRYPTION_KEYS, or into {KEY_FILE} in DATA_DIR",
            )
        ]
    kept = parts.settings.data_dir / KEY_FILE
    if not parts.settings.is_production and kept.exists():
        said = f"{', '.join(kids)}; kept in {kept}, without it stored tokens do not open"
        return [Finding("encryption keys", Level.OK, said)]
    return [Finding("encryption keys", Level.OK, f"{kids[0]} seals, {len(kids)} can open")]


async def _installations(parts: Parts) -> list[Finding]:
    """Name the workspaces in which the service does not renew our token any more."""
    if await missing_migrations():
        return []
    refused = await Installation.filter(refused_at__isnull=False, ended_at__isnull=True)
    return [
        Finding(
            one.chat,
            Level.FAILURE,
            f"{one.name or one.workspace} does not renew our token, which ends"
            f" {one.token_ends_at or parts.clock.now():%Y-%m-%d %H:%M} UTC",
            f"install the app there again: {parts.settings.public_url}/{one.chat}/install",
        )
        for one in refused
    ]


async def _failures_places() -> list[Finding]:
    """Say when failures are told only where posts are made."""
    if await missing_migrations():
        return []
    teams, with_place = await Team.all().count(), await Place.filter(tells_failures=True).count()
    if with_place >= teams:
        return []
    said = f"{with_place} of {teams} teams have a group in which failures are told, too"
    return [Finding("failures", Level.NOTE, said, "write /failures here in a group of the team")]


async def _redis(parts: Parts) -> list[Finding]:
    if not parts.settings.redis_url:
        return [Finding("redis", Level.NOTE, "none: only `up` runs, work is handed on in process")]
    # Every process imports this module, and only the doctor itself needs the client.
    from redis.asyncio import Redis  # noqa: PLC0415
    from redis.exceptions import RedisError  # noqa: PLC0415

    client = Redis.from_url(
        parts.settings.redis_url.get_secret_value(),
        socket_timeout=ANSWER_SECONDS,
        socket_connect_timeout=ANSWER_SECONDS,
    )
    try:
        await client.ping()
    except (RedisError, OSError, TimeoutError) as err:
        said = f"does not answer: {str(err) or type(err).__name__}".splitlines()[0]
        do = "check REDIS_URL and its password; meanwhile workers find their work by themselves"
        return [Finding("redis", Level.FAILURE, said, do)]
    finally:
        await client.aclose()
    return [Finding("redis", Level.OK, "answers")]


async def _store(parts: Parts) -> list[Finding]:
    folder = parts.settings.data_dir
    try:
        await parts.store.check()
        free = (await asyncio.to_thread(shutil.disk_usage, folder)).free
    except OSError as err:
        said = f"cannot be written and read: {err.strerror or err}"
        do = f"give the user that runs Postcue the right to write in {folder}"
        return [Finding("media store", Level.FAILURE, said, do)]
    if free < LITTLE_SPACE_BYTES:
        said = f"works, but only {free // 1_000_000} MB are free"
        return [Finding("media store", Level.WARNING, said, f"make room where {folder} is")]
    return [Finding("media store", Level.OK, f"works, {free // 1_000_000_000} GB are free")]


async def _chats(parts: Parts) -> list[Finding]:
    faults = parts.settings.faults_for("chat")
    if faults:
        said, _, do = faults[0].partition(". ")
        return [Finding("chats", Level.FAILURE, said, do)]
    return [finding for chat in parts.chats for finding in await _chat(chat)]


async def _chat(chat: Chat) -> list[Finding]:
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            known = await chat.introduce()
    except TokenRefused as err:
        do = f"take a fresh token and put it into .env (docs/{chat.name}.md)"
        return [Finding(chat.name, Level.FAILURE, f"refuses us: {err}", do)]
    except (ChatBusy, TimeoutError, OSError):
        said = "does not answer"
        do = (
            "check the way out of this machine (proxy, firewall), or wait: the service may be down"
        )
        return [Finding(chat.name, Level.FAILURE, said, do)]
    except ChatError as err:
        do = f"take a fresh token and put it into .env (docs/{chat.name}.md)"
        return [Finding(chat.name, Level.FAILURE, f"refuses us: {err}", do)]
    where = f", open it at {known.deep_link}" if known.deep_link else ""
    found = [Finding(chat.name, Level.OK, f"knows us as @{known.username}{where}")]
    if known.missing_rights:
        said = f"lacks the rights {', '.join(known.missing_rights)}"
        do = f"give them to the app, then install it again (docs/{chat.name}.md)"
        found.append(Finding(chat.name, Level.FAILURE, said, do))
    if chat.name == "telegram":
        said = "in groups a bot hears only mentions, replies and commands"
        do = "to let it hear all: make it an admin there, or /setprivacy → Disable at BotFather"
        found.append(Finding(chat.name, Level.NOTE, said, do))
    return found


async def _instagram(parts: Parts) -> list[Finding]:
    settings = parts.settings
    if not settings.instagram_app_id or not settings.instagram_app_secret:
        return [
            Finding(
                "instagram",
                Level.FAILURE,
                "nobody can connect: INSTAGRAM_APP_ID and INSTAGRAM_APP_SECRET are empty",
                "make a Meta app and copy both from it (docs/instagram.md)",
            )
        ]
    said = f"app {settings.instagram_app_id}, API {settings.instagram_graph_version}"
    return [Finding("instagram", Level.OK, said)]


async def _public_url(parts: Parts) -> list[Finding]:
    url = parts.settings.public_url
    found: list[Finding] = []
    if not url.startswith("https://"):
        said = f"{url} is not https: real services will not come there"
        level = Level.NOTE if parts.settings.postcue_env == "demo" else Level.WARNING
        found.append(
            Finding("public url", level, said, "get an https address (docs/instagram.md)")
        )
    try:
        async with (
            ClientSession(timeout=ClientTimeout(total=ANSWER_SECONDS)) as session,
            session.get(url + parts.live_path, allow_redirects=False) as answer,
        ):
            status = answer.status
    except (ClientError, TimeoutError, OSError):
        # A house often cannot see itself from outside (NAT), so this is never a failure.
        do = "is the site running, does the name lead here, is the port open? Try it from a phone"
        found.append(Finding("public url", Level.WARNING, f"nothing answers at {url}", do))
        return found
    if status != 200:  # noqa: PLR2004
        do = "does the address lead to Postcue's site, and not to another program?"
        said = f"{url}{parts.live_path} answers {status}"
        found.append(Finding("public url", Level.WARNING, said, do))
        return found
    found.append(Finding("public url", Level.OK, f"{url} leads to our site"))
    found.append(await _media_link(parts))
    return found


async def _media_link(parts: Parts) -> Finding:
    """Fetch a byte of an object of ours by the address that platforms are given."""
    try:
        stored = await parts.store.put(
            _probe(), suffix=".jpg", mime="image/jpeg", max_bytes=LITTLE_SPACE_BYTES
        )
    except OSError:
        return Finding("media links", Level.NOTE, "not looked at, the media store does not work")
    try:
        url = parts.store.signed_url(stored.key, lives=_PROBE_LIVES)
        async with (
            ClientSession(timeout=ClientTimeout(total=ANSWER_SECONDS)) as session,
            session.get(url, headers={"Range": "bytes=0-0"}, allow_redirects=False) as answer,
        ):
            status = answer.status
    except (ClientError, TimeoutError, OSError):
        status = 0
    finally:
        await parts.store.delete(stored.key)
    if status in {200, 206}:
        return Finding("media links", Level.OK, "lead to our media")
    said = f"answer {status or 'nothing'}: from here our own media cannot be fetched"
    do = "do site and workers share DATA_DIR, and does the proxy pass /m/ on?"
    return Finding("media links", Level.WARNING, said, do)


async def _probe() -> AsyncIterator[bytes]:
    yield b"probe"


async def _time_zones(_: Parts) -> list[Finding]:
    try:
        for name in _ZONES:
            await asyncio.to_thread(ZoneInfo, name)
    except (ZoneInfoNotFoundError, OSError):
        do = "install the time-zone data: the package tzdata of the system, or of Python"
        return [Finding("time zones", Level.FAILURE, "the time-zone data are missing", do)]
    try:
        said = f"known (tzdata {version('tzdata')})"
    except PackageNotFoundError:
        said = "known, from the system's data"
    return [Finding("time zones", Level.OK, said)]


async def _virus_scan(_: Parts) -> list[Finding]:
    return [
        Finding("virus scan", Level.NOTE, "OFF: files that people send are not looked through")
    ]
