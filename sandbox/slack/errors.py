"""How the stand-in refuses: exactly what the Web API would answer.

SlackError        status 200, ``{ok: false, error}``
└── RateLimited   status 429 with Retry-After
"""

from typing import Any


class SlackError(Exception):
    """An answer with ``ok: false``; *more* are further fields of it."""

    status = 200

    def __init__(self, error: str, **more: Any) -> None:
        super().__init__(error)
        self.error = error
        self.more = more

    def answer(self) -> dict[str, Any]:
        """Give the body of the answer."""
        return {"ok": False, "error": self.error, **self.more}


class RateLimited(SlackError):
    """The caller talks too fast."""

    status = 429

    def __init__(self, retry_after: int) -> None:
        super().__init__("ratelimited")
        self.retry_after = retry_after


def faulty(error: str, problems: list[str]) -> SlackError:
    """Give the refusal that names each *problem*, as for blocks and views."""
    messages = [f"[ERROR] {problem}" for problem in problems]
    return SlackError(error, response_metadata={"messages": messages})
