"""auth.*, team.*, bots.*, users.* and conversations.*: who and where."""

from sandbox.slack import payloads
from sandbox.slack.calling import Ask, Method
from sandbox.slack.errors import SlackError
from sandbox.slack.state import Channel, Json, Message

_KINDS = {
    "public_channel": "public",
    "private_channel": "private",
    "im": "im",
    "mpim": "mpim",
}
_READ = ("channels:read", "groups:read", "im:read", "mpim:read")
_HISTORY = {
    "public": "channels:history",
    "private": "groups:history",
    "im": "im:history",
    "mpim": "mpim:history",
}
MAX_MPIM_MEMBERS = 9


async def auth_test(ask: Ask) -> Json:
    """Tell who the token is."""
    workspace = ask.workspace
    shown: Json = {
        "url": f"https://{workspace.domain}.slack.com/",
        "team": workspace.name,
        "user": ask.world.app.name.lower(),
        "team_id": workspace.id,
        "user_id": ask.me,
        "bot_id": ask.install.bot_id,
        "is_enterprise_install": ask.install.is_org,
    }
    if ask.install.enterprise:
        shown["enterprise_id"] = ask.install.enterprise
    return shown


async def team_info(ask: Ask) -> Json:
    """Tell about the workspace."""
    return {"team": payloads.team(ask.workspace)}


async def auth_teams(ask: Ask) -> Json:
    """List the workspaces the token is good for."""
    teams = [
        {"id": one.id, "name": one.name}
        for one in ask.world.state.workspaces.values()
        if ask.is_mine(one.id)
    ]
    page, more = ask.page(teams, usual=100)
    return {"teams": page, "response_metadata": more}


async def bots_info(ask: Ask) -> Json:
    """Tell about a bot."""
    wanted = ask.params.text("bot") or ask.install.bot_id
    if wanted != ask.install.bot_id:
        raise SlackError("bot_not_found")
    shown = payloads.bot(ask.world, ask.team, wanted)
    return {"bot": {**shown, "user_id": ask.me}}


async def users_info(ask: Ask) -> Json:
    """Tell about a person; one of an organisation, with what it is and where they are in it."""
    user = ask.user()
    shown = payloads.user(
        user,
        with_locale=ask.params.flag("include_locale"),
        with_email="users:read.email" in ask.install.scopes,
    )
    enterprise = ask.world.workspace(user.team).enterprise
    if enterprise:
        shown["enterprise_user"] = {
            "id": user.id,
            "enterprise_id": enterprise,
            "enterprise_name": enterprise,
            "is_admin": False,
            "is_owner": False,
            "teams": [user.team],
        }
    return {"user": shown}


async def users_list(ask: Ask) -> Json:
    """List everyone."""
    people = [one for one in ask.world.state.users.values() if one.team == ask.team]
    with_locale = ask.params.flag("include_locale")
    page, more = ask.page(
        [payloads.user(one, with_locale=with_locale) for one in people], usual=200
    )
    return {
        "members": page,
        "cache_ts": int(ask.world.seconds()),
        "response_metadata": more,
    }


async def users_lookup(ask: Ask) -> Json:
    """Find someone by e-mail."""
    email = ask.params.wanted("email")
    for one in ask.world.state.users.values():
        if ask.is_mine(one.team) and one.email == email:
            return {"user": payloads.user(one, with_email=True)}
    raise SlackError("users_not_found")


async def usergroups_list(ask: Ask) -> Json:
    """List the groups that can be called together; a token of an organisation names where."""
    if ask.install.is_org and not ask.params.has("team_id"):
        raise SlackError("missing_argument")
    groups = [
        {
            "id": one.id,
            "team_id": one.team,
            "is_usergroup": True,
            "name": one.name,
            "description": "",
            "handle": one.handle,
            "is_external": False,
            "date_delete": 0,
            "user_count": len(one.users),
        }
        for one in ask.world.state.groups.values()
        if one.team == ask.team
    ]
    return {"usergroups": groups}


async def users_conversations(ask: Ask) -> Json:
    """List the channels that someone (the bot itself, unless said) is in."""
    user = ask.params.text("user") or ask.me
    return _listed(ask, [one for one in _visible(ask) if user in one.members])


async def conversations_list(ask: Ask) -> Json:
    """List channels."""
    return _listed(ask, _visible(ask))


async def conversations_info(ask: Ask) -> Json:
    """Tell about a channel."""
    channel = ask.channel()
    shown = payloads.channel(channel, ask.me)
    if not ask.params.flag("include_num_members"):
        shown.pop("num_members", None)
    return {"channel": shown}


async def conversations_members(ask: Ask) -> Json:
    """List who is in a channel."""
    members = [{"id": one} for one in ask.channel().members]
    page, more = ask.page(members, usual=100)
    return {"members": [one["id"] for one in page], "response_metadata": more}


async def conversations_open(ask: Ask) -> Json:
    """Open direct messages with one or several."""
    if ask.params.has("channel"):
        channel = ask.channel()
        return {"channel": _opened(ask, channel), "no_op": True, "already_open": True}
    people = ask.params.listing("users")
    if not people:
        raise SlackError("users_list_not_supplied")
    if len(people) > MAX_MPIM_MEMBERS - 1:
        raise SlackError("too_many_users")
    for one in people:
        user = ask.world.state.users.get(one)
        if user is None or not ask.is_mine(user.team):
            raise SlackError("user_not_found")
        if user.is_deleted:
            raise SlackError("user_disabled")
    team = ask.world.state.users[people[0]].team
    if len(people) == 1:
        channel = ask.world.direct(team, ask.me, people[0])
    else:
        channel = group_direct(ask, team, [ask.me, *people])
    return {"channel": _opened(ask, channel)}


