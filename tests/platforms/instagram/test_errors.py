"""Every line of Instagram's error table, and what is not in it."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platforms.errors import (
    HandleLost,
    NeedsReconnect,
    OutcomeUnknown,
    PlatformError,
    Rejected,
    Trouble,
    TryAgainLater,
)
from platforms.http import Answer
from platforms.instagram.errors import (
    ROWS,
    SUBCODES,
    Call,
    Verdict,
    container_error,
    exchange_error,
    read_refusal,
    read_usage,
    to_error,
    wait_of,
    without_secrets,
)
from tests.platforms.instagram.builders import TOKEN, envelope


def error_of(
    call: Call,
    code: int,
    subcode: int | None = None,
    *,
    status: int = 400,
    message: str = "No.",
    headers: dict[str, str] | None = None,
) -> PlatformError:
    answer = Answer(status, headers or {}, envelope(code, subcode, message))
    refusal = read_refusal(answer)
    assert refusal is not None
    return to_error(answer, refusal, call, secrets=(TOKEN,))


T, N, C = TryAgainLater, HandleLost, Rejected
R, U = NeedsReconnect, OutcomeUnknown

# code, subcode, what it is on a call that makes a container, on the publish call, why, who acts.
# Written down a second time, from Meta's page and not from the table, so that a slip shows.
TABLE = [
    (-1, 2207001, T, U, Trouble.PLATFORM_DOWN, None),
    (-1, 2207032, N, U, Trouble.MEDIA_PROCESSING, None),
    (-1, 2207053, N, U, Trouble.MEDIA_PROCESSING, None),
    (-1, None, T, U, Trouble.PLATFORM_DOWN, None),
    (-2, 2207003, T, T, Trouble.MEDIA_UNFETCHABLE, None),
    (-2, 2207020, N, N, Trouble.HANDLE_EXPIRED, None),
    (1, None, T, U, Trouble.PLATFORM_DOWN, None),
    (1, 99, T, U, Trouble.PLATFORM_DOWN, None),
    (1, 2207057, C, C, Trouble.CONTENT_REFUSED, None),
    (2, None, T, U, Trouble.PLATFORM_DOWN, None),
    (4, None, T, T, Trouble.RATE_LIMITED, None),
    (4, 2207051, T, U, Trouble.SPAM_BLOCK, None),
    (9, 2207042, T, T, Trouble.QUOTA_REACHED, None),
    (10, None, R, R, Trouble.PERMISSION_MISSING, "owner"),
    (10, 2207081, C, C, Trouble.CONTENT_REFUSED, None),
    (17, None, T, T, Trouble.RATE_LIMITED, None),
    (17, 2446079, T, T, Trouble.RATE_LIMITED, None),
    (24, 2207006, N, U, Trouble.HANDLE_EXPIRED, None),
    (24, 2207008, N, U, Trouble.HANDLE_EXPIRED, None),
    (25, 2207050, R, R, Trouble.ACCOUNT_RESTRICTED, "platform"),
    (32, None, T, T, Trouble.RATE_LIMITED, None),
    (100, None, C, C, Trouble.OUR_MISTAKE, None),
    (100, 33, R, U, Trouble.ACCOUNT_GONE, "owner"),
    (100, 2207023, C, C, Trouble.OUR_MISTAKE, None),
    (100, 2207028, C, C, Trouble.CONTENT_REFUSED, None),
    (100, 2207035, C, C, Trouble.TAG_REFUSED, None),
    (100, 2207036, C, C, Trouble.TAG_REFUSED, None),
    (100, 2207037, C, C, Trouble.TAG_REFUSED, None),
    (100, 2207040, C, C, Trouble.TAG_REFUSED, None),
    (100, 2207064, C, C, Trouble.OUR_MISTAKE, None),
    (102, None, R, R, Trouble.LOGIN_EXPIRED, "owner"),
    (110, None, C, C, Trouble.TAG_REFUSED, None),
    (190, None, R, R, Trouble.LOGIN_EXPIRED, "owner"),
    (190, 0, R, R, Trouble.LOGIN_EXPIRED, "owner"),
    (190, 458, R, R, Trouble.ACCESS_REMOVED, "owner"),
    (190, 459, R, R, Trouble.ACCOUNT_RESTRICTED, "platform"),
    (190, 460, R, R, Trouble.PASSWORD_CHANGED, "owner"),
    (190, 463, R, R, Trouble.LOGIN_EXPIRED, "owner"),
    (190, 464, R, R, Trouble.ACCOUNT_RESTRICTED, "platform"),
    (190, 467, R, R, Trouble.LOGIN_EXPIRED, "owner"),
    (190, 492, R, R, Trouble.PERMISSION_MISSING, "admin"),
    (200, None, R, R, Trouble.PERMISSION_MISSING, "admin"),
    (299, None, R, R, Trouble.PERMISSION_MISSING, "admin"),
    (341, None, T, U, Trouble.RATE_LIMITED, None),
    (352, 2207026, C, C, Trouble.FORMAT_REFUSED, None),
    (368, None, T, U, Trouble.SPAM_BLOCK, None),
    (506, None, C, U, Trouble.DUPLICATE, None),
    (613, None, T, T, Trouble.RATE_LIMITED, None),
    (9004, 2207052, T, T, Trouble.MEDIA_UNFETCHABLE, None),
    (9007, 2207027, T, T, Trouble.NOT_READY, None),
    (36000, 2207004, C, C, Trouble.IMAGE_TOO_LARGE, None),
    (36001, 2207005, C, C, Trouble.FORMAT_REFUSED, None),
    (36003, 2207009, C, C, Trouble.RATIO_REFUSED, None),
    (36004, 2207010, C, C, Trouble.CAPTION_TOO_LONG, None),
    (80001, None, T, T, Trouble.RATE_LIMITED, None),
    (80002, None, T, T, Trouble.RATE_LIMITED, None),
    (-1, 2207076, T, U, Trouble.MEDIA_UNFETCHABLE, None),
    (100, 2207077, T, T, Trouble.MEDIA_UNFETCHABLE, None),
    (100, 2207082, T, T, Trouble.MEDIA_UNFETCHABLE, None),
    (100, 2207085, C, C, Trouble.CONTENT_REFUSED, None),
    (1609005, None, C, C, Trouble.LINK_REFUSED, None),
    (1609008, None, C, C, Trouble.LINK_REFUSED, None),
]
WINDOWS = {
    Trouble.RATE_LIMITED,
    Trouble.QUOTA_REACHED,
    Trouble.SPAM_BLOCK,
}


@pytest.mark.parametrize(("code", "subcode", "kind", "on_publish", "trouble", "who"), TABLE)
def test_each_code_has_its_class_before_the_publish_call(
    code: int,
    subcode: int | None,
    kind: type[PlatformError],
    on_publish: type[PlatformError],
    trouble: Trouble,
    who: str | None,
) -> None:
    error = error_of(Call.CREATE, code, subcode)

    assert type(error) is kind
    assert error.trouble is trouble
    assert error.code == (f"{code}/{subcode}" if subcode else f"{code}")
    if isinstance(error, NeedsReconnect):
        assert error.who == who
    if type(error) is TryAgainLater:
        assert error.is_window == (trouble in WINDOWS)


@pytest.mark.parametrize(("code", "subcode", "kind", "on_publish", "trouble", "who"), TABLE)
def test_each_code_has_its_class_on_the_publish_call(
    code: int,
    subcode: int | None,
    kind: type[PlatformError],
    on_publish: type[PlatformError],
    trouble: Trouble,
    who: str | None,
) -> None:
    error = error_of(Call.PUBLISH, code, subcode)

    assert type(error) is on_publish
    if on_publish is not OutcomeUnknown:
        assert error.trouble is trouble


def test_no_line_of_the_table_goes_untested() -> None:
    tested = {(code, subcode) for code, subcode, *_ in TABLE}
    tested_codes = {code for code, _ in tested}

    assert {(c, s) for c, s in ROWS if s is not None} <= tested
    assert {c for c, s in ROWS if s is None} <= tested_codes
    assert set(SUBCODES) <= {subcode for _, subcode in tested}


@pytest.mark.parametrize("code", [3, 5, 999_999, 0, -3])
def test_a_code_nobody_listed_is_tried_again_before_and_unknown_on_the_publish_call(
    code: int,
) -> None:
    assert type(error_of(Call.CREATE, code)) is TryAgainLater
    assert type(error_of(Call.PUBLISH, code)) is OutcomeUnknown


@given(
    st.integers(-10, 400_000),
    st.none() | st.integers(0, 3_000_000) | st.sampled_from(sorted(SUBCODES)),
    st.sampled_from([500, 502, 503, 504, 599]),
)
def test_a_server_error_on_the_publish_call_proves_nothing(
    code: int, subcode: int | None, status: int
) -> None:
    assert type(error_of(Call.PUBLISH, code, subcode, status=status)) is OutcomeUnknown


@given(st.integers(-10, 90_000), st.sampled_from(sorted(SUBCODES)))
def test_a_known_subcode_under_a_code_that_proves_nothing_proves_nothing(
    code: int, subcode: int
) -> None:
    by_code = ROWS.get((code, None))
    if (code, subcode) in ROWS or 200 <= code <= 299:
        return

    is_proof = by_code is not None and by_code.is_proof and SUBCODES[subcode].is_proof

    assert (type(error_of(Call.PUBLISH, code, subcode)) is OutcomeUnknown) == (not is_proof)


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (Call.ACCOUNT, NeedsReconnect),
        (Call.CREATE, NeedsReconnect),
        (Call.PREPARED, HandleLost),
        (Call.READ, TryAgainLater),
        (Call.PUBLISH, OutcomeUnknown),
    ],
)
def test_a_missing_object_means_what_was_asked_for(call: Call, kind: type[PlatformError]) -> None:
    assert type(error_of(call, 100, 33)) is kind


def test_a_location_nobody_knows_is_about_the_content() -> None:
    error = error_of(Call.CREATE, 100, message="INSTAGRAM_PLATFORM_API__INVALID_LOCATION_ID: no")

    assert (type(error), error.trouble) == (Rejected, Trouble.CONTENT_REFUSED)


def test_an_unlisted_code_that_calls_itself_transient_is_a_hiccup() -> None:
    answer = Answer(400, {}, envelope(777, is_transient=True))
    refusal = read_refusal(answer)
    assert refusal is not None

    assert to_error(answer, refusal, Call.CREATE).trouble is Trouble.PLATFORM_DOWN


@pytest.mark.parametrize(
    ("status", "headers", "trouble", "is_window"),
    [
        (500, {}, Trouble.PLATFORM_DOWN, False),
        (404, {}, Trouble.UNCLEAR, False),
        (302, {}, Trouble.UNCLEAR, False),
        (200, {}, Trouble.UNCLEAR, False),
        (429, {"retry-after": "120"}, Trouble.RATE_LIMITED, True),
    ],
)
def test_an_answer_without_an_envelope_is_judged_by_its_status(
    status: int, headers: dict[str, str], trouble: Trouble, is_window: bool
) -> None:
    answer = Answer(status, headers, None, "not_json")
    refusal = read_refusal(answer)
    assert refusal is not None

    error = to_error(answer, refusal, Call.CREATE)

    assert isinstance(error, TryAgainLater)
    assert (error.trouble, error.is_window) == (trouble, is_window)
    assert type(to_error(answer, refusal, Call.PUBLISH)) is OutcomeUnknown


def test_a_success_is_no_refusal() -> None:
    assert read_refusal(Answer(200, {}, {"id": "1"})) is None


def test_an_error_with_status_200_is_one() -> None:
    refusal = read_refusal(Answer(200, {}, envelope(190, 463)))

    assert refusal is not None
    assert refusal.name == "190/463"


@pytest.mark.parametrize(
    "error", [{}, {"code": None}, {"code": "x"}, {"code": True}, {"code": [], "message": 3}]
)
def test_a_garbled_envelope_is_still_an_error(error: dict) -> None:
    answer = Answer(400, {}, {"error": error})
    refusal = read_refusal(answer)

    assert refusal is not None
    assert type(to_error(answer, refusal, Call.PUBLISH)) is OutcomeUnknown


# Waiting


BUSY = (
    '{"17841400000000001":[{"type":"instagram","call_count":100,"total_cputime":25,'
    '"total_time":22,"estimated_time_to_regain_access":7}]}'
)


def test_a_limit_tells_the_minutes_of_the_usage_header() -> None:
    error = error_of(Call.CREATE, 80002, headers={"x-business-use-case-usage": BUSY})

    assert isinstance(error, TryAgainLater)
    assert error.after == timedelta(minutes=7)


def test_a_spam_block_waits_hours_even_where_a_header_says_minutes() -> None:
    error = error_of(Call.CREATE, 4, 2207051, headers={"x-business-use-case-usage": BUSY})

    assert isinstance(error, TryAgainLater)
    assert error.after == timedelta(hours=4)


def test_a_hiccup_names_no_wait() -> None:
    error = error_of(Call.CREATE, 2, headers={"x-business-use-case-usage": BUSY})

    assert isinstance(error, TryAgainLater)
    assert error.after is None


def test_usage_is_read_for_the_app_and_each_account() -> None:
    headers = {
        "x-app-usage": '{"call_count":28,"total_cputime":25,"total_time":93}',
        "x-business-use-case-usage": BUSY,
    }

    app, account = read_usage(headers)

    assert (app.account_id, app.percent, app.regain_after) == ("", 93.0, None)
    assert (account.account_id, account.percent) == ("17841400000000001", 100.0)
    assert account.regain_after == timedelta(minutes=7)


@given(st.text() | st.sampled_from(["[]", "{}", '{"a":1}', '{"a":[1]}', '{"a":[{}]}', "NaN"]))
def test_a_garbled_usage_header_is_no_reason_to_fail(text: str) -> None:
    headers = {"x-app-usage": text, "x-business-use-case-usage": text, "retry-after": text}

    read_usage(headers)
    wait_of(Answer(400, headers, None))


# Containers that failed


@pytest.mark.parametrize(
    ("subcode", "kind", "trouble"),
    [
        (2207026, Rejected, Trouble.FORMAT_REFUSED),
        (2207009, Rejected, Trouble.RATIO_REFUSED),
        (2207085, Rejected, Trouble.CONTENT_REFUSED),
        (2207050, NeedsReconnect, Trouble.ACCOUNT_RESTRICTED),
        (2207003, HandleLost, Trouble.MEDIA_UNFETCHABLE),
        (2207076, HandleLost, Trouble.MEDIA_UNFETCHABLE),
        (2207053, HandleLost, Trouble.MEDIA_PROCESSING),
        (2207999, HandleLost, Trouble.MEDIA_PROCESSING),
        (None, HandleLost, Trouble.MEDIA_PROCESSING),
    ],
)
def test_a_failed_container_is_refused_or_lost(
    subcode: int | None, kind: type[PlatformError], trouble: Trouble
) -> None:
    error = container_error(subcode, "Error: ...")

    assert (type(error), error.trouble) == (kind, trouble)


# The code exchange


@pytest.mark.parametrize(
    ("status", "body", "kind", "trouble"),
    [
        (
            400,
            {"error_message": "Matching code was not found or was already used", "code": 400},
            Rejected,
            Trouble.LOGIN_EXPIRED,
        ),
        (
            400,
            {"error_message": "Error validating verification code. ... your redirect_uri ..."},
            Rejected,
            Trouble.OUR_MISTAKE,
        ),
        (400, {"error_message": "Invalid platform app"}, Rejected, Trouble.OUR_MISTAKE),
        (400, {"error_message": "Error validating client secret."}, Rejected, Trouble.OUR_MISTAKE),
        (400, None, TryAgainLater, Trouble.UNCLEAR),
        (400, {"error": {"code": 190}}, NeedsReconnect, Trouble.LOGIN_EXPIRED),
        (500, {"error_message": "oops"}, TryAgainLater, Trouble.PLATFORM_DOWN),
        (429, None, TryAgainLater, Trouble.RATE_LIMITED),
        (200, {"data": []}, TryAgainLater, Trouble.UNCLEAR),
        (200, None, TryAgainLater, Trouble.UNCLEAR),
    ],
)
def test_a_failed_exchange_says_whose_turn_it_is(
    status: int, body: dict | None, kind: type[PlatformError], trouble: Trouble
) -> None:
    error = exchange_error(Answer(status, {}, body), secrets=())

    assert (type(error), error.trouble) == (kind, trouble)


# Secrets


def test_s5_a_token_that_meta_repeats_stays_out_of_the_detail() -> None:
    error = error_of(Call.CREATE, 190, message=f"Malformed access token {TOKEN}")

    assert TOKEN not in error.detail
    assert TOKEN not in str(vars(error))
    assert "Malformed" in error.detail


@pytest.mark.parametrize(
    "text",
    [
        "token EAAGm0PX4ZCpsBAKZCabcdefghijk is bad",
        "token IGQVJWabcdefghijklmnopq is bad",
        "see /me?access_token=abc&x",
    ],
)
def test_s5_what_looks_like_a_token_is_taken_out(text: str) -> None:
    cleaned = without_secrets(text, ())

    assert "***" in cleaned
    assert not any(word in cleaned for word in ("EAAGm", "IGQV", "=abc"))


def test_every_verdict_is_used() -> None:
    assert {row.verdict for row in ROWS.values()} == set(Verdict)
