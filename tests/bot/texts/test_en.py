"""The catalogue against the source: no key is missing, none is left over, none lacks a value."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import NamedTuple

import pytest

import bot
from bot.texts import has_words, say
from bot.texts.en import WORDS
from integrations.media.probe import Reason
from platforms import contract
from platforms.contract import ComplaintCode
from platforms.errors import Trouble
from scheduling.duplicates import LOOKS_LIKE

SOURCE = Path(bot.__file__).parent
SAYERS = {"say": "", "words": "", "answer": "", "toast": "", "has_words": "", "button": "button."}
"""Who takes a key as the first argument that is one, and what they put before it."""

OPTIONS = frozenset({"buttons", "connect", "reply", "is_alert"})
CHOSEN_BY_VALUE = {
    "trouble.": {LOOKS_LIKE}
    | {trouble.value for trouble in Trouble}
    | {"other", "media_missing", "disconnected", "personal_account", "late"},
    "complaint.": {code.value for code in ComplaintCode},
    "media.": {reason.value for reason in Reason} | {"too_big", "gone", "no_right"},
}
"""Keys whose ending is a value from elsewhere: each ending must be one that can come."""


class Call(NamedTuple):
    """Words that the source asks for: a key, or its beginning where the rest is a value."""

    where: str
    key: str
    is_whole: bool
    given: frozenset[str]
    is_open: bool


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(SOURCE.rglob("*.py")):
        if path != SOURCE / "texts" / "en.py":
            yield path, ast.parse(path.read_text())


def beginning(node: ast.JoinedStr) -> str:
    first = node.values[0]
    return str(first.value) if isinstance(first, ast.Constant) else ""


def keys_in(node: ast.expr) -> Iterator[tuple[str, bool]]:
    """Give the keys an argument can be: constants whole, f-strings by their beginning."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value, True
    elif isinstance(node, ast.JoinedStr):
        yield beginning(node), False
    elif isinstance(node, ast.IfExp):
        yield from keys_in(node.body)
        yield from keys_in(node.orelse)


def calls() -> Iterator[Call]:
    for path, tree in trees():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name not in SAYERS or not node.args:
                continue
            at = 1 if name == "button" else 0
            given = frozenset(one.arg for one in node.keywords if one.arg)
            is_open = name == "has_words" or any(one.arg is None for one in node.keywords)
            for key, is_whole in keys_in(node.args[at]):
                yield Call(
                    f"{path.name}:{node.lineno}", SAYERS[name] + key, is_whole, given, is_open
                )


def placeholders(key: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(WORDS[key]) if name}


def test_the_scan_sees_the_source() -> None:
    found = list(calls())

    assert len(found) > 150
    assert sum(not call.is_whole for call in found) > 5


def test_every_key_that_the_source_asks_for_has_words() -> None:
    missing = [call for call in calls() if call.is_whole and not has_words(call.key)]

    assert missing == []


def test_every_beginning_of_a_key_fits_some_words() -> None:
    missing = [
        call
        for call in calls()
        if not call.is_whole and not any(key.startswith(call.key) for key in WORDS)
    ]

    assert missing == []


def test_every_value_that_words_need_is_given_by_whoever_says_them() -> None:
    lacking = [
        (call, placeholders(call.key) - call.given)
        for call in calls()
        if call.is_whole and not call.is_open and placeholders(call.key) - call.given - {"text"}
    ]

    assert lacking == []


def test_no_words_are_left_over() -> None:
    constants: set[str] = set()
    beginnings = {call.key for call in calls() if not call.is_whole}
    for _, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                constants.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                beginnings.add(beginning(node))
    whole = constants | {call.key for call in calls() if call.is_whole}
    # The keys of buttons are all seen whole (the drawer puts their beginning before them).
    beginnings -= {"button."}
    prefixes = tuple(one for one in beginnings if re.fullmatch(r"[a-z_]+(\.[a-z_]+)*\.", one))

    unused = [
        key
        for key in WORDS
        if key.removesuffix(".one") not in whole and not key.startswith(prefixes)
    ]

    assert unused == []


def test_words_that_are_chosen_by_a_value_have_a_value_that_can_come() -> None:
    for start, endings in CHOSEN_BY_VALUE.items():
        found = {key.removeprefix(start) for key in WORDS if key.startswith(start)}
        assert found - endings - {"item", "file"} == set(), start


@pytest.mark.parametrize("trouble", list(Trouble))
def test_b24_every_trouble_of_a_platform_is_said_in_a_sentence(trouble: Trouble) -> None:
    words = say(f"trouble.{trouble.value}")

    assert words[0].isupper()
    assert words.endswith(".")


@pytest.mark.parametrize("reason", list(Reason))
def test_b19_every_reason_to_refuse_a_file_names_the_item(reason: Reason) -> None:
    assert say(f"media.{reason.value}", item="Item 3").startswith("Item 3 ")


def documented_params() -> dict[str, set[str]]:
    """Read the params of each complaint where the contract documents them."""
    source = Path(contract.__file__).read_text()
    found = {}
    for line in source.splitlines():
        match = re.match(r'\s+[A-Z_]+ = "(\w+)"(?:\s+# params: (.*))?$', line)
        if match and match[1] in {code.value for code in ComplaintCode}:
            listed = re.sub(r"\(.*?\)", "", match[2] or "").split(";")[0]
            found[match[1]] = {name.strip() for name in listed.split(",") if name.strip()}
    return found


@pytest.mark.parametrize("code", list(ComplaintCode))
def test_b19_every_complaint_has_words_for_the_values_it_comes_with(code: ComplaintCode) -> None:
    known = documented_params()[code.value] | {"item"}
    values = {name: 2 if name != "item" else "Item 3" for name in known}

    words = say(f"complaint.{code.value}", **values)

    assert placeholders(f"complaint.{code.value}") <= known
    assert words.endswith(".")
    assert "{" not in words


def test_words_for_one_thing_belong_to_words_for_many() -> None:
    ones = [key for key in WORDS if key.endswith(".one")]

    assert ones
    assert [key for key in ones if key.removesuffix(".one") not in WORDS] == []
    assert say("queue.drafts", count=1, numbers="#1").startswith("1 draft waits")
    assert say("queue.drafts", count=2, numbers="#1, #2").startswith("2 drafts wait")


def test_no_words_are_empty_or_end_in_space() -> None:
    # `notice.tried` stands in the middle of a sentence.
    loose = [key for key, words in WORDS.items() if words != words.rstrip() or not words]

    assert loose == ["notice.tried"]


def test_s10_what_people_wrote_is_never_read_as_a_placeholder() -> None:
    assert say("plain", text="{number} {0} {}") == "{number} {0} {}"
    assert say("time.not_read", words="{words.__class__}").count("{words.__class__}") == 1


def test_b45_an_unknown_language_is_answered_in_english() -> None:
    assert say("toast.done", "xx") == say("toast.done", "en")
