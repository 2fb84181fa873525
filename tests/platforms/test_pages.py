"""docs/instagram.md and docs/add-a-platform.md say what the code does."""

import re
from pathlib import Path

import pytest

from platforms import contract, errors, http
from platforms.instagram import oauth, rules

ROOT = Path(__file__).parents[2]
INSTAGRAM = (ROOT / "docs" / "instagram.md").read_text(encoding="utf-8")
ADDING = (ROOT / "docs" / "add-a-platform.md").read_text(encoding="utf-8")


def test_the_limits_on_the_page_are_those_of_the_rules() -> None:
    text = f"{rules.MAX_CAPTION_CHARS} characters, {rules.MAX_HASHTAGS} hashtags"
    items = f"{rules.MIN_CAROUSEL_ITEMS}–{rules.MAX_CAROUSEL_ITEMS}, photos"

    assert f"{text}, {rules.MAX_MENTIONS} mentions" in INSTAGRAM
    assert items in INSTAGRAM
    assert f"| {rules.MAX_IMAGE_BYTES // 1_048_576} MB |" in INSTAGRAM
    assert f"| {rules.MAX_REEL_BYTES // 1_000_000} MB |" in INSTAGRAM
    assert f"videos {rules.MAX_SHORT_VIDEO_BYTES // 1_000_000} MB" in INSTAGRAM


def test_the_permissions_on_the_page_are_those_asked_for() -> None:
    assert set(re.findall(r"instagram_business_\w+", INSTAGRAM)) == set(oauth.SCOPES)


@pytest.mark.parametrize("page", [INSTAGRAM, ADDING], ids=["instagram", "add-a-platform"])
def test_every_file_a_page_names_is_there(page: str) -> None:
    named = {
        path
        for path in re.findall(r"`((?:platforms|tests|bot|docs|sandbox)/[\w./-]*)`", page)
        if "NAME" not in path
    }

    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_every_error_and_value_the_page_names_is_there() -> None:
    named = set(re.findall(r"`([A-Z][a-z]+[A-Z]\w+)[`(]", ADDING))
    known = {*vars(contract), *vars(errors), *vars(http)}

    assert named - known == {"PlatformConformance"}


@pytest.mark.parametrize("page", [INSTAGRAM, ADDING], ids=["instagram", "add-a-platform"])
def test_a_page_has_one_sentence_on_a_line(page: str) -> None:
    prose = [line for line in page.splitlines() if not line.startswith(("|", "#", "- ["))]

    assert [line for line in prose if re.search(r"[a-z]{2}[.!?] [A-Z]", line)] == []
