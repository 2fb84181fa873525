"""Jobs as the database's rows tell of them."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, cast
from uuid import UUID
from weakref import WeakValueDictionary

from platforms.contract import Handle
from scheduling.job import AccountRow, Facts, Job, StoredHandle, StoredMedia

Row = Mapping[str, object]


class Accounts:
    """Keeps one copy of each account's row, however many jobs hold it."""

    def __init__(self) -> None:
        self._known: WeakValueDictionary[UUID, AccountRow] = WeakValueDictionary()

    def of(self, row: Row) -> AccountRow:
        """Return the account as *row* tells of it."""
        fresh = _account(row)
        known = self._known.get(fresh.id)
        if known == fresh:
            return known
        self._known[fresh.id] = fresh
        return fresh


def read_jobs(
    rows: Sequence[Row], accounts: Accounts, *, answered_at: float, safe_until: float
) -> list[Job]:
    """Return the jobs that *rows* tell of: one row for each handle, those of a target together.

    They are ready for a publish call, and for nothing else (`is_whole`).
    """
    jobs: list[Job] = []
    for row in rows:
        if not jobs or jobs[-1].id != row["id"]:
            jobs.append(_job(row, accounts.of(row), answered_at, safe_until))
        if row["handle_id"] is not None:
            jobs[-1].handles.append(_handle(row, "handle_id"))
    return jobs


def complete_job(job: Job, row: Row) -> None:
    """Add what preparing and looking need: the post, its media, its handles as they are now."""
    job.post_kind, job.caption = str(row["kind"]), str(row["caption"])
    job.post_stage = str(row["stage"])
    job.handles = [_handle(one, "id") for one in _listed(row["handles"])]
    job.media = [_media(one) for one in _listed(row["media"])]
    job.is_whole = True


def _job(row: Row, account: AccountRow, answered_at: float, safe_until: float) -> Job:
    return Job(
        id=cast("UUID", row["id"]),
        post_id=cast("UUID", row["post_id"]),
        epoch=cast("int", row["epoch"]),
        facts=Facts(
            state=cast("str", row["state"]),
            attempt=cast("int", row["attempt"]),
            reads=cast("int", row["reads"]),
            polls=cast("int", row["polls"]),
            calls=cast("int", row["calls"]),
            renewals=cast("int", row["renewals"]),
            resume_state=cast("str", row["resume_state"]),
            lateness_allowed=cast("bool", row["lateness_allowed"]),
            platform_media_id=cast("str", row["platform_media_id"]),
            permalink=cast("str", row["permalink"]),
            published_at=cast("datetime | None", row["published_at"]),
            last_error_code=cast("str", row["last_error_code"]),
            last_error=cast("dict[str, object]", _parsed(row["last_error"])),
        ),
        due_at=cast("datetime", row["due_at"]),
        intent_at=cast("datetime | None", row["intent_at"]),
        due_in=cast("float", row["due_in"]),
        behind=cast("float | None", row["behind"]) or 0.0,
        settled_in=cast("float | None", row["settled_in"]) or 0.0,
        answered_at=answered_at,
        safe_until=safe_until,
        account=account,
        is_whole=False,
    )


def _account(row: Row) -> AccountRow:
    return AccountRow(
        id=cast("UUID", row["account_id"]),
        team_id=cast("UUID", row["team_id"]),
        platform=cast("str", row["platform"]),
        platform_user_id=cast("str", row["platform_user_id"]),
        username=cast("str", row["username"]),
        state=cast("str", row["account_state"]),
        trouble=cast("str", row["trouble"]),
        sealed_token=cast("str", row["sealed_token"]),
        token_version=cast("int", row["token_version"]),
        token_issued_at=cast("datetime | None", row["token_issued_at"]),
        token_expires_at=cast("datetime | None", row["token_expires_at"]),
        checked_at=cast("datetime | None", row["checked_at"]),
    )


def _handle(row: Row, id_column: str) -> StoredHandle:
    purpose: Literal["item", "post"] = "item" if row["purpose"] == "item" else "post"
    handle = Handle(purpose, cast("int", row["ordinal"]), str(row["external_id"]))
    return StoredHandle(
        _uuid(row[id_column]), handle, _moment(row["lapses_at"]), bool(row["ever_published"])
    )


def _media(row: Row) -> StoredMedia:
    return StoredMedia(
        state=str(row["state"]),
        refusal=str(row["refusal"]),
        kind=str(row["kind"]),
        mime=str(row["mime"]),
        size_bytes=cast("int", row["size_bytes"]),
        width=cast("int | None", row["width"]),
        height=cast("int | None", row["height"]),
        duration_seconds=cast("float | None", row["duration_seconds"]),
        storage_key=str(row["storage_key"]),
        alt_text=str(row["alt_text"]),
    )


def _listed(value: object) -> list[Row]:
    return cast("list[Row]", _parsed(value))


def _parsed(value: object) -> object:
    if isinstance(value, str):
        return {} if value == "{}" else json.loads(value)
    return value


def _uuid(value: object) -> UUID:
    return value if isinstance(value, UUID) else UUID(str(value))


def _moment(value: object) -> datetime | None:
    if value is None or isinstance(value, datetime):
        return value
    return datetime.fromisoformat(str(value))
