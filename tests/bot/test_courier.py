import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from tortoise.queryset import UpdateQuery
from tortoise.transactions import in_transaction

from bot.cards.drawing import Artist
from bot.context import say_in
from bot.courier import MAX_ATTEMPTS, Courier
from bot.deliveries import LEASE
from integrations.chat.errors import (
    ChatBusy,
    ChatError,
    MessageGone,
    PlaceMoved,
    RouteDead,
    TokenRefused,
)
from models.account import Account
from models.database import OUTBOX, Wakeups
from models.outbox import CardMessage, Delivery, Outbox, tell
from models.post import Post, Target
from models.team import Member, Place, Team
from tests.support.clock import SettableClock
from tests.support.fake_chat import FakeChat
from tests.support.posts import INSTAGRAM
from tests.support.waiting import wait_until

pytestmark = pytest.mark.usefixtures("database")


class Scene:
    """A team with a scheduled post in one place, and a chat to say things in."""

    def __init__(self, clock: SettableClock, url: str) -> None:
        self.clock = clock
        self.chat = FakeChat()
        self.url = url
        self.courier = self.another_courier()
        self.team: Team
        self.member: Member
        self.place: Place
        self.account: Account
        self.post: Post
        self.target: Target

    def another_courier(self) -> Courier:
        artist = Artist({"instagram": _Instagram()}, self.clock, "https://postcue.example")  # type: ignore[dict-item]
        wakeups = Wakeups(self.url, (OUTBOX,))
        return Courier(artist, {"telegram": self.chat}, self.clock, wakeups)

    async def set_up(self, *, purpose: str = "direct") -> "Scene":
        now = self.clock.now()
        self.team = await Team.create(name="Bakery", created_at=now)
        self.member = await Member.create(
            team=self.team, name="Dana", zone="Europe/Berlin", created_at=now
        )
        self.place = await self.a_place("1001", purpose=purpose)
        self.account = await Account.create(
            team=self.team,
            platform="instagram",
            platform_user_id="17",
            username="brand",
            state="active",
            created_at=now,
            updated_at=now,
        )
        self.post, self.target = await self.a_post(142)
        return self

    async def a_place(self, chat_id: str, *, purpose: str = "direct") -> Place:
        return await Place.create(
            team=self.team,
            chat="telegram",
            chat_id=chat_id,
            purpose=purpose,
            created_at=self.clock.now(),
        )

    async def a_post(self, number: int, place: Place | None = None) -> tuple[Post, Target]:
        now = self.clock.now()
        due = now + timedelta(hours=18)
        post = await Post.create(
            team=self.team,
            author=self.member,
            place=place or self.place,
            number=number,
            stage="committed",
            caption="New mugs!",
            source_ref="77",
            zone="Europe/Berlin",
            due_at=due,
            created_at=now,
            updated_at=now,
        )
        target = await Target.create(
            post=post, account=self.account, due_at=due, created_at=now, updated_at=now
        )
        return post, target

    async def changed(self, post: Post | None = None, **values: Any) -> None:
        """Write a change down as the engine does: the change and the word about it at once."""
        about = post or self.post
        async with in_transaction():
            if values:
                await Post.filter(id=about.id).update(**values)
            await tell("post", about.id, "changed", now=self.clock.now())

    async def moves(self, *states: str, **values: Any) -> None:
        """Move the target along, telling of each step."""
        for state in states:
            async with in_transaction():
                await Target.filter(id=self.target.id).update(state=state, **values)
                await tell("post", self.post.id, "changed", now=self.clock.now())

    async def notice(self, event: str) -> None:
        await tell("post", self.post.id, event, purpose="notice", now=self.clock.now())

    async def say(self, words: str, place: Place | None = None) -> None:
        await say_in(place or self.place, words, now=self.clock.now())

    async def card(self) -> CardMessage:
        return await CardMessage.get(subject_id=self.post.id)

    async def states(self) -> list[str]:
        rows = await Delivery.all().order_by("created_at", "id")
        return [row.state for row in rows]


class _Instagram:
    card = INSTAGRAM


@pytest.fixture
async def scene(database: str, clock: SettableClock) -> Scene:
    return await Scene(clock, database).set_up()


