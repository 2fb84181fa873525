"""The pretend Instagram walks containers, publishes once and forgets nothing."""

from pathlib import Path

import pytest

from tests.sandbox.conftest import CAFE, CAFE_ID, HandClock, Opened, Stage
from tests.sandbox.made_media import heavy_jpeg, jpeg, mp4

NAMED = '[{"username": "a"}]'
PLACED = '[{"username": "a", "x": 0.1, "y": 0.1}]'


async def test_a_photo_goes_public_with_caption_and_alt_text(stage: Stage) -> None:
    container = await stage.client.made(
        image_url=stage.house.photo(), caption="Hi 🍂\n#cafe", alt_text="A cup"
    )
    assert await stage.client.status(container) == "FINISHED"

    answer = await stage.client.publish(container)

    (post,) = stage.box.published
    assert answer.json == {"id": post.id}
    assert (post.caption, post.media[0].alt_text) == ("Hi 🍂\n#cafe", "A cup")
    assert await stage.client.status(container) == "PUBLISHED"
    shown = await stage.client.ask(
        "GET",
        f"v25.0/{post.id}",
        fields="id,permalink,shortcode,media_type,media_product_type,timestamp,caption,"
        "media_url,like_count,comments_count,username,alt_text",
    )
    assert shown.json["media_type"] == "IMAGE"
    assert shown.json["timestamp"] == "2026-11-23T14:10:00+0000"
    assert shown.json["username"] == CAFE
    async with stage.client.session.get(shown.json["media_url"]) as picture:
        assert await picture.read() == jpeg()


async def test_a_container_in_progress_is_refused_and_publishes_later(stage: Stage) -> None:
    stage.box.settings.processing_polls = 2
    container = await stage.client.made(image_url=stage.house.photo())

    early = await stage.client.publish(container)
    walk = [await stage.client.status(container) for _ in range(3)]
    late = await stage.client.publish(container)

    assert early.code == (9007, 2207027)
    assert walk == ["IN_PROGRESS", "IN_PROGRESS", "FINISHED"]
    assert late.status == 200
    assert stage.box.containers[0].publish_calls == 2


async def test_processing_by_time_follows_the_clock(stage: Stage) -> None:
    stage.box.settings.processing_seconds = 30
    container = await stage.client.made(image_url=stage.house.photo())
    before = await stage.client.status(container)

    stage.clock.pass_time(seconds=30)

    assert before == "IN_PROGRESS"
    assert await stage.client.status(container) == "FINISHED"


async def test_a_container_expires_after_a_day(stage: Stage) -> None:
    container = await stage.client.made(image_url=stage.house.photo())

    stage.clock.pass_time(hours=24)

    assert await stage.client.status(container) == "EXPIRED"
    assert (await stage.client.publish(container)).code == (24, 2207008)
    assert stage.box.published == []


@pytest.mark.parametrize(
    ("switch", "code"), [("24/2207008", (24, 2207008)), ("-1/2207001", (-1, 2207001))]
)
async def test_publishing_a_published_container_never_makes_a_second_post(
    stage: Stage, switch: str, code: tuple[int, int]
) -> None:
    stage.box.settings.change({"republish": switch})
    container = await stage.client.made(image_url=stage.house.photo())
    await stage.client.publish(container)

    again = await stage.client.publish(container)

    assert again.code == code
    assert len(stage.box.published) == 1
    assert stage.box.containers[0].publish_calls == 2


async def test_a_reel_is_fetched_in_the_background_and_polled(stage: Stage) -> None:
    container = await stage.client.made(
        media_type="REELS", video_url=stage.house.film(), caption="Ride", share_to_feed="true"
    )
    await stage.box.bell.until(lambda: stage.box.containers[0].work == "ready")

    walk = [await stage.client.status(container) for _ in range(2)]
    media = (await stage.client.publish(container)).json["id"]

    assert walk == ["IN_PROGRESS", "FINISHED"]
    shown = await stage.client.ask(
        "GET", media, fields="media_type,media_product_type,is_shared_to_feed,permalink"
    )
    assert (shown.json["media_type"], shown.json["media_product_type"]) == ("VIDEO", "REELS")
    assert shown.json["is_shared_to_feed"] is True
    assert "/reel/" in shown.json["permalink"]


