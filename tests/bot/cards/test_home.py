"""A person's Home, from the first opening to a full week. Pure: a view in, a card out."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cards.home import MAX_ROWS, HomeView, home_card
from bot.cards.views import PostView
from bot.texts import LANGUAGES
from integrations.chat.outgoing import Card
from integrations.slack.outbound import MAX_TEXT_CHARS, draw_home
from tests.support.posts import NOW, a_member, a_post, a_target, a_view, an_account

LONG = "November at the Lindenhof, in four pictures"


def lines_of(card: Card) -> list[str]:
    return ["".join(run.text for run in line) for line in card.lines]


def labels_of(card: Card) -> list[str]:
    return [button.label for row in card.buttons for button in row]


def planned(number: int, caption: str = LONG) -> PostView:
    at = NOW + timedelta(days=1 + number % 6, minutes=number)
    post = a_post(stage="committed", number=number, caption=caption)
    return a_view(post, a_target(due_at=at))


def test_b32_a_home_without_an_account_leads_to_connecting_one() -> None:
    card = home_card(HomeView(a_member(), (), (), NOW))

    assert labels_of(card)[:2] == ["Connect Instagram", "New post"]
    assert [one.style for one in card.buttons[0]] == ["primary", "", "", ""]
    assert "No account is connected yet." in lines_of(card)


def test_b32_an_account_that_fell_asleep_stands_among_what_needs_you() -> None:
    asleep = an_account(state="needs_reconnect")

    lines = lines_of(home_card(HomeView(a_member(), (), (asleep,), NOW)))

    assert lines[lines.index("Needs you") + 1].startswith("@brand · business · ⚠️ needs to be")


def test_b32_posts_of_a_home_are_told_apart_by_their_captions() -> None:
    posts = (planned(1, "New mugs!"), planned(2, ""), planned(3, "<!channel> *Soup* of the day"))

    lines = lines_of(home_card(HomeView(a_member(), posts, (an_account(),), NOW)))

    assert "Wed 25 Nov · 15:11 🗓 Scheduled #1 @brand · Photo · New mugs!" in lines
    assert "Thu 26 Nov · 15:12 🗓 Scheduled #2 @brand · Photo" in lines
    assert (
        "Fri 27 Nov · 15:13 🗓 Scheduled #3 @brand · Photo · <!channel> *Soup* of the day" in lines
    )


def test_b45_a_home_speaks_its_persons_language_also_of_a_colleagues_post() -> None:
    klaus = replace(planned(1, "Herbstkarte"), author=a_member(language="de"))

    lines = lines_of(home_card(HomeView(a_member(), (klaus,), (an_account(),), NOW)))

    assert any("Scheduled #1 @brand · Photo · Herbstkarte" in line for line in lines)


@pytest.mark.parametrize("language", LANGUAGES)
def test_b32_a_full_home_fits_and_counts_the_rest(language: str) -> None:
    posts = tuple(planned(number) for number in range(1, 41))

    card = home_card(HomeView(a_member(language=language), posts, (an_account(),), NOW))
    view = draw_home(card)

    assert sum("🗓" in line for line in lines_of(card)) == MAX_ROWS
    assert any("28" in line for line in lines_of(card))
    texts = [
        sum(len(one["text"]) for one in block["elements"][0]["elements"])
        for block in view["blocks"]
        if block["type"] == "rich_text"
    ]
    assert max(texts) < MAX_TEXT_CHARS
