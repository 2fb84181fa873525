"""Many posts due in the same second; one post at a quiet moment; the cost of finding due work."""

import argparse
import asyncio
import statistics
import time
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import psutil
from pydantic import SecretStr
from tortoise.transactions import in_transaction

from benchmarks import bullmq
from benchmarks.platform import platform_process, wait_for
from models.account import Account
from models.database import db, open_database
from models.ids import new_id
from models.post import Handle, Media, Post, Target
from models.sealed import Keyring
from models.team import Member, Place, Team
from scheduling.hindsight import Hindsight
from scheduling.store import QUEUE, TargetStore
from scheduling.timing import PRODUCTION
from scheduling.tokens import Tokens, resting_place
from tests.faults.house import House, open_house
from tests.faults.house import Member as Process
from tests.support.clock import SettableClock

FOLDER = Path(__file__).resolve().parents[1] / ".data" / "benchmarks"
ACCOUNTS = 1000
WARM_UP = 200
"""Posts (and calls of the others) before anything is measured: connections are open then."""


async def plan(house: House, count: int, due: datetime, *, every: float = 0.0) -> None:
    """Plan *count* posts that lack nothing but their publish call, *every* so many seconds."""
    now = datetime.now(UTC)
    team = await Team.create(name="Benchmark", created_at=now)
    member = await Member.create(team=team, name="Dana", zone="UTC", created_at=now)
    place = await Place.create(team=team, chat="telegram", chat_id=new_id().hex, created_at=now)
    keyring = Keyring.parse(house.environ["ENCRYPTION_KEYS"])
    accounts = [_account(keyring, team, n, now) for n in range(min(count, ACCOUNTS))]
    rows: list[tuple[Post, Media, Target, Handle]] = []
    for n in range(count):
        at = due + timedelta(seconds=every * n)
        rows.append(_post(team, member, place, accounts[n % len(accounts)], n, at, now))
    async with in_transaction():
        await Account.bulk_create(accounts, batch_size=500)
        for model, some in zip(
            (Post, Media, Target, Handle), zip(*rows, strict=True), strict=True
        ):
            await model.bulk_create(some, batch_size=500)
    await db().execute_script("ANALYZE")


def _account(keyring: Keyring, team: Team, n: int, now: datetime) -> Account:
    account = Account(
        id=new_id(), team=team, platform="instagram", platform_user_id=f"1{new_id().int % 10**12}",
        app_user_id=new_id().hex, username=f"brand{n}", account_type="BUSINESS", state="active",
        token_issued_at=now, token_expires_at=now + timedelta(days=60), checked_at=now,
        created_at=now, updated_at=now,
    )  # fmt: skip
    place = resting_place(account.id, team.id)
    account.sealed_token = keyring.seal(SecretStr(f"token-of-{n}"), place)
    return account


def _post(
    team: Team, member: Member, place: Place, account: Account, n: int, at: datetime, now: datetime
) -> tuple[Post, Media, Target, Handle]:
    post = Post(
        id=new_id(), team=team, author=member, place=place, number=n + 1, kind="image",
        stage="committed", caption=f"benchmark {n}", due_at=at, created_at=now, updated_at=now,
    )  # fmt: skip
    media = Media(
        id=new_id(), post_id=post.id, state="stored", source="benchmark", file_id="x",
        kind="image",
        mime="image/jpeg", size_bytes=9, width=400, height=400, storage_key="x.jpg",
        created_at=now,
    )  # fmt: skip
    target = Target(
        id=new_id(), post_id=post.id, account_id=account.id, state="ready", due_at=at,
        next_attempt_at=at,
        zone="UTC", created_at=now, updated_at=now,
    )  # fmt: skip
    handle = Handle(
        id=new_id(), target_id=target.id, purpose="post", external_id=str(target.id.int % 10**17),
        made_at=now, lapses_at=at + timedelta(hours=20),
    )  # fmt: skip
    return post, media, target, handle


