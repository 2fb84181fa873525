"""The numbered behaviours, the same on Telegram and on Slack, by HTTP and over sockets."""

import asyncio
from datetime import date, datetime, timedelta

import pytest

from models.account import Account
from models.outbox import Audit
from models.post import Post
from tests.support.talking import DONE, FAILED, SEEN, OnSlack, OnTelegram, Shown, Somebody, a_photo
from tests.support.town import BERLIN, Town
from tests.support.waiting import wait_until

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def published(town: Town, caption: str = "Menu") -> tuple[Somebody, Shown, Shown]:
    """Have somebody publish a post; gives them, their message and the card."""
    dana, sent, _ = await town.plans("in 20 seconds", caption)
    town.pass_time(seconds=21)
    await town.until_published(dana)
    await dana.sees("is on Instagram")
    return dana, sent, await dana.sees("✅ Published #1")


def cards(who: Somebody, number: int = 1) -> list[Shown]:
    """Give every message that is a card of the post, whatever it says now."""
    return [one for one in who.shown() if one.lines[0].endswith(f"#{number}")]


# ── receiving and understanding ──────────────────────────────────────────────────────────────


async def test_b01_b03_b04_b11_a_photo_gets_a_receipt_and_one_card_with_all_that_counts(
    town: Town,
) -> None:
    dana, sent, card = await town.plans()
    await wait_until(lambda: dana.receipts(sent) == {SEEN}, what="the receipt")

    assert card.lines[:2] == ("🗓 Scheduled #1", f"@{dana.account} · Photo")
    assert card.under == sent.key
    tomorrow = town.moment(1, "09:00")
    time = f"{tomorrow:%a} {tomorrow.day} {tomorrow:%b}, 09:00 (Europe/Berlin)"
    assert card.lines[2].startswith(time)
    assert "from “tomorrow 9am”" in card.lines[2]
    assert card.buttons == ("Edit caption", "Change time", "⋯ More", "Cancel post")
    assert len(card.rows) <= 2
    dangerous = [one.text for row in card.rows for one in row if one.style == "danger"]
    assert dangerous == ["Cancel post"]
    if isinstance(dana, OnTelegram):
        assert "· in " in card.lines[2]
        assert any(one["type"] == "date_time" for one in card.native.entities)
    else:
        assert f"<!date^{int(tomorrow.timestamp())}^" in str(card.native.blocks)


async def test_b02_every_change_edits_the_one_card(town: Town) -> None:
    dana, _, card = await town.plans()

    await dana.sets_time(card, f"{town.day(3)} 18:30", town.moment(3, "18:30"))
    moved = await dana.sees("18:30 (Europe/Berlin)")
    await dana.sets_caption(card, "Better menu")
    changed = await dana.sees("Better menu")

    told = await dana.sees("→")
    assert "09:00 → " in told.text
    assert told.buttons == ("Undo",)
    assert "tomorrow 9am" not in changed.text, "its words no longer say when it goes out"
    assert {changed.key, cards(dana)[0].key} == {card.key}
    assert len(cards(dana)) == 1
    assert moved.key != told.key


async def test_b05_a_tail_is_suggested_and_may_be_kept_in_the_caption(town: Town) -> None:
    dana = await town.settled()
    tail = f"{town.day(2)} 12:40"
    await dana.sends(a_photo(), words=f"What a crowd! 🔥 {tail}")
    card = await dana.sees(f"I took “{tail}” out of the caption")
    assert "> What a crowd! 🔥" in card.lines

    await dana.presses(card, "Keep in caption")

    asked = await dana.sees("When should it go out?")
    assert f"> What a crowd! 🔥 {tail}" in asked.lines
    post = await town.post(dana)
    assert (post.stage, post.due_at) == ("draft", None)


async def test_b06_s10_bad_039_a_caption_is_shown_exactly_counted_and_calls_nobody(
    town: Town,
) -> None:
    caption = "Autumn 🍂\n\n  two blanks   *kept* <!channel> &amp; <b>@here</b> #cafe #berlin"
    dana, _, card = await town.plans(caption=caption)

    assert tuple(one[2:] for one in card.lines if one.startswith("> ")) == tuple(
        caption.split("\n")
    )
    assert "/ 2,200 · 2 / 30 hashtags" in card.text
    assert card.pings == ()
    assert (await town.post(dana)).caption == caption


