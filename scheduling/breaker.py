"""When a platform is left alone for a while, because it does not answer anybody. Pure."""

from collections import deque
from datetime import datetime, timedelta

from platforms.errors import HandleLost, OutcomeUnknown, PlatformError, Trouble, TryAgainLater

MOST_FAILURES = 5
WITHIN = timedelta(seconds=60)
PROBE_EVERY = timedelta(seconds=30)
_NO_ANSWER = frozenset({"no_answer", "TimeoutError"})


class Breaker:
    """Opens after five failures in a row within a minute; then one call per 30 s may go."""

    def __init__(self) -> None:
        self._failures: deque[datetime] = deque(maxlen=MOST_FAILURES)
        self._probe_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether calls are held back."""
        return self._probe_at is not None

    def wait(self, now: datetime) -> timedelta:
        """Return how long to hold a call back; nothing when it may go, maybe as the probe."""
        if self._probe_at is None:
            return timedelta(0)
        if now >= self._probe_at:
            self._probe_at = now + PROBE_EVERY
            return timedelta(0)
        return self._probe_at - now

    def failed(self, now: datetime) -> bool:
        """Count a call that was not answered; True when that opens the breaker."""
        self._failures.append(now)
        if self.is_open:
            self._probe_at = now + PROBE_EVERY
            return False
        if len(self._failures) == MOST_FAILURES and now - self._failures[0] <= WITHIN:
            self._probe_at = now + PROBE_EVERY
        return self.is_open

    def answered(self) -> bool:
        """Count a call that was answered, whatever it said; True when that closes the breaker."""
        was_open = self.is_open
        self._failures.clear()
        self._probe_at = None
        return was_open


def is_no_answer(err: BaseException | None) -> bool:
    """Say whether *err* means that the platform itself was not there: transport or 5xx."""
    if isinstance(err, TimeoutError):
        return True
    if not isinstance(err, PlatformError) or isinstance(err, HandleLost):
        return False
    if isinstance(err, TryAgainLater) and err.is_window:
        return False
    is_about_the_call = isinstance(err, TryAgainLater | OutcomeUnknown)
    return is_about_the_call and (err.trouble == Trouble.PLATFORM_DOWN or err.code in _NO_ANSWER)