@pytest.fixture
async def group(database: str, clock: SettableClock) -> Scene:
    return await Scene(clock, database).set_up(purpose="group")


# ── one card ─────────────────────────────────────────────────────────────────────────────────


async def test_b2_a_post_has_one_card_that_is_edited_ever_after(scene: Scene) -> None:
    await scene.changed()
    await scene.courier.drain()
    for rev, caption in enumerate(("a", "b", "c"), start=1):
        await scene.changed(rev=rev, caption=caption)
        await scene.courier.drain()

    (shown,) = scene.chat.messages.values()
    assert [card.quote for card in shown.cards] == ["New mugs!", "a", "b", "c"]
    assert shown.reply_to == "77"
    assert (await scene.card()).message_ref == shown.ref
    assert (await scene.card()).rev_shown == 3


async def test_b2_many_changes_before_a_send_become_one_call(scene: Scene) -> None:
    for rev in range(1, 6):
        await scene.changed(rev=rev, caption=f"caption {rev}")

    await scene.courier.drain()

    (shown,) = scene.chat.messages.values()
    assert shown.card.quote == "caption 5"
    assert scene.chat.counts() == (1, 0)
    assert await scene.states() == ["sent"] * 5


async def test_b2_a_change_that_shows_nothing_new_makes_no_call(scene: Scene) -> None:
    await scene.changed()
    await scene.courier.drain()

    scene.clock.pass_time(timedelta(hours=3))
    await scene.changed()
    await scene.courier.drain()

    assert scene.chat.counts() == (1, 0)
    assert await scene.states() == ["sent", "sent"]


async def test_b2_changes_of_two_posts_are_two_cards(scene: Scene) -> None:
    other, _ = await scene.a_post(143)
    await scene.changed()
    await scene.changed(other)
    await scene.changed(rev=1, caption="x")

    await scene.courier.drain()

    assert ["#142" in words for words in scene.chat.said] == [True, False]
    assert scene.chat.counts() == (2, 0)


async def test_b2_a_card_that_was_deleted_is_sent_anew_and_goes_on_there(scene: Scene) -> None:
    await scene.changed()
    await scene.courier.drain()
    scene.chat.messages.clear()

    await scene.changed(rev=1, caption="again")
    await scene.courier.drain()
    await scene.changed(rev=2, caption="and again")
    await scene.courier.drain()

    (shown,) = scene.chat.messages.values()
    assert [card.quote for card in shown.cards] == ["again", "and again"]
    assert (await scene.card()).message_ref == shown.ref


async def test_b2_a_card_moved_below_while_it_is_edited_stays_moved(scene: Scene) -> None:
    await scene.changed()
    await scene.courier.drain()
    scene.chat.gate.clear()
    await scene.changed(rev=1, caption="late edit")
    running = asyncio.create_task(scene.courier.drain())
    await wait_until(lambda: scene.chat.waiting, what="the edit is on its way")

    await CardMessage.filter(subject_id=scene.post.id).update(message_ref="", shown_hash="")
    scene.chat.gate.set()
    await running
    await scene.changed()
    await scene.courier.drain()

    assert len(scene.chat.messages) == 2


async def test_a_new_login_gets_a_card_of_its_own_and_a_repeat_does_not(scene: Scene) -> None:
    async def connected(version: int) -> None:
        await Account.filter(id=scene.account.id).update(token_version=version)
        await tell(
            "account", scene.account.id, "connected", place_id=scene.place.id,
            now=scene.clock.now(),
        )  # fmt: skip
        await scene.courier.drain()

    await connected(1)
    await connected(2)
    await connected(2)

    assert len(scene.chat.messages) == 2


# ── notices ──────────────────────────────────────────────────────────────────────────────────


async def test_b23_the_word_of_success_answers_the_persons_own_message(scene: Scene) -> None:
    await scene.moves("preparing", "ready", "publishing", "published", permalink="https://i/p/1")
    await scene.notice("published")

    await scene.courier.drain()

    card, notice = scene.chat.messages.values()
    assert notice.words == "✅ #142 is on Instagram."
    assert notice.reply_to == "77"
    assert notice.card.is_silent
    assert "✅ Published #142" in card.words


