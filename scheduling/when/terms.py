"""The terms a reading is told in."""

from typing import Any, Literal

Status = Literal["ok", "ask", "none"]
Why = Literal[
    "no_time",
    "no_date",
    "no_when",
    "past",
    "ambiguous",
    "conflict",
    "invalid",
    "nonexistent",
    "overlap",
    "range",
    "vague",
    "too_far",
    "unread",
]
Flag = Literal["ambiguous", "default_time", "approximate", "rolled_year", "fallback"]
Grain = Literal["second", "minute", "day", "now"]
Confidence = Literal["certain", "suggested", "guess"]
DateOrder = Literal["DMY", "MDY", "YMD"]
Place = Literal["command", "label", "separator", "own_line", "tail", "two_places", "none"]

Json = dict[str, Any]
