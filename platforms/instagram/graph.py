"""Addresses and requests of Instagram's Graph API, and what its answers say.  Pure.

Source: Meta "IG User Media", "IG Container", "Content Publishing" (2025 and 2026-09).
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from platforms.contract import Kind, Media, Outgoing, Profile, Quota, Receipt

Status = Literal["IN_PROGRESS", "FINISHED", "ERROR", "EXPIRED", "PUBLISHED", ""]

CONTAINER_LIFE: Final = timedelta(hours=24)
STATUS_FIELDS: Final = "status_code,status"
MEDIA_FIELDS: Final = "id,permalink,timestamp"
LIST_FIELDS: Final = "id,caption,timestamp,permalink,media_type,media_product_type"
QUOTA_FIELDS: Final = "quota_usage,config"
PROFILE_FIELDS: Final = "user_id,username,name,account_type"
LIST_LIMIT: Final = 100
# Our clock, the database's and Instagram's need not agree to the second.
CLOCK_ALLOWANCE: Final = timedelta(seconds=60)
_SUBCODE: Final = re.compile(r"\b(2207\d{3})\b")


@dataclass(frozen=True, slots=True)
class ContainerState:
    """What a container says of itself; `subcode` is the reason in the text of an ERROR, if any."""

    status: Status
    subcode: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry of an account's own list."""

    media_id: str
    caption: str
    published_at: datetime
    permalink: str
    media_type: str
    product_type: str

    def receipt(self) -> Receipt:
        """Return the entry as evidence that it is live."""
        return Receipt(self.media_id, self.permalink, self.published_at)


@dataclass(frozen=True, slots=True)
class Graph:
    """The addresses below one prefix and one version of the API."""

    prefix: str
    version: str

    def node(self, *parts: str) -> str:
        """Return the address of an object or of one of its edges."""
        return "/".join((self.prefix.rstrip("/"), self.version, *parts))

    def unversioned(self, name: str) -> str:
        """Return the address of a token call; those carry no version."""
        return f"{self.prefix.rstrip('/')}/{name}"


def item_form(media: Media) -> dict[str, str]:
    """Return the container parameters of one carousel child."""
    form = {**_source(media), "is_carousel_item": "true"}
    if media.kind == "video":
        form["media_type"] = "VIDEO"
    return {**form, **_alt_text(media)}


def carousel_form(children: Sequence[str], caption: str) -> dict[str, str]:
    """Return the container parameters of a carousel of *children*, in their order."""
    return {"media_type": "CAROUSEL", "children": ",".join(children), **_caption(caption)}


def post_form(outgoing: Outgoing) -> dict[str, str]:
    """Return the container parameters of an image, a reel or a story."""
    media = outgoing.media[0]
    if outgoing.kind == "story":
        return {"media_type": "STORIES", **_source(media)}
    if outgoing.kind == "reel":
        return {"media_type": "REELS", **_source(media), **_caption(outgoing.caption)}
    return {**_source(media), **_caption(outgoing.caption), **_alt_text(media)}


def read_id(body: Mapping[str, object] | None) -> str:
    """Return the id of a created or published object, "" where the answer holds none."""
    value = body.get("id") if body is not None else None
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value)


def read_container(body: Mapping[str, object]) -> ContainerState:
    """Read where a container stands; a status nobody announced reads as ""."""
    text = _text(body, "status")
    found = _SUBCODE.search(text)
    subcode = int(found.group(1)) if found else None
    match _text(body, "status_code"):
        case ("IN_PROGRESS" | "FINISHED" | "ERROR" | "EXPIRED" | "PUBLISHED") as status:
            return ContainerState(status, subcode, text)
        case _:
            return ContainerState("", subcode, text)


def read_receipt(body: Mapping[str, object]) -> Receipt:
    """Read id, link and time of a published post, as far as they are told."""
    return Receipt(read_id(body), _text(body, "permalink"), read_time(_text(body, "timestamp")))


