"""The human side over HTTP, for a page that plays the people of the chat.

JSON in and out unless said otherwise. All paths begin with ``/__sandbox/telegram``. CHAT is a
chat's id; for a private chat that is the person's id. ``person`` (an id) says who acts; in a
private chat it may be left out. ID is a message's id. What cannot be done is answered with
``{error: words}``.

GET /bots
    [{id, username, name, commands: [{command, description}], menu}]
GET /people
    [{id, name, username, language, is_premium}]
POST /people {name, language?, username?, is_premium?}
    The person; the same name is the same person.
GET /chats?person=
    [{id, kind, title, bot, is_forum, topics, is_started, is_blocked, bot_standing, members,
    pinned, last: null or {id, text, date}}]
POST /groups {title, members: [person], kind: group|supergroup|channel, is_forum?}
    The chat; its first member is its creator.
POST /chats/CHAT/bot {person, does: adds|removes|promotes|migrates}
    The chat (after ``migrates`` the new one).
GET /chats/CHAT/messages?person=&after=&deleted=1
    {chat, keyboard, messages: [message]}; *after* is a message id, *deleted* shows removed ones
    too.
GET /chats/CHAT/messages/ID
    message + {history: [{at, text, html, buttons}]}
POST /chats/CHAT/start {person?, payload?}
    {sent: [message]}: presses Start, with the payload of a deep link.
POST /chats/CHAT/messages (multipart or JSON) person?, text, file (repeated), as, reply_to?,
    topic?
    {sent: [message]}. *as* is auto, photo, document, video or animation. Several files leave as
    an album, the text is the caption of the first. 400 when an app would not send it.
POST /chats/CHAT/messages/ID/edit {person?, text}
    {sent: [message]}: edits text or caption of an own message.
POST /chats/CHAT/messages/ID/delete {person?}
    {ok}
POST /chats/CHAT/messages/ID/press {person?, row, column} or {person?, words}
    {answered, text, is_alert, url, copied}; waits up to 10 s for the bot (answered is false when
    it did not answer, and for buttons that only open or copy). 409 when the button is no longer
    there.
POST /chats/CHAT/messages/ID/react {person?, emoji}
    {ok}; an empty emoji takes the reaction back.
POST /chats/CHAT/block, POST /chats/CHAT/unblock {person?}
    {ok}
GET /files/FILE_ID
    The bytes, with their type.
GET /faults
    {faults: [fault], kinds: [kind], flood_control}
POST /faults {kind, method?, times?, retry_after?, status?, description?, chat_id?}
    The fault. *times* null: until cleared. *method* ``*`` is all but getUpdates; ``(download)``
    is the file door. ``{flood_control: bool}`` switches the rules of tempo instead.
DELETE /faults, DELETE /faults/NUMBER
    {ok}: mends all, or one.
GET /journal?method=&last=
    [{method, parameters, status, error, fault, at}], newest last.
GET /events
    Server-sent events, one JSON object each, without end.

message: {id, chat, date, edited (unix or null), deleted, mine, from_bot, sender: {id, name,
is_bot}, kind, text, html, entities, attachments: [{kind, file_id, url, thumbnail, name, mime,
bytes, width, height, seconds}], album (id or null: draw the parts of one album together), topic,
reply_to: null or {id, text, kind, thumbnail}, buttons: rows of {text, kind:
press|url|copy|web_app, style: "" or primary|success|danger, url, copy, data}, reactions: [{emoji,
user, from_bot}], pinned, versions}.

html is safe for innerHTML; line breaks stay as they are (``white-space: pre-wrap``). It holds ``b
i u s code pre a blockquote[.expandable]``, ``span.spoiler .mention .hashtag .bot_command
.cashtag`` and ``time.tg-time[data-unix][data-format]``: draw the last in the viewer's own zone
(format ``r`` is relative, else w weekday, d or D short or long date, t or T short or long time).

events: {area: "telegram", kind, ...}: message, edit, delete, reaction, pin {chat, key,
message_id}; action {chat, action} ("typing"); press {chat, message_id, query}; answer {user,
query, text, show_alert, url}; chat {chat}; person {user}; member {chat, user, status}; faults;
commands {bot}; confirmed {bot, pending}; call {method, status, error}.
"""

