"""How a chat wants to be spoken to: commands are named as they are typed there."""

import re
from dataclasses import replace

from integrations.chat.contract import Capabilities
from integrations.chat.outgoing import Card, Line, Text

_COMMAND = re.compile(r"(?<![\w/:.#@])/(?=[a-z]{3,12}\b(?![/.]))")


def in_the_manner_of(chat: Capabilities, card: Card) -> Card:
    """Return *card* with each "/queue" as it is typed in that chat; a caption stays untouched.

    Buttons that need what the chat has not are left out.
    """
    if not chat.can_modal:
        rows = (tuple(one for one in row if not one.needs_form) for row in card.buttons)
        card = replace(card, buttons=tuple(row for row in rows if row))
    if chat.command_prefix == "/":
        return card

    def said(text: str) -> str:
        return _COMMAND.sub(chat.command_prefix, text)

    def lines(found: tuple[Line, ...]) -> tuple[Line, ...]:
        return tuple(
            tuple(
                replace(run, text=said(run.text)) if isinstance(run, Text) else run for run in line
            )
            for line in found
        )

    return replace(
        card,
        lines=lines(card.lines),
        footer=lines(card.footer),
        fallback_text=said(card.fallback_text),
    )


def chat_name(chat: str) -> str:
    """Return a chat's name as people write it."""
    return chat.capitalize()
