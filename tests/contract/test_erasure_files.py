"""Erasing files: what is due and free goes, what a hold or another patient needs stays."""

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from factories.cabin import recorded
from factories.world import START_MS, TestWorld
from goldenhour.adapters import kept
from goldenhour.adapters.dicom import ImageFolder
from goldenhour.adapters.ecg import ImportFolder
from goldenhour.adapters.ecg.index import path_of
from goldenhour.adapters.files import FileFolder
from goldenhour.adapters.jt808 import MediaFolder
from goldenhour.adapters.postgres.embedded import EmbeddedServer
from goldenhour.adapters.postgres.journal import PostgresJournal
from goldenhour.adapters.postgres.pool import Database
from goldenhour.app.ecg_files import ImportedEcg
from goldenhour.app.files import FileOrigin
from goldenhour.app.images import ImageOrigin
from goldenhour.app.journal import SYSTEM
from goldenhour.domain import commands as c
from goldenhour.domain.dispatch.events import Milestone
from goldenhour.kernel.files import FileKind
from goldenhour.main import erase as host
from goldenhour.main.settings import Settings

LONG_AGO_MS = 946_800_000_000
"""2 January 2000."""
DATA = b"the same picture"


@dataclass
class Case:
    number: str
    mission_id: str
    patient_id: str
    unit_id: str


@dataclass
class Site:
    settings: Settings
    state: Path
    world: TestWorld

    async def case(self, unit_id: str) -> Case:
        """A run that is over, with one patient."""
        world = self.world
        await world.list_unit(unit_id)
        _call, incident_id = await world.open_incident()
        mission_id, patient_id = await world.assign(incident_id, unit_id), world.new_id()
        await world.accept(c.RegisterPatient(patient_id=patient_id, mission_id=mission_id))
        await world.reach(mission_id, Milestone.DEPARTED, Milestone.ON_SCENE, Milestone.CLEARED)
        stream = f"incident:{incident_id}"
        loaded = await world.journal.load([stream], SYSTEM)
        number = json.loads(loaded[stream].events[0].body)["number"]
        return Case(str(number), mission_id, patient_id, unit_id)

    async def photo(self, case: Case, data: bytes = DATA, received_ms: int = LONG_AGO_MS) -> Path:
        """What marks it as erased."""
        sha256 = hashlib.sha256(data).hexdigest()
        about = FileOrigin(
            sha256=sha256,
            size_bytes=len(data),
            patient_id=case.patient_id,
            mission_id=case.mission_id,
            kind=FileKind.PHOTO,
            media_type="image/jpeg",
            received_ms=received_ms,
        )
        async with FileFolder(self.state / "files").incoming() as file:
            await file.write(data)
            await file.finish()
            await file.keep(about, 9)
        return self.state / "files" / case.patient_id / f"{sha256}.erased"

    async def ecg_file(self, case: Case) -> Path:
        about = ImportedEcg(
            sha256="ab" * 32,
            patient_id=case.patient_id,
            mission_id=case.mission_id,
            incident_id="",
            name="a.edf",
            kind="edf",
            size_bytes=1,
            device="",
            device_ms=None,
            leads=(),
            rate_hz=500.0,
            samples=1,
            test=False,
            notes=(),
            received_ms=LONG_AGO_MS,
            by="",
            org="",
        )
        await ImportFolder(self.state / "ecg-files").keep(about, b"e")
        return self.state / "ecg-files" / case.patient_id / f"{about.sha256}.erased"

    async def picture(self, case: Case) -> Path:
        about = ImageOrigin(
            sha256="cd" * 32,
            size_bytes=1,
            mission_id=case.mission_id,
            patient_id="",
            device="US-1",
            received_ms=LONG_AGO_MS,
        )
        await ImageFolder(self.state / "images").keep(about, b"p")
        return self.state / "images" / case.mission_id / f"{about.sha256}.erased"

    async def film(self, case: Case, begun_ms: int = LONG_AGO_MS) -> Path:
        made = await recorded(self.state / "video", case.mission_id, begun_ms)
        return self.state / "video" / case.mission_id / f"{made.origin.sha256}.erased"

    def segment(self, unit_id: str, begun_ms: int, written_ms: int) -> Path:
        path = self.state / "ecg" / unit_id / "1" / f"{begun_ms}-0.seg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"packets")
        path_of(path).write_bytes(b"what it holds")
        os.utime(path, (written_ms / 1000,) * 2)
        return path

    async def terminal_picture(self, unit_id: str, data: bytes, written_ms: int) -> Path:
        """What marks it as erased."""
        folder, sha256 = self.state / "terminal-media", hashlib.sha256(data).hexdigest()
        await MediaFolder(folder).keep(unit_id, sha256, data)
        path = folder / unit_id / f"{sha256}.bin"
        os.utime(path, (written_ms / 1000,) * 2)
        return path.with_suffix(".erased")

    def tree(self) -> list[str]:
        names = [
            str(path.relative_to(self.state))
            for folder in ("files", "ecg-files", "images", "ecg", "video", "terminal-media")
            for path in (self.state / folder).rglob("*")
            if path.is_file()
        ]
        return sorted(names)


