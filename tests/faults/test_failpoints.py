"""Every call to the outside and every commit on a post's way can be died at."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import models.failpoints
from models.failpoints import POINTS

ROOT = Path(__file__).resolve().parents[2]
ON_THE_WAY = (
    "scheduling/due.py",
    "scheduling/hindsight.py",
    "scheduling/links.py",
    "scheduling/outcomes.py",
    "scheduling/publisher.py",
    "scheduling/quotas.py",
    "scheduling/reconcile.py",
    "scheduling/recurrence.py",
    "scheduling/recurring/moving.py",
    "scheduling/steps.py",
    "scheduling/store.py",
    "scheduling/presence.py",
    "scheduling/tokens.py",
    "bot/intake.py",
    "bot/fetching.py",
    "bot/courier.py",
    "bot/deliveries.py",
    "bot/sending.py",
    "models/inbox.py",
)
OUTSIDE = re.compile(
    r"(self\._platforms\[.+\]|platform|chat)\.\w+"  # a platform, a chat
    r"|self\._kick|effect"  # the queue, an answer to a press
    r"|self\._store\.(put|read|delete)"  # the media store
    r"|self\._store\.(write|write_now|write_link|note_published|take|claim_due|claim_jobs|renew)"
    r"|self\.write_now|_query\(_ABSENT|noted\.update|note_down"
    r"|self\._deliveries\.finish|Occurrence\.create"
    r"|self\._outcomes\.(commit|published|failed|unconfirmed)"
)
BY_ANOTHER = {
    # What these commit goes through one door: TargetStore's batches, which have their points.
    "self._outcomes.commit": {"W1", "W2"},
    "self._outcomes.published": {"C18", "C19", "C20"},
    "self._outcomes.failed": {"W1", "W2"},
    "self._outcomes.unconfirmed": {"W1", "W2"},
    "self._store.write": {"W1", "W2"},
    "self._store.take": {"C12"},
    "self._store.claim_jobs": {"C12"},
    "self._store.claim_due": {"K1", "C12"},
    # Losing this write loses a hint: the handle is read again.
    "self._store.note_published": {"C18"},
    "self.write_now": {"W1", "W2", "W3"},
    # Who asks a chat for somebody's name changes nothing: the event is taken up again.
    "chat.named": {"C03"},
    "chat.profile": {"C03"},
    # A delivery that is given up: nothing was sent.
    "self._deliveries.finish": {"C08", "C21"},
    "note_down": {"C09", "C21"},
}


@dataclass(frozen=True, slots=True)
class Call:
    """A call to the outside, and the points passed by whoever makes it."""

    place: str
    callee: str
    points: frozenset[str]


def functions(tree: ast.Module) -> dict[str, ast.AST]:
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    return {node.name: node for node in ast.walk(tree) if isinstance(node, kinds)}


def points_in(node: ast.AST) -> Iterator[str]:
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "fp":
            yield str(ast.literal_eval(call.args[0]))


def awaited_in(node: ast.AST) -> Iterator[str]:
    for one in ast.walk(node):
        if isinstance(one, ast.Await) and isinstance(one.value, ast.Call):
            yield ast.unparse(one.value.func)
        if isinstance(one, ast.Call) and ast.unparse(one.func) == "chat.fetch":
            yield "chat.fetch"


def outside_calls(file: str) -> Iterator[Call]:
    found = functions(ast.parse((ROOT / file).read_text()))
    for name, node in found.items():
        near = set(points_in(node))
        for other in found.values():
            if any(callee.rpartition(".")[2] == name for callee in awaited_in(other)):
                near |= set(points_in(other))
        for callee in awaited_in(node):
            if OUTSIDE.fullmatch(callee):
                near_or_through = near | BY_ANOTHER.get(callee, set())
                yield Call(f"{file}:{name}", callee, frozenset(near_or_through))


def all_calls() -> list[Call]:
    return [call for file in ON_THE_WAY for call in outside_calls(file)]


def test_every_outside_call_on_a_posts_way_has_a_point_to_die_at() -> None:
    calls = all_calls()

    assert len(calls) > 40
    assert [f"{call.place} awaits {call.callee}" for call in calls if not call.points] == []


def test_every_method_of_a_platform_that_the_engine_uses_is_seen_by_this_list() -> None:
    seen = {call.callee.rpartition(".")[2] for call in all_calls()}

    assert seen >= {
        "prepare", "check", "publish", "find_published", "describe", "quota", "refresh", "whoami",
        "send", "edit", "fetch", "put", "_kick", "write", "write_link",
    }  # fmt: skip


def test_every_point_that_is_passed_is_listed_and_every_listed_one_is_passed() -> None:
    passed: set[str] = set()
    for package in ("bot", "integrations", "models", "platforms", "scheduling", "web_oauth"):
        for file in (ROOT / package).rglob("*.py"):
            passed |= set(points_in(ast.parse(file.read_text())))

    assert passed == set(POINTS)
    assert len(set(POINTS)) == len(POINTS) >= 30


def test_points_are_inert_where_nobody_armed_them() -> None:
    assert models.failpoints._hook is None
