"""Ultrasound of a vehicle with several patients: whose a picture is is never guessed."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories.ultrasound import file_of, picture
from factories.world import TestWorld
from goldenhour.app.chart import place
from goldenhour.app.handle import fold, recorded_of
from goldenhour.app.images import NO_RUN, ImageOrigin, StoredImage, of_patient, origin_of
from goldenhour.app.told import of_image
from goldenhour.domain import commands as c
from goldenhour.domain.care.files import list_standing
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.kernel.outcome import Refused
from goldenhour.views.fold import Folded, Reveal
from goldenhour.views.render import renderer
from goldenhour.wire.ultrasound import read_patient_number

UNIT, SCANNER = "A-01", "US-07"
BANDS = ("B-0001", "B-0002")


class Cabin:
    """A run of A-01 with so many patients, and what its scanner sends."""

    def __init__(self) -> None:
        self.world = TestWorld()
        self.mission_id = ""
        self.patients: list[str] = []

    async def begin(self, patients: int) -> "Cabin":
        await self.world.list_unit(UNIT)
        _call, incident_id = await self.world.open_incident()
        self.mission_id = await self.world.assign(incident_id, UNIT)
        for _n in range(patients):
            await self.register()
        return self

    async def register(self) -> str:
        ident = self.world.new_id()
        await self.world.accept(c.RegisterPatient(patient_id=ident, mission_id=self.mission_id))
        self.patients.append(ident)
        return ident

    def view(self) -> Folded:
        view = Folded(renderer(self.world.facts), Reveal({}))
        for envelope in self.world.journal.feed:
            view.apply(recorded_of(envelope))
        return view

    def origin(self, number: str = "", sha256: str = "ab" * 32) -> ImageOrigin:
        return origin_of(
            self.view(),
            UNIT,
            device=SCANNER,
            number=number,
            sha256=sha256,
            size_bytes=1,
            now_ms=self.world.clock.at_ms,
        )

    async def come(self, number: str = "", sha256: str = "ab" * 32) -> ImageOrigin:
        """As the vehicle takes it."""
        at_ms = self.world.clock.at_ms
        await place(
            SCANNER, UNIT, self.view(), self.world, org=f"unit:{UNIT}", sequence=at_ms, now_ms=at_ms
        )
        self.world.clock.at_ms += 1
        origin = self.origin(number, sha256)
        command = of_image(origin)
        assert command is not None
        await self.world.accept(command)
        return origin

    async def bind(self, band: str, patient_id: str) -> None:
        await self.world.accept(
            c.BindMonitor(
                mission_id=self.mission_id, device_id=SCANNER, band=band, patient_id=patient_id
            )
        )

    async def put(self, patient_id: str, sha256: str = "ab" * 32, reason: str = "") -> Any:
        command = c.PutRunFile(
            mission_id=self.mission_id, patient_id=patient_id, sha256=sha256, reason=reason
        )
        return await self.world.send(command)

    def run(self) -> Mission:
        stream = f"mission:{self.mission_id}"
        state = fold(stream, self.world.journal.streams[stream])
        assert isinstance(state, Mission)
        return state

    def files(self, patient_id: str) -> list[str]:
        stream = f"patient:{patient_id}"
        state = fold(stream, self.world.journal.streams[stream])
        assert isinstance(state, Patient)
        return [kept.file.sha256 for kept in list_standing(state.files)]


def image(origin: ImageOrigin) -> StoredImage:
    return StoredImage(
        origin=origin,
        instance="",
        study="",
        device_time="",
        label="",
        rows=1,
        columns=1,
        frames=1,
        frame_ms=None,
        regions=(),
        test=True,
        problem="",
    )


async def test_without_a_run_or_a_patient_nothing_waits() -> None:
    cabin = Cabin()
    await cabin.world.list_unit(UNIT)
    assert (cabin.origin().mission_id, cabin.origin().waiting) == (NO_RUN, False)
    cabin = await Cabin().begin(0)
    origin = await cabin.come()
    assert (origin.mission_id, origin.patient_id, origin.waiting) == (cabin.mission_id, "", False)
    assert cabin.run().list_waiting() == frozenset()


async def test_the_only_patient_has_it() -> None:
    cabin = await Cabin().begin(1)
    origin = await cabin.come()
    assert (origin.patient_id, origin.waiting) == (cabin.patients[0], False)
    assert cabin.files(cabin.patients[0]) == [origin.sha256]


async def test_of_two_it_is_nobodys_until_somebody_says_so() -> None:
    cabin = await Cabin().begin(2)
    origin = await cabin.come()
    assert (origin.patient_id, origin.waiting) == ("", True)
    assert cabin.run().list_waiting() == {origin.sha256}
    assert [cabin.files(ident) for ident in cabin.patients] == [[], []]
    for ident in cabin.patients:
        assert of_patient([image(origin)], ident, (), early=True) == []
    before = await cabin.come(sha256="cd" * 32)
    assert before.waiting


async def test_the_band_that_the_scanner_was_bound_by_decides_from_then_on() -> None:
    cabin = await Cabin().begin(2)
    first, other = cabin.patients
    waits = await cabin.come()
    await cabin.bind(BANDS[0], first)
    bound = await cabin.come(sha256="cd" * 32)
    assert (bound.patient_id, bound.waiting) == (first, False)
    await cabin.bind(BANDS[1], other)
    assert (await cabin.come(sha256="ef" * 32)).patient_id == other
    # What came before waits: nobody said whose it was.
    assert cabin.run().list_waiting() == {waits.sha256}


async def test_a_number_that_is_a_band_aboard_decides_over_the_binding() -> None:
    cabin = await Cabin().begin(2)
    first, other = cabin.patients
    await cabin.come()
    await cabin.bind(BANDS[0], first)
    await cabin.world.accept(
        c.GiveBand(mission_id=cabin.mission_id, patient_id=other, band=BANDS[1])
    )
    assert cabin.origin(BANDS[1]).patient_id == other
    assert cabin.origin("A number of the house").patient_id == first
    assert cabin.origin("").patient_id == first


async def test_a_band_of_another_run_says_nothing() -> None:
    cabin = await Cabin().begin(2)
    assert (cabin.origin(BANDS[0]).patient_id, cabin.origin(BANDS[0]).waiting) == ("", True)


async def test_who_is_merged_leaves_the_other_alone_aboard() -> None:
    cabin = await Cabin().begin(2)
    first, other = cabin.patients
    await cabin.world.accept(c.MergePatients(patient_id=first, other_id=other, reason="登记了两次"))
    assert cabin.origin().patient_id == first


async def test_a_person_puts_it_to_a_patient_and_both_streams_say_so() -> None:
    cabin = await Cabin().begin(2)
    first, other = cabin.patients
    origin = await cabin.come()
    assert not isinstance(await cabin.put(first), Refused)
    assert (cabin.files(first), cabin.files(other)) == ([origin.sha256], [])
    assert cabin.run().list_waiting() == frozenset()
    assert of_patient([image(origin)], first, {origin.sha256}, early=True) == [image(origin)]
    length = len(cabin.world.journal.feed)
    assert not isinstance(await cabin.put(first), Refused)  # said twice is one fact
    assert len(cabin.world.journal.feed) == length


async def test_put_to_the_wrong_one_it_is_moved_with_a_reason_and_stays_told() -> None:
    cabin = await Cabin().begin(2)
    first, other = cabin.patients
    origin = await cabin.come()
    await cabin.put(first)
    refused = await cabin.put(other)
    assert isinstance(refused, Refused)
    assert (refused.code, refused.field) == ("reason_required", "reason")
    assert not isinstance(await cabin.put(other, reason="点错了"), Refused)
    assert (cabin.files(first), cabin.files(other)) == ([], [origin.sha256])


@pytest.mark.parametrize("what", ["sha256", "patient_id", "mission_id"])
async def test_what_is_not_there_is_refused_by_its_name(what: str) -> None:
    cabin = await Cabin().begin(2)
    await cabin.come()
    right: dict[str, Any] = {
        "mission_id": cabin.mission_id,
        "patient_id": cabin.patients[0],
        "sha256": "ab" * 32,
    }
    refused = await cabin.world.send(c.PutRunFile(**right | {what: cabin.world.new_id()}))
    assert isinstance(refused, Refused)
    assert (refused.code, refused.field) == ("absent", what)


async def test_what_came_before_anybody_was_registered_is_put_to_nobody() -> None:
    """It is shown at each patient already, with those words."""
    cabin = await Cabin().begin(0)
    origin = await cabin.come()
    first = await cabin.register()
    refused = await cabin.put(first)
    assert isinstance(refused, Refused)
    assert refused.field == "sha256"
    assert of_patient([image(origin)], first, (), early=True) == [image(origin)]


SAID = st.sampled_from(["register", "bind", "number", "come"])


@given(st.lists(st.tuples(SAID, st.integers(0, 2)), max_size=12))
async def test_with_several_aboard_no_picture_has_a_patient_that_nobody_named(
    steps: list[tuple[str, int]],
) -> None:
    cabin = await Cabin().begin(1)
    await cabin.come(sha256="00" * 32)  # it has spoken in this run
    worn: dict[str, str] = {}
    bound = ""
    for turn, (step, n) in enumerate(steps):
        sha256, band = f"{turn + 1:064x}", f"B-{n}"
        if step == "register" and len(cabin.patients) < 3:
            await cabin.register()
        elif step == "bind" and n < len(cabin.patients):
            bound = worn.setdefault(band, cabin.patients[n])
            await cabin.bind(band, bound)
        elif step in ("number", "come"):
            number = band if step == "number" else ""
            origin = await cabin.come(number, sha256)
            only = cabin.patients[0] if len(cabin.patients) == 1 else ""
            assert origin.patient_id == (worn.get(number) or bound or only)
            assert origin.waiting is (origin.patient_id == "")


def test_the_number_of_a_head_is_read_and_a_broken_one_is_none() -> None:
    found = picture(1)
    found.PatientID = " B-0001 "
    assert read_patient_number(file_of(found)) == "B-0001"
    found.PatientID = ""
    assert read_patient_number(file_of(found)) == ""
    assert read_patient_number(b"no instance") == ""
