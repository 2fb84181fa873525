"""Tokens that end are renewed ahead, by one process; people are told of a refusal."""

import asyncio
import base64
import os
from datetime import timedelta

import pytest
from pydantic import SecretStr

from bot.operations import rotate_keys
from bot.renewing import Renewer
from integrations.chat.errors import ChatBusy, ChatError
from integrations.chat.installing import Renewed
from models.condition import unknown_key_ids
from models.installation import Installation, Installations, NewInstallation, end_installation
from models.outbox import Audit, Outbox
from models.sealed import Keyring
from models.team import ChatIdentity, Member, Place, Team
from tests.support.clock import SettableClock

pytestmark = pytest.mark.usefixtures("database")
HOURS_12 = timedelta(hours=12)


class Service:
    """Renews tokens as Slack does: each refresh token is good for once."""

    chat = "slack"

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.trouble: Exception | None = None
        self.open = asyncio.Event()
        self.open.set()

    async def renew(self, refresh: SecretStr) -> Renewed:
        self.asked.append(refresh.get_secret_value())
        await self.open.wait()
        if self.trouble:
            raise self.trouble
        number = len(self.asked)
        return Renewed(SecretStr(f"token-{number}"), SecretStr(f"refresh-{number}"), HOURS_12)


def key(kid: str) -> str:
    return f"{kid}:{base64.b64encode(os.urandom(32)).decode()}"


class Scene:
    """One workspace with a token that ends in twelve hours, and two processes of ours."""

    def __init__(self, clock: SettableClock) -> None:
        self.clock = clock
        self.key = key("k1")
        self.service = Service()
        self.houses = [Installations(Keyring.parse(self.key), clock) for _ in range(2)]
        self.renewers = [
            Renewer(
                {"slack": self.service},  # type: ignore[dict-item]  # only what is asked of it
                house,
                clock,
                public_url="https://post.example.com",
            )
            for house in self.houses
        ]

    async def install(self, workspace: str = "T1") -> None:
        await self.houses[0].keep(
            NewInstallation(
                "slack",
                workspace,
                SecretStr("token-0"),
                name="Cafe",
                installed_by="U1",
                refresh=SecretStr("refresh-0"),
                token_ends_at=self.clock.now() + HOURS_12,
            )
        )

    async def token(self, house: int = 0) -> str:
        found = await self.houses[house].token_of("slack", "T1", fresh=True)
        return found.get_secret_value() if found else ""


@pytest.fixture
async def scene(clock: SettableClock) -> Scene:
    found = Scene(clock)
    await found.install()
    return found


async def test_a_token_is_renewed_ahead_of_its_end_and_not_before(scene: Scene) -> None:
    await scene.renewers[0].renew_ending()
    assert scene.service.asked == []

    scene.clock.pass_time(timedelta(hours=10, minutes=1))
    await scene.renewers[0].renew_ending()

    assert scene.service.asked == ["refresh-0"]
    assert await scene.token() == await scene.token(1) == "token-1"
    kept = await Installation.get()
    assert kept.token_ends_at is not None
    assert HOURS_12 - (kept.token_ends_at - scene.clock.now()) < timedelta(minutes=1)
    assert "refresh" not in kept.sealed_refresh

    scene.clock.pass_time(timedelta(hours=11))
    await scene.renewers[1].renew_ending()
    assert scene.service.asked == ["refresh-0", "refresh-1"]


async def test_two_processes_at_once_use_a_refresh_token_once(scene: Scene) -> None:
    scene.clock.pass_time(timedelta(hours=11))
    scene.service.open.clear()

    first = asyncio.create_task(scene.renewers[0].renew_ending())
    while not scene.service.asked:
        await asyncio.wait({first}, timeout=0.01)
    # The other finds the row held, and the old token is good meanwhile.
    await scene.renewers[1].renew_ending()
    assert await scene.token(1) == "token-0"
    scene.service.open.set()
    await first

    assert scene.service.asked == ["refresh-0"]
    assert await scene.token(1) == "token-1"


async def test_a_service_that_is_busy_is_asked_again_and_nothing_is_marked(scene: Scene) -> None:
    scene.clock.pass_time(timedelta(hours=11))
    scene.service.trouble = ChatBusy("down")
    await scene.renewers[0].renew_ending()
    assert (await Installation.get()).refused_at is None

    scene.service.trouble = None
    await scene.renewers[0].renew_ending()

    assert await scene.token() == "token-2"


async def test_a_refusal_is_marked_and_told_once_to_who_can_mend_it(scene: Scene) -> None:
    clock = scene.clock
    team = await Team.create(name="Cafe", created_at=clock.now())
    for number, role in (("U1", "editor"), ("U2", "owner"), ("U3", "editor")):
        member = await Member.create(team=team, name=number, role=role, created_at=clock.now())
        await ChatIdentity.create(
            member=member, chat="slack", workspace="T1", external_id=number,
            created_at=clock.now(),
        )  # fmt: skip
        await Place.create(
            team=team, chat="slack", workspace="T1", chat_id=number, person=member,
            purpose="direct", created_at=clock.now(),
        )  # fmt: skip
    clock.pass_time(timedelta(hours=11))
    scene.service.trouble = ChatError("Slack refused: invalid_refresh_token")

    for renewer in scene.renewers:
        await renewer.renew_ending()

    assert scene.service.asked == ["refresh-0"]
    assert (await Installation.get()).refused_at is not None
    assert await Audit.filter(action="installation.refused").count() == 1
    said = await Outbox.filter(event="say")
    places = {(await Place.get(id=row.place_id)).chat_id for row in said}
    assert places == {"U1", "U2"}
    assert "https://post.example.com/slack/install" in str(said[0].payload["text"])

    # Installed again it is whole again.
    await scene.install()
    assert (await Installation.get()).refused_at is None
    assert await scene.token() == "token-0"


async def test_what_has_ended_or_never_ends_is_left_alone(scene: Scene) -> None:
    assert await end_installation("slack", "T1", at=scene.clock.now())
    await scene.houses[0].keep(NewInstallation("slack", "T2", SecretStr("for-ever")))
    scene.clock.pass_time(timedelta(days=30))

    await scene.renewers[0].renew_ending()

    assert scene.service.asked == []
    assert (await Installation.get(workspace="T1")).sealed_refresh == ""


async def test_s4_a_new_key_seals_the_refresh_token_too(scene: Scene) -> None:
    fresh = key("k2")
    assert await unknown_key_ids(Keyring.parse(fresh)) == ["k1"]

    assert await rotate_keys(Keyring.parse(f"{fresh},{scene.key}")) == (1, 0)

    assert await unknown_key_ids(Keyring.parse(fresh)) == []
    kept = await Installation.get()
    opened = Keyring.parse(fresh).open(kept.sealed_refresh, kept.refresh_place)
    assert opened.get_secret_value() == "refresh-0"
