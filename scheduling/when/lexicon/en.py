"""English words about time, with the spellings of chats."""
# ruff: noqa: E501 - a line of the table is one meaning

_TOMORROW = (
    "tomorrow, tmrw, tmw, tmr, tmrow, tomo, tom, tomm, tmoro, 2moro, 2morrow, 2mrw, 2mro, tomorow,"
    " tommorow, tommorrow, tomorro, tomorrw, tmorrow, tmro, tomoz, tmoz, 2mo, tomrw, tomrrow, 2morow, tmrrw"
)
_AFTER_TOMORROW = ", ".join(
    f"{article}day after {word.strip()}"
    for word in _TOMORROW.split(",")
    for article in ("", "the ")
)

WORDS: dict[str, dict[object, str]] = {
    "weekday": {
        0: "monday, mon, mo, mondy, monady, mndy",
        1: "tuesday, tue, tues, tu, tuesdy, teusday, tusday, tuseday, tuesay",
        2: "wednesday, wed, weds, wedn, wednes, we'd, wendsday, wensdy, wedsday, wensday, wendesday, wednsday, wednesdy, wedensday",
        3: "thursday, thu, thur, thurs, th, thursdy, thrusday, thirsday, thusday, thurday, thrs",
        4: "friday, fri, fr, frid, fryday, firday, frday, firday, freitag",
        5: "saturday, sat, satur, saterday, saturdy, satuday, satday, saurday",
        6: "sunday, sun, sundy, suday, snday, sunady",
    },
    "plural": {
        0: "mondays, mons",
        1: "tuesdays",
        2: "wednesdays",
        3: "thursdays",
        4: "fridays",
        5: "saturdays",
        6: "sundays",
    },
    "month": {
        1: "january, jan, janury, januray",
        2: "february, feb, febr, febuary, feburary, febru",
        3: "march, mar, mrch",
        4: "april, apr, aprl",
        5: "may",
        6: "june, jun",
        7: "july, jul",
        8: "august, aug, agust",
        9: "september, sep, sept, setpember, septemer",
        10: "october, oct, ocotber, octber",
        11: "november, nov, novemeber, novemer",
        12: "december, dec, decemeber, decmber, decemer",
    },
    "unit": {
        "second": "second, seconds, sec, secs, s",
        "minute": "minute, minutes, min, mins, m, minuts, mintues, minute's",
        "hour": "hour, hours, hr, hrs, h, hour's",
        "day": "day, days, d, day's",
        "week": "week, weeks, wk, wks, w, week's",
        "month": "month, months, mth, mths, mo, mos, month's",
        "year": "year, years, yr, yrs",
        "quarter": "quarter, quarters",
    },
    "span": {
        (2, "week"): "fortnight, fortnights",
        (1, "day"): "this time tomorrow, tomorrow this time",
        (1, "week"): "this time next week",
    },
    "anchor_before": {True: "before, prior to, ahead of"},
    "beside_day": {-1: "the day before", 1: "the day after"},
    "rel": {
        0: "today, this day, tday, 2day, tdy, todays, later today, today later, later on today",
        1: f"{_TOMORROW}, morrow, the next day, next day",
        2: f"{_AFTER_TOMORROW}, overmorrow",
        -1: "yesterday, the day before yesterday",
    },
    "daypart": {(0, "night"): "tonight, tonite, 2nite, 2night, tonit, tnite, tonihgt, tonigt"},
    "part": {
        "morning": "morning, morn, mornin, the morning, am morning",
        "first": "first thing, first thing in the morning",
        "noon": "noon, midday, noontime, mid-day, high noon, noonish, middayish",
        "lunch": "lunch, lunchtime, lunch time, lunch break",
        "afternoon": "afternoon, arvo, aft, afternoon time",
        "evening": "evening, eve, evenin, eves",
        "night": "night, nite, nighttime",
        "midnight": "midnight, mid-night, midnite",
        "end": "end of day, eod, the end of the day, end of the day, cob, close of business, end of business, eob",
    },
    "parts": {
        "morning": "mornings",
        "afternoon": "afternoons",
        "evening": "evenings",
        "night": "nights, nightly",
    },
    "group": {
        "weekdays": (
            "weekday, weekdays, workday, workdays, working day, working days, week day, week days,"
            " business day, business days, wkdays, wkday"
        ),
        "weekend": "weekend, weekends, week-end, week-ends, wkend, wkends, wknd",
    },
    "plural_group": {
        "weekdays": "weekdays, week days, wkdays, workdays",
        "weekend": "weekends, week-ends, wkends",
    },
    "mod": {
        "next": "next, nxt, following, the following, the next, nex",
        "this": "this, current, the current, coming, the coming, this coming, upcoming, this upcoming, the upcoming",
        "last": "last, past, previous",
    },
    "after_next": {True: "after next"},
    "coming_week": {True: "coming week, the coming week, this coming week, upcoming week"},
    "ago": {True: "ago, earlier"},
    "ampm": {
        0: "am, a m, a.m., a.m, a, ante meridiem",
        12: "pm, p m, p.m., p.m, p, post meridiem",
    },
    "hourword": {12: "o'clock, oclock, o clock, o'clk", 24: "h"},
    "hourword4": {True: "hours, hrs, hour"},
    "num": {
        0: "zero",
        1: "one, a, an",
        2: "two, a couple of, a couple, couple of, couple",
        3: "three",
        4: "four",
        5: "five",
        6: "six",
        7: "seven",
        8: "eight",
        9: "nine",
        10: "ten",
        11: "eleven",
        12: "twelve, a dozen",
        13: "thirteen",
        14: "fourteen",
        15: "fifteen",
        16: "sixteen",
        17: "seventeen",
        18: "eighteen",
        19: "nineteen",
        20: "twenty",
        30: "thirty",
        40: "forty, fourty",
        50: "fifty",
        60: "sixty",
        70: "seventy",
        80: "eighty",
        90: "ninety",
    },
    "article": {True: "a, an"},
    "oh": {True: "oh, o"},
    "ord": {
        1: "first",
        2: "second",
        3: "third",
        4: "fourth",
        5: "fifth",
        6: "sixth",
        7: "seventh",
        8: "eighth",
        9: "ninth",
        10: "tenth",
        11: "eleventh",
        12: "twelfth",
        13: "thirteenth",
        14: "fourteenth",
        15: "fifteenth",
        16: "sixteenth",
        17: "seventeenth",
        18: "eighteenth",
        19: "nineteenth",
        20: "twentieth",
        30: "thirtieth",
        -1: "last, final",
        -2: (
            "second to last, second to the last, second last, penultimate, next to last,"
            " 2nd to last, 2nd to the last, 2nd last"
        ),
        -3: "third to last, third to the last, third last, 3rd to last, 3rd to the last, 3rd last",
    },
    "suffix": {True: "st, nd, rd, th"},
    "half": {True: "half, half of, half a, half an"},
    "halfplus": {True: "half"},
    "quarter": {True: "quarter, quarters, a quarter, quater, qtr"},
    "past": {True: "past, after"},
    "to": {True: "to, til, till, before, of"},
    "at": {True: "at, @"},
    "deadline": {True: "by, no later than, not later than, at the latest by, before"},
    "on": {True: "on, for, in, during, of, onn"},
    "in": {True: "in, within, inside, after, in another"},
    "in_after": {True: "after"},
    "in_limit": {True: "within, inside"},
    "plus": {True: "+"},
    "narrative": {True: "later, hence"},
    "later": {
        True: "from now, later, hence, time, ' time, from today, after now, after today, from right now, from this moment"
    },
    "anchor": {True: "from, after"},
    "of": {True: "of, in, to, for"},
    "the": {True: "the, teh, day"},
    "and": {True: "and, &, n, plus"},
    "or": {True: "or"},
    "every": {
        1: "every, each, ev, evry, all, evey, every single, each single",
        2: "every other, every alternate, each other, every second, alternate, ev other, evry other",
    },
    "second_of": {True: "every second"},
    "every_word": {"DAILY": "everyday, every-day"},
    "whole": {
        True: "all day, all night, all morning, all afternoon, all evening, all week, all weekend, all month, all year, all day long"
    },
    "freq": {
        ("DAILY", 1): "daily, dayly",
        ("WEEKLY", 1): "weekly",
        ("MONTHLY", 1): "monthly",
        ("YEARLY", 1): "yearly, annually, annual, anually",
        ("HOURLY", 1): "hourly",
        ("WEEKLY", 2): "fortnightly, biweekly, bi-weekly",
        ("MONTHLY", 2): "bimonthly, bi-monthly",
        ("MONTHLY", 3): "quarterly",
        ("MONTHLY", 6): "semiannually, semi-annually, half-yearly, biannually, twice-yearly",
    },
    "once": {
        1: "once, one time, 1 time",
        2: "twice, two times, 2 times",
        3: "thrice, three times, 3 times",
    },
    "per": {True: "a, per, every, each, an"},
    "starting": {
        True: "starting, beginning, starting on, starting from, beginning on, from, as of, start, begin, starts, starting with"
    },
    "until": {
        True: "until, till, til, through, thru, up to, up until, ending, ending on, ends, to, untill, until the, 'til, including, end"
    },
    "forspan": {True: "for, for the next, over the next, during the next"},
    "except": {
        True: "but, except, except for, except on, excluding, excl, but not, but not on, apart from, other than, not on, skipping"
    },
    "times": {True: "times, x, occurrences, occurences, time, occurrence, posts"},
    "upto": {True: "up to, max, at most"},
    "range_from": {True: "from, between"},
    "from_word": {True: "from"},
    "range_to": {True: "to, until, till, til, through, thru, -, and"},
    "through": {True: "through, thru, to, -, until, till"},
    "edge": {
        1: "beginning, start, begin, start of, beginning of, begin of",
        -1: "end, end of, close of",
        15: "middle of, middle, mid",
    },
    "month_edge": {-1: "eom, end of the current month"},
    "approx": {
        True: "around, about, approximately, approx, approx., roughly, ~, ca, ca., circa, about at, around about, abt, somewhere around, more or less"
    },
    "ish": {True: "ish, -ish, or so, or thereabouts"},
    "ish_inside": {True: "noonish, middayish"},
    "sharp": {
        True: "sharp, exactly, on the dot, precisely, on the nose, local time, my time, our time"
    },
    "same_time": {
        True: "same time, the same time, at the same time, at same time, same hour, the same hour"
    },
    "early_late": {True: "early, late, mid, in the middle of the"},
    "perhaps": {True: "maybe, perhaps, possibly, probably"},
    "vague": {
        True: (
            "sometime, some time, at some point, one of these days, someday, some day, soon, later on,"
            " whenever, any time, anytime, asap, as soon as possible, a few, few, several, some, many,"
            " in a bit, in a while, a bit, a while, eventually, when you can, another day, one day soon,"
            " sooner or later, the other day, some other time, shortly, in due course, a bit later"
        )
    },
    "filler": {
        True: (
            "please, pls, plz, plse, pleeease, thanks, thank you, thx, ty, tks, thank u, cheers, kindly, can you,"
            " could you, would you, will you, can u, could u, hey, hi, ok, okay, post, publish, schedule,"
            " share, send, put, upload, repost, plan, set, queue, let's, lets,"
            " schedule for, set for, thank you so much, thanks a lot, many thanks, can we, could we,"
            " bot, dear bot, repeat, repeating, recurring"
        )
    },
    "talk": {
        True: (
            "actually, sorry, oops, hmm, i guess, i mean, i meant, wait, push, move, change, reschedule, shift, drop, release, make it, make that, i want it, i'd like it,"
            " let it go, move to, move it to, change to, change it to, push to, push it to, reschedule to, shift to,"
            " how about, what about, yes, yep, sure, i think, just, then, so, right, well, also,"
            " instead, again, go live, to go out, go out, goes out, to go live, to be posted, rather, better, works,"
            " i want this posted, i want it posted, i'd like this posted, should go out, should be posted,"
            " needs to go out, has to go out, must go out, to be published"
        )
    },
    "object": {
        True: "it, this, that, these, them, out, up, the post, this post, this one, that one, one, me, us, live, the photo, this photo, the video, this video, this reel, the reel, this story, to, on our feed, on the feed, the album, this album, everything"
    },
    "now": {
        True: "now, right now, immediately, straight away, right away, at once, this minute, this instant, instantly"
    },
    "holiday": {
        (1, 1): "new year, new years, new year's, new year's day, new years day, new year day",
        (12, 31): "new year's eve, new years eve, new year eve, nye, silvester",
        (12, 24): "christmas eve, xmas eve, x-mas eve",
        (12, 25): "christmas, christmas day, xmas, xmas day, x-mas",
        (12, 26): "boxing day, st stephen's day, saint stephen's day",
        (
            2,
            14,
        ): "valentine's day, valentines day, valentine's, valentines, valentine day, saint valentine's day, st valentine's day",
        (10, 31): "halloween, hallowe'en, halloween day",
        (
            3,
            17,
        ): "st patrick's day, saint patrick's day, st. patrick's day, st patricks day, paddy's day, saint patricks day",
        (4, 1): "april fools, april fools day, april fool's day, april fools' day, all fools day",
        (11, 1): "all saints day, all saints' day, all saint's day",
        (3, 8): "women's day, international women's day, womens day",
        (5, 1): "may day, international workers' day",
        (1, 6): "epiphany, three kings day",
        (4, 22): "earth day",
        (2, 2): "groundhog day",
        (11, 11): "armistice day, remembrance day, veterans day, veteran day, veterans' day",
    },
    "moving": {
        True: (
            "easter, easter sunday, easter monday, good friday, black friday, cyber monday,"
            " thanksgiving, thanksgiving day, mother's day, mothers day, father's day, fathers day,"
            " labor day, labour day, memorial day, ramadan, eid, diwali, hanukkah, chinese new year,"
            " lunar new year, ash wednesday, palm sunday, whit monday, pentecost, mardi gras, carnival,"
            " independence day, bank holiday, mlk day, president's day, presidents day, columbus day,"
            " advent, first advent, memorial, martin luther king day"
        )
    },
    "timeword": {True: "time"},
    "zone": {
        "UTC": "utc, zulu, z time",
        "GMT": "gmt",
        "WET": "wet",
        "WEST": "west",
        "CET": "cet",
        "CEST": "cest",
        "EET": "eet",
        "EEST": "eest",
        "MSK": "msk",
        "TRT": "trt",
        "EST": "est",
        "EDT": "edt",
        "CST": "cst",
        "CDT": "cdt",
        "MST": "mst",
        "MDT": "mdt",
        "PST": "pst",
        "PDT": "pdt",
        "AKST": "akst",
        "AKDT": "akdt",
        "HST": "hst",
        "BRT": "brt",
        "JST": "jst",
        "KST": "kst",
        "HKT": "hkt",
        "SGT": "sgt",
        "AEST": "aest",
        "AEDT": "aedt",
        "ACST": "acst",
        "ACDT": "acdt",
        "AWST": "awst",
        "NZST": "nzst",
        "NZDT": "nzdt",
        "SAST": "sast",
        "BST": "bst",
        "IST": "ist",
        "AST": "ast",
        "ADT": "adt",
        "ET": "et, eastern",
        "CT": "ct",
        "MT": "mt",
        "PT": "pt, pacific",
    },
}
