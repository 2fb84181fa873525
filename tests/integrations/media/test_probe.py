"""What an object is, found by decoding it."""

import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.media.probe import MediaKind, Probed, Reason, Unusable, judge, judged
from tests.integrations.media import made


def _reason(body: bytes) -> Reason:
    verdict = judge(body)
    assert isinstance(verdict, Unusable), verdict
    return verdict.reason


def _probed(body: bytes) -> Probed:
    verdict = judge(body)
    assert isinstance(verdict, Probed), verdict
    return verdict


def test_a_jpeg_is_taken_as_it_is() -> None:
    body = made.picture("JPEG")

    assert judge(body) == Probed(MediaKind.IMAGE, "image/jpeg", len(body), 64, 48)


def test_bytes_and_a_path_are_judged_alike(tmp_path: Path) -> None:
    body = made.picture("PNG")
    path = tmp_path / "named.mp4"
    path.write_bytes(body)

    assert judge(path) == judge(body)


async def test_judging_off_the_loop_says_the_same() -> None:
    body = made.film()

    assert await judged(body) == judge(body)


@pytest.mark.parametrize("form", ["PNG", "WEBP", "GIF"])
def test_bad_008_other_still_pictures_are_taken_and_need_conversion(form: str) -> None:
    probed = _probed(made.picture(form))

    assert (probed.kind, probed.mime) == (MediaKind.IMAGE, f"image/{form.lower()}")
    assert (probed.width, probed.height, probed.needs_conversion) == (64, 48, True)


def test_a_grey_jpeg_needs_no_conversion_and_a_cmyk_one_does() -> None:
    assert not _probed(made.picture("JPEG", mode="L")).needs_conversion
    assert _probed(made.picture("JPEG", mode="CMYK")).needs_conversion


@pytest.mark.parametrize(
    ("turn", "size"), [(1, (64, 48)), (3, (64, 48)), (6, (48, 64)), (8, (48, 64))]
)
def test_a_picture_turned_by_exif_is_measured_as_a_person_sees_it(
    turn: int, size: tuple[int, int]
) -> None:
    probed = _probed(made.turned_jpeg(turn))

    assert (probed.width, probed.height) == size
    assert probed.needs_conversion is (turn != 1)


def test_a_picture_that_tells_where_it_was_taken_needs_conversion() -> None:
    assert _probed(made.jpeg_with_place()).needs_conversion


def test_a_phones_picture_with_a_second_one_inside_is_no_animation() -> None:
    probed = _probed(made.jpeg_of_two_pictures())

    assert (probed.mime, probed.width, probed.height) == ("image/jpeg", 64, 48)


def test_bad_001_an_empty_file_is_empty() -> None:
    assert _reason(b"") is Reason.EMPTY


@pytest.mark.parametrize("kept", [0.05, 0.3, 0.6, 0.9, 0.99])
def test_bad_002_a_truncated_jpeg_is_damaged(kept: float) -> None:
    body = made.noisy_jpeg()

    assert _reason(body[: int(len(body) * kept)]) is Reason.DAMAGED


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_a_truncated_png_or_webp_is_damaged(form: str) -> None:
    body = made.picture(form, (400, 400))

    assert _reason(body[: len(body) // 2]) is Reason.DAMAGED


@pytest.mark.parametrize(
    "body",
    [
        b"<!DOCTYPE html><html><body>hi</body></html>",
        b"  \n<HTML><script>alert(1)</script>",
        b"just a text named photo.jpg\n",
        "Grüße".encode(),
        b"#EXTM3U\nhttp://x/",
        b"MZ\x90\x00",
    ],
)
def test_bad_003_text_and_html_are_no_media_whatever_their_name(
    body: bytes, tmp_path: Path
) -> None:
    named = tmp_path / "photo.jpg"
    named.write_bytes(body)

    verdict = judge(named)

    assert isinstance(verdict, Unusable)
    assert verdict.reason is Reason.NOT_MEDIA


@pytest.mark.parametrize(
    "body",
    [
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        b'<?xml version="1.0"?>\n<!-- x -->\n<svg width="1">',
        b'\xef\xbb\xbf<svg onload="alert(1)">',
        b"<svg:svg>",
    ],
)
def test_bad_004_an_svg_is_refused(body: bytes) -> None:
    assert _reason(body) is Reason.SVG


def test_bad_005_a_bomb_of_108_megapixels_is_refused_before_decoding() -> None:
    body = made.png_bomb(12_000, 9_000)

    assert len(body) < 20_000
    assert _reason(body) is Reason.TOO_MANY_PIXELS


@pytest.mark.parametrize(("size", "is_taken"), [((10_000, 5_000), True), ((10_000, 5_001), False)])
def test_the_pixel_limit_is_50_million_exactly(size: tuple[int, int], is_taken: bool) -> None:
    assert isinstance(judge(made.png_bomb(*size)), Probed) is is_taken


# As in production, where Pillow's warning between one and two times its limit is only a warning.
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_bad_005_a_bomb_pillow_only_warns_of_is_refused() -> None:
    assert _reason(made.png_bomb(10_000, 9_000)) is Reason.TOO_MANY_PIXELS


def test_a_bomb_beyond_twice_the_limit_is_refused_too() -> None:
    assert _reason(made.png_bomb(20_000, 20_000)) is Reason.TOO_MANY_PIXELS


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP"])
def test_bad_006_a_picture_that_moves_is_never_a_silent_still(form: str) -> None:
    assert _reason(made.animation(form)) is Reason.ANIMATION


@pytest.mark.parametrize("brand", [b"heic", b"mif1", b"heix"])
def test_bad_007_heic_is_named(brand: bytes) -> None:
    assert _reason(made.box(b"ftyp", brand + bytes(8)) + bytes(100)) is Reason.HEIC


@pytest.mark.parametrize("body", [b"%PDF-1.7\n", b"Rar!\x1a\x07", b"\x1f\x8b\x08\x00"])
def test_bad_021_documents_and_archives_are_no_media(body: bytes) -> None:
    assert _reason(body) is Reason.NOT_MEDIA


def test_bad_021_a_docx_is_an_archive() -> None:
    into = BytesIO()
    with zipfile.ZipFile(into, "w") as archive:
        archive.writestr("[Content_Types].xml", "<x/>")

    assert judge(into.getvalue()) == Unusable(Reason.NOT_MEDIA, "archive")


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (made.picture("BMP"), "bmp"),
        (made.picture("TIFF"), "tiff"),
        (b"\x1aE\xdf\xa3" + bytes(50), "matroska"),
        (b"RIFF\x00\x00\x00\x00AVI LIST", "riff"),
        (made.box(b"ftyp", b"avif" + bytes(8)), "avif"),
        (b"ID3\x04", "mp3"),
    ],
)
def test_media_of_other_kinds_are_named_as_unsupported(body: bytes, found: str) -> None:
    assert judge(body) == Unusable(Reason.UNSUPPORTED, found)


