"""Judges a stored object by decoding it, never by its name or by what a chat claims about it.

`judge` is the one boundary: it takes bytes or a path, blocks, uses much processor time, and raises
nothing. Call it through `judged` (off the event loop); a limited child process can wrap it later.
"""

import asyncio
import io
import re
import struct
import zlib
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from integrations.media.movie import read_movie

Source = Path | bytes

MAX_IMAGE_PIXELS = 50_000_000
"""More is refused before it is decoded: 13 KB of PNG can unfold to 108 megapixels."""

_HEAD_BYTES = 4096
_ORIENTATION = 0x0112
_GPS = 0x8825
_UPRIGHT = 1
_PLAIN_MODES = frozenset({"RGB", "L"})
_TURNED_SIDEWAYS = frozenset({5, 6, 7, 8})

BROKEN_PICTURE = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    EOFError,
    ArithmeticError,
    AttributeError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
)
"""Everything that Pillow has been seen to raise on hostile bytes."""


class MediaKind(StrEnum):
    """What an object turned out to be."""

    IMAGE = "image"
    VIDEO = "video"


class Reason(StrEnum):
    """Why an object cannot be used."""

    EMPTY = "empty"
    DAMAGED = "damaged"
    NOT_MEDIA = "not_media"  # text, HTML, an archive, a document
    SVG = "svg"
    ANIMATION = "animation"
    HEIC = "heic"
    TOO_MANY_PIXELS = "too_many_pixels"
    UNSUPPORTED = "unsupported"  # a picture, film or sound of a kind we do not take


@dataclass(frozen=True, slots=True)
class Probed:
    """A usable object. Width and height are as a person sees it (turned upright).

    `needs_conversion`: an image that must pass `to_jpeg` before anybody may have it (no JPEG, not
    sRGB 8 bit, turned by EXIF, or telling where it was taken). For videos `codec` is the four
    letters of its track ("avc1"), and `is_index_first` says whether it can start while loading.
    """

    kind: MediaKind
    mime: str
    size_bytes: int
    width: int
    height: int
    duration_seconds: float | None = None
    codec: str = ""
    has_sound: bool = False
    is_index_first: bool = True
    needs_conversion: bool = False


@dataclass(frozen=True, slots=True)
class Unusable:
    """An object no post can be made of; `found` names what it is, when known ("pdf")."""

    reason: Reason
    found: str = ""


async def judged(source: Source) -> Probed | Unusable:
    """Judge *source* without holding up the event loop."""
    return await asyncio.to_thread(judge, source)


def judge(source: Source) -> Probed | Unusable:
    """Decode *source* and tell what it is; blocks."""
    with opened(source) as file:
        size = file.seek(0, io.SEEK_END)
        file.seek(0)
        head = file.read(_HEAD_BYTES)
        file.seek(0)
        if not size:
            return Unusable(Reason.EMPTY)
        sniffed = sniff(head)
        if isinstance(sniffed, Unusable):
            return sniffed
        if sniffed.startswith("video/"):
            return _judge_movie(file, size, sniffed)
        return _judge_image(file, size, sniffed)


def opened(source: Source) -> AbstractContextManager[BinaryIO]:
    """Open *source* for reading."""
    return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")


# ── by the first bytes ───────────────────────────────────────────────────────────────────────

_IMAGES = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}
_FORMATS = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/gif": "GIF",
    "image/webp": "WEBP",
}
_OTHERS = {
    b"%PDF": Unusable(Reason.NOT_MEDIA, "pdf"),
    b"PK\x03\x04": Unusable(Reason.NOT_MEDIA, "archive"),
    b"PK\x05\x06": Unusable(Reason.NOT_MEDIA, "archive"),
    b"Rar!": Unusable(Reason.NOT_MEDIA, "archive"),
    b"7z\xbc\xaf\x27\x1c": Unusable(Reason.NOT_MEDIA, "archive"),
    b"\x1f\x8b": Unusable(Reason.NOT_MEDIA, "archive"),
    b"\xd0\xcf\x11\xe0": Unusable(Reason.NOT_MEDIA, "document"),
    b"MZ": Unusable(Reason.NOT_MEDIA, "program"),
    b"\x7fELF": Unusable(Reason.NOT_MEDIA, "program"),
    b"#EXTM3U": Unusable(Reason.NOT_MEDIA, "playlist"),
    b"BM": Unusable(Reason.UNSUPPORTED, "bmp"),
    b"II*\x00": Unusable(Reason.UNSUPPORTED, "tiff"),
    b"MM\x00*": Unusable(Reason.UNSUPPORTED, "tiff"),
    b"8BPS": Unusable(Reason.UNSUPPORTED, "psd"),
    b"\xff\x0a": Unusable(Reason.UNSUPPORTED, "jxl"),
    b"\x00\x00\x00\x0cJXL ": Unusable(Reason.UNSUPPORTED, "jxl"),
    b"\x00\x00\x00\x0cjP": Unusable(Reason.UNSUPPORTED, "jpeg2000"),
    b"\x1aE\xdf\xa3": Unusable(Reason.UNSUPPORTED, "matroska"),
    b"OggS": Unusable(Reason.UNSUPPORTED, "ogg"),
    b"ID3": Unusable(Reason.UNSUPPORTED, "mp3"),
    b"fLaC": Unusable(Reason.UNSUPPORTED, "flac"),
    b"FLV": Unusable(Reason.UNSUPPORTED, "flv"),
    b"\x30\x26\xb2\x75": Unusable(Reason.UNSUPPORTED, "wmv"),
}
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_SOUND_BRANDS = frozenset({b"M4A ", b"M4B "})
_BOXES_OF_OLD_MOV = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
_SVG = re.compile(rb"<(?:\w+:)?svg[\s/>]", re.IGNORECASE)
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|script|iframe)\b", re.IGNORECASE)


