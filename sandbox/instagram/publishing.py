"""From a container to a post: making, the walk through its states, the one public call."""

import asyncio
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from sandbox.instagram.accounts import PretendAccount
from sandbox.instagram.bell import Bell
from sandbox.instagram.container_rules import Wanted, read_container
from sandbox.instagram.errors import GraphError, invalid, refusal
from sandbox.instagram.faults import FaultBoard
from sandbox.instagram.fetcher import fetch
from sandbox.instagram.media_rules import (
    IMAGE_BYTES,
    VIDEO_BYTES,
    Place,
    check_image,
    check_video,
    ratio_refusal,
)
from sandbox.instagram.settings import Settings
from sandbox.instagram.world import Container, Published, StoredMedia, World

if TYPE_CHECKING:
    import aiohttp

CONTAINER_LIFE = timedelta(hours=24)
DAY = timedelta(hours=24)
Status = Literal["IN_PROGRESS", "FINISHED", "ERROR", "EXPIRED", "PUBLISHED"]
_VIDEO_REJECTED = (352, 2207026)
_IMAGE_REJECTED = (36003, 2207009)


class Publishing:
    """The rules of media and media_publish over one `World`."""

    def __init__(
        self,
        world: World,
        settings: Settings,
        faults: FaultBoard,
        bell: Bell,
        now: Callable[[], datetime],
    ) -> None:
        self._world = world
        self._settings = settings
        self._faults = faults
        self._bell = bell
        self._now = now
        self._tasks: set[asyncio.Task[None]] = set()
        self.session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Stop every fetch that still runs."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def create(self, account: PretendAccount, given: dict[str, str]) -> Container:
        """Make the container that *given* asks for; raises GraphError where Meta refuses."""
        wanted = read_container(given)
        self._count_containers(account)
        container = self._blank(account, wanted)
        rejection = self._faults.take("create", account.username, "reject_media")
        rejected = None
        if rejection is not None:
            default = _VIDEO_REJECTED if wanted.is_video else _IMAGE_REJECTED
            is_chosen = rejection.subcode is not None
            rejected = (rejection.code, rejection.subcode or 0) if is_chosen else default
        if wanted.kind == "carousel":
            self._adopt(container, wanted, account)
            if rejected is not None:
                container.work, container.error = "error", rejected
        elif wanted.is_video or self._settings.image_checks == "status":
            self._fetch_later(container, wanted, rejected)
        else:
            if rejected is not None:
                raise refusal(*rejected)
            await self._fill(container, wanted)
        self._world.containers[container.id] = container
        self._changed("container")
        return container

    def status(self, container: Container, *, counts_as_poll: bool = False) -> Status:
        """Return the container's status_code; a read that *counts_as_poll* moves the walk on."""
        if container.work == "published":
            return "PUBLISHED"
        if self._now() - container.created_at >= CONTAINER_LIFE:
            return "EXPIRED"
        if container.kind == "carousel":
            self._look_at_children(container, counts_as_poll=counts_as_poll)
        if container.work == "error":
            return "ERROR"
        is_held = container.polls_left > 0
        if is_held and counts_as_poll:
            container.polls_left -= 1
            self._world.touch()
        is_waiting = container.work == "fetching" or self._now() < container.ready_at
        return "IN_PROGRESS" if is_held or is_waiting else "FINISHED"

    def publish(self, account: PretendAccount, container_id: str) -> Published:
        """Make the container public, exactly once; raises GraphError otherwise."""
        container = self._world.containers.get(container_id)
        if container is None or container.username != account.username:
            raise refusal(24, 2207008)
        container.publish_calls += 1
        self._world.touch()
        if container.is_child:
            raise invalid("A carousel item cannot be published by itself.")
        status = self.status(container)
        if status == "PUBLISHED":
            code, subcode = self._settings.republish.split("/")
            raise refusal(int(code), int(subcode))
        if status == "EXPIRED":
            raise refusal(24, 2207008)
        if status == "ERROR":
            raise refusal(*(container.error or (-1, 2207032)))
        if status == "IN_PROGRESS":
            raise refusal(9007, 2207027)
        if self.quota_used(account.username) >= self._settings.quota_total:
            raise refusal(9, 2207042)
        return self._make_public(container)

    def quota_used(self, username: str, since: datetime | None = None) -> int:
        """Return how many publishes count against the account's quota now."""
        window = since or self._now() - timedelta(seconds=self._settings.quota_seconds)
        return sum(
            one.username == username and one.published_at > window
            for one in self._world.published.values()
        )

    def _make_public(self, container: Container) -> Published:
        media = list(container.media)
        for child in container.children:
            media += self._world.containers[child].media
        for one in media:
            one.id = one.id or self._world.new_id()
        post = Published(
            id=self._world.new_id(),
            container_id=container.id,
            username=container.username,
            kind=container.kind,
            caption=container.caption,
            media=media,
            published_at=self._now(),
            shortcode="D" + secrets.token_urlsafe(8)[:10],
            cover=container.cover,
            extras=dict(container.extras),
        )
        container.work, container.published_id = "published", post.id
        self._world.published[post.id] = post
        self._changed("published")
        return post

    def _count_containers(self, account: PretendAccount) -> None:
        since = self._now() - DAY
        made = sum(
            one.username == account.username and one.created_at > since
            for one in self._world.containers.values()
        )
        if made >= self._settings.container_quota:
            raise refusal(4)

    def _blank(self, account: PretendAccount, wanted: Wanted) -> Container:
        now = self._now()
        polls = self._settings.processing_polls
        if wanted.is_video:
            polls += self._settings.video_polls
        return Container(
            id=self._world.new_id(),
            username=account.username,
            kind=wanted.kind,
            created_at=now,
            ready_at=now + timedelta(seconds=self._settings.processing_seconds),
            polls_left=polls,
            caption=wanted.caption,
            extras=wanted.extras,
        )

    def _adopt(self, container: Container, wanted: Wanted, account: PretendAccount) -> None:
        for child_id in wanted.children:
            child = self._world.containers.get(child_id)
            if child is None or child.username != account.username or not child.is_child:
                raise invalid(f"{child_id} is not a carousel item of this account.", 2207006)
            if self.status(child) == "EXPIRED":
                raise refusal(24, 2207008)
        if len(set(wanted.children)) != len(wanted.children):
            raise invalid("Param children names an item twice.")
        container.children = list(wanted.children)
        self._look_at_children(container, counts_as_poll=False)
        if container.error is not None:
            raise refusal(*container.error)

    def _look_at_children(self, container: Container, *, counts_as_poll: bool) -> None:
        if container.work != "fetching":
            return
        children = [self._world.containers[child] for child in container.children]
        states = [self.status(child, counts_as_poll=counts_as_poll) for child in children]
        for child, state in zip(children, states, strict=True):
            if state == "ERROR":
                container.work, container.error = "error", child.error
                return
        if all(state == "FINISHED" for state in states):
            first = children[0].media[0]
            refused = ratio_refusal(first.width / first.height)
            container.work = "error" if refused else "ready"
            container.error = (refused.code, refused.subcode or 0) if refused else None
        self._world.touch()

    def _fetch_later(
        self, container: Container, wanted: Wanted, rejected: tuple[int, int] | None
    ) -> None:
        async def work() -> None:
            try:
                if rejected is not None:
                    raise refusal(*rejected)
                await self._fill(container, wanted)
            except GraphError as err:
                container.work, container.error = "error", (err.code, err.subcode or 0)
            self._changed("container")

        task = asyncio.create_task(work())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _fill(self, container: Container, wanted: Wanted) -> None:
        """Fetch and check what the container names; raises GraphError."""
        place = _place(wanted)
        if wanted.is_video:
            stored = await self._film(wanted.url, place)
        else:
            stored = await self._image(wanted.url, place)
        stored.alt_text = wanted.alt_text
        container.media = [stored]
        if wanted.cover_url:
            container.cover = await self._image(wanted.cover_url, "cover")
        container.work = "ready"

    async def _image(self, url: str, place: Place) -> StoredMedia:
        raw = await self._fetch(url, IMAGE_BYTES)
        facts = check_image(raw, place)
        if isinstance(facts, GraphError):
            raise facts
        name = await self._world.keep_media(raw, ".jpg")
        return StoredMedia(name, is_video=False, width=facts.width, height=facts.height)

    async def _film(self, url: str, place: Place) -> StoredMedia:
        raw = await self._fetch(url, VIDEO_BYTES[place])
        must = self._settings.require_moov_first
        facts = await asyncio.to_thread(check_video, raw, place, index_must_be_first=must)
        if isinstance(facts, GraphError):
            raise facts
        name = await self._world.keep_media(raw, ".mp4")
        return StoredMedia(
            name, is_video=True, width=facts.width, height=facts.height, seconds=facts.seconds
        )

    async def _fetch(self, url: str, max_bytes: int) -> bytes:
        if self.session is None:
            raise RuntimeError("the sandbox is not started")
        return await fetch(
            self.session,
            url,
            max_bytes=max_bytes,
            seconds=self._settings.fetch_seconds,
            require_https=self._settings.require_https,
        )

    def _changed(self, what: str) -> None:
        self._world.touch()
        self._bell.ring(what)


def _place(wanted: Wanted) -> Place:
    if wanted.kind == "image":
        return "feed"
    if wanted.kind == "reel":
        return "reel"
    return "story" if wanted.kind == "story" else "child"
