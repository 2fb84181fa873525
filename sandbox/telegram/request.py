"""What a caller sent, whatever the form: query, form, multipart or JSON, merged."""

import json
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from sandbox.chats import params
from sandbox.telegram.errors import ApiError, bad_request
from sandbox.telegram.limits import MAX_UPLOAD_BYTES

LARGEST_BODY = MAX_UPLOAD_BYTES * 10 + 2**20


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with the request."""

    name: str
    data: bytes
    mime: str


class Params(params.Params):
    """The values of one call, and the files that came with it."""

    truths = params.Params.truths | {"t", "y"}

    def __init__(self, values: dict[str, Any], uploads: dict[str, Upload]) -> None:
        super().__init__(values)
        self.uploads = uploads

    def has(self, name: str) -> bool:
        """Tell whether *name* was given and is not empty."""
        return (
            self.values.get(name) not in {None, ""} if _is_plain(self.values.get(name)) else True
        )

    def number(self, name: str, default: int = 0) -> int:
        """Read a whole number; *default* when absent or no number, as the real server does."""
        try:
            return int(str(self.values.get(name, default)))
        except ValueError:
            return default

    def unreadable(self, name: str) -> ApiError:
        """Give the refusal of a value that is no JSON."""
        return bad_request(f"can't parse {name.replace('_', ' ')} JSON object")

    def listing(self, name: str) -> list[Any]:
        """Read a list; empty when absent."""
        value = self.structure(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise bad_request(f"can't parse {name.replace('_', ' ')}: expected an array")
        return value

    def upload(self, reference: str) -> Upload | None:
        """Give the uploaded file that *reference* names: a field's name or ``attach://name``."""
        return self.uploads.get(reference.removeprefix("attach://"))

    def for_journal(self) -> dict[str, Any]:
        """Give all values as plain data, nested ones opened."""
        shown = super().for_journal()
        for name, upload in self.uploads.items():
            shown[name] = {"file": upload.name, "bytes": len(upload.data)}
        return shown


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, (str, int, float, bool))


async def read_params(request: web.Request) -> Params:
    """Read everything a request holds."""
    values: dict[str, Any] = dict(request.query)
    uploads: dict[str, Upload] = {}
    if request.content_type == "application/json" and request.can_read_body:
        values |= await _json_body(request)
    elif request.content_type in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        roomy = request.clone(client_max_size=LARGEST_BODY)
        try:
            form = await roomy.post()
        except ValueError as err:
            raise bad_request("can't parse the form") from err
        except web.HTTPRequestEntityTooLarge as err:
            raise ApiError(413, "Request Entity Too Large") from err
        for name, value in form.items():
            if isinstance(value, web.FileField):
                with value.file as file:
                    uploads[name] = Upload(value.filename, file.read(), value.content_type)
            else:
                values[name] = (
                    value if isinstance(value, str) else bytes(value).decode("utf-8", "replace")
                )
    return Params(values, uploads)


async def _json_body(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.clone(client_max_size=LARGEST_BODY).read())
    except ValueError as err:
        raise bad_request("can't parse the request body as JSON") from err
    if not isinstance(body, dict):
        raise bad_request("the request body is no JSON object")
    return body
