"""The human side: tests and pages speak here as the people, groups and channels around a bot."""

import asyncio
import copy
import random
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from sandbox.chats.watching import PATIENCE_SECONDS, watch
from sandbox.clock import unix
from sandbox.telegram import limits, markup, media
from sandbox.telegram.sending import new_album
from sandbox.telegram.settling import open_topic
from sandbox.telegram.state import Bot, Chat, Json, Message
from sandbox.telegram.view import Button, Seen, Wanted, find_button, fits
from sandbox.telegram.world import PRESENT, Query, World
from sandbox.telegram.writing import formatted

As = Literal["auto", "photo", "video", "document", "animation"]


@dataclass(frozen=True, slots=True)
class Attachment:
    """Something to send.

    *send_as* auto makes pictures photos and films videos, as the app's gallery does. *size*
    declares another size than the bytes have (a 30 MB film need not exist to be refused).
    *measures* overrides what would be read from the bytes.
    """

    data: bytes
    send_as: As = "auto"
    name: str = ""
    mime: str = ""
    size: int | None = None
    measures: media.Measures | None = None


@dataclass(frozen=True, slots=True)
class Pressed:
    """What a press brought: the bot's toast or alert, or what the button itself does."""

    text: str = ""
    is_alert: bool = False
    url: str = ""
    copied: str = ""
    was_answered: bool = True

    def __str__(self) -> str:
        return self.text


@dataclass(slots=True)
class Album:
    """A sent album. Parts held back have not reached the bot; ``release`` lets them."""

    parts: list[Seen]
    held: list[Message] = field(default_factory=list)
    _world: World | None = None

    def release(self) -> None:
        """Let the parts that were held back arrive now."""
        for message in self.held:
            if self._world is not None:
                self._world.tell_bots(self.parts[0].chat, message)
        self.held = []

    def __iter__(self) -> Iterator[Seen]:
        return iter(self.parts)

    def __len__(self) -> int:
        return len(self.parts)

    def __getitem__(self, at: int) -> Seen:
        return self.parts[at]


class Place:
    """A chat to look into: private, group or channel."""

    def __init__(self, world: World, chat: Chat) -> None:
        self.world = world
        self.chat = chat

    @property
    def id(self) -> int:
        """The chat's id as bots know it."""
        return self.chat.id

    def messages(self, wanted: Wanted | None = None, *, with_deleted: bool = False) -> list[Seen]:
        """Give what stands in the chat, oldest first."""
        every = [
            Seen(self.world, self.chat, self.chat.messages[number])
            for number in sorted(self.chat.messages)
        ]
        return [
            seen for seen in every if (with_deleted or not seen.is_deleted) and fits(seen, wanted)
        ]

    def from_bot(self, wanted: Wanted | None = None) -> list[Seen]:
        """Give what bots said in the chat."""
        return [seen for seen in self.messages(wanted) if seen.is_from_bot]

    def transcript(self) -> str:
        """Give the chat as lines of text, for a failed test to show."""
        return "\n".join(repr(seen) for seen in self.messages(with_deleted=True))

    async def sees(
        self,
        wanted: Wanted | None = None,
        *,
        seconds: float = PATIENCE_SECONDS,
        after: Seen | None = None,
    ) -> Seen:
        """Wait until a bot's message is as *wanted*, new or edited, and give the newest such.

        Raises:
            AssertionError: it did not come to be in time; the transcript is in the words.
        """

        def newest() -> Seen | None:
            said = self.from_bot(wanted)
            fresh = [one for one in said if after is None or one.id > after.id]
            return fresh[-1] if fresh else None

        def missing() -> str:
            return f"not seen within {seconds} s: {wanted!r}. The chat:\n{self.transcript()}"

        return await watch(self.world.feed, newest, seconds=seconds, missing=missing)