async def test_b24_a_failure_pings(scene: Scene) -> None:
    await scene.moves("failed", last_error={"trouble": "login_expired"})
    await scene.notice("failed")

    await scene.courier.drain()

    *_, notice = scene.chat.messages.values()
    assert "The Instagram login has expired" in notice.words
    assert not notice.card.is_silent


async def test_a_notice_that_is_not_true_any_more_is_dropped(scene: Scene) -> None:
    await scene.notice("failed")

    await scene.courier.drain()

    assert scene.chat.messages == {}
    assert await scene.states() == ["dropped"]


async def test_an_answer_to_a_deleted_message_is_said_all_the_same(scene: Scene) -> None:
    scene.chat.failures = [MessageGone("message to be replied not found")]
    await scene.say("hello")

    await scene.courier.drain()

    assert scene.chat.said == ["hello"]


async def test_access_taken_back_on_instagram_is_told_aloud(scene: Scene) -> None:
    await Account.filter(id=scene.account.id).update(state="disconnected")
    await tell(
        "account", scene.account.id, "disconnected", payload={"reason": "deauthorized"},
        now=scene.clock.now(),
    )  # fmt: skip

    await scene.courier.drain()

    (notice,) = scene.chat.messages.values()
    assert notice.words == "@brand: the access was taken back on Instagram."
    assert not notice.card.is_silent


# ── order ────────────────────────────────────────────────────────────────────────────────────


async def test_what_is_said_in_one_place_keeps_its_order(scene: Scene) -> None:
    now = scene.clock.now()
    async with in_transaction():
        for index in range(30):
            await say_in(scene.place, str(index), now=now)

    await scene.courier.drain()

    assert scene.chat.said == [str(index) for index in range(30)]


async def test_a_place_that_must_wait_keeps_its_order(scene: Scene) -> None:
    scene.chat.failures = [None, ChatBusy("slow down", after=timedelta(seconds=7))]
    for index in range(4):
        await scene.say(str(index))
    await scene.courier.drain()
    await scene.say("4")
    await scene.courier.drain()
    assert scene.chat.said == ["0"]

    scene.clock.pass_time(timedelta(seconds=8))
    await scene.courier.drain()

    assert scene.chat.said == ["0", "1", "2", "3", "4"]


# ── a chat in trouble ────────────────────────────────────────────────────────────────────────


async def test_a_busy_chat_is_left_alone_as_long_as_it_says(scene: Scene) -> None:
    scene.chat.failures = [ChatBusy("slow down", after=timedelta(seconds=30))]
    await scene.changed()
    await scene.courier.drain()

    scene.clock.pass_time(timedelta(seconds=29))
    await scene.courier.drain()
    before = len(scene.chat.calls)
    scene.clock.pass_time(timedelta(seconds=2))
    await scene.courier.drain()

    assert before == 1
    assert len(scene.chat.messages) == 1


async def test_a_busy_place_holds_no_other_place_up(scene: Scene) -> None:
    other = await scene.a_place("2002")
    scene.chat.failures = [ChatBusy("slow down", after=timedelta(seconds=30))]
    await scene.say("here")
    await scene.say("there", other)

    await scene.courier.drain()

    assert scene.chat.said == ["there"]


@pytest.mark.parametrize("error", [ChatBusy("down"), TokenRefused()])
async def test_nothing_is_given_up_while_a_chat_is_down_for_days(
    scene: Scene, error: ChatBusy
) -> None:
    await scene.changed()
    await scene.say("hello")
    for _ in range(MAX_ATTEMPTS * 3):
        scene.chat.failures = [error]
        await scene.courier.drain()
        scene.clock.pass_time(timedelta(hours=1))
    scene.chat.failures = []

    await scene.courier.drain()

    assert len(scene.chat.messages) == 2
    assert await scene.states() == ["sent", "sent"]


async def test_a_message_the_chat_will_not_take_holds_the_others_not_up(scene: Scene) -> None:
    scene.chat.failures = [ChatError("button data invalid")]
    await scene.say("bad")
    await scene.say("good")

    await scene.courier.drain()

    assert scene.chat.said == ["good"]


