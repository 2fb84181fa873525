"""What an object is served as."""

import pytest

from integrations.storage.kinds import mime_of, suffix_of


@pytest.mark.parametrize("mime", ["image/jpeg", "image/png", "video/mp4", "video/quicktime"])
def test_a_suffix_leads_back_to_its_type(mime: str) -> None:
    assert mime_of(f"abc{suffix_of(mime)}") == mime


@pytest.mark.parametrize("key", ["a.html", "a.svg", "a.bin", "a", "", "a.jpg.html"])
def test_anything_else_is_served_as_bytes(key: str) -> None:
    assert mime_of(key) == "application/octet-stream"


def test_an_unknown_type_has_a_suffix_that_says_nothing() -> None:
    assert suffix_of("text/html") == ".bin"