class Group(Place):
    """A group or supergroup and what its people do to the bot's place in it."""

    def adds_bot(self, by: "Person", bot: Bot | None = None) -> None:
        """Bring the bot in: my_chat_member and a service message."""
        bot = bot or by.bot
        self.world.change_member(self.chat, bot.id, "member", by=by.id)
        message = self.world.post(self.chat, by.id, {"new_chat_members": [bot.user()]})
        self.world.tell_bots(self.chat, message)

    def removes_bot(self, by: "Person", bot: Bot | None = None) -> None:
        """Throw the bot out."""
        bot = bot or by.bot
        message = self.world.post(self.chat, by.id, {"left_chat_member": bot.user()})
        self.world.tell_bots(self.chat, message)
        self.world.change_member(self.chat, bot.id, "kicked", by=by.id)

    def promotes_bot(self, by: "Person", bot: Bot | None = None) -> None:
        """Make the bot an administrator."""
        self.world.change_member(self.chat, (bot or by.bot).id, "administrator", by=by.id)

    def adds(self, person: "Person", *, status: str = "member") -> None:
        """Let a person in, or change their standing."""
        self.world.change_member(self.chat, person.id, status, by=person.id)

    def topic(self, name: str, by: "Person") -> int:
        """Open a topic in a forum; gives its message_thread_id."""
        made = open_topic(self.world, self.chat, by.id, name)
        number = int(made["message_thread_id"])
        self.world.tell_bots(self.chat, self.chat.messages[number])
        return number

    def migrates(self, by: "Person") -> "Group":
        """Turn a basic group into a supergroup with a new id; the old one is closed."""
        new = self.world.add_chat("supergroup", self.chat.title)
        new.members = dict(self.chat.members)
        told = self.world.post(self.chat, by.id, {"migrate_to_chat_id": new.id})
        self.world.tell_bots(self.chat, told)
        self.chat.migrated_to = new.id
        arrived = self.world.post(new, by.id, {"migrate_from_chat_id": self.chat.id})
        self.world.tell_bots(new, arrived)
        return Group(self.world, new)


class Channel(Place):
    """A channel; its posts have no author."""

    def adds_bot(self, by: "Person") -> None:
        """Make the bot an administrator of the channel."""
        self.world.change_member(self.chat, by.bot.id, "administrator", by=by.id)

    async def posts(self, what: str | bytes | Attachment, caption: str = "") -> Seen:
        """Publish a text or media in the channel."""
        if isinstance(what, str):
            content = _text(what, is_formatted=False)
        else:
            content = await _content(self.world, _attachment(what)) | _caption(
                caption, is_formatted=False
            )
        message = self.world.post(self.chat, None, content)
        self.world.tell_bots(self.chat, message)
        return Seen(self.world, self.chat, message)


