"""Telegram as a `Chat`: one bot, reached by PTB's `Bot`; nothing is kept here but its name.

Updates come by polling (stored before they are confirmed) or through the webhook door.
"""

import hmac
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Self, TypeVar
from urllib.parse import urlencode

import aiohttp
from pydantic import SecretStr
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    ForceReply,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    ReplyParameters,
)
from telegram.constants import ParseMode
from telegram.error import Conflict, InvalidToken, TelegramError

from integrations.chat.contract import Capabilities, Introduction, PlainChat, Store
from integrations.chat.errors import ChatBusy, ChatError, FileGone, MessageGone, TokenRefused
from integrations.chat.incoming import Answered, Inbound, PlaceRef, Received, Refused
from integrations.chat.outgoing import Card, CommandWords, Reaction
from integrations.telegram import inbound
from integrations.telegram.errors import (
    is_markup_refused,
    is_topic_gone,
    is_unchanged,
    understood,
)
from integrations.telegram.outbound import Drawn, draw, shorten
from integrations.telegram.wire import CALL_SECONDS, Wire, silence_client_logs

log = logging.getLogger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  # a header's name
MAX_UPDATE_BYTES = 1_000_000
MAX_FETCH_BYTES = 20_000_000
"""What a bot may download: PTB says 20,000,000, the server 20 x 2^20; the smaller one holds."""

MAX_TOAST_UNITS = 200
POLL_SECONDS = 25
FETCH_SECONDS = 120.0
FETCH_STALLED_SECONDS = 20.0
CHUNK_BYTES = 64 * 1024

_REACTIONS = {Reaction.SEEN: "👀", Reaction.DONE: "👍", Reaction.FAILED: "😢"}
_FIRST_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 30.0
_CONFLICT_PAUSE_SECONDS = 10.0

T = TypeVar("T")
Pause = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Webhook:
    """The public https address at which Telegram may call us, and the secret it then shows."""

    url: str
    secret: SecretStr


@dataclass(frozen=True, slots=True)
class TelegramSettings:
    """One bot: its token, the root of the Bot API ("https://api.telegram.org"), how updates come.

    With a *webhook* Telegram pushes updates to us, without one we poll. *link_url* is where links
    that open the conversation begin.
    """

    token: SecretStr
    api_url: str
    webhook: Webhook | None = None
    link_url: str = "https://t.me"


