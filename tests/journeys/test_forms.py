"""Windows with fields: what is put in there comes true, and what is wrong is said beside it."""

from datetime import timedelta

import pytest
from tortoise.transactions import in_transaction

from models.account import Account
from models.post import Post
from sandbox.slack.people import Modal
from scheduling import holding
from tests.support.talking import OnSlack, a_photo
from tests.support.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="module")

MODES = ("slack-http", "slack-socket")


async def with_two(town: Town) -> tuple[OnSlack, Account, Account]:
    """Give somebody whose team has two accounts; the first is the usual one."""
    dana = await town.settled(is_connected=False)
    assert isinstance(dana, OnSlack)
    usual = await town.connects(dana)
    town.pass_time(seconds=1)
    return dana, usual, await town.connects(dana)


async def window(dana: OnSlack, words: str) -> Modal:
    return await dana.person.sees_modal(words)


def offered(form: Modal) -> list[str]:
    """Give the accounts to choose from; the one that is chosen stands first here."""
    element = form.screen.find("Account").element
    labels = [one["text"]["text"] for one in element["options"]]
    assert element["initial_option"]["text"]["text"] == labels[0]
    return labels


async def turns(account: Account, state: str) -> None:
    await Account.filter(id=account.id).update(state=state)


async def test_b37_a_new_post_goes_to_the_account_that_the_form_says(town: Town) -> None:
    dana, usual, other = await with_two(town)

    await dana.commands(f"{town.day(1)} 09:00 New mugs")
    form = await window(dana, "New post")
    assert offered(form) == [f"@{usual.username}", f"@{other.username}"]
    await form.fills("Photos or a video", [a_photo()])
    await form.fills("Account", f"@{other.username}")
    assert await form.submits() == {}

    card = await dana.sees("🗓 Scheduled #1")
    assert card.lines[1] == f"@{other.username} · Photo"
    assert (await town.target(dana)).account_id == other.id


async def test_b07_b37_time_caption_and_account_are_changed_in_one_window(town: Town) -> None:
    dana, usual, other = await with_two(town)
    _, _, card = await town.plans(who=dana)
    assert card.lines[1] == f"@{usual.username} · Photo"

    await dana.presses(card, "Change time")
    form = await window(dana, "Time of #1")
    await form.fills("When", town.moment(2, "18:30"))
    await form.fills("Caption", "All new")
    await form.fills("Account", f"@{other.username}")
    assert await form.submits() == {}

    changed = await dana.sees(lambda seen: "18:30" in seen.text and "All new" in seen.text)
    assert changed.lines[1] == f"@{other.username} · Photo"
    town.goes_to(town.moment(2, "18:30") + timedelta(seconds=1))
    (post,) = await town.until_published(dana)
    assert (post.username, post.caption) == (other.username, "All new")
    assert [one.username for one in town.world.instagram.published].count(usual.username) == 0


async def test_b37_a_broken_account_is_refused_beside_its_field_and_nothing_typed_is_lost(
    town: Town,
) -> None:
    dana, usual, other = await with_two(town)
    _, _, card = await town.plans(who=dana)
    await turns(other, "needs_reconnect")

    await dana.presses(card, "Edit caption")
    form = await window(dana, "Caption of #1")
    broken = f"@{other.username} · ⚠️ needs to be connected again"
    assert offered(form) == [f"@{usual.username}", broken]
    await form.fills("Caption", "A long text, typed with care")
    await form.fills("Account", broken)
    said = (await form.submits())["Account"]
    assert said.startswith(f"@{other.username} has to be connected again first.")
    assert form.is_open

    # Connected meanwhile, or disconnected: what counts is how it is when the form is sent.
    await turns(other, "disconnected")
    said = (await form.submits())["Account"]
    assert said == "This account is not connected any more. Choose another one."
    stranger = await town.settled("Sam")
    theirs = (await town.member(stranger)).team_id
    await Account.filter(id=other.id).update(state="active", team_id=theirs)
    assert (await form.submits())["Account"] == said, "nothing is told of another team's account"
    await Account.filter(id=other.id).update(team_id=usual.team_id)
    assert await form.submits() == {}
    changed = await dana.sees("A long text, typed with care")
    assert changed.lines[1] == f"@{other.username} · Photo"


