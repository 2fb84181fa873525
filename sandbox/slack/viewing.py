"""views.*: modals that open, change and stack, and the Home tab."""

import json

from sandbox.slack import lint, payloads
from sandbox.slack.calling import Ask, Method
from sandbox.slack.errors import SlackError, faulty
from sandbox.slack.limits import MAX_VIEW_BYTES, MAX_VIEW_STACK
from sandbox.slack.state import Json, View
from sandbox.slack.world import World, with_ids


async def open_view(ask: Ask) -> Json:
    """Open a modal on an empty screen."""
    asked = _checked(ask, "modal")
    trigger = ask.world.use_trigger(ask.params.wanted("trigger_id"))
    if not ask.is_mine(trigger.team):
        raise SlackError("invalid_trigger_id")
    view = ask.world.new_view(trigger.team, trigger.user, asked)
    stack = ask.world.modals_of(trigger.user)
    stack[:] = [view]
    told(ask.world, view)
    return {"view": payloads.view(ask.world, view)}


async def push_view(ask: Ask) -> Json:
    """Put a modal on top of the one that was pressed in."""
    asked = _checked(ask, "modal")
    trigger = ask.world.use_trigger(ask.params.wanted("trigger_id"))
    stack = ask.world.modals_of(trigger.user)
    if not stack or not trigger.view:
        raise SlackError("not_allowed")
    if len(stack) >= MAX_VIEW_STACK:
        raise SlackError("push_limit_reached")
    view = ask.world.new_view(trigger.team, trigger.user, asked, stack[-1])
    stack.append(view)
    told(ask.world, view)
    return {"view": payloads.view(ask.world, view)}


async def update_view(ask: Ask) -> Json:
    """Change a modal that is open."""
    asked = _checked(ask, "modal")
    number, outside = ask.params.text("view_id"), ask.params.text("external_id")
    if not number and not outside:
        raise SlackError("invalid_arguments")
    view = ask.world.view(number) if number else _by_external_id(ask.world, outside)
    if view is None or view.kind != "modal" or not ask.is_mine(view.team):
        raise SlackError("not_found")
    _hash_holds(ask, view)
    replace(ask.world, view, asked)
    return {"view": payloads.view(ask.world, view)}


async def publish_view(ask: Ask) -> Json:
    """Put up someone's Home tab."""
    asked = _checked(ask, "home")
    user = ask.world.state.users.get(ask.params.wanted("user_id"))
    if user is None or not ask.is_mine(user.team):
        raise SlackError("invalid_arguments")
    view = ask.world.state.homes.get(user.id)
    if view is None:
        view = ask.world.new_view(user.team, user.id, asked)
        ask.world.state.homes[user.id] = view
        told(ask.world, view)
    else:
        _hash_holds(ask, view)
        replace(ask.world, view, asked)
    return {"view": payloads.view(ask.world, view)}


def replace(world: World, view: View, asked: Json) -> None:
    """Put other content into a view; what was typed stays where block and action stayed."""
    view.asked = with_ids(asked)
    view.hash = world.new_hash()
    view.errors = {}
    kept = {
        (str(block.get("block_id")), str(block["element"].get("action_id")))
        for block in view.blocks
        if block.get("type") == "input"
    }
    view.values = {
        block: {action: value for action, value in many.items() if (block, action) in kept}
        for block, many in view.values.items()
    }
    told(world, view)


def told(world: World, view: View) -> None:
    """Tell who listens that a view is to be seen."""
    world.changed()
    world.feed.tell("view", user=view.user, view=view.id, type=view.kind)


def _checked(ask: Ask, kind: str) -> Json:
    view = ask.params.structure("view")
    problems = lint.view_problems(view)
    if not problems and view["type"] != kind:
        problems = [f"a {kind} is expected [json-pointer:/view/type]"]
    if problems:
        raise faulty("invalid_arguments", problems)
    if len(json.dumps(view, ensure_ascii=False).encode()) > MAX_VIEW_BYTES:
        raise SlackError("view_too_large")
    checked: Json = view
    return checked


def _hash_holds(ask: Ask, view: View) -> None:
    given = ask.params.text("hash")
    if given and given != view.hash:
        raise SlackError("hash_conflict")


def _by_external_id(world: World, number: str) -> View | None:
    every = [view for many in world.state.modals.values() for view in many]
    return next((one for one in every if one.asked.get("external_id") == number), None)


VIEWING: dict[str, Method] = {
    "views.open": Method(open_view),
    "views.push": Method(push_view),
    "views.update": Method(update_view),
    "views.publish": Method(publish_view),
}
