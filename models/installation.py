"""Where a chat's app was installed, with its sealed bot token; and the states of installing."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import SecretStr
from tortoise import fields
from tortoise.models import Model
from tortoise.transactions import in_transaction

from models.clock import Clock
from models.database import db
from models.ids import new_id
from models.sealed import Keyring
from models.sealed import Place as SealedPlace
from models.team import Place

REMEMBER_SECONDS = 30.0
"""How long a token is kept in memory, so that not every call asks the database for it."""

AHEAD = timedelta(hours=2)
"""How long before its end a token is renewed; until then the old one works as well."""

_MAX_REMEMBERED = 10_000


class Installation(Model):
    """An app in a workspace, or in every workspace of an organisation (`is_org`).

    (`chat`, `workspace`) is unique: installing again changes the row. An ended one keeps no token.
    A token that ends (`token_ends_at`) has a second one with which it is renewed; `refused_at` is
    when the service would not do that any more.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    chat = fields.TextField()
    workspace = fields.TextField()
    is_org = fields.BooleanField(default=False)
    name = fields.TextField(default="")
    app_id = fields.TextField(default="")
    bot_user = fields.TextField(default="")
    scopes = fields.TextField(default="")
    sealed_token = fields.TextField(default="")
    sealed_refresh = fields.TextField(default="", db_default="")
    token_ends_at = fields.DatetimeField(null=True)
    refused_at = fields.DatetimeField(null=True)
    installed_by = fields.TextField(default="")
    installed_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "installation"
        unique_together = (("chat", "workspace"),)

    @property
    def token_place(self) -> SealedPlace:
        """Where the token rests; it opens in this row alone."""
        return SealedPlace("installation", "sealed_token", self.id, self.id)

    @property
    def refresh_place(self) -> SealedPlace:
        """Where the token rests with which the other one is renewed."""
        return SealedPlace("installation", "sealed_refresh", self.id, self.id)


