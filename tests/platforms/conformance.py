"""What every platform must do, whatever it is called: the suite an adapter passes to be let in.

A platform's own test file makes a `Bench` (its adapter in front of a stand-in over real HTTP, and
a hand on that stand-in) and subclasses `PlatformConformance`:

    class TestThreadsConforms(PlatformConformance):
        @pytest.fixture
        async def bench(self) -> AsyncIterator[Bench]: ...
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr

from platforms.contract import (
    Credentials,
    Handle,
    Kind,
    Made,
    Outgoing,
    Platform,
    Published,
    Ready,
    Waiting,
)
from platforms.errors import (
    HandleLost,
    NeedsReconnect,
    OutcomeUnknown,
    PlatformError,
    Rejected,
    TryAgainLater,
)

REDIRECT = "https://post.example/connect/callback"
KINDS: tuple[Kind, ...] = get_args(Kind)
MAX_STEPS = 60

Loss = Literal["after the work", "before the work", "silence", "half an answer", "server error"]


@dataclass(frozen=True)
class Live:
    """A post that the world can see."""

    media_id: str
    kind: str
    caption: str


class Bench(ABC):
    """An adapter, an account connected to it, and a hand on the stand-in behind it."""

    platform: Platform
    who: Credentials
    username: str

    @abstractmethod
    def sample(self, kind: Kind, caption: str) -> Outgoing:
        """Return a post that the platform takes."""

    @abstractmethod
    def unfit(self) -> Outgoing:
        """Return a post that the platform refuses when it looks at the media."""

    @abstractmethod
    def live(self) -> Sequence[Live]:
        """Return what went public, oldest first."""

    @abstractmethod
    async def patience(self) -> None:
        """Wait until the stand-in has digested what it was given."""

    @abstractmethod
    def consent(self, address: str, *, allow: bool = True) -> str:
        """Decide on the consent page; return where the browser goes next."""

    @abstractmethod
    def lose(self, loss: Loss) -> None:
        """Lose the answer of the next publish call in this way."""

    @abstractmethod
    def lose_handle(self, handle: Handle) -> None:
        """Let what was prepared lapse."""

    @abstractmethod
    def revoke(self) -> None:
        """Take the account's tokens away."""

    @abstractmethod
    def go_down(self) -> None:
        """Let every call fail with a server error."""

    @abstractmethod
    def pass_time(self, by: timedelta) -> None:
        """Let time pass for the stand-in."""

    @abstractmethod
    def now(self) -> datetime:
        """Return the stand-in's time."""

    @abstractmethod
    def callback(self) -> bytes:
        """Return the body of a signed callback about the account."""

    @abstractmethod
    def app_user_id(self) -> str:
        """Return the id by which callbacks name the account's owner."""

    @abstractmethod
    def unreachable(self) -> AbstractAsyncContextManager[Platform]:
        """Give the adapter in front of a port where nobody listens."""

    @abstractmethod
    def wrong_calls(self) -> Sequence[str]:
        """Return the calls so far that the real platform does not have."""

    async def prepared(self, outgoing: Outgoing) -> list[Handle]:
        """Walk through preparation as the scheduler does, saving each handle."""
        handles: list[Handle] = []
        for _ in range(MAX_STEPS):
            match await self.platform.prepare(self.who, outgoing, tuple(handles)):
                case Made(handle):
                    handles.append(handle)
                case Waiting(poll_after):
                    assert poll_after > timedelta()
                    await self.patience()
                case Ready():
                    return handles
        raise AssertionError(f"not ready after {MAX_STEPS} steps")