async def test_b06_a_long_caption_is_folded_and_can_be_read_whole(town: Town) -> None:
    caption = " ".join(f"word{number}" for number in range(80))
    dana, _, card = await town.plans(caption=caption)

    if isinstance(dana, OnTelegram):
        kinds = [one["type"] for one in card.native.entities]
        assert "expandable_blockquote" in kinds
        assert caption in card.text
        assert "Show all" not in card.buttons
    elif isinstance(dana, OnSlack):
        assert caption not in card.text
        await dana.presses(card, "Show all")
        window = await dana.person.sees_modal("Caption of #1")
        assert caption in window.text
        assert window.labels == []


async def test_b07_an_ambiguous_hour_is_asked_and_never_guessed(town: Town) -> None:
    dana = await town.settled()
    await dana.sends(a_photo(), words=f"Menu\n{town.day(3)} 9")
    card = await dana.sees("can mean more than one time")
    assert (await town.post(dana)).stage == "draft"
    wanted = next(one for one in card.buttons if one.endswith("21:00"))
    assert any(one.endswith("09:00") for one in card.buttons)

    await dana.presses(card, wanted)

    await dana.sees("21:00 (Europe/Berlin)")
    assert (await town.post(dana)).stage == "committed"


async def test_b08_bad_057_without_a_time_quick_ones_are_offered_and_typing_works(
    town: Town,
) -> None:
    dana = await town.settled()
    await dana.sends(a_photo(), words="New mugs!")
    card = await dana.sees("When should it go out?")
    assert {"Publish now", "In 1 h", "Tomorrow 09:00"} <= set(card.buttons)
    # A window to pick a time in is offered only where there are windows.
    assert ("Pick…" in card.buttons) is (dana.chat == "slack")

    await dana.writes(f"{town.day(2)} noon")

    assert (await dana.sees("12:00 (Europe/Berlin)")).key == card.key
    await dana.sends(a_photo(1), words="More mugs!")
    second = await dana.sees("Draft #2")
    await dana.presses(second, "Tomorrow 09:00")
    await dana.sees("🗓 Scheduled #2")
    await dana.sends(a_photo(2), words="Even more mugs!")
    third = await dana.sees("Draft #3")
    when = (f"{town.day(4)} 17:45", town.moment(4, "17:45"))
    if dana.chat == "slack":
        await dana.sets_time(third, *when, by="Pick…")
    else:
        await dana.replies(third, when[0])
    await dana.sees("17:45 (Europe/Berlin)")


def next_change(town: Town, *, is_gap: bool) -> date:
    """Return the coming day on which Berlin's clocks skip an hour, or show one twice."""
    day = town.clock.now().astimezone(BERLIN).date()
    while True:
        day += timedelta(days=1)
        midnight = datetime(day.year, day.month, day.day, tzinfo=BERLIN)
        noon = midnight.replace(hour=12)
        change = (noon.utcoffset() or timedelta()) - (midnight.utcoffset() or timedelta())
        if change and (change > timedelta()) is is_gap:
            return day


async def test_b09_bad_050_bad_051_a_time_in_a_clock_change_is_asked_and_never_moved(
    town: Town,
) -> None:
    dana = await town.settled()

    await dana.sends(a_photo(), words=f"Menu\n{next_change(town, is_gap=True)} 02:30")
    card = await dana.sees("does not exist")
    assert any("03:30" in one for one in card.buttons)
    await dana.sends(a_photo(1), words=f"Soup\n{next_change(town, is_gap=False)} 02:30")
    card = await dana.sees("Draft #2")

    assert [one for one in card.buttons if "02:30" in one and "+02:00" in one]
    assert [one for one in card.buttons if "02:30" in one and "+01:00" in one]
    assert {post.stage for post in await town.posts(dana)} == {"draft"}


async def test_b10_bad_045_bad_046_the_past_is_asked_and_now_is_confirmed(town: Town) -> None:
    dana = await town.settled()
    await dana.sends(a_photo(), words="Menu\nyesterday 9am")
    card = await dana.sees("has passed")
    assert "Cancel post" in card.buttons
    assert (await town.post(dana)).stage == "draft"

    await dana.sends(a_photo(1), words="Menu\nnow")
    asked = await dana.sees("Draft #2")
    assert "Yes, publish now" in asked.buttons
    assert town.published(dana) == []
    await dana.presses(asked, "Yes, publish now")

    town.pass_time(seconds=3)
    await town.until_published(dana)
    await dana.sees("✅ Published #2")


