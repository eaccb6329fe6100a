"""The check before a shift: what is told, and that it takes nobody off duty."""

from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from factories.world import TestWorld, facts
from goldenhour.app.handle import fold, recorded_of
from goldenhour.app.journal import SYSTEM
from goldenhour.content import ContentError, load
from goldenhour.content.shift_check import read_shift_check
from goldenhour.domain import commands as c
from goldenhour.domain.register.shift_check import CheckKind, ShiftCheck, list_defects
from goldenhour.domain.register.unit import CHECKS_KEPT, Unit
from goldenhour.views.fold import Folded, Reveal
from goldenhour.views.render import renderer
from goldenhour.views.rows import UnitRow


def content() -> ShiftCheck:
    return facts().shift_check


def in_order(**changes: Any) -> dict[str, bool | float]:
    given: dict[str, Any] = {
        item.id: True if item.kind is CheckKind.YES_NO else item.most
        for item in content().list_items()
    }
    return given | changes


def check(unit_id: str, check_id: str, **changes: Any) -> c.CheckUnit:
    return c.CheckUnit(unit_id=unit_id, check_id=check_id, name=" 甲 ", answers=in_order(**changes))


async def state(world: TestWorld, unit_id: str) -> Unit:
    stream = f"unit:{unit_id}"
    found = fold(stream, (await world.journal.load([stream], SYSTEM))[stream].events)
    assert isinstance(found, Unit)
    return found


async def row(world: TestWorld, unit_id: str) -> UnitRow:
    stream = f"unit:{unit_id}"
    view = Folded(renderer(world.facts), Reveal({}))
    for envelope in (await world.journal.load([stream], SYSTEM))[stream].events:
        view.apply(recorded_of(envelope))
    found = view.rows["units", unit_id]
    assert isinstance(found, UnitRow)
    return found


def test_the_limits_of_the_list_make_a_defect_and_nothing_else_does() -> None:
    assert list_defects(content(), in_order()) == ()
    assert list_defects(content(), in_order(oxygen_main=5.0)) == ()
    assert list_defects(content(), in_order(oxygen_main=4.9)) == ("oxygen_main",)
    # In the order of the list, not of the answers.
    answers = {"radio": False} | in_order(fuel=10.0, radio=False)
    assert list_defects(content(), answers) == ("fuel", "radio")


async def test_a_defect_is_told_and_the_unit_stays_on_duty() -> None:
    world = TestWorld()
    unit_id = await world.list_unit()
    await world.accept(check(unit_id, "k1", oxygen_main=3.0))
    shown = await row(world, unit_id)
    assert shown.state == "ready"
    (told,) = shown.checks
    assert (told.name, told.defects) == ("甲", ("oxygen_main",))
    assert told.numbers["oxygen_main"] == 3.0
    assert "radio" not in told.numbers
    await world.accept(
        c.Assign(
            mission_id=world.new_id(),
            incident_id=(await world.open_incident())[1],
            unit_id=unit_id,
        )
    )


async def test_the_newest_comes_first_and_the_oldest_leave_the_state() -> None:
    world = TestWorld()
    unit_id = await world.list_unit()
    for number in range(CHECKS_KEPT + 2):
        world.clock.at_ms += 1_000
        await world.accept(check(unit_id, f"k{number}"))
    kept = (await state(world, unit_id)).checks
    assert [one.event.check_id for one in kept][:2] == [f"k{CHECKS_KEPT + 1}", f"k{CHECKS_KEPT}"]
    assert len(kept) == CHECKS_KEPT


async def test_a_shift_begins_with_another_crew_and_not_with_a_repeated_word() -> None:
    world = TestWorld()
    unit_id = await world.list_unit()
    begun_ms = (await state(world, unit_id)).duty_ms
    assert begun_ms is not None
    world.clock.at_ms += 60_000
    await world.accept(c.SetDuty(unit_id=unit_id, on_duty=True, crew=("甲", "乙")))
    assert (await state(world, unit_id)).duty_ms == begun_ms
    await world.accept(c.SetDuty(unit_id=unit_id, on_duty=True, crew=("丙",)))
    assert (await state(world, unit_id)).duty_ms == world.clock.at_ms
    await world.accept(c.SetDuty(unit_id=unit_id, on_duty=False))
    assert (await state(world, unit_id)).duty_ms is None


@pytest.mark.parametrize(
    ("was", "now", "reason"),
    [
        ('id = "radio"', 'id = "fuel"', "used twice"),
        ("least = 0, most = 100, low = 50", "least = 100, most = 0, low = 50", "fuel.most"),
        ("least = 0, most = 100, low = 50", "least = 0, most = 40, low = 50", "fuel: a limit"),
        ('id = "radio", kind = "yes_no"', 'id = "radio", kind = "number"', "radio.most"),
        ("early_min = 60\n", "", "early_min"),
    ],
)
def test_a_wrong_list_is_refused_with_the_item(
    tmp_path: Path, was: str, now: str, reason: str
) -> None:
    text = (files("goldenhour.content") / "shift_check.toml").read_text(encoding="utf-8")
    assert was in text
    wrong = tmp_path / "shift_check.toml"
    wrong.write_text(text.replace(was, now, 1), encoding="utf-8")
    with pytest.raises(ContentError, match=reason):
        read_shift_check(wrong)


def test_the_list_is_among_the_content_whose_sign_off_is_shown() -> None:
    assert "shift_check" in [about.id for about in load().list_about()]


async def test_whoever_comes_on_signs_for_the_vehicle_as_it_was_handed_over() -> None:
    world = TestWorld()
    unit_id = await world.list_unit()
    await world.accept(check(unit_id, "k1", oxygen_main=4.0), role="crew")
    assert (await row(world, unit_id)).checks[0].taken_by == ""
    world.clock.at_ms += 1000
    take = c.TakeOverCheck(unit_id=unit_id, check_id="k1", name=" 乙 ")
    await world.accept(take, role="crew")
    (shown,) = (await row(world, unit_id)).checks
    assert (shown.name, shown.taken_by, shown.taken_ms) == ("甲", "乙", world.clock.at_ms)
    # The fault is told as before: a signature mends nothing.
    assert shown.defects == ("oxygen_main",)

    # What comes on next looks anew, and its check waits for a signature of its own.
    await world.accept(check(unit_id, "k2"), role="crew")
    newest, earlier = (await row(world, unit_id)).checks
    assert (newest.taken_by, earlier.taken_by) == ("", "乙")
