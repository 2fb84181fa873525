"""Where a when-phrase may stand in a message, and what stays in the caption."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.when import Profile, Split, split

LISBON = Profile("Europe/Lisbon", date_order="DMY")
NOW = datetime(2027, 2, 3, 11, 5, tzinfo=ZoneInfo("Europe/Lisbon"))  # a Wednesday


def part(text: str, **options) -> Split:
    return split(text, now=NOW, profile=LISBON, **options)


def local(found: Split) -> str:
    return f"{found.reading.local:%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("text", "caption", "when", "at"),
    [
        ("New glaze tests 🏺\nfri 17:25", "New glaze tests 🏺", "fri 17:25", "2027-02-05 17:25"),
        ("sat 7:50\nBread day", "Bread day", "sat 7:50", "2027-02-06 07:50"),
        ("sat 7:50:\n\nBread day", "Bread day", "sat 7:50", "2027-02-06 07:50"),
        (
            "Line one\n\nLine two\n\n  tomorrow 6pm  ",
            "Line one\n\nLine two",
            "tomorrow 6pm",
            "2027-02-04 18:00",
        ),
        ("tomorrow 6pm", "", "tomorrow 6pm", "2027-02-04 18:00"),
    ],
)
def test_a_phrase_on_its_own_line_is_certain(text, caption, when, at):
    found = part(text)

    assert (found.caption, found.when, local(found)) == (caption, when, at)
    assert found.certain
    assert found.place == "own_line"


@pytest.mark.parametrize(
    "text",
    [
        "The kiln is warm\nwhen: thu 8:40",
        "when: thu 8:40\nThe kiln is warm",
        "The kiln is warm when: thu 8:40",
        "The kiln is warm\n⏰ thu 8:40",
        "The kiln is warm | thu 8:40",
        "The kiln is warm || thu 8:40",
        "The kiln is warm [thu 8:40]",
    ],
)
def test_labels_and_closing_separators_are_certain(text):
    found = part(text)

    assert (found.caption, found.when) == ("The kiln is warm", "thu 8:40")
    assert found.certain
    assert local(found) == "2027-02-04 08:40"


def test_a_label_whose_value_is_not_understood_points_at_it():
    found = part("The kiln is warm\nwhen: blursday")

    assert found.reading.why == "unread"
    assert found.caption == found.text
    start, end = found.reading.unread
    assert found.text[start:end] == "blursday"


@pytest.mark.parametrize(
    ("text", "caption"),
    [
        ("What a queue! 🥐 sun 9:10", "What a queue! 🥐"),
        ("Fresh from the oven #bread sun 9:10", "Fresh from the oven #bread"),
        ("Ask @marta.p sun 9:10", "Ask @marta.p"),
        ("More at https://bread.example/x?at=9 sun 9:10", "More at https://bread.example/x?at=9"),
        ("Fresh bread - sun 9:10", "Fresh bread"),
        ("Fresh bread (sun 9:10)", "Fresh bread"),
        ("Is it bread? sun 9:10", "Is it bread?"),
    ],
)
def test_an_inline_tail_is_only_suggested(text, caption):
    found = part(text)

    assert (found.caption, found.when, found.certain) == (caption, "sun 9:10", False)
    assert found.is_suggested
    assert not found.may_book


@pytest.mark.parametrize(
    "text",
    [
        "Tickets are on sale until sunday 9pm",
        "Doors – sunday 9pm",
        "We bake at 9:10 on sundays only",
        "see you tomorrow 9am",
        "Top 5 loaves of 2027",
        "Open 24/7",
        "Sunday is for resting",
        "Thank you all 😊",
        "",
        "   ",
    ],
)
def test_bad_040_a_time_that_belongs_to_the_caption_stays_in_it(text):
    found = part(text)

    assert found.caption == text
    assert found.reading.status != "ok"
    assert found.removed == ()


@pytest.mark.parametrize(
    ("text", "caption"),
    [
        ("The bakery in Rua Nova\nMon to Sat, 7:30", "The bakery in Rua Nova"),
        ("The bakery in Rua Nova\nmon-sat 7:30", "The bakery in Rua Nova"),
        ("Weekdays 7:30\nThe bakery in Rua Nova", "The bakery in Rua Nova"),
        ("Sourdough course\nThursdays 18:15", "Sourdough course"),
        ("Unsere Backstube\nMontag bis Samstag 7:30", "Unsere Backstube"),
    ],
)
def test_days_that_may_be_opening_hours_are_only_suggested(text, caption):
    found = part(text)

    assert found.is_suggested
    assert not found.may_book
    assert found.caption == caption


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("es", "24 horas\nen Oporto"),
        ("es", "12 horas\nde pan"),
        ("fr", "5 heures\nde route"),
        ("pt", "3 horas\ne está pronto"),
        ("it", "2 ore\ndi lievitazione"),
        ("ru", "3 часа\nи готово"),
        ("uk", "3 години\nі готово"),
        ("en", "24h\nin Porto"),
        ("en", "10 hours later\nwe had bread"),
        ("fr", "2 heures plus tard\nenfin du pain"),
        ("ru", "2 часа спустя\nхлеб готов"),
        ("it", "Dal 1921"),
        ("it", "Dal 1921\nfacciamo il pane"),
    ],
)
def test_stretches_of_time_in_a_caption_are_no_time_of_day(language, text):
    found = split(text, now=NOW, profile=Profile("Europe/Lisbon", language, "DMY"))

    assert found.caption == text
    assert found.reading.status != "ok"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "Du pain\n18h"),
        ("fr", "Du pain\nà 18 heures"),
        ("pt", "Pão\nàs 18 horas"),
        ("ru", "Хлеб\nв 18 часов"),
        ("de", "Brot\n18 Uhr"),
        ("tr", "Ekmek\n2 saat sonra"),
        ("ru", "Хлеб\nчерез 2 часа"),
    ],
)
def test_hours_that_are_said_as_a_time_stay_certain(language, text):
    assert split(text, now=NOW, profile=Profile("Europe/Lisbon", language, "DMY")).certain


def test_a_headline_that_is_one_word_about_time_is_only_suggested():
    found = part("Noon\nat the bakery")

    assert found.is_suggested
    assert not found.may_book


@pytest.mark.parametrize("text", ["Five miles before breakfast\n3:58", "4:05\nFive miles"])
def test_a_short_clock_that_may_be_a_result_is_only_suggested(text):
    found = part(text)

    assert found.is_suggested
    assert not found.may_book


@pytest.mark.parametrize("clock", ["13:58", "03:58", "3:58pm", "fri 3:58", "7:58"])
def test_a_clock_on_a_line_of_its_own_is_certain(clock):
    assert part(f"Five miles before breakfast\n{clock}").may_book


@pytest.mark.parametrize(
    ("language", "text", "caption"),
    [
        ("en", "Doors\n7pm", "Doors"),
        ("en", "Pottery class 🏺\nat 18:15", "Pottery class 🏺"),
        ("en", "The kiln opens\n9:30", "The kiln opens"),
        ("en", "Start:\n19:30", "Start:"),
        ("en", "7pm sharp\nDoors", "Doors"),
        ("de", "Einlass\n19 Uhr", "Einlass"),
        ("es", "Apertura de puertas\n19h", "Apertura de puertas"),
        ("fr", "Ouverture des portes\n19h", "Ouverture des portes"),
        ("pt", "Abertura\n19h", "Abertura"),
        ("it", "Inizio concerto\nore 19", "Inizio concerto"),
        ("ru", "Начало\n19:00", "Начало"),
        ("uk", "Вхід\n19:00", "Вхід"),
        ("tr", "Kapı açılış\n19:00", "Kapı açılış"),
    ],
)
def test_a_clock_alone_beside_a_headline_that_waits_for_one_is_only_suggested(
    language, text, caption
):
    found = split(text, now=NOW, profile=Profile("Europe/Lisbon", language, "DMY"))

    assert (found.place, found.is_suggested, found.caption) == ("own_line", True, caption)
    assert not found.may_book


@pytest.mark.parametrize(
    "text",
    [
        "Doors\nfri 7pm",
        "Doors\n7pm please",
        "Doors\n\n7pm",
        "The doors are open!\n19:00",
        "Fresh glaze, still warm\n19:00",
        "#opening\n19:00",
        "7pm\nFresh glaze, still warm",
        "Doors\nin 20 minutes",
    ],
)
def test_a_time_that_says_more_than_a_clock_or_stands_apart_is_certain(text):
    assert part(text).may_book


@pytest.mark.parametrize(
    ("text", "caption", "when", "at"),
    [
        ("See the kiln\n6 march\n19:00", "See the kiln", "6 march\n19:00", "2027-03-06 19:00"),
        ("19:00\nfriday\nSee the kiln", "See the kiln", "19:00\nfriday", "2027-02-05 19:00"),
    ],
)
def test_a_clock_beside_a_day_is_offered_with_that_day(text, caption, when, at):
    found = part(text)

    assert (found.caption, found.when, local(found)) == (caption, when, at)
    assert not found.certain


@pytest.mark.parametrize("text", ["Slice of cake | 4.50", "Espresso [2.20]", "House red | 1987"])
def test_a_price_or_a_year_behind_a_separator_is_never_booked(text):
    assert not part(text).may_book


def test_words_of_asking_before_a_time_are_no_part_of_it():
    profile = Profile("Europe/Lisbon", "fr", "DMY")

    found = split("Nos bols\nà publier demain à 10h stp", now=NOW, profile=profile)

    assert (found.caption, found.when, found.certain) == ("Nos bols", "demain à 10h", True)


@pytest.mark.parametrize(
    "text",
    [
        "The bakery in Rua Nova\nevery weekday 7:30",
        "The bakery in Rua Nova\nwhen: mon-sat 7:30",
        "The bakery in Rua Nova\ntue, thu & sat 7:30",
        "mon-sat 7:30",
    ],
)
def test_days_that_are_meant_as_a_rule_are_certain(text):
    assert part(text).may_book


@pytest.mark.parametrize(
    "text",
    [
        "Post 3\nThe oven is lit\nsat 7:50",
        "Publish 12\nThe oven is lit\nsat 7:50",
        "The oven is lit\nNow also on sundays\nsat 7:50",
    ],
)
def test_a_numbered_headline_beside_a_time_is_caption(text):
    found = part(text)

    assert found.may_book
    assert found.caption == text.removesuffix("\nsat 7:50")


@pytest.mark.parametrize(
    "text",
    [
        "1:38:20\nHalf marathon in the rain",
        "Half marathon in the rain\n1:38:20",
        "Post 3\nThe oven is lit",
        "On this day 8 may 1945",
        "Our guest house\n3 nights",
        "Open daily 7:30 - 19:00",
        "Open daily 9am – 6pm",
    ],
)
def test_results_numbers_and_stretches_of_time_stay_in_the_caption(text):
    found = part(text)

    assert found.caption == text
    assert all(reading.status != "ok" for reading in found.readings)


@pytest.mark.parametrize(
    ("text", "caption", "when"),
    [
        ("Soup of the day tomorrow at 11:30am", "Soup of the day", "tomorrow at 11:30am"),
        ("Cake of the day friday 12:30", "Cake of the day", "friday 12:30"),
        ("Come by on the 5th at 10am", "Come by", "on the 5th at 10am"),
        ("Come by on friday 7pm", "Come by", "on friday 7pm"),
    ],
)
def test_what_the_words_before_it_are_called_stays_with_them(text, caption, when):
    found = part(text)

    assert found.offered is not None
    assert (found.offered.caption, found.offered.when) == (caption, when)


def test_a_day_behind_all_day_is_offered_as_that_day():
    found = part("The kiln is open all day friday 12:30")

    assert found.reading.status == "none"
    assert found.offered is not None
    assert (found.offered.when, local(found.offered)) == ("friday 12:30", "2027-02-05 12:30")


def test_a_tail_without_a_boundary_is_offered_as_a_second_button():
    found = part("Tickets are on sale until sunday 9pm")

    assert found.offered is not None
    assert found.offered.when == "sunday 9pm"
    assert found.offered.caption == "Tickets are on sale until"


def test_two_places_with_a_phrase_are_asked():
    found = part("sat 7:50\nBread day\nsun 9:10")

    assert found.place == "two_places"
    assert [f"{each.local:%a %H:%M}" for each in found.readings] == ["Sat 07:50", "Sun 09:10"]
    assert found.caption == found.text


@pytest.mark.parametrize(
    ("text", "caption"),
    [
        ("/schedule sun 10:40\nBrunch is on", "Brunch is on"),
        ("/schedule@OurBot sun 10:40 | Brunch is on", "Brunch is on"),
        ('/schedule "Brunch is on" sun 10:40', "Brunch is on"),
        ('/schedule sun 10:40 "Brunch is on"', "Brunch is on"),
        ("/schedule sun 10:40", ""),
        ("/schedule Brunch is on\nsun 10:40", "Brunch is on"),
    ],
)
def test_a_command_takes_its_first_line_as_the_phrase(text, caption):
    found = part(text)

    assert (found.place, found.caption, found.when) == ("command", caption, "sun 10:40")
    assert found.may_book


def test_a_command_without_a_phrase_is_asked():
    found = part("/schedule Brunch is on")

    assert found.reading.status == "ask"
    assert found.reading.why == "no_when"


def test_a_command_may_come_without_its_word():
    found = part("sun 10:40\nBrunch is on", command=True)

    assert (found.caption, found.place) == ("Brunch is on", "command")


def test_an_entity_given_by_the_chat_is_never_part_of_a_phrase():
    text = "Bread! sun 9:10"

    found = part(text, entities=[(7, 15)])

    assert found.reading.status == "none"


def test_bad_056_ten_thousand_characters_are_left_alone():
    text = "sat 9:10 " * 1200

    found = part(text)

    assert found.caption == text
    assert found.reading.status != "ok"


pieces = st.sampled_from(
    [
        "sun 9:10",
        "tomorrow 9am",
        "when:",
        "\n",
        " ",
        "🔥",
        "#tag",
        "!",
        " | ",
        "[",
        "]",
        "(",
        ")",
        "–",
        "/schedule ",
        '"',
        "https://a.example ",
        "bread",
        "at 9:10",
        "\r\n",
        "\u2028",
        "\ufe0f",
        ".",
    ]
)
messages = st.one_of(st.text(), st.lists(pieces, max_size=9).map("".join))


@given(messages, st.booleans())
def test_caption_and_removed_spans_and_blanks_are_the_message(text, command):
    found = part(text, command=command)

    kept = list(text)
    for start, end in sorted(found.removed, reverse=True):
        del kept[start:end]
    assert "".join("".join(kept).split()) == "".join(found.caption.split())
    assert found.caption in text
    if any(reading.status != "ok" for reading in found.readings):
        assert found.caption == text
        assert found.removed == ()


@given(messages)
def test_a_split_survives_json(text):
    found = part(text)

    assert Split.from_json(found.to_json()) == found
