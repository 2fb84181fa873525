"""The one way out to the platforms: named origins, bounded time and size, discreet errors.

    TransportError
    ├── NeverLeft     no byte of the request reached anybody: sending again is safe
    ├── NoAnswer      it was sent and nothing readable came back: it may have worked
    └── Unsendable    our own mistake: an origin that is not named, text that is no text

A complete answer of whatever status is a value (`Answer`), never an exception, also when its body
is a web page or half a JSON object.  Errors and logs name method, host and path only: the texts of
aiohttp's own errors hold whole addresses, and addresses hold tokens.
"""

import ipaddress
import json
import logging
import re
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Final, Literal
from urllib.parse import quote_plus

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from platforms.errors import (
    OutcomeUnknown,
    PlatformError,
    Rejected,
    Trouble,
    TryAgainLater,
)

log = logging.getLogger(__name__)

MAX_ANSWER_BYTES: Final = 1_000_000
_KNOWN_ADDRESSES: Final = 1024
# Python calls the first three global although they wrap or stand for other addresses.
_WRAPPED_NETWORKS: Final = tuple(
    ipaddress.ip_network(text)
    for text in ("64:ff9b::/96", "2002::/16", "::/96", "2001::/32", "64:ff9b:1::/48")
)
_LOOPBACK_NAMES: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_NOT_IN_ADDRESSES: Final = re.compile(r"[^\x21-\x7e]|[\\^`{|}<>\"]")


class TransportError(Exception):
    """A call without a complete answer; its text is safe to show and to log."""


class NeverLeft(TransportError):
    """The connection was never made (name, refusal, TLS, time): nobody got the request."""


class NoAnswer(TransportError):
    """The request may have arrived; no complete answer came back."""


class Unsendable(TransportError):
    """The request is not one we send, now or later."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whole or not.

    `body` is the JSON object of the answer, None where there is none: then `fault` says why
    ("not_json" also covers JSON that is no object).
    """

    status: int
    headers: Mapping[str, str]
    body: Mapping[str, object] | None
    fault: Literal["", "not_json", "truncated", "too_large"] = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """A scheme, host and port that requests may go to."""

    scheme: str
    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether it is this machine, as a sandbox is."""
        return self.host in _LOOPBACK_NAMES

    @classmethod
    def read(cls, address: str) -> "Origin":
        """Return the origin of a configured *address*.

        Raises:
            ValueError: neither https on port 443 nor a loopback address.
        """
        url = _parse(address)
        origin = cls(url.scheme, url.raw_host or "", url.port or 0)
        if not origin.is_loopback and (origin.scheme, origin.port) != ("https", 443):
            raise ValueError(f"not https on port 443: {without_query(address)}")
        return origin


def is_public_address(text: str) -> bool:
    """Say whether an IP address is an ordinary one on the internet.

    Private, loopback, link-local, documentation and multicast addresses are not, nor are IPv6
    forms that carry an IPv4 address inside (mapped ones are judged by what they carry).
    """
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return is_public_address(str(address.ipv4_mapped))
    if not address.is_global or address.is_multicast:
        return False
    return not any(
        address.version == network.version and address in network for network in _WRAPPED_NETWORKS
    )


class AddressGuard:
    """Refuses to open a socket to an address inside, whatever a name resolved to.

    It looks at the address that is about to be connected, so neither a name that changes its mind
    nor an odd spelling of an address gets past.  The loopback origins that the settings name (a
    sandbox) are the only exception, port by port.
    """

    def __init__(self, origins: Iterable[Origin]) -> None:
        self._loopback_ports = frozenset(o.port for o in origins if o.is_loopback)

    def open_socket(self, target: aiohttp.AddrInfoType) -> socket.socket:
        """Make the socket for one resolved address; an OSError refuses it."""
        family, kind, protocol, _, address = target
        if not self.permits(str(address[0]), int(address[1])):
            raise PermissionError("the address is not a public one")
        return socket.socket(family, kind, protocol)

    def permits(self, address: str, port: int) -> bool:
        """Say whether a connection to *address* and *port* may be opened."""
        if is_public_address(address):
            return True
        return port in self._loopback_ports and address in _LOOPBACK_NAMES


def build_session(
    origins: Iterable[str], *, resolver: AbstractResolver | None = None
) -> aiohttp.ClientSession:
    """Return the guarded session for *origins*; the caller closes it.

    It keeps no cookies, takes no proxy and no password from the environment, and opens sockets
    through an `AddressGuard`.
    """
    guard = AddressGuard([Origin.read(origin) for origin in origins])
    # Who calls bounds how many calls there are; a queue in here would be waited in unseen.
    connector = aiohttp.TCPConnector(resolver=resolver, socket_factory=guard.open_socket, limit=0)
    return aiohttp.ClientSession(
        connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False
    )


class OutboundClient:
    """Sends requests to named origins, each within a time and without following redirects."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        allowed_origins: Iterable[str],
        max_answer_bytes: int = MAX_ANSWER_BYTES,
    ) -> None:
        self._session = session
        self._checked = lru_cache(_KNOWN_ADDRESSES)(self._check)
        self._origins = frozenset(Origin.read(origin) for origin in allowed_origins)
        self._max_answer_bytes = max_answer_bytes

    async def get(self, url: str, query: Mapping[str, str], *, within: timedelta) -> Answer:
        """GET *url* with *query*; *within* holds from the first packet to the last byte."""
        return await self._send("GET", url, query=query, form=None, within=within)

    async def post(self, url: str, form: Mapping[str, str], *, within: timedelta) -> Answer:
        """POST *form* to *url*, once."""
        return await self._send("POST", url, query=None, form=form, within=within)

    async def peek(self, url: str, *, within: timedelta) -> int:
        """Ask for the first byte of *url* and return the status.

        The body is not read, and the path is named nowhere: it may be what opens the address.
        """
        target = self._checked(url)
        try:
            async with self._session.get(
                target,
                headers={"Range": "bytes=0-0"},
                allow_redirects=False,
                timeout=_limits(within),
            ) as response:
                return response.status
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as err:
            raise NeverLeft(f"{target.host}: no connection ({type(err).__name__})") from None
        except (aiohttp.ClientError, TimeoutError, OSError) as err:
            raise NoAnswer(f"{target.host}: no answer ({type(err).__name__})") from None

    async def _send(
        self,
        method: str,
        url: str,
        *,
        query: Mapping[str, str] | None,
        form: Mapping[str, str] | None,
        within: timedelta,
    ) -> Answer:
        target = self._checked(url)
        place = f"{method} {target.host}{target.raw_path}"
        body = _encoded(form, place) if form is not None else None
        if query is not None:
            target = URL(f"{target}?{_encoded(query, place).decode()}", encoded=True)
        headers = {"Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            async with self._session.request(
                method,
                target,
                data=body,
                headers=headers,
                allow_redirects=False,
                timeout=_limits(within),
            ) as response:
                answer = await self._read(response)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as err:
            # Every text of these errors may hold the address: it stays out, and so does the chain.
            raise NeverLeft(f"{place}: no connection ({type(err).__name__})") from None
        except aiohttp.InvalidURL:
            raise Unsendable(f"{place}: not an address") from None
        except (aiohttp.ClientError, TimeoutError, OSError) as err:
            raise NoAnswer(f"{place}: no answer ({type(err).__name__})") from None
        log.info(
            "platform.answered",
            extra={"call": place, "status": answer.status, "fault": answer.fault},
        )
        return answer

    async def _read(self, response: aiohttp.ClientResponse) -> Answer:
        headers = {name.lower(): value for name, value in response.headers.items()}
        content = response.content
        whole = bytearray()
        try:
            # A short answer has come with its headers: then one look takes it all.
            while chunk := await content.read(65_536):
                whole += chunk
                if len(whole) > self._max_answer_bytes:
                    response.close()
                    return Answer(response.status, headers, None, "too_large")
                if content.at_eof() and content.exception() is None:
                    break
        except aiohttp.ClientPayloadError:
            return Answer(response.status, headers, None, "truncated")
        body = _json_object(bytes(whole))
        return Answer(response.status, headers, body, "" if body is not None else "not_json")

    def _check(self, url: str) -> URL:
        try:
            target = _parse(url)
        except ValueError:
            raise Unsendable("the address is malformed") from None
        origin = Origin(target.scheme, target.raw_host or "", target.port or 0)
        if origin not in self._origins:
            raise Unsendable(f"not a named origin: {without_query(url)}")
        return target


