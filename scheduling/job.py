"""What a worker holds while it works on one target, and how it asks for changes to be written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from models.ids import new_id
from platforms.contract import Handle as PlatformHandle


@dataclass(frozen=True, slots=True)
class Facts:
    """The columns of a target that its owner changes; written whole, so nothing is half known.

    `polls` counts looks while a platform digests; while publishing it counts the looks after the
    outcome had settled that found nothing public. `calls` counts publish calls whose outcome was
    not definite: a refused one is taken back.
    """

    state: str
    attempt: int = 0
    reads: int = 0
    polls: int = 0
    calls: int = 0
    renewals: int = 0
    resume_state: str = ""
    lateness_allowed: bool = False
    platform_media_id: str = ""
    permalink: str = ""
    published_at: datetime | None = None
    last_error_code: str = ""
    last_error: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoredHandle:
    """A handle as it was saved."""

    id: UUID
    handle: PlatformHandle
    lapses_at: datetime | None
    ever_published: bool


@dataclass(frozen=True, slots=True)
class StoredMedia:
    """A media row, as far as publishing needs it."""

    state: str
    refusal: str
    kind: str
    mime: str
    size_bytes: int
    width: int | None
    height: int | None
    duration_seconds: float | None
    storage_key: str
    alt_text: str


@dataclass(frozen=True, slots=True, weakref_slot=True)
class AccountRow:
    """The account a target is for, with its token still sealed."""

    id: UUID
    team_id: UUID
    platform: str
    platform_user_id: str
    username: str
    state: str
    trouble: str
    sealed_token: str
    token_version: int
    token_issued_at: datetime | None
    token_expires_at: datetime | None
    checked_at: datetime | None


@dataclass(slots=True)
class Job:
    """A target in a worker's hands. `epoch` is the proof that they are the right ones.

    `due_in` and `behind` are seconds by the database's clock at the moment it answered
    (`answered_at`, this process's monotonic clock): until the slot, and since this target should
    have been taken up. `safe_until` is when the lease can no longer be trusted. `repeats` is the
    number of the post that this one looks like, 0 when it is like none. Where it is not
    `is_whole`, what its post is made of was not read: a publish call needs the handle alone.
    """

    id: UUID
    post_id: UUID
    epoch: int
    facts: Facts
    due_at: datetime
    intent_at: datetime | None
    due_in: float
    behind: float
    settled_in: float
    answered_at: float
    safe_until: float
    post_kind: str = "image"
    caption: str = ""
    post_stage: str = "committed"
    account: AccountRow | None = None
    handles: list[StoredHandle] = field(default_factory=list)
    media: list[StoredMedia] = field(default_factory=list)
    is_whole: bool = True
    has_refreshed: bool = False
    repeats: int = 0

    @property
    def state(self) -> str:
        """Where the target stands."""
        return self.facts.state

    def due_left(self, monotonic: float) -> float:
        """Return the seconds until the slot, negative when it has passed; never too early."""
        return self.due_in - (monotonic - self.answered_at)

    def settle_left(self, monotonic: float) -> float:
        """Return the seconds until a lost publish call counts as settled."""
        return self.settled_in - (monotonic - self.answered_at)


@dataclass(frozen=True, slots=True)
class Linkless:
    """A published target whose link is not known yet."""

    target_id: UUID
    post_id: UUID
    media_id: str
    account: AccountRow


@dataclass(frozen=True, slots=True)
class Try:
    """An attempt row: opened before a call, closed by the same id after it."""

    step: str
    number: int
    id: UUID = field(default_factory=new_id)
    outcome: str = "open"
    error_code: str = ""
    error: Mapping[str, object] = field(default_factory=dict)
    duration_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Say:
    """An outbox row about a post."""

    event: str
    purpose: Literal["card", "notice"] = "card"
    payload: Mapping[str, object] = field(default_factory=dict)


CARD = Say("changed")
"""Have the post's card redrawn."""


@dataclass(frozen=True, slots=True)
class Change:
    """What an owner wants written about its target, all of it or nothing.

    `next_in` is when to go on, in seconds from now by the database's clock; `next_at` names the
    moment itself; neither leaves it as it is. `lease` keeps the target for that long, None gives
    it back.
    """

    target_id: UUID
    post_id: UUID
    epoch: int
    was: str
    facts: Facts
    next_in: float | None = None
    next_at: datetime | None = None
    intent: Literal["keep", "now", "clear"] = "keep"
    lease: timedelta | None = None
    tries: tuple[Try, ...] = ()
    made: PlatformHandle | None = None
    made_id: UUID | None = None
    drops_handles: bool = False
    says: tuple[Say, ...] = ()
