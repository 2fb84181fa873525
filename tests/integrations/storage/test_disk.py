"""The media store on the disk."""

import hashlib
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from integrations.storage.contract import MediaStore, ObjectGone, ObjectTooLarge
from integrations.storage.disk import DiskStore
from integrations.storage.links import SignedLinks
from tests.support.clock import SettableClock


@pytest.fixture
def links(clock: SettableClock) -> SignedLinks:
    return SignedLinks(SecretStr("a secret of some length"), "https://a.example", clock.now)


@pytest.fixture
def store(tmp_path: Path, links: SignedLinks) -> MediaStore:
    return DiskStore(tmp_path / "media", links)


async def _stream(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def _breaking(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk
    raise ConnectionError("the sender hung up")


async def _kept(store: MediaStore, *chunks: bytes) -> str:
    stored = await store.put(
        _stream(*chunks), suffix=".jpg", mime="image/jpeg", max_bytes=10_000_000
    )
    return stored.key


async def _whole(stream: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in stream])


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_what_is_put_can_be_read_back_whole(store: MediaStore) -> None:
    chunks = [bytes([n]) * 700_000 for n in range(4)]

    stored = await store.put(_stream(*chunks), suffix=".mp4", mime="video/mp4", max_bytes=10**7)

    assert stored.size_bytes == 2_800_000
    assert stored.sha256 == hashlib.sha256(b"".join(chunks)).hexdigest()
    assert re.fullmatch(r"[0-9a-f]{32}\.mp4", stored.key)
    assert await store.read(stored.key) == b"".join(chunks)
    assert await _whole(store.open(stored.key)) == b"".join(chunks)
    assert await store.size(stored.key) == 2_800_000


async def test_the_same_bytes_rest_under_two_keys(store: MediaStore) -> None:
    assert await _kept(store, b"x") != await _kept(store, b"x")


async def test_an_empty_object_can_be_kept(store: MediaStore) -> None:
    key = await _kept(store)

    assert (await store.read(key), await store.size(key)) == (b"", 0)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (0, None, b"0123456789"),
        (4, None, b"456789"),
        (0, 0, b"0"),
        (2, 5, b"2345"),
        (8, 99, b"89"),
        (99, None, b""),
    ],
)
async def test_a_part_of_an_object_is_given_both_ends_included(
    store: MediaStore, start: int, end: int | None, expected: bytes
) -> None:
    key = await _kept(store, b"0123456789")

    assert await _whole(store.open(key, start=start, end=end)) == expected


async def test_bad_032_a_stream_over_the_cap_leaves_nothing(
    store: MediaStore, tmp_path: Path
) -> None:
    ended: list[bool] = []

    async def endless() -> AsyncIterator[bytes]:
        try:
            while True:
                yield bytes(65536)
        finally:
            ended.append(True)

    with pytest.raises(ObjectTooLarge):
        await store.put(endless(), suffix=".jpg", mime="image/jpeg", max_bytes=3_000_000)

    assert _files(tmp_path) == []
    assert ended == [True]


async def test_a_stream_that_breaks_off_leaves_nothing(store: MediaStore, tmp_path: Path) -> None:
    with pytest.raises(ConnectionError):
        await store.put(_breaking(b"half"), suffix=".jpg", mime="image/jpeg", max_bytes=100)

    assert _files(tmp_path) == []


async def test_exactly_the_cap_is_kept_and_one_byte_more_is_not(store: MediaStore) -> None:
    stored = await store.put(_stream(b"12345"), suffix=".jpg", mime="image/jpeg", max_bytes=5)

    assert stored.size_bytes == 5
    with pytest.raises(ObjectTooLarge):
        await store.put(_stream(b"12345", b"6"), suffix=".jpg", mime="image/jpeg", max_bytes=5)


async def test_what_is_deleted_is_gone_and_may_be_deleted_again(store: MediaStore) -> None:
    key = await _kept(store, b"x")

    await store.delete(key)
    await store.delete(key)

    with pytest.raises(ObjectGone):
        await store.read(key)
    with pytest.raises(ObjectGone):
        await _whole(store.open(key))
    with pytest.raises(ObjectGone):
        await store.size(key)


@pytest.mark.parametrize(
    "key",
    [
        "../secret.jpg",
        "..",
        "",
        "/etc/passwd",
        "0123456789abcdef0123456789abcdef.jpg/../../../secret.jpg",
        "0123456789abcdef0123456789abcdef.jpg\0",
        "0123456789abcdef0123456789abcdef.jpg\n",
        "0123456789ABCDEF0123456789ABCDEF.jpg",
        "incoming/0123456789abcdef0123456789abcdef.jpg",
        "0123456789abcdef0123456789abcdef",
        "\ud800",
    ],
)
async def test_s11_no_key_leads_out_of_the_store(
    store: MediaStore, tmp_path: Path, key: str
) -> None:
    (tmp_path / "secret.jpg").write_bytes(b"not for you")

    with pytest.raises(ObjectGone):
        await store.read(key)
    with pytest.raises(ObjectGone):
        await _whole(store.open(key))
    with pytest.raises(ObjectGone):
        await store.size(key)
    await store.delete(key)
    assert (tmp_path / "secret.jpg").exists()


@pytest.mark.parametrize("suffix", ["", "jpg", "../x", ".JPG", "./x", ".jpg\n"])
async def test_a_suffix_that_is_none_is_a_mistake(store: MediaStore, suffix: str) -> None:
    with pytest.raises(ValueError, match="suffix"):
        await store.put(_stream(b"x"), suffix=suffix, mime="", max_bytes=9)


async def test_a_public_link_is_a_signed_one(store: MediaStore, links: SignedLinks) -> None:
    key = await _kept(store, b"x")

    url = store.signed_url(key, lives=timedelta(hours=1))

    assert links.is_good(url.split("/")[-2], key)


async def test_a_store_that_can_be_written_passes_the_check(
    store: MediaStore, tmp_path: Path
) -> None:
    await store.check()

    assert _files(tmp_path) == []


async def test_a_store_that_cannot_be_written_fails_the_check(
    tmp_path: Path, links: SignedLinks
) -> None:
    (tmp_path / "file").write_bytes(b"in the way")

    with pytest.raises(OSError):  # noqa: PT011  # which one depends on the system
        await DiskStore(tmp_path / "file", links).check()
