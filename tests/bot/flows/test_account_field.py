"""The field that says where a post goes: when it is there, what it offers, what it refuses."""

import json

import pytest

from bot.flows.account_field import (
    NAME,
    account_field,
    account_field_of_new,
    account_in,
    is_another,
    judge_account,
    value_of,
)
from bot.texts.catalogue import LANGUAGES
from integrations.chat.incoming import Submitted
from integrations.chat.outgoing import Field, Form
from integrations.slack.outbound import draw_form
from models.account import Account
from sandbox.slack.lint import view_problems
from tests.support.posts import NOW, an_account
from tests.support.slack import judge_view

BROKEN = ("needs_reconnect", "held")


def many(count: int, username: str = "shop", **values: str) -> list[Account]:
    return [
        an_account(username=f"{username}{number:03}", trouble="account_restricted", **values)
        for number in range(count)
    ]


def field(accounts: list[Account], current: Account | None, language: str = "en") -> Field:
    (found,) = account_field(accounts, current, language=language, now=NOW)
    return found


def of_new(accounts: list[Account]) -> Field:
    (found,) = account_field_of_new(accounts, language="en", now=NOW)
    return found


def drawn(*fields: Field) -> dict[str, object]:
    """Draw a form that has a caption too, and let others judge it."""
    caption = Field("caption", "Caption", "long_text", value="🍂" * 1_100, max_chars=2_200)
    form = Form("Account of #1", "p1:facct:x:0", "Save", (caption, *fields))
    view = draw_form(form, channel="C1")
    assert view_problems(view) == []
    judge_view(view)
    return view


def sent(value: str, language: str = "en") -> Submitted:
    return Submitted("p1:facct:AAAAAAAAAAAAAAAAAAAAAA:0", {NAME: value}, language)


# ── what it offers ──


@pytest.mark.parametrize("count", [0, 1])
def test_b37_without_a_choice_there_is_no_field(count: int) -> None:
    accounts = many(count)

    assert account_field(accounts, accounts[0] if accounts else None, language="en", now=NOW) == ()
    assert account_field_of_new(accounts, language="en", now=NOW) == ()


def test_b37_the_posts_own_account_is_chosen_and_the_others_follow_by_name() -> None:
    own, zoo, art = many(1)[0], an_account(username="Zoo"), an_account(username="art")

    found = field([zoo, own, art], own)

    assert [label for _, label in found.options] == ["@shop000", "@art", "@Zoo"]
    assert found.value == found.options[0][0] == value_of(own, stays=True)
    assert (found.kind, found.is_optional) == ("choice", False)


def test_an_account_that_is_gone_may_stay_and_is_named_so() -> None:
    gone = an_account(username="old", state="disconnected")

    found = field(many(1), gone)

    assert [label for _, label in found.options] == ["@old · disconnected", "@shop000"]
    assert not is_another(sent(found.value))


@pytest.mark.parametrize("count", [1, 2])
def test_of_a_post_whose_account_is_gone_none_is_chosen_and_none_must_be(count: int) -> None:
    found = field(many(count), None)

    assert (found.value, found.is_optional) == ("", True)
    assert len(found.options) == count


def test_b37_a_new_post_goes_to_the_first_account_unless_another_is_chosen() -> None:
    accounts = [an_account(username="main"), an_account(username="art")]

    found = of_new(accounts)

    assert account_in(sent(found.value)) == accounts[0].id
    assert [label for _, label in found.options] == ["@main", "@art"]


def test_a_broken_account_of_a_new_post_may_stay_only_where_none_works() -> None:
    broken, works = an_account(state="needs_reconnect"), an_account(username="works")

    assert is_another(sent(of_new([broken, works]).value))
    assert not is_another(sent(of_new([broken, an_account(state="held")]).value))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["a_brand_of_the_usual_thirty_ltr", "x" * 300])
def test_what_is_wrong_with_an_account_can_be_read_whatever_its_name(
    language: str, name: str
) -> None:
    found = field([an_account(username=name, state="needs_reconnect")], an_account(), language)

    label = drawn(found)["blocks"][1]["element"]["options"][1]["text"]["text"]  # type: ignore[index]

    assert label == found.options[1][1], "nothing of it was cut"
    assert label.startswith("@")
    assert len(label.partition("⚠️")[2]) > 5, "what is wrong is said, not only drawn"


@pytest.mark.parametrize("username", ["shop", "x" * 300, "<!channel>&", "שלום", "🍂" * 300])
@pytest.mark.parametrize("count", [2, 100, 101, 150, 350])
def test_forms_of_any_number_of_accounts_and_names_of_any_length_fit(
    count: int, username: str
) -> None:
    accounts = many(count, username, state="needs_reconnect")
    chosen = accounts[-1]

    view = drawn(field(accounts, chosen, "ru"))

    element = view["blocks"][1]["element"]  # type: ignore[index]
    groups = element.get("option_groups") or [{"options": element["options"]}]
    offered = [one for group in groups for one in group["options"]]
    assert len(offered) == min(count, 300)
    assert element["initial_option"]["value"] == value_of(chosen, stays=True)
    assert len(json.dumps(view).encode()) < 250_000


# ── what it refuses ──


def test_what_stood_there_is_never_refused() -> None:
    value = value_of(an_account(state="needs_reconnect"), stays=True)

    assert judge_account(sent(value), {}) == ""


@pytest.mark.parametrize("value", ["", "=", "x", "AAAA", "é" * 22, "=" * 40])
def test_a_value_that_names_nothing_says_nothing_of_an_account(value: str) -> None:
    assert account_in(sent(value)) is None


def test_an_account_that_works_is_taken() -> None:
    account = an_account()

    assert judge_account(sent(value_of(account, stays=False)), {account.id: account}) == ""


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("needs_reconnect", "@brand has to be connected again first."),
        ("held", "@brand is on hold. Instagram has restricted the account."),
        ("disconnected", "not connected any more"),
        ("unconfirmed", "not connected any more"),
    ],
)
def test_an_account_that_cannot_be_used_is_refused_in_plain_words(state: str, words: str) -> None:
    account = an_account(state=state, trouble="account_restricted")

    said = judge_account(sent(value_of(account, stays=False)), {account.id: account})

    assert words in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_account_that_vanished_is_refused_in_the_persons_language(language: str) -> None:
    said = {
        judge_account(sent(value_of(an_account(), stays=False), each), {})
        for each in ("en", language)
    }

    assert len(said) == (1 if language == "en" else 2)
    assert "" not in said
