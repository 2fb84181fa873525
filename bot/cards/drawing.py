"""From an outbox row to what is sent: which places, which card, which words."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from bot.cards.account import account_card, reason
from bot.cards.buttons import Drawer
from bot.cards.home import home_card, load_home
from bot.cards.incident import incident_card, places_of_incident
from bot.cards.missed import load_missed, missed_card
from bot.cards.moves import moves_card
from bot.cards.post import failure_words, post_card, trouble_words
from bot.cards.series import SHOWN_RUNS, SeriesView, series_card
from bot.cards.trouble import account_trouble_card, is_open, missed_told_card, trouble_card
from bot.cards.views import PostView, load_post
from bot.texts import has_words, say
from bot.texts.times import day, relative
from integrations.chat.outgoing import Button, Card, Reaction, Text
from models.account import Account, ConnectState
from models.clock import Clock
from models.outbox import CardMessage, Outbox
from models.post import OPEN_STATES, Post, Target
from models.rearrangement import Rearrangement
from models.series import Series
from models.team import Member, Place
from platforms.contract import Platform
from scheduling.recurring.coming import coming
from web_oauth.state import new_connect_link

MAX_NUMBERS = 8
LINK_LIFETIME = timedelta(minutes=10)
_RECEIPTS = {"published": Reaction.DONE, "failed": Reaction.FAILED}
_LOUD = frozenset({"failed", "late", "unconfirmed", "held"})


@dataclass(frozen=True, slots=True)
class Drawing:
    """A card ready to be sent. `is_lasting`: the one card of its subject, edited ever after.

    `begins_anew`: what was shown at another `rev` stays as it is, this is a card of its own.
    `replaces`: a message that becomes this one, instead of a new one being sent.
    `is_progress`: only how far it got; it may be held back for a moment (K23).
    `receipt`: the mark to leave on the message it replies to.
    """

    card: Card
    reply_to: str = ""
    is_lasting: bool = False
    rev: int = 0
    begins_anew: bool = False
    replaces: str = ""
    is_progress: bool = False
    receipt: Reaction | None = None


class Artist:
    """Finds the places for what happened, and draws it as it stands now."""

    def __init__(self, platforms: Mapping[str, Platform], clock: Clock, public_url: str) -> None:
        self._platforms = platforms
        self._clock = clock
        self._public_url = public_url

    async def places_of(self, row: Outbox) -> list[UUID]:
        """Return where *row* is to be said."""
        if row.place_id:
            return [row.place_id]
        match row.subject_kind:
            case "post":
                return await self._places_of_post(row)
            case "account":
                return await _places_of_account(row.subject_id)
            case "incident":
                return await places_of_incident(row.subject_id)
            case "connect":
                state = await ConnectState.get_or_none(id=row.subject_id)
                return [state.place_id] if state else []
            case _:
                return []

    async def _places_of_post(self, row: Outbox) -> list[UUID]:
        post = await Post.get_or_none(id=row.subject_id)
        if post is None:
            return []
        if row.purpose != "card":
            return [post.place_id]
        shown = await CardMessage.filter(
            subject_kind="post", subject_id=post.id, purpose="card"
        ).values_list("place_id", flat=True)
        twins = await _other_chats_of_author(post)
        return list(dict.fromkeys([post.place_id, *(UUID(str(one)) for one in shown), *twins]))

    async def draw(self, row: Outbox, place: Place) -> Drawing | None:
        """Draw *row* for *place* as things stand now; None when there is nothing to say."""
        now = self._clock.now()
        match row.subject_kind, row.purpose:
            case "post", "card":
                view = await load_post(row.subject_id, now=now)
                drawing = await self._lasting_card(view, place) if view else None
                if drawing and "under" in row.payload:
                    # Somebody asked to see it where they are, not below its own message.
                    return replace(drawing, reply_to=str(row.payload["under"]))
                return drawing
            case "post", _:
                view = await load_post(row.subject_id, now=now)
                return _post_notice(row.event, view) if view else None
            case "account", purpose:
                return await _account_drawing(row, place, is_card=purpose == "card", now=now)
            case "connect", _:
                return await _connect_drawing(row, place)
            case "home", _:
                return await _home_drawing(row, now=now)
            case "incident", _:
                card = await incident_card(row.subject_id, place, await language_of(place))
                return Drawing(card, is_lasting=True) if card else None
            case "rearrangement", _:
                return await _moves_drawing(row, now=now)
            case "missed" | "missed_told", _:
                return await _missed_drawing(row, place, now=now)
            case "trouble", _:
                view = await load_post(row.subject_id, now=now)
                return await _trouble_drawing(row, view, place) if view else None
            case "account_trouble", _:
                return await _account_trouble_drawing(row, place)
            case "place", _:
                return await self._say(row, place, now=now)
            case _:
                return None

    async def _lasting_card(self, view: PostView, place: Place) -> Drawing | None:
        series = await Series.get_or_none(template_id=view.post.id)
        if series:
            return await _series_card(series, view, place)
        if view.post.notes.get("series") and view.state == "scheduled":
            # Runs ahead are told by the series' card; their own comes when they go out.
            shown = CardMessage.filter(subject_id=view.post.id, place_id=place.id)
            if not view.post.notes.get("opened") and not await shown.exists():
                return None
        return self._post_card(view, place)

    def _post_card(self, view: PostView, place: Place) -> Drawing:
        platform = self._platforms["instagram"].card
        return Drawing(
            card=post_card(view, platform),
            reply_to=_source_in(place, view),
            is_lasting=True,
            rev=view.post.rev,
            is_progress=_is_progress(view),
        )

    async def _say(self, row: Outbox, place: Place, *, now: datetime) -> Drawing:
        payload: dict[str, Any] = row.payload
        rows = [tuple(Button(**one) for one in found) for found in payload.get("buttons", [])]
        if payload.get("connect"):
            rows.append((await self._connect_button(payload, place, now=now),))
        text = str(payload.get("text", ""))
        card = Card(
            lines=tuple((Text(line),) for line in text.split("\n")),
            buttons=tuple(rows),
            fallback_text=text,
            is_silent=not payload.get("is_loud", False),
        )
        return Drawing(
            card=card,
            reply_to=str(payload.get("reply_to", "")),
            replaces=str(payload.get("replaces", "")),
        )

    async def _connect_button(
        self, payload: dict[str, Any], place: Place, *, now: datetime
    ) -> Button:
        """Make the link when it is drawn: it stands nowhere in the database."""
        wanted = payload["connect"]
        url = await new_connect_link(
            platform=wanted["platform"],
            member_id=UUID(wanted["member"]),
            team_id=UUID(wanted["team"]),
            place_id=place.id,
            post_id=UUID(wanted["post"]) if wanted.get("post") else None,
            now=now,
            public_url=self._public_url,
        )
        language = str(payload.get("language", "en"))
        return Button(label=say("button.connect_open", language), url=url, style="primary")


def _source_in(place: Place, view: PostView) -> str:
    """Return the message a post came from, where that is in *place*."""
    return view.post.source_ref if view.post.place_id == place.id else ""


async def _other_chats_of_author(post: Post) -> list[UUID]:
    """Return the author's private place in each chat that the post was not made in (b48)."""
    private = Place.filter(person_id=post.author_id, purpose="direct", is_open=True)
    own = await private.order_by("thread", "created_at")
    home = await Place.get(id=post.place_id)
    by_chat: dict[tuple[str, str], UUID] = {}
    for place in own:
        if (place.chat, place.workspace) != (home.chat, home.workspace):
            by_chat.setdefault((place.chat, place.workspace), place.id)
    return list(by_chat.values())