import asyncio
from dataclasses import asdict
from typing import Any, cast, get_args

from aiohttp import web

from sandbox.chats.control import call_shown, newest_calls, plainly, read_json, roomy
from sandbox.streaming import stream_events
from sandbox.telegram.box import TelegramSandbox
from sandbox.telegram.faults import KINDS, Fault
from sandbox.telegram.people import As, Attachment, Channel, Group, Person, Place
from sandbox.telegram.state import Bot, Chat, Json
from sandbox.telegram.view import Seen

BASE = "/__sandbox/telegram"
PRESS_PATIENCE_SECONDS = 10.0
_FAULT_FIELDS = ("method", "times", "chat_id", "retry_after", "status", "description")
_SAFE_TO_SHOW = frozenset(
    {
        "image/jpeg",
        "image/png",
        "image/gif",
        "image/webp",
        "video/mp4",
        "video/quicktime",
        "audio/ogg",
        "audio/mpeg",
    }
)


class Control:
    """Answers the page."""

    def __init__(self, box: TelegramSandbox) -> None:
        self._world = box.world
        self._box = box

    def routes(self) -> list[web.RouteDef]:
        """Give the routes to mount."""
        chat = BASE + r"/chats/{chat:-?\d+}"
        message = chat + r"/messages/{id:\d+}"
        get, post = web.get, web.post
        return [
            get(BASE + "/bots", self.bots),
            get(BASE + "/people", self.people),
            post(BASE + "/people", plainly(self.new_person)),
            get(BASE + "/chats", plainly(self.chats)),
            post(BASE + "/groups", plainly(self.new_group)),
            post(chat + "/bot", plainly(self.move_bot)),
            get(chat + "/messages", plainly(self.messages)),
            post(chat + "/messages", plainly(self.send)),
            post(chat + "/start", plainly(self.start)),
            post(chat + "/block", plainly(self.block)),
            post(chat + "/unblock", plainly(self.unblock)),
            get(message, plainly(self.message)),
            post(message + "/edit", plainly(self.edit)),
            post(message + "/delete", plainly(self.delete)),
            post(message + "/press", plainly(self.press)),
            post(message + "/react", plainly(self.react)),
            get(BASE + "/files/{file_id}", self.file),
            get(BASE + "/faults", self.faults),
            post(BASE + "/faults", plainly(self.new_fault)),
            web.delete(BASE + "/faults", self.clear_faults),
            web.delete(BASE + r"/faults/{id:\d+}", self.clear_faults),
            get(BASE + "/journal", self.journal),
            get(BASE + "/events", self.events),
        ]

    # who and where

    async def bots(self, request: web.Request) -> web.Response:
        """List the bots."""
        del request
        return web.json_response([self._bot_shown(bot) for bot in self._world.state.bots.values()])

    async def people(self, request: web.Request) -> web.Response:
        """List the people."""
        del request
        return web.json_response([self._person_shown(one.id) for one in self._box.people()])

    async def new_person(self, request: web.Request) -> web.Response:
        """Let a person join."""
        asked = await _read(request)
        name = str(asked.get("name") or "").strip()
        if not name:
            raise ValueError("a person needs a name")
        person = self._box.person(
            name,
            language=str(asked.get("language") or "en"),
            username=str(asked.get("username") or ""),
            is_premium=bool(asked.get("is_premium")),
        )
        self._world.private_chat(person.bot, person.id)
        return web.json_response(self._person_shown(person.id))

    async def chats(self, request: web.Request) -> web.Response:
        """List the chats, of one person when asked so."""
        wanted = request.query.get("person")
        chats = [
            chat
            for chat in self._world.state.chats.values()
            if chat.migrated_to is None and (not wanted or int(wanted) in chat.members)
        ]
        return web.json_response([self._chat_shown(chat) for chat in chats])

    async def new_group(self, request: web.Request) -> web.Response:
        """Open a group or channel."""
        asked = await _read(request)
        people = [self._box.person_by_id(int(one)) for one in asked.get("members") or []]
        title = str(asked.get("title") or "").strip()
        if not people or not title:
            raise ValueError("a group needs a title and at least one member")
        kind = asked.get("kind") or "supergroup"
        place: Place
        if kind == "channel":
            place = self._box.channel(title, people[0])
        else:
            place = self._box.group(
                title,
                people,
                is_supergroup=kind == "supergroup",
                is_forum=bool(asked.get("is_forum")),
            )
        return web.json_response(self._chat_shown(place.chat))

    async def move_bot(self, request: web.Request) -> web.Response:
        """Add, remove or promote the bot in a group, or make the group a supergroup."""
        asked = await _read(request)
        chat = self._chat(request)
        if chat.kind == "private":
            raise ValueError("this is no group")
        person = self._person(chat, asked)
        group = Group(self._world, chat)
        match asked.get("does"):
            case "adds" if chat.kind == "channel":
                Channel(self._world, chat).adds_bot(person)
            case "adds":
                group.adds_bot(person)
            case "removes":
                group.removes_bot(person)
            case "promotes":
                group.promotes_bot(person)
            case "migrates":
                chat = group.migrates(person).chat
            case other:
                raise ValueError(f"unknown move {other!r}")
        return web.json_response(self._chat_shown(chat))

    # messages

    async def messages(self, request: web.Request) -> web.Response:
        """Give the messages of a chat as a client draws them."""
        chat = self._chat(request)
        viewer = self._viewer(chat, request)
        after = int(request.query.get("after", 0))
        seen = Place(self._world, chat).messages(with_deleted="deleted" in request.query)
        shown = [one.as_page(viewer) for one in seen if one.id > after]
        return web.json_response(
            {"chat": self._chat_shown(chat), "keyboard": chat.keyboard, "messages": shown}
        )

    async def message(self, request: web.Request) -> web.Response:
        """Give one message with all it ever said."""
        chat = self._chat(request)
        seen = self._message(chat, request)
        history = [asdict(said) for said in seen.history]
        return web.json_response({**seen.as_page(self._viewer(chat, request)), "history": history})

    async def start(self, request: web.Request) -> web.Response:
        """Press Start."""
        chat, asked = self._chat(request), await _read(request)
        person = self._person(chat, asked)
        return _sent([await person.starts(str(asked.get("payload") or ""))], person)

    async def send(self, request: web.Request) -> web.Response:
        """Send a text, or files with the text as caption."""
        chat, asked = self._chat(request), await _read(request)
        person = self._person(chat, asked)
        where: dict[str, Any] = {"chat": Place(self._world, chat)}
        if asked.get("reply_to"):
            where["reply_to"] = self._seen(chat, int(asked["reply_to"]))
        if asked.get("topic"):
            where["topic"] = int(asked["topic"])
        text, files = str(asked.get("text") or ""), asked.get("files", [])
        if chat.kind == "channel":
            return await self._publish(chat, person, text, files)
        if not files:
            return _sent([await person.writes(text, **where)], person)
        if len(files) == 1:
            return _sent([await person.sends(files[0], text, **where)], person)
        return _sent((await person.sends_album(files, text, **where)).parts, person)

    async def edit(self, request: web.Request) -> web.Response:
        """Edit an own message."""
        chat, asked = self._chat(request), await _read(request)
        person = self._person(chat, asked)
        return _sent(
            [await person.edits(self._message(chat, request), str(asked.get("text") or ""))],
            person,
        )

    async def delete(self, request: web.Request) -> web.Response:
        """Delete a message."""
        chat, asked = self._chat(request), await _read(request)
        await self._person(chat, asked).deletes(self._message(chat, request))
        return web.json_response({"ok": True})

    async def press(self, request: web.Request) -> web.Response:
        """Press a button."""
        chat, asked = self._chat(request), await _read(request)
        seen, person = self._message(chat, request), self._person(chat, asked)
        words = _words_of(seen, asked)
        try:
            pressed = await person.presses(seen, words, seconds=PRESS_PATIENCE_SECONDS)
        except AssertionError:
            return web.json_response(
                {"answered": False, "text": "", "is_alert": False, "url": "", "copied": ""}
            )
        return web.json_response(
            {
                "answered": pressed.was_answered,
                "text": pressed.text,
                "is_alert": pressed.is_alert,
                "url": pressed.url,
                "copied": pressed.copied,
            }
        )

    async def react(self, request: web.Request) -> web.Response:
        """React to a message."""
        chat, asked = self._chat(request), await _read(request)
        await self._person(chat, asked).reacts(
            self._message(chat, request), str(asked.get("emoji") or "")
        )
        return web.json_response({"ok": True})

    async def block(self, request: web.Request) -> web.Response:
        """Block the bot."""
        await self._person(self._chat(request), await _read(request)).blocks()
        return web.json_response({"ok": True})

    async def unblock(self, request: web.Request) -> web.Response:
        """Let the bot write again."""
        await self._person(self._chat(request), await _read(request)).unblocks()
        return web.json_response({"ok": True})

    async def file(self, request: web.Request) -> web.Response:
        """Give the bytes of a file; what a browser might run is only offered to be saved."""
        stored = self._world.files.get(request.match_info["file_id"])
        if stored is None:
            raise web.HTTPNotFound
        headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, max-age=3600"}
        is_safe = stored.mime in _SAFE_TO_SHOW
        if not is_safe:
            headers["Content-Disposition"] = "attachment"
        mime = stored.mime if is_safe else "application/octet-stream"
        data = await asyncio.to_thread(self._world.files.data, stored)
        return web.Response(body=data, content_type=mime, headers=headers)

    # faults and news

    async def faults(self, request: web.Request) -> web.Response:
        """List what goes wrong now."""
        del request
        listed = self._world.faults.listed()
        return web.json_response(
            {"faults": listed, "kinds": list(KINDS), "flood_control": self._box.flood_control}
        )

    async def new_fault(self, request: web.Request) -> web.Response:
        """Let something go wrong."""
        asked = await _read(request)
        if "flood_control" in asked:
            self._box.flood_control = bool(asked["flood_control"])
            self._world.feed.tell("faults")
            return web.json_response({"flood_control": self._box.flood_control})
        kind = asked.get("kind")
        if kind not in KINDS:
            raise ValueError(f"kind is one of {', '.join(KINDS)}")
        details = {name: asked[name] for name in _FAULT_FIELDS if name in asked}
        return web.json_response(asdict(self._box.goes_wrong(Fault(kind, **details))))

    async def clear_faults(self, request: web.Request) -> web.Response:
        """Mend one fault, or all."""
        number = request.match_info.get("id")
        self._world.faults.clear(int(number) if number else None)
        self._world.feed.tell("faults")
        return web.json_response({"ok": True})

    async def journal(self, request: web.Request) -> web.Response:
        """Give the record of calls."""
        calls = newest_calls(self._world.journal.calls, request, last=200)
        return web.json_response([call_shown(call) for call in calls])

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Tell of every change while the page is open."""
        with self._world.feed.subscribe() as news:
            return await stream_events(request, news.next)

    # within

    async def _publish(
        self, chat: Chat, person: Person, text: str, files: list[Attachment]
    ) -> web.Response:
        if chat.members.get(person.id) != "creator":
            raise LookupError("only its owner posts in a channel")
        channel = Channel(self._world, chat)
        if not files:
            return _sent([await channel.posts(text)], person)
        captions = [text, *[""] * (len(files) - 1)]
        return _sent(
            [await channel.posts(one, said) for one, said in zip(files, captions, strict=True)],
            person,
        )

    def _chat(self, request: web.Request) -> Chat:
        number = request.match_info["chat"]
        if number.startswith("-"):
            if number not in self._world.state.chats:
                raise LookupError(f"there is no chat {number}")
            return self._world.state.chats[number]
        person = self._box.person_by_id(int(number))
        return self._world.private_chat(person.bot, person.id)

    def _person(self, chat: Chat, asked: Json) -> Person:
        number = asked.get("person") or (chat.id if chat.kind == "private" else None)
        if number is None:
            raise ValueError("in a group, person says who acts")
        return self._box.person_by_id(int(number))

    def _viewer(self, chat: Chat, request: web.Request) -> int | None:
        asked = request.query.get("person")
        if asked:
            return int(asked)
        return chat.id if chat.kind == "private" else None

    def _message(self, chat: Chat, request: web.Request) -> Seen:
        return self._seen(chat, int(request.match_info["id"]))

    def _seen(self, chat: Chat, number: int) -> Seen:
        if number not in chat.messages:
            raise LookupError(f"there is no message {number}")
        return Seen(self._world, chat, chat.messages[number])

    def _bot_shown(self, bot: Bot) -> Json:
        for scope in ("type=all_private_chats ", "type=default "):
            commands = bot.commands.get(scope, [])
            if commands:
                break
        return {
            "id": bot.id,
            "username": bot.username,
            "name": bot.name,
            "commands": commands,
            "menu": bot.menu_buttons.get("all", {"type": "commands"}),
        }

    def _person_shown(self, user_id: int) -> Json:
        user = self._world.state.users[user_id]
        return {
            "id": user_id,
            "name": user["first_name"],
            "username": user.get("username", ""),
            "language": user.get("language_code", ""),
            "is_premium": bool(user.get("is_premium")),
        }

    def _chat_shown(self, chat: Chat) -> Json:
        bot = self._world.bot_of(chat)
        visible = Place(self._world, chat).messages()
        title = bot.name if chat.kind == "private" else chat.title
        standing = chat.members.get(bot.id)
        return {
            "id": chat.id,
            "kind": chat.kind,
            "title": title,
            "bot": bot.id,
            "is_forum": chat.is_forum,
            "topics": [{"id": number, **topic} for number, topic in chat.topics.items()],
            "is_started": standing is not None,
            "is_blocked": standing == "kicked",
            "bot_standing": standing or "left",
            "members": [number for number in chat.members if self._world.bot(number) is None],
            "pinned": chat.pinned,
            "last": {
                "id": visible[-1].id,
                "text": visible[-1].text[:80],
                "date": visible[-1].message.date,
            }
            if visible
            else None,
        }


async def _read(request: web.Request) -> Json:
    if request.content_type == "multipart/form-data":
        return await _read_form(request)
    return await read_json(request)


async def _read_form(request: web.Request) -> Json:
    form = await roomy(request).post()
    asked: Json = {name: value for name, value in form.items() if isinstance(value, str)}
    send_as = _send_as(str(asked.get("as") or "auto"))
    uploads = [value for value in form.values() if isinstance(value, web.FileField)]
    asked["files"] = [_attached(value, send_as) for value in uploads]
    return asked


def _attached(upload: web.FileField, send_as: As) -> Attachment:
    mime = upload.content_type if send_as == "document" else ""
    with upload.file as file:
        return Attachment(file.read(), send_as, upload.filename, mime)


def _send_as(asked: str) -> As:
    for known in get_args(As):
        if asked == known:
            return cast("As", known)
    raise ValueError(f"as is one of {', '.join(get_args(As))}")


def _words_of(seen: Seen, asked: Json) -> str:
    if "words" in asked:
        return str(asked["words"])
    row, column = int(asked["row"]), int(asked["column"])
    rows = seen.buttons
    if not (0 <= row < len(rows) and 0 <= column < len(rows[row])):
        raise LookupError("that button is no longer there")
    return rows[row][column].text


def _sent(seen: list[Seen], person: Person) -> web.Response:
    return web.json_response({"sent": [one.as_page(person.id) for one in seen]})
