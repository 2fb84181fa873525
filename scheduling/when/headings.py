"""Lines of a caption that a clock beside them belongs to: "Doors", "Lunch special", "Start:"."""

from scheduling.when.lex import fold

_EVENTS = """
doors door open opens opening reopening start starts starting begin begins beginning kickoff
kick-off lunch dinner breakfast brunch supper show showtime concert gig party class classes
workshop screening premiere check-in checkin check-out checkout close closes closing hours entry
entrance admission end ends ceremony match session vernissage reception arrival departure
soundcheck score result
einlass beginn öffnung eröffnung türen öffnungszeiten mittagessen mittag abendessen frühstück
konzert kurs vorstellung anpfiff anstoß ende schluss abfahrt ankunft ergebnis endstand feier
treffpunkt
puertas apertura inicio comienzo entrada cierre almuerzo cena desayuno comida concierto fiesta
clase taller función partido horario llegada salida resultado merienda
portes ouverture début entrée fermeture déjeuner dîner petit-déjeuner fête cours atelier séance
horaires arrivée départ résultat accueil
portas abertura início começo encerramento fechamento almoço jantar festa aula oficina sessão jogo
horário chegada saída
porte inizio ingresso chiusura pranzo colazione aperitivo concerto corso lezione laboratorio
spettacolo partita orario orari arrivo partenza risultato
двери открытие начало вход закрытие обед ужин завтрак концерт вечеринка занятие мастер-класс показ
матч сбор конец счёт
двері відкриття початок вхід закриття обід вечеря сніданок вечірка заняття майстер-клас збір кінець
рахунок
kapı kapılar açılış kapanış başlangıç giriş yemeği kahvaltı konser parti ders atölye gösterim maç
sonuç bitiş
"""
_LEADING = """
from until till til by since at opens starts begins ends closes
ab von bis seit um gegen öffnet beginnt startet endet schließt
desde hasta abre abrimos empieza comienza termina cierra
dès jusqu'à ouvre commence finit ferme
até abre começa termina fecha
dalle fino alle apre inizia finisce chiude
с от до в открывается начинается заканчивается
з від до о початок відкривається починається
kadar başlıyor açılıyor bitiyor
"""
_MAX_WORDS = 6
_NAME_WORDS = 3
_LABEL_WORDS = 2
_SIGNS = ".,!?…:;()[]{}\"'“”„«»*_~•·|/-–—"
_events: frozenset[str] = frozenset()
_leading: frozenset[str] = frozenset()


def is_heading(line: str) -> bool:
    """Whether *line* waits for a time: it ends so, or is a short name of something that begins.

    A line that ends as a sentence does, waits for nothing.
    """
    line = line.strip()
    if line.endswith(":"):
        return True
    if line.endswith((".", "!", "?", "…")):
        return False
    events, leading = _words_of_headings()
    words = [word for each in fold(line)[0].split() if (word := _plain(each))]
    if not words or len(words) > _MAX_WORDS:
        return False
    if words[-1] in leading or (len(words) <= _NAME_WORDS and words[-1] in events):
        return True
    return len(words) <= _LABEL_WORDS and not events.isdisjoint(words)


def _plain(word: str) -> str:
    """The word without signs around it; nothing for what holds no letter, a tag or a mention."""
    if word[0] in "#@":
        return ""
    word = word.strip(_SIGNS)
    return word if any(map(str.isalpha, word)) else ""


def _words_of_headings() -> tuple[frozenset[str], frozenset[str]]:
    global _events, _leading  # noqa: PLW0603 - folded once
    if not _events:
        _events = frozenset(fold(_EVENTS)[0].split())
        _leading = frozenset(fold(_LEADING)[0].split())
    return _events, _leading