async def test_a_message_the_chat_never_takes_is_given_up_in_the_end(scene: Scene) -> None:
    await scene.say("bad")

    for _ in range(MAX_ATTEMPTS):
        scene.chat.failures = [ChatError("button data invalid")]
        await scene.courier.drain()
        scene.clock.pass_time(timedelta(minutes=6))

    assert await scene.states() == ["undeliverable"]


async def test_b50_a_dead_route_marks_the_place(scene: Scene) -> None:
    scene.chat.failures = [RouteDead("bot was blocked by the user")]
    await scene.changed()

    await scene.courier.drain()

    assert not (await Place.get(id=scene.place.id)).is_open
    assert await scene.states() == ["undeliverable"]


async def test_b50_a_place_that_moved_is_followed_and_nothing_is_lost(group: Scene) -> None:
    await group.changed()
    await group.courier.drain()
    group.chat.failures = [PlaceMoved("-100777")]
    group.chat.messages.clear()
    await group.changed(rev=1, caption="after the move")
    await group.say("and a word")

    await group.courier.drain()

    assert (await Place.get(id=group.place.id)).chat_id == "-100777"
    assert {shown.place.chat_id for shown in group.chat.messages.values()} == {"-100777"}
    assert group.chat.said[1] == "and a word"


async def test_b50_a_place_that_moved_to_where_somebody_already_spoke_becomes_one(
    group: Scene,
) -> None:
    twin = await group.a_place("-100777", purpose="group")
    twin.tells_failures = True
    await twin.save()
    post, _ = await group.a_post(143, twin)
    await group.changed()
    await group.changed(post)
    await group.courier.drain()
    group.chat.failures = [PlaceMoved("-100777")]
    await group.say("a word")

    await group.courier.drain()

    (place,) = await Place.all()
    assert (place.chat_id, place.tells_failures) == ("-100777", True)
    assert (await Post.get(id=post.id)).place_id == group.place.id
    assert await CardMessage.filter(place_id=group.place.id).count() == 2
    assert group.chat.said[-1] == "a word"


# ── the team's place for failures (b25) ──────────────────────────────────────────────────────


async def test_b25_in_the_group_it_was_made_in_a_failure_is_told_once(group: Scene) -> None:
    await Place.filter(id=group.place.id).update(tells_failures=True)
    await group.moves("failed", last_error={"trouble": "content_refused"})
    await group.notice("failed")
    await group.courier.drain()

    card, told = group.chat.messages.values()
    assert "❌ Not published #142" in card.words
    assert told.words.startswith("❌ #142 was not published.")
    assert "Made by Dana for @brand." in told.words
    assert told.reply_to == "77"

    await group.moves("scheduled")
    await group.courier.drain()

    assert told.words.startswith("⏳ #142: on its way again.")
    assert len(group.chat.messages) == 2


async def test_b25_what_was_mended_before_anybody_was_told_is_not_told(scene: Scene) -> None:
    place = await scene.a_place("-5", purpose="group")
    await Place.filter(id=place.id).update(tells_failures=True)
    await scene.moves("failed")
    await scene.notice("failed")
    await scene.moves("scheduled")

    await scene.courier.drain()

    assert [shown.place.chat_id for shown in scene.chat.messages.values()] == ["1001"]


async def test_b25_a_place_that_cannot_be_reached_changes_nothing(scene: Scene) -> None:
    place = await scene.a_place("-5", purpose="group")
    await Place.filter(id=place.id).update(tells_failures=True, is_open=False)
    await scene.moves("failed")
    await scene.notice("failed")

    await scene.courier.drain()

    assert {shown.place.chat_id for shown in scene.chat.messages.values()} == {"1001"}
    assert any("#142 was not published" in words for words in scene.chat.said)


async def test_b25_a_login_that_breaks_again_is_a_message_of_its_own(scene: Scene) -> None:
    place = await scene.a_place("-5", purpose="group")
    await Place.filter(id=place.id).update(tells_failures=True)

    async def account(state: str, event: str) -> None:
        await Account.filter(id=scene.account.id).update(state=state, trouble="login_expired")
        purpose = "notice" if event == "needs_reconnect" else "card"
        now = scene.clock.now()
        await tell("account", scene.account.id, event, purpose=purpose, now=now)
        await scene.courier.drain()
        scene.clock.pass_time(timedelta(days=1))

    def there() -> list[str]:
        return [one.words for one in scene.chat.messages.values() if one.place.chat_id == "-5"]

    await account("needs_reconnect", "needs_reconnect")
    await account("active", "changed")
    (first,) = there()
    await account("needs_reconnect", "needs_reconnect")

    assert first.startswith("✅ @brand: resolved")
    assert len(there()) == 2
    assert there()[0] == first
    assert there()[1].startswith("⚠️ @brand needs you.")


