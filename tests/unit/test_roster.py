"""The roster: what stands, what is told about it, whose it is, and tables, whole or not at all."""

from typing import Any

from msgspec.structs import replace

from factories.world import START_MS, TestWorld, facts
from goldenhour.app.access import (
    COMMANDS,
    PLANNERS,
    TOPICS,
    Organisation,
    Organisations,
    Principal,
    Role,
    identity_of,
    may_send,
)
from goldenhour.app.handle import fold, recorded_of
from goldenhour.app.journal import SYSTEM, Identity
from goldenhour.app.roster import place, read_history, read_shifts
from goldenhour.domain import commands as c
from goldenhour.domain.register.events import CrewFunction, CrewMember, DutyKind
from goldenhour.domain.register.roster import (
    Placed,
    Shift,
    UnitWeek,
    begin_of_week,
    find_planned,
    list_warnings,
    monday_of,
    roster_id,
)
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.time import HOUR_MS
from goldenhour.views.fold import Folded, Reveal
from goldenhour.views.render import renderer

MONDAY = 1_795_363_200_000
"""2026-11-23 00:00 in China."""
REST_MS = 11 * HOUR_MS


def member(name: str, function: CrewFunction = CrewFunction.DRIVER, number: str = "") -> CrewMember:
    return CrewMember(name=name, function=function, number=number)


def shift(ident: str, from_h: int, to_h: int, *crew: CrewMember) -> Shift:
    """Hours after the Monday's midnight."""
    return Shift(
        shift_id=ident,
        from_ms=MONDAY + from_h * HOUR_MS,
        to_ms=MONDAY + to_h * HOUR_MS,
        duty=DutyKind.EMERGENCY,
        crew=crew,
    )


def told(*placed: tuple[str, Shift]) -> dict[str, list[tuple[str, str, str]]]:
    """By shift: code, person and the other unit."""
    found = list_warnings([Placed(unit_id=unit, shift=one) for unit, one in placed], REST_MS)
    return {
        ident: [(str(one.code), one.person, one.unit_id) for one in warnings]
        for ident, warnings in found.items()
    }


def plan(world: TestWorld, unit_id: str = "A-01", **changes: Any) -> c.PlanShift:
    given: dict[str, Any] = {
        "unit_id": unit_id,
        "shift_id": world.new_id(),
        "from_ms": MONDAY + 8 * HOUR_MS,
        "to_ms": MONDAY + 20 * HOUR_MS,
        "duty": DutyKind.EMERGENCY,
        "crew": (member(" 甲 "),),
    } | changes
    given.setdefault("roster_id", roster_id(unit_id, given["from_ms"]))
    return c.PlanShift(**given)


def change_of(command: c.PlanShift, **changes: Any) -> c.ChangeShift:
    given = {name: getattr(command, name) for name in command.__struct_fields__}
    return c.ChangeShift(**(given | {"reason": "ill"} | changes))


async def week(world: TestWorld, unit_id: str = "A-01", at_ms: int = MONDAY) -> UnitWeek:
    stream = f"roster:{roster_id(unit_id, at_ms)}"
    state = fold(stream, (await world.journal.load([stream], SYSTEM))[stream].events)
    assert isinstance(state, UnitWeek)
    return state


async def test_of_two_who_change_a_shift_at_once_the_second_is_told() -> None:
    world = TestWorld()
    await world.list_unit()
    command = plan(world)
    await world.accept(command)
    (seen,) = (await week(world)).shifts
    await world.accept(change_of(command, crew=(member("乙"),), was=seen))
    later = change_of(command, to_ms=command.to_ms + HOUR_MS, was=seen)
    refused = await world.send(later)
    assert isinstance(refused, Refused)
    assert (refused.code, refused.field) == ("preview_outdated", "shift_id")
    await world.accept(replace(later, was=(await week(world)).shifts[0]))


# ---- weeks


def test_a_week_begins_on_monday_in_china() -> None:
    assert monday_of(MONDAY) == "20261123"
    assert monday_of(MONDAY - 1) == "20261116"
    assert monday_of(MONDAY + 7 * 24 * HOUR_MS - 1) == "20261123"
    assert begin_of_week(MONDAY + 3 * 24 * HOUR_MS + 5) == MONDAY
    assert roster_id("w12/3", MONDAY) == "w12/3@20261123"


# ---- warnings


def test_a_person_on_two_units_at_once_is_told_on_both_shifts_with_the_other() -> None:
    both = told(
        ("A-01", shift("s1", 8, 20, member("甲"))), ("A-02", shift("s2", 19, 31, member("甲")))
    )
    assert both == {
        "s1": [("person_twice", "甲", "A-02")],
        "s2": [("person_twice", "甲", "A-01")],
    }


