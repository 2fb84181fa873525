"""Commands that do one thing and end: migrate, doctor, rotate-keys."""

import logging
import sys
from uuid import UUID

from tortoise.transactions import in_transaction

from bot.doctor import examine, exit_code, told
from bot.settings.fields import Settings
from bot.wiring import database_of, doctor_parts
from models.account import Account
from models.database import migrate, open_database
from models.installation import Installation
from models.sealed import Keyring, Place, SealError

log = logging.getLogger(__name__)


async def run_once(settings: Settings, command: str) -> int:
    """Run one command and return its exit code."""
    match command:
        case "migrate":
            return await _migrate(settings)
        case "rotate-keys":
            return await _rotate(settings)
        case _:
            return await _doctor(settings)


async def _migrate(settings: Settings) -> int:
    async with database_of(settings) as url:
        await migrate(url)
    _say("The database is up to date.")
    return 0


async def _rotate(settings: Settings) -> int:
    async with database_of(settings) as url, open_database(url):
        changed, broken = await rotate_keys(settings.keyring)
    _say(f"{changed} tokens sealed again under {settings.keyring.kids[0]}; {broken} did not open.")
    return 1 if broken else 0


async def _doctor(settings: Settings) -> int:
    async with doctor_parts(settings) as parts:
        findings = await examine(parts)
    _say(told(findings))
    return exit_code(findings)


async def rotate_keys(keyring: Keyring) -> tuple[int, int]:
    """Seal every token again under the first key, row by row, while the product runs.

    Returns:
        How many were sealed again, and how many did not open (their key is not in the ring).
    """
    changed = broken = 0
    ids = await Account.exclude(sealed_token="").values_list("id", flat=True)
    for account_id in ids:
        try:
            changed += await _seal_again(UUID(str(account_id)), keyring)
        except SealError:
            log.warning("rotate.does_not_open", extra={"account": str(account_id)})
            broken += 1
    installed = await Installation.exclude(sealed_token="").values_list("id", flat=True)
    for number in installed:
        try:
            changed += await _seal_installation_again(UUID(str(number)), keyring)
        except SealError:
            log.warning("rotate.does_not_open", extra={"installation": str(number)})
            broken += 1
    return changed, broken


async def _seal_installation_again(number: UUID, keyring: Keyring) -> bool:
    async with in_transaction():
        row = await Installation.filter(id=number).select_for_update().first()
        if row is None or not row.sealed_token:
            return False
        kept = [one for one in (row.sealed_token, row.sealed_refresh) if one]
        if all(keyring.is_current(one) for one in kept):
            return False
        token = keyring.open(row.sealed_token, row.token_place)
        row.sealed_token = keyring.seal(token, row.token_place)
        if row.sealed_refresh:
            refresh = keyring.open(row.sealed_refresh, row.refresh_place)
            row.sealed_refresh = keyring.seal(refresh, row.refresh_place)
        await row.save(update_fields=["sealed_token", "sealed_refresh"])
        return True


async def _seal_again(account_id: UUID, keyring: Keyring) -> bool:
    async with in_transaction():
        account = await Account.filter(id=account_id).select_for_update().first()
        if account is None or not account.sealed_token or keyring.is_current(account.sealed_token):
            return False
        place = Place("account", "sealed_token", account.id, account.team_id)
        account.sealed_token = keyring.seal(keyring.open(account.sealed_token, place), place)
        await account.save(update_fields=["sealed_token"])
        return True


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
