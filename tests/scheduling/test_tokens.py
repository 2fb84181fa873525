import asyncio
from datetime import timedelta

import pytest
from pydantic import SecretStr

from models.account import Account
from models.outbox import Outbox
from platforms.errors import NeedsReconnect, Trouble, TryAgainLater
from scheduling.tokens import Tokens, resting_place, row_of
from tests.support.engine_world import World

DAY = timedelta(days=1)


async def fresh(world: World) -> Account:
    return await Account.get(id=world.account.id)


async def test_a_token_is_refreshed_once_for_fifty_who_need_it(world: World) -> None:
    tokens = world.engine().tokens
    account = row_of(world.account)

    got = await asyncio.gather(
        *(tokens.refresh(account) for _ in range(50)), return_exceptions=True
    )

    assert world.platform.calls["refresh"] == 1
    assert all(not isinstance(one, BaseException) or isinstance(one, TryAgainLater) for one in got)
    assert (await fresh(world)).token_version == 1


async def test_a_refreshed_token_is_the_one_that_opens_from_then_on(world: World) -> None:
    tokens = world.engine().tokens

    renewed = await tokens.refresh(row_of(world.account))

    opened = tokens.credentials(row_of(await fresh(world))).token
    assert opened == SecretStr("token-of-fake+")
    assert tokens.credentials(renewed).token == opened


async def test_a_login_made_while_a_refresh_was_under_way_wins(world: World) -> None:
    tokens = world.engine().tokens
    account = row_of(world.account)
    place = resting_place(account.id, account.team_id)

    async def log_in_meanwhile(token):
        sealed = world.keyring.seal(SecretStr("fresh login"), place)
        await Account.filter(id=account.id).update(sealed_token=sealed, token_version=7)
        return await original(token)

    original, world.platform.refresh = world.platform.refresh, log_in_meanwhile
    await tokens.refresh(account)

    opened = tokens.credentials(row_of(await fresh(world))).token
    assert opened == SecretStr("fresh login")


async def test_tokens_are_renewed_long_before_they_lapse_and_not_when_they_are_new(
    world: World,
) -> None:
    tokens = world.engine().tokens
    new = await tokens.refresh_due()
    world.clock.pass_time(8 * DAY)

    old = await tokens.refresh_due()
    again = await tokens.refresh_due()

    assert (new, old, again) == (0, 1, 0)
    assert (await fresh(world)).token_expires_at - world.clock.now() > 59 * DAY


async def test_a_refresh_that_failed_is_tried_again_in_an_hour_and_holds_nobody(
    world: World,
) -> None:
    world.platform.refresh_faults = [TryAgainLater(Trouble.PLATFORM_DOWN)]
    tokens = world.engine().tokens
    world.clock.pass_time(8 * DAY)

    await tokens.refresh_due()
    at_once = await tokens.refresh_due()
    world.clock.pass_time(timedelta(minutes=61))
    later = await tokens.refresh_due()

    assert (at_once, later) == (0, 1)
    assert (await fresh(world)).state == "active"


async def test_a_token_that_died_is_told_before_any_post_needs_it(world: World) -> None:
    world.platform.refresh_faults = [NeedsReconnect(Trouble.PASSWORD_CHANGED, code="190/460")]
    post = await world.scheduled(20 * DAY)
    world.clock.pass_time(8 * DAY)

    await world.engine().tokens.refresh_due()

    assert (await fresh(world)).state == "needs_reconnect"
    assert await world.account_notices() == ["needs_reconnect"]
    assert await world.state(post) == "blocked"


async def test_a_token_sealed_for_another_account_does_not_open(world: World) -> None:
    other = await world.connected("other")
    tokens = world.engine().tokens
    await Account.filter(id=world.account.id).update(sealed_token=other.sealed_token)
    stolen = row_of(await fresh(world))

    with pytest.raises(NeedsReconnect):
        tokens.credentials(stolen)


async def test_a_renamed_account_is_told_within_a_day(world: World) -> None:
    tokens = world.engine().tokens
    world.platform.username = "new_name"
    too_early = await tokens.check_due()
    world.clock.pass_time(DAY + timedelta(minutes=1))

    await tokens.check_due()

    assert too_early == 0
    assert (await fresh(world)).username == "new_name"
    card, notice = await Outbox.filter(subject_id=world.account.id).order_by("id")
    assert (card.event, card.payload) == ("changed", {"renamed_from": "fake"})
    assert (notice.event, notice.purpose, notice.payload) == ("renamed", "notice", card.payload)


async def test_an_account_that_became_personal_is_held(world: World) -> None:
    world.platform.can_publish = False
    world.clock.pass_time(DAY + timedelta(minutes=1))

    await world.engine().tokens.check_due()

    assert (await fresh(world)).state == "needs_reconnect"
    assert await world.account_notices() == ["needs_reconnect"]


async def test_no_token_shows_in_what_an_engine_prints_of_itself(world: World) -> None:
    tokens = Tokens({"fake": world.platform}, world.keyring, world.clock)

    shown = repr(tokens.credentials(row_of(world.account)))

    assert "token-of-fake" not in shown
