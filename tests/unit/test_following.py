"""Which files go to another patient when a device's place is corrected."""

from typing import Any

import pytest
from msgspec.structs import replace

from factories.world import TestWorld
from goldenhour.app.handle import fold
from goldenhour.app.vehicle_authority import FromVehicle
from goldenhour.domain import commands as c
from goldenhour.domain.care.file_events import FileAdded, FileMovedIn, FileMovedOut
from goldenhour.domain.care.files import KeptFile, find_file, list_standing
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.case.following import Following, list_following
from goldenhour.domain.case.streams import decode_event
from goldenhour.domain.dispatch.events import MonitorCorrected, RunFileAdded
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.kernel.files import FileKind, TakenSource
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.personal import Clear

PROBE, OTHER_PROBE = "US-07", "US-08"
FROM_MS, TO_MS = 1_795_000_100_000, 1_795_000_200_000
PICTURE, PHOTO, MEMO = "ab" * 32, "cd" * 32, "ef" * 32


class Cabin:
    """One run with three patients; the probe is said to be on the first."""

    def __init__(self) -> None:
        self.world = TestWorld()
        self.world.clock.at_ms = FROM_MS
        self.mission_id = self.first = self.second = self.third = ""
        self.corrections = 0

    async def begin(self) -> "Cabin":
        world = self.world
        await world.list_unit()
        _call, incident_id = await world.open_incident()
        self.mission_id = await world.assign(incident_id)
        self.first, self.second, self.third = [await self.register() for _n in range(3)]
        for probe in (PROBE, OTHER_PROBE):
            await world.accept(
                c.PlaceMonitor(mission_id=self.mission_id, device_id=probe, patient_id=self.first)
            )
        return self

    async def register(self) -> str:
        ident = self.world.new_id()
        await self.world.accept(c.RegisterPatient(patient_id=ident, mission_id=self.mission_id))
        return ident

    async def came(self, taken_ms: int = FROM_MS, **facts: Any) -> None:
        """A picture that is the first patient's, as long as nothing else is said."""
        given: dict[str, Any] = {
            "patient_id": self.first,
            "sha256": PICTURE,
            "file_kind": FileKind.ULTRASOUND,
            "media_type": "application/dicom",
            "size_bytes": 1,
            "taken_ms": taken_ms,
            "taken_source": TakenSource.RECEIVED,
            "device": PROBE,
        }
        await self.world.accept(c.AddFile(**(given | facts)))

    async def early(self, *, waiting: bool) -> None:
        await self.world.accept(
            c.AddRunFile(
                mission_id=self.mission_id,
                sha256=PICTURE,
                file_kind=FileKind.ULTRASOUND,
                media_type="application/dicom",
                size_bytes=1,
                taken_ms=FROM_MS,
                taken_source=TakenSource.RECEIVED,
                device=PROBE,
                waiting=waiting,
            )
        )

    async def photo(self, sha256: str = PHOTO) -> None:
        await self.came(sha256=sha256, file_kind=FileKind.PHOTO, media_type="image/jpeg", device="")

    def command(self, patient_id: str, *picked: tuple[str, str]) -> c.CorrectMonitor:
        self.corrections += 1
        self.world.clock.at_ms = max(self.world.clock.at_ms, TO_MS)
        return c.CorrectMonitor(
            mission_id=self.mission_id,
            correction_id=f"k{self.corrections}",
            device_id=PROBE,
            from_ms=FROM_MS,
            to_ms=TO_MS,
            patient_id=patient_id,
            reason="探头在另一人身上",
            files=tuple(c.PickedFile(patient_id=p, sha256=s) for p, s in picked),
        )

    async def correct(self, patient_id: str, *picked: tuple[str, str]) -> None:
        await self.world.accept(self.command(patient_id, *picked))

    def patient(self, patient_id: str) -> Patient:
        state = fold(f"patient:{patient_id}", self.world.journal.streams[f"patient:{patient_id}"])
        assert isinstance(state, Patient)
        return state

    def run(self) -> Mission:
        stream = f"mission:{self.mission_id}"
        state = fold(stream, self.world.journal.streams[stream])
        assert isinstance(state, Mission)
        return state

    def stand(self) -> list[list[str]]:
        """What stands at each of the three."""
        return [
            [kept.file.sha256 for kept in list_standing(self.patient(ident).files)]
            for ident in (self.first, self.second, self.third)
        ]

    def told(self, patient_id: str, kind: type) -> list[Any]:
        events = self.world.journal.streams[f"patient:{patient_id}"]
        return [one for e in events if isinstance(one := decode_event(e.body), kind)]


