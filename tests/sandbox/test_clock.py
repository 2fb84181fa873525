"""The clock that stand-ins, demo and tests share through a file."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sandbox.clock import ShiftedClock, unix

A_MOMENT = timedelta(seconds=5)


def test_without_a_file_it_tells_real_time(tmp_path: Path) -> None:
    plain = ShiftedClock()
    absent = ShiftedClock(tmp_path / "none")

    assert abs(plain.now() - absent.now()) < A_MOMENT
    assert plain.now().tzinfo is UTC


def test_two_clocks_on_one_file_agree(tmp_path: Path) -> None:
    one, other = ShiftedClock(tmp_path / "shift"), ShiftedClock(tmp_path / "shift")
    before = other.now()

    one.advance(timedelta(hours=2))
    one.advance(timedelta(hours=1))

    assert timedelta(hours=3) <= other.now() - before < timedelta(hours=3) + A_MOMENT
    assert unix(other) - before.timestamp() >= 3 * 3600 - 1


def test_a_file_written_by_hand_is_read_and_an_empty_one_is_no_shift(tmp_path: Path) -> None:
    shift = tmp_path / "shift"
    clock = ShiftedClock(shift)

    shift.write_text("-60\n")
    behind = clock.shift_seconds
    shift.write_text("")
    os.utime(shift, ns=(1, 1))
    emptied = clock.shift_seconds
    shift.unlink()

    assert (behind, emptied, clock.shift_seconds) == (-60.0, 0.0, 0.0)


def test_it_can_be_put_to_a_moment(tmp_path: Path) -> None:
    clock = ShiftedClock(tmp_path / "shift")
    moment = datetime(2030, 1, 1, 9, tzinfo=UTC)

    clock.advance_to(moment)

    assert moment <= clock.now() < moment + A_MOMENT


def test_the_environment_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shift").write_text("90")

    monkeypatch.setenv("CLOCK_SHIFT_FILE", str(tmp_path / "shift"))
    named = ShiftedClock.from_environment().shift_seconds
    monkeypatch.delenv("CLOCK_SHIFT_FILE")

    assert (named, ShiftedClock.from_environment().shift_seconds) == (90.0, 0.0)
