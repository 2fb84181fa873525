import asyncio
import io
import json
import os
from datetime import UTC, datetime

import pytest

from integrations.chat.incoming import Received
from models.database import INBOX, db
from models.inbox import Inbox, store_received
from tests.support.clock import SettableClock
from tests.web_oauth.conftest import World
from web_oauth import hooks
from web_oauth.hooks import GatheringInbox

SECRET = {"X-Secret": "door-secret", "Content-Type": "application/json"}


def update(number: int = 1, **more: object) -> bytes:
    return json.dumps({"update_id": number, "chat": "7", **more}).encode()


async def test_an_update_is_in_the_inbox_before_it_is_acknowledged(world: World) -> None:
    answer = await world.browser().post("/hooks/telegram", data=update(), headers=SECRET)

    assert answer.status == 200
    row = await Inbox.get()
    assert (row.source, row.external_id, row.conversation) == ("telegram:42", "1", "7")
    assert bytes(row.body) == update()
    assert (row.state, row.kind, row.attempts) == ("waiting", "event", 0)
    assert world.wakes == [INBOX]


@pytest.mark.parametrize(
    "secret", [None, "", "wrong", "door-secre", "door-secret2", "ü", "DOOR-SECRET"]
)
async def test_bad_071_a_wrong_secret_is_403_and_the_body_stays_unread(
    world: World, secret
) -> None:
    headers = {"Content-Type": "application/json"} | ({"X-Secret": secret} if secret else {})

    answer = await world.browser().post("/hooks/telegram", data=update(), headers=headers)

    assert answer.status == 403
    assert answer.body == b""
    assert world.chat.bodies_seen == 0
    assert not await Inbox.all().count()


async def test_s6_the_secret_with_any_byte_flipped_is_403(world: World) -> None:
    browser, secret = world.browser(), "door-secret"

    for at in range(len(secret)):
        flipped = secret[:at] + chr(ord(secret[at]) ^ 1) + secret[at + 1 :]
        headers = {**SECRET, "X-Secret": flipped}
        answer = await browser.post("/hooks/telegram", data=update(), headers=headers)
        assert answer.status == 403

    assert not await Inbox.all().count()


async def test_bad_072_the_same_update_five_times_is_kept_once(world: World) -> None:
    browser = world.browser()

    answers = [
        await browser.post("/hooks/telegram", data=update(9), headers=SECRET) for _ in range(5)
    ]

    assert {answer.status for answer in answers} == {200}
    assert await Inbox.all().count() == 1


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"no json", "application/json", 400),
        (b"", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'{"update_id": "x"}', "application/json", 400),
        (b"\xff\xfe\x00", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (update(), "text/plain", 415),
        (update(), "application/x-www-form-urlencoded", 415),
        (update(), "multipart/form-data; boundary=x", 415),
        (b"1" * 1_000_001, "application/json", 413),
        (io.BytesIO(b"1" * 50_000_000), "application/json", 413),
    ],
)
async def test_bad_073_a_body_out_of_form_is_4xx_without_a_trace(
    world: World, body, content_type, status
) -> None:
    headers = {**SECRET, "Content-Type": content_type}

    answer = await world.browser().post("/hooks/telegram", data=body, headers=headers)

    assert answer.status == status
    assert answer.body == b""
    assert not await Inbox.all().count()


async def test_bad_073_an_endless_body_without_a_length_is_cut_off(world: World) -> None:
    sent = 0

    async def endless():
        nonlocal sent
        for _ in range(3_000):
            sent += 65_536
            yield b"x" * 65_536

    try:
        answer = await world.browser().post("/hooks/telegram", data=endless(), headers=SECRET)
        assert answer.status == 413
    except OSError:
        pass  # the door hung up on us, which is as good
    assert sent < 3_000 * 65_536


async def test_bad_073_a_packed_body_is_not_unpacked(world: World) -> None:
    headers = {**SECRET, "Content-Encoding": "gzip"}

    answer = await world.browser().post("/hooks/telegram", data=b"\x1f\x8b", headers=headers)

    assert answer.status in {400, 415}
    assert not await Inbox.all().count()


async def test_bad_074_an_unknown_kind_of_update_is_stored_and_acknowledged(
    world: World,
) -> None:
    body = update(5, brand_new_kind={"deep": [1, "\x00", "\ud800"]})

    answer = await world.browser().post("/hooks/telegram", data=body, headers=SECRET)

    assert answer.status == 200
    assert bytes((await Inbox.get()).body) == body


@pytest.mark.parametrize(
    "path", ["/hooks/slack", "/hooks/", "/hooks/telegram/other", "/hooks/telegram/../telegram2"]
)
async def test_a_door_that_is_not_there_is_404(world: World, path) -> None:
    answer = await world.browser().post(path, data=update(), headers=SECRET)

    assert answer.status == 404


async def test_a_get_at_the_door_is_refused(world: World) -> None:
    assert (await world.browser().get("/hooks/telegram")).status == 405


async def test_while_the_database_is_away_the_chat_is_told_to_come_again(
    world: World, database_url: str
) -> None:
    import asyncpg

    from models.database import connection_values

    browser = world.browser()
    other = await asyncpg.connect(**connection_values(database_url))
    await other.execute("BEGIN; LOCK TABLE inbox")
    try:
        hooks_limit, hooks.STORE_SECONDS = hooks.STORE_SECONDS, 0.2
        answer = await browser.post("/hooks/telegram", data=update(), headers=SECRET)
    finally:
        hooks.STORE_SECONDS = hooks_limit
        await other.close()

    assert answer.status == 503
    assert int(answer.headers["Retry-After"]) > 0
    again = await browser.post("/hooks/telegram", data=update(), headers=SECRET)
    assert again.status == 200
    assert await Inbox.all().count() == 1