async def test_b10_a_typed_time_that_has_passed_is_called_so_on_a_planned_post(
    town: Town,
) -> None:
    dana, _, card = await town.plans()

    if isinstance(dana, OnSlack):
        await dana.person.presses(card.native, "Change time")
        window = await dana.person.sees_modal("Time of #1")
        await window.fills("When", town.moment(-1, "09:00"))
        assert await window.submits() == {"When": "That time is in the past."}
    await dana.replies(card, "yesterday 9am")

    told = await dana.sees("has passed")
    assert "more than one time" not in told.text
    assert (await town.post(dana)).wall_time.endswith("09:00:00")


# ── the card, and changing a post ────────────────────────────────────────────────────────────


async def test_b12_cancel_is_immediate_and_undo_survives_a_restart_for_ten_minutes(
    town: Town,
) -> None:
    dana, _, card = await town.plans("in 3 days")
    await dana.presses(card, "Cancel post")
    cancelled = await dana.sees("🗑 Cancelled #1")
    assert cancelled.key == card.key

    await town.world.restart()
    await dana.presses(cancelled, "Undo")
    again = await dana.sees("🗓 Scheduled #1")
    await dana.presses(again, "Cancel post")
    cancelled = await dana.sees("🗑 Cancelled #1")
    town.pass_time(minutes=11)
    told = await dana.presses(cancelled, "Undo")

    assert "over" in told
    assert (await town.post(dana)).stage == "cancelled"


async def test_b13_bad_064_a_forged_press_is_answered_audited_and_does_nothing(
    town: Town,
) -> None:
    dana, _, card = await town.plans()
    team = (await town.member(dana)).team_id

    for payload in ("p0:cancel:x:1", "p1:explode:" + "A" * 22 + ":1", "p1:cancel:zz:1", "{}"):
        told = await dana.forges(card, payload)
        assert "out of date" in told or "gone" in told

    assert await Audit.filter(action="press.refused", team_id=team).count() >= 3
    assert (await town.post(dana)).stage == "committed"


async def test_b14_bad_061_two_presses_at_once_have_one_effect_and_the_second_is_told_who(
    town: Town,
) -> None:
    dana, _, card = await town.plans()

    told = await asyncio.gather(
        dana.presses(card, "Cancel post"), dana.presses(card, "Cancel post", is_stale=True)
    )

    assert any("Already cancelled by Dana" in one for one in told)
    await dana.sees("🗑 Cancelled #1")
    done = Audit.filter(action="press.refused", team_id=(await town.member(dana)).team_id)
    assert await done.count() == 0


async def test_b15_bad_062_a_press_on_a_stale_card_refreshes_it(town: Town) -> None:
    dana, _, card = await town.plans()
    await dana.replies(card, "make it 10am")
    await dana.sees("10:00 (Europe/Berlin)")

    told = await dana.presses(card, "⋯ More", is_stale=True)

    assert told == "Card updated, try again"
    assert (await town.post(dana)).wall_time.endswith("10:00:00")
    assert "« Back" not in cards(dana)[0].buttons


async def test_b16_bad_060_the_card_follows_an_edit_until_it_is_too_late(town: Town) -> None:
    dana, sent, card = await town.plans("in 3 days")

    await dana.edits(sent, "Better menu\nin 20 seconds")
    changed = await dana.sees("Caption updated from your edit")
    assert changed.key == card.key
    assert "> Better menu" in changed.lines
    town.pass_time(seconds=21)
    (post,) = await town.until_published(dana)
    assert post.caption == "Better menu"
    await dana.sees("is on Instagram")
    await dana.edits(sent, "Other menu\nin 20 seconds")

    await dana.sees("already published")
    assert (await town.post(dana)).caption == "Better menu"


