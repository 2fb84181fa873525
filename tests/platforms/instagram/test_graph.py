"""Container parameters, and how Graph's answers read."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platforms.contract import Outgoing, Quota
from platforms.instagram import graph
from tests.platforms.instagram.builders import (
    carousel_post,
    image_post,
    photo,
    reel_post,
    story_post,
    video,
)

SENT_AT = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


def test_addresses_carry_the_version_but_token_calls_do_not() -> None:
    api = graph.Graph("http://127.0.0.1:8081/instagram/graph/", "v25.0")

    assert api.node("1", "media") == "http://127.0.0.1:8081/instagram/graph/v25.0/1/media"
    assert api.unversioned("access_token") == (
        "http://127.0.0.1:8081/instagram/graph/access_token"
    )


def test_an_image_carries_its_caption_and_its_description() -> None:
    assert graph.post_form(image_post("Hi #a", alt_text="A cat")) == {
        "image_url": "https://post.example/m/a.jpg",
        "caption": "Hi #a",
        "alt_text": "A cat",
    }


def test_a_reel_carries_no_description() -> None:
    assert graph.post_form(reel_post("Hi", alt_text="A cat")) == {
        "media_type": "REELS",
        "video_url": "https://post.example/m/a.mp4",
        "caption": "Hi",
    }


def test_a_story_carries_neither() -> None:
    for media, source in ((photo(alt_text="A cat"), "image_url"), (video(), "video_url")):
        outgoing = Outgoing("story", "never shown", (media,))
        assert graph.post_form(outgoing) == {"media_type": "STORIES", source: media.url}


def test_children_and_their_parent() -> None:
    assert graph.item_form(photo(alt_text="A cat")) == {
        "image_url": "https://post.example/m/a.jpg",
        "is_carousel_item": "true",
        "alt_text": "A cat",
    }
    assert graph.item_form(video(alt_text="A cat")) == {
        "media_type": "VIDEO",
        "video_url": "https://post.example/m/a.mp4",
        "is_carousel_item": "true",
    }
    assert graph.carousel_form(["1", "2"], "") == {"media_type": "CAROUSEL", "children": "1,2"}


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"id": "17"}, "17"),
        ({"id": 17}, "17"),
        ({"id": ""}, ""),
        ({"id": None}, ""),
        ({"id": True}, ""),
        ({"id": ["17"]}, ""),
        ({}, ""),
        (None, ""),
    ],
)
def test_an_id_is_read_or_absent(body: dict | None, found: str) -> None:
    assert graph.read_id(body) == found


@pytest.mark.parametrize(
    ("body", "status", "subcode"),
    [
        ({"status_code": "FINISHED", "status": "Finished: ready"}, "FINISHED", None),
        ({"status_code": "ERROR", "status": "Error: code 2207026, no"}, "ERROR", 2207026),
        ({"status_code": "ERROR", "status": "Error: failed 22070261"}, "ERROR", None),
        ({"status_code": "ERROR"}, "ERROR", None),
        ({"status_code": "PONDERING"}, "", None),
        ({"status": 7}, "", None),
        ({}, "", None),
    ],
)
def test_a_container_says_where_it_stands(body: dict, status: str, subcode: int | None) -> None:
    state = graph.read_container(body)

    assert (state.status, state.subcode) == (status, subcode)


# The own list


def entry(
    outgoing_id: str = "1",
    caption: str | None = "Hello",
    after: timedelta = timedelta(seconds=3),
    **more: str,
) -> dict:
    listed = {
        "id": outgoing_id,
        "timestamp": (SENT_AT + after).strftime("%Y-%m-%dT%H:%M:%S+0000"),
        "permalink": f"https://www.instagram.com/p/{outgoing_id}/",
        "media_type": "IMAGE",
        "media_product_type": "FEED",
        **more,
    }
    return listed if caption is None else {**listed, "caption": caption}


def found(outgoing: Outgoing, *entries: object) -> str | None:
    receipt = graph.find_one(graph.read_list({"data": list(entries)}), outgoing, since=SENT_AT)
    return receipt.media_id if receipt else None


def test_the_post_is_found_by_caption_and_time() -> None:
    others = [entry("2", "Bye"), entry("3", "Hello", timedelta(seconds=-61))]

    assert found(image_post(), *others, entry("1")) == "1"


def test_a_minute_of_disagreeing_clocks_is_allowed() -> None:
    assert found(image_post(), entry("1", after=timedelta(seconds=-60))) == "1"


def test_the_newest_is_not_taken_for_ours() -> None:
    assert found(image_post(), entry("2", "Bye")) is None
    assert found(image_post()) is None


def test_two_that_are_alike_prove_nothing() -> None:
    assert found(image_post(), entry("1"), entry("2")) is None


def test_a_post_of_another_kind_is_not_ours() -> None:
    reel = entry("2", media_type="VIDEO", media_product_type="REELS")
    album = entry("3", media_type="CAROUSEL_ALBUM")

    assert found(image_post(), reel, album) is None
    assert found(reel_post(), reel, album) == "2"
    assert found(carousel_post(), reel, album) == "3"
    assert found(image_post(), reel, album, entry("1")) == "1"


def test_kinds_that_are_not_told_are_not_held_against_it() -> None:
    assert found(image_post(), entry("1", media_type="", media_product_type="")) == "1"


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("Hello\r\nthere ", "Hello\nthere"),
        ("  Hello  \n\nthere\n", "Hello\n\nthere"),
        ("cafe\u0301", "café"),
        ("", None),
        ("  ", ""),
    ],
)
def test_a_caption_is_known_again_after_its_journey(ours: str, theirs: str | None) -> None:
    assert found(image_post(ours), entry("1", theirs)) == "1"


@pytest.mark.parametrize("theirs", ["hello", "Hello!", "Hello there", "Hell o", ""])
def test_a_caption_that_differs_is_another_post(theirs: str) -> None:
    assert found(image_post("Hello"), entry("1", theirs)) is None


def test_a_story_is_known_by_kind_and_time() -> None:
    image = entry("1", None, media_product_type="STORY")
    film = entry("2", None, media_product_type="STORY", media_type="VIDEO")

    assert found(story_post(), image, film) == "1"
    assert found(story_post(video()), image, film) == "2"
    assert found(story_post(), image, {**image, "id": "3"}) is None


@pytest.mark.parametrize(
    "odd",
    [
        "text",
        None,
        {},
        {"id": "9"},
        {"id": "9", "timestamp": "yesterday", "caption": "Hello"},
        {"id": "9", "timestamp": "2026-11-23T14:00:03", "caption": "Hello"},
        {"timestamp": "2026-11-23T14:00:03+0000", "caption": "Hello"},
    ],
)
def test_an_entry_without_id_or_time_is_no_evidence(odd: object) -> None:
    assert found(image_post(), odd) is None
    assert found(image_post(), odd, entry("1")) == "1"


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_a_list_that_is_none_is_empty(data: object) -> None:
    assert list(graph.read_list({"data": data})) == []


# Quota and profile


def test_the_quota_is_what_the_account_is_told() -> None:
    body = {"data": [{"quota_usage": 2, "config": {"quota_total": 50, "quota_duration": 86400}}]}

    assert graph.read_quota(body) == Quota(2, 50, timedelta(days=1))


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"data": []},
        {"data": [{"quota_usage": 2}]},
        {"data": [{"quota_usage": 2, "config": {}}]},
        {"data": [{"quota_usage": "2", "config": {"quota_total": 50}}]},
        {"data": ["x"]},
    ],
)
def test_a_quota_that_is_not_told_is_none_and_never_guessed(body: dict) -> None:
    assert graph.read_quota(body) is None


@pytest.mark.parametrize(
    ("account_type", "can_publish"),
    [
        ("BUSINESS", True),
        ("MEDIA_CREATOR", True),
        ("Business", True),
        ("", True),
        ("PERSONAL", False),
        ("Personal", False),
    ],
)
def test_bad_086_a_personal_account_cannot_be_published_for(
    account_type: str, can_publish: bool
) -> None:
    profile = graph.read_profile(
        {"user_id": "178", "id": "91", "username": "cafe", "account_type": account_type}
    )

    assert profile is not None
    assert (profile.platform_user_id, profile.app_user_id) == ("178", "91")
    assert profile.can_publish == can_publish


def test_a_profile_without_the_id_that_paths_need_is_none() -> None:
    assert graph.read_profile({"id": "91", "username": "cafe"}) is None
