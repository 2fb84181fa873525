"""Slack as a chat: one app, its events by HTTP or over sockets, its calls through slack_sdk.

The app may be in many workspaces; each has its own bot and token, asked for by the workspace's
name whenever it is needed.
"""

import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import Any, Protocol, Self

import aiohttp
from pydantic import SecretStr
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from integrations.chat.contract import Capabilities, Introduction, Store
from integrations.chat.errors import (
    ChatBusy,
    ChatError,
    FileGone,
    MessageGone,
    RouteDead,
    TokenRefused,
)
from integrations.chat.incoming import (
    Actor,
    Answered,
    Inbound,
    PlaceRef,
    Received,
    Refused,
    Unnamed,
)
from integrations.chat.outgoing import Card, CommandWords, Form, Reaction, Validator
from integrations.slack import inbound
from integrations.slack.app import BOLT_LOG, Keeper, bolt_app
from integrations.slack.calling import CALL_SECONDS, plain_errors
from integrations.slack.errors import error_of
from integrations.slack.files import FileHost
from integrations.slack.inbound import CHAT, SEPARATOR, parts_of, ref_of
from integrations.slack.naming import Names, name_of
from integrations.slack.outbound import clean, draw, draw_form, draw_home
from integrations.slack.scopes import SCOPES
from integrations.slack.sockets import is_slacks_hook, listen
from integrations.slack.verifying import header, is_signed
from integrations.slack.words import is_nameless, renamed

log = logging.getLogger(__name__)

MAX_BODY_BYTES = 1_000_000
NOT_READY_AGAIN = timedelta(seconds=2)
"""How soon a file is asked for again whose upload Slack has not looked through yet."""

_MIN_GAP = timedelta(seconds=1)
_REACTIONS = {Reaction.SEEN: "eyes", Reaction.DONE: "white_check_mark", Reaction.FAILED: "x"}
_NO_FILE = frozenset({"external", "remote", "tombstone", "hidden_by_limit"})
_NO_ACCESS = frozenset({"access_denied", "file_not_found"})
_FORM = "application/x-www-form-urlencoded"
_FIRST_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 30.0
_STORE_TRIES = 10
_STORE_AGAIN_SECONDS = 0.5
_MAX_REMEMBERED = 10_000

Pause = Callable[[float], Awaitable[None]]


class TokenOf(Protocol):
    """Gives the bot token of a workspace (as `PlaceRef.workspace` names it), None without one."""

    async def __call__(self, workspace: str, *, fresh: bool = False) -> SecretStr | None:
        """Return the token; *fresh*: as it stands now, not as it was a moment ago."""


class BotOf(Protocol):
    """Gives the id of our user in a workspace that installed us, "" where it is not known."""

    async def __call__(self, workspace: str) -> str:
        """Return the id."""


@dataclass(frozen=True, slots=True)
class SlackSettings:
    """The app: where Slack is, what it signs with, and the tokens of a single workspace.

    With *app_token* events come over sockets (Socket Mode); with *signing_secret* they may come
    by HTTP. *bot_token* is for the one workspace of a set-up without installation, *client_id*
    names the app where workspaces install it.
    """

    api_url: str
    files_url: str
    signing_secret: SecretStr | None = None
    app_token: SecretStr | None = None
    bot_token: SecretStr | None = None
    client_id: str = ""

    @property
    def app(self) -> str:
        """What tells this app from another one that the same house had before."""
        return _app_id(self.app_token) or self.client_id or "app"


