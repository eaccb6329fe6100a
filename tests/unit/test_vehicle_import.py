"""Vehicles from a table are enrolled and changed whole or not at all, each in an organisation of
its own; and what the table is compared with."""

from typing import Any

from msgspec.structs import replace

from factories.world import START_MS, TestWorld
from goldenhour.app import stations, vehicles
from goldenhour.app.access import (
    COMMANDS,
    SYSTEM_ONLY,
    Organisation,
    Organisations,
    Principal,
    Role,
    identity_of,
    may_send,
)
from goldenhour.app.handle import fold
from goldenhour.app.journal import SYSTEM
from goldenhour.domain import commands as c
from goldenhour.domain.register.events import UnitKind, UnitListed
from goldenhour.domain.register.unit import Unit, listed_of
from goldenhour.domain.register.vehicle_table import Place, read_vehicles
from goldenhour.kernel.geo import Point
from goldenhour.kernel.outcome import Refused

HERE = Point(lat=50.87, lon=9.71)
"""Where the test world's station lies."""


def listed(call_sign: str = "A-01", **changes: Any) -> UnitListed:
    """As the test world lists its units."""
    given: dict[str, Any] = {
        "call_sign": call_sign,
        "station_id": "s1",
        "station_name": "一站",
        "station_point": HERE,
        "unit_kind": UnitKind.ALS,
        "assumed": True,
    }
    return UnitListed(**(given | changes))


def change(unit_id: str, was: UnitListed | None, now: UnitListed) -> c.UnitChange:
    return c.UnitChange(unit_id=unit_id, was=was, now=now)


def table(*changes: c.UnitChange) -> c.ImportUnits:
    return c.ImportUnits(unit_id=changes[0].unit_id, changes=changes)


def tree(*more: Organisation) -> Organisations:
    rows = [
        Organisation(id=ident, parent=parent, kind=kind, name=ident, name_en="")
        for ident, parent, kind in (
            ("city", "", "city"),
            ("centre", "city", "centre"),
            ("county", "city", "centre"),
            ("station:s1", "centre", "station"),
            ("station:s2", "centre", "station"),
            ("station:far", "county", "station"),
            ("unit:A-01", "station:s1", "unit"),
        )
    ]
    return Organisations([*rows, *more])


def unit_org(ident: str, **changes: Any) -> Organisation:
    row = Organisation(
        id=f"unit:{ident}", parent="station:s1", kind="unit", name=ident, name_en=ident
    )
    return replace(row, **changes)


async def unit(world: TestWorld, unit_id: str) -> Unit | None:
    stream = f"unit:{unit_id}"
    loaded = (await world.journal.load([stream], SYSTEM)).get(stream)
    found = fold(stream, loaded.events) if loaded else None
    return found if isinstance(found, Unit) else None


# ---- the command


async def test_a_new_vehicle_belongs_to_its_own_organisation_whoever_enrols_it() -> None:
    world = TestWorld()
    await world.accept(table(change("A-09", None, listed("急救09"))), org="centre")
    assert world.journal.owners["unit:A-09"] == "unit:A-09"
    found = await unit(world, "A-09")
    assert found is not None
    assert (found.call_sign, found.on_duty, found.duty_ms) == ("急救09", False, None)


async def test_a_change_leaves_crew_and_duty_as_they_are() -> None:
    world = TestWorld()
    await world.list_unit()
    before = await unit(world, "A-01")
    now = listed("急救01", plate="沪A12345", unit_kind=UnitKind.BLS, assumed=False)
    await world.accept(table(change("A-01", listed(), now)))
    after = await unit(world, "A-01")
    assert before is not None
    assert after is not None
    assert listed_of(after) == now
    assert (after.on_duty, after.crew, after.since_ms, after.duty_ms) == (
        True,
        ("甲", "乙"),
        before.since_ms,
        before.duty_ms,
    )


async def test_a_table_is_written_whole_or_not_at_all() -> None:
    world = TestWorld()
    await world.list_unit()
    before = len(world.journal.feed)
    good = change("A-09", None, listed("急救09"))
    for bad, refused in (
        (
            change("A-01", listed("急救01"), listed("急救02")),
            Refused(code="preview_outdated", field="unit_id", detail="急救02"),
        ),
        (
            change("A-01", None, listed("急救02")),
            Refused(code="preview_outdated", field="unit_id", detail="急救02"),
        ),
        (
            change("A-08", listed("急救08"), listed("急救02")),
            Refused(code="preview_outdated", field="unit_id", detail="急救02"),
        ),
        (good, Refused(code="exists", field="unit_id", detail="急救09")),
    ):
        assert await world.send(table(good, bad)) == refused
    assert len(world.journal.feed) == before
    await world.accept(table(good, change("A-01", listed(), listed("急救01"))))
    assert len(world.journal.feed) == before + 2


