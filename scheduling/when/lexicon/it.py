"""Italian words about time."""
# ruff: noqa: E501 - a line of the table is one meaning

_TENS = {20: "venti", 30: "trenta", 40: "quaranta", 50: "cinquanta"}
_ONES = {
    1: "uno",
    2: "due",
    3: "tre",
    4: "quattro",
    5: "cinque",
    6: "sei",
    7: "sette",
    8: "otto",
    9: "nove",
}
_COMPOUND: dict[object, str] = {
    tens + one: f"{word[:-1] if one in (1, 8) else word}{ones}"
    for tens, word in _TENS.items()
    for one, ones in _ONES.items()
}

WORDS: dict[str, dict[object, str]] = {
    "weekday": {
        0: "lunedì, lun, lunedi",
        1: "martedì, mar, martedi, mart",
        2: "mercoledì, mer, mercoledi, merc",
        3: "giovedì, gio, giovedi, giov",
        4: "venerdì, ven, venerdi, vener",
        5: "sabato, sab",
        6: "domenica, dom",
    },
    "plural": {
        0: "i lunedì",
        1: "i martedì",
        2: "i mercoledì",
        3: "i giovedì",
        4: "i venerdì",
        5: "sabati, i sabati",
        6: "domeniche, le domeniche",
    },
    "month": {
        1: "gennaio, gen, genn",
        2: "febbraio, feb, febb",
        3: "marzo, mar",
        4: "aprile, apr",
        5: "maggio, mag, magg",
        6: "giugno, giu",
        7: "luglio, lug",
        8: "agosto, ago",
        9: "settembre, set, sett",
        10: "ottobre, ott",
        11: "novembre, nov",
        12: "dicembre, dic",
    },
    "unit": {
        "second": "secondo, secondi, sec",
        "minute": "minuto, minuti, min",
        "hour": "ora, ore, h",
        "day": "giorno, giorni, gg",
        "week": "settimana, settimane, sett",
        "month": "mese, mesi",
        "year": "anno, anni",
        "quarter": "trimestre, trimestri",
    },
    "span": {
        (0.5, "hour"): "mezz'ora, mezzora, mezza ora",
        (0.25, "hour"): "quarto d'ora",
        (0.75, "hour"): "tre quarti d'ora",
        (6, "month"): "semestre",
    },
    "rel": {
        0: "oggi",
        1: "domani, dmn, domattina presto, l'indomani, indomani",
        2: "dopodomani, dopo domani",
        -1: "ieri, l'altro ieri, ieri l'altro",
    },
    "daypart": {
        (0, "evening"): "stasera, questa sera, sta sera",
        (0, "morning"): "stamattina, stamani, questa mattina, stamane",
        (0, "afternoon"): "questo pomeriggio, oggi pomeriggio",
        (0, "night"): "stanotte, questa notte",
        (1, "morning"): "domattina",
    },
    "part": {
        "morning": "mattina, di mattina, la mattina, del mattino, mattino, al mattino, della mattina, in mattinata, mattinata, nella mattina",
        "noon": "mezzogiorno, mezzodì, a mezzogiorno",
        "lunch": "ora di pranzo, pranzo, a pranzo, pausa pranzo",
        "afternoon": "pomeriggio, di pomeriggio, del pomeriggio, nel pomeriggio, il pomeriggio, pom",
        "evening": "sera, di sera, la sera, della sera, in serata, serata, alla sera, nella sera",
        "night": "notte, di notte, la notte, della notte, nella notte",
        "midnight": "mezzanotte",
        "end": "fine giornata, a fine giornata, fine della giornata",
    },
    "amnight": {True: "di notte, della notte"},
    "parts": {
        "morning": "tutte le mattine",
        "evening": "tutte le sere",
        "afternoon": "tutti i pomeriggi",
        "night": "tutte le notti",
    },
    "group": {
        "weekdays": "giorno feriale, giorni feriali, giorno lavorativo, giorni lavorativi, giorni della settimana",
        "weekend": "fine settimana, weekend, week-end, finesettimana",
    },
    "plural_group": {
        "weekdays": "giorni feriali, giorni lavorativi, nei giorni feriali, tutti i giorni feriali, tutti i giorni lavorativi, ogni giorno feriale"
    },
    "mod": {
        "next": "prossimo, prossima, pross, seguente, che viene, successivo, successiva, entrante",
        "this": "questo, questa, quest', questo prossimo, questa prossima",
        "last": "scorso, scorsa, passato, passata, ultimo, ultima",
    },
    "post_mod": {
        True: "prossimo, prossima, seguente, che viene, successivo, successiva, scorso, scorsa, entrante"
    },
    "ampm": {0: "am, a.m.", 12: "pm, p.m."},
    "h_clock": {True: "h"},
    "hourword": {24: "ore, h"},
    "hourpre": {True: "ore, alle ore, h"},
    "num": {
        0: "zero",
        1: "un, uno, una, un'",
        2: "due, un paio di, un paio d'",
        3: "tre",
        4: "quattro",
        5: "cinque",
        6: "sei",
        7: "sette",
        8: "otto",
        9: "nove",
        10: "dieci",
        11: "undici",
        12: "dodici, una dozzina di",
        13: "tredici",
        14: "quattordici",
        15: "quindici",
        16: "sedici",
        17: "diciassette",
        18: "diciotto",
        19: "diciannove",
        20: "venti",
        30: "trenta",
        40: "quaranta",
        50: "cinquanta",
        60: "sessanta",
        **_COMPOUND,
    },
    "article": {True: "un, uno, una, un'"},
    "hourone": {True: "una"},
    "hour1": {True: "l'una, all'una, una"},
    "ord": {
        1: "primo, prima",
        2: "secondo, seconda",
        3: "terzo, terza",
        4: "quarto, quarta",
        5: "quinto, quinta",
        -1: "ultimo, ultima",
        -2: "penultimo, penultima",
    },
    "suffix": {True: "o, a"},
    "half": {True: "mezza, mezzo"},
    "quarter": {True: "quarto, quarti, un quarto"},
    "past": {},
    "to": {True: "alle, alla"},
    "at": {True: "alle, all', alla, a, le, per le, dalle, verso, al, entro le"},
    "on": {True: "il, per, nel, nella, di, del, della, l', per il, a, di questo, la, dell'"},
    "in_limit": {True: "entro"},
    "deadline": {True: "entro le, entro"},
    "in_after": {True: "dopo"},
    "in": {True: "tra, fra, in, entro, dopo, fra circa, tra circa"},
    "narrative": {True: "dopo, più tardi"},
    "later": {
        True: "dopo, più tardi, da adesso, da ora, a partire da adesso, da oggi, a partire da oggi, dopo oggi"
    },
    "anchor_before": {True: "prima di, prima del, prima della"},
    "beside_day": {-1: "il giorno prima di, il giorno prima del"},
    "anchor": {True: "dopo, da, a partire da, dopo il, dal"},
    "of": {True: "di, del, della, dell', d', nel, in, dello"},
    "the": {True: "il, la, lo, le, l', i, giorno"},
    "the_each": {True: "il, la, di"},
    "and": {True: "e, ed"},
    "hand": {True: "e"},
    "minus": {True: "meno"},
    "or": {True: "o, oppure"},
    "alternate": {True: "sì e uno no, si e uno no, alterni"},
    "every": {
        1: "ogni, tutti i, tutte le, tutti, tutte",
        2: "ogni due",
    },
    "freq": {
        ("DAILY", 1): "quotidianamente, giornalmente, ogni giorno, tutti i giorni",
        ("DAILY", 2): "un giorno sì e uno no, un giorno sì un giorno no, a giorni alterni",
        ("WEEKLY", 1): "settimanalmente, settimanale",
        ("MONTHLY", 1): "mensilmente, mensile",
        ("YEARLY", 1): "annualmente, annuale",
        ("MONTHLY", 2): "bimestralmente",
        ("MONTHLY", 3): "trimestralmente, trimestrale",
        ("MONTHLY", 6): "semestralmente, semestrale",
    },
    "once": {1: "una volta", 2: "due volte", 3: "tre volte"},
    "per": {True: "a, alla, al, la, il, ogni, all'"},
    "starting": {
        True: "da, dal, a partire da, a partire dal, iniziando, a partire dalla, dalla, a cominciare da"
    },
    "until": {True: "fino a, fino al, fino alla, sino al, fino, fino all'"},
    "forspan": {True: "per, durante, per le prossime"},
    "except": {True: "tranne, eccetto, escluso, tranne il, tranne la"},
    "times": {True: "volte, x, volta"},
    "range_from": {True: "dal, dalle, da, tra le, fra le, tra, fra, a partire dalle"},
    "from_word": {True: "dalle, a partire dalle"},
    "range_to": {True: "alle, e le, a, fino alle, e, -"},
    "through": {True: "a, al"},
    "edge": {
        1: "inizio, inizio di, l'inizio di",
        -1: "fine, fine di, la fine di, fine del",
        15: "metà, metà di",
    },
    "approx": {
        True: "verso, circa, intorno a, intorno alle, verso le, attorno alle, più o meno, approssimativamente, all'incirca, sulle, verso l', circa alle"
    },
    "same_time": {True: "stessa ora, alla stessa ora, stesso orario, allo stesso orario"},
    "sharp": {True: "in punto, esattamente, ora locale, esatte"},
    "vague": {
        True: "presto, prima o poi, quando puoi, in qualche momento, un giorno di questi, appena possibile, alcuni, alcune, qualche, tra poco, fra poco"
    },
    "filler": {
        True: (
            "per favore, per piacere, perfavore, grazie, grazie mille, pubblica, pubblicalo, pubblicala, pubblicare, posta, postalo, postala, programma, programmalo,"
            " programmare, condividi, condividilo, invia, invialo, manda, mandalo, metti, mettilo, puoi, potresti, ciao, ok, meglio, allora, sposta, spostalo, carica, caricalo"
        )
    },
    "object": {
        True: "lo, questo post, questa foto, questo video, il post, la foto, il video, il reel, ciò, online, per, a, questo"
    },
    "now": {True: "adesso, ora, subito, proprio ora, immediatamente, in questo momento"},
    "holiday": {
        (1, 1): "capodanno, primo dell'anno, il primo dell'anno",
        (12, 31): "san silvestro, vigilia di capodanno, ultimo dell'anno",
        (12, 24): "vigilia di natale, la vigilia di natale, vigilia",
        (12, 25): "natale, giorno di natale",
        (12, 26): "santo stefano",
        (2, 14): "san valentino",
        (10, 31): "halloween",
        (11, 1): "ognissanti, tutti i santi",
        (8, 15): "ferragosto",
        (1, 6): "epifania, befana, la befana, l'epifania",
        (5, 1): "festa dei lavoratori, festa del lavoro, primo maggio",
        (3, 8): "festa della donna",
        (12, 8): "immacolata, l'immacolata",
        (4, 25): "festa della liberazione",
        (6, 2): "festa della repubblica",
    },
    "moving": {
        True: "pasqua, pasquetta, venerdì santo, carnevale, martedì grasso, festa della mamma, giovedì grasso, domenica delle palme, lunedì dell'angelo, mercoledì delle ceneri"
    },
    "timeword": {True: "ora di, ora d', fuso di"},
}
