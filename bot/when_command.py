"""`python -m bot when`: read a phrase for a person, or JSON lines for a machine."""

import argparse
import gc
import json
import logging
import sys
from datetime import UTC, datetime
from time import perf_counter_ns
from typing import Any, get_args
from zoneinfo import ZoneInfo

from scheduling.when import Profile, Reading, Split, read, split, warm_up
from scheduling.when.reading import DateOrder, offset_in_words

log = logging.getLogger(__name__)

_UNREAD = {"id": None, "status": "none", "why": "unread"}


def main(argv: list[str]) -> int:
    """Run the command with *argv* (what follows the word "when"); give the exit status.

    With `--jsonl` it answers one JSON line per line of standard input. Otherwise it reads the
    phrase given and tells what was understood; the status is 1 when that is no time.
    """
    options = _options(argv)
    if options.jsonl:
        return answer_lines()
    if not options.phrase:
        print("Say when, for example: when 'tomorrow 9am' --tz Europe/Berlin", file=sys.stderr)  # noqa: T201
        return 2
    return _tell(" ".join(options.phrase), options)


def answer_lines() -> int:
    """Answer JSON lines from standard input on standard output, in the same order."""
    warm_up()
    gc.freeze()  # the tables stay: looking through them for garbage would cost some answers ms
    out = sys.stdout.buffer
    for line in sys.stdin.buffer:
        if not line.strip():
            continue
        try:
            reply = answer(line)
        except Exception:
            # One line must not take the answers of all others with it.
            log.exception("when.line_failed")
            reply = dict(_UNREAD)
        out.write(json.dumps(reply, ensure_ascii=True).encode() + b"\n")
        out.flush()
    return 0


def answer(line: bytes) -> dict[str, Any]:
    """The answer to one line of the contract; a faulty line is answered, not raised."""
    try:
        asked = json.loads(line)
        text, profile, now = _asked(asked)
    except (ValueError, KeyError, TypeError, AttributeError, OSError, OverflowError):
        return dict(_UNREAD)
    started = perf_counter_ns()
    if asked.get("mode") == "message":
        found = split(text, now=now, profile=profile)
        elapsed = perf_counter_ns() - started
        reply = _split_answer(found, profile)
    else:
        readings = read(text, now=now, profile=profile)
        elapsed = perf_counter_ns() - started
        reply = _readings_answer(readings, profile)
    return {"id": asked.get("id"), **reply, "elapsed_us": round(elapsed / 1000, 1)}


def _asked(asked: dict[str, Any]) -> tuple[str, Profile, datetime]:
    text, zone = asked["input"], asked.get("tz") or "UTC"
    if not isinstance(text, str):
        raise TypeError("input is no text")
    order = asked.get("date_order")
    profile = Profile(
        zone=zone,
        language=str(asked.get("lang") or "en"),
        date_order=order if order in get_args(DateOrder) else None,
    )
    ref = datetime.fromisoformat(asked["ref"])
    now = ref.replace(tzinfo=ZoneInfo(zone)) if ref.tzinfo is None else ref
    return text, profile, now.astimezone(UTC)


def _split_answer(found: Split, profile: Profile) -> dict[str, Any]:
    reply = _readings_answer(list(found.readings), profile)
    reply["caption"] = found.caption if reply["status"] == "ok" else found.text
    reply["when"] = found.when
    reply["certain"] = found.certain
    return reply


def _readings_answer(readings: list[Reading], profile: Profile) -> dict[str, Any]:
    if len(readings) > 1:
        # Two times are two posts after a tap: to this contract, a question with both.
        both = [each for reading in readings for each in _choices(reading)]
        reading = Reading("ask", profile.zone, why="ambiguous", alternatives=tuple(both))
    else:
        reading = readings[0]
    zone = ZoneInfo(profile.zone)
    is_rule = reading.rrule is not None
    return {
        "status": reading.status,
        "at": _local(reading.at_utc, zone) if reading.status == "ok" and not is_rule else None,
        "rrule": reading.rrule,
        "first": _local(reading.first, zone),
        "next": [_local(run, zone) for run in reading.next3] if is_rule else None,
        "caption": None,
        "when": None,
        "certain": reading.status == "ok",
        "flags": list(reading.flags),
        "alternatives": [_choice(each, zone) for each in reading.alternatives],
        "why": reading.why,
        "date": None if reading.day is None else reading.day.isoformat(),
    }


