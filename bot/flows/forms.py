"""Forms: a window with fields where a chat has such; what was sent off does what typing would."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from bot.cards.buttons import Pressed, payload, read_payload
from bot.cards.views import usable_accounts, view_of
from bot.context import Context
from bot.flows import account_field as accounts
from bot.flows.changing import CHANGEABLE, ask_about_twins, move_to, set_caption
from bot.flows.drafting import draft_from
from bot.flows.prompts import close_prompts
from bot.flows.settling import settle, tell_changed
from bot.flows.when import read_answer, slot_at, slot_of, split_message
from bot.texts import say
from integrations.chat.incoming import Submitted
from integrations.chat.outgoing import Field, Form, Text
from models.account import Account
from models.post import Post, lock_post
from scheduling.errors import AlreadyGoingOut
from scheduling.planner import Slot

VERBS = frozenset({"newpost", "ftime", "fcap", "facct"})
MAX_CAPTION_CHARS = 2_200
"""What a field for a caption takes; the platform's own rules judge the post later."""

_QUOTED_CHARS = 300
_MOST_WORDS_OF_A_TIME = 8


def judge_form(
    form: Submitted, *, now: datetime, known: Mapping[UUID, Account] | None = None
) -> Mapping[str, str]:
    """Return what is wrong with a form at first sight: the words for each field, by its name.

    *known* is what `named_accounts` found; without it (the database was slow) the account is
    judged when the form is done.
    """
    wrong: dict[str, str] = {}
    at = _moment(form.values.get("when", ""))
    if at is not None and at <= now:
        wrong["when"] = say("form.past", form.language)
    if known is not None and (words := accounts.judge_account(form, known)):
        wrong[accounts.NAME] = words
    return wrong


async def named_accounts(form: Submitted) -> Mapping[UUID, Account]:
    """Read what `judge_form` has to know of the account that a form names."""
    return await accounts.named_accounts(form, read_payload(form.payload))


def can_open(ctx: Context) -> bool:
    """Say whether a form can be opened in answer to what happened."""
    return ctx.chat.capabilities.can_modal and bool(ctx.inbound.form_ref)


async def on_press(pressed: Pressed, ctx: Context) -> None:
    """Open the form for a new post."""
    if pressed.verb == "newpost" and can_open(ctx):
        await open_new_post(ctx)
    else:
        ctx.toast("toast.out_of_date")


async def open_new_post(ctx: Context, text: str = "") -> None:
    """Open the form for a new post, filled with what *text* says: its caption and its time."""
    slot, caption = _read_ahead(text, ctx)
    usable = await usable_accounts(ctx.team.id)
    form = Form(
        title=ctx.words("form.new_title"),
        payload=payload("newpost", ctx.member.id, 0),
        submit=ctx.words("form.new_submit"),
        fields=(
            Field("files", ctx.words("form.files"), "files"),
            _caption_field(ctx, caption),
            _when_field(ctx, slot.due_at if slot else None, is_optional=True),
            *accounts.account_field_of_new(usable, language=ctx.language, now=ctx.now),
        ),
        language=ctx.language,
    )
    _open(form, ctx)


def _read_ahead(text: str, ctx: Context) -> tuple[Slot | None, str]:
    """Return the time that *text* names, at its end or at its beginning, and the rest of it."""
    zone = ctx.member.zone or "UTC"
    found = split_message(text, (), member=ctx.member, zone=zone, said_at=ctx.said_at)
    if found.reading.status == "ok" and not found.reading.rrule:
        return slot_of(found.reading, zone), found.caption
    words = text.split(" ")
    for count in range(min(len(words), _MOST_WORDS_OF_A_TIME), 0, -1):
        head = " ".join(words[:count])
        first = read_answer(head, member=ctx.member, zone=zone, said_at=ctx.said_at)[0]
        if first.status == "ok" and not first.rrule:
            return slot_of(first, zone), " ".join(words[count:])
    return None, text


async def open_time(post: Post, ctx: Context) -> None:
    """Open the form for a post's time, caption and account."""
    form = Form(
        title=ctx.words("form.time_title", number=f"#{post.number}"),
        payload=payload("ftime", post.id, post.rev),
        submit=ctx.words("form.submit"),
        fields=(
            _when_field(ctx, post.due_at),
            _caption_field(ctx, post.caption),
            *await _account_field(post, ctx),
        ),
        language=ctx.language,
    )
    _open(form, ctx)


async def open_caption(post: Post, ctx: Context) -> None:
    """Open the form for a post's caption and, while its time is ahead, its account."""
    has_passed = post.stage == "committed" and bool(post.due_at and post.due_at <= ctx.now)
    form = Form(
        title=ctx.words("form.caption_title", number=f"#{post.number}"),
        payload=payload("fcap", post.id, post.rev),
        submit=ctx.words("form.submit"),
        fields=(
            _caption_field(ctx, post.caption),
            *(() if has_passed else await _account_field(post, ctx)),
        ),
        language=ctx.language,
    )
    _open(form, ctx)


async def open_account(post: Post, ctx: Context) -> None:
    """Open the form for the account that a post goes to."""
    form = Form(
        title=ctx.words("form.account_title", number=f"#{post.number}"),
        payload=payload("facct", post.id, post.rev),
        submit=ctx.words("form.submit"),
        fields=await _account_field(post, ctx),
        language=ctx.language,
    )
    _open(form, ctx)


