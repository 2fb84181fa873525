"""Whole conversations, held equal to texts that people can read: `golden/<chat>/<name>.txt`.

`UPDATE_TRANSCRIPTS=1 pytest tests/journeys/test_transcripts.py` writes them anew. Slack by HTTP
and over sockets must give the same text.
"""

import heapq
import itertools
import os
import traceback
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from pathlib import Path

import pytest
import pytest_asyncio

from tests.support.talking import OnSlack, Somebody, a_photo
from tests.support.town import BERLIN, MODES, Town, running_town
from tests.support.transcript import Transcript

GOLDEN = Path(__file__).parent / "golden"
MUST_WRITE = bool(os.environ.get("UPDATE_TRANSCRIPTS"))  # noqa: TID251 - how this run is begun


def on(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """Return a moment of November 2026 by the clocks of Berlin."""
    return datetime(2026, 11, day, hour, minute, second, tzinfo=BERLIN)


MONDAY = on(23, 15, 10)
AUTUMN = "Autumn menu is here 🍂 #cafe"

Telling = AsyncIterator[datetime]
"""A conversation in parts: before each part it gives the moment at which that happens."""


class Stage:
    """Where one conversation is played, and its transcript."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.transcript: Transcript | None = None

    async def settled(self, title: str) -> Transcript:
        """Have somebody play it who is no stranger and has an account."""
        return self.tells(await self.town.settled(), title)

    def tells(self, who: Somebody, title: str) -> Transcript:
        """Have *who* play it, from now on."""
        self.transcript = Transcript(self.town, who, title)
        return self.transcript


async def connect(stage: Stage) -> Telling:
    yield MONDAY
    dana = await stage.town.newcomer()
    stage.town.account_for(dana)
    told = stage.tells(dana, "1 · Connect")
    await told.commands("start")
    await told.presses(told.newest("Hi Dana"), "Connect Instagram")
    await told.opens(told.newest("Open this link"))
    await told.presses(told.newest("Is it yours?"), "Yes, it is mine")


async def photo(stage: Stage) -> Telling:
    yield MONDAY
    told = await stage.settled("2 · A photo, the time on a line of its own")
    await told.sends(a_photo(), words=f"{AUTUMN}\ntomorrow 9am")
    yield on(24, 9, 0, 1)
    told.clock_shows()
    await told.sees("is on Instagram")


async def one_line(stage: Stage) -> Telling:
    yield MONDAY
    told = await stage.settled("2b · The same on one line")
    await told.sends(a_photo(), words=f"{AUTUMN} tomorrow 9am")
    await told.presses(told.newest("Draft"), "Schedule")


async def album(stage: Stage) -> Telling:
    yield MONDAY
    told = await stage.settled("3 · Four photos")
    await told.sends(*[a_photo(number) for number in range(4)], words="fri 18:30\nTeam day")


async def no_time(stage: Stage) -> Telling:
    yield MONDAY
    told = await stage.settled("5 · The time is missing")
    await told.sends(a_photo(), words="New mugs!")
    await told.writes("sat noon")


async def ambiguous(stage: Stage) -> Telling:
    yield on(27, 22, 10)
    told = await stage.settled("6 · A time that can mean two")
    await told.sends(a_photo(), words="Menu\nfriday 9")
    card = told.newest("Draft")
    await told.presses(card, next(one for one in card.buttons if "21:00" in one))


async def edit(stage: Stage) -> Telling:
    yield MONDAY
    told = await stage.settled("7 · Another time, another caption")
    await told.sends(a_photo(), words=f"{AUTUMN}\ntomorrow 9am")
    card = told.newest("Scheduled")
    await told.replies(card, "make it 10am")
    await told.presses(told.newest("→"), "Undo")
    if isinstance(told.who, OnSlack):
        form = await told.sees_window(card, "Change time")
        await told.fills(form, "When", on(23, 9))
        await told.fills(form, "When", on(27, 18, 30))
        form = await told.sees_window(card, "Edit caption")
        await told.fills(form, "Caption", "Winter menu is here ❄️ #cafe")
    else:
        await told.presses(card, "Change time")
        await told.writes("yesterday 9am")
        await told.writes("fri 18:30")
        await told.presses(card, "Edit caption")
        await told.writes("Winter menu is here ❄️ #cafe")


async def queue(stage: Stage) -> Telling:
    yield MONDAY
    dana = await stage.town.settled()
    for number, when in enumerate(("tomorrow 9am", "fri 18:30", "sun 19:00"), start=1):
        await dana.sends(a_photo(number), words=f"Menu {number}\n{when}")
        await dana.sees(f"Scheduled #{number}")
    told = stage.tells(dana, "8 · What is planned")
    await told.commands("queue")
    await told.presses(told.newest("Next 7 days"), "#2")


async def cancel(stage: Stage) -> Telling:
    yield MONDAY
    told = await stage.settled("9 · Cancel, and back")
    await told.sends(a_photo(), words=f"{AUTUMN}\ntomorrow 9am")
    await told.presses(told.newest("Scheduled"), "Cancel post")
    await told.presses(told.newest("Cancelled"), "Undo")


async def failure(stage: Stage) -> Telling:
    yield MONDAY
    told = await stage.settled("11 · The login is dead")
    await told.sends(a_photo(), words=f"{AUTUMN}\ntomorrow 9am")
    yield on(24, 8, 59, 50)
    stage.town.world.instagram.kill_tokens(told.who.account)
    stage.town.goes_to(on(24, 9, 0, 1))
    told.clock_shows()
    await told.sees("needs you")
    yield on(24, 9, 41)
    told.clock_shows()
    await told.presses(told.newest("On hold"), "Reconnect & publish")
    await told.opens(told.newest("Open this link"))
    await told.sees("is on Instagram")


async def recurring(stage: Stage) -> Telling:
    yield MONDAY
    told = await stage.settled("12 · Again and again")
    await told.sends(a_photo(), words="Motivation Monday\nevery monday 8am until end of january")
    await told.presses(told.newest("Series"), "Skip next")
    await told.presses(told.newest("Series"), "Pause")


async def zone(stage: Stage) -> Telling:
    yield MONDAY
    dana = await stage.town.newcomer()
    await dana.commands("start")
    await dana.sees("Hi Dana")
    await stage.town.connects(dana)
    told = stage.tells(dana, "16 · The first time: which time zone?")
    await told.sends(a_photo(), words=f"{AUTUMN}\ntomorrow 9am")
    if dana.chat == "telegram":
        await told.presses(told.newest("Is it"), "15:10 · Berlin")
    await told.commands("timezone London")
    await told.presses(told.newest("Keep"), "Keep the clock times")


TOLD: dict[str, Callable[[Stage], Telling]] = {
    "01-connect": connect,
    "02-photo": photo,
    "02b-one-line": one_line,
    "03-album": album,
    "05-no-time": no_time,
    "06-ambiguous": ambiguous,
    "07-edit": edit,
    "08-queue": queue,
    "09-cancel": cancel,
    "11-failure": failure,
    "12-recurring": recurring,
    "16-zone": zone,
}


async def play(town: Town) -> dict[str, str]:
    """Play all conversations, each part at its moment; one that breaks ends with its trouble."""
    stages = {name: Stage(town) for name in TOLD}
    ends: dict[str, str] = {}
    order = itertools.count()
    ahead: list[tuple[datetime, int, str, Telling]] = []
    for name, begin in TOLD.items():
        telling = begin(stages[name])
        heapq.heappush(ahead, (await anext(telling), next(order), name, telling))
    while ahead:
        moment, _, name, telling = heapq.heappop(ahead)
        town.goes_to(moment)
        try:
            heapq.heappush(ahead, (await anext(telling), next(order), name, telling))
        except StopAsyncIteration:
            pass
        except Exception:  # noqa: BLE001 - one that breaks must not hide the others
            ends[name] = traceback.format_exc()
    return {name: f"{stage.transcript}{ends.get(name, '')}" for name, stage in stages.items()}


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=MODES)
async def played(
    request: pytest.FixtureRequest,
    database_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[str, dict[str, str]]:
    """The chat, and the text of each conversation in it."""
    mode = request.param
    folder = tmp_path_factory.mktemp("town")
    async with running_town(mode, database_url=database_url, folder=folder) as town:
        texts = await play(town)
    return mode.partition("-")[0], texts


@pytest.mark.parametrize("name", TOLD)
def test_a_conversation_reads_as_it_is_written_down(
    played: tuple[str, dict[str, str]], name: str
) -> None:
    chat, texts = played
    path = GOLDEN / chat / f"{name}.txt"

    if MUST_WRITE:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(texts[name], encoding="utf-8")

    assert texts[name] == path.read_text(encoding="utf-8")
