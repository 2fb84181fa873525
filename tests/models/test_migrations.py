import asyncio
import sys
from pathlib import Path

from models.database import migrate
from tests.support.postgres import fresh_database

ROOT = Path(__file__).resolve().parents[2]


async def test_models_and_migrations_agree(tmp_path) -> None:
    # What the maker of migrations would write for a changed model, it would write here.
    before = sorted(path.name for path in (ROOT / "models" / "migrations").glob("0*.py"))

    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tortoise", "-c", "models.database.MIGRATION_CONFIG",
        "makemigrations", "models", cwd=ROOT, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    out, _ = await process.communicate()

    after = sorted(path.name for path in (ROOT / "models" / "migrations").glob("0*.py"))
    for name in set(after) - set(before):
        (ROOT / "models" / "migrations" / name).unlink()
    assert after == before, out.decode()
    assert b"No changes" in out


def test_several_processes_may_migrate_at_once(postgres_server) -> None:
    async def all_at_once(url: str) -> list[int | None]:
        running = [
            await asyncio.create_subprocess_exec(
                sys.executable,
                "-c",
                "import asyncio, sys; from models.database import migrate;"
                "asyncio.run(migrate(sys.argv[1]))",
                url,
                cwd=ROOT,
            )
            for _ in range(3)
        ]
        return [await process.wait() for process in running]

    with fresh_database(postgres_server, "test_migrations", migrated=False) as url:
        codes = asyncio.run(all_at_once(url))
        asyncio.run(migrate(url))

    assert codes == [0, 0, 0]
