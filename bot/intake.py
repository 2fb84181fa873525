"""Takes inbox rows, one conversation at a time, and hands them to the router.

Each row is handled in one transaction with everything it causes: a crash leaves it unhandled, and
it is taken again. A row that fails five times is parked, the person is told, and the conversation
goes on. Albums are collected in the database until they have been quiet for a moment.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from tortoise.transactions import in_transaction

from bot.context import Context, Effect, House, say_in
from bot.echoes import note_echo
from bot.people import follow_move, is_known, person_in, wants_profile
from bot.router import answered_post, concerns_us, handle, handle_album, is_meant_for
from bot.texts import say
from bot.versions import ToldBefore, take_up_again, told_before
from integrations.chat.contract import Chat
from integrations.chat.incoming import Actor, Inbound, PlaceRef, Unnamed
from models.clock import Clock
from models.database import DATABASE_TROUBLE, INBOX, Wakeups, db
from models.failpoints import fp
from models.inbox import Album, AlbumPart, Inbox
from models.installation import end_installation
from models.outbox import Audit
from models.team import ChatIdentity, Place

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 5
QUIET = timedelta(seconds=1.5)
"""How long an album must have been quiet. Its parts come as single messages, with no end mark."""

_POLL_SECONDS = 1.0
_MAX_CONVERSATIONS = 16
_TOAST_SECONDS = 5.0
_PROFILE_SECONDS = 3.0
_NAMES_SECONDS = 8.0
_WHOLE_SECOND = timedelta(seconds=1)
"""The service tells the time of an event in whole seconds."""


_NEXT_CONVERSATIONS = """
SELECT conversation FROM (
    SELECT DISTINCT ON (conversation) conversation, ready_at FROM inbox
    WHERE state = 'waiting' AND (kind = 'event' OR ready_at <= $1)
      AND conversation <> ALL($3::text[])
    ORDER BY conversation, kind = 'album', received_at, length(external_id), external_id
) AS first WHERE ready_at <= $1 ORDER BY ready_at LIMIT $2
"""
_FIRST_ROW = """
SELECT id, ready_at <= $2 AS ready FROM inbox
WHERE conversation = $1 AND state = 'waiting' AND (kind = 'event' OR ready_at <= $2)
ORDER BY kind = 'album', received_at, length(external_id), external_id LIMIT 1
"""
_NEXT = "SELECT min(ready_at) AS at FROM inbox WHERE state = 'waiting' AND ready_at > $1"
_LOCK = "SELECT pg_try_advisory_xact_lock(7218, hashtext($1)) AS mine"


class Intake:
    """Handles what came in. Any number may run: a conversation is held by one at a time."""

    def __init__(
        self, house: House, chats: Mapping[str, Chat], clock: Clock, wakeups: Wakeups
    ) -> None:
        """*chats* are keyed by their source ("telegram:42")."""
        self._house = house
        self._chats = chats
        self._clock = clock
        self._wakeups = wakeups
        self._busy: set[str] = set()

    async def run(self) -> None:
        """Handle rows until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                with suppress(*DATABASE_TROUBLE):
                    for conversation in await self._waiting():
                        self._busy.add(conversation)
                        group.create_task(self._work(conversation))
                await self._wakeups.wait(INBOX, at_most=await self._until_next())

    async def drain(self) -> int:
        """Handle what is ready now and return how many rows that were."""
        handled = 0
        while True:
            conversations = await self._waiting()
            if not conversations:
                return handled
            before = handled
            for conversation in conversations:
                while await self._handle_next(conversation):
                    handled += 1
            if handled == before:
                return handled

    async def _waiting(self) -> list[str]:
        """Return the conversations whose first row is ready and that nobody here has in hand."""
        rows = await db().execute_query_dict(
            _NEXT_CONVERSATIONS,
            [self._clock.now(), _MAX_CONVERSATIONS - len(self._busy), list(self._busy)],
        )
        return [str(row["conversation"]) for row in rows]

    async def _until_next(self) -> float:
        """Return how long to wait: an album that becomes quiet soon is handled on time."""
        with suppress(*DATABASE_TROUBLE):
            now = self._clock.now()
            rows = await db().execute_query_dict(_NEXT, [now])
            at: datetime | None = rows[0]["at"] if rows else None
            if at:
                return min(max((at - now).total_seconds(), 0.02), _POLL_SECONDS)
        return _POLL_SECONDS

    async def _work(self, conversation: str) -> None:
        try:
            while await self._handle_next(conversation):
                pass
        except DATABASE_TROUBLE:
            log.warning("intake.database_trouble", exc_info=True)
        except Exception:
            # One conversation must never end the handling of all the others.
            log.exception("intake.trouble")
        finally:
            self._busy.discard(conversation)
            self._wakeups.wake(INBOX)

    async def _handle_next(self, conversation: str) -> bool:
        """Handle one row of a conversation; False when there is none or another has it."""
        effects: list[Effect] = []
        row: Inbox | None = None
        try:
            async with in_transaction() as connection:
                locked = await connection.execute_query_dict(_LOCK, [conversation])
                if not locked[0]["mine"]:
                    return False
                found = await connection.execute_query_dict(
                    _FIRST_ROW, [conversation, self._clock.now()]
                )
                if not found or not found[0]["ready"]:
                    return False
                row = await Inbox.get(id=found[0]["id"])
                row.state = "done"
                fp("C03")
                await self._handle(row, effects)
                row.handled_at = self._clock.now()
                fp("C04")
                await row.save(update_fields=["state", "handled_at"])
        except Exception as err:
            if row is None:
                raise
            log.exception("intake.failed", extra={"inbox": str(row.id)})
            await self._failed(row, err)
            return True
        fp("C10")
        await _run_effects(effects)
        return True

    async def _handle(self, row: Inbox, effects: list[Effect]) -> None:
        chat = self._chats.get(row.source)
        if chat is None:
            row.state = "ignored"
            return
        if row.kind == "album":
            await self._handle_album(row, chat, effects)
            return
        inbound = chat.parse(row.body)
        if inbound.kind in {"route", "moved", "renamed"}:
            await _follow_place(inbound)
            return
        if inbound.kind == "echo":
            await note_echo(inbound, now=self._clock.now())
            return
        if inbound.kind == "removed":
            at = (inbound.sent_at or row.received_at) + _WHOLE_SECOND
            await _close_workspace(inbound.place, at=at, now=self._clock.now())
            return
        if inbound.kind == "ignored" or inbound.actor is None:
            row.state = "ignored"
            return
        if not await chat.is_in(inbound.place):
            # It was on its way when we were taken out of there: nobody waits for an answer.
            row.state = "ignored"
            await _note_stray(row, inbound.place, now=self._clock.now())
            return
        body, before = row.body, ToldBefore()
        if inbound.kind == "edit" or (inbound.kind == "message" and inbound.attachments):
            before = await told_before(row, inbound, chat)
            newer = before.newer
            if newer and (inbound.kind == "edit" or newer.inbound.kind == "deleted"):
                # What the person did last came in first; this would undo it.
                row.state = "ignored"
                return
            if newer:
                inbound, body = _as_edited(inbound, newer.inbound), newer.body
        if inbound.album and inbound.kind == "message":
            await self._collect(row, inbound, body)
            return
        if not await _is_for_us([inbound], now=self._clock.now()):
            row.state = "ignored"
            return
        if inbound.album and inbound.kind == "edit":
            # Where the album is still being collected, what is said last is what counts.
            await AlbumPart.filter(
                album__source=row.source,
                album__chat_id=inbound.place.chat_id,
                album__group_key=inbound.album,
                message_ref=inbound.message_ref,
            ).update(body=body)
        ctx = await self._context(row, chat, inbound, effects)
        if ctx:
            await handle(ctx)
            await take_up_again(before.answers, now=ctx.now)

    async def _context(
        self, row: Inbox, chat: Chat, inbound: Inbound, effects: list[Effect]
    ) -> Context | None:
        if inbound.actor is None:
            return None
        now = self._clock.now()
        actor = inbound.actor
        was_asked = chat.capabilities.has_profiles and await wants_profile(
            actor, inbound.place, now=now
        )
        if was_asked:
            actor = await self._introduced(chat, inbound.place, actor)
        if actor.home and not await is_known(actor, inbound.place):
            _turn_away(chat, inbound, actor, effects)
            return None
        person = await person_in(
            actor,
            inbound.place,
            now=now,
            guesses=self._house.zone_guesses,
            was_asked=was_asked,
        )
        ctx = Context(
            house=self._house,
            chat=chat,
            inbound=await self._named(chat, inbound, person.member.language),
            team=person.team,
            member=person.member,
            place=person.place,
            now=now,
            said_at=min(inbound.sent_at or row.received_at, now),
            effects=effects,
        )
        if person.is_foreign:
            ctx.toast("refuse.other_team", is_alert=True)
            if inbound.kind == "command" or (
                inbound.kind == "message" and concerns_us(inbound, person.place)
            ):
                await ctx.answer("refuse.other_team")
            return None
        return ctx

    async def _introduced(self, chat: Chat, place: PlaceRef, actor: Actor) -> Actor:
        """Ask the chat who a stranger is; without an answer soon, what the event says must do."""
        try:
            async with asyncio.timeout(_PROFILE_SECONDS):
                fp("C03")
                return await chat.profile(place, actor)
        except TimeoutError:
            return actor

    async def _named(self, chat: Chat, inbound: Inbound, language: str) -> Inbound:
        """Have whom the words mention called by the names that people read."""
        if not any(span.target for span in inbound.spans):
            return inbound
        unnamed = Unnamed(
            person=say("mention.person", language),
            channel=say("mention.channel", language),
            group=say("mention.group", language),
        )
        try:
            async with asyncio.timeout(_NAMES_SECONDS):
                fp("C03")
                return await chat.named(inbound, unnamed)
        except TimeoutError:
            return inbound

    # ── albums ──────────────────────────────────────────────────────────────────────────────

    async def _collect(self, row: Inbox, inbound: Inbound, body: bytes) -> None:
        """Keep one part of an album, and have the album handled once it has been quiet."""
        now = self._clock.now()
        album, _ = await Album.get_or_create(
            source=row.source,
            chat_id=inbound.place.chat_id,
            group_key=inbound.album,
            defaults={"last_part_at": now},
        )
        album.last_part_at = now
        await album.save(update_fields=["last_part_at"])
        await AlbumPart.get_or_create(
            album_id=album.id, message_ref=inbound.message_ref, defaults={"body": body}
        )
        waiting, is_new = await Inbox.get_or_create(
            source=row.source,
            external_id=f"album:{album.id}",
            defaults={
                "conversation": row.conversation,
                "kind": "album",
                "body": str(album.id).encode(),
                "received_at": now,
                "ready_at": now + QUIET,
            },
        )
        if not is_new:
            waiting.state, waiting.ready_at, waiting.attempts = "waiting", now + QUIET, 0
            await waiting.save(update_fields=["state", "ready_at", "attempts"])
        fp("C05")

    async def _handle_album(self, row: Inbox, chat: Chat, effects: list[Effect]) -> None:
        album = await Album.get(id=row.body.decode())
        parts = [chat.parse(part.body) for part in await AlbumPart.filter(album_id=album.id)]
        if not album.post_id and not await _is_for_us(parts, now=self._clock.now()):
            row.state = "ignored"
            return
        first = _first_of(parts)
        ctx = await self._context(row, chat, first, effects)
        if ctx:
            await handle_album(album, parts, ctx)

    # ── failures ────────────────────────────────────────────────────────────────────────────

    async def _failed(self, row: Inbox, err: Exception) -> None:
        """Try a row again a little later; after five tries park it and say so."""
        now = self._clock.now()
        effects: list[Effect] = []
        async with in_transaction():
            fresh = await Inbox.select_for_update().get(id=row.id)
            fresh.attempts += 1
            fresh.error = type(err).__name__
            fresh.ready_at = now + timedelta(seconds=0.2 * 2**fresh.attempts)
            if fresh.attempts >= MAX_ATTEMPTS:
                fresh.state = "parked"
                log.error("intake.parked", extra={"inbox": str(row.id)})
                await self._say_parked(fresh, effects, now)
            await fresh.save(update_fields=["attempts", "error", "ready_at", "state"])
        await _run_effects(effects)

    async def _say_parked(self, row: Inbox, effects: list[Effect], now: datetime) -> None:
        """Tell the person that what they sent could not be handled, with a reference."""
        chat = self._chats.get(row.source)
        inbound = await _understood(row, chat) if chat else None
        if chat is None or inbound is None:
            return
        reference = f"E-{row.id.hex[-4:].upper()}"
        press = inbound.press
        if press:
            words = say("toast.failed", reference=reference)
            effects.append(lambda: chat.toast(press.press_ref, words, is_alert=True))
            return
        place = await Place.get_or_none(
            chat=inbound.place.chat,
            workspace=inbound.place.workspace,
            chat_id=inbound.place.chat_id,
            thread=inbound.place.thread,
        )
        if place and (
            inbound.kind == "command" or await _is_for_us([inbound], now=self._clock.now())
        ):
            words = say("refuse.parked", reference=reference)
            await say_in(place, words, now=now, reply_to=inbound.message_ref)


