"""The one card of a post, in whatever state it is. Pure: a view in, a card out."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.cards.buttons import Drawer, full_caption_row, is_folded
from bot.cards.questions import (
    choice_rows,
    menu_words,
    question_buttons,
    question_lines,
    time_buttons,
    zone_rows,
)
from bot.cards.series import change_words
from bot.cards.views import PostView
from bot.texts import has_words, say
from bot.texts.times import clock, span
from integrations.chat.outgoing import Button, Card, Line, Text, TimeTag
from models.post import WAITING_STATES, Post, Target
from platforms.contract import PlatformCard
from platforms.media_rules import caption_length, count_hashtags
from scheduling.duplicates import LOOKS_LIKE

MAX_TRIES = 4
_ENDS = (".", "?", "!", "…", ":")
Rows = Sequence[Sequence[Button]]


def post_card(view: PostView, platform: PlatformCard) -> Card:
    """Draw the card of a post for the platform it goes to."""
    found = [_title(view), _where(view), *_time_lines(view), *_state_lines(view)]
    lines = tuple(line for line in found if line)
    rows = _rows(view)
    footer = [_counter(view, platform)] if view.state != "cancelled" else []
    return Card(
        lines=lines,
        quote=view.post.caption,
        fold_quote=is_folded(view.post.caption),
        footer=tuple(line for line in footer if line),
        buttons=tuple(tuple(row) for row in rows if row),
        fallback_text=_as_sentences(lines),
        asks_reply=_hint(view),
    )


# ── lines ────────────────────────────────────────────────────────────────────────────────────


def _title(view: PostView) -> Line:
    return (Text(say(f"state.{view.state}", view.language, number=view.number), "bold"),)


def _where(view: PostView) -> Line:
    account = view.account
    who = f"@{account.username}" if account else say("no_account", view.language)
    return (Text(f"{who} · {kind_words(view)}"),)


def kind_words(view: PostView, language: str = "") -> str:
    """Return what the post is: "Carousel, 4 photos"; in its author's language unless told."""
    language = language or view.language
    items = view.live_media
    if view.post.kind != "carousel":
        return say(f"kind.{view.post.kind}", language)
    all_photos = all(item.kind == "image" for item in items)
    key = "kind.carousel_photos" if all_photos else "kind.carousel"
    return say(key, language, count=len(items))


def _time_lines(view: PostView) -> list[Line]:
    post, target = view.post, view.target
    at = target.due_at if target else post.due_at
    if at is None:
        return []
    if view.state == "cancelled":
        return [
            (
                Text(
                    say(
                        "was",
                        view.language,
                        moment=view.moment(at),
                    )
                ),
            )
        ]
    if view.state == "published" and target and target.published_at:
        return [_published_line(view, target)]
    if view.state == "draft" and not _is_settled_time(view):
        return []
    is_other = post.notes.get("moved") or post.notes.get("reworded")
    words = "" if is_other else post.when_words
    return [
        (
            TimeTag(at, view.moment(at), "bold"),
            Text(" · "),
            TimeTag(at, view.relative(at), is_relative=True),
            Text(say("read_from", view.language, words=words) if words else ""),
        )
    ]


def _is_settled_time(view: PostView) -> bool:
    """Tell a draft's chosen time from one that its question still speaks of."""
    is_chosen = bool(view.post.notes.get("chosen"))
    return is_chosen and view.post.question not in {"account", "past_slot"}


def _published_line(view: PostView, target: Target) -> Line:
    at = target.published_at
    if at is None:
        return ()
    when = clock(at, view.zone, seconds=True)
    late = at - target.due_at
    if late >= timedelta(minutes=1):
        words = say(
            "published_late", view.language, clock=when, late=span(late, language=view.language)
        )
    else:
        words = say("published_at", view.language, clock=when)
    date = view.day(at)
    return (
        TimeTag(at, say("published_on", view.language, words=words, day=date, zone=view.zone)),
    )


def _state_lines(view: PostView) -> list[Line]:
    language, post = view.language, view.post
    lines: list[Line] = []
    fetched = [item for item in view.live_media if item.state != "pending"]
    if len(fetched) < len(view.live_media) and view.state in {"draft", "scheduled"}:
        key = "fetching" if len(view.live_media) == 1 else "fetching.many"
        lines.append(_plain(say(key, language, done=len(fetched), count=len(view.live_media))))
    if view.state == "draft":
        lines += question_lines(view)
    elif post.notes.get("menu"):
        lines.append(_plain(menu_words(view)))
    if view.state not in {"draft", "cancelled"} and view.target:
        lines += [_plain(words) for words in _target_words(view, view.target)]
    if view.state == "cancelled" and post.notes.get("outcome") == "unknown":
        lines.append(_plain(say("cancelled_unknown", language)))
    if view.state == "cancelled" and post.undo_until and post.undo_until > view.now:
        left = span(post.undo_until - view.now, language=language)
        lines.append(_plain(say("undo_until", language, left=left)))
    lines += [_plain(words) for words in _note_words(view)]
    return lines