async def test_a_chat_that_is_not_here_is_noted_and_passed_over(scene: Scene) -> None:
    await Place.filter(id=scene.place.id).update(chat="slack")
    await scene.say("hello")

    await scene.courier.drain()

    assert await scene.states() == ["undeliverable"]


# ── several couriers, crashes ────────────────────────────────────────────────────────────────


async def test_two_couriers_at_once_serve_a_place_once(scene: Scene) -> None:
    for index in range(10):
        await scene.say(str(index))
    couriers = [scene.another_courier() for _ in range(3)]

    await asyncio.gather(*(courier.drain() for courier in couriers))
    await scene.courier.drain()

    assert scene.chat.said == [str(index) for index in range(10)]


async def test_what_comes_while_a_place_is_served_waits_for_its_turn(scene: Scene) -> None:
    scene.chat.gate.clear()
    await scene.say("first")
    running = asyncio.create_task(scene.courier.drain())
    await wait_until(lambda: scene.chat.waiting, what="the first is on its way")
    await scene.say("second")
    other = scene.another_courier()

    await other.drain()
    calls_meanwhile = len(scene.chat.calls)
    scene.chat.gate.set()
    await running
    await other.drain()

    assert calls_meanwhile == 1
    assert scene.chat.said == ["first", "second"]


async def test_a_place_whose_courier_died_is_taken_over_once_its_lease_is_over(
    scene: Scene,
) -> None:
    scene.chat.gate.clear()
    await scene.say("first")
    running = asyncio.create_task(scene.courier.drain())
    await wait_until(lambda: scene.chat.waiting, what="the first is on its way")
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    scene.chat.gate.set()
    other = scene.another_courier()

    await other.drain()
    before = list(scene.chat.said)
    scene.clock.pass_time(LEASE + timedelta(seconds=1))
    await other.drain()

    assert before == []
    assert scene.chat.said == ["first"]