class Person:
    """Someone who chats; without *chat* all happens in the private chat with the bot."""

    def __init__(self, world: World, user_id: int, bot: Bot) -> None:
        self.world = world
        self.id = user_id
        self.bot = bot

    @property
    def private(self) -> Place:
        """The private chat with the bot."""
        return Place(self.world, self.world.private_chat(self.bot, self.id))

    @property
    def name(self) -> str:
        """The first name."""
        return str(self.world.state.users[self.id]["first_name"])

    # saying

    async def starts(self, payload: str = "") -> Seen:
        """Press Start, with the payload of a deep link if there is one."""
        if payload and not limits.DEEP_LINK_PAYLOAD.fullmatch(payload):
            raise ValueError(f"Telegram opens no deep link with the payload {payload!r}")
        return await self.writes(f"/start {payload}".strip())

    async def writes(
        self,
        text: str,
        *,
        chat: Place | None = None,
        reply_to: Seen | None = None,
        topic: int | None = None,
        is_formatted: bool = False,
    ) -> Seen:
        """Send a text; a long one leaves as several, as apps do. Gives the last message sent.

        With *is_formatted* the text is read as HTML.
        """
        place = self._into(chat)
        pieces = [text] if is_formatted else _pieces(text)
        if not pieces:
            raise ValueError("an app sends no empty message")
        for piece in pieces:
            sent = self._say(place, _text(piece, is_formatted=is_formatted), reply_to, topic)
        return sent

    async def replies(self, message: Seen, text: str) -> Seen:
        """Answer a message."""
        return await self.writes(text, chat=Place(self.world, message.chat), reply_to=message)

    async def sends(
        self,
        what: bytes | Attachment,
        caption: str = "",
        *,
        chat: Place | None = None,
        reply_to: Seen | None = None,
        topic: int | None = None,
        is_formatted: bool = False,
    ) -> Seen:
        """Send one photo, film or file."""
        place = self._into(chat)
        words = _caption(caption, is_formatted=is_formatted, most=self._longest_caption)
        content = await _content(self.world, _attachment(what)) | words
        return self._say(place, content, reply_to, topic)

    async def sends_photo(self, data: bytes, caption: str = "", **where: Any) -> Seen:
        """Send a picture as a photo: it arrives recompressed, in several sizes."""
        return await self.sends(Attachment(data, "photo"), caption, **where)

    async def sends_video(
        self, data: bytes, caption: str = "", *, size: int | None = None, **where: Any
    ) -> Seen:
        """Send a film."""
        return await self.sends(
            Attachment(data, "video", name="video.mp4", size=size), caption, **where
        )

    async def sends_document(
        self,
        data: bytes,
        caption: str = "",
        *,
        name: str = "",
        mime: str = "",
        size: int | None = None,
        **where: Any,
    ) -> Seen:
        """Send a file as it is."""
        return await self.sends(Attachment(data, "document", name, mime, size), caption, **where)

    async def sends_animation(self, data: bytes, caption: str = "", **where: Any) -> Seen:
        """Send a GIF or a silent film."""
        return await self.sends(
            Attachment(data, "animation", name="animation.mp4"), caption, **where
        )

    async def sends_album(
        self,
        items: Iterable[bytes | Attachment],
        caption: str = "",
        *,
        captions: Sequence[str] = (),
        jitter_seconds: float = 0.0,
        is_out_of_order: bool = False,
        late_seconds: float = 0.0,
        hold_back: int = 0,
        chat: Place | None = None,
        reply_to: Seen | None = None,
        topic: int | None = None,
    ) -> Album:
        """Send several at once; more than ten leave as several albums.

        The *caption* sits on the first part; *captions* gives each part its own. The bot hears of
        the parts with pauses up to *jitter_seconds*, shuffled when *is_out_of_order*, the last one
        *late_seconds* later. The last *hold_back* parts reach the bot only when
        ``Album.release()`` is called.
        """
        place = self._into(chat)
        attachments = [_attachment(item) for item in items]
        words = list(captions) or [caption]
        contents = [
            await _content(self.world, one)
            | _caption(said, is_formatted=False, most=self._longest_caption)
            for one, said in zip(attachments, words + [""] * len(attachments), strict=False)
        ]
        sent = self._post_albums(place.chat, contents, reply_to, topic)
        order = list(sent)
        held = [order.pop() for _ in range(hold_back)][::-1]
        if is_out_of_order and len(order) > 1:
            order = _shuffled(order)
        await self._let_arrive(place.chat, order, jitter_seconds, late_seconds)
        return Album([Seen(self.world, place.chat, one) for one in sent], held, self.world)

    async def sends_sticker(self, emoji: str = "🐳", **where: Any) -> Seen:
        """Send a sticker."""
        shape = self.world.files.plain(
            b"RIFF\x04\x00\x00\x00WEBP", kind="sticker", mime="image/webp", type="regular",
            width=512, height=512, is_animated=False, is_video=False, emoji=emoji,
        )  # fmt: skip
        return self._say_plain({"sticker": shape}, **where)

    async def sends_voice(self, seconds: int = 3, **where: Any) -> Seen:
        """Send a voice message."""
        shape = self.world.files.plain(
            b"OggS" + bytes(60), kind="voice", mime="audio/ogg", duration=seconds
        )
        return self._say_plain({"voice": shape}, **where)

    async def sends_video_note(self, seconds: int = 3, **where: Any) -> Seen:
        """Send a round film."""
        data = media.an_mp4(384, 384, seconds)
        shape = self.world.files.plain(
            data, kind="video_note", mime="video/mp4", length=384, duration=seconds
        )
        return self._say_plain({"video_note": shape}, **where)

    async def sends_audio(self, seconds: int = 30, **where: Any) -> Seen:
        """Send a piece of music."""
        shape = self.world.files.plain(
            b"ID3" + bytes(60), kind="audio", mime="audio/mpeg", duration=seconds
        )
        return self._say_plain({"audio": shape}, **where)

    async def sends_contact(self, **where: Any) -> Seen:
        """Send a contact."""
        return self._say_plain(
            {"contact": {"phone_number": "+4930123456", "first_name": "Mia"}}, **where
        )

    async def sends_location(self, **where: Any) -> Seen:
        """Send a place on the map."""
        return self._say_plain({"location": {"latitude": 52.52, "longitude": 13.405}}, **where)

    async def sends_poll(self, question: str = "Which one?", **where: Any) -> Seen:
        """Send a poll."""
        options = [
            {"text": text, "voter_count": 0, "persistent_id": str(number)}
            for number, text in enumerate(("A", "B"))
        ]
        poll = {
            "id": str(self.world.state.next("poll")), "question": question, "options": options,
            "total_voter_count": 0, "is_closed": False, "is_anonymous": True, "type": "regular",
            "allows_multiple_answers": False, "allows_revoting": False, "members_only": False,
        }  # fmt: skip
        return self._say_plain({"poll": poll}, **where)

    # changing

    async def edits(self, message: Seen, text: str, *, is_formatted: bool = False) -> Seen:
        """Change the text or caption of an own message."""
        self._must_own(message)
        old = message.message.content
        if "text" in old:
            content = _text(text, is_formatted=is_formatted)
        else:
            kept = {name: value for name, value in old.items() if not name.startswith("caption")}
            content = kept | _caption(text, is_formatted=is_formatted, most=self._longest_caption)
        return self._edit(message, content)

    async def edits_media(self, message: Seen, what: bytes | Attachment) -> Seen:
        """Put another picture or film into an own message; the caption stays."""
        self._must_own(message)
        captions = {
            name: value
            for name, value in message.message.content.items()
            if name.startswith("caption")
        }
        return self._edit(message, await _content(self.world, _attachment(what)) | captions)

    async def deletes(self, message: Seen) -> None:
        """Delete a message for everyone; bots are not told."""
        self.world.delete(message.chat, message.message)

    async def reacts(self, message: Seen, emoji: str) -> None:
        """React to a message ("" takes it back); only bots that ask for it hear."""
        old = message.message.reactions.get(self.id, [])
        new = [emoji] if emoji else []
        self.world.react(message.chat, message.message, self.id, new)
        told = {
            "chat": self.world.chat_shape(message.chat),
            "message_id": message.id,
            "user": self.world.user(self.id),
            "date": unix(self.world.clock),
            "old_reaction": [{"type": "emoji", "emoji": one} for one in old],
            "new_reaction": [{"type": "emoji", "emoji": one} for one in new],
        }
        for bot in self.world.bots_in(message.chat):
            if message.chat.kind == "private" or message.chat.members[bot.id] == "administrator":
                self.world.office.queue(bot, "message_reaction", told)

    # pressing

    async def presses(
        self,
        message: Seen,
        words: str,
        *,
        is_stale: bool = False,
        seconds: float = PATIENCE_SECONDS,
    ) -> Pressed:
        """Press a button and wait for the bot's answer to it.

        The button must be there now; *is_stale* takes it from any earlier version of the message.

        Raises:
            LookupError: no such button.
            AssertionError: the bot did not answer the press in time.
        """
        query, pressed = self._press(message, words, is_stale=is_stale)
        if query is None:
            return pressed
        return await self.answer_to(query, seconds)

    def taps(self, message: Seen, words: str, *, is_stale: bool = False) -> Query | None:
        """Press a button without waiting; ``answer_to`` waits for the answer later."""
        return self._press(message, words, is_stale=is_stale)[0]

    def forges_press(self, message: Seen, payload: str) -> Query:
        """Press what is on no button, as a tampered app could."""
        return self._query(message, payload)

    async def answer_to(self, query: Query, seconds: float = PATIENCE_SECONDS) -> Pressed:
        """Wait for the bot's answer to a press."""
        try:
            async with asyncio.timeout(seconds):
                await query.answered.wait()
        except TimeoutError:
            raise AssertionError(f"the press was not answered within {seconds} s") from None
        if not query.answers:
            raise AssertionError("the stand-in stopped before the press was answered")
        answer = query.answers[-1]
        return Pressed(answer["text"], bool(answer["show_alert"]), answer["url"])

    # seeing

    def messages(self, wanted: Wanted | None = None, *, chat: Place | None = None) -> list[Seen]:
        """Give what stands in the chat, oldest first."""
        return (chat or self.private).messages(wanted)

    async def sees(
        self,
        wanted: Wanted | None = None,
        *,
        chat: Place | None = None,
        seconds: float = PATIENCE_SECONDS,
        after: Seen | None = None,
    ) -> Seen:
        """Wait until a bot's message is as *wanted*, new or edited; gives the newest such."""
        return await (chat or self.private).sees(wanted, seconds=seconds, after=after)

    # standing

    async def blocks(self) -> None:
        """Stop the bot: my_chat_member, and from now on 403."""
        self.world.change_member(self.private.chat, self.bot.id, "kicked", by=self.id)

    async def unblocks(self) -> None:
        """Let the bot write again."""
        self.world.change_member(self.private.chat, self.bot.id, "member", by=self.id)

    async def vanishes(self) -> None:
        """Delete the account: from now on the bot hears "user is deactivated"."""
        self.private.chat.is_gone = True
        self.world.changed()

    # within

    @property
    def _longest_caption(self) -> int:
        premium = self.world.state.users[self.id].get("is_premium")
        return limits.MAX_TEXT_UNITS if premium else limits.MAX_CAPTION_UNITS

    def _into(self, place: Place | None) -> Place:
        """Give the chat to speak in; writing to a bot opens the private chat and unblocks it."""
        if place is not None and place.chat.kind != "private":
            if place.chat.members.get(self.id) not in PRESENT:
                raise LookupError(f"{self.name} is not in {place.chat.title!r}")
            return place
        private = self.private
        standing = private.chat.members.get(self.bot.id)
        if standing is None:
            private.chat.members[self.bot.id] = "member"
        elif standing != "member":
            self.world.change_member(private.chat, self.bot.id, "member", by=self.id)
        return private

    def _say(self, place: Place, content: Json, reply_to: Seen | None, topic: int | None) -> Seen:
        replied = reply_to.id if reply_to is not None else None
        message = self.world.post(place.chat, self.id, content, reply_to=replied, thread=topic)
        self.world.tell_bots(place.chat, message)
        return Seen(self.world, place.chat, message)

    def _say_plain(
        self,
        content: Json,
        *,
        chat: Place | None = None,
        reply_to: Seen | None = None,
        topic: int | None = None,
    ) -> Seen:
        return self._say(self._into(chat), content, reply_to, topic)

    def _post_albums(
        self, chat: Chat, contents: list[Json], reply_to: Seen | None, topic: int | None
    ) -> list[Message]:
        most = limits.ALBUM_ITEMS[-1]
        replied = reply_to.id if reply_to is not None else None
        sent = []
        for start in range(0, len(contents), most):
            part = contents[start : start + most]
            album = new_album(self.world) if len(part) > 1 else None
            sent += [
                self.world.post(
                    chat, self.id, content, reply_to=replied, thread=topic, album=album
                )
                for content in part
            ]
        return sent

    async def _let_arrive(
        self, chat: Chat, order: list[Message], jitter: float, late: float
    ) -> None:
        for message in order:
            if jitter:
                await asyncio.sleep(random.uniform(0, jitter))  # noqa: S311  # no secret hangs on it
            if late and message is order[-1]:
                await asyncio.sleep(late)
            self.world.tell_bots(chat, message)

    def _must_own(self, message: Seen) -> None:
        if message.message.sender_id != self.id:
            raise LookupError(f"{self.name} cannot edit message {message.id}: it is not theirs")

    def _edit(self, message: Seen, content: Json) -> Seen:
        if content == message.message.content:
            return message
        self.world.edit(message.chat, message.message, content, message.message.markup)
        self.world.tell_bots(message.chat, message.message, edited=True)
        return message

    def _press(self, message: Seen, words: str, *, is_stale: bool) -> tuple[Query | None, Pressed]:
        button = self._button(message, words, is_stale=is_stale)
        if button.url or button.web_app:
            return None, Pressed(url=button.url or button.web_app, was_answered=False)
        if button.copy:
            return None, Pressed(copied=button.copy, was_answered=False)
        return self._query(message, button.data), Pressed()

    def _button(self, message: Seen, words: str, *, is_stale: bool) -> Button:
        if message.is_deleted:
            raise LookupError(f"message {message.id} is gone")
        if not is_stale:
            return message.button(words)
        for said in reversed(message.history):
            found = find_button(said.buttons, words)
            if found is not None:
                return found
        raise LookupError(f"no version of message {message.id} had a button {words!r}")

    def _query(self, message: Seen, payload: str) -> Query:
        author = self.world.bot(message.message.sender_id or 0) or self.world.bot_of(message.chat)
        query = Query(
            id=str(secrets.randbelow(9 * 10**17) + 10**17),
            bot_id=author.id,
            user_id=self.id,
            at=unix(self.world.clock),
        )
        self.world.queries[query.id] = query
        told = {
            "id": query.id,
            "from": self.world.user(self.id),
            "message": self.world.wire(message.chat, message.message),
            "chat_instance": str(-abs(message.chat.id) * 31),
            "data": payload,
        }
        self.world.office.queue(author, "callback_query", told)
        self.world.feed.tell(
            "press",
            chat=message.chat.id,
            key=message.chat.key,
            message_id=message.id,
            query=query.id,
        )
        return query