def to_platform_error(err: TransportError, *, is_publish: bool) -> PlatformError:
    """Say what a call without an answer means to the scheduler."""
    if isinstance(err, Unsendable):
        return Rejected(Trouble.OUR_MISTAKE, code="unsendable", detail=str(err))
    if isinstance(err, NeverLeft):
        return TryAgainLater(Trouble.PLATFORM_DOWN, code="never_left", detail=str(err))
    if is_publish:
        return OutcomeUnknown(Trouble.UNCLEAR, code="no_answer", detail=str(err))
    return TryAgainLater(Trouble.PLATFORM_DOWN, code="no_answer", detail=str(err))


def without_query(url: str) -> str:
    """Return an address fit for logs: no query, no fragment, no name and password."""
    bare = re.split(r"[?#]", url, maxsplit=1)[0]
    return re.sub(r"//[^/]*@", "//", bare)


def _parse(address: str) -> URL:
    """Read an address that leaves no room for two opinions about its host."""
    if _NOT_IN_ADDRESSES.search(address):
        raise ValueError("the address holds characters that addresses do not hold")
    url = URL(address)
    if url.scheme not in {"http", "https"} or not url.raw_host:
        raise ValueError("not a web address")
    if url.raw_user is not None or url.raw_password is not None or url.raw_fragment:
        raise ValueError("an address with a name, a password or a fragment")
    return url


def _encoded(fields: Mapping[str, str], place: str) -> bytes:
    try:
        return "&".join(
            f"{_quoted(name)}={_quoted(text)}" for name, text in fields.items()
        ).encode()
    except UnicodeError:
        raise Unsendable(f"{place}: a field holds what is no text") from None


def _quoted(text: str) -> str:
    # Ids, tokens and the names of fields hold nothing to be quoted: looking is quicker than doing.
    return text if text.isascii() and text.replace("_", "").isalnum() else quote_plus(text)


@lru_cache(32)
def _limits(within: timedelta) -> aiohttp.ClientTimeout:
    # Connecting has a limit of its own and a shorter one, so that running out of time *before*
    # anything was sent is told apart from running out of time afterwards.
    total = within.total_seconds()
    connect = min(10.0, total / 2)
    return aiohttp.ClientTimeout(total=total, connect=connect, sock_connect=connect)


def _json_object(raw: bytes) -> Mapping[str, object] | None:
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
