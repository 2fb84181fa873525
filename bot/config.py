"""The environment over `.env`, read here and nowhere else, as the settings of an installation."""

import difflib
import os
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
from pydantic import SecretStr

from bot.settings.fields import Settings, words_of_settings
from bot.settings.key import KEY_FILE, kept_key
from bot.settings.refusals import refusals_of
from models.sealed import Keyring

_OUR_PREFIXES = ("POSTCUE_", "TELEGRAM_", "SLACK_", "INSTAGRAM_")


class ConfigurationFaults(Exception):
    """The settings do not do. `faults` has one plain line for each reason, all of them."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def load(
    environ: Mapping[str, str] | None = None, dotenv_path: Path | None = Path(".env")
) -> Settings:
    """Return the settings from *environ* (the process's own when None) over *dotenv_path*.

    In demo and development a missing encryption key is made once and kept under DATA_DIR.

    Raises:
        ConfigurationFaults: with every fault there is, not just the first.
    """
    written = _read_dotenv(dotenv_path)
    values = written | dict(os.environ if environ is None else environ)
    broken = dict[str, str]()
    read: dict[str, Any] = {
        name.lower(): _read(name, values, broken) for name in words_of_settings()
    }
    settings = Settings(**read)
    settings = _fill_in(settings)
    faults = [f"{name} {what}" for name, what in broken.items()]
    faults += [f"{name} {what}" for name, what in refusals_of(settings) if name not in broken]
    faults += _misspelt(written)
    if not faults and not settings.encryption_keys:
        settings = _with_kept_key(settings)
    elif faults:
        raise ConfigurationFaults(faults)
    return settings


def leave_environment() -> None:
    """Take the secrets that were read out of the process's own environment.

    No library finds one there by chance (Bolt looks for SLACK_BOT_TOKEN, whatever it is given),
    and no child inherits it.
    """
    for each in fields(Settings):
        if each.type is SecretStr:
            os.environ.pop(each.name.upper(), None)


def zone_of_this_machine() -> tuple[str, ...]:
    """Return the zone of this machine as a first guess, unless it says nothing (UTC)."""
    try:
        target = Path("/etc/localtime").resolve().as_posix()
    except OSError:
        return ()
    zone = os.environ.get("TZ") or target.partition("zoneinfo/")[2]
    return (zone,) if "/" in zone and not zone.startswith("Etc/") else ()


def _read_dotenv(path: Path | None) -> dict[str, str]:
    if path is None or not path.is_file():
        return {}
    return {name: value or "" for name, value in dotenv_values(path, interpolate=False).items()}


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("has a sign in it that cannot be printed")
    return text


def _read(name: str, values: Mapping[str, str], broken: dict[str, str]) -> object:
    words = words_of_settings()[name]
    text = values.get(name, "").strip() or words.default
    try:
        return words.read(_printable(text))
    except ValueError as err:
        broken[name] = str(err)
        return words.read(words.default)


def _fill_in(settings: Settings) -> Settings:
    if not settings.log_format:
        settings = replace(settings, log_format="json" if settings.is_production else "text")
    if not settings.public_url:
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.http_host, settings.http_host)  # noqa: S104
        shown = f"[{host}]" if ":" in host else host
        settings = replace(settings, public_url=f"http://{shown}:{settings.http_port}")
    return settings


def _misspelt(written: Mapping[str, str]) -> list[str]:
    known = list(words_of_settings())
    faults = []
    for name in written:
        if name in known or not name.startswith(_OUR_PREFIXES):
            continue
        near = difflib.get_close_matches(name, known, n=1)
        meant = f"; is {near[0]} meant?" if near else ""
        faults.append(f"{name} in .env is no setting of Postcue{meant}")
    return faults


def _with_kept_key(settings: Settings) -> Settings:
    path = settings.data_dir / KEY_FILE
    try:
        text = kept_key(path)
        Keyring.parse(text)
    except OSError as err:
        fault = (
            f"DATA_DIR cannot be written ({err.strerror}): {path} is to keep the encryption key"
        )
        raise ConfigurationFaults([fault]) from err
    except ValueError as err:
        fault = f"ENCRYPTION_KEYS is empty and {path} cannot be used: {err}"
        raise ConfigurationFaults([fault]) from err
    return replace(settings, encryption_keys=SecretStr(text))
