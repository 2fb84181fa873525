"""Files out of Slack: from its own file host alone, and the token goes nowhere else."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from integrations.chat.errors import ChatBusy, FileGone
from integrations.chat.incoming import Attachment, AttachmentKind
from integrations.slack.chat import SlackChat
from integrations.slack.files import FileHost
from sandbox.slack import Attachment as Sent
from sandbox.slack import Person
from sandbox.telegram import a_jpeg
from tests.integrations.chat_conformance import listening, whole
from tests.integrations.slack.stage import Pauses, built
from tests.support.slack import RunningSlack, running_slack, serving_answers

HOST = "https://files.slack.com"
CONFUSIONS = [
    "https://files.slack.com@evil.example/files-pri/T1-F1/x.jpg",
    "https://files.slack.com:443@evil.example/x.jpg",
    "https://files.slack.com.evil.example/x.jpg",
    "https://evil.example/files.slack.com/x.jpg",
    "https://evil.example/?https://files.slack.com/x.jpg",
    "https://evil.example/#https://files.slack.com/x.jpg",
    "https://evilfiles.slack.com/x.jpg",
    "https://slack.com/x.jpg",
    "https://files.slack.com\\@evil.example/x.jpg",
    "https:\\\\files.slack.com/x.jpg",
    "https://files.slack.com:444/x.jpg",
    "http://files.slack.com/x.jpg",
    "http://files.slack.com:443/x.jpg",
    "https://files.slack.com./x.jpg",
    "https://files.slack.com%2eevil.example/x.jpg",
    "https://files.ѕlack.com/x.jpg",
    "https://user:pass@files.slack.com/x.jpg",
    "//files.slack.com/x.jpg",
    "ftp://files.slack.com/x.jpg",
    "file:///etc/passwd",
    "https://files.slack.com\t.evil.example/x.jpg",
    "https://[::ffff:127.0.0.1]/x.jpg",
    "https://files.slack.com:99999/x.jpg",
    "javascript:alert(1)",
    "https://FILES.slack.com/x.jpg",
    "",
]


@pytest.mark.parametrize("address", CONFUSIONS)
def test_s1_only_the_very_file_host_is_ours(address: str) -> None:
    assert not FileHost(HOST).owns(address)


@pytest.mark.parametrize(
    "address",
    [
        "https://files.slack.com/files-pri/T1-F1/x.jpg",
        "https://files.slack.com:443/files-pri/T1-F1/download/x%20y.jpg",
    ],
)
def test_s1_the_file_host_itself_is(address: str) -> None:
    assert FileHost(HOST).owns(address)


@pytest.mark.parametrize(
    "path", ["/api/auth.test", "/slackx/f", "/slack/../api/x", "/slack/%2e%2e/x"]
)
def test_s1_below_a_path_nothing_beside_it_is_ours(path: str) -> None:
    host = FileHost("http://127.0.0.1:8080/slack")

    assert not host.owns(f"http://127.0.0.1:8080{path}")
    assert host.owns("http://127.0.0.1:8080/slack/files-pri/T1-F1/x.jpg")


# ── in front of the stand-in ─────────────────────────────────────────────────────────────────


@pytest.fixture
async def running() -> AsyncIterator[RunningSlack]:
    async with running_slack() as slack:
        yield slack


@pytest.fixture
async def chat(running: RunningSlack) -> AsyncIterator[SlackChat]:
    async with built(running, Pauses()) as opened:
        yield opened


@pytest.fixture
def dana(running: RunningSlack) -> Person:
    return running.box.person("Dana")


async def received(
    chat: SlackChat, dana: Person, *files: Sent, text: str = ""
) -> list[Attachment]:
    async with listening(chat) as heard:
        await dana.sends(list(files), text)
        read = await heard.next(lambda one: bool(one.attachments))
    return list(read.attachments)


async def reason(chat: SlackChat, file_id: str, *, max_bytes: int = 10**7) -> str:
    with pytest.raises(FileGone) as gone:
        await whole(chat.fetch(file_id, max_bytes=max_bytes))
    return gone.value.reason


@pytest.mark.parametrize("mode", ["external", "remote"])
async def test_bad_030_a_file_that_lies_elsewhere_is_refused_and_nothing_is_asked(
    running: RunningSlack, chat: SlackChat, dana: Person, mode: str
) -> None:
    asked: list[web.Request] = []

    async def evil(request: web.Request) -> web.Response:
        asked.append(request)
        return web.Response(body=a_jpeg(), content_type="image/jpeg")

    async with serving_answers(evil) as elsewhere:
        sent = Sent(a_jpeg(), mode=mode, url=f"{elsewhere}/x.jpg", mimetype="image/jpeg")
        (found,) = await received(chat, dana, sent)
        file = next(iter(running.box.world.state.files))
        await reason(chat, f"{running.box.workspace.id}|{file}")

    assert (found.kind, found.what) == (AttachmentKind.UNWANTED, "linked file")
    assert not found.file_id
    assert asked == []
    assert running.box.journal.of("(download)") == []


async def test_s1_the_token_never_follows_a_redirect(
    running: RunningSlack, chat: SlackChat, dana: Person
) -> None:
    asked: list[web.Request] = []

    async def evil(request: web.Request) -> web.Response:
        asked.append(request)
        return web.Response(body=b"x")

    (found,) = await received(chat, dana, Sent(a_jpeg()))
    file = found.file_id.partition("|")[2]
    async with serving_answers(evil) as elsewhere:
        running.box.spoils(file, redirects_to=f"{elsewhere}/x.jpg")
        assert await reason(chat, found.file_id) == "gone"

    assert asked == []


async def test_bad_031_a_login_page_in_place_of_the_file_is_a_missing_right(
    running: RunningSlack, chat: SlackChat, dana: Person
) -> None:
    (found,) = await received(chat, dana, Sent(a_jpeg()))

    running.box.spoils(found.file_id.partition("|")[2], "login")

    assert await reason(chat, found.file_id) == "no_right"


async def test_bad_031_without_the_scope_it_is_the_same(
    running: RunningSlack, chat: SlackChat, dana: Person
) -> None:
    (found,) = await received(chat, dana, Sent(a_jpeg()))

    running.box.install().scopes.remove("files:read")

    assert await reason(chat, found.file_id) == "no_right"


async def test_bad_032_an_endless_file_is_cut_at_the_cap(
    running: RunningSlack, chat: SlackChat, dana: Person
) -> None:
    (found,) = await received(chat, dana, Sent(a_jpeg()))

    running.box.spoils(found.file_id.partition("|")[2], "endless")

    assert await reason(chat, found.file_id, max_bytes=200_000) == "too_big"


async def test_bad_032_a_file_that_breaks_off_is_asked_for_again(
    running: RunningSlack, chat: SlackChat, dana: Person
) -> None:
    (found,) = await received(chat, dana, Sent(a_jpeg()))
    running.box.spoils(found.file_id.partition("|")[2], "cut")

    with pytest.raises(ChatBusy):
        await whole(chat.fetch(found.file_id, max_bytes=10**7))


async def test_bad_029_a_deleted_file_is_gone(
    running: RunningSlack, chat: SlackChat, dana: Person
) -> None:
    (found,) = await received(chat, dana, Sent(a_jpeg()))

    running.box.file(found.file_id.partition("|")[2]).is_deleted = True

    assert await reason(chat, found.file_id) == "gone"


async def test_a_file_that_is_still_looked_through_is_asked_for_until_it_is_ready(
    running: RunningSlack, chat: SlackChat, dana: Person
) -> None:
    (found,) = await received(chat, dana, Sent(a_jpeg(), name="x.jpg", is_bare=True))
    file = found.file_id.partition("|")[2]
    running.box.file_is_late(file)
    with pytest.raises(ChatBusy):
        await whole(chat.fetch(found.file_id, max_bytes=10**7))

    running.box.file_is_ready(file)

    assert (await whole(chat.fetch(found.file_id, max_bytes=10**7))).startswith(b"\xff\xd8")


async def test_a_file_of_a_workspace_that_left_us_is_gone(chat: SlackChat) -> None:
    assert await reason(chat, "T404|F1") == "gone"


async def test_several_files_come_in_their_order(chat: SlackChat, dana: Person) -> None:
    found = await received(
        chat, dana, *(Sent(a_jpeg(label=str(number))) for number in range(4)), text="Team day"
    )

    ids = [one.unique_id for one in found]
    assert len(ids) == 4
    assert ids == sorted(ids)
