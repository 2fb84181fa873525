"""What a form says, judged while it is acknowledged."""

from datetime import timedelta

import pytest

from bot.flows.account_field import value_of
from bot.flows.forms import judge_form
from integrations.chat.incoming import Submitted
from tests.support.posts import NOW, an_account


def form(when: str, language: str = "en") -> Submitted:
    return Submitted("p1:ftime:AAAAAAAAAAAAAAAAAAAAAA:0", {"when": when}, language)


def seconds(by: timedelta) -> str:
    return str(int((NOW + by).timestamp()))


def test_b07_a_time_in_the_past_is_an_error_of_its_field_in_the_persons_language() -> None:
    past = seconds(timedelta(minutes=-1))

    assert judge_form(form(past), now=NOW) == {"when": "That time is in the past."}
    assert judge_form(form(past, "de"), now=NOW) == {"when": "Diese Zeit ist schon vorbei."}


@pytest.mark.parametrize("when", ["", "soon", "-5", "9" * 40])
def test_what_is_no_time_is_left_to_be_asked(when: str) -> None:
    assert judge_form(form(when), now=NOW) == {}


def test_a_time_ahead_is_fine() -> None:
    assert judge_form(form(seconds(timedelta(minutes=1))), now=NOW) == {}


def test_all_that_is_wrong_is_said_at_once() -> None:
    gone = value_of(an_account(), stays=False)
    both = Submitted(
        "p1:ftime:AAAAAAAAAAAAAAAAAAAAAA:0",
        {"when": seconds(timedelta(minutes=-1)), "account": gone},
    )

    assert set(judge_form(both, now=NOW, known={})) == {"when", "account"}


def test_an_account_nobody_could_look_up_is_left_to_whoever_does_the_form() -> None:
    gone = Submitted(
        "p1:x:AAAAAAAAAAAAAAAAAAAAAA:0", {"account": value_of(an_account(), stays=False)}
    )

    assert judge_form(gone, now=NOW, known=None) == {}