def _choices(reading: Reading) -> tuple[Reading, ...]:
    return (reading,) if reading.status == "ok" else reading.alternatives


def _local(at: datetime | None, zone: ZoneInfo) -> str | None:
    """The naive local time, to the minute unless it has seconds."""
    if at is None:
        return None
    local = at.astimezone(zone).replace(tzinfo=None)
    return local.isoformat(timespec="seconds" if local.second else "minutes")


def _choice(reading: Reading, zone: ZoneInfo) -> str | None:
    """The local time of a button, with its offset where that clock time comes twice."""
    at = reading.at_utc or reading.first
    if at is None:
        return None
    text = _local(at, zone) or ""
    local = at.astimezone(zone)
    early, late = local.replace(fold=0).utcoffset(), local.replace(fold=1).utcoffset()
    offset = local.utcoffset()
    if early == late or offset is None:
        return text
    return text + offset_in_words(offset)


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="when", description="Read a time phrase.")
    parser.add_argument("phrase", nargs="*", help='for example "tomorrow 9am"')
    parser.add_argument("--tz", default="UTC", help="the person's zone, such as Europe/Berlin")
    parser.add_argument("--lang", default="en", help="the person's language, such as de")
    parser.add_argument("--date-order", choices=get_args(DateOrder), help="how 7/8 is read")
    parser.add_argument("--now", help="local time to count from, such as 2027-04-13T14:20")
    parser.add_argument("--message", action="store_true", help="split caption and time first")
    parser.add_argument("--jsonl", action="store_true", help="answer JSON lines on standard input")
    return parser.parse_args(argv)


def _tell(text: str, options: argparse.Namespace) -> int:
    try:
        zone = ZoneInfo(options.tz)
        ref = datetime.fromisoformat(options.now) if options.now else None
    except (KeyError, ValueError, OSError) as err:
        print(f"{err}", file=sys.stderr)  # noqa: T201
        return 2
    now = datetime.now(UTC) if ref is None else ref.replace(tzinfo=ref.tzinfo or zone)  # noqa: TID251
    profile = Profile(options.tz, options.lang, options.date_order)
    if options.message:
        found = split(text, now=now.astimezone(UTC), profile=profile)
        readings = list(found.readings)
        _say(f"caption: {found.caption!r}")
        _say(f"when:    {found.when!r} ({found.place}, {_sureness(found)})")
    else:
        readings = read(text, now=now.astimezone(UTC), profile=profile)
    for reading in readings:
        _tell_reading(reading, text)
    return 0 if all(reading.status == "ok" for reading in readings) else 1


def _sureness(found: Split) -> str:
    return "certain" if found.certain else "suggested"


def _tell_reading(reading: Reading, text: str) -> None:
    _say(f"{reading.status}: {reading.reads_as or reading.why}")
    if reading.status != "ok" and reading.reads_as and reading.why:
        _say(f"  because: {reading.why}")
    if reading.unread is not None:
        start, end = reading.unread
        _say(f"  not understood: {text[start:end]!r}")
    if reading.day is not None:
        _say(f"  on: {reading.day:%a %d %b %Y}")
    if reading.flags:
        _say(f"  flags: {', '.join(reading.flags)}")
    for run in reading.next3:
        _say(f"  then: {run.astimezone(ZoneInfo(reading.tz)):%a %d %b %Y %H:%M}")
    for other in reading.alternatives:
        _say(f"  or: {other.reads_as}")


def _say(line: str) -> None:
    print(line)  # noqa: T201 - this is a command line
