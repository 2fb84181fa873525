"""The human side over HTTP, for a page that plays the people of a workspace.

JSON in and out unless said otherwise. All paths begin with ``/__sandbox/slack``. ``person`` (an
id) says who acts. What cannot be done is answered with ``{error: words}``.

POST /people {name, tz?, locale?}
    {id, name, tz}; the same name is the same person.
POST /channels {name, members: [person], is_private?}
    The place; the same name is the same channel. The bot is in it.
POST /channels {is_direct: true, members: [person]}
    Group direct messages with the bot; the same people have one.
GET /state?person=
    {app: {name, bot, commands, shortcuts}, workspace, person, places: [place], is_connected,
    home: view or null, modals: [view], the one on top last}
GET /places/PLACE/messages?person=
    {place, messages: [message]}, oldest first, threads too.
POST /places/PLACE/messages (multipart or JSON) person, text, thread?, file (repeated)
    {sent: message}. A text that begins with a command of the app runs the command instead:
    {answered}.
POST /places/PLACE/messages/TS/edit {person, text} · /delete {person} · /react {person, name}
    {ok}
POST /places/PLACE/messages/TS/press {person, block, action, value?}
    {answered, url}; waits for the app's acknowledgement. 409 when the button is no longer there.
POST /shortcut {person, callback_id, place?, ts?}
    {answered}
POST /home {person}
    {ok}: opens the Home tab, the app is told.
POST /views/VIEW/press {person, block, action, value?}
    {answered, url}
POST /views/VIEW/submit {person, values: {block: {action: value}}} · /close {person}
    {answered, errors}. In a multipart form values is JSON and files are named "block action".
POST /views/VIEW/suggest {person, block, action, typed}
    {options}
GET /files/ID, GET /picture?url=
    The bytes of a file, or of a picture that stands in a message or a view.
GET /faults · POST /faults {kind, method?, times?, …} · DELETE /faults
    As for Telegram; see ``faults.Fault``. POST {flood_control: bool}, {lost_acks: how many of the
    next acknowledgements get lost} and {sockets: cut|refresh_requested|warning} do that instead.
GET /journal?method=&last=
    [{method, verb, parameters, status, error, fault, at}], newest last.
GET /deliveries?last=
    [{kind, name, taken, attempts: [{number, reason, status, seconds, failure}]}]

place: {id, kind: public|private|im|mpim, name, is_bot, is_archived, last}
message: {ts, user: {id, name, is_bot}, mine, html, text, blocks, files: [{id, name, mimetype,
bytes, url, width, height, alt}], thread, reactions: [{name, count, mine}], is_ephemeral,
is_edited}; text objects in blocks carry ``html``, safe for innerHTML.
view: {id, type, title, submit, close, blocks, values, errors}
"""

import json
import re
from typing import Any

import aiohttp
from aiohttp import web

from sandbox.chats.control import (
    Handler,
    call_shown,
    newest_calls,
    plainly,
    read_json,
    roomy,
)
from sandbox.slack import forms
from sandbox.slack.box import SlackSandbox
from sandbox.slack.errors import SlackError
from sandbox.slack.faults import KINDS, Fault
from sandbox.slack.people import Attachment, Modal, Person, Place, Pressed
from sandbox.slack.reading import Control as Element
from sandbox.slack.reading import Picture, pictures_of
from sandbox.slack.state import Channel, Json, StoredFile, View
from sandbox.slack.view import Page, Seen

BASE = "/__sandbox/slack"
SOCKET_TROUBLE = ("cut", "refresh_requested", "warning")
_PICTURE_SECONDS = 10
_LOOKS_LIKE_A_COMMAND = re.compile(r"/[\w-]+")
_FAULT_FIELDS = ("method", "times", "channel", "error", "retry_after", "status")
_SAFE_TO_SHOW = frozenset(
    {"image/jpeg", "image/png", "image/gif", "image/webp", "video/mp4", "video/quicktime"}
)


