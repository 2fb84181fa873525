"""chat.*, reactions.* and pins.*: what a bot says."""

import json

from sandbox.slack import lint, payloads
from sandbox.slack.calling import Ask, Method
from sandbox.slack.errors import SlackError, faulty
from sandbox.slack.limits import (
    MAX_ATTACHMENTS,
    MAX_MESSAGE_CHARS,
    MAX_METADATA_BYTES,
    MAX_REACTIONS_OF_ONE,
)
from sandbox.slack.state import Channel, Json, Message
from sandbox.slack.world import World, with_ids


async def post_message(ask: Ask) -> Json:
    """Say something in a channel."""
    channel = _writable(ask)
    said = said_in(ask)
    if not said.get("text") and not said.get("blocks") and not said.get("attachments"):
        raise SlackError("no_text")
    ask.world.tempo.count(channel.id)
    thread = ask.params.text("thread_ts")
    if thread and _root(channel, thread) is None:
        # The real service posts it outside the thread; a careful app never gets here.
        ask.world.journal.violations.append(f"chat.postMessage into no thread {thread}")
        thread = ""
    message = ask.world.post(channel, ask.me, said, thread_ts=thread, bot_id=ask.install.bot_id)
    if ask.params.flag("reply_broadcast") and thread:
        message.subtype = "thread_broadcast"
    return {
        "channel": channel.id,
        "ts": message.ts,
        "message": payloads.message(ask.world, channel, message),
    }


async def update(ask: Ask) -> Json:
    """Change an own message."""
    channel = ask.channel()
    message = ask.message(channel)
    if message.bot_id != ask.install.bot_id or message.subtype not in {"", "thread_broadcast"}:
        raise SlackError("cant_update_message")
    if channel.is_archived:
        raise SlackError("is_archived")
    changes = said_in(ask)
    if not changes:
        raise SlackError("no_text")
    ask.world.edit(channel, message, changes, ask.me)
    return {
        "channel": channel.id,
        "ts": message.ts,
        "text": message.text,
        "message": payloads.message(ask.world, channel, message),
    }


async def delete(ask: Ask) -> Json:
    """Remove an own message."""
    channel = ask.channel()
    message = ask.message(channel)
    if message.bot_id != ask.install.bot_id:
        raise SlackError("cant_delete_message")
    ask.world.delete(channel, message)
    return {"channel": channel.id, "ts": message.ts}


async def post_ephemeral(ask: Ask) -> Json:
    """Say something that one person sees."""
    channel = ask.channel(must_be_in=True)
    if channel.is_archived:
        raise SlackError("is_archived")
    user = ask.params.wanted("user")
    if user not in channel.members:
        raise SlackError("user_not_in_channel")
    said = said_in(ask)
    if not said.get("text") and not said.get("blocks"):
        raise SlackError("no_text")
    thread = ask.params.text("thread_ts")
    message = ask.world.post(
        channel, ask.me, said, thread_ts=thread, bot_id=ask.install.bot_id, only_for=user
    )
    return {"message_ts": message.ts}


async def get_permalink(ask: Ask) -> Json:
    """Give the address of a message."""
    channel = ask.channel()
    message = ask.message(channel, "message_ts")
    return {"channel": channel.id, "permalink": permalink(ask.world, channel, message)}


async def blocks_validate(ask: Ask) -> Json:
    """Check blocks, a message or a view without sending them."""
    view = ask.params.structure("view")
    blocks = ask.params.structure("blocks")
    problems = lint.view_problems(view) if view else lint.blocks_problems(blocks, "message")
    if problems:
        raise faulty("invalid_blocks", problems)
    return {}


async def add_reaction(ask: Ask) -> Json:
    """React to a message."""
    channel = ask.channel(must_be_in=True)
    message = _reactable(ask, channel)
    mine = sum(ask.me in users for users in message.reactions.values())
    if mine >= MAX_REACTIONS_OF_ONE:
        raise SlackError("too_many_reactions")
    ask.world.react(channel, message, ask.params.wanted("name").strip(":"), ask.me)
    return {}


