"""Keeping the app's tokens alive where they end after hours: renewed ahead of their end."""

import asyncio
import logging
from collections.abc import Mapping
from functools import partial

from pydantic import SecretStr
from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from bot.context import say_in
from bot.texts import say
from bot.texts.times import clock as clock_words
from integrations.chat.errors import ChatBusy, ChatError
from integrations.chat.installing import Installer
from models.clock import Clock
from models.database import DATABASE_TROUBLE
from models.installation import FreshToken, Installation, Installations, ending
from models.outbox import Audit
from models.team import ChatIdentity, Place

log = logging.getLogger(__name__)

LOOK_SECONDS = 60.0
"""How often it is looked which tokens end soon; there are two hours to renew each."""

_EXCHANGE_SECONDS = 15.0


class Renewer:
    """Has tokens renewed before they end. Any number may run: each token is renewed by one."""

    def __init__(
        self,
        installers: Mapping[str, Installer],
        installations: Installations,
        clock: Clock,
        *,
        public_url: str,
    ) -> None:
        self._installers = installers
        self._installations = installations
        self._clock = clock
        self._public_url = public_url.rstrip("/")

    async def run(self) -> None:
        """Renew until cancelled."""
        while True:
            try:
                await self.renew_ending()
            except DATABASE_TROUBLE:
                log.info("renewal.database_trouble", exc_info=True)
            except Exception:
                # One workspace that cannot be renewed must not end the whole process.
                log.exception("renewal.trouble")
            await self._clock.pause(LOOK_SECONDS)

    async def renew_ending(self) -> None:
        """Renew every token that ends soon; one that fails keeps no other from it."""
        for one in await ending(self._clock.now()):
            installer = self._installers.get(one.chat)
            if installer is None:
                continue
            try:
                async with asyncio.timeout(_EXCHANGE_SECONDS):
                    exchange = partial(self._exchange, installer)
                    refused = await self._installations.renew(one.id, exchange)
            except (ChatBusy, TimeoutError) as err:
                extra = {"installation": str(one.id), "why": str(err)}
                log.warning("renewal.busy", extra=extra)
                continue
            if refused is not None:
                log.error("renewal.refused", extra={"installation": str(one.id)})
                await self._tell(refused)

    async def _exchange(self, installer: Installer, refresh: SecretStr) -> FreshToken | None:
        now = self._clock.now()
        try:
            renewed = await installer.renew(refresh)
        except ChatBusy:
            raise
        except ChatError as err:
            log.warning("renewal.not_taken", extra={"why": str(err)})
            return None
        return FreshToken(renewed.token, renewed.refresh, now + renewed.ends_in)

    async def _tell(self, refused: Installation) -> None:
        """Tell who installed us, and the owners, while the old token still lets us speak."""
        now = self._clock.now()
        async with in_transaction():
            await Audit.create(
                action="installation.refused",
                via=refused.chat,
                detail={"workspace": refused.workspace},
                at=now,
            )
            for place in await _places_to_tell(refused):
                member = place.person
                if member is None:
                    continue
                ends = refused.token_ends_at or now
                words = say(
                    "install.refused",
                    member.language,
                    chat=refused.chat.title(),
                    workspace=refused.name or refused.workspace,
                    clock=clock_words(ends, member.zone or "UTC"),
                    link=f"{self._public_url}/{refused.chat}/install",
                )
                await say_in(place, words, now=now, language=member.language, is_loud=True)


async def _places_to_tell(refused: Installation) -> list[Place]:
    """Return the direct messages of who installed us and of owners in that workspace."""
    where = Q(workspace=refused.workspace)
    if refused.is_org:
        where = Q(workspace__endswith=f"@{refused.workspace}")
    installer = await ChatIdentity.filter(
        where, chat=refused.chat, external_id=refused.installed_by
    ).values_list("member_id", flat=True)
    direct = Place.filter(where, chat=refused.chat, purpose="direct", is_open=True)
    told = direct.filter(Q(person__role="owner") | Q(person_id__in=list(installer)))
    return await told.prefetch_related("person")