class PlatformConformance:
    """The claims; subclass it with a `bench` fixture."""

    # What it is

    async def test_the_card_is_whole(self, bench: Bench) -> None:
        card = bench.platform.card

        assert card.name == card.name.lower().strip() != ""
        assert card.title
        assert card.kinds
        assert set(card.kinds) <= set(KINDS)
        assert set(card.scopes_needed) <= set(card.scope_meanings)
        assert timedelta() < card.token_refresh_after < card.token_life

    # Connecting

    async def test_connecting_leads_from_consent_to_the_account(self, bench: Bench) -> None:
        platform = bench.platform
        address = platform.authorize_url(state="state-1+/=", redirect_uri=REDIRECT)
        back = urlsplit(bench.consent(address))
        query = parse_qs(back.query)

        grant = await platform.exchange_code(code=query["code"][0], redirect_uri=REDIRECT)
        profile = await platform.whoami(grant.token)

        assert query["state"] == ["state-1+/="]
        assert profile.username == bench.username
        assert profile.platform_user_id == bench.who.platform_user_id
        assert profile.can_publish
        assert platform.card.missing_scopes(grant.scopes) == ()
        assert grant.token.get_secret_value() not in repr(grant)
        assert (grant.app_user_id or profile.app_user_id) == bench.app_user_id()

    async def test_a_refused_consent_brings_no_code(self, bench: Bench) -> None:
        address = bench.platform.authorize_url(state="s", redirect_uri=REDIRECT)

        query = parse_qs(urlsplit(bench.consent(address, allow=False)).query)

        assert "code" not in query
        assert query["error"] == ["access_denied"]
        assert query["state"] == ["s"]

    async def test_a_code_works_once(self, bench: Bench) -> None:
        address = bench.platform.authorize_url(state="s", redirect_uri=REDIRECT)
        code = parse_qs(urlsplit(bench.consent(address)).query)["code"][0]
        await bench.platform.exchange_code(code=code, redirect_uri=REDIRECT)

        with pytest.raises(Rejected):
            await bench.platform.exchange_code(code=code, redirect_uri=REDIRECT)

    async def test_an_invented_code_is_rejected(self, bench: Bench) -> None:
        with pytest.raises(Rejected):
            await bench.platform.exchange_code(code="invented", redirect_uri=REDIRECT)

    async def test_a_refreshed_token_works(self, bench: Bench) -> None:
        bench.pass_time(bench.platform.card.token_refresh_after)

        grant = await bench.platform.refresh(bench.who.token)
        profile = await bench.platform.whoami(grant.token)

        assert profile.username == bench.username
        assert grant.expires_after is None or grant.expires_after > timedelta()

    async def test_a_lapsed_token_needs_a_person(self, bench: Bench) -> None:
        bench.pass_time(bench.platform.card.token_life + timedelta(days=1))

        with pytest.raises(NeedsReconnect):
            await bench.platform.refresh(bench.who.token)

    async def test_an_invented_token_needs_a_person(self, bench: Bench) -> None:
        with pytest.raises(NeedsReconnect):
            await bench.platform.whoami(SecretStr("invented"))

    async def test_giving_a_token_back_never_fails(self, bench: Bench) -> None:
        await bench.platform.revoke(bench.who.token)

    async def test_a_signed_callback_names_its_owner_and_a_touched_one_nobody(
        self, bench: Bench
    ) -> None:
        body = bench.callback()

        assert bench.platform.verify_callback(body) == bench.app_user_id()
        with pytest.raises(Rejected):
            bench.platform.verify_callback(body[:-2])

    # Reviewing

    async def test_its_own_samples_draw_no_complaint(self, bench: Bench) -> None:
        for kind in bench.platform.card.kinds:
            assert bench.platform.review(bench.sample(kind, "Hello")) == []

    async def test_a_caption_over_the_limit_is_complained_about(self, bench: Bench) -> None:
        card = bench.platform.card
        for kind in set(card.kinds) - {"story"}:
            outgoing = bench.sample(kind, "x" * (card.max_caption_chars + 1))
            assert [c for c in bench.platform.review(outgoing) if not c.is_warning]

    async def test_a_post_without_media_is_complained_about(self, bench: Bench) -> None:
        for kind in bench.platform.card.kinds:
            empty = replace(bench.sample(kind, "Hello"), media=())
            assert bench.platform.review(empty)

    # Publishing

    @pytest.mark.parametrize("kind", KINDS)
    async def test_each_kind_is_prepared_unseen_and_published_once(
        self, bench: Bench, kind: Kind
    ) -> None:
        if kind not in bench.platform.card.kinds:
            return  # nothing to hold it to
        outgoing = bench.sample(kind, "Hello")

        handles = await bench.prepared(outgoing)
        assert bench.live() == []
        assert await bench.platform.check(bench.who, handles) == Ready()
        published = await bench.platform.publish(bench.who, handles)

        (live,) = bench.live()
        assert (live.media_id, live.kind) == (published.receipt.media_id, kind)
        assert live.caption == ("" if kind == "story" else "Hello")
        assert isinstance(await bench.platform.check(bench.who, handles), Published)
        receipt = await bench.platform.describe(bench.who, live.media_id)
        assert receipt.permalink.startswith("http")
        assert bench.wrong_calls() == []

    async def test_bad_037_a_caption_arrives_sign_by_sign(self, bench: Bench) -> None:
        caption = "👨‍👩‍👧‍👦 & 100 % #café + <b>\n\n🇩🇪 = ❤️? é\u0301 @anna"
        handles = await bench.prepared(bench.sample("image", caption))

        await bench.platform.publish(bench.who, handles)

        assert [live.caption for live in bench.live()] == [caption]

    async def test_preparation_resumes_from_what_was_saved(self, bench: Bench) -> None:
        kind: Kind = "carousel" if "carousel" in bench.platform.card.kinds else "image"
        outgoing = bench.sample(kind, "Hello")
        handles = await bench.prepared(outgoing)

        # The order in which a database gives them back is nobody's promise.
        again = await bench.platform.prepare(bench.who, outgoing, handles[::-1])

        assert again == Ready()
        assert len({handle.external_id for handle in handles}) == len(handles)
        assert [handle.purpose for handle in handles].count("post") == 1
        assert bench.live() == []

    async def test_handles_know_when_they_lapse_and_are_lost_then(self, bench: Bench) -> None:
        outgoing = bench.sample("image", "Hello")
        handles = await bench.prepared(outgoing)
        if handles[-1].lapses_after is None:
            return  # never lapses: nothing to hold it to
        bench.lose_handle(handles[-1])

        with pytest.raises(HandleLost):
            await bench.platform.prepare(bench.who, outgoing, handles)
        with pytest.raises(HandleLost):
            await bench.platform.check(bench.who, handles)

    async def test_media_that_does_not_fit_is_refused_before_anything_is_public(
        self, bench: Bench
    ) -> None:
        with pytest.raises(PlatformError) as caught:
            await bench.prepared(bench.unfit())

        assert type(caught.value) is Rejected
        assert bench.live() == []

    # A lost answer is not a failure

    @pytest.mark.parametrize("loss", get_args(Loss))
    async def test_a_lost_answer_leaves_the_outcome_unknown(
        self, bench: Bench, loss: Loss
    ) -> None:
        handles = await bench.prepared(bench.sample("image", "Hello"))
        bench.lose(loss)

        with pytest.raises(OutcomeUnknown):
            await bench.platform.publish(bench.who, handles)

    @pytest.mark.parametrize("kind", KINDS)
    async def test_a_post_whose_answer_was_lost_is_found(self, bench: Bench, kind: Kind) -> None:
        if kind not in bench.platform.card.kinds:
            return  # nothing to hold it to
        outgoing = bench.sample(kind, "Hello #1")
        handles = await bench.prepared(outgoing)
        since = bench.now()
        bench.lose("after the work")
        with pytest.raises(OutcomeUnknown):
            await bench.platform.publish(bench.who, handles)

        progress = await bench.platform.check(bench.who, handles)
        receipt = await bench.platform.find_published(bench.who, outgoing, since=since)

        (live,) = bench.live()
        assert isinstance(progress, Published)
        assert receipt is not None
        assert receipt.media_id == live.media_id
        assert receipt.permalink.startswith("http")

    async def test_a_call_that_did_nothing_may_be_sent_again(self, bench: Bench) -> None:
        outgoing = bench.sample("image", "Hello")
        handles = await bench.prepared(outgoing)
        bench.lose("before the work")
        with pytest.raises(OutcomeUnknown):
            await bench.platform.publish(bench.who, handles)

        progress = await bench.platform.check(bench.who, handles)
        receipt = await bench.platform.find_published(bench.who, outgoing, since=bench.now())
        await bench.platform.publish(bench.who, handles)

        assert progress == Ready()
        assert receipt is None
        assert len(bench.live()) == 1

    async def test_an_older_post_with_the_same_words_is_not_taken_for_it(
        self, bench: Bench
    ) -> None:
        outgoing = bench.sample("image", "Same words")
        await bench.platform.publish(bench.who, await bench.prepared(outgoing))
        bench.pass_time(timedelta(minutes=5))

        assert await bench.platform.find_published(bench.who, outgoing, since=bench.now()) is None

    async def test_two_posts_with_the_same_words_prove_nothing(self, bench: Bench) -> None:
        outgoing, since = bench.sample("image", "Same words"), bench.now()
        for _ in range(2):
            await bench.platform.publish(bench.who, await bench.prepared(outgoing))

        assert await bench.platform.find_published(bench.who, outgoing, since=since) is None

    async def test_a_call_that_never_left_is_known_not_to_have_worked(self, bench: Bench) -> None:
        handles = await bench.prepared(bench.sample("image", "Hello"))

        async with bench.unreachable() as platform:
            with pytest.raises(TryAgainLater):
                await platform.publish(bench.who, handles)
            with pytest.raises(TryAgainLater):
                await platform.whoami(bench.who.token)

        assert bench.live() == []

    # Trouble

    async def test_a_removed_access_needs_a_person_at_every_step(self, bench: Bench) -> None:
        outgoing = bench.sample("image", "Hello")
        handles = await bench.prepared(outgoing)
        bench.revoke()

        for step in (
            bench.platform.prepare(bench.who, outgoing, ()),
            bench.platform.prepare(bench.who, outgoing, handles),
            bench.platform.check(bench.who, handles),
            bench.platform.publish(bench.who, handles),
            bench.platform.find_published(bench.who, outgoing, since=bench.now()),
            bench.platform.quota(bench.who),
            bench.platform.whoami(bench.who.token),
            bench.platform.refresh(bench.who.token),
        ):
            with pytest.raises(NeedsReconnect):
                await step
        assert bench.live() == []

    async def test_a_platform_that_is_down_is_tried_later_but_for_the_publish_call(
        self, bench: Bench
    ) -> None:
        outgoing = bench.sample("image", "Hello")
        handles = await bench.prepared(outgoing)
        bench.go_down()

        for step in (
            bench.platform.prepare(bench.who, outgoing, ()),
            bench.platform.prepare(bench.who, outgoing, handles),
            bench.platform.check(bench.who, handles),
            bench.platform.find_published(bench.who, outgoing, since=bench.now()),
            bench.platform.describe(bench.who, "1"),
            bench.platform.quota(bench.who),
            bench.platform.whoami(bench.who.token),
            bench.platform.refresh(bench.who.token),
        ):
            with pytest.raises(TryAgainLater):
                await step
        with pytest.raises(OutcomeUnknown):
            await bench.platform.publish(bench.who, handles)

    async def test_the_quota_counts_what_was_published(self, bench: Bench) -> None:
        before = await bench.platform.quota(bench.who)
        if before is None:
            return  # has none: nothing to hold it to
        await bench.platform.publish(
            bench.who, await bench.prepared(bench.sample("image", "Hello"))
        )

        after = await bench.platform.quota(bench.who)

        assert after is not None
        assert after.used == before.used + 1
        assert (after.total, after.window) == (before.total, before.window)
        assert after.total > 0
        assert after.window > timedelta()


def utc(moment: datetime) -> datetime:
    """Return *moment* in UTC, as the scheduler hands it on."""
    return moment.astimezone(UTC)
