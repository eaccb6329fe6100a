"""A run that had nobody to treat: its crew says why, and whoever decided so signs."""

import pytest

from factories.world import TestWorld, facts
from goldenhour.app.handle import recorded_of
from goldenhour.app.vehicle_authority import AUTHORITY
from goldenhour.domain import commands as c
from goldenhour.domain.dispatch.events import Milestone, NobodyTreated
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.personal import Clear, Sealed
from goldenhour.views.fold import Folded, Reveal
from goldenhour.views.render import renderer
from goldenhour.views.rows import MissionRow


async def run(world: TestWorld, *milestones: Milestone) -> str:
    await world.list_unit()
    _call, incident_id = await world.open_incident()
    mission_id = await world.assign(incident_id)
    await world.reach(mission_id, *milestones)
    return mission_id


def close(mission_id: str, reason: str, **given: str) -> c.CloseUntreated:
    personal = {name: Clear(text=text) for name, text in given.items()}
    return c.CloseUntreated(
        mission_id=mission_id, entry_id="e1", reason=reason, name=" 李 ", **personal
    )


async def signed(world: TestWorld, mission_id: str) -> list[NobodyTreated]:
    events = [recorded_of(one) for one in world.journal.feed]
    own = f"mission:{mission_id}"
    return [e.event for e in events if e.stream == own and isinstance(e.event, NobodyTreated)]


async def test_after_a_stand_down_the_crew_signs_why_nobody_was_treated() -> None:
    world = TestWorld()
    mission_id = await run(world, Milestone.DEPARTED, Milestone.ON_SCENE)
    await world.accept(c.StandDown(mission_id=mission_id, reason="no_patient"))
    await world.accept(close(mission_id, "not_found"), role="crew")
    (event,) = await signed(world, mission_id)
    assert (event.reason, event.name) == ("not_found", "李")
    assert event.form_version == facts().care.form.about.version

    view = Folded(renderer(world.facts), Reveal({}))
    for one in world.journal.feed:
        view.apply(recorded_of(one))
    row = view.rows["missions", mission_id]
    assert isinstance(row, MissionRow)
    assert row.untreated is not None
    assert (row.untreated.reason, row.untreated.name) == ("not_found", "李")
    assert row.state == "stood_down"


async def test_a_refusal_is_signed_at_the_scene_by_whoever_refuses_or_by_a_witness() -> None:
    world = TestWorld()
    mission_id = await run(world, Milestone.ON_SCENE)
    alone = await world.send(close(mission_id, "refused", signer="张"), role="crew")
    assert alone == Refused(code="witness_required", field="witness")
    await world.accept(close(mission_id, "refused", signer="张", witness="王"), role="crew")
    await world.accept(close(mission_id, "refused", signer="张", signature="M1 1L2 2"), role="crew")
    first, newest = await signed(world, mission_id)
    assert first.witness is not None
    # What somebody signed is sealed as all personal text.
    assert isinstance(newest.signature, Sealed)


@pytest.mark.parametrize(
    ("at", "code"),
    [(Milestone.DEPARTED, "not_at_scene"), (Milestone.LOADED, "patient_on_board")],
)
async def test_it_is_said_neither_on_the_way_nor_with_a_patient(at: Milestone, code: str) -> None:
    world = TestWorld()
    mission_id = await run(world, at)
    assert await world.send(close(mission_id, "left"), role="crew") == Refused(code=code)


def test_every_reason_is_a_code_of_the_content_and_only_a_decision_is_signed_by_others() -> None:
    reasons = facts().care.form.nobody_treated
    assert [one.id for one in reasons if one.signed] == ["refused"]
    assert NobodyTreated in AUTHORITY["mission"]
