"""Business Login for Instagram: consent, the code, short and long tokens, what Meta calls back."""

import base64
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

from sandbox.instagram.accounts import BASIC_SCOPE, SCOPES, PretendAccount
from sandbox.instagram.errors import OAuthError, invalid, refusal
from sandbox.instagram.settings import Settings
from sandbox.instagram.world import LONG_LIFE, Code, Token, World

CODE_LIFE = timedelta(hours=1)
REFRESH_AGE = timedelta(hours=24)
_AUTHORIZE_NAMES = {
    "client_id", "redirect_uri", "response_type", "scope", "state",
    "enable_fb_login", "force_authentication", "force_reauth",
}  # fmt: skip
_EXCHANGE_NAMES = {"client_id", "client_secret", "grant_type", "redirect_uri", "code"}


@dataclass(frozen=True, slots=True)
class App:
    """The pretend app at Meta that the product is configured with."""

    app_id: str
    app_secret: str


class ConsentRefused(Exception):
    """The authorize address is wrong; its text is what the page shows."""


@dataclass(frozen=True, slots=True)
class Consent:
    """A well-formed request for consent."""

    redirect_uri: str
    state: str
    scopes: tuple[str, ...]


class OAuth:
    """The rules of consent and tokens over one `World`."""

    def __init__(
        self, world: World, settings: Settings, app: App, now: Callable[[], datetime]
    ) -> None:
        self._world = world
        self._settings = settings
        self._app = app
        self._now = now

    def read_consent(self, query: Mapping[str, str]) -> Consent:
        """Read the authorize address; raises ConsentRefused with words when it is wrong."""
        strange = set(query) - _AUTHORIZE_NAMES
        if strange:
            raise ConsentRefused(f"Unknown parameter: {', '.join(sorted(strange))}")
        if query.get("client_id") != self._app.app_id:
            raise ConsentRefused("Invalid platform app: the client_id is not known.")
        if query.get("response_type") != "code":
            raise ConsentRefused("response_type must be code.")
        redirect_uri = query.get("redirect_uri", "")
        parts = urlsplit(redirect_uri)
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.fragment:
            raise ConsentRefused("Invalid redirect_uri.")
        scopes = tuple(filter(None, re.split(r"[,\s]+", query.get("scope", ""))))
        unknown = [scope for scope in scopes if scope not in SCOPES]
        if unknown or BASIC_SCOPE not in scopes:
            raise ConsentRefused(f"Invalid scopes: {', '.join(unknown) or 'none given'}")
        return Consent(redirect_uri, query.get("state", ""), scopes)

    def decide(
        self, consent: Consent, username: str, *, allow: bool, scopes: list[str] | None = None
    ) -> str:
        """Return where the browser goes after the person's choice; a code is made on allow."""
        if not allow:
            answer = {
                "error": "access_denied",
                "error_reason": "user_denied",
                "error_description": "The user denied your request.",
            }
        else:
            chosen = consent.scopes if scopes is None else scopes
            granted = [scope for scope in consent.scopes if scope in chosen]
            code = Code(
                f"AQ{secrets.token_urlsafe(48)}",
                username,
                granted,
                consent.redirect_uri,
                self._now(),
            )
            self._world.codes[code.value] = code
            self._world.touch()
            answer = {"code": code.value}
        if consent.state:
            answer["state"] = consent.state
        parts = urlsplit(consent.redirect_uri)
        query = urlencode([*parse_qsl(parts.query), *answer.items()])
        return parts._replace(query=query).geturl() + ("#_" if allow else "")

    def exchange(self, form: Mapping[str, str]) -> dict[str, object]:
        """Take a code, give a short token; raises OAuthError."""
        strange = set(form) - _EXCHANGE_NAMES
        if strange:
            raise OAuthError(f"Unknown parameter: {', '.join(sorted(strange))}")
        if form.get("client_id") != self._app.app_id or not hmac.compare_digest(
            form.get("client_secret", "").encode(), self._app.app_secret.encode()
        ):
            raise OAuthError("Error validating client secret.")
        if form.get("grant_type") != "authorization_code":
            raise OAuthError("Invalid grant_type.")
        code = self._world.codes.get(form.get("code", ""))
        if code is None or code.is_used or self._now() - code.issued_at > CODE_LIFE:
            raise OAuthError("Matching code was not found or was already used")
        if code.redirect_uri != form.get("redirect_uri"):
            raise OAuthError("Error validating verification code: redirect_uri differs.")
        code.is_used = True
        token = self._world.issue_token(code.username, code.scopes, self._now(), is_long=False)
        return self._token_answer(token)

    def lengthen(self, given: Mapping[str, str], token: Token) -> dict[str, object]:
        """Exchange a short token for a long one; raises GraphError."""
        if given.get("grant_type") != "ig_exchange_token":
            raise invalid("Param grant_type must be ig_exchange_token.")
        secret = given.get("client_secret", "")
        if not hmac.compare_digest(secret.encode(), self._app.app_secret.encode()):
            raise refusal(101, None, "Error validating application. Invalid client secret.")
        if token.is_long:
            raise refusal(190, None, "This token is already long-lived.")
        return self._long_answer(token)

    def refresh(self, given: Mapping[str, str], token: Token) -> dict[str, object]:
        """Give a long token sixty new days; raises GraphError before it is a day old."""
        if given.get("grant_type") != "ig_refresh_token":
            raise invalid("Param grant_type must be ig_refresh_token.")
        if not token.is_long:
            raise refusal(190, None, "Only a long-lived token can be refreshed.")
        if self._now() - token.issued_at < REFRESH_AGE:
            raise invalid("The token is not old enough to be refreshed.")
        if BASIC_SCOPE not in token.scopes:
            raise refusal(10)
        return self._long_answer(token)

    def signed_request(self, account: PretendAccount) -> str:
        """Sign what Meta sends when a person removes the app or asks for deletion."""
        payload = {
            "user_id": account.scoped_id,
            "algorithm": "HMAC-SHA256",
            "issued_at": int(self._now().timestamp()),
        }
        encoded = _base64url(json.dumps(payload).encode())
        key = self._app.app_secret.encode()
        signature = hmac.new(key, encoded.encode(), hashlib.sha256).digest()
        return f"{_base64url(signature)}.{encoded}"

    def _token_answer(self, token: Token) -> dict[str, object]:
        account = self._world.accounts[token.username]
        as_list = self._settings.permissions_form == "list"
        is_flat = self._settings.token_form == "flat"
        one: dict[str, object] = {
            "access_token": token.value,
            # The flat form carries a number, which JavaScript clients must be wary of.
            "user_id": int(account.scoped_id) if is_flat else account.scoped_id,
            "permissions": token.scopes if as_list else ",".join(token.scopes),
        }
        return one if is_flat else {"data": [one]}

    def _long_answer(self, token: Token) -> dict[str, object]:
        fresh = self._world.issue_token(token.username, token.scopes, self._now(), is_long=True)
        return {
            "access_token": fresh.value,
            "token_type": "bearer",
            "expires_in": int(LONG_LIFE.total_seconds()),
        }


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
