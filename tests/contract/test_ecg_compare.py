"""ECGs of one resident beside each other: which are found, what is drawn, what is written down."""

from collections.abc import AsyncIterator
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from factories.ecg import TWELVE, synthetic
from factories.ecg_files import RATE_HZ, on_the_way, record
from factories.memory_reader import MemoryReader
from factories.office import Office, opened, person
from factories.world import TestWorld
from goldenhour.adapters.ecg import EcgArchive, ImportFolder
from goldenhour.adapters.postgres.pool import Database
from goldenhour.adapters.web import ecg_compare_routes
from goldenhour.adapters.web.ecg_compare_routes import EcgComparison, KnownEcgs
from goldenhour.adapters.web.ecg_file_routes import about_file
from goldenhour.adapters.web.identity import principal_of_person
from goldenhour.adapters.web.problems import ProblemError
from goldenhour.app.access import Role
from goldenhour.app.ecg_reading import measure_ecg
from goldenhour.app.handle import fold
from goldenhour.app.journal import SYSTEM, Identity
from goldenhour.app.told import of_ecg
from goldenhour.domain import commands as c
from goldenhour.domain.care.ecg import EcgPatient, Measured, judge
from goldenhour.domain.care.events import Sex
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.care.same_person import Identified
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.kernel.personal import Clear
from goldenhour.wire.ecg_files import EcgRecord, write_edf

NUMBER, OTHER = "11010519491231002X", "110105194912310046"
READ_S = 10
EARLIER_BEGUN_MS = 1_790_000_000_000
"""By the other device's clock, and before every case of the test world."""


class Ward:
    """A patient of today with one reading, and whatever the tests add; everything in memory."""

    def __init__(self, folder: Path, world: TestWorld) -> None:
        self.folder, self.world = folder, world
        self.logged: list[tuple[str, str]] = []
        self.imports = ImportFolder(folder / "ecg-files")
        self.patient_id = self.reading_id = ""
        self.units = 1

    async def begin(self) -> "Ward":
        world = self.world
        self.patient_id, mission_id = await on_the_way(world, self.folder / "ecg")
        run = await self.state(f"mission:{mission_id}")
        assert isinstance(run, Mission)
        assert run.assigned_ms is not None
        assigned_ms, later_ms = run.assigned_ms, world.clock.at_ms
        # What the vehicle measures: ten seconds of its own recording, from the fifth one on.
        rows = synthetic(3, 30 * RATE_HZ, RATE_HZ)[15 * RATE_HZ : 25 * RATE_HZ]
        rules = world.facts.care.ecg
        found = measure_ecg(rows, TWELVE, RATE_HZ, [5000.0] * len(TWELVE), rules=rules)
        assert found is not None
        self.measured: Measured = found[1]
        patient = EcgPatient(age_y=62, sex=Sex.UNKNOWN, confounders=())
        world.clock.at_ms = assigned_ms + 15_000
        await world.accept(
            c.RecordEcg(
                patient_id=self.patient_id,
                entry_id="ecg-1",
                begun_ms=assigned_ms + 5_000,
                lasts_ms=READ_S * 1000,
                device="E-1",
                test=True,
                measured=self.measured,
                findings=judge(self.measured, patient, rules),
            )
        )
        world.clock.at_ms = later_ms
        self.reading_id = f"{self.patient_id}/reading/ecg-1"
        return self

    async def state(self, stream: str) -> object:
        return fold(stream, (await self.world.journal.load([stream], SYSTEM))[stream].events)

    async def identify(self, patient_id: str, number: str) -> None:
        write_id = self.world.new_id()
        await self.world.accept(
            c.WriteField(
                patient_id=patient_id,
                write_id=write_id,
                field="id_number",
                text=Clear(text=number),
            )
        )

    async def another_case(self, number: str = "") -> str:
        world = self.world
        self.units += 1
        unit_id = await world.list_unit(f"A-{self.units:02}")
        _call, incident_id = await world.open_incident()
        mission_id = await world.assign(incident_id, unit_id)
        patient_id = world.new_id()
        await world.accept(c.RegisterPatient(patient_id=patient_id, mission_id=mission_id))
        if number:
            await self.identify(patient_id, number)
        return patient_id

    async def bring(self, patient_id: str, ecg: EcgRecord) -> str:
        """An EDF file of another device; the id by which it is compared."""
        patient = await self.state(f"patient:{patient_id}")
        assert isinstance(patient, Patient)
        data = write_edf(ecg)
        about = about_file(
            data,
            "edf",
            ecg,
            patient_id=patient_id,
            patient=patient,
            name="old.edf",
            received_ms=self.world.clock.at_ms,
            by="甲",
            org="centre",
        )
        await self.imports.keep(about, data)
        await self.world.accept(of_ecg(about))
        return f"{patient_id}/file/{about.sha256}"

    # ---- asking

    def services(self, identity: Identity, *, centre: bool = True) -> Any:
        journal = self.world.journal
        desk = SimpleNamespace(
            reader=MemoryReader(journal),
            ecg=EcgArchive(self.folder / "ecg"),
            imports=self.imports,
        )

        async def log_access(_at_ms: int, _who: str, action: str, subject: str, _end: str) -> None:
            self.logged.append((action, subject))

        return SimpleNamespace(
            clock=self.world.clock,
            facts=self.world.facts,
            accounts=SimpleNamespace(log_access=log_access),
            desk_of=lambda _principal: desk,
            identity_of=lambda _principal: identity,
            history=journal if centre else None,
        )

    async def ask(
        self, place: int, identity: Identity = SYSTEM, *, centre: bool = True, **query: Any
    ) -> Any:
        principal = principal_of_person(person("hospital1", Role.HOSPITAL, "hospital:h1"))
        request: Any = SimpleNamespace(state=SimpleNamespace(principal=principal))
        handler: Any = ecg_compare_routes.routes(self.services(identity, centre=centre))[place]
        return await handler.fn(request, patient_id=self.patient_id, **query)

    async def known(self, identity: Identity = SYSTEM, *, centre: bool = True) -> KnownEcgs:
        found = await self.ask(0, identity, centre=centre)
        assert isinstance(found, KnownEcgs)
        return found

    async def compare(self, one: str, other: str, **query: Any) -> EcgComparison:
        found = await self.ask(1, one=one, other=other, **query)
        assert isinstance(found, EcgComparison)
        return found


