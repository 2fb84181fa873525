"""The beginning of a caption in a row of a list: one line, whole words, nothing obeyed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards.captions import PIECE_CHARS, fitting, piece_of, with_piece
from integrations.chat.outgoing import Card, Text
from integrations.slack import outbound as slack
from integrations.telegram import outbound as telegram

WOMAN_AT_WORK = "\U0001f469\u200d\U0001f4bb"
GERMANY = "\U0001f1e9\U0001f1ea"


@pytest.mark.parametrize(
    ("caption", "piece"),
    [
        ("New mugs!", "New mugs!"),
        ("Autumn menu is here 🍂\n\n#cafe", "Autumn menu is here 🍂 #cafe"),
        ("November at the Lindenhof, in four pictures", "November at the Lindenhof, in…"),
        ("A day in November, Lindenhof, in four pictures", "A day in November, Lindenhof…"),
        ("x" * 40, "x" * 29 + "…"),
        ("", ""),
        (" \n\t ", ""),
        ("\u202eturned\u2066 round", "turned round"),
        ("e\u0301" * 20, "e\u0301" * 14 + "…"),
        (WOMAN_AT_WORK * 12, WOMAN_AT_WORK * 9 + "…"),
        ("x" + GERMANY * 16, "x" + GERMANY * 14 + "…"),
        ("xy" + GERMANY * 16, "xy" + GERMANY * 13 + "…"),
    ],
)
def test_a_caption_is_shown_in_one_line_cut_at_a_word(caption: str, piece: str) -> None:
    assert piece_of(caption) == piece


@given(st.text(max_size=80), st.integers(0, 40))
def test_a_piece_is_one_line_and_never_longer_than_its_room(caption: str, chars: int) -> None:
    piece = piece_of(caption, chars)

    assert len(piece.replace("\u2060", "")) <= chars
    assert piece.splitlines() in ([], [piece])
    assert piece == piece.strip()


def test_what_a_caption_says_is_shown_in_both_chats_and_obeyed_in_none() -> None:
    row = with_piece("09:00 #142", "<b>/queue</b> @dana &amp; <!channel>")
    card = Card(lines=((Text(row),),), fallback_text=row)

    html = telegram.draw(card).html
    said = slack.draw(card)

    assert "&lt;b&gt;/\u2060queue&lt;/b&gt; @\u2060dana &amp;amp…" in html
    assert "<!" not in said.text
    assert said.blocks[0]["elements"][0]["elements"][0] == {"type": "text", "text": row}


def test_a_long_list_shows_less_of_each_caption_before_it_is_cut() -> None:
    def rows(count: int) -> list[str]:
        caption = "November at the Lindenhof, in four pictures"
        return fitting(lambda chars: [with_piece("x" * 40, caption, chars)] * count)

    few, many, most = rows(10), rows(45), rows(66)

    assert few[0].endswith(" · November at the Lindenhof, in…")
    assert many[0].endswith(" · November at the…")
    assert most[0] == "x" * 40
    assert all(len("\n".join(one)) <= 2_800 for one in (few, many, most))


def test_a_row_without_a_caption_stays_as_it_is() -> None:
    assert with_piece("09:00 #142", "") == "09:00 #142"
    assert PIECE_CHARS == 30
