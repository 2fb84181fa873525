"""Whichever way it comes, what is acknowledged is stored."""

import json
from collections.abc import Sequence
from urllib.parse import urlencode

import pytest
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from integrations.chat.contract import Store
from integrations.chat.incoming import Received
from integrations.slack.app import bolt_app
from integrations.slack.chat import SlackChat
from tests.integrations.slack.test_verifying import EVENT, door, signed
from tests.support.at_the_door import handed_in

COMMAND = {
    "command": "/post",
    "text": "payload of the truck tomorrow 9am",
    "trigger_id": "1.2.3",
    "team_id": "T1",
    "channel_id": "D1",
    "channel_name": "directmessage",
    "user_id": "U1",
}
PRESS = {
    "type": "block_actions",
    "trigger_id": "4.5.6",
    "team": {"id": "T1"},
    "user": {"id": "U1", "team_id": "T1"},
    "container": {"channel_id": "C1", "message_ts": "1.2"},
    "actions": [{"value": "p1:yes:x:1"}],
}
KINDS = {"event": "events_api", "command": "slash_commands", "actions": "interactive"}


def sent(payload: dict[str, object]) -> bytes:
    """Return the body of a request that brings *payload*."""
    if "event" in payload:
        return json.dumps(payload).encode()
    return urlencode(
        payload if "command" in payload else {"payload": json.dumps(payload)}
    ).encode()


async def through_bolt(chat: SlackChat, payload: dict[str, object], store: Store) -> int:
    """Have Bolt's app handed what came over a socket; return its answer's status."""
    kind = next(kind for mark, kind in KINDS.items() if mark in payload)
    request = SocketModeRequest(type=kind, envelope_id="e1", payload=payload)
    app = bolt_app(chat._keeper, store, AsyncWebClient())
    return (await run_async_bolt_app(app, request)).status


@pytest.mark.parametrize("payload", [EVENT, COMMAND, PRESS])
async def test_what_comes_by_http_is_stored_as_what_comes_over_a_socket(
    payload: dict[str, object],
) -> None:
    chat, body = door(), sent(payload)
    over_socket: list[Received] = []

    async def store(events: Sequence[Received]) -> None:
        over_socket.extend(events)

    status = await through_bolt(chat, payload, store)
    by_http = await handed_in(chat, signed(body), body)

    (one,) = over_socket
    assert status == 200
    assert isinstance(by_http, Received)
    assert (by_http.external_id, by_http.second_key, by_http.conversation) == (
        one.external_id,
        one.second_key,
        one.conversation,
    )
    assert json.loads(by_http.raw) == json.loads(one.raw)
    assert chat.parse(by_http.raw) == chat.parse(one.raw)
    assert chat.parse(one.raw).kind != "ignored"


async def test_a_command_keeps_its_words_whatever_they_are() -> None:
    chat, body = door(), sent(COMMAND)

    taken = await handed_in(chat, signed(body), body)

    assert isinstance(taken, Received)
    assert chat.parse(taken.raw).text == COMMAND["text"]


async def test_what_could_not_be_stored_is_not_acknowledged_either_way() -> None:
    body = sent(EVENT)

    async def away(events: Sequence[Received]) -> None:
        raise OSError(f"no room for {len(events)}")

    with pytest.raises(OSError, match="no room for 1"):
        await door().receive(signed(body), body, away)
    assert await through_bolt(door(), EVENT, away) == 503
