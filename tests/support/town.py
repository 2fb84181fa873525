"""One running world for many claims: each has people, a team and an account of its own."""

import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import SecretStr
from tortoise.transactions import in_transaction

from bot.people import person_in
from integrations.chat.incoming import Actor, PlaceRef
from models.account import Account
from models.database import open_database
from models.inbox import Inbox
from models.installation import Installations, NewInstallation
from models.outbox import Delivery, Outbox
from models.post import Media, Post, Target
from models.team import ChatIdentity, Member
from sandbox.instagram.accounts import SCOPES, PretendAccount
from sandbox.instagram.world import Published
from sandbox.slack import SlackSandbox
from scheduling.timing import PRODUCTION, Timing
from tests.support.clock import SettableClock
from tests.support.postgres import empty
from tests.support.slack_world import running_slack_world
from tests.support.talking import OnSlack, OnTelegram, Shown, Somebody, a_photo
from tests.support.waiting import wait_until
from tests.support.world import ZONE, World, running_world
from web_oauth.linking import token_place

Trouble = Literal["server_error", "hang", "drop", "drop_before", "slow_down"]
ChatCall = Literal["send", "edit", "find a file", "download"]
_CALLS: dict[ChatCall, tuple[str, str]] = {
    "send": ("sendMessage", "chat.postMessage"),
    "edit": ("editMessageText", "chat.update"),
    "find a file": ("getFile", "files.info"),
    "download": ("(download)", "(download)"),
}

Mode = Literal["telegram", "slack-http", "slack-socket"]
MODES: tuple[Mode, ...] = ("telegram", "slack-http", "slack-socket")
BERLIN = ZoneInfo(ZONE)


