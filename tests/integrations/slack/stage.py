"""Dana in direct messages with our app, in front of the stand-in for Slack."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr

from integrations.chat.incoming import PlaceRef, Submitted
from integrations.slack.chat import SlackChat, SlackSettings
from sandbox.slack import Person, Seen, SlackSandbox
from sandbox.telegram import a_jpeg
from tests.integrations.chat_conformance import Shown
from tests.support.slack import RunningSlack

PAST = "That time is in the past"


class Pauses:
    """Waits a blink in the place of every pause, and remembers how long it should have been."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        never = asyncio.Event()
        try:
            async with asyncio.timeout(0.01):
                await never.wait()
        except TimeoutError:
            return


def now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the stand-in signs by the real time


async def judged(form: Submitted) -> dict[str, str]:
    """Refuse a form whose moment is in the past."""
    when = form.values.get("when", "")
    return {"when": PAST} if when and int(when) < now().timestamp() else {}


async def nowhere(workspace: str, *, fresh: bool = False) -> SecretStr | None:
    """No workspace has installed us; there is only the one of the bot token."""
    return None


def built(
    running: RunningSlack, pauses: Pauses, *, over_http: bool = False, **more: Any
) -> SlackChat:
    app = running.box.app
    settings = SlackSettings(
        api_url=running.api,
        files_url=f"{running.origin}/slack",
        signing_secret=SecretStr(app.signing_secret) if over_http else None,
        app_token=None if over_http else SecretStr(app.app_token),
        bot_token=SecretStr(running.box.token),
        client_id=app.client_id,
    )
    given = {"token_of": nowhere, "judge": judged, "now": now, **more}
    return SlackChat(settings, session=running.session, pause=pauses, **given)


class SlackStage:
    """Dana in direct messages with our app."""

    def __init__(self, running: RunningSlack, chat: SlackChat, dana: Person) -> None:
        self.box: SlackSandbox = running.box
        self.chat = chat
        self.dana = dana
        app = running.box.app
        self.secrets = [running.box.token, app.app_token, app.signing_secret]

    async def says(self, text: str) -> str:
        if text.startswith("/"):
            # Slack's clients take no other command than the app's one, with words behind it.
            await self.dana.types(f"/post {text[1:]}")
            return ""
        return self._name(await self.dana.writes(text))

    async def edits(self, reference: str, text: str) -> None:
        await self.dana.edits(self._message(reference), text)

    async def sends_picture(self, picture: bytes, caption: str) -> str:
        return self._name(await self.dana.sends(picture, caption))

    async def presses(self, reference: str, label: str) -> None:
        await self.dana.presses(self._message(reference), label)

    async def deletes_ours(self, reference: str) -> None:
        seen = self._message(reference)
        self.box.world.delete(seen.channel, seen.message)

    async def shuts_us_out(self) -> None:
        self.dana.direct.archives()

    def place(self) -> PlaceRef:
        return PlaceRef("slack", self.box.workspace.id, self.dana.id)

    def shown(self) -> list[Shown]:
        return [
            Shown(
                self._name(one),
                one.text,
                tuple(one.buttons),
                f"{one.channel.id}/{one.thread_ts}" if one.thread_ts else "",
            )
            for one in self.dana.direct.from_bot()
            if not one.is_ephemeral
        ]

    def toasts(self) -> list[str]:
        return [one.fallback for one in self.dana.direct.from_bot() if one.is_ephemeral]

    def a_picture(self) -> bytes:
        return a_jpeg(640, 480)

    def goes_down(self) -> None:
        self.box.fails("server_error", times=3)
        self.box.fails("server_error", "apps.connections.open", times=2)

    def loses_answers(self) -> None:
        self.box.fails("drop", "chat.postMessage")

    def _name(self, seen: Seen) -> str:
        root = f"{seen.thread_ts}/" if seen.thread_ts and seen.thread_ts != seen.ts else ""
        return f"{seen.channel.id}/{root}{seen.ts}"

    def _message(self, reference: str) -> Seen:
        every = self.dana.direct.messages()
        return next(one for one in every if self._name(one) == reference)
