"""Instagram as a `Platform`: one step per call, no loop, no sleep, no retry."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

import aiohttp
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
    Usage,
    Waiting,
)
from platforms.errors import (
    HandleLost,
    OutcomeUnknown,
    PlatformError,
    Rejected,
    Trouble,
    TryAgainLater,
)
from platforms.http import Answer, OutboundClient, TransportError, to_platform_error
from platforms.instagram import callbacks, graph, oauth, rules
from platforms.instagram.errors import (
    Call,
    Refusal,
    container_error,
    exchange_error,
    read_refusal,
    read_usage,
    to_error,
    without_secrets,
)

log = logging.getLogger(__name__)

CARD: Final = PlatformCard(
    name="instagram",
    title="Instagram",
    kinds=("image", "carousel", "reel", "story"),
    scopes_needed=tuple(oauth.SCOPES),
    scope_meanings=oauth.SCOPES,
    max_caption_chars=rules.MAX_CAPTION_CHARS,
    max_hashtags=rules.MAX_HASHTAGS,
    max_items=rules.MAX_CAROUSEL_ITEMS,
    token_refresh_after=timedelta(days=7),
    token_life=timedelta(days=60),
    # Its documents say 50 in one place and 100 in another; what counts is asked before publishing.
    max_posts_a_day=50,
)

# Peers read images every 2 s and reels every 5 to 30 s; Meta advises no more than a minute's rest.
_IMAGE_POLL: Final = timedelta(seconds=2)
_VIDEO_POLL: Final = timedelta(seconds=5)

OnUsage = Callable[[Usage], None]
Body = Mapping[str, object]
Purpose = Literal["item", "post"]


@dataclass(frozen=True, slots=True)
class InstagramSettings:
    """Which app speaks to which Instagram (the real one, or a sandbox), and how long it waits.

    `publish_timeout` is the T of the publishing protocol: the scheduler reckons with it.
    """

    app_id: str
    app_secret: SecretStr
    authorize_url: str = "https://www.instagram.com/oauth/authorize"
    token_url: str = "https://api.instagram.com/oauth/access_token"  # noqa: S105 - an address
    graph_url: str = "https://graph.instagram.com"
    version: str = "v25.0"
    read_timeout: timedelta = timedelta(seconds=15)
    create_timeout: timedelta = timedelta(seconds=60)
    publish_timeout: timedelta = timedelta(seconds=20)

    @property
    def origins(self) -> tuple[str, ...]:
        """Return the addresses whose origins this program itself calls."""
        return (self.token_url, self.graph_url)


class InstagramAdapter:
    """Publishes for professional accounts that are connected by Instagram Login."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        settings: InstagramSettings,
        *,
        on_usage: OnUsage | None = None,
    ) -> None:
        self._client = OutboundClient(session, allowed_origins=settings.origins)
        self._settings = settings
        self._graph = graph.Graph(settings.graph_url, settings.version)
        self._on_usage = on_usage

    @property
    def card(self) -> PlatformCard:
        """What Instagram is, as data."""
        return CARD

    # Connecting

    def authorize_url(self, *, state: str, redirect_uri: str) -> str:
        """Return the address of Instagram's consent page."""
        return oauth.consent_address(
            self._settings.authorize_url,
            app_id=self._settings.app_id,
            state=state,
            redirect_uri=redirect_uri,
        )

    async def exchange_code(self, *, code: str, redirect_uri: str) -> Grant:
        """Turn the code of the redirect into a token of 60 days, by way of one of an hour.

        Raises:
            Rejected: the code was used, is unknown, or lapsed (`login_expired`), or the app's
                id, secret or redirect address is wrong (`our_mistake`).
            TryAgainLater: Instagram did not answer; the code may be spent.
        """
        short = await self._short_token(oauth.clean_code(code), redirect_uri)
        body = await self._get(
            self._graph.unversioned("access_token"),
            {
                "grant_type": "ig_exchange_token",
                "client_secret": self._settings.app_secret.get_secret_value(),
            },
            short.token,
            Call.ACCOUNT,
        )
        grant = oauth.read_long_token(body)
        if grant is None:
            raise TryAgainLater(Trouble.UNCLEAR, code="no_token")
        return Grant(
            grant.token, grant.expires_after, short.scopes or grant.scopes, short.app_user_id
        )

    async def refresh(self, token: SecretStr) -> Grant:
        """Renew a token that is at least 24 hours old and has not lapsed.

        Raises:
            NeedsReconnect: the token is dead.
            TryAgainLater: not now (also what a token younger than 24 hours gets).
        """
        try:
            body = await self._get(
                self._graph.unversioned("refresh_access_token"),
                {"grant_type": "ig_refresh_token"},
                token,
                Call.ACCOUNT,
            )
        except Rejected as err:
            # Which code a young token gets is not documented: no refusal but 190 ends a login.
            raise TryAgainLater(Trouble.UNCLEAR, code=err.code, detail=err.detail) from err
        grant = oauth.read_long_token(body)
        if grant is None:
            raise TryAgainLater(Trouble.UNCLEAR, code="no_token")
        return grant

    async def whoami(self, token: SecretStr) -> Profile:
        """Ask which account a token speaks for; a personal one cannot be published for."""
        body = await self._get(
            self._graph.node("me"), {"fields": graph.PROFILE_FIELDS}, token, Call.ACCOUNT
        )
        profile = graph.read_profile(body)
        if profile is None:
            raise TryAgainLater(Trouble.UNCLEAR, code="no_profile")
        return profile

    async def revoke(self, token: SecretStr) -> None:
        """Do nothing: Instagram Login has no call for it; a token lapses, or its owner removes us.

        Source: Meta "Business Login for Instagram" (2025), which names no way to revoke.
        """

    # Publishing

    def review(self, outgoing: Outgoing) -> list[Complaint]:
        """Say what Instagram would refuse, without asking it."""
        return rules.review(outgoing)

    async def prepare(
        self, who: Credentials, outgoing: Outgoing, handles: Sequence[Handle]
    ) -> Made | Waiting | Ready:
        """Make the next container, or read how far Instagram is with them.

        A carousel's children come first, one per call, then their parent.

        Raises:
            HandleLost: a container lapsed, or nothing could be made of it: begin anew.
            Rejected: Instagram will never take this.
            NeedsReconnect: a person must act.
            TryAgainLater: a hiccup or a limit.
            OutcomeUnknown: the container turns out to be public already.
        """
        poll_after = _VIDEO_POLL if _has_video(outgoing) else _IMAGE_POLL
        post = _post_handle(handles)
        if post is not None:
            return await self._prepared(who, post, poll_after)
        if not outgoing.media:
            raise Rejected(Trouble.OUR_MISTAKE, code="no_media")
        if outgoing.kind != "carousel":
            return await self._make(who, "post", 0, graph.post_form(outgoing))
        children = {h.ordinal: h for h in handles if h.purpose == "item"}
        for ordinal, media in enumerate(outgoing.media):
            if ordinal not in children:
                with _naming_item(ordinal):
                    return await self._make(who, "item", ordinal, graph.item_form(media))
        ordered = [children[ordinal] for ordinal in range(len(outgoing.media))]
        for child in ordered:
            with _naming_item(child.ordinal):
                progress = await self._prepared(who, child, poll_after)
            if isinstance(progress, Waiting):
                return progress
        form = graph.carousel_form([h.external_id for h in ordered], outgoing.caption)
        return await self._make(who, "post", 0, form)

    async def check(
        self, who: Credentials, handles: Sequence[Handle]
    ) -> Waiting | Ready | Published:
        """Read where the container of the post stands.

        Raises:
            HandleLost: it expired, or Instagram could not make anything of the media.
            Rejected: Instagram will never take the media.
            TryAgainLater: the read failed; it proves nothing either way.
        """
        state = await self._container(who, _required_post_handle(handles), Call.READ)
        return _progress(state, _VIDEO_POLL)

    async def publish(self, who: Credentials, handles: Sequence[Handle]) -> Published:
        """Send the publish call, once.

        Raises:
            TryAgainLater: it certainly did not go out.
            NeedsReconnect: refused, and a person must act.
            Rejected: refused for good.
            OutcomeUnknown: everything else.
        """
        handle = _required_post_handle(handles)
        answer = await self._call_post(
            self._graph.node(who.platform_user_id, "media_publish"),
            {"creation_id": handle.external_id},
            who.token,
            Call.PUBLISH,
            within=self._settings.publish_timeout,
        )
        media_id = graph.read_id(self._body(answer, Call.PUBLISH, who.token))
        if not media_id:
            raise OutcomeUnknown(Trouble.UNCLEAR, code="no_id")
        return Published(Receipt(media_id=media_id))

    async def find_published(
        self, who: Credentials, outgoing: Outgoing, *, since: datetime
    ) -> Receipt | None:
        """Look for the one post in the account's own list that can only be this one.

        Equal caption and kind, and not older than *since* less a minute.  Two that are alike
        prove nothing about either: None.
        """
        edge = "stories" if outgoing.kind == "story" else "media"
        body = await self._get(
            self._graph.node(who.platform_user_id, edge),
            {"fields": graph.LIST_FIELDS, "limit": str(graph.LIST_LIMIT)},
            who.token,
            Call.ACCOUNT,
        )
        return graph.find_one(graph.read_list(body), outgoing, since=since)

    async def describe(self, who: Credentials, media_id: str) -> Receipt:
        """Read link and time of a published post."""
        body = await self._get(
            self._graph.node(media_id), {"fields": graph.MEDIA_FIELDS}, who.token, Call.READ
        )
        return graph.read_receipt(body)

    async def quota(self, who: Credentials) -> Quota | None:
        """Read how many posts went out in the rolling day, and how many Instagram allows."""
        body = await self._get(
            self._graph.node(who.platform_user_id, "content_publishing_limit"),
            {"fields": graph.QUOTA_FIELDS},
            who.token,
            Call.ACCOUNT,
        )
        return graph.read_quota(body)

    def verify_callback(self, body: bytes) -> str:
        """Check a deauthorize or deletion callback and return the app-scoped user id.

        Raises:
            Rejected: not signed by Meta for this app.
        """
        return callbacks.signed_user_id(body, self._settings.app_secret)

    # Below: one call each

    async def _short_token(self, code: str, redirect_uri: str) -> oauth.ShortToken:
        form = {
            "client_id": self._settings.app_id,
            "client_secret": self._settings.app_secret.get_secret_value(),
            "grant_type": "authorization_code",
            "redirect_uri": redirect_uri,
            "code": code,
        }
        try:
            answer = await self._client.post(
                self._settings.token_url, form, within=self._settings.read_timeout
            )
        except TransportError as err:
            raise to_platform_error(err, is_publish=False) from err
        short = oauth.read_short_token(answer.body) if answer.body is not None else None
        if short is not None:
            return short
        raise exchange_error(answer, secrets=(form["client_secret"], code))

    async def _make(
        self, who: Credentials, purpose: Purpose, ordinal: int, form: Mapping[str, str]
    ) -> Made:
        answer = await self._call_post(
            self._graph.node(who.platform_user_id, "media"),
            form,
            who.token,
            Call.CREATE,
            within=self._settings.create_timeout,
        )
        container_id = graph.read_id(self._body(answer, Call.CREATE, who.token))
        if not container_id:
            raise TryAgainLater(Trouble.UNCLEAR, code="no_id")
        return Made(Handle(purpose, ordinal, container_id, graph.CONTAINER_LIFE))

    async def _prepared(
        self, who: Credentials, handle: Handle, poll_after: timedelta
    ) -> Waiting | Ready:
        progress = _progress(await self._container(who, handle, Call.PREPARED), poll_after)
        if isinstance(progress, Published):
            # It is live although the scheduler still prepares: have it look, never go on.
            raise OutcomeUnknown(Trouble.UNCLEAR, code="status/PUBLISHED")
        return progress

    async def _container(
        self, who: Credentials, handle: Handle, call: Call
    ) -> graph.ContainerState:
        body = await self._get(
            self._graph.node(handle.external_id),
            {"fields": graph.STATUS_FIELDS},
            who.token,
            call,
        )
        return graph.read_container(body)

    async def _get(self, url: str, query: Mapping[str, str], token: SecretStr, call: Call) -> Body:
        try:
            answer = await self._client.get(
                url,
                {**query, "access_token": token.get_secret_value()},
                within=self._settings.read_timeout,
            )
        except TransportError as err:
            raise to_platform_error(err, is_publish=False) from err
        return self._body(answer, call, token)

    async def _call_post(
        self,
        url: str,
        form: Mapping[str, str],
        token: SecretStr,
        call: Call,
        *,
        within: timedelta,
    ) -> Answer:
        try:
            return await self._client.post(
                url, {**form, "access_token": token.get_secret_value()}, within=within
            )
        except TransportError as err:
            raise to_platform_error(err, is_publish=call is Call.PUBLISH) from err

    def _body(self, answer: Answer, call: Call, token: SecretStr) -> Body:
        """Return the JSON of a success; raise what a refusal means."""
        if self._on_usage is not None:
            for usage in read_usage(answer.headers):
                self._on_usage(usage)
        refusal = read_refusal(answer)
        if refusal is None and answer.body is not None:
            return answer.body
        refusal = refusal or Refusal(None)
        secrets = (token.get_secret_value(), self._settings.app_secret.get_secret_value())
        log.warning(
            "instagram.refused",
            extra={
                "call": call.name,
                "status": answer.status,
                "code": refusal.name,
                "trace_id": refusal.trace_id,
                "detail": without_secrets(refusal.message, secrets)[:300],
            },
        )
        raise to_error(answer, refusal, call, secrets=secrets)


