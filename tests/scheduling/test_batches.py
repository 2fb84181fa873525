"""What is asked for side by side becomes few statements, and nobody is left waiting."""

import asyncio
from collections.abc import Sequence

import pytest

from scheduling.batches import Batches
from tests.support.clock import SettableClock
from tests.support.waiting import wait_until


class Statements:
    """Notes what each statement was given; one that holds a bad item fails."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def write(self, items: Sequence[int]) -> list[int]:
        self.sizes.append(len(items))
        await self.gate.wait()
        if -1 in items:
            raise ValueError("a bad item")
        return [item * 2 for item in items]


async def test_what_is_asked_for_meanwhile_is_one_statement() -> None:
    statements = Statements()
    batches = Batches(statements.write, most=200, clock=SettableClock())
    statements.gate.clear()
    first = asyncio.create_task(batches.add(1))
    await wait_until(lambda: statements.sizes)
    others = [asyncio.create_task(batches.add(number)) for number in range(2, 60)]
    await wait_until(lambda: len(batches._waiting) == 58)

    statements.gate.set()

    assert await first == 2
    assert await asyncio.gather(*others) == [number * 2 for number in range(2, 60)]
    assert statements.sizes == [1, 58]


async def test_no_statement_is_larger_than_the_most() -> None:
    statements = Statements()
    batches = Batches(statements.write, most=50, clock=SettableClock())

    await asyncio.gather(*(batches.add(number) for number in range(120)))

    assert max(statements.sizes) == 50
    assert sum(statements.sizes) == 120


async def test_a_bad_one_fails_alone() -> None:
    batches = Batches(Statements().write, most=200, clock=SettableClock())

    answers = await asyncio.gather(
        *(batches.add(number) for number in (1, -1, 3)), return_exceptions=True
    )

    assert answers[0] == 2
    assert isinstance(answers[1], ValueError)
    assert answers[2] == 6


async def test_nobody_is_left_waiting_when_the_writing_is_cancelled() -> None:
    statements = Statements()
    batches = Batches(statements.write, most=200, clock=SettableClock())
    statements.gate.clear()
    waiting = asyncio.create_task(batches.add(1))
    await wait_until(lambda: statements.sizes)

    assert batches._flush is not None
    batches._flush.cancel()

    with pytest.raises(asyncio.CancelledError):
        await waiting