async def _understood(row: Inbox, chat: Chat) -> Inbound | None:
    """Understand a row that could not be handled; None when just that is what fails."""
    try:
        if row.kind == "event":
            return chat.parse(row.body)
        parts = await AlbumPart.filter(album_id=row.body.decode())
        return _first_of([chat.parse(part.body) for part in parts])
    except DATABASE_TROUBLE:
        raise
    except Exception:
        log.exception("intake.not_understood", extra={"inbox": str(row.id)})
        return None


def _turn_away(chat: Chat, inbound: Inbound, actor: Actor, effects: list[Effect]) -> None:
    """Tell who is of another house, in a channel that is shared, that this is not for them."""
    if press := inbound.press:
        words = say("refuse.other_team", actor.language.split("-")[0].lower() or "en")
        effects.append(lambda: chat.toast(press.press_ref, words, is_alert=True))
    log.info("intake.foreign_hand", extra={"place": inbound.place.chat_id})


def _as_edited(message: Inbound, edit: Inbound) -> Inbound:
    """Return *message* with the words that it was given later."""
    return replace(message, text=edit.text, spans=edit.spans, sent_at=edit.sent_at)


def _first_of(parts: Sequence[Inbound]) -> Inbound:
    return min(parts, key=lambda part: (len(part.message_ref), part.message_ref))


