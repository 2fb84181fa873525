"""Several posts of one message: "9am tomorrow and 6pm friday" is two, after a tap (K17)."""

from collections.abc import Sequence

from bot.cards.questions import readings_of
from bot.cards.views import view_of
from bot.context import Context
from bot.flows.drafting import next_number, take_phrase_out
from bot.flows.settling import settle, tell_changed
from bot.flows.when import set_slot, slot_of
from models.post import Post, copy_media
from scheduling.duplicates import TOGETHER
from scheduling.when import Reading


async def schedule_all(post: Post, choices: Sequence[Reading], ctx: Context) -> list[Post]:
    """Make a post of each of *choices*, all in the caller's transaction, and return them.

    *post* takes the first; the others are like it, with numbers and cards of their own. From then
    on each goes its own way: its buttons speak of it alone.
    """
    view = await view_of(post, now=ctx.now)
    order = readings_of(view)
    take_phrase_out(post)
    kept = {key: value for key, value in post.notes.items() if key != "menu"}
    post.notes = {**kept, TOGETHER: str(post.id), "of": len(order)}
    posts = [post, *[await _another(post, ctx) for _ in choices[1:]]]
    for one, choice in zip(posts, choices, strict=True):
        one.readings = [choice.to_json()]
        one.notes = {**one.notes, "nth": order.index(choice)}
        one.changed_by_id = ctx.member.id
        set_slot(one, slot_of(choice, view.zone), is_chosen=True, recurs=bool(choice.rrule))
        await settle(one, ctx.house, now=ctx.now)
        await tell_changed(one, now=ctx.now)
    return posts


async def _another(post: Post, ctx: Context) -> Post:
    """Make a draft that is like *post*, from the same message."""
    twin = await Post.create(
        team_id=post.team_id,
        author_id=post.author_id,
        place_id=post.place_id,
        number=await next_number(ctx),
        kind=post.kind,
        source_ref=post.source_ref,
        source_album=post.source_album,
        source_text=post.source_text,
        source_entities=post.source_entities,
        caption=post.caption,
        caption_source=post.caption_source,
        when_words=post.when_words,
        notes=dict(post.notes),
        zone=post.zone,
        created_at=ctx.now,
        updated_at=ctx.now,
    )
    await copy_media(post, twin, now=ctx.now)
    return twin
