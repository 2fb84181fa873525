"""Small real media: made for tests and pages, measured when they arrive."""

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageOps

_MOVIE_HEADER_BYTES = 32
_TRACK_HEADER_BYTES = 84
_FRAMES_A_SECOND = 25
_PHOTO_SIDES = (("s", 90), ("m", 320), ("x", 800), ("y", 1280))
_COLOURS = ("#0f766e", "#b45309", "#7c3aed", "#be123c", "#0369a1", "#4d7c0f")


def a_jpeg(width: int = 1080, height: int = 1080, label: str = "") -> bytes:
    """Make a JPEG picture, its colour and writing told by *label*."""
    return _encoded(_picture(width, height, label), "JPEG")


def a_png(width: int = 1080, height: int = 1080, label: str = "") -> bytes:
    """Make a PNG picture."""
    return _encoded(_picture(width, height, label), "PNG")


def a_gif(width: int = 64, height: int = 64, frames: int = 2) -> bytes:
    """Make a GIF that moves."""
    pictures = [_picture(width, height, str(number)) for number in range(frames)]
    into = io.BytesIO()
    pictures[0].save(into, "GIF", save_all=True, append_images=pictures[1:], duration=200, loop=0)
    return into.getvalue()


def an_mp4(
    width: int = 1080,
    height: int = 1920,
    seconds: float = 8.0,
    *,
    sound: bool = True,
    index_last: bool = False,
    frame_bytes: int = 2048,
) -> bytes:
    """Make an MP4 whose index tells the truth; its frames are noise no player can show."""
    milliseconds = round(seconds * 1000)
    tracks = [_track(1, width, height, milliseconds, b"vide", b"vmhd")]
    if sound:
        tracks.append(_track(2, 0, 0, milliseconds, b"soun", b"smhd"))
    header = struct.pack(">IIIIIIHH8x", 0, 0, 0, 1000, milliseconds, 0x10000, 0x100, 0)
    header += _MATRIX + bytes(24) + struct.pack(">I", len(tracks) + 1)
    index = _atom(b"moov", _atom(b"mvhd", header), *tracks)
    frames = _atom(b"mdat", b"\x17" * frame_bytes)
    start = _atom(b"ftyp", b"isom\x00\x00\x02\x00isomiso2avc1mp41")
    return start + frames + index if index_last else start + index + frames


@dataclass(frozen=True, slots=True)
class Measures:
    """What a chat client reads from a picture or film."""

    width: int = 0
    height: int = 0
    seconds: float = 0.0


def measured_film(data: bytes) -> Measures:
    """Read size and length from an MP4 or MOV; zeros when there is no index to read."""
    width = height = 0
    seconds = 0.0
    moov = next((body for name, body in _atoms(data) if name == b"moov"), b"")
    for name, body in _atoms(moov):
        if name == b"mvhd" and len(body) >= _MOVIE_HEADER_BYTES:
            scale, length = (
                struct.unpack_from(">IQ", body, 20)
                if body[0]
                else struct.unpack_from(">II", body, 12)
            )
            seconds = length / scale if scale else 0.0
        if name == b"trak":
            head = next((inner for kind, inner in _atoms(body) if kind == b"tkhd"), b"")
            if len(head) >= _TRACK_HEADER_BYTES and not width:
                width, height = (side >> 16 for side in struct.unpack(">II", head[-8:]))
    return Measures(width, height, seconds)


def measured_picture(data: bytes) -> Measures | None:
    """Read the size of a picture; None when it is none that a client can open."""
    try:
        with Image.open(io.BytesIO(data)) as picture:
            return Measures(*picture.size)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


@dataclass(frozen=True, slots=True)
class PhotoSize:
    """One of the sizes a photo is kept in."""

    data: bytes
    width: int
    height: int


def photo_sizes(data: bytes) -> list[PhotoSize] | None:
    """Do what a chat does to a photo: upright, no metadata, JPEG in sizes, smallest first.

    None when the picture cannot be opened: a client would not offer to send it as a photo.
    """
    try:
        with Image.open(io.BytesIO(data)) as opened:
            upright = ImageOps.exif_transpose(opened).convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    sizes: list[PhotoSize] = []
    for _, side in _PHOTO_SIDES:
        copy = upright.copy()
        copy.thumbnail((side, side))
        made = PhotoSize(_encoded(copy, "JPEG"), *copy.size)
        if sizes and (made.width, made.height) == (sizes[-1].width, sizes[-1].height):
            break
        sizes.append(made)
    return sizes