class SlackChat:
    """The Slack app. *judge* finds what is wrong with a form while it is acknowledged."""

    def __init__(
        self,
        settings: SlackSettings,
        *,
        session: aiohttp.ClientSession,
        pause: Pause,
        now: Callable[[], datetime],
        token_of: TokenOf,
        judge: Validator,
        bot_of: BotOf | None = None,
    ) -> None:
        """*bot_of* is for an app that workspaces install; without it there is one of our own."""
        self._settings = settings
        self._session = session
        self._pause = pause
        self._now = now
        self._token_of = token_of
        self._judge = judge
        self._bot_of = bot_of
        self._names = Names(now)
        self._files = FileHost(settings.files_url)
        self._own_workspace = ""
        self._own_user = ""
        self._clients: dict[str, AsyncWebClient] = {}
        self._channels: dict[tuple[str, str], str] = {}
        for name in ("slack_sdk", BOLT_LOG, "slack_sdk.socket_mode.aiohttp"):
            # The libraries log addresses and bodies at lower levels.
            logging.getLogger(name).setLevel(logging.WARNING)
        self._keeper = Keeper(self._judged)

    async def __aenter__(self) -> Self:
        """Nothing is opened ahead; asks nobody anything."""
        return self

    async def __aexit__(self, *problem: object) -> None:
        """Nothing is kept open but the session, which is not ours."""

    def __repr__(self) -> str:
        return f"<SlackChat {self.source}>"

    @property
    def name(self) -> str:
        """The chat's name in the registry."""
        return CHAT

    @property
    def source(self) -> str:
        """Chat and app, as the inbox keys it."""
        return f"{CHAT}:{self._settings.app}"

    @property
    def capabilities(self) -> Capabilities:
        """What Slack can do."""
        return Capabilities(
            max_fetch_bytes=None,
            can_thread=True,
            can_modal=True,
            can_ephemeral=True,
            has_home=True,
            has_profiles=True,
            tells_of_own=True,
            has_toasts=False,
            command_prefix="/post ",
            min_gap_private=_MIN_GAP,
            min_gap_group=_MIN_GAP,
        )

    @property
    def is_polled(self) -> bool:
        """Whether events come over sockets of ours."""
        return self._settings.app_token is not None

    async def introduce(self) -> Introduction:
        """Ask Slack who we are in the one workspace that needs no installation, and what we may.

        Raises:
            TokenRefused: Slack does not know the token.
            ChatBusy: not now.
        """
        app_id = _app_id(self._settings.app_token)
        link = f"https://slack.com/app_redirect?app={app_id}" if app_id else ""
        token = self._settings.bot_token
        if token is None:
            async with plain_errors():
                await self._client(SecretStr("")).api_test()
            return Introduction(self._settings.app, "Postcue", link)
        async with plain_errors():
            me = await self._client(token).auth_test()
        team = self._own_workspace = str(me.get("team_id") or "")
        bot = self._own_user = str(me.get("user_id") or "")
        return Introduction(
            self._settings.app,
            str(me.get("user") or ""),
            f"{link}&team={team}" if link else f"slack://user?team={team}&id={bot}",
            _missing_rights(me.headers),
        )

    async def profile(self, place: PlaceRef, actor: Actor) -> Actor:
        """Return *actor* with name, language and zone from the person's profile."""
        try:
            async with plain_errors():
                client = await self._client_in(place.workspace)
                answer = await client.users_info(user=actor.external_id, include_locale=True)
        except ChatError as err:
            log.info("slack.no_profile", extra={"reason": str(err)})
            return actor
        user: dict[str, Any] = answer.get("user") or {}
        return replace(
            actor,
            display_name=clean(name_of(user)),
            username=str(user.get("name") or ""),
            language=str(user.get("locale") or ""),
            zone=str(user.get("tz") or ""),
            home="" if _is_of_the_house(user, place.workspace) else actor.home,
        )

    async def named(self, inbound: Inbound, unnamed: Unnamed) -> Inbound:
        """Return *inbound* with people, channels and groups by name, and without our own."""
        targets = [span.target for span in inbound.spans if span.target]
        if not targets:
            return inbound
        workspace = inbound.place.workspace
        names: dict[str, str | None] = {}
        try:
            if us := await self._user_in(workspace):
                names[f"@{us}"] = None
            others = [target for target in targets if target not in names]
            client = await self._client_in(workspace)
            names |= await self._names.of(workspace, others, client)
        except ChatError as err:
            log.info("slack.no_names", extra={"reason": str(err)})
        words = {"@": unnamed.person, "#": unnamed.channel, "!": unnamed.group}
        for span in inbound.spans:
            if span.target not in names and is_nameless(inbound.text, span):
                names[span.target] = words[span.target[0]]
        found = renamed(inbound.text, inbound.spans, names)
        return replace(
            inbound,
            text=found.text,
            spans=found.spans,
            mentions_bot=inbound.mentions_bot or found.names_us,
        )

    # ── coming in ────────────────────────────────────────────────────────────────────────────

    async def receive(
        self, headers: Mapping[str, str], body: bytes, store: Store
    ) -> Answered | Refused:
        """Store what came to the door: 401 unless Slack signed it, 400 or 413 without form."""
        secret = self._settings.signing_secret
        if secret is None or not is_signed(headers, body, secret, now=self._now()):
            return Refused(HTTPStatus.UNAUTHORIZED)
        if len(body) > MAX_BODY_BYTES:
            return Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        kind = header(headers, "Content-Type").partition(";")[0].strip().lower()
        is_form = kind == _FORM
        payload = inbound.read_form(body) if is_form else inbound.read_object(body)
        if payload is None:
            return Refused(HTTPStatus.BAD_REQUEST)
        raw = None if is_form else inbound.in_envelope(body)
        return await self._keeper.take(payload, store, raw=raw)

    def parse(self, raw: bytes) -> Inbound:
        """Understand a stored event; pure, an unknown kind is `ignored`."""
        return inbound.parse_envelope(raw, us=self._own_user)

    async def poll(self, store: Store) -> None:
        """Take events over a socket until cancelled; each is acknowledged once it is stored."""
        failures, client = 0, self._client(SecretStr(""))
        app = bolt_app(self._keeper, partial(self._store_patiently, store), client)
        while self._settings.app_token is not None:
            try:
                async with plain_errors(None):
                    await listen(self._settings.app_token, client, app)
            except ChatError as err:
                is_ours = isinstance(err, TokenRefused)
                level = logging.ERROR if is_ours else logging.WARNING
                log.log(level, "slack.not_connected", extra={"reason": str(err)})
            await self._pause(min(_FIRST_PAUSE_SECONDS * 2.0**failures, _LONGEST_PAUSE_SECONDS))
            failures = min(failures + 1, 10)

    async def _store_patiently(self, store: Store, events: Sequence[Received]) -> None:
        """Store what came over a socket, if need be at the tenth try.

        Slack comes again at once, and then only after a minute: a database that is away for some
        seconds must not cost that.
        """
        for _ in range(_STORE_TRIES - 1):
            with suppress(Exception):
                return await store(events)
            await self._pause(_STORE_AGAIN_SECONDS)
        return await store(events)

    async def _judged(self, envelope: inbound.Json, raw: bytes | None) -> Received | Answered:
        """Say what an envelope is: an event to be kept, or what is answered and leaves nothing."""
        found = envelope["payload"]
        payload = found if isinstance(found, dict) else {}
        if payload.get("type") == "url_verification":
            return Answered(json.dumps({"challenge": str(payload.get("challenge", ""))}))
        if payload.get("type") == "block_suggestion":
            return Answered(json.dumps({"options": []}))
        form = inbound.submitted_in(envelope)
        errors = await self._judge(form) if form else {}
        if errors:
            return Answered(json.dumps({"response_action": "errors", "errors": dict(errors)}))
        keys = inbound.keys_of(envelope)
        if keys is None:
            return Answered()
        external_id, second_key, conversation = keys
        return Received(
            source=self.source,
            external_id=external_id,
            conversation=conversation,
            raw=raw or json.dumps(envelope).encode(),
            second_key=second_key,
        )

    async def announce(self, commands: Sequence[CommandWords]) -> None:
        """Slack's menus come from the app's manifest; there is nothing to put anywhere."""

    # ── going out ────────────────────────────────────────────────────────────────────────────

    async def send(self, place: PlaceRef, card: Card, *, reply_to: str = "") -> str:
        """Send a card, in the thread of *reply_to*, and return the message's name.

        Raises:
            RouteDead: the place cannot be reached (any more).
            MessageGone: the message it answers is not there.
            ChatBusy: try again; whether the message arrived is not known.
        """
        drawn = draw(card)
        async with plain_errors():
            client = await self._client_in(place.workspace)
            channel = await self._channel(client, place)
            at, ts, root = parts_of(reply_to)
            thread = (root or ts) if at == channel else ""
            answer = await client.chat_postMessage(
                channel=channel,
                text=drawn.text,
                blocks=drawn.blocks,
                thread_ts=thread or None,
                unfurl_links=False,
                unfurl_media=False,
            )
        return ref_of(str(answer.get("channel") or channel), str(answer["ts"]), thread)

    async def edit(self, place: PlaceRef, message_ref: str, card: Card) -> None:
        """Redraw a message of ours.

        Raises:
            MessageGone: it is not there any more (or is not ours).
            RouteDead, ChatBusy: as with `send`.
        """
        channel, ts, _ = parts_of(message_ref)
        if not channel or not ts:
            raise MessageGone("not the name of a message")
        drawn = draw(card)
        async with plain_errors():
            client = await self._client_in(place.workspace)
            await client.chat_update(channel=channel, ts=ts, text=drawn.text, blocks=drawn.blocks)

    async def toast(self, press_ref: str, text: str = "", *, is_alert: bool = False) -> None:
        """Tell whoever pressed, and nobody else; never raises."""
        del is_alert
        parts = press_ref.split(SEPARATOR)
        if not text or len(parts) != 4:  # noqa: PLR2004 - workspace, channel, user, thread
            return
        workspace, channel, user, root = parts
        card = Card(lines=(), fallback_text=text)
        await self._say_privately(workspace, channel, user, root, card)

    async def whisper(
        self,
        place: PlaceRef,
        user_id: str,
        card: Card,
        *,
        reply_to: str = "",
        replaces: str = "",
    ) -> None:
        """Say something that only one person sees; never raises.

        What such a message says can be changed for half an hour after a press, and five times;
        later it is said anew.
        """
        if replaces and await self._redrew_aside(replaces, card):
            return
        channel = "" if place.is_private else place.chat_id
        at, _, root = parts_of(reply_to)
        thread = root if at == channel else ""
        await self._say_privately(place.workspace, channel, user_id, thread, card)

    async def open_form(self, form_ref: str, form: Form) -> None:
        """Open a form; never raises, a late one is dropped."""
        workspace, _, rest = form_ref.partition(SEPARATOR)
        trigger, _, channel = rest.partition(SEPARATOR)
        try:
            async with plain_errors():
                client = await self._client_in(workspace)
                view = draw_form(form, channel=channel)
                await client.views_open(trigger_id=trigger, view=view)
        except ChatError as err:
            log.warning("slack.form_not_opened", extra={"reason": str(err)})

    async def show_home(self, place: PlaceRef, card: Card) -> None:
        """Draw a person's Home.

        Raises:
            RouteDead, ChatBusy: as with `send`.
        """
        async with plain_errors():
            client = await self._client_in(place.workspace)
            await client.views_publish(user_id=place.chat_id, view=draw_home(card))

    async def react(self, place: PlaceRef, message_ref: str, reaction: Reaction) -> None:
        """Leave a receipt on a person's message; never raises."""
        channel, ts, _ = parts_of(message_ref)
        try:
            async with plain_errors():
                client = await self._client_in(place.workspace)
                await client.reactions_add(
                    channel=channel, timestamp=ts, name=_REACTIONS[reaction]
                )
        except ChatError as err:
            log.info("slack.reaction_dropped", extra={"reason": str(err)})
            return
        if reaction is not Reaction.SEEN:
            await self._take_back(client, channel, ts, Reaction.SEEN)

    async def _take_back(
        self, client: AsyncWebClient, channel: str, ts: str, reaction: Reaction
    ) -> None:
        """Remove a receipt that another one took the place of, if it is there."""
        try:
            async with plain_errors():
                await client.reactions_remove(
                    channel=channel, timestamp=ts, name=_REACTIONS[reaction]
                )
        except ChatError as err:
            log.info("slack.reaction_kept", extra={"reason": str(err)})

    async def _redrew_aside(self, address: str, card: Card) -> bool:
        """Redraw what only one person sees; False where Slack does not take it (any more)."""
        if not is_slacks_hook(address, self._settings.api_url):
            return False
        drawn = draw(card)
        body = {"replace_original": True, "text": drawn.text, "blocks": drawn.blocks}
        timeout = aiohttp.ClientTimeout(total=CALL_SECONDS)
        try:
            async with self._session.post(
                address, json=body, timeout=timeout, allow_redirects=False
            ) as answer:
                is_taken = answer.status == HTTPStatus.OK
        except (aiohttp.ClientError, TimeoutError) as err:
            log.info("slack.aside_not_redrawn", extra={"reason": type(err).__name__})
            return False
        if not is_taken:
            log.info("slack.aside_not_redrawn", extra={"reason": str(answer.status)})
        return is_taken

    async def _say_privately(
        self, workspace: str, channel: str, user: str, root: str, card: Card
    ) -> None:
        drawn = draw(card)
        words: dict[str, Any] = {"text": drawn.text, "blocks": drawn.blocks or None}
        try:
            async with plain_errors():
                client = await self._client_in(workspace)
                if channel and await _said_aside(client, channel, user, root, words):
                    return
                # Where we are not ourselves, the person still hears it, from us alone.
                place = PlaceRef(CHAT, workspace, user)
                await client.chat_postMessage(channel=await self._channel(client, place), **words)
        except ChatError as err:
            log.info("slack.whisper_dropped", extra={"reason": str(err)})

    # ── files ────────────────────────────────────────────────────────────────────────────────

    async def fetch(self, file_id: str, *, max_bytes: int) -> AsyncIterator[bytes]:
        """Stream a file.

        Raises:
            FileGone: too big (declared or streamed), deleted, elsewhere, or not ours to read.
            ChatBusy: not now, or Slack has not looked through it yet.
        """
        workspace, _, number = file_id.partition(SEPARATOR)
        try:
            token = await self._token(workspace)
            async with plain_errors():
                answer = await self._client(token).files_info(file=number)
        except ChatError as err:
            raise _without_file(err) from None
        file: dict[str, Any] = answer.get("file") or {}
        if file.get("mode") in _NO_FILE or file.get("is_external"):
            raise FileGone("gone")
        if file.get("file_access") in _NO_ACCESS:
            raise FileGone("no_right")
        size = file.get("size") or 0
        address = str(file.get("url_private_download") or file.get("url_private") or "")
        # Until Slack has looked through it, it has neither size nor type; an empty one has a type.
        if not address or not (size or file.get("mimetype")):
            raise ChatBusy("the file is not ready", after=NOT_READY_AGAIN)
        if size > max_bytes:
            raise FileGone("too_big")
        received = 0
        async for chunk in self._files.stream(self._session, address, token, max_bytes=max_bytes):
            received += len(chunk)
            yield chunk
        if received < size:
            raise ChatBusy("the download was shorter than promised")

    async def is_in(self, place: PlaceRef) -> bool:
        """Say whether the app is installed in the workspace of *place*."""
        try:
            await self._token(place.workspace, fresh=True)
        except RouteDead:
            return False
        except ChatBusy:
            return True
        return True

    # ── parts ────────────────────────────────────────────────────────────────────────────────

    async def _client_in(self, workspace: str) -> AsyncWebClient:
        return self._client(await self._token(workspace))

    async def _user_in(self, workspace: str) -> str:
        """Return the id of our user in a workspace, "" where it is not known."""
        token = self._settings.bot_token
        if token is not None and not self._own_workspace:
            await self.introduce()
        if self._own_user and workspace.partition("@")[0] == self._own_workspace:
            return self._own_user
        return await self._bot_of(workspace) if self._bot_of else ""

    async def _token(self, workspace: str, *, fresh: bool = False) -> SecretStr:
        """Return our token in *workspace*.

        Raises:
            RouteDead: the app is not installed there.
        """
        own = self._settings.bot_token
        if own is not None and not self._own_workspace:
            await self.introduce()
        if own is not None and workspace.partition("@")[0] == self._own_workspace:
            return own
        found = await self._token_of(workspace, fresh=fresh)
        if found is None:
            raise RouteDead("not installed in this workspace")
        return found

    def _client(self, token: SecretStr) -> AsyncWebClient:
        key = token.get_secret_value()
        client = self._clients.get(key)
        if client is None:
            if len(self._clients) >= _MAX_REMEMBERED:
                self._clients.clear()
            client = AsyncWebClient(
                token=key or None,
                base_url=self._settings.api_url,
                session=self._session,
                timeout=int(CALL_SECONDS),
                retry_handlers=[],
            )
            self._clients[key] = client
        return client

    async def _channel(self, client: AsyncWebClient, place: PlaceRef) -> str:
        """Return the channel of a place; a private one is opened with its person."""
        if not place.is_private:
            return place.chat_id
        key = (place.workspace, place.chat_id)
        known = self._channels.get(key)
        if known is None:
            answer = await client.conversations_open(users=place.chat_id)
            if len(self._channels) >= _MAX_REMEMBERED:
                self._channels.clear()
            known = self._channels[key] = str((answer.get("channel") or {}).get("id") or "")
        return known