async def test_a_carousel_of_photo_and_film_is_one_post(stage: Stage) -> None:
    photo = await stage.client.made(
        image_url=stage.house.photo(), is_carousel_item="true", alt_text="First"
    )
    film = await stage.client.made(
        media_type="VIDEO", video_url=stage.house.film(), is_carousel_item="true"
    )
    await stage.box.bell.until(lambda: all(one.work == "ready" for one in stage.box.containers))
    parent = await stage.client.made(
        media_type="CAROUSEL", children=f"{photo},{film}", caption="Two"
    )
    while await stage.client.status(parent) == "IN_PROGRESS":
        pass

    media = (await stage.client.publish(parent)).json["id"]

    (post,) = stage.box.published
    assert [one.is_video for one in post.media] == [False, True]
    shown = await stage.client.ask(
        "GET", media, fields="media_type,children{id,media_type,alt_text}"
    )
    children = shown.json["children"]["data"]
    assert shown.json["media_type"] == "CAROUSEL_ALBUM"
    assert [child["media_type"] for child in children] == ["IMAGE", "VIDEO"]
    assert children[0]["alt_text"] == "First"


async def test_a_carousel_whose_first_picture_does_not_fit_is_refused(stage: Stage) -> None:
    children = [
        await stage.client.made(image_url=stage.house.photo(1080, height), is_carousel_item="true")
        for height in (1920, 1350)
    ]

    answer = await stage.client.create(media_type="CAROUSEL", children=",".join(children))

    assert answer.code == (36003, 2207009)


async def test_a_story_is_listed_among_stories_for_a_day(stage: Stage) -> None:
    container = await stage.client.made(
        media_type="STORIES", image_url=stage.house.photo(1080, 1920)
    )
    await stage.client.publish(container)

    now = await stage.client.ask("GET", f"{CAFE_ID}/stories", fields="id,media_product_type")
    feed = await stage.client.ask("GET", f"{CAFE_ID}/media", fields="id")
    stage.clock.pass_time(hours=24)
    later = await stage.client.ask("GET", f"{CAFE_ID}/stories", fields="id")

    assert [one["media_product_type"] for one in now.json["data"]] == ["STORY"]
    assert (feed.json["data"], later.json["data"]) == ([], [])


@pytest.mark.parametrize(
    ("name", "raw", "kind", "code"),
    [
        ("a.png", jpeg(form="PNG"), "image/png", (36001, 2207005)),
        ("text.jpg", b"not a picture", "image/jpeg", (36001, 2207005)),
        ("empty.jpg", b"", "image/jpeg", (36001, 2207005)),
        ("page.jpg", b"<html>", "text/html", (9004, 2207052)),
        ("heavy.jpg", heavy_jpeg(), "image/jpeg", (36000, 2207004)),
        ("tall.jpg", jpeg(1080, 1920), "image/jpeg", (36003, 2207009)),
        ("wide.jpg", jpeg(1080, 400), "image/jpeg", (36003, 2207009)),
    ],
)
async def test_a_picture_instagram_does_not_take_is_refused_with_its_code(
    stage: Stage, name: str, raw: bytes, kind: str, code: tuple[int, int]
) -> None:
    answer = await stage.client.create(image_url=stage.house.put(name, raw, kind))

    assert answer.code == code
    assert stage.box.containers == []


@pytest.mark.parametrize("name", ["missing.jpg", "moved.jpg"])
async def test_a_link_that_cannot_be_fetched_is_9004(stage: Stage, name: str) -> None:
    stage.house.photo()

    answer = await stage.client.create(image_url=f"{stage.house.base}/{name}")

    assert answer.code == (9004, 2207052)


async def test_a_slow_link_is_a_download_timeout(stage: Stage) -> None:
    stage.box.settings.fetch_seconds = 0.05

    answer = await stage.client.create(image_url=f"{stage.house.base}/slow.jpg")

    assert answer.code == (-2, 2207003)


@pytest.mark.parametrize(
    "how",
    [
        {"seconds": 2},
        {"seconds": 901},
        {"codec": b"vp09"},
        {"width": 2160, "height": 3840},
        {"rate": 10},
    ],
)
async def test_a_film_instagram_does_not_take_ends_in_error(stage: Stage, how: dict) -> None:
    container = await stage.client.made(media_type="REELS", video_url=stage.house.film(**how))
    await stage.box.bell.until(lambda: stage.box.containers[0].work != "fetching")

    answer = await stage.client.ask("GET", container, fields="status_code,status")

    assert answer.json["status_code"] == "ERROR"
    assert "2207026" in answer.json["status"]
    assert (await stage.client.publish(container)).code == (352, 2207026)


