"""What a draft still needs, decided in one place; when nothing is missing it is booked."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.cards.buttons import payload
from bot.cards.manner import chat_name
from bot.cards.questions import several_of
from bot.cards.views import PostView, view_of
from bot.context import Context, House, say_in
from bot.people import ZONE_FROM
from bot.texts import say
from integrations.chat.outgoing import Button
from models.account import Account
from models.outbox import tell
from models.post import Media, Post
from models.team import Member, Place
from platforms.contract import Complaint, Outgoing, PlatformCard
from platforms.contract import Media as PlatformMedia
from scheduling.duplicates import Twin, twins_of
from scheduling.planner import Slot
from scheduling.quotas import crowd_at, crowd_at_runs
from scheduling.recurring.runs import AHEAD
from scheduling.when import Reading
from scheduling.when.rule import runs_after

PLATFORM = "instagram"
LATE_BUT_MEANT = timedelta(seconds=60)
"""A slot that passed while we were fetching the file is still meant; later, it is asked again."""

_RUNS_WEIGHED = 400
"""So many runs of a series are weighed against what its platform allows."""

_ASKS = frozenset(
    {"no_time", "past", "invalid", "unread", "nonexistent", "overlap", "conflict", "range"}
    | {"vague", "too_far", "no_date", "ambiguous"}
)


async def settle(post: Post, house: House, *, now: datetime) -> None:
    """Find what *post* still needs and ask it, or book it. Only drafts are settled.

    Call it in a transaction that holds the post, after anything about it became known.
    """
    if post.stage != "draft":
        return
    view = await view_of(post, now=now)
    platform = house.platforms[PLATFORM]
    post.complaints = complaints_of(view, house)
    question = _question(view, platform.card)
    if question is None and await _looks_like_another(view):
        question = "duplicate"
    if question is None and await _has_no_room(view):
        question = "crowded"
    if question is None:
        await _book(view, house)
        return
    post.question = question
    await _save(post, now)


async def settle_and_show(post: Post, ctx: Context) -> None:
    """Settle *post*, and have its card drawn anew."""
    await settle(post, ctx.house, now=ctx.now)
    await tell_changed(post, now=ctx.now)


async def _save(post: Post, now: datetime) -> None:
    """Save a draft; what a button means has changed only when what it shows has."""
    before = await Post.get_or_none(id=post.id)
    if before is None or _meaning(before) != _meaning(post):
        post.rev += 1
        post.updated_at = now
    await post.save()


def _meaning(post: Post) -> tuple[object, ...]:
    menu = post.notes.get("menu")
    shown = (post.question, post.due_at, post.zone, post.caption, post.kind, post.when_words)
    chosen = (post.notes.get("chosen"), post.notes.get("account"))
    return (*shown, post.complaints, post.readings, menu, *chosen)


def _question(view: PostView, card: PlatformCard) -> str | None:
    """Return what to ask next, "" while files are on their way, None when all is there."""
    post = view.post
    if len(view.live_media) > card.max_items:
        return "leave_out"
    if any(item.state in {"refused", "gone"} for item in view.live_media):
        return "fix"
    time = _time_question(view)
    if time:
        return time
    if post.complaints:
        return "fix"
    if any(item.state == "pending" for item in view.live_media):
        return ""
    if not post.caption and post.notes.get("ask_caption") and not post.notes.get("no_caption"):
        return "no_caption"
    account = view.account
    if account is None or account.state != "active":
        return "account"
    if post.due_at and post.due_at < view.now - LATE_BUT_MEANT:
        return "past_slot"
    return None


async def _looks_like_another(view: PostView) -> bool:
    """Note on the post which one it looks like, so that its card can name it (K7)."""
    post, account = view.post, view.account
    if account is None or post.due_at is None or post.notes.get("recurs"):
        return False
    twins = await twins_of(post, account.id, due_at=post.due_at)
    note_twin(post, twins)
    return bool(twins)


async def _has_no_room(view: PostView) -> bool:
    """Note on the post why its slot is more than the platform allows, if it is."""
    post, account = view.post, view.account
    post.notes = {key: value for key, value in post.notes.items() if key != "crowd"}
    if account is None or post.due_at is None:
        return False
    if post.notes.get("crowd_ok") == post.due_at.isoformat():
        return False
    runs = _runs_ahead(post)
    if runs:
        crowd = await crowd_at_runs(account, post.id, runs)
    else:
        crowd = await crowd_at(account, post.id, post.due_at)
    if crowd is None:
        return False
    post.notes["crowd"] = {
        "is_series": bool(runs),
        "count": crowd.used,
        "limit": crowd.total,
        "hours": round(crowd.window.total_seconds() / 3600),
        "free_at": crowd.free_at.isoformat(),
    }
    return True


def _runs_ahead(post: Post) -> list[datetime]:
    """Return the runs of a series to be that become posts first, none of a post that is single."""
    if not (post.notes.get("recurs") and post.readings):
        return []
    reading = Reading.from_json(post.readings[0])
    if not reading.rrule or reading.dtstart is None or reading.first is None:
        return []
    before = reading.first - timedelta(seconds=1)
    runs = runs_after(
        reading.rrule, dtstart=reading.dtstart, tz=reading.tz, after=before, count=_RUNS_WEIGHED
    )
    return [run for run in runs if run < reading.first + AHEAD]


async def is_doubtful(view: PostView) -> bool:
    """Say whether a scheduled post, as it is now, has something to be asked about first."""
    return await _looks_like_another(view) or await _has_no_room(view)


def note_twin(post: Post, twins: Sequence[Twin]) -> None:
    """Note on *post* the newest post that it looks like, or that there is none."""
    post.notes = {key: value for key, value in post.notes.items() if key != "twin"}
    if twins:
        twin = twins[-1]
        post.notes["twin"] = {
            "number": twin.number,
            "is_out": twin.state in {"publishing", "published", "unconfirmed"},
            "at": twin.at.isoformat(),
        }


def _time_question(view: PostView) -> str:
    """Return the open question about the time, "" when a time is chosen."""
    post, notes = view.post, view.post.notes
    if notes.get("chosen") and post.due_at:
        return ""
    if notes.get("needs_zone") and not view.author.zone:
        return "zone"
    if not post.readings:
        return "no_time"
    first = post.readings[0]
    why = str(first.get("why") or "")
    if first.get("grain") == "now":
        return "now"
    if notes.get("offered"):
        return "offered"
    if len(post.readings) > 1:
        return _question_of_several(view)
    if first.get("rrule") and first.get("status") == "ok":
        return "series"
    if first.get("status") == "ok":
        flags = first.get("flags")
        return "ambiguous" if isinstance(flags, list) and "ambiguous" in flags else "suggested"
    return why if why in _ASKS else "no_time"


def _question_of_several(view: PostView) -> str:
    """Return what to ask about more than one time: which, or whether each gets a post (K17)."""
    ahead = several_of(view)
    if not ahead:
        return "past"
    is_list = all(found.get("status") == "ok" for found in view.post.readings)
    # Of two places in one text only one is meant; a list is meant as a whole.
    is_list = is_list and "captions" not in view.post.notes
    return "several" if is_list and len(ahead) > 1 else "two_readings"


async def _book(view: PostView, house: House) -> None:
    post, account = view.post, view.account
    if account is None or post.due_at is None:
        raise ValueError("a post is booked with an account and a time")
    post.question = ""
    post.complaints = []
    reading = Reading.from_json(post.readings[0]) if post.readings else None
    if reading and reading.rrule and post.notes.get("recurs"):
        await house.recurrences.start(post, account, reading, by=view.author, now=view.now)
    else:
        slot = Slot(due_at=post.due_at, wall_time=post.wall_time, zone=post.zone or view.zone)
        await house.planner.book(post, [account], slot, by=view.author, now=view.now)
    await _tell_zone(view)


async def _tell_zone(view: PostView) -> None:
    """Say once that a person's zone is from their profile, with a way to change it (b36)."""
    post = view.post
    if ZONE_FROM not in view.author.hints:
        return
    author = await Member.select_for_update().get(id=post.author_id)
    chat = author.hints.get(ZONE_FROM)
    if not chat or not author.zone:
        return
    author.hints = {key: one for key, one in author.hints.items() if key != ZONE_FROM}
    await author.save(update_fields=["hints"])
    change = Button(say("button.zone_change", author.language), payload("zask", author.id, 0))
    await say_in(
        await Place.get(id=post.place_id),
        say("zone.from_profile", author.language, zone=author.zone, chat=chat_name(str(chat))),
        now=view.now,
        buttons=[[change]],
        reply_to=post.source_ref,
        language=author.language,
    )