def _attachment(what: bytes | Attachment) -> Attachment:
    return Attachment(what) if isinstance(what, bytes) else what


async def _content(world: World, what: Attachment) -> Json:
    mime = what.mime or media.kind_of(what.data, what.name)
    send_as = what.send_as
    if send_as == "auto":
        send_as = _as_gallery(mime)
    if send_as == "photo":
        sizes = await asyncio.to_thread(media.photo_sizes, what.data)
        if sizes is None and what.send_as == "auto":
            return await _content(world, replace(what, send_as="document"))
        if sizes is None:
            raise ValueError("the app cannot open this as a photo; it can be sent as a document")
        return {"photo": world.files.photo(sizes, largest_size=what.size)}
    if send_as == "video":
        mime = mime if mime.startswith("video/") else "video/mp4"
        shape = world.files.video(
            what.data, mime=mime, name=what.name, size=what.size, measures=what.measures
        )
        return {"video": shape}
    if send_as == "animation":
        shape = world.files.video(
            what.data,
            kind="animation",
            mime=mime,
            name=what.name,
            size=what.size,
            measures=what.measures,
        )
        document = {
            name: value
            for name, value in shape.items()
            if name not in {"width", "height", "duration"}
        }
        return {"animation": shape, "document": document}
    small = (
        await asyncio.to_thread(media.thumbnail, what.data) if mime.startswith("image/") else None
    )
    return {
        "document": world.files.document(
            what.data, name=what.name or "file", mime=mime, size=what.size, small=small
        )
    }


