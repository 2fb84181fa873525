"""What a draft still needs, as lines and buttons."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.cards.buttons import Drawer
from bot.cards.series import change_lines
from bot.cards.views import PostView
from bot.cards.zones import guesses
from bot.texts import has_words, say
from bot.texts.rules import rule_words
from bot.texts.times import clock, day
from integrations.chat.outgoing import Button, Line, Text, TimeTag
from models.account import Account
from scheduling.when import Reading

MAX_ALTERNATIVES = 4
MAX_POSTS = 8
"""How many posts one message may become."""
TONIGHT_HOUR, TOMORROW_HOUR = 20, 9
_ITEMS_A_ROW = 8
_SHORT_LABEL_CHARS = 5
_ASKS_WITH_ALTERNATIVES = frozenset(
    {"ambiguous", "past", "invalid", "nonexistent", "overlap", "conflict", "range", "vague"}
    | {"two_readings", "offered", "unread"}
)

_SAYS_WHY = _ASKS_WITH_ALTERNATIVES - {"ambiguous", "two_readings", "offered"}


def readings_of(view: PostView) -> list[Reading]:
    """Return what was understood of the post's time, as it was stored."""
    return [Reading.from_json(found) for found in view.post.readings]


def choices_of(view: PostView) -> list[Reading]:
    """Return the readings that buttons offer, in the order that `alt0`, `alt1` … name them."""
    readings = readings_of(view)
    if view.post.question == "several":
        return several_of(view)
    if len(readings) > 1:
        found = readings
    else:
        found = [
            other
            for reading in readings
            for other in ([reading] if reading.status == "ok" else []) + list(reading.alternatives)
        ]
    if view.post.question == "series":
        found = [other for other in found if other.rrule and other is not readings[0]]
        return found[:MAX_ALTERNATIVES]
    ahead = [other for other in found if other.at_utc and other.at_utc > view.now]
    unique = {other.at_utc: other for other in ahead}
    return list(unique.values())[:MAX_ALTERNATIVES]


def several_of(view: PostView) -> list[Reading]:
    """Return the times of a list that are still ahead, in their order."""
    return [
        other
        for other in readings_of(view)
        if other.status == "ok" and (other.rrule or (other.at_utc and other.at_utc > view.now))
    ][:MAX_POSTS]


# ── lines ────────────────────────────────────────────────────────────────────────────────────


def question_lines(view: PostView) -> list[Line]:
    """Return what a draft asks, in words."""
    if view.post.notes.get("menu"):
        words = menu_words(view)
        return [(Text(words),)] if words else []
    question = view.post.question
    if not question:
        return []
    if question == "fix":
        return [(Text(say("ask.fix", view.language)),), *_complaint_lines(view)]
    lines: list[Line] = [_with_time_tag(view, _question_words(view, question))]
    if question == "several":
        lines += _several_lines(view)
    if question == "series":
        reading = readings_of(view)[0]
        if reading.rrule and reading.dtstart:
            lines += change_lines(reading.rrule, reading.dtstart, reading.tz, view)
    if question == "suggested" and view.post.when_words:
        took = say("ask.suggested_took", view.language, words=view.post.when_words)
        lines.append((Text(took),))
    return lines


def _several_lines(view: PostView) -> list[Line]:
    """Return a numbered line for each time of a list, and which words they were read from."""
    lines: list[Line] = []
    for item, reading in enumerate(several_of(view), start=1):
        if reading.rrule:
            rule = rule_words(
                reading.rrule, dtstart=reading.dtstart, tz=reading.tz, language=view.language
            )
            lines.append((Text(f"{item}. {rule}"),))
        elif reading.at_utc:
            said = TimeTag(reading.at_utc, view.moment(reading.at_utc), "bold")
            lines.append((Text(f"{item}. "), said))
    if view.post.when_words and view.post.caption != view.post.source_text:
        took = say("ask.suggested_took", view.language, words=view.post.when_words)
        lines.append((Text(took),))
    return lines


def menu_words(view: PostView) -> str:
    """Return what the open page of a card asks, "" when its buttons say it all."""
    menu = str(view.post.notes.get("menu"))
    if menu == "choices":
        return _choices_words(view)
    if menu == "zone":
        return say("ask.zone", view.language, clock=clock(view.now, guesses(view.author)[0]))
    if menu == "alt" and len(view.live_media) > 1:
        menu = "alt_many"
    key = f"menu.{menu}"
    name = f"@{view.account.username}" if view.account else say("no_account", view.language)
    return say(key, view.language, number=view.number, account=name) if has_words(key) else ""


