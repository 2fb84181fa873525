"""Every figure of the engine in one place; a test may hand in shorter ones."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Timing:
    """How long the engine waits, holds and allows.

    `publish_timeout` is the total time of the publish call, `may_still_act` how long a platform
    may act on a request we gave up on. `settle` is when "not published" begins to prove something.
    """

    grace: timedelta = timedelta(minutes=5)
    prepare_ahead: timedelta = timedelta(minutes=60)
    prepare_spread: timedelta = timedelta(minutes=30)
    queue_lease: timedelta = timedelta(seconds=3)
    lease: timedelta = timedelta(seconds=30)
    renew_every: timedelta = timedelta(seconds=10)
    trust_lease_for: timedelta = timedelta(seconds=20)
    send_deadline: timedelta = timedelta(seconds=1)
    call_timeout: timedelta = timedelta(seconds=90)
    publish_timeout: timedelta = timedelta(seconds=21)
    may_still_act: timedelta = timedelta(seconds=60)
    second_look: timedelta = timedelta(seconds=60)
    tick: timedelta = timedelta(seconds=0.5)
    claim_ahead: timedelta = timedelta(seconds=0.25)
    own_claim_after: timedelta = timedelta(seconds=1)
    kick_pause: timedelta = timedelta(seconds=2)
    kick_timeout: timedelta = timedelta(seconds=1)
    media_look_again: timedelta = timedelta(seconds=3)
    link_lives: timedelta = timedelta(hours=6)
    quota_wait: timedelta = timedelta(minutes=15)
    undo: timedelta = timedelta(minutes=10)
    drain: timedelta = timedelta(seconds=22)

    @property
    def settle(self) -> timedelta:
        """How long after the intent the outcome of a lost call is settled."""
        return self.send_deadline + self.publish_timeout + self.may_still_act

    def prepare_lead(self, target_id: UUID) -> timedelta:
        """Return how long before its slot a target is prepared: spread by its id.

        Ten thousand posts for nine o'clock must not all be prepared in the same second.
        """
        share = int.from_bytes(target_id.bytes[-2:], "big") / 65536
        return self.prepare_ahead - self.prepare_spread * share


PRODUCTION = Timing()
