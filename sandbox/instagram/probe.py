"""Look into a JPEG or an MP4: what it is, how large, how long.  Bytes in, facts out."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

_FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_FF, _APP2 = 0xFF, 0xE2
_NO_LENGTH = frozenset({0x01, *range(0xD0, 0xDA)})


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """A JPEG: pixels, and whether it is one of a pair (MPO), which Instagram does not take."""

    width: int
    height: int
    is_multi_picture: bool = False

    @property
    def ratio(self) -> float:
        """Width by height."""
        return self.width / self.height


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """An MP4 or MOV: what its index says."""

    width: int
    height: int
    seconds: float
    codec: str
    audio_codec: str
    frames_per_second: float
    index_is_first: bool

    @property
    def ratio(self) -> float:
        """Width by height, 0 where the film has no picture."""
        return self.width / self.height if self.height else 0.0


def probe_jpeg(raw: bytes) -> ImageFacts | None:
    """Return the facts of a JPEG, or None when *raw* is none (or is cut before its size)."""
    if raw[:3] != b"\xff\xd8\xff":
        return None
    at, is_multi_picture = 2, False
    while at + 4 <= len(raw):
        if raw[at] != _FF:
            return None
        marker = raw[at + 1]
        if marker == _FF or marker in _NO_LENGTH:
            at += 1 if marker == _FF else 2
            continue
        (length,) = struct.unpack_from(">H", raw, at + 2)
        if marker == _APP2 and raw[at + 4 : at + 8] == b"MPF\0":
            is_multi_picture = True
        if marker in _FRAME_HEADERS and at + 9 <= len(raw):
            height, width = struct.unpack_from(">HH", raw, at + 5)
            return ImageFacts(width, height, is_multi_picture) if width and height else None
        at += 2 + length
    return None


def probe_video(raw: bytes) -> VideoFacts | None:
    """Return the facts of an MP4 or MOV, or None when *raw* is none or its index is missing."""
    try:
        return _probe_video(raw)
    except (struct.error, LookupError, ValueError):
        return None


def _probe_video(raw: bytes) -> VideoFacts | None:
    if raw[4:8] not in (b"ftyp", b"moov", b"mdat", b"wide"):
        return None
    order = [kind for kind, _ in _boxes(raw)]
    top = dict(_boxes(raw))
    if b"moov" not in top or b"mdat" not in top:
        return None
    moov = list(_boxes(top[b"moov"]))
    scale, duration = _scale_and_duration(dict(moov)[b"mvhd"])
    width = height = 0
    codec, audio, rate = "", "", 0.0
    for kind, body in moov:
        if kind != b"trak":
            continue
        track = dict(_boxes(body))
        media = dict(_boxes(track[b"mdia"]))
        table = dict(_boxes(dict(_boxes(media[b"minf"]))[b"stbl"]))
        sort = media[b"hdlr"][8:12]
        if sort == b"vide":
            width, height = _size(track[b"tkhd"])
            codec, rate = _codec(table), _rate(table, media[b"mdhd"])
        elif sort == b"soun":
            audio = _codec(table)
    return VideoFacts(
        width,
        height,
        duration / scale if scale else 0.0,
        codec,
        audio,
        rate,
        order.index(b"moov") < order.index(b"mdat"),
    )


def _boxes(raw: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at + 8 <= len(raw):
        size, kind = struct.unpack_from(">I4s", raw, at)
        head = 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", raw, at + 8)
            head = 16
        elif size == 0:
            size = len(raw) - at
        if size < head:
            raise ValueError("a box smaller than its head")
        yield kind, raw[at + head : at + size]
        at += size


def _scale_and_duration(header: bytes) -> tuple[int, int]:
    """Read `mvhd` or `mdhd`, which begin alike."""
    if header[0] == 1:
        scale, duration = struct.unpack_from(">IQ", header, 20)
    else:
        scale, duration = struct.unpack_from(">II", header, 12)
    return int(scale), int(duration)


def _size(tkhd: bytes) -> tuple[int, int]:
    shift = 12 if tkhd[0] == 1 else 0
    (is_upright,) = struct.unpack_from(">i", tkhd, 40 + shift)
    width, height = struct.unpack_from(">II", tkhd, 76 + shift)
    pair = (width >> 16, height >> 16)
    return pair if is_upright else (pair[1], pair[0])


def _codec(table: dict[bytes, bytes]) -> str:
    return table[b"stsd"][12:16].decode("latin-1")


def _rate(table: dict[bytes, bytes], mdhd: bytes) -> float:
    stts = table[b"stts"]
    (entries,) = struct.unpack_from(">I", stts, 4)
    frames = sum(struct.unpack_from(">I", stts, 8 + 8 * index)[0] for index in range(entries))
    scale, duration = _scale_and_duration(mdhd)
    return frames * scale / duration if duration else 0.0
