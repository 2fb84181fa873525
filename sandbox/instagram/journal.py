"""What was asked of the stand-in and how it ended: ids and names, never a token."""

from collections import deque
from dataclasses import asdict, dataclass
from datetime import datetime

_KEPT = 5000


@dataclass(slots=True)
class Entry:
    """One call; *violation* says what about it Instagram does not have."""

    at: datetime
    method: str
    path: str
    route: str = ""
    account: str = ""
    parameters: tuple[str, ...] = ()
    status: int = 0
    code: int = 0
    subcode: int | None = None
    fault: str = ""
    violation: str = ""


class Journal:
    """The last few thousand calls, and every violation among them."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=_KEPT)
        self.violations: list[Entry] = []

    def write(self, entry: Entry) -> None:
        """Keep *entry*; a violation is kept for good."""
        self._entries.append(entry)
        if entry.violation:
            self.violations.append(entry)

    def of(self, route: str) -> list[Entry]:
        """Return the calls of one route, oldest first."""
        return [entry for entry in self._entries if entry.route == route]

    def as_json(self) -> list[dict[str, object]]:
        """Return everything kept, oldest first."""
        return [{**asdict(entry), "at": entry.at.isoformat()} for entry in self._entries]