async def test_a_table_that_is_sent_twice_changes_nothing_the_second_time() -> None:
    world = TestWorld()
    await world.list_unit()
    both = table(change("A-09", None, listed("急救09")), change("A-01", listed(), listed("急救01")))
    await world.accept(both)
    written = len(world.journal.feed)
    outcome = await world.accept(both)
    assert outcome.versions == {}
    assert len(world.journal.feed) == written


async def test_who_may_not_see_a_vehicle_does_not_change_it() -> None:
    world = TestWorld()
    await world.list_unit()
    county = Principal(
        person_id="p", name="p", role=Role.SUPERVISOR, org="county", seat="", unit_id="",
        hospital_id="",
    )  # fmt: skip
    taken = table(change("A-01", listed(), listed("急救01")))
    refused = await world.send(taken, identity_of(county, tree()), org="county")
    assert refused == Refused(code="preview_outdated", field="unit_id", detail="急救01")


def test_nobody_sends_it_as_a_command() -> None:
    assert COMMANDS[c.ImportUnits] == SYSTEM_ONLY
    sent = table(change("A-01", listed(), listed("急救01")))
    for role in Role:
        who = Principal(
            person_id="p", name="p", role=role, org="city", seat="", unit_id="", hospital_id=""
        )
        assert not may_send(who, sent)


# ---- what a table is compared with, and what it makes


async def test_a_closed_vehicle_stands_no_more() -> None:
    world = TestWorld()
    states = {}
    for unit_id in ("A-01", "A-02"):
        await world.list_unit(unit_id)
        states[f"unit:{unit_id}"] = await unit(world, unit_id)
    closed = tree(unit_org("A-02", closed_ms=START_MS))
    found = vehicles.standing_of({k: v for k, v in states.items() if v}, closed)
    assert found == {"A-01": listed()}


async def test_stations_below_the_asker_lie_where_the_city_or_a_vehicle_says() -> None:
    world = TestWorld()
    await world.list_unit()
    vehicle = await unit(world, "A-01")
    assert vehicle is not None

    def found(org: str, *more: Organisation) -> dict[str, Place]:
        known = stations.stations_of({"unit:A-01": vehicle}, tree(*more), org, None)
        places = vehicles.places_of(known, tree(*more), {"A-01": listed()}, None)
        return {one.station_id: one for one in places}

    assert found("centre") == {
        "s1": Place(station_id="s1", names=("一站", "station:s1"), point=HERE),
        "s2": Place(station_id="s2", names=("station:s2",), point=None),
    }
    assert set(found("city")) == {"s1", "s2", "far"}
    shut = replace(tree().rows["station:s2"], closed_ms=START_MS)
    assert set(found("centre", shut)) == {"s1"}


def test_the_organisations_follow_the_call_sign_and_the_station_and_nothing_else() -> None:
    named = unit_org("A-02", name="副车", parent="county")
    now = listed("急救02", station_id="s2")
    changes = (
        change("A-09", None, listed("急救09")),
        change("A-01", listed(), now),
        change("A-02", listed("A-02"), listed("A-02", plate="沪A12345")),
    )
    assert vehicles.organisations_of(changes, tree(named), START_MS) == [
        unit_org("A-09", name="急救09", name_en="急救09", edited_ms=START_MS),
        unit_org("A-01", name="急救02", name_en="急救02", parent="station:s2", edited_ms=START_MS),
        replace(named, edited_ms=START_MS),
    ]


def test_an_organisation_without_a_vehicle_is_taken_for_the_new_one_of_its_name() -> None:
    world = TestWorld()
    left = unit_org("lost", name="急救09")
    elsewhere = unit_org("far", name="急救08", parent="station:far")
    shut = unit_org("shut", name="急救07", closed_ms=START_MS)
    spare = vehicles.spare_of(tree(left, elsewhere, shut), "centre", {})
    assert spare == {"急救09": "lost", "unit:A-01": "A-01"}
    lines = [
        (1, ("车号", "类型", "急救站")),
        *((n, (f"急救0{n}", "ALS", "一站")) for n in (7, 8, 9)),
    ]
    places = [Place(station_id="s1", names=("一站",), point=HERE)]
    rows = read_vehicles(lines, {}, places).rows
    command = vehicles.import_of(rows, spare, START_MS, world.entropy)
    assert command is not None
    made = {one.now.call_sign: one.unit_id for one in command.changes}
    assert made["急救09"] == "lost"
    assert len(set(made.values())) == 3
    assert vehicles.import_of((), spare, START_MS, world.entropy) is None


def test_the_digest_tells_another_deed_and_not_another_reading() -> None:
    places = [Place(station_id="s1", names=("一站",), point=HERE)]
    header = (1, ("车号", "类型", "急救站"))

    def seen(kind: str, standing: dict[str, UnitListed]) -> str:
        read = read_vehicles([header, (2, ("A-01", kind, "一站"))], standing, places)
        return vehicles.digest(read.rows)

    stands = {"A-01": listed()}
    assert seen("BLS", stands) == seen("普通型", stands)
    assert seen("BLS", stands) != seen("BLS", {"A-01": listed(plate="沪A12345")})
    assert seen("ALS", stands) == seen("", stands)
