"""`python -m bot when`: read a phrase for a person, or JSON lines for a machine."""

import argparse
import gc
import json
import logging
import sys
from datetime import UTC, datetime
from math import ceil
from time import perf_counter_ns
from typing import Any, get_args
from zoneinfo import ZoneInfo

from scheduling.when import Profile, Reading, Split, read, split, warm_up
from scheduling.when.reading import offset_in_words
from scheduling.when.terms import DateOrder
from scheduling.when.zones import find_city

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
    except (KeyError, ValueError, OSError):
        return _refuse(f"There is no zone {options.tz}; {_zone_hint(options.tz)}")
    try:
        ref = datetime.fromisoformat(options.now) if options.now else None
    except ValueError:
        return _refuse(f"{options.now} is no time; write it as 2027-04-13T14:20.")
    now = datetime.now(UTC) if ref is None else ref.replace(tzinfo=ref.tzinfo or zone)  # noqa: TID251
    now = now.astimezone(UTC)
    profile = Profile(options.tz, options.lang, options.date_order)
    if options.message:
        found = split(text, now=now, profile=profile)
        readings = list(found.readings)
        _say(f"caption: {found.caption!r}")
        _say(f"when:    {found.when!r} ({found.place}, {_sureness(found)})")
    else:
        readings = read(text, now=now, profile=profile)
    for reading in readings:
        _tell_reading(reading, text, now, zone)
    return 0 if all(reading.status == "ok" for reading in readings) else 1


def _refuse(words: str) -> int:
    print(words, file=sys.stderr)  # noqa: T201
    return 2


def _zone_hint(name: str) -> str:
    city = find_city(name.casefold().replace("_", " "))
    return f"did you mean {city}?" if city else "names look like Europe/Berlin."


def _sureness(found: Split) -> str:
    return "certain" if found.certain else "suggested"


def _tell_reading(reading: Reading, text: str, now: datetime, home: ZoneInfo) -> None:
    if reading.status == "ok":
        _say(f"ok: {reading.reads_as}{_distance(reading, now)}{_at_home(reading, home)}")
    else:
        _say(f"{reading.status}: {_reason(reading)}")
    if reading.unread is not None:
        start, end = reading.unread
        _say(f"  not understood: {text[start:end]!r}")
        if "\n" not in text and text.isprintable():
            _say(f"  {text}")
            _say(f"  {' ' * start}{'^' * (end - start)}")
    if reading.day is not None:
        _say(f"  on: {reading.day:%a %d %b %Y}")
    for flag in reading.flags:
        _say(f"  {flag}: {_FLAGS[flag]}")
    for run in reading.next3:
        _say(f"  then: {run.astimezone(ZoneInfo(reading.tz)):%a %d %b %Y %H:%M}")
    for other in reading.alternatives:
        _say(f"  or: {other.reads_as}{_at_home(other, home)}")


_WHY = {
    "no_time": "the clock time is missing",
    "no_date": "that day has no fixed date here",
    "no_when": "no time was found",
    "past": "that has passed",
    "ambiguous": "it may mean several times",
    "conflict": "its parts contradict each other",
    "invalid": "there is no such day or clock time",
    "nonexistent": "clocks skip that time on that day",
    "overlap": "clocks show that time twice on that day",
    "range": "it is a stretch of time, not a moment",
    "vague": "it names no moment",
    "too_far": "it is more than two years ahead",
    "unread": "not all of it was understood",
}
_FLAGS = {
    "ambiguous": "it may be meant otherwise",
    "default_time": "a part of the day stands for an hour",
    "approximate": "it was said as about",
    "rolled_year": "it is in the next year",
    "fallback": "it is only guessed",
}


def _reason(reading: Reading) -> str:
    """Why there is no time, in words and as the code of the JSON lines."""
    if reading.is_now:
        return "that is now; nothing is published without being asked (past)"
    if reading.status == "none" or reading.why is None:
        return f"nothing in it is a time ({reading.why})"
    return f"{_WHY[reading.why]} ({reading.why})"


def _distance(reading: Reading, now: datetime) -> str:
    """How far ahead it is, as " (in 2 d 3 h 10 min)"."""
    at = reading.at_utc or reading.first
    if at is None:
        return ""
    minutes, seconds = divmod(ceil((at - now).total_seconds()), 60)
    if minutes < 1:
        return f" (in {seconds} s)"
    days, hours = minutes // 1440, minutes // 60 % 24
    amounts = ((days, "d"), (hours, "h"), (minutes % 60 if days < 7 else 0, "min"))  # noqa: PLR2004
    begins = "first " if reading.rrule else ""
    return f" ({begins}in {' '.join(f'{amount} {unit}' for amount, unit in amounts if amount)})"


def _at_home(reading: Reading, home: ZoneInfo) -> str:
    """The same instant on the person's own clock, where another zone was named."""
    at = reading.at_utc or reading.first
    if at is None or reading.tz == home.key:
        return ""
    local = at.astimezone(home)
    if reading.local is not None and local.utcoffset() == reading.local - at.replace(tzinfo=None):
        return ""
    return f" = {local:%a %d %b %H:%M} {home.key}"


def _say(line: str) -> None:
    print(line)  # noqa: T201 - this is a command line
