"""A run goes to another hospital: let go at the one and told to the other in one transaction."""

from typing import Any

from factories.world import TestWorld
from goldenhour.app.handle import fold
from goldenhour.app.journal import SYSTEM
from goldenhour.domain import commands as c
from goldenhour.domain.case.announcing import OTHER_HOSPITAL
from goldenhour.domain.handover.events import Tier
from goldenhour.domain.handover.prealert import Handover
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.personal import Clear, Sealed


class Run:
    def __init__(self, world: TestWorld, mission_id: str) -> None:
        self.world, self.mission_id = world, mission_id

    async def state(self, stream: str) -> Any:
        found = (await self.world.journal.load([stream], SYSTEM)).get(stream)
        return fold(stream, found.events) if found else None

    def renewal(self, standing_id: str, *needs: str, summary: str = "") -> c.Renewal:
        words = Clear(text=summary) if summary else None
        return c.Renewal(
            standing_id=standing_id, handover_id=self.world.new_id(), needs=needs, summary=words
        )

    def command(self, *renewals: c.Renewal, to: str = "h2", reason: str = "") -> c.Reroute:
        return c.Reroute(
            mission_id=self.mission_id,
            hospital_id=to,
            reason=reason,
            eta_s=480,
            renewals=renewals,
        )

    async def go(self, *renewals: c.Renewal, to: str = "h2") -> list[Handover]:
        """To another hospital; the pre-alerts that it has of this run by now."""
        await self.world.accept(self.command(*renewals, to=to), role="crew")
        run = await self.state(f"mission:{self.mission_id}")
        found = [await self.state(f"handover:{one.handover_id}") for one in run.alerted]
        return [one for one in found if one.hospital_id == to]


async def on_the_way() -> Run:
    world = TestWorld()
    await world.list_hospital("h1")
    await world.list_hospital("h2")
    await world.list_unit()
    _, incident_id = await world.open_incident()
    return Run(world, await world.assign(incident_id))


async def test_the_second_hospital_is_told_the_new_needs_and_the_way_there() -> None:
    run = await on_the_way()
    patient_id, first = await run.world.prealert(run.mission_id)
    await run.world.accept(c.AcknowledgePreAlert(handover_id=first, name="韩晓", bay="2"))
    (told,) = await run.go(run.renewal(first, "pci_24h", "icu", summary="胸痛"))
    assert (told.state, told.patient_id) == ("sent", patient_id)
    assert (told.needs, told.eta_s) == (("pci_24h", "icu"), 480)
    assert isinstance(told.summary, Sealed)
    left = await run.state(f"handover:{first}")
    assert (left.state, left.reason) == ("withdrawn", OTHER_HOSPITAL)
    assert (await run.state(f"mission:{run.mission_id}")).destination_id == "h2"


async def test_nothing_is_done_by_halves() -> None:
    run = await on_the_way()
    _, first = await run.world.prealert(run.mission_id)
    _, second = await run.world.prealert(run.mission_id)
    refused = await run.world.send(run.command(run.renewal(first)), role="crew")
    assert refused == Refused(code="prealerts_changed", field="renewals")
    assert {(await run.state(f"handover:{one}")).state for one in (first, second)} == {"sent"}
    assert (await run.state(f"mission:{run.mission_id}")).destination_id == ""


async def test_what_the_desk_says_is_why_the_first_hospital_is_left() -> None:
    run = await on_the_way()
    _, first = await run.world.prealert(run.mission_id)
    await run.world.accept(run.command(run.renewal(first), reason="CT 故障"))
    assert (await run.state(f"handover:{first}")).reason == "CT 故障"


async def test_whom_the_new_hospital_expects_is_not_announced_twice() -> None:
    run = await on_the_way()
    patient_id, first = await run.world.prealert(run.mission_id)
    there = c.PreAlert(
        handover_id=run.world.new_id(),
        mission_id=run.mission_id,
        patient_id=patient_id,
        hospital_id="h2",
        tier=Tier.ALERT,
    )
    await run.world.accept(there)
    told = await run.go(run.renewal(first))
    assert [one.state for one in told] == ["sent"]
    assert (await run.state(f"handover:{first}")).state == "withdrawn"


async def test_each_person_is_announced_once_by_the_record_that_shows_them() -> None:
    run = await on_the_way()
    kept, first = await run.world.prealert(run.mission_id)
    other, second = await run.world.prealert(run.mission_id)
    await run.world.accept(
        c.MergePatients(patient_id=kept, other_id=other, reason="同一人"), role="crew"
    )
    told = await run.go(run.renewal(first, "icu"), run.renewal(second, "burns"))
    assert [(one.patient_id, one.joined, one.needs) for one in told] == [
        (kept, (other,), ("burns",))
    ]


async def test_a_destination_without_a_pre_alert_is_only_set() -> None:
    run = await on_the_way()
    assert await run.go() == []
    assert (await run.state(f"mission:{run.mission_id}")).destination_id == "h2"
