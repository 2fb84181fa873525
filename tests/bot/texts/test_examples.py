"""What we tell people to write is understood when they write it."""

import re
from datetime import UTC, datetime

import pytest

from bot.texts import LANGUAGES, say
from scheduling.rearranging.sentence import Order, read_order
from scheduling.when import Profile

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
QUOTED = re.compile(r"„([^“]+)“|«\s?([^»]+?)\s?»|“([^”]+)”")
KEYS = ("move.unread", "move.how", "move.why.no_goal", "move.why.swap_two")


@pytest.mark.parametrize("language", LANGUAGES)
def test_b45_every_example_of_a_sentence_is_understood(language: str) -> None:
    profile = Profile("Europe/Berlin", language, "DMY")
    examples = {
        "".join(groups).strip()
        for key in KEYS
        for groups in QUOTED.findall(say(key, language, word=""))
        if "".join(groups).strip()
    }

    read = {words: read_order(words, now=NOW, profile=profile) for words in examples}

    assert len(read) >= 6
    assert [words for words, found in read.items() if not isinstance(found, Order)] == []
    assert all(len(found.goals) <= 1 for found in read.values() if isinstance(found, Order))
