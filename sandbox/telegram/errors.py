"""How the stand-in refuses: one exception that carries exactly what the Bot API would answer.

ApiError
├── made by hand, for a single rule
└── made by the functions below, for what several rules share
"""

from typing import Any


class ApiError(Exception):
    """An answer with ``ok: false``: status, description and, where it has one, a hint."""

    def __init__(self, status: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = parameters

    def answer(self) -> dict[str, Any]:
        """Give the body of the answer."""
        body: dict[str, Any] = {
            "ok": False,
            "error_code": self.status,
            "description": self.description,
        }
        if self.parameters:
            body["parameters"] = self.parameters
        return body


def bad_request(what: str) -> ApiError:
    """Give the refusal of a request that is wrong in itself."""
    return ApiError(400, f"Bad Request: {what}")


def forbidden(why: str) -> ApiError:
    """Give the refusal of a chat that shuts the bot out."""
    return ApiError(403, f"Forbidden: {why}")


def conflict(why: str) -> ApiError:
    """Give the refusal of a second receiver of the same updates."""
    return ApiError(409, f"Conflict: {why}")


def flood(retry_after: int) -> ApiError:
    """Give the refusal of a bot that talks too fast."""
    return ApiError(429, f"Too Many Requests: retry after {retry_after}", retry_after=retry_after)
