"""A stand-in for Instagram (Instagram Login, containers, media_publish) with faults on demand."""

from sandbox.instagram.accounts import DEFAULT_ACCOUNTS, SCOPES, PretendAccount
from sandbox.instagram.box import APP_ID, APP_SECRET, InstagramSandbox
from sandbox.instagram.faults import Fault
from sandbox.instagram.settings import Settings

__all__ = [
    "APP_ID",
    "APP_SECRET",
    "DEFAULT_ACCOUNTS",
    "SCOPES",
    "Fault",
    "InstagramSandbox",
    "PretendAccount",
    "Settings",
]