async def test_s14_a_flood_of_updates_is_stored_whole_and_in_few_statements(
    database: str, clock: SettableClock, monkeypatch
) -> None:
    batches = []

    async def counted(received, now):
        batches.append(len(received))
        return await store_received(received, now)

    inbox = GatheringInbox(counted, clock)
    flood = [Received("telegram:42", str(n), "7", update(n)) for n in range(1_000)]

    async with asyncio.timeout(5):
        await asyncio.gather(*(inbox.put(one) for one in flood))

    assert await Inbox.all().count() == 1_000
    assert sum(batches) == 1_000
    assert len(batches) <= 4


async def test_one_failed_batch_fails_those_in_it_and_nobody_after(clock: SettableClock) -> None:
    stored: list[str] = []

    async def once_broken(received, _now):
        if not stored:
            stored.append("failed")
            raise OSError("away")
        stored.extend(one.external_id for one in received)
        return len(received)

    inbox = GatheringInbox(once_broken, clock)
    first = await asyncio.gather(
        *(inbox.put(Received("s", str(n), "", b"")) for n in range(3)), return_exceptions=True
    )
    await inbox.put(Received("s", "later", "", b""))

    assert any(isinstance(one, OSError) for one in first)
    assert "later" in stored


async def test_who_gives_up_waiting_takes_nothing_from_the_others(clock: SettableClock) -> None:
    began, goes_on = asyncio.Event(), asyncio.Event()

    async def slow(received, _now):
        began.set()
        await goes_on.wait()
        return len(received)

    inbox = GatheringInbox(slow, clock)
    impatient, patient, later = (
        asyncio.create_task(inbox.put(Received("s", name, "", b""))) for name in "123"
    )
    await began.wait()
    impatient.cancel()
    with pytest.raises(asyncio.CancelledError):
        await impatient
    assert not patient.done()
    goes_on.set()

    async with asyncio.timeout(5):
        await asyncio.gather(patient, later)


async def test_while_the_database_is_away_an_event_is_kept_for_as_long_as_its_chat_waits(
    clock: SettableClock,
) -> None:
    tries: list[str] = []

    async def away_at_first(received, _now):
        tries.extend(one.external_id for one in received)
        if len(tries) < 4:
            raise OSError("away")

    inbox = GatheringInbox(away_at_first, clock)
    with pytest.raises(OSError, match="away"):
        await inbox.put(Received("s", "hasty", "", b""))
    await inbox.put(Received("s", "patient", "", b""), patience_seconds=60)

    assert tries == ["hasty", "patient", "patient", "patient"]


async def test_a_writer_that_is_cancelled_leaves_nobody_waiting(clock: SettableClock) -> None:
    began = asyncio.Event()

    async def stuck(_received, _now):
        began.set()
        await asyncio.Event().wait()

    inbox = GatheringInbox(stuck, clock)
    first = asyncio.create_task(inbox.put(Received("s", "1", "", b"")))
    await began.wait()
    second = asyncio.create_task(inbox.put(Received("s", "2", "", b"")))
    await asyncio.wait({second}, timeout=0)
    inbox._writing.cancel()

    async with asyncio.timeout(5):
        told = await asyncio.gather(first, second, return_exceptions=True)

    assert [type(one) for one in told] == [TimeoutError, TimeoutError]


class TestWithARandomPath:
    @pytest.fixture
    def hook_secrets(self) -> dict[str, str]:
        return {"telegram": "random-part"}

    async def test_only_the_whole_address_is_a_door(self, world: World) -> None:
        browser = world.browser()

        bare = await browser.post("/hooks/telegram", data=update(), headers=SECRET)
        wrong = await browser.post("/hooks/telegram/random", data=update(), headers=SECRET)
        whole = await browser.post("/hooks/telegram/random-part", data=update(), headers=SECRET)

        assert (bare.status, wrong.status, whole.status) == (404, 404, 200)


async def test_a_batch_keeps_its_order_by_id_and_by_time(database: str) -> None:
    now = datetime(2026, 11, 24, 9, tzinfo=UTC)
    batch = [Received("s", str(n), "c", b"") for n in range(50)]

    assert await store_received(batch, now) == 50
    assert await store_received(batch, now) == 0
    assert await store_received([], now) == 0

    by_id = [row.external_id for row in await Inbox.all().order_by("id")]
    by_time = [row.external_id for row in await Inbox.all().order_by("received_at")]
    assert by_id == by_time == [str(n) for n in range(50)]


async def test_k19_nul_and_lone_surrogates_stop_neither_their_row_nor_the_batch(
    database: str,
) -> None:
    odd = [
        Received("s", "a\x00b", "c\ud800", b"\x00\xff"),
        Received("s", "\ud83d", "\x00", os.urandom(64)),
        Received("s", "plain", "c", b"{}"),
    ]

    assert await store_received(odd, datetime.now(UTC)) == 3  # noqa: TID251
    assert await store_received(odd, datetime.now(UTC)) == 0  # noqa: TID251

    rows = await db().execute_query_dict("SELECT body FROM inbox WHERE external_id LIKE 'a%'")
    assert bytes(rows[0]["body"]) == b"\x00\xff"
