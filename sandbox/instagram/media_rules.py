"""What Instagram takes: type, size, shape and length of a picture or film, by where it goes.

Numbers: Meta "IG User Media" (2026-09); written down here again on purpose, so that a slip in the
product's own table shows.
"""

from typing import Literal

from sandbox.instagram.errors import GraphError, refusal
from sandbox.instagram.probe import ImageFacts, VideoFacts, probe_jpeg, probe_video

Place = Literal["feed", "child", "story", "reel", "cover"]

IMAGE_BYTES = 8 * 1024 * 1024
VIDEO_BYTES: dict[Place, int] = {"reel": 300_000_000, "story": 100_000_000, "child": 100_000_000}
VIDEO_SECONDS: dict[Place, tuple[float, float]] = {
    "reel": (3, 900),
    "story": (3, 60),
    "child": (3, 60),
}
VIDEO_RATIO: dict[Place, tuple[float, float]] = {
    "reel": (0.01, 10),
    "story": (0.1, 10),
    "child": (0.01, 10),
}
FEED_RATIO = (0.8, 1.91)
VIDEO_COLUMNS = 1920
FRAMES_PER_SECOND = (23, 60.5)
VIDEO_CODECS = {"avc1", "avc3", "hvc1", "hev1"}
AUDIO_CODECS = {"", "mp4a"}
# Rounding to whole pixels moves a ratio a little (1080 by 1350.4).
RATIO_SLACK = 0.005


def check_image(raw: bytes, place: Place) -> ImageFacts | GraphError:
    """Return the facts of an image Instagram would take, or the refusal it answers."""
    if len(raw) > IMAGE_BYTES:
        return refusal(36000, 2207004)
    facts = probe_jpeg(raw)
    if facts is None or facts.is_multi_picture:
        return refusal(36001, 2207005)
    if place == "feed":
        return ratio_refusal(facts.ratio) or facts
    return facts


def ratio_refusal(ratio: float) -> GraphError | None:
    """Return the refusal of a shape that does not fit the feed."""
    low, high = FEED_RATIO
    fits = low - RATIO_SLACK <= ratio <= high + RATIO_SLACK
    return None if fits else refusal(36003, 2207009)


def check_video(raw: bytes, place: Place, *, index_must_be_first: bool) -> VideoFacts | GraphError:
    """Return the facts of a film Instagram would take, or the refusal it answers."""
    facts = probe_video(raw)
    unfit = refusal(352, 2207026)
    if facts is None or len(raw) > VIDEO_BYTES[place]:
        return unfit
    low, high = VIDEO_SECONDS[place]
    narrow, wide = VIDEO_RATIO[place]
    fits = (
        facts.codec in VIDEO_CODECS
        and facts.audio_codec in AUDIO_CODECS
        and low <= facts.seconds <= high
        and narrow <= facts.ratio <= wide
        and facts.width <= VIDEO_COLUMNS
        and FRAMES_PER_SECOND[0] <= facts.frames_per_second <= FRAMES_PER_SECOND[1]
        and (facts.index_is_first or not index_must_be_first)
    )
    return facts if fits else unfit
