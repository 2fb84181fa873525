"""How things look in Slack's JSON: users, channels, messages, files, views."""

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote
from zoneinfo import ZoneInfo

from sandbox.slack.state import Channel, Install, Json, Message, StoredFile, User, View, Workspace

if TYPE_CHECKING:
    from sandbox.slack.world import World

_AVATAR = "https://secure.gravatar.com/avatar/0.png"
_PRETTY = {
    "image/jpeg": ("jpg", "JPEG"),
    "image/png": ("png", "PNG"),
    "image/gif": ("gif", "GIF"),
    "image/webp": ("webp", "WebP"),
    "image/heic": ("heic", "HEIC"),
    "video/mp4": ("mp4", "MPEG 4 Video"),
    "video/quicktime": ("mov", "QuickTime Movie"),
    "application/pdf": ("pdf", "PDF"),
    "text/plain": ("text", "Plain Text"),
}
SMALL = (64, 360)


def team(workspace: Workspace) -> Json:
    """Give a workspace as team.info does."""
    shown: Json = {
        "id": workspace.id,
        "name": workspace.name,
        "url": f"https://{workspace.domain}.slack.com/",
        "domain": workspace.domain,
        "email_domain": "",
        "icon": {"image_default": True, "image_68": _AVATAR},
    }
    if workspace.enterprise:
        shown |= {"enterprise_id": workspace.enterprise, "enterprise_name": workspace.enterprise}
    return shown


def user(one: User, *, with_locale: bool = False, with_email: bool = False) -> Json:
    """Give a person or bot as users.info does."""
    offset = datetime.now(UTC).astimezone(ZoneInfo(one.tz)).utcoffset()
    profile: Json = {
        "real_name": one.real_name,
        "real_name_normalized": one.real_name,
        "display_name": "" if one.is_bot else one.real_name,
        "display_name_normalized": "" if one.is_bot else one.real_name,
        "first_name": one.real_name.split(" ")[0],
        "image_24": _AVATAR,
        "image_48": _AVATAR,
        "image_72": _AVATAR,
        "avatar_hash": "0",
        "team": one.team,
    }
    if with_email and not one.is_bot:
        profile["email"] = one.email
    if one.is_bot:
        profile |= {"bot_id": one.bot_id, "always_active": True}
    shown: Json = {
        "id": one.id,
        "team_id": one.team,
        "name": one.name,
        "deleted": one.is_deleted,
        "color": "9f69e7",
        "real_name": one.real_name,
        "tz": one.tz,
        "tz_label": one.tz,
        "tz_offset": int(offset.total_seconds()) if offset else 0,
        "profile": profile,
        "is_admin": False,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": False,
        "is_ultra_restricted": False,
        "is_bot": one.is_bot,
        "is_app_user": False,
        "updated": 1_700_000_000,
        "is_email_confirmed": True,
    }
    if with_locale:
        shown["locale"] = one.locale
    return shown


