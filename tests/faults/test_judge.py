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
from tests.faults.chats import Address
from tests.faults.judge import REQUIRED_ZERO, Case, Public, gather, weigh
from tests.faults.on_slack import SlackSide
from tests.faults.on_telegram import TelegramSide
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
    not_out = Counter({"❌ Not published": 1})
    verdict = weigh([GOOD, replace(GOOD, state="failed", public=(), cards=not_out)])

    assert verdict.is_clean
    assert (verdict.posts, verdict.published, verdict.failed) == (2, 1, 1)
    assert verdict.late == [pytest.approx(0.2)]


@pytest.mark.parametrize(
    ("planted", "names"),
    [
        ({"public": (LIVE, LIVE)}, {"doubled"}),
        (
            {"state": "cancelled", "public": (LIVE, LIVE), "cards": Counter({"🗑 Cancelled": 1})},
            {"doubled", "false_failure"},
        ),
        ({"public": (Public(DUE - timedelta(milliseconds=1), CAPTION),)}, {"early"}),
        ({"public": ()}, {"false_success"}),
        ({"state": "failed"}, {"false_failure", "cards_untrue"}),
        ({"state": "blocked"}, {"false_failure", "cards_untrue"}),
        ({"state": "draft"}, {"false_failure", "cards_untrue"}),
        ({"state": "cancelled", "public": (), "cards": Counter()}, {"cards_untrue"}),
        ({"state": "ready", "public": ()}, {"lost"}),
        ({"state": "publishing"}, {"lost"}),
        ({"state": "late", "public": ()}, {"lost", "cards_untrue"}),
        ({"state": "", "public": ()}, {"lost"}),
        ({"caption": "fault run post 00001, edited 1"}, {"other_words"}),
        ({"said": "fault run post 00001, edited 1"}, {"words_lost"}),
        ({"said": CAPTION}, set()),
        ({"cards": Counter()}, {"notices_lost"}),
        ({"cards": Counter({"🗓 Scheduled": 1})}, {"notices_lost"}),
        ({"pings": 0}, {"notices_lost"}),
        ({"pings": 2}, {"notices_doubled"}),
        ({"cards": Counter({"✅ Published": 2})}, {"notices_doubled"}),
        ({"cards": Counter({"✅ Published": 1, "🗓 Scheduled": 1})}, {"notices_doubled"}),
        ({"twins": (Counter({"✅ Published": 1}),)}, set()),
        ({"twins": (Counter({"🗓 Scheduled": 1}),)}, {"cards_untrue"}),
        ({"twins": (Counter(),)}, {"cards_untrue"}),
        ({"twins": (Counter({"✅ Published": 2}),)}, {"notices_doubled"}),
        ({"strays": 1}, {"out_of_thread"}),
    ],
    # Sets are written in any order; every process that runs tests must name them alike.
    ids=lambda value: ",".join(sorted(value)),
)
def test_whatever_is_planted_is_found(planted: dict[str, object], names: set[str]) -> None:
    assert found_in(replace(GOOD, **planted)) == names


def test_a_message_with_a_time_that_had_passed_is_asked_about_not_lost() -> None:
    missed = Counter({"⚠️ Missed": 1})
    asked = replace(GOOD, state="late", public=(), cards=missed, is_planned=False)

    assert found_in(asked) == set()


async def test_what_is_public_is_joined_with_what_the_database_says(
    database: str, clock: SettableClock
) -> None:
    telegram, public = TelegramSide(clock), list[Published]()
    house: Any = SimpleNamespace(sides=(telegram,), instagram=SimpleNamespace(published=public))
    now = clock.now()
    team = await Team.create(created_at=now)
    member = await Member.create(team=team, name=PEOPLE[0], created_at=now)
    chat_id = telegram.speaker(PEOPLE[0]).addresses[0].place
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