async def test_a_text_named_mp4_is_no_film(stage: Stage) -> None:
    url = stage.house.put("a.mp4", b"hello", "video/mp4")

    await stage.client.made(media_type="REELS", video_url=url)
    await stage.box.bell.until(lambda: stage.box.containers[0].work != "fetching")

    assert stage.box.containers[0].error == (352, 2207026)


async def test_an_index_at_the_end_is_refused_when_asked_to_be_strict(stage: Stage) -> None:
    stage.box.settings.require_moov_first = True
    url = stage.house.put("late.mp4", mp4(index_first=False), "video/mp4")

    await stage.client.made(media_type="REELS", video_url=url)
    await stage.box.bell.until(lambda: stage.box.containers[0].work != "fetching")

    assert stage.box.containers[0].error == (352, 2207026)


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"caption": "x"}, (100, None)),
        ({"image_url": "PHOTO", "caption": "x" * 2201}, (36004, 2207010)),
        ({"image_url": "PHOTO", "caption": " ".join(f"#t{n}" for n in range(31))}, (100, None)),
        ({"image_url": "PHOTO", "caption": " ".join(f"@p{n}" for n in range(21))}, (100, 2207040)),
        ({"image_url": "PHOTO", "alt_text": "x" * 1001}, (100, None)),
        ({"image_url": "PHOTO", "share_to_feed": "true"}, (100, None)),
        ({"image_url": "PHOTO", "media_type": "POEM"}, (100, 2207023)),
        ({"video_url": "FILM", "media_type": "VIDEO"}, (100, None)),
        ({"video_url": "FILM", "media_type": "REELS", "alt_text": "x"}, (100, None)),
        ({"media_type": "STORIES", "image_url": "PHOTO", "caption": "x"}, (100, None)),
        ({"media_type": "CAROUSEL", "children": "1"}, (100, 2207028)),
        ({"media_type": "CAROUSEL"}, (100, 2207028)),
        ({"media_type": "CAROUSEL", "children": "1,2"}, (100, 2207006)),
        ({"image_url": "PHOTO", "user_tags": NAMED}, (100, None)),
        (
            {"video_url": "FILM", "media_type": "REELS", "user_tags": PLACED},
            (100, 2207064),
        ),
    ],
)  # fmt: skip
async def test_a_wrong_container_is_refused(
    stage: Stage, parameters: dict[str, str], code: tuple[int, int | None]
) -> None:
    real = {"PHOTO": stage.house.photo(), "FILM": stage.house.film()}

    answer = await stage.client.create(
        **{name: real.get(value, value) for name, value in parameters.items()}
    )

    assert answer.code == code


async def test_the_publishing_quota_is_kept_and_rolls(stage: Stage) -> None:
    stage.box.settings.quota_total = 1
    first, second = [await stage.client.made(image_url=stage.house.photo()) for _ in range(2)]
    await stage.client.publish(first)

    over = await stage.client.publish(second)
    limit = await stage.client.ask(
        "GET", f"{CAFE_ID}/content_publishing_limit", fields="quota_usage,config"
    )
    stage.clock.pass_time(hours=23.9)
    still = await stage.client.publish(second)

    assert over.code == still.code == (9, 2207042)
    assert limit.json["data"] == [
        {"quota_usage": 1, "config": {"quota_total": 1, "quota_duration": 86400}}
    ]


async def test_too_many_containers_are_the_apps_limit(stage: Stage) -> None:
    stage.box.settings.container_quota = 1
    await stage.client.made(image_url=stage.house.photo())

    assert (await stage.client.create(image_url=stage.house.photo())).code == (4, None)


async def test_the_list_is_newest_first_pages_and_knows_since(stage: Stage) -> None:
    for caption in ("one", "two", "three"):
        container = await stage.client.made(image_url=stage.house.photo(), caption=caption)
        await stage.client.publish(container)
        stage.clock.pass_time(minutes=1)
    since = str(int(stage.clock().timestamp()) - 150)

    first = await stage.client.ask("GET", "me/media", fields="caption", limit="2")
    after = first.json["paging"]["cursors"]["after"]
    rest = await stage.client.ask("GET", "me/media", fields="caption", after=after)
    late = await stage.client.ask("GET", "me/media", fields="caption", since=since)

    assert [one["caption"] for one in first.json["data"]] == ["three", "two"]
    assert [one["caption"] for one in rest.json["data"]] == ["one"]
    assert [one["caption"] for one in late.json["data"]] == ["three", "two"]


