"""The contract every platform keeps, and the values that cross its border.

A platform knows no database, no chat and no clock of its own: it gets values (a post to publish,
a token) and gives values back. Its methods do one step, never loop, sleep or retry; the
scheduler resumes them from what was saved.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, Protocol

from pydantic import SecretStr

Kind = Literal["image", "carousel", "reel", "story"]
MediaKind = Literal["image", "video"]


class Remedy(StrEnum):
    """What a person can do about a complaint; the bot draws a button where it can help."""

    EDIT_CAPTION = "edit_caption"
    SEND_ANOTHER = "send_another"
    REMOVE_ITEMS = "remove_items"
    POST_AS_STORY = "post_as_story"


class ComplaintCode(StrEnum):
    """What a platform would refuse, known before anything is scheduled. The bot has the words."""

    CAPTION_TOO_LONG = "caption_too_long"  # params: length, limit, over
    TOO_MANY_HASHTAGS = "too_many_hashtags"  # params: count, limit
    TOO_MANY_MENTIONS = "too_many_mentions"  # params: count, limit
    ALT_TEXT_TOO_LONG = "alt_text_too_long"  # params: length, limit
    NO_MEDIA = "no_media"
    TOO_FEW_ITEMS = "too_few_items"  # params: count, limit
    TOO_MANY_ITEMS = "too_many_items"  # params: count, limit
    FORMAT = "format"  # params: mime, accepted
    IMAGE_TOO_LARGE = "image_too_large"  # params: size_mb, limit_mb
    VIDEO_TOO_LARGE = "video_too_large"  # params: size_mb, limit_mb
    VIDEO_TOO_SHORT = "video_too_short"  # params: seconds, limit
    VIDEO_TOO_LONG = "video_too_long"  # params: seconds, limit
    RATIO = "ratio"  # params: ratio (as "1:2.1"), low, high
    TOO_SMALL = "too_small"  # params: width, limit; a warning
    NO_VIDEO_HERE = "no_video_here"


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing a platform would refuse (or, as a warning, only dislike).

    `item` counts from 1 in the order of the media, None when it is about the whole post.
    """

    code: ComplaintCode
    item: int | None = None
    params: Mapping[str, str | int | float] = field(default_factory=dict)
    remedies: tuple[Remedy, ...] = ()
    is_warning: bool = False


@dataclass(frozen=True, slots=True)
class Media:
    """One picture or video as a platform is given it.

    `url` is publicly reachable without login or redirect (empty while a draft is only reviewed);
    `mime` was found by decoding, not by name; `duration_seconds` is None for images.
    """

    kind: MediaKind
    mime: str
    size_bytes: int
    width: int | None = None
    height: int | None = None
    duration_seconds: float | None = None
    alt_text: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A post as one account is to publish it."""

    kind: Kind
    caption: str
    media: tuple[Media, ...]


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who publishes: the platform's id for the account, and its token."""

    platform_user_id: str
    token: SecretStr


@dataclass(frozen=True, slots=True)
class Handle:
    """Something prepared at the platform, invisible to everybody (a container, an upload).

    `purpose` is "item" for one of several children (`ordinal` is its place, from 0) and "post" for
    what the publish call names.
    """

    purpose: Literal["item", "post"]
    ordinal: int
    external_id: str
    lapses_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """Evidence that a post is live. Ids are "" where the platform did not tell them yet."""

    media_id: str = ""
    permalink: str = ""
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """A handle was made; save it before the next step."""

    handle: Handle


@dataclass(frozen=True, slots=True)
class Waiting:
    """The platform is still working; ask again after `poll_after`."""

    poll_after: timedelta


@dataclass(frozen=True, slots=True)
class Ready:
    """Only the publish call is left."""


@dataclass(frozen=True, slots=True)
class Published:
    """It is live."""

    receipt: Receipt


Progress = Made | Waiting | Ready | Published


