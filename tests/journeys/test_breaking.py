"""What breaks products like this one: things done at the wrong moment, twice, or crosswise."""

from datetime import timedelta

from models.account import Account
from models.inbox import Inbox
from models.post import Media, Post, Target
from models.series import Occurrence, Series
from sandbox.telegram.media import a_jpeg
from sandbox.telegram.view import Seen
from tests.support.waiting import wait_until
from tests.support.world import World


async def scheduled(world: World, phrase: str = "tomorrow 9am", caption: str = "Menu") -> Seen:
    await world.settle_in()
    await world.connect()
    await world.dana.sends_photo(a_jpeg(), f"{caption}\n{phrase}")
    return await world.card("🗓 Scheduled #1")


async def a_series(world: World) -> Seen:
    await world.settle_in()
    await world.connect()
    await world.dana.sends_photo(a_jpeg(), "Soup\nevery day at 18:30")
    return await world.card("🔁 Series S1")


async def nothing_failed() -> None:
    assert not await Inbox.filter(attempts__gt=0).exists()


# ── /cancel ──────────────────────────────────────────────────────────────────────────────────


async def test_cancel_takes_a_number(world: World) -> None:
    await scheduled(world)

    await world.dana.writes("/cancel 1")

    await world.card("#1 is cancelled")
    assert (await world.post()).stage == "cancelled"
    await nothing_failed()


async def test_cancel_without_a_number_takes_the_last_one_also_a_draft(world: World) -> None:
    await scheduled(world)
    await world.dana.sends_photo(a_jpeg(label="2"), "No time yet")
    await world.card("Draft #2")

    await world.dana.writes("/cancel")

    await world.card("#2 is cancelled")
    assert (await world.post(1)).stage == "committed"


# ── files ────────────────────────────────────────────────────────────────────────────────────


async def test_a_file_in_hand_at_a_restart_is_fetched_at_once_afterwards(world: World) -> None:
    await world.settle_in()
    await world.connect()
    hanging = world.telegram.fails("hang", "getFile", times=None)
    await world.dana.sends_photo(a_jpeg(), "Menu\ntomorrow 9am")
    await world.card("Draft #1")
    await wait_until(lambda: Media.filter(lease_until__isnull=False).exists(), what="in hand")

    await world.kill()
    world.telegram.heals(hanging)
    await world.start()

    await world.card("🗓 Scheduled #1")


async def test_a_draft_cancelled_while_its_file_comes_goes_on_after_undo(world: World) -> None:
    await world.settle_in()
    await world.connect()
    hanging = world.telegram.fails("hang", "getFile", times=None)
    await world.dana.sends_photo(a_jpeg(), "Menu\ntomorrow 9am")
    card = await world.card("Draft #1")
    await world.dana.presses(card, "Cancel post")
    cancelled = await world.card("🗑 Cancelled #1")
    world.telegram.heals(hanging)
    await wait_until(lambda: Media.filter(state="stored").exists(), what="the file is here")

    await world.dana.presses(cancelled, "Undo")

    await world.card("🗓 Scheduled #1")


# ── albums ───────────────────────────────────────────────────────────────────────────────────


async def test_b16_an_album_edited_before_it_is_whole_has_the_new_caption(world: World) -> None:
    await world.settle_in()
    album = await world.dana.sends_album([a_jpeg(label="1"), a_jpeg(label="2")], "Old words")

    await world.dana.edits(album[0], "New words")

    card = await world.card("Draft #1")
    assert "New words" in card.text
    assert "Old words" not in card.text


async def test_a_late_part_is_published_with_its_album(world: World) -> None:
    await world.settle_in()
    await world.connect()
    pictures = [a_jpeg(label=str(index)) for index in range(3)]
    album = await world.dana.sends_album(pictures, "Team\nin 2 minutes", hold_back=1)
    await world.card("🗓 Scheduled #1")

    album.release()
    await world.card("Added 1 more (now 3)")
    await world.card("🗓 Scheduled #1")
    world.pass_time(timedelta(seconds=121))
    (post,) = await world.instagram.until_published(1)

    assert len(post.media) == 3


async def test_a_part_that_comes_after_publishing_is_told_not_dropped(world: World) -> None:
    await world.settle_in()
    await world.connect()
    pictures = [a_jpeg(label=str(index)) for index in range(3)]
    album = await world.dana.sends_album(pictures, "Team\nin 20 seconds", hold_back=1)
    await world.card("🗓 Scheduled #1")
    world.pass_time(timedelta(seconds=21))
    await world.card("✅ Published #1")

    album.release()

    await world.card("came too late for #1")
    assert await Media.all().count() == 2
    await nothing_failed()


# ── replies and prompts ──────────────────────────────────────────────────────────────────────


