"""Whole messages: the caption that stays, and the time that is read out of them."""

from datetime import datetime
from zoneinfo import ZoneInfo

from scheduling.when import Profile, Split, split

WITH_A_TIME = {
    ("2027-04-13T14:20", "en"): [
        ("Meet the new oven 🔥\ntmrw 9am", "Meet the new oven 🔥", "2027-04-14 09:00", True),
        ("Meet the new oven\n\nfri 18:30 pls", "Meet the new oven", "2027-04-16 18:30", True),
        (
            "fri 18:30\nMeet the new oven\nIt bakes 40 loaves an hour",
            "Meet the new oven\nIt bakes 40 loaves an hour",
            "2027-04-16 18:30",
            True,
        ),
        ("tomorrow 9am:\nOpen 9-5 mon to fri", "Open 9-5 mon to fri", "2027-04-14 09:00", True),
        ("Open 9-5 mon to fri\ntomorrow 8:30", "Open 9-5 mon to fri", "2027-04-14 08:30", True),
        (
            "Concert on friday 8pm 🎸\npost thu 10am",
            "Concert on friday 8pm 🎸",
            "2027-04-15 10:00",
            True,
        ),
        ("What a view! 😍 sat 10:15", "What a view! 😍", "2027-04-17 10:15", False),
        ("Loving this light ✨ tomorrow 7pm", "Loving this light ✨", "2027-04-14 19:00", False),
        ("New drop #sneakers tonight 9pm", "New drop #sneakers", "2027-04-13 21:00", False),
        ("New drop. tonight 9pm", "New drop.", "2027-04-13 21:00", False),
        ("New drop – tonight 9pm", "New drop", "2027-04-13 21:00", False),
        ("New drop - tonight 9pm", "New drop", "2027-04-13 21:00", False),
        ("New drop (tonight 9pm)", "New drop", "2027-04-13 21:00", False),
        ("New drop | tonight 9pm", "New drop", "2027-04-13 21:00", True),
        ("New drop || tonight 9pm", "New drop", "2027-04-13 21:00", True),
        ("New drop [tonight 9pm]", "New drop", "2027-04-13 21:00", True),
        ("New drop when: tonight 9pm", "New drop", "2027-04-13 21:00", True),
        ("New drop\npost at: tonight 9pm", "New drop", "2027-04-13 21:00", True),
        ("New drop\nschedule: tonight 9pm", "New drop", "2027-04-13 21:00", True),
        ("when: tonight 9pm\nNew drop", "New drop", "2027-04-13 21:00", True),
        ("New drop ⏰ tonight 9pm", "New drop", "2027-04-13 21:00", True),
        ("New drop\n⏰ tonight 9pm", "New drop", "2027-04-13 21:00", True),
        ("/schedule tonight 9pm\nNew drop", "New drop", "2027-04-13 21:00", True),
        ("/schedule tonight 9pm | New drop", "New drop", "2027-04-13 21:00", True),
        (
            "/schedule@postcuebot tonight 9pm\nNew drop\n\n#new",
            "New drop\n\n#new",
            "2027-04-13 21:00",
            True,
        ),
        ('/schedule tonight 9pm "New drop"', "New drop", "2027-04-13 21:00", True),
        (
            "New drop\n\n#shop #new\n\nin 2 hours",
            "New drop\n\n#shop #new",
            "2027-04-13 16:20",
            True,
        ),
        (
            "New drop\nevery monday 9am",
            "New drop",
            "FREQ=WEEKLY;BYDAY=MO;BYHOUR=9;BYMINUTE=0",
            True,
        ),
        ("New drop @anna.k fri 18:30", "New drop @anna.k", "2027-04-16 18:30", False),
        (
            "New drop https://shop.example/a?b=1 fri 18:30",
            "New drop https://shop.example/a?b=1",
            "2027-04-16 18:30",
            False,
        ),
        ("tomorrow 9am", "", "2027-04-14 09:00", True),
        ("Please post this tomorrow at 9am", "", "2027-04-14 09:00", True),
        ("New drop\nPlease post this tomorrow at 9am 🙏", "New drop", "2027-04-14 09:00", True),
        ("New drop\ncan you schedule it for fri 18:30?", "New drop", "2027-04-16 18:30", True),
        ("New drop\nwed at 8", "New drop", "2027-04-14 08:00", True),
        (
            "Tickets 15€, doors 19:30\n\nfri 10:00",
            "Tickets 15€, doors 19:30",
            "2027-04-16 10:00",
            True,
        ),
        ("Score 3:2 ⚽ fri 10:00", "Score 3:2 ⚽", "2027-04-16 10:00", False),
        ("Line 1\nLine 2\nLine 3\nfri 10:00", "Line 1\nLine 2\nLine 3", "2027-04-16 10:00", True),
        ("Line 1\r\nLine 2\r\nfri 10:00", "Line 1\r\nLine 2", "2027-04-16 10:00", True),
        (
            "Bread day! 🥖 every saturday 8am",
            "Bread day! 🥖",
            "FREQ=WEEKLY;BYDAY=SA;BYHOUR=8;BYMINUTE=0",
            False,
        ),
    ],
    ("2027-04-13T14:20", "de"): [
        ("Neuer Kuchen 🍰\nmorgen 9 uhr", "Neuer Kuchen 🍰", "2027-04-14 09:00", True),
        ("Neuer Kuchen\nwann: fr 18:30", "Neuer Kuchen", "2027-04-16 18:30", True),
    ],
    ("2027-04-13T14:20", "fr"): [
        ("Nouveau gâteau 🍰\ndemain 9h", "Nouveau gâteau 🍰", "2027-04-14 09:00", True),
    ],
    ("2027-04-13T14:20", "es"): [
        ("Nueva tarta 🍰\nmañana a las 9:30", "Nueva tarta 🍰", "2027-04-14 09:30", True),
    ],
    ("2027-04-13T14:20", "ru"): [
        ("Новый торт 🍰\nзавтра в 9:30", "Новый торт 🍰", "2027-04-14 09:30", True),
        ("Торт готов! завтра в 9:30", "Торт готов!", "2027-04-14 09:30", False),
    ],
    ("2027-04-13T14:20", "tr"): [
        ("Yeni pasta 🍰\nyarın 9:30", "Yeni pasta 🍰", "2027-04-14 09:30", True),
    ],
    ("2027-09-08T10:40", "en"): [
        (
            "Pumpkin season is here 🎃\nthu 6pm",
            "Pumpkin season is here 🎃",
            "2027-09-09 18:00",
            True,
        ),
        (
            "Pumpkin season\n\n2nd line, 3.50 € each\n\ntmw 7.15am pls",
            "Pumpkin season\n\n2nd line, 3.50 € each",
            "2027-09-09 07:15",
            True,
        ),
        ("sat half 9 am\nPumpkin season", "Pumpkin season", "2027-09-11 09:30", True),
        ("tomorrow 18:00: \nPumpkin season", "Pumpkin season", "2027-09-09 18:00", True),
        (
            "Gig on sat 8pm at Whelan's 🎸\nfri noon",
            "Gig on sat 8pm at Whelan's 🎸",
            "2027-09-10 12:00",
            True,
        ),
        (
            "Open mon-fri 9-17, sat 10-14\n\nsun 20:15",
            "Open mon-fri 9-17, sat 10-14",
            "2027-09-12 20:15",
            True,
        ),
        (
            "Call 01 555 1234 or 087-555-0199\nsun 20:15",
            "Call 01 555 1234 or 087-555-0199",
            "2027-09-12 20:15",
            True,
        ),
        (
            "v2.4.1 released (12 fixes)\nsun 20:15 thanks!",
            "v2.4.1 released (12 fixes)",
            "2027-09-12 20:15",
            True,
        ),
        ("Bohs 2-1 Rovers\nsun 20:15", "Bohs 2-1 Rovers", "2027-09-12 20:15", True),
        (
            "12 Grafton St, Dublin 2\nsun 20:15",
            "12 Grafton St, Dublin 2",
            "2027-09-12 20:15",
            True,
        ),
        (
            "#pumpkin #autumn\n\nevery fri 5pm",
            "#pumpkin #autumn",
            "FREQ=WEEKLY;BYDAY=FR;BYHOUR=17;BYMINUTE=0",
            True,
        ),
        ("New menu | sat 9:40", "New menu", "2027-09-11 09:40", True),
        ("New menu || sat 9:40", "New menu", "2027-09-11 09:40", True),
        ("New menu [sat 9:40]", "New menu", "2027-09-11 09:40", True),
        ("New menu [autumn] [sat 9:40]", "New menu [autumn]", "2027-09-11 09:40", True),
        ("New menu\n\nwhen: sat 9:40", "New menu", "2027-09-11 09:40", True),
        ("When: sat 9:40\nNew menu", "New menu", "2027-09-11 09:40", True),
        ("New menu\nPost at: sat 9:40", "New menu", "2027-09-11 09:40", True),
        ("New menu\npublish: sat 9:40", "New menu", "2027-09-11 09:40", True),
        ("New menu schedule: sat 9:40", "New menu", "2027-09-11 09:40", True),
        ("New menu\n⏰ in 3 hours", "New menu", "2027-09-08 13:40", True),
        (
            "/schedule sat 9:40\nNew menu\nsecond line",
            "New menu\nsecond line",
            "2027-09-11 09:40",
            True,
        ),
        ("/schedule sat 9:40 | New menu", "New menu", "2027-09-11 09:40", True),
        (
            '/schedule "New menu, 5 dishes" sat 9:40',
            "New menu, 5 dishes",
            "2027-09-11 09:40",
            True,
        ),
        ("/schedule@cuebot in 2h\nNew menu", "New menu", "2027-09-08 12:40", True),
        ("sat 9:40", "", "2027-09-11 09:40", True),
        ("pls post it sat 9:40 🙏", "", "2027-09-11 09:40", True),
        ("New menu\npls post it sat 9:40 🙏🙏", "New menu", "2027-09-11 09:40", True),
        ("New menu\nlet's post this tomorrow evening", "New menu", "2027-09-09 19:00", True),
        ("New menu\nin an hour", "New menu", "2027-09-08 11:40", True),
        ("New menu\n20/9 18:00", "New menu", "2027-09-20 18:00", True),
        ("New menu\n2027-09-20 18:00", "New menu", "2027-09-20 18:00", True),
        ("New menu\nmon 9am ET", "New menu", "2027-09-13 14:00", True),
        ("Line A\n\n\nLine B\n\n\nsat 9:40", "Line A\n\n\nLine B", "2027-09-11 09:40", True),
        ("🎃🎃🎃\nsat 9:40", "🎃🎃🎃", "2027-09-11 09:40", True),
        ("So cosy! 🕯️ sat 9:40", "So cosy! 🕯️", "2027-09-11 09:40", False),
        ("So cosy!! sat 9:40", "So cosy!!", "2027-09-11 09:40", False),
        ("So cosy… sat 9:40", "So cosy…", "2027-09-11 09:40", False),
        ("So cosy? tonight 9pm", "So cosy?", "2027-09-08 21:00", False),
        (
            "So cosy #hygge #autumn tonight 9pm",
            "So cosy #hygge #autumn",
            "2027-09-08 21:00",
            False,
        ),
        ("So cosy, with @mia_k tonight 9pm", "So cosy, with @mia_k", "2027-09-08 21:00", False),
        ("So cosy — tonight 9pm", "So cosy", "2027-09-08 21:00", False),
        ("So cosy (tonight 9pm)", "So cosy", "2027-09-08 21:00", False),
        ("So cosy 🕯️ in 2 hours", "So cosy 🕯️", "2027-09-08 12:40", False),
        (
            "So cosy. every friday 5pm",
            "So cosy.",
            "FREQ=WEEKLY;BYDAY=FR;BYHOUR=17;BYMINUTE=0",
            False,
        ),
        ("So cosy 🕯️ tomorrow 9am 🙏", "So cosy 🕯️", "2027-09-09 09:00", False),
        (
            "See https://cosy.example/p?x=2 sat 9:40",
            "See https://cosy.example/p?x=2",
            "2027-09-11 09:40",
            False,
        ),
    ],
    ("2027-09-08T10:40", "de"): [
        ("Kürbis 🎃\nsa 11 uhr", "Kürbis 🎃", "2027-09-11 11:00", True),
        ("Kürbis ist da! morgen 18 uhr", "Kürbis ist da!", "2027-09-09 18:00", False),
    ],
    ("2027-09-08T10:40", "es"): [
        ("Calabaza 🎃\nmañana a las 18:15", "Calabaza 🎃", "2027-09-09 18:15", True),
    ],
    ("2027-09-08T10:40", "fr"): [
        ("Citrouille 🎃\nsamedi 11h", "Citrouille 🎃", "2027-09-11 11:00", True),
    ],
    ("2027-09-08T10:40", "pt"): [
        ("Abóbora 🎃\namanhã às 9h", "Abóbora 🎃", "2027-09-09 09:00", True),
    ],
    ("2027-09-08T10:40", "it"): [
        ("Zucca 🎃\ndomani alle 18:15", "Zucca 🎃", "2027-09-09 18:15", True),
    ],
    ("2027-09-08T10:40", "ru"): [
        ("Тыква 🎃\nв субботу в 11:00", "Тыква 🎃", "2027-09-11 11:00", True),
    ],
    ("2027-09-08T10:40", "uk"): [
        ("Гарбуз 🎃\nу суботу об 11:00", "Гарбуз 🎃", "2027-09-11 11:00", True),
    ],
    ("2027-09-08T10:40", "tr"): [
        ("Balkabağı 🎃\ncumartesi 11:00", "Balkabağı 🎃", "2027-09-11 11:00", True),
    ],
    ("2027-11-25T09:05", "en"): [
        (
            "Game 1: 20-25\nGame 2: 25-20\nsat 9:40",
            "Game 1: 20-25\nGame 2: 25-20",
            "2027-11-27 09:40",
            True,
        ),
        ("Price 12.30\nsat 9:40", "Price 12.30", "2027-11-27 09:40", True),
        ("8:00 bread\n9:00 rolls\nsat 9:40", "8:00 bread\n9:00 rolls", "2027-11-27 09:40", True),
        ("Call 212-555-0100\ntmrw 8a", "Call 212-555-0100", "2027-11-26 08:00", True),
        ("See you!\n— the team\n\ntmrw 8am", "See you!\n— the team", "2027-11-26 08:00", True),
        ('Quote: "now or never"\ntmrw 8am', 'Quote: "now or never"', "2027-11-26 08:00", True),
        ("a | b | c\ntmrw 8am", "a | b | c", "2027-11-26 08:00", True),
        ("[1] first [2] second\ntmrw 8am", "[1] first [2] second", "2027-11-26 08:00", True),
        ("Mix 1:1 water | tmrw 8am", "Mix 1:1 water", "2027-11-26 08:00", True),
        ("New! (limited) (tmrw 8am)", "New! (limited)", "2027-11-26 08:00", False),
        ("New!!! 😍😍 tmrw 8am", "New!!! 😍😍", "2027-11-26 08:00", False),
        ("New 😍 tmrw 8am thanks", "New 😍", "2027-11-26 08:00", False),
        ("New 😍 post it tmrw 8am", "New 😍", "2027-11-26 08:00", False),
        ("New 😍 | post tmrw 8am", "New 😍", "2027-11-26 08:00", True),
        ("New 😍 [post tmrw 8am pls]", "New 😍", "2027-11-26 08:00", True),
        ("New 😍\n\npost: tmrw 8am", "New 😍", "2027-11-26 08:00", True),
        ("New 😍\nWHEN: TMRW 8AM", "New 😍", "2027-11-26 08:00", True),
        ("New 😍\nwhen : tmrw 8am", "New 😍", "2027-11-26 08:00", True),
        ("/schedule tmrw 8am", "", "2027-11-26 08:00", True),
        (
            "/schedule every monday 9am\nMonday mood",
            "Monday mood",
            "FREQ=WEEKLY;BYDAY=MO;BYHOUR=9;BYMINUTE=0",
            True,
        ),
        ("tmrw 8am", "", "2027-11-26 08:00", True),
        ("in 45 min", "", "2027-11-25 09:50", True),
    ],
}

