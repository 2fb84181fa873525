"""Counting texts and measuring media."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platforms.contract import ComplaintCode, Remedy
from platforms.media_rules import (
    caption_length,
    count_hashtags,
    count_mentions,
    fitting_part,
    review_duration,
    review_ratio,
    review_size,
    review_text,
)
from tests.platforms.instagram.builders import photo, video

FAMILY = "👨‍👩‍👧‍👦"
FLAG = "🇩🇪"
THUMB = "👍🏽"
ACCENT = "e\u0301"


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("no tag # here #", 0),
        ("#one", 1),
        ("#one #two\n#three", 3),
        ("#one#two", 2),
        ("(#one), #two.", 2),
        ("#2026 #café #日本 #❤️ #🎉", 5),
        ("page.html#part https://a.example/#part x#y &#39;", 0),
        ("##", 0),
        (" ".join(f"#t{n}" for n in range(31)), 31),
    ],
)
def test_hashtags_are_counted_as_a_platform_finds_them(text: str, count: int) -> None:
    assert count_hashtags(text) == count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("@", 0),
        ("@anna", 1),
        ("thanks @anna.b_2, @ben. (@cem)", 3),
        ("mail me: anna@example.org", 0),
        ("https://x.example/@anna", 0),
        (" ".join(f"@u{n}" for n in range(21)), 21),
    ],
)
def test_mentions_are_counted_and_mail_addresses_are_not(text: str, count: int) -> None:
    assert count_mentions(text) == count


def test_bad_035_one_character_too_many_is_named_with_the_limit() -> None:
    (complaint,) = review_text("x" * 2201, max_chars=2200, max_hashtags=30, max_mentions=20)

    assert complaint.code is ComplaintCode.CAPTION_TOO_LONG
    assert complaint.params == {"length": 2201, "limit": 2200, "over": 1}
    assert complaint.remedies == (Remedy.EDIT_CAPTION,)


def test_bad_035_the_limit_itself_passes() -> None:
    assert list(review_text("ü" * 2200, max_chars=2200, max_hashtags=30, max_mentions=20)) == []


def test_bad_036_too_many_tags_and_names_are_two_complaints() -> None:
    caption = " ".join([*(f"#t{n}" for n in range(31)), *(f"@u{n}" for n in range(21))])

    complaints = list(review_text(caption, max_chars=2200, max_hashtags=30, max_mentions=20))

    assert [(c.code, dict(c.params)) for c in complaints] == [
        (ComplaintCode.TOO_MANY_HASHTAGS, {"count": 31, "limit": 30}),
        (ComplaintCode.TOO_MANY_MENTIONS, {"count": 21, "limit": 20}),
    ]


def test_bad_037_joined_emoji_count_by_their_characters() -> None:
    assert caption_length(FAMILY) == 7
    assert caption_length(FLAG) == 2


@pytest.mark.parametrize("sign", [FAMILY, FLAG, THUMB, ACCENT, "❤️", "\r\n", "🏴󠁧󠁢󠁳󠁣󠁴󠁿"])
def test_bad_037_a_joined_sign_is_never_cut_in_two(sign: str) -> None:
    text = f"a{sign}{sign}b"
    whole = {0, 1, 1 + len(sign), 1 + 2 * len(sign), len(text)}

    cuts = {len(fitting_part(text, limit)) for limit in range(len(text) + 1)}

    assert cuts == whole


@given(
    st.text(alphabet=st.sampled_from("ab\u0301\u200d👨👩🏽🇩🇪\n"), max_size=30), st.integers(0, 40)
)
def test_bad_037_what_fits_is_a_beginning_within_the_limit(text: str, limit: int) -> None:
    part = fitting_part(text, limit)

    assert text.startswith(part)
    assert len(part) <= limit
    assert fitting_part(part, limit) == part
    if len(text) <= limit:
        assert part == text


@pytest.mark.parametrize(
    ("width", "height", "ratio"),
    [
        (1080, 1350, None),
        (1080, 1080, None),
        (1200, 628, None),
        (1080, 1361, "1:1.26"),
        (1080, 2268, "1:2.1"),
        (2000, 1000, "2:1"),
        (1000, 400, "2.5:1"),
    ],
)
def test_a_shape_outside_the_limits_is_named(width: int, height: int, ratio: str | None) -> None:
    media = photo(width=width, height=height)

    complaints = list(review_ratio(media, item=None, low=0.8, high=1.91))

    assert [c.params for c in complaints] == (
        [{"ratio": ratio, "low": "4:5", "high": "1.91:1"}] if ratio else []
    )


def test_an_unknown_shape_passes() -> None:
    media = photo(width=None, height=None)

    assert list(review_ratio(media, item=None, low=0.8, high=1.91)) == []


def test_a_file_just_over_the_limit_does_not_read_as_the_limit() -> None:
    media = photo(size_bytes=8 * 1_048_576 + 1)

    (complaint,) = review_size(media, item=2, max_bytes=8 * 1_048_576)

    assert complaint.params == {"size_mb": 8.1, "limit_mb": 8}
    assert complaint.item == 2


def test_a_film_is_too_short_or_too_long_by_its_own_length() -> None:
    short = review_duration(video(duration_seconds=2.96), item=None, least=3, most=60)
    fine = review_duration(video(duration_seconds=60), item=None, least=3, most=60)
    long = review_duration(video(duration_seconds=60.02), item=None, least=3, most=60)
    unknown = review_duration(video(duration_seconds=None), item=None, least=3, most=60)

    assert [(c.code, dict(c.params)) for c in short] == [
        (ComplaintCode.VIDEO_TOO_SHORT, {"seconds": 2.9, "limit": 3})
    ]
    assert [(c.code, dict(c.params)) for c in long] == [
        (ComplaintCode.VIDEO_TOO_LONG, {"seconds": 60.1, "limit": 60})
    ]
    assert list(fine) == list(unknown) == []
