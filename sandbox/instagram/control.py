"""The control side over HTTP: what went public, switches, faults, what Meta calls back.

Our own invention; the product never calls it.  All paths begin with `/__sandbox/instagram`.

======  ==================================  =====================================================
verb    path                                what it takes → what it gives
======  ==================================  =====================================================
GET     /state                              → {accounts, posts (newest first, none deleted),
                                            working (containers in progress), faults, is_down,
                                            settings, violations: calls Instagram does not have}
GET     /published?account=                 → every post ever, oldest first, with is_deleted and
                                            publish_calls
GET     /containers                         → [{id, account, kind, status, error, publish_calls}]
GET     /journal                            → [{at, method, path, route, account, parameters
                                            (names), status, code, subcode, fault, violation}]
GET     /settings                           → the lasting switches (`settings.Settings`)
POST    /settings                           any of them by name → all; 400 names what does not fit
GET     /faults                             → [fault]
POST    /faults                             {action, route?, account?, times? (null: until
                                            cleared), skip?, status?, code?, subcode?,
                                            message?, seconds?, label?} → fault (`faults`)
DELETE  /faults?id=&label=                  → {cleared}; without either: all
POST    /down                               {down: bool} → {down}
POST    /accounts/{username}/kill-tokens    {subcode?: 458 revoked, 460 password, 463 expired}
                                            → {killed}
POST    /accounts/{username}/deauthorize    {url?} → {status, body} of the product's callback; the
                                            tokens are dead from now on
POST    /accounts/{username}/deletion       {url?} → {status, body} of the product's callback
POST    /posts/{media}/like                 → post; again takes it back
POST    /posts/{media}/delete               → post
======  ==================================  =====================================================
"""

import json
from datetime import timedelta

from aiohttp import ClientError, web

from sandbox.instagram.box import InstagramSandbox
from sandbox.instagram.faults import Fault
from sandbox.instagram.mounting import PREFIX
from sandbox.instagram.reading import permalink
from sandbox.instagram.world import Container, Published, StoredMedia

BASE = "/__sandbox/instagram"
STORY_LIFE = timedelta(hours=24)