@pytest.fixture
async def ward(tmp_path: Path) -> Ward:
    return await Ward(tmp_path, TestWorld()).begin()


def earlier(**about: Any) -> EcgRecord:
    return record(1, begun_ms=EARLIER_BEGUN_MS, device="HOUSE-3", **about)


async def test_an_earlier_case_of_the_same_number_is_found_and_others_are_not(ward: Ward) -> None:
    await ward.identify(ward.patient_id, NUMBER)
    before = await ward.another_case(NUMBER)
    old = await ward.bring(before, earlier())
    await ward.bring(await ward.another_case(OTHER), earlier())
    await ward.bring(await ward.another_case(), earlier())
    found = await ward.known()
    assert found.search is Identified.KNOWN
    assert [one.id for one in found.ecgs] == [old, ward.reading_id]
    assert [(one.earlier, one.source, one.device) for one in found.ecgs] == [
        (True, "file", "HOUSE-3"),
        (False, "reading", "E-1"),
    ]
    incident_id = found.ecgs[0].incident_id
    assert ward.logged == [("ecg.known", ward.patient_id), ("case.read", incident_id)]


async def test_without_a_number_only_this_case_is_looked_through(ward: Ward) -> None:
    await ward.bring(await ward.another_case(NUMBER), earlier())
    found = await ward.known()
    assert (found.search, [one.id for one in found.ecgs]) == (
        Identified.UNKNOWN,
        [ward.reading_id],
    )
    assert ward.logged == [("ecg.known", ward.patient_id)]


async def test_a_vehicle_holds_no_earlier_cases_and_says_so(ward: Ward) -> None:
    await ward.identify(ward.patient_id, NUMBER)
    own = await ward.bring(ward.patient_id, earlier())
    found = await ward.known(centre=False)
    assert (found.search, [one.id for one in found.ecgs]) == (None, [own, ward.reading_id])


async def test_two_are_drawn_with_the_older_one_first_whichever_was_asked_first(
    ward: Ward,
) -> None:
    await ward.identify(ward.patient_id, NUMBER)
    old = await ward.bring(await ward.another_case(NUMBER), earlier())
    for one, other in ((old, ward.reading_id), (ward.reading_id, old)):
        found = await ward.compare(one, other)
        assert [side.ecg.id for side in (found.older, found.newer)] == [old, ward.reading_id]
    assert ("ecg.compare", f"{ward.patient_id} {old} {ward.reading_id}") in ward.logged
    assert [action for action, _subject in ward.logged].count("case.read") == 2
    assert (found.older.recorded, found.newer.recorded) == (False, True)
    assert found.newer.measured == ward.measured
    assert found.changes is not None
    assert [one.what for one in found.changes.numbers][:3] == ["heart_rate", "pr", "qrs"]
    assert {one.lead for one in found.changes.leads} == set(TWELVE)


async def test_the_samples_of_a_reading_are_those_that_were_measured(ward: Ward) -> None:
    old = await ward.bring(ward.patient_id, earlier())
    drawn = (await ward.compare(old, ward.reading_id)).newer
    rows = synthetic(3, 30 * RATE_HZ, RATE_HZ)[15 * RATE_HZ : 25 * RATE_HZ]
    assert [one.lead for one in drawn.leads] == list(TWELVE)
    assert np.array_equal(np.array([one.values for one in drawn.leads]).T, rows)
    assert (drawn.rate_hz, drawn.leads[0].nanovolt) == (RATE_HZ, 5000.0)