# ── what the platform would refuse ───────────────────────────────────────────────────────────


def complaints_of(view: PostView, house: House) -> list[dict[str, object]]:
    """Return what must be mended before this post can be scheduled, as the card shows it."""
    found = [
        {"key": f"media.{item.refusal or 'gone'}", "item": index + 1, "params": {}, "remedies": []}
        for index, item in enumerate(view.live_media)
        if item.state in {"refused", "gone"}
    ]
    if found:
        return found
    reviewed = house.platforms[PLATFORM].review(outgoing_of(view))
    pending = any(item.state == "pending" for item in view.live_media)
    return [
        _as_row(complaint)
        for complaint in reviewed
        if not complaint.is_warning and not (pending and _is_about_media(complaint))
    ]


def outgoing_of(view: PostView) -> Outgoing:
    """Return the post as its platform would be given it, without addresses."""
    media = tuple(_as_platform_media(item) for item in view.live_media)
    return Outgoing(kind=view.post.kind, caption=view.post.caption, media=media)  # type: ignore[arg-type]  # the four kinds are written by us


def _as_platform_media(item: Media) -> PlatformMedia:
    return PlatformMedia(
        kind="video" if item.kind == "video" else "image",
        mime=item.mime or item.claimed_mime,
        size_bytes=item.size_bytes or item.claimed_bytes or 0,
        width=item.width,
        height=item.height,
        duration_seconds=item.duration_seconds,
        alt_text=item.alt_text,
    )


def _is_about_media(complaint: Complaint) -> bool:
    return complaint.item is not None


def _as_row(complaint: Complaint) -> dict[str, object]:
    return {
        "key": f"complaint.{complaint.code.value}",
        "item": complaint.item,
        "params": dict(complaint.params),
        "remedies": [remedy.value for remedy in complaint.remedies],
    }


async def settle_waiting(account: Account, house: House, *, now: datetime) -> None:
    """Go on with every draft of the account's team that only waited for an account."""
    waiting = (
        await Post.filter(team_id=account.team_id, stage="draft", question="account")
        .order_by("number")
        .select_for_update()
    )
    for post in waiting:
        await settle(post, house, now=now)
        await tell_changed(post, now=now)


async def tell_changed(post: Post, *, now: datetime) -> None:
    """Have the post's card redrawn."""
    await tell("post", post.id, "changed", now=now)
