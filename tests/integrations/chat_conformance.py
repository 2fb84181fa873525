"""What any chat must do. A chat's test file subclasses `ChatConformance` and gives a `stage`.

The stage is the chat in front of a stand-in of its service, with a person to speak as.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import pytest

from integrations.chat.contract import Chat
from integrations.chat.errors import ChatBusy, FileGone, MessageGone, RouteDead
from integrations.chat.incoming import AttachmentKind, Inbound, PlaceRef, Received, Refused
from integrations.chat.outgoing import Button, Card, CommandWords, Reaction, Text
from tests.support.at_the_door import handed_in
from tests.support.waiting import wait_until


@dataclass(frozen=True)
class Shown:
    """A message of ours as the person sees it."""

    reference: str
    text: str
    button_labels: tuple[str, ...]
    answers: str


class Stage(Protocol):
    """A chat, its stand-in, and a person in a private conversation with us."""

    chat: Chat
    secrets: Sequence[str]

    async def says(self, text: str) -> str: ...
    async def edits(self, reference: str, text: str) -> None: ...
    async def sends_picture(self, picture: bytes, caption: str) -> str: ...
    async def presses(self, reference: str, label: str) -> None: ...
    async def deletes_ours(self, reference: str) -> None: ...
    async def shuts_us_out(self) -> None: ...
    def place(self) -> PlaceRef: ...
    def shown(self) -> list[Shown]: ...
    def toasts(self) -> list[str]: ...
    def a_picture(self) -> bytes: ...
    def goes_down(self) -> None: ...
    def loses_answers(self) -> None: ...
    def menu(self) -> list[str]: ...


@dataclass
class Heard:
    """An inbox in memory."""

    chat: Chat
    rows: dict[tuple[str, str], Received] = field(default_factory=dict)
    batches: int = 0
    failures: int = 0

    async def store(self, batch: Sequence[Received]) -> None:
        self.batches += 1
        if self.failures:
            self.failures -= 1
            raise OSError("the database is away")
        for row in batch:
            self.rows.setdefault((row.source, row.external_id), row)

    def inbound(self) -> list[Inbound]:
        return [self.chat.parse(row.raw) for row in self.rows.values()]

    async def next(self, claim: Callable[[Inbound], bool]) -> Inbound:
        found = await wait_until(lambda: [one for one in self.inbound() if claim(one)])
        return found[-1]


@contextlib.asynccontextmanager
async def listening(chat: Chat, *, failures: int = 0) -> AsyncIterator[Heard]:
    """Poll *chat* into an inbox in memory; the first *failures* writes fail."""
    heard = Heard(chat, failures=failures)
    task = asyncio.create_task(chat.poll(heard.store))
    try:
        yield heard
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def card(text: str, **fields: object) -> Card:
    """A card of one line."""
    given: dict[str, object] = {"lines": ((Text(text),),), "fallback_text": text}
    return Card(**{**given, **fields})  # type: ignore[arg-type]  # a test's shorthand


async def whole(stream: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in stream])


class ChatConformance:
    """The claims. Subclasses give the fixture `stage`."""

    async def test_the_service_says_who_we_are(self, stage: Stage) -> None:
        introduction = await stage.chat.introduce()

        assert introduction.bot_id
        assert introduction.username
        assert introduction.bot_id in stage.chat.source
        assert stage.chat.source.startswith(f"{stage.chat.name}:")

    async def test_what_a_person_writes_is_stored_raw_and_understood_later(
        self, stage: Stage
    ) -> None:
        async with listening(stage.chat) as heard:
            reference = await stage.says("tomorrow 9am 🥐")
            read = await heard.next(lambda one: one.text == "tomorrow 9am 🥐")

        assert (read.kind, read.message_ref) == ("message", reference)
        assert read.place == stage.place()
        assert read.actor is not None
        assert read.actor.external_id
        assert {row.source for row in heard.rows.values()} == {stage.chat.source}
        assert len({row.conversation for row in heard.rows.values()}) == 1

    async def test_an_event_that_was_not_stored_comes_again(self, stage: Stage) -> None:
        async with listening(stage.chat, failures=2) as heard:
            await stage.says("do not lose me")
            await heard.next(lambda one: one.text == "do not lose me")

        assert heard.batches >= 3

    async def test_an_edit_by_the_person_arrives_as_an_edit(self, stage: Stage) -> None:
        if not stage.chat.capabilities.has_edit_events:
            pytest.skip("this chat tells of no edits")
        async with listening(stage.chat) as heard:
            reference = await stage.says("tomorrow 9am")
            await stage.edits(reference, "tomorrow 10am")
            read = await heard.next(lambda one: one.kind == "edit")

        assert (read.message_ref, read.text) == (reference, "tomorrow 10am")

    async def test_a_command_arrives_with_its_arguments(self, stage: Stage) -> None:
        async with listening(stage.chat) as heard:
            await stage.says("/timezone Europe/Berlin")
            read = await heard.next(lambda one: one.kind == "command")

        assert (read.command, read.arguments) == ("timezone", "Europe/Berlin")

    async def test_a_picture_can_be_fetched_by_what_the_event_named(self, stage: Stage) -> None:
        async with listening(stage.chat) as heard:
            await stage.sends_picture(stage.a_picture(), "Fresh bread")
            read = await heard.next(lambda one: bool(one.attachments))

        (attachment,) = read.attachments
        assert attachment.kind in {AttachmentKind.PHOTO, AttachmentKind.DOCUMENT}
        assert read.text == "Fresh bread"
        got = await whole(stage.chat.fetch(attachment.file_id, max_bytes=10_000_000))
        assert got.startswith(b"\xff\xd8\xff")
        assert attachment.size_bytes in {len(got), None}

    async def test_a_file_over_the_cap_is_not_fetched(self, stage: Stage) -> None:
        async with listening(stage.chat) as heard:
            await stage.sends_picture(stage.a_picture(), "")
            read = await heard.next(lambda one: bool(one.attachments))

        with pytest.raises(FileGone) as gone:
            await whole(stage.chat.fetch(read.attachments[0].file_id, max_bytes=100))
        assert gone.value.reason == "too_big"

    async def test_bad_029_a_file_that_is_not_there_any_more_is_gone(self, stage: Stage) -> None:
        with pytest.raises(FileGone) as gone:
            await whole(stage.chat.fetch("no-such-file", max_bytes=100))

        assert gone.value.reason == "gone"

    async def test_a_card_is_shown_as_an_answer_with_its_buttons(self, stage: Stage) -> None:
        asked = await stage.says("hello")

        reference = await stage.chat.send(
            stage.place(),
            card("Scheduled", quote="Fresh <b>bread</b> & more", buttons=((Button("OK", "p1"),),)),
            reply_to=asked,
        )

        shown = stage.shown()[-1]
        assert shown == Shown(
            reference, "Scheduled\nFresh <b>bread</b> & more", ("OK",), answers=asked
        )

    async def test_a_card_is_shown_even_when_what_it_answers_is_gone(self, stage: Stage) -> None:
        await stage.chat.send(stage.place(), card("still here"), reply_to="999999")

        assert stage.shown()[-1].text == "still here"

    async def test_redrawing_changes_the_same_message_and_drops_old_buttons(
        self, stage: Stage
    ) -> None:
        place = stage.place()
        reference = await stage.chat.send(
            place, card("Scheduled", buttons=((Button("OK", "p1"),),))
        )

        await stage.chat.edit(place, reference, card("Published"))

        assert stage.shown() == [Shown(reference, "Published", (), answers="")]

    async def test_redrawing_what_is_already_so_counts_as_done(self, stage: Stage) -> None:
        place = stage.place()
        reference = await stage.chat.send(place, card("Scheduled"))

        await stage.chat.edit(place, reference, card("Scheduled"))

        assert len(stage.shown()) == 1

    async def test_a_message_that_is_gone_is_told(self, stage: Stage) -> None:
        place = stage.place()
        reference = await stage.chat.send(place, card("Scheduled"))
        await stage.deletes_ours(reference)

        with pytest.raises(MessageGone):
            await stage.chat.edit(place, reference, card("Published"))
        with pytest.raises(MessageGone):
            await stage.chat.edit(place, "not-a-reference", card("Published"))

    async def test_a_press_brings_back_its_payload_and_is_answered(self, stage: Stage) -> None:
        reference = await stage.chat.send(
            stage.place(), card("Sure?", buttons=((Button("Yes", "p1:yes:x:1"),),))
        )
        async with listening(stage.chat) as heard:
            await stage.presses(reference, "Yes")
            read = await heard.next(lambda one: one.kind == "press")

        assert read.press is not None
        assert (read.press.payload, read.press.message_ref) == ("p1:yes:x:1", reference)
        await stage.chat.toast(read.press.press_ref, "Done")
        assert stage.toasts() == ["Done"]

    async def test_a_toast_too_late_or_a_receipt_on_nothing_is_dropped(self, stage: Stage) -> None:
        await stage.chat.toast("no-such-press", "x" * 500, is_alert=True)
        await stage.chat.react(stage.place(), "999999", Reaction.SEEN)
        await stage.chat.react(stage.place(), "nonsense", Reaction.DONE)

    async def test_a_toast_and_a_receipt_raise_nothing_while_the_service_is_down(
        self, stage: Stage
    ) -> None:
        stage.goes_down()

        await stage.chat.toast("no-such-press", "x")
        await stage.chat.react(stage.place(), "1", Reaction.FAILED)

    async def test_being_shut_out_is_a_dead_route(self, stage: Stage) -> None:
        place = stage.place()
        reference = await stage.chat.send(place, card("Scheduled"))
        await stage.shuts_us_out()

        with pytest.raises(RouteDead):
            await stage.chat.send(place, card("x"))
        with pytest.raises(RouteDead):
            await stage.chat.edit(place, reference, card("x"))

    async def test_a_place_that_never_was_is_a_dead_route(self, stage: Stage) -> None:
        nowhere = PlaceRef(stage.chat.name, "", "-987654321")

        with pytest.raises(RouteDead):
            await stage.chat.send(nowhere, card("x"))

    async def test_a_service_that_is_down_is_busy(self, stage: Stage) -> None:
        stage.goes_down()

        with pytest.raises(ChatBusy):
            await stage.chat.introduce()
        with pytest.raises(ChatBusy):
            await stage.chat.send(stage.place(), card("x"))
        with pytest.raises(ChatBusy):
            await whole(stage.chat.fetch("x", max_bytes=10))

    async def test_a_lost_answer_to_a_send_is_busy(self, stage: Stage) -> None:
        stage.loses_answers()

        with pytest.raises(ChatBusy):
            await stage.chat.send(stage.place(), card("x"))

    async def test_listening_outlives_a_service_that_is_down(self, stage: Stage) -> None:
        stage.goes_down()

        async with listening(stage.chat) as heard:
            await stage.says("after the storm")
            await heard.next(lambda one: one.text == "after the storm")

    async def test_the_commands_stand_in_the_menu(self, stage: Stage) -> None:
        await stage.chat.announce(
            [CommandWords("queue", "What is coming", in_groups=True), CommandWords("help", "Help")]
        )

        assert stage.menu() == ["queue", "help"]

    async def test_a_request_that_proves_nothing_is_refused(self, stage: Stage) -> None:
        assert isinstance(await handed_in(stage.chat, {}, b"{}"), Refused)

    async def test_s5_no_secret_stands_in_errors_logs_or_names(
        self, stage: Stage, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(0)
        said = [repr(stage.chat), stage.chat.source]
        async with listening(stage.chat) as heard:
            await stage.sends_picture(stage.a_picture(), "")
            await heard.next(lambda one: bool(one.attachments))
        stage.goes_down()
        for call in (
            stage.chat.introduce(),
            stage.chat.send(stage.place(), card("x")),
            whole(stage.chat.fetch("x", max_bytes=10)),
        ):
            with pytest.raises(ChatBusy) as busy:
                await call
            said.append(_everything(busy.value))

        # The stand-in's own access log is on the other side of the wire.
        said += [str(vars(one)) for one in caplog.records if one.name != "aiohttp.access"]
        told = "\n".join(said)
        assert not [one for one in stage.secrets if one in told]


def _everything(err: BaseException) -> str:
    """What a traceback would show of *err* and of what it names as its cause."""
    shown = [repr(err), str(err)]
    if err.__cause__ is not None:
        shown.append(_everything(err.__cause__))
    if err.__context__ is not None and not err.__suppress_context__:
        shown.append(_everything(err.__context__))
    return "\n".join(shown)
