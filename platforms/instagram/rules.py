"""What Instagram takes: media and text, checked before anything is scheduled.  Pure.

Source: Meta "IG User Media" (2026-09-11), facts also in docs/instagram.md.
"""

from collections.abc import Iterator
from typing import Final

from platforms import media_rules
from platforms.contract import Complaint, ComplaintCode, Media, Outgoing, Remedy

MAX_CAPTION_CHARS: Final = 2200
MAX_HASHTAGS: Final = 30
MAX_MENTIONS: Final = 20
MAX_ALT_TEXT_CHARS: Final = 1000
MAX_CAROUSEL_ITEMS: Final = 10
MIN_CAROUSEL_ITEMS: Final = 2
MIN_IMAGE_WIDTH: Final = 320

MAX_IMAGE_BYTES: Final = 8 * 1_048_576
MAX_REEL_BYTES: Final = 300_000_000
MAX_SHORT_VIDEO_BYTES: Final = 100_000_000  # stories and carousel items

MIN_FEED_RATIO: Final = 0.8
MAX_FEED_RATIO: Final = 1.91
# From this shape on (2:3 and taller) a picture is likelier meant as a story than cut badly.
_STORY_LIKE_RATIO: Final = 0.7

_IMAGE_TYPES: Final = ("image/jpeg",)
_VIDEO_TYPES: Final = ("video/mp4", "video/quicktime")


def review(outgoing: Outgoing) -> list[Complaint]:
    """Say what Instagram would refuse about *outgoing*, in the order in which one reads it."""
    return [*_review_text(outgoing), *_review_items(outgoing)]


def _review_text(outgoing: Outgoing) -> Iterator[Complaint]:
    # Stories are published without a caption, so none can be too long.
    if outgoing.kind != "story":
        yield from media_rules.review_text(
            outgoing.caption,
            max_chars=MAX_CAPTION_CHARS,
            max_hashtags=MAX_HASHTAGS,
            max_mentions=MAX_MENTIONS,
        )


def _review_items(outgoing: Outgoing) -> Iterator[Complaint]:
    is_carousel = outgoing.kind == "carousel"
    yield from media_rules.review_count(
        outgoing.media,
        least=MIN_CAROUSEL_ITEMS if is_carousel else 1,
        most=MAX_CAROUSEL_ITEMS if is_carousel else 1,
    )
    for number, media in enumerate(outgoing.media, start=1):
        item = number if len(outgoing.media) > 1 else None
        match outgoing.kind:
            case "image":
                yield from _review_picture(media, item, shapes_the_post=True)
            case "carousel":
                yield from _review_carousel_item(media, number, item)
            case "reel":
                yield from _review_video(
                    media, item, max_bytes=MAX_REEL_BYTES, seconds=(3, 900), ratios=(0.01, 10)
                )
            case "story":
                yield from _review_story(media, item)


def _review_carousel_item(media: Media, number: int, item: int | None) -> Iterator[Complaint]:
    # Every item is cut to the shape of the first one.
    is_first = number == 1
    if media.kind == "image":
        yield from _review_picture(media, item, shapes_the_post=is_first, is_single=False)
    else:
        yield from _review_video(
            media,
            item,
            max_bytes=MAX_SHORT_VIDEO_BYTES,
            seconds=(3, 60),
            ratios=(MIN_FEED_RATIO, MAX_FEED_RATIO) if is_first else (0.01, 10),
        )


def _review_story(media: Media, item: int | None) -> Iterator[Complaint]:
    if media.kind == "image":
        yield from _review_picture(media, item, shapes_the_post=False)
    else:
        yield from _review_video(
            media, item, max_bytes=MAX_SHORT_VIDEO_BYTES, seconds=(3, 60), ratios=(0.1, 10)
        )


def _review_picture(
    media: Media, item: int | None, *, shapes_the_post: bool, is_single: bool = True
) -> Iterator[Complaint]:
    if media.kind == "video":
        yield Complaint(ComplaintCode.NO_VIDEO_HERE, item=item, remedies=(Remedy.SEND_ANOTHER,))
        return
    yield from media_rules.review_format(media, item=item, accepted=_IMAGE_TYPES, names="JPEG")
    yield from media_rules.review_size(media, item=item, max_bytes=MAX_IMAGE_BYTES)
    yield from media_rules.review_width(media, item=item, least=MIN_IMAGE_WIDTH)
    yield from media_rules.review_alt_text(media, item=item, max_chars=MAX_ALT_TEXT_CHARS)
    if shapes_the_post:
        can_be_story = is_single and _is_story_like(media)
        yield from media_rules.review_ratio(
            media,
            item=item,
            low=MIN_FEED_RATIO,
            high=MAX_FEED_RATIO,
            remedies=(
                (Remedy.POST_AS_STORY, Remedy.SEND_ANOTHER)
                if can_be_story
                else (Remedy.SEND_ANOTHER,)
            ),
        )


def _review_video(
    media: Media,
    item: int | None,
    *,
    max_bytes: int,
    seconds: tuple[float, float],
    ratios: tuple[float, float],
) -> Iterator[Complaint]:
    yield from media_rules.review_format(media, item=item, accepted=_VIDEO_TYPES, names="MP4, MOV")
    if media.kind != "video":
        return
    yield from media_rules.review_size(media, item=item, max_bytes=max_bytes)
    yield from media_rules.review_duration(media, item=item, least=seconds[0], most=seconds[1])
    yield from media_rules.review_ratio(media, item=item, low=ratios[0], high=ratios[1])


def _is_story_like(media: Media) -> bool:
    return bool(media.width and media.height and media.width / media.height <= _STORY_LIKE_RATIO)
