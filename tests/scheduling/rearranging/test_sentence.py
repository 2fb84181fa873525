"""Sentences that rearrange, and plain words to a card, in nine languages."""

from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.rearranging.goals import Goal
from scheduling.rearranging.sentence import DayFilter, Order, Unclear, read_order, read_reply
from scheduling.rearranging.words import WORDS
from scheduling.when import Profile

NOW = datetime(2027, 3, 9, 9, 30, tzinfo=UTC)
"""A Tuesday, half past ten in Vienna."""

THURSDAY, SATURDAY = date(2027, 3, 11), date(2027, 3, 13)
ON_THURSDAY = DayFilter("on", THURSDAY)


def profile(language: str) -> Profile:
    return Profile("Europe/Vienna", language, "DMY")


def order(words: str, language: str = "en") -> Order | Unclear | None:
    return read_order(words, now=NOW, profile=profile(language))


def at(day: int, hour: int, minute: int = 0) -> Goal:
    """The moment of that clock in Vienna, in March before the clocks change."""
    moment = datetime(2027, 3, day, hour - 1, minute, tzinfo=UTC)
    return Goal("moment", at=moment, zone="Europe/Vienna")


def by(*, days: int = 0, hours: float = 0, minutes: int = 0) -> Goal:
    return Goal("length", days=days, seconds=round(hours * 3600) + minutes * 60)


def to_day(day: date) -> Goal:
    return Goal("day", day=day)


def to_clock(hour: int, minute: int = 0) -> Goal:
    return Goal("clock", clock=time(hour, minute))