async def test_a_file_is_drawn_with_its_gaps_and_from_where_it_was_asked(ward: Ward) -> None:
    whole = earlier(count=20 * RATE_HZ, gaps=((700, 321),), more_gaps_of_last=((1500, 40),))
    old = await ward.bring(ward.patient_id, whole)
    drawn = (await ward.compare(old, ward.reading_id)).older
    first, last = drawn.leads[0], drawn.leads[-1]
    assert len(first.values) == READ_S * RATE_HZ
    assert [n for n, value in enumerate(first.values) if value is None] == [*range(700, 1021)]
    assert last.values[1500:1540] == (None,) * 40
    assert first.values[1500] == whole.samples[1500, 0]
    later = (await ward.compare(old, ward.reading_id, one_from_ms=12_000)).older
    assert (later.from_ms, len(later.leads[0].values)) == (12_000, 8 * RATE_HZ)
    assert later.leads[0].values[0] == whole.samples[12 * RATE_HZ, 0]
    with pytest.raises(ProblemError) as refused:
        await ward.compare(old, ward.reading_id, one_from_ms=20_000)
    assert refused.value.problem.field == "from_ms"


async def test_a_file_whose_unit_counts_downwards_has_the_same_numbers(ward: Ward) -> None:
    up = earlier(gaps=())
    down = replace(
        up,
        samples=-up.samples,
        leads=tuple(replace(lead, lsb_nv=Fraction(-5000)) for lead in up.leads),
    )
    numbers = [ecg_compare_routes._measured(one, ward.world.facts.care.ecg) for one in (up, down)]
    assert numbers[0] == numbers[1]
    assert numbers[0] is not None
    assert numbers[0].heart_rate_per_min == pytest.approx(60 / 0.83, rel=0.02)


async def test_what_is_not_in_the_list_is_compared_with_nothing(ward: Ward) -> None:
    await ward.identify(ward.patient_id, NUMBER)
    strange = await ward.bring(await ward.another_case(OTHER), earlier())
    for one, other, field in (
        (strange, ward.reading_id, "one"),
        (ward.reading_id, strange, "other"),
        (ward.reading_id, ward.reading_id, "other"),
        (ward.reading_id, "", "other"),
    ):
        with pytest.raises(ProblemError) as refused:
            await ward.compare(one, other)
        assert refused.value.problem.field == field
    assert not [action for action, _subject in ward.logged if action == "ecg.compare"]


async def test_a_reading_or_file_that_was_withdrawn_is_not_compared(ward: Ward) -> None:
    file = await ward.bring(ward.patient_id, earlier())
    await ward.world.accept(
        c.WithdrawFile(patient_id=ward.patient_id, sha256=file[-64:], reason="不是这个病人"),
        org="centre",
    )
    await ward.world.accept(
        c.WithdrawEntry(patient_id=ward.patient_id, entry_id="ecg-1", reason="导联接错")
    )
    assert (await ward.known()).ecgs == ()


# ---- through the web, on a real database


@pytest.fixture
async def office(database: Database, tmp_path: Path) -> AsyncIterator[Office]:
    async with opened(database, ecg=tmp_path) as made:
        yield made


async def test_each_reader_finds_what_they_may_read(office: Office, tmp_path: Path) -> None:
    """Quality reads both cases; the hospital has only this one; another hospital has none."""
    ward = await Ward(tmp_path, office.world).begin()
    await ward.identify(ward.patient_id, NUMBER)
    old = await ward.bring(await ward.another_case(NUMBER.lower()), earlier())
    await ward.bring(await ward.another_case(OTHER), earlier())

    async def ask(username: str, path: str, **query: str) -> tuple[int, Any]:
        answer = await office.client.get(
            f"/api/ecg/{path}",
            params={"patient_id": ward.patient_id} | query,
            headers=await office.cookie(username),
        )
        return answer.status_code, answer.json()

    status, body = await ask("quality", "known")
    assert (status, body["search"]) == (200, "known")
    assert [one["id"] for one in body["ecgs"]] == [old, ward.reading_id]
    status, body = await ask("hospital1", "known")
    assert (status, body["search"]) == (200, "known")
    assert [one["id"] for one in body["ecgs"]] == [ward.reading_id]
    pair = {"one": ward.reading_id, "other": old}
    status, body = await ask("quality", "comparison", **pair)
    assert status == 200
    assert body["older"]["ecg"]["id"] == old
    assert len(body["newer"]["leads"][0]["values"]) == READ_S * RATE_HZ
    assert (await ask("hospital1", "comparison", **pair))[0] == 404
    for path, query in (("known", {}), ("comparison", pair)):
        assert (await ask("hospital2", path, **query))[0] == 404
        assert (await ask("dispatcher", path, **query))[0] == 403