async def test_b17_plain_words_to_the_card_change_it(town: Town) -> None:
    dana, _, card = await town.plans(f"{town.day(2)} 9am")

    await dana.replies(card, "make it 10am")
    told = await dana.sees("09:00 → ")
    await dana.presses(told, "Undo")
    await dana.sees("#1 is back")
    assert (await town.post(dana)).wall_time.endswith("09:00:00")
    await dana.replies(card, "caption: Brand: new\n\nmenu")
    changed = await dana.sees("Brand: new\n\nmenu")
    assert changed.key == card.key
    await dana.replies(card, "also on Threads")
    await dana.sees("Threads: I cannot post there yet")
    await dana.replies(card, "cancel")

    assert (await dana.sees("🗑 Cancelled #1")).key == card.key


async def test_b18_talk_is_not_swallowed_and_may_become_a_caption(town: Town) -> None:
    dana = await town.settled()
    await dana.sends(a_photo())
    await dana.sees("Draft #1")

    await dana.writes("Our new mugs have arrived at last")
    offer = await dana.sees("Is it a caption?")
    await dana.presses(offer, "Use as caption for #1")

    card = await dana.sees("Our new mugs have arrived")
    assert card.lines[0] == "✏️ Draft #1"


# ── outcome ──────────────────────────────────────────────────────────────────────────────────


async def test_b23_success_is_told_on_the_card_below_the_message_and_by_a_receipt(
    town: Town,
) -> None:
    dana, sent, card = await published(town, "Autumn menu is here")
    (post,) = town.published(dana)
    assert post.caption == "Autumn menu is here"

    open_post = (await dana.sees(lambda one: "Open post" in one.buttons)).label("Open post")
    notice = await dana.sees("is on Instagram")
    assert open_post.url.startswith("http")
    assert notice.under == sent.key
    assert "Published " in card.lines[2]
    await wait_until(lambda: DONE in dana.receipts(sent), what="the receipt")
    assert [one.key for one in cards(dana)] == [card.key]


async def test_b24_k6_a_dead_login_is_one_notice_and_reconnecting_publishes(town: Town) -> None:
    dana, sent, card = await town.plans("in 20 seconds")
    town.world.instagram.kill_tokens(dana.account)
    town.pass_time(seconds=21)
    held = await dana.sees("⏸ On hold #1")
    assert held.key == card.key
    assert "The access was taken back on Instagram" in held.text
    notice = await dana.sees("needs you")
    assert notice.buttons == ("Reconnect",)

    await dana.presses(held, "Reconnect & publish")
    offered = await dana.sees("Open this link", after=held)
    await town.world.allow(offered.link, username=dana.account)

    await town.until_published(dana)
    await dana.sees("is connected again")
    assert (await dana.sees("✅ Published #1")).key == card.key
    told = [one for one in dana.shown() if "needs you" in one.text]
    assert len(told) == 1
    again = [one for one in dana.shown() if "connected" in one.text and "✅" in one.text]
    assert len(again) == 1, "connecting again is said once"
    assert dana.receipts(sent) - {SEEN} <= {DONE}


async def test_b24_a_refused_post_says_the_cause_what_was_done_and_the_ways_on(
    town: Town,
) -> None:
    dana = await town.settled()
    town.world.instagram.fault(
        "error", "publish", account=dana.account, status=400, code=9004, subcode=2207004
    )
    sent = await dana.sends(a_photo(), words="Menu\nin 20 seconds")
    await dana.sees("🗓 Scheduled #1")
    town.pass_time(seconds=21)

    card = await dana.sees("❌ Not published #1")

    assert "Nothing was posted. Ref E-" in card.text
    assert {"Retry now", "Reschedule", "Discard"} <= set(card.buttons)
    notice = await dana.sees("was not published")
    assert notice.under == sent.key
    await wait_until(lambda: FAILED in dana.receipts(sent), what="the receipt")


# ── overview, drafts, zone, language, help, manners ──────────────────────────────────────────


async def test_b30_the_queue_shows_the_days_and_opens_a_card_where_it_was_asked(
    town: Town,
) -> None:
    dana, _, card = await town.plans()
    await dana.sends(a_photo(1), words="Later\nin 3 days")
    await dana.sees("🗓 Scheduled #2")

    await dana.commands("queue")
    queue = await dana.sees("Next 7 days (2 planned")
    await dana.presses(queue, "#1")

    opened = await dana.sees("🗓 Scheduled #1", after=queue)
    assert "> Menu" in opened.lines
    assert opened.key != card.key
    assert opened.under in {"", card.under if dana.chat == "telegram" else ""}
    await dana.sees("The card of #1 moved below")
    await dana.replies(opened, "make it 11:00")
    assert (await dana.sees("11:00 (Europe/Berlin)")).key == opened.key