class TelegramChat(PlainChat):
    """One Telegram bot.

    *session* fetches files; *pause* waits that many seconds (a clock's).
    """

    def __init__(
        self,
        settings: TelegramSettings,
        *,
        session: aiohttp.ClientSession,
        pause: Pause,
        call_seconds: float = CALL_SECONDS,
    ) -> None:
        silence_client_logs()
        root = settings.api_url.rstrip("/")
        token = settings.token.get_secret_value()
        self._session = session
        self._pause = pause
        self._webhook = settings.webhook
        self._link_url = settings.link_url.rstrip("/")
        self._wire = Wire(limit_seconds=call_seconds)
        self._poll_wire = Wire(limit_seconds=POLL_SECONDS + call_seconds)
        self._bot = Bot(
            token,
            base_url=f"{root}/bot",
            base_file_url=f"{root}/file/bot",
            request=self._wire,
            get_updates_request=self._poll_wire,
        )
        self._us = inbound.Ourselves(token.partition(":")[0])

    async def __aenter__(self) -> Self:
        """Open the connections; asks nobody anything, so that we start while Telegram is down."""
        await self._wire.initialize()
        await self._poll_wire.initialize()
        return self

    async def __aexit__(self, *problem: object) -> None:
        """Close the connections."""
        await self._wire.shutdown()
        await self._poll_wire.shutdown()

    def __repr__(self) -> str:
        return f"<TelegramChat {self.source}>"

    @property
    def name(self) -> str:
        """The chat's name in the registry."""
        return inbound.CHAT

    @property
    def source(self) -> str:
        """Chat and bot, as the inbox keys it."""
        return f"{inbound.CHAT}:{self._us.bot_id}"

    @property
    def is_polled(self) -> bool:
        """Whether we fetch updates; with a webhook Telegram pushes them."""
        return self._webhook is None

    @property
    def capabilities(self) -> Capabilities:
        """What Telegram can do."""
        return Capabilities(
            max_fetch_bytes=MAX_FETCH_BYTES, can_thread=True, hears_groups_as_admin=True
        )

    async def introduce(self) -> Introduction:
        """Ask Telegram who we are; from then on commands for another bot are told apart.

        Raises:
            TokenRefused: Telegram does not know the token.
            ChatBusy: not now.
        """
        async with _plain_errors():
            me = await self._bot.get_me()
        username = me.username or ""
        self._us = inbound.Ourselves(str(me.id), username)
        return Introduction(str(me.id), username, f"{self._link_url}/{username}")

    # ── coming in ────────────────────────────────────────────────────────────────────────────

    async def receive(
        self, headers: Mapping[str, str], body: bytes, store: Store
    ) -> Answered | Refused:
        """Store what came to the webhook door: 403 without the secret, 413 or 400 without form."""
        if not self._is_from_telegram(headers):
            return Refused(HTTPStatus.FORBIDDEN)
        if len(body) > MAX_UPDATE_BYTES:
            return Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        update = inbound.read_object(body)
        if update is None or inbound.update_id(update) is None:
            return Refused(HTTPStatus.BAD_REQUEST)
        await store([self._received(update, body)])
        return Answered()

    def parse(self, raw: bytes) -> Inbound:
        """Understand a stored update; pure, an unknown kind is `ignored`."""
        return inbound.parse_update(raw, self._us)

    async def poll(self, store: Store) -> None:
        """Fetch updates until cancelled; a batch is confirmed only after it was stored."""
        offset, failures = 0, 0
        while True:
            try:
                if not self._us.username:
                    await self.introduce()
                offset = await self._poll_once(offset, store)
                failures = 0
                continue
            except (TelegramError, ChatError) as err:
                seconds = _log_trouble(err, failures)
            except Exception:  # polling must outlive what goes wrong in the store
                log.exception("telegram.updates_not_stored")
                seconds = _backoff(failures)
            failures += 1
            await self._pause(seconds)

    async def announce(self, commands: Sequence[CommandWords]) -> None:
        """Put the commands into Telegram's menus, and turn the webhook on or off.

        Raises:
            ChatError: Telegram refused, or did not answer.
        """
        languages = {code for one in commands for code in one.translations}
        async with _plain_errors():
            # The menu without a language is for everybody whose language has none.
            for language in ("", *sorted(languages)):
                await self._announce_in(language, commands)
            if self._webhook is None:
                await self._bot.delete_webhook(drop_pending_updates=False)
            else:
                await self._bot.set_webhook(
                    self._webhook.url,
                    secret_token=self._webhook.secret.get_secret_value(),
                    allowed_updates=list(inbound.WANTED_UPDATES),
                )

    async def _announce_in(self, language: str, commands: Sequence[CommandWords]) -> None:
        private = [_menu_line(one, language) for one in commands]
        group = [_menu_line(one, language) for one in commands if one.in_groups]
        code = language or None
        await self._bot.set_my_commands(
            private, scope=BotCommandScopeAllPrivateChats(), language_code=code
        )
        await self._bot.set_my_commands(
            group, scope=BotCommandScopeAllGroupChats(), language_code=code
        )

    def _is_from_telegram(self, headers: Mapping[str, str]) -> bool:
        if self._webhook is None:
            return False
        shown = next(
            (value for name, value in headers.items() if name.lower() == SECRET_HEADER.lower()), ""
        )
        secret = self._webhook.secret.get_secret_value()
        is_right = hmac.compare_digest(shown.encode(errors="surrogatepass"), secret.encode())
        return is_right and bool(secret)

    async def _poll_once(self, offset: int, store: Store) -> int:
        asked = {
            "offset": offset,
            "timeout": POLL_SECONDS,
            "allowed_updates": json.dumps(inbound.WANTED_UPDATES),
        }
        # Not `Bot.get_updates`: it parses, and one update it cannot read would hold up all.
        answer = await self._poll_wire.post(f"{self._bot.base_url}/getUpdates?{urlencode(asked)}")
        batch = []
        for update in answer if isinstance(answer, list) else []:
            number = inbound.update_id(update)
            if number is None:
                log.error("telegram.update_without_number")
                continue
            batch.append(self._received(update, json.dumps(update).encode()))
            offset = max(offset, number + 1)
        if batch:
            await store(batch)
        return offset

    def _received(self, update: Mapping[str, object], raw: bytes) -> Received:
        return Received(
            source=self.source,
            external_id=str(inbound.update_id(update)),
            conversation=inbound.conversation_of(update, self.source),
            raw=raw,
        )

    # ── going out ────────────────────────────────────────────────────────────────────────────

    async def send(self, place: PlaceRef, card: Card, *, reply_to: str = "") -> str:
        """Send a card and return the message's number; a lost reply target does not stop it.

        Raises:
            RouteDead, PlaceMoved: the place cannot be reached (any more, under this id).
            ChatBusy: try again; whether the message arrived is not known.
        """
        drawn = draw(card)
        keyboard = drawn.keyboard or (None if place.is_private else drawn.force_reply())
        async with _plain_errors():
            try:
                return await self._send(place, card, drawn, keyboard, reply_to, thread=True)
            except TelegramError as err:
                if not is_topic_gone(err):
                    raise
                return await self._send(place, card, drawn, keyboard, reply_to, thread=False)

    async def edit(self, place: PlaceRef, message_ref: str, card: Card) -> None:
        """Redraw a message of ours; unchanged counts as done.

        Raises:
            MessageGone: it is not there any more (or is not ours).
            RouteDead, PlaceMoved, ChatBusy: as with `send`.
        """
        if not message_ref.isascii() or not message_ref.isdecimal():
            raise MessageGone("not a number of a message")
        drawn = draw(card)
        async with _plain_errors():
            try:
                await self._edit(place, int(message_ref), drawn)
            except TelegramError as err:
                if not is_unchanged(err):
                    raise

    async def toast(self, press_ref: str, text: str = "", *, is_alert: bool = False) -> None:
        """Answer a press; never raises, a late toast is dropped."""
        words = shorten(inbound.clean(text), MAX_TOAST_UNITS)
        try:
            await self._bot.answer_callback_query(press_ref, words or None, show_alert=is_alert)
        except TelegramError as err:
            log.info("telegram.toast_dropped", extra={"reason": type(err).__name__})

    async def react(self, place: PlaceRef, message_ref: str, reaction: Reaction) -> None:
        """Leave a receipt on a person's message; never raises."""
        try:
            await self._bot.set_message_reaction(
                place.chat_id, int(message_ref), _REACTIONS[reaction]
            )
        except (TelegramError, ValueError) as err:
            log.info("telegram.reaction_dropped", extra={"reason": type(err).__name__})

    async def _send(
        self,
        place: PlaceRef,
        card: Card,
        drawn: Drawn,
        keyboard: InlineKeyboardMarkup | ForceReply | None,
        reply_to: str,
        *,
        thread: bool,
    ) -> str:
        async def attempt(text: str, parse_mode: str | None) -> str:
            message = await self._bot.send_message(
                place.chat_id,
                text,
                parse_mode=parse_mode,
                reply_markup=keyboard,
                disable_notification=card.is_silent,
                message_thread_id=int(place.thread) if thread and place.thread else None,
                reply_parameters=_reply_to(reply_to),
                link_preview_options=LinkPreviewOptions(is_disabled=True),
            )
            return str(message.message_id)

        return await _readable(attempt, drawn)

    async def _edit(self, place: PlaceRef, message_id: int, drawn: Drawn) -> None:
        async def attempt(text: str, parse_mode: str | None) -> None:
            await self._bot.edit_message_text(
                text,
                chat_id=place.chat_id,
                message_id=message_id,
                parse_mode=parse_mode,
                reply_markup=drawn.keyboard,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
            )

        await _readable(attempt, drawn)

    # ── files ────────────────────────────────────────────────────────────────────────────────

    async def fetch(self, file_id: str, *, max_bytes: int) -> AsyncIterator[bytes]:
        """Stream a file; at most *max_bytes*, and never more than a bot may download.

        Raises:
            FileGone: too big (declared or streamed), expired, or deleted.
            ChatBusy: not now, or the stream broke off.
        """
        most = min(max_bytes, MAX_FETCH_BYTES)
        async with _plain_errors():
            file = await self._bot.get_file(file_id)
        if file.file_size is not None and file.file_size > most:
            raise FileGone("too_big")
        address = file.file_path or ""
        # Only below our own root: the address carries the token and goes nowhere else.
        if not address.startswith(f"{self._bot.base_file_url}/"):
            raise FileGone("gone")
        timeout = aiohttp.ClientTimeout(total=FETCH_SECONDS, sock_read=FETCH_STALLED_SECONDS)
        received = 0
        try:
            async with self._session.get(
                address, allow_redirects=False, timeout=timeout
            ) as answer:
                _check_download(answer.status)
                async for chunk in answer.content.iter_chunked(CHUNK_BYTES):
                    received += len(chunk)
                    if received > most:
                        raise FileGone("too_big")
                    yield chunk
        except (aiohttp.ClientError, TimeoutError) as err:
            # `from None`: aiohttp's errors show the address, which holds the token.
            raise ChatBusy(f"the download broke off ({type(err).__name__})") from None
        if file.file_size is not None and received < file.file_size:
            raise ChatBusy("the download was shorter than promised")


