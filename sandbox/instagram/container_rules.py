"""Which parameters a container may carry, by its kind, and what they must look like.

Source: Meta "IG User Media" (2026-09).  Anything else is code 100, as a wrong call should be.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Literal

from sandbox.instagram.errors import invalid, refusal

Kind = Literal["image", "reel", "story", "carousel", "child_image", "child_video"]

_ALLOWED: dict[Kind, frozenset[str]] = {
    "image": frozenset(
        {
            "image_url",
            "caption",
            "alt_text",
            "user_tags",
            "location_id",
            "collaborators",
            "is_ai_generated",
        }
    ),
    "reel": frozenset(
        {
            "media_type",
            "video_url",
            "caption",
            "user_tags",
            "location_id",
            "collaborators",
            "share_to_feed",
            "cover_url",
            "thumb_offset",
            "audio_name",
            "trial_params",
            "is_ai_generated",
        }
    ),
    "story": frozenset({"media_type", "image_url", "video_url", "user_tags"}),
    "carousel": frozenset(
        {"media_type", "children", "caption", "location_id", "collaborators", "is_ai_generated"}
    ),
    "child_image": frozenset({"image_url", "is_carousel_item", "alt_text", "user_tags"}),
    "child_video": frozenset({"media_type", "video_url", "is_carousel_item", "thumb_offset"}),
}
CAPTION_CHARS = 2200
HASHTAGS = 30
MENTIONS = 20
ALT_TEXT_CHARS = 1000
CHILDREN = (2, 10)
COLLABORATORS = 3


@dataclass(frozen=True, slots=True)
class Wanted:
    """A container as it was asked for, checked."""

    kind: Kind
    caption: str = ""
    alt_text: str = ""
    url: str = ""
    cover_url: str = ""
    children: tuple[str, ...] = ()
    extras: dict[str, str] = field(default_factory=dict)

    @property
    def is_video(self) -> bool:
        """Whether what is fetched must be a film."""
        return self.kind in {"reel", "child_video"} or "video_url" in self.extras


def read_container(given: dict[str, str]) -> Wanted:
    """Read the parameters of POST /{ig}/media; raises GraphError where Meta would refuse."""
    kind = _kind(given)
    for name in given:
        if name not in _ALLOWED[kind]:
            raise invalid(f"Param {name} is not allowed for this kind of media.")
    caption = given.get("caption", "")
    _check_caption(caption)
    alt_text = given.get("alt_text", "")
    if len(alt_text) > ALT_TEXT_CHARS:
        raise invalid("Param alt_text is too long.")
    _check_tags(given, kind)
    _check_extras(given)
    children = _children(given["children"]) if kind == "carousel" else ()
    taken = {"image_url", "caption", "alt_text", "children", "media_type", "cover_url"}
    return Wanted(
        kind,
        caption,
        alt_text,
        given.get("video_url") or given.get("image_url", ""),
        given.get("cover_url", ""),
        children,
        {name: value for name, value in given.items() if name not in taken},
    )


def _kind(given: dict[str, str]) -> Kind:
    media_type = given.get("media_type")
    is_child = _flag(given, "is_carousel_item")
    has_image, has_video = bool(given.get("image_url")), bool(given.get("video_url"))
    if media_type is None and has_image and not has_video:
        return "child_image" if is_child else "image"
    if media_type == "VIDEO" and is_child and has_video:
        return "child_video"
    if media_type == "REELS" and has_video and not is_child:
        return "reel"
    if media_type == "STORIES" and has_image != has_video and not is_child:
        return "story"
    if media_type == "CAROUSEL":
        if not given.get("children"):
            raise refusal(100, 2207028)
        return "carousel"
    if media_type not in {None, "VIDEO", "REELS", "STORIES", "CAROUSEL"}:
        raise refusal(100, 2207023)
    if media_type == "VIDEO":
        raise invalid("media_type VIDEO is no longer supported. Use REELS.")
    if is_child and media_type == "REELS":
        raise invalid("Reels cannot be carousel items.")
    raise invalid("The parameter image_url or video_url is required.")


def _flag(given: dict[str, str], name: str) -> bool:
    value = given.get(name, "false").lower()
    if value not in {"true", "false", "1", "0"}:
        raise invalid(f"Param {name} must be a boolean.")
    return value in {"true", "1"}


def _check_caption(caption: str) -> None:
    if len(caption) > CAPTION_CHARS:
        raise refusal(36004, 2207010)
    if len(re.findall(r"#\w+", caption)) > HASHTAGS:
        raise invalid("The caption has too many hashtags.")
    if len(re.findall(r"(?<![\w.])@[\w.]+", caption)) > MENTIONS:
        raise invalid("The caption has too many mentions.", 2207040)


def _check_tags(given: dict[str, str], kind: Kind) -> None:
    if "user_tags" not in given:
        return
    tags = _json_list(given["user_tags"], "user_tags")
    for tag in tags:
        if not isinstance(tag, dict) or not isinstance(tag.get("username"), str):
            raise invalid("Param user_tags must be a list of tags with a username.")
        has_place = "x" in tag or "y" in tag
        if kind == "reel" and has_place:
            raise refusal(100, 2207064)
        if kind in {"image", "child_image"} and not _is_placed(tag):
            raise invalid("Param user_tags needs x and y from 0 to 1.")


def _is_placed(tag: dict[str, object]) -> bool:
    places = [tag.get("x"), tag.get("y")]
    return all(isinstance(place, (int, float)) and 0 <= place <= 1 for place in places)


def _check_extras(given: dict[str, str]) -> None:
    for name in ("share_to_feed", "is_ai_generated"):
        _flag(given, name)
    if "thumb_offset" in given and not given["thumb_offset"].isdecimal():
        raise invalid("Param thumb_offset must be a number of milliseconds.")
    if "collaborators" in given:
        names = _json_list(given["collaborators"], "collaborators")
        if len(names) > COLLABORATORS:
            raise invalid("Param collaborators takes at most 3.")
    if "location_id" in given and not given["location_id"].isdecimal():
        raise invalid("INSTAGRAM_PLATFORM_API__INVALID_LOCATION_ID")


def _children(text: str) -> tuple[str, ...]:
    given = _json_list(text, "children") if text.lstrip().startswith("[") else text.split(",")
    children = tuple(str(child).strip() for child in given)
    if not CHILDREN[0] <= len(children) <= CHILDREN[1]:
        raise refusal(100, 2207028)
    return children


def _json_list(text: str, name: str) -> list[object]:
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, list):
        raise invalid(f"Param {name} must be a JSON array.")
    return value