ORDERS = [
    ("en", "move 7 to thursday 16:20", Order("move", (7,), (at(11, 16, 20),))),
    ("en", "Reschedule post #7 to thu 4pm, please.", Order("move", (7,), (at(11, 16),))),
    ("en", "shift 7 and 9 to saturday", Order("move", (7, 9), (to_day(SATURDAY),))),
    ("en", "move 7, 9 & 12 to 08:15", Order("move", (7, 9, 12), (to_clock(8, 15),))),
    ("en", "switch 7 with 9", Order("swap", (7, 9))),
    ("en", "could you swap #9 and #7?", Order("swap", (9, 7))),
    ("en", "delay everything by three quarters of an hour", Order("move", (), (by(minutes=45),))),
    ("en", "postpone all posts 1 day", Order("move", (), (by(days=1),))),
    ("en", "push 7 back by 90 minutes", Order("move", (7,), (by(hours=1.5),))),
    ("en", "pull everything forward 20 min", Order("move", (), (by(minutes=-20),))),
    ("en", "move 9 two hours earlier", Order("move", (9,), (by(hours=-2),))),
    ("en", "delay everything on thursday by 2h", Order("move", (), (by(hours=2),), ON_THURSDAY)),
    (
        "en",
        "move everything from thursday to saturday",
        Order("move", (), (to_day(SATURDAY),), ON_THURSDAY),
    ),
    (
        "en",
        "push all posts from thursday by 1 day",
        Order("move", (), (by(days=1),), DayFilter("from", THURSDAY)),
    ),
    (
        "en",
        "push everything before saturday 1h",
        Order("move", (), (by(hours=1),), DayFilter("before", SATURDAY)),
    ),
    ("en", "hold everything until saturday", Order("pause", (), (to_day(SATURDAY),))),
    ("en", "pause all for 3 days", Order("pause", (), (by(days=3),))),
    ("en", "pause 7 until thursday 4pm", Order("pause", (7,), (at(11, 16),))),
    ("en", "pause all", Order("pause")),
    ("en", "carry on", Order("resume")),
    ("de", "verschieb 7 auf Donnerstag 16:20", Order("move", (7,), (at(11, 16, 20),))),
    ("de", "7 und 9 bitte auf Samstag verlegen", Order("move", (7, 9), (to_day(SATURDAY),))),
    ("de", "vertausche 7 und 9", Order("swap", (7, 9))),
    ("de", "schiebe alles um anderthalb Stunden", Order("move", (), (by(hours=1.5),))),
    ("de", "alles um 20 Minuten vorziehen", Order("move", (), (by(minutes=-20),))),
    (
        "de",
        "verschiebe alles am Donnerstag um einen Tag",
        Order("move", (), (by(days=1),), ON_THURSDAY),
    ),
    ("de", "halte alles bis Samstag zurück", Order("pause", (), (to_day(SATURDAY),))),
    ("de", "mach weiter", Order("resume")),
    ("es", "mueve el 7 al jueves a las 16:20", Order("move", (7,), (at(11, 16, 20),))),
    ("es", "pasa el 7 y el 9 al sábado", Order("move", (7, 9), (to_day(SATURDAY),))),
    ("es", "intercambia el 7 con el 9", Order("swap", (7, 9))),
    ("es", "aplaza todo media hora", Order("move", (), (by(minutes=30),))),
    ("es", "adelanta el 7 veinte minutos", Order("move", (7,), (by(minutes=-20),))),
    ("es", "retrasa todo lo del jueves 2 días", Order("move", (), (by(days=2),), ON_THURSDAY)),
    ("es", "detén todo hasta el sábado", Order("pause", (), (to_day(SATURDAY),))),
    ("es", "continúa", Order("resume")),
    ("fr", "déplace le 7 à jeudi 16h20", Order("move", (7,), (at(11, 16, 20),))),
    ("fr", "passe le 7 et le 9 à samedi", Order("move", (7, 9), (to_day(SATURDAY),))),
    ("fr", "inverse 7 et 9", Order("swap", (7, 9))),
    ("fr", "retarde tout d'une demi-heure", Order("move", (), (by(minutes=30),))),
    ("fr", "avance le 7 de 20 minutes", Order("move", (7,), (by(minutes=-20),))),
    ("fr", "repousse tout jeudi de 2 jours", Order("move", (), (by(days=2),), ON_THURSDAY)),
    ("fr", "suspends tout jusqu'à samedi", Order("pause", (), (to_day(SATURDAY),))),
    ("fr", "continue", Order("resume")),
    ("pt", "passa o 7 para quinta às 16:20", Order("move", (7,), (at(11, 16, 20),))),
    ("pt", "muda o 7 e o 9 para sábado", Order("move", (7, 9), (to_day(SATURDAY),))),
    ("pt", "troca o 7 pelo 9", Order("swap", (7, 9))),
    ("pt", "atrasa tudo meia hora", Order("move", (), (by(minutes=30),))),
    ("pt", "antecipa o 7 20 minutos", Order("move", (7,), (by(minutes=-20),))),
    ("pt", "adia tudo de quinta 2 dias", Order("move", (), (by(days=2),), ON_THURSDAY)),
    ("pt", "suspende tudo até sábado", Order("pause", (), (to_day(SATURDAY),))),
    ("pt", "continua", Order("resume")),
    ("it", "sposta il 7 a giovedì alle 16:20", Order("move", (7,), (at(11, 16, 20),))),
    ("it", "metti il 7 e il 9 a sabato", Order("move", (7, 9), (to_day(SATURDAY),))),
    ("it", "inverti 7 e 9", Order("swap", (7, 9))),
    ("it", "posticipa tutto di mezz'ora", Order("move", (), (by(minutes=30),))),
    ("it", "anticipa il 7 di 20 minuti", Order("move", (7,), (by(minutes=-20),))),
    ("it", "rimanda tutto di giovedì di 2 giorni", Order("move", (), (by(days=2),), ON_THURSDAY)),
    ("it", "ferma tutto fino a sabato", Order("pause", (), (to_day(SATURDAY),))),
    ("it", "continua", Order("resume")),
    ("ru", "перенеси пост 7 на четверг 16:20", Order("move", (7,), (at(11, 16, 20),))),
    ("ru", "переставь 7 и 9", Order("swap", (7, 9))),
    ("ru", "перенесите 7 и 9 на субботу", Order("move", (7, 9), (to_day(SATURDAY),))),
    ("ru", "отложи всё на полтора часа", Order("move", (), (by(hours=1.5),))),
    ("ru", "сдвинь 7 на 20 минут раньше", Order("move", (7,), (by(minutes=-20),))),
    ("ru", "сдвинь всё в четверг на 2 дня", Order("move", (), (by(days=2),), ON_THURSDAY)),
    ("ru", "останови всё до субботы", Order("pause", (), (to_day(SATURDAY),))),
    ("ru", "возобнови", Order("resume")),
    ("uk", "перенеси допис 7 на четвер 16:20", Order("move", (7,), (at(11, 16, 20),))),
    ("uk", "поміняй 7 і 9 місцями", Order("swap", (7, 9))),
    ("uk", "перенесіть 7 та 9 на суботу", Order("move", (7, 9), (to_day(SATURDAY),))),
    ("uk", "відклади все на пів години", Order("move", (), (by(minutes=30),))),
    ("uk", "посунь 7 на 20 хвилин раніше", Order("move", (7,), (by(minutes=-20),))),
    ("uk", "зсунь усе в четвер на 2 дні", Order("move", (), (by(days=2),), ON_THURSDAY)),
    ("uk", "зупини все до суботи", Order("pause", (), (to_day(SATURDAY),))),
    ("uk", "віднови", Order("resume")),
    ("tr", "7'yi perşembe 16:20'ye taşı", Order("move", (7,), (at(11, 16, 20),))),
    ("tr", "7 ve 9'u cumartesiye al", Order("move", (7, 9), (to_day(SATURDAY),))),
    ("tr", "7 ile 9'u takas et", Order("swap", (7, 9))),
    ("tr", "hepsini yarım saat ertele", Order("move", (), (by(minutes=30),))),
    ("tr", "7'yi 20 dakika öne çek", Order("move", (7,), (by(minutes=-20),))),
    ("tr", "perşembe günü her şeyi 2 gün ertele", Order("move", (), (by(days=2),), ON_THURSDAY)),
    ("tr", "hepsini cumartesiye kadar beklet", Order("pause", (), (to_day(SATURDAY),))),
    ("tr", "devam", Order("resume")),
]


