"""What every handler of a button takes, and what several of them say."""

from collections.abc import Awaitable, Callable

from bot.cards.buttons import Pressed
from bot.cards.views import PostView
from bot.context import Context
from models.post import Post

Handler = Callable[[Post, PostView, Pressed, Context], Awaitable[None]]


def say_booked(post: Post, ctx: Context) -> None:
    """Say whether the post is booked by what was pressed, or still asks something."""
    ctx.toast("toast.scheduled" if post.stage == "committed" else "toast.done")