class Town:
    """A world in one chat mode, and people who come into it."""

    def __init__(self, mode: Mode, world: World, slack: SlackSandbox | None) -> None:
        self.mode = mode
        self.world = world
        self.slack = slack
        self._numbers = itertools.count(1)

    @property
    def clock(self) -> SettableClock:
        """The clock of everybody."""
        return self.world.clock

    # ── people ──────────────────────────────────────────────────────────────────────────────

    async def newcomer(self, name: str = "Dana", *, locale: str = "en") -> Somebody:
        """Give somebody we never heard of, in a workspace of their own where there are such."""
        if self.slack is None:
            person = self.world.telegram._new_person(name, locale, "", is_premium=False, bot=None)
            return OnTelegram(person)
        workspace = self.slack.add_workspace(f"Team {next(self._numbers)}")
        install = self.slack.installs(workspace)
        await Installations(self.world.settings.keyring, self.clock).keep(
            NewInstallation(
                "slack",
                workspace.id,
                SecretStr(install.token),
                name=workspace.name,
                app_id=self.slack.app.id,
                bot_user=install.bot_user,
                scopes=tuple(install.scopes),
            )
        )
        language = {"en": "en-GB", "de": "de-DE"}[locale]
        made = self.slack.person(name, workspace=workspace, locale=language)
        return OnSlack(made, self.quiet)

    async def settled(
        self, name: str = "Dana", *, locale: str = "en", is_connected: bool = True
    ) -> Somebody:
        """Give somebody who said hello long ago, told their zone, and connected an account."""
        who = await self.newcomer(name, locale=locale)
        async with in_transaction():
            actor, where = self._known_as(who, locale)
            found = await person_in(actor, where, now=self.clock.now())
            found.member.zone, found.member.hints = ZONE, {}
            await found.member.save(update_fields=["zone", "hints"])
        if is_connected:
            await self.connects(who)
        return who

    async def colleague(self, of: Somebody, name: str = "Mia") -> Somebody:
        """Give somebody of the same team, whom we know from the room both are in."""
        if isinstance(of, OnSlack):
            assert self.slack is not None
            workspace = self.slack.world.workspace(of.person.user.team)
            made = self.slack.person(name, workspace=workspace, locale="en-GB")
            return OnSlack(made, self.quiet)
        return OnTelegram(
            self.world.telegram._new_person(name, "en", "", is_premium=False, bot=None)
        )

    def room(self, name: str, *people: Somebody) -> list[Somebody]:
        """Open a group or channel of these people with us in it; gives them as they are there."""
        first = people[0]
        if isinstance(first, OnTelegram):
            those = [one.person for one in people if isinstance(one, OnTelegram)]
            group = self.world.telegram.group(name, those)
            group.adds_bot(first.person)
            group.promotes_bot(first.person)
            return [OnTelegram(one, group) for one in those]
        assert self.slack is not None
        here = [one.person for one in people if isinstance(one, OnSlack)]
        channel = self.slack.channel(name.lower(), here)
        return [OnSlack(one, self.quiet, channel) for one in here]

    async def plans(
        self,
        phrase: str = "tomorrow 9am",
        caption: str = "Menu",
        *,
        who: Somebody | None = None,
        number: int = 1,
    ) -> tuple[Somebody, Shown, Shown]:
        """Have somebody plan a post; gives them, their message and the card."""
        dana = who or await self.settled()
        sent = await dana.sends(a_photo(number), words=f"{caption}\n{phrase}")
        return dana, sent, await dana.sees(f"🗓 Scheduled #{number}")

    async def connects(self, who: Somebody) -> Account:
        """Have an account of *who* connected, as if they had done it long ago."""
        pretend = self.account_for(who)
        member = await self.member(who)
        token = self.world.instagram.issue_token(pretend.username)
        now = self.clock.now()
        account = Account(
            team_id=member.team_id,
            connected_by_id=member.id,
            platform="instagram",
            platform_user_id=pretend.account_id,
            app_user_id=pretend.scoped_id,
            username=pretend.username,
            display_name=pretend.name,
            account_type=pretend.account_type,
            state="active",
            scopes=list(SCOPES),
            token_version=1,
            token_issued_at=now,
            token_expires_at=token.expires_at,
            checked_at=now,
            created_at=now,
            updated_at=now,
        )
        place = token_place(account.id, account.team_id)
        account.sealed_token = self.world.settings.keyring.seal(SecretStr(token.value), place)
        await account.save(force_create=True)
        return account

    def account_for(self, who: Somebody) -> PretendAccount:
        """Open an account on the pretend Instagram; *who* publishes there."""
        number = next(self._numbers)
        made = PretendAccount(
            f"cafe.{number:04d}",
            "Café",
            "BUSINESS",
            f"178415{number:011d}",
            f"91001{number:011d}",
        )
        self.world.instagram.world.accounts[made.username] = made
        who.account = made.username
        return made

    # ── what is known of them ───────────────────────────────────────────────────────────────

    async def member(self, who: Somebody) -> Member:
        """Return the member that *who* is to us."""
        known = ChatIdentity.get(external_id=_id_of(who), chat=who.chat)
        identity = await known.prefetch_related("member")
        found: Member = identity.member
        return found

    async def in_state(self, who: Somebody, state: str, number: int = 1) -> None:
        """Wait until a post of *who* is in *state*."""
        await wait_until(lambda: self._is_in(who, state, number), what=f"#{number} is {state}")

    async def passes_until(
        self, who: Somebody, state: str, number: int = 1, *, minutes: float = 0.4
    ) -> None:
        """Let time pass in steps, each once the engine rests, until a post is in *state*."""
        for _ in range(60):
            what = f"#{number} is {state}, or waits"
            await wait_until(lambda: self._rests(who, state, number), what=what)
            if await self._is_in(who, state, number):
                return
            self.pass_time(minutes=minutes)
        target = await self.target(who, number)
        raise AssertionError(f"never {state} but {target.state}: {target.last_error}")

    async def _rests(self, who: Somebody, state: str, number: int) -> bool:
        target = await self.target(who, number)
        at = target.next_attempt_at
        waits = target.lease_until is None and at is not None and at > self.clock.now()
        return target.state == state or waits

    async def _is_in(self, who: Somebody, state: str, number: int) -> bool:
        return (await self.target(who, number)).state == state

    async def post(self, who: Somebody, number: int = 1) -> Post:
        """Return a post of the team of *who*."""
        return await Post.get(number=number, team_id=(await self.member(who)).team_id)

    async def target(self, who: Somebody, number: int = 1) -> Target:
        """Return where a post of the team of *who* goes."""
        return await Target.get(post_id=(await self.post(who, number)).id)

    async def posts(self, who: Somebody) -> list[Post]:
        """Return all posts of the team of *who*."""
        return await Post.filter(team_id=(await self.member(who)).team_id).order_by("number")

    def published(self, who: Somebody) -> list[Published]:
        """Return what is public on the account of *who*."""
        return [one for one in self.world.instagram.published if one.username == who.account]

    async def until_published(self, who: Somebody, count: int = 1) -> list[Published]:
        """Return what is public there, as soon as it is so many posts."""
        bell = self.world.instagram.bell
        await bell.until(lambda: len(self.published(who)) >= count)
        return self.published(who)

    def day(self, ahead: int) -> str:
        """Return the date so many days ahead, as people may write it."""
        return f"{self.clock.now().astimezone(BERLIN) + timedelta(days=ahead):%Y-%m-%d}"

    def moment(self, ahead: int, clock: str) -> datetime:
        """Return the moment of a clock so many days ahead, in Berlin."""
        return datetime.fromisoformat(f"{self.day(ahead)}T{clock}").replace(tzinfo=BERLIN)

    # ── time ────────────────────────────────────────────────────────────────────────────────

    def pass_time(self, **by: float) -> None:
        """Let time pass for everybody."""
        self.world.pass_time(timedelta(**by))

    def goes_to(self, moment: datetime) -> None:
        """Set the clock of everybody."""
        self.world.pass_time(moment - self.clock.now())

    def next_clock(self, hour: int, minute: int = 0) -> datetime:
        """Let time pass until the clocks in Berlin show that; gives the moment."""
        now = self.clock.now().astimezone(BERLIN)
        moment = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
        while moment <= now:
            moment += timedelta(days=1)
        self.goes_to(moment)
        return moment

    def next_week(self, weekday: int, hour: int = 10) -> datetime:
        """Let time pass until that weekday (0 is Monday) of the week to come; gives the moment."""
        now = self.clock.now().astimezone(BERLIN)
        ahead = now + timedelta(days=7 - now.weekday() + weekday)
        moment = ahead.replace(hour=hour, minute=0, second=0, microsecond=0)
        self.goes_to(moment)
        return moment

    # ── trouble ─────────────────────────────────────────────────────────────────────────────

    def chat_fails(
        self, kind: Trouble, call: ChatCall, *, times: int | None = None
    ) -> Callable[[], None]:
        """Make a call fail that we make to the chat; gives what ends that."""
        on_telegram, on_slack = _CALLS[call]
        more = {"retry_after": 2} if kind == "slow_down" else {}
        if self.slack is not None:
            slack = self.slack
            known = "ratelimited" if kind == "slow_down" else kind
            fault = slack.fails(known, on_slack, times=times, **more)
            return lambda: slack.heals(fault)
        telegram = self.world.telegram
        trouble = telegram.fails(
            "flood" if kind == "slow_down" else kind, on_telegram, times=times, **more
        )
        return lambda: telegram.heals(trouble)

    async def quiet(self) -> None:
        """Wait until all that was said was heard, handled and answered."""
        if self.slack is not None:
            await self.slack.all_told()
        else:
            await self.world.telegram.all_updates_taken()
        await wait_until(self._is_quiet, what="nothing is under way")

    async def _is_quiet(self) -> bool:
        parts = self.world.parts
        if parts.intake._busy or parts.courier._busy:
            return False
        is_busy = (
            await Inbox.filter(state="waiting").exists()
            or await Media.filter(state="pending", post__stage="draft").exists()
            or await Outbox.filter(fanned_out_at__isnull=True).exists()
            or await Delivery.filter(
                state="waiting", next_attempt_at__lte=self.clock.now() + timedelta(seconds=10)
            ).exists()
        )
        return not (is_busy or parts.intake._busy or parts.courier._busy)

    # ── within ──────────────────────────────────────────────────────────────────────────────

    def _known_as(self, who: Somebody, locale: str) -> tuple[Actor, PlaceRef]:
        if isinstance(who, OnSlack):
            user = who.person.user
            actor = Actor(user.id, who.name, user.name, locale, user.tz)
            return actor, PlaceRef("slack", user.team, user.id)
        assert isinstance(who, OnTelegram)
        person = who.person
        username = str(person.world.state.users[person.id]["username"])
        private = person.private
        private.chat.members[person.bot.id] = "member"
        actor = Actor(str(person.id), who.name, username, locale)
        return actor, PlaceRef("telegram", "", str(private.id))


def _id_of(who: Somebody) -> str:
    return str(who.person.id) if isinstance(who, OnSlack | OnTelegram) else ""


@asynccontextmanager
async def running_town(
    mode: Mode, *, database_url: str, folder: Path, timing: Timing = PRODUCTION
) -> AsyncIterator[Town]:
    """Give a world in one chat mode on an empty database; nobody waits for the chat's pace."""
    async with open_database(database_url, pool_size=1):
        await empty()
    clock = SettableClock()
    if mode == "telegram":
        async with running_world(
            database_url=database_url, folder=folder, clock=clock, timing=timing
        ) as world:
            clock.pause_share = 0.02
            yield Town(mode, world, None)
        return
    async with running_slack_world(
        database_url=database_url,
        folder=folder,
        clock=clock,
        mode="http" if mode == "slack-http" else "socket",
        timing=timing,
        SLACK_BOT_TOKEN="",
        SLACK_CLIENT_ID="1000000001.2000000002",
        SLACK_CLIENT_SECRET="sandbox-slack-client-secret",
    ) as both:
        clock.pause_share = 0.02
        yield Town(mode, both.world, both.slack)
