"""Instagram before its stand-in, over real HTTP: the conformance suite and what is its own."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

import pytest
from aiohttp import web
from pydantic import SecretStr

from platforms.contract import Credentials, Handle, Kind, Media, Outgoing, Platform, Usage
from platforms.errors import (
    HandleLost,
    NeedsReconnect,
    OutcomeUnknown,
    Rejected,
    Trouble,
    TryAgainLater,
)
from platforms.http import build_session
from platforms.instagram.adapter import InstagramAdapter, InstagramSettings
from sandbox.instagram import APP_ID, APP_SECRET, InstagramSandbox
from sandbox.instagram.mounting import mount
from sandbox.serving import serving
from tests.platforms.conformance import Bench, Live, Loss, PlatformConformance
from tests.platforms.instagram.builders import photo, video
from tests.sandbox.made_media import jpeg, mp4
from tests.support.clock import SettableClock

CAFE = "cafe.lindenhof"
PRIVATE = "jonas.private"
LOSSES: dict[Loss, dict[str, object]] = {
    "after the work": {"action": "drop_after"},
    "before the work": {"action": "drop_before"},
    "silence": {"action": "hang_after"},
    "half an answer": {"action": "truncate"},
    "server error": {"action": "error_after", "status": 500, "code": 2},
}


class InstagramBench(Bench):
    """The adapter, the stand-in, and a house that serves the media."""

    def __init__(
        self,
        box: InstagramSandbox,
        base: str,
        house: str,
        clock: SettableClock,
        platform: InstagramAdapter,
        settings: InstagramSettings,
        heard: list[Usage],
    ) -> None:
        self.box = box
        self.base = base
        self.house = house
        self.clock = clock
        self.platform = platform
        self.settings = settings
        self.heard = heard
        self.username = CAFE
        token = SecretStr(box.issue_token(CAFE).value)
        self.who = Credentials(box.account(CAFE).account_id, token)

    def sample(self, kind: Kind, caption: str) -> Outgoing:
        image = photo(url=f"{self.house}/photo.jpg", alt_text="")
        film = video(url=f"{self.house}/film.mp4")
        media: dict[Kind, tuple[Media, ...]] = {
            "image": (image,),
            "carousel": (image, replace(film, duration_seconds=4), image),
            "reel": (film,),
            "story": (image,),
        }
        return Outgoing(kind, caption, media[kind])

    def unfit(self) -> Outgoing:
        return Outgoing("image", "Hello", (photo(url=f"{self.house}/tall.jpg"),))

    def live(self) -> Sequence[Live]:
        return [Live(post.id, post.kind, post.caption) for post in self.box.published]

    async def patience(self) -> None:
        await self.box.bell.until(
            lambda: all(container.work != "fetching" for container in self.box.containers)
        )

    def consent(self, address: str, *, allow: bool = True) -> str:
        return self.box.consent(address, self.username, allow=allow)

    def lose(self, loss: Loss) -> None:
        how = dict(LOSSES[loss])
        self.box.fault(how.pop("action"), "publish", **how)  # type: ignore[arg-type]

    def lose_handle(self, handle: Handle) -> None:
        assert handle.lapses_after is not None
        self.pass_time(handle.lapses_after + timedelta(seconds=1))

    def revoke(self) -> None:
        self.box.kill_tokens(CAFE)

    def go_down(self) -> None:
        self.box.go_down()

    def pass_time(self, by: timedelta) -> None:
        self.clock.pass_time(by)

    def now(self) -> datetime:
        return self.clock.now()

    def callback(self) -> bytes:
        return urlencode({"signed_request": self.box.signed_request(CAFE)}).encode()

    def app_user_id(self) -> str:
        return self.box.account(CAFE).scoped_id

    @asynccontextmanager
    async def unreachable(self) -> AsyncIterator[Platform]:
        async with serving(web.Application()) as gone:
            pass
        settings = replace(self.settings, graph_url=f"{gone}/graph", token_url=f"{gone}/token")
        async with build_session(settings.origins) as session:
            yield InstagramAdapter(session, settings)

    def wrong_calls(self) -> Sequence[str]:
        return [str(entry) for entry in self.box.violations]


FILES = {
    "photo.jpg": (jpeg(1080, 1350), "image/jpeg"),
    "tall.jpg": (jpeg(600, 1600), "image/jpeg"),
    "film.mp4": (mp4(), "video/mp4"),
}


async def serve_file(request: web.Request) -> web.Response:
    found = FILES.get(request.match_info["name"])
    if found is None:
        raise web.HTTPNotFound
    return web.Response(body=found[0], content_type=found[1])


@pytest.fixture
async def bench() -> AsyncIterator[InstagramBench]:
    clock = SettableClock()
    box = InstagramSandbox(clock.now)
    door, house = web.Application(), web.Application()
    mount(box, door)
    house.router.add_get("/{name}", serve_file)
    heard: list[Usage] = []
    async with AsyncExitStack() as stack:
        base = await stack.enter_async_context(serving(door))
        files = await stack.enter_async_context(serving(house))
        settings = InstagramSettings(
            app_id=APP_ID,
            app_secret=SecretStr(APP_SECRET),
            authorize_url=f"{base}/instagram/oauth/authorize",
            token_url=f"{base}/instagram/oauth/access_token",
            graph_url=f"{base}/instagram/graph",
            publish_timeout=timedelta(seconds=0.6),
        )
        session = await stack.enter_async_context(build_session(settings.origins))
        platform = InstagramAdapter(session, settings, on_usage=heard.append)
        yield InstagramBench(box, base, files, clock, platform, settings, heard)


class TestInstagramConforms(PlatformConformance):
    """Instagram keeps the contract."""


class TestInstagram:
    """What only Instagram does."""

    async def test_alt_text_arrives_on_images_and_on_carousel_images(
        self, bench: InstagramBench
    ) -> None:
        image = photo(url=f"{bench.house}/photo.jpg", alt_text="A chestnut tree")
        film = video(url=f"{bench.house}/film.mp4", alt_text="never sent")

        for outgoing in (
            Outgoing("image", "", (image,)),
            Outgoing("carousel", "", (image, film)),
        ):
            await bench.platform.publish(bench.who, await bench.prepared(outgoing))

        alone, album = bench.box.published
        assert [one.alt_text for one in alone.media] == ["A chestnut tree"]
        assert [one.alt_text for one in album.media] == ["A chestnut tree", ""]
        assert bench.wrong_calls() == []

    async def test_a_story_may_be_a_film(self, bench: InstagramBench) -> None:
        outgoing = Outgoing("story", "not shown", (video(url=f"{bench.house}/film.mp4"),))
        since = bench.now()

        await bench.platform.publish(bench.who, await bench.prepared(outgoing))

        assert [post.kind for post in bench.box.published] == ["story"]
        assert await bench.platform.find_published(bench.who, outgoing, since=since) is not None

    async def test_the_children_of_a_carousel_keep_their_order(
        self, bench: InstagramBench
    ) -> None:
        outgoing = bench.sample("carousel", "Three")

        await bench.platform.publish(bench.who, await bench.prepared(outgoing))

        (post,) = bench.box.published
        assert [one.is_video for one in post.media] == [False, True, False]

    async def test_publishing_too_early_is_refused_and_may_be_repeated(
        self, bench: InstagramBench
    ) -> None:
        bench.box.settings.change({"processing_polls": 2})
        outgoing = bench.sample("image", "Hello")
        made = await bench.platform.prepare(bench.who, outgoing, ())
        handles = [made.handle]  # type: ignore[union-attr]
        await bench.patience()

        with pytest.raises(TryAgainLater) as caught:
            await bench.platform.publish(bench.who, handles)
        for _ in range(3):
            await bench.platform.check(bench.who, handles)
        await bench.platform.publish(bench.who, handles)

        assert caught.value.trouble is Trouble.NOT_READY
        assert len(bench.live()) == 1

    async def test_a_second_publish_of_one_container_never_reads_as_a_refusal(
        self, bench: InstagramBench
    ) -> None:
        handles = await bench.prepared(bench.sample("image", "Hello"))
        await bench.platform.publish(bench.who, handles)

        for answer in ("24/2207008", "-1/2207001"):
            bench.box.settings.change({"republish": answer})
            with pytest.raises(OutcomeUnknown):
                await bench.platform.publish(bench.who, handles)

        assert len(bench.live()) == 1

    async def test_the_daily_quota_is_a_window_and_is_read_live(
        self, bench: InstagramBench
    ) -> None:
        bench.box.settings.change({"quota_total": 1})
        await bench.platform.publish(bench.who, await bench.prepared(bench.sample("image", "One")))
        handles = await bench.prepared(bench.sample("image", "Two"))

        with pytest.raises(TryAgainLater) as caught:
            await bench.platform.publish(bench.who, handles)
        quota = await bench.platform.quota(bench.who)

        assert (caught.value.trouble, caught.value.is_window) == (Trouble.QUOTA_REACHED, True)
        assert quota is not None
        assert (quota.used, quota.total) == (1, 1)

    async def test_a_link_that_cannot_be_fetched_is_tried_later(
        self, bench: InstagramBench
    ) -> None:
        outgoing = Outgoing("image", "", (photo(url=f"{bench.house}/missing.jpg"),))

        with pytest.raises((TryAgainLater, HandleLost)) as caught:
            await bench.prepared(outgoing)

        assert caught.value.trouble is Trouble.MEDIA_UNFETCHABLE

    @pytest.mark.parametrize("checks", ["create", "status"])
    async def test_a_shape_instagram_refuses_is_named_whenever_it_looks(
        self, bench: InstagramBench, checks: str
    ) -> None:
        bench.box.settings.change({"image_checks": checks})

        with pytest.raises(Rejected) as caught:
            await bench.prepared(bench.unfit())

        assert caught.value.trouble is Trouble.RATIO_REFUSED

    @pytest.mark.parametrize(("token", "scopes"), [("wrapped", "text"), ("flat", "list")])
    async def test_both_forms_of_the_token_answer_are_read(
        self, bench: InstagramBench, token: str, scopes: str
    ) -> None:
        bench.box.settings.change({"token_form": token, "permissions_form": scopes})

        await TestInstagramConforms().test_connecting_leads_from_consent_to_the_account(bench)

    async def test_a_young_token_is_refreshed_later_and_stays_good(
        self, bench: InstagramBench
    ) -> None:
        with pytest.raises(TryAgainLater):
            await bench.platform.refresh(bench.who.token)

        assert (await bench.platform.whoami(bench.who.token)).username == CAFE

    @pytest.mark.parametrize(
        ("subcode", "trouble"),
        [
            (458, Trouble.ACCESS_REMOVED),
            (460, Trouble.PASSWORD_CHANGED),
            (463, Trouble.LOGIN_EXPIRED),
        ],
    )
    async def test_why_a_token_died_is_told_apart(
        self, bench: InstagramBench, subcode: int, trouble: Trouble
    ) -> None:
        bench.box.kill_tokens(CAFE, subcode)

        with pytest.raises(NeedsReconnect) as caught:
            await bench.platform.whoami(bench.who.token)

        assert caught.value.trouble is trouble

    async def test_bad_086_a_personal_account_is_known_by_its_type(
        self, bench: InstagramBench
    ) -> None:
        token = SecretStr(bench.box.issue_token(PRIVATE).value)

        profile = await bench.platform.whoami(token)

        assert (profile.username, profile.can_publish) == (PRIVATE, False)

    async def test_bad_085_a_scope_that_was_unticked_is_missed(
        self, bench: InstagramBench
    ) -> None:
        redirect = "https://post.example/c"
        address = bench.platform.authorize_url(state="s", redirect_uri=redirect)
        back = bench.box.consent(address, CAFE, scopes=["instagram_business_basic"])
        code = back.partition("code=")[2].partition("&")[0]

        grant = await bench.platform.exchange_code(code=code, redirect_uri=redirect)

        assert bench.platform.card.missing_scopes(grant.scopes) == (
            "instagram_business_content_publish",
        )

    async def test_usage_is_heard_from_every_answer(self, bench: InstagramBench) -> None:
        bench.box.settings.change({"usage_percent": 97})

        await bench.platform.whoami(bench.who.token)

        assert {usage.percent for usage in bench.heard} == {97.0}
        assert {usage.platform for usage in bench.heard} == {"instagram"}
