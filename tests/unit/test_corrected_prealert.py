"""What a hospital was told is corrected: the same hospital reads what is new and is asked anew."""

from typing import Any

from factories.world import TestWorld
from goldenhour.app.handle import fold, recorded_of
from goldenhour.app.journal import SYSTEM
from goldenhour.app.vehicle_authority import AUTHORITY
from goldenhour.domain import commands as c
from goldenhour.domain.handover.events import PreAlertCorrected, Tier
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.personal import Clear
from goldenhour.views.fold import Folded, Reveal
from goldenhour.views.render import renderer
from goldenhour.views.rows import HandoverRow


async def accepted() -> tuple[TestWorld, str]:
    world = TestWorld()
    await world.list_hospital("h1")
    await world.list_unit()
    _, incident_id = await world.open_incident()
    _, handover_id = await world.prealert(await world.assign(incident_id))
    await world.accept(c.AcknowledgePreAlert(handover_id=handover_id, name="韩晓", bay="2"))
    return world, handover_id


async def state_of(world: TestWorld, handover_id: str) -> Any:
    stream = f"handover:{handover_id}"
    return fold(stream, (await world.journal.load([stream], SYSTEM))[stream].events)


async def row_of(world: TestWorld, handover_id: str) -> HandoverRow:
    view = Folded(renderer(world.facts), Reveal({}))
    for envelope in world.journal.feed:
        view.apply(recorded_of(envelope))
    row = view.rows["handovers", handover_id]
    assert isinstance(row, HandoverRow)
    return row


async def test_the_hospital_that_had_accepted_is_asked_anew_and_reads_what_changed() -> None:
    world, handover_id = await accepted()
    before = await state_of(world, handover_id)
    world.clock.at_ms += 60_000
    at_ms = world.clock.at_ms
    corrected = c.CorrectPreAlert(handover_id=handover_id, tier=before.tier, needs=("ct", "icu"))
    await world.accept(corrected, role="crew")
    row = await row_of(world, handover_id)
    assert (row.state, row.hospital_id, row.needs) == ("sent", "h1", ("ct", "icu"))
    assert (row.changed, row.needs_before) == (("needs",), before.needs)
    assert (row.corrections, row.corrected_ms) == (1, at_ms)
    # It is rung up as after the first word; who had accepted stays to be read.
    limit_ms = world.facts.limits.prealert_s * 1000
    assert (row.answer_due_ms, row.acknowledged_ms) == (at_ms + limit_ms, None)
    assert (row.acknowledged_name, row.bay) == ("韩晓", "2")
    # What is not said again is as it was.
    assert (await state_of(world, handover_id)).summary == before.summary

    again = c.AcknowledgePreAlert(handover_id=handover_id, name="韩晓", bay="1", corrections=1)
    await world.accept(again, role="hospital")
    row = await row_of(world, handover_id)
    assert (row.state, row.bay, row.answer_due_ms) == ("acknowledged", "1", None)


async def test_a_hospital_that_does_not_answer_the_correction_is_told_to_the_centre() -> None:
    world, handover_id = await accepted()
    summary = Clear(text="S 血压下降")
    await world.accept(
        c.CorrectPreAlert(handover_id=handover_id, tier=Tier.ALERT, summary=summary), role="crew"
    )
    await world.accept(c.CheckPreAlert(handover_id=handover_id))
    stream = f"alert:prealert_unanswered.{handover_id}"
    assert (await world.journal.load([stream], SYSTEM))[stream].events


async def test_what_has_ended_is_not_corrected() -> None:
    world, handover_id = await accepted()
    await world.accept(c.DeclinePreAlert(handover_id=handover_id, reason="no_bed"))
    late = c.CorrectPreAlert(handover_id=handover_id, tier=Tier.ALERT, needs=("ct",))
    assert await world.send(late, role="crew") == Refused(code="handover_declined")


def test_the_vehicle_is_the_authority_for_what_its_crew_corrects() -> None:
    assert PreAlertCorrected in AUTHORITY["handover"]
