"""Everything the pretend Instagram remembers: tokens, containers, what went public.

It is kept in one JSON file beside a folder of media, written shortly after each change and at the
end.  Ids come from the machine's own clock, so they never begin again, not even after a kill.
"""

import asyncio
import json
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal, TypeVar

from sandbox.instagram.accounts import DEFAULT_ACCOUNTS, PretendAccount

Work = Literal["fetching", "ready", "error", "published"]
SHORT_LIFE = timedelta(hours=1)
LONG_LIFE = timedelta(seconds=5_183_944)
_WRITE_AFTER_SECONDS = 0.2


@dataclass
class Token:
    """An access token; *dead* is the subcode of 190 once it was taken away."""

    value: str
    username: str
    is_long: bool
    scopes: list[str]
    issued_at: datetime
    expires_at: datetime
    dead: int = 0


@dataclass
class Code:
    """What the consent page gives out: good once, for an hour."""

    value: str
    username: str
    scopes: list[str]
    redirect_uri: str
    issued_at: datetime
    is_used: bool = False


@dataclass
class StoredMedia:
    """A fetched picture or film in the media folder."""

    file: str
    is_video: bool
    width: int
    height: int
    seconds: float = 0.0
    alt_text: str = ""
    id: str = ""


@dataclass
class Container:
    """A prepared post; *polls_left* and *ready_at* hold it in IN_PROGRESS."""

    id: str
    username: str
    kind: str
    created_at: datetime
    ready_at: datetime
    polls_left: int
    caption: str = ""
    work: Work = "fetching"
    media: list[StoredMedia] = field(default_factory=list)
    cover: StoredMedia | None = None
    children: list[str] = field(default_factory=list)
    extras: dict[str, str] = field(default_factory=dict)
    error: tuple[int, int] | None = None
    publish_calls: int = 0
    published_id: str = ""

    @property
    def is_child(self) -> bool:
        """Whether it can only live inside a carousel."""
        return self.kind.startswith("child_")


@dataclass
class Published:
    """What the world can see (or could, until it was deleted)."""

    id: str
    container_id: str
    username: str
    kind: str
    caption: str
    media: list[StoredMedia]
    published_at: datetime
    shortcode: str
    cover: StoredMedia | None = None
    extras: dict[str, str] = field(default_factory=dict)
    likes: int = 0
    is_liked: bool = False
    is_deleted: bool = False
    comments: list[str] = field(default_factory=list)


Record = TypeVar("Record", Token, Code, Container, Published)


class World:
    """The memory of the stand-in; *folder* None keeps nothing beyond this run."""

    def __init__(self, media_folder: Path, state_file: Path | None) -> None:
        self.accounts: dict[str, PretendAccount] = {one.username: one for one in DEFAULT_ACCOUNTS}
        self.tokens: dict[str, Token] = {}
        self.codes: dict[str, Code] = {}
        self.containers: dict[str, Container] = {}
        self.published: dict[str, Published] = {}
        self.media_folder = media_folder
        self._state_file = state_file
        self._last_id = 0
        self._is_dirty = asyncio.Event()

    def new_id(self) -> str:
        """Return a number in Instagram's manner that no earlier run gave out."""
        self._last_id = max(self._last_id + 1, 17_800_000_000_000_000 + time.time_ns() // 10**6)
        return str(self._last_id)

    def account_by_id(self, number: str) -> PretendAccount | None:
        """Return the account that goes by *number* (professional or app-scoped)."""
        for account in self.accounts.values():
            if number in {account.account_id, account.scoped_id}:
                return account
        return None

    def issue_token(
        self, username: str, scopes: list[str], now: datetime, *, is_long: bool
    ) -> Token:
        """Make a token that is good from *now* on: an hour, or sixty days."""
        value = f"IGAA{'L' if is_long else 'S'}{secrets.token_urlsafe(40)}"
        life = LONG_LIFE if is_long else SHORT_LIFE
        token = Token(value, username, is_long, scopes, now, now + life)
        self.tokens[value] = token
        self.touch()
        return token

    async def keep_media(self, raw: bytes, suffix: str) -> str:
        """Write a fetched file into the media folder and return its name."""
        name = f"{self.new_id()}{suffix}"
        await asyncio.to_thread((self.media_folder / name).write_bytes, raw)
        return name

    def touch(self) -> None:
        """Have the state written soon."""
        self._is_dirty.set()

    def load(self) -> None:
        """Read what an earlier run wrote."""
        if self._state_file is None or not self._state_file.exists():
            return
        kept = json.loads(self._state_file.read_text())
        self._last_id = kept["last_id"]
        self.tokens = {one["value"]: _revive(Token, one) for one in kept["tokens"]}
        self.codes = {one["value"]: _revive(Code, one) for one in kept["codes"]}
        self.containers = {one["id"]: _revive(Container, one) for one in kept["containers"]}
        self.published = {one["id"]: _revive(Published, one) for one in kept["published"]}
        for container in self.containers.values():
            if container.work == "fetching" and container.kind != "carousel":
                # Whoever fetched it is gone; Instagram says the same of a lost upload.
                container.work, container.error = "error", (-1, 2207053)

    async def keep_written(self) -> None:
        """Write after each change until cancelled; runs beside the server."""
        while True:
            await self._is_dirty.wait()
            await asyncio.sleep(_WRITE_AFTER_SECONDS)
            self._is_dirty.clear()
            await self.write()

    async def write(self) -> None:
        """Write the state now, whole or not at all."""
        if self._state_file is None:
            return
        text = json.dumps(
            {
                "last_id": self._last_id,
                "tokens": [asdict(one) for one in self.tokens.values()],
                "codes": [asdict(one) for one in self.codes.values()],
                "containers": [asdict(one) for one in self.containers.values()],
                "published": [asdict(one) for one in self.published.values()],
            },
            default=datetime.isoformat,
        )
        await asyncio.to_thread(_replace, self._state_file, text)


def _replace(path: Path, text: str) -> None:
    draft = path.with_suffix(".new")
    draft.write_text(text)
    draft.replace(path)


def _revive(kind: Callable[..., Record], kept: dict[str, Any]) -> Record:
    """Turn a JSON object back into its record; names that a later version dropped are let go."""
    names = {one.name for one in fields(kind)}  # type: ignore[arg-type]  # a dataclass, each
    values = {name: value for name, value in kept.items() if name in names}
    for name, value in values.items():
        if name.endswith("_at"):
            values[name] = datetime.fromisoformat(value)
    with suppress(KeyError):
        values["media"] = [StoredMedia(**one) for one in values["media"]]
    if values.get("cover"):
        values["cover"] = StoredMedia(**values["cover"])
    if values.get("error"):
        values["error"] = tuple(values["error"])
    return kind(**values)
