"""What the Instagram tests share: an adapter in front of canned answers, posts, accounts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from pydantic import SecretStr

from platforms.contract import Credentials, Handle, Media, Outgoing, Usage
from platforms.http import build_session
from platforms.instagram.adapter import InstagramAdapter, InstagramSettings

GRAPH = "https://graph.instagram.com"
TOKEN_URL = "https://api.instagram.com/oauth/access_token"
TOKEN = "IGAAtoken-that-nobody-may-see-0123456789"
APP_SECRET = "app-secret-that-nobody-may-see"
ACCOUNT = "17841400000000001"
NODE = f"{GRAPH}/v25.0/{ACCOUNT}"
WHO = Credentials(ACCOUNT, SecretStr(TOKEN))
POST = Handle("post", 0, "178001")

SETTINGS = InstagramSettings(
    app_id="1029384756",
    app_secret=SecretStr(APP_SECRET),
    read_timeout=timedelta(seconds=1),
    create_timeout=timedelta(seconds=1),
    publish_timeout=timedelta(seconds=1),
)


def photo(**changes) -> Media:
    given = {
        "kind": "image",
        "mime": "image/jpeg",
        "size_bytes": 200_000,
        "width": 1080,
        "height": 1350,
        "url": "https://post.example/m/a.jpg",
    }
    return Media(**{**given, **changes})


def video(**changes) -> Media:
    given = {
        "kind": "video",
        "mime": "video/mp4",
        "size_bytes": 9_000_000,
        "width": 1080,
        "height": 1920,
        "duration_seconds": 12.0,
        "url": "https://post.example/m/a.mp4",
    }
    return Media(**{**given, **changes})


def image_post(caption: str = "Hello", **changes) -> Outgoing:
    return Outgoing("image", caption, (photo(**changes),))


def carousel_post(*media: Media, caption: str = "Hello") -> Outgoing:
    return Outgoing("carousel", caption, media or (photo(), video()))


def reel_post(caption: str = "Hello", **changes) -> Outgoing:
    return Outgoing("reel", caption, (video(**changes),))


def story_post(media: Media | None = None) -> Outgoing:
    return Outgoing("story", "", (media or photo(width=1080, height=1920),))


@asynccontextmanager
async def adapter(
    settings: InstagramSettings = SETTINGS, heard: list[Usage] | None = None
) -> AsyncIterator[InstagramAdapter]:
    async with build_session(settings.origins) as session:
        on_usage = heard.append if heard is not None else None
        yield InstagramAdapter(session, settings, on_usage=on_usage)


def envelope(code: int, subcode: int | None = None, message: str = "No.", **more) -> dict:
    error = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "Axyz"}
    if subcode is not None:
        error["error_subcode"] = subcode
    return {"error": {**error, **more}}
