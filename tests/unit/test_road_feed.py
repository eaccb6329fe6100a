"""What a road authority's feed shuts and opens: from answer to answer."""

from msgspec.structs import replace

from factories.world import TestWorld
from goldenhour.app.handle import recorded_of
from goldenhour.app.road_feed import ROLE, Follower, end_silence, tell_silent
from goldenhour.content.road_feed import load_road_feed
from goldenhour.domain import commands as c
from goldenhour.domain.commands import Command
from goldenhour.domain.dispatch.events import RoadReason
from goldenhour.domain.dispatch.road_feed import meaning_of
from goldenhour.domain.register.city import Bounds
from goldenhour.kernel.datum import Datum, from_wgs84
from goldenhour.kernel.geo import Point, distance_m
from goldenhour.kernel.road_notice import Notice
from goldenhour.views.fold import Folded, Reveal
from goldenhour.views.render import renderer

RULES = load_road_feed()
NOTICE = Notice(
    id="101",
    kind="ROAD_CLOSED",
    subtype="ROAD_CLOSED_CONSTRUCTION",
    line=(Point(lat=31.2, lon=121.4), Point(lat=31.2, lon=121.41)),
    both_ways=True,
    street="滨江大道",
    from_ms=None,
    until_ms=None,
)


class Feed:
    """A follower whose word is carried out at once."""

    def __init__(self, datum: Datum = Datum.WGS84, area: Bounds | None = None) -> None:
        self.world = TestWorld()
        self.follower = Follower(RULES, datum, area)

    def view(self) -> Folded:
        view = Folded(renderer(self.world.facts), Reveal({}))
        for event in self.world.journal.feed:
            view.apply(recorded_of(event))
        return view

    async def answers(self, *notices: Notice) -> list[Command]:
        self.world.clock.at_ms += 15_000
        said = self.follower.follow(notices, self.view(), self.world.clock.at_ms)
        for command in said:
            await self.world.accept(command, role=ROLE)
        return said

    async def shut(self, *notices: Notice) -> c.CloseRoad:
        (closure,) = await self.answers(*notices)
        assert isinstance(closure, c.CloseRoad)
        return closure


def names(said: list[Command]) -> list[str]:
    return [type(command).__name__ for command in said]


async def test_an_entry_shuts_its_road_once_and_opens_it_when_it_has_gone_twice() -> None:
    feed = Feed()
    closure = await feed.shut(NOTICE)
    assert (closure.line, closure.both_ways, closure.share) == (NOTICE.line, True, 0)
    assert (closure.reason, closure.label) == (RoadReason.WORKS, "滨江大道")
    assert await feed.answers(NOTICE) == []
    assert await feed.answers() == [], "one empty answer may be a slip"
    assert await feed.answers(NOTICE) == []
    assert await feed.answers() == []
    reopened = c.ReopenRoad(closure_id=closure.closure_id, reason="open")
    assert await feed.answers() == [reopened]
    assert await feed.answers() == []


async def test_a_process_that_begins_anew_shuts_nothing_twice() -> None:
    feed = Feed()
    await feed.shut(NOTICE)
    feed.follower = Follower(RULES, Datum.WGS84, None)
    assert await feed.answers(NOTICE) == []


async def test_an_entry_that_comes_back_shuts_its_road_again() -> None:
    feed = Feed()
    first = await feed.shut(NOTICE)
    await feed.answers()
    await feed.answers()
    again = await feed.shut(NOTICE)
    assert again.closure_id != first.closure_id


async def test_a_changed_entry_is_never_open_in_between() -> None:
    feed = Feed()
    first = await feed.shut(NOTICE)
    longer = replace(NOTICE, until_ms=feed.world.clock.at_ms + 3_600_000)
    second = await feed.shut(longer)
    assert second.until_ms == longer.until_ms
    assert await feed.answers(longer) == [c.ReopenRoad(closure_id=first.closure_id, reason="open")]


