"""Runs a process: the loops of its roles and the site, until it is told to stop."""

import asyncio
import logging
import signal
from collections.abc import Iterable, Sequence
from contextlib import suppress

from aiohttp import web

from bot.commands import COMMANDS
from bot.settings.fields import Settings
from bot.texts import LANGUAGES, say
from bot.wiring import Parts, build, database_of
from integrations.chat.errors import ChatError
from integrations.chat.incoming import Received
from integrations.chat.outgoing import CommandWords
from models.condition import missing_migrations, unknown_key_ids, wrong_key_ids
from models.database import DATABASE_TROUBLE, INBOX, migrate, open_database
from models.inbox import store_received
from scheduling.when import warm_up
from web_oauth.meta_callbacks import finish_open_deletions

log = logging.getLogger(__name__)

STOP_SECONDS = 25.0
_DELETIONS_SECONDS = 300.0
_LINGER_SECONDS = 1.0


class NotFit(Exception):
    """The process must not run as things stand; the text says what to do."""


class AddressTaken(NotFit):
    """The address of the site is in use by another program."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(f"{host}:{port} is in use by another program: set HTTP_PORT")


async def run(settings: Settings, command: str) -> None:
    """Run the roles of *command* until the process is told to stop."""
    is_embedded = command == "up"
    roles = frozenset({"chat", "site", "worker", "clock"}) if is_embedded else frozenset({command})
    stop = _stop_on_signals()
    async with database_of(settings) as database_url:
        if is_embedded:
            await migrate(database_url)
        await _refuse_misfits(settings, database_url)
        async with build(
            settings, roles=roles, database_url=database_url, is_embedded=is_embedded
        ) as parts:
            log.info("process.started", extra={"roles": ",".join(sorted(roles))})
            await serve(parts, roles, stop, is_embedded=is_embedded)
            log.info("process.stopped")


async def _refuse_misfits(settings: Settings, database_url: str) -> None:
    """Refuse to run on a database that does not fit this program or these keys."""
    async with open_database(database_url, pool_size=1):
        missing = await missing_migrations()
        if missing:
            raise NotFit(
                f"the database lacks {', '.join(missing)}: run `python -m bot migrate` first"
            )
        unknown = await unknown_key_ids(settings.keyring)
        if unknown:
            raise NotFit(
                f"ENCRYPTION_KEYS lacks {', '.join(unknown)}, which stored tokens are sealed"
                " under: put it back behind the others"
            )
        wrong = await wrong_key_ids(settings.keyring)
        if wrong:
            raise NotFit(
                f"the key {', '.join(wrong)} in ENCRYPTION_KEYS is another one than stored tokens"
                " are sealed under: put the right one in its place"
            )


async def serve(
    parts: Parts, roles: frozenset[str], stop: asyncio.Event, *, is_embedded: bool
) -> None:
    """Run the loops of *roles* and the site until *stop* is set or one of them fails."""
    if "chat" in roles:
        await asyncio.to_thread(warm_up)
    runner = await _open_site(parts)
    loops = list(_loops(parts, roles, is_embedded=is_embedded))
    tasks = [asyncio.create_task(coroutine, name=name) for name, coroutine in loops]
    stopping = asyncio.create_task(stop.wait(), name="stop")
    try:
        done, _ = await asyncio.wait([*tasks, stopping], return_when=asyncio.FIRST_COMPLETED)
        for task in done - {stopping}:
            # A loop that ends is a fault: end the process rather than run on without it.
            task.result()
            raise RuntimeError(f"{task.get_name()} ended")
    finally:
        stopping.cancel()
        await _stop(parts, tasks)
        await runner.cleanup()


def _loops(
    parts: Parts, roles: frozenset[str], *, is_embedded: bool
) -> Iterable[tuple[str, "asyncio._CoroutineLike[None]"]]:
    yield "wakeups", parts.wakeups.run(parts.clock.pause)
    if "chat" in roles:
        yield "intake", parts.intake.run()
        yield "courier", parts.courier.run()
        yield "resumer", parts.resumer.run()
        yield "renewer", parts.renewer.run()
        for name, chat in parts.chats.items():
            if chat.is_polled:
                yield f"poll.{name}", chat.poll(lambda batch: _store(parts, batch))
        yield "announce", _announce(parts)
    if "site" in roles:
        yield "deletions", _finish_deletions(parts)
    if "clock" in roles:
        yield "recurrences", parts.house.recurrences.run()
    if is_embedded:
        yield "engine", parts.engine.run_embedded()
        yield "fetcher", parts.fetcher.run()
        return
    if "worker" in roles:
        yield "worker", parts.engine.run_worker()
        yield "fetcher", parts.fetcher.run()
    if "clock" in roles:
        yield "clock", parts.engine.run_clock()


async def _store(parts: Parts, batch: Sequence[Received]) -> None:
    await store_received(batch, parts.clock.now())
    parts.wakeups.wake(INBOX)


async def _announce(parts: Parts) -> None:
    """Put the commands into the chats' menus; again later while a chat is down."""
    words = [
        CommandWords(
            command.name,
            say(f"command.{command.name}"),
            command.in_groups,
            {code: say(f"command.{command.name}", code) for code in LANGUAGES if code != "en"},
        )
        for command in COMMANDS
    ]
    for name, chat in parts.chats.items():
        while True:
            try:
                await chat.announce(words)
                log.info("chat.announced", extra={"chat": name})
                break
            except ChatError:
                log.warning("chat.not_reached", extra={"chat": name}, exc_info=True)
                await parts.clock.pause(30)
    await asyncio.Event().wait()


async def _finish_deletions(parts: Parts) -> None:
    """Finish what a platform asked us to forget, where a crash cut it off."""
    while True:
        with suppress(*DATABASE_TROUBLE):
            await finish_open_deletions(now=parts.clock.now())
        await parts.clock.pause(_DELETIONS_SECONDS)


async def _open_site(parts: Parts) -> web.AppRunner:
    runner = web.AppRunner(
        parts.site, access_log=None, handle_signals=False, lingering_time=_LINGER_SECONDS
    )
    await runner.setup()
    settings = parts.settings
    try:
        await web.TCPSite(runner, settings.http_host, settings.http_port).start()
    except OSError as err:
        await runner.cleanup()
        raise AddressTaken(settings.http_host, settings.http_port) from err
    return runner


async def _stop(parts: Parts, tasks: Sequence[asyncio.Task[None]]) -> None:
    """Stop within 25 s: claim nothing new, finish the step in hand, then end."""
    parts.stopping.set()
    for task in tasks:
        task.cancel()
    _, late = await asyncio.wait(tasks, timeout=STOP_SECONDS)
    for task in late:
        log.warning("process.stop_took_too_long", extra={"loop": task.get_name()})
    for task in tasks:
        if task.done() and not task.cancelled() and task.exception():
            log.error("process.loop_failed", exc_info=task.exception())


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, stop.set)
    return stop
