"""What Slack tells the app is kept before it is acknowledged, whichever way it comes.

There is one step for both ways. By HTTP it stands alone; over a socket it is the first step of a
Bolt app and, as it answers everything, the last: none of Bolt's own (which ask Slack who we are,
and acknowledge before anything is done) is reached. Why Bolt is not on the way of HTTP:
docs/decisions/0020-one-step-keeps-what-slack-tells.md.
"""

import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from integrations.chat.contract import Store
from integrations.chat.incoming import Answered, Received
from integrations.slack.inbound import Json, envelope_of

log = logging.getLogger(__name__)

BOLT_LOG = "slack_bolt"

Judge = Callable[[Json, bytes | None], Awaitable[Received | Answered]]
"""Says what an envelope (its text as it came, where there is one) is: to be kept, or answered."""


class Keeper:
    """Judges what came and has it stored."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge

    async def take(self, payload: Json, store: Store, *, raw: bytes | None = None) -> Answered:
        """Keep what came and return the acknowledgement.

        *payload* is read already, *raw* is an event's envelope around its text as it came. Raises
        what *store* raises: nothing is to be acknowledged then.
        """
        verdict = await self._judge(envelope_of(payload), raw)
        if isinstance(verdict, Answered):
            return verdict
        await store([verdict])
        return Answered()


def bolt_app(keeper: Keeper, store: Store, client: AsyncWebClient) -> AsyncApp:
    """Return a Bolt app that has everything kept in *store*; it asks Slack nothing."""
    return AsyncApp(
        name="postcue",
        logger=logging.getLogger(BOLT_LOG),
        client=client,
        # Sockets are not signed; nobody is authorized for a listener, there is none.
        signing_secret="sockets are not signed",  # noqa: S106
        authorize=_nobody,
        before_authorize=_Keep(keeper, store),
        request_verification_enabled=False,
        ssl_check_enabled=False,
        url_verification_enabled=False,
        ignoring_self_events_enabled=False,
        attaching_function_token_enabled=False,
    )


class _Keep(AsyncMiddleware):
    """The keeper as a step of Bolt: 200 for what is stored, 503 for what is not."""

    def __init__(self, keeper: Keeper, store: Store) -> None:
        self._keeper = keeper
        self._store = store

    async def async_process(self, *, req: AsyncBoltRequest, **_: object) -> BoltResponse:
        try:
            answer = await self._keeper.take(req.body, self._store)
        except Exception:
            log.exception("slack.event_not_stored")
            return BoltResponse(status=HTTPStatus.SERVICE_UNAVAILABLE)
        return BoltResponse(status=HTTPStatus.OK, body=answer.body)


async def _nobody(**_: object) -> AuthorizeResult:
    """Authorize nobody; the step before this one answers everything."""
    raise PermissionError