def _as_gallery(mime: str) -> As:
    if mime == "image/gif":
        return "animation"
    if mime.startswith("video/"):
        return "video"
    return "photo" if mime.startswith("image/") else "document"


def _text(text: str, *, is_formatted: bool) -> Json:
    words, entities = formatted(text, "HTML" if is_formatted else "", [])
    return {"text": words, "entities": entities} if entities else {"text": words}


def _caption(caption: str, *, is_formatted: bool, most: int = limits.MAX_CAPTION_UNITS) -> Json:
    words, entities = formatted(caption, "HTML" if is_formatted else "", [])
    if limits.utf16_units(words) > most:
        raise ValueError(f"the app lets nobody write a caption of more than {most} characters")
    if not words:
        return {}
    return {"caption": words, "caption_entities": entities} if entities else {"caption": words}


def _pieces(text: str) -> list[str]:
    """Cut a long text as apps do."""
    left = markup.clean(text).strip()
    pieces = []
    while left:
        cut = min(len(left), limits.MAX_TEXT_UNITS)
        while limits.utf16_units(left[:cut]) > limits.MAX_TEXT_UNITS:
            cut -= 1
        pieces.append(left[:cut])
        left = left[cut:].strip()
    return pieces


def _shuffled(order: list[Message]) -> list[Message]:
    mixed = copy.copy(order)
    while mixed == order:
        random.shuffle(mixed)
    return mixed
