import asyncio

from scheduling.lines import Lines


async def test_as_many_calls_go_out_at_once_as_there_are_lines() -> None:
    lines = Lines(2, patience=0.01)

    had = [await lines.take() for _ in range(3)]

    assert had == [True, True, False]


async def test_a_line_that_was_given_back_is_taken_by_who_waits() -> None:
    lines = Lines(1, patience=30)
    await lines.take()
    waiting = asyncio.create_task(lines.take())

    lines.give()

    assert await waiting


async def test_who_waits_goes_out_without_a_line_before_its_intent_is_stale() -> None:
    lines = Lines(1)
    await lines.take()
    before = asyncio.get_running_loop().time()

    has_line = await lines.take()

    assert not has_line
    assert asyncio.get_running_loop().time() - before < 1.0
