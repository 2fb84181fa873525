"""The switches of the stand-in that last; single misfortunes are in `faults`."""

from dataclasses import asdict, dataclass, fields
from typing import Literal


@dataclass
class Settings:
    """How the pretend Instagram behaves; every value may be changed while it runs.

    A container is ready after *processing_polls* reads that say IN_PROGRESS and when
    *processing_seconds* have passed; videos take *video_polls* on top.  *image_checks* says
    whether a bad image is refused when the container is made (as Instagram mostly does) or shows
    later as its status.  *republish* is the answer to publishing a published container again.
    """

    token_form: Literal["wrapped", "flat"] = "wrapped"
    permissions_form: Literal["text", "list"] = "text"
    image_checks: Literal["create", "status"] = "create"
    processing_polls: int = 0
    processing_seconds: float = 0.0
    video_polls: int = 1
    republish: Literal["24/2207008", "-1/2207001"] = "24/2207008"
    quota_total: int = 100
    quota_seconds: int = 86_400
    container_quota: int = 400
    fetch_seconds: float = 10.0
    require_https: bool = False
    require_moov_first: bool = False
    keep_answered_tokens: bool = True
    usage_percent: int = 3
    deauthorize_url: str = ""
    deletion_url: str = ""

    def change(self, wanted: dict[str, object]) -> None:
        """Set the named switches; a ValueError names the first that does not exist or fit."""
        kinds = {field.name: type(getattr(self, field.name)) for field in fields(self)}
        for name, value in wanted.items():
            if name not in kinds:
                raise ValueError(f"no such setting: {name}")
            if kinds[name] is float and isinstance(value, int) and not isinstance(value, bool):
                value = float(value)  # noqa: PLW2901
            if type(value) is not kinds[name]:
                raise ValueError(f"{name} takes {kinds[name].__name__}")
            setattr(self, name, value)

    def as_json(self) -> dict[str, object]:
        """Return the switches by name."""
        return asdict(self)
