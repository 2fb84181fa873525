"""The stand-in's file store: bytes in, file ids and the shapes of media out."""

import secrets
from pathlib import Path

from sandbox.chats.keeping import Keeper
from sandbox.clock import Clock, unix
from sandbox.telegram import media
from sandbox.telegram.errors import bad_request
from sandbox.telegram.limits import DOWNLOAD_LINK_LIFE_SECONDS, MAX_DOWNLOAD_BYTES
from sandbox.telegram.state import Json, State, StoredFile

_PREFIXES = {
    "photo": ("AgACAgIAAxk", "photos"),
    "video": ("BAACAgIAAxk", "videos"),
    "animation": ("CgACAgIAAxk", "animations"),
    "voice": ("AwACAgIAAxk", "voice"),
    "video_note": ("DQACAgIAAxk", "video_notes"),
    "sticker": ("CAACAgIAAxk", "stickers"),
    "audio": ("CQACAgIAAxk", "music"),
    "document": ("BQACAgIAAxk", "documents"),
    "thumbnail": ("AAMCAgADGQ", "thumbnails"),
}
_ENDINGS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "audio/ogg": "oga",
    "application/pdf": "pdf",
}


class Files:
    """All files of the stand-in."""

    def __init__(self, state: State, keeper: Keeper[State], clock: Clock) -> None:
        self._state = state
        self._keeper = keeper
        self._clock = clock
        self._by_path = {one.path: one for one in state.files.values()}

    def add(
        self, data: bytes, *, kind: str, mime: str, name: str = "", size: int | None = None
    ) -> StoredFile:
        """Keep *data* as a file of *kind*; *size* declares another size than the bytes have."""
        prefix, folder = _PREFIXES[kind]
        number = self._state.next("file")
        token = secrets.token_urlsafe(24)
        ending = _ENDINGS.get(mime) or (name.rsplit(".", 1)[-1] if "." in name else "bin")
        ending = "".join(character for character in ending if character.isalnum())[:8] or "bin"
        file = StoredFile(
            file_id=f"{prefix}{number:04d}{token}",
            unique_id=f"AQAD{number:04d}{token[:10]}",
            blob=self._keeper.put_blob(data),
            size=len(data) if size is None else size,
            mime=mime,
            path=f"{folder}/file_{number}.{ending}",
            name=name,
            kind=kind,
        )
        self._state.files[file.file_id] = file
        self._by_path[file.path] = file
        return file

    def get(self, file_id: str) -> StoredFile | None:
        """Give the file of that id."""
        return self._state.files.get(file_id)

    def at(self, path: str) -> StoredFile | None:
        """Give the file that lies at a download path."""
        return self._by_path.get(path)

    def data(self, file: StoredFile) -> bytes:
        """Give a file's bytes."""
        return self._keeper.blob(file.blob)

    def grant(self, file_id: str, *, is_local: bool) -> Json:
        """Answer getFile: open the download link for an hour."""
        file = self.get(file_id)
        if file is None:
            raise bad_request("invalid file_id")
        if file.has_expired:
            raise bad_request("wrong file_id or the file is temporarily unavailable")
        if file.size > MAX_DOWNLOAD_BYTES and not is_local:
            raise bad_request("file is too big")
        file.link_until = unix(self._clock) + DOWNLOAD_LINK_LIFE_SECONDS
        path = str(self._on_disk(file)) if is_local else file.path
        return {**_named(file), "file_size": file.size, "file_path": path}

    def photo(
        self, sizes: list[media.PhotoSize], *, largest_size: int | None = None
    ) -> list[Json]:
        """Make the list of sizes of a photo, smallest first."""
        made: list[Json] = []
        for size in sizes:
            declared = largest_size if size is sizes[-1] else None
            file = self.add(size.data, kind="photo", mime="image/jpeg", size=declared)
            made.append(
                {
                    **_named(file),
                    "width": size.width,
                    "height": size.height,
                    "file_size": file.size,
                }
            )
            file.shape = made
        return made

    def video(
        self,
        data: bytes,
        *,
        kind: str = "video",
        mime: str = "video/mp4",
        name: str = "",
        size: int | None = None,
        measures: media.Measures | None = None,
    ) -> Json:
        """Make a Video (or an Animation, which has the same fields)."""
        seen = (
            measures or media.measured_film(data)
            if kind == "video"
            else measures or _measured(data)
        )
        file = self.add(data, kind=kind, mime=mime, name=name, size=size)
        made: Json = {
            **_named(file),
            "width": seen.width,
            "height": seen.height,
            "duration": round(seen.seconds),
            "mime_type": mime,
            "file_size": file.size,
        }
        if name:
            made["file_name"] = name
        made |= self._thumbnail(media.still(seen))
        file.shape = made
        return made

    def document(
        self,
        data: bytes,
        *,
        name: str,
        mime: str,
        size: int | None = None,
        small: media.PhotoSize | None,
    ) -> Json:
        """Make a Document."""
        file = self.add(data, kind="document", mime=mime, name=name, size=size)
        made: Json = {**_named(file), "mime_type": mime, "file_size": file.size}
        if name:
            made["file_name"] = name
        if small is not None:
            made |= self._thumbnail(small)
        file.shape = made
        return made

    def plain(self, data: bytes, *, kind: str, mime: str, **fields: object) -> Json:
        """Make a voice, sticker, audio or video note with the *fields* that kind has."""
        file = self.add(data, kind=kind, mime=mime)
        file.shape = {**_named(file), "file_size": file.size, **fields}
        return dict(file.shape)

    def _thumbnail(self, small: media.PhotoSize) -> Json:
        """Make the small picture of a file, under its new name and (like the server) the old."""
        file = self.add(small.data, kind="thumbnail", mime="image/jpeg")
        shape = {
            **_named(file),
            "width": small.width,
            "height": small.height,
            "file_size": file.size,
        }
        return {"thumbnail": shape, "thumb": shape}

    def _on_disk(self, file: StoredFile) -> Path:
        folder = self._keeper.folder
        if folder is None:
            raise bad_request("the local mode of this stand-in needs a state folder")
        return (folder / "files" / file.blob).resolve()


def _named(file: StoredFile) -> Json:
    return {"file_id": file.file_id, "file_unique_id": file.unique_id}


def _measured(data: bytes) -> media.Measures:
    return media.measured_picture(data) or media.measured_film(data)
