from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from integrations.storage.links import SignedLinks
from tests.web_oauth.conftest import World
from web_oauth.media import read_range

KEY = "0123456789abcdef0123456789abcdef.jpg"
BODY = bytes(range(256)) * 20


@pytest.fixture
def path(world: World) -> str:
    world.store.objects[KEY] = BODY
    world.links.good.add(("token", KEY))
    return f"/m/token/{KEY}"


async def test_s11_a_good_link_gives_exactly_its_object(world: World, path: str) -> None:
    answer = await world.browser().get(path)

    assert answer.status == 200
    assert answer.body == BODY
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Content-Length"] == str(len(BODY))
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"] == "attachment"
    assert answer.headers["Accept-Ranges"] == "bytes"


async def test_a_head_says_the_same_without_the_body(world: World, path: str) -> None:
    answer = await world.browser().ask("HEAD", path)

    assert answer.status == 200
    assert answer.headers["Content-Length"] == str(len(BODY))
    assert answer.body == b""


async def test_s11_expired_is_403_another_key_is_403_gone_is_404(world: World, path: str) -> None:
    browser, other = world.browser(), KEY.replace("0", "f")
    world.store.objects[other] = b"other"

    assert (await browser.get(f"/m/token/{other}")).status == 403
    assert (await browser.get(f"/m/forged/{KEY}")).status == 403
    del world.store.objects[KEY]
    assert (await browser.get(path)).status == 404
    world.links.good.clear()
    assert (await browser.get(path)).status == 403


@pytest.mark.parametrize(
    "path",
    ["/m", "/m/", "/m/token", "/m/token/", "/m/token/..", "/m/token/%2e%2e%2fetc%2fpasswd",
     "/m/token/../../etc/passwd", "/m/token/.hidden", "/m/token/a%00b", "/m/token/a%0d%0ab",
     "/static/../site.py", "/static/%2e%2e%2fsite.py", "/static/"],
)  # fmt: skip
async def test_s11_nothing_is_listed_and_nothing_served_by_path(world: World, path) -> None:
    from yarl import URL

    browser = world.browser()

    async with browser.session.get(URL(browser.base + path, encoded=True)) as answer:
        assert answer.status in {400, 403, 404}
        text = await answer.text()
        assert "root:" not in text
        assert "import" not in text


@pytest.mark.parametrize(
    ("asked", "status", "part"),
    [
        ("bytes=0-99", 206, BODY[:100]),
        ("bytes=100-", 206, BODY[100:]),
        ("bytes=-10", 206, BODY[-10:]),
        ("bytes=-99999999", 200, BODY),
        ("bytes=5000-99999999", 206, BODY[5000:]),
        ("bytes=0-0,5-9", 200, BODY),
        ("lines=1-2", 200, BODY),
        ("bytes=9-1", 200, BODY),
    ],
)
async def test_a_range_gives_its_part(world: World, path: str, asked, status, part) -> None:
    answer = await world.browser().get(path, headers={"Range": asked})

    assert (answer.status, answer.body) == (status, part)
    if status == 206:
        first = len(BODY) - len(part) if not asked.startswith("bytes=0-") else 0
        last = first + len(part) - 1
        assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{len(BODY)}"


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=-0"])
async def test_a_range_behind_the_end_is_416(world: World, path: str, asked) -> None:
    answer = await world.browser().get(path, headers={"Range": asked})

    assert answer.status == 416
    assert answer.headers["Content-Range"] == f"bytes */{len(BODY)}"


@given(st.text(), st.integers(min_value=1, max_value=10_000))
def test_any_range_stays_within_the_object(header: str, size: int) -> None:
    for asked in (header, f"bytes={header}"):
        part = read_range(asked, size)
        assert part is None or 0 <= part.first <= part.last < size


async def test_an_empty_object_is_an_empty_answer(world: World, path: str) -> None:
    world.store.objects[KEY] = b""

    answer = await world.browser().get(path)

    assert (answer.status, answer.body) == (200, b"")


async def test_the_type_is_fixed_by_the_suffix_and_never_a_page(world: World) -> None:
    browser = world.browser()
    for key, mime in {
        "a.mp4": "video/mp4", "b.png": "image/png", "c.html": "application/octet-stream",
        "d.svg": "application/octet-stream", "e": "application/octet-stream",
    }.items():  # fmt: skip
        world.store.objects[key] = b"<script>alert(1)</script>"
        world.links.good.add(("t", key))
        assert (await browser.get(f"/m/t/{key}")).headers["Content-Type"] == mime


async def test_a_store_that_breaks_off_breaks_the_connection_off(world: World, path: str) -> None:
    import aiohttp

    world.store.breaks_after = 3_000

    with pytest.raises(aiohttp.ClientError):
        await world.browser().get(path)


async def test_s11_links_of_the_real_store_end_by_the_clock(clock, tmp_path) -> None:
    signed = SignedLinks(SecretStr("x" * 32), "https://postcue.test", clock.now)
    _, _, token, key = signed.sign(KEY, lives=timedelta(hours=6)).rsplit("/", 3)

    assert signed.is_good(token, key)
    assert not signed.is_good(token, key.replace("0", "f"))
    clock.pass_time(timedelta(hours=6, seconds=1))
    assert not signed.is_good(token, key)