"""Now and language → (message, caption, what is read, whether the place is certain)."""

WITHOUT_A_TIME = {
    ("2027-04-13T14:20", "en"): [
        "Concert on friday 8pm",
        "Doors open friday 8pm",
        "Open 9-5 mon to fri",
        "Call us: +43 660 123 4567",
        "Version 2.10 is out, 30% faster",
        "We won 3:2!",
        "What a game! 3:2",
        "Only 12.90 this week",
        "Find us at Hauptstr. 12",
        "Half price until sunday 6pm",
        "Happy monday everyone ☕",
        "See you saturday at 10!",
        "Mon–Fri 8:00–18:00\nSat 9:00–13:00",
        "Opening hours:\nmon to fri 9-17",
        "Last chance 🔥 ends friday 18:00",
        "Live tonight 8pm",
        "2027",
        "New in: size 38-42, 49.90 EUR",
        "1 + 1 free today",
        "Recipe: bake 45 min at 180°",
        "Back in 5 min",
        "Sale starts tomorrow 9am",
        "Join us every thursday 7pm",
        "Yoga every thursday 7pm. Bring a mat.",
        "New drop\ntomorrow",
        "New drop\nfriday",
        "New drop\nwhen: tomorrow",
        "New drop\nwhen: blursday 9",
        "sat 9:00\nNew drop\nsun 9:00",
        "New hours from monday: 8:00-16:00",
        "Sunday brunch is back",
        "May your day be bright",
        "Our 24/7 support",
        "24/7",
        "#monday #9am",
        "Just 2 weeks to go!",
        "Top 10 looks for 2027 ✨",
        "Reserve at 01 234 56 78",
        "Now hiring",
        "The wait is over. Tomorrow.",
        "Tomorrow at 9am we open our doors",
        "We are open tomorrow 9am",
        "New drop, fri 18:30",
        "New drop fri 18:30",
        "Happy hour 5pm-7pm",
        "Happy hour!\n5pm-7pm",
    ],
    ("2027-04-13T14:20", "de"): [
        "Neuer Kuchen, ab 9 Uhr geöffnet",
    ],
    ("2027-04-13T14:20", "fr"): [
        "Ouvert jusqu'à samedi 20h",
    ],
    ("2027-09-08T10:40", "en"): [
        "/schedule New menu",
        "Doors 7pm, show 8pm",
        "Doors 7pm, show 8pm!",
        "Open daily 9am to 6pm",
        "We're open 8-8 every day",
        "Closed on sunday 12 sept",
        "Starts friday 6pm",
        "From 9am to 5pm this saturday",
        "Live on stage, saturday 20:00",
        "Market day: saturday 9-13",
        "Win 2 tickets by friday noon",
        "Only until sunday 18:00!",
        "Score: 2:1",
        "Size 10-12 now 9.90",
        "It took 3 hours",
        "45 min of joy",
        "10 years today",
        "One more time",
        "Sunday mood",
        "Monday, 9am. Coffee first.",
        "Tomorrow never comes",
        "Since 1998",
        "2 + 2 = 4",
        "50/50",
        "9/10 would eat again",
        "Breakfast at 8, lunch at 12, dinner at 7",
        "Table for 2 at 8?",
        "Ready in 5",
        "Bake 20 min. Rest 1 hour.",
        "Last orders 21:30",
        "We open again monday 8am",
        "Yoga with Ana every tuesday 7pm",
        "May 5, 2027",
        "March on!",
        "Sat in the sun",
        "wed 10:00\nthu 11:00",
    ],
    ("2027-09-08T10:40", "de"): [
        "Kürbisfest von 10 bis 18 uhr",
    ],
    ("2027-09-08T10:40", "es"): [
        "Abierto hasta el sábado a las 20:00",
    ],
    ("2027-11-25T09:05", "en"): [
        "Sat & Sun from 10am",
        "Brunch\nSat & Sun from 10am",
        "Daily from 9am",
        "Happy hour\ndaily 5-7pm",
        "Weekdays 9-5",
        "Release friday 6pm",
        "Drop friday 6pm",
        "By friday noon",
        "Before friday noon",
        "Ends friday 6pm",
        "Until friday 6pm",
        "Tonight only",
        "Tonight: live music 8pm",
        "New podcast: 45 min",
        "New podcast.\n45 min",
        "Back at 5",
        "Party! 9pm till late",
        "Party! From 9pm",
        "Party! starts 9pm",
        "Party! Doors: 9pm",
        "Party! Fri 9pm, Main St 5",
        "Party! Fri-Sun",
        "Sold out in 2 hours",
        "Thank you for 10 years! 🎉",
        "Price drop! 9.99",
        "Price drop! 9.30",
        "Now 12.30 instead of 15.50",
        "Chapter 3: 10:15",
        "John 3:16",
        "4/5 stars",
        "Rated 4.5",
        "Route 66. Exit 12",
        "iPhone 12 vs 13",
        "We ship in 2-3 days",
        "Ships in 2 days.",
        "Flat 20% off! today only",
        "Call now! 212 555 0100",
        "Call now! 555-0100",
        "Good morning! ☀️",
        "Good night 🌙",
        "Good morning",
        "Friday",
        "Friday night lights",
        "Every day",
        "One day",
        "Once a year",
        "Forever and always, since day 1",
        "First monday of the year",
        "Half past summer",
        "Golden hour",
        "Golden hour 🌅 evening",
        "1 2 3",
        "10, 9, 8, 7",
        "3 2 1 go",
        "9 to 5",
        "Nine to five",
        "Twenty one",
        "100 days to go",
        "In a week: the big reveal",
        "The big reveal, in a week",
        "/schedule tmrw blah\nNew",
    ],
}

