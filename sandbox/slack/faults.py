"""Faults on demand: what goes wrong, for which methods, how many times."""

import asyncio
import itertools
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

from sandbox.slack.errors import RateLimited, SlackError

FaultKind = Literal["ratelimited", "error", "server_error", "hang", "drop", "drop_before"]
"""ratelimited: 429 · error: any ``error`` string · server_error: a status without JSON · hang: no
answer until cleared · drop: the work is done, then the connection is cut · drop_before: cut,
nothing done."""

KINDS: tuple[str, ...] = get_args(FaultKind)
EVERY_METHOD = "*"
_numbers = itertools.count(1)


@dataclass(slots=True)
class Fault:
    """One thing that goes wrong.

    *method* ``*`` is every method of the Web API but apps.connections.open; ``(download)``,
    ``(upload)`` and ``(response_url)`` name the other doors. *times* None means until cleared.
    *channel* limits the fault to calls for that channel.
    """

    kind: FaultKind
    method: str = EVERY_METHOD
    times: int | None = 1
    channel: str = ""
    error: str = "internal_error"
    retry_after: int = 1
    status: int = 503
    id: int = field(default_factory=lambda: next(_numbers))

    def hits(self, method: str, channel: object) -> bool:
        """Tell whether this fault is for a call of *method* in *channel*."""
        if self.method == EVERY_METHOD:
            if method == "apps.connections.open" or method.startswith("("):
                return False
        elif self.method != method:
            return False
        return not self.channel or self.channel == channel

    def refusal(self) -> SlackError | None:
        """Give the refusal this fault makes, None when it is none in JSON."""
        match self.kind:
            case "ratelimited":
                return RateLimited(self.retry_after)
            case "error":
                return SlackError(self.error)
        return None


class Faults:
    """The faults that are switched on now."""

    def __init__(self) -> None:
        self.active: list[Fault] = []
        self._hanging: set[tuple[int, asyncio.Event]] = set()
        self._begun: set[int] = set()

    def add(self, fault: Fault) -> Fault:
        """Switch *fault* on."""
        self.active.append(fault)
        return fault

    def clear(self, fault_id: int | None = None) -> None:
        """Switch one fault off, or all."""
        self.active = [one for one in self.active if fault_id is not None and one.id != fault_id]
        self._begun -= {fault_id} if fault_id is not None else set(self._begun)
        for number, released in self._hanging:
            if fault_id is None or number == fault_id:
                released.set()

    async def cleared(self, fault: Fault) -> None:
        """Wait until *fault* is switched off by hand."""
        if fault.id not in self._begun:
            return
        mine = (fault.id, asyncio.Event())
        self._hanging.add(mine)
        try:
            await mine[1].wait()
        finally:
            self._hanging.discard(mine)

    def take(self, method: str, channel: object) -> Fault | None:
        """Give the fault that this call meets and count it; None when nothing is to go wrong."""
        for fault in self.active:
            if fault.hits(method, channel):
                self._count(fault)
                return fault
        return None

    def listed(self) -> list[dict[str, Any]]:
        """Give the active faults as plain data."""
        return [asdict(one) for one in self.active]

    def _count(self, fault: Fault) -> None:
        self._begun.add(fault.id)
        if fault.times is None:
            return
        fault.times -= 1
        if fault.times <= 0:
            self.active.remove(fault)
