"""A platform in memory that keeps the contract, fails on demand, and counts what became public."""

# ruff: noqa: ARG002 - the contract names what a fake does not need

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from pydantic import SecretStr

from platforms.contract import (
    Complaint,
    Credentials,
    Grant,
    Handle,
    Made,
    Outgoing,
    PlatformCard,
    Profile,
    Published,
    Quota,
    Ready,
    Receipt,
    Waiting,
)
from platforms.errors import (
    HandleLost,
    NeedsReconnect,
    OutcomeUnknown,
    PlatformError,
    Rejected,
    Trouble,
    TryAgainLater,
)

CARD = PlatformCard(
    name="fake",
    title="Fake",
    kinds=("image", "carousel", "reel", "story"),
    scopes_needed=(),
    scope_meanings={},
    max_caption_chars=2200,
    max_hashtags=30,
    max_items=10,
    token_refresh_after=timedelta(days=7),
    token_life=timedelta(days=60),
)


@dataclass
class Container:
    """Something prepared; `digests` is how many looks it still says "working"."""

    caption: str
    made_at: datetime
    digests: int = 0
    status: str = "FINISHED"


@dataclass
class Public:
    """A post that everybody can see."""

    container: str
    media_id: str
    caption: str
    at: datetime


@dataclass
class FakePlatform:
    """Faults are taken from the front of a list, one per call; a missing one means "works".

    For `publish`: drop_before, drop_after, slow_before, slow_after, lands_later, refuse, window,
    reject, auth, lost, bug. For `prepare` and `check` any `PlatformError` to raise.
    """

    digests: int = 0
    faults: list[str] = field(default_factory=list)
    prepare_faults: list[PlatformError | Exception] = field(default_factory=list)
    check_faults: list[PlatformError | Exception] = field(default_factory=list)
    refresh_faults: list[PlatformError] = field(default_factory=list)
    containers: dict[str, Container] = field(default_factory=dict)
    public: list[Public] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    calls_per_container: Counter[str] = field(default_factory=Counter)
    landing: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    used: int = 0
    total: int = 100
    can_publish: bool = True
    username: str = "fake"
    complaints: list[Complaint] = field(default_factory=list)
    order: list[str] = field(default_factory=list)
    gate: asyncio.Event | None = None
    in_flight: int = 0
    most_in_flight: int = 0

    @property
    def card(self) -> PlatformCard:
        return CARD

    def authorize_url(self, *, state: str, redirect_uri: str) -> str:
        return f"https://fake.example/authorize?state={state}&redirect_uri={redirect_uri}"

    async def exchange_code(self, *, code: str, redirect_uri: str) -> Grant:
        return Grant(SecretStr(f"token-for-{code}"), timedelta(days=60))

    async def refresh(self, token: SecretStr) -> Grant:
        self.calls["refresh"] += 1
        await asyncio.sleep(0)
        if self.refresh_faults:
            raise self.refresh_faults.pop(0)
        return Grant(SecretStr(token.get_secret_value() + "+"), timedelta(days=60))

    async def whoami(self, token: SecretStr) -> Profile:
        self.calls["whoami"] += 1
        return Profile(
            "17841", self.username, account_type="BUSINESS", can_publish=self.can_publish
        )

    async def revoke(self, token: SecretStr) -> None:
        self.calls["revoke"] += 1

    def review(self, outgoing: Outgoing) -> list[Complaint]:
        return list(self.complaints)

    async def prepare(
        self, who: Credentials, outgoing: Outgoing, handles: Sequence[Handle]
    ) -> Made | Waiting | Ready:
        self.calls["prepare"] += 1
        self.links += [media.url for media in outgoing.media]
        if self.prepare_faults:
            raise self.prepare_faults.pop(0)
        post = next((one for one in handles if one.purpose == "post"), None)
        if post is not None:
            return self._digest(post)
        if outgoing.kind == "carousel":
            have = {one.ordinal for one in handles}
            for ordinal in range(len(outgoing.media)):
                if ordinal not in have:
                    return self._make("item", ordinal, "")
        return self._make("post", 0, outgoing.caption)

    def _make(self, purpose: str, ordinal: int, caption: str) -> Made:
        self.calls["make"] += 1
        name = f"c{len(self.containers) + 1}"
        self.containers[name] = Container(caption, datetime.now(UTC), self.digests)
        return Made(Handle(purpose, ordinal, name, timedelta(hours=24)))  # type: ignore[arg-type]

    def _digest(self, handle: Handle) -> Waiting | Ready:
        container = self._container(handle)
        if container.status == "PUBLISHED":
            raise OutcomeUnknown(Trouble.UNCLEAR, code="status/PUBLISHED")
        if container.digests > 0:
            container.digests -= 1
            return Waiting(timedelta(seconds=2))
        return Ready()

    def _container(self, handle: Handle) -> Container:
        container = self.containers.get(handle.external_id)
        if container is None or container.status in {"EXPIRED", "ERROR"}:
            raise HandleLost(Trouble.HANDLE_EXPIRED, code="status/EXPIRED")
        return container

    async def check(
        self, who: Credentials, handles: Sequence[Handle]
    ) -> Waiting | Ready | Published:
        self.calls["check"] += 1
        if self.check_faults:
            raise self.check_faults.pop(0)
        post = next(one for one in handles if one.purpose == "post")
        container = self._container(post)
        return Published(Receipt()) if container.status == "PUBLISHED" else Ready()

    async def publish(self, who: Credentials, handles: Sequence[Handle]) -> Published:
        self.calls["publish"] += 1
        post = next(one for one in handles if one.purpose == "post")
        self.calls_per_container[post.external_id] += 1
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            if self.gate is not None:
                await self.gate.wait()
            return await self._publish(post, self.faults.pop(0) if self.faults else "")
        finally:
            self.in_flight -= 1

    async def _publish(self, post: Handle, fault: str) -> Published:
        match fault:
            case "drop_before":
                raise OutcomeUnknown(Trouble.UNCLEAR, code="reset")
            case "slow_before":
                await asyncio.Event().wait()
            case "lands_later":
                self.landing.append(post.external_id)
                raise OutcomeUnknown(Trouble.UNCLEAR, code="timeout")
            case "refuse":
                raise TryAgainLater(Trouble.PLATFORM_DOWN, code="503")
            case "window":
                raise TryAgainLater(
                    Trouble.RATE_LIMITED, is_window=True, after=timedelta(minutes=7), code="4"
                )
            case "reject":
                raise Rejected(Trouble.CONTENT_REFUSED, code="36003")
            case "auth":
                raise NeedsReconnect(Trouble.LOGIN_EXPIRED, code="190")
            case "restricted":
                raise NeedsReconnect(Trouble.ACCOUNT_RESTRICTED, who="platform", code="368")
            case "lost":
                raise HandleLost(Trouble.HANDLE_EXPIRED, code="2207008")
            case "bug":
                raise ValueError("not even a PlatformError")
        if self.containers[post.external_id].status in {"EXPIRED", "ERROR"}:
            raise HandleLost(Trouble.HANDLE_EXPIRED, code="2207008")
        media_id = self.make_public(post.external_id)
        match fault:
            case "drop_after":
                raise OutcomeUnknown(Trouble.UNCLEAR, code="reset")
            case "bug_after":
                raise ValueError("not even a PlatformError")
            case "slow_after":
                await asyncio.Event().wait()
        return Published(Receipt(media_id=media_id))

    def make_public(self, container: str) -> str:
        """Let a prepared post become visible to everybody."""
        media_id = f"m{len(self.public) + 1}"
        found = self.containers[container]
        found.status = "PUBLISHED"
        self.public.append(Public(container, media_id, found.caption, datetime.now(UTC)))
        self.order.append(found.caption)
        return media_id

    def land(self) -> None:
        """Let what was accepted without an answer become visible."""
        while self.landing:
            self.make_public(self.landing.pop())

    async def find_published(
        self, who: Credentials, outgoing: Outgoing, *, since: datetime
    ) -> Receipt | None:
        self.calls["find"] += 1
        found = [one for one in self.public if one.caption == outgoing.caption]
        return Receipt(media_id=found[0].media_id) if len(found) == 1 else None

    async def describe(self, who: Credentials, media_id: str) -> Receipt:
        self.calls["describe"] += 1
        return Receipt(media_id=media_id, permalink=f"https://fake.example/p/{media_id}")

    async def quota(self, who: Credentials) -> Quota | None:
        self.calls["quota"] += 1
        return Quota(self.used, self.total, timedelta(days=1))

    def verify_callback(self, body: bytes) -> str:
        raise Rejected(Trouble.NOT_SIGNED)
