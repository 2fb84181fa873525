"""Checks that platforms share: counting texts, measuring media.  Pure; each yields complaints."""

import math
import re
import unicodedata
from collections.abc import Collection, Iterator
from typing import Final

from platforms.contract import Complaint, ComplaintCode, Media, Remedy

_TAG_SIGN: Final = r"[\w\u2600-\u27bf\U0001f000-\U0001faff]"
# "#one#two" is two tags; "page#part", "&#39;" and "https://a.b/#c" hold none.
_HASHTAGS: Final = re.compile(rf"(?<![\w/&#])(?:#{_TAG_SIGN}+[\ufe0f\u200d]*)+")
_MENTION: Final = re.compile(r"(?<![\w.@/])@[A-Za-z0-9_](?:[A-Za-z0-9_.]*[A-Za-z0-9_])?")
_ZWJ: Final = "\u200d"


def caption_length(caption: str) -> int:
    """Count a caption as Instagram documents it: in characters (Unicode code points)."""
    return len(caption)


def fitting_part(text: str, limit: int) -> str:
    """Return the longest beginning of *text* within *limit* that cuts no joined sign in two.

    A family emoji, a flag or a letter with its accent is kept or left whole; what is over is
    `text[len(fitting_part(text, limit)):]`.
    """
    if len(text) <= limit:
        return text
    end = limit
    while end > 0 and _is_joined(text, end):
        end -= 1
    return text[:end]


def count_hashtags(caption: str) -> int:
    """Count the hashtags a platform would find."""
    return sum(match.group().count("#") for match in _HASHTAGS.finditer(caption))


def count_mentions(caption: str) -> int:
    """Count the @names a platform would find; e-mail addresses are none."""
    return sum(1 for _ in _MENTION.finditer(caption))


def review_text(
    caption: str, *, max_chars: int, max_hashtags: int, max_mentions: int
) -> Iterator[Complaint]:
    """Complain about a caption that is too long or names too many."""
    length = caption_length(caption)
    if length > max_chars:
        yield Complaint(
            ComplaintCode.CAPTION_TOO_LONG,
            params={"length": length, "limit": max_chars, "over": length - max_chars},
            remedies=(Remedy.EDIT_CAPTION,),
        )
    for code, count, limit in (
        (ComplaintCode.TOO_MANY_HASHTAGS, count_hashtags(caption), max_hashtags),
        (ComplaintCode.TOO_MANY_MENTIONS, count_mentions(caption), max_mentions),
    ):
        if count > limit:
            yield Complaint(
                code,
                params={"count": count, "limit": limit},
                remedies=(Remedy.EDIT_CAPTION,),
            )


def review_count(media: Collection[Media], *, least: int, most: int) -> Iterator[Complaint]:
    """Complain about too few or too many items."""
    if not media:
        yield Complaint(ComplaintCode.NO_MEDIA, remedies=(Remedy.SEND_ANOTHER,))
    elif len(media) < least:
        yield Complaint(
            ComplaintCode.TOO_FEW_ITEMS,
            params={"count": len(media), "limit": least},
            remedies=(Remedy.SEND_ANOTHER,),
        )
    elif len(media) > most:
        yield Complaint(
            ComplaintCode.TOO_MANY_ITEMS,
            params={"count": len(media), "limit": most},
            remedies=(Remedy.REMOVE_ITEMS,),
        )


def review_format(
    media: Media, *, item: int | None, accepted: Collection[str], names: str
) -> Iterator[Complaint]:
    """Complain about a file type that is not *accepted*; *names* is how people call those."""
    if media.mime not in accepted:
        yield Complaint(
            ComplaintCode.FORMAT,
            item=item,
            params={"mime": media.mime, "accepted": names},
            remedies=(Remedy.SEND_ANOTHER,),
        )


