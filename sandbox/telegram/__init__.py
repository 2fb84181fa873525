"""A strict, stateful stand-in for the Telegram Bot API, with a human side to speak as people.

A test mounts it, points a bot at it, and speaks::

    box = TelegramSandbox()
    box.add_to(app)                                   # the Bot API is under /telegram
    dana = box.person("Dana", language="en")
    await dana.starts()
    photo = await dana.sends_photo(a_jpeg(), "tomorrow 9am")
    card = await dana.sees("Scheduled", after=photo)  # words, or a claim: lambda seen: ...
    toast = await dana.presses(card, "Cancel")        # waits for answerCallbackQuery
    await dana.sees(lambda seen: seen.id == card.id and "Cancelled" in seen.text)
    box.fails("drop", "sendMessage")                  # the work is done, the answer is lost
    assert box.journal.unknown_methods == []

``Seen`` (a message as a person sees it) is always up to date; ``seen.history`` holds what it said
before, ``seen.reactions`` the emoji on it. What a page needs over HTTP is told in ``control``.
"""

from sandbox.telegram.box import DEMO_TOKEN, DEMO_USERNAME, TelegramSandbox
from sandbox.telegram.faults import Fault
from sandbox.telegram.media import a_gif, a_jpeg, a_png, an_mp4
from sandbox.telegram.people import Album, Attachment, Channel, Group, Person, Place, Pressed
from sandbox.telegram.view import Button, Seen

__all__ = [
    "DEMO_TOKEN",
    "DEMO_USERNAME",
    "Album",
    "Attachment",
    "Button",
    "Channel",
    "Fault",
    "Group",
    "Person",
    "Place",
    "Pressed",
    "Seen",
    "TelegramSandbox",
    "a_gif",
    "a_jpeg",
    "a_png",
    "an_mp4",
]
