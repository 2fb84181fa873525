"""What planning can refuse.

PlanningError                  the post does not stand where this makes sense (an old button)
├── AlreadyGoingOut            too late: it is being published, or it is out
├── AccountNotReady            its account waits for a person (connect again, clear a warning)
├── UndoIsOver                 nothing to undo, or the ten minutes are over
└── IllegalMove                the table of moves forbids it: a fault of ours
"""

from uuid import UUID


class PlanningError(Exception):
    """What was asked does not fit where the post stands now; nothing was changed."""


class AlreadyGoingOut(PlanningError):
    """Too late to change the post. `is_published` tells a live post from one on its way."""

    def __init__(self, *, is_published: bool) -> None:
        super().__init__("already published" if is_published else "already going out")
        self.is_published = is_published


class AccountNotReady(PlanningError):
    """The account must be connected again (or its warning cleared) first."""

    def __init__(self, account_id: UUID) -> None:
        super().__init__(f"account {account_id} is not ready to publish")
        self.account_id = account_id


class UndoIsOver(PlanningError):
    """There is nothing to undo any more."""


class IllegalMove(PlanningError):
    """A state was to be written that the table of moves does not allow."""

    def __init__(self, was: str, becomes: str) -> None:
        super().__init__(f"no move from {was} to {becomes}")
        self.was = was
        self.becomes = becomes
