"""K24: a button that leads nowhere is not shown. The drawn is held against the handled."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import bot
from bot.cards.account import account_card
from bot.cards.buttons import read_payload
from bot.cards.post import post_card
from bot.flows import accounts, presses, series
from tests.bot.cards.test_post import all_views
from tests.support.posts import INSTAGRAM, NOW, an_account

PARTS = (*presses.GROUPS, *(flow.VERBS for flow in (*presses.FLOWS, series)))
HANDLED = {verb for part in PARTS for verb in part}
DRAWERS = {"button": 0, "labelled": 0, "payload": 0}
ACCOUNT_STATES = ("unconfirmed", "active", "needs_reconnect", "held", "disconnected")


def without_number(verb: str) -> str:
    return re.sub(r"\d+$", "", verb)


def verbs_in_source() -> Iterator[tuple[str, str]]:
    """Give every verb that is written where a button is drawn, and where that is."""
    for path in sorted(Path(bot.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            first = node.args[0]
            if name not in DRAWERS or len(node.args) < 2:
                continue
            if isinstance(first, ast.JoinedStr):
                first = first.values[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value, f"{path.name}:{node.lineno}"


def test_k24_every_button_of_a_posts_card_in_any_state_is_handled() -> None:
    drawn = {
        without_number(pressed.verb)
        for view in all_views()
        for row in post_card(view, INSTAGRAM).buttons
        for button in row
        if (pressed := read_payload(button.payload))
    }

    assert len(drawn) > 20
    assert drawn - {*presses._HANDLERS, *series.VERBS} == set()


def test_k24_every_button_of_an_accounts_card_is_handled() -> None:
    drawn = {
        pressed.verb
        for state in ACCOUNT_STATES
        for row in account_card(an_account(state=state), "en", now=NOW).buttons
        for button in row
        if (pressed := read_payload(button.payload))
    }

    assert drawn == {"mine", "nmine", "acon"}
    assert drawn <= accounts.VERBS


def test_k24_every_verb_that_the_source_draws_is_handled() -> None:
    found = {without_number(verb): where for verb, where in verbs_in_source()}

    assert len(found) > 30
    assert {verb: where for verb, where in found.items() if verb not in HANDLED} == {}


def test_k24_no_verb_is_handled_in_two_places() -> None:
    assert sum(map(len, PARTS)) == len(HANDLED)