async def on_slack(
    slack: SlackSide, telegram: TelegramSide, clock: SettableClock, public: list[Published]
) -> tuple[Post, Address, str]:
    """Make a published post that came from a message in a channel, by someone on both chats."""
    now = clock.now()
    speaker = slack.speaker(PEOPLE[0])
    private, open_to_all = speaker.addresses
    there = telegram.speaker(PEOPLE[0]).addresses[0]
    source = await speaker.begins(open_to_all, "the picture")
    team = await Team.create(created_at=now)
    member = await Member.create(team=team, name=PEOPLE[0], created_at=now)
    for at in (private, there, open_to_all):
        await Place.create(
            team=team, chat=at.chat, workspace=at.workspace, chat_id=at.place, created_at=now,
            purpose="direct" if at.is_private else "group",
            person=member if at.is_private else None,
        )  # fmt: skip
    account = await Account.create(
        team=team, platform="instagram", platform_user_id="1", username="b", created_at=now,
        updated_at=now,
    )  # fmt: skip
    post = await Post.create(
        team=team, author=member, place=await Place.get(chat_id=open_to_all.place), number=1,
        kind="image", caption=caption_of(1), source_ref=source, stage="committed", created_at=now,
        updated_at=now,
    )  # fmt: skip
    await Target.create(
        post=post, account=account, state="published", due_at=now, created_at=now, updated_at=now
    )
    public.append(Published("1", "c1", "b", "image", caption_of(1), [], now, "x"))
    return post, open_to_all, source.partition("/")[2]


def say_on_slack(slack: SlackSide, channel: str, words: str, thread: str = "") -> None:
    """Say something as the product would."""
    install = slack.box.install()
    where = slack.box.place(channel).channel
    said = {"text": words}
    bot = install.bot_user
    slack.box.world.post(where, bot, said, thread_ts=thread, bot_id=install.bot_id)


def say_on_telegram(telegram: TelegramSide, name: str, words: str) -> None:
    """Say something as the product would."""
    person = telegram.box.person(name)
    telegram.box.world.post(person.private.chat, person.bot.id, {"text": words})


TITLE, DONE = "✅ Published #1\n@b · Photo", "✅ #1 is on Instagram."


@pytest.mark.parametrize(
    ("said", "there", "names"),
    [
        ([(TITLE, True), (DONE, True)], TITLE, set()),
        ([("🗓 Scheduled #1\n@b", True), (DONE, True)], TITLE, {"notices_lost"}),
        ([(TITLE, True)], TITLE, {"notices_lost"}),
        ([(TITLE, True), (DONE, False)], TITLE, {"out_of_thread"}),
        ([(TITLE, True), (TITLE, True), (DONE, True)], TITLE, {"notices_doubled"}),
        ([(TITLE, True), (DONE, True)], "🗓 Scheduled #1\n@b", {"cards_untrue"}),
        ([(TITLE, True), (DONE, True)], "", {"cards_untrue"}),
    ],
    ids=["all is well", "old card", "no notice", "beside", "twice", "old twin", "no twin"],
)
async def test_what_is_planted_in_a_thread_of_slack_and_in_the_other_chat_is_found(
    database: str,
    clock: SettableClock,
    said: list[tuple[str, bool]],
    there: str,
    names: set[str],
) -> None:
    telegram, slack = TelegramSide(clock), SlackSide(clock, is_http=False, is_quick=True)
    public = list[Published]()
    house: Any = SimpleNamespace(
        sides=(telegram, slack), instagram=SimpleNamespace(published=public)
    )
    _, channel, thread = await on_slack(slack, telegram, clock, public)
    for words, is_in_thread in said:
        say_on_slack(slack, channel.place, words, thread if is_in_thread else "")
    if there:
        say_on_telegram(telegram, PEOPLE[0], there)

    found = weigh(await gather(house))
    await slack.box.close()

    assert _not_empty(found) == names


async def test_what_slack_itself_gave_up_is_not_held_against_us(clock: SettableClock) -> None:
    slack = SlackSide(clock, is_http=True, is_quick=True)
    slack.settings("http://127.0.0.1:1", "http://127.0.0.1:1")  # where nobody answers
    slack.box.office.retry_pauses = (0.0,)
    speaker = slack.speaker(PEOPLE[0])
    await speaker.sends(b"picture", "fault run chat 00001")
    await slack.box.all_told()

    await slack.box.close()

    assert slack.given_up(["fault run chat 00001"]) == {"fault run chat 00001"}
    assert slack.given_up(["fault run chat 00002"]) == set()