async def _series_card(series: Series, template: PostView, place: Place) -> Drawing:
    ahead = await coming(series, after=template.now, count=SHOWN_RUNS)
    view = SeriesView(series, template, tuple(run.at for run in ahead))
    return Drawing(
        card=series_card(view),
        reply_to=_source_in(place, template),
        is_lasting=True,
        rev=template.post.rev,
    )


def _is_progress(view: PostView) -> bool:
    """Tell a step on the way from what people wait for."""
    target = view.target
    on_its_way = target is not None and target.state in {"preparing", "waiting_media", "ready"}
    return view.state == "publishing" or (view.state == "scheduled" and on_its_way)


# ── notices ──────────────────────────────────────────────────────────────────────────────────


def _post_notice(event: str, view: PostView) -> Drawing | None:
    words = _notice_words(event, view)
    if not words:
        return None
    target = view.target
    link = target.permalink if target and event == "published" else ""
    rows = ((Button(label=say("button.open", view.language), url=link),),) if link else ()
    card = Card(
        lines=((Text(words),),),
        fallback_text=words,
        buttons=rows,
        is_silent=event not in _LOUD,
    )
    receipt = _RECEIPTS.get(event)
    return Drawing(card=card, reply_to=view.post.source_ref, receipt=receipt)


def _notice_words(event: str, view: PostView) -> str:
    language, target = view.language, view.target
    if target is None:
        return ""
    match event:
        case "published" if target.state == "published":
            return say("notice.published", language, number=view.number)
        case "failed" if target.state == "failed":
            return failure_words("notice.failed", target, language, number=view.number)
        case "late" if target.state == "late":
            when = view.moment(target.due_at)
            return say("notice.late", language, number=view.number, moment=when)
        case "unconfirmed" if target.state == "unconfirmed":
            return say("notice.unconfirmed", language, number=view.number, reads=target.reads)
        case "held" if target.state in {"blocked", "deferred", "late"}:
            words = trouble_words(target, language)
            return say("notice.held", language, number=view.number, reason=words)
        case _:
            # It moved on before this was sent; the newer state speaks for itself.
            return ""


