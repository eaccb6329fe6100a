"""Pictures that wait, over the web: who sees them, and that no patient's list has them."""

import hashlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from factories.memory_reader import MemoryReader
from factories.office import person
from factories.ultrasound import file_of, picture
from factories.world import TestWorld
from goldenhour.adapters.dicom import ImageFolder
from goldenhour.adapters.web import image_routes
from goldenhour.adapters.web.identity import principal_of_person
from goldenhour.adapters.web.problems import ProblemError
from goldenhour.app.access import Role
from goldenhour.app.images import ImageOrigin, StoredImage
from goldenhour.app.journal import SYSTEM, Identity
from goldenhour.app.told import of_image
from goldenhour.domain import commands as c


class Cabin:
    """Two patients aboard and one picture that waits; everything in memory."""

    def __init__(self, folder: Path) -> None:
        self.world = TestWorld()
        self.images = ImageFolder(folder)
        self.logged: list[tuple[str, str]] = []
        self.mission_id = self.sha256 = ""
        self.patients: list[str] = []

    async def begin(self) -> "Cabin":
        world = self.world
        await world.list_unit()
        _call, incident_id = await world.open_incident()
        self.mission_id = await world.assign(incident_id)
        for _n in range(2):
            self.patients.append(world.new_id())
            await world.accept(
                c.RegisterPatient(patient_id=self.patients[-1], mission_id=self.mission_id)
            )
        data = file_of(picture(1))
        self.sha256 = hashlib.sha256(data).hexdigest()
        origin = ImageOrigin(
            sha256=self.sha256,
            size_bytes=len(data),
            mission_id=self.mission_id,
            patient_id="",
            device="US-1",
            received_ms=world.clock.at_ms,
            waiting=True,
        )
        await self.images.keep(origin, data)
        command = of_image(origin)
        assert command is not None
        await world.accept(command)
        return self

    async def ask(self, name: str, identity: Identity = SYSTEM, **query: Any) -> Any:
        async def log_access(_at_ms: int, _who: str, action: str, subject: str, _end: str) -> None:
            self.logged.append((action, subject))

        desk = SimpleNamespace(reader=MemoryReader(self.world.journal), images=self.images)
        services: Any = SimpleNamespace(
            clock=self.world.clock,
            accounts=SimpleNamespace(log_access=log_access),
            desk_of=lambda _principal: desk,
            identity_of=lambda _principal: identity,
            edge_centre=None,
        )
        principal = principal_of_person(person("crew1", Role.CREW, "unit:A-01"))
        request: Any = SimpleNamespace(state=SimpleNamespace(principal=principal))
        handlers: dict[str, Any] = {
            next(iter(one.paths)): one for one in image_routes.routes(services)
        }
        return await handlers[name].fn(request, **query)

    async def listed(self, patient_id: str) -> list[StoredImage]:
        found: list[StoredImage] = await self.ask("/api/images", patient_id=patient_id)
        return found

    async def waiting(self) -> list[StoredImage]:
        found: list[StoredImage] = await self.ask("/api/images/waiting", mission_id=self.mission_id)
        return found

    async def frame(self, identity: Identity = SYSTEM) -> Any:
        return await self.ask(
            "/api/images/waiting/{sha256:str}/frame",
            identity,
            sha256=self.sha256,
            mission_id=self.mission_id,
        )


@pytest.fixture
async def cabin(tmp_path: Path) -> Cabin:
    return await Cabin(tmp_path).begin()


async def test_it_is_in_no_patients_list_until_it_is_put_to_one(cabin: Cabin) -> None:
    first, other = cabin.patients
    assert [await cabin.listed(ident) for ident in cabin.patients] == [[], []]
    assert [one.origin.sha256 for one in await cabin.waiting()] == [cabin.sha256]
    await cabin.world.accept(
        c.PutRunFile(mission_id=cabin.mission_id, patient_id=first, sha256=cabin.sha256)
    )
    assert [one.origin.sha256 for one in await cabin.listed(first)] == [cabin.sha256]
    assert (await cabin.listed(other), await cabin.waiting()) == ([], [])


async def test_put_to_another_one_it_leaves_the_first(cabin: Cabin) -> None:
    first, other = cabin.patients
    for ident, reason in ((first, ""), (other, "点错了")):
        await cabin.world.accept(
            c.PutRunFile(
                mission_id=cabin.mission_id, patient_id=ident, sha256=cabin.sha256, reason=reason
            )
        )
    assert await cabin.listed(first) == []
    assert [one.origin.sha256 for one in await cabin.listed(other)] == [cabin.sha256]


async def test_who_may_not_read_the_run_sees_nothing_of_it(cabin: Cabin) -> None:
    assert (await cabin.frame()).media_type in ("image/png", "image/jpeg")
    assert cabin.logged == [("image.view", f"{cabin.mission_id} {cabin.sha256}")]
    nobody = Identity(orgs=(), topics=("mission",))
    with pytest.raises(ProblemError) as refused:
        await cabin.frame(nobody)
    assert refused.value.problem.field == "mission_id"


async def test_what_was_put_is_no_longer_shown_as_waiting(cabin: Cabin) -> None:
    await cabin.world.accept(
        c.PutRunFile(mission_id=cabin.mission_id, patient_id=cabin.patients[0], sha256=cabin.sha256)
    )
    with pytest.raises(ProblemError) as refused:
        await cabin.frame()
    assert refused.value.problem.field == "sha256"