@dataclass(frozen=True, slots=True)
class Grant:
    """What a completed login gives. `expires_after` counts from the answer; None = no expiry."""

    token: SecretStr
    expires_after: timedelta | None
    scopes: tuple[str, ...] = ()
    app_user_id: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """The account a token speaks for, as the platform names it now.

    `can_publish` is False for account types that the platform's API does not publish for
    (on Instagram: personal accounts).
    """

    platform_user_id: str
    username: str
    display_name: str = ""
    account_type: str = ""
    can_publish: bool = True
    app_user_id: str = ""


@dataclass(frozen=True, slots=True)
class Quota:
    """How many posts went out in the platform's rolling window, and how many it allows."""

    used: int
    total: int
    window: timedelta


@dataclass(frozen=True, slots=True)
class Usage:
    """How much of a call budget is used, as a platform told with one of its answers.

    `account_id` is the platform's id of the account, "" for the budget of the whole app.  At 100
    percent calls are refused, and every further call may lengthen the wait of `regain_after`.
    """

    platform: str
    account_id: str
    percent: float
    regain_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class PlatformCard:
    """What a platform is, as data: names, kinds, scopes, limits, powers."""

    name: str
    title: str
    kinds: tuple[Kind, ...]
    scopes_needed: tuple[str, ...]
    scope_meanings: Mapping[str, str]
    max_caption_chars: int
    max_hashtags: int
    max_items: int
    token_refresh_after: timedelta
    token_life: timedelta
    max_posts_a_day: int | None = None

    def missing_scopes(self, granted: Collection[str]) -> tuple[str, ...]:
        """Return the needed scopes that were not granted; none when *granted* tells nothing."""
        return tuple(s for s in self.scopes_needed if s not in granted) if granted else ()


class Platform(Protocol):
    """One social network. Every error it raises is a `platforms.errors.PlatformError`."""

    @property
    def card(self) -> PlatformCard:
        """What this platform is, as data."""

    def authorize_url(self, *, state: str, redirect_uri: str) -> str:
        """Return the address of the consent page a person is sent to."""

    async def exchange_code(self, *, code: str, redirect_uri: str) -> Grant:
        """Turn the code of the redirect into a long-lived token.

        Raises:
            Rejected: the code was used, is unknown, or lapsed.
            TryAgainLater: the platform did not answer; the code may be spent.
        """

    async def refresh(self, token: SecretStr) -> Grant:
        """Renew a token before it lapses."""

    async def whoami(self, token: SecretStr) -> Profile:
        """Ask which account a token speaks for."""

    async def revoke(self, token: SecretStr) -> None:
        """Give the token back where the platform can take it back; otherwise do nothing."""

    def review(self, outgoing: Outgoing) -> list[Complaint]:
        """Say what this platform would refuse, without asking it. Pure."""

    async def prepare(
        self, who: Credentials, outgoing: Outgoing, handles: Sequence[Handle]
    ) -> Made | Waiting | Ready:
        """Do the next step of preparation, given the handles saved so far. Nothing becomes public.

        Returns `Made` for every new handle (call again after saving it), then `Waiting` while the
        platform digests, then `Ready`.
        """

    async def check(
        self, who: Credentials, handles: Sequence[Handle]
    ) -> Waiting | Ready | Published:
        """Read where the prepared post stands. Never changes anything."""

    async def publish(self, who: Credentials, handles: Sequence[Handle]) -> Published:
        """Send the one call that makes the post public. Called at most once per intent.

        Raises:
            TryAgainLater: it certainly did not go out (never left, or was refused for now).
            OutcomeUnknown: it may have gone out.
        """

    async def find_published(
        self, who: Credentials, outgoing: Outgoing, *, since: datetime
    ) -> Receipt | None:
        """Look in the account's own list: equal caption, not older than *since*."""

    async def describe(self, who: Credentials, media_id: str) -> Receipt:
        """Read the link of a published post; best effort."""

    async def quota(self, who: Credentials) -> Quota | None:
        """Read how much of the publishing quota is used, None where there is none."""

    def verify_callback(self, body: bytes) -> str:
        """Check a signed deauthorize or deletion callback and return the app-scoped user id.

        Raises:
            Rejected: not signed by this platform for this app.
        """
