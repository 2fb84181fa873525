"""Portuguese words about time."""
# ruff: noqa: E501 - a line of the table is one meaning

WORDS: dict[str, dict[object, str]] = {
    "weekday": {
        0: "segunda-feira, segunda, seg, 2a feira, 2ª feira, 2ª-feira",
        1: "terça-feira, terça, ter, terca, 3a feira, 3ª feira, 3ª-feira",
        2: "quarta-feira, quarta, qua, 4a feira, 4ª feira, 4ª-feira",
        3: "quinta-feira, quinta, qui, 5a feira, 5ª feira, 5ª-feira",
        4: "sexta-feira, sexta, sex, 6a feira, 6ª feira, 6ª-feira",
        5: "sábado, sáb, sab",
        6: "domingo, dom",
    },
    "plural": {
        0: "segundas-feiras, segundas, às segundas",
        1: "terças-feiras, terças, às terças",
        2: "quartas-feiras, quartas, às quartas",
        3: "quintas-feiras, quintas, às quintas",
        4: "sextas-feiras, sextas, às sextas",
        5: "sábados, aos sábados",
        6: "domingos, aos domingos",
    },
    "month": {
        1: "janeiro, jan",
        2: "fevereiro, fev",
        3: "março, mar",
        4: "abril, abr",
        5: "maio, mai",
        6: "junho, jun",
        7: "julho, jul",
        8: "agosto, ago",
        9: "setembro, set, septembro",
        10: "outubro, out",
        11: "novembro, nov",
        12: "dezembro, dez",
    },
    "unit": {
        "second": "segundos, seg, segundo",
        "minute": "minuto, minutos, min, mins",
        "hour": "hora, horas, h, hs, hrs",
        "day": "dia, dias",
        "week": "semana, semanas, sem",
        "month": "mês, meses",
        "year": "ano, anos",
        "quarter": "trimestre, trimestres",
    },
    "span": {(0.5, "hour"): "meia hora", (15, "day"): "quinzena", (6, "month"): "semestre"},
    "rel": {
        0: "hoje, hj, no dia de hoje",
        1: "amanhã, amanha, amanhä, amnh, amanhã de",
        2: "depois de amanhã, depois de amanha, dps de amanhã",
        -1: "ontem, anteontem",
    },
    "daypart": {
        (0, "night"): "esta noite, hoje à noite, hoje a noite, essa noite, hj à noite",
        (0, "afternoon"): "esta tarde, hoje à tarde, hoje a tarde, essa tarde",
        (0, "morning"): "esta manhã, hoje de manhã, hoje pela manhã",
    },
    "part": {
        "morning": "de manhã, da manhã, pela manhã, na manhã, manhã, de madrugada, da madrugada, manha, de manha, cedo, na parte da manhã",
        "noon": "meio-dia, meio dia, meiodia, ao meio-dia, ao meio dia",
        "afternoon": "à tarde, da tarde, de tarde, pela tarde, na tarde, a tarde, tarde, na parte da tarde",
        "night": "à noite, da noite, de noite, pela noite, a noite, noite, na noite",
        "evening": "no fim da tarde, fim da tarde, final da tarde, no final da tarde, anoitecer",
        "midnight": "meia-noite, meia noite, meianoite, à meia-noite",
        "end": "fim do dia, final do dia, no fim do dia",
    },
    "parts": {
        "morning": "todas as manhãs",
        "afternoon": "todas as tardes",
        "night": "todas as noites",
    },
    "group": {
        "weekdays": "dia útil, dias úteis, dia de semana, dias de semana",
        "weekend": "fim de semana, fds, fins de semana, finde",
    },
    "plural_group": {
        "weekdays": "dias úteis, dias de semana, todos os dias úteis, todo dia útil",
        "weekend": "fins de semana",
    },
    "mod": {
        "next": "próximo, próxima, proximo, proxima, seguinte, que vem, q vem, que entra",
        "this": "este, esta, neste, nesta, nesse, nessa, dessa, desse, esse, essa, deste, desta",
        "last": "passado, passada, último, última",
    },
    "post_mod": {
        True: "próximo, próxima, proximo, proxima, seguinte, que vem, q vem, passado, passada, que entra"
    },
    "ampm": {0: "am, a.m., a", 12: "pm, p.m., p"},
    "h_clock": {True: "h"},
    "hourword": {24: "horas, hora, h, hs, hrs"},
    "num": {
        0: "zero",
        1: "um, uma",
        2: "dois, duas, um par de",
        3: "três, tres",
        4: "quatro",
        5: "cinco",
        6: "seis",
        7: "sete",
        8: "oito",
        9: "nove",
        10: "dez",
        11: "onze",
        12: "doze, uma dúzia de",
        13: "treze",
        14: "catorze, quatorze",
        15: "quinze",
        16: "dezesseis, dezasseis",
        17: "dezessete, dezassete",
        18: "dezoito",
        19: "dezenove, dezanove",
        20: "vinte",
        30: "trinta",
        40: "quarenta",
        50: "cinquenta, cinqüenta",
        60: "sessenta",
    },
    "article": {True: "um, uma"},
    "hourone": {True: "uma"},
    "ord": {
        1: "primeiro, primeira, 1º, 1o",
        2: "segundo",
        3: "terceiro, terceira",
        4: "quarto",
        5: "quinto",
        20: "vigésimo",
        30: "trigésimo",
        10: "décimo",
        -1: "último, última",
        -2: "penúltimo, penúltima",
    },
    "suffix": {True: "o, a"},
    "half": {True: "meia, meio"},
    "quarter": {True: "quarto, quartos, um quarto"},
    "past": {},
    "to": {True: "para as, para a, para o, para, pras, pra, p/ as"},
    "of_number": {True: "do"},
    "at": {True: "às, para as, pras, as, à, a, ás, ao, lá pelas, pelas, desde as"},
    "on": {True: "no, na, em, para, pra, para o, do, da, de, para a, o"},
    "in": {True: "em, daqui a, dentro de, daqui, após, em cerca de, de aqui a"},
    "narrative": {True: "depois, mais tarde"},
    "later": {
        True: "depois, mais tarde, a partir de agora, após agora, a partir de hoje, depois de hoje, depois de agora"
    },
    "anchor_before": {True: "antes de, antes do, antes da"},
    "beside_day": {
        -1: "o dia antes de, no dia antes de, na véspera de, na véspera do, véspera de, véspera do"
    },
    "anchor": {True: "depois de, a partir de, após, depois do, depois da"},
    "of": {True: "de, do, da, em, no, na"},
    "the": {True: "no dia, o dia, o, a, os, as, dia"},
    "and": {True: "e"},
    "numand": {True: "e"},
    "hand": {True: "e"},
    "minus": {True: "menos"},
    "or": {True: "ou"},
    "every": {
        1: "cada, todo, toda, todos os, todas as, todos, todas, a cada",
        2: "dia sim dia não, a cada dois, a cada duas",
    },
    "freq": {
        ("DAILY", 1): "diariamente, diário, todo dia, todos os dias",
        ("WEEKLY", 1): "semanalmente, semanal",
        ("MONTHLY", 1): "mensalmente, mensal",
        ("YEARLY", 1): "anualmente, anual",
        ("WEEKLY", 2): "quinzenalmente, quinzenal",
        ("MONTHLY", 2): "bimestralmente, bimestral",
        ("MONTHLY", 3): "trimestralmente, trimestral",
        ("MONTHLY", 6): "semestralmente, semestral",
    },
    "once": {1: "uma vez", 2: "duas vezes", 3: "três vezes"},
    "per": {True: "por, ao, à, na, no"},
    "starting": {
        True: "a partir de, a partir do, desde, começando, começando em, a começar de, a partir da"
    },
    "until": {True: "até, até o, até a, até ao, ate"},
    "forspan": {True: "durante, por, pelas próximas"},
    "except": {True: "exceto, menos, exceto aos, menos aos, menos às, exceto às"},
    "times": {True: "vezes, x, vez"},
    "range_from": {True: "das, de, entre, entre as, a partir de, a partir das"},
    "from_word": {True: "a partir de, a partir das"},
    "range_to": {True: "às, as, até, a, e, até as, -"},
    "through": {True: "a, até"},
    "edge": {
        1: "início de, início do, começo de, começo do, inicio de",
        -1: "fim de, fim do, final de, final do",
        15: "meados de, meio de",
    },
    "approx": {
        True: "por volta de, por volta das, cerca de, lá pelas, aproximadamente, mais ou menos, perto das, em torno de, em torno das, umas, uns, por volta do, por volta da"
    },
    "same_time": {
        True: "mesma hora, à mesma hora, na mesma hora, mesmo horário, no mesmo horário"
    },
    "sharp": {True: "em ponto, exatamente, hora local"},
    "vague": {
        True: "algum dia, em breve, qualquer dia, quando puder, quando der, em algum momento, um dia desses, logo, alguns, algumas, assim que possível, jajá, daqui a pouco"
    },
    "filler": {
        True: (
            "por favor, pfv, pf, obrigado, obrigada, valeu, vlw, posta, poste, postar, publica, publique, publicar, agenda, agende, agendar,"
            " compartilha, compartilhe, envia, envie, manda, mande, coloca, coloque, pode, podes, poderia, consegue, oi, olá, ok, sobe, então, melhor, muda, mude, passa, programa, programe, posta aí"
        )
    },
    "object": {
        True: "isso, isto, esse post, essa foto, esse vídeo, este post, esta foto, este vídeo, o post, a foto, o vídeo, o reel, a publicação, para, pra, aí, essa publicação, aqui"
    },
    "now": {True: "agora, agora mesmo, já, imediatamente, neste momento, nesse momento"},
    "holiday": {
        (1, 1): "ano novo, ano-novo, dia de ano novo, réveillon dia 1",
        (12, 31): "véspera de ano novo, réveillon, véspera de ano-novo, passagem de ano",
        (12, 24): "véspera de natal, consoada",
        (12, 25): "natal, dia de natal",
        (6, 12): "dia dos namorados",
        (2, 14): "dia de são valentim, são valentim",
        (10, 31): "halloween, dia das bruxas",
        (11, 1): "dia de todos os santos, todos os santos",
        (5, 1): "dia do trabalhador, dia do trabalho",
        (1, 6): "dia de reis",
        (3, 8): "dia da mulher, dia internacional da mulher",
        (4, 1): "dia da mentira",
    },
    "moving": {
        True: "páscoa, sexta-feira santa, sexta feira santa, carnaval, dia das mães, dia dos pais, domingo de páscoa, corpus christi, dia da mãe, dia do pai, quarta-feira de cinzas, domingo de ramos"
    },
    "timeword": {True: "hora de, horário de, hora do, horário do"},
}