"""Now and language → messages that must not be booked."""


def home_of(now: str) -> str:
    return {"04": "Europe/Vienna", "09": "Europe/Dublin", "11": "America/New_York"}[now[5:7]]


def part(text: str, now: str, language: str) -> Split:
    zone = home_of(now)
    at = datetime.fromisoformat(now).replace(tzinfo=ZoneInfo(zone))
    return split(
        text,
        now=at,
        profile=Profile(zone, language, "MDY" if zone.startswith("America") else "DMY"),
    )


def told(found: Split, zone: str) -> tuple[str, str | None, bool]:
    """Caption, local time or rule, and whether the place is certain."""
    reading = found.reading
    if reading.at_utc is not None:
        return (
            found.caption,
            f"{reading.at_utc.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}",
            found.certain,
        )
    return found.caption, reading.rrule or reading.why, found.certain


def test_the_phrase_leaves_the_message_and_the_caption_stays_whole():
    wrong = {}
    for (now, language), rows in WITH_A_TIME.items():
        for text, *expected in rows:
            found = told(part(text, now, language), home_of(now))
            if found != tuple(expected):
                wrong[text] = found

    assert wrong == {}


def test_what_belongs_to_the_caption_is_never_booked():
    booked = {}
    for (now, language), texts in WITHOUT_A_TIME.items():
        for text in texts:
            found = part(text, now, language)
            is_asked = all(each.status != "ok" for each in found.readings)
            is_asked |= found.place == "two_places"
            if found.caption != text or found.removed or not is_asked:
                booked[text] = (found.caption, found.when)

    assert booked == {}