class Meter:
    """CPU seconds and the largest resident size of processes with all their children."""

    def __init__(self, named: dict[str, int]) -> None:
        self._named = named
        self._begun: dict[str, float] = {}
        self.peak: dict[str, float] = dict.fromkeys(named, 0.0)

    def _family(self, name: str) -> list[psutil.Process]:
        with suppress(psutil.NoSuchProcess):
            head = psutil.Process(self._named[name])
            return [head, *head.children(recursive=True)]
        return []

    def _cpu(self, name: str) -> float:
        total = 0.0
        for one in self._family(name):
            with suppress(psutil.NoSuchProcess):
                times = one.cpu_times()
                total += times.user + times.system
        return total

    def begin(self) -> None:
        """Count from now on."""
        self._begun = {name: self._cpu(name) for name in self._named}

    def used(self) -> dict[str, float]:
        """Return the CPU seconds since then."""
        return {name: self._cpu(name) - self._begun[name] for name in self._named}

    def look(self) -> None:
        """Note how large they are at this moment."""
        for name in self._named:
            for one in self._family(name)[:1]:
                with suppress(psutil.NoSuchProcess):
                    self.peak[name] = max(self.peak[name], one.memory_info().rss / 2**20)


async def _figures(url: str) -> dict[str, list[float]]:
    async with aiohttp.ClientSession() as session, session.get(f"{url}/figures") as answer:
        found: dict[str, list[float]] = await answer.json()
        return found


async def _begin(url: str, after: float) -> None:
    async with aiohttp.ClientSession() as session:
        await session.post(f"{url}/begin", params={"after": str(after)})


async def raw_loop(url: str, count: int, after: float, in_flight: int) -> tuple[float, float]:
    """Fire the same calls with nothing written down; returns seconds and CPU seconds."""
    await _begin(url, 0)
    line = asyncio.Semaphore(in_flight)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def fire(n: int) -> None:
            async with line:
                data = {"creation_id": str(n), "access_token": "x"}
                async with session.post(f"{url}/v1/1/media_publish", data=data) as answer:
                    await answer.json()

        await asyncio.gather(*(fire(count + n) for n in range(WARM_UP)))
        await _begin(url, after)
        started, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*(fire(n) for n in range(count)))
        return time.perf_counter() - started, time.process_time() - cpu


async def _until_published(meter: Meter, count: int, seconds: float) -> bool:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        meter.look()
        if await Target.filter(state="published").count() >= count:
            return True
        await asyncio.sleep(0.25)
    return False


async def _until_links_are_read(count: int, seconds: float) -> None:
    limit = time.monotonic() + seconds
    while await Target.exclude(permalink="").count() < count:
        if time.monotonic() > limit:
            return
        await asyncio.sleep(0.25)


def _spread(values: Sequence[float]) -> str:
    ordered = sorted(values)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return f"{statistics.median(ordered):.3f} / {p99:.3f} / {ordered[-1]:.3f}"


async def _started(
    house: House, url: str, workers: int, in_flight: int = 100
) -> tuple[Meter, list[Process]]:
    chosen = [one for one in house.members if one.role == "clock"]
    chosen += [one for one in house.members if one.role == "worker"][:workers]
    for one in chosen:
        one.module = "benchmarks.process"
        one.environ |= {"INSTAGRAM_GRAPH_URL": url, "LOG_LEVEL": "warning"}
        one.environ["PUBLISH_AT_ONCE"] = str(in_flight)
        await one.start()
    await _present(chosen)
    postmaster = int((Path(house.postgres.pgdata) / "postmaster.pid").read_text().split()[0])
    redis = next(
        one.pid
        for one in psutil.Process().children(recursive=True)
        if any("valkey" in word or "redis" in word for word in one.cmdline()[:1])
    )
    named = {f"{one.role}-{one.number}": one.process.pid for one in chosen if one.process}
    return Meter({**named, "postgresql": postmaster, "redis": redis}), chosen


async def _present(chosen: Sequence[Process]) -> None:
    for one in chosen:
        async with asyncio.timeout(60):
            while True:
                with suppress(OSError):
                    _, writer = await asyncio.open_connection(
                        "127.0.0.1", int(one.environ["HTTP_PORT"])
                    )
                    writer.close()
                    break
                await asyncio.sleep(0.1)