async def _home_drawing(row: Outbox, *, now: datetime) -> Drawing | None:
    member = await Member.get_or_none(id=row.subject_id)
    if member is None:
        return None
    card = home_card(await load_home(member, now=now))
    return Drawing(card, is_lasting=True, begins_anew=row.event == "opened")


async def _moves_drawing(row: Outbox, *, now: datetime) -> Drawing | None:
    kept = await Rearrangement.get_or_none(id=row.subject_id).prefetch_related("member")
    if kept is None:
        return None
    ids = [UUID(str(one["post"])) for one in kept.changes if one.get("post")]
    captions = await Post.filter(id__in=ids).values_list("id", "caption")
    return Drawing(
        moves_card(kept, kept.member.language, now=now, captions=dict(captions)),
        reply_to=kept.message_ref,
        is_lasting=True,
        rev=kept.rev,
    )


async def _missed_drawing(row: Outbox, place: Place, *, now: datetime) -> Drawing | None:
    posts = row.payload.get("posts")
    ids = [UUID(str(one)) for one in posts] if isinstance(posts, list) else []
    views = await load_missed(ids, now=now)
    language = await language_of(place)
    card = (
        missed_told_card(views, language)
        if row.subject_kind == "missed_told"
        else missed_card(row.subject_id, views, language)
    )
    return Drawing(card, is_lasting=True) if views else None


# ── the team's place for failures ────────────────────────────────────────────────────────────


async def _trouble_drawing(row: Outbox, view: PostView, place: Place) -> Drawing | None:
    if not is_open(view) and not await _was_told(row, place):
        return None
    since = datetime.fromisoformat(str(row.payload["since"]))
    changed_by = await Member.get_or_none(id=view.post.changed_by_id)
    card = trouble_card(view, await language_of(place), since=since, changed_by=changed_by)
    return Drawing(card, reply_to=_source_in(place, view), is_lasting=True)


async def _account_trouble_drawing(row: Outbox, place: Place) -> Drawing | None:
    account = await Account.get_or_none(id=row.subject_id)
    if account is None:
        return None
    if account.state not in {"needs_reconnect", "held"} and not await _was_told(row, place):
        return None
    card = account_trouble_card(
        account,
        await language_of(place),
        held=await Target.filter(account_id=account.id, state="blocked").count(),
        zone=await _zone_of(place),
        by=await Member.get_or_none(id=account.connected_by_id),
    )
    # One message for each time that it breaks: an old one stays as it ended.
    began = int(datetime.fromisoformat(str(row.payload["since"])).timestamp()) % 2**31
    return Drawing(card, is_lasting=True, rev=began, begins_anew=row.event == "began")


async def _was_told(row: Outbox, place: Place) -> bool:
    told = CardMessage.filter(
        subject_kind=row.subject_kind, subject_id=row.subject_id, place_id=place.id
    )
    return await told.exclude(message_ref="").exists()


async def _zone_of(place: Place) -> str:
    first = await Member.filter(team_id=place.team_id).order_by("created_at").first()
    return (first.zone if first else "") or "UTC"


# ── accounts ─────────────────────────────────────────────────────────────────────────────────


async def _places_of_account(account_id: UUID) -> list[UUID]:
    account = await Account.get_or_none(id=account_id)
    if account is None:
        return []
    talked_in = Place.filter(team_id=account.team_id, is_open=True).exclude(purpose="home")
    places = await talked_in.order_by("created_at")
    direct = [place.id for place in places if place.purpose == "direct"]
    return direct[:1] or [place.id for place in places[:1]]


