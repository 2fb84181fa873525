"""The human side over HTTP, for a page that plays the people of a workspace."""

from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.slack.world import World

if TYPE_CHECKING:
    from sandbox.slack.box import SlackSandbox

BASE = "/__sandbox/slack"


class Control:
    """Answers the page."""

    def __init__(self, world: World, box: "SlackSandbox") -> None:
        self._world = world
        self._box = box

    def routes(self) -> list[web.RouteDef]:
        """Give the routes to mount."""
        return []