async def same_second(count: int, after: float, workers: int, in_flight: int) -> None:
    """(a) *count* posts due in the same second."""
    print(
        f"(a) {count:,} posts in one second, answers after {after * 1000:.0f} ms,"
        f" {workers} worker(s), {in_flight} in flight each"
    )
    with platform_process() as (url, _):
        await wait_for(url)
        raw, raw_cpu = await raw_loop(url, count, after, workers * in_flight)
        await _beside(url, count, after, workers * in_flight)
        async with open_house(FOLDER) as house, open_database(house.database_url, pool_size=2):
            await plan(house, WARM_UP + count, datetime.now(UTC) + timedelta(hours=20))
            meter, _ = await _started(house, url, workers, in_flight)
            await _begin(url, 0)
            await _make_due(WARM_UP, datetime.now(UTC) + timedelta(seconds=2))
            await _until_published(meter, WARM_UP, 60)
            await _until_links_are_read(WARM_UP, 60)
            await _begin(url, after)
            due = datetime.now(UTC) + timedelta(seconds=3 + count / 5000)
            await _make_due(count, due)
            meter.begin()
            seconds = 60 + count * 0.05 + after * count / 50
            done = await _until_published(meter, WARM_UP + count, seconds)
            used, peak = meter.used(), dict(meter.peak)
            arrived = await _figures(url)
            recorded = (await db().execute_query_dict(_LAST_RECORD))[0]["at"] - due
            await _until_links_are_read(WARM_UP + count, 30 + count * 0.01)
            with_links = meter.used()
    first = [times[0] - due.timestamp() for times in arrived.values()]
    drained = recorded.total_seconds()
    print(f"    lateness p50 / p99 / max, s  {_spread(first)}")
    print(
        f"    last one recorded after, s   {drained:.2f}"
        f"  ({drained / raw:.2f} x the raw loop, which takes {raw:.2f} s)"
    )
    print(f"    early {sum(one < 0 for one in first)}, doubled "
          f"{sum(len(times) > 1 for times in arrived.values())}, lost {count - len(arrived)}, "
          f"all recorded: {'yes' if done else 'no'}")  # fmt: skip
    parts = ", ".join(f"{name} {seconds:.2f}" for name, seconds in used.items())
    each = sum(used.values()) * 1000 / count
    later = (sum(with_links.values()) - sum(used.values())) * 1000 / count
    print(f"    CPU per post, ms             {each:.2f}  ({parts} s; raw loop {raw_cpu:.2f} s)")
    print(f"    afterwards, to read its link {later:.2f}")
    print("    peak RSS, MiB                "
          + ", ".join(f"{name} {size:.0f}" for name, size in peak.items()))  # fmt: skip


_LAST_RECORD = "SELECT max(published_at) AS at FROM target"


async def _make_due(count: int, due: datetime) -> None:
    await db().execute_query(
        "UPDATE target SET due_at = $1, next_attempt_at = $1 WHERE id IN"
        " (SELECT id FROM target WHERE state = 'ready' LIMIT $2)",
        [due, count],
    )
    await db().execute_script("VACUUM ANALYZE target")
    await db().execute_script("NOTIFY postcue_target")


async def _beside(url: str, count: int, after: float, in_flight: int) -> None:
    """Let BullMQ make the same calls, where it can be had."""
    reason = await asyncio.to_thread(bullmq.why_not)
    if reason:
        print(f"    BullMQ                       not run: {reason}")
        return
    await _begin(url, 0)
    ran = await bullmq.run(url, count, in_flight, warm_up=WARM_UP, after=after)
    if ran is None:
        print("    BullMQ                       not run: node ended with an error")
        return
    first = [times[0] - ran.due for times in (await _figures(url)).values()]
    print(
        f"    BullMQ {ran.version}, {in_flight} in flight: lateness {_spread(first)} s,"
        f" {ran.cpu * 1000 / count:.2f} ms of Node's CPU each"
    )


async def quiet(count: int) -> None:
    """(c) One post at a time."""
    with platform_process() as (url, _):
        await wait_for(url)
        async with open_house(FOLDER) as house, open_database(house.database_url, pool_size=2):
            meter, _ = await _started(house, url, 1)
            await _begin(url, 0)
            due = datetime.now(UTC) + timedelta(seconds=6)
            await plan(house, count, due, every=0.613)
            at = {
                str(one.external_id): one.target.due_at.timestamp()
                for one in await Handle.all().prefetch_related("target")
            }
            await _until_published(meter, count, 30 + count)
            arrived = await _figures(url)
    late = [times[0] - at[container] for container, times in arrived.items()]
    print(f"(c) one post at a quiet moment, {len(late)} samples, 1 worker")
    print(f"    lateness p50 / p99 / max, s  {_spread(late)}   early {sum(x < 0 for x in late)}")