def test_rest_below_the_limit_is_told_and_rest_of_the_limit_is_not() -> None:
    first = ("A-01", shift("s1", 8, 20, member("甲")))
    (warning,) = list_warnings(
        [
            Placed(unit_id="A-01", shift=first[1]),
            Placed(unit_id="A-02", shift=shift("s2", 30, 42, member("甲"))),
        ],
        REST_MS,
    )["s2"]
    assert (warning.code, warning.rest_ms) == ("short_rest", 10 * HOUR_MS)
    assert (warning.from_ms, warning.to_ms) == (first[1].from_ms, first[1].to_ms)
    assert told(first, ("A-02", shift("s2", 31, 43, member("甲")))) == {}


def test_two_of_one_name_are_two_people_once_their_numbers_say_so() -> None:
    one, other = member("张伟", number="1023"), member("张伟", number="2044")
    assert told(("A-01", shift("s1", 8, 20, one)), ("A-02", shift("s2", 8, 20, other))) == {}
    # The number is the person, whatever the name was written like.
    same = member("張偉", number="1023")
    assert set(told(("A-01", shift("s1", 8, 20, one)), ("A-02", shift("s2", 8, 20, same)))) == {
        "s1",
        "s2",
    }


def test_a_shift_without_a_crew_and_one_without_a_driver_are_told() -> None:
    found = told(
        ("A-01", shift("s1", 8, 20)),
        ("A-02", shift("s2", 8, 20, member("甲", CrewFunction.DOCTOR))),
        ("A-03", shift("s3", 8, 20, member("乙"))),
    )
    assert found == {"s1": [("no_crew", "", "")], "s2": [("no_driver", "", "")]}


def test_a_unit_that_two_streams_planned_over_the_turn_of_the_week_is_told() -> None:
    found = told(
        ("A-01", shift("s1", -4, 8, member("甲"))), ("A-01", shift("s2", 7, 19, member("乙")))
    )
    assert found == {"s1": [("unit_twice", "", "A-01")], "s2": [("unit_twice", "", "A-01")]}


# ---- one shift after another


async def test_a_shift_is_planned_changed_and_withdrawn_and_all_of_it_is_kept() -> None:
    world = TestWorld()
    await world.list_unit()
    planned = plan(world)
    await world.accept(planned)
    (stands,) = (await week(world)).shifts
    assert stands.crew == (member("甲"),)
    await world.accept(change_of(planned, to_ms=planned.to_ms + 1, crew=(), reason=" ill "))
    (stands,) = (await week(world)).shifts
    assert (stands.to_ms, stands.crew) == (planned.to_ms + 1, ())
    withdrawal = c.WithdrawShift(
        roster_id=planned.roster_id, unit_id="A-01", shift_id=planned.shift_id, reason="no vehicle"
    )
    await world.accept(withdrawal)
    assert (await week(world)).shifts == ()
    history = await read_history(world.journal, SYSTEM, planned.roster_id)
    assert [(one.kind, one.reason, one.by) for one in history] == [
        ("roster.withdrawn.v1", "no vehicle", "person-1"),
        ("roster.changed.v1", "ill", "person-1"),
        ("roster.planned.v1", "", "person-1"),
    ]
    assert [one.to_ms for one in history] == [None, planned.to_ms + 1, planned.to_ms]


async def test_the_night_before_the_week_is_in_the_way_of_its_first_shift() -> None:
    world = TestWorld()
    await world.list_unit()
    await world.accept(plan(world, from_ms=MONDAY - 4 * HOUR_MS, to_ms=MONDAY + 9 * HOUR_MS))
    refused = await world.send(plan(world))
    assert isinstance(refused, Refused)
    assert (refused.code, refused.detail) == (
        "shift_overlaps",
        "2026-11-22 20:00 – 2026-11-23 09:00",
    )
    await world.accept(plan(world, from_ms=MONDAY + 9 * HOUR_MS))


async def test_a_conflict_with_another_unit_refuses_nothing() -> None:
    world = TestWorld()
    for unit in ("A-01", "A-02"):
        await world.list_unit(unit)
        await world.accept(plan(world, unit))
    shifts = await read_shifts(world.journal, SYSTEM, ["A-01", "A-02"], [MONDAY])
    warnings = list_warnings(place(shifts), REST_MS)
    assert [one.code for found in warnings.values() for one in found] == ["person_twice"] * 2


def test_the_crew_that_is_proposed_is_that_of_the_shift_that_is_on_or_begins_soon() -> None:
    day, night = shift("s1", 8, 20), shift("s2", 20, 32)

    def proposed(at_h: float) -> str:
        found = find_planned([night, day], MONDAY + int(at_h * HOUR_MS), HOUR_MS)
        return found.shift_id if found else ""

    hours = [6.9, 7, 8, 19.5, 20, 31.9, 32]
    assert [proposed(at_h) for at_h in hours] == ["", "s1", "s1", "s1", "s2", "s2", ""]


async def test_what_has_begun_is_planned_with_a_reason() -> None:
    world = TestWorld()
    await world.list_unit()
    world.clock.at_ms = MONDAY + 9 * HOUR_MS
    late = plan(world, reason="came in on time, was not written")
    await world.accept(late)
    assert (await read_history(world.journal, SYSTEM, late.roster_id))[0].reason == late.reason


