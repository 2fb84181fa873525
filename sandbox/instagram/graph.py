"""Graph's routes: who asks, what for, and what the answer is.

An unknown call or parameter is an error, and is written down as a violation.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sandbox.instagram.accounts import BASIC_SCOPE, PUBLISH_SCOPE, SCOPES, PretendAccount
from sandbox.instagram.errors import GraphError, invalid, refusal
from sandbox.instagram.oauth import OAuth
from sandbox.instagram.publishing import Publishing
from sandbox.instagram.reading import (
    Json,
    asked_fields,
    show_account,
    show_container,
    show_post,
)
from sandbox.instagram.settings import Settings
from sandbox.instagram.world import Published, Token, World

STORY_LIFE = timedelta(hours=24)
_VERSION = re.compile(r"^v\d+\.\d+$")
_PAGE_LIMIT = 100


class UnknownCall(GraphError):
    """A call Instagram does not have, or a parameter it does not know: a slip of the client."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request to Graph, taken apart."""

    route: str
    subject: str
    given: dict[str, str]
    token: Token
    account: PretendAccount
    base: str


@dataclass(frozen=True, slots=True)
class Route:
    """A call Instagram has: its parameters and the scope it needs."""

    name: str
    parameters: frozenset[str] | None
    scope: str | None = BASIC_SCOPE


_LISTING = frozenset({"fields", "limit", "since", "until", "after", "before"})
_FIXED: dict[tuple[str, str], Route] = {
    ("GET", "access_token"): Route("long_lived", frozenset({"grant_type", "client_secret"}), None),
    ("GET", "refresh_access_token"): Route("refresh", frozenset({"grant_type"}), None),
    ("GET", "me"): Route("me", frozenset({"fields"})),
}
_EDGES: dict[tuple[str, str], Route] = {
    ("POST", "media"): Route("create", None, PUBLISH_SCOPE),
    ("POST", "media_publish"): Route("publish", frozenset({"creation_id"}), PUBLISH_SCOPE),
    ("GET", "media"): Route("list", _LISTING),
    ("GET", "stories"): Route("stories", frozenset({"fields", "limit"})),
    ("GET", "content_publishing_limit"): Route(
        "limit", frozenset({"fields", "since"}), PUBLISH_SCOPE
    ),
    ("POST", "comments"): Route("comment", frozenset({"message"}), SCOPES[2]),
}


def find_route(method: str, path: str) -> tuple[Route, str]:
    """Return the route and the id in its path; raises UnknownCall."""
    parts = [part for part in path.split("/") if part]
    if parts and _VERSION.match(parts[0]):
        parts = parts[1:]
    if len(parts) == 1 and (method, parts[0]) in _FIXED:
        return _FIXED[method, parts[0]], "me"
    if len(parts) == 2 and (method, parts[1]) in _EDGES:  # noqa: PLR2004
        return _EDGES[method, parts[1]], parts[0]
    if len(parts) == 1 and parts[0].isdecimal() and method in {"GET", "DELETE"}:
        if method == "DELETE":
            return Route("delete", frozenset()), parts[0]
        return Route("node", frozenset({"fields"})), parts[0]
    raise UnknownCall(2500, None, f"Unknown path components: /{path}")


