"""Electrodes that a crew has moved: from when, under which names, and undone by saying it anew."""

import pytest

from factories.ecg import TWELVE, packets_of, synthetic
from factories.world import TestWorld
from goldenhour.app.handle import fold
from goldenhour.app.strips import names_at
from goldenhour.content import load
from goldenhour.domain import commands as c
from goldenhour.domain.care.ecg import EcgPatient, LeadMeasured, Measured, judge
from goldenhour.domain.care.ecg_rules import Rule
from goldenhour.domain.care.events import Sex
from goldenhour.domain.dispatch.leads import list_placings
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.wire.ecg_stream import Channel, Relabeller, decode, renamed

DEVICE = "E-1"
BACK = {"V4": "V7", "V5": "V8", "V6": "V9"}


async def running(world: TestWorld) -> str:
    await world.list_unit()
    _, incident_id = await world.open_incident()
    mission_id = await world.assign(incident_id)
    await world.accept(c.PlaceMonitor(mission_id=mission_id, device_id=DEVICE, patient_id="p"))
    world.clock.at_ms += 60_000
    return mission_id


def said(world: TestWorld, mission_id: str) -> list[tuple[int, dict[str, str]]]:
    stream = f"mission:{mission_id}"
    run = fold(stream, world.journal.streams[stream])
    assert isinstance(run, Mission)
    return [(one.from_ms, one.names) for one in list_placings(run.devices, DEVICE)]


async def test_what_was_said_holds_from_its_moment_until_another_one() -> None:
    world = TestWorld()
    mission_id = await running(world)
    begun_ms = world.clock.at_ms

    async def place(placement: str, from_ms: int | None = None) -> None:
        await world.accept(
            c.PlaceLeads(
                mission_id=mission_id, device_id=DEVICE, placement=placement, from_ms=from_ms
            )
        )

    await place("posterior", begun_ms - 30_000)
    before = len(world.journal.feed)
    await place("posterior")  # it stands so already
    assert len(world.journal.feed) == before
    world.clock.at_ms += 60_000
    await place("standard")
    told = said(world, mission_id)
    assert told == [(begun_ms - 30_000, BACK), (begun_ms + 60_000, {})]
    assert names_at(lambda _device: told, DEVICE, begun_ms - 30_001) == {}
    assert names_at(lambda _device: told, DEVICE, begun_ms) == BACK
    assert names_at(lambda _device: told, DEVICE, begun_ms + 60_000) == {}

    await place("standard", begun_ms - 30_000)  # it was never so: undone
    assert said(world, mission_id) == [(begun_ms - 30_000, {}), (begun_ms + 60_000, {})]


def test_a_packet_comes_under_the_new_names_or_not_at_all() -> None:
    packets = packets_of(synthetic(3, 6 * 500, 500), 500, TWELVE)
    keys = [n for n, data in enumerate(packets) if decode(data).key]
    assert len(keys) > 2
    moved_at = keys[1] + 2  # between two key packets
    relabel = Relabeller(lambda _device, at_ms: BACK if at_ms >= moved_at else {})
    told = [relabel.take(data, DEVICE, n) for n, data in enumerate(packets)]
    assert told[:moved_at] == packets[:moved_at]
    assert told[moved_at : keys[2]] == [None] * (keys[2] - moved_at)
    after = decode(told[keys[2]] or b"")
    assert after.declaration is not None
    names = [channel.lead for channel in after.declaration.channels]
    assert names[-6:] == ["V1", "V2", "V3", "V7", "V8", "V9"]
    assert after.coded == decode(packets[keys[2]]).coded
    assert told[keys[2] + 1 :] == [
        data if n not in keys else told[n] for n, data in enumerate(packets) if n > keys[2]
    ]


def test_a_source_that_names_the_lead_itself_is_believed() -> None:
    own = tuple(Channel(lead=lead, nanovolt=1000) for lead in (*TWELVE, "V7"))
    assert renamed(own, BACK) == own


@pytest.mark.parametrize(
    ("placement", "raised", "leads"),
    [("posterior", ("V4", "V5"), ("V7", "V8")), ("right", ("V3", "V4"), ("V3R", "V4R"))],
)
def test_moved_leads_have_the_thresholds_of_where_they_are(
    placement: str, raised: tuple[str, ...], leads: tuple[str, ...]
) -> None:
    """0.6 mm: nothing in V3 to V5, and enough at the back and on the right of a man of sixty."""
    rules = load().ecg

    def reading(moved: dict[str, str]) -> list[tuple[Rule, tuple[str, ...]]]:
        measured = Measured(
            qrs_ms=90.0,
            leads={
                moved.get(lead, lead): LeadMeasured(
                    st_j_mm=0.6 if lead in raised else 0.0,
                    st_80_mm=0.0,
                    q_mm=0.0,
                    r_mm=5.0,
                    s_mm=-2.0,
                )
                for lead in TWELVE
            },
        )
        man = EcgPatient(age_y=60, sex=Sex.MALE, confounders=())
        found = judge(measured, man, rules).findings
        return [(one.rule, tuple(value.lead for value in one.leads)) for one in found]

    assert reading({}) == []
    assert reading(rules.placements[placement].leads) == [(Rule.ST_ELEVATION, leads)]