def _target_words(view: PostView, target: Target) -> list[str]:
    language = view.language
    match target.state:
        case "publishing":
            return [say("checking" if target.reads else "publishing", language)]
        case "waiting_media" if any(item.kind == "video" for item in view.live_media):
            return [say("processing", language)]
        case "deferred":
            at = target.next_attempt_at or target.due_at
            when = view.moment(at)
            return [say("deferred", language, reason=trouble_words(target, language), when=when)]
        case _ if target.last_error.get("outage") and target.state in WAITING_STATES:
            return [say("outage.line", language)]
        case "failed":
            return [failure_words("failed.line", target, language)]
        case "blocked" if target.last_error.get("trouble") == LOOKS_LIKE:
            return [trouble_words(target, language)]
        case "blocked":
            return [say("blocked.line", language, reason=trouble_words(target, language))]
        case "late":
            when = view.relative(target.due_at)
            has_reason = bool(target.last_error.get("trouble"))
            why = trouble_words(target, language) if has_reason else say("late.why", language)
            return [say("late.line", language, moment=when, why=why)]
        case "unconfirmed":
            return [say("unconfirmed.line", language, reads=target.reads)]
        case "scheduled" | "preparing" | "ready" if target.attempt and target.next_attempt_at:
            return [
                say(
                    "retrying",
                    language,
                    reason=trouble_words(target, language),
                    when=view.relative(target.next_attempt_at),
                    attempt=target.attempt + 1,
                    tries=MAX_TRIES,
                )
            ]
        case _:
            return []


def trouble_words(target: Target, language: str) -> str:
    """Return the reason of a target's last error, in words for people."""
    key = f"trouble.{target.last_error.get('trouble', 'other')}"
    params = target.last_error.get("params")
    values: dict[str, Any] = params if isinstance(params, dict) else {}
    return say(key if has_words(key) else "trouble.other", language, **values)


def failure_words(key: str, target: Target, language: str, **params: object) -> str:
    """Return why a target failed, how often it was tried, and a reference for questions."""
    tries = target.attempt
    tried = say("notice.tried", language, count=tries) if tries > 1 else ""
    return say(
        key,
        language,
        reason=trouble_words(target, language),
        tried=tried,
        reference=reference(target),
        **params,
    )


def reference(target: Target) -> str:
    """Return the short reference of a target's last error, fit to be read aloud: "E-7F3K"."""
    return f"E-{target.id.hex[-4:].upper()}"


def _note_words(view: PostView) -> list[str]:
    notes, words = view.post.notes, []
    if notes.get("series") and view.state in {"draft", "scheduled"}:
        words.append(say("part_of_series", view.language, number=notes["series"]))
    change = notes.get("clock_change")
    if isinstance(change, dict) and view.target and not notes.get("moved"):
        at, is_gap = view.target.due_at, bool(change["is_gap"])
        words.append(
            change_words(str(change["wall"]), at, view.zone, view.language, is_gap=is_gap)
        )
    if notes.get("caption_from_edit") and view.state in {"draft", "scheduled"}:
        words.append(say("caption_from_edit", view.language))
    if notes.get("added"):
        count = len(view.live_media)
        words.append(say("added_more", view.language, added=notes["added"], count=count))
    if notes.get("saved") and view.state == "draft":
        words.append(say("saved_as_draft", view.language, number=view.number))
    if notes.get("just_passed") and view.state in {"draft", "scheduled"}:
        words.append(say("passed_just_now", view.language, clock=notes["just_passed"]))
    return words


def _counter(view: PostView, platform: PlatformCard) -> Line:
    # Counted as the platform counts: what is shown here is what it will refuse.
    chars, tags = caption_length(view.post.caption), count_hashtags(view.post.caption)
    if not chars:
        return _plain(say("no_caption", view.language)) if view.state != "published" else ()
    key = "counter_tags" if tags else "counter"
    return _plain(
        say(
            key,
            view.language,
            chars=chars,
            limit=platform.max_caption_chars,
            tags=tags,
            tag_limit=platform.max_hashtags,
        )
    )


def _plain(words: str) -> Line:
    return (Text(words),) if words else ()


def _as_sentences(lines: Sequence[Line]) -> str:
    """Say what the lines say without any drawing: for notifications and for screen readers."""
    said = ["".join(run.text for run in line).strip() for line in lines]
    return " ".join(words if words.endswith(_ENDS) else f"{words}." for words in said if words)


def _hint(view: PostView) -> str:
    menu = view.post.notes.get("menu")
    if menu == "time" or (view.state == "draft" and view.post.question == "no_time"):
        return say("hint.time", view.language)
    return ""


