"""Faults on demand: what goes wrong, for which methods, how many times."""

import asyncio
import itertools
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

from sandbox.telegram.errors import ApiError, bad_request, flood, forbidden

FaultKind = Literal[
    "flood",
    "blocked",
    "kicked",
    "chat_not_found",
    "server_error",
    "hang",
    "drop",
    "drop_before",
    "error",
]
"""flood: 429 · blocked, kicked: 403 · chat_not_found: 400 · server_error: 5xx · hang: no answer
until cleared · drop: the work is done, then the connection is cut · drop_before: cut, nothing done
· error: any status and words."""

KINDS: tuple[str, ...] = get_args(FaultKind)
EVERY_METHOD = "*"
_numbers = itertools.count(1)


@dataclass(slots=True)
class Fault:
    """One thing that goes wrong.

    *method* ``*`` means every method but getUpdates, which must be named. *times* None means until
    cleared. *chat_id* limits the fault to calls for that chat. *retry_after* serves flood (and may
    be given with server_error), *status* and *description* serve error and server_error.
    """

    kind: FaultKind
    method: str = EVERY_METHOD
    times: int | None = 1
    chat_id: int | None = None
    retry_after: int = 1
    status: int = 502
    description: str = "Bad Gateway"
    id: int = field(default_factory=lambda: next(_numbers))

    def hits(self, method: str, chat_id: object) -> bool:
        """Tell whether this fault is for a call of *method* to *chat_id*."""
        if self.method == EVERY_METHOD:
            if method.lower() == "getupdates":
                return False
        elif self.method.lower() != method.lower():
            return False
        return self.chat_id is None or str(self.chat_id) == str(chat_id)

    def error(self) -> ApiError | None:
        """Give the answer this fault makes, None when it is none of words (hang, drop)."""
        match self.kind:
            case "flood":
                return flood(self.retry_after)
            case "blocked":
                return forbidden("bot was blocked by the user")
            case "kicked":
                return forbidden("bot was kicked from the supergroup chat")
            case "chat_not_found":
                return bad_request("chat not found")
            case "server_error" | "error":
                return ApiError(self.status, self.description)
        return None


class Faults:
    """The faults that are switched on now."""

    def __init__(self) -> None:
        self.active: list[Fault] = []
        self._hanging: set[tuple[int, asyncio.Event]] = set()

    def add(self, fault: Fault) -> Fault:
        """Switch *fault* on."""
        self.active.append(fault)
        return fault

    def clear(self, fault_id: int | None = None) -> None:
        """Switch one fault off, or all."""
        self.active = [one for one in self.active if fault_id is not None and one.id != fault_id]
        for number, released in self._hanging:
            if fault_id is None or number == fault_id:
                released.set()

    async def cleared(self, fault: Fault) -> None:
        """Wait until *fault* is switched off by hand."""
        mine = (fault.id, asyncio.Event())
        self._hanging.add(mine)
        try:
            await mine[1].wait()
        finally:
            self._hanging.discard(mine)

    def take(self, method: str, chat_id: object) -> Fault | None:
        """Give the fault that this call meets and count it; None when nothing is to go wrong."""
        for fault in self.active:
            if fault.hits(method, chat_id):
                self._count(fault)
                return fault
        return None

    def listed(self) -> list[dict[str, Any]]:
        """Give the active faults as plain data."""
        return [asdict(one) for one in self.active]

    def _count(self, fault: Fault) -> None:
        if fault.times is None:
            return
        fault.times -= 1
        if fault.times <= 0:
            self.active.remove(fault)