async def test_b37_the_account_of_a_card_is_changed_in_a_window_of_its_own(town: Town) -> None:
    dana, usual, other = await with_two(town)
    _, _, card = await town.plans(who=dana)
    await turns(usual, "needs_reconnect")

    await dana.presses(card, "Accounts")
    form = await window(dana, "Account of #1")
    # That it is broken is no reason against leaving it as it is.
    assert await form.submits() == {}
    await dana.presses(card, "Accounts")
    form = await window(dana, "Account of #1")
    await form.fills("Account", f"@{other.username}")
    assert await form.submits() == {}

    await dana.sees(lambda seen: seen.lines[1:2] == (f"@{other.username} · Photo",))


async def test_b37_a_post_that_is_held_with_its_account_goes_on_with_another(town: Town) -> None:
    dana, usual, other = await with_two(town)
    await town.plans(who=dana)
    now = town.clock.now()
    async with in_transaction():
        await holding.hold(usual.id, trouble="login_expired", who="owner", now=now)
    card = await dana.sees(lambda seen: "#1" in seen.lines[0] and "Reschedule" in seen.buttons)

    await dana.presses(card, "Reschedule")
    form = await window(dana, "Time of #1")
    await form.fills("Account", f"@{other.username}")
    assert await form.submits() == {}

    booked = await dana.sees("🗓 Scheduled #1")
    assert booked.lines[1] == f"@{other.username} · Photo"
    assert "09:00" in booked.text


async def test_b37_nothing_goes_out_at_once_because_its_account_was_changed(town: Town) -> None:
    dana, _, other = await with_two(town)
    _, _, card = await town.plans(who=dana)
    await dana.presses(card, "Accounts")
    form = await window(dana, "Account of #1")
    await form.fills("Account", f"@{other.username}")
    post = await town.post(dana)
    await Post.filter(id=post.id).update(due_at=town.clock.now() - timedelta(minutes=1))
    assert await form.submits() == {}

    await dana.sees("#1: the account you chose cannot be used right now.")
    assert (await town.target(dana)).account_id != other.id


async def test_b37_where_nobody_could_look_in_time_nothing_is_lost_or_sent_elsewhere(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def takes_too_long(_: object) -> None:
        raise TimeoutError

    dana, usual, other = await with_two(town)
    _, _, card = await town.plans(who=dana)
    monkeypatch.setattr("bot.wiring.named_accounts", takes_too_long)

    await dana.presses(card, "Change time")
    form = await window(dana, "Time of #1")
    await form.fills("When", town.moment(2, "18:30"))
    await form.fills("Account", f"@{other.username}")
    await turns(other, "disconnected")
    assert await form.submits() == {}
    await dana.sees("#1: the account you chose cannot be used right now.")
    moved = await dana.sees(lambda seen: "Scheduled #1" in seen.text and "18:30" in seen.text)
    assert moved.lines[1] == f"@{usual.username} · Photo"

    await turns(other, "active")
    await dana.commands(f"{town.day(1)} 10:00 New mugs")
    form = await window(dana, "New post")
    await form.fills("Photos or a video", [a_photo(2)])
    await form.fills("Account", f"@{other.username}")
    await turns(other, "disconnected")
    assert await form.submits() == {}
    asked = await dana.sees("The account it was meant for is not connected any more.")
    assert "New mugs" in asked.text
    assert (await town.post(dana, 2)).stage == "draft"
    await dana.presses(asked, "Accounts")
    form = await window(dana, "Account of #2")
    await form.fills("Account", f"@{usual.username}")
    assert await form.submits() == {}
    booked = await dana.sees("Scheduled #2")
    assert "10:00" in booked.text
