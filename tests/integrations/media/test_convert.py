"""Any image as JPEG, sRGB, 8 bit, upright."""

import io
from collections.abc import Callable

import pytest
from PIL import Image

from integrations.media.convert import Converted, jpeg_of, to_jpeg
from integrations.media.probe import Probed, Reason, Unusable, judge
from tests.integrations.media import made


def _converted(body: bytes) -> tuple[Converted, Image.Image]:
    converted = to_jpeg(body)
    assert isinstance(converted, Converted), converted
    return converted, Image.open(io.BytesIO(converted.body))


def _is_near(pixel: object, expected: tuple[int, int, int]) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(one - other) <= 12 for one, other in zip(pixel, expected, strict=True))


@pytest.mark.parametrize(
    "body",
    [
        made.picture("PNG"),
        made.picture("WEBP"),
        made.picture("GIF", mode="P"),
        made.picture("PNG", mode="L"),
        made.picture("PNG", mode="I;16"),
        made.picture("PNG", mode="1"),
        made.picture("PNG", mode="LA"),
        made.picture("JPEG", mode="CMYK"),
        made.turned_jpeg(6),
        made.jpeg_with_place(),
        made.jpeg_of_two_pictures(),
        made.picture("PNG", icc_profile=made.srgb_profile()),
        made.picture("PNG", icc_profile=b"no profile at all"),
    ],
    ids=range(13),
)
def test_what_was_converted_needs_no_conversion(body: bytes) -> None:
    converted, image = _converted(body)

    probed = judge(converted.body)
    assert isinstance(probed, Probed)
    assert (probed.mime, probed.needs_conversion) == ("image/jpeg", False)
    assert (probed.width, probed.height) == (converted.width, converted.height)
    assert image.mode == "RGB"


def test_bad_008_a_webp_keeps_its_colour() -> None:
    _, image = _converted(made.picture("WEBP"))

    assert _is_near(image.getpixel((30, 20)), (0, 128, 128))


def test_transparent_parts_become_white() -> None:
    _, image = _converted(made.picture("PNG", mode="RGBA"))

    assert _is_near(image.getpixel((30, 20)), (255, 255, 255))


def test_bad_010_a_turned_picture_is_set_upright_and_the_mark_is_gone() -> None:
    converted, image = _converted(made.turned_jpeg(6))

    assert (converted.width, converted.height) == (48, 64)
    assert _is_near(image.getpixel((24, 5)), (0, 0, 0))
    assert _is_near(image.getpixel((24, 60)), (255, 255, 255))
    assert not image.getexif()


def test_bad_011_where_it_was_taken_is_gone() -> None:
    converted, image = _converted(made.jpeg_with_place())

    assert made.GPS not in image.getexif()
    assert b"Exif" not in converted.body


def test_a_tail_of_other_data_is_gone() -> None:
    converted, _ = _converted(made.picture("PNG") + b"<script>alert(1)</script>")

    assert b"script" not in converted.body


def test_bad_009_sixteen_bits_become_eight_with_the_same_grey() -> None:
    into = io.BytesIO()
    Image.new("I;16", (16, 16), 32768).save(into, "PNG")

    _, image = _converted(into.getvalue())

    assert _is_near(image.getpixel((8, 8)), (128, 128, 128))


def test_bad_009_cmyk_becomes_srgb_of_about_the_same_colour() -> None:
    _, image = _converted(made.picture("JPEG", mode="CMYK"))

    pixel = image.getpixel((8, 8))
    assert isinstance(pixel, tuple)
    assert pixel[0] < 100 < pixel[1]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", Reason.EMPTY),
        (b"<svg/>", Reason.SVG),
        (made.film(), Reason.UNSUPPORTED),
        (made.noisy_jpeg()[:3000], Reason.DAMAGED),
    ],
)
def test_what_is_no_image_is_refused(body: bytes, reason: Reason) -> None:
    refused = to_jpeg(body)

    assert isinstance(refused, Unusable)
    assert refused.reason is reason


def test_a_bomb_is_refused() -> None:
    assert to_jpeg(made.png_bomb(12_000, 9_000)) == Unusable(Reason.TOO_MANY_PIXELS)


@pytest.mark.parametrize("make", [lambda: made.picture("PNG"), made.noisy_jpeg])
async def test_converting_off_the_loop_gives_the_same(make: Callable[[], bytes]) -> None:
    body = make()

    assert await jpeg_of(body) == to_jpeg(body)
