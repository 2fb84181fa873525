"""What Slack allows, written down here independently of any client of it.

Source: docs.slack.dev (reference of the Web API, Block Kit, events; 2026). Lengths are counted in
characters.
"""

import re

ACK_SECONDS = 3.0
TRIGGER_SECONDS = 3.0
RETRY_PAUSES_SECONDS = (0.0, 60.0, 300.0)
"""How long after a failed delivery of an event the next try comes; three tries, then never."""

RESPONSE_URL_SECONDS = 30 * 60
RESPONSE_URL_USES = 5
OAUTH_CODE_SECONDS = 600
ROTATED_TOKEN_SECONDS = 43_200
SIGNATURE_VERSION = "v0"
MAX_SOCKETS = 10

MAX_MESSAGE_CHARS = 40_000
MAX_MESSAGE_BLOCKS = 50
MAX_VIEW_BLOCKS = 100
MAX_ATTACHMENTS = 100
MAX_VIEW_STACK = 3
MAX_METADATA_BYTES = 16_000
MAX_BLOCK_ID_CHARS = 255
MAX_ACTION_ID_CHARS = 255
MAX_CALLBACK_ID_CHARS = 255
MAX_PRIVATE_METADATA_CHARS = 3_000
MAX_VIEW_TITLE_CHARS = 24
MAX_VIEW_BYTES = 250_000
MAX_OPTION_GROUPS = 100
MAX_MARKDOWN_CHARS = 12_000
MAX_FILE_INPUT_FILES = 10
MAX_FILE_INPUT_BYTES = 10 * 2**20
MAX_FILES_IN_A_MESSAGE = 10
MAX_UPLOAD_BYTES = 2**30
MAX_REACTIONS_OF_ONE = 23
MAX_PAGE = 1_000
POSTS_A_SECOND_IN_A_CHANNEL = 1.0

EMOJI_NAME = re.compile(r"[a-z0-9_+'-]+(::skin-tone-[2-6])?")
COMMAND_NAME = re.compile(r"/[a-z0-9_-]{1,32}")

BOT_EVENTS = (
    "app_home_opened", "app_mention", "app_uninstalled", "channel_archive", "channel_deleted",
    "channel_left", "channel_rename", "channel_unarchive", "file_shared", "group_archive",
    "group_deleted", "group_left", "group_rename", "group_unarchive", "member_joined_channel",
    "member_left_channel", "message.channels", "message.groups", "message.im", "message.mpim",
    "reaction_added", "reaction_removed", "tokens_revoked",
)  # fmt: skip
"""The events an app may subscribe to here."""

BOT_SCOPES = (
    "app_mentions:read", "channels:history", "channels:join", "channels:read", "chat:write",
    "commands", "files:read", "files:write", "groups:history", "groups:read", "im:history",
    "im:read", "im:write", "mpim:history", "mpim:read", "mpim:write", "pins:write",
    "reactions:read", "reactions:write", "team:read", "usergroups:read", "users:read",
)  # fmt: skip
"""What a bot is granted when nobody says otherwise."""

SCOPE_OF_EVENT = {
    "app_mention": "app_mentions:read",
    "file_shared": "files:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
    "reaction_added": "reactions:read",
    "reaction_removed": "reactions:read",
}
"""The scope without which an event never comes, although it is subscribed."""
