"""The record of every call to the Web API and the other doors of Slack."""

from dataclasses import dataclass

from sandbox.chats import journal


@dataclass(slots=True, kw_only=True)
class Call(journal.Call):
    """One call; *error* is the ``error`` of the answer, *team* whose token it brought."""

    verb: str
    team: str = ""


class Journal(journal.Journal[Call]):
    """All calls, and what was wrong with some although they were answered."""

    def __init__(self) -> None:
        super().__init__()
        self.violations: list[str] = []
        """What Slack would let pass and a careful app does not do."""

    def clear(self) -> None:
        """Forget everything."""
        super().clear()
        self.violations.clear()
