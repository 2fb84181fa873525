"""The product with Slack as its chat (and Telegram beside it, if wanted), for journeys."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

from aiohttp import web

from models.post import Post, Target
from sandbox.serving import serving
from sandbox.slack import SlackSandbox
from sandbox.slack.people import Modal, Person, Place
from sandbox.slack.view import Seen
from scheduling.timing import PRODUCTION, Timing
from tests.support.clock import SettableClock
from tests.support.world import World, running_world

Mode = Literal["http", "socket"]
HOOK = "/hooks/slack"


class SlackWorld:
    """Dana in a Slack workspace, and everything that `World` has."""

    def __init__(self, slack: SlackSandbox, world: World) -> None:
        self.slack = slack
        self.world = world
        self.dana = slack.person("Dana")

    async def card(
        self, words: str, *, channel: Place | None = None, person: Person | None = None
    ) -> Seen:
        """Wait until the newest message of ours that shows *words* is there."""
        return await (person or self.dana).sees(lambda seen: words in seen.text, channel=channel)

    async def connect(self, person: Person | None = None, *, username: str = "") -> None:
        """Connect an account as the person would: command, consent in a browser, yes."""
        who = person or self.dana
        await who.types("/post connect")
        offered = await who.sees(lambda seen: any("/connect/" in one.url for one in seen.controls))
        link = next(one.url for one in offered.controls if "/connect/" in one.url)
        page = await self.world.allow(link, username=username)
        assert "connected" in page.casefold(), page
        asked = await who.sees(lambda seen: "Is it yours?" in seen.text)
        await who.presses(asked, "Yes, it is mine")
        await who.sees(lambda seen: "✅" in seen.text and "connected" in seen.text)

    async def modal(self, words: str, person: Person | None = None) -> Modal:
        return await (person or self.dana).sees_modal(words)

    async def post(self, number: int = 1) -> Post:
        return await self.world.post(number)

    async def target(self, number: int = 1) -> Target:
        return await self.world.target(number)

    def assert_clean(self) -> None:
        """Fail where Slack was asked for what it does not have, or what it would refuse."""
        assert self.slack.world.journal.unknown == []
        assert self.slack.world.journal.violations == []


@asynccontextmanager
async def running_slack_world(
    *,
    database_url: str,
    folder: Path,
    clock: SettableClock,
    mode: Mode = "socket",
    with_telegram: bool = False,
    timing: Timing = PRODUCTION,
    **extra: str,
) -> AsyncIterator[SlackWorld]:
    """Give a world with Slack: events over sockets, or by signed HTTP."""
    slack = SlackSandbox(clock)
    app = web.Application()
    slack.add_to(app)
    async with serving(app) as outside:
        slack.origin = outside
        settings = {
            "SLACK_BOT_TOKEN": slack.token,
            "SLACK_SIGNING_SECRET": slack.app.signing_secret,
            "SLACK_API_URL": f"{outside}/slack/api/",
            "SLACK_FILES_URL": f"{outside}/slack",
            "SLACK_AUTHORIZE_URL": f"{outside}/slack/oauth/v2/authorize",
        }
        if mode == "socket":
            settings["SLACK_APP_TOKEN"] = slack.app.app_token
        if not with_telegram:
            settings["TELEGRAM_BOT_TOKEN"] = ""
        settings |= extra
        async with running_world(
            database_url=database_url,
            folder=folder,
            clock=clock,
            timing=timing,
            settings=settings,
        ) as world:
            world.slack = slack
            if mode == "http":
                slack.uses_http(world.settings.public_url, path=HOOK)
            both = SlackWorld(slack, world)
            yield both
            both.assert_clean()
