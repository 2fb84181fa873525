"""The maker of named tuples, and that the reader is loaded without what it spares."""

import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from scheduling.when.facts import Clock
from scheduling.when.reading import Profile, Reading

ROOT = Path(__file__).parents[3]


def test_a_record_has_the_fields_and_defaults_of_its_class() -> None:
    assert Clock(9) == (9, 0, 0, False, False, False)
    assert Clock._fields[:3] == ("hour", "minute", "second")
    assert Clock(hour=9, minute=30)._replace(minute=45).minute == 45
    assert Clock.__doc__ is not None
    assert Clock.__doc__.startswith("A clock time")


def test_a_record_keeps_its_methods_and_needs_what_has_no_default() -> None:
    assert Reading("ask").is_sure is False
    assert Profile(zone="UTC").hours.morning == 9
    with pytest.raises(TypeError, match="zone"):
        Profile()  # type: ignore[call-arg]


def test_a_record_holds_nothing_else_and_survives_pickling() -> None:
    with pytest.raises(AttributeError):
        Clock(9).zone = "UTC"  # type: ignore[attr-defined]
    assert pickle.loads(pickle.dumps(Reading("ok", "UTC"))) == Reading("ok", "UTC")


def test_the_reader_is_imported_without_typing_and_patterns() -> None:
    asked = (
        "import sys, scheduling.when; print(sorted({'typing', 're', 'enum'} & set(sys.modules)))"
    )
    told = subprocess.run(
        [sys.executable, "-S", "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "[]"
