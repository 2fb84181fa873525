"""German words about time."""
# ruff: noqa: E501 - a line of the table is one meaning

_ONES = ("", "ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun")
_TENS = {20: "zwanzig", 30: "dreißig", 40: "vierzig", 50: "fünfzig"}
_COMPOUND: dict[object, str] = {
    tens + one: f"{_ONES[one]}und{word}" for tens, word in _TENS.items() for one in range(1, 10)
}

_DAYS = ("montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag")
_PARTS = {
    "morning": ("morgen", "früh", "vormittag"),
    "noon": ("mittag",),
    "afternoon": ("nachmittag",),
    "evening": ("abend",),
    "night": ("nacht",),
}
_WEEKDAY_PARTS: dict[object, str] = {
    (day, part): ", ".join(f"{name}{ending}" for ending in endings)
    for day, name in enumerate(_DAYS)
    for part, endings in _PARTS.items()
}

WORDS: dict[str, dict[object, str]] = {
    "weekday": {
        0: "montag, mo, mon",
        1: "dienstag, di, die",
        2: "mittwoch, mi, mit",
        3: "donnerstag, do, don, donn",
        4: "freitag, fr, fre",
        5: "samstag, sa, sam, sonnabend",
        6: "sonntag, so, son",
    },
    "weekday_part": _WEEKDAY_PARTS,
    "coming_week": {
        True: "kommende woche, kommender woche, die kommende woche, der kommenden woche, in der kommenden woche"
    },
    "plural": {
        0: "montags",
        1: "dienstags",
        2: "mittwochs",
        3: "donnerstags",
        4: "freitags",
        5: "samstags, sonnabends",
        6: "sonntags",
    },
    "month": {
        1: "januar, jan, jänner, jän, januars",
        2: "februar, feb, feber, februars",
        3: "märz, mär, mrz, maerz, märzes",
        4: "april, apr",
        5: "mai, mais",
        6: "juni, jun, juno",
        7: "juli, jul, julei",
        8: "august, aug",
        9: "september, sep, sept",
        10: "oktober, okt",
        11: "november, nov",
        12: "dezember, dez",
    },
    "unit": {
        "second": "sekunde, sekunden, sek",
        "minute": "minute, minuten, min, mins",
        "hour": "stunde, stunden, std, h, stdn",
        "day": "tag, tage, tagen, tages, tg",
        "week": "woche, wochen, wo",
        "month": "monat, monate, monaten, monats",
        "year": "jahr, jahre, jahren, jahres",
        "quarter": "quartal, quartale, quartalen, vierteljahr",
    },
    "yearword": {True: "jahr"},
    "span": {
        (0.5, "hour"): "halbstunde, halbes stündchen",
        (0.25, "hour"): "viertelstunde",
        (0.75, "hour"): "dreiviertelstunde",
        (6, "month"): "halbjahr, halbes jahr, halben jahr",
    },
    "rel": {
        0: "heute, heut",
        1: "morgen, morgn, morgigen tag",
        2: "übermorgen, uebermorgen",
        3: "überübermorgen",
        -1: "gestern, vorgestern",
    },
    "part": {
        "morning": (
            "morgen, früh, vormittag, morgens, vormittags, am morgen, am vormittag, in der früh,"
            " in der frühe, frühmorgens, am frühen vormittag, am frühen morgen, frueh, vormittag"
        ),
        "noon": "mittag, mittags, zu mittag, am mittag, zwölf uhr mittags, mittagszeit",
        "afternoon": "nachmittag, nachmittags, am nachmittag, am frühen nachmittag, nachm",
        "evening": "abend, abends, spätabends, spätabend, am abend, am abend, am frühen abend, am späten abend",
        "night": "nacht, nachts, in der nacht",
        "midnight": "mitternacht, mitternachts",
        "end": "feierabend, zum feierabend",
    },
    "group": {
        "weekdays": "werktag, werktage, wochentag, wochentage, arbeitstag, arbeitstage, werktags, wochentags, unter der woche",
        "weekend": "wochenende, wochenenden, we",
    },
    "plural_group": {
        "weekdays": "werktags, wochentags, unter der woche",
        "weekend": "wochenenden, an wochenenden",
    },
    "mod": {
        "next": "nächsten, nächster, nächste, nächstes, nächstem, naechsten, naechste, naechster, naechstes",
        "this": "diesen, dieser, diese, dieses, diesem, kommenden, kommende, kommender, kommendes",
        "last": "letzten, letzte, letzter, letztes, vergangenen, vorigen, vorige",
        "after_next": "übernächsten, übernächste, übernächster, übernächstes, uebernächsten",
    },
    "ago": {True: "her"},
    "amnight": {True: "nachts, in der nacht"},
    "ampm": {},
    "hourword": {24: "uhr, h"},
    "hourpre": {},
    "num": {
        0: "null",
        1: "eins, ein, eine, einer, einem, einen, eines, ner, ne, nem, nen",
        2: "zwei, zwo",
        3: "drei",
        4: "vier",
        5: "fünf, fuenf",
        6: "sechs",
        7: "sieben",
        8: "acht",
        9: "neun",
        10: "zehn",
        11: "elf",
        12: "zwölf, zwoelf",
        13: "dreizehn",
        14: "vierzehn",
        15: "fünfzehn, fuenfzehn",
        16: "sechzehn",
        17: "siebzehn",
        18: "achtzehn",
        19: "neunzehn",
        20: "zwanzig",
        30: "dreißig",
        40: "vierzig",
        50: "fünfzig",
        60: "sechzig",
        1.5: "eineinhalb, anderthalb, einundeinhalb",
        2.5: "zweieinhalb, zweiundeinhalb",
        3.5: "dreieinhalb",
        4.5: "viereinhalb",
        **_COMPOUND,
    },
    "article": {True: "ein, eine, einer, einem, einen, eines, ner, ne, nem, nen"},
    "hourone": {True: "ein, eins"},
    "ord": {
        1: "ersten, erster, erste, erstes",
        2: "zweiten, zweiter, zweite, zweites",
        3: "dritten, dritter, dritte, drittes",
        4: "vierten, vierter, vierte",
        5: "fünften, fünfter, fünfte",
        6: "sechsten, sechster, sechste",
        7: "siebten, siebter, siebte, siebenten",
        8: "achten, achter, achte",
        9: "neunten, neunter, neunte",
        10: "zehnten, zehnter, zehnte",
        11: "elften, elfter, elfte",
        12: "zwölften, zwölfter, zwölfte",
        13: "dreizehnten, dreizehnter, dreizehnte",
        14: "vierzehnten, vierzehnter, vierzehnte",
        15: "fünfzehnten, fünfzehnter, fünfzehnte",
        16: "sechzehnten, sechzehnter, sechzehnte",
        17: "siebzehnten, siebzehnter, siebzehnte",
        18: "achtzehnten, achtzehnter, achtzehnte",
        19: "neunzehnten, neunzehnter, neunzehnte",
        20: "zwanzigsten, zwanzigster, zwanzigste",
        **{
            n: f"{_COMPOUND[n]}sten, {_COMPOUND[n]}ster, {_COMPOUND[n]}ste"
            for n in (*range(21, 30), 31)
        },
        30: "dreißigsten, dreißigster, dreißigste",
        -1: "letzten, letzter, letzte, letztes",
        -2: "vorletzten, vorletzter, vorletzte",
    },
    "suffix": {True: "te, ter, ten, tes, ste, ster, sten"},
    "half": {True: "halb, halbe, halben, halber, halbes"},
    "halfto": {True: "halb"},
    "quarter": {True: "viertel"},
    "fracto": {45: "viertel", 15: "dreiviertel, drei viertel"},
    "past": {True: "nach"},
    "to": {True: "vor"},
    "at": {True: "um, zu, punkt, pünktlich um, pünktlich, genau um"},
    "on": {True: "am, im, den, der, dem, des, für, fuer, an, vom, zum, auf, in"},
    "in_limit": {True: "binnen, innerhalb von"},
    "in_after": {True: "nach"},
    "in": {True: "in, binnen, innerhalb von, nach, in etwa, in ca"},
    "narrative": {True: "später"},
    "later": {True: "später, ab jetzt, von jetzt an, ab sofort, ab heute, von heute an"},
    "anchor_before": {True: "vor, vor dem"},
    "beside_day": {-1: "der tag vor, am tag vor, einen tag vor"},
    "anchor": {True: "nach, ab"},
    "of": {True: "im, des, der, vom, von, in, am"},
    "the": {True: "der, die, das, den, dem, des"},
    "and": {True: "und, u, sowie"},
    "numand": {True: "und"},
    "hand": {},
    "or": {True: "oder"},
    "second_of": {True: "jeden zweiten, jede zweite, jedes zweite"},
    "every": {
        1: "jeden, jede, jedes, jeder, jedem, alle, immer, allen, immer am, immer um",
        2: "jeden zweiten, jede zweite, jedes zweite, jeden anderen, jede andere, alle zwei",
    },
    "freq": {
        ("DAILY", 1): "täglich, taeglich, alltäglich",
        ("WEEKLY", 1): "wöchentlich, woechentlich",
        ("MONTHLY", 1): "monatlich",
        ("YEARLY", 1): "jährlich, jaehrlich, alljährlich",
        ("HOURLY", 1): "stündlich",
        ("WEEKLY", 2): "zweiwöchentlich, vierzehntägig, 14-tägig, zweiwöchig",
        ("MONTHLY", 3): "vierteljährlich, quartalsweise",
        ("MONTHLY", 6): "halbjährlich",
    },
    "once": {1: "einmal", 2: "zweimal", 3: "dreimal"},
    "per": {True: "pro, am, im, die, in der, jede"},
    "starting": {True: "ab, ab dem, beginnend am, beginnend, startend, ab dem kommenden"},
    "until": {True: "bis, bis zum, bis einschließlich, bis inklusive"},
    "forspan": {True: "für, lang, für die nächsten, für insgesamt, insgesamt"},
    "except": {True: "außer, ausser, außer am, bis auf, nur nicht am, nicht am"},
    "times": {True: "mal, x, male"},
    "range_from": {True: "von, zwischen, ab, zw."},
    "from_word": {True: "ab"},
    "range_to": {True: "bis, und, -"},
    "through": {True: "bis"},
    "month_edge": {-1: "monatsende, am monatsende, zum monatsende"},
    "edge": {1: "anfang, beginn", -1: "ende", 15: "mitte"},
    "approx": {
        True: "gegen, in etwa, so ungefähr, so circa, so etwa, ca, ca., circa, ungefähr, etwa, rund, um etwa, um ca, um ca., zirka, um die"
    },
    "day_or_about": {6: "so um, so gegen, so ca, so ca., so um die"},
    "same_time": {
        True: "gleiche zeit, zur gleichen zeit, um die gleiche zeit, selbe zeit, zur selben zeit, um dieselbe zeit, gleiche uhrzeit, selbe uhrzeit"
    },
    "sharp": {True: "pünktlich, genau, punkt, ortszeit, exakt"},
    "early_late": {True: "früher, früh, frühen, später, spät, späten"},
    "vague": {
        True: (
            "irgendwann, demnächst, bald, später mal, bei gelegenheit, so bald wie möglich, mal,"
            " ein paar, einige, irgendwann mal, die tage, eines tages, wenn es passt, sobald wie möglich,"
            " in kürze, nachher, später"
        )
    },
    "filler": {
        True: (
            "bitte, danke, dankeschön, vielen dank, poste, posten, post, veröffentliche, veröffentlichen,"
            " teile, teilen, sende, senden, schick, schicke, plane, planen, einplanen, kannst du, könntest du,"
            " könnt ihr, mach, machen, lade, hochladen, raus, rausschicken, dann, gerne, ja, hallo, hi, hey,"
            " stell, online, verschiebe, verschieben, verschieb, auf, lieber, doch, also, ok, bitte auf"
        )
    },
    "object": {
        True: "das, es, dies, diesen, diesen post, den post, diesen beitrag, den beitrag, das bild, das foto, das video, online, raus, hoch, für, auf, mir, uns, mal, dieses bild, dieses foto, dieses video"
    },
    "now": {True: "jetzt, sofort, gleich, jetzt gleich, jetzt sofort, umgehend"},
    "holiday": {
        (1, 1): "neujahr, neujahrstag",
        (12, 31): "silvester, sylvester",
        (12, 24): "heiligabend, heiliger abend, heilig abend, weihnachtsabend",
        (
            12,
            25,
        ): "weihnachten, erster weihnachtstag, ersten weihnachtstag, weihnachtstag, christtag, 1. weihnachtstag",
        (
            12,
            26,
        ): "zweiter weihnachtstag, zweiten weihnachtstag, stefanitag, 2. weihnachtstag, stephanstag",
        (2, 14): "valentinstag",
        (12, 6): "nikolaus, nikolaustag, st. nikolaus",
        (10, 31): "halloween, reformationstag",
        (11, 1): "allerheiligen",
        (5, 1): "tag der arbeit, maifeiertag",
        (10, 3): "tag der deutschen einheit",
        (1, 6): "dreikönig, dreikönigstag, heilige drei könige",
        (11, 11): "martinstag, st. martin",
        (3, 8): "frauentag, weltfrauentag, internationaler frauentag",
        (8, 15): "mariä himmelfahrt",
        (10, 26): "nationalfeiertag",
    },
    "moving": {
        True: (
            "ostern, ostersonntag, ostermontag, karfreitag, pfingsten, pfingstsonntag, pfingstmontag,"
            " christi himmelfahrt, himmelfahrt, fronleichnam, rosenmontag, aschermittwoch, muttertag,"
            " vatertag, buß- und bettag, erster advent, karneval, fasching, weiberfastnacht, gründonnerstag"
        )
    },
    "timeword": {True: "zeit, ortszeit"},
    "zone": {"CET": "mez", "CEST": "mesz"},
}
