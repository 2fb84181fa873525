"""Interactions on their way to the app: what is sent, and what its answer does."""

import asyncio
from typing import Any

from sandbox.slack import forms, lint, payloads
from sandbox.slack.delivery import Delivery
from sandbox.slack.door import Door, as_params
from sandbox.slack.errors import SlackError
from sandbox.slack.reading import Control, controls_of
from sandbox.slack.state import Channel, Json, Message, User, View
from sandbox.slack.viewing import replace, told
from sandbox.slack.world import ResponseUrl, World

TROUBLE = "We had some trouble connecting. Try again?"


class Hands:
    """What a person does with the app's commands, buttons and forms."""

    def __init__(self, world: World, door: Door) -> None:
        self._world = world
        self._door = door

    # commands and shortcuts

    async def command(self, user: User, channel: Channel, command: str, text: str) -> Delivery:
        """Send a slash command; its answer is shown in the channel."""
        self._must_be_here(user)
        world, workspace = self._world, self._world.workspace(user.team)
        names = {"im": "directmessage", "private": "privategroup"}
        response_url = world.new_response_url(channel, user.id)
        payload: Json = {
            "token": world.app.verification_token,
            "team_id": user.team,
            "team_domain": workspace.domain,
            "channel_id": channel.id,
            "channel_name": names.get(channel.kind, channel.name),
            "user_id": user.id,
            "user_name": user.name,
            "command": command,
            "text": text,
            "api_app_id": world.app.id,
            "is_enterprise_install": str(self._is_of_org(user.team)).lower(),
            "response_url": response_url,
            "trigger_id": world.new_trigger(user.team, user.id).id,
        }
        if workspace.enterprise:
            payload["enterprise_id"] = workspace.enterprise
        delivery = Delivery("slash_commands", user.team, payload)
        declared = next(one for one in world.app.commands if one["command"] == command)
        url = str(declared.get("url") or world.app.interactivity_url)
        await world.office.ask(delivery, url)
        if delivery.was_taken and delivery.answer not in (None, "", {}):
            self._show(channel, user, delivery)
        return delivery

    async def global_shortcut(self, user: User, callback_id: str) -> Delivery:
        """Use a global shortcut."""
        payload = {
            **self._about(user),
            "type": "shortcut",
            "action_ts": self._world.new_ts(),
            "callback_id": callback_id,
            "trigger_id": self._world.new_trigger(user.team, user.id).id,
        }
        return await self._ask(user, payload)

    async def message_shortcut(
        self, user: User, callback_id: str, channel: Channel, message: Message
    ) -> Delivery:
        """Use a shortcut on a message."""
        payload = {
            **self._about(user),
            "type": "message_action",
            "action_ts": self._world.new_ts(),
            "callback_id": callback_id,
            "trigger_id": self._world.new_trigger(user.team, user.id).id,
            "response_url": self._world.new_response_url(channel, user.id),
            "message_ts": message.ts,
            "channel": _place(channel),
            "message": payloads.message(self._world, channel, message),
        }
        return await self._ask(user, payload)

    # pressing

    async def press_in_message(
        self,
        user: User,
        channel: Channel,
        message: Message,
        control: Control,
        chosen: Any = None,  # noqa: ANN401
    ) -> Delivery:
        """Press or choose something under a message."""
        container: Json = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": channel.id,
            "is_ephemeral": bool(message.only_for),
        }
        message_controls = controls_of(message.blocks, self._world.named)
        if message.thread_ts:
            container["thread_ts"] = message.thread_ts
        payload = {
            **self._about(user),
            "type": "block_actions",
            "api_app_id": self._world.app.id,
            "container": container,
            "trigger_id": self._world.new_trigger(user.team, user.id).id,
            "channel": _place(channel),
            "state": {"values": forms.first_values(message_controls)},
            "response_url": self._world.new_response_url(channel, user.id, message.ts),
            "actions": [self._action(control, chosen)],
        }
        if not message.only_for:
            payload["message"] = payloads.message(self._world, channel, message)
        return await self._ask(user, payload)

    async def press_in_view(
        self,
        user: User,
        view: View,
        control: Control,
        chosen: Any = None,  # noqa: ANN401
    ) -> Delivery:
        """Press or choose something in a modal or on the Home tab."""
        payload = {
            **self._about(user),
            "type": "block_actions",
            "api_app_id": self._world.app.id,
            "container": {"type": "view", "view_id": view.id},
            "trigger_id": self._world.new_trigger(user.team, user.id, view.id).id,
            "view": self.shown(view),
            "actions": [self._action(control, chosen)],
        }
        return await self._ask(user, payload)

    async def suggest(self, user: User, view: View, control: Control, typed: str) -> list[Json]:
        """Ask the app for options while a person types."""
        payload = {
            **self._about(user),
            "type": "block_suggestion",
            "api_app_id": self._world.app.id,
            "container": {"type": "view", "view_id": view.id},
            "view": self.shown(view),
            "action_id": control.action_id,
            "block_id": control.block_id,
            "value": typed,
        }
        app = self._world.app
        delivery = await self._ask(user, payload, app.options_url or app.interactivity_url)
        answer = delivery.answer if isinstance(delivery.answer, dict) else {}
        return list(answer.get("options") or [])

    # forms

    async def submit(self, user: User, view: View) -> Delivery | None:
        """Send a form; None when the client keeps it back. Errors stand in the view."""
        view.errors = forms.missing(view, self.controls(view))
        if view.errors:
            told(self._world, view)
            return None
        payload = {
            **self._about(user),
            "type": "view_submission",
            "api_app_id": self._world.app.id,
            "trigger_id": self._world.new_trigger(user.team, user.id, view.id).id,
            "view": self.shown(view),
            "response_urls": [],
        }
        delivery = await self._ask(user, payload)
        if not delivery.was_taken:
            view.errors = {"": TROUBLE}
            told(self._world, view)
            return delivery
        self._after_submit(user, view, delivery.answer)
        return delivery

    async def close(self, user: User, view: View, *, all_of_them: bool = False) -> Delivery | None:
        """Close a form; the app hears of it when it asked to."""
        stack = self._world.modals_of(user.id)
        gone = list(stack) if all_of_them else [view]
        stack[:] = [one for one in stack if one not in gone]
        self._world.feed.tell("view_closed", user=user.id, view=view.id)
        self._world.changed()
        if not view.asked.get("notify_on_close"):
            return None
        payload = {
            **self._about(user),
            "type": "view_closed",
            "api_app_id": self._world.app.id,
            "view": self.shown(view),
            "is_cleared": all_of_them,
        }
        return await self._ask(user, payload)

    def controls(self, view: View) -> list[Control]:
        """Give everything that can be pressed or filled in in a view."""
        return controls_of(view.blocks, self._world.named)

    def _after_submit(self, user: User, view: View, answer: object) -> None:
        stack = self._world.modals_of(user.id)
        action = answer.get("response_action") if isinstance(answer, dict) else None
        try:
            if isinstance(answer, dict) and action == "errors":
                self._mark(view, answer.get("errors"))
            elif isinstance(answer, dict) and action in {"update", "push"}:
                self._show_view(stack, view, answer.get("view"), is_push=action == "push")
            elif action == "clear":
                stack.clear()
            elif answer in (None, "", {}):
                stack[:] = [one for one in stack if one is not view]
            else:
                self._trouble(view, f"an unknown answer to a view_submission: {answer!r}")
        except SlackError as err:
            self._trouble(view, err.error)
        if view in stack:
            told(self._world, view)
        else:
            self._world.feed.tell("view_closed", user=user.id, view=view.id)
            self._world.changed()

    def _trouble(self, view: View, why: str) -> None:
        self._world.journal.violations.append(why)
        view.errors = {"": TROUBLE}

    def _mark(self, view: View, errors: object) -> None:
        known = {one.block_id for one in self.controls(view) if one.is_input}
        if not isinstance(errors, dict) or not errors or not errors.keys() <= known:
            raise SlackError(f"errors of a view_submission name no input: {errors!r}")
        view.errors = {block: str(words) for block, words in errors.items()}

    def _show_view(self, stack: list[View], view: View, asked: object, *, is_push: bool) -> None:
        problems = lint.view_problems(asked)
        if problems or not isinstance(asked, dict):
            raise SlackError("; ".join(problems))
        if is_push:
            pushed = self._world.new_view(view.team, view.user, asked, view)
            stack.append(pushed)
            told(self._world, pushed)
        else:
            replace(self._world, view, asked)

    # what all share

    async def _ask(self, user: User, payload: Json, url: str = "") -> Delivery:
        self._must_be_here(user)
        delivery = Delivery("interactive", user.team, payload)
        return await self._world.office.ask(delivery, url or self._world.app.interactivity_url)

    def _must_be_here(self, user: User) -> None:
        """Refuse, as a client does, what is meant for an app that has left.

        Raises:
            LookupError: the app is not installed in the person's workspace.
        """
        if self._world.install_for(user.team) is None:
            raise LookupError("the app is not installed in this workspace")

    def _is_of_org(self, team_id: str) -> bool:
        install = self._world.install_for(team_id)
        return install is not None and install.is_org

    def _about(self, user: User) -> Json:
        workspace = self._world.workspace(user.team)
        enterprise = {"id": workspace.enterprise, "name": workspace.enterprise}
        team = {"id": workspace.id, "domain": workspace.domain}
        if workspace.enterprise:
            team |= {
                "enterprise_id": workspace.enterprise,
                "enterprise_name": workspace.enterprise,
            }
        return {
            "team": team,
            "user": {
                "id": user.id,
                "username": user.name,
                "name": user.name,
                "team_id": user.team,
            },
            "token": self._world.app.verification_token,
            "enterprise": enterprise if workspace.enterprise else None,
            "is_enterprise_install": self._is_of_org(user.team),
        }

    def shown(self, view: View) -> Json:
        """Give a view with all that is filled in."""
        shown = payloads.view(self._world, view)
        shown["state"] = {"values": forms.values_of(view, self.controls(view))}
        return shown

    def _action(self, control: Control, chosen: Any) -> Json:  # noqa: ANN401
        element = control.element
        action: Json = {
            "type": control.kind,
            "action_id": control.action_id,
            "block_id": control.block_id,
            "action_ts": self._world.new_ts(),
        }
        if control.kind == "button":
            action |= {
                name: element[name]
                for name in ("text", "value", "style", "url")
                if name in element
            }
            return action
        return {**action, **forms.value_in(self._world, control, chosen)}

    def _show(self, channel: Channel, user: User, delivery: Delivery) -> None:
        params = as_params(delivery.answer)
        door = ResponseUrl("", channel.id, user.id, float("inf"))
        try:
            self._door.answer(door, params)
        except SlackError as err:
            self._world.journal.violations.append(f"the answer to a command: {err.error}")


def _place(channel: Channel) -> Json:
    names = {"im": "directmessage", "private": "privategroup"}
    return {"id": channel.id, "name": names.get(channel.kind, channel.name)}


async def settled(deliveries: list[Delivery]) -> None:
    """Wait until all of these are settled."""
    await asyncio.gather(*(one.settled.wait() for one in deliveries))
