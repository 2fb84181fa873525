from datetime import timedelta, datetime, UTC
from sandbox.telegram.media import a_jpeg, an_mp4
from tests.support.world import World
from models.account import Account
from models.team import Team

async def connected(world):
    now = world.clock.now()
    team = await Team.all().first()
    return await Account.create(team=team, platform="instagram", platform_user_id="1", username="brand", state="active", created_at=now, updated_at=now)

async def test_trial(world: World) -> None:
    d = world.dana
    await world.settle_in()
    print(d.private.transcript())
    await d.sends_photo(a_jpeg(), "New mugs!")
    await d.sees(lambda s: "Draft #1" in s.text)
    await connected(world)
    await d.writes("tomorrow 9am")
    await d.sees(lambda s: "Scheduled #1" in s.text)
    card = await d.sees(lambda s: "Scheduled #1" in s.text)
    print(await d.presses(card, "Change time"))
    card = await d.sees(lambda s: "New time?" in s.text)
    print(await d.presses(card, "Tonight"))
    await d.sees(lambda s: "20:00" in s.text)
    card = await d.sees(lambda s: "Scheduled #1" in s.text)
    print(await d.presses(card, "Cancel post"))
    card = await d.sees(lambda s: "Cancelled #1" in s.text)
    print(await d.presses(card, "Undo"))
    await d.sees(lambda s: "Scheduled #1" in s.text)
    await d.writes("/queue")
    await d.sees(lambda s: "Next 7 days" in s.text)
    await d.sends_photo(a_jpeg(), "What a crowd! 🔥 sat 12:40")
    card = await d.sees(lambda s: "Schedule for" in s.text)
    print(await d.presses(card, "Schedule"))
    await d.sees(lambda s: "Scheduled #2" in s.text)
    await d.sends_album([a_jpeg(label=str(i)) for i in range(3)], "Team day\nfri 18:30")
    await d.sees(lambda s: "Scheduled #3" in s.text)
    print(d.private.transcript())
