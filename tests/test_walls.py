"""The walls stand: each contract of `.importlinter` breaks when its wall is broken."""

import re
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("bot", "scheduling", "web_oauth", "platforms", "integrations", "models", "sandbox")
LINT = Path(sys.executable).with_name("lint-imports")

SEEDS = {
    "floors": ("models/seeded.py", "import scheduling\n"),
    "sandbox-imports-nothing-of-ours": ("sandbox/seeded.py", "import models.ids\n"),
    "nothing-imports-the-sandbox": ("platforms/seeded/sandboxed.py", "import sandbox\n"),
    "platforms-are-blind-to-each-other": (
        "platforms/seeded/adapter.py",
        "import platforms.seeded_neighbour\n",
    ),
    "integrations-are-blind-to-each-other": (
        "integrations/seeded/chat.py",
        "import integrations.telegram\n",
    ),
    "commands-are-blind-to-each-other": (
        "bot/commands/seeded.py",
        "import bot.commands.seeded_neighbour\n",
    ),
    "registries-only-from-wiring": ("bot/seeded.py", "import integrations.registry\n"),
    "when-is-pure": ("scheduling/when/seeded.py", "import models.ids\n"),
    "telegram-in-one-folder": ("bot/seeded_telegram.py", "import telegram\n"),
    "slack-in-one-folder": ("bot/seeded_slack.py", "from slack_sdk.web import client\n"),
    "s3-in-one-folder": ("scheduling/seeded_s3.py", "import boto3\n"),
    "dateparser-in-one-folder": ("bot/seeded_dateparser.py", "import dateparser.search\n"),
    "task-queue-in-one-place": ("web_oauth/seeded_queue.py", "from taskiq import AsyncBroker\n"),
}
"""For each contract a file that breaks it."""

NEIGHBOURS = ("platforms/seeded_neighbour.py", "bot/commands/seeded_neighbour.py")


def contracts() -> dict[str, str]:
    """Return the names of the contracts by their ids."""
    config = ConfigParser()
    config.read(ROOT / ".importlinter")
    sections = [each for each in config.sections() if each.count(":") == 2]
    return {each.rpartition(":")[2]: config[each]["name"] for each in sections}


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the packages, to knock holes into."""
    for folder in FOLDERS:
        shutil.copytree(
            ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path


def verdicts(house: Path) -> dict[str, str]:
    """Return KEPT or BROKEN for each contract of *house*."""
    done = subprocess.run(
        [LINT, "--no-logo", "--no-cache"],
        cwd=house,
        env={"COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    found = dict(re.findall(r"^(.+) (KEPT|BROKEN)\b", done.stdout, re.MULTILINE))
    assert (done.returncode == 0) == (set(found.values()) == {"KEPT"}), done.stdout + done.stderr
    return {key: found[name] for key, name in contracts().items()}


def plant(house: Path, name: str, text: str) -> None:
    path = house / name
    path.parent.mkdir(exist_ok=True)
    (path.parent / "__init__.py").touch()
    path.write_text(text)


def test_the_house_as_it_is_keeps_every_wall(house: Path) -> None:
    assert set(verdicts(house).values()) == {"KEPT"}


def test_every_wall_breaks_when_something_reaches_through_it(house: Path) -> None:
    for name in (*NEIGHBOURS, "integrations/registry.py"):
        if not (house / name).exists():
            plant(house, name, "")
    for name, text in SEEDS.values():
        plant(house, name, text)

    assert verdicts(house) == dict.fromkeys(SEEDS, "BROKEN")