def sniff(head: bytes) -> str | Unusable:
    """Give the media type the first bytes promise, or why they promise nothing usable."""
    for start, mime in _IMAGES.items():
        if head.startswith(start):
            return mime
    if head[:4] == b"RIFF":
        return "image/webp" if head[8:12] == b"WEBP" else Unusable(Reason.UNSUPPORTED, "riff")
    if head[4:8] == b"ftyp":
        return _sniff_brand(head[8:12])
    if head[4:8] in _BOXES_OF_OLD_MOV:
        return "video/quicktime"
    for start, verdict in _OTHERS.items():
        if head.startswith(start):
            return verdict
    if _SVG.search(head):
        return Unusable(Reason.SVG, "svg")
    if _HTML.search(head):
        return Unusable(Reason.NOT_MEDIA, "html")
    is_text = b"\0" not in head and not head.translate(None, _TEXT_BYTES)
    return Unusable(Reason.NOT_MEDIA, "text" if is_text else "")


_TEXT_BYTES = bytes([9, 10, 12, 13, *range(32, 127), *range(128, 256)])


def _sniff_brand(brand: bytes) -> str | Unusable:
    if brand in _HEIC_BRANDS:
        return Unusable(Reason.HEIC, "heic")
    if brand in _AVIF_BRANDS:
        return Unusable(Reason.UNSUPPORTED, "avif")
    if brand in _SOUND_BRANDS:
        return Unusable(Reason.UNSUPPORTED, "m4a")
    return "video/quicktime" if brand == b"qt  " else "video/mp4"


# ── by decoding ──────────────────────────────────────────────────────────────────────────────


def open_image(file: BinaryIO, mime: str) -> Image.Image | Unusable:
    """Open an image of exactly the kind *mime*, its pixels counted but not decoded yet."""
    # Above its limit Pillow warns, above twice of it it raises; our own count below decides.
    Image.MAX_IMAGE_PIXELS = MAX_IMAGE_PIXELS
    try:
        image = Image.open(file, formats=[_FORMATS[mime]])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return Unusable(Reason.TOO_MANY_PIXELS)
    except BROKEN_PICTURE:
        return Unusable(Reason.DAMAGED)
    if image.width * image.height > MAX_IMAGE_PIXELS:
        return Unusable(Reason.TOO_MANY_PIXELS)
    return image


def _judge_image(file: BinaryIO, size: int, mime: str) -> Probed | Unusable:
    image = open_image(file, mime)
    if isinstance(image, Unusable):
        return image
    try:
        # A JPEG with several pictures inside (a phone's depth map) moves no more than any other.
        if mime != "image/jpeg" and getattr(image, "is_animated", False):
            return Unusable(Reason.ANIMATION, mime.removeprefix("image/"))
        width, height = image.size
        exif = image.getexif()
        turn = exif.get(_ORIENTATION, _UPRIGHT)
        is_plain = mime == "image/jpeg" and image.mode in _PLAIN_MODES
        needs_conversion = not is_plain or turn != _UPRIGHT or _GPS in exif
        # An eighth of the size reads the whole stream too, with a sixty-fourth of the memory.
        image.draft("RGB", (1, 1))
        image.load()
    except Image.DecompressionBombError:
        return Unusable(Reason.TOO_MANY_PIXELS)
    except BROKEN_PICTURE:
        return Unusable(Reason.DAMAGED)
    if turn in _TURNED_SIDEWAYS:
        width, height = height, width
    return Probed(MediaKind.IMAGE, mime, size, width, height, needs_conversion=needs_conversion)


def _judge_movie(file: BinaryIO, size: int, mime: str) -> Probed | Unusable:
    movie = read_movie(file, size)
    if movie is None or not movie.is_whole or not movie.width or not movie.height:
        return Unusable(Reason.DAMAGED, mime.removeprefix("video/"))
    return Probed(
        MediaKind.VIDEO,
        mime,
        size,
        movie.width,
        movie.height,
        duration_seconds=movie.duration_seconds,
        codec=movie.codec,
        has_sound=movie.has_sound,
        is_index_first=movie.is_index_first,
    )
