"""What holds for every request: headers, errors without traces, limits, an access log."""

import ipaddress
import logging
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from models.clock import Clock
from web_oauth import words
from web_oauth.metrics import SiteMetrics
from web_oauth.pages import Message, Pages
from web_oauth.trouble import DATABASE_DOWN

log = logging.getLogger(__name__)

_REFERENCE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MAX_ADDRESSES = 10_000
_MACHINES = ("/hooks", "/m/", "/health", "/metrics", "/static")
_KEPT_HEADERS = ("Allow", "Content-Range", "Retry-After")


def security_headers(
    *, is_https: bool, form_targets: Sequence[str]
) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """Return a signal handler that puts our headers on every response, errors included.

    *form_targets* are the origins a form of ours may lead to by redirect (consent pages).
    """
    policy = "; ".join(
        (
            "default-src 'none'",
            "style-src 'self'",
            "img-src 'self'",
            " ".join(("form-action 'self'", *form_targets)),
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )
    always = {
        "Content-Security-Policy": policy,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Server": "postcue",
    }
    if is_https:
        always["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"

    async def put(_request: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(always)

    return put


def access_log(clock: Clock, metrics: SiteMetrics) -> Middleware:
    """Return a middleware that logs and counts by route: paths and queries hold secrets."""

    @web.middleware
    async def logged(request: web.Request, handler: Handler) -> web.StreamResponse:
        began = clock.monotonic()
        response = await handler(request)
        seconds = clock.monotonic() - began
        route = route_of(request)
        metrics.answered(route, response.status, seconds)
        if log.isEnabledFor(logging.INFO):
            log.info(
                "site.request",
                extra={
                    "method": request.method,
                    "route": route,
                    "status": response.status,
                    "milliseconds": round(seconds * 1000, 1),
                },
            )
        return response

    return logged


def friendly_errors(pages: Pages) -> Middleware:
    """Return a middleware that turns errors into pages for people, bare statuses for machines."""

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException as err:
            return _say(pages, request, err.status, _message_for(err.status), err.headers)
        except DATABASE_DOWN as err:
            log.warning(
                "site.database_down",
                extra={"route": route_of(request), "error": type(err).__name__},
            )
            return _say(pages, request, 503, words.BUSY, {"Retry-After": "30"})
        except Exception:
            reference = new_reference()
            log.exception("site.error", extra={"route": route_of(request), "reference": reference})
            return _say(pages, request, 500, words.our_mistake(reference), {})

    return guarded


def rate_limit(clock: Clock, *, per_minute: int, proxy_hops: int, pages: Pages) -> Middleware:
    """Return a middleware that slows one address down on the pages, not at machines' doors."""
    buckets = Buckets(per_minute)

    @web.middleware
    async def limited(request: web.Request, handler: Handler) -> web.StreamResponse:
        if _is_for_machines(request):
            return await handler(request)
        wait = buckets.wait_seconds(address_of(request, proxy_hops), clock.monotonic())
        if wait:
            return _say(pages, request, 429, words.TOO_MANY, {"Retry-After": str(int(wait) + 1)})
        return await handler(request)

    return limited


class Buckets:
    """One bucket of requests per address, refilled steadily; the least recent are forgotten."""

    def __init__(self, per_minute: int) -> None:
        self._size = float(per_minute)
        self._per_second = per_minute / 60
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_seconds(self, address: str, now: float) -> float:
        """Take one request from the bucket; returns 0.0, or how long to wait for the next."""
        left, at = self._left.pop(address, (self._size, now))
        left = min(self._size, left + (now - at) * self._per_second)
        is_free = left >= 1
        self._left[address] = (left - 1 if is_free else left, now)
        if len(self._left) > _MAX_ADDRESSES:
            self._left.popitem(last=False)
        return 0.0 if is_free else (1 - left) / self._per_second


def address_of(request: web.Request, proxy_hops: int) -> str:
    """Return whom a request comes from, as far as our own *proxy_hops* proxies tell.

    Each proxy appends the address it saw; what stands further left was written by the caller.
    """
    seen = ",".join(request.headers.getall("X-Forwarded-For", []))
    chain = [part.strip() for part in seen.split(",") if part.strip()]
    if proxy_hops and len(chain) >= proxy_hops:
        return _network_of(chain[-proxy_hops])
    return _network_of(request.remote or "")


def route_of(request: web.Request) -> str:
    """Return the template of a request's route ("/connect/{token}"), never the path itself."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "none"


def new_reference() -> str:
    """Return a short reference to find an error in the log by ("E-7F3K")."""
    return "E-" + "".join(secrets.choice(_REFERENCE_LETTERS) for _ in range(4))


def _network_of(address: str) -> str:
    """Return an address, for IPv6 its /64: who has one of them has them all."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if found.version == 4:  # noqa: PLR2004
        return str(found)
    return str(ipaddress.ip_network(f"{found}/64", strict=False))


def _message_for(status: int) -> Message:
    return words.NOT_FOUND if status == HTTPStatus.NOT_FOUND else words.not_possible(status)


def _say(
    pages: Pages,
    request: web.Request,
    status: int,
    message: Message,
    headers: Mapping[str, str],
) -> web.Response:
    """Answer with a page, or with one plain line where no person reads it."""
    response = (
        web.Response(status=status, text=f"{message.title}\n")
        if _is_for_machines(request)
        else pages.say(message, status=status)
    )
    response.headers.update({name: headers[name] for name in _KEPT_HEADERS if name in headers})
    return response


def _is_for_machines(request: web.Request) -> bool:
    """Say whether a service calls here: at these doors many come from one address."""
    is_callback = request.method == "POST" and request.path.startswith("/meta/")
    return is_callback or request.path.startswith(_MACHINES)
