"""Spanish words about time."""
# ruff: noqa: E501 - a line of the table is one meaning

WORDS: dict[str, dict[object, str]] = {
    "weekday": {
        0: "lunes, lun, lu",
        1: "martes, mar, mart",
        2: "miércoles, mié, mie, mierc",
        3: "jueves, jue, juev",
        4: "viernes, vie, vier",
        5: "sábado, sáb, sab, sabad",
        6: "domingo, dom, domin",
    },
    "plural": {
        0: "los lunes",
        1: "los martes",
        2: "los miércoles",
        3: "los jueves",
        4: "los viernes",
        5: "sábados, los sábados",
        6: "domingos, los domingos",
    },
    "month": {
        1: "enero, ene",
        2: "febrero, feb",
        3: "marzo, mar",
        4: "abril, abr",
        5: "mayo, may",
        6: "junio, jun",
        7: "julio, jul",
        8: "agosto, ago",
        9: "septiembre, sep, sept, setiembre, set",
        10: "octubre, oct",
        11: "noviembre, nov",
        12: "diciembre, dic",
    },
    "unit": {
        "second": "segundo, segundos, seg",
        "minute": "minuto, minutos, min, mins",
        "hour": "hora, horas, h, hs, hrs",
        "day": "día, días",
        "week": "semana, semanas, sem",
        "month": "mes, meses",
        "year": "año, años",
        "quarter": "trimestre, trimestres",
    },
    "span": {(15, "day"): "quincena", (6, "month"): "semestre", (0.5, "hour"): "media hora"},
    "rel": {
        0: "hoy, el día de hoy",
        1: "mañana, el día siguiente, manana, mñn, mñna",
        2: "pasado mañana, pasado, el día después de mañana",
        -1: "ayer, anteayer",
    },
    "daypart": {
        (0, "night"): "esta noche, hoy por la noche, hoy en la noche, hoy a la noche",
        (0, "afternoon"): "esta tarde, hoy por la tarde, hoy en la tarde, hoy a la tarde",
        (0, "morning"): "esta mañana, hoy por la mañana, hoy en la mañana",
        (0, "noon"): "este mediodía",
    },
    "part": {
        "morning": "por la mañana, de la mañana, en la mañana, a la mañana, mañana temprano, la mañana, por la manana, de la manana, por la madrugada, de la madrugada, de madrugada, en la madrugada, temprano, de mañana",
        "noon": "mediodía, medio día, al mediodía, del mediodía, el mediodía, a mediodía",
        "afternoon": "por la tarde, de la tarde, en la tarde, a la tarde, la tarde, tarde, del mediodía",
        "night": "por la noche, de la noche, en la noche, a la noche, la noche, noche",
        "evening": "al anochecer, al final de la tarde",
        "midnight": "medianoche, media noche, la medianoche",
        "end": "fin del día, el fin del día, final del día",
    },
    "parts": {
        "morning": "por las mañanas, todas las mañanas",
        "afternoon": "por las tardes, todas las tardes",
        "night": "por las noches, todas las noches",
    },
    "group": {
        "weekdays": "día laborable, días laborables, día hábil, días hábiles, entre semana, día de semana, días de semana, día laboral, días laborales",
        "weekend": "fin de semana, finde, fines de semana, findes",
    },
    "plural_group": {
        "weekdays": "días laborables, días hábiles, entre semana",
        "weekend": "fines de semana, findes",
    },
    "mod": {
        "next": "próximo, próxima, prox, proximo, proxima, siguiente, que viene, que entra, entrante, q viene",
        "this": "este, esta, este próximo, esta próxima, de este, de esta",
        "last": "pasado, pasada, último, última",
    },
    "post_mod": {
        True: "próximo, próxima, proximo, proxima, siguiente, que viene, que entra, entrante, pasado, pasada, q viene"
    },
    "ago": {True: "atrás"},
    "ampm": {0: "am, a.m., a m, de la am", 12: "pm, p.m., p m"},
    "h_clock": {True: "h"},
    "hourword": {24: "horas, hs, h, hora, hrs"},
    "num": {
        0: "cero",
        1: "un, una, uno",
        2: "dos, un par de",
        3: "tres",
        4: "cuatro",
        5: "cinco",
        6: "seis",
        7: "siete",
        8: "ocho",
        9: "nueve",
        10: "diez",
        11: "once",
        12: "doce",
        13: "trece",
        14: "catorce",
        15: "quince",
        16: "dieciséis, dieciseis",
        17: "diecisiete",
        18: "dieciocho",
        19: "diecinueve",
        20: "veinte",
        21: "veintiuno, veintiún, veintiuna",
        22: "veintidós",
        23: "veintitrés",
        24: "veinticuatro",
        25: "veinticinco",
        26: "veintiséis",
        27: "veintisiete",
        28: "veintiocho",
        29: "veintinueve",
        30: "treinta",
        40: "cuarenta",
        50: "cincuenta",
        60: "sesenta",
    },
    "article": {True: "un, una"},
    "hourone": {True: "una"},
    "oh": {True: "cero"},
    "ord": {
        1: "primero, primer, primera",
        2: "segundo, segunda",
        3: "tercero, tercer, tercera",
        4: "cuarto, cuarta",
        5: "quinto, quinta",
        -1: "último, última",
        -2: "penúltimo, penúltima",
    },
    "suffix": {True: "o, a, ro, ero, er, do, to"},
    "half": {True: "media, medio"},
    "quarter": {True: "cuarto, cuartos, un cuarto"},
    "to": {True: "para las, para la, para el, para"},
    "of_number": {True: "del"},
    "at": {
        True: "a las, a la, para las, para la, a, las, la, a el, al, sobre las, desde las, tipo"
    },
    "on": {True: "el, en, para, para el, del, de, para la, por"},
    "in": {True: "en, dentro de, de aquí a, tras, en unas, después de"},
    "later": {
        True: "más tarde, después, a partir de ahora, desde ahora, después de ahora, luego, después de hoy, desde hoy, a partir de hoy"
    },
    "anchor": {True: "después de, a partir de, desde, después del"},
    "of": {True: "de, del, de la, en, en el, de el"},
    "the": {True: "el, el día, la, los, las, día, del"},
    "and": {True: "y, e"},
    "numand": {True: "y"},
    "hand": {True: "y, con"},
    "minus": {True: "menos"},
    "or": {True: "o, u"},
    "every": {
        1: "cada, todos los, todas las, todo, toda",
        2: "un día sí y otro no, cada dos, cada 2, cada otro, cada segundo",
    },
    "freq": {
        ("DAILY", 1): "diariamente, diario, a diario, todos los días, cada día",
        ("WEEKLY", 1): "semanalmente, semanal",
        ("MONTHLY", 1): "mensualmente, mensual",
        ("YEARLY", 1): "anualmente, anual",
        ("WEEKLY", 2): "quincenalmente, quincenal",
        ("MONTHLY", 2): "bimestralmente, bimestral",
        ("MONTHLY", 3): "trimestralmente, trimestral",
        ("MONTHLY", 6): "semestralmente, semestral",
    },
    "once": {1: "una vez", 2: "dos veces", 3: "tres veces"},
    "per": {True: "a la, al, por, cada, en la"},
    "starting": {
        True: "desde, desde el, a partir de, a partir del, empezando, empezando el, comenzando el"
    },
    "until": {True: "hasta, hasta el, hasta la, hasta fin de"},
    "forspan": {True: "durante, por, durante las próximas, durante los próximos"},
    "except": {True: "excepto, salvo, menos, excepto los, menos los, salvo los"},
    "times": {True: "veces, x, vez"},
    "range_from": {
        True: "de, desde, entre, desde las, entre las, de las, a partir de, a partir de las"
    },
    "from_word": {True: "desde, desde las, a partir de, a partir de las"},
    "range_to": {True: "a, hasta, y, a las, hasta las, y las, -"},
    "through": {True: "a"},
    "edge": {
        1: "principios de, inicio de, principio de, comienzos de, principio, inicio",
        -1: "finales de, fin de, final de, fin, fines de",
        15: "mediados de",
    },
    "approx": {
        True: "sobre, alrededor de, aproximadamente, hacia, más o menos, a eso de, cerca de, sobre las, alrededor de las, a eso de las, hacia las, aprox, aprox., unos, unas"
    },
    "sharp": {True: "en punto, exactamente, hora local"},
    "vague": {
        True: "algún día, pronto, cuando puedas, en algún momento, un día de estos, luego más tarde, unos días, unas horas, lo antes posible, varios, algunos, algunas"
    },
    "filler": {
        True: (
            "por favor, porfa, porfis, gracias, muchas gracias, publica, publícalo, publicar, publícala, sube, súbelo,"
            " subir, programa, prográmalo, programar, comparte, compártelo, envía, envíalo, manda, mándalo,"
            " pon, ponlo, puedes, podrías, puede, hola, ok, vale, mejor, entonces, lánzalo, muévelo, mueve, cambia, cámbialo, para"
        )
    },
    "object": {
        True: "lo, esto, este post, esta foto, este vídeo, este video, el post, la foto, el video, el reel, la publicación, esta publicación, para, a, eso"
    },
    "now": {True: "ahora, ahora mismo, ya, ya mismo, inmediatamente"},
    "holiday": {
        (1, 1): "año nuevo, día de año nuevo",
        (12, 31): "nochevieja, noche vieja, fin de año, víspera de año nuevo",
        (12, 24): "nochebuena, noche buena",
        (12, 25): "navidad, día de navidad, navidades",
        (2, 14): "san valentín, día de san valentín, día de los enamorados",
        (10, 31): "halloween",
        (11, 1): "todos los santos, día de todos los santos",
        (1, 6): "reyes, día de reyes, día de los reyes magos, epifanía",
        (5, 1): "día del trabajo, día del trabajador, día de los trabajadores",
        (3, 8): "día de la mujer, día internacional de la mujer",
        (11, 2): "día de los muertos, día de muertos",
        (12, 28): "día de los inocentes",
    },
    "moving": {
        True: "semana santa, domingo de pascua, pascua, viernes santo, jueves santo, carnaval, día de la madre, día del padre, domingo de ramos, lunes de pascua, día de acción de gracias, miércoles de ceniza"
    },
    "timeword": {True: "hora de, hora en, horario de, hora"},
}
