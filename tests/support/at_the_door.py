"""A request at a chat's door, and what became of it."""

from collections.abc import Mapping, Sequence

from integrations.chat.contract import Chat
from integrations.chat.incoming import Answered, Received, Refused


async def handed_in(
    chat: Chat, headers: Mapping[str, str], body: bytes
) -> Received | Answered | Refused:
    """Hand a request to *chat*; return the event it had stored, else how it was answered."""
    stored: list[Received] = []

    async def store(events: Sequence[Received]) -> None:
        stored.extend(events)

    answer = await chat.receive(headers, body, store)
    if not stored:
        return answer
    assert answer == Answered()
    (event,) = stored
    return event
