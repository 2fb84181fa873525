"""Secrets stay where they belong. Every journey is checked so; this holds the check itself."""

import logging
from pathlib import Path

from models.account import Account
from sandbox.telegram.media import a_jpeg
from tests.support.canaries import canaries, leaks
from tests.support.clock import SettableClock
from tests.support.slack_world import running_slack_world
from tests.support.world import World


async def test_s5_no_secret_of_a_whole_journey_is_seen_anywhere(world: World) -> None:
    await world.settle_in()
    await world.connect()
    world.instagram.kill_tokens("cafe.lindenhof")
    await world.dana.sends_photo(a_jpeg(), "Menu\nin 20 seconds")
    await world.card("⏸ On hold #1")

    kinds = set(canaries(world).values())

    assert {"access token", "code of a login", "state or cookie of a login"} <= kinds
    assert await leaks(world) == []


async def test_s5_the_search_finds_a_secret_in_a_row_a_message_a_page_and_a_log(
    world: World,
) -> None:
    await world.settle_in()
    account = await world.connect()
    (token,) = [one for one in world.instagram.world.tokens if one.startswith("IGAAL")]
    await Account.filter(id=account.id).update(display_name=f"now {token}")
    world.pages.append(token)
    before = world.log_lines.getvalue()
    world.log_lines.write(token)
    call = world.telegram.journal.of("sendMessage")[0]
    said = call.parameters["text"]
    call.parameters["text"] = token

    found = await leaks(world)

    assert found == [f"access token in {where}" for where in ("log", "chat", "page")] + [
        "access token in table account"
    ]
    await Account.filter(id=account.id).update(display_name="")
    world.pages.remove(token)
    world.log_lines.seek(0)
    world.log_lines.truncate()
    world.log_lines.write(before)
    call.parameters["text"] = said


async def test_s5_no_secret_of_a_whole_journey_is_seen_in_slack(
    empty_database: str, tmp_path: Path, clock: SettableClock
) -> None:
    async with running_slack_world(
        database_url=empty_database, folder=tmp_path, clock=clock, mode="http"
    ) as town:
        await town.connect()
        town.world.instagram.kill_tokens("cafe.lindenhof")
        await town.dana.sends(a_jpeg(), "Menu\nin 20 seconds")
        await town.card("⏸ On hold #1")

        kinds = set(canaries(town.world).values())

        assert {"secret of the Slack app", "token of a workspace", "access token"} <= kinds
        assert await leaks(town.world) == []
        said = town.slack.journal.of("chat.postMessage")[0].parameters
        said["text"] += town.slack.token

        assert await leaks(town.world) == ["token of a workspace in chat"]
        said["text"] = said["text"].removesuffix(town.slack.token)


async def test_s5_a_token_that_is_logged_by_mistake_is_not_written(world: World) -> None:
    await world.settle_in()
    await world.connect()
    token = next(iter(world.instagram.world.tokens))

    logging.getLogger("tests").warning("asked with %s", token, extra={"token": token})

    assert "asked with" in world.log_lines.getvalue()
    assert token not in world.log_lines.getvalue()