class Control:
    """Answers the page."""

    def __init__(self, box: SlackSandbox) -> None:
        self._world = box.world
        self._box = box
        self._page = Page(box.world)

    def routes(self) -> list[web.RouteDef]:
        """Give the routes to mount."""
        place = BASE + r"/places/{place:\w+}"
        message = place + r"/messages/{ts:[\d.]+}"
        view = BASE + r"/views/{view:\w+}"

        def get(path: str, handler: Handler) -> web.RouteDef:
            return web.get(path, self._plainly(handler))

        def post(path: str, handler: Handler) -> web.RouteDef:
            return web.post(path, self._plainly(handler))

        return [
            post(BASE + "/people", self.new_person),
            post(BASE + "/channels", self.new_channel),
            get(BASE + "/state", self.state),
            get(place + "/messages", self.messages),
            post(place + "/messages", self.send),
            post(message + "/edit", self.edit),
            post(message + "/delete", self.delete),
            post(message + "/react", self.react),
            post(message + "/press", self.press),
            post(BASE + "/shortcut", self.shortcut),
            post(BASE + "/home", self.home),
            post(view + "/press", self.press_in_view),
            post(view + "/submit", self.submit),
            post(view + "/close", self.close),
            post(view + "/suggest", self.suggest),
            get(BASE + r"/files/{file:\w+}", self.file),
            get(BASE + "/picture", self.picture),
            get(BASE + "/faults", self.faults),
            post(BASE + "/faults", self.new_fault),
            web.delete(BASE + "/faults", self._plainly(self.clear_faults)),
            get(BASE + "/journal", self.journal),
            get(BASE + "/deliveries", self.deliveries),
        ]

    # who and where

    async def new_person(self, request: web.Request) -> web.Response:
        """Let a person join."""
        asked = await _read(request)
        name = str(asked.get("name") or "").strip()
        if not name:
            raise ValueError("a person needs a name")
        person = self._box.person(name)
        if asked.get("tz"):
            person.moves_to(str(asked["tz"]))
        if asked.get("locale"):
            person.user.locale = str(asked["locale"])
        return web.json_response({"id": person.id, "name": name, "tz": person.user.tz})

    async def new_channel(self, request: web.Request) -> web.Response:
        """Open a channel, or join the one of that name."""
        asked = await _read(request)
        people = [self._box.person_by_id(str(one)) for one in asked.get("members") or []]
        if asked.get("is_direct") and people:
            return web.json_response(self._place_shown(self._group(people)))
        name = str(asked.get("name") or "").strip()
        if not people or not name:
            raise ValueError("a channel needs a name and at least one member")
        known = next((one for one in self._box.channels() if one.name == name), None)
        if known is None:
            is_private = bool(asked.get("is_private"))
            known = self._box.channel(name, people, is_private=is_private).channel
        for person in people:
            person.joins(Place(self._world, known))
        return web.json_response(self._place_shown(known))

    async def state(self, request: web.Request) -> web.Response:
        """Give what a page needs to begin."""
        person = self._box.person_by_id(request.query.get("person", ""))
        direct = person.direct.id
        places = [one for one in self._box.channels() if person.id in one.members]
        home = self._world.state.homes.get(person.id)
        app = self._world.app
        return web.json_response(
            {
                "app": {
                    "name": app.name,
                    "bot": self._world.state.users[person.bot].name,
                    "commands": app.commands,
                    "shortcuts": app.shortcuts,
                },
                "workspace": self._world.workspace(person.user.team).name,
                "person": person.id,
                "direct": direct,
                "places": [self._place_shown(one) for one in places],
                "is_connected": not app.socket_mode or bool(self._world.office.sockets.open),
                "home": self._view_shown(home) if home else None,
                "modals": [self._view_shown(one) for one in self._world.modals_of(person.id)],
            }
        )

    # messages

    async def messages(self, request: web.Request) -> web.Response:
        """Give what stands in a place as a client draws it."""
        place = self._place(request)
        viewer = request.query.get("person", "")
        shown = [self._message_shown(one, viewer) for one in place.messages(viewer=viewer)]
        return web.json_response({"place": self._place_shown(place.channel), "messages": shown})

    async def send(self, request: web.Request) -> web.Response:
        """Say something, with files if there are any; or run a command."""
        place, asked = self._place(request), await _read(request)
        person = self._person(asked)
        text, files = str(asked.get("text") or ""), asked.get("files", [])
        commands = {str(one["command"]) for one in self._box.app.commands}
        first = text.partition(" ")[0]
        if not files and _LOOKS_LIKE_A_COMMAND.fullmatch(first) and first not in commands:
            known = ", ".join(sorted(commands))
            raise ValueError(f"{first} is not a valid command here. There is {known}.")
        if not files and first in commands:
            if asked.get("thread"):
                raise ValueError("Slash commands do not work in threads.")
            return _answered(await person.types(text, channel=place))
        thread = self._seen(place, str(asked["thread"])) if asked.get("thread") else None
        sent = await person.writes(text, channel=place, thread=thread, files=files)
        return web.json_response({"sent": self._message_shown(sent, person.id)})

    async def edit(self, request: web.Request) -> web.Response:
        """Edit an own message."""
        seen, asked = self._message(request), await _read(request)
        await self._person(asked).edits(seen, str(asked.get("text") or ""))
        return web.json_response({"ok": True})

    async def delete(self, request: web.Request) -> web.Response:
        """Delete an own message."""
        seen, asked = self._message(request), await _read(request)
        await self._person(asked).deletes(seen)
        return web.json_response({"ok": True})

    async def react(self, request: web.Request) -> web.Response:
        """React to a message."""
        seen, asked = self._message(request), await _read(request)
        await self._person(asked).reacts(seen, str(asked.get("name") or ""))
        return web.json_response({"ok": True})

    async def press(self, request: web.Request) -> web.Response:
        """Press or choose something under a message."""
        seen, asked = self._message(request), await _read(request)
        user = self._person(asked).user
        element = _element(seen.controls, asked)
        delivery = await self._box.hands.press_in_message(
            user, seen.channel, seen.message, element, asked.get("value")
        )
        return _answered(Pressed(delivery, element.url))

    async def shortcut(self, request: web.Request) -> web.Response:
        """Use a shortcut."""
        asked = await _read(request)
        seen = None
        if asked.get("ts"):
            seen = self._seen(self._box.place(str(asked.get("place"))), str(asked["ts"]))
        name = str(asked.get("callback_id"))
        return _answered(await self._person(asked).uses_shortcut(name, seen))

    # views

    async def home(self, request: web.Request) -> web.Response:
        """Open the Home tab."""
        await self._person(await _read(request)).opens_home()
        return web.json_response({"ok": True})

    async def press_in_view(self, request: web.Request) -> web.Response:
        """Press or choose something in a modal or on the Home tab."""
        view, asked = self._view(request), await _read(request)
        user = self._person(asked).user
        self._fill(view, asked)
        element = _element(self._box.hands.controls(view), asked)
        value = asked.get("value")
        if element.kind != "button":
            forms.put_in(self._world, view, element, value)
        delivery = await self._box.hands.press_in_view(user, view, element, value)
        return _answered(Pressed(delivery, element.url))

    async def submit(self, request: web.Request) -> web.Response:
        """Send a form."""
        view, asked = self._view(request), await _read(request)
        person = self._person(asked)
        self._fill(view, asked)
        for name, files in asked.get("named_files", {}).items():
            block, _, action = name.partition(" ")
            await Modal(person, view).attaches(block, action, files)
        delivery = await self._box.hands.submit(person.user, view)
        return web.json_response(
            {"answered": delivery is None or delivery.was_taken, "errors": view.errors}
        )

    async def close(self, request: web.Request) -> web.Response:
        """Close a form."""
        view, asked = self._view(request), await _read(request)
        await Modal(self._person(asked), view).closes()
        return web.json_response({"answered": True, "errors": {}})

    async def suggest(self, request: web.Request) -> web.Response:
        """Ask the app for options."""
        view, asked = self._view(request), await _read(request)
        element = _element(self._box.hands.controls(view), asked)
        options = await self._box.hands.suggest(
            self._person(asked).user, view, element, str(asked.get("typed") or "")
        )
        return web.json_response({"options": options})

    # bytes

    async def file(self, request: web.Request) -> web.Response:
        """Give a file to the page."""
        file = self._world.state.files.get(request.match_info["file"])
        if file is None or file.is_deleted:
            raise LookupError("there is no such file")
        kind = file.mimetype if file.mimetype in _SAFE_TO_SHOW else "application/octet-stream"
        headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}
        return web.Response(body=self._world.files.data(file), content_type=kind, headers=headers)

    async def picture(self, request: web.Request) -> web.Response:
        """Fetch a picture as Slack's own image proxy does, if it stands somewhere."""
        url = request.query.get("url", "")
        if not any(one.url == url for one in self._pictures()):
            raise LookupError("no such picture stands anywhere")
        patience = aiohttp.ClientTimeout(total=_PICTURE_SECONDS)
        try:
            async with (
                aiohttp.ClientSession(timeout=patience) as session,
                session.get(url) as answer,
            ):
                answer.raise_for_status()
                body = await answer.read()
                kind = answer.content_type
        except (aiohttp.ClientError, TimeoutError) as err:
            raise LookupError("the picture could not be fetched") from err
        if kind not in _SAFE_TO_SHOW:
            raise LookupError("that is no picture")
        return web.Response(body=body, content_type=kind)

    # faults and records

    async def faults(self, request: web.Request) -> web.Response:
        """List what goes wrong now."""
        del request
        return web.json_response(
            {
                "faults": self._world.faults.listed(),
                "kinds": KINDS,
                "flood_control": self._box.flood_control,
            }
        )

    async def new_fault(self, request: web.Request) -> web.Response:
        """Switch a fault on."""
        asked = await _read(request)
        if "flood_control" in asked:
            self._box.flood_control = bool(asked["flood_control"])
            return web.json_response({"flood_control": self._box.flood_control})
        if "lost_acks" in asked:
            self._box.loses_acks(int(asked["lost_acks"]))
            return web.json_response({"lost_acks": int(asked["lost_acks"])})
        if "sockets" in asked:
            return await self._trouble_sockets(str(asked["sockets"]))
        kind = asked.get("kind")
        if kind not in KINDS:
            raise ValueError(f"kind is one of {', '.join(KINDS)}")
        details = {name: asked[name] for name in _FAULT_FIELDS if name in asked}
        fault: Fault = self._box.fails(kind, **details)
        return web.json_response({"id": fault.id, "kind": fault.kind, "method": fault.method})

    async def _trouble_sockets(self, how: str) -> web.Response:
        if how not in SOCKET_TROUBLE:
            raise ValueError(f"sockets is one of {', '.join(SOCKET_TROUBLE)}")
        if how == "cut":
            self._box.breaks_sockets()
        else:
            await self._box.disconnects(how)
        return web.json_response({"sockets": how})

    async def clear_faults(self, request: web.Request) -> web.Response:
        """Mend everything."""
        del request
        self._box.heals()
        return web.json_response({"ok": True})

    async def journal(self, request: web.Request) -> web.Response:
        """List the calls."""
        calls = newest_calls(self._world.journal.calls, request, last=100)
        return web.json_response([{**call_shown(call), "verb": call.verb} for call in calls])

    async def deliveries(self, request: web.Request) -> web.Response:
        """List what was sent to the app."""
        last = int(request.query.get("last", 100))
        return web.json_response(
            [
                {
                    "kind": one.kind,
                    "name": one.name,
                    "taken": one.was_taken,
                    "attempts": [
                        {
                            "number": attempt.number,
                            "reason": attempt.reason,
                            "status": attempt.status,
                            "seconds": attempt.seconds,
                            "failure": attempt.failure,
                        }
                        for attempt in one.attempts
                    ],
                }
                for one in list(self._world.office.sent)[-last:]
            ]
        )

    # finding

    def _person(self, asked: Json) -> Person:
        return self._box.person_by_id(str(asked.get("person") or ""))

    def _place(self, request: web.Request) -> Place:
        return self._box.place(request.match_info["place"])

    def _message(self, request: web.Request) -> Seen:
        return self._seen(self._place(request), request.match_info["ts"])

    def _seen(self, place: Place, ts: str) -> Seen:
        message = place.channel.find(ts)
        if message is None:
            raise LookupError("that message is no longer there")
        return Seen(self._world, place.channel, message)

    def _group(self, people: list[Person]) -> Channel:
        bot = self._world.workspace(people[0].user.team).bot_user
        wanted = {bot, *(one.id for one in people)}
        return (
            next(
                (
                    one
                    for one in self._box.channels()
                    if one.kind == "mpim" and set(one.members) == wanted
                ),
                None,
            )
            or self._box.group(people).channel
        )

    def _view(self, request: web.Request) -> View:
        view = self._world.view(request.match_info["view"])
        if view is None:
            raise LookupError("that view is no longer open")
        return view

    def _fill(self, view: View, asked: Json) -> None:
        """Put what the page's form holds into the view."""
        values = asked.get("values") or {}
        values = json.loads(values) if isinstance(values, str) else values
        for element in self._box.hands.controls(view):
            if element.action_id in values.get(element.block_id, {}):
                value = values[element.block_id][element.action_id]
                forms.put_in(self._world, view, element, value)

    def _pictures(self) -> list[Picture]:
        blocks: list[Json] = []
        for channel in self._box.channels():
            for message in (*channel.messages.values(), *channel.ephemeral.values()):
                blocks += message.blocks
        for view in self._world.state.homes.values():
            blocks += view.blocks
        for many in self._world.state.modals.values():
            for view in many:
                blocks += view.blocks
        return pictures_of(blocks)

    # showing

    def _place_shown(self, channel: Channel) -> Json:
        bot = self._world.workspace(channel.team).bot_user
        name = channel.name
        if channel.kind == "im":
            name = self._world.app.name
        if channel.kind == "mpim":
            users = self._world.state.users
            name = ", ".join(users[one].real_name for one in channel.members if one != bot)
        last = max((one for one, said in channel.messages.items() if said.bot_id), default="")
        return {
            "id": channel.id,
            "kind": channel.kind,
            "name": name,
            "is_bot": channel.kind == "im" and bot in channel.members,
            "is_archived": channel.is_archived,
            "last": last,
        }

    def _message_shown(self, seen: Seen, viewer: str) -> Json:
        message = seen.message
        user = self._world.state.users[message.user]
        # The block that clients send beside what a person typed says the same again.
        blocks = [one for one in message.blocks if one.get("block_id") != "typed"]
        return {
            "ts": seen.ts,
            "user": {"id": user.id, "name": user.real_name, "is_bot": user.is_bot},
            "mine": user.id == viewer,
            "subtype": message.subtype,
            "text": seen.fallback,
            "html": self._page.html(message.text),
            "blocks": self._page.blocks(blocks),
            "files": [self._file_shown(self._world.state.files[one]) for one in message.files],
            "thread": "" if message.thread_ts == seen.ts else message.thread_ts,
            "reactions": [
                {"name": name, "count": len(users), "mine": viewer in users}
                for name, users in message.reactions.items()
            ],
            "is_ephemeral": seen.is_ephemeral,
            "is_edited": seen.is_edited,
        }

    def _file_shown(self, file: StoredFile) -> Json:
        return {
            "id": file.id,
            "name": file.name,
            "mimetype": file.mimetype,
            "bytes": file.size,
            "url": f"{BASE}/files/{file.id}",
            "width": file.width,
            "height": file.height,
            "alt": file.alt_text,
        }

    def _view_shown(self, view: View) -> Json:
        def words(name: str) -> str:
            return str((view.asked.get(name) or {}).get("text", ""))

        return {
            "id": view.id,
            "hash": view.hash,
            "type": view.kind,
            "title": words("title"),
            "submit": words("submit"),
            "close": words("close"),
            "blocks": self._page.blocks(view.blocks),
            "values": forms.values_of(view, self._box.hands.controls(view)),
            "errors": view.errors,
        }

    def _plainly(self, handler: Handler) -> Handler:
        """Learn the address, and turn what cannot be done into words the page can show."""

        async def answer(request: web.Request) -> web.Response:
            self._world.learn_origin(f"{request.scheme}://{request.host}")
            try:
                return await handler(request)
            except SlackError as err:
                raise ValueError(err.error) from err

        return plainly(answer)


def _answered(pressed: Pressed) -> web.Response:
    return web.json_response({"answered": pressed.was_taken, "url": pressed.url})


def _element(elements: list[Element], asked: Json) -> Element:
    for one in elements:
        if (one.block_id, one.action_id) == (asked.get("block"), asked.get("action")):
            return one
    raise LookupError("that button is no longer there")


async def _read(request: web.Request) -> dict[str, Any]:
    if request.content_type != "multipart/form-data":
        return await read_json(request)
    form = await roomy(request).post()
    made: dict[str, Any] = {name: one for name, one in form.items() if isinstance(one, str)}
    made["files"] = []
    made["named_files"] = {}
    for name, one in form.items():
        if isinstance(one, web.FileField):
            with one.file as file:
                sent = Attachment(file.read(), one.filename, one.content_type)
            made["files"].append(sent)
            made["named_files"].setdefault(name, []).append(sent)
    return made