async def test_b33_a_draft_nobody_answers_is_kept_said_so_and_goes_on_where_it_stopped(
    town: Town,
) -> None:
    dana = await town.settled()
    await dana.sends(a_photo(), words="New mugs!")
    await dana.sees("Draft #1")

    town.pass_time(minutes=11)
    await dana.sees("Saved as draft #1")
    await dana.commands("drafts")
    listed = await dana.sees("1 draft waits")
    assert "New mugs!" in listed.text
    await dana.presses(listed, "#1")
    await dana.sees("Draft #1", after=listed)
    await dana.writes(f"{town.day(2)} noon")

    await dana.sees("🗓 Scheduled #1")


async def test_b36_changing_the_zone_asks_what_happens_to_planned_posts(town: Town) -> None:
    dana, _, _ = await town.plans()

    await dana.commands("timezone Tokyo")
    asked = await dana.sees("Keep its clock time, or the same moment?")
    await dana.presses(asked, "Keep the clock times")

    await dana.sees("09:00 (Asia/Tokyo)")


async def test_b36_bad_058_a_strangers_zone_is_asked_or_taken_from_the_profile_once(
    town: Town,
) -> None:
    dana = await town.newcomer()
    await dana.commands("start")
    await dana.sees("Hi Dana")
    await town.connects(dana)
    await dana.sends(a_photo(), words="Menu\ntomorrow 9am")
    if dana.chat == "telegram":
        asked = await dana.sees("Is it ")
        await dana.presses(asked, next(one for one in asked.buttons if "Berlin" in one))

    await dana.sees("09:00 (Europe/Berlin)")
    await dana.sends(a_photo(1), words="More\ntomorrow 10am")
    await dana.sees("🗓 Scheduled #2")
    await town.quiet()
    asked_about = [one for one in dana.shown() if "Slack profile" in one.text]
    assert len(asked_about) == (1 if dana.chat == "slack" else 0)
    assert not [one for one in dana.shown() if "Is it " in one.text]


async def test_b42_help_fits_unknown_words_get_one_line_and_buttons(town: Town) -> None:
    dana = await town.settled(is_connected=False)

    await dana.writes("hello there")
    answer = await dana.sees("I post photos and videos at the time you say")
    assert answer.buttons == ("How do I post?", "What is planned?", "Connect Instagram")
    await town.connects(dana)
    await dana.writes("hello again")
    again = await dana.sees("I post photos and videos at the time you say", after=answer)
    assert again.buttons == ("How do I post?", "What is planned?"), "it is connected by now"
    await dana.presses(answer, "What is planned?")
    await dana.sees("Nothing is planned")
    await dana.commands("help")

    prefix = "/post " if dana.chat == "slack" else "/"
    helped = await dana.sees(f"{prefix}queue")
    assert f"{prefix}connect" in helped.text


async def test_b43_the_welcome_is_short_and_one_can_try_without_an_account(town: Town) -> None:
    dana = await town.newcomer()
    await dana.commands("start")
    welcome = await dana.sees("Hi Dana")
    primary = [one.text for row in welcome.rows for one in row if one.style == "primary"]
    assert len(welcome.lines) <= 4
    assert primary == ["Connect Instagram"]
    await dana.commands("timezone Berlin")
    await dana.sees("Europe/Berlin")

    await dana.sends(a_photo(), words="New mugs!\ntomorrow 9am")
    waiting = await dana.sees("Connect Instagram and it will be scheduled")
    await dana.presses(waiting, "Connect Instagram")
    offered = await dana.sees("Open this link", after=welcome)
    town.account_for(dana)
    page = await town.world.allow(offered.link, username=dana.account)
    assert "connected" in page.casefold()
    await dana.presses(await dana.sees("Is it yours?"), "Yes, it is mine")

    card = await dana.sees("🗓 Scheduled #1")
    assert card.key == waiting.key


