"""Misfortunes on demand: which call they meet, how often, and what they do to it."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from itertools import count
from typing import Literal, get_args

Action = Literal[
    "error",  # refuse, nothing is done
    "error_after",  # do the work, then answer with the error all the same
    "drop_before",  # close the connection, nothing is done
    "drop_after",  # do the work, then close the connection: the answer is lost
    "truncate",  # do the work, send half of the answer
    "html",  # do nothing, answer a page with status 200
    "hang_before",  # do nothing and stay silent
    "hang_after",  # do the work and stay silent
    "delay",  # do the work, slowly
    "reject_media",  # refuse the media (an image at once, a video through its status)
]
ROUTES = (
    "authorize", "exchange", "long_lived", "refresh", "me", "account", "create", "container",
    "publish", "media", "list", "stories", "limit", "delete", "comment",
)  # fmt: skip


@dataclass
class Fault:
    """One misfortune.

    *route* and *account* (a username) narrow it down, *times* is how many calls it meets before
    it is spent (None: until it is cleared), *skip* how many it lets pass first.
    """

    action: Action
    route: str | None = None
    account: str | None = None
    times: int | None = 1
    skip: int = 0
    status: int = 0
    code: int = 2
    subcode: int | None = None
    message: str = ""
    seconds: float = 0.0
    label: str = ""
    id: int = 0
    met: int = 0

    @classmethod
    def read(cls, wanted: dict[str, object]) -> "Fault":
        """Make a fault out of JSON; a ValueError says what is wrong with it."""
        names = {field.name for field in fields(cls)} - {"id", "met"}
        strange = set(wanted) - names
        if strange:
            raise ValueError(f"a fault has no {', '.join(sorted(strange))}")
        if wanted.get("action") not in get_args(Action):
            raise ValueError(f"action is one of {', '.join(get_args(Action))}")
        if wanted.get("route") not in (None, *ROUTES):
            raise ValueError(f"route is one of {', '.join(ROUTES)}")
        return cls(**wanted)  # type: ignore[arg-type]  # the names are checked, values are JSON's

    def meets(self, route: str, account: str | None) -> bool:
        """Whether this call is one the fault waits for."""
        is_spent = self.times is not None and self.times <= 0
        return (
            not is_spent
            and self.route in (None, route)
            and (self.account is None or self.account == account)
        )

    def as_json(self) -> dict[str, object]:
        """Return the fault as the control side shows it."""
        return asdict(self)


class FaultBoard:
    """The faults that wait for their call, oldest first; `on_spent` hears of one used up."""

    def __init__(self, on_spent: Callable[[], None] = lambda: None) -> None:
        self._on_spent = on_spent
        self._waiting: list[Fault] = []
        self._ids = count(1)

    def add(self, fault: Fault) -> Fault:
        """Put up a fault; it gets an id to clear it by."""
        fault.id = next(self._ids)
        self._waiting.append(fault)
        return fault

    def clear(self, *, fault_id: int | None = None, label: str | None = None) -> int:
        """Take down one fault, those of a label, or all; returns how many."""
        gone = [
            fault
            for fault in self._waiting
            if (fault_id is None or fault.id == fault_id)
            and (label is None or fault.label == label)
        ]
        self._waiting = [fault for fault in self._waiting if fault not in gone]
        return len(gone)

    def waiting(self) -> list[Fault]:
        """Return the faults that are up."""
        return list(self._waiting)

    def take(self, route: str, account: str | None, *actions: Action) -> Fault | None:
        """Return the first fault that meets this call and count it as met."""
        for fault in self._waiting:
            if not fault.meets(route, account) or fault.action not in actions:
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            fault.met += 1
            if fault.times is not None:
                fault.times -= 1
                if fault.times <= 0:
                    self._waiting.remove(fault)
                    self._on_spent()
            return fault
        return None
