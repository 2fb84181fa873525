"""What a run says beside its series: as it was made, or as somebody changed it."""

import json
from datetime import datetime
from hashlib import sha256

from models.outbox import tell
from models.post import Media, Post, copy_media
from models.series import Occurrence
from scheduling.planner import Planner

MADE_AS = "made_as"
"""Where a run's notes keep what it said when it was made: what differs, a person changed."""


async def content_of(post: Post) -> dict[str, str]:
    """Return what a post says and shows, short enough to be kept beside it."""
    items = await Media.filter(post_id=post.id).exclude(state="removed").order_by("ordinal")
    media = [[item.file_id, item.alt_text] for item in items]
    shown = json.dumps([post.kind, media])
    return {
        "caption": sha256(post.caption.encode()).hexdigest(),
        "media": sha256(shown.encode()).hexdigest(),
    }


async def is_own(post: Post, occurrence: Occurrence) -> bool:
    """Say whether somebody changed this run alone since it was made."""
    if post.due_at != occurrence.slot_at:
        return True
    made = post.notes.get(MADE_AS)
    return isinstance(made, dict) and made != await content_of(post)


async def follow_template(planner: Planner, post: Post, template: Post, *, now: datetime) -> None:
    """Have a coming run say what the template says, but for what somebody changed in it."""
    made, is_now = post.notes.get(MADE_AS), await content_of(post)
    before = made if isinstance(made, dict) else is_now
    wanted = await content_of(template)
    if all(is_now[part] != before.get(part) for part in wanted):
        return
    if is_now["caption"] == before.get("caption"):
        caption = template.caption
    else:
        caption, wanted["caption"] = post.caption, str(before.get("caption"))
    is_media_own = is_now["media"] != before.get("media")
    if is_media_own:
        wanted["media"] = str(before.get("media"))
    if caption == post.caption and (is_media_own or is_now["media"] == wanted["media"]):
        return
    if post.stage == "committed":
        await planner.content_changed(post, by=None, now=now)
    post.caption = caption
    if not is_media_own:
        post.kind = template.kind
        await Media.filter(post_id=post.id).delete()
        await copy_media(template, post, now=now)
    post.notes = {**post.notes, MADE_AS: wanted}
    await post.save()
    await tell("post", post.id, "changed", now=now)
