"""The values of one call, whatever the form they came in."""

import json
from typing import Any, ClassVar


class Params:
    """The values of one call, read as the kind of thing a method needs."""

    truths: ClassVar[frozenset[str]] = frozenset({"true", "1", "yes"})
    """What counts as a yes, in small letters."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values

    def text(self, name: str, default: str = "") -> str:
        """Read a text."""
        value = self.values.get(name)
        if value is None:
            return default
        return json.dumps(value) if isinstance(value, (dict, list)) else str(value)

    def flag(self, name: str) -> bool:
        """Read a yes or no."""
        return str(self.values.get(name, "")).lower() in self.truths

    def structure(self, name: str) -> Any:  # noqa: ANN401  # JSON of any shape
        """Read something nested: JSON in text, or JSON itself; None when absent."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError as err:
            raise self.unreadable(name) from err

    def unreadable(self, name: str) -> Exception:
        """Give the refusal of a value that is no JSON."""
        raise NotImplementedError

    def for_journal(self) -> dict[str, Any]:
        """Give all values as plain data, nested ones opened."""
        return {name: _opened(value) for name, value in self.values.items()}


def _opened(value: object) -> object:
    if isinstance(value, str) and value[:1] in {"{", "["}:
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
