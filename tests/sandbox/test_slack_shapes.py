"""What an app is told has the fields that the service's own libraries are tested with.

The names were read in the payloads of slackapi/bolt-python (tests/scenario_tests_async) and
slackapi/java-slack-sdk (json-logs/samples), 2026.
"""

from typing import Any

from aiohttp import web

from sandbox.slack import Attachment
from sandbox.telegram import a_jpeg
from tests.support.slack import running_slack, serving_answers


def names(text: str) -> set[str]:
    return set(text.split())


ENVELOPE = names(
    "token team_id api_app_id event type event_id event_time authorizations "
    "is_ext_shared_channel event_context context_team_id context_enterprise_id"
)
SAID = names("type user ts text team channel event_ts channel_type")
# The fields that are always there, and those that may be.
EVENTS: dict[str, tuple[set[str], set[str]]] = {
    "message": (SAID, names("client_msg_id blocks thread_ts parent_user_id")),
    "message/file_share": (
        SAID | names("subtype files upload display_as_bot"),
        names("client_msg_id blocks thread_ts parent_user_id"),
    ),
    "message/message_changed": (
        names("type subtype message previous_message channel hidden ts event_ts channel_type"),
        set(),
    ),
    "message/message_deleted": (
        names("type subtype previous_message channel hidden deleted_ts ts event_ts channel_type"),
        set(),
    ),
    "app_mention": (
        names("type user ts text team channel event_ts"),
        names("client_msg_id blocks thread_ts parent_user_id files upload display_as_bot"),
    ),
    "file_shared": (names("type channel_id file_id user_id file event_ts"), set()),
    "member_joined_channel": (
        names("type user channel channel_type team event_ts"), names("inviter"),
    ),
    "member_left_channel": (names("type user channel channel_type team event_ts"), set()),
    "reaction_added": (names("type user reaction item_user item event_ts"), set()),
    "app_home_opened": (names("type user channel tab event_ts"), names("view")),
    "tokens_revoked": (names("type tokens"), set()),
    "app_uninstalled": (names("type"), set()),
}  # fmt: skip
PERSON = names("type token team user is_enterprise_install enterprise")
VIEW = names(
    "id team_id type blocks private_metadata callback_id state hash title clear_on_close "
    "notify_on_close close submit previous_view_id root_view_id app_id external_id "
    "app_installed_team_id bot_id"
)
INTERACTIONS: dict[str, tuple[set[str], set[str]]] = {
    "block_actions": (
        PERSON | names("api_app_id container trigger_id actions"),
        names("channel message response_url state view"),
    ),
    "view_submission": (PERSON | names("api_app_id trigger_id view response_urls"), set()),
    "view_closed": (PERSON | names("api_app_id view is_cleared"), set()),
    "block_suggestion": (
        PERSON | names("api_app_id container view action_id block_id value"), set(),
    ),
    "shortcut": (PERSON | names("action_ts callback_id trigger_id"), set()),
    "message_action": (
        PERSON
        | names("action_ts callback_id trigger_id response_url message_ts channel message"),
        set(),
    ),
    "/post": (
        names(
            "token team_id team_domain channel_id channel_name user_id user_name command text "
            "api_app_id is_enterprise_install response_url trigger_id"
        ),
        names("enterprise_id enterprise_name"),
    ),
}  # fmt: skip
HOSTED_FILE = names(
    "id created timestamp name title mimetype filetype pretty_type user editable size mode "
    "is_external external_type is_public public_url_shared display_as_bot username url_private "
    "url_private_download media_display_type permalink has_rich_preview file_access"
)
MODAL = {
    "type": "modal",
    "title": {"type": "plain_text", "text": "Edit"},
    "submit": {"type": "plain_text", "text": "Save"},
    "notify_on_close": True,
    "blocks": [
        {
            "type": "input",
            "block_id": "files",
            "label": {"type": "plain_text", "text": "Pictures"},
            "element": {"type": "file_input", "action_id": "f", "max_files": 2},
        },
        {
            "type": "section",
            "text": {"type": "mrkdwn", "text": "Account"},
            "accessory": {
                "type": "external_select",
                "action_id": "who",
                "placeholder": {"type": "plain_text", "text": "Which"},
            },
        },
    ],
}
BUTTONS = [
    {
        "type": "actions",
        "elements": [
            {"type": "button", "action_id": "a", "text": {"type": "plain_text", "text": "Go"}}
        ],
    }
]


