"""Whether the opened database fits this program: its schema, its clock, its keys."""

import importlib
import pkgutil
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from models.database import db
from models.sealed import Keyring, Place, SealError

MAX_CLOCK_DIFFERENCE = timedelta(seconds=30)
"""Beyond this, what is due is due at another time for the database than for us."""


async def missing_migrations() -> list[str]:
    """Return the migrations that this program knows and the database has not run, in order."""
    table = await db().execute_query_dict("SELECT to_regclass('tortoise_migrations') AS name")
    done: set[str] = set()
    if table[0]["name"] is not None:
        rows = await db().execute_query_dict(
            "SELECT name FROM tortoise_migrations WHERE app = 'models'"
        )
        done = {row["name"] for row in rows}
    package = importlib.import_module("models.migrations")
    known = sorted(each.name for each in pkgutil.iter_modules(package.__path__))
    return [name for name in known if name not in done]


async def clock_difference(real_now: datetime) -> timedelta:
    """Return by how much *real_now*, not shifted, is ahead of the database's clock."""
    rows = await db().execute_query_dict("SELECT clock_timestamp() AS now")
    there: datetime = rows[0]["now"]
    return real_now - there.astimezone(UTC)


async def server_version() -> str:
    """Return the version of PostgreSQL, like "18.6"."""
    rows = await db().execute_query_dict("SELECT current_setting('server_version') AS version")
    return str(rows[0]["version"]).partition(" ")[0]


async def unknown_key_ids(keyring: Keyring) -> list[str]:
    """Return the ids of keys that stored tokens are sealed under and *keyring* lacks."""
    rows = await db().execute_query_dict(
        "SELECT DISTINCT split_part(sealed_token, '.', 2) AS kid FROM"
        " (SELECT sealed_token FROM account UNION SELECT sealed_token FROM installation"
        " UNION SELECT sealed_refresh FROM installation) AS kept"
        " WHERE sealed_token <> '' ORDER BY kid"
    )
    return [str(row["kid"]) for row in rows if row["kid"] not in keyring.kids]


async def wrong_key_ids(keyring: Keyring) -> list[str]:
    """Return the ids in *keyring* whose key is another than stored tokens were sealed under.

    A restored database beside a key that was made anew has the right id and the wrong key. Judged
    by the last tokens of each key; one that is damaged alone accuses no key.
    """
    rows = await db().execute_query_dict(
        "SELECT kid, id, team_id, sealed_token FROM (SELECT *,"
        " split_part(sealed_token, '.', 2) AS kid, row_number() OVER (PARTITION BY"
        " split_part(sealed_token, '.', 2) ORDER BY updated_at DESC) AS place"
        " FROM account WHERE sealed_token <> '') AS kept WHERE place <= 3 ORDER BY kid"
    )
    opens: dict[str, bool] = {}
    for row in rows:
        if row["kid"] in keyring.kids:
            place = Place("account", "sealed_token", row["id"], row["team_id"])
            opens[row["kid"]] = opens.get(row["kid"], False) or _opens(keyring, row, place)
    return [kid for kid, is_right in opens.items() if not is_right]


def _opens(keyring: Keyring, row: Mapping[str, str], place: Place) -> bool:
    try:
        keyring.open(row["sealed_token"], place)
    except SealError:
        return False
    return True
