"""A media store on the local disk: random keys, whole objects or none."""

import asyncio
import hashlib
import os
import re
import secrets
from collections.abc import AsyncGenerator, AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from integrations.storage.contract import ObjectGone, ObjectTooLarge, Stored
from integrations.storage.links import SignedLinks

READ_BYTES = 256 * 1024
WRITE_BYTES = 1024 * 1024
_KEY = re.compile(r"[0-9a-f]{32}\.[a-z0-9]{1,8}")
_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")


class DiskStore:
    """Keeps the `MediaStore` contract in the folder *root*; links are signed by *links*.

    An object lies at `ab/cd/abcd….jpg`. It is written beside, forced to the disk and then renamed:
    a crash leaves a whole object or nothing under its key.
    """

    def __init__(self, root: Path, links: SignedLinks) -> None:
        self._root = root
        self._incoming = root / "incoming"
        self._links = links

    async def put(
        self, body: AsyncIterator[bytes], *, suffix: str, mime: str, max_bytes: int
    ) -> Stored:
        """Keep a stream and return where it rests (the suffix says the type, not *mime*).

        Raises:
            ObjectTooLarge: the stream went over *max_bytes*; nothing was kept.
            ValueError: no suffix of ours, a mistake of the caller.
        """
        del mime
        if not _SUFFIX.fullmatch(suffix):
            raise ValueError(f"no suffix: {suffix!r}")
        key = secrets.token_hex(16) + suffix
        beside = self._incoming / key
        file = await _opened(beside)
        try:
            size, digest = await _written(file, body, max_bytes)
            await asyncio.to_thread(_settled, file, beside, self._path(key))
        finally:
            await asyncio.to_thread(_discarded, file, beside)
            await _let_go(body)
        return Stored(key, size, digest)

    async def read(self, key: str) -> bytes:
        """Return the whole object.

        Raises:
            ObjectGone: nothing rests there.
        """
        try:
            return await asyncio.to_thread(self._path(key).read_bytes)
        except FileNotFoundError as err:
            raise ObjectGone(key) from err

    async def open(
        self, key: str, *, start: int = 0, end: int | None = None
    ) -> AsyncIterator[bytes]:
        """Stream an object, from *start* up to and including *end*.

        Raises:
            ObjectGone: nothing rests there.
        """
        try:
            file = await asyncio.to_thread(self._path(key).open, "rb")
        except FileNotFoundError as err:
            raise ObjectGone(key) from err
        try:
            await asyncio.to_thread(file.seek, start)
            left = None if end is None else end - start + 1
            while left is None or left > 0:
                wanted = READ_BYTES if left is None else min(READ_BYTES, left)
                chunk = await asyncio.to_thread(file.read, wanted)
                if not chunk:
                    return
                if left is not None:
                    left -= len(chunk)
                yield chunk
        finally:
            await asyncio.to_thread(file.close)

    async def size(self, key: str) -> int:
        """Return the size of an object in bytes.

        Raises:
            ObjectGone: nothing rests there.
        """
        try:
            return (await asyncio.to_thread(self._path(key).stat)).st_size
        except FileNotFoundError as err:
            raise ObjectGone(key) from err

    async def delete(self, key: str) -> None:
        """Forget an object; forgetting twice is fine."""
        try:
            path = self._path(key)
        except ObjectGone:
            return
        await asyncio.to_thread(path.unlink, missing_ok=True)

    def signed_url(self, key: str, *, lives: timedelta) -> str:
        """Return a public link to exactly this object that ends after *lives*."""
        return self._links.sign(key, lives=lives)

    async def check(self) -> None:
        """Prove that the store can be written and read; raises OSError if not."""
        await asyncio.to_thread(self._prove)

    def _path(self, key: str) -> Path:
        """Give where *key* lies. What is no key of ours leads nowhere, least of all outside."""
        if not _KEY.fullmatch(key):
            raise ObjectGone(key)
        return self._root / key[:2] / key[2:4] / key

    def _prove(self) -> None:
        self._incoming.mkdir(parents=True, exist_ok=True)
        proof = self._incoming / f"{secrets.token_hex(16)}.check"
        try:
            proof.write_bytes(b"postcue")
            if proof.read_bytes() != b"postcue":
                raise OSError(f"{self._incoming} does not keep what is written")
        finally:
            proof.unlink(missing_ok=True)


async def _opened(path: Path) -> BinaryIO:
    """Make a file; who is cancelled meanwhile leaves none behind, neither open nor closed."""
    creating = asyncio.ensure_future(asyncio.to_thread(_created, path))
    try:
        return await asyncio.shield(creating)
    except asyncio.CancelledError:
        creating.add_done_callback(lambda made: _unmade(made, path))
        raise


def _unmade(made: "asyncio.Future[BinaryIO]", path: Path) -> None:
    if made.exception() is None:
        _discarded(made.result(), path)


def _created(path: Path) -> BinaryIO:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("xb")


async def _written(file: BinaryIO, body: AsyncIterator[bytes], max_bytes: int) -> tuple[int, str]:
    size, digest, waiting = 0, hashlib.sha256(), bytearray()
    async for chunk in body:
        size += len(chunk)
        if size > max_bytes:
            raise ObjectTooLarge
        waiting += chunk
        if len(waiting) >= WRITE_BYTES:
            await asyncio.to_thread(_write, file, digest, bytes(waiting))
            waiting.clear()
    await asyncio.to_thread(_write, file, digest, bytes(waiting))
    return size, digest.hexdigest()


async def _let_go(body: AsyncIterator[bytes]) -> None:
    """End a stream that was not read to its end now, so that its connection is free again."""
    if isinstance(body, AsyncGenerator):
        await body.aclose()


def _write(file: BinaryIO, digest: "hashlib._Hash", chunk: bytes) -> None:
    digest.update(chunk)
    file.write(chunk)


def _settled(file: BinaryIO, beside: Path, path: Path) -> None:
    file.flush()
    os.fsync(file.fileno())
    file.close()
    path.parent.mkdir(parents=True, exist_ok=True)
    beside.replace(path)
    for folder in (path.parent, path.parent.parent, path.parent.parent.parent):
        _force_to_disk(folder)


def _discarded(file: BinaryIO, beside: Path) -> None:
    file.close()
    beside.unlink(missing_ok=True)


def _force_to_disk(folder: Path) -> None:
    """Make a rename in *folder* outlive a power cut (where folders can be opened: not Windows)."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
