"""The stand-in's file store."""

import mimetypes

from sandbox.chats.keeping import Keeper
from sandbox.clock import Clock
from sandbox.slack.state import State, StoredFile
from sandbox.telegram.media import measured_film, measured_picture

NEVER = float("inf")
_MAGIC = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF8", "image/gif"),
    (b"%PDF-", "application/pdf"),
)
_WEBP_AT = slice(8, 12)
_FILM_AT = slice(4, 8)


class Files:
    """All files of the stand-in."""

    def __init__(self, state: State, keeper: Keeper[State], clock: Clock) -> None:
        self._state = state
        self._keeper = keeper
        self._clock = clock

    def add(
        self,
        data: bytes,
        *,
        team: str,
        user: str,
        name: str = "",
        mimetype: str = "",
        size: int | None = None,
        title: str = "",
        alt_text: str = "",
    ) -> StoredFile:
        """Keep *data*; *size* declares another size than the bytes have."""
        kind = mimetype or kind_of(data, name)
        number = self._state.new_id("F")
        file = StoredFile(
            id=number,
            team=team,
            user=user,
            name=name or f"{number.lower()}{mimetypes.guess_extension(kind) or ''}",
            mimetype=kind,
            blob=self._keeper.put_blob(data),
            size=len(data) if size is None else size,
            created=int(self._clock.now().timestamp()),
            title=title,
            alt_text=alt_text,
        )
        measures = measured_picture(data) if kind.startswith("image/") else None
        if kind.startswith("video/"):
            measures = measured_film(data)
        if measures is not None:
            file.width, file.height = measures.width, measures.height
        self._state.files[number] = file
        return file

    def data(self, file: StoredFile) -> bytes:
        """Give a file's bytes."""
        return self._keeper.blob(file.blob)

    def fill(self, file: StoredFile, data: bytes) -> None:
        """Put the bytes into a file that was announced before."""
        file.blob = self._keeper.put_blob(data)
        file.mimetype = kind_of(data, file.name)
        file.size = len(data)
        measures = measured_picture(data) if file.mimetype.startswith("image/") else None
        if measures is not None:
            file.width, file.height = measures.width, measures.height


def kind_of(data: bytes, name: str = "") -> str:
    """Tell the media type from the first bytes, else from the name."""
    for start, kind in _MAGIC:
        if data.startswith(start):
            return kind
    if data[:4] == b"RIFF" and data[_WEBP_AT] == b"WEBP":
        return "image/webp"
    if data[_FILM_AT] == b"ftyp":
        return "video/quicktime" if data[8:12] == b"qt  " else "video/mp4"
    return mimetypes.guess_type(name)[0] or "application/octet-stream"