def review_size(media: Media, *, item: int | None, max_bytes: int) -> Iterator[Complaint]:
    """Complain about a file over *max_bytes*, in the megabytes that the limit is written in."""
    if media.size_bytes <= max_bytes:
        return
    is_image = media.kind == "image"
    mega = 1_048_576 if max_bytes % 1_048_576 == 0 else 1_000_000
    yield Complaint(
        ComplaintCode.IMAGE_TOO_LARGE if is_image else ComplaintCode.VIDEO_TOO_LARGE,
        item=item,
        # Rounded up: a file just over the limit must not read "8 MB of 8 MB".
        params={"size_mb": -(-media.size_bytes * 10 // mega) / 10, "limit_mb": max_bytes // mega},
        remedies=(Remedy.SEND_ANOTHER,),
    )


def review_duration(
    media: Media, *, item: int | None, least: float, most: float
) -> Iterator[Complaint]:
    """Complain about a video outside *least* to *most* seconds; an unknown length passes."""
    seconds = media.duration_seconds
    if seconds is None:
        return
    # Rounded away from the limit: 2.96 s of at least 3 must not read "3 of 3".
    for is_outside, code, shown, limit in (
        (seconds < least, ComplaintCode.VIDEO_TOO_SHORT, math.floor(seconds * 10) / 10, least),
        (seconds > most, ComplaintCode.VIDEO_TOO_LONG, math.ceil(seconds * 10) / 10, most),
    ):
        if is_outside:
            yield Complaint(
                code,
                item=item,
                params={"seconds": shown, "limit": limit},
                remedies=(Remedy.SEND_ANOTHER,),
            )


def review_ratio(
    media: Media,
    *,
    item: int | None,
    low: float,
    high: float,
    remedies: tuple[Remedy, ...] = (Remedy.SEND_ANOTHER,),
) -> Iterator[Complaint]:
    """Complain about a shape (width by height) outside *low* to *high*; unknown shapes pass."""
    if not media.width or not media.height:
        return
    ratio = media.width / media.height
    # Platforms round: 1200 x 628 (1.9108) is taken where 1.91 is the limit.
    if low - 0.002 <= ratio <= high + 0.002:
        return
    yield Complaint(
        ComplaintCode.RATIO,
        item=item,
        params={"ratio": _as_ratio(ratio), "low": _as_ratio(low), "high": _as_ratio(high)},
        remedies=remedies,
    )


def review_width(media: Media, *, item: int | None, least: int) -> Iterator[Complaint]:
    """Warn of a picture that will look coarse."""
    if media.width is not None and media.width < least:
        yield Complaint(
            ComplaintCode.TOO_SMALL,
            item=item,
            params={"width": media.width, "limit": least},
            remedies=(Remedy.SEND_ANOTHER,),
            is_warning=True,
        )


def review_alt_text(media: Media, *, item: int | None, max_chars: int) -> Iterator[Complaint]:
    """Complain about a description that is too long."""
    if len(media.alt_text) > max_chars:
        yield Complaint(
            ComplaintCode.ALT_TEXT_TOO_LONG,
            item=item,
            params={"length": len(media.alt_text), "limit": max_chars},
            remedies=(Remedy.EDIT_CAPTION,),
        )


# Photos and videos come off by a pixel or two: 607 × 1080 is 9:16 to everybody.
_SAME_RATIO = 0.002
_NAMED_RATIOS = {4 / 5: "4:5", 9 / 16: "9:16", 3 / 4: "3:4", 2 / 3: "2:3", 16 / 9: "16:9"}


def _as_ratio(value: float) -> str:
    """Write a shape as people do: "4:5", "9:16", "1.91:1", and an odd tall one as "1:2.1"."""
    for named, words in _NAMED_RATIOS.items():
        if abs(value - named) < _SAME_RATIO:
            return words
    if value >= 1:
        return f"{value:.2f}".rstrip("0").rstrip(".") + ":1"
    return "1:" + f"{1 / value:.2f}".rstrip("0").rstrip(".")


def _is_joined(text: str, place: int) -> bool:
    """Say whether the signs before and after *place* belong together."""
    before, after = text[place - 1], text[place]
    if _ZWJ in {before, after}:
        return True
    if unicodedata.category(after) in {"Mn", "Me", "Mc"} or _is_emoji_modifier(after):
        return True
    if before == "\r" and after == "\n":
        return True
    if _is_flag_half(before) and _is_flag_half(after):
        return _flag_halves_before(text, place) % 2 == 1
    return False


def _is_emoji_modifier(sign: str) -> bool:
    # Skin tones, and the invisible tags that make up the flags of Scotland or Wales.
    return "\U0001f3fb" <= sign <= "\U0001f3ff" or "\U000e0020" <= sign <= "\U000e007f"


def _is_flag_half(sign: str) -> bool:
    return "\U0001f1e6" <= sign <= "\U0001f1ff"


def _flag_halves_before(text: str, place: int) -> int:
    count = 0
    while count < place and _is_flag_half(text[place - 1 - count]):
        count += 1
    return count
