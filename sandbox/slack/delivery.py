"""What Slack sends to the app: events, interactions and commands, by HTTP or over a socket.

Rules kept: by HTTP every request is signed; the app has three seconds; an event that was not taken
(no 2xx in time) comes again up to three times with ``X-Slack-Retry-Num`` and the same event_id,
an interaction or a command does not. Over sockets each envelope goes to one of them in turn and an
event that was not acknowledged comes again; without a socket events wait. On demand events are
held back, so that later ones overtake them, and acknowledgements get lost on the way.
"""

import asyncio
import contextlib
import hashlib
import hmac
import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any, Literal
from urllib.parse import urlencode

import aiohttp

from sandbox.clock import Clock, unix
from sandbox.slack.limits import ACK_SECONDS, RETRY_PAUSES_SECONDS, SIGNATURE_VERSION
from sandbox.slack.sockets import Sockets
from sandbox.slack.state import App, Json

Kind = Literal["events_api", "interactive", "slash_commands"]
LONGEST = 5_000


@dataclass(slots=True)
class Attempt:
    """One try to deliver: how long the app took (real seconds) and what it said.

    *status* is 0 when nothing came in time, and 200 for an acknowledgement over a socket.
    """

    at: datetime
    number: int
    reason: str
    status: int = 0
    seconds: float = 0.0
    answer: Any = None
    failure: str = ""


@dataclass(slots=True)
class Delivery:
    """One thing the app is told, with all tries."""

    kind: Kind
    team: str
    payload: Json
    attempts: list[Attempt] = field(default_factory=list)
    settled: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def name(self) -> str:
        """The event's, interaction's or command's name."""
        if self.kind == "slash_commands":
            return str(self.payload["command"])
        if self.kind == "interactive":
            return str(self.payload["type"])
        return str(self.payload.get("event", self.payload)["type"])

    @property
    def event_id(self) -> str:
        """The event's id, empty for what is none."""
        return str(self.payload.get("event_id", ""))

    @property
    def was_taken(self) -> bool:
        """Whether the app acknowledged it in time."""
        return bool(self.attempts) and not self.attempts[-1].failure

    @property
    def answer(self) -> Any:  # noqa: ANN401  # JSON of any shape
        """What came with the acknowledgement."""
        return self.attempts[-1].answer if self.attempts else None