@pytest.fixture
async def cabin() -> Cabin:
    return await Cabin().begin()


@pytest.mark.parametrize(
    ("taken_ms", "follows"),
    [
        (FROM_MS - 1, False),
        (FROM_MS, True),
        (FROM_MS + 50_000, True),
        (TO_MS - 1, True),
        (TO_MS, False),
    ],
)
async def test_a_picture_follows_its_probe_within_the_stretch(
    cabin: Cabin, taken_ms: int, follows: bool
) -> None:
    await cabin.came(taken_ms)
    await cabin.correct(cabin.second)
    assert cabin.stand() == ([[], [PICTURE], []] if follows else [[PICTURE], [], []])


async def test_another_probes_picture_stays(cabin: Cabin) -> None:
    await cabin.came(device=OTHER_PROBE)
    await cabin.correct(cabin.second)
    assert cabin.stand() == [[PICTURE], [], []]


async def test_the_old_record_says_why_it_went_and_the_new_one_whence_it_came(
    cabin: Cabin,
) -> None:
    await cabin.came()
    brought = cabin.patient(cabin.first).files[0]
    await cabin.correct(cabin.second)
    (out,) = cabin.told(cabin.first, FileMovedOut)
    assert (out.sha256, out.file_kind, out.taken_ms) == (PICTURE, FileKind.ULTRASOUND, FROM_MS)
    assert (out.correction_id, out.reason) == ("k1", "探头在另一人身上")
    (come,) = cabin.told(cabin.second, FileMovedIn)
    assert (come.came_from, come.brought_to) == (cabin.first, cabin.first)
    kept = find_file(cabin.patient(cabin.second).files, PICTURE)
    assert kept == replace(brought, brought_to=cabin.first)
    assert cabin.patient(cabin.first).files == (replace(brought, moved_out="探头在另一人身上"),)


@pytest.mark.parametrize("waiting", [True, False])
async def test_what_was_nobodys_goes_to_the_patient_and_waits_no_more(
    cabin: Cabin, waiting: bool
) -> None:
    await cabin.early(waiting=waiting)
    await cabin.correct(cabin.second)
    assert cabin.stand() == [[], [PICTURE], []]
    assert (cabin.run().list_waiting(), cabin.run().put) == (frozenset(), {PICTURE: cabin.second})
    (come,) = cabin.told(cabin.second, FileMovedIn)
    assert (come.came_from, come.brought_to, come.by) == ("", "", PROBE)


async def test_one_that_a_person_put_follows_too_and_can_be_put_elsewhere_afterwards(
    cabin: Cabin,
) -> None:
    await cabin.early(waiting=True)
    put = c.PutRunFile(mission_id=cabin.mission_id, patient_id=cabin.first, sha256=PICTURE)
    await cabin.world.accept(put)
    await cabin.correct(cabin.second)
    assert (cabin.stand(), cabin.run().put) == ([[], [PICTURE], []], {PICTURE: cabin.second})
    await cabin.world.accept(replace(put, reason="看图像是他"))
    assert cabin.stand() == [[PICTURE], [], []]


async def test_a_second_correction_moves_it_on_and_a_third_one_home(cabin: Cabin) -> None:
    await cabin.came()
    was = cabin.patient(cabin.first).files
    await cabin.correct(cabin.second)
    await cabin.correct(cabin.third)
    assert cabin.stand() == [[], [], [PICTURE]]
    assert [kept.brought_to for kept in cabin.patient(cabin.third).files] == [cabin.first]
    await cabin.correct(cabin.first)
    assert cabin.stand() == [[PICTURE], [], []]
    assert cabin.patient(cabin.first).files == (replace(was[0], brought_to=cabin.first),)
    # Every word stays: it went out once at each of the three, and came once.
    assert [len(cabin.told(p, FileMovedIn)) for p in (cabin.first, cabin.second)] == [1, 1]


async def test_what_is_there_already_is_not_told_again(cabin: Cabin) -> None:
    await cabin.came()
    await cabin.correct(cabin.second)
    length = len(cabin.world.journal.feed)
    await cabin.correct(cabin.second)
    assert len(cabin.world.journal.feed) == length + 1  # the correction itself