def read_list(body: Mapping[str, object]) -> Iterator[Listed]:
    """Yield the entries of an own list; one without id or time is no evidence and left out."""
    data = body.get("data")
    for entry in data if isinstance(data, list) else []:
        if not isinstance(entry, dict):
            continue
        media_id, published_at = read_id(entry), read_time(_text(entry, "timestamp"))
        if media_id and published_at is not None:
            yield Listed(
                media_id,
                _text(entry, "caption"),
                published_at,
                _text(entry, "permalink"),
                _text(entry, "media_type"),
                _text(entry, "media_product_type"),
            )


def find_one(entries: Iterator[Listed], outgoing: Outgoing, *, since: datetime) -> Receipt | None:
    """Return the one entry that can only be *outgoing*; None where none or several could be."""
    earliest = since - CLOCK_ALLOWANCE
    matching = [
        entry for entry in entries if entry.published_at >= earliest and _is_like(entry, outgoing)
    ]
    return matching[0].receipt() if len(matching) == 1 else None


def read_quota(body: Mapping[str, object]) -> Quota | None:
    """Read the live publishing quota; None where the answer does not tell the total.

    Meta's pages name 50 and 100: only what the account is told counts.
    """
    data = body.get("data")
    entry = data[0] if isinstance(data, list) and data else None
    config = entry.get("config") if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or not isinstance(config, dict):
        return None
    used, total = entry.get("quota_usage"), config.get("quota_total")
    seconds = config.get("quota_duration", 86_400)
    if not (isinstance(used, int) and isinstance(total, int) and isinstance(seconds, int)):
        return None
    return Quota(used, total, timedelta(seconds=seconds))


def read_profile(body: Mapping[str, object]) -> Profile | None:
    """Read whom a token speaks for: `user_id` stands in paths, `id` belongs to the app alone."""
    user_id = _text(body, "user_id")
    if not user_id:
        return None
    account_type = _text(body, "account_type")
    return Profile(
        platform_user_id=user_id,
        username=_text(body, "username"),
        display_name=_text(body, "name"),
        account_type=account_type,
        can_publish=account_type.casefold() != "personal",
        app_user_id=_text(body, "id"),
    )


def read_time(text: str) -> datetime | None:
    """Read Graph's times ("2026-11-23T10:00:00+0000"); None for anything else."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _source(media: Media) -> dict[str, str]:
    return {"image_url" if media.kind == "image" else "video_url": media.url}


def _caption(caption: str) -> dict[str, str]:
    return {"caption": caption} if caption else {}


def _alt_text(media: Media) -> dict[str, str]:
    return {"alt_text": media.alt_text} if media.alt_text and media.kind == "image" else {}


def _is_like(entry: Listed, outgoing: Outgoing) -> bool:
    product_type, media_type = _expected_types(outgoing)
    if entry.product_type and entry.product_type != product_type:
        return False
    if entry.media_type and entry.media_type != media_type:
        return False
    # Stories carry no caption: their kind and their time have to do.
    return outgoing.kind == "story" or _plain(entry.caption) == _plain(outgoing.caption)


def _expected_types(outgoing: Outgoing) -> tuple[str, str]:
    single = "VIDEO" if outgoing.media and outgoing.media[0].kind == "video" else "IMAGE"
    by_kind: dict[Kind, tuple[str, str]] = {
        "image": ("FEED", "IMAGE"),
        "carousel": ("FEED", "CAROUSEL_ALBUM"),
        "reel": ("REELS", "VIDEO"),
        "story": ("STORY", single),
    }
    return by_kind[outgoing.kind]


def _plain(caption: str) -> str:
    """Return a caption without what a round trip through a platform may change."""
    lines = unicodedata.normalize("NFC", caption).replace("\r\n", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()


def _text(body: Mapping[str, object], name: str) -> str:
    value = body.get(name)
    if isinstance(value, bool):
        return ""
    return str(value) if isinstance(value, str | int) else ""