async def claims(counts: Sequence[int]) -> None:
    """(b) The cost of finding due work while many wait."""
    async with open_house(FOLDER) as house, open_database(house.database_url, pool_size=2):
        clock = SettableClock()
        store = TargetStore(clock, PRODUCTION)
        keyring = Keyring.parse(house.environ["ENCRYPTION_KEYS"])
        hindsight = Hindsight({}, Tokens({}, keyring, clock), clock)
        planned = 0
        for count in counts:
            await _fill(house, count - planned)
            planned = count
            await db().execute_script("VACUUM ANALYZE target")
            idle = [
                await _timed(store.claim_due(100, owner=QUEUE, lease=timedelta()))
                for _ in range(200)
            ]
            look = [await _timed(store.next_due_in()) for _ in range(200)]
            again = [await _timed(hindsight.look()) for _ in range(20)]
            took = [await _claim_100(store) for _ in range(20)]
            print(
                f"(b) {count:>9,} waiting: claim of 100 {statistics.median(took):.2f} ms, "
                f"empty claim {statistics.median(idle):.2f} ms, "
                f"next due {statistics.median(look):.2f} ms, "
                f"open questions {statistics.median(again):.2f} ms (medians)"
            )


async def _fill(house: House, count: int) -> None:
    if not await Target.exists():
        await plan(house, 1000, datetime.now(UTC) + timedelta(days=2))
        count -= 1000
    while count > 0:
        await _add(min(count, 100_000))
        count -= 100_000


async def _add(count: int) -> None:
    last = (await db().execute_query_dict("SELECT max(number) AS last FROM post"))[0]["last"]
    await _copy("post", count, {"id": "gen_random_uuid()", "number": f"{last} + n"})
    at = "now() + interval '1 day' + p.number * interval '1 s'"
    fresh = {
        "id": "gen_random_uuid()", "post_id": "p.id", "state": "'scheduled'", "due_at": at,
        "next_attempt_at": at,
    }  # fmt: skip
    await _copy("target", count, fresh, f"JOIN post AS p ON p.number = {last} + n")


async def _copy(table: str, count: int, fresh: dict[str, str], more: str = "") -> None:
    """Add *count* rows like the first one of *table*, but for what is *fresh* in each."""
    found = await db().execute_query_dict(
        "SELECT column_name AS name FROM information_schema.columns WHERE table_name = $1", [table]
    )
    names = [row["name"] for row in found]
    values = ", ".join(fresh.get(name, f"first.{name}") for name in names)
    await db().execute_query(
        f"INSERT INTO {table} ({', '.join(names)}) SELECT {values}"
        f" FROM generate_series(1, {count}) AS n CROSS JOIN (SELECT * FROM {table} LIMIT 1)"
        f" AS first {more}"
    )


async def _claim_100(store: TargetStore) -> float:
    await db().execute_query(
        "UPDATE target SET next_attempt_at = now() - interval '1 s' WHERE id IN"
        " (SELECT id FROM target WHERE state = 'ready' LIMIT 100)"
    )
    took = await _timed(_claim(store))
    await db().execute_query(
        "UPDATE target SET next_attempt_at = now() + interval '1 day', lease_until = NULL"
        " WHERE state = 'ready' AND next_attempt_at <= now()"
    )
    return took


def _claim(store: TargetStore) -> Awaitable[object]:
    return store.claim_due(100, owner=QUEUE, lease=timedelta())


async def _timed(work: Awaitable[object]) -> float:
    started = time.perf_counter()
    await work
    return (time.perf_counter() - started) * 1000


def main(words: Sequence[str]) -> None:
    """Run (a), (b) and (c)."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks engine")
    parser.add_argument("--posts", type=int, nargs="+", default=[1000])
    parser.add_argument("--after", type=float, nargs="+", default=[0.0, 0.2])
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--in-flight", type=int, nargs="+", default=[100])
    parser.add_argument("--waiting", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--samples", type=int, default=60)
    parser.add_argument("--only", choices=("a", "b", "c"), nargs="+", default=["a", "b", "c"])
    asked = parser.parse_args(words)
    if "a" in asked.only:
        for count in asked.posts:
            for after in asked.after:
                for in_flight in asked.in_flight:
                    asyncio.run(same_second(count, after, asked.workers, in_flight))
    if "b" in asked.only:
        asyncio.run(claims(asked.waiting))
    if "c" in asked.only:
        asyncio.run(quiet(asked.samples))
