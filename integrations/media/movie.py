"""Reads what an MP4 or MOV says about itself in its boxes. Pure, bounded, never raises.

Source: ISO/IEC 14496-12 (boxes moov, mvhd, trak, tkhd, mdia, mdhd, hdlr, stsd) and Apple's
QuickTime File Format, which has the same boxes.
"""

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

MAX_INDEX_BYTES = 32 * 1024 * 1024
MAX_BOXES = 4096
MAX_TRACKS = 64
_HEADER_BYTES = 8
_LARGE_HEADER_BYTES = 16
_FILM_HANDLER = b"vide"
_SOUND_HANDLER = b"soun"


@dataclass(frozen=True, slots=True)
class Movie:
    """What the index of a film tells. Width and height are as shown, after any rotation."""

    width: int
    height: int
    duration_seconds: float | None
    codec: str
    has_sound: bool
    is_whole: bool
    is_index_first: bool


@dataclass(frozen=True, slots=True)
class _Track:
    handler: bytes
    width: int
    height: int
    codec: str
    duration_seconds: float | None


def read_movie(file: BinaryIO, size: int) -> Movie | None:
    """Read the index of the film in *file*; None when there is none, or no picture in it."""
    try:
        return _read(file, size)
    except (struct.error, ValueError, IndexError, OverflowError):
        return None


def _read(file: BinaryIO, size: int) -> Movie | None:
    moov, is_whole, is_index_first, has_frames = b"", True, False, False
    for kind, start, end in _top_boxes(file, size):
        if end > size:
            is_whole = False
        if kind == b"moov" and not moov and end - start <= MAX_INDEX_BYTES:
            file.seek(start)
            moov = file.read(min(end, size) - start)
            is_index_first = not has_frames
        has_frames = has_frames or kind == b"mdat"
    if not moov:
        return None
    tracks = [
        track
        for body in _children(moov, b"trak", limit=MAX_TRACKS)
        if (track := _track(body)) is not None
    ]
    film = next((one for one in tracks if one.handler == _FILM_HANDLER), None)
    if film is None:
        return None
    duration = _movie_duration(moov) or film.duration_seconds
    return Movie(
        width=film.width,
        height=film.height,
        duration_seconds=duration,
        codec=film.codec,
        has_sound=any(one.handler == _SOUND_HANDLER for one in tracks),
        is_whole=is_whole and has_frames,
        is_index_first=is_index_first,
    )


def _top_boxes(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int, int]]:
    """Give kind, start and end of the content of each outermost box."""
    at = 0
    for _ in range(MAX_BOXES):
        if at + _HEADER_BYTES > size:
            return
        file.seek(at)
        header = file.read(_LARGE_HEADER_BYTES)
        length, kind = struct.unpack_from(">I4s", header)
        start = at + _HEADER_BYTES
        if length == 1:
            (length,) = struct.unpack_from(">Q", header, _HEADER_BYTES)
            start = at + _LARGE_HEADER_BYTES
        elif length == 0:
            length = size - at
        if at + length < start:
            raise ValueError("a box shorter than its header")
        yield kind, start, at + length
        at += length


def _boxes(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    for _ in range(MAX_BOXES):
        if at + _HEADER_BYTES > len(body):
            return
        length, kind = struct.unpack_from(">I4s", body, at)
        start = at + _HEADER_BYTES
        if length == 1:
            (length,) = struct.unpack_from(">Q", body, start)
            start += _HEADER_BYTES
        elif length == 0:
            length = len(body) - at
        if at + length < start:
            return
        yield kind, body[start : at + length]
        at += length


def _children(body: bytes, *path: bytes, limit: int = 1) -> list[bytes]:
    """Give the bodies of the boxes at *path* below *body*, the last step up to *limit* times."""
    for kind in path[:-1]:
        body = next((inner for name, inner in _boxes(body) if name == kind), b"")
    found = (inner for name, inner in _boxes(body) if name == path[-1])
    return [inner for inner, _ in zip(found, range(limit), strict=False)]


def _child(body: bytes, *path: bytes) -> bytes:
    return next(iter(_children(body, *path)), b"")


def _track(body: bytes) -> _Track | None:
    head, media = _child(body, b"tkhd"), _child(body, b"mdia")
    handler = _child(media, b"hdlr")[8:12]
    if not head or not handler:
        return None
    width, height = _shown_size(head)
    described = _child(media, b"minf", b"stbl", b"stsd")
    codec = described[12:16].decode("ascii", "replace") if described else ""
    return _Track(handler, width, height, codec, _duration(_child(media, b"mdhd")))


def _shown_size(head: bytes) -> tuple[int, int]:
    """Give width and height as shown: a quarter turn in the matrix swaps them."""
    matrix_at = 52 if head[0] == 1 else 40
    turn = struct.unpack_from(">9i", head, matrix_at)
    width, height = struct.unpack_from(">II", head, matrix_at + 36)
    sides = width >> 16, height >> 16
    is_quarter_turn = turn[0] == 0 and turn[4] == 0 and turn[1] != 0 and turn[3] != 0
    return (sides[1], sides[0]) if is_quarter_turn else sides


def _movie_duration(moov: bytes) -> float | None:
    head = _child(moov, b"mvhd")
    told = _duration(head)
    extended = _child(moov, b"mvex", b"mehd")
    if told or not extended or not head:
        return told
    # A fragmented film tells its length here, in the time scale of the whole film.
    (length,) = struct.unpack_from(">Q" if extended[0] == 1 else ">I", extended, 4)
    return _seconds(length, _scale(head))


def _duration(head: bytes) -> float | None:
    """Read the duration of an mvhd or mdhd, which begin alike."""
    if not head:
        return None
    (length,) = (
        struct.unpack_from(">Q", head, 24) if head[0] == 1 else struct.unpack_from(">I", head, 16)
    )
    is_unknown = length in {0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF}
    return None if is_unknown else _seconds(length, _scale(head))


def _scale(head: bytes) -> int:
    (scale,) = struct.unpack_from(">I", head, 20 if head[0] == 1 else 12)
    return int(scale)


def _seconds(length: int, scale: int) -> float | None:
    if not length or not scale:
        return None
    seconds = length / scale
    return seconds if math.isfinite(seconds) else None