# ── buttons ──────────────────────────────────────────────────────────────────────────────────


def _rows(view: PostView) -> Rows:
    draw = Drawer(view.post.id, view.post.rev, view.language)
    return [*_own_rows(view, draw), *full_caption_row(view.post.caption, draw)]


def _own_rows(view: PostView, draw: Drawer) -> Rows:
    menu = view.post.notes.get("menu")
    if menu and view.state not in {"publishing", "published", "cancelled"}:
        return _menu_rows(view, draw, str(menu))
    match view.state:
        case "draft":
            return question_buttons(view, draw)
        case "scheduled":
            return _scheduled_rows(view, draw)
        case "published":
            target = view.target
            link = target.permalink if target else ""
            return [[Button(label=say("button.open", view.language), url=link)]] if link else []
        case "failed" | "blocked":
            return _failed_rows(view, draw)
        case "late":
            return [
                [draw.button("pnow", "post_now", "success"), draw.button("same", "same_tomorrow")],
                [draw.button("time", "pick"), draw.button("drop", "drop", "danger")],
            ]
        case "unconfirmed":
            return [
                [draw.button("live", "is_live", "success"), draw.button("again", "again")],
                [draw.button("leave", "leave", "danger")],
            ]
        case "cancelled" if view.post.undo_until and view.post.undo_until > view.now:
            return [[draw.button("undo", "undo", "primary")]]
        case _:
            return []


def tail_is_open(post: Post, *, now: datetime) -> bool:
    """Say whether *post* was booked unasked from the end of its caption a moment ago (K15)."""
    until = str(post.notes.get("tail_until") or "")
    is_as_written = post.caption_source == "message" and not post.notes.get("moved")
    return bool(until) and is_as_written and datetime.fromisoformat(until) > now


def _scheduled_rows(view: PostView, draw: Drawer) -> Rows:
    first = [draw.button("cap", "caption"), draw.button("time", "time")]
    if tail_is_open(view.post, now=view.now):
        first = [draw.button("unbook", "undo", "primary"), draw.button("keep", "keep"), *first[1:]]
    second = [draw.button("more", "more"), draw.button("cancel", "cancel", "danger")]
    if view.post.notes.get("series"):
        second.insert(0, draw.button("serall", "series_all"))
    if len(view.accounts) > 1:
        second.insert(0, draw.button("accts", "accounts"))
    if view.post.notes.get("just_passed"):
        second.insert(0, draw.button("now", "now"))
    return [first, second]


def _failed_rows(view: PostView, draw: Drawer) -> Rows:
    account, target = view.account, view.target
    last = [draw.button("time", "reschedule"), draw.button("drop", "discard", "danger")]
    if account and account.state in {"needs_reconnect", "disconnected"}:
        if target and target.due_at > view.now:
            # It goes out at its time, not as soon as the account works again.
            return [[draw.button("recon", "reconnect_account", "primary")], last]
        return [[draw.button("recon", "reconnect", "primary")], last]
    if target and target.last_error.get("trouble") == LOOKS_LIKE:
        cancel = draw.button("cancel", "cancel", "danger")
        return [[draw.button("dupok", "again", "success")], [last[0], cancel]]
    if target and target.state == "blocked":
        return [[draw.button("retry", "retry", "primary")], last]
    return [[draw.button("retry", "retry", "primary"), draw.button("cap", "caption")], last]


def _menu_rows(view: PostView, draw: Drawer, menu: str) -> Rows:
    back = [draw.button("back", "back")]
    match menu:
        case "time":
            return [*time_buttons(view, draw), back]
        case "now":
            return [[draw.button("nowyes", "now_yes", "success")], back]
        case "zone":
            return [*zone_rows(view, draw), back]
        case "account":
            choices = [
                draw.labelled(f"acct{index}", f"@{account.username}")
                for index, account in enumerate(view.accounts)
            ]
            return [*[[choice] for choice in choices], back]
        case "more":
            return _more_rows(view, draw, back)
        case "choices":
            return [*choice_rows(view, draw), [draw.button("time", "pick")], back]
        case _:
            return [back]


def _more_rows(view: PostView, draw: Drawer, back: list[Button]) -> Rows:
    rows: list[list[Button]] = []
    if view.post.when_words and view.post.caption_source == "message":
        rows.append([draw.button("keep", "keep")])
    if view.post.kind == "story":
        rows.append([draw.button("feed", "feed")])
    elif view.post.kind in {"image", "reel"}:
        rows.append([draw.button("story", "story")])
    if any(item.kind == "image" for item in view.live_media) and view.post.kind != "story":
        rows.append([draw.button("alttext", "alt")])
    rows.append([draw.button("now", "now")])
    rows.append(back)
    return rows
