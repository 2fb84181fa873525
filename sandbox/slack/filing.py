"""files.*: what people shared, and the way a bot brings a file of its own."""

import secrets

from sandbox.slack import payloads
from sandbox.slack.calling import Ask, Method
from sandbox.slack.errors import SlackError
from sandbox.slack.files import NEVER
from sandbox.slack.limits import MAX_UPLOAD_BYTES
from sandbox.slack.state import Json


async def files_info(ask: Ask) -> Json:
    """Tell about a file."""
    file = ask.file()
    was_bare, file.is_bare = file.is_bare, False
    try:
        return {
            "file": payloads.shares(ask.world, file),
            "comments": [],
            "response_metadata": {"next_cursor": ""},
        }
    finally:
        file.is_bare = was_bare


async def files_list(ask: Ask) -> Json:
    """List files, newest first."""
    user, place = ask.params.text("user"), ask.params.text("channel")
    files = [
        payloads.shares(ask.world, one)
        for one in ask.world.state.files.values()
        if one.team == ask.team
        and not one.is_deleted
        and user in {"", one.user}
        and (not place or place in one.shares)
    ]
    files.reverse()
    count = ask.params.number("count", 100)
    page = ask.params.number("page", 1)
    return {
        "files": files[(page - 1) * count : page * count],
        "paging": {
            "count": count,
            "total": len(files),
            "page": page,
            "pages": -(-len(files) // count),
        },
    }


async def files_delete(ask: Ask) -> Json:
    """Remove an own file."""
    file = ask.file()
    if file.user != ask.me:
        raise SlackError("cant_delete_file")
    file.is_deleted = True
    ask.world.changed()
    return {}


async def get_upload_url(ask: Ask) -> Json:
    """Begin an upload: where to send the bytes."""
    name = ask.params.wanted("filename")
    length = ask.params.number("length", 0)
    if length <= 0:
        raise SlackError("invalid_arguments")
    if length > MAX_UPLOAD_BYTES:
        raise SlackError("file_upload_size_restricted")
    file = ask.world.files.add(
        b"",
        team=ask.team,
        user=ask.me,
        name=name,
        size=length,
        alt_text=ask.params.text("alt_txt"),
    )
    file.ready_at = NEVER
    ticket = secrets.token_urlsafe(16)
    ask.world.uploads[ticket] = file
    return {"upload_url": f"{ask.world.origin}/slack/upload/v1/{ticket}", "file_id": file.id}


async def complete_upload(ask: Ask) -> Json:
    """End an upload: name the file and share it."""
    files = ask.params.structure("files")
    if not isinstance(files, list) or not files:
        raise SlackError("invalid_arguments")
    done = []
    for one in files:
        file = ask.world.state.files.get(str(one.get("id")))
        if file is None or file.user != ask.me:
            raise SlackError("file_not_found")
        if file in ask.world.uploads.values():
            raise SlackError("file_not_found")
        file.title = str(one.get("title") or file.name)
        file.ready_at = 0.0
        done.append(file)
    place = ask.params.text("channel_id") or ask.params.text("channels")
    if place:
        channel = ask.world.state.channels.get(place)
        if channel is None or not ask.is_mine(channel.team):
            raise SlackError("channel_not_found")
        if ask.me not in channel.members:
            raise SlackError("not_in_channel")
        ask.world.post(
            channel,
            ask.me,
            {"text": ask.params.text("initial_comment")},
            subtype="file_share",
            thread_ts=ask.params.text("thread_ts"),
            bot_id=ask.install.bot_id,
            files=[one.id for one in done],
        )
    return {"files": [payloads.shares(ask.world, one) for one in done]}


FILING: dict[str, Method] = {
    "files.info": Method(files_info, ("files:read",)),
    "files.list": Method(files_list, ("files:read",)),
    "files.delete": Method(files_delete, ("files:write",)),
    "files.getUploadURLExternal": Method(get_upload_url, ("files:write",)),
    "files.completeUploadExternal": Method(complete_upload, ("files:write",)),
}