async def _is_for_us(messages: Sequence[Inbound], *, now: datetime) -> bool:
    """Tell what concerns us from other people's talk in a group, of which nothing is kept (b47).

    Nobody becomes a member by merely speaking where we can hear it, but by words below a post
    that change it.
    """
    first = messages[0]
    where, actor = first.place, first.actor
    if actor and first.kind == "deleted":
        return await is_known(actor, where)
    if where.is_private or actor is None or first.kind not in {"message", "edit"}:
        return True
    if first.kind == "edit":
        return await ChatIdentity.exists(
            chat=where.chat, workspace=where.workspace, external_id=actor.external_id
        )
    place = await Place.get_or_none(
        chat=where.chat, workspace=where.workspace, chat_id=where.chat_id, thread=where.thread
    )
    if any(concerns_us(one, place or Place(purpose="group")) for one in messages):
        return True
    post = await answered_post(first, place) if place else None
    return post is not None and (
        is_meant_for(post, first, now=now) or await is_known(actor, where)
    )


async def _follow_place(inbound: Inbound) -> None:
    """Keep a place true: closed or open to us, called otherwise, or gone on under another id."""
    where = inbound.place
    same = Place.filter(chat=where.chat, workspace=where.workspace, chat_id=where.chat_id)
    if inbound.kind == "moved":
        await follow_move(where, inbound.moved_to)
    elif inbound.kind == "renamed":
        await same.update(title=where.title)
    else:
        await same.update(is_open=inbound.route_open)


async def _close_workspace(where: PlaceRef, *, at: datetime, now: datetime) -> None:
    """Stop speaking in a workspace that took our app away; what is planned still goes out."""
    if not await end_installation(where.chat, where.workspace, at=at):
        log.info("intake.installed_again", extra={"workspace": where.workspace})
        return
    await Place.filter(chat=where.chat, workspace=where.workspace).update(is_open=False)
    await Audit.create(
        action="workspace.removed", via=where.chat, detail={"workspace": where.workspace}, at=now
    )


async def _note_stray(row: Inbox, where: PlaceRef, *, now: datetime) -> None:
    log.warning("intake.not_installed", extra={"workspace": where.workspace})
    await Audit.create(
        action="event.dropped",
        via=where.chat,
        detail={"workspace": where.workspace, "inbox": str(row.id)},
        at=now,
    )


async def _run_effects(effects: Sequence[Effect]) -> None:
    """Do what must be done within seconds or not at all; failures are only logged."""
    for effect in effects:
        try:
            async with asyncio.timeout(_TOAST_SECONDS):
                await effect()
        except Exception:
            log.info("intake.effect_dropped", exc_info=True)