@asynccontextmanager
async def _plain_errors() -> AsyncIterator[None]:
    """Turn what PTB raises into what every chat raises, without an address in it."""
    try:
        yield
    except TelegramError as err:
        raise understood(err) from None


async def _readable(attempt: Callable[[str, str | None], Awaitable[T]], drawn: Drawn) -> T:
    """Say it with markup, and without where the server does not know a tag (an older one)."""
    try:
        return await attempt(drawn.html, ParseMode.HTML)
    except TelegramError as err:
        if not is_markup_refused(err):
            raise
        log.warning("telegram.markup_refused", extra={"reason": err.message})
        return await attempt(drawn.plain, None)


def _menu_line(command: CommandWords, language: str) -> BotCommand:
    return BotCommand(command.name, command.translations.get(language, command.description))


def _log_trouble(err: TelegramError | ChatError, failures: int) -> float:
    """Write down why polling stumbled; gives the seconds to wait."""
    if isinstance(err, Conflict):
        # Two programs poll with one token, or a webhook is set: a person has to look.
        log.error("telegram.other_receiver", extra={"reason": err.message})
        return _CONFLICT_PAUSE_SECONDS
    if isinstance(err, InvalidToken | TokenRefused):
        log.error("telegram.token_refused")
        return _LONGEST_PAUSE_SECONDS
    known = understood(err) if isinstance(err, TelegramError) else err
    log.warning("telegram.poll_failed", extra={"reason": str(known), "failures": failures + 1})
    if isinstance(known, ChatBusy) and known.after is not None:
        return known.after.total_seconds()
    return _backoff(failures)


def _backoff(failures: int) -> float:
    return min(_FIRST_PAUSE_SECONDS * 2.0 ** min(failures, 10), _LONGEST_PAUSE_SECONDS)


def _reply_to(reference: str) -> ReplyParameters | None:
    if not reference.isascii() or not reference.isdecimal():
        return None
    return ReplyParameters(int(reference), allow_sending_without_reply=True)


def _check_download(status: int) -> None:
    if status == HTTPStatus.OK:
        return
    if status in {HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}:
        raise FileGone("gone")
    raise ChatBusy(f"the download was answered with {status}")