async def test_b2_a_crash_after_the_card_was_noted_sends_no_second_one(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def crash(*_: object, **__: object) -> None:
        raise ConnectionError("the process died here")

    await scene.changed()
    with monkeypatch.context() as patched:
        patched.setattr(scene.courier._deliveries, "finish", crash)
        with pytest.raises(BaseException):  # noqa: B017, PT011
            await scene.courier.drain()
    await scene.changed(rev=1, caption="after the crash")
    scene.clock.pass_time(LEASE + timedelta(seconds=1))

    await scene.another_courier().drain()

    (shown,) = scene.chat.messages.values()
    assert [card.quote for card in shown.cards] == ["New mugs!", "after the crash"]
    assert await scene.states() == ["sent", "sent"]


async def test_an_edit_whose_answer_got_lost_is_made_again_and_shows_no_double(
    scene: Scene,
) -> None:
    await scene.changed()
    await scene.courier.drain()
    scene.chat.failures_afterwards = [ChatBusy("no answer")]
    await scene.changed(rev=1, caption="edited")
    await scene.courier.drain()

    scene.clock.pass_time(timedelta(seconds=5))
    await scene.courier.drain()

    (shown,) = scene.chat.messages.values()
    assert shown.card.quote == "edited"


async def test_one_row_that_nobody_can_place_holds_no_other_up(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    places_of = Artist.places_of

    async def fail_for_one(artist: Artist, row: Outbox) -> list[UUID]:
        if row.event == "strange":
            raise KeyError("strange")
        return await places_of(artist, row)

    monkeypatch.setattr(Artist, "places_of", fail_for_one)
    await tell("post", scene.post.id, "strange", now=scene.clock.now())
    await scene.say("hello")

    await scene.courier.drain()

    assert scene.chat.said == ["hello"]


# ── pace ─────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(params=["direct", "group"])
async def paced(
    request: pytest.FixtureRequest, database: str, clock: SettableClock
) -> tuple[Scene, timedelta]:
    gap = timedelta(seconds=3 if request.param == "direct" else 10)
    return await Scene(clock, database).set_up(purpose=request.param), gap


async def test_k23_b22_progress_is_shown_once_in_a_while(paced: tuple[Scene, timedelta]) -> None:
    scene, gap = paced
    await scene.changed()
    await scene.courier.drain()
    await scene.moves("preparing", "ready", "publishing")
    await scene.courier.drain()
    at_once = scene.chat.counts()

    scene.clock.pass_time(gap - timedelta(seconds=1))
    await scene.courier.drain()
    still = scene.chat.counts()
    scene.clock.pass_time(timedelta(seconds=2))
    await scene.courier.drain()

    assert at_once == still == (1, 0)
    assert scene.chat.counts() == (1, 1)
    assert "⏳ Publishing #142" in scene.chat.said[0]


async def test_k23_an_end_is_never_held_back(paced: tuple[Scene, timedelta]) -> None:
    scene, gap = paced
    await scene.changed()
    await scene.courier.drain()
    await scene.moves("preparing", "ready", "publishing")
    await scene.courier.drain()
    await scene.moves("published", published_at=scene.clock.now())
    await scene.courier.drain()

    assert "✅ Published #142" in scene.chat.said[0]
    scene.clock.pass_time(gap * 2)
    await scene.courier.drain()
    assert scene.chat.counts() == (1, 1)
    assert set(await scene.states()) == {"sent"}


async def test_k23_a_first_card_is_never_held_back(scene: Scene) -> None:
    await scene.moves("preparing", "ready", "publishing")

    await scene.courier.drain()

    assert "⏳ Publishing #142" in scene.chat.said[0]


async def test_k23_what_a_person_changed_is_never_held_back(scene: Scene) -> None:
    await scene.changed()
    await scene.courier.drain()
    await scene.moves("preparing")

    await scene.changed(rev=1, caption="edited by hand")
    await scene.courier.drain()

    assert scene.chat.counts() == (1, 1)


async def test_k23_a_clock_set_back_does_not_hold_a_card(scene: Scene) -> None:
    scene.clock.pass_time(timedelta(hours=5))
    await scene.changed()
    await scene.courier.drain()
    scene.clock.pass_time(timedelta(hours=-5))
    await scene.moves("preparing", "ready", "publishing")
    # What was written before is due at once, whatever its clock said.
    await Delivery.all().update(next_attempt_at=scene.clock.now())

    await scene.courier.drain()

    assert scene.chat.counts() == (1, 1)


# ── running ──────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def trouble_in_the_database(monkeypatch: pytest.MonkeyPatch, scene: Scene) -> Iterator[list[int]]:
    seen: list[int] = []
    claim = scene.courier._deliveries.claim

    async def fail_first(place_id: UUID) -> Any:
        seen.append(1)
        if len(seen) == 1:
            raise RuntimeError("the connection broke in an unheard-of way")
        return await claim(place_id)

    monkeypatch.setattr(scene.courier._deliveries, "claim", fail_first)
    return seen


async def test_a_running_courier_outlives_trouble_and_says_it_then(
    scene: Scene, trouble_in_the_database: list[int]
) -> None:
    running = asyncio.create_task(scene.courier.run())
    await scene.say("hello")

    await wait_until(lambda: scene.chat.said == ["hello"], what="it was said in the end")

    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert len(trouble_in_the_database) >= 2


async def test_c09_c21_a_database_that_is_away_after_sending_makes_no_second_message(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    really, refused = UpdateQuery._execute, 0
    scene.clock.pause_share = 0.01

    async def away(self: UpdateQuery) -> int:
        nonlocal refused
        if refused < 6 and refused % 4 < 3:
            refused += 1
            raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle")
        refused += 1
        return await really(self)

    await scene.changed()
    await scene.say("hello")
    monkeypatch.setattr(UpdateQuery, "_execute", away)
    await scene.courier.drain()

    assert refused > 6
    assert scene.chat.counts() == (2, 0)
    assert await scene.states() == ["sent", "sent"]
