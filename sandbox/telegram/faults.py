"""What can go wrong on demand, and for whom."""

from dataclasses import dataclass
from typing import Literal, get_args

from sandbox.chats import faults
from sandbox.chats.faults import EVERY_METHOD
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


@dataclass(slots=True)
class Fault(faults.Fault):
    """One thing that goes wrong.

    *method* ``*`` means every method but getUpdates, which must be named. *chat_id* limits the
    fault to calls for that chat. *retry_after* serves flood (and may be given with server_error),
    *status* and *description* serve error and server_error.
    """

    kind: FaultKind
    chat_id: int | None = None
    retry_after: int = 1
    status: int = 502
    description: str = "Bad Gateway"

    def hits(self, method: str, place: object) -> bool:
        """Tell whether this fault is for a call of *method* to the chat *place*."""
        if self.method == EVERY_METHOD:
            if method.lower() == "getupdates":
                return False
        elif self.method.lower() != method.lower():
            return False
        return self.chat_id is None or str(self.chat_id) == str(place)

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


class Faults(faults.Faults[Fault]):
    """The faults that are switched on now."""
