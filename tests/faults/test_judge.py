"""The judge finds what is planted, and finds nothing where nothing is."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from models.account import Account
from models.post import Post, Target
from models.team import Member, Place, Team
from sandbox.instagram.world import Published
from sandbox.telegram import TelegramSandbox
from tests.faults.judge import REQUIRED_ZERO, Case, Public, gather, weigh
from tests.faults.posts import PEOPLE, caption_of
from tests.support.clock import SettableClock

DUE = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
CAPTION = "fault run post 00001"
LIVE = Public(DUE + timedelta(seconds=0.2), CAPTION)
GOOD = Case(
    CAPTION, "published", DUE, CAPTION, (LIVE,), cards=Counter({"✅ Published": 1}), pings=1
)  # fmt: skip


def found_in(case: Case) -> set[str]:
    verdict = weigh([GOOD, case])
    assert verdict.is_clean is not bool({*REQUIRED_ZERO} & _not_empty(verdict))
    return _not_empty(verdict)


def _not_empty(verdict) -> set[str]:
    return {name for name in (*REQUIRED_ZERO, "notices_doubled") if getattr(verdict, name)}


def test_where_all_is_well_nothing_is_found() -> None:
    verdict = weigh([GOOD, replace(GOOD, state="failed", public=(), cards=Counter())])

    assert verdict.is_clean
    assert (verdict.posts, verdict.published, verdict.failed) == (2, 1, 1)
    assert verdict.late == [pytest.approx(0.2)]


@pytest.mark.parametrize(
    ("planted", "names"),
    [
        ({"public": (LIVE, LIVE)}, {"doubled"}),
        ({"state": "cancelled", "public": (LIVE, LIVE)}, {"doubled", "false_failure"}),
        ({"public": (Public(DUE - timedelta(milliseconds=1), CAPTION),)}, {"early"}),
        ({"public": ()}, {"false_success"}),
        ({"state": "failed"}, {"false_failure"}),
        ({"state": "blocked"}, {"false_failure"}),
        ({"state": "draft"}, {"false_failure"}),
        ({"state": "ready", "public": ()}, {"lost"}),
        ({"state": "publishing"}, {"lost"}),
        ({"state": "late", "public": ()}, {"lost"}),
        ({"state": "", "public": ()}, {"lost"}),
        ({"caption": "fault run post 00001, edited 1"}, {"other_words"}),
        ({"cards": Counter()}, {"notices_lost"}),
        ({"cards": Counter({"🗓 Scheduled": 1})}, {"notices_lost"}),
        ({"pings": 0}, {"notices_lost"}),
        ({"pings": 2}, {"notices_doubled"}),
        ({"cards": Counter({"✅ Published": 2})}, {"notices_doubled"}),
        ({"cards": Counter({"✅ Published": 1, "🗓 Scheduled": 1})}, {"notices_doubled"}),
    ],
    # Sets are written in any order; every process that runs tests must name them alike.
    ids=lambda value: ",".join(sorted(value)),
)
def test_whatever_is_planted_is_found(planted: dict[str, object], names: set[str]) -> None:
    assert found_in(replace(GOOD, **planted)) == names


def test_a_message_with_a_time_that_had_passed_is_asked_about_not_lost() -> None:
    asked = replace(GOOD, state="late", public=(), cards=Counter(), is_planned=False)

    assert found_in(asked) == set()


async def test_what_is_public_is_joined_with_what_the_database_says(
    database: str, clock: SettableClock
) -> None:
    telegram, public = TelegramSandbox(clock), list[Published]()
    house: Any = SimpleNamespace(telegram=telegram, instagram=SimpleNamespace(published=public))
    now = clock.now()
    team = await Team.create(created_at=now)
    member = await Member.create(team=team, name=PEOPLE[0], created_at=now)
    chat_id = str(telegram.person(PEOPLE[0]).private.id)
    place = await Place.create(team=team, chat="telegram", chat_id=chat_id, created_at=now)
    account = await Account.create(
        team=team, platform="instagram", platform_user_id="1", username="b", created_at=now,
        updated_at=now,
    )  # fmt: skip
    for number, state in enumerate(("published", "published", "ready"), 1):
        post = await Post.create(
            team=team, author=member, place=place, number=number, kind="image",
            caption=caption_of(number), stage="committed", created_at=now, updated_at=now,
        )  # fmt: skip
        await Target.create(
            post=post, account=account, state=state, due_at=now, created_at=now, updated_at=now
        )
    for name, caption in (("1", caption_of(1)), ("2", caption_of(1)), ("3", caption_of(2))):
        at = now - timedelta(seconds=1)
        public.append(Published(name, f"c{name}", "b", "image", caption, [], at, "x"))

    verdict = weigh(await gather(house, ("fault run chat 00001",)))

    assert verdict.doubled == [caption_of(1)]
    assert len(verdict.early) == 2
    assert verdict.notices_lost == [caption_of(1), caption_of(2)]
    assert verdict.lost == [f"{caption_of(3)} (ready)", "fault run chat 00001 (never heard of)"]
