"""Files as facts: one of each, in any order of arrival, and a wrong one that stays told."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories.recorded import SEALED, example, recorded
from factories.world import START_MS, TestWorld
from goldenhour.app.handle import fold
from goldenhour.app.journal import SYSTEM
from goldenhour.content.rules import load_rules
from goldenhour.domain import commands as c
from goldenhour.domain.care import files
from goldenhour.domain.care.file_events import FileAdded, FileEvent, FileWithdrawn
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.kernel.files import FileKind, TakenSource
from goldenhour.kernel.personal import Clear, Sealed

SHA = "ab" * 32
STREAM = "patient:p1"


def added(sha256: str = SHA, **changes: Any) -> FileAdded:
    given: dict[str, Any] = {
        "sha256": sha256,
        "file_kind": FileKind.PHOTO,
        "media_type": "image/jpeg",
        "size_bytes": 1,
        "taken_ms": START_MS,
        "taken_source": TakenSource.TABLET,
        "device": "",
        "caption": None,
    }
    return FileAdded(**(given | changes))


def withdrawn(sha256: str = SHA) -> FileWithdrawn:
    return FileWithdrawn(sha256=sha256, file_kind=FileKind.PHOTO, reason="拍错")


def folded(*events: FileEvent) -> files.Files:
    kept: files.Files = ()
    for event in events:
        kept = files.evolve(kept, recorded(event, STREAM))
    return kept


async def patient(world: TestWorld) -> tuple[str, str]:
    """(patient, mission)"""
    await world.list_unit()
    _, incident_id = await world.open_incident()
    mission_id = await world.assign(incident_id)
    patient_id = world.new_id()
    await world.accept(c.RegisterPatient(patient_id=patient_id, mission_id=mission_id))
    return patient_id, mission_id


def add(patient_id: str, **changes: Any) -> c.AddFile:
    given: dict[str, Any] = {
        "sha256": SHA,
        "file_kind": FileKind.PHOTO,
        "media_type": "image/jpeg",
        "size_bytes": 1,
        "taken_ms": START_MS,
        "taken_source": TakenSource.TABLET,
    }
    return c.AddFile(patient_id=patient_id, **(given | changes))


async def test_the_same_file_twice_is_one_fact_and_its_caption_is_sealed() -> None:
    world = TestWorld()
    patient_id, _mission = await patient(world)
    await world.accept(add(patient_id, caption=Clear(text="左前臂伤口")))
    count = len(world.journal.feed)
    await world.accept(add(patient_id, taken_ms=START_MS + 5))
    assert len(world.journal.feed) == count
    loaded = await world.journal.load([f"patient:{patient_id}"], SYSTEM)
    state = fold(f"patient:{patient_id}", loaded[f"patient:{patient_id}"].events)
    assert isinstance(state, Patient)
    (kept,) = state.files
    assert (kept.file.taken_ms, kept.by, kept.org) == (START_MS, "person-1", "centre")
    assert isinstance(kept.file.caption, Sealed)


async def test_a_file_that_came_too_early_belongs_to_the_run_once() -> None:
    world = TestWorld()
    _patient, mission_id = await patient(world)
    command = c.AddRunFile(
        mission_id=mission_id,
        sha256=SHA,
        file_kind=FileKind.ULTRASOUND,
        media_type="application/dicom",
        size_bytes=1,
        taken_ms=START_MS,
        taken_source=TakenSource.RECEIVED,
        device="US-1",
    )
    await world.accept(command)
    await world.accept(command)
    loaded = await world.journal.load([f"mission:{mission_id}"], SYSTEM)
    state = fold(f"mission:{mission_id}", loaded[f"mission:{mission_id}"].events)
    assert isinstance(state, Mission)
    assert [file.sha256 for file in state.files] == [SHA]
    assert state.flags == ()


def test_a_withdrawn_file_is_not_shown_and_does_not_come_back() -> None:
    kept = folded(added(), withdrawn(), added(caption=SEALED))
    assert files.list_standing(kept) == ()
    assert [(one.file.sha256, one.withdrawn) for one in kept] == [(SHA, "拍错")]


def test_a_withdrawal_of_what_is_not_there_changes_nothing() -> None:
    assert folded(withdrawn()) == ()
    assert folded(added("cd" * 32), withdrawn()) == folded(added("cd" * 32))


@given(
    st.lists(
        st.tuples(st.booleans(), st.sampled_from(("aa", "bb", "cc"))),
        max_size=12,
    )
)
def test_each_hash_stands_at_most_once_and_only_while_nobody_withdrew_it(
    told: list[tuple[bool, str]],
) -> None:
    kept = folded(*(added(name) if adds else withdrawn(name) for adds, name in told))
    names = [one.file.sha256 for one in kept]
    assert len(names) == len(set(names))
    for name in ("aa", "bb", "cc"):
        words = [adds for adds, other in told if other == name]
        # What was withdrawn before it came was never there to be withdrawn.
        began = words.index(True) if True in words else len(words)
        stands = began < len(words) and all(words[began:])
        assert (name in {one.file.sha256 for one in files.list_standing(kept)}) == stands


def test_what_a_capture_may_be_is_content() -> None:
    rules = load_rules().files
    for kind in (FileKind.PHOTO, FileKind.VOICE, FileKind.BODY_CAMERA):
        rule = rules.find_rule(kind)
        assert rule is not None
        assert rule.media_types
    # Devices bring these; nobody captures them on a tablet.
    assert rules.find_rule(FileKind.ULTRASOUND) is None


@pytest.mark.parametrize("org", ["", "centre"])
def test_who_brought_it_or_the_host_s_own_is_withdrawn(org: str) -> None:
    kept = files.evolve((), recorded(example(FileAdded), STREAM, org=org))
    event = files.decide_withdraw(kept, "ab" * 32, " 拍错 ", "centre")
    assert event == withdrawn()