@pytest.mark.parametrize(("language", "words", "meant"), ORDERS)
def test_a_sentence_is_understood_to_the_last_word(
    language: str, words: str, meant: Order
) -> None:
    assert order(words, language) == meant


@pytest.mark.parametrize(("language", "words", "meant"), ORDERS)
def test_an_order_survives_being_kept(language: str, words: str, meant: Order) -> None:
    del language, words

    assert Order.from_json(meant.to_json()) == meant


def test_english_and_other_languages_are_understood_beside_ones_own() -> None:
    assert order("swap 7 and 9", "tr") == Order("swap", (7, 9))
    assert order("tausche 7 und 9", "it") == Order("swap", (7, 9))


@pytest.mark.parametrize(
    ("words", "clocks"),
    [("move 7 to thursday 9", (9, 21)), ("move 7 to thursday at 4", (4, 16))],
)
def test_a_time_that_can_mean_two_gives_both(words: str, clocks: tuple[int, int]) -> None:
    found = order(words)

    assert isinstance(found, Order)
    assert {goal.at for goal in found.goals} == {at(11, hour).at for hour in clocks}


@pytest.mark.parametrize(
    ("words", "word"),
    [
        ("move 7 to thirstday 4pm", "thirstday"),
        ("move 7 to thursday 4pm somehow", "somehow"),
        ("swap 7 and 9 tomorrow", "tomorrow"),
        ("push everything next week by 1 day", "next week"),
        ("move 7 forward 1h", "forward"),
        ("verschiebe 7 auf Donnerstag 16 Uhr irgendwie", "irgendwie"),
    ],
)
def test_a_word_that_is_not_understood_is_named_and_nothing_is_guessed(
    words: str, word: str
) -> None:
    found = order(words, "de" if words.startswith("ver") else "en")

    assert isinstance(found, Unclear)
    assert found.word == word


@pytest.mark.parametrize(
    ("words", "why"),
    [("move 7", "no_goal"), ("push everything", "no_goal"), ("swap 7", "swap_two")],
)
def test_what_an_order_lacks_is_told(words: str, why: str) -> None:
    found = order(words)

    assert isinstance(found, Unclear)
    assert found.why == why


@pytest.mark.parametrize(
    "words",
    [
        "Here comes the autumn menu",
        "move on, nothing to see here",
        "We moved 7 tables outside",
        "everything is fine",
        "Pause and breathe",
        "Stop all the noise and come over for a coffee",
        "Push everything you love into one bowl and stir",
        "Change everything! Our new look is here",
        "10% off everything until monday",
        "7 reasons to swap coffee for tea",
        "Alles neu macht der Mai",
        "Tout est prêt pour samedi",
        "Всё готово к субботе",
        "move all the furniture out of the way please",
        "thanks",
        "friday 18:30",
        "",
        "142",
    ],
)
def test_talk_is_never_taken_for_an_order(words: str) -> None:
    languages = list(WORDS)

    assert [order(words, language) for language in languages] == [None] * len(languages)