def test_bytes_of_nothing_known_are_no_media() -> None:
    assert judge(b"\x00\x01\x02\x03" * 100) == Unusable(Reason.NOT_MEDIA, "")


# ── films ────────────────────────────────────────────────────────────────────────────────────


def test_a_film_is_measured_by_its_index() -> None:
    body = made.film()

    assert judge(body) == Probed(
        MediaKind.VIDEO,
        "video/mp4",
        len(body),
        1080,
        1920,
        duration_seconds=8.5,
        codec="avc1",
        has_sound=True,
    )


def test_a_mov_is_told_from_an_mp4() -> None:
    assert _probed(made.film(brand=b"qt  ")).mime == "video/quicktime"
    assert _probed(made.film()[8 + 12 :]).mime == "video/quicktime"


@pytest.mark.parametrize(
    ("turns", "size"), [(0, (1920, 1080)), (1, (1080, 1920)), (2, (1920, 1080)), (3, (1080, 1920))]
)
def test_a_film_held_sideways_is_measured_as_a_person_sees_it(
    turns: int, size: tuple[int, int]
) -> None:
    probed = _probed(made.film(1920, 1080, quarter_turns=turns))

    assert (probed.width, probed.height) == size


def test_bad_017_a_film_without_sound_is_taken() -> None:
    assert _probed(made.film(has_sound=False)).has_sound is False


def test_bad_020_an_index_at_the_end_is_noticed() -> None:
    assert _probed(made.film(is_index_first=False)).is_index_first is False


def test_long_headers_and_long_boxes_are_read() -> None:
    body = made.film(version=1, seconds=61.0)
    with_large = made.large_box(b"free", bytes(10)) + body

    assert _probed(body).duration_seconds == 61.0
    assert _probed(body).width == 1080
    assert (
        _probed(b"".join([body[:20], with_large[: len(with_large) - len(body)], body[20:]])).width
        == 1080
    )


def test_a_fragmented_film_tells_its_length() -> None:
    assert _probed(made.film(fragmented=True, seconds=12.0)).duration_seconds == 12.0


@pytest.mark.parametrize("kept", [30, 500, -1, -4000])
def test_a_truncated_film_is_damaged(kept: int) -> None:
    assert _reason(made.film()[:kept]) is Reason.DAMAGED


def test_a_film_without_a_picture_is_damaged() -> None:
    assert _reason(made.film(0, 0)) is Reason.DAMAGED


# ── hostile bytes ────────────────────────────────────────────────────────────────────────────

_GOOD = [
    made.picture("JPEG"),
    made.turned_jpeg(6),
    made.jpeg_of_two_pictures(),
    made.picture("PNG"),
    made.picture("WEBP"),
    made.animation("GIF"),
    made.film(),
    made.film(fragmented=True, version=1),
]


# Pillow warns of odd metadata and goes on; only raising would matter here.
@pytest.mark.filterwarnings("ignore::UserWarning")
@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(_GOOD),
    st.lists(st.tuples(st.integers(0, 10_000), st.binary(min_size=1, max_size=8)), max_size=6),
    st.integers(0, 10_000),
)
def test_spoiled_media_raise_nothing(
    body: bytes, changes: list[tuple[int, bytes]], cut: int
) -> None:
    spoiled = bytearray(body)
    for at, new in changes:
        start = at % len(spoiled)
        spoiled[start : start + len(new)] = new
    if cut < len(spoiled):
        del spoiled[cut:]

    assert isinstance(judge(bytes(spoiled)), Probed | Unusable)


@given(st.binary(max_size=300))
def test_bytes_of_any_kind_raise_nothing(body: bytes) -> None:
    assert isinstance(judge(body), Probed | Unusable)


@given(st.binary(max_size=400))
def test_boxes_of_any_kind_raise_nothing(body: bytes) -> None:
    film = (
        made.box(b"ftyp", b"isom" + bytes(8)) + made.box(b"moov", body) + made.box(b"mdat", b"x")
    )

    assert isinstance(judge(film), Probed | Unusable)
