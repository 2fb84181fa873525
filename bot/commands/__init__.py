"""The commands people can type, one file each. Help and the chat's menu come from this tuple."""

from bot.commands import accounts, cancel, connect, queue, start, timezone
from bot.commands import help as help_command
from bot.commands.command import Command

COMMANDS: tuple[Command, ...] = (
    start.COMMAND,
    help_command.COMMAND,
    connect.COMMAND,
    accounts.COMMAND,
    queue.COMMAND,
    timezone.COMMAND,
    cancel.COMMAND,
)
"""In the order the menu shows them."""
