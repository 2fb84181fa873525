# ruff: noqa: ARG002 - a contract names arguments that a fake has no use for
"""A chat at the webhook door: a secret in a header, JSON with an update number."""

import hmac
import json
from collections.abc import AsyncIterator, Mapping, Sequence

from integrations.chat.contract import Capabilities, Introduction, PlainChat, Store
from integrations.chat.errors import FileGone
from integrations.chat.incoming import Answered, Inbound, PlaceRef, Received, Refused
from integrations.chat.outgoing import Card, CommandWords, Reaction


class FakeDoorChat(PlainChat):
    """Keeps `Chat`; `bodies_seen` counts the bodies that were read for it."""

    name = "telegram"
    source = "telegram:42"
    secret = "door-secret"
    capabilities = Capabilities(max_fetch_bytes=None)

    def __init__(self) -> None:
        self.bodies_seen = 0

    @property
    def is_polled(self) -> bool:
        return False

    async def introduce(self) -> Introduction:
        return Introduction("42", "postcue_bot", "https://t.me/postcue_bot")

    async def receive(
        self, headers: Mapping[str, str], body: bytes, store: Store
    ) -> Answered | Refused:
        self.bodies_seen += bool(body)
        shown = headers.get("X-Secret", "")
        if not hmac.compare_digest(shown.encode(errors="surrogatepass"), self.secret.encode()):
            return Refused(403)
        try:
            update = json.loads(body)
            number = int(update["update_id"])
        except (ValueError, TypeError, KeyError, RecursionError):
            return Refused(400)
        await store([Received(self.source, str(number), str(update.get("chat", "")), body)])
        return Answered()

    def parse(self, raw: bytes) -> Inbound:
        return Inbound("ignored", PlaceRef(self.name, "", ""))

    async def poll(self, store: Store) -> None:
        return None

    async def announce(self, commands: Sequence[CommandWords]) -> None:
        return None

    async def send(self, place: PlaceRef, card: Card, *, reply_to: str = "") -> str:
        return "1"

    async def edit(self, place: PlaceRef, message_ref: str, card: Card) -> None:
        return None

    async def toast(self, press_ref: str, text: str = "", *, is_alert: bool = False) -> None:
        return None

    async def react(self, place: PlaceRef, message_ref: str, reaction: Reaction) -> None:
        return None

    async def fetch(self, file_id: str, *, max_bytes: int) -> AsyncIterator[bytes]:
        if max_bytes < 0:
            yield b""
        raise FileGone("gone")
