"""A stand-in for Slack: Web API, sockets, signed deliveries, files, OAuth, and the people."""

from sandbox.slack.box import DEMO_WORKSPACE, SlackSandbox, demo_app
from sandbox.slack.delivery import Attempt, Delivery, signature
from sandbox.slack.faults import Fault
from sandbox.slack.people import Attachment, Modal, Person, Place, Pressed, Surface
from sandbox.slack.reading import Control, Picture
from sandbox.slack.state import Install, Workspace
from sandbox.slack.view import Screen, Seen

__all__ = [
    "DEMO_WORKSPACE",
    "Attachment",
    "Attempt",
    "Control",
    "Delivery",
    "Fault",
    "Install",
    "Modal",
    "Person",
    "Picture",
    "Place",
    "Pressed",
    "Screen",
    "Seen",
    "SlackSandbox",
    "Surface",
    "Workspace",
    "demo_app",
    "signature",
]
