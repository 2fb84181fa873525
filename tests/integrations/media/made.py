"""Pictures and films made by code, good and bad."""

import io
import struct
import zlib

from PIL import Image, ImageCms

ORIENTATION = 0x0112
GPS = 0x8825


def picture(
    form: str, size: tuple[int, int] = (64, 48), mode: str = "RGB", **how: object
) -> bytes:
    into = io.BytesIO()
    colour = {"RGB": "teal", "L": 99, "CMYK": (200, 10, 10, 10), "P": 3, "RGBA": (0, 128, 128, 0)}
    Image.new(mode, size, colour.get(mode, 0)).save(into, form, **how)  # type: ignore[arg-type]
    return into.getvalue()


def noisy_jpeg(size: tuple[int, int] = (256, 256)) -> bytes:
    into = io.BytesIO()
    Image.effect_noise(size, 90).convert("RGB").save(into, "JPEG", quality=90)
    return into.getvalue()


def turned_jpeg(turn: int) -> bytes:
    """64 × 48 as stored; left half black, right half white."""
    image = Image.new("RGB", (64, 48), "white")
    image.paste("black", (0, 0, 32, 48))
    exif = Image.Exif()
    exif[ORIENTATION] = turn
    into = io.BytesIO()
    image.save(into, "JPEG", exif=exif)
    return into.getvalue()


def jpeg_with_place() -> bytes:
    exif = Image.Exif()
    exif.get_ifd(GPS)[1] = "N"
    exif.get_ifd(GPS)[2] = (52.0, 31.0, 12.0)
    return picture("JPEG", exif=exif)


def animation(form: str) -> bytes:
    frames = [Image.new("RGB", (32, 32), colour) for colour in ("red", "green", "blue")]
    into = io.BytesIO()
    frames[0].save(into, form, save_all=True, append_images=frames[1:], duration=100)
    return into.getvalue()


def jpeg_of_two_pictures() -> bytes:
    """What phones make: a picture with another one (a depth map) inside."""
    first, second = Image.new("RGB", (64, 48), "teal"), Image.new("RGB", (32, 24), "gray")
    into = io.BytesIO()
    first.save(into, "MPO", save_all=True, append_images=[second])
    return into.getvalue()


def srgb_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def png_bomb(width: int, height: int) -> bytes:
    """A PNG of few bytes that unfolds to width × height black pixels."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    row = bytes(1 + (width + 7) // 8)
    packed = zlib.compressobj(9)
    body = b"".join([packed.compress(row) for _ in range(height)]) + packed.flush()
    return (
        b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


# ── films ────────────────────────────────────────────────────────────────────────────────────


def film(
    width: int = 1080,
    height: int = 1920,
    seconds: float = 8.5,
    *,
    brand: bytes = b"isom",
    quarter_turns: int = 0,
    codec: bytes = b"avc1",
    has_sound: bool = True,
    is_index_first: bool = True,
    version: int = 0,
    fragmented: bool = False,
) -> bytes:
    scale = 600
    length = round(seconds * scale)
    movie = box(b"mvhd", _times(version, scale, 0 if fragmented else length) + bytes(80))
    extended = (
        [box(b"mvex", box(b"mehd", bytes(4) + struct.pack(">I", length)))] if fragmented else []
    )
    tracks = [_track(b"vide", codec, width, height, scale, length, quarter_turns, version)]
    if has_sound:
        tracks.insert(0, _track(b"soun", b"mp4a", 0, 0, scale, length, 0, version))
    start = box(b"ftyp", brand + bytes(4) + brand)
    index = box(b"moov", movie, *tracks, *extended)
    frames = box(b"mdat", bytes(5000))
    return start + (index + frames if is_index_first else frames + index)


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def large_box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4sQ", 1, kind, 16 + len(body)) + body


def _times(version: int, scale: int, length: int) -> bytes:
    if version == 1:
        return bytes([1, 0, 0, 0]) + bytes(16) + struct.pack(">IQ", scale, length)
    return bytes(4) + bytes(8) + struct.pack(">II", scale, length)


_TURNS = {
    0: (1, 0, 0, 1),
    1: (0, 1, -1, 0),
    2: (-1, 0, 0, -1),
    3: (0, -1, 1, 0),
}


def _track(
    handler: bytes, codec: bytes, width: int, height: int, scale: int, length: int, turns: int,
    version: int,
) -> bytes:  # fmt: skip
    a, b, c, d = (one << 16 for one in _TURNS[turns])
    matrix = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    times = bytes(32) if version == 1 else bytes(20)
    head = bytes([version, 0, 0, 7]) + times + bytes(16) + matrix
    head += struct.pack(">II", width << 16, height << 16)
    described = box(b"stsd", bytes(4) + struct.pack(">I", 1) + box(codec, bytes(70)))
    return box(
        b"trak",
        box(b"tkhd", head),
        box(
            b"mdia",
            box(b"mdhd", _times(version, scale, length) + bytes(4)),
            box(b"hdlr", bytes(8) + handler + bytes(13)),
            box(b"minf", box(b"stbl", described)),
        ),
    )
