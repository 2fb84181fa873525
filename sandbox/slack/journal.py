"""The record of every call to the stand-in, for tests to read and to fail on."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

LONGEST = 20_000


@dataclass(slots=True)
class Call:
    """One call: what was asked and how it was answered (no token in it).

    *status* is 0 while the call runs, and stays 0 when the connection was cut instead of an
    answer. *error* is the ``error`` of the answer, *fault* the fault on demand it met.
    """

    method: str
    verb: str
    team: str
    parameters: dict[str, Any]
    at: datetime
    status: int = 0
    error: str = ""
    fault: str = ""
    result: Any = field(default=None, repr=False)


class Journal:
    """All calls in order of their beginning (the newest 20,000)."""

    def __init__(self) -> None:
        self.calls: deque[Call] = deque(maxlen=LONGEST)
        self.unknown: list[Call] = []
        self.violations: list[str] = []
        """What Slack would let pass and a careful app does not do."""

    def begin(self, call: Call) -> Call:
        """Write down a call that has just come in."""
        self.calls.append(call)
        return call

    def of(self, method: str) -> list[Call]:
        """Give the calls of one method."""
        return [call for call in self.calls if call.method == method]

    @property
    def unknown_methods(self) -> list[str]:
        """Names that were called and do not exist here; a healthy run has none."""
        return [call.method for call in self.unknown]

    def refused(self) -> list[Call]:
        """Give the calls that the rules refused (not those that met a fault on demand)."""
        return [call for call in self.calls if call.error and not call.fault]

    def clear(self) -> None:
        """Forget everything."""
        self.calls.clear()
        self.unknown.clear()
        self.violations.clear()
