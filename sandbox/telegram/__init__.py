"""A strict, stateful stand-in for the Telegram Bot API, with a human side to speak as people."""

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