@pytest.fixture
def site(server: EmbeddedServer, database: Database, tmp_path: Path) -> Site:
    world = TestWorld()
    world.journal = PostgresJournal(database, world.clock)
    settings = Settings(state=str(tmp_path), database_url=server.conninfo("postgres", "goldenhour"))
    return Site(settings, settings.state_dir, world)


@pytest.fixture
def retention(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Texts may go at once; of files as the release says, but for those that are named."""

    def use(**files: int) -> None:
        of_release = host.load_retention()
        rules = msgspec.structs.replace(
            of_release,
            years=dict.fromkeys(of_release.years, 0),
            files=of_release.files | files,
        )
        monkeypatch.setattr(host, "load_retention", lambda: rules)

    return use


async def test_what_is_due_goes_and_what_a_hold_covers_stays(site: Site) -> None:
    free, held = await site.case("A-01"), await site.case("A-02")
    marks = [await site.photo(free), await site.ecg_file(free), await site.picture(free)]
    marks.append(await site.film(free))
    needed, film = await site.photo(held), await site.film(held)
    assert needed.stem == marks[0].stem  # the same bytes
    fresh = await site.photo(free, b"of today", START_MS)
    await host._hold(site.settings, held.number, "court file 7")
    await host._erase_due(site.settings)
    assert all(mark.exists() for mark in marks)
    for mark in marks:
        assert [path.name for path in mark.parent.glob(f"{mark.stem}.*")] == [mark.name]
    assert not needed.exists()
    assert not film.exists()
    assert not fresh.exists()
    folder = FileFolder(site.state / "files")
    assert await folder.read(held.patient_id, needed.stem, 0, 99) == DATA
    after = site.tree()
    await host._erase_due(site.settings)
    assert site.tree() == after
    await host._lift(site.settings, held.number, "closed")
    await host._erase_due(site.settings)
    assert needed.exists()
    assert film.exists()
    assert await folder.find_origin(held.patient_id, needed.stem) is None


@pytest.mark.parametrize("files", [{}, {"photo": 0}])
async def test_a_case_goes_whole_or_not_at_all(
    site: Site, retention: Callable[..., None], files: dict[str, int]
) -> None:
    retention(**files)
    case, other = await site.case("A-01"), await site.case("A-02")
    mark, others = await site.photo(case, received_ms=START_MS), await site.photo(other)
    before = site.tree()
    if files:
        await host._erase_case(site.settings, case.number, "asked for")
        assert mark.exists()
        assert not others.exists()
    else:
        with pytest.raises(SystemExit, match="must be kept until 2041"):
            await host._erase_case(site.settings, case.number, "asked for")
        assert site.tree() == before


@pytest.mark.parametrize("years", [0, 1])
async def test_cabin_video_goes_with_the_case_of_its_run(
    site: Site, retention: Callable[..., None], years: int
) -> None:
    retention(cabin_video=years)
    case, other = await site.case("A-01"), await site.case("A-02")
    taken_ms = site.world.clock.at_ms
    mark, others = await site.film(case, taken_ms), await site.film(other, taken_ms)
    if years:
        with pytest.raises(SystemExit, match="must be kept until 2027"):
            await host._erase_case(site.settings, case.number, "asked for")
        assert not mark.exists()
    else:
        await host._erase_case(site.settings, case.number, "asked for")
        assert [path.name for path in mark.parent.iterdir()] == [mark.name]
    assert not others.exists()
    assert others.with_suffix(".seg").exists()


async def test_a_kind_that_nobody_has_decided_about_stays(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = msgspec.structs.replace(host.load_retention(), files={})
    monkeypatch.setattr(host, "load_retention", lambda: rules)
    case = await site.case("A-01")
    mark = await site.photo(case)
    await host._erase_due(site.settings)
    assert not mark.exists()
    with pytest.raises(SystemExit, match="says nothing about photo"):
        await host._erase_case(site.settings, case.number, "asked for")


async def test_an_erasure_that_was_broken_off_ends_the_same(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = await site.case("A-01")
    marks = [await site.photo(case, data) for data in (b"one", b"two")]
    whole, count = Path.unlink, 0

    def cut(path: Path, missing_ok: bool = False) -> None:
        nonlocal count
        count += 1
        if count == 2:
            raise OSError("the power went")
        whole(path, missing_ok=missing_ok)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", cut)
        with pytest.raises(OSError, match="the power went"):
            await host._erase_due(site.settings)
    assert any(path.suffix == ".json" for path in marks[0].parent.iterdir())
    await host._erase_due(site.settings)
    assert sorted(marks[0].parent.iterdir()) == sorted(marks)


async def test_our_own_ecg_goes_with_its_run_and_a_hold_keeps_what_came_since(
    site: Site, retention: Callable[..., None]
) -> None:
    retention(ecg_stream=0)
    begun_ms = site.world.clock.at_ms
    case = await site.case("A-01")
    before = site.segment("A-01", begun_ms - 60_000, begun_ms + 1_000)
    within = site.segment("A-01", begun_ms + 2_000, begun_ms + 50_000)
    of_another = site.segment("A-02", begun_ms + 2_000, begun_ms + 50_000)
    await host._hold(site.settings, case.number, "court file 7")
    await host._erase_due(site.settings)
    assert before.exists()
    assert within.exists()
    assert not of_another.exists()
    await host._lift(site.settings, case.number, "closed")
    await host._erase_case(site.settings, case.number, "asked for")
    assert before.exists()  # it holds what was before the run as well
    assert not within.exists()
    await host._erase_due(site.settings)
    assert not before.exists()
    assert not any(path_of(one).exists() for one in (before, within, of_another))


async def test_what_a_terminal_took_goes_as_its_vehicles_ecg_does_and_leaves_a_mark(
    site: Site, retention: Callable[..., None]
) -> None:
    begun_ms = site.world.clock.at_ms
    case = await site.case("A-01")
    old = await site.terminal_picture("A-02", b"old", LONG_AGO_MS)
    before = await site.terminal_picture("A-01", b"before", begun_ms - 1_000)
    within = await site.terminal_picture("A-01", b"within", begun_ms + 2_000)
    await host._erase_due(site.settings)
    assert (old.exists(), before.exists(), within.exists()) == (True, False, False)
    assert [path.name for path in old.parent.iterdir()] == [old.name]
    media = MediaFolder(site.state / "terminal-media")
    assert await media.find("A-02", old.stem) is None
    gone = ("A-02", old.stem)
    assert await media.list_erased({gone, ("A-01", within.stem)}) == {gone}
    await media.keep("A-02", old.stem, b"old")  # a terminal that sends it again
    assert [path.name for path in old.parent.iterdir()] == [old.name]
    retention(terminal_media=0)
    await host._hold(site.settings, case.number, "court file 7")
    await host._erase_due(site.settings)
    assert (before.exists(), within.exists()) == (True, False)
    await host._lift(site.settings, case.number, "closed")
    await host._erase_case(site.settings, case.number, "asked for")
    assert within.exists()


def test_the_mark_comes_first_and_the_description_goes_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for ending in ("bin", "json", "carried"):
        (tmp_path / f"x.{ending}").write_bytes(b"")
    gone: list[str] = []
    whole = Path.unlink

    def seen(path: Path, missing_ok: bool = False) -> None:
        assert (tmp_path / "x.erased").exists()
        gone.append(path.suffix)
        whole(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", seen)
    kept.erase(tmp_path, "x")
    assert gone[-1] == ".json"
    assert [path.name for path in tmp_path.iterdir()] == ["x.erased"]
