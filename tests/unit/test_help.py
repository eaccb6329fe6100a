"""A crew's call for help: who ends it says why, and the crew reads who it was."""

import msgspec

from factories.timers import pass_time
from factories.world import START_MS, TestWorld
from goldenhour.app.access import COMMANDS, Role
from goldenhour.app.handle import recorded_of
from goldenhour.app.journal import SYSTEM
from goldenhour.domain import commands as c
from goldenhour.domain.register.events import HelpAlarm, HelpCalled
from goldenhour.kernel.outcome import Refused
from goldenhour.views.fold import Folded, Reveal
from goldenhour.views.render import renderer
from goldenhour.views.rows import AlertRow, UnitRow


async def row_of(world: TestWorld, unit_id: str) -> UnitRow:
    stream = f"unit:{unit_id}"
    view = Folded(renderer(world.facts), Reveal({}))
    for envelope in (await world.journal.load([stream], SYSTEM))[stream].events:
        view.apply(recorded_of(envelope))
    found = view.rows["units", unit_id]
    assert isinstance(found, UnitRow)
    return found


async def test_the_crew_reads_who_ended_its_call_and_why_until_it_calls_again() -> None:
    world = TestWorld()
    unit_id = await world.list_unit()
    call = c.CallHelp(unit_id=unit_id, point=None)
    end = c.EndHelp(unit_id=unit_id, reason=" 已与车组通话 ")
    await world.accept(call, role="crew")
    assert (await row_of(world, unit_id)).help_over is None

    await world.accept(end, role="dispatcher", seat="03")
    row = await row_of(world, unit_id)
    assert row.help_ms is None
    assert row.help_over is not None
    said = row.help_over
    assert (said.reason, said.seat, said.role) == ("已与车组通话", "03", "dispatcher")
    # The other seat was a moment later.
    assert await world.send(end) == Refused(code="no_help_called")

    # Listed anew it is still said; called again it is not.
    await world.list_unit()
    assert (await row_of(world, unit_id)).help_over == row.help_over
    await world.accept(call, role="crew")
    assert (await row_of(world, unit_id)).help_over is None


async def test_what_the_vehicles_terminal_reports_is_told_as_that() -> None:
    world = TestWorld()
    unit_id = await world.list_unit()
    await world.accept(c.CallHelp(unit_id=unit_id, by_alarm=HelpAlarm.COLLISION), role="system")
    await pass_time(world, 1)
    alert = f"alert:sos.{unit_id}.{START_MS}"
    view = Folded(renderer(world.facts), Reveal({}))
    for envelope in (await world.journal.load([alert], SYSTEM))[alert].events:
        view.apply(recorded_of(envelope))
    row = view.rows["alerts", alert.partition(":")[2]]
    assert isinstance(row, AlertRow)
    assert (row.code, row.priority) == ("sos", 1)
    assert row.details == {"call_sign": unit_id, "by_alarm": "collision"}
    # It is the crew's call: ended in the same way, by the same people.
    await world.accept(c.EndHelp(unit_id=unit_id, reason="已与车组通话"))


def test_a_crews_own_call_is_written_as_before_terminals_could_call() -> None:
    before = b'{"kind":"unit.help_called.v1","point":null}'
    event = msgspec.json.decode(before, type=HelpCalled)
    assert event == HelpCalled(point=None)
    assert msgspec.json.encode(event) == before


def test_the_crew_and_the_desk_end_it_and_nobody_else() -> None:
    assert COMMANDS[c.EndHelp] == {Role.CREW, Role.DISPATCHER, Role.SUPERVISOR}