# ---- whose it is


TREE = Organisations(
    [
        Organisation(id=ident, parent=parent, kind=kind, name=ident, name_en=ident)
        for ident, parent, kind in (
            ("city", "", "city"),
            ("centre", "city", "centre"),
            ("county", "city", "centre"),
            ("station:s1", "centre", "station"),
            ("unit:A-01", "station:s1", "unit"),
        )
    ]
)


def principal(role: Role, org: str) -> Principal:
    return Principal(
        person_id="p", name="p", role=role, org=org, seat="", unit_id="", hospital_id=""
    )


def identity(role: Role, org: str) -> Identity:
    return identity_of(principal(role, org), TREE)


async def test_a_week_belongs_to_the_unit_whoever_planned_it() -> None:
    world = TestWorld()
    await world.list_unit()
    planned = plan(world)
    await world.accept(planned, identity(Role.ADMIN, "city"), org="city")
    assert world.journal.owners[f"roster:{planned.roster_id}"] == "unit:A-01"
    for role, org, sees in (
        (Role.SUPERVISOR, "centre", 1),
        (Role.ADMIN, "city", 1),
        (Role.SUPERVISOR, "county", 0),
        (Role.DISPATCHER, "centre", 1),
        (Role.CREW, "unit:A-01", 0),
    ):
        seen = await read_history(world.journal, identity(role, org), planned.roster_id)
        assert len(seen) == sees, (role, org)


async def test_nobody_plans_for_a_unit_of_another_centre() -> None:
    world = TestWorld()
    await world.list_unit()
    refused = await world.send(plan(world), identity(Role.SUPERVISOR, "county"), org="county")
    assert refused == Refused(code="absent", field="unit_id")


def test_administrators_and_supervisors_plan_and_nobody_else() -> None:
    commands = (c.PlanShift, c.ChangeShift, c.WithdrawShift, c.ImportRoster)
    assert [COMMANDS[command] for command in commands] == [PLANNERS] * 4
    assert {Role.ADMIN, Role.SUPERVISOR} == PLANNERS
    # Dispatchers, and the seat that stands in for them, are proposed its crews; quality looks back.
    readers = {role for role in Role if "roster" in TOPICS[role]}
    assert readers == {*PLANNERS, Role.DISPATCHER, Role.SEAT, Role.QUALITY}
    for role in Role:
        may = may_send(principal(role, "centre"), plan(TestWorld()))
        assert may == (role in PLANNERS), role


# ---- tables


async def test_a_table_is_written_whole_or_not_at_all() -> None:
    world = TestWorld()
    for unit in ("A-01", "A-02"):
        await world.list_unit(unit)
    good, other = plan(world), plan(world, "A-02")
    clash = plan(world, "A-02", from_ms=other.to_ms - 1, to_ms=other.to_ms + 1)
    before = len(world.journal.feed)
    refused = await world.send(c.ImportRoster(roster_id=good.roster_id, parts=(good, other, clash)))
    assert isinstance(refused, Refused)
    assert (refused.code, refused.detail) == (
        "shift_overlaps",
        "A-02 2026-11-23 08:00 – 2026-11-23 20:00",
    )
    assert len(world.journal.feed) == before
    await world.accept(c.ImportRoster(roster_id=good.roster_id, parts=(good, other)))
    assert [len((await week(world, unit)).shifts) for unit in ("A-01", "A-02")] == [1, 1]
    assert {world.journal.owners[f"roster:{roster_id(u, MONDAY)}"] for u in ("A-01", "A-02")} == {
        "unit:A-01",
        "unit:A-02",
    }


async def test_a_table_changes_and_plans_in_one_stream() -> None:
    world = TestWorld()
    await world.list_unit()
    first = plan(world)
    await world.accept(first)
    shorter = change_of(first, to_ms=first.to_ms - HOUR_MS)
    second = plan(world, from_ms=shorter.to_ms, to_ms=shorter.to_ms + HOUR_MS)
    await world.accept(c.ImportRoster(roster_id=first.roster_id, parts=(shorter, second)))
    assert [one.shift_id for one in (await week(world)).shifts] == [
        first.shift_id,
        second.shift_id,
    ]


# ---- screens


async def test_a_plan_is_no_line_of_the_log_and_no_open_stream() -> None:
    world = TestWorld()
    await world.list_unit()
    planned = plan(world)
    await world.accept(planned)
    view = Folded(renderer(facts()), Reveal({}))
    for envelope in world.journal.feed:
        view.apply(recorded_of(envelope))
    assert "unit.listed.v1" in [line.kind for line in view.log]
    assert not [line for line in view.log if line.kind.startswith("roster.")]
    assert not world.journal.open[f"roster:{planned.roster_id}"]
    assert START_MS < MONDAY