def _choices_words(view: PostView) -> str:
    """Return why another time of a planned post has to be chosen ("it has passed")."""
    reading = next(iter(readings_of(view)), None)
    words = str(view.post.notes.get("phrase") or "")
    if reading is None or reading.status != "ask" or reading.why not in _SAYS_WHY:
        return say("menu.choices", view.language)
    what = say("quoted", view.language, words=words)
    return say(f"ask.{reading.why}", view.language, words=words, what=what)


def _question_words(view: PostView, question: str) -> str:
    language, post = view.language, view.post
    readings = readings_of(view)
    reading = readings[0] if readings else None
    params: dict[str, Any] = {"words": _asked_words(view)}
    if post.due_at:
        params["moment"] = view.moment(post.due_at)
        params["relative"] = view.relative(post.due_at)
    match question:
        case "zone":
            first = guesses(view.author)[0]
            return say("ask.zone", language, clock=clock(view.now, first))
        case "no_time" if reading and reading.day:
            at = datetime(reading.day.year, reading.day.month, reading.day.day, 12, tzinfo=UTC)
            return say(
                "ask.no_time_day",
                language,
                day=day(at, "UTC", now=view.now, language=view.language),
            )
        case "past":
            words = params["words"]
            params["what"] = (
                say("quoted", language, words=words) if words else say("ask.past_what", language)
            )
        case "unread" if reading and reading.unread:
            words = str(post.notes.get("phrase", "")) or params["words"]
            params["words"] = words[reading.unread[0] : reading.unread[1]] or params["words"]
        case "account" if view.account is None and view.accounts:
            question = "account_gone"
        case "account":
            account = _asleep(view)
            question = "reconnect" if account else "account"
            if account and view.other_accounts and post.due_at:
                question = "account_broken"
            elif not post.due_at:
                question += "_now"
            params["account"] = f"@{account.username}" if account else ""
        case "series" if reading and reading.rrule and reading.dtstart and reading.first:
            rule = rule_words(
                reading.rrule, dtstart=reading.dtstart, tz=reading.tz, language=language
            )
            zone = view.zone
            dates = [
                day(one, zone, now=view.now, language=view.language)
                for one in (reading.first, *reading.next3[:2])
            ]
            params |= {"rule": rule[:1].upper() + rule[1:], "next": ", ".join(dates)}
        case "duplicate":
            params["like"] = twin_words(view)
        case "crowded":
            params |= _crowd(view)
            if params.pop("is_series", False):
                question = "crowded_series"
        case "leave_out":
            params |= {"count": len(view.live_media), "limit": post.notes.get("max_items", 10)}
        case "suggested" | "past_slot" if not post.due_at:
            question = "no_time"
    key = f"ask.{question}"
    return say(key if has_words(key) else "ask.no_time", language, **params)


def _asleep(view: PostView) -> Account | None:
    """Return the post's account where it is there and has to be connected again."""
    return view.account if view.account and view.account.state != "active" else None


def _connect_label(view: PostView) -> str:
    return "reconnect_account" if _asleep(view) else "connect"


def twin_words(view: PostView) -> str:
    """Return which post this one looks like: "#139 (published Mon 23 Nov, 09:00)"."""
    twin = view.post.notes.get("twin")
    if not isinstance(twin, dict):
        return ""
    at = datetime.fromisoformat(str(twin["at"]))
    when = f"{view.day(at)}, {clock(at, view.zone)}"
    key = "duplicate.out" if twin.get("is_out") else "duplicate.planned"
    return say(key, view.language, number=f"#{twin['number']}", when=when)


def _crowd(view: PostView) -> dict[str, Any]:
    """Return what is to be said about a slot without room."""
    found = view.post.notes.get("crowd")
    crowd: dict[str, Any] = dict(found) if isinstance(found, dict) else {}
    account = f"@{view.account.username}" if view.account else ""
    free_at = datetime.fromisoformat(str(crowd.pop("free_at")))
    return {**crowd, "account": account, "moment": view.moment(free_at)}


def _asked_words(view: PostView) -> str:
    notes = view.post.notes
    return view.post.when_words or str(notes.get("words") or notes.get("phrase") or "")


def _with_time_tag(view: PostView, words: str) -> Line:
    """Have the chat draw the moment that *words* name in the viewer's own zone, too.

    How far away it is ("in 18 h") is marked as well: it does not stay true.
    """
    at = view.post.due_at
    said = view.moment(at) if at else ""
    if at is None or said not in words:
        return (Text(words),)
    before, _, after = words.partition(said)
    between, away, end = after.partition(view.relative(at))
    runs: list[Text | TimeTag] = [Text(before), TimeTag(at, said, "bold"), Text(between)]
    if away:
        runs += [TimeTag(at, away, is_relative=True), Text(end)]
    return tuple(run for run in runs if run.text)


