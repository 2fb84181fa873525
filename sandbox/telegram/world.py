"""The stand-in's inside: people, chats, messages and the updates they cause."""

import asyncio
import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.chats.keeping import Keeper
from sandbox.clock import Clock, unix
from sandbox.feed import Feed
from sandbox.telegram.delivery import Office
from sandbox.telegram.errors import ApiError, bad_request, forbidden
from sandbox.telegram.faults import Faults
from sandbox.telegram.files import Files
from sandbox.telegram.journal import Journal
from sandbox.telegram.request import Params
from sandbox.telegram.state import Bot, Chat, Json, Message, State, Version, state_from
from sandbox.telegram.tempo import Tempo

PRESENT = frozenset({"member", "administrator", "creator", "restricted"})
FIRST_PERSON_ID = 5_000_000_001
FIRST_GROUP = 4_000_001
FIRST_SUPERGROUP = 2_000_000_001


@dataclass(slots=True)
class Query:
    """A press that waits to be answered."""

    id: str
    bot_id: int
    user_id: int
    at: int
    answers: list[Json] = field(default_factory=list)
    answered: asyncio.Event = field(default_factory=asyncio.Event)


class World:
    """Everything that exists in the stand-in, with the operations both sides share."""

    def __init__(self, clock: Clock, folder: Path | None = None) -> None:
        self.clock = clock
        self.keeper = Keeper(folder, State, state_from)
        self.state = self.keeper.state
        self.feed = Feed("telegram")
        self.journal = Journal()
        self.faults = Faults()
        self.tempo = Tempo()
        self.files = Files(self.state, self.keeper, clock)
        self.office = Office(self.state, clock, self.changed, self.feed.tell)
        self.queries: dict[str, Query] = {}
        self.local_mode = False
        self.closing = asyncio.Event()

    # keeping

    def changed(self) -> None:
        """Note that something changed; it is on disk a moment later."""
        self.keeper.changed()

    def save(self) -> None:
        """Write everything down now."""
        self.keeper.save()

    # who is there

    def bot(self, bot_id: int) -> Bot | None:
        """Give the bot of that id."""
        return next((one for one in self.state.bots.values() if one.id == bot_id), None)

    def user(self, user_id: int) -> Json:
        """Give a person or bot as a User."""
        bot = self.bot(user_id)
        return bot.user() if bot else dict(self.state.users[user_id])

    def private_key(self, bot: Bot, user_id: int) -> str:
        """Give the key of the private chat of a bot and a person."""
        return f"{bot.id}:{user_id}"

    def private_chat(self, bot: Bot, user_id: int) -> Chat:
        """Give the private chat of a bot and a person; the bot may not write in a new one yet."""
        key = self.private_key(bot, user_id)
        if key not in self.state.chats:
            members = {user_id: "member"}
            self.state.chats[key] = Chat(key=key, id=user_id, kind="private", members=members)
            self.feed.tell("chat", chat=user_id)
            self.changed()
        return self.state.chats[key]

    def add_chat(
        self, kind: str, title: str, *, is_forum: bool = False, username: str = ""
    ) -> Chat:
        """Open a group, supergroup or channel."""
        if kind == "group":
            number = -self.state.next("group", first=FIRST_GROUP)
        else:
            number = -1_000_000_000_000 - self.state.next("supergroup", first=FIRST_SUPERGROUP)
        chat = Chat(
            key=str(number),
            id=number,
            kind=kind,
            title=title,
            is_forum=is_forum,
            username=username,
        )
        self.state.chats[chat.key] = chat
        self.feed.tell("chat", chat=chat.id)
        self.changed()
        return chat

    def bots_in(self, chat: Chat) -> list[Bot]:
        """Give the bots that are in *chat*."""
        bots = self.state.bots.values()
        return [bot for bot in bots if chat.members.get(bot.id) in PRESENT]

    def bot_of(self, chat: Chat) -> Bot:
        """Give the (first) bot of *chat*."""
        if chat.kind == "private":
            bot = self.bot(int(chat.key.split(":")[0]))
            if bot is not None:
                return bot
        return next(iter(self.bots_in(chat)), next(iter(self.state.bots.values())))

    # finding, as a bot asks

    def readable_chat(self, bot: Bot, params: Params, name: str = "chat_id") -> Chat:
        """Give the chat a call names, if the bot may know it."""
        wanted = params.text(name).strip()
        if not wanted:
            raise bad_request(f"{name} is empty")
        if wanted.startswith("@"):
            found = next(
                (one for one in self.state.chats.values() if f"@{one.username}" == wanted), None
            )
        elif wanted.startswith("-"):
            found = self.state.chats.get(wanted)
        else:
            found = self.state.chats.get(f"{bot.id}:{wanted}")
        if found is None or bot.id not in found.members:
            if wanted.isdigit() and int(wanted) in self.state.users:
                raise forbidden("bot can't initiate conversation with a user")
            raise bad_request("chat not found")
        if found.migrated_to is not None:
            raise ApiError(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                migrate_to_chat_id=found.migrated_to,
            )
        return found

    def writable_chat(self, bot: Bot, params: Params, name: str = "chat_id") -> Chat:
        """Give the chat a call names, if the bot may write in it."""
        chat = self.readable_chat(bot, params, name)
        status = chat.members[bot.id]
        if chat.is_gone:
            raise forbidden(
                "user is deactivated" if chat.kind == "private" else "the group chat was deleted"
            )
        if chat.kind == "private":
            if status != "member":
                raise forbidden("bot was blocked by the user")
            return chat
        if status == "kicked":
            raise forbidden(f"bot was kicked from the {chat.kind} chat")
        if status not in PRESENT:
            raise forbidden(f"bot is not a member of the {chat.kind} chat")
        if chat.kind == "channel" and status != "administrator":
            raise bad_request("need administrator rights in the channel chat")
        return chat

    # messages

    def post(
        self,
        chat: Chat,
        sender_id: int | None,
        content: Json,
        *,
        markup: Json | None = None,
        reply_to: int | None = None,
        thread: int | None = None,
        album: str | None = None,
        **extras: Any,
    ) -> Message:
        """Put a message into *chat*; no bot is told yet."""
        if chat.kind in {"supergroup", "channel"}:
            chat.last_message_id += 1
            number = chat.last_message_id
        else:
            number = self.state.next("message")
        message = Message(
            id=number,
            sender_id=sender_id,
            date=unix(self.clock),
            content=content,
            markup=markup,
            reply_to=reply_to,
            thread=thread,
            album=album,
            extras=extras,
        )
        message.versions.append(
            Version(message.date, copy.deepcopy(content), copy.deepcopy(markup))
        )
        chat.messages[number] = message
        self.feed.tell("message", chat=chat.id, key=chat.key, message_id=number)
        self.changed()
        return message

    def edit(self, chat: Chat, message: Message, content: Json, markup: Json | None) -> None:
        """Change a message; only changed content shows as "edited"."""
        now = unix(self.clock)
        if content != message.content:
            message.edit_date = now
        message.content, message.markup = content, markup
        message.versions.append(Version(now, copy.deepcopy(content), copy.deepcopy(markup)))
        self.feed.tell("edit", chat=chat.id, key=chat.key, message_id=message.id)
        self.changed()

    def delete(self, chat: Chat, message: Message) -> None:
        """Take a message away from everyone."""
        message.deleted = True
        self.feed.tell("delete", chat=chat.id, key=chat.key, message_id=message.id)
        self.changed()

    def react(self, chat: Chat, message: Message, user_id: int, emoji: list[str]) -> None:
        """Set the reactions of one user on a message."""
        if emoji:
            message.reactions[user_id] = emoji
        else:
            message.reactions.pop(user_id, None)
        self.feed.tell("reaction", chat=chat.id, key=chat.key, message_id=message.id)
        self.changed()

    def message(self, chat: Chat, message_id: int) -> Message | None:
        """Give a message that is still there."""
        found = chat.messages.get(message_id)
        return None if found is None or found.deleted else found

    # the shapes of the Bot API

    def chat_shape(self, chat: Chat) -> Json:
        """Give *chat* as a Chat."""
        if chat.kind == "private":
            person = self.state.users[chat.id]
            names: Json = {
                name: person[name]
                for name in ("first_name", "last_name", "username")
                if name in person
            }
            return {"id": chat.id, "type": "private", **names}
        shape: Json = {"id": chat.id, "type": chat.kind, "title": chat.title}
        if chat.username:
            shape["username"] = chat.username
        if chat.is_forum:
            shape["is_forum"] = True
        return shape

    def wire(self, chat: Chat, message: Message, *, with_reply: bool = True) -> Json:
        """Give *message* as a Message."""
        shape: Json = {"message_id": message.id}
        if message.sender_id is None:
            shape["sender_chat"] = self.chat_shape(chat)
        else:
            shape["from"] = self.user(message.sender_id)
        shape |= {"chat": self.chat_shape(chat), "date": message.date}
        if message.edit_date is not None:
            shape["edit_date"] = message.edit_date
        if message.thread is not None:
            shape |= {"message_thread_id": message.thread, "is_topic_message": True}
        if message.album is not None:
            shape["media_group_id"] = message.album
        shape |= copy.deepcopy(message.extras)
        replied = chat.messages.get(message.reply_to) if message.reply_to is not None else None
        if replied is not None and not replied.deleted and with_reply:
            shape["reply_to_message"] = self.wire(chat, replied, with_reply=False)
        shape |= copy.deepcopy(message.content)
        if message.markup is not None and "inline_keyboard" in message.markup:
            shape["reply_markup"] = copy.deepcopy(message.markup)
        return shape

    def member_shape(self, chat: Chat, user_id: int, status: str | None = None) -> Json:
        """Give a member of *chat* as a ChatMember."""
        status = status or chat.members.get(user_id, "left")
        shape: Json = {"user": self.user(user_id), "status": status}
        if status == "creator":
            shape["is_anonymous"] = False
        elif status == "kicked":
            shape["until_date"] = 0
        elif status == "administrator":
            shape |= {
                name: name not in {"can_be_edited", "is_anonymous"} for name in _ADMIN_FIELDS
            }
        return shape

    # telling the bots

    def tell_bots(self, chat: Chat, message: Message, *, edited: bool = False) -> None:
        """Send *message* as an update to every bot in the chat that may read it."""
        kind = "channel_post" if chat.kind == "channel" else "message"
        if edited:
            kind = f"edited_{kind}"
        for bot in self.bots_in(chat):
            if bot.id != message.sender_id and self._may_read(bot, chat, message):
                self.office.queue(bot, kind, self.wire(chat, message))

    def change_member(self, chat: Chat, user_id: int, status: str, *, by: int) -> None:
        """Change someone's standing in *chat* and tell the bots about it."""
        old = self.member_shape(chat, user_id)
        chat.members[user_id] = status
        told: Json = {
            "chat": self.chat_shape(chat),
            "from": self.user(by),
            "date": unix(self.clock),
            "old_chat_member": old,
            "new_chat_member": self.member_shape(chat, user_id),
        }
        self.feed.tell("member", chat=chat.id, key=chat.key, user=user_id, status=status)
        self.changed()
        changed_bot = self.bot(user_id)
        if changed_bot is not None:
            self.office.queue(changed_bot, "my_chat_member", told)
            return
        for bot in self.bots_in(chat):
            if chat.members[bot.id] == "administrator":
                self.office.queue(bot, "chat_member", told)

    def _may_read(self, bot: Bot, chat: Chat, message: Message) -> bool:
        """Hold the privacy mode of groups: commands, mentions, replies to it, service messages."""
        if chat.kind in {"private", "channel"} or bot.reads_all_group_messages:
            return True
        if chat.members[bot.id] == "administrator":
            return True
        replied = chat.messages.get(message.reply_to) if message.reply_to is not None else None
        if replied is not None and replied.sender_id == bot.id:
            return True
        if (
            not {"text", "caption", "photo", "video", "document", "animation"}
            & message.content.keys()
        ):
            return (
                not {"sticker", "voice", "video_note", "audio", "location", "contact", "poll"}
                & message.content.keys()
            )
        words = message.words
        return words.startswith("/") or f"@{bot.username}".lower() in words.lower()


_ADMIN_FIELDS = (
    "can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages",
    "can_manage_video_chats", "can_restrict_members", "can_promote_members", "can_change_info",
    "can_invite_users", "can_post_stories", "can_edit_stories", "can_delete_stories",
    "can_post_messages", "can_edit_messages", "can_pin_messages", "can_manage_topics",
    "can_send_welcome_messages",
)  # fmt: skip
