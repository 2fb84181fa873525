"""What a process refuses to run on."""

import asyncio
from pathlib import Path

import pytest

from bot.config import load
from bot.processes import NotFit, run
from bot.settings.key import new_key
from tests.support.postgres import fresh_database


def test_bad_090_a_process_does_not_start_on_a_schema_older_than_the_code(
    postgres_server: str, tmp_path: Path
) -> None:
    with fresh_database(postgres_server, "test_wiring_old", migrated=False) as url:
        settings = load(
            {
                "POSTCUE_ENV": "development",
                "DATABASE_URL": url,
                "REDIS_URL": "redis://127.0.0.1:1/0",
                "DATA_DIR": str(tmp_path),
                "ENCRYPTION_KEYS": new_key(),
                "PUBLIC_URL": "https://post.example.com",
            },
            None,
        )

        with pytest.raises(NotFit) as caught:
            asyncio.run(run(settings, "clock"))

    assert "0001_initial" in str(caught.value)
    assert "run `python -m bot migrate` first" in str(caught.value)