def thumbnail(data: bytes) -> PhotoSize | None:
    """Make the small picture that stands for a document; None when it is no picture."""
    sizes = photo_sizes(data)
    return sizes[min(1, len(sizes) - 1)] if sizes else None


def still(measures: Measures) -> PhotoSize:
    """Make the small picture that stands for a film."""
    width, height = measures.width or 16, measures.height or 9
    scale = 320 / max(width, height)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return PhotoSize(_encoded(_picture(*size, "film"), "JPEG"), *size)


def kind_of(data: bytes, name: str = "") -> str:
    """Guess a mime type as a client does: by the first bytes, then by the name."""
    for start, mime in _STARTS:
        if data.startswith(start):
            return mime
    if data[4:8] == b"ftyp":
        return "image/heic" if data[8:12] in {b"heic", b"heix", b"mif1"} else _film(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[:4] == b"RIFF" and data[8:12] == b"AVI ":
        return "video/x-msvideo"
    return _ENDINGS.get(name.rsplit(".", 1)[-1].lower(), "application/octet-stream")


_STARTS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n", "image/png"),
    (b"GIF8", "image/gif"),
    (b"%PDF", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1aE\xdf\xa3", "video/webm"),
)
_ENDINGS = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "heic": "image/heic",
    "gif": "image/gif",
    "svg": "image/svg+xml",
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "webm": "video/webm",
    "pdf": "application/pdf",
    "zip": "application/zip",
    "txt": "text/plain",
}
_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


def _film(data: bytes) -> str:
    return "video/quicktime" if data[8:12] == b"qt  " else "video/mp4"


def _picture(width: int, height: int, label: str) -> Image.Image:
    colour = _COLOURS[sum(label.encode()) % len(_COLOURS)]
    picture = Image.new("RGB", (width, height), colour)
    draw = ImageDraw.Draw(picture)
    draw.ellipse((width // 4, height // 4, width * 3 // 4, height * 3 // 4), fill="#ffffff")
    if label:
        draw.text(
            (width // 2, height // 2),
            label,
            fill=colour,
            anchor="mm",
            font_size=max(10, height // 10),
        )
    return picture


def _encoded(picture: Image.Image, form: str) -> bytes:
    into = io.BytesIO()
    picture.save(into, form)
    return into.getvalue()


def _atom(name: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", len(body) + 8) + name + body


def _track(
    number: int, width: int, height: int, milliseconds: int, handler: bytes, media_header: bytes
) -> bytes:
    volume = 0 if width else 0x100
    head = struct.pack(">IIIIII8xHHHH", 7, 0, 0, number, 0, milliseconds, 0, 0, volume, 0)
    head += _MATRIX + struct.pack(">II", width << 16, height << 16)
    media = _atom(b"mdhd", struct.pack(">IIIIIHH", 0, 0, 0, 1000, milliseconds, 0x55C4, 0))
    media += _atom(b"hdlr", bytes(8) + handler + bytes(13))
    is_picture = handler == b"vide"
    entry = _atom(b"avc1", bytes(78)) if is_picture else _atom(b"mp4a", bytes(28))
    samples = _atom(b"stsd", struct.pack(">4xI", 1), entry)
    step = 1000 // _FRAMES_A_SECOND
    samples += _atom(b"stts", struct.pack(">4xIII", 1, milliseconds // step, step))
    header = _atom(media_header, bytes(12 if is_picture else 8))
    media += _atom(b"minf", header, _atom(b"stbl", samples))
    return _atom(b"trak", _atom(b"tkhd", head), _atom(b"mdia", media))


def _atoms(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at + 8 <= len(data):
        size, name = struct.unpack_from(">I4s", data, at)
        head = 8
        if size == 1 and at + 16 <= len(data):
            size, head = struct.unpack_from(">Q", data, at + 8)[0], 16
        if size == 0:
            size = len(data) - at
        if size < head:
            return
        yield name, data[at + head : at + size]
        at += size
