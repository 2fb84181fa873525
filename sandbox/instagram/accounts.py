"""The pretend people of the pretend Instagram, and what a new account looks like."""

from dataclasses import dataclass
from typing import Literal

AccountType = Literal["BUSINESS", "MEDIA_CREATOR", "PERSONAL"]


@dataclass(frozen=True, slots=True)
class PretendAccount:
    """An account one can connect: *account_id* stands in paths, *scoped_id* is the app's own."""

    username: str
    name: str
    account_type: AccountType
    account_id: str
    scoped_id: str
    biography: str = ""
    glyph: str = ""
    colours: tuple[str, str] = ("#f9ce34", "#ee2a7b")
    followers: int = 0

    @property
    def may_publish(self) -> bool:
        """Whether Instagram lets apps publish for this kind of account."""
        return self.account_type != "PERSONAL"


# Profile pictures, as strokes in a square of 96.
_CUP = (
    "M28 42h34v14a14 14 0 0 1-14 14h-6a14 14 0 0 1-14-14zM62 46h5a7 7 0 0 1 0 14h-6"
    "M38 34q-4-6 0-12M51 34q-4-6 0-12"
)
_BICYCLE = (
    "M17 60a13 13 0 1 0 26 0a13 13 0 1 0-26 0M53 60a13 13 0 1 0 26 0a13 13 0 1 0-26 0"
    "M30 60l10-22h20l6 22M40 38l8 22H30M48 60l12-22l-3-8h8M35 38h10"
)
_SPROUT = (
    "M48 74V46M48 54C48 42 38 36 26 36c0 12 10 18 22 18M48 47c0-10 8-19 22-19c0 12-10 19-22 19"
)

DEFAULT_ACCOUNTS = (
    PretendAccount(
        "cafe.lindenhof",
        "Café Lindenhof",
        "BUSINESS",
        "17841400000000001",
        "9100000000000001",
        "Coffee, cake and a chestnut tree. Open 8 to 18.",
        _CUP,
        ("#c8743a", "#6b2d1a"),
        1284,
    ),
    PretendAccount(
        "mira.on.wheels",
        "Mira on wheels",
        "MEDIA_CREATOR",
        "17841400000000002",
        "9100000000000002",
        "One bike, many hills.",
        _BICYCLE,
        ("#2f9e8f", "#1b4b7a"),
        20310,
    ),
    PretendAccount(
        "jonas.private",
        "Jonas",
        "PERSONAL",
        "17841400000000003",
        "9100000000000003",
        "Just friends.",
        _SPROUT,
        ("#8a8f98", "#4a4f58"),
        87,
    ),
)

SCOPES = (
    "instagram_business_basic",
    "instagram_business_content_publish",
    "instagram_business_manage_comments",
    "instagram_business_manage_insights",
)
BASIC_SCOPE, PUBLISH_SCOPE = SCOPES[0], SCOPES[1]
SCOPE_WORDS = {
    "instagram_business_basic": "See your profile and your posts",
    "instagram_business_content_publish": "Publish photos and videos for you",
    "instagram_business_manage_comments": "Read and answer comments",
    "instagram_business_manage_insights": "See how your posts did",
}