def _complaint_lines(view: PostView) -> list[Line]:
    return [(Text(f"• {words}"),) for words in complaint_words(view)]


def complaint_words(view: PostView) -> list[str]:
    """Return what must be mended before the post can be scheduled, one sentence each."""
    found = []
    for complaint in view.post.complaints:
        params = complaint.get("params")
        number = complaint.get("item")
        many = len(view.live_media) > 1
        item = say("media.item", view.language, item=number) if many and number else ""
        item = item or say("media.file", view.language)
        values: dict[str, Any] = params if isinstance(params, dict) else {}
        found.append(say(str(complaint["key"]), view.language, **{"item": item, **values}))
    return found


# ── buttons ──────────────────────────────────────────────────────────────────────────────────


def question_buttons(view: PostView, draw: Drawer) -> list[list[Button]]:
    """Return the buttons that answer what a draft asks."""
    cancel = draw.button("cancel", "cancel", "danger")
    match view.post.question:
        case "suggested":
            return [
                [draw.button("sched", "schedule", "success"), draw.button("keep", "keep")],
                [draw.button("time", "time"), cancel],
            ]
        case "several":
            return _several_rows(view, draw, cancel)
        case "series":
            start = draw.button("sched", "series_start", "success")
            alternatives = choice_rows(view, draw)
            return [[start], *alternatives, [draw.button("time", "pick"), cancel]]
        case "now" | "past_slot":
            return [
                [draw.button("nowyes", "now_yes", "success"), draw.button("time", "pick")],
                [cancel],
            ]
        case "zone":
            return [*zone_rows(view, draw), [cancel]]
        case "account":
            others = [draw.button("accts", "accounts")] if view.other_accounts else []
            return [
                [draw.button("conn", _connect_label(view), "primary"), *others],
                [draw.button("time", "time"), cancel],
            ]
        case "duplicate":
            return [
                [draw.button("dupok", "again", "success"), draw.button("time", "time")],
                [cancel],
            ]
        case "crowded":
            return [
                [draw.button("crowdok", "anyway"), draw.button("time", "another_time", "primary")],
                [cancel],
            ]
        case "no_caption":
            return [
                [draw.button("cap", "add_caption"), draw.button("nocap", "without_caption")],
                [cancel],
            ]
        case "leave_out":
            return [*_leave_out_rows(view, draw), [cancel]]
        case "fix":
            return [_remedies(view, draw), *_leave_out_unfit(view, draw), [cancel]]
        case "":
            return [[cancel]]
        case question:
            rows = choice_rows(view, draw) if question in _ASKS_WITH_ALTERNATIVES else []
            more = [] if rows and question != "offered" else time_buttons(view, draw)
            # Where nothing but typing is left to pick a time by, the question says so already.
            pick = [replace(draw.button("time", "pick"), needs_form=not rows)]
            is_taken = bool(view.post.when_words) and view.post.caption != view.post.source_text
            keep = [draw.button("keep", "keep")] if is_taken else []
            return [*rows, *more, [*pick, *keep, cancel]]


def _several_rows(view: PostView, draw: Drawer, cancel: Button) -> list[list[Button]]:
    """Return the buttons of a list: all of it, or one of its times."""
    count = len(several_of(view))
    if count == 2:  # noqa: PLR2004 - two have words of their own
        first = draw.button("both", "both", "success")
        only = [draw.button("alt0", "only_first"), draw.button("alt1", "only_second")]
    else:
        first = draw.button("both", "all_times", "success")
        only = [draw.button(f"alt{index}", "only_nth", item=index + 1) for index in range(count)]
    is_taken = bool(view.post.when_words) and view.post.caption != view.post.source_text
    keep = [draw.button("keep", "keep")] if is_taken else []
    ones = [only[at : at + MAX_ALTERNATIVES] for at in range(0, count, MAX_ALTERNATIVES)]
    return [[first, *keep], *ones, [draw.button("time", "pick"), cancel]]


def time_buttons(view: PostView, draw: Drawer) -> list[list[Button]]:
    """Return the quick times: now, in an hour, tonight, tomorrow."""
    local = view.now.astimezone(ZoneInfo(view.zone))
    first = [draw.button("now", "now"), draw.button("hour", "hour")]
    second = [draw.button("tomo", "tomorrow")]
    if local.hour < TONIGHT_HOUR and view.author.zone:
        second.insert(0, draw.button("tonight", "tonight"))
    return [first, second]


