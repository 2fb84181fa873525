"""What can go wrong on demand, and for whom."""

from dataclasses import dataclass
from typing import Literal, get_args

from sandbox.chats import faults
from sandbox.chats.faults import EVERY_METHOD
from sandbox.slack.errors import RateLimited, SlackError

FaultKind = Literal["ratelimited", "error", "server_error", "hang", "drop", "drop_before"]
"""ratelimited: 429 · error: any ``error`` string · server_error: a status without JSON · hang: no
answer until cleared · drop: the work is done, then the connection is cut · drop_before: cut,
nothing done."""

KINDS: tuple[str, ...] = get_args(FaultKind)


@dataclass(slots=True)
class Fault(faults.Fault):
    """One thing that goes wrong.

    *method* ``*`` is every method of the Web API but apps.connections.open; ``(download)``,
    ``(upload)`` and ``(response_url)`` name the other doors. *channel* limits the fault to calls
    for that channel.
    """

    kind: FaultKind
    channel: str = ""
    error: str = "internal_error"
    retry_after: int = 1
    status: int = 503

    def hits(self, method: str, place: object) -> bool:
        """Tell whether this fault is for a call of *method* in the channel *place*."""
        if self.method == EVERY_METHOD:
            if method == "apps.connections.open" or method.startswith("("):
                return False
        elif self.method != method:
            return False
        return not self.channel or self.channel == place

    def refusal(self) -> SlackError | None:
        """Give the refusal this fault makes, None when it is none in JSON."""
        match self.kind:
            case "ratelimited":
                return RateLimited(self.retry_after)
            case "error":
                return SlackError(self.error)
        return None


class Faults(faults.Faults[Fault]):
    """The faults that are switched on now."""