async def test_a_deleted_post_is_gone_for_everyone(stage: Stage) -> None:
    container = await stage.client.made(image_url=stage.house.photo())
    media = (await stage.client.publish(container)).json["id"]

    answer = await stage.client.ask("DELETE", media)

    assert answer.json == {"success": True}
    assert (await stage.client.ask("GET", media)).code == (100, 33)
    assert stage.box.published[0].is_deleted


async def test_another_accounts_things_are_invisible(stage: Stage) -> None:
    container = await stage.client.made(image_url=stage.house.photo())
    media = (await stage.client.publish(container)).json["id"]
    stage.client.token = stage.box.issue_token("mira.on.wheels").value

    answers = [
        await stage.client.ask("GET", container, fields="status_code"),
        await stage.client.ask("GET", media, fields="id"),
        await stage.client.ask("POST", f"{CAFE_ID}/media", image_url=stage.house.photo()),
    ]

    assert [answer.code for answer in answers] == [(100, 33)] * 3


async def test_an_unknown_call_or_parameter_is_an_error_and_written_down(stage: Stage) -> None:
    answers = [
        await stage.client.ask("GET", f"{CAFE_ID}/insights"),
        await stage.client.ask("GET", "me", fieldz="id"),
        await stage.client.ask("POST", f"{CAFE_ID}/media_publish", creation="1"),
    ]

    assert [answer.status for answer in answers] == [400, 400, 400]
    assert len(stage.box.violations) == 3


async def test_error_message_is_no_field_of_a_container(stage: Stage) -> None:
    container = await stage.client.made(image_url=stage.house.photo())

    answer = await stage.client.ask("GET", container, fields="status_code,error_message")

    assert answer.code == (100, None)
    assert "nonexisting field (error_message)" in answer.json["error"]["message"]


async def test_calls_go_with_and_without_version_query_token_and_json(stage: Stage) -> None:
    base, token = stage.base, stage.client.token
    async with stage.client.session.get(
        f"{base}/instagram/graph/me", params={"access_token": token, "fields": "user_id,username"}
    ) as answer:
        me = await answer.json()
    async with stage.client.session.post(
        f"{base}/instagram/graph/v26.0/me/media",
        json={"image_url": stage.house.photo(), "access_token": token},
    ) as answer:
        made = await answer.json()

    assert me["user_id"] == CAFE_ID
    assert made["id"] == stage.box.containers[0].id


async def test_every_answer_carries_metas_headers(stage: Stage) -> None:
    answer = await stage.client.ask("GET", "v25.0/me")

    for name in ("X-App-Usage", "X-Business-Use-Case-Usage", "x-fb-trace-id"):
        assert name in answer.headers
    assert answer.headers["facebook-api-version"] == "v25.0"


async def test_a_restart_keeps_everything_and_ids_never_begin_again(
    open_stage: Opened, tmp_path: Path
) -> None:
    clock = HandClock()
    before = await open_stage(tmp_path, clock)
    container = await before.client.made(image_url=before.house.photo(), caption="kept")
    media = (await before.client.publish(container)).json["id"]
    waiting = await before.client.made(image_url=before.house.photo())
    await before.box.world.write()

    after = await open_stage(tmp_path, clock)
    after.client.token = before.client.token

    shown = await after.client.ask("GET", media, fields="caption,media_url")
    assert shown.json["caption"] == "kept"
    async with after.client.session.get(shown.json["media_url"]) as picture:
        assert picture.status == 200
    fresh = await after.client.made(image_url=after.house.photo())
    assert int(fresh) > int(waiting) > int(container)
    assert (await after.client.publish(waiting)).status == 200
    assert (await after.client.publish(container)).code == (24, 2207008)


async def test_waiting_for_a_post_ends_when_it_is_there(stage: Stage) -> None:
    container = await stage.client.made(image_url=stage.house.photo())
    await stage.client.publish(container)

    (post,) = await stage.box.until_published(1)

    assert post.container_id == container
    with pytest.raises(TimeoutError):
        await stage.box.until_published(2, seconds=0.01)