def open_full_caption(post: Post, ctx: Context) -> None:
    """Open a window that shows the whole of a post's caption."""
    form = Form(
        title=ctx.words("form.caption_title", number=f"#{post.number}"),
        payload=payload("full", post.id, post.rev),
        submit="",
        fields=(),
        lines=tuple((Text(line),) for line in post.caption.split("\n")),
        language=ctx.language,
    )
    _open(form, ctx)


async def on_form(ctx: Context) -> None:
    """Do what a form says that was sent off."""
    form = ctx.inbound.form
    pressed = read_payload(form.payload) if form else None
    if form is None or pressed is None or pressed.verb not in VERBS:
        return
    if pressed.verb == "newpost":
        at = _moment(form.values.get("when", ""))
        message = replace(ctx.inbound, text=form.values.get("caption", ""))
        is_ahead = at is not None and at > ctx.now
        await draft_from(
            ctx, [message], at=at if is_ahead else None, account=accounts.account_in(form)
        )
        return
    post = await lock_post(pressed.subject)
    if post is None or post.team_id != ctx.team.id or ctx.member.role == "viewer":
        await ctx.answer("toast.gone")
        return
    if post.rev != pressed.rev or post.stage not in CHANGEABLE:
        typed = form.values.get("caption", "")[:_QUOTED_CHARS]
        await ctx.answer("form.stale", number=f"#{post.number}", words=typed)
        await tell_changed(post, now=ctx.now)
        return
    try:
        await _apply(post, form, ctx)
    except AlreadyGoingOut as err:
        await ctx.answer("toast.is_out" if err.is_published else "toast.going_out")


async def _apply(post: Post, form: Submitted, ctx: Context) -> None:
    # First of all: whether it may be booked is then asked of the account it goes to.
    is_elsewhere = await _send_elsewhere(post, form, ctx)
    caption = form.values.get("caption")
    if caption is not None and caption != post.caption:
        await set_caption(post, caption, ctx, source="typed")
    at = _moment(form.values.get("when", ""))
    if at is not None and at != _whole_minute(post.due_at):
        if at <= ctx.now:
            await ctx.answer("form.past")
        else:
            await move_to(post, slot_at(at, ctx.member.zone or post.zone or "UTC"), ctx)
    if is_elsewhere:
        await settle(post, ctx.house, now=ctx.now)
        await ask_about_twins(post, ctx)
        await tell_changed(post, now=ctx.now)
    await close_prompts(ctx, post)


async def _send_elsewhere(post: Post, form: Submitted, ctx: Context) -> bool:
    """Give *post* the account that a form names; True when that is another one.

    Raises:
        AlreadyGoingOut: too late.
    """
    wanted, view = accounts.account_in(form), await view_of(post, now=ctx.now)
    if wanted is None or not accounts.is_another(form):
        return False
    account = next((one for one in view.accounts if one.id == wanted), None)
    is_usable = account is not None and account.state == "active"
    if account is None or not is_usable or _would_go_out_at_once(post, form, ctx):
        # It was fine when the form was judged, or there was no time to look.
        await ctx.answer("form.account_kept", number=f"#{post.number}")
        return False
    kept = {key: value for key, value in post.notes.items() if key != "menu"}
    post.notes = {**kept, "account": str(account.id)}
    if post.stage == "committed":
        await ctx.house.planner.change_account(post, account, by=ctx.member, now=ctx.now)
    return True


def _open(form: Form, ctx: Context) -> None:
    ref = ctx.inbound.form_ref
    ctx.effects.append(lambda: ctx.chat.open_form(ref, form))


def _would_go_out_at_once(post: Post, form: Submitted, ctx: Context) -> bool:
    """Tell a post whose time has passed and that is given no other: a change sends nothing off."""
    at = _moment(form.values.get("when", "")) or post.due_at
    return post.stage == "committed" and at is not None and at <= ctx.now


async def _account_field(post: Post, ctx: Context) -> tuple[Field, ...]:
    view = await view_of(post, now=ctx.now)
    return accounts.account_field(view.accounts, view.account, language=ctx.language, now=ctx.now)


def _caption_field(ctx: Context, value: str) -> Field:
    return Field(
        "caption",
        ctx.words("form.caption"),
        "long_text",
        value=value[:MAX_CAPTION_CHARS],
        max_chars=MAX_CAPTION_CHARS,
        is_optional=True,
    )


def _when_field(ctx: Context, at: datetime | None, *, is_optional: bool = False) -> Field:
    return Field(
        "when",
        ctx.words("form.when"),
        "moment",
        value=str(int(at.timestamp())) if at else "",
        hint=ctx.words("form.when_hint") if is_optional else "",
        is_optional=is_optional,
    )


def _moment(seconds: str) -> datetime | None:
    if not seconds.isdecimal() or len(seconds) > 11:  # noqa: PLR2004
        return None
    return datetime.fromtimestamp(int(seconds), UTC)


def _whole_minute(at: datetime | None) -> datetime | None:
    """Return *at* as a date-and-time picker gives it back."""
    return at.replace(second=0, microsecond=0) if at else None
