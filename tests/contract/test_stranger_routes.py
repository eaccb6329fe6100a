"""Devices in no register: a vehicle tells of them, an administrator registers or dismisses them."""

import hashlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from factories.office import Office, opened, person
from goldenhour.adapters.edge import TellStrangers
from goldenhour.adapters.postgres.pool import Database
from goldenhour.adapters.postgres.strangers import PostgresStrangers
from goldenhour.app.access import Organisation, Role
from goldenhour.app.accounts import Device
from goldenhour.app.strangers import (
    GATEWAY,
    MOST_OF_A_PLACE,
    Stranger,
    StrangerBook,
    StrangerNews,
)

KEY = "a-key-of-a-box-that-is-long-enough"
PATH = "/api/admin/strangers"
MONITOR = "00A037EB21A0FFFF"


@pytest.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    async with opened(database, seats=True) as made:
        digest = hashlib.sha256(KEY.encode()).hexdigest()
        await made.accounts.put_device(
            Device(id=digest, kind="edge", unit_id="A-01", key="", enabled=True)
        )
        yield made


class Link:
    """Asks as the vehicle's link does."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def slice_bytes(self) -> int:
        return 4096

    async def __call__(self, method: str, path: str, **said: Any) -> bytes:
        headers = said.pop("headers", {}) | {"Authorization": f"Edge box-0001:{KEY}"}
        answer = await self._office.client.request(method, path, headers=headers, **said)
        return answer.raise_for_status().content


class TellOnceError(Exception):
    """The errand would wait now."""


async def tell(office: Office, book: StrangerBook, monkeypatch: pytest.MonkeyPatch) -> None:
    async def stop(_seconds: float) -> None:
        raise TellOnceError

    monkeypatch.setattr("goldenhour.adapters.edge.errands.asyncio.sleep", stop)
    with pytest.raises(TellOnceError):
        await TellStrangers(StrangerNews(book), 0).run(Link(office))
    monkeypatch.undo()


async def test_one_is_listed_registered_and_gone(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = StrangerBook(office.world.clock)
    first_ms = office.world.clock.at_ms
    for _ in range(3):
        book.hear("hl7", MONITOR, "unknown_device")
        office.world.clock.at_ms += 1_000
    await tell(office, book, monkeypatch)
    admin = await office.cookie("admin")
    (row,) = (await office.client.get(PATH, headers=admin)).json()
    assert row == {
        "place": "A-01", "others": 0, "way": "hl7", "device_id": MONITOR,
        "first_ms": first_ms, "heard_ms": first_ms + 2_000, "count": 3,
        "reason": "unknown_device", "kind": "monitor", "holder": "", "revoked": False,
        "dismissed_ms": None, "dismissed_by": "",
    }  # fmt: skip
    made = {"kind": row["kind"], "unit_id": row["place"], "device_id": row["device_id"]}
    assert (
        await office.client.post("/api/admin/devices", json=made, headers=admin)
    ).status_code == 201
    assert (await office.client.get(PATH, headers=admin)).json() == []

    # Revoked, it is told of again when it speaks, and by which unit it was held.
    name = {"kind": "monitor", "device_id": MONITOR}
    await office.client.post("/api/admin/devices/revoke", json=name, headers=admin)
    (row,) = (await office.client.get(PATH, headers=admin)).json()
    assert (row["revoked"], row["holder"]) == (True, "A-01")


async def test_what_is_counted_twice_is_added_and_the_newest_reason_stands(
    database: Database,
) -> None:
    store = PostgresStrangers(database)
    for at_ms, reason in ((1_000, "unknown_device"), (2_000, "message_type")):
        await store.hear("A-01", 0, [stranger(at_ms, reason=reason, count=2)])
    (known,) = await store.list_all()
    assert (known.first_ms, known.heard_ms, known.count) == (1_000, 2_000, 4)
    assert known.reason == "message_type"


async def test_of_a_place_the_latest_are_kept(database: Database) -> None:
    store = PostgresStrangers(database)
    for number in range(MOST_OF_A_PLACE + 3):
        await store.hear(GATEWAY, 0, [stranger(number, device_id=f"1390000{number:04}")])
    await store.hear("A-01", 0, [stranger(0)])
    known = await store.list_all()
    assert len(known) == MOST_OF_A_PLACE + 1
    assert min(one.heard_ms for one in known if one.place == GATEWAY) == 3


async def test_one_is_dismissed_counted_on_and_taken_back(office: Office) -> None:
    admin = await office.cookie("admin")
    store = PostgresStrangers(office.database)
    await store.hear("A-01", 0, [stranger(1_000)])
    name = {"place": "A-01", "way": "hl7", "device_id": MONITOR}
    said = await office.client.post(f"{PATH}/dismiss", json=name, headers=admin)
    assert said.status_code == 201
    await store.hear("A-01", 0, [stranger(2_000)])
    (row,) = (await office.client.get(PATH, headers=admin)).json()
    assert (row["dismissed_ms"], row["dismissed_by"]) == (office.world.clock.at_ms, "admin")
    assert row["count"] == 2
    await office.client.post(f"{PATH}/take-back", json=name, headers=admin)
    (row,) = (await office.client.get(PATH, headers=admin)).json()
    assert (row["dismissed_ms"], row["dismissed_by"]) == (None, "")
    async with office.database.system() as connection:
        cursor = await connection.execute("select action, subject from access_log order by at_ms")
        subject = f"stranger:hl7:{MONITOR} A-01"
        assert await cursor.fetchall() == [
            ("stranger.dismiss", subject),
            ("stranger.take_back", subject),
        ]


async def test_an_administrator_keeps_to_their_own_vehicles(office: Office) -> None:
    for ident, parent, kind in (
        ("station:k1", "county", "station"),
        ("unit:K-01", "station:k1", "unit"),
    ):
        await office.accounts.put_organisation(
            Organisation(id=ident, parent=parent, kind=kind, name=ident, name_en=ident)
        )
    await office.services.tree.refresh(office.accounts)
    await office.accounts.put_person(person("chief", Role.ADMIN, "county"), 0)
    store = PostgresStrangers(office.database)
    for place in ("A-01", "K-01", GATEWAY):
        await store.hear(place, 0, [stranger(1_000)])
    await office.accounts.put_device(
        Device(id=MONITOR, kind="monitor", unit_id="A-02", key="", enabled=True)
    )
    chief, admin = await office.cookie("chief"), await office.cookie("admin")
    (row,) = (await office.client.get(PATH, headers=chief)).json()
    assert (row["place"], row["holder"]) == ("K-01", ""), "who else has it is not told"
    rows = (await office.client.get(PATH, headers=admin)).json()
    assert {row["place"]: row["holder"] for row in rows} == {"A-01": "A-02", "K-01": "A-02"}
    for place in ("A-01", GATEWAY, "nowhere"):
        name = {"place": place, "way": "hl7", "device_id": MONITOR}
        said = await office.client.post(f"{PATH}/dismiss", json=name, headers=chief)
        assert (said.status_code, said.json()["code"]) == (404, "absent")


@pytest.mark.parametrize("username", ["dispatcher", "supervisor", "crew1", "hospital1"])
async def test_nobody_else_sees_them(office: Office, username: str) -> None:
    cookie = await office.cookie(username)
    assert (await office.client.get(PATH, headers=cookie)).status_code == 403
    name = {"place": "A-01", "way": "hl7", "device_id": MONITOR}
    said = await office.client.post(f"{PATH}/dismiss", json=name, headers=cookie)
    assert said.status_code == 403
    told = await office.client.post("/api/edge/strangers", json={"heard": []}, headers=cookie)
    assert told.status_code == 401


def stranger(
    at_ms: int, *, device_id: str = MONITOR, reason: str = "unknown_device", count: int = 1
) -> Stranger:
    return Stranger(
        way="hl7", device_id=device_id, first_ms=at_ms, heard_ms=at_ms, count=count, reason=reason
    )