class InstallState(Model):
    """One way to install, used once, for ten minutes, in one browser. Only hashes are kept."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    chat = fields.TextField()
    state_hash = fields.CharField(max_length=64, unique=True)
    cookie_hash = fields.TextField()
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "install_state"


@dataclass(frozen=True, slots=True)
class NewInstallation:
    """What a service says when its app was installed."""

    chat: str
    workspace: str
    token: SecretStr
    is_org: bool = False
    name: str = ""
    app_id: str = ""
    bot_user: str = ""
    scopes: tuple[str, ...] = ()
    installed_by: str = ""
    refresh: SecretStr | None = None
    token_ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FreshToken:
    """A token that took the place of an older one, and what to renew it with when it ends."""

    token: SecretStr
    refresh: SecretStr
    ends_at: datetime


Exchange = Callable[[SecretStr], Awaitable[FreshToken | None]]
"""Has a token renewed by the service; None when it will never do that again."""


class Installations:
    """The installations of this house; tokens are sealed at rest and opened here."""

    def __init__(self, keyring: Keyring, clock: Clock) -> None:
        self._keyring = keyring
        self._clock = clock
        self._known: dict[tuple[str, str], tuple[float, SecretStr | None]] = {}

    async def token_of(
        self, chat: str, workspace: str, *, fresh: bool = False
    ) -> SecretStr | None:
        """Return the bot token for *workspace*, None where the app is not (any more).

        It is remembered for a moment; *fresh* asks the database all the same.
        A workspace of an organisation is named "T1@E1"; the organisation's installation serves it.
        """
        now = self._clock.monotonic()
        at, token = self._known.get((chat, workspace), (0.0, None))
        if token is not None and not fresh and now - at < REMEMBER_SECONDS:
            return token
        team, _, org = workspace.partition("@")
        found = await Installation.get_or_none(
            chat=chat, workspace=org or team, ended_at__isnull=True
        )
        if found is None:
            self._known.pop((chat, workspace), None)
            return None
        token = self._keyring.open(found.sealed_token, found.token_place)
        if len(self._known) >= _MAX_REMEMBERED:
            self._known.clear()
        self._known[chat, workspace] = (now, token)
        return token

    async def bot_of(self, chat: str, workspace: str) -> str:
        """Return the id of our user in *workspace*, "" where the app is not (any more)."""
        team, _, org = workspace.partition("@")
        found = await Installation.get_or_none(
            chat=chat, workspace=org or team, ended_at__isnull=True
        )
        return found.bot_user if found else ""

    async def keep(self, new: NewInstallation) -> UUID:
        """Keep an installation, and open the places that an earlier end of it closed."""
        async with in_transaction():
            row, _ = await Installation.get_or_create(
                chat=new.chat,
                workspace=new.workspace,
                defaults={"installed_at": self._clock.now()},
            )
            row = await Installation.select_for_update().get(id=row.id)
            row.is_org, row.name, row.app_id = new.is_org, new.name, new.app_id
            row.bot_user, row.scopes = new.bot_user, ",".join(new.scopes)
            row.installed_by, row.installed_at = new.installed_by, self._clock.now()
            row.ended_at = row.refused_at = None
            row.sealed_token = self._keyring.seal(new.token, row.token_place)
            row.sealed_refresh = (
                self._keyring.seal(new.refresh, row.refresh_place) if new.refresh else ""
            )
            row.token_ends_at = new.token_ends_at
            await row.save()
            places = Place.filter(chat=new.chat)
            if new.is_org:
                places = places.filter(workspace__endswith=f"@{new.workspace}")
            else:
                places = places.filter(workspace=new.workspace)
            await places.update(is_open=True)
        self._known = {key: one for key, one in self._known.items() if key[0] != new.chat}
        return row.id

    async def renew(
        self, number: UUID, exchange: Exchange, *, ahead: timedelta = AHEAD
    ) -> Installation | None:
        """Have the token of an installation renewed, if it ends soon and nobody else is at it.

        The row is held meanwhile: the service takes the second token once. What *exchange* raises
        comes through, and the next one tries again.

        Returns:
            The installation where the service refused, which is marked so; None else.
        """
        async with in_transaction():
            soon = Installation.filter(
                id=number,
                ended_at__isnull=True,
                refused_at__isnull=True,
                token_ends_at__lte=self._clock.now() + ahead,
            ).exclude(sealed_refresh="")
            row = await soon.select_for_update(skip_locked=True).first()
            if row is None:
                return None
            fresh = await exchange(self._keyring.open(row.sealed_refresh, row.refresh_place))
            if fresh is None:
                row.refused_at = self._clock.now()
                await row.save(update_fields=["refused_at"])
                return row
            row.sealed_token = self._keyring.seal(fresh.token, row.token_place)
            row.sealed_refresh = self._keyring.seal(fresh.refresh, row.refresh_place)
            row.token_ends_at = fresh.ends_at
            await row.save(update_fields=["sealed_token", "sealed_refresh", "token_ends_at"])
        self._known = {key: one for key, one in self._known.items() if key[0] != row.chat}
        return None


async def ending(now: datetime, *, ahead: timedelta = AHEAD) -> list[Installation]:
    """Return the installations whose token ends soon and can be renewed, the first one first."""
    soon = Installation.filter(
        ended_at__isnull=True, refused_at__isnull=True, token_ends_at__lte=now + ahead
    )
    return await soon.exclude(sealed_refresh="").order_by("token_ends_at")


_END = """
UPDATE installation SET ended_at = $3, sealed_token = '', sealed_refresh = '', token_ends_at = NULL
WHERE chat = $1 AND workspace = ANY($2::text[]) AND ended_at IS NULL AND installed_at <= $3
RETURNING id
"""
_IS_NEWER = """
SELECT 1 FROM installation
WHERE chat = $1 AND workspace = ANY($2::text[]) AND ended_at IS NULL AND installed_at > $3
"""


async def end_installation(chat: str, workspace: str, *, at: datetime) -> bool:
    """End the app's stay in *workspace* as of *at* and forget its token; in a transaction.

    Returns:
        False when it was installed again since: the word of its end came late.
    """
    names = [one for one in workspace.split("@") if one]
    # Of an organisation only the organisation's own installation ends.
    names = names[-1:]
    if await db().execute_query_dict(_IS_NEWER, [chat, names, at]):
        return False
    await db().execute_query(_END, [chat, names, at])
    return True
