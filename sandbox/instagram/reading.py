"""What Graph shows of accounts, containers and posts, field by field as it was asked."""

from collections.abc import Callable
from datetime import UTC, datetime

from sandbox.instagram.accounts import PretendAccount
from sandbox.instagram.errors import MESSAGES, invalid
from sandbox.instagram.world import Container, Published, StoredMedia

Asked = dict[str, "Asked"]
Json = dict[str, object]

_STATUS_WORDS = {
    "FINISHED": "Finished: Media has been uploaded and it is ready to be published.",
    "IN_PROGRESS": "In Progress: Media is still being processed.",
    "EXPIRED": "Expired: The container was not published within 24 hours.",
    "PUBLISHED": "Published: Media has been successfully published.",
}
_MEDIA_TYPES = {"image": "IMAGE", "reel": "VIDEO", "carousel": "CAROUSEL_ALBUM"}
_PRODUCT_TYPES = {"reel": "REELS", "story": "STORY"}


def asked_fields(text: str) -> Asked:
    """Read `a,b{c,d}` into a tree; raises GraphError when the braces do not match."""
    tree: Asked = {}
    above: list[Asked] = []
    name, here = "", tree
    for sign in text + ",":
        if sign in ",{}":
            word = name.strip()
            name = ""
            if word:
                here[word] = {}
            if sign == "{":
                above.append(here)
                here = here[word] if word else {}
            elif sign == "}":
                if not above:
                    raise invalid("Syntax error in fields.")
                here = above.pop()
        else:
            name += sign
    if above:
        raise invalid("Syntax error in fields.")
    return tree


def pick(kind: str, known: dict[str, Callable[[], object]], fields: Asked) -> Json:
    """Return the asked fields; `id` is always there, an unknown field is code 100."""
    for name in fields:
        if name not in known:
            raise invalid(f"Tried accessing nonexisting field ({name}) on node type ({kind})")
    wanted = {"id": {}, **fields}
    found = {name: known[name]() for name in wanted}
    # Graph leaves a field out that has no value, it does not send null.
    return {name: value for name, value in found.items() if value is not None}


def show_account(
    account: PretendAccount, posts: list[Published], base: str, fields: Asked
) -> Json:
    """Show a profile; `user_id` is the account's number, `id` the app's own."""
    known: dict[str, Callable[[], object]] = {
        "id": lambda: account.scoped_id,
        "user_id": lambda: account.account_id,
        "username": lambda: account.username,
        "name": lambda: account.name,
        "account_type": lambda: account.account_type,
        "profile_picture_url": lambda: f"{base}/avatar/{account.username}.svg",
        "biography": lambda: account.biography,
        "followers_count": lambda: account.followers,
        "follows_count": lambda: 12,
        "media_count": lambda: len(posts),
    }
    return pick("IGUser", known, fields)


def show_container(container: Container, status: str, fields: Asked) -> Json:
    """Show a container; *status* is its status_code now."""
    known: dict[str, Callable[[], object]] = {
        "id": lambda: container.id,
        "status_code": lambda: status,
        "status": lambda: _status_words(container, status),
    }
    return pick("IGMedia container", known, fields)


def show_post(post: Published, base: str, fields: Asked) -> Json:
    """Show a published post."""
    first = post.media[0]

    def children() -> Json | None:
        if post.kind != "carousel":
            return None
        return {"data": [show_child(one, post, base, fields["children"]) for one in post.media]}

    known = {
        **_common(first, post, base),
        "id": lambda: post.id,
        "caption": lambda: post.caption or None,
        "media_type": lambda: (
            _MEDIA_TYPES.get(post.kind) or ("VIDEO" if first.is_video else "IMAGE")
        ),
        "media_product_type": lambda: _PRODUCT_TYPES.get(post.kind, "FEED"),
        "shortcode": lambda: post.shortcode,
        "like_count": lambda: post.likes,
        "comments_count": lambda: len(post.comments),
        "is_comment_enabled": lambda: True,
        "is_shared_to_feed": lambda: _shared_to_feed(post),
        "children": children,
    }
    return pick("IGMedia", known, fields)


def show_child(item: StoredMedia, post: Published, base: str, fields: Asked) -> Json:
    """Show one item of a carousel."""
    known = {
        **_common(item, post, base),
        "id": lambda: item.id,
        "media_type": lambda: "VIDEO" if item.is_video else "IMAGE",
    }
    return pick("IGMedia", known, fields)


def permalink(post: Published, base: str) -> str:
    """Return the address under which people find the post."""
    if post.kind == "story":
        return f"{base}/stories/{post.username}/{post.id}/"
    return f"{base}/{'reel' if post.kind == 'reel' else 'p'}/{post.shortcode}/"


def _common(item: StoredMedia, post: Published, base: str) -> dict[str, Callable[[], object]]:
    still = post.cover.file if post.cover else None
    return {
        "permalink": lambda: permalink(post, base),
        "timestamp": lambda: graph_time(post.published_at),
        "media_url": lambda: f"{base}/media/{item.file}",
        "thumbnail_url": lambda: f"{base}/media/{still}" if still and item.is_video else None,
        "username": lambda: post.username,
        "alt_text": lambda: item.alt_text or None,
        "owner": lambda: {"id": post.username},
    }


def graph_time(moment: datetime) -> str:
    """Write an instant as Graph does: `2026-11-24T09:00:07+0000`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


def _status_words(container: Container, status: str) -> str:
    if status != "ERROR" or container.error is None:
        return _STATUS_WORDS.get(status, "Error")
    _, subcode = container.error
    words = MESSAGES.get(container.error, "")
    return f"Error: Media upload has failed with error code {subcode}. {words}".strip()


def _shared_to_feed(post: Published) -> bool | None:
    if post.kind != "reel":
        return None
    return post.extras.get("share_to_feed", "true").lower() in {"true", "1"}
