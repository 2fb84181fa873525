"""A process shows that its loop comes round, and a stuck one is noticed."""

import os
from pathlib import Path

import pytest

from bot.heartbeat import BEAT_SECONDS, LATEST_SECONDS, beat, is_alive


class Enough(Exception):
    """Ends the beating."""


async def test_a_loop_that_comes_round_is_alive(tmp_path: Path) -> None:
    path = tmp_path / "heartbeat"
    pauses = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        assert is_alive(path)
        path.unlink()
        if len(pauses) == 3:
            raise Enough

    with pytest.raises(Enough):
        await beat(pause, path)

    assert pauses == [BEAT_SECONDS] * 3


def test_a_loop_that_is_stuck_or_never_came_is_not_alive(tmp_path: Path) -> None:
    path = tmp_path / "heartbeat"
    assert not is_alive(path)

    path.touch()
    old = path.stat().st_mtime - LATEST_SECONDS - 1
    os.utime(path, (old, old))

    assert not is_alive(path)
