"""Bolt's app: one step of ours, that keeps what came before it is acknowledged.

What comes by HTTP and what comes over a socket takes the same way through it. The step is the
first and the last: it asks Slack nothing and hands on nothing, so none of Bolt's own steps (which
ask who we are, and acknowledge before anything is done) is ever reached.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import cast

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from integrations.chat import Answered, Received, Store
from integrations.slack.inbound import Json, envelope_of

log = logging.getLogger(__name__)

BOLT_LOG = "slack_bolt"

Judge = Callable[[Json, bytes | None], Awaitable[Received | Answered]]
"""Says what an envelope (its text as it came, where there is one) is: to be kept, or answered."""

_CAME = "came"


@dataclass(slots=True)
class _Came:
    """One thing on its way through Bolt."""

    payload: Json
    store: Store
    raw: bytes | None
    trouble: Exception | None = None


class SlackApp:
    """Takes in everything that Slack tells this app."""

    def __init__(self, client: AsyncWebClient, judge: Judge) -> None:
        """*client* is what Bolt would ask Slack with; it is given nothing to ask."""
        self.bolt = AsyncApp(
            name="postcue",
            logger=logging.getLogger(BOLT_LOG),
            client=client,
            # Signed or not is judged before; nobody is authorized for a listener, there is none.
            signing_secret="judged before",  # noqa: S106
            authorize=_nobody,
            before_authorize=_Keep(judge),
            request_verification_enabled=False,
            ssl_check_enabled=False,
            url_verification_enabled=False,
            ignoring_self_events_enabled=False,
            attaching_function_token_enabled=False,
        )

    async def take(self, payload: Json, store: Store, *, raw: bytes | None = None) -> BoltResponse:
        """Keep what came and return the acknowledgement.

        *payload* is read already, *raw* is an event's envelope around its text as it came. Raises
        what *store* raises: nothing is to be acknowledged then.
        """
        came = _Came(payload, store, raw)
        response = await self.bolt.async_dispatch(_request(came))
        if came.trouble is not None:
            raise came.trouble
        return response


class _Keep(AsyncMiddleware):
    """Judges what came and has it stored; only then it is acknowledged."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge

    async def async_process(self, *, req: AsyncBoltRequest, **_: object) -> BoltResponse:
        came: _Came = req.context[_CAME]
        try:
            verdict = await self._judge(envelope_of(came.payload), came.raw)
            if isinstance(verdict, Answered):
                return BoltResponse(status=HTTPStatus.OK, body=verdict.body)
            await came.store([verdict])
        except Exception as err:  # noqa: BLE001 - handed to whoever brought it
            came.trouble = err
            return BoltResponse(status=HTTPStatus.SERVICE_UNAVAILABLE)
        return BoltResponse(status=HTTPStatus.OK)


def _request(came: _Came) -> AsyncBoltRequest:
    try:
        return _request_with(cast("dict[str, object]", came.payload), came)
    except Exception as err:  # noqa: BLE001 - it may be anything: see below
        # Bolt looks for people and places without asking what is there (slack_bolt 1.30.0).
        log.info("slack.strange_shape", extra={"error": type(err).__name__})
        return _request_with({}, came)


def _request_with(body: dict[str, object], came: _Came) -> AsyncBoltRequest:
    # By its mode Bolt knows a body that is read already and needs no signature.
    return AsyncBoltRequest(body=body, mode="socket_mode", context={_CAME: came})


async def _nobody(**_: object) -> AuthorizeResult:
    """Authorize nobody; the step before this one answers everything."""
    raise PermissionError
