"""From words in a chat to an instant or a recurrence, and from a message to caption and when.

`read` takes a phrase that is all about time (an answer to "When?"), `split` a whole message.
Both are pure: no clock of their own, no input or output, and they never raise on any text.
`read_with_fallback` tries other languages too, off the event loop, and only ever suggests.
Tables are loaded when first needed; `warm_up` loads them all beforehand.
"""

from scheduling.when.phrase import read, read_with_fallback, warm_up
from scheduling.when.reading import Hours, Profile, Reading, Span, Split
from scheduling.when.split import split

__all__ = [
    "Hours",
    "Profile",
    "Reading",
    "Span",
    "Split",
    "read",
    "read_with_fallback",
    "split",
    "warm_up",
]
