"""A published post without its link gets it later, in a few tries; nothing else depends on it."""

# ruff: noqa: ARG002 - the contract names what a fake does not need

from datetime import timedelta

from models.outbox import Outbox
from models.post import Post, Target
from platforms.contract import Credentials, Outgoing, Receipt
from platforms.errors import PlatformError, Trouble, TryAgainLater
from scheduling.links import TRIES_AFTER, MissingLinks
from tests.support.engine_world import World
from tests.support.fake_platform import FakePlatform

LINK = "https://fake.example/p/1"


class Forgetful(FakePlatform):
    """A platform that knows nothing of a post for its first *blanks* questions."""

    blanks = 0
    trouble: PlatformError | None = None

    async def describe(self, who: Credentials, media_id: str) -> Receipt:
        self.calls["describe"] += 1
        if self.trouble:
            raise self.trouble
        return Receipt(media_id, "" if self.calls["describe"] <= self.blanks else LINK)

    async def find_published(
        self, who: Credentials, outgoing: Outgoing, *, since: object
    ) -> Receipt | None:
        self.calls["find_published"] += 1
        return Receipt("m-7", LINK) if outgoing.caption == "post 1" else None


async def published(world: World, **values: object) -> tuple[Post, Target]:
    post = await world.scheduled()
    now = world.clock.now()
    target = await world.target(post)
    fields = {"platform_media_id": "m-7", "published_at": now, "intent_at": now, **values}
    for state in ("preparing", "ready", "publishing", "published"):
        await Target.filter(id=target.id).update(state=state)
    await Target.filter(id=target.id).update(**fields, next_attempt_at=None)
    await Outbox.all().delete()
    return post, target


def seeker(world: World, platform: FakePlatform) -> MissingLinks:
    return MissingLinks({"fake": platform}, world.engine().tokens, world.clock)


async def test_a_link_that_was_not_read_is_read_later_and_the_card_gets_it(world: World) -> None:
    platform = Forgetful()
    post, target = await published(world)
    links = seeker(world, platform)
    assert await links.find_due() == 0, "whoever published it asks first"
    world.clock.pass_time(timedelta(minutes=1))

    found = await links.find_due()

    assert found == 1
    assert (await Target.get(id=target.id)).permalink == LINK
    (told,) = await Outbox.all()
    assert (told.subject_id, told.event, told.purpose) == (post.id, "changed", "card")
    assert await links.find_due() == 0


async def test_it_is_asked_ever_more_rarely_and_then_no_more(world: World) -> None:
    platform = Forgetful()
    platform.trouble = TryAgainLater(Trouble.PLATFORM_DOWN, code="503")
    _, target = await published(world)
    began, links = world.clock.now(), seeker(world, platform)

    for after in (*TRIES_AFTER, timedelta(days=6), timedelta(days=9)):
        world.clock.pass_time(began + after - world.clock.now() - timedelta(seconds=1))
        before = platform.calls["describe"]
        await links.find_due()
        assert platform.calls["describe"] == before, f"a second before {after}"
        world.clock.pass_time(timedelta(seconds=2))
        await links.find_due()
        await links.find_due()

    assert platform.calls["describe"] == len(TRIES_AFTER)
    left = await Target.get(id=target.id)
    assert (left.state, left.permalink, left.link_tries) == ("published", "", len(TRIES_AFTER))


async def test_what_has_no_id_is_looked_for_in_the_accounts_own_list(world: World) -> None:
    platform = Forgetful()
    _, target = await published(world, platform_media_id="")
    world.clock.pass_time(timedelta(minutes=2))

    assert await seeker(world, platform).find_due() == 1

    found = await Target.get(id=target.id)
    assert (found.permalink, found.platform_media_id) == (LINK, "m-7")


async def test_an_account_that_needs_its_owner_is_left_alone(world: World) -> None:
    platform = Forgetful()
    await published(world)
    world.account.state = "needs_reconnect"
    await world.account.save()
    world.clock.pass_time(timedelta(minutes=2))

    assert await seeker(world, platform).find_due() == 0
    assert platform.calls["describe"] == 0