def quick_time(verb: str, view: PostView) -> datetime | None:
    """Return the moment that a quick-time button means, None for other verbs."""
    zone = ZoneInfo(view.zone)
    local = view.now.astimezone(zone)
    match verb:
        case "hour":
            return view.now + timedelta(hours=1)
        case "tonight":
            at = local.replace(hour=TONIGHT_HOUR, minute=0, second=0, microsecond=0)
            return at.astimezone(UTC)
        case "tomo":
            day_after = (local + timedelta(days=1)).date()
            at = datetime(
                day_after.year, day_after.month, day_after.day, TOMORROW_HOUR, tzinfo=zone
            )
            return at.astimezone(UTC)
        case "same":
            return _same_clock_ahead(view)
        case _:
            return None


def _same_clock_ahead(view: PostView) -> datetime | None:
    at = view.target.due_at if view.target else view.post.due_at
    if at is None:
        return None
    zone = ZoneInfo(view.zone)
    was, today = at.astimezone(zone), view.now.astimezone(zone).date()
    ahead = datetime.combine(today + timedelta(days=1), was.timetz().replace(tzinfo=None), zone)
    return ahead.astimezone(UTC)


def choice_rows(view: PostView, draw: Drawer) -> list[list[Button]]:
    """Return one button for each time that was understood."""
    choices = choices_of(view)
    days = {view.day(other.at_utc) for other in choices if other.at_utc}
    buttons = [
        draw.labelled(f"alt{index}", _choice_label(view, other, is_one_day=len(days) == 1))
        for index, other in enumerate(choices)
    ]
    # Labels with a date are long; a chat would cut them in a row of four.
    is_short = all(len(button.label) <= _SHORT_LABEL_CHARS for button in buttons)
    width = MAX_ALTERNATIVES if is_short else 2
    return [buttons[at : at + width] for at in range(0, len(buttons), width)]


def _choice_label(view: PostView, reading: Reading, *, is_one_day: bool) -> str:
    if reading.rrule:
        words = rule_words(
            reading.rrule, dtstart=reading.dtstart, tz=reading.tz, language=view.language
        )
        return words[:60]
    at = reading.at_utc
    if at is None:
        return ""
    zone = _zone_shown(view, reading)
    hour = clock(at, zone)
    if "overlap" in {found.why for found in readings_of(view)} and reading.local:
        offset = at.astimezone(ZoneInfo(zone)).strftime("%z")
        return f"{hour} UTC{offset[:3]}:{offset[3:]}"
    same_day = day(at, zone, now=view.now, language=view.language) == day(
        view.now, zone, now=view.now, language=view.language
    )
    label = (
        hour
        if is_one_day and same_day
        else f"{day(at, zone, now=view.now, language=view.language)}, {hour}"
    )
    # Where a time is of another place, every button says where its clock hangs.
    is_elsewhere = {_zone_shown(view, other) for other in choices_of(view)} != {view.zone}
    return f"{label} ({zone})" if is_elsewhere else label


def _zone_shown(view: PostView, reading: Reading) -> str:
    return reading.tz if "/" in reading.tz else view.zone


def zone_rows(view: PostView, draw: Drawer) -> list[list[Button]]:
    """Return one button for each zone that the author may be in."""
    names = guesses(view.author)
    rows = [[draw.button("zone0", "zone_yes", "success", zone=names[0])]]
    rows.append(
        [
            draw.button(
                f"zone{index}",
                "zone_is",
                clock=clock(view.now, name),
                city=name.rsplit("/", 1)[-1].replace("_", " "),
            )
            for index, name in enumerate(names)
            if index
        ]
    )
    return rows


def _leave_out_rows(view: PostView, draw: Drawer) -> list[list[Button]]:
    buttons = [
        draw.button(f"out{index}", "leave_out", item=index + 1)
        for index, _ in enumerate(view.live_media)
    ]
    starts = range(0, len(buttons), _ITEMS_A_ROW)
    return [buttons[start : start + _ITEMS_A_ROW] for start in starts]


def _leave_out_unfit(view: PostView, draw: Drawer) -> list[list[Button]]:
    """Return a button for each item that cannot be posted, while others are left."""
    items = {complaint.get("item") for complaint in view.post.complaints}
    unfit = sorted(item for item in items if isinstance(item, int))
    if len(unfit) >= len(view.live_media):
        return []
    buttons = [draw.button(f"out{item - 1}", "leave_out_item", item=item) for item in unfit]
    return [buttons[at : at + 2] for at in range(0, len(buttons), 2)]


def _remedies(view: PostView, draw: Drawer) -> list[Button]:
    found = {remedy for complaint in view.post.complaints for remedy in _remedies_of(complaint)}
    buttons = []
    if "edit_caption" in found:
        buttons.append(draw.button("cap", "caption"))
    if "post_as_story" in found:
        buttons.append(draw.button("story", "story", "primary"))
    return buttons


def _remedies_of(complaint: dict[str, object]) -> list[str]:
    remedies = complaint.get("remedies")
    return [str(remedy) for remedy in remedies] if isinstance(remedies, list) else []