async def test_b44_bad_043_the_same_post_twice_is_asked_about_and_goes_out_after_a_yes(
    town: Town,
) -> None:
    dana, _, _ = await published(town)
    await dana.sends(a_photo(1), words="Menu\ntomorrow 9am")
    asked = await dana.sees("Looks like #1")
    assert (await town.post(dana, 2)).stage == "draft"

    await dana.presses(asked, "Post again")

    assert (await dana.sees("🗓 Scheduled #2")).key == asked.key


async def test_b45_a_german_gets_german_and_answers_in_german(town: Town) -> None:
    jens = await town.settled("Jens", locale="de")
    await jens.sends(a_photo(), words="Die Herbstkarte ist da\nmorgen 9 Uhr")
    card = await jens.sees("🗓 Geplant #1")
    assert "aus „morgen 9 Uhr“" in card.text
    assert card.buttons == ("Caption ändern", "Zeit ändern", "⋯ Mehr", "Post absagen")

    await jens.replies(card, "mach 10:30 draus")
    await jens.sees("10:30 (Europe/Berlin)")
    await jens.commands("language englisch")
    await jens.sees("All right, English from now on.")
    await jens.sends(a_photo(1), words="New mugs")

    await jens.sees("✏️ Draft #2")


async def test_b37_a_draft_whose_account_is_broken_goes_on_with_another(town: Town) -> None:
    dana = await town.settled()
    usual = dana.account
    town.pass_time(seconds=1)
    other = await town.connects(dana)
    await Account.filter(username=usual).update(state="needs_reconnect")
    await dana.sends(a_photo(), words="Menu\ntomorrow 9am")
    card = await dana.sees(f"@{usual} cannot post right now.")
    assert card.lines[1] == f"@{usual} · Photo", "no other one is taken unasked"

    await dana.chooses_account(card, other.username)

    booked = await dana.sees("🗓 Scheduled #1")
    assert booked.lines[1] == f"@{other.username} · Photo"


async def test_b46_no_state_is_told_by_a_sign_alone_and_the_fallback_is_a_sentence(
    town: Town,
) -> None:
    dana, _, card = await published(town)

    assert any(sign.isalpha() for sign in card.lines[0])
    for shown in dana.shown():
        if isinstance(dana, OnSlack):
            assert shown.fallback
            assert len(shown.fallback.split()) >= 2
        assert all(any(sign.isalnum() for sign in one) for one in shown.buttons)


async def test_b47_among_others_only_what_concerns_us_is_answered(town: Town) -> None:
    dana = await town.settled()
    mia = await town.colleague(dana)
    here, there = town.room("Cafe team", dana, mia)

    await here.writes("nice weather", is_said_to_us=False)
    await there.sends(a_photo(), words="just for fun", is_said_to_us=False)
    sent = await here.sends(a_photo(1), words=f"Team day\n{town.day(3)} 18:30")
    card = await here.sees("🗓 Scheduled #1")
    await there.replies(sent, "looks great!")
    await town.quiet()

    assert {one.under for one in here.shown()} == {sent.key}
    assert card.under == sent.key
    assert len(await town.posts(dana)) == 1
    assert not [one for one in here.shown() if "weather" in one.text or "great" in one.text]
    await here.commands("queue")
    queue = await here.sees("Next 7 days")
    assert queue.is_private is (dana.chat == "slack"), "only who asked sees the answer"


async def test_b14_b47_among_others_the_second_press_is_told_who_was_first(town: Town) -> None:
    dana = await town.settled()
    mia = await town.colleague(dana)
    here, there = town.room("Cafe team", dana, mia)
    await here.sends(a_photo(), words=f"Team day\n{town.day(3)} 18:30")
    card = await here.sees("🗓 Scheduled #1")
    await there.commands("queue")
    await there.sees("Next 7 days")

    await here.presses(card, "Cancel post")
    told = await there.presses(card, "Cancel post", is_stale=True)

    assert "Already cancelled by Dana" in told
    assert "Already cancelled" not in "".join(one.text for one in here.shown())


async def test_b47_forget_me_leaves_nothing_behind(town: Town) -> None:
    dana, _, _ = await town.plans()
    team = (await town.member(dana)).team_id

    await dana.commands("forget me")
    asked = await dana.sees("Forget you")
    await dana.presses(asked, "Yes, forget me")

    await dana.sees("I know nothing about you")
    assert await Post.filter(team_id=team).count() == 0
