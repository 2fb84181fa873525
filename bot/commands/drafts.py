"""/drafts: what waits for an answer; a number brings its card back to the open question."""

from bot.cards.buttons import payload
from bot.cards.captions import piece_of
from bot.cards.post import kind_words
from bot.cards.views import PostView, view_of
from bot.command import Command
from bot.context import Context
from bot.texts import has_words
from integrations.chat.outgoing import Button
from models.post import Post

_MAX_DRAFTS = 8
_TITLE_CHARS = 40


async def _run(ctx: Context, _arguments: str) -> None:
    drafts = await Post.filter(team_id=ctx.team.id, stage="draft").order_by("-number")
    if not drafts:
        await ctx.answer("drafts.none")
        return
    views = [await view_of(post, now=ctx.now) for post in drafts[:_MAX_DRAFTS]]
    lines = [ctx.words("drafts.title", count=len(drafts)), *(_row(ctx, view) for view in views)]
    buttons = [
        [
            Button(view.number, payload("open", view.post.id, view.post.rev))
            for view in views[at : at + 4]
        ]
        for at in range(0, len(views), 4)
    ]
    await ctx.answer("plain", text="\n".join(lines), buttons=buttons)


def _row(ctx: Context, view: PostView) -> str:
    title = piece_of(view.post.caption, _TITLE_CHARS)
    key = f"drafts.open.{view.post.question or 'fetching'}"
    waits = ctx.words(key if has_words(key) else "drafts.open.no_time")
    return f"{view.number} {title or kind_words(view, ctx.language)} ({waits})"


COMMAND = Command("drafts", _run)
