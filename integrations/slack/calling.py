"""Calls to Slack: each ends in time, and fails with what every chat raises."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from integrations.chat.errors import ChatBusy
from integrations.slack.errors import understood

CALL_SECONDS = 10.0
"""How long the calls of one errand may take together. A session of ours keeps no time itself."""


@asynccontextmanager
async def plain_errors(seconds: float | None = CALL_SECONDS) -> AsyncIterator[None]:
    """Turn what slack_sdk raises into what every chat raises, without a token in it."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except SlackApiError as err:
        raise understood(err) from None
    except (SlackClientError, aiohttp.ClientError, TimeoutError, json.JSONDecodeError) as err:
        raise ChatBusy(f"Slack did not answer ({type(err).__name__})") from None