class Control:
    """The control routes of one box."""

    def __init__(self, box: InstagramSandbox) -> None:
        self._box = box

    def register(self, app: web.Application) -> None:
        """Add the control routes."""
        at, router = BASE, app.router
        router.add_get(f"{at}/state", self._state)
        router.add_get(f"{at}/published", self._published)
        router.add_get(f"{at}/containers", self._containers)
        router.add_get(f"{at}/journal", self._journal)
        router.add_get(f"{at}/settings", self._settings)
        router.add_post(f"{at}/settings", self._change_settings)
        router.add_get(f"{at}/faults", self._faults)
        router.add_post(f"{at}/faults", self._add_fault)
        router.add_delete(f"{at}/faults", self._clear_faults)
        router.add_post(f"{at}/down", self._down)
        router.add_post(f"{at}/accounts/{{username}}/kill-tokens", self._kill_tokens)
        router.add_post(
            f"{at}/accounts/{{username}}/{{what:deauthorize|deletion}}", self._callback
        )
        router.add_post(f"{at}/posts/{{media}}/like", self._like)
        router.add_post(f"{at}/posts/{{media}}/delete", self._delete)

    def state(self) -> dict[str, object]:
        """Return all that the page draws."""
        box = self._box
        posts = sorted(box.published, key=lambda post: int(post.id), reverse=True)
        return {
            "accounts": [self._show_account(name) for name in box.world.accounts],
            "posts": [self._show_post(post) for post in posts if not post.is_deleted],
            "working": [
                self._show_container(one) for one in box.containers if one.work == "fetching"
            ],
            "faults": [fault.as_json() for fault in box.faults.waiting()],
            "is_down": box.is_down,
            "settings": box.settings.as_json(),
            "violations": [entry.violation for entry in box.violations],
        }

    async def _state(self, _request: web.Request) -> web.Response:
        return web.json_response(self.state())

    async def _published(self, request: web.Request) -> web.Response:
        username = request.query.get("account")
        return web.json_response(
            [
                self._show_post(post)
                for post in self._box.published
                if username in (None, post.username)
            ]
        )

    async def _containers(self, _request: web.Request) -> web.Response:
        return web.json_response([self._show_container(one) for one in self._box.containers])

    async def _journal(self, _request: web.Request) -> web.Response:
        return web.json_response(self._box.journal.as_json())

    async def _settings(self, _request: web.Request) -> web.Response:
        return web.json_response(self._box.settings.as_json())

    async def _change_settings(self, request: web.Request) -> web.Response:
        try:
            self._box.settings.change(await _body(request))
        except ValueError as err:
            raise _bad(err) from err
        self._box.bell.ring("settings")
        return web.json_response(self._box.settings.as_json())

    async def _faults(self, _request: web.Request) -> web.Response:
        return web.json_response([fault.as_json() for fault in self._box.faults.waiting()])

    async def _add_fault(self, request: web.Request) -> web.Response:
        try:
            fault = Fault.read(await _body(request))
        except (ValueError, TypeError) as err:
            raise _bad(err) from err
        return web.json_response(self._box.put_up(fault).as_json(), status=201)

    async def _clear_faults(self, request: web.Request) -> web.Response:
        number = request.query.get("id")
        gone = self._box.faults.clear(
            fault_id=int(number) if number else None, label=request.query.get("label")
        )
        self._box.bell.ring("faults")
        return web.json_response({"cleared": gone})

    async def _down(self, request: web.Request) -> web.Response:
        if (await _body(request)).get("down"):
            self._box.go_down()
        else:
            self._box.come_back()
        return web.json_response({"down": self._box.is_down})

    async def _kill_tokens(self, request: web.Request) -> web.Response:
        username = self._username(request)
        subcode = (await _body(request)).get("subcode", 458)
        if not isinstance(subcode, int):
            raise _bad(ValueError("subcode is a number: 458, 460 or 463"))
        return web.json_response({"killed": self._box.kill_tokens(username, subcode)})

    async def _callback(self, request: web.Request) -> web.Response:
        """Revoke as Meta does, and call the product back; it needs an address to call."""
        username, what = self._username(request), request.match_info["what"]
        settings = self._box.settings
        default = settings.deauthorize_url if what == "deauthorize" else settings.deletion_url
        address = str((await _body(request)).get("url") or default)
        if not address:
            raise _bad(ValueError(f"name a url, or set {what}_url"))
        if what == "deauthorize":
            self._box.kill_tokens(username)
        try:
            status, body = await self._box.call_back(username, address)
        except (ClientError, TimeoutError) as err:
            return web.json_response({"status": 0, "body": type(err).__name__}, status=502)
        return web.json_response({"status": status, "body": body})

    async def _like(self, request: web.Request) -> web.Response:
        post = self._box.like(self._media_id(request))
        return web.json_response(self._show_post(post))

    async def _delete(self, request: web.Request) -> web.Response:
        post = self._box.delete(self._media_id(request))
        return web.json_response(self._show_post(post))

    def _username(self, request: web.Request) -> str:
        username = request.match_info["username"]
        if username not in self._box.world.accounts:
            raise web.HTTPNotFound
        return username

    def _media_id(self, request: web.Request) -> str:
        media = request.match_info["media"]
        if media not in self._box.world.published:
            raise web.HTTPNotFound
        return media

    def _show_account(self, username: str) -> dict[str, object]:
        account = self._box.world.accounts[username]
        now = self._box.now()
        alive = [
            token
            for token in self._box.world.tokens.values()
            if token.username == username and not token.dead and token.expires_at > now
        ]
        return {
            "username": account.username,
            "name": account.name,
            "account_type": account.account_type,
            "biography": account.biography,
            "followers": account.followers,
            "avatar": f"{PREFIX}/avatar/{account.username}.svg",
            "is_connected": any(token.is_long for token in alive),
            "quota_used": self._box.publishing.quota_used(username),
        }

    def _show_post(self, post: Published) -> dict[str, object]:
        is_over = post.kind == "story" and post.published_at + STORY_LIFE <= self._box.now()
        calls = self._box.world.containers[post.container_id].publish_calls
        return {
            "id": post.id,
            "container_id": post.container_id,
            "account": post.username,
            "kind": post.kind,
            "caption": post.caption,
            "published_at": post.published_at.isoformat(),
            "permalink": permalink(post, PREFIX),
            "media": [self._show_media(one) for one in post.media],
            "cover": self._show_media(post.cover) if post.cover else None,
            "likes": post.likes,
            "is_liked": post.is_liked,
            "is_deleted": post.is_deleted,
            "is_over": is_over,
            "comments": post.comments,
            "publish_calls": calls,
        }

    def _show_media(self, item: StoredMedia) -> dict[str, object]:
        return {
            "url": f"{PREFIX}/media/{item.file}",
            "is_video": item.is_video,
            "width": item.width,
            "height": item.height,
            "seconds": item.seconds,
            "alt_text": item.alt_text,
        }

    def _show_container(self, container: Container) -> dict[str, object]:
        return {
            "id": container.id,
            "account": container.username,
            "kind": container.kind,
            "status": self._box.publishing.status(container),
            "error": container.error,
            "publish_calls": container.publish_calls,
            "created_at": container.created_at.isoformat(),
            "published_id": container.published_id,
        }


async def _body(request: web.Request) -> dict[str, object]:
    """Return the JSON body; nothing sent is an empty one."""
    text = await request.text()
    try:
        body = json.loads(text) if text else {}
    except ValueError as err:
        raise _bad(err) from err
    if not isinstance(body, dict):
        raise _bad(ValueError("an object is wanted"))
    return body


def _bad(err: Exception) -> web.HTTPBadRequest:
    return web.HTTPBadRequest(
        text=json.dumps({"error": str(err)}), content_type="application/json"
    )
