"""What a card is drawn from, read in one go."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bot.texts.times import day, moment, relative
from models.account import Account
from models.post import Media, Post, Target
from models.team import Member

_ORDER = (
    "publishing",
    "unconfirmed",
    "failed",
    "blocked",
    "late",
    "deferred",
    "waiting_media",
    "preparing",
    "ready",
    "scheduled",
    "published",
)
"""Which target speaks for the post when several differ: the one that needs a look first."""


@dataclass(frozen=True, slots=True)
class PostView:
    """A post with all that its card shows. `accounts` are the team's usable ones, in order."""

    post: Post
    author: Member
    media: tuple[Media, ...]
    targets: tuple[Target, ...]
    accounts: tuple[Account, ...]
    now: datetime

    @property
    def zone(self) -> str:
        """The zone its times are said in."""
        return self.post.zone or self.author.zone or "UTC"

    @property
    def language(self) -> str:
        """The language its card is written in."""
        return self.author.language

    def day(self, at: datetime) -> str:
        """Return the day of *at* in the words and the zone of the card."""
        return day(at, self.zone, now=self.now, language=self.language)

    def moment(self, at: datetime) -> str:
        """Return day, time and zone of *at* in the words and the zone of the card."""
        return moment(at, self.zone, now=self.now, language=self.language)

    def relative(self, at: datetime) -> str:
        """Return how far away *at* is, in the words of the card."""
        return relative(at, now=self.now, language=self.language)

    @property
    def number(self) -> str:
        """The post's number for people: "#142"."""
        return f"#{self.post.number}"

    @property
    def live_media(self) -> tuple[Media, ...]:
        """The media that belong to it (not the ones left out)."""
        return tuple(item for item in self.media if item.state != "removed")

    @property
    def target(self) -> Target | None:
        """The target that speaks for the post."""
        open_ones = [target for target in self.targets if target.state != "cancelled"]
        return min(open_ones, key=lambda target: _rank(target.state), default=None)

    @property
    def account(self) -> Account | None:
        """The account it is for, or would be for; None also when the chosen one is gone."""
        chosen = str(self.post.notes.get("account") or "")
        if self.target and not (chosen and self.post.stage == "draft"):
            found: Account = self.target.account
            return found
        if chosen:
            # It is never sent elsewhere unasked because that account is not there any more.
            return next((one for one in self.accounts if str(one.id) == chosen), None)
        return self.accounts[0] if self.accounts else None

    @property
    def other_accounts(self) -> tuple[Account, ...]:
        """The accounts that it could go to instead."""
        current = self.account
        return tuple(one for one in self.accounts if current is None or one.id != current.id)

    @property
    def state(self) -> str:
        """The word for where it stands: draft, scheduled, publishing, published and so on."""
        if self.post.stage == "cancelled":
            return "cancelled"
        if self.post.stage == "draft" or not self.target:
            return "draft"
        state = self.target.state
        return "scheduled" if state in _BEFORE else state


_BEFORE = frozenset({"scheduled", "preparing", "waiting_media", "ready", "deferred"})


def _rank(state: str) -> int:
    return _ORDER.index(state) if state in _ORDER else len(_ORDER)


async def load_post(post_id: UUID, *, now: datetime) -> PostView | None:
    """Read a post with its media, targets and accounts; None when it is gone."""
    post = await Post.get_or_none(id=post_id).prefetch_related("author")
    if post is None:
        return None
    return await view_of(post, now=now)


async def view_of(post: Post, *, now: datetime) -> PostView:
    """Read what belongs to *post* as it stands in the present transaction."""
    media = await Media.filter(post_id=post.id).order_by("ordinal")
    targets = await Target.filter(post_id=post.id).order_by("id").prefetch_related("account")
    accounts = await usable_accounts(post.team_id)
    author = await Member.get(id=post.author_id)
    return PostView(post, author, tuple(media), tuple(targets), tuple(accounts), now)


async def usable_accounts(team_id: UUID) -> list[Account]:
    """Return the team's accounts that posts can be scheduled for, oldest first."""
    return await Account.filter(
        team_id=team_id, state__in=("active", "needs_reconnect", "held")
    ).order_by("created_at")