async def test_a_reply_to_one_card_is_no_answer_to_the_question_of_another(world: World) -> None:
    first = await scheduled(world)
    await world.dana.sends_photo(a_jpeg(label="2"), "Other\nin 3 days")
    second = await world.card("🗓 Scheduled #2")
    await world.dana.presses(second, "Edit caption")
    await world.card("Send the new caption")

    await world.dana.replies(first, "tomorrow 10:30")

    await world.card("#1: 09:00 →")
    assert (await world.post(2)).caption == "Other"
    assert (await world.post(1)).wall_time.endswith("10:30:00")


async def test_the_question_about_the_zone_lets_other_words_pass(world: World) -> None:
    card = await scheduled(world)
    await world.dana.writes("/timezone")
    await world.card("To change it, type a city")

    await world.dana.replies(card, "cancel")

    await world.card("🗑 Cancelled #1")


async def test_words_after_a_post_was_planned_by_an_edit_do_not_move_it(world: World) -> None:
    await world.settle_in()
    await world.connect()
    sent = await world.dana.sends_photo(a_jpeg(), "Menu")
    await world.card("When should it go out?")
    await world.dana.edits(sent, "Menu\ntomorrow 9am")
    await world.card("🗓 Scheduled #1")

    await world.dana.writes("18:30")

    await world.card("I post photos and videos")
    assert (await world.post()).wall_time.endswith("09:00:00")


async def test_each_offered_caption_keeps_its_own_words(world: World) -> None:
    await world.settle_in()
    await world.dana.sends_photo(a_jpeg())
    await world.card("Draft #1")
    await world.dana.writes("The first idea we had")
    first = await world.card("Is it a caption?")
    await world.dana.writes("The second idea we had")
    await world.dana.sees(lambda seen: "Is it a caption?" in seen.text, after=first)

    await world.dana.presses(first, "Use as caption for #1")

    await wait_until(lambda: _caption_is("The first idea we had"), what="the first one is taken")


async def _caption_is(text: str) -> bool:
    return (await Post.get(number=1)).caption == text


# ── the zone ─────────────────────────────────────────────────────────────────────────────────


async def test_b36_a_new_time_that_waits_for_the_zone_is_taken_after_the_answer(
    world: World,
) -> None:
    await world.dana.starts()
    await world.connect()
    await world.dana.sends_photo(a_jpeg(), "Menu\nin 2 hours")
    card = await world.card("🗓 Scheduled #1")
    await world.dana.presses(card, "Change time")
    await world.card("New time?")
    await world.dana.writes("tomorrow 9am")
    await world.card("Is it ")

    await world.dana.writes("New York")

    await world.card("09:00 (America/New_York)")
    assert (await world.post()).wall_time.endswith("09:00:00")


async def test_b36_zones_can_be_changed_while_a_post_is_going_out(world: World) -> None:
    await scheduled(world, "in 20 seconds")
    # Where its answer is lost, it stays on its way for more than a minute.
    world.instagram.fault("hang_before", "publish", times=None, seconds=1)
    world.pass_time(timedelta(seconds=21))
    await wait_until(lambda: Target.filter(state="publishing").exists(), what="it goes out")
    await world.dana.writes("/timezone Tokyo")
    asked = await world.card("Keep its clock time, or the same moment?")

    answer = await world.dana.presses(asked, "Keep the clock times")

    assert answer.text == "Done"
    world.instagram.faults.clear()
    await nothing_failed()


# ── series ───────────────────────────────────────────────────────────────────────────────────


async def test_b34_words_in_reply_to_a_series_speak_of_all_later_runs(world: World) -> None:
    card = await a_series(world)

    await world.dana.replies(card, "19:15")
    await world.card("at 19:15 Europe/Berlin")
    await world.dana.replies(card, "caption: Stew")
    await world.card("Stew")

    targets = await Target.filter(state="scheduled").prefetch_related("post")
    assert {target.wall_time[11:] for target in targets} == {"19:15:00"}
    assert {target.post.caption for target in targets} == {"Stew"}


async def test_b34_cancel_in_reply_to_a_series_asks_before_it_ends(world: World) -> None:
    card = await a_series(world)

    await world.dana.replies(card, "cancel")

    asked = await world.card("End S1?")
    await world.dana.presses(asked, "Yes, end it")
    await world.card("🏁 Series S1, ended")
    assert await Target.filter(state="scheduled").count() == 0


async def test_b34_a_run_that_was_called_off_does_not_come_back(world: World) -> None:
    card = await a_series(world)
    await world.dana.writes("/cancel 2")
    await world.card("#2 is cancelled")
    slot = (await Occurrence.get(post__number=2)).slot_at

    await world.dana.presses(card, "Edit caption")
    await world.card("Send the new caption for all later posts")
    await world.dana.writes("Stew")
    await world.card("Stew")

    booked = await Target.filter(state="scheduled", due_at=slot).count()
    assert booked == 0


