"""What can go wrong at a platform, by what the caller does about it.

    PlatformError
    ├── TryAgainLater        same step again, not before `after`
    │   └── HandleLost       what was prepared is gone: prepare anew, then go on
    ├── NeedsReconnect       the account is held until a person acts (`who`)
    ├── Rejected             never: the content (or how we asked) is refused
    └── OutcomeUnknown       the publish call may or may not have worked: look before anything else

Words for people are made by the bot from `trouble` and `params`; `str()` is for developers.
"""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Literal


class Trouble(StrEnum):
    """Why a platform said no, as a key for which the bot holds words."""

    PLATFORM_DOWN = "platform_down"
    UNCLEAR = "unclear"
    RATE_LIMITED = "rate_limited"
    QUOTA_REACHED = "quota_reached"
    SPAM_BLOCK = "spam_block"
    NOT_READY = "not_ready"
    MEDIA_UNFETCHABLE = "media_unfetchable"
    MEDIA_PROCESSING = "media_processing"
    HANDLE_EXPIRED = "handle_expired"
    LOGIN_EXPIRED = "login_expired"
    ACCESS_REMOVED = "access_removed"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a reason, not a secret
    PERMISSION_MISSING = "permission_missing"
    ACCOUNT_RESTRICTED = "account_restricted"
    ACCOUNT_GONE = "account_gone"
    FORMAT_REFUSED = "format_refused"
    IMAGE_TOO_LARGE = "image_too_large"
    RATIO_REFUSED = "ratio_refused"
    CAPTION_TOO_LONG = "caption_too_long"
    TAG_REFUSED = "tag_refused"
    LINK_REFUSED = "link_refused"
    DUPLICATE = "duplicate"
    CONTENT_REFUSED = "content_refused"
    OUR_MISTAKE = "our_mistake"
    NOT_SIGNED = "not_signed"


class PlatformError(Exception):
    """Base of everything an adapter raises.

    Attributes:
        trouble: the reason, fit to look up words for people.
        code: the platform's own code as text ("190/463"), for logs and the error card.
        params: values that the words may use; never a secret. `item` is the place of the photo or
            video it is about (from 1), `says` what the platform itself tells people about it.
        detail: what the platform wrote, shortened, for logs only.
    """

    def __init__(
        self,
        trouble: Trouble,
        *,
        code: str = "",
        params: Mapping[str, str | int | float] | None = None,
        detail: str = "",
    ) -> None:
        super().__init__(f"{type(self).__name__}({trouble}, code={code!r})")
        self.trouble = trouble
        self.code = code
        self.params: Mapping[str, str | int | float] = params or {}
        self.detail = detail[:500]


class TryAgainLater(PlatformError):
    """Nothing was posted and the same step may be repeated.

    `after` is the platform's own wait, None where it named none. `is_window` tells a limit or
    quota (the platform's time, costs no try) from a hiccup (costs a try).
    """

    def __init__(
        self,
        trouble: Trouble,
        *,
        after: timedelta | None = None,
        is_window: bool = False,
        code: str = "",
        params: Mapping[str, str | int | float] | None = None,
        detail: str = "",
    ) -> None:
        super().__init__(trouble, code=code, params=params, detail=detail)
        self.after = after
        self.is_window = is_window


class HandleLost(TryAgainLater):
    """A prepared container or upload is gone or broken: throw the handles away, prepare anew."""


class NeedsReconnect(PlatformError):
    """The account is held until a person acts; retrying by itself is useless.

    `who` must act: `owner` connects again, `admin` changes an app setting or role,
    `platform` means the owner clears a warning in the platform's own app first.
    """

    def __init__(
        self,
        trouble: Trouble,
        *,
        who: Literal["owner", "admin", "platform"] = "owner",
        code: str = "",
        params: Mapping[str, str | int | float] | None = None,
        detail: str = "",
    ) -> None:
        super().__init__(trouble, code=code, params=params, detail=detail)
        self.who: Literal["owner", "admin", "platform"] = who


class Rejected(PlatformError):
    """The platform will never take this as it is; nothing was posted."""


class OutcomeUnknown(PlatformError):
    """The publish call was sent and its result is not known: reconcile, never send again first."""
