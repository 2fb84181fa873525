"""Whether our own media links lead to us, as seen from here (K33).

The platform fetches media by PUBLIC_URL. While posts are about to be prepared, one of their links
is fetched the same way. A house often cannot see itself from outside, so a miss only warns.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from integrations.storage.contract import MediaStore
from models.clock import Clock
from models.database import db
from models.post import WAITING_STATES
from platforms.http import OutboundClient, TransportError
from scheduling.timing import Timing

log = logging.getLogger(__name__)

_WITHIN = timedelta(seconds=10)
_LINK_LIVES = timedelta(minutes=2)
_OK, _PART = 200, 206

_SOON = """
SELECT m.storage_key FROM target AS t JOIN media AS m ON m.post_id = t.post_id
WHERE t.state = ANY($1::text[]) AND t.next_attempt_at <= $2 AND m.state = 'stored'
ORDER BY t.next_attempt_at LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the last look found; `why` is "" when the link led to us."""

    at: datetime
    why: str


class Reach:
    """Fetches a byte of our own media by the address the platforms use."""

    def __init__(
        self, client: OutboundClient | None, media: MediaStore, clock: Clock, timing: Timing
    ) -> None:
        """Without a *client* (PUBLIC_URL is none a platform could use) nothing is looked at."""
        self._client = client
        self._media = media
        self._clock = clock
        self._timing = timing
        self.seen: Seen | None = None

    async def look(self) -> None:
        """Fetch a link of a post that is prepared soon, if there is one."""
        if self._client is None:
            return
        until = self._clock.now() + self._timing.prepare_ahead
        rows = await db().execute_query_dict(_SOON, [list(WAITING_STATES), until])
        if rows:
            url = self._media.signed_url(str(rows[0]["storage_key"]), lives=_LINK_LIVES)
            self._note(await self._why_not(self._client, url))

    async def _why_not(self, client: OutboundClient, url: str) -> str:
        try:
            status = await client.peek(url, within=_WITHIN)
        except TransportError as err:
            return type(err).__name__
        return "" if status in {_OK, _PART} else f"status {status}"

    def _note(self, why: str) -> None:
        before, self.seen = self.seen, Seen(self._clock.now(), why)
        if why and (before is None or before.why != why):
            log.warning("media.not_reached_from_here", extra={"why": why})
        elif not why and before is not None and before.why:
            log.info("media.reached_again")
