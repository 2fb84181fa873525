"""What a pretend chat remembers, kept on disk so that no id ever begins again."""

import asyncio
import contextlib
import json
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

Json = dict[str, Any]

SAVE_DELAY_SECONDS = 0.05
IDS_SKIPPED_AFTER_A_RESTART = 50
"""A stand-in that was killed may not have written its last ids; it begins well after them."""


@dataclass(slots=True, kw_only=True)
class Counted:
    """What every state remembers: the numbers it has given."""

    counters: dict[str, int] = field(default_factory=dict)

    def next(self, counter: str, first: int = 1) -> int:
        """Give the next number of *counter*."""
        number = self.counters.get(counter, first - 1) + 1
        self.counters[counter] = number
        return number


AnyState = TypeVar("AnyState", bound=Counted)


class Keeper(Generic[AnyState]):
    """Keeps state and file bytes: in a folder, or in memory when there is none.

    *new* makes an empty state, *read* makes one of what was kept.
    """

    def __init__(
        self, folder: Path | None, new: Callable[[], AnyState], read: Callable[[Json], AnyState]
    ) -> None:
        self.folder = folder
        self._read = read
        self._blobs: dict[str, bytes] = {}
        self._saving: asyncio.TimerHandle | None = None
        if folder is not None:
            (folder / "files").mkdir(parents=True, exist_ok=True)
        self.state = self._loaded() or new()
        """All of last time, or nothing yet."""

    def changed(self) -> None:
        """Note that something changed; it is on disk a moment later."""
        if self.folder is None or self._saving is not None:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self.save()
            return
        self._saving = loop.call_later(SAVE_DELAY_SECONDS, self.save)

    def save(self) -> None:
        """Write the state whole beside the old one now, then put it in its place."""
        if self._saving is not None:
            self._saving.cancel()
            self._saving = None
        if self.folder is None:
            return
        fresh = self.folder / "state.json.new"
        fresh.write_text(json.dumps(asdict(self.state), ensure_ascii=True))
        fresh.replace(self.folder / "state.json")

    def put_blob(self, data: bytes) -> str:
        """Keep *data*; give the name to ask for it by."""
        name = secrets.token_hex(12)
        if self.folder is None:
            self._blobs[name] = data
        else:
            (self.folder / "files" / name).write_bytes(data)
        return name

    def blob(self, name: str) -> bytes:
        """Give the bytes kept under *name* (empty when they are gone)."""
        if self.folder is None:
            return self._blobs.get(name, b"")
        with contextlib.suppress(FileNotFoundError):
            return (self.folder / "files" / name).read_bytes()
        return b""

    def _loaded(self) -> AnyState | None:
        if self.folder is None or not (self.folder / "state.json").exists():
            return None
        state = self._read(json.loads((self.folder / "state.json").read_text()))
        state.counters = {
            name: last + IDS_SKIPPED_AFTER_A_RESTART for name, last in state.counters.items()
        }
        return state