def channel(one: Channel, viewer: str) -> Json:
    """Give a channel as conversations.info does, for *viewer*."""
    shown: Json = {
        "id": one.id,
        "created": one.created,
        "is_archived": one.is_archived,
        "is_channel": one.kind == "public",
        "is_group": one.kind == "private",
        "is_im": one.kind == "im",
        "is_mpim": one.kind == "mpim",
        "is_private": one.kind != "public",
        "is_shared": False,
        "is_org_shared": False,
        "context_team_id": one.team,
        "updated": one.created * 1000,
    }
    if one.kind == "im":
        other = next((member for member in one.members if member != viewer), viewer)
        return {**shown, "user": other, "is_open": True, "priority": 0}
    return {
        **shown,
        "name": one.name,
        "name_normalized": one.name,
        "is_general": False,
        "is_member": viewer in one.members,
        "is_ext_shared": False,
        "creator": one.creator,
        "unlinked": 0,
        "topic": {"value": "", "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
        "num_members": len(one.members),
    }


def message(world: "World", place: Channel, one: Message) -> Json:
    """Give a message as history and events do."""
    shown: Json = {"type": "message", "user": one.user, "ts": one.ts, **one.said}
    if one.subtype:
        shown["subtype"] = one.subtype
    if one.bot_id:
        shown |= {
            "bot_id": one.bot_id,
            "app_id": world.app.id,
            "bot_profile": bot(world, place.team, one.bot_id),
        }
    shown["team"] = place.team
    if one.files:
        shown["files"] = [file(world, world.state.files[number]) for number in one.files]
        shown |= {"upload": False, "display_as_bot": False}
    if one.edited:
        shown["edited"] = one.edited
    if one.thread_ts:
        shown["thread_ts"] = one.thread_ts
        root = place.messages.get(one.thread_ts)
        if root is not None and root is not one:
            shown["parent_user_id"] = root.user
    replies = world.replies(place, one.ts)
    if replies:
        shown |= {
            "thread_ts": one.ts,
            "reply_count": len(replies),
            "reply_users": list(dict.fromkeys(reply.user for reply in replies)),
            "latest_reply": replies[-1].ts,
        }
    if one.reactions:
        shown["reactions"] = [
            {"name": name, "users": users, "count": len(users)}
            for name, users in one.reactions.items()
        ]
    if one.ts in place.pins:
        shown["pinned_to"] = [place.id]
    return shown


def bot(world: "World", team_id: str, bot_id: str) -> Json:
    """Give the bot of a message."""
    return {
        "id": bot_id,
        "app_id": world.app.id,
        "name": world.app.name,
        "icons": {"image_36": _AVATAR, "image_48": _AVATAR, "image_72": _AVATAR},
        "deleted": False,
        "updated": 1_700_000_000,
        "team_id": team_id,
    }


def file(world: "World", one: StoredFile) -> Json:
    """Give a file; until it is ready its type and size are not known."""
    if one.is_bare:
        return {
            "id": one.id,
            "created": one.created,
            "timestamp": one.created,
            "mode": one.mode,
            "user": one.user,
            "file_access": "check_file_info",
        }
    is_ready = world.is_ready(one)
    kind, pretty = _PRETTY.get(one.mimetype, ("binary", "Binary"))
    is_outside = one.mode in {"external", "remote"}
    shown: Json = {
        "id": one.id,
        "created": one.created,
        "timestamp": one.created,
        "name": one.name,
        "title": one.title or one.name,
        "mimetype": one.mimetype if is_ready else "",
        "filetype": kind if is_ready else "",
        "pretty_type": pretty if is_ready else "",
        "user": one.user,
        "user_team": one.team,
        "editable": False,
        "size": one.size if is_ready else 0,
        "mode": one.mode,
        "is_external": is_outside,
        "external_type": {"external": "gdrive", "remote": "app"}.get(one.mode, ""),
        "is_public": False,
        "public_url_shared": False,
        "display_as_bot": False,
        "username": "",
        "media_display_type": "unknown",
        "permalink": f"https://{world.state.workspaces[one.team].domain}.slack.com/files/"
        f"{one.user}/{one.id}/{quote(one.name.lower())}",
        "has_rich_preview": False,
        "file_access": "visible",
    }
    if one.alt_text:
        shown["alt_txt"] = one.alt_text
    if is_outside:
        return {**shown, "url_private": one.external_url, "external_id": one.id}
    base = f"{world.origin}/slack/files-pri/{one.team}-{one.id}"
    name = _in_address(one.name)
    shown |= {
        "url_private": f"{base}/{name}",
        "url_private_download": f"{base}/download/{name}",
    }
    if is_ready and one.width and one.mimetype.startswith("image/"):
        shown |= {"original_w": one.width, "original_h": one.height}
        for side in SMALL:
            shown[f"thumb_{side}"] = f"{world.origin}/slack/files-tmb/{one.team}-{one.id}/{side}"
    return shown


def _in_address(name: str) -> str:
    """Give a file's name as it stands in its address: small, of letters that need no escape."""
    return re.sub(r"[^a-z0-9._-]|\.(?=\.)", "_", name.lower())[-80:]


def kind_name(one: StoredFile) -> str:
    """Give Slack's short name of a file's kind, such as jpg."""
    return _PRETTY.get(one.mimetype, ("binary", ""))[0]


def shares(world: "World", one: StoredFile) -> Json:
    """Give where a file was shared, as files.info does."""
    private = {place: _shared(stamps) for place, stamps in one.shares.items() if place[0] != "C"}
    public = {place: _shared(stamps) for place, stamps in one.shares.items() if place[0] == "C"}
    kinds = {kind: [place for place in one.shares if place[0] == kind] for kind in ("C", "G", "D")}
    return {
        **file(world, one),
        "shares": {
            **({"public": public} if public else {}),
            **({"private": private} if private else {}),
        },
        "channels": kinds["C"],
        "groups": kinds["G"],
        "ims": kinds["D"],
        "comments_count": 0,
    }


def view(world: "World", one: View) -> Json:
    """Give a view with what Slack adds to it."""
    workspace = world.state.workspaces[one.team]
    asked = one.asked
    shown: Json = {
        "id": one.id,
        "team_id": one.team,
        "type": one.kind,
        "blocks": asked.get("blocks", []),
        "private_metadata": asked.get("private_metadata", ""),
        "callback_id": asked.get("callback_id", ""),
        "state": {"values": one.values},
        "hash": one.hash,
        "title": asked.get("title", {"type": "plain_text", "text": "View Title", "emoji": True}),
        "clear_on_close": asked.get("clear_on_close", False),
        "notify_on_close": asked.get("notify_on_close", False),
        "close": asked.get("close"),
        "submit": asked.get("submit"),
        "previous_view_id": one.previous or None,
        "root_view_id": one.root,
        "app_id": world.app.id,
        "external_id": asked.get("external_id", ""),
        "app_installed_team_id": one.team,
        "bot_id": workspace.bot_id,
    }
    return shown


def envelope_of_event(world: "World", install: Install, team_id: str, event: Json) -> Json:
    """Wrap an event as the Events API does."""
    authorization = {
        "enterprise_id": install.enterprise or None,
        "team_id": None if install.is_org else team_id,
        "user_id": install.bot_user,
        "is_bot": True,
        "is_enterprise_install": install.is_org,
    }
    return {
        "token": world.app.verification_token,
        "team_id": team_id,
        "context_team_id": team_id,
        "context_enterprise_id": install.enterprise or None,
        "api_app_id": world.app.id,
        "event": event,
        "type": "event_callback",
        "event_id": world.state.new_id("Ev"),
        "event_time": int(world.clock.now().timestamp()),
        "authorizations": [authorization],
        "is_ext_shared_channel": False,
        "event_context": f"4-{world.app.id}",
    }


def _shared(stamps: list[str]) -> list[Json]:
    return [{"ts": ts, "reply_users": [], "reply_count": 0} for ts in stamps]
