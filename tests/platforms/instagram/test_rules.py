"""What Instagram would refuse, said before anything is scheduled."""

import pytest

from platforms.contract import ComplaintCode, Media, Outgoing, Remedy
from platforms.instagram.rules import review
from tests.platforms.instagram.builders import (
    carousel_post,
    image_post,
    photo,
    reel_post,
    story_post,
    video,
)


def codes(outgoing: Outgoing) -> list[ComplaintCode]:
    return [complaint.code for complaint in review(outgoing)]


@pytest.mark.parametrize(
    "outgoing",
    [
        image_post(),
        image_post(""),
        image_post(width=1080, height=566),
        carousel_post(photo(), photo(), photo(width=400, height=4000)),
        carousel_post(*[photo()] * 10),
        carousel_post(video(width=1080, height=1080), photo()),
        reel_post(),
        reel_post(mime="video/quicktime"),
        story_post(),
        story_post(video()),
        image_post("#t " * 30),
        image_post("x" * 2200),
        image_post(alt_text="x" * 1000),
    ],
)
def test_what_instagram_takes_draws_no_complaint(outgoing: Outgoing) -> None:
    assert codes(outgoing) == []


@pytest.mark.parametrize(
    ("outgoing", "expected"),
    [
        (Outgoing("image", "x", ()), ComplaintCode.NO_MEDIA),
        (Outgoing("carousel", "x", (photo(),)), ComplaintCode.TOO_FEW_ITEMS),
        (carousel_post(*[photo()] * 11), ComplaintCode.TOO_MANY_ITEMS),
        (Outgoing("image", "x", (photo(), photo())), ComplaintCode.TOO_MANY_ITEMS),
        (Outgoing("reel", "x", (video(), video())), ComplaintCode.TOO_MANY_ITEMS),
        (Outgoing("image", "x", (video(),)), ComplaintCode.NO_VIDEO_HERE),
        (Outgoing("reel", "x", (photo(),)), ComplaintCode.FORMAT),
        (image_post(mime="image/png"), ComplaintCode.FORMAT),
        (reel_post(mime="video/webm"), ComplaintCode.FORMAT),
        (image_post(size_bytes=8_388_609), ComplaintCode.IMAGE_TOO_LARGE),
        (reel_post(size_bytes=300_000_001), ComplaintCode.VIDEO_TOO_LARGE),
        (story_post(video(size_bytes=100_000_001)), ComplaintCode.VIDEO_TOO_LARGE),
        (reel_post(duration_seconds=2.9), ComplaintCode.VIDEO_TOO_SHORT),
        (reel_post(duration_seconds=900.5), ComplaintCode.VIDEO_TOO_LONG),
        (story_post(video(duration_seconds=61)), ComplaintCode.VIDEO_TOO_LONG),
        (carousel_post(photo(), video(duration_seconds=61)), ComplaintCode.VIDEO_TOO_LONG),
        (image_post(width=1080, height=1920), ComplaintCode.RATIO),
        (image_post(width=1080, height=400), ComplaintCode.RATIO),
        (carousel_post(photo(height=1920), photo()), ComplaintCode.RATIO),
        (carousel_post(video(), photo()), ComplaintCode.RATIO),
        (image_post(width=300, height=300), ComplaintCode.TOO_SMALL),
        (image_post(alt_text="x" * 1001), ComplaintCode.ALT_TEXT_TOO_LONG),
        (image_post("x" * 2201), ComplaintCode.CAPTION_TOO_LONG),
        (reel_post("#t " * 31), ComplaintCode.TOO_MANY_HASHTAGS),
        (carousel_post(photo(), photo(), caption="@u " * 21), ComplaintCode.TOO_MANY_MENTIONS),
    ],
)
def test_what_instagram_would_refuse_is_named(outgoing: Outgoing, expected: ComplaintCode) -> None:
    assert codes(outgoing) == [expected]


def test_a_tall_photo_is_offered_as_a_story() -> None:
    (complaint,) = review(image_post(width=1080, height=1920))

    assert complaint.remedies == (Remedy.POST_AS_STORY, Remedy.SEND_ANOTHER)
    assert complaint.params["ratio"] == "9:16"


def test_a_wide_photo_and_an_album_are_not() -> None:
    for outgoing in (
        image_post(width=3000, height=1000),
        carousel_post(photo(height=1920), photo()),
    ):
        (complaint,) = review(outgoing)
        assert Remedy.POST_AS_STORY not in complaint.remedies


def test_a_small_picture_is_only_warned_of() -> None:
    (complaint,) = review(image_post(width=300, height=300))

    assert complaint.is_warning


def test_an_item_of_an_album_is_named_by_its_place_and_a_single_one_is_not() -> None:
    (in_album,) = review(carousel_post(photo(), photo(mime="image/png"), photo()))
    (alone,) = review(image_post(mime="image/png"))

    assert (in_album.item, alone.item) == (2, None)


def test_a_story_has_no_caption_that_could_be_too_long() -> None:
    assert review(Outgoing("story", "x" * 5000, (photo(height=1920),))) == []


def test_all_that_is_wrong_is_said_at_once() -> None:
    wrong: tuple[Media, ...] = (photo(mime="image/png", size_bytes=9_000_000, height=1920),)

    assert codes(Outgoing("image", "x" * 2201, wrong)) == [
        ComplaintCode.CAPTION_TOO_LONG,
        ComplaintCode.FORMAT,
        ComplaintCode.IMAGE_TOO_LARGE,
        ComplaintCode.RATIO,
    ]
