"""The edges of recurring posts: each run once, and what people changed stays (behaviour 34)."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from tortoise.transactions import in_transaction

from models.outbox import CardMessage
from models.post import Media, Post, Target
from models.series import Occurrence, Series, lock_series
from models.team import Team
from scheduling.errors import PlanningError
from scheduling.planner import Slot
from scheduling.recurrence import Recurrences
from scheduling.recurring.clock_changes import clock_changes
from scheduling.recurring.coming import coming
from scheduling.recurring.named_zones import _SAME_ALL_YEAR
from scheduling.recurring.runs import is_same_but_for_the_clock
from scheduling.when import Profile, read
from scheduling.when.zones import zone_of
from tests.support.engine_world import World

BERLIN = "Europe/Berlin"
MONDAY = datetime(2026, 11, 23, 14, 10, tzinfo=UTC)
"""Monday 23 November 2026, 15:10 in Berlin."""


class Repeating:
    """A series in a world, changed as a person would change it."""

    def __init__(self, world: World, series: Series) -> None:
        self.world = world
        self.series = series
        self.house = Recurrences(world.planner, world.clock)

    @property
    def now(self) -> datetime:
        return self.world.clock.now()

    async def fresh(self) -> Series:
        found = await lock_series(self.series.id)
        assert found is not None
        return found

    async def change_clock(self, *clocks: str) -> list[datetime]:
        async with in_transaction():
            wanted = [time.fromisoformat(one) for one in clocks]
            return await self.house.change_clock(await self.fresh(), wanted, now=self.now)

    async def change_zone(self, zone: str) -> list[datetime]:
        async with in_transaction():
            return await self.house.change_zone(await self.fresh(), zone, now=self.now)

    async def do(self, name: str) -> None:
        async with in_transaction():
            await getattr(self.house, name)(await self.fresh(), now=self.now)

    async def say(self, caption: str) -> None:
        """Change the caption of all later ones."""
        await Post.filter(id=self.series.template_id).update(caption=caption)
        await self.do("content_changed")

    async def planned(self) -> dict[str, str]:
        """Give each scheduled run: its wall clock, and its caption."""
        targets = (
            await Target.filter(state="scheduled").order_by("due_at").prefetch_related("post")
        )
        return {
            target.wall_time[5:16].replace("T", " "): target.post.caption for target in targets
        }

    async def slots(self) -> list[str]:
        return list(await self.planned())

    async def run_on(self, day: str) -> Post:
        return await Post.get(
            id=(await Target.get(wall_time__contains=day, state="scheduled")).post_id
        )

    async def next_three(self) -> list[str]:
        zone = ZoneInfo((await self.fresh()).zone)
        runs = await coming(await self.fresh(), after=self.now, count=3)
        return [f"{run.at.astimezone(zone):%m-%d %H:%M}" for run in runs]


async def repeating(
    world: World, phrase: str = "every day at 18:30", zone: str = BERLIN
) -> Repeating:
    world.clock.set(MONDAY)
    template = await world.draft("Soup")
    (reading,) = read(phrase, now=world.clock.now(), profile=Profile(zone=zone))
    await Team.filter(id=world.team.id).update(next_number=100)
    house = Recurrences(world.planner, world.clock)
    async with in_transaction():
        series = await house.start(
            template, world.account, reading, by=world.member, now=world.clock.now()
        )
    return Repeating(world, series)


async def go_to(world: World, day: int, clock: str) -> None:
    """Let it become that hour of a day of November in Berlin."""
    at = datetime.combine(date(2026, 11, day), time.fromisoformat(clock), ZoneInfo(BERLIN))
    world.clock.set(at.astimezone(UTC))


async def publish(world: World, post: Post) -> None:
    """Have it out, as the engine leaves it."""
    target = await Target.get(post_id=post.id)
    for state in ("preparing", "ready", "publishing", "published"):
        await Target.filter(id=target.id).update(state=state)
    await Target.filter(id=target.id).update(published_at=target.due_at)


async def edit(world: World, post: Post, caption: str) -> None:
    post.caption = caption
    async with in_transaction():
        await world.planner.content_changed(post, by=world.member, now=world.clock.now())
    await post.save()


async def move(world: World, post: Post, wall: str) -> None:
    local = datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(BERLIN))
    async with in_transaction():
        slot = Slot(local.astimezone(UTC), f"{wall}:00", BERLIN)
        await world.planner.move(post, slot, by=world.member, now=world.clock.now())


# ── "all later" and "this one" ───────────────────────────────────────────────────────────────


async def test_b34_all_later_changes_the_words_of_the_runs_and_not_their_numbers(
    world: World,
) -> None:
    one = await repeating(world)
    before = await Post.filter(number__gte=100).order_by("number").values_list("number", flat=True)

    await one.say("Stew")

    assert set((await one.planned()).values()) == {"Stew"}
    after = await Post.filter(number__gte=100).order_by("number").values_list("number", flat=True)
    assert after == before


async def test_b34_all_later_keeps_what_was_changed_in_one_run_alone(world: World) -> None:
    one = await repeating(world)
    await edit(world, await one.run_on("11-25"), "No soup today")
    await move(world, await one.run_on("11-26"), "2026-11-26T10:00")

    await one.say("Stew")
    await one.change_clock("19:15")

    found = await one.planned()
    assert found["11-25 19:15"] == "No soup today"
    assert found["11-26 10:00"] == "Stew"
    assert found["11-24 19:15"] == "Stew"
    assert [slot for slot in found if slot.startswith("11-26")] == ["11-26 10:00"]


async def test_b34_all_later_gives_new_pictures_but_not_where_one_run_has_its_own(
    world: World,
) -> None:
    one = await repeating(world)
    own = await one.run_on("11-25")
    await Media.filter(post_id=own.id).update(alt_text="A red bowl")
    other = await one.run_on("11-26")
    await Media.filter(post_id=one.series.template_id).update(file_id="new", alt_text="Stew")

    await one.do("content_changed")

    assert [item.alt_text for item in await Media.filter(post_id=own.id)] == ["A red bowl"]
    assert [item.file_id for item in await Media.filter(post_id=other.id)] == ["new"]


async def test_b34_a_pause_gives_a_changed_run_back_as_it_was(world: World) -> None:
    one = await repeating(world)
    await edit(world, await one.run_on("11-25"), "No soup today")

    await one.do("pause")
    assert await one.planned() == {}
    await one.do("resume")

    found = await one.planned()
    assert found["11-25 18:30"] == "No soup today"
    assert len(found) == len(set(found)) >= 7


async def test_b34_what_a_pause_went_over_is_not_made_up_for(world: World) -> None:
    one = await repeating(world)
    await edit(world, await one.run_on("11-25"), "No soup today")
    await one.do("pause")

    await go_to(world, 26, "12:00")
    await one.do("resume")
    await one.house.make_due()

    assert (await one.slots())[0] == "11-26 18:30"
    assert await Target.filter(due_at__lt=one.now).exclude(state="cancelled").count() == 0


async def test_b34_a_run_that_somebody_called_off_stays_so_and_is_not_told_as_next(
    world: World,
) -> None:
    one = await repeating(world)
    run = await one.run_on("11-23")
    async with in_transaction():
        await world.planner.cancel(run, by=world.member, now=one.now)

    await one.say("Stew")
    await one.change_clock("19:15")

    assert (await one.next_three())[0] == "11-24 19:15"
    assert (await one.slots())[0] == "11-24 19:15"


# ── another time of day ──────────────────────────────────────────────────────────────────────


async def test_b34_a_later_clock_does_not_publish_again_on_a_day_that_had_its_run(
    world: World,
) -> None:
    one = await repeating(world, "every day at 16:00")
    await go_to(world, 23, "16:30")
    await publish(world, await one.run_on("11-23"))

    kept = await one.change_clock("18:30")
    await one.house.make_due()

    assert kept == []
    assert (await one.slots())[0] == "11-24 18:30"
    assert (await one.next_three())[0] == "11-24 18:30"


async def test_b34_a_run_of_today_is_not_lost_to_a_clock_that_has_passed(world: World) -> None:
    one = await repeating(world)

    kept = await one.change_clock("10:00")

    assert [f"{at.astimezone(ZoneInfo(BERLIN)):%m-%d %H:%M}" for at in kept] == ["11-23 18:30"]
    assert (await one.slots())[:2] == ["11-23 18:30", "11-24 10:00"]
    assert await one.next_three() == ["11-23 18:30", "11-24 10:00", "11-25 10:00"]


async def test_b34_several_times_a_day_keep_their_places(world: World) -> None:
    one = await repeating(world, "every day at 16:00 and 18:00")
    await go_to(world, 23, "16:30")
    await publish(world, await one.run_on("11-23T16:00"))

    await one.change_clock("17:00", "20:00")

    assert (await one.slots())[:3] == ["11-23 20:00", "11-24 17:00", "11-24 20:00"]

    await one.change_clock("12:00")

    assert [slot for slot in await one.slots() if slot.startswith("11-24")] == ["11-24 12:00"]


async def test_b34_clocks_that_are_no_single_rule_are_refused_and_change_nothing(
    world: World,
) -> None:
    one = await repeating(world)
    before = await one.slots()

    with pytest.raises(PlanningError):
        await one.change_clock("09:15", "18:40")

    assert await one.slots() == before


async def test_b34_a_series_that_counts_hours_has_no_time_of_day(world: World) -> None:
    one = await repeating(world, "every 6 hours")

    with pytest.raises(PlanningError):
        await one.change_clock("10:00")


async def test_b34_a_skipped_day_stays_skipped_at_another_clock(world: World) -> None:
    one = await repeating(world)
    await one.do("skip_next")
    await one.do("skip_next")

    await one.change_clock("19:15")

    assert (await one.slots())[0] == "11-25 19:15"
    assert (await one.next_three())[0] == "11-25 19:15"


async def test_b34_so_many_times_stay_so_many_at_another_clock(world: World) -> None:
    one = await repeating(world, "every day at 16:00 for 4 times")
    await go_to(world, 23, "16:30")
    await publish(world, await one.run_on("11-23"))

    await one.change_clock("18:30")

    assert await one.slots() == ["11-24 18:30", "11-25 18:30", "11-26 18:30"]


# ── another zone ─────────────────────────────────────────────────────────────────────────────


async def test_b36_a_series_keeps_its_clock_in_another_zone_and_no_run_goes_out_twice(
    world: World,
) -> None:
    one = await repeating(world, "every day at 16:00")
    await go_to(world, 23, "16:30")
    await publish(world, await one.run_on("11-23"))

    kept = await one.change_zone("America/New_York")
    await one.house.make_due()

    assert kept == []
    assert (await one.slots())[0] == "11-24 16:00"
    first = await Target.filter(state="scheduled").order_by("due_at").first()
    assert first is not None
    assert (first.zone, first.due_at.hour) == ("America/New_York", 21)


async def test_b36_a_run_of_today_is_kept_where_its_clock_has_passed_over_there(
    world: World,
) -> None:
    one = await repeating(world)

    kept = await one.change_zone("Asia/Tokyo")

    assert len(kept) == 1
    assert (await one.slots())[:2] == ["11-23 18:30", "11-24 18:30"]
    assert await Occurrence.filter(series_id=one.series.id).count() == len(await one.slots())


async def test_b36_a_series_that_counts_hours_keeps_its_moments(world: World) -> None:
    one = await repeating(world, "every 6 hours")
    await one.do("skip_next")
    before = [run.at for run in await coming(await one.fresh(), after=one.now, count=5)]

    assert await one.change_zone("Asia/Tokyo") == []

    after = [run.at for run in await coming(await one.fresh(), after=one.now, count=5)]
    assert after == before


# ── skipping, and the end ────────────────────────────────────────────────────────────────────


async def test_b34_skipping_twice_leaves_two_out_and_the_moved_one_is_next(world: World) -> None:
    one = await repeating(world)
    await move(world, await one.run_on("11-24"), "2026-11-23T17:00")
    assert (await one.next_three())[0] == "11-23 17:00"

    await one.do("skip_next")
    await one.do("skip_next")

    assert (await one.slots())[0] == "11-25 18:30"


async def test_b34_skipping_the_last_run_ends_the_series(world: World) -> None:
    one = await repeating(world, "every day at 18:30 for 1 times")

    await one.do("skip_next")

    assert (await one.fresh()).state == "ended"


async def test_b34_a_series_ends_when_its_last_run_is_past(world: World) -> None:
    one = await repeating(world, "every day at 18:30 until 24 november")
    await one.house.make_due()
    assert (await one.fresh()).state == "active"

    await go_to(world, 24, "18:31")
    await one.house.make_due()

    assert (await one.fresh()).state == "ended"


async def test_b34_an_ended_series_leaves_no_undo_on_a_run_that_was_seen(world: World) -> None:
    one = await repeating(world)
    seen = await one.run_on("11-24")
    await CardMessage.create(
        subject_kind="post",
        subject_id=seen.id,
        place=world.place,
        purpose="card",
        message_ref="5",
        created_at=one.now,
        updated_at=one.now,
    )

    await one.do("end")

    found = await Post.get(id=seen.id)
    assert (found.stage, found.undo_until) == ("cancelled", None)
    assert await Post.filter(number__gte=100).count() == 1


# ── clock changes ────────────────────────────────────────────────────────────────────────────


def test_bad_050_a_run_in_the_gap_is_foretold_with_the_hour_it_moves_to() -> None:
    begin = datetime.fromisoformat("2026-11-24T02:30")

    changes = clock_changes("FREQ=DAILY;BYHOUR=2;BYMINUTE=30", begin, BERLIN, after=MONDAY)

    gap, overlap = changes
    assert (gap.wall, gap.is_gap) == (datetime.fromisoformat("2027-03-28T02:30"), True)
    assert gap.at.astimezone(ZoneInfo(BERLIN)).time() == time(3, 30)
    assert (overlap.wall, overlap.is_gap) == (datetime.fromisoformat("2027-10-31T02:30"), False)


@pytest.mark.parametrize(
    ("rule", "zone"),
    [
        ("FREQ=DAILY;BYHOUR=9;BYMINUTE=0", BERLIN),
        ("FREQ=WEEKLY;BYDAY=MO;BYHOUR=2;BYMINUTE=30", BERLIN),
        ("FREQ=DAILY;BYHOUR=2;BYMINUTE=30;UNTIL=20261231", BERLIN),
        ("FREQ=DAILY;BYHOUR=2;BYMINUTE=30", "Asia/Tokyo"),
        ("FREQ=HOURLY;INTERVAL=4", BERLIN),
    ],
)
def test_runs_that_no_clock_change_touches_say_nothing(rule: str, zone: str) -> None:
    assert (
        clock_changes(rule, datetime.fromisoformat("2026-11-24T02:30"), zone, after=MONDAY) == []
    )


async def test_bad_051_the_run_that_comes_twice_takes_the_first_and_notes_it(world: World) -> None:
    one = await repeating(world, "every day at 2:30")
    world.clock.set(datetime(2027, 10, 29, 12, 0, tzinfo=UTC))
    await Series.filter(id=one.series.id).update(next_at=one.now)

    await one.house.make_due()

    run = await one.run_on("10-31")
    assert run.due_at == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    assert run.notes["clock_change"] == {"wall": "02:30", "is_gap": False}
    assert "clock_change" not in (await one.run_on("10-30")).notes


async def test_b34_a_series_may_be_told_by_an_offset(world: World) -> None:
    one = await repeating(world, "every day at 18:30 UTC+2")

    first = await Target.filter(state="scheduled").order_by("due_at").first()
    assert first is not None
    assert first.due_at == datetime(2026, 11, 23, 16, 30, tzinfo=UTC)
    assert (await one.slots())[0] == "11-23 18:30"


@pytest.mark.parametrize(("offset", "zone"), sorted(_SAME_ALL_YEAR.items()))
def test_the_place_of_an_offset_keeps_to_it_all_the_year(offset: str, zone: str) -> None:
    for month in range(1, 13):
        at = datetime(2027, month, 1, tzinfo=UTC)
        assert (
            at.astimezone(zone_of(zone)).utcoffset() == at.astimezone(zone_of(offset)).utcoffset()
        )


def test_rules_that_differ_in_the_hour_only_are_told_from_others() -> None:
    rule = "FREQ=WEEKLY;BYDAY=MO;BYHOUR=9;BYMINUTE=0"

    assert is_same_but_for_the_clock(rule, "FREQ=WEEKLY;BYDAY=MO;BYHOUR=18;BYMINUTE=30")
    assert not is_same_but_for_the_clock(rule, "FREQ=WEEKLY;BYDAY=TU;BYHOUR=9;BYMINUTE=0")
    assert not is_same_but_for_the_clock(rule, f"{rule};COUNT=3")
