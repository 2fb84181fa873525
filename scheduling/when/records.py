"""Named tuples as `typing.NamedTuple` makes them, for a reader that is imported without `typing`.

`typing` takes longer to load than the whole reader, and nothing else of it is needed at run time.
"""

from __future__ import annotations

from collections import namedtuple

__all__ = ["TYPE_CHECKING", "Record"]

TYPE_CHECKING = False
"""What type checkers take for true: they see the named tuples they know."""

if TYPE_CHECKING:
    from typing import NamedTuple as Record
else:

    class _Recorder(type):
        """Makes a named tuple of the fields and defaults that a class body lists."""

        def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, object]) -> type:
            if not bases:
                return super().__new__(cls, name, bases, body)
            fields = tuple(body.pop("__annotations__"))
            defaults = [body.pop(field) for field in fields if field in body]
            base = namedtuple(name, fields, defaults=defaults, module=body["__module__"])
            return type(name, (base,), {"__slots__": (), **body})

    class Record(metaclass=_Recorder):
        """The base of a named tuple: `class Point(Record): x: int; y: int = 0`."""