class Office:
    """Gets things to the app and keeps the record of it."""

    def __init__(self, app: App, clock: Clock, told: Callable[..., None]) -> None:
        self._app = app
        self._clock = clock
        self._told = told
        self.sockets = Sockets(app, told)
        self.sent: deque[Delivery] = deque(maxlen=LONGEST)
        self.ack_seconds = ACK_SECONDS
        self.retry_pauses = RETRY_PAUSES_SECONDS
        self.mute = 0
        """So many of the next acknowledgements by HTTP are lost on the way."""
        self.hold_back: Callable[[Delivery], float] | None = None
        """How many seconds an event waits before its first try; later ones overtake it."""
        self.is_held = False
        self._held: list[Delivery] = []
        self._hurry = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None

    @property
    def pending(self) -> list[Delivery]:
        """What is not settled yet."""
        return [one for one in self.sent if not one.settled.is_set()]

    @property
    def slow(self) -> list[Delivery]:
        """What the app took longer for than it may."""
        return [
            one
            for one in self.sent
            if any(attempt.seconds > self.ack_seconds for attempt in one.attempts)
        ]

    def send(self, delivery: Delivery) -> Delivery:
        """Start to deliver an event; it is tried again by itself."""
        self.sent.append(delivery)
        if self.is_held:
            self._held.append(delivery)
            return delivery
        self._start(delivery)
        return delivery

    def release(self) -> None:
        """Let go what was held back while ``is_held``."""
        self.is_held = False
        held, self._held = self._held, []
        for delivery in held:
            self._start(delivery)

    def repeat(self, delivery: Delivery) -> Delivery:
        """Send the same event once more, as after a lost acknowledgement."""
        again = Delivery(delivery.kind, delivery.team, delivery.payload)
        self.sent.append(again)
        self._start(again, first_number=max(1, len(delivery.attempts)))
        return again

    def hurry(self) -> None:
        """Let everything that waits for its next try come now."""
        self._hurry.set()
        self._hurry = asyncio.Event()

    async def ask(self, delivery: Delivery, url: str) -> Delivery:
        """Deliver an interaction or a command: one try, and its answer."""
        self.sent.append(delivery)
        await self._try(delivery, 0, "", url)
        delivery.settled.set()
        self._told("settled", delivery=delivery.name)
        return delivery

    async def verify_url(self, url: str) -> bool:
        """Do the url_verification handshake; True when the challenge came back."""
        challenge = hashlib.sha256(url.encode()).hexdigest()[:52]
        payload = {
            "token": self._app.verification_token,
            "challenge": challenge,
            "type": "url_verification",
        }
        delivery = Delivery("events_api", "", payload)
        self.sent.append(delivery)
        await self._try(delivery, 0, "", url)
        delivery.settled.set()
        answer = delivery.answer
        said = answer.get("challenge") if isinstance(answer, dict) else answer
        return delivery.was_taken and said == challenge

    async def close(self) -> None:
        """End deliveries and sockets."""
        tasks = list(self._running)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.sockets.close()
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _start(self, delivery: Delivery, first_number: int = 0) -> None:
        task = asyncio.get_running_loop().create_task(self._deliver(delivery, first_number))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _deliver(self, delivery: Delivery, first_number: int) -> None:
        reason = "http_timeout" if first_number else ""
        if self.hold_back is not None and not first_number:
            await self._rest(self.hold_back(delivery))
        for number, pause in enumerate((0.0, *self.retry_pauses), first_number):
            if pause:
                await self._rest(pause)
            await self._try(delivery, number, reason, self._app.events_url)
            last = delivery.attempts[-1]
            if not last.failure or last.failure == "no_retry":
                break
            reason = last.failure
        delivery.settled.set()
        self._told("settled", delivery=delivery.name)

    async def _rest(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._hurry.wait()

    async def _try(self, delivery: Delivery, number: int, reason: str, url: str) -> None:
        attempt = Attempt(self._clock.now(), number, reason)
        delivery.attempts.append(attempt)
        loop = asyncio.get_running_loop()
        if self._app.socket_mode:
            may_wait = delivery.kind == "events_api"
            socket = await self.sockets.next(None if may_wait else self.ack_seconds)
            started = loop.time()
            if socket is None:
                attempt.failure = "no_socket"
            else:
                await self._over_socket(socket.send_envelope, delivery, attempt)
        else:
            started = loop.time()
            await self._by_http(delivery, attempt, url)
        attempt.seconds = loop.time() - started

    async def _over_socket(
        self, send: Callable[..., Any], delivery: Delivery, attempt: Attempt
    ) -> None:
        try:
            async with asyncio.timeout(self.ack_seconds):
                answer = await send(
                    delivery.kind, delivery.payload, attempt.number, attempt.reason
                )
        except TimeoutError:
            attempt.failure = "timeout"
        except ConnectionError:
            attempt.failure = "connection_failed"
        else:
            attempt.status, attempt.answer = int(HTTPStatus.OK), answer

    async def _by_http(self, delivery: Delivery, attempt: Attempt, url: str) -> None:
        if not url:
            attempt.failure = "no_url"
            return
        body, kind = _body(delivery)
        headers = {
            "Content-Type": kind,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            **signature(self._app.signing_secret, body, unix(self._clock)),
        }
        if attempt.number:
            headers["X-Slack-Retry-Num"] = str(attempt.number)
            headers["X-Slack-Retry-Reason"] = attempt.reason
        if self._session is None:
            self._session = aiohttp.ClientSession()
        patience = aiohttp.ClientTimeout(total=self.ack_seconds)
        try:
            async with self._session.post(
                url, data=body, headers=headers, timeout=patience, allow_redirects=False
            ) as answer:
                attempt.status = answer.status
                attempt.answer = _read(await answer.read())
                if not answer.ok or answer.status >= HTTPStatus.MULTIPLE_CHOICES:
                    refuses = answer.headers.get("X-Slack-No-Retry") == "1"
                    attempt.failure = "no_retry" if refuses else "http_error"
                elif self.mute > 0:
                    self.mute -= 1
                    attempt.failure = "http_timeout"
        except TimeoutError:
            attempt.failure = "http_timeout"
        except (aiohttp.ClientError, OSError):
            attempt.failure = "connection_failed"


def signature(secret: str, body: bytes, at: int) -> dict[str, str]:
    """Give the two headers by which an app knows that Slack is speaking."""
    signed = f"{SIGNATURE_VERSION}:{at}:".encode() + body
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return {
        "X-Slack-Request-Timestamp": str(at),
        "X-Slack-Signature": f"{SIGNATURE_VERSION}={digest}",
    }


def _body(delivery: Delivery) -> tuple[bytes, str]:
    if delivery.kind == "events_api":
        return json.dumps(delivery.payload).encode(), "application/json"
    form = (
        delivery.payload
        if delivery.kind == "slash_commands"
        else {"payload": json.dumps(delivery.payload)}
    )
    return urlencode(form).encode(), "application/x-www-form-urlencoded"


def _read(body: bytes) -> Any:  # noqa: ANN401  # JSON of any shape, or text
    text = body.decode("utf-8", "replace")
    if not text.strip():
        return None
    try:
        return json.loads(text)
    except ValueError:
        return text
