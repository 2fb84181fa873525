"""Faults on demand: which are switched on, for how many calls, and who waits for their end."""

import asyncio
import itertools
from dataclasses import asdict, dataclass, field
from typing import Any, Generic, TypeVar

EVERY_METHOD = "*"
_numbers = itertools.count(1)


@dataclass(slots=True)
class Fault:
    """One thing that goes wrong; each chat says which kinds it has and whom they hit.

    *times* None means until cleared.
    """

    kind: str
    method: str = EVERY_METHOD
    times: int | None = 1
    id: int = field(default_factory=lambda: next(_numbers), kw_only=True)

    def hits(self, method: str, place: object) -> bool:
        """Tell whether this fault is for a call of *method* in the chat or channel *place*."""
        raise NotImplementedError


AnyFault = TypeVar("AnyFault", bound=Fault)


class Faults(Generic[AnyFault]):
    """The faults that are switched on now."""

    def __init__(self) -> None:
        self.active: list[AnyFault] = []
        self._hanging: set[tuple[int, asyncio.Event]] = set()
        self._begun: set[int] = set()

    def add(self, fault: AnyFault) -> AnyFault:
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

    async def cleared(self, fault: AnyFault) -> None:
        """Wait until *fault* is switched off by hand."""
        if fault.id not in self._begun:
            return
        mine = (fault.id, asyncio.Event())
        self._hanging.add(mine)
        try:
            await mine[1].wait()
        finally:
            self._hanging.discard(mine)

    def take(self, method: str, place: object) -> AnyFault | None:
        """Give the fault that this call meets and count it; None when nothing is to go wrong."""
        for fault in self.active:
            if fault.hits(method, place):
                self._count(fault)
                return fault
        return None

    def listed(self) -> list[dict[str, Any]]:
        """Give the active faults as plain data."""
        return [asdict(one) for one in self.active]

    def _count(self, fault: AnyFault) -> None:
        self._begun.add(fault.id)
        if fault.times is None:
            return
        fault.times -= 1
        if fault.times <= 0:
            self.active.remove(fault)
