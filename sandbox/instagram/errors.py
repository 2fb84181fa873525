"""What the stand-in refuses, in the form in which Meta refuses it.

`GraphError` is raised by every rule and becomes Graph's error envelope; `OAuthError` is the other
form, which only the exchange of a code uses.  Numbers: Meta "Error codes" (2026-06).
"""

from dataclasses import dataclass


@dataclass(eq=False)  # an exception must stay hashable
class GraphError(Exception):
    """A refusal of the Graph API; *code* and *subcode* are what a client may decide by."""

    code: int
    subcode: int | None = None
    message: str = "Invalid parameter"
    user_message: str = ""
    status: int = 400
    is_transient: bool = False

    def envelope(self, trace_id: str) -> dict[str, object]:
        """Return the JSON that Meta sends; *trace_id* is what its support would ask for."""
        error: dict[str, object] = {
            "message": self.message,
            "type": "OAuthException",
            "code": self.code,
            "is_transient": self.is_transient,
            "fbtrace_id": trace_id,
        }
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        if self.user_message:
            error["error_user_title"] = "Something is not right"
            error["error_user_msg"] = self.user_message
        return {"error": error}


@dataclass(eq=False)  # an exception must stay hashable
class OAuthError(Exception):
    """A refusal of the code exchange."""

    message: str
    status: int = 400

    def envelope(self) -> dict[str, object]:
        """Return the flat JSON of `api.instagram.com`, which is not Graph's."""
        return {
            "error_type": "OAuthException",
            "code": self.status,
            "error_message": self.message,
        }


MESSAGES: dict[tuple[int, int | None], str] = {
    (-1, 2207001): "Instagram server error. Try again.",
    (-2, 2207003): "It takes too long to download the media.",
    (-2, 2207020): "The media you are trying to access has expired.",
    (1, None): "An unknown error has occurred.",
    (2, None): "Service temporarily unavailable",
    (4, None): "Application request limit reached",
    (9, 2207042): "You reached the maximum number of posts that is allowed for this account.",
    (10, None): "Application does not have permission for this action",
    (24, 2207006): "The media with this id cannot be found.",
    (24, 2207008): "The media builder with creation id does not exist or is expired.",
    (25, 2207050): "The Instagram account is restricted.",
    (100, 2207023): "The media type is unknown.",
    (100, 2207028): "Your post must have 2 to 10 items.",
    (100, 2207064): "Tags on a video take no position.",
    (190, None): "Invalid OAuth access token.",
    (190, 458): "The user has not authorized this application.",
    (190, 460): "The session has been invalidated because the user changed the password.",
    (190, 463): "Error validating access token: Session has expired.",
    (352, 2207026): "The video format is not supported. Use MP4 or MOV.",
    (9004, 2207052): "The media could not be fetched from this URI.",
    (9007, 2207027): "Media ID is not available. The media is not ready for publishing.",
    (36000, 2207004): "The image is too large. It must not exceed 8 MiB.",
    (36001, 2207005): "The image format is not supported. Use JPEG.",
    (36003, 2207009): "The submitted image does not have an accepted aspect ratio.",
    (36004, 2207010): "The caption is too long.",
}


_STATUS = {2: 503, 4: 403, 10: 403, 25: 403}


def refusal(code: int, subcode: int | None = None, message: str = "") -> GraphError:
    """Make the refusal with Meta's words for it; *message* overrides them."""
    words = message or MESSAGES.get((code, subcode)) or MESSAGES.get((code, None))
    return GraphError(
        code,
        subcode,
        words or "Invalid parameter",
        user_message=words or "",
        status=_STATUS.get(code, 400),
        is_transient=code in {-2, -1, 1, 2, 4},
    )


def invalid(message: str, subcode: int | None = None) -> GraphError:
    """Make the refusal of a parameter: code 100."""
    return refusal(100, subcode, f"(#100) {message}")