async def remove_reaction(ask: Ask) -> Json:
    """Take a reaction back."""
    channel = ask.channel(must_be_in=True)
    message = _reactable(ask, channel)
    ask.world.unreact(channel, message, ask.params.wanted("name").strip(":"), ask.me)
    return {}


async def add_pin(ask: Ask) -> Json:
    """Pin a message."""
    channel = ask.channel(must_be_in=True)
    message = ask.message(channel, "timestamp")
    if message.ts in channel.pins:
        raise SlackError("already_pinned")
    channel.pins.append(message.ts)
    ask.world.changed()
    ask.world.feed.tell("pin", channel=channel.id, ts=message.ts)
    return {}


def permalink(world: World, channel: Channel, message: Message) -> str:
    """Give the address of a message, as Slack forms it."""
    domain = world.workspace(channel.team).domain
    place = f"https://{domain}.slack.com/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.thread_ts and message.thread_ts != message.ts:
        return f"{place}?thread_ts={message.thread_ts}&cid={channel.id}"
    return place


def said_in(ask: Ask, surface: str = "message") -> Json:
    """Read and check text, blocks, attachments and metadata of a message."""
    params = ask.params
    said: Json = {}
    if params.has("text"):
        said["text"] = params.text("text")
        if len(said["text"]) > MAX_MESSAGE_CHARS:
            raise SlackError("msg_too_long")
    if params.has("blocks"):
        blocks = params.structure("blocks")
        problems = lint.blocks_problems(blocks, surface) if blocks else []
        if problems:
            raise faulty("invalid_blocks", problems)
        said["blocks"] = with_ids({"blocks": blocks or []})["blocks"]
        if blocks and not str(said.get("text", "")).strip():
            ask.world.journal.violations.append("blocks without a text that says the same")
    if params.has("attachments"):
        attachments = params.structure("attachments") or []
        if len(attachments) > MAX_ATTACHMENTS:
            raise SlackError("too_many_attachments")
        said["attachments"] = attachments
    if params.has("metadata"):
        metadata = params.structure("metadata")
        if not isinstance(metadata, dict) or not metadata.get("event_type"):
            raise SlackError("invalid_metadata_format")
        if len(json.dumps(metadata)) > MAX_METADATA_BYTES:
            raise SlackError("metadata_too_large")
        said["metadata"] = metadata
    return said


def _writable(ask: Ask) -> Channel:
    """Give the channel a bot may write in; the id of a person means the direct messages."""
    wanted = ask.params.wanted("channel")
    person = ask.world.state.users.get(wanted)
    if person is not None and ask.is_mine(person.team):
        return ask.world.direct(person.team, ask.me, person.id)
    may_write_everywhere = "chat:write.public" in ask.install.scopes
    channel = ask.channel(must_be_in=not may_write_everywhere)
    if channel.is_archived:
        raise SlackError("is_archived")
    return channel


def _root(channel: Channel, ts: str) -> Message | None:
    return channel.messages.get(ts)


def _reactable(ask: Ask, channel: Channel) -> Message:
    ts = ask.params.text("timestamp")
    if not ts:
        raise SlackError("no_item_specified")
    return ask.message(channel, "timestamp")


CHATTING: dict[str, Method] = {
    "chat.postMessage": Method(post_message, ("chat:write",)),
    "chat.update": Method(update, ("chat:write",)),
    "chat.delete": Method(delete, ("chat:write",)),
    "chat.postEphemeral": Method(post_ephemeral, ("chat:write",)),
    "chat.getPermalink": Method(get_permalink),
    "blocks.validate": Method(blocks_validate),
    "reactions.add": Method(add_reaction, ("reactions:write",)),
    "reactions.remove": Method(remove_reaction, ("reactions:write",)),
    "pins.add": Method(add_pin, ("pins:write",)),
}