REPLIES = [
    ("en", "make it 16:20", ("goal", to_clock(16, 20))),
    ("en", "Make it saturday instead!", ("goal", to_day(SATURDAY))),
    ("en", "half an hour later please", ("goal", by(minutes=30))),
    ("en", "push it 2 days", ("goal", by(days=2))),
    ("de", "mach Samstag draus", ("goal", to_day(SATURDAY))),
    ("de", "20 Minuten früher", ("goal", by(minutes=-20))),
    ("es", "que sea el sábado", ("goal", to_day(SATURDAY))),
    ("es", "media hora después", ("goal", by(minutes=30))),
    ("fr", "mets-le à 16h20", ("goal", to_clock(16, 20))),
    ("fr", "20 minutes plus tôt", ("goal", by(minutes=-20))),
    ("pt", "passa para sábado", ("goal", to_day(SATURDAY))),
    ("pt", "meia hora mais tarde", ("goal", by(minutes=30))),
    ("it", "mettilo alle 16:20", ("goal", to_clock(16, 20))),
    ("it", "20 minuti prima", ("goal", by(minutes=-20))),
    ("ru", "перенеси на субботу", ("goal", to_day(SATURDAY))),
    ("ru", "на полчаса позже", ("goal", by(minutes=30))),
    ("uk", "перенеси на 16:20", ("goal", to_clock(16, 20))),
    ("uk", "на 20 хвилин раніше", ("goal", by(minutes=-20))),
    ("tr", "cumartesiye al", ("goal", to_day(SATURDAY))),
    ("tr", "yarım saat geç", ("goal", by(minutes=30))),
]


@pytest.mark.parametrize(("language", "words", "meant"), REPLIES)
def test_b17_plain_words_say_where_a_post_goes(
    language: str, words: str, meant: tuple[str, Goal]
) -> None:
    found = read_reply(words, now=NOW, profile=profile(language))

    assert found is not None
    assert (found.kind, *found.goals) == meant


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "cancel it"), ("de", "sag ab"), ("es", "cancélalo"), ("fr", "annule-le"),
        ("pt", "cancela"), ("it", "annullalo"), ("ru", "отмени его"), ("uk", "скасуй його"),
        ("tr", "iptal et"),
    ],
)  # fmt: skip
def test_b17_cancel_is_understood_in_every_language(language: str, words: str) -> None:
    found = read_reply(words, now=NOW, profile=profile(language))

    assert found is not None
    assert found.kind == "cancel"


@pytest.mark.parametrize(
    ("language", "label"),
    [
        ("en", "Caption"), ("de", "Bildunterschrift"), ("es", "Texto"), ("fr", "Légende "),
        ("pt", "Legenda"), ("it", "Didascalia"), ("ru", "Подпись"), ("uk", "Підпис"),
        ("tr", "Açıklama"),
    ],
)  # fmt: skip
def test_b17_a_labelled_caption_keeps_every_character(language: str, label: str) -> None:
    found = read_reply(f"{label}: Ça: ist\n\n  Käse 🧀", now=NOW, profile=profile(language))

    assert found is not None
    assert (found.kind, found.text) == ("caption", "Ça: ist\n\n  Käse 🧀")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "add the hashtags #Café #b"), ("de", "ergänze #Café #b"), ("es", "agrega #Café #b"),
        ("fr", "ajoute #Café #b"), ("pt", "acrescenta #Café #b"), ("it", "aggiungi #Café #b"),
        ("ru", "добавь #Café #b"), ("uk", "додай #Café #b"), ("tr", "#Café #b ekle"),
    ],
)  # fmt: skip
def test_b17_tags_are_added_as_they_were_written(language: str, words: str) -> None:
    found = read_reply(words, now=NOW, profile=profile(language))

    assert found is not None
    assert (found.kind, found.text) == ("tags", "#Café #b")


def test_b17_other_platforms_are_named() -> None:
    found = read_reply("also on Threads and Facebook", now=NOW, profile=profile("en"))

    assert found is not None
    assert (found.kind, found.text) == ("also", "Threads, Facebook")


@pytest.mark.parametrize(
    "words", ["nice!", "who made this?", "add more light", "later", "also good", "perfect, thanks"]
)
def test_b17_talk_in_answer_to_a_card_changes_nothing(words: str) -> None:
    assert read_reply(words, now=NOW, profile=profile("en")) is None


@given(st.text(max_size=220), st.sampled_from(sorted(WORDS)))
def test_no_text_at_all_raises(text: str, language: str) -> None:
    read_order(text, now=NOW, profile=profile(language))
    read_order(f"move 7 {text}", now=NOW, profile=profile(language))
    read_reply(text, now=NOW, profile=profile(language))


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "same time tomorrow"),
        ("en", "make it tomorrow, same time"),
        ("de", "morgen zur gleichen zeit"),
        ("es", "mañana a la misma hora"),
        ("fr", "demain à la même heure"),
        ("pt", "amanhã no mesmo horário"),
        ("it", "domani alla stessa ora"),
        ("ru", "завтра в то же время"),
        ("uk", "завтра в той самий час"),
        ("tr", "yarın aynı saatte"),
    ],
)
def test_the_same_time_on_another_day_is_that_day_alone(language, words):
    found = read_reply(words, now=NOW, profile=profile(language))

    assert found is not None
    assert found.goals == (to_day(date(2027, 3, 10)),)