class Graph:
    """Answers calls over one `World`."""

    def __init__(
        self,
        world: World,
        settings: Settings,
        oauth: OAuth,
        publishing: Publishing,
        now: Callable[[], datetime],
    ) -> None:
        self._world = world
        self._settings = settings
        self._oauth = oauth
        self._publishing = publishing
        self._now = now
        self._answers: dict[str, Callable[[Call], Awaitable[Json]]] = {
            "long_lived": self._long_lived,
            "refresh": self._refresh,
            "me": self._me,
            "account": self._me,
            "container": self._container,
            "media": self._media,
            "create": self._create,
            "publish": self._publish,
            "list": self._list,
            "stories": self._stories,
            "limit": self._limit,
            "delete": self._delete,
            "comment": self._comment,
        }

    def name_route(self, route: Route, subject: str) -> str:
        """Say what a bare id stands for, which its path does not show."""
        if route.name != "node":
            return route.name
        if subject in self._world.containers:
            return "container"
        return "account" if self._world.account_by_id(subject) else "media"

    def who(self, value: str) -> tuple[Token, PretendAccount]:
        """Return whose token it is; raises 190 with the subcode that says what is wrong."""
        token = self._world.tokens.get(value)
        if token is None:
            raise refusal(190, None, "Invalid OAuth access token - Cannot parse access token")
        if token.dead:
            raise refusal(190, token.dead)
        if self._now() >= token.expires_at:
            raise refusal(190, 463)
        return token, self._world.accounts[token.username]

    async def answer(self, route: Route, call: Call) -> Json:
        """Do the call; raises GraphError for every refusal."""
        if route.parameters is not None:
            for name in call.given:
                if name not in route.parameters:
                    raise UnknownCall(100, None, f"(#100) Unknown parameter: {name}")
        if route.scope is not None and route.scope not in call.token.scopes:
            raise refusal(10)
        if route.name in {"create", "publish", "limit"} and not call.account.may_publish:
            raise refusal(10)
        return await self._answers[call.route](call)

    async def _long_lived(self, call: Call) -> Json:
        return self._oauth.lengthen(call.given, call.token)

    async def _refresh(self, call: Call) -> Json:
        return self._oauth.refresh(call.given, call.token)

    async def _me(self, call: Call) -> Json:
        self._must_be_own(call)
        posts = self._posts(call.account)
        fields = asked_fields(call.given.get("fields", "id,user_id"))
        return show_account(call.account, posts, call.base, fields)

    async def _create(self, call: Call) -> Json:
        self._must_be_own(call)
        container = await self._publishing.create(call.account, call.given)
        return {"id": container.id}

    async def _container(self, call: Call) -> Json:
        container = self._world.containers[call.subject]
        if container.username != call.account.username:
            raise _missing(call.subject)
        fields = asked_fields(call.given.get("fields", "id"))
        polls = bool({"status_code", "status"} & set(fields))
        status = self._publishing.status(container, counts_as_poll=polls)
        return show_container(container, status, fields)

    async def _publish(self, call: Call) -> Json:
        self._must_be_own(call)
        creation_id = call.given.get("creation_id", "")
        if not creation_id:
            raise invalid("The parameter creation_id is required.")
        return {"id": self._publishing.publish(call.account, creation_id).id}

    async def _media(self, call: Call) -> Json:
        post = self._own_post(call)
        return show_post(post, call.base, asked_fields(call.given.get("fields", "id")))

    async def _list(self, call: Call) -> Json:
        self._must_be_own(call)
        posts = [post for post in self._posts(call.account) if post.kind != "story"]
        since, until = (self._moment(call, name) for name in ("since", "until"))
        posts = [
            post
            for post in posts
            if (since is None or post.published_at >= since)
            and (until is None or post.published_at <= until)
        ]
        return self._page(call, posts)

    async def _stories(self, call: Call) -> Json:
        self._must_be_own(call)
        oldest = self._now() - STORY_LIFE
        posts = self._posts(call.account)
        return self._page(
            call, [one for one in posts if one.kind == "story" and one.published_at > oldest]
        )

    async def _limit(self, call: Call) -> Json:
        self._must_be_own(call)
        settings = self._settings
        known: Json = {
            "quota_usage": self._publishing.quota_used(
                call.account.username, self._moment(call, "since")
            ),
            "config": {
                "quota_total": settings.quota_total,
                "quota_duration": settings.quota_seconds,
            },
        }
        fields = asked_fields(call.given.get("fields", "quota_usage"))
        for name in fields:
            if name not in known:
                raise invalid(f"Tried accessing nonexisting field ({name})")
        return {"data": [{name: known[name] for name in fields}]}

    async def _delete(self, call: Call) -> Json:
        post = self._own_post(call)
        post.is_deleted = True
        self._world.touch()
        return {"success": True}

    async def _comment(self, call: Call) -> Json:
        post = self._own_post(call)
        if not call.given.get("message"):
            raise invalid("The parameter message is required.")
        post.comments.append(call.given["message"])
        self._world.touch()
        return {"id": self._world.new_id()}

    def _must_be_own(self, call: Call) -> None:
        own = {"me", call.account.account_id, call.account.scoped_id}
        if call.subject not in own:
            raise _missing(call.subject)

    def _own_post(self, call: Call) -> Published:
        post = self._world.published.get(call.subject)
        if post is None or post.is_deleted or post.username != call.account.username:
            raise _missing(call.subject)
        return post

    def _posts(self, account: PretendAccount) -> list[Published]:
        """Return the account's posts, newest first."""
        own = [
            post
            for post in self._world.published.values()
            if post.username == account.username and not post.is_deleted
        ]
        return sorted(own, key=lambda post: (post.published_at, int(post.id)), reverse=True)

    def _page(self, call: Call, posts: list[Published]) -> Json:
        limit = call.given.get("limit", "25")
        if not limit.isdecimal() or not 1 <= int(limit) <= _PAGE_LIMIT:
            raise invalid(f"Param limit must be 1 to {_PAGE_LIMIT}.")
        ids = [post.id for post in posts]
        after = call.given.get("after")
        start = ids.index(after) + 1 if after in ids else 0
        shown = posts[start : start + int(limit)]
        fields = asked_fields(call.given.get("fields", "id"))
        answer: Json = {"data": [show_post(post, call.base, fields) for post in shown]}
        if shown:
            answer["paging"] = {"cursors": {"before": shown[0].id, "after": shown[-1].id}}
        return answer

    def _moment(self, call: Call, name: str) -> datetime | None:
        text = call.given.get(name)
        if text is None:
            return None
        try:
            if text.isdecimal():
                return datetime.fromtimestamp(int(text), UTC)
            moment = datetime.fromisoformat(text)
        except (ValueError, OverflowError, OSError) as err:
            raise invalid(f"Param {name} must be a time.") from err
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _missing(number: str) -> GraphError:
    return refusal(
        100, 33, f"Unsupported request. Object with ID '{number}' does not exist or is hidden."
    )
