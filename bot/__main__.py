"""The command line: `postcue up · chat · site · worker · clock · migrate · doctor · when · …`."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.settings.fields import Settings

PROCESSES = ("up", "chat", "site", "worker", "clock")
_WORDS = {
    "up": "run everything in one process (embedded PostgreSQL where DATABASE_URL is empty)",
    "chat": "take messages in and send cards out",
    "site": "the public site: connecting accounts, webhooks, media, health",
    "worker": "fetch media and publish posts",
    "clock": "find what is due and hand it to the workers",
    "migrate": "bring the database up to date",
    "doctor": "check every part and say what to do",
    "rotate-keys": "seal all tokens again under the first of ENCRYPTION_KEYS",
    "when": "read a time phrase: postcue when “tomorrow 9am” --tz Europe/Berlin",
}
EXIT_CONFIGURATION = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code: 0 done, 1 it failed, 2 the settings are wrong."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] == ["when"]:
        # Needs no settings and starts at once: nothing else is imported for it.
        from bot.when_command import main as when  # noqa: PLC0415

        return when(words[1:])
    parsed = _parser().parse_args(words)
    return _run(parsed.command)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="postcue", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    for name, words in _WORDS.items():
        commands.add_parser(name, help=words)
    return parser


def _run(command: str) -> int:
    from bot import config, logs  # noqa: PLC0415

    try:
        settings = config.load()
        faults = settings.faults_for(command)
    except config.ConfigurationFaults as err:
        faults = err.faults
    if faults:
        return _say_faults(faults)
    config.leave_environment()
    logs.configure(settings)
    return _COMMANDS.get(command, _process)(settings, command)


def _say_faults(faults: Sequence[str]) -> int:
    for fault in faults:
        print(fault, file=sys.stderr)
    return EXIT_CONFIGURATION


def _process(settings: "Settings", command: str) -> int:
    from bot.processes import NotFit, run  # noqa: PLC0415
    from models.embedded import NoEmbeddedPostgres  # noqa: PLC0415

    try:
        asyncio.run(run(settings, command))
    except (NotFit, NoEmbeddedPostgres) as err:
        print(f"{err}", file=sys.stderr)
        return EXIT_CONFIGURATION
    except KeyboardInterrupt:
        return 130
    return 0


def _once(settings: "Settings", command: str) -> int:
    from bot.operations import run_once  # noqa: PLC0415

    return asyncio.run(run_once(settings, command))


_COMMANDS: "dict[str, Callable[[Settings, str], int]]" = {
    "migrate": _once,
    "doctor": _once,
    "rotate-keys": _once,
}

if __name__ == "__main__":
    sys.exit(main())
