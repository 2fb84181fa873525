"""Installations: one row a workspace, its token sealed in it, ended and begun again."""

import base64
import os
from datetime import timedelta

import pytest
from pydantic import SecretStr

from bot.operations import rotate_keys
from models.condition import unknown_key_ids
from models.installation import (
    Installation,
    Installations,
    NewInstallation,
    end_installation,
)
from models.sealed import Keyring
from tests.support.clock import SettableClock

pytestmark = pytest.mark.usefixtures("database")
TOKEN = SecretStr("xoxb-canary-of-a-workspace")


def key(kid: str) -> str:
    return f"{kid}:{base64.b64encode(os.urandom(32)).decode()}"


def new(workspace: str = "T1", *, is_org: bool = False) -> NewInstallation:
    return NewInstallation("slack", workspace, TOKEN, is_org=is_org, name="Cafe", bot_user="UBOT")


async def test_a_token_is_sealed_found_by_its_workspace_and_forgotten_at_the_end(
    clock: SettableClock,
) -> None:
    house = Installations(Keyring.parse(key("k1")), clock)
    await house.keep(new())

    assert await house.token_of("slack", "T1") == TOKEN
    assert await house.token_of("slack", "T2") is None
    assert await house.token_of("other", "T1") is None
    assert TOKEN.get_secret_value() not in (await Installation.get()).sealed_token

    clock.pass_time(timedelta(seconds=5))
    assert await end_installation("slack", "T1", at=clock.now())
    assert await house.token_of("slack", "T1", fresh=True) is None
    assert (await Installation.get()).sealed_token == ""


async def test_an_organisations_token_serves_each_of_its_workspaces(clock: SettableClock) -> None:
    house = Installations(Keyring.parse(key("k1")), clock)
    await house.keep(new("E1", is_org=True))

    assert await house.token_of("slack", "T1@E1") == TOKEN
    assert await house.token_of("slack", "T2@E1") == TOKEN
    assert await house.token_of("slack", "T1@E2") is None
    assert await house.token_of("slack", "T1") is None
    assert await house.bot_of("slack", "T1@E1") == "UBOT"
    assert await house.bot_of("slack", "T1") == ""


async def test_bad_079_an_end_from_before_the_installation_ends_nothing(
    clock: SettableClock,
) -> None:
    house = Installations(Keyring.parse(key("k1")), clock)
    await house.keep(new())
    before = (await Installation.get()).installed_at - timedelta(minutes=1)

    assert not await end_installation("slack", "T1", at=before)

    assert await house.token_of("slack", "T1", fresh=True) == TOKEN


async def test_installing_again_changes_the_row_and_is_known_at_once(clock: SettableClock) -> None:
    house = Installations(Keyring.parse(key("k1")), clock)
    await house.keep(new())
    await house.token_of("slack", "T1")

    other = SecretStr("xoxb-another")
    await house.keep(NewInstallation("slack", "T1", other))

    assert await house.token_of("slack", "T1") == other
    assert await Installation.all().count() == 1


async def test_s4_a_new_key_seals_the_tokens_of_workspaces_too(clock: SettableClock) -> None:
    old, fresh = key("k1"), key("k2")
    await Installations(Keyring.parse(old), clock).keep(new())
    assert await unknown_key_ids(Keyring.parse(fresh)) == ["k1"]

    assert await rotate_keys(Keyring.parse(f"{fresh},{old}")) == (1, 0)

    assert await unknown_key_ids(Keyring.parse(fresh)) == []
    house = Installations(Keyring.parse(fresh), clock)
    assert await house.token_of("slack", "T1") == TOKEN