def check(name: str, given: dict[str, Any], known: tuple[set[str], set[str]]) -> None:
    always, perhaps = known
    assert always <= given.keys() <= always | perhaps, (name, given.keys() ^ always)


async def answer(request: web.Request) -> web.Response:
    body = (await request.post()).get("payload", "")
    if "block_suggestion" not in str(body):
        return web.Response()
    option = {"text": {"type": "plain_text", "text": "cafe"}, "value": "1"}
    return web.json_response({"options": [option]})


async def test_every_delivery_has_the_fields_it_should() -> None:
    async with running_slack() as slack, serving_answers(answer) as origin:
        box = slack.box
        box.uses_http(origin)
        dana, mia = box.person("Dana"), box.person("Mia")
        cafe = box.channel("cafe", [dana], with_bot=False)
        cafe.adds_bot(dana)
        mia.joins(cafe)
        sent = await dana.mentions("look", channel=cafe, files=[a_jpeg(), Attachment(a_jpeg())])
        await mia.replies(sent, "nice")
        await mia.reacts(sent, "eyes")
        await dana.edits(sent, "again")
        await dana.deletes(sent)
        await dana.deletes(await dana.writes("never mind", channel=cafe))
        plain = await dana.writes("plain", channel=cafe)
        said = await slack.result("chat.postMessage", channel=cafe.id, text="card", blocks=BUTTONS)
        card = next(one for one in cafe.from_bot() if one.ts == said["ts"])
        await dana.presses(card, "Go")
        await dana.types("/post queue", channel=cafe)
        await dana.uses_shortcut("new_post")
        await dana.uses_shortcut("schedule_this", plain)
        trigger = box.world.new_trigger(dana.user.team, dana.id).id
        await slack.result("views.open", trigger_id=trigger, view=MODAL)
        modal = await dana.sees_modal("Edit")
        assert await modal.suggests("Which", "ca") == ["cafe"]
        await modal.fills("Which", {"text": {"type": "plain_text", "text": "cafe"}, "value": "1"})
        await modal.fills("Pictures", [a_jpeg(30, 20)])
        await modal.submits()
        trigger = box.world.new_trigger(dana.user.team, dana.id).id
        await slack.result("views.open", trigger_id=trigger, view=MODAL)
        await (await dana.sees_modal("Edit")).closes()
        await slack.result("views.publish", user_id=dana.id, view={"type": "home", "blocks": []})
        await dana.opens_home()
        mia.leaves(cafe)
        box.uninstalls()
        await box.all_told()

        seen = set()
        for one in box.deliveries:
            if one.kind != "events_api":
                check(one.name, one.payload, INTERACTIONS[one.name])
                seen.add(one.name)
                if "view" in one.payload:
                    check("view", one.payload["view"], (VIEW, set()))
                continue
            event = one.payload["event"]
            if event.get("subtype") == "channel_join" or "bot_id" in event:
                continue
            kind = "/".join(filter(None, (event["type"], event.get("subtype"))))
            check("envelope", one.payload, (ENVELOPE, set()))
            check(kind, event, EVENTS[kind])
            seen.add(kind)
            for file in event.get("files", []):
                sizes = names("original_w original_h thumb_64 thumb_360 user_team")
                check("file", file, (HOSTED_FILE, sizes | {"alt_txt"}))
        assert seen == EVENTS.keys() | INTERACTIONS.keys()
        submitted = box.delivered("view_submission")[0].payload["view"]["state"]["values"]
        assert submitted["files"]["f"]["files"][0]["mimetype"] == "image/jpeg"
        assert all(one.was_taken for one in box.deliveries)