async def test_a_photo_goes_only_when_it_is_ticked(cabin: Cabin) -> None:
    await cabin.photo()
    await cabin.photo(MEMO)
    await cabin.correct(cabin.second)
    assert cabin.stand() == [[PHOTO, MEMO], [], []]
    await cabin.correct(cabin.second, (cabin.first, PHOTO))
    assert cabin.stand() == [[MEMO], [PHOTO], []]
    await cabin.correct(cabin.first, (cabin.second, PHOTO))
    assert cabin.stand() == [[MEMO, PHOTO], [], []]


async def test_a_withdrawn_one_is_not_brought_back(cabin: Cabin) -> None:
    await cabin.came()
    await cabin.world.accept(
        c.WithdrawFile(patient_id=cabin.first, sha256=PICTURE, reason="测试影像")
    )
    await cabin.correct(cabin.second)
    assert cabin.stand() == [[], [], []]
    refused = await cabin.world.send(cabin.command(cabin.second, (cabin.first, PICTURE)))
    assert isinstance(refused, Refused)
    assert (refused.code, refused.field) == ("file_not_there", "files")


async def test_a_patient_of_another_run_loses_nothing(cabin: Cabin) -> None:
    world = cabin.world
    await world.list_unit("B-02")
    _call, incident_id = await world.open_incident()
    other_run, stranger = await world.assign(incident_id, "B-02"), world.new_id()
    await world.accept(c.RegisterPatient(patient_id=stranger, mission_id=other_run))
    await cabin.came(patient_id=stranger)
    refused = await world.send(cabin.command(cabin.second, (stranger, PICTURE)))
    assert isinstance(refused, Refused)
    assert refused.code == "file_not_there"


def test_the_decision_by_itself() -> None:
    """A run without patients' streams: one that waits, and one that was put long ago."""
    file = RunFileAdded(
        sha256=PICTURE,
        file_kind=FileKind.ULTRASOUND,
        media_type="application/dicom",
        size_bytes=1,
        taken_ms=FROM_MS,
        taken_source=TakenSource.RECEIVED,
        device=PROBE,
        waiting=True,
    )
    said = MonitorCorrected(
        correction_id="k",
        device_id=PROBE,
        from_ms=FROM_MS,
        to_ms=TO_MS,
        patient_id="p2",
        reason="r",
    )
    run: Any = type("Run", (), {"files": (file, replace(file, sha256=PHOTO)), "put": {PHOTO: "p1"}})
    facts = {name: getattr(file, name) for name in file.__struct_fields__ if name != "waiting"}
    kept = KeptFile(file=FileAdded(**facts, caption=None), by=PROBE, at_ms=FROM_MS, org="")
    assert list_following(run, {}, said) == (Following(kept=kept, came_from=""),)


async def test_a_vehicle_may_not_say_that_another_runs_file_was_brought_to_its_patient(
    cabin: Cabin,
) -> None:
    await cabin.came()
    await cabin.correct(cabin.second)
    (come,) = cabin.told(cabin.second, FileMovedIn)
    own = {f"patient:{p}": cabin.patient(p) for p in (cabin.first, cabin.second)}
    sender, item = FromVehicle(name=own[f"patient:{cabin.first}"].unit_id), Any
    say = [(f"patient:{cabin.second}", come)]
    assert sender.refuses(item, say, own) == ""  # type: ignore[arg-type] # it is not looked at
    elsewhere = {
        f"patient:{cabin.first}": replace(own[f"patient:{cabin.first}"], mission_id="another"),
        f"patient:{cabin.second}": own[f"patient:{cabin.second}"],
    }
    assert sender.refuses(item, say, elsewhere) == "not_its_run"  # type: ignore[arg-type] # as above
    del elsewhere[f"patient:{cabin.first}"]
    assert sender.refuses(item, say, elsewhere) == "not_its_run"  # type: ignore[arg-type] # as above


async def test_a_caption_lies_with_the_patient_whose_picture_it_is(cabin: Cabin) -> None:
    await cabin.came(
        sha256=PHOTO,
        file_kind=FileKind.PHOTO,
        media_type="image/jpeg",
        device="",
        caption=Clear(text="左前臂"),
    )

    def lies() -> list[str]:
        rows = cabin.world.journal.personal.values()
        return [stream for stream, _row in rows if stream.startswith("patient:")]

    assert lies() == [f"patient:{cabin.first}"]
    await cabin.correct(cabin.second, (cabin.first, PHOTO))
    assert lies() == [f"patient:{cabin.second}"]
    await cabin.correct(cabin.first, (cabin.second, PHOTO))
    assert lies() == [f"patient:{cabin.first}"]
