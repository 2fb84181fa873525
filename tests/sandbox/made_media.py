"""Pictures and films made on the spot: real JPEG by Pillow, MP4 indexes by hand."""

import io
import struct

from PIL import Image


def jpeg(width: int = 1080, height: int = 1350, *, form: str = "JPEG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), (200, 120, 60)).save(out, form)
    return out.getvalue()


def heavy_jpeg() -> bytes:
    """A JPEG over 8 MiB: a comment after the header makes it heavy."""
    plain = jpeg()
    filler = b"\xff\xfe" + struct.pack(">H", 65_535) + b"x" * 65_533
    return plain[:2] + filler * 130 + plain[2:]


def mp4(
    *,
    width: int = 720,
    height: int = 1280,
    seconds: float = 4,
    codec: bytes = b"avc1",
    rate: int = 30,
    index_first: bool = True,
) -> bytes:
    """A film whose index is whole; the pictures themselves are empty."""
    scale = 1000
    length = int(seconds * scale)
    frames = int(seconds * rate)
    mvhd = _box(b"mvhd", struct.pack(">4xIIII", 0, 0, scale, length) + b"\0" * 80)
    matrix = struct.pack(">9i", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
    tkhd = _box(b"tkhd", b"\0" * 40 + matrix + struct.pack(">II", width << 16, height << 16))
    mdhd = _box(b"mdhd", struct.pack(">4xIIII", 0, 0, scale, length) + b"\0" * 4)
    hdlr = _box(b"hdlr", b"\0" * 8 + b"vide" + b"\0" * 13)
    stsd = _box(b"stsd", struct.pack(">4xI", 1) + _box(codec, b"\0" * 78))
    stts = _box(b"stts", struct.pack(">4xIII", 1, frames, scale // rate))
    minf = _box(b"minf", _box(b"stbl", stsd + stts))
    moov = _box(b"moov", mvhd + _box(b"trak", tkhd + _box(b"mdia", mdhd + hdlr + minf)))
    head = _box(b"ftyp", b"isom" + b"\0" * 4 + b"isommp41")
    film = _box(b"mdat", b"\0" * 64)
    return head + (moov + film if index_first else film + moov)


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body) + 8, kind) + body
