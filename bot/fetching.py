"""Fetches the files of posts from the chat, finds out what they are, and goes on with the post."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from tortoise.transactions import in_transaction

from bot.context import House
from bot.flows.settling import settle, tell_changed
from integrations.chat.contract import Chat
from integrations.chat.errors import ChatBusy, FileGone
from integrations.media.convert import JPEG_MIME, jpeg_of
from integrations.media.probe import MediaKind, Probed, Unusable, judged
from integrations.storage.contract import MediaStore, ObjectTooLarge, Stored
from models.clock import Clock
from models.database import DATABASE_TROUBLE, MEDIA, TARGET, Wakeups, db
from models.failpoints import fp
from models.post import Media, lock_post

log = logging.getLogger(__name__)

MAX_FILE_BYTES = 300_000_000
MAX_ATTEMPTS = 8
_AT_ONCE = 4
_POLL_SECONDS = 2.0
_FETCH_SECONDS = 300.0
LEASE = timedelta(seconds=20)
"""How long a file waits after its fetcher died; renewed all the while it is fetched."""

_RENEW_SECONDS = 5.0
_SUFFIXES = {"image/jpeg": ".jpg", "video/mp4": ".mp4", "video/quicktime": ".mov"}

_CLAIM = """
UPDATE media SET lease_until = $3, attempts = attempts + 1
WHERE id IN (
    SELECT id FROM media
    WHERE state = 'pending' AND next_attempt_at <= $1
      AND (lease_until IS NULL OR lease_until < $1)
    ORDER BY next_attempt_at LIMIT $2 FOR UPDATE SKIP LOCKED
) RETURNING id
"""


class Fetcher:
    """Turns pending media into stored ones, or says why not. Any number may run."""

    def __init__(
        self,
        house: House,
        chats: Mapping[str, Chat],
        store: MediaStore,
        clock: Clock,
        wakeups: Wakeups,
    ) -> None:
        """*chats* are keyed by their source ("telegram:42")."""
        self._house = house
        self._chats = chats
        self._store = store
        self._clock = clock
        self._wakeups = wakeups

    async def run(self) -> None:
        """Fetch until cancelled."""
        running: set[asyncio.Task[None]] = set()
        async with asyncio.TaskGroup() as group:
            while True:
                with suppress(*DATABASE_TROUBLE):
                    for media_id in await self._claim(_AT_ONCE - len(running)):
                        task = group.create_task(self._fetch_kept(media_id))
                        running.add(task)
                        task.add_done_callback(running.discard)
                        task.add_done_callback(lambda _: self._wakeups.wake(MEDIA))
                await self._wakeups.wait(MEDIA, at_most=_POLL_SECONDS)

    async def drain(self) -> int:
        """Fetch what is due now and return how many files that were."""
        count = 0
        while found := await self._claim(_AT_ONCE):
            for media_id in found:
                await self._fetch(media_id)
            count += len(found)
        return count

    async def _claim(self, limit: int) -> list[UUID]:
        if limit <= 0:
            return []
        now = self._clock.now()
        rows = await db().execute_query_dict(_CLAIM, [now, limit, now + LEASE])
        return [row["id"] for row in rows]

    async def _fetch_kept(self, media_id: UUID) -> None:
        """Fetch one file while its lease is kept alive; no trouble with it ends the others."""
        renewing = asyncio.create_task(self._keep_renewing(media_id))
        try:
            await self._fetch(media_id)
        except asyncio.CancelledError:
            # We are told to stop: whoever comes next begins at once.
            with suppress(*DATABASE_TROUBLE):
                await Media.filter(id=media_id, state="pending").update(lease_until=None)
            raise
        except DATABASE_TROUBLE:
            # Taken again when its lease ends.
            log.warning("media.database_trouble", extra={"media": str(media_id)}, exc_info=True)
        except Exception:
            log.exception("media.not_recorded", extra={"media": str(media_id)})
        finally:
            renewing.cancel()

    async def _keep_renewing(self, media_id: UUID) -> None:
        while True:
            await self._clock.pause(_RENEW_SECONDS)
            with suppress(*DATABASE_TROUBLE):
                await (
                    Media.filter(id=media_id, state="pending")
                    .filter(lease_until__isnull=False)
                    .update(lease_until=self._clock.now() + LEASE)
                )

    async def _fetch(self, media_id: UUID) -> None:
        media = await Media.get_or_none(id=media_id)
        if media is None:
            return
        try:
            async with asyncio.timeout(_FETCH_SECONDS):
                found = await self._stored(media)
        except FileGone as err:
            found = err.reason
        except ObjectTooLarge:
            found = "too_big"
        except (ChatBusy, TimeoutError, OSError) as err:
            await self._later(media, err)
            return
        except Exception:
            log.exception("media.failed", extra={"media": str(media.id)})
            await self._later(media, None)
            return
        await self._record(media, found)

    async def _stored(self, media: Media) -> "tuple[Stored, Probed] | str":
        """Fetch, judge, make fit and keep one file; or return why it cannot be used."""
        chat = self._chats.get(media.source)
        if chat is None:
            return "gone"
        limit = chat.capabilities.max_fetch_bytes or MAX_FILE_BYTES
        kept = await self._store.put(
            chat.fetch(media.file_id, max_bytes=limit), suffix=".bin", mime="", max_bytes=limit
        )
        body = await self._store.read(kept.key)
        fp("C06")
        await self._store.delete(kept.key)
        probed = await judged(body)
        if isinstance(probed, Unusable):
            return probed.reason.value
        if probed.needs_conversion:
            converted = await jpeg_of(body)
            if isinstance(converted, Unusable):
                return converted.reason.value
            body = converted.body
            probed = replace(
                probed, mime=JPEG_MIME, width=converted.width, height=converted.height
            )
        suffix = _SUFFIXES.get(probed.mime, ".bin")
        final = await self._store.put(
            _once(body), suffix=suffix, mime=probed.mime, max_bytes=MAX_FILE_BYTES
        )
        fp("C07")
        return final, probed

    async def _record(self, media: Media, found: "tuple[Stored, Probed] | str") -> None:
        """Write what became of a file and go on with its post, in one transaction."""
        now = self._clock.now()
        async with in_transaction():
            post = await lock_post(media.post_id)
            fresh = await Media.get_or_none(id=media.id)
            if post is None or fresh is None or fresh.state != "pending":
                return
            fresh.lease_until = None
            if isinstance(found, str):
                fresh.state = "gone" if found == "gone" else "refused"
                fresh.refusal = found
            else:
                _write_on(fresh, *found)
            await fresh.save()
            await self._follow_kind(post.id)
            await post.refresh_from_db()
            await settle(post, self._house, now=now)
            await tell_changed(post, now=now)
        self._wakeups.wake(TARGET)

    async def _follow_kind(self, post_id: UUID) -> None:
        """A document called a video may be a picture, and the other way round."""
        post = await lock_post(post_id)
        items = await Media.filter(post_id=post_id).exclude(state="removed")
        if post and len(items) == 1 and items[0].state == "stored":
            fits = {"image": "reel", "video": "image"}[items[0].kind]
            if post.kind == fits:
                post.kind = "image" if items[0].kind == "image" else "reel"
                await post.save(update_fields=["kind"])

    async def _later(self, media: Media, err: Exception | None) -> None:
        """Try again after a while; after the last try the file counts as gone."""
        if media.attempts >= MAX_ATTEMPTS:
            await self._record(media, "gone")
            return
        after = err.after if isinstance(err, ChatBusy) and err.after else None
        wait = after or timedelta(seconds=2 ** min(media.attempts, 6))
        log.info("media.later", extra={"media": str(media.id), "seconds": wait.total_seconds()})
        await Media.filter(id=media.id).update(
            next_attempt_at=self._clock.now() + wait, lease_until=None
        )


def _write_on(media: Media, kept: Stored, probed: Probed) -> None:
    media.state = "stored"
    media.storage_key, media.size_bytes, media.sha256 = kept.key, kept.size_bytes, kept.sha256
    media.mime, media.width, media.height = probed.mime, probed.width, probed.height
    media.duration_seconds = probed.duration_seconds
    media.kind = "video" if probed.kind is MediaKind.VIDEO else "image"


async def _once(body: bytes) -> AsyncIterator[bytes]:
    yield body
