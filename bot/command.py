"""What a command is: a name, words for the menu, and what it does."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.context import Context


@dataclass(frozen=True, slots=True)
class Command:
    """A command. Its description in the menu has the key `command.<name>`."""

    name: str
    run: Callable[[Context, str], Awaitable[None]]
    in_groups: bool = False
