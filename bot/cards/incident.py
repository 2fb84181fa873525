"""The one notice about an outage of a platform, edited until the last post is through."""

from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.texts import say
from bot.texts.times import clock, span
from integrations.chat.outgoing import Card, Text
from models.incident import Incident, IncidentPost
from models.post import WAITING_STATES, Post, Target
from models.team import Member, Place

_ON_TIME = timedelta(minutes=1)


async def places_of_incident(incident_id: UUID) -> list[UUID]:
    """Return the places whose posts wait or waited."""
    rows = await IncidentPost.filter(incident_id=incident_id).prefetch_related("post")
    return list(dict.fromkeys(row.post.place_id for row in rows))


async def incident_card(incident_id: UUID, place: Place, language: str) -> Card | None:
    """Draw the notice for *place* as things stand; None when nothing of it waited."""
    incident = await Incident.get_or_none(id=incident_id)
    posts = await Post.filter(incidents__incident_id=incident_id, place_id=place.id)
    if incident is None or not posts:
        return None
    targets = await Target.filter(post_id__in=[post.id for post in posts])
    words = _words(incident, targets, len(posts), await _zone_of(place, posts), language)
    return Card(lines=((Text(words),),), fallback_text=words)


def _words(incident: Incident, targets: list[Target], count: int, zone: str, language: str) -> str:
    since = clock(incident.opened_at, zone)
    if incident.closed_at is None:
        return say("incident.open", language, since=since, count=count)
    until = clock(incident.closed_at, zone)
    out = [one for one in targets if one.state == "published"]
    done = len({one.post_id for one in out})
    if any(one.state in WAITING_STATES for one in targets):
        return say("incident.back", language, until=until, done=done, count=count)
    behind = [one.published_at - one.due_at for one in out if one.published_at]
    late = max(behind, default=timedelta())
    key = "incident.over_late" if late >= _ON_TIME else "incident.over"
    if done < count:
        key = "incident.over_some"
    return say(
        key,
        language,
        since=since,
        until=until,
        done=done,
        count=count,
        late=span(late, language=language),
    )


async def _zone_of(place: Place, posts: list[Post]) -> str:
    member = await Member.filter(team_id=place.team_id).order_by("created_at").first()
    zone = posts[0].zone or (member.zone if member else "") or "UTC"
    return ZoneInfo(zone).key
