"""Two records of one person shown as one: nothing is lost, in whatever order it comes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from factories.recorded import VITALS
from factories.world import TestWorld
from goldenhour.app.chart import list_patients
from goldenhour.app.handle import fold, recorded_of
from goldenhour.app.journal import SYSTEM, Identity
from goldenhour.app.record import whole_record
from goldenhour.domain import commands as c
from goldenhour.domain.care import merge
from goldenhour.domain.care.events import Consciousness, Sex
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.care.record import CareRecord
from goldenhour.domain.care.written import Written
from goldenhour.domain.handover.events import Tier
from goldenhour.kernel.levels import TriageLevel
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.personal import Clear
from goldenhour.kernel.time import HOUR_MS
from goldenhour.views.fold import Folded, Reveal
from goldenhour.views.render import renderer
from goldenhour.views.rows import PatientRow
from goldenhour.views.whole_record import OriginRow, WholeRecord


class Pair:
    """A patient of A-01 and one of B-01 in the same case, who are one person."""

    def __init__(self, world: TestWorld) -> None:
        self.world = world
        self.first = world.new_id()
        self.other = world.new_id()
        self.missions: list[str] = []

    async def begin(self) -> "Pair":
        world = self.world
        await world.list_hospital()
        _, incident_id = await world.open_incident()
        for unit_id, patient_id in (("A-01", self.first), ("B-01", self.other)):
            await world.list_unit(unit_id)
            self.missions.append(await world.assign(incident_id, unit_id))
            await world.accept(
                c.RegisterPatient(patient_id=patient_id, mission_id=self.missions[-1], letter="A")
            )
        return self

    async def merge(self, *handover_ids: str) -> None:
        await self.world.accept(
            c.MergePatients(
                patient_id=self.first,
                other_id=self.other,
                reason="两组都登记了",
                handover_ids=handover_ids,
            )
        )

    async def write(self, patient_id: str, write_id: str, value: Any, *over: str) -> None:
        await self.world.accept(
            c.WriteField(
                patient_id=patient_id, write_id=write_id, field="weight_kg", value=value, over=over
            )
        )

    async def state(self, patient_id: str) -> Patient:
        stream = f"patient:{patient_id}"
        state = fold(stream, (await self.world.journal.load([stream], SYSTEM))[stream].events)
        assert isinstance(state, Patient)
        return state

    async def view(self) -> Folded:
        streams = [f"patient:{ident}" for ident in (self.first, self.other)]
        streams += [f"mission:{ident}" for ident in self.missions]
        view = Folded(renderer(self.world.facts), Reveal({}))
        for loaded in (await self.world.journal.load(streams, SYSTEM)).values():
            for envelope in loaded.events:
                view.apply(recorded_of(envelope))
        return view

    async def row(self, patient_id: str) -> PatientRow:
        row = (await self.view()).rows["patients", patient_id]
        assert isinstance(row, PatientRow)
        return row


async def test_both_values_are_shown_until_somebody_writes_over_both() -> None:
    pair = await Pair(TestWorld()).begin()
    await pair.write(pair.first, "a", 60)
    await pair.write(pair.other, "b", 80)
    await pair.merge()
    row = await pair.row(pair.first)
    assert [one.value for one in row.record.fields["weight_kg"]] == [60, 80]
    assert (row.joined, row.merged_into) == ((pair.other,), "")
    assert (await pair.row(pair.other)).merged_into == pair.first
    signed = await pair.world.send(c.SignRecord(patient_id=pair.first, name="张医生"))
    assert isinstance(signed, Refused)
    assert (signed.code, signed.detail) == ("record_conflict", "weight_kg")
    await pair.write(pair.first, "c", 70, "a", "b")
    row = await pair.row(pair.first)
    assert [one.value for one in row.record.fields["weight_kg"]] == [70]


async def test_what_the_other_crew_does_afterwards_is_shown_too() -> None:
    pair = await Pair(TestWorld()).begin()
    await pair.merge()
    await pair.world.accept(
        c.DoProcedure(patient_id=pair.other, entry_id="e1", procedure="iv_access")
    )
    await pair.world.accept(c.ChartVitals(patient_id=pair.other, vitals=VITALS))
    row = await pair.row(pair.first)
    assert [entry.id for entry in row.record.entries] == ["e1"]
    assert [(one.sign, one.value) for one in row.vitals] == [(VITALS.values[0].sign, 93.0)]


async def printed(pair: Pair, streams: set[str] | None = None) -> WholeRecord:
    world = pair.world
    told = [e for e in world.journal.feed if streams is None or e.stream in streams]
    whole = whole_record(told, Reveal({}), world.facts, pair.first)
    assert whole is not None
    return whole


async def test_the_print_has_the_sets_of_both_in_order_and_says_of_which_record_each_is() -> None:
    pair = await Pair(TestWorld()).begin()
    at_ms = pair.world.clock.at_ms
    for patient_id, later_ms in ((pair.other, 1_000), (pair.first, 2_000), (pair.other, 3_000)):
        vitals = replace(VITALS, received_ms=at_ms + later_ms)
        await pair.world.accept(c.ChartVitals(patient_id=patient_id, vitals=vitals))
        await pair.world.accept(c.Observe(patient_id=patient_id, gcs=15))
        await pair.world.accept(c.ConfirmLevel(patient_id=patient_id, level=TriageLevel.I))
    alone = await printed(pair)
    assert ([row.origin for row in alone.charted], alone.origins) == ([""], {})
    await pair.merge()
    whole = await printed(pair)
    assert [(row.at_ms - at_ms, row.origin) for row in whole.charted] == [
        (1_000, pair.other),
        (2_000, ""),
        (3_000, pair.other),
    ]
    for rows in (whole.observed, whole.confirmed):
        assert [row.origin for row in rows] == [pair.other, "", pair.other]
    assert whole.origins == {pair.other: OriginRow(call_sign="B-01", letter="A")}
    hidden = await printed(
        pair,
        {
            *(stream for stream in pair.world.journal.streams if not stream.startswith("patient:")),
            f"patient:{pair.first}",
        },
    )
    assert ([row.origin for row in hidden.charted], hidden.origins) == ([""], {})
    await pair.world.accept(
        c.PartPatients(patient_id=pair.first, other_id=pair.other, reason="是两个人")
    )
    assert (await printed(pair)).charted == alone.charted


async def test_a_drug_of_the_other_record_counts_in_the_check() -> None:
    pair = await Pair(TestWorld()).begin()
    await pair.world.accept(
        c.WriteField(patient_id=pair.other, write_id="w", field="allergies", value=("nsaid",))
    )
    give = c.GiveDrug(patient_id=pair.first, entry_id="e", drug="aspirin", dose=300, unit="mg")
    await pair.merge()
    stopped = await pair.world.send(give)
    assert isinstance(stopped, Refused)
    assert stopped.code == "drug_stopped"


async def test_a_drug_on_the_merged_record_knows_what_the_shown_one_does() -> None:
    pair = await Pair(TestWorld()).begin()
    await pair.world.accept(
        c.WriteField(patient_id=pair.first, write_id="w", field="allergies", value=("nsaid",))
    )
    give = c.GiveDrug(patient_id=pair.other, entry_id="e", drug="aspirin", dose=300, unit="mg")
    await pair.merge()
    stopped = await pair.world.send(give)
    assert isinstance(stopped, Refused)
    assert stopped.code == "drug_stopped"
    await pair.world.accept(replace(give, reason="医嘱"))
    assert [one.id for one in (await pair.row(pair.other)).record.entries] == ["e"]


async def test_the_graver_level_stands_until_one_is_confirmed_for_both() -> None:
    pair = await Pair(TestWorld()).begin()
    world = pair.world
    await world.accept(c.ConfirmLevel(patient_id=pair.other, level=TriageLevel.I))
    world.clock.at_ms += 1_000
    await world.accept(c.ConfirmLevel(patient_id=pair.first, level=TriageLevel.III))
    world.clock.at_ms += 1_000
    await pair.merge()
    assert (await pair.row(pair.first)).level == "I"
    world.clock.at_ms += 1_000
    await world.accept(c.ConfirmLevel(patient_id=pair.first, level=TriageLevel.II))
    assert (await pair.row(pair.first)).level == "II"
    await world.accept(
        c.PartPatients(patient_id=pair.first, other_id=pair.other, reason="是两个人")
    )
    assert [(await pair.row(ident)).level for ident in (pair.first, pair.other)] == ["II", "I"]


async def test_what_was_seen_and_scored_last_stands_whoever_saw_it() -> None:
    pair = await Pair(TestWorld()).begin()
    world = pair.world
    await world.accept(c.Observe(patient_id=pair.first, gcs=15))
    world.clock.at_ms += 60_000
    await world.accept(c.Observe(patient_id=pair.other, gcs=6))
    await pair.merge()
    row = await pair.row(pair.first)
    assert (row.gcs, row.seen_ms["gcs"]) == (6, world.clock.at_ms)
    # A level below what the newest proposes needs its reason, whichever record proposes it.
    lower = c.ConfirmLevel(patient_id=pair.first, level=TriageLevel.III)
    refused = await world.send(lower)
    assert isinstance(refused, Refused)
    assert refused.code == "reason_required"


async def test_they_are_parted_again_by_another_event() -> None:
    pair = await Pair(TestWorld()).begin()
    await pair.write(pair.first, "a", 60)
    await pair.write(pair.other, "b", 80)
    await pair.merge()
    await pair.world.accept(
        c.PartPatients(patient_id=pair.first, other_id=pair.other, reason="是两个人")
    )
    for patient_id, value in ((pair.first, 60), (pair.other, 80)):
        row = await pair.row(patient_id)
        assert [one.value for one in row.record.fields["weight_kg"]] == [value]
        assert (row.joined, row.merged_into) == ((), "")


async def test_one_that_was_handed_over_is_merged_and_two_are_not() -> None:
    pair = await Pair(TestWorld()).begin()
    handover_ids = []
    for mission_id, patient_id in zip(pair.missions, (pair.first, pair.other), strict=True):
        handover_ids.append(handover_id := pair.world.new_id())
        await pair.world.accept(
            c.PreAlert(
                handover_id=handover_id,
                mission_id=mission_id,
                patient_id=patient_id,
                hospital_id="h1",
                tier=Tier.ALERT,
            )
        )
    for side in ("crew", "hospital"):
        await pair.world.accept(c.Sign(handover_id=handover_ids[0], side=side, name="李卫"))
    await pair.merge(*handover_ids)
    parted = await pair.world.send(
        c.PartPatients(
            patient_id=pair.first,
            other_id=pair.other,
            reason="是两个人",
            handover_ids=tuple(handover_ids),
        )
    )
    assert isinstance(parted, Refused)
    assert parted.code == "signed_as_one"


async def test_whoever_has_one_record_reads_the_other_for_a_time() -> None:
    world = TestWorld()
    pair = await Pair(world).begin()
    stream = f"patient:{pair.other}"

    def reads(org: str, later_ms: int = 0) -> bool:
        world.journal.now_ms = world.clock.at_ms + later_ms
        return bool(world.journal.may_read(stream, Identity(orgs=(org,), topics=("patient",))))

    handover_id = world.new_id()
    await world.accept(
        c.PreAlert(
            handover_id=handover_id,
            mission_id=pair.missions[0],
            patient_id=pair.first,
            hospital_id="h1",
            tier=Tier.ALERT,
        )
    )
    assert not reads("unit:A-01")
    assert not reads("hospital:h1")
    await pair.merge(handover_id)
    assert reads("unit:A-01")
    assert reads("hospital:h1")
    assert not reads("hospital:h1", 73 * HOUR_MS)
    await world.accept(
        c.PartPatients(
            patient_id=pair.first,
            other_id=pair.other,
            reason="是两个人",
            handover_ids=(handover_id,),
        )
    )
    assert not reads("hospital:h1", 10_000)


async def test_the_monitor_goes_on_with_the_record_that_stands() -> None:
    world = TestWorld()
    await world.list_unit()
    _, incident_id = await world.open_incident()
    mission_id = await world.assign(incident_id)
    first, other = world.new_id(), world.new_id()
    await world.accept(c.RegisterPatient(patient_id=first, mission_id=mission_id))
    world.clock.at_ms += 60_000
    await world.accept(c.RegisterPatient(patient_id=other, mission_id=mission_id))
    await world.accept(c.MergePatients(patient_id=first, other_id=other, reason="登记了两次"))
    view = Folded(renderer(world.facts), Reveal({}))
    streams = [f"patient:{first}", f"patient:{other}", f"mission:{mission_id}"]
    for loaded in (await world.journal.load(streams, SYSTEM)).values():
        for envelope in loaded.events:
            view.apply(recorded_of(envelope))
    assert [stream for stream, _state in list_patients(view, mission_id)] == [f"patient:{first}"]


@pytest.mark.parametrize("how", ["seen", "confirmed"])
async def test_what_got_worse_on_either_record_of_a_vehicle_is_shown_until_it_is_seen(
    how: str,
) -> None:
    world = TestWorld()
    await world.list_unit()
    _, incident_id = await world.open_incident()
    mission_id = await world.assign(incident_id)
    first, other = world.new_id(), world.new_id()
    for patient_id in (first, other):
        await world.accept(c.RegisterPatient(patient_id=patient_id, mission_id=mission_id))
    await world.accept(c.MergePatients(patient_id=first, other_id=other, reason="登记了两次"))
    for patient_id in (first, other):
        await worsen(world, patient_id)
    worse = [one.what for one in (await together_of(world, first, other)).worse]
    assert sorted(worse) == ["gcs", "gcs", "level", "level"]
    seen = c.SeeWorsening(patient_id=first, through_ms=world.clock.at_ms)
    confirm = c.ConfirmLevel(patient_id=first, level=TriageLevel.I, reason="查体")
    await world.accept(seen if how == "seen" else confirm)
    assert (await together_of(world, first, other)).worse == ()
    assert not (await world.accept(seen)).versions


async def test_what_got_worse_in_another_vehicle_is_its_own_crews_to_see() -> None:
    pair = await Pair(TestWorld()).begin()
    await pair.merge()
    await worsen(pair.world, pair.other)
    assert (await pair.row(pair.first)).worse == ()
    assert (await pair.row(pair.other)).worse != ()


async def worsen(world: TestWorld, patient_id: str) -> None:
    for gcs in (15, 9):
        world.clock.at_ms += 60_000
        await world.accept(
            c.Observe(patient_id=patient_id, consciousness=Consciousness.ALERT, gcs=gcs)
        )


async def together_of(world: TestWorld, first: str, other: str) -> Patient:
    streams = [f"patient:{first}", f"patient:{other}"]
    found = await world.journal.load(streams, SYSTEM)
    one, two = (fold(stream, found[stream].events) for stream in streams)
    assert isinstance(one, Patient)
    assert isinstance(two, Patient)
    return merge.together(one, [two])


async def test_a_working_name_says_case_vehicle_and_letter() -> None:
    pair = await Pair(TestWorld()).begin()
    stream = f"mission:{pair.missions[0]}"
    run: Any = fold(stream, (await pair.world.journal.load([stream], SYSTEM))[stream].events)
    case = run.incident_number.rpartition("-")[2]
    name = (await pair.row(pair.first)).working_name
    assert name.zh == f"无名氏（性别不详）{case}-A-01-A"
    assert name.en == f"Unknown (sex unknown) {case}-A-01-A"
    assert (await pair.row(pair.other)).working_name.zh == f"无名氏（性别不详）{case}-B-01-A"
    await pair.world.accept(
        c.CorrectDemographic(patient_id=pair.first, reason="查体", sex=Sex.FEMALE)
    )
    assert (await pair.row(pair.first)).working_name.zh == f"无名氏（女）{case}-A-01-A"


async def test_a_known_name_of_either_record_is_shown() -> None:
    pair = await Pair(TestWorld()).begin()
    await pair.world.accept(
        c.CorrectDemographic(
            patient_id=pair.other, reason="核对证件", name=Clear(text="赵虚构"), age_y=70.0
        )
    )
    whole = merge.together(await pair.state(pair.first), [await pair.state(pair.other)])
    assert whole.name == (await pair.state(pair.other)).name
    assert whole.age_y == 70.0


@given(st.permutations(["a", "b", "c", "d"]), st.integers(0, 3))
def test_no_write_is_lost_whichever_comes_first(order: list[str], seen: int) -> None:
    """The records of both together hold what nobody has replaced, in one order."""

    def written(ident: str) -> Written:
        return Written(write_id=ident, value=1, text=None, by="x", at_ms=ord(ident), reason="")

    one = CareRecord(
        fields={"weight_kg": tuple(written(i) for i in order[:2])},
        replaced=frozenset(order[2 : 2 + seen]),
    )
    other = CareRecord(fields={"weight_kg": tuple(written(i) for i in order[2:])})
    merged = merge._records(one, other)
    standing = [w.write_id for w in merged.fields["weight_kg"]]
    assert standing == sorted(set(order) - one.replaced)
    assert merge._records(other, one).fields == merged.fields
