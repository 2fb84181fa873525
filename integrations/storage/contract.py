"""The contract of a media store, S3-shaped: objects under random keys, never listed."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol


class ObjectGone(Exception):
    """There is no object under that key."""


class ObjectTooLarge(Exception):
    """The stream was longer than allowed; nothing was kept."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An object that rests in the store: its key, size and content hash (sha256, hex)."""

    key: str
    size_bytes: int
    sha256: str


class MediaStore(Protocol):
    """Keeps bytes. A key is random and ends in a fitting suffix (".jpg")."""

    async def put(
        self, body: AsyncIterator[bytes], *, suffix: str, mime: str, max_bytes: int
    ) -> Stored:
        """Keep a stream and return where it rests. All or nothing.

        Raises:
            ObjectTooLarge: the stream went over *max_bytes*.
        """

    async def read(self, key: str) -> bytes:
        """Return the whole object.

        Raises:
            ObjectGone: nothing rests there.
        """

    def open(self, key: str, *, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Stream an object, from *start* up to and including *end*.

        Raises:
            ObjectGone: nothing rests there.
        """

    async def size(self, key: str) -> int:
        """Return the size of an object in bytes.

        Raises:
            ObjectGone: nothing rests there.
        """

    async def delete(self, key: str) -> None:
        """Forget an object; forgetting twice is fine."""

    def signed_url(self, key: str, *, lives: timedelta) -> str:
        """Return a public link to exactly this object that ends after *lives*."""

    async def check(self) -> None:
        """Prove that the store can be written and read; raises OSError if not."""
