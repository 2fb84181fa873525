"""The commands people can type, one file each. Help and the chat's menu come from this tuple."""

from bot.command import Command
from bot.commands import (
    accounts,
    cancel,
    connect,
    drafts,
    failures,
    forget,
    language,
    link,
    move,
    pause,
    queue,
    resume,
    settings,
    start,
    timezone,
    why,
)
from bot.commands import help as help_command

COMMANDS: tuple[Command, ...] = (
    start.COMMAND,
    help_command.COMMAND,
    connect.COMMAND,
    accounts.COMMAND,
    queue.COMMAND,
    move.COMMAND,
    pause.COMMAND,
    resume.COMMAND,
    drafts.COMMAND,
    why.COMMAND,
    failures.COMMAND,
    timezone.COMMAND,
    language.COMMAND,
    settings.COMMAND,
    link.COMMAND,
    cancel.COMMAND,
    forget.COMMAND,
)
"""In the order the menu shows them."""