async def test_what_a_desk_opened_stays_open_while_the_entry_is_the_same() -> None:
    feed = Feed()
    closure = await feed.shut(NOTICE)
    mistaken = c.ReopenRoad(closure_id=closure.closure_id, reason="mistake")
    await feed.world.accept(mistaken, role="dispatcher")
    assert await feed.answers(NOTICE) == []
    feed.follower = Follower(RULES, Datum.WGS84, None)
    assert await feed.answers(NOTICE) == []
    assert names(await feed.answers(replace(NOTICE, street="滨江大道北段"))) == ["CloseRoad"]


async def test_what_a_desk_opened_stays_open_when_no_view_remembers_it() -> None:
    feed = Feed()
    closure = await feed.shut(NOTICE)
    mistaken = c.ReopenRoad(closure_id=closure.closure_id, reason="mistake")
    await feed.world.accept(mistaken, role="dispatcher")
    await feed.answers(NOTICE)
    forgotten, now_ms = Folded(renderer(feed.world.facts), Reveal({})), feed.world.clock.at_ms
    feed.follower.follow([], forgotten, now_ms)  # one answer without it may be a slip
    assert feed.follower.follow([NOTICE], forgotten, now_ms) == []


async def test_its_time_counts_not_its_standing_in_the_feed() -> None:
    feed = Feed()
    now_ms = feed.world.clock.at_ms
    planned = replace(NOTICE, from_ms=now_ms + 20_000, until_ms=now_ms + 40_000)
    assert await feed.answers(planned) == []
    await feed.shut(planned)
    assert await feed.answers(planned) == []


async def test_what_the_table_does_not_know_changes_nothing() -> None:
    assert meaning_of(replace(NOTICE, kind="POLICE"), RULES, 0) is None
    jam = replace(NOTICE, kind="JAM", subtype="JAM_STAND_STILL_TRAFFIC")
    slow = meaning_of(jam, RULES, 0)
    assert slow is not None
    assert 0 < slow.share < 1
    other = meaning_of(replace(NOTICE, subtype="ROAD_CLOSED_HAZARD"), RULES, 0)
    assert other is not None
    assert (other.share, other.reason) == (0, RoadReason.OTHER)


async def test_a_feed_in_the_datum_of_chinese_maps_shuts_the_road_that_it_means() -> None:
    feed = Feed(Datum.GCJ02)
    shifted = tuple(from_wgs84(point, Datum.GCJ02) for point in NOTICE.line)
    assert distance_m(shifted[0], NOTICE.line[0]) > 300
    closure = await feed.shut(replace(NOTICE, line=shifted))
    assert distance_m(closure.line[0], NOTICE.line[0]) < 0.1


async def test_a_road_of_another_prefecture_is_none_of_ours() -> None:
    feed = Feed(area=Bounds(south=30.0, west=121.0, north=31.0, east=122.0))
    assert await feed.answers(NOTICE) == []
    leads_in = replace(NOTICE, line=(NOTICE.line[0], Point(lat=31.0, lon=121.4)))
    assert names(await feed.answers(leads_in)) == ["CloseRoad"]


async def test_silence_is_told_to_each_desk_once_and_ends() -> None:
    feed = Feed()

    async def told(orgs: list[str], since_ms: int) -> list[str]:
        said = tell_silent(feed.view(), orgs, since_ms)
        for _org, command in said:
            await feed.world.accept(command, role=ROLE)
        return [org for org, _command in said]

    assert await told(["centre", "subcentre:x"], 1) == ["centre", "subcentre:x"]
    assert await told(["centre", "subcentre:x"], 2) == []
    ended = end_silence(feed.view())
    assert sorted(org for org, _command in ended) == ["centre", "subcentre:x"]
    for _org, command in ended:
        await feed.world.accept(command, role=ROLE)
    assert end_silence(feed.view()) == []
    assert await told(["centre"], 3) == ["centre"]
