import pytest
from tortoise.exceptions import IntegrityError

from models.database import db
from models.post import POST_MOVES, TARGET_MOVES
from scheduling.errors import IllegalMove
from scheduling.moves import require_post_move, require_target_move
from tests.support.engine_world import World

TARGET_PAIRS = [(was, becomes) for was in TARGET_MOVES for becomes in TARGET_MOVES]
POST_PAIRS = [(was, becomes) for was in POST_MOVES for becomes in POST_MOVES]


def _allows(gate, was: str, becomes: str) -> bool:
    try:
        gate(was, becomes)
    except IllegalMove:
        return False
    return True


@pytest.mark.parametrize(
    ("gate", "moves"), [(require_target_move, TARGET_MOVES), (require_post_move, POST_MOVES)]
)
def test_the_gate_allows_exactly_the_table(gate, moves) -> None:
    for was in moves:
        for becomes in moves:
            expected = was == becomes or becomes in moves[was]
            assert _allows(gate, was, becomes) == expected, (was, becomes)


async def _database_allows(table: str, column: str, row_id, was: str, becomes: str) -> bool:
    await db().execute_script(f"ALTER TABLE {table} DISABLE TRIGGER {table}_moves")
    await db().execute_query_dict(
        f"UPDATE {table} SET {column} = $2 WHERE id = $1 RETURNING id", [row_id, was]
    )
    await db().execute_script(f"ALTER TABLE {table} ENABLE TRIGGER {table}_moves")
    try:
        await db().execute_query_dict(
            f"UPDATE {table} SET {column} = $2 WHERE id = $1 RETURNING id", [row_id, becomes]
        )
    except IntegrityError:
        return False
    return True


async def test_the_trigger_of_targets_allows_exactly_what_the_gate_allows(world: World) -> None:
    target = await world.target(await world.scheduled())

    found = {
        pair: await _database_allows("target", "state", target.id, *pair) for pair in TARGET_PAIRS
    }

    assert found == {pair: _allows(require_target_move, *pair) for pair in TARGET_PAIRS}


async def test_the_trigger_of_posts_allows_exactly_what_the_gate_allows(world: World) -> None:
    post = await world.draft()

    found = {pair: await _database_allows("post", "stage", post.id, *pair) for pair in POST_PAIRS}

    assert found == {pair: _allows(require_post_move, *pair) for pair in POST_PAIRS}