async def test_b34_a_change_for_all_later_ones_makes_no_double_of_a_run(world: World) -> None:
    card = await a_series(world)
    await world.dana.writes("/queue")
    queue = await world.card("Next 7 days")
    await world.dana.presses(queue, "#2")
    await world.card("🗓 Scheduled #2")
    slot = (await Occurrence.get(post__number=2)).slot_at

    await world.dana.presses(card, "Edit caption")
    await world.dana.writes("Stew")
    await world.card(lambda seen: "🗓 Scheduled #2" in seen.text and "Stew" in seen.text)

    assert (await world.post(2)).undo_until is None
    assert await Target.filter(due_at=slot, state="scheduled").count() == 1


async def test_b16_b34_editing_the_message_of_a_series_changes_all_later_runs(
    world: World,
) -> None:
    await world.settle_in()
    await world.connect()
    sent = await world.dana.sends_photo(a_jpeg(), "Soup\nevery day at 18:30")
    await world.card("🔁 Series S1")

    await world.dana.edits(sent, "Stew\nevery day at 18:30")

    await world.card("Stew")
    captions = {one.post.caption for one in await Target.all().prefetch_related("post")}
    assert captions == {"Stew"}


async def test_b34_a_run_waits_as_a_draft_while_its_account_is_gone(world: World) -> None:
    await a_series(world)
    await Account.all().update(state="disconnected")
    series = await Series.get(number=1)
    assert series.next_at is not None

    world.clock.set(series.next_at - timedelta(days=7))
    await world.parts.house.recurrences.make_due()

    run = await Post.filter(stage="draft").first()
    assert run is not None
    assert run.question == "account"
    assert run.due_at is not None


# ── cards ────────────────────────────────────────────────────────────────────────────────────


async def test_b02_a_card_that_moved_below_leaves_no_second_one_when_edits_fail(
    world: World,
) -> None:
    card = await scheduled(world)
    await world.dana.writes("/queue")
    queue = await world.card("Next 7 days")
    world.telegram.fails("server_error", "editMessageText", times=1)

    await world.dana.presses(queue, "#1")

    below = await world.dana.sees(lambda seen: "🗓 Scheduled #1" in seen.text, after=queue)
    await world.card("The card of #1 moved below")
    assert below.id > card.id
    assert card.buttons == []


# ── people ───────────────────────────────────────────────────────────────────────────────────


async def test_b47_who_was_forgotten_in_a_team_can_begin_anew(world: World) -> None:
    await world.settle_in()
    mia = world.telegram.person("Mia")
    group = world.telegram.group("Café team", [world.dana, mia])
    group.adds_bot(world.dana)
    group.promotes_bot(world.dana)
    await world.dana.writes("/queue", chat=group)
    await world.card_in(group, "Nothing is planned")
    await mia.writes("/queue", chat=group)
    await mia.writes("/forget me")
    asked = await mia.sees("Forget you")
    await mia.presses(asked, "Yes, forget me")
    await mia.sees("I know nothing about you")

    await mia.starts()

    await mia.sees("Hi Mia")
    await nothing_failed()


async def test_b47_a_stranger_who_speaks_to_us_in_a_team_s_group_is_told_why(
    world: World,
) -> None:
    await world.settle_in()
    tom = world.telegram.person("Tom")
    await world.settle_in(tom)
    group = world.telegram.group("Café team", [world.dana, tom])
    group.adds_bot(world.dana)
    group.promotes_bot(world.dana)
    await world.dana.writes("/queue", chat=group)
    await world.card_in(group, "Nothing is planned")

    username = world.telegram.bot.username
    await tom.sends_photo(a_jpeg(), f"@{username} Menu\ntomorrow 9am", chat=group)

    await world.card_in(group, "a team you are not in")
    assert await Post.all().count() == 0


# ── buttons of another time ──────────────────────────────────────────────────────────────────


async def test_b39_an_old_yes_does_not_disconnect_a_new_login(world: World) -> None:
    await world.settle_in()
    account = await world.connect()
    await world.dana.writes("/accounts")
    listed = await world.card(lambda seen: any("Disconnect" in one for one in seen.button_texts))
    await world.dana.presses(listed, "Disconnect")
    asked = await world.card("Disconnect @")
    await Account.filter(id=account.id).update(token_version=account.token_version + 1)

    answer = await world.dana.presses(asked, "Yes, disconnect")

    assert "out of date" in answer.text
    assert (await Account.get(id=account.id)).state == "active"


async def test_s14_what_had_to_wait_for_us_is_no_flood(world: World) -> None:
    await world.settle_in()
    await world.stop()
    for index in range(22):
        await world.dana.sends_photo(a_jpeg(60, 60, str(index)), "Menu")
        world.pass_time(timedelta(seconds=10))

    await world.start()
    await world.telegram.all_updates_taken()
    await wait_until(lambda: _count_is(22), what="all have become drafts", seconds=40)


async def _count_is(count: int) -> bool:
    return await Post.all().count() == count