async def _said_aside(
    client: AsyncWebClient, channel: str, user: str, root: str, words: dict[str, Any]
) -> bool:
    """Say something in a channel that only *user* sees; False where we cannot."""
    try:
        await client.chat_postEphemeral(
            channel=channel, user=user, thread_ts=root or None, **words
        )
    except SlackApiError as err:
        log.info("slack.not_said_there", extra={"reason": error_of(err)})
        return False
    return True


def _without_file(err: ChatError) -> ChatError:
    """Return what it means for a file that Slack does not tell about it."""
    if isinstance(err, ChatBusy):
        return err
    return FileGone("no_right" if "missing_scope" in str(err) else "gone")


def _is_of_the_house(user: Mapping[str, Any], workspace: str) -> bool:
    """Say whether somebody of another workspace is of the organisation that installed the app."""
    org, grid = workspace.partition("@")[2], user.get("enterprise_user")
    return bool(org) and isinstance(grid, dict) and grid.get("enterprise_id") == org


def _missing_rights(headers: Mapping[str, str]) -> tuple[str, ...]:
    """Return the scopes that our token lacks, () where Slack does not tell its scopes."""
    given = next((text for name, text in headers.items() if name.lower() == "x-oauth-scopes"), "")
    granted = {one.strip() for one in given.split(",")}
    return tuple(one for one in SCOPES if one not in granted) if given else ()


def _app_id(app_token: SecretStr | None) -> str:
    """Return the app's id, which stands in its token ("xapp-1-A0123-…")."""
    parts = app_token.get_secret_value().split("-") if app_token else []
    return parts[2] if len(parts) > 2 and parts[2].startswith("A") else ""  # noqa: PLR2004
