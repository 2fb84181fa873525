"""The record of every call to a pretend chat, for tests to read and to fail on."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

LONGEST = 20_000


@dataclass(slots=True, kw_only=True)
class Call:
    """One call: what was asked and how it was answered (no token in it).

    *status* is 0 while the call runs, and stays 0 when the connection was cut instead of an
    answer. *error* is what the answer called its refusal, *fault* the fault on demand it met.
    """

    method: str
    at: datetime
    parameters: dict[str, Any] = field(default_factory=dict)
    status: int = 0
    error: str = ""
    fault: str = ""
    result: Any = field(default=None, repr=False)


AnyCall = TypeVar("AnyCall", bound=Call)


class Journal(Generic[AnyCall]):
    """All calls in order of their beginning (the newest 20,000)."""

    def __init__(self) -> None:
        self.calls: deque[AnyCall] = deque(maxlen=LONGEST)
        self.unknown: list[AnyCall] = []

    def begin(self, call: AnyCall) -> AnyCall:
        """Write down a call that has just come in."""
        self.calls.append(call)
        return call

    def of(self, method: str) -> list[AnyCall]:
        """Give the calls of one method."""
        return [call for call in self.calls if call.method == method]

    @property
    def unknown_methods(self) -> list[str]:
        """Names that were called and do not exist here; a healthy run has none."""
        return [call.method for call in self.unknown]

    def refused(self) -> list[AnyCall]:
        """Give the calls that the rules refused (not those that met a fault on demand)."""
        return [call for call in self.calls if call.error and not call.fault]

    def clear(self) -> None:
        """Forget everything."""
        self.calls.clear()
        self.unknown.clear()
