"""The judge finds what is planted, and finds nothing where nothing is."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.faults.judge import REQUIRED_ZERO, Case, Public, weigh

DUE = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
CAPTION = "fault run post 00001"
LIVE = Public(DUE + timedelta(seconds=0.2), CAPTION)
GOOD = Case(
    CAPTION, "published", DUE, CAPTION, (LIVE,), cards=Counter({"✅ Published": 1})
)  # fmt: skip


def found_in(case: Case) -> set[str]:
    verdict = weigh([GOOD, case])
    assert verdict.is_clean is not bool({*REQUIRED_ZERO} & _not_empty(verdict))
    return _not_empty(verdict)


def _not_empty(verdict) -> set[str]:
    return {name for name in (*REQUIRED_ZERO, "notices_doubled") if getattr(verdict, name)}


def test_where_all_is_well_nothing_is_found() -> None:
    verdict = weigh([GOOD, replace(GOOD, state="failed", public=(), cards=Counter())])

    assert verdict.is_clean
    assert (verdict.posts, verdict.published, verdict.failed) == (2, 1, 1)
    assert verdict.late == [pytest.approx(0.2)]


@pytest.mark.parametrize(
    ("planted", "names"),
    [
        ({"public": (LIVE, LIVE)}, {"doubled"}),
        ({"state": "cancelled", "public": (LIVE, LIVE)}, {"doubled", "false_failure"}),
        ({"public": (Public(DUE - timedelta(milliseconds=1), CAPTION),)}, {"early"}),
        ({"public": ()}, {"false_success"}),
        ({"state": "failed"}, {"false_failure"}),
        ({"state": "blocked"}, {"false_failure"}),
        ({"state": "draft"}, {"false_failure"}),
        ({"state": "ready", "public": ()}, {"lost"}),
        ({"state": "publishing"}, {"lost"}),
        ({"state": "late", "public": ()}, {"lost"}),
        ({"state": "", "public": ()}, {"lost"}),
        ({"caption": "fault run post 00001, edited 1"}, {"other_words"}),
        ({"cards": Counter()}, {"notices_lost"}),
        ({"cards": Counter({"🗓 Scheduled": 1})}, {"notices_lost"}),
        ({"cards": Counter({"✅ Published": 2})}, {"notices_doubled"}),
        ({"cards": Counter({"✅ Published": 1, "🗓 Scheduled": 1})}, {"notices_doubled"}),
    ],
    ids=str,
)
def test_whatever_is_planted_is_found(planted: dict[str, object], names: set[str]) -> None:
    assert found_in(replace(GOOD, **planted)) == names


def test_a_message_with_a_time_that_had_passed_is_asked_about_not_lost() -> None:
    asked = replace(GOOD, state="late", public=(), cards=Counter(), is_planned=False)

    assert found_in(asked) == set()
