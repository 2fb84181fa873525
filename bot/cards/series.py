"""The card of a recurring post: the rule in words, the next dates, and what can be changed."""

from dataclasses import dataclass
from datetime import datetime

from bot.cards.buttons import Drawer, full_caption_row, is_folded
from bot.cards.views import PostView
from bot.texts import say
from bot.texts.rules import rule_words
from bot.texts.times import clock, day, moment
from integrations.chat.outgoing import Button, Card, Line, Text, TimeTag
from models.series import Series
from scheduling.recurring.clock_changes import clock_changes

SHOWN_RUNS = 3


@dataclass(frozen=True, slots=True)
class SeriesView:
    """A series with its template and the next runs."""

    series: Series
    template: PostView
    upcoming: tuple[datetime, ...]

    @property
    def number(self) -> str:
        """The series' number for people: "S7"."""
        return f"S{self.series.number}"


def series_words(rule: str, dtstart: datetime, zone: str, language: str) -> str:
    """Return a rule in words, beginning with a capital: "Every Monday at 08:00 …"."""
    words = rule_words(rule, dtstart=dtstart, tz=zone, language=language)
    return words[:1].upper() + words[1:]


def series_card(view: SeriesView) -> Card:
    """Draw the card of a series."""
    language, series = view.template.language, view.series
    title = say(f"series.{series.state}", language, number=view.number)
    account = view.template.account
    name = f"@{account.username}" if account else say("no_account", language)
    begin = datetime.fromisoformat(series.dtstart)
    words = series_words(series.rule, begin, series.zone, language)
    lines: list[Line] = [(Text(title, "bold"),), (Text(name),), (Text(words),)]
    if series.state == "active" and view.upcoming:  # a paused one has none until it goes on
        lines.append(_next_line(view))
        lines += change_lines(series.rule, begin, series.zone, view.template)
    menu = view.template.post.notes.get("menu")
    if menu:
        lines.append((Text(say(f"menu.{_menu_key(str(menu))}", language, number=view.number)),))
    return Card(
        lines=tuple(lines),
        quote=view.template.post.caption,
        fold_quote=is_folded(view.template.post.caption),
        buttons=tuple(tuple(row) for row in _rows(view, str(menu or ""))),
        fallback_text=f"{title}. {words}.",
    )


def _menu_key(menu: str) -> str:
    return {"time": "series_time", "caption": "series_caption"}.get(menu, menu)


def _next_line(view: SeriesView) -> Line:
    now = view.template.now
    zone, language = view.series.zone, view.template.language
    first, *rest = view.upcoming
    runs: list[Text | TimeTag] = [
        Text(f"{say('series.next', language)} "),
        TimeTag(first, moment(first, zone, now=now, language=language), "bold"),
    ]
    # Where the hours differ, a day alone does not say when.
    is_one_clock = len({clock(one, zone) for one in view.upcoming}) == 1
    for one in rest:
        said = day(one, zone, now=now, language=language)
        runs.append(Text(f", {said}" if is_one_clock else f" · {said}, {clock(one, zone)}"))
    return tuple(runs)


def change_lines(rule: str, begin: datetime, zone: str, view: PostView) -> list[Line]:
    """Return a line for the first run that a change of the clocks moves or makes double."""
    lines: list[Line] = []
    for change in clock_changes(rule, begin, zone, after=view.now):
        date = day(change.at, zone, now=view.now, language=view.language)
        words = change_words(
            f"{change.wall:%H:%M}", change.at, zone, view.language, is_gap=change.is_gap
        )
        lines.append((Text(f"{date}: {words}"),))
    return lines


def change_words(wall: str, at: datetime, zone: str, language: str, *, is_gap: bool) -> str:
    """Return what a change of the clocks does to a run at *wall* that goes out *at*."""
    if is_gap:
        return say("series.gap", language, clock=wall, moved=clock(at, zone))
    return say("series.overlap", language, clock=wall)


def _rows(view: SeriesView, menu: str) -> list[list[Button]]:
    post = view.template.post
    draw = Drawer(post.id, post.rev, view.template.language)
    return [*_own_rows(view, draw, menu), *full_caption_row(post.caption, draw)]


def _own_rows(view: SeriesView, draw: Drawer, menu: str) -> list[list[Button]]:
    if menu == "series_end":
        yes = draw.button("sendyes", "series_end_yes", "danger")
        return [[yes, draw.button("back", "back")]]
    if menu:
        return [[draw.button("back", "back")]]
    match view.series.state:
        case "active":
            first = [draw.button("scap", "caption"), draw.button("stime", "series_time")]
            second = [draw.button("sskip", "series_skip"), draw.button("spause", "series_pause")]
            return [first, [*second, draw.button("send", "series_end", "danger")]]
        case "paused":
            go_on = draw.button("sresume", "series_resume", "success")
            return [[go_on, draw.button("send", "series_end", "danger")]]
        case _:
            return []
