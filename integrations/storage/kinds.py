"""Suffixes and media types: a key's suffix alone says what an object is served as."""

from pathlib import PurePosixPath

_SUFFIX_BY_MIME = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "image/gif": ".gif",
    "image/heic": ".heic",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
}
_MIME_BY_SUFFIX = {suffix: mime for mime, suffix in _SUFFIX_BY_MIME.items()}

UNKNOWN_MIME = "application/octet-stream"
UNKNOWN_SUFFIX = ".bin"


def suffix_of(mime: str) -> str:
    """Give the suffix for a media type (".bin" for one we do not serve)."""
    return _SUFFIX_BY_MIME.get(mime, UNKNOWN_SUFFIX)


def mime_of(key: str) -> str:
    """Give the Content-Type an object is handed out under: one of a fixed few, never HTML."""
    return _MIME_BY_SUFFIX.get(PurePosixPath(key).suffix, UNKNOWN_MIME)
