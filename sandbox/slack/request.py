"""What a caller sent, whatever the form: query, form, multipart and JSON, merged."""

import json
from typing import Any

from aiohttp import web

from sandbox.chats import params
from sandbox.slack.errors import SlackError

LARGEST_BODY = 2**24
_SECRETS = frozenset({"token", "client_secret", "code", "refresh_token"})


class Params(params.Params):
    """The values of one call, read as the kind of thing a method needs."""

    def has(self, name: str) -> bool:
        """Tell whether *name* was given at all."""
        return self.values.get(name) is not None

    def wanted(self, name: str) -> str:
        """Read a text that must be there."""
        value = self.text(name)
        if not value:
            problem = f"[ERROR] missing required field: {name}"
            raise SlackError("invalid_arguments", response_metadata={"messages": [problem]})
        return value

    def number(self, name: str, default: int) -> int:
        """Read a whole number."""
        try:
            return int(str(self.values.get(name, default)))
        except ValueError as err:
            raise SlackError("invalid_arguments") from err

    def unreadable(self, name: str) -> SlackError:
        """Give the refusal of a value that is no JSON."""
        return SlackError("invalid_json" if name == "view" else "invalid_arguments")

    def listing(self, name: str) -> list[str]:
        """Read a list: JSON, or texts with commas between."""
        value = self.values.get(name)
        if value is None or value == "":
            return []
        if isinstance(value, list):
            return [str(one) for one in value]
        return [one.strip() for one in str(value).split(",") if one.strip()]

    def for_journal(self) -> dict[str, Any]:
        """Give all values as plain data, nested ones opened, secrets left out."""
        shown = super().for_journal()
        return {name: value for name, value in shown.items() if name not in _SECRETS}


async def read_params(request: web.Request) -> Params:
    """Read everything a request holds."""
    values: dict[str, Any] = dict(request.query)
    roomy = request.clone(client_max_size=LARGEST_BODY)
    if request.content_type == "application/json" and request.can_read_body:
        try:
            body = json.loads(await roomy.read() or b"{}")
        except ValueError as err:
            raise SlackError("invalid_json") from err
        if not isinstance(body, dict):
            raise SlackError("json_not_object")
        values |= body
    elif request.content_type in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        for name, value in (await roomy.post()).items():
            if isinstance(value, web.FileField):
                value.file.close()
                raise SlackError("invalid_form_data")
            values[name] = (
                value if isinstance(value, str) else bytes(value).decode("utf-8", "replace")
            )
    return Params(values)