def _progress(state: graph.ContainerState, poll_after: timedelta) -> Waiting | Ready | Published:
    match state.status:
        case "IN_PROGRESS":
            return Waiting(poll_after)
        case "FINISHED":
            return Ready()
        case "PUBLISHED":
            return Published(Receipt())
        case "EXPIRED":
            raise HandleLost(Trouble.HANDLE_EXPIRED, code="status/EXPIRED")
        case "ERROR":
            raise container_error(state.subcode, state.text)
        case _:
            raise TryAgainLater(Trouble.UNCLEAR, code="no_status")


def _post_handle(handles: Sequence[Handle]) -> Handle | None:
    return next((handle for handle in handles if handle.purpose == "post"), None)


def _required_post_handle(handles: Sequence[Handle]) -> Handle:
    handle = _post_handle(handles)
    if handle is None:
        raise Rejected(Trouble.OUR_MISTAKE, code="no_handle")
    return handle


@contextmanager
def _naming_item(ordinal: int) -> Iterator[None]:
    """Let an error say which photo or video of several it is about."""
    try:
        yield
    except PlatformError as err:
        err.params = {**err.params, "item": ordinal + 1}
        raise


def _has_video(outgoing: Outgoing) -> bool:
    return any(media.kind == "video" for media in outgoing.media)