async def conversations_join(ask: Ask) -> Json:
    """Go into a public channel."""
    channel = ask.channel()
    if channel.is_archived:
        raise SlackError("is_archived")
    if channel.kind != "public":
        raise SlackError("method_not_supported_for_channel_type")
    was_in = ask.me in channel.members
    ask.world.join(channel, ask.me)
    shown: Json = {"channel": payloads.channel(channel, ask.me)}
    return {**shown, "warning": "already_in_channel"} if was_in else shown


async def conversations_leave(ask: Ask) -> Json:
    """Go out of a channel."""
    channel = ask.channel()
    if ask.me not in channel.members:
        return {"not_in_channel": True}
    ask.world.leave(channel, ask.me)
    return {}


async def conversations_history(ask: Ask) -> Json:
    """Give what was said in a channel, newest first."""
    channel = _readable(ask)
    messages = [one for one in _in_window(ask, channel) if one.thread_ts in {"", one.ts}]
    messages.reverse()
    page, more = ask.page([_shown(ask, channel, one) for one in messages], usual=100)
    has_more = bool(more["next_cursor"])
    answer: Json = {"messages": page, "has_more": has_more, "pin_count": len(channel.pins)}
    return {**answer, "response_metadata": more} if has_more else answer


async def conversations_replies(ask: Ask) -> Json:
    """Give a thread, its root first."""
    channel = _readable(ask)
    ts = ask.params.wanted("ts")
    root = channel.messages.get(ts)
    if root is None or root.is_deleted:
        raise SlackError("thread_not_found")
    messages = [root, *ask.world.replies(channel, ts)]
    page, more = ask.page([_shown(ask, channel, one) for one in messages], usual=1000)
    has_more = bool(more["next_cursor"])
    answer: Json = {"messages": page, "has_more": has_more}
    return {**answer, "response_metadata": more} if has_more else answer


def group_direct(ask: Ask, team: str, members: list[str]) -> Channel:
    """Give the group direct messages of these, new when there are none."""
    for one in ask.world.state.channels.values():
        if one.kind == "mpim" and set(one.members) == set(members):
            return one
    names = "--".join(ask.world.named(one) for one in members)
    return ask.world.add_channel(team, "mpim", members, f"mpdm-{names}-1")


def _visible(ask: Ask) -> list[Channel]:
    wanted = {_KINDS.get(one, one) for one in ask.params.listing("types") or ["public_channel"]}
    if not wanted <= set(_KINDS.values()):
        raise SlackError("invalid_types")
    without_archived = ask.params.flag("exclude_archived")
    return [
        one
        for one in ask.world.state.channels.values()
        if one.team == ask.team
        and one.kind in wanted
        and (one.kind == "public" or ask.me in one.members)
        and not (without_archived and one.is_archived)
    ]


def _listed(ask: Ask, channels: list[Channel]) -> Json:
    page, more = ask.page([payloads.channel(one, ask.me) for one in channels], usual=100)
    return {"channels": page, "response_metadata": more}


def _opened(ask: Ask, channel: Channel) -> Json:
    if ask.params.flag("return_im"):
        return payloads.channel(channel, ask.me)
    return {"id": channel.id}


def _readable(ask: Ask) -> Channel:
    channel = ask.channel(must_be_in=True)
    needed = _HISTORY[channel.kind]
    if needed not in ask.install.scopes:
        raise SlackError("missing_scope", needed=needed, provided=",".join(ask.install.scopes))
    return channel


def _in_window(ask: Ask, channel: Channel) -> list[Message]:
    oldest = float(ask.params.text("oldest") or 0)
    latest = float(ask.params.text("latest") or "inf")
    takes_edges = ask.params.flag("inclusive")
    return [
        one
        for one in channel.messages.values()
        if not one.is_deleted
        and (
            oldest < float(one.ts) < latest or (takes_edges and float(one.ts) in {oldest, latest})
        )
    ]


def _shown(ask: Ask, channel: Channel, message: Message) -> Json:
    shown = payloads.message(ask.world, channel, message)
    if not ask.params.flag("include_all_metadata"):
        shown.pop("metadata", None)
    return shown


KNOWING: dict[str, Method] = {
    "auth.test": Method(auth_test),
    "auth.teams.list": Method(auth_teams),
    "team.info": Method(team_info, ("team:read",)),
    "bots.info": Method(bots_info, ("users:read",)),
    "usergroups.list": Method(usergroups_list, ("usergroups:read",)),
    "users.info": Method(users_info, ("users:read",)),
    "users.list": Method(users_list, ("users:read",)),
    "users.lookupByEmail": Method(users_lookup, ("users:read.email",)),
    "users.conversations": Method(users_conversations, _READ),
    "conversations.list": Method(conversations_list, _READ),
    "conversations.info": Method(conversations_info, _READ),
    "conversations.members": Method(conversations_members, _READ),
    "conversations.open": Method(conversations_open, ("im:write", "mpim:write")),
    "conversations.join": Method(conversations_join, ("channels:join", "channels:manage")),
    "conversations.leave": Method(conversations_leave, ("channels:manage", "channels:join")),
    "conversations.history": Method(conversations_history, tuple(_HISTORY.values())),
    "conversations.replies": Method(conversations_replies, tuple(_HISTORY.values())),
}