async def _account_drawing(
    row: Outbox, place: Place, *, is_card: bool, now: datetime
) -> Drawing | None:
    account = await Account.get_or_none(id=row.subject_id)
    if account is None:
        return None
    language = await language_of(place)
    if row.event == "connected" and row.payload.get("reconnected") and account.state == "active":
        # The notice that it is connected again says it; twice would be once too often.
        return None
    if is_card and row.event == "changed" and not await _was_told(row, place):
        # There is no card here to be kept true.
        return None
    was_taken_back = row.event == "disconnected" and row.payload.get("reason") == "deauthorized"
    if is_card and not was_taken_back:
        # A card of an earlier login stays where it is; a new login gets a new card.
        return Drawing(
            card=account_card(account, language, now=now),
            is_lasting=True,
            rev=account.token_version,
            begins_anew=row.event == "connected",
        )
    params: dict[str, Any] = {"username": account.username}
    match row.event:
        case "needs_reconnect" if account.state in {"needs_reconnect", "held"}:
            words = say("account.needs", language, reason=reason(account, language), **params)
            draw = Drawer(account.id, account.token_version, language)
            rows = ((draw.button("acon", "reconnect_account", "primary"),),)
            return Drawing(_words_card(words, rows=rows, is_loud=True))
        case "ends" if account.state == "active" and _is_same_login(row, account):
            return await _ends_notice(account, language, now=now)
        case "renamed":
            params["before"] = row.payload.get("renamed_from", "")
            return Drawing(_words_card(say("account.renamed", language, **params)))
        case "disconnected" if was_taken_back:
            words = say("account.deauthorized", language, **params)
            held = await Target.filter(account_id=account.id, state="blocked").count()
            if held:
                words += "\n" + say("account.touches", language, count=held)
            return Drawing(_words_card(words, is_loud=True))
        case "disconnected":
            return Drawing(_words_card(say("account.disconnected", language, **params)))
        case "claimed":
            return Drawing(_words_card(say("account.claimed", language, **params)))
        case "reconnected":
            return Drawing(_words_card(say("account.reconnected", language, **params)))
        case _:
            return None


def _is_same_login(row: Outbox, account: Account) -> bool:
    return row.payload.get("version") == account.token_version


async def _ends_notice(account: Account, language: str, *, now: datetime) -> Drawing | None:
    ends = account.token_expires_at
    if ends is None or ends <= now:
        return None
    after = Target.filter(account_id=account.id, state__in=OPEN_STATES, due_at__gte=ends)
    at_risk = await after.order_by("due_at").prefetch_related("post")
    numbers = ", ".join(f"#{target.post.number}" for target in at_risk[:MAX_NUMBERS])
    risk = say("account.ends_risk", language, count=len(at_risk), numbers=numbers)
    words = say(
        "account.ends",
        language,
        username=account.username,
        day=day(ends, "UTC", now=now, language=language),
        left=relative(ends, now=now, language=language),
        risk=risk if at_risk else say("account.ends_no_risk", language),
    )
    draw = Drawer(account.id, account.token_version, language)
    rows = ((draw.button("acon", "reconnect_account", "primary"),),)
    return Drawing(_words_card(words, rows=rows, is_loud=True))


async def _connect_drawing(row: Outbox, place: Place) -> Drawing:
    language = await language_of(place)
    why = str(row.payload.get("why", "other"))
    params: dict[str, Any] = {key: value for key, value in row.payload.items() if key != "why"}
    if why == "scopes":
        params["meaning"] = _meaning(params, language)
    match row.event:
        case "denied":
            return Drawing(_words_card(say("connect.denied", language)))
        case "expired":
            return Drawing(_words_card(say("connect.expired", language)))
        case _:
            key = f"connect.why.{why}"
            words = say(key if has_words(key) else "connect.why.other", language, **params)
            return Drawing(_words_card(say("connect.failed", language, why=words)))


def _meaning(params: Mapping[str, Any], language: str) -> str:
    """Return what the missing permissions are for; the platform's own words where we have none."""
    keys = [f"scope.{scope}" for scope in str(params.get("missing", "")).split(", ")]
    if not all(has_words(key) for key in keys):
        return str(params.get("meaning", ""))
    return ", ".join(say(key, language) for key in keys)


async def language_of(place: Place) -> str:
    """Return the language to speak in *place*: the person's own, else of the team's first."""
    if place.person_id:
        member = await Member.get_or_none(id=place.person_id)
    else:
        member = await Member.filter(team_id=place.team_id).order_by("created_at").first()
    return member.language if member else "en"


def _words_card(
    words: str, *, rows: tuple[tuple[Button, ...], ...] = (), is_loud: bool = False
) -> Card:
    lines = tuple((Text(line),) for line in words.split("\n"))
    return Card(lines=lines, fallback_text=words, buttons=rows, is_silent=not is_loud)
