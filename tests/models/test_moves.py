import pytest

from models.database import db
from models.post import POST_MOVES, TARGET_MOVES


@pytest.mark.parametrize(
    ("function", "moves"),
    [("post_move_is_legal", POST_MOVES), ("target_move_is_legal", TARGET_MOVES)],
)
async def test_the_database_holds_the_same_table_of_moves(database, function, moves) -> None:
    pairs = [(was, becomes) for was in moves for becomes in moves]

    rows = await db().execute_query_dict(
        f"SELECT was, becomes, {function}(was, becomes) AS legal"
        " FROM unnest($1::text[], $2::text[]) AS pair(was, becomes)",
        [[was for was, _ in pairs], [becomes for _, becomes in pairs]],
    )

    held = {(row["was"], row["becomes"]) for row in rows if row["legal"]}
    assert len(rows) == len(pairs)
    assert held == {(was, becomes) for was, nexts in moves.items() for becomes in nexts}
