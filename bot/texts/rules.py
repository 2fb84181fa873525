"""A recurrence in words, as each language says it; days and months by Babel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from babel.dates import format_skeleton, get_month_names
from babel.lists import format_list

from bot.texts.catalogue import ENGLISH, LANGUAGES, locale_of
from scheduling.when.rule import Rule, parse_rule
from scheduling.when.words import rule_in_words

Forms = Mapping[str, str]
"""Words by how many: "1" for exactly one, then the plural forms of the language."""


@dataclass(frozen=True, slots=True)
class _Grammar:
    """How one language says a rule. Lists of days begin with Monday.

    `every` has one entry per unit. `on` are the days of a rule of every week, `on_every` those of
    every few weeks, `nth_days` those behind a place ("first"). `places` holds the places for each
    gender of `genders`. `of_month` ends what every month repeats; where it is every few months,
    the `…_every` of a month says it. `odd_month_days` are the ones that are written unlike others.
    """

    every: Mapping[str, Forms]
    on: Sequence[str]
    on_every: Sequence[str]
    nth_days: Sequence[str]
    places: Mapping[str, Mapping[int, str]]
    of_month: Forms
    day_noun: str
    at: str
    starting: str
    until: str
    times: Forms
    weekly: str = "{days}"
    weekly_by_gender: Mapping[str, str] = field(default_factory=dict)
    weekly_every: str = "{every} {days}"
    monthly: str = "{days} {of_month}"
    monthly_every: str = ""
    month_days: str = "{days} {of_month}"
    month_days_every: str = ""
    yearly: str = "{every} {days}"
    yearly_nth: str = "{every} {days} {month}"
    month_day: str = "{day}"
    odd_month_days: Mapping[int, str] = field(default_factory=dict)
    genders: str = "mmmmmmm"


_Place = Literal[1, 2, 3, 4, 5, -1, -2, -3]
_PLACES: tuple[_Place, ...] = (1, 2, 3, 4, 5, -1, -2, -3)
_UNITS = ("MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY")


def _places(*words: str) -> Mapping[int, str]:
    return dict(zip(_PLACES, words, strict=True))


def _units(one: Sequence[str], *forms: tuple[str, Sequence[str]]) -> Mapping[str, Forms]:
    """Return the words for every unit: for one, and for each plural form in turn."""
    return {
        unit: {"1": one[index], **{form: words[index] for form, words in forms}}
        for index, unit in enumerate(_UNITS)
    }


_GERMAN_DAYS = (
    "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"
)  # fmt: skip
_SPANISH_DAYS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
_FRENCH_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_PORTUGUESE_DAYS = (
    "segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado",
    "domingo",
)  # fmt: skip
_ITALIAN_DAYS = ("lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica")
_RUSSIAN_DAYS = (
    "понедельникам", "вторникам", "средам", "четвергам", "пятницам", "субботам", "воскресеньям"
)  # fmt: skip
_TURKISH_DAYS = ("pazartesi", "salı", "çarşamba", "perşembe", "cuma", "cumartesi", "pazar")

_TURKISH_ENDINGS = (
    "’u", "’i", "’si", "’ü", "’ü", "’i", "’sı", "’si", "’i", "’u"
)  # fmt: skip
"""What makes "of the month" of a number, by its last digit."""

_TURKISH_MONTH_DAYS = {
    day: f"{day}{'’si' if day == 20 else _TURKISH_ENDINGS[day % 10]}"  # noqa: PLR2004 - "yirmi"
    for day in range(1, 32)
}

_GRAMMARS: Mapping[str, _Grammar] = {
    "de": _Grammar(
        every=_units(
            ("jede Minute", "jede Stunde", "jeden Tag", "jede Woche", "jeden Monat", "jedes Jahr"),
            (
                "other",
                (
                    "alle {count} Minuten", "alle {count} Stunden", "alle {count} Tage",
                    "alle {count} Wochen", "alle {count} Monate", "alle {count} Jahre",
                ),
            ),
        ),
        on=_GERMAN_DAYS,
        weekly="jeden {days}",
        on_every=_GERMAN_DAYS,
        weekly_every="{every} am {days}",
        nth_days=_GERMAN_DAYS,
        places={
            "m": _places(
                "am ersten", "am zweiten", "am dritten", "am vierten", "am fünften", "am letzten",
                "am vorletzten", "am drittletzten",
            )
        },
        of_month={"1": "jedes Monats", "other": "alle {count} Monate"},
        month_day="{day}.",
        month_days="am {days} {of_month}",
        day_noun="Tag",
        yearly="{every} am {days}",
        yearly_nth="{every} {days} im {month}",
        at="um {clocks} ({zone})",
        starting="ab {day}",
        until="bis {day}",
        times={"1": "einmal", "other": "{count} Mal"},
    ),
    "es": _Grammar(
        every=_units(
            ("cada minuto", "cada hora", "cada día", "cada semana", "cada mes", "cada año"),
            (
                "other",
                (
                    "cada {count} minutos", "cada {count} horas", "cada {count} días",
                    "cada {count} semanas", "cada {count} meses", "cada {count} años",
                ),
            ),
        ),
        on=_SPANISH_DAYS,
        weekly="cada {days}",
        on_every=_SPANISH_DAYS,
        weekly_every="{every} el {days}",
        nth_days=_SPANISH_DAYS,
        places={
            "m": _places(
                "el primer", "el segundo", "el tercer", "el cuarto", "el quinto", "el último",
                "el penúltimo", "el antepenúltimo",
            )
        },
        of_month={"1": "de cada mes", "other": "cada {count} meses"},
        month_day="el {day}",
        day_noun="día",
        yearly="{every} el {days}",
        yearly_nth="{every} {days} de {month}",
        at="a las {clocks} ({zone})",
        starting="desde el {day}",
        until="hasta el {day}",
        times={"1": "una vez", "other": "{count} veces"},
    ),
    "fr": _Grammar(
        every=_units(
            (
                "chaque minute", "chaque heure", "chaque jour", "chaque semaine", "chaque mois",
                "chaque année",
            ),
            (
                "other",
                (
                    "toutes les {count} minutes", "toutes les {count} heures",
                    "tous les {count} jours", "toutes les {count} semaines",
                    "tous les {count} mois", "tous les {count} ans",
                ),
            ),
        ),
        on=_FRENCH_DAYS,
        weekly="chaque {days}",
        on_every=_FRENCH_DAYS,
        weekly_every="{every} le {days}",
        nth_days=_FRENCH_DAYS,
        places={
            "m": _places(
                "le premier", "le deuxième", "le troisième", "le quatrième", "le cinquième",
                "le dernier", "l’avant-dernier", "l’antépénultième",
            )
        },
        of_month={"1": "de chaque mois", "other": "tous les {count} mois"},
        month_day="le {day}",
        odd_month_days={1: "le 1er"},
        day_noun="jour",
        yearly="{every} le {days}",
        yearly_nth="{every} {days} de {month}",
        at="à {clocks} ({zone})",
        starting="à partir du {day}",
        until="jusqu’au {day}",
        times={"1": "une fois", "other": "{count} fois"},
    ),
    "pt": _Grammar(
        every=_units(
            (
                "a cada minuto", "a cada hora", "todos os dias", "toda semana", "todo mês",
                "todo ano",
            ),
            (
                "other",
                (
                    "a cada {count} minutos", "a cada {count} horas", "a cada {count} dias",
                    "a cada {count} semanas", "a cada {count} meses", "a cada {count} anos",
                ),
            ),
        ),
        on=_PORTUGUESE_DAYS,
        weekly_by_gender={"f": "toda {days}", "m": "todo {days}"},
        on_every=tuple(
            f"{'no' if index > 4 else 'na'} {day}"  # noqa: PLR2004 - saturday and sunday
            for index, day in enumerate(_PORTUGUESE_DAYS)
        ),
        nth_days=_PORTUGUESE_DAYS,
        genders="fffffmm",
        places={
            "m": _places(
                "no primeiro", "no segundo", "no terceiro", "no quarto", "no quinto", "no último",
                "no penúltimo", "no antepenúltimo",
            ),
            "f": _places(
                "na primeira", "na segunda", "na terceira", "na quarta", "na quinta",
                "na última", "na penúltima", "na antepenúltima",
            ),
        },
        of_month={"1": "de cada mês", "other": "a cada {count} meses"},
        month_day="no dia {day}",
        day_noun="dia",
        yearly="{every} em {days}",
        yearly_nth="{every} {days} de {month}",
        at="às {clocks} ({zone})",
        starting="a partir de {day}",
        until="até {day}",
        times={"1": "uma vez", "other": "{count} vezes"},
    ),
    "it": _Grammar(
        every=_units(
            ("ogni minuto", "ogni ora", "ogni giorno", "ogni settimana", "ogni mese", "ogni anno"),
            (
                "other",
                (
                    "ogni {count} minuti", "ogni {count} ore", "ogni {count} giorni",
                    "ogni {count} settimane", "ogni {count} mesi", "ogni {count} anni",
                ),
            ),
        ),
        on=_ITALIAN_DAYS,
        weekly="ogni {days}",
        on_every=tuple(
            f"{'la' if day == 'domenica' else 'il'} {day}" for day in _ITALIAN_DAYS
        ),
        nth_days=_ITALIAN_DAYS,
        genders="mmmmmmf",
        places={
            "m": _places(
                "il primo", "il secondo", "il terzo", "il quarto", "il quinto", "l’ultimo",
                "il penultimo", "il terzultimo",
            ),
            "f": _places(
                "la prima", "la seconda", "la terza", "la quarta", "la quinta", "l’ultima",
                "la penultima", "la terzultima",
            ),
        },
        of_month={"1": "di ogni mese", "other": "ogni {count} mesi"},
        month_day="il {day}",
        odd_month_days={8: "l’8", 11: "l’11"},
        day_noun="giorno",
        yearly="{every} il {days}",
        yearly_nth="{every} {days} di {month}",
        at="alle {clocks} ({zone})",
        starting="dal {day}",
        until="fino al {day}",
        times={"1": "una volta", "other": "{count} volte"},
    ),
    "ru": _Grammar(
        every=_units(
            (
                "каждую минуту", "каждый час", "каждый день", "каждую неделю", "каждый месяц",
                "каждый год",
            ),
            (
                "one",
                (
                    "каждую {count} минуту", "каждый {count} час", "каждый {count} день",
                    "каждую {count} неделю", "каждый {count} месяц", "каждый {count} год",
                ),
            ),
            (
                "few",
                (
                    "каждые {count} минуты", "каждые {count} часа", "каждые {count} дня",
                    "каждые {count} недели", "каждые {count} месяца", "каждые {count} года",
                ),
            ),
            (
                "many",
                (
                    "каждые {count} минут", "каждые {count} часов", "каждые {count} дней",
                    "каждые {count} недель", "каждые {count} месяцев", "каждые {count} лет",
                ),
            ),
        ),
        on=_RUSSIAN_DAYS,
        weekly="по {days}",
        on_every=_RUSSIAN_DAYS,
        weekly_every="{every} по {days}",
        nth_days=(
            "понедельник", "вторник", "среду", "четверг", "пятницу", "субботу", "воскресенье",
        ),
        genders="mmfmffn",
        places={
            "m": _places(
                "в первый", "во второй", "в третий", "в четвёртый", "в пятый", "в последний",
                "в предпоследний", "в третий с конца",
            ),
            "f": _places(
                "в первую", "во вторую", "в третью", "в четвёртую", "в пятую", "в последнюю",
                "в предпоследнюю", "в третью с конца",
            ),
            "n": _places(
                "в первое", "во второе", "в третье", "в четвёртое", "в пятое", "в последнее",
                "в предпоследнее", "в третье с конца",
            ),
        },
        of_month={"1": "каждого месяца"},
        monthly_every="{every} {days}",
        month_day="{day}-го",
        month_days="{days} числа {of_month}",
        month_days_every="{every} {days} числа",
        day_noun="день",
        at="в {clocks} ({zone})",
        starting="начиная с {day}",
        until="по {day}",
        times={
            "1": "один раз", "one": "{count} раз", "few": "{count} раза", "many": "{count} раз",
        },
    ),
    "uk": _Grammar(
        every=_units(
            ("щохвилини", "щогодини", "щодня", "щотижня", "щомісяця", "щороку"),
            (
                "one",
                (
                    "кожну {count} хвилину", "кожну {count} годину", "кожен {count} день",
                    "кожен {count} тиждень", "кожен {count} місяць", "кожен {count} рік",
                ),
            ),
            (
                "few",
                (
                    "кожні {count} хвилини", "кожні {count} години", "кожні {count} дні",
                    "кожні {count} тижні", "кожні {count} місяці", "кожні {count} роки",
                ),
            ),
            (
                "many",
                (
                    "кожні {count} хвилин", "кожні {count} годин", "кожні {count} днів",
                    "кожні {count} тижнів", "кожні {count} місяців", "кожні {count} років",
                ),
            ),
        ),
        on=(
            "щопонеділка", "щовівторка", "щосереди", "щочетверга", "щоп’ятниці", "щосуботи",
            "щонеділі",
        ),
        on_every=(
            "у понеділок", "у вівторок", "у середу", "у четвер", "у п’ятницю", "у суботу",
            "у неділю",
        ),
        nth_days=("понеділок", "вівторок", "середу", "четвер", "п’ятницю", "суботу", "неділю"),
        genders="mmfmfff",
        places={
            "m": _places(
                "у перший", "у другий", "у третій", "у четвертий", "у п’ятий", "в останній",
                "у передостанній", "у третій від кінця",
            ),
            "f": _places(
                "у першу", "у другу", "у третю", "у четверту", "у п’яту", "в останню",
                "у передостанню", "у третю від кінця",
            ),
        },
        of_month={"1": "кожного місяця"},
        monthly_every="{every} {days}",
        month_day="{day}-го",
        month_days="{days} числа {of_month}",
        month_days_every="{every} {days} числа",
        day_noun="день",
        at="о {clocks} ({zone})",
        starting="починаючи з {day}",
        until="до {day}",
        times={
            "1": "один раз", "one": "{count} раз", "few": "{count} рази", "many": "{count} разів",
        },
    ),
    "tr": _Grammar(
        every=_units(
            ("her dakika", "her saat", "her gün", "her hafta", "her ay", "her yıl"),
            (
                "other",
                (
                    "{count} dakikada bir", "{count} saatte bir", "{count} günde bir",
                    "{count} haftada bir", "{count} ayda bir", "{count} yılda bir",
                ),
            ),
        ),
        on=_TURKISH_DAYS,
        weekly="her {days}",
        on_every=_TURKISH_DAYS,
        nth_days=tuple(f"{day} günü" for day in _TURKISH_DAYS),
        places={
            "m": _places(
                "ilk", "ikinci", "üçüncü", "dördüncü", "beşinci", "son", "sondan ikinci",
                "sondan üçüncü",
            )
        },
        of_month={"1": "her ayın", "other": "{count} ayda bir, ayın"},
        monthly="{of_month} {days}",
        month_days="{of_month} {days}",
        odd_month_days=_TURKISH_MONTH_DAYS,
        day_noun="günü",
        yearly_nth="{every} {month} ayının {days}",
        at="saat {clocks} ({zone})",
        starting="{day} tarihinden itibaren",
        until="{day} tarihine kadar",
        times={"1": "bir kez", "other": "{count} kez"},
    ),
}  # fmt: skip


def rule_words(rule: str, *, dtstart: datetime | None, tz: str, language: str = ENGLISH) -> str:
    """Return a rule in words: "every Monday at 09:00 …", "jeden Montag um 09:00 …"."""
    if language == ENGLISH or language not in LANGUAGES:
        return rule_in_words(rule, dtstart=dtstart, tz=tz)
    return _Sayer(_GRAMMARS[language], language).whole(parse_rule(rule), dtstart, tz)


class _Sayer:
    """Says rules in one language."""

    def __init__(self, grammar: _Grammar, language: str) -> None:
        self._grammar = grammar
        self._locale = locale_of(language)

    def whole(self, rule: Rule, dtstart: datetime | None, tz: str) -> str:
        grammar = self._grammar
        parts = [self._days(rule)]
        if rule.hours:
            clocks = [f"{hour:02d}:{minute:02d}" for hour in rule.hours for minute in rule.minutes]
            parts.append(grammar.at.format(clocks=self._listed(clocks), zone=tz))
        if dtstart is not None and rule.freq not in {"HOURLY", "MINUTELY"}:
            parts.append(grammar.starting.format(day=self._day(dtstart.date())))
        if rule.until is not None:
            parts.append(grammar.until.format(day=self._day(rule.until)))
        if rule.count is not None:
            parts.append(self._counted(grammar.times, rule.count))
        return " ".join(parts)

    def _days(self, rule: Rule) -> str:
        grammar = self._grammar
        every = self._counted(grammar.every[rule.freq], rule.interval)
        if rule.freq == "WEEKLY" and rule.days:
            if rule.interval == 1:
                days = self._listed([grammar.on[day] for _, day in rule.days])
                first = grammar.genders[rule.days[0][1]]
                return grammar.weekly_by_gender.get(first, grammar.weekly).format(days=days)
            days = self._listed([grammar.on_every[day] for _, day in rule.days])
            return grammar.weekly_every.format(every=every, days=days)
        if rule.freq == "YEARLY" and rule.months:
            return self._yearly(rule, every)
        if rule.days:
            form = (rule.interval > 1 and grammar.monthly_every) or grammar.monthly
            return self._monthly(form, self._nth(rule), rule, every)
        if not rule.month_days:
            return every
        days = self._listed([self._month_day(day) for day in rule.month_days])
        if any(day < 0 for day in rule.month_days):
            form = (rule.interval > 1 and grammar.monthly_every) or grammar.monthly
        else:
            form = (rule.interval > 1 and grammar.month_days_every) or grammar.month_days
        return self._monthly(form, days, rule, every)

    def _month_day(self, day: int) -> str:
        grammar = self._grammar
        if day < 0:
            return f"{grammar.places['m'][day]} {grammar.day_noun}"
        return grammar.odd_month_days.get(day, grammar.month_day.format(day=day))

    def _monthly(self, form: str, days: str, rule: Rule, every: str) -> str:
        of_month = self._counted(self._grammar.of_month, rule.interval)
        return form.format(days=days, of_month=of_month, every=every)

    def _yearly(self, rule: Rule, every: str) -> str:
        grammar, month = self._grammar, rule.months[0]
        if rule.days:
            name = get_month_names("wide", context="format", locale=self._locale)[month]
            return grammar.yearly_nth.format(every=every, days=self._nth(rule), month=name)
        days = [self._day_and_month(month, day) for day in rule.month_days]
        return grammar.yearly.format(every=every, days=self._listed(days))

    def _nth(self, rule: Rule) -> str:
        grammar = self._grammar
        return self._listed(
            [
                f"{grammar.places[grammar.genders[day]][number]} {grammar.nth_days[day]}"
                for number, day in rule.days
            ]
        )

    def _day_and_month(self, month: int, day: int) -> str:
        # A leap year, so that the 29th of February has a name.
        return format_skeleton("MMMMd", date(2028, month, day), locale=self._locale)

    def _day(self, day: date) -> str:
        return format_skeleton("yMMMEd", day, locale=self._locale)

    def _listed(self, items: Sequence[str]) -> str:
        return format_list(list(items), locale=self._locale)

    def _counted(self, forms: Forms, count: int) -> str:
        if count == 1:
            return forms["1"]
        tag = self._locale.plural_form(count)
        return forms.get(tag, forms.get("other", forms.get("many", ""))).format(count=count)
