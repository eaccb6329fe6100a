"""Files at the vehicle: from its own stores, with its own sessions and no centre."""

import warnings
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from random import Random  # noqa: TID251 (a seeded one)

import httpx
import numpy as np
import pytest
from litestar.exceptions.base_exceptions import LitestarDeprecationWarning

from factories.ecg import synthetic
from factories.ecg_files import RATE_HZ, on_the_way, record
from factories.edge_centre import ROSTER
from factories.world import FakeClock, TestWorld, facts
from goldenhour.adapters.ecg import EcgArchive, ImportFolder
from goldenhour.adapters.edge import EdgeAccounts, EdgeStore, Vault
from goldenhour.adapters.files import FileFolder
from goldenhour.adapters.web.app import create_app
from goldenhour.adapters.web.identity import SESSION_MS, token_hash
from goldenhour.adapters.web.services import Desk, Services, Tree
from goldenhour.app.journal import Identity
from goldenhour.app.live import Hub
from goldenhour.app.uplinks import DataClass
from goldenhour.content.exchange import load_exchange
from goldenhour.content.rules import load_rules
from goldenhour.wire.ecg_files import read_edf, write_dicom

TOKEN = "t" * 64


class Store(EdgeStore):
    """Numbers the case itself, which only a centre does: the case is played here in one place."""

    async def next_case_number(self, day: str) -> str:
        return f"{day}-0001"


@dataclass
class Car:
    client: httpx.AsyncClient
    world: TestWorld
    imports: ImportFolder


@pytest.fixture
async def car(tmp_path: Path) -> AsyncIterator[Car]:
    clock = FakeClock()
    store = Store(tmp_path / "journal.sqlite", Random(1).randbytes, clock)
    await store.put_roster(ROSTER)
    world, imports = TestWorld(journal=store, clock=clock), ImportFolder(tmp_path / "ecg-files")
    vault = Vault(tmp_path / "keys.json", "own", clock, Random(2).randbytes)
    assert vault.open_by_centre(b"share")
    accounts, hub = EdgeAccounts(store, vault), Hub(store, store, facts(), clock)
    desk = Desk(
        world=world,
        reader=store,
        hub=hub,
        telemetry=store,
        ecg=EcgArchive(tmp_path / "ecg"),
        imports=imports,
        files=FileFolder(tmp_path / "files"),
    )
    services = Services(
        clock=clock,
        entropy=world.entropy,
        accounts=accounts,
        tree=Tree(),
        identity_of=lambda _principal: Identity(orgs=("*vehicle",), topics=("*",)),
        desk_of=lambda _principal: desk,
        facts=facts(),
        rules=load_rules(),
        exchange=load_exchange(facts().care),
        content=b"{}",
        cookie="goldenhour_vehicle",
        world_name="live",
        demo_accounts=(),
        doubles=(),
        web_root=Path("none"),
    )
    with warnings.catch_warnings():
        # As in factories/office.py.
        warnings.simplefilter("ignore", LitestarDeprecationWarning)
        app = create_app(services)
    await accounts.open_session(
        token_hash(TOKEN), ROSTER.people[0].person_id, clock.at_ms, clock.at_ms + SESSION_MS
    )
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="https://vehicle.local",
        cookies={"goldenhour_vehicle": TOKEN},
    ) as client:
        yield Car(client, world, imports)
    await store.close()


async def test_a_crew_takes_and_brings_files_without_a_centre(car: Car, tmp_path: Path) -> None:
    patient_id, _mission = await on_the_way(car.world, tmp_path / "ecg")
    of_patient = f"patient_id={patient_id}"
    taken = await car.client.get(f"/api/ecg/recording?{of_patient}&form=edf")
    assert taken.status_code == 200
    rows = synthetic(3, 30 * RATE_HZ, RATE_HZ)[10 * RATE_HZ :]
    assert np.array_equal(read_edf(taken.content).samples, rows)
    data = write_dicom(record(device="OTHER-7"))
    brought = await car.client.post(f"/api/ecg/files?{of_patient}&name=a.dcm", content=data)
    assert brought.status_code == 201
    assert [file.sha256 for file in await car.imports.list_waiting()] == [brought.json()["sha256"]]
    back = await car.client.get(f"/api/ecg/files/{brought.json()['sha256']}?{of_patient}")
    assert back.content == data
    # The centre's door for vehicles is no door of a vehicle.
    assert (await car.client.post("/api/edge/ecg-files", content=data)).status_code == 404


async def test_a_crew_captures_without_a_centre_and_the_fact_waits_to_be_uploaded(
    car: Car, tmp_path: Path
) -> None:
    patient_id, _mission = await on_the_way(car.world, tmp_path / "ecg")
    photo = b"\xff\xd8\xff\xe0" + bytes(100)
    query = {"patient_id": patient_id, "kind": "photo", "taken_ms": car.world.clock.at_ms}
    before = car.world.journal.pending_count()
    for _press in range(2):
        taken = await car.client.post(
            "/api/files", params=query, content=photo, headers={"content-type": "image/jpeg"}
        )
        assert taken.status_code == 201
        car.world.clock.at_ms += 1
    assert car.world.journal.pending_count() == before + 1
    (row,) = (await car.client.get(f"/api/files?patient_id={patient_id}")).json()
    assert (row["kind"], row["standing"], row["name"]) == ("photo", "here", "张")
    back = await car.client.get(f"/api/files/{row['sha256']}?patient_id={patient_id}")
    assert back.content == photo
    folder = FileFolder(tmp_path / "files")
    assert [one.sha256 for one in await folder.list_parcels(DataClass.IMAGES)] == [row["sha256"]]
    # The centre's door for vehicles is no door of a vehicle.
    assert (await car.client.post("/api/edge/files", content=photo)).status_code == 404
