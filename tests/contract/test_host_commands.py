"""A live world without the demo: register, devices and evidence from the host's command line."""

import asyncio
import json
import re
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from factories.world import TestWorld
from goldenhour.adapters.postgres import evidence
from goldenhour.adapters.postgres.accounts import PostgresAccounts
from goldenhour.adapters.postgres.embedded import EmbeddedServer
from goldenhour.adapters.postgres.journal import PostgresJournal
from goldenhour.adapters.postgres.pool import Database
from goldenhour.adapters.postgres.relay import move_once
from goldenhour.app.journal import SYSTEM
from goldenhour.domain.register.city import Bounds, City, CityHospital, CityUnit, Station
from goldenhour.domain.register.events import UnitKind
from goldenhour.kernel.geo import Point
from goldenhour.main import devices, export, register, verify
from goldenhour.main.peers import read_peers
from goldenhour.main.settings import Settings
from goldenhour.main.vehicle_file import read_seat, read_vehicles

POINT = Point(lat=31.0, lon=121.0)
CITY = City(
    name="安澜市",
    name_en="Anlan",
    fictional=True,
    bounds=Bounds(south=30.9, west=120.9, north=31.1, east=121.1),
    centre=POINT,
    attribution="-",
    source_sha256="a" * 64,
    overrides_sha256=None,
    stations=(Station(id="s1", name="一站", name_en="First", point=POINT),),
    hospitals=(
        CityHospital(
            id="h1",
            name="市一院",
            name_en="First",
            point=POINT,
            capabilities=("ct_24h",),
            assumed=True,
            beds=None,
        ),
    ),
    aeds=(),
    signals=(),
    units=(
        CityUnit(id="A-01", call_sign="救01", station_id="s1", kind=UnitKind.ALS, assumed=True),
        CityUnit(id="A-02", call_sign="救02", station_id="s1", kind=UnitKind.ALS, assumed=True),
    ),
)


@pytest.fixture
def settings(server: EmbeddedServer, database: Database, tmp_path: Path) -> Settings:
    del database  # emptied it
    (tmp_path / "city").mkdir()
    write_city(tmp_path, CITY)
    return Settings(state=str(tmp_path), database_url=server.conninfo("postgres", "goldenhour"))


def write_city(state: Path, city: City) -> None:
    (state / "city" / "city.json").write_bytes(msgspec.json.encode(city))


async def count(database: Database, table: str) -> int:
    async with database.system() as connection:
        cursor = await connection.execute(f"select count(*) from {table}".encode())  # noqa: S608 (names of this file)
        row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def test_a_city_is_loaded_once_and_a_changed_one_adds_to_it(
    settings: Settings, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    await register.load(settings)
    assert "12 changed" in capsys.readouterr().out  # 9 organisations, 2 units, 1 hospital
    events = await count(database, "event")
    await register.load(settings)
    assert "0 changed" in capsys.readouterr().out
    assert await count(database, "event") == events
    hospital = msgspec.structs.replace(CITY.hospitals[0], name="市第一人民医院")
    changed = msgspec.structs.replace(CITY, hospitals=(hospital,), source_sha256="b" * 64)
    write_city(settings.state_dir, changed)
    await register.load(settings)
    journal = PostgresJournal(database, TestWorld().clock)
    found = await journal.load(["hospital:h1"], SYSTEM)
    assert "市第一人民医院".encode() in found["hospital:h1"].events[-1].body


async def test_without_a_city_folder_it_says_what_to_do(settings: Settings) -> None:
    (settings.city_dir / "city.json").unlink()
    with pytest.raises(SystemExit, match="goldenhour city import"):
        await register.load(settings)


async def test_a_terminals_key_is_drawn_and_shown_once(
    settings: Settings, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    await register.load(settings)
    await add(settings, "terminal", "13900001111")
    shown = re.search(r"shown once: ([0-9a-f]{16})\n", capsys.readouterr().out)
    terminal = await PostgresAccounts(database).find_terminal("13900001111")
    assert shown
    assert terminal
    assert (terminal.unit_id, terminal.key, terminal.enabled) == ("A-01", shown[1], True)
    with pytest.raises(SystemExit, match="belongs to unit A-01 already"):
        await add(settings, "terminal", "13900001111", unit_id="A-02")
    await devices.disable_devices(settings, kind="terminal", unit_id="A-01", device_id=None)
    terminal = await PostgresAccounts(database).find_terminal("13900001111")
    assert terminal
    assert not terminal.enabled
    assert await count(database, "access_log") == 2


async def test_a_vehicles_file_holds_the_only_copy_of_its_key(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    await register.load(settings)
    await add(settings, "monitor", "0200000000000001")
    path = tmp_path / "vehicle.json"
    await add(settings, "edge", None, file=path)
    (vehicle,) = read_vehicles(path)
    assert (vehicle.unit_id, vehicle.call_sign) == ("A-01", "救01")
    assert vehicle.monitors == ("0200000000000001",)
    assert path.stat().st_mode & 0o777 == 0o600
    found = await PostgresAccounts(database).list_devices("edge")
    assert [d.id for d in found] == [sha256(vehicle.key.encode()).hexdigest()]
    assert vehicle.key not in json.dumps([msgspec.to_builtins(d) for d in found])
    with pytest.raises(SystemExit, match="File exists"):
        await add(settings, "edge", None, file=path)


@pytest.mark.parametrize(
    ("kind", "device_id", "unit_id", "said"),
    [
        ("terminal", "13900001111", "A-99", "there is no unit A-99; the units are A-01, A-02"),
        ("terminal", "0139", "A-01", "no leading zeros"),
        ("terminal", None, "A-01", "no leading zeros"),
        ("monitor", "02 00", "A-01", "EUI-64"),
    ],
)
async def test_a_wrong_device_is_refused_in_words(
    settings: Settings, kind: str, device_id: str | None, unit_id: str, said: str
) -> None:
    await register.load(settings)
    with pytest.raises(SystemExit, match=said):
        await add(settings, kind, device_id, unit_id=unit_id)


async def add(
    settings: Settings,
    kind: str,
    device_id: str | None,
    *,
    unit_id: str = "A-01",
    file: Path | None = None,
) -> None:
    await devices.add_device(settings, kind=kind, unit_id=unit_id, device_id=device_id, file=file)


async def test_exported_evidence_passes_the_verifier_and_is_on_the_access_log(
    settings: Settings, database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world = TestWorld()
    world.journal = PostgresJournal(database, world.clock)
    await world.open_incident()
    _, incident_id = await world.open_incident()
    stream = f"incident:{incident_id}"
    opened = (await world.journal.load([stream], SYSTEM))[stream].events[0]
    number = json.loads(opened.body)["number"]
    key = evidence.load_key(settings.state_dir / "roots.key")
    async with database.system() as connection:
        await move_once(connection)
    await evidence.make_root(database, key, 1)
    await evidence.write_outside(database, key, tmp_path / "roots")
    for incident, name in ((number, "one.bin"), (None, "all.bin")):
        path = tmp_path / name
        await asyncio.to_thread(export.export, settings, incident=incident, path=path)
        assert verify.main([str(path), "--roots", str(tmp_path / "roots")]) == 0
        assert path.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "one.bin").stat().st_size < (tmp_path / "all.bin").stat().st_size
    async with database.system() as connection:
        cursor = await connection.execute("select action, subject from access_log order by id")
        assert await cursor.fetchall() == [("evidence.export", number), ("evidence.export", "all")]
    whole = bytearray((tmp_path / "all.bin").read_bytes())
    whole[whole.index(b"incident.opened.v1") + 4] ^= 1
    (tmp_path / "all.bin").write_bytes(whole)
    assert verify.main([str(tmp_path / "all.bin"), "--roots", str(tmp_path / "roots")]) == 1
    assert "incident:" in capsys.readouterr().out


@pytest.mark.parametrize("number", ["20261399-0001", "x", "20200101-0001"])
def test_a_case_that_is_not_there_leaves_no_file(
    settings: Settings, tmp_path: Path, number: str
) -> None:
    evidence.load_key(settings.state_dir / "roots.key")
    with pytest.raises(SystemExit, match="--incident"):
        export.export(settings, incident=number, path=tmp_path / "x.bin")
    assert not (tmp_path / "x.bin").exists()


def test_an_export_without_the_roots_key_is_refused(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=re.escape("roots.key is missing")):
        export.export(settings, incident=None, path=tmp_path / "x.bin")


def test_the_command_line_takes_these_words(capsys: pytest.CaptureFixture[str]) -> None:
    from goldenhour.main.cli import _parser  # noqa: PLC0415 (looked at by this test alone)

    for words in (
        "city load",
        "city import x.osm.pbf --name y",
        "device add terminal --unit U --id 139",
        "device disable edge --unit U",
        "export --incident 20261121-0001 out.bin",
        "export --all out.bin",
        "simulate monitors --unit U --meter glucose --fault lo",
    ):
        _parser().parse_args(words.split())
    with pytest.raises(SystemExit):
        _parser().parse_args(["export", "out.bin"])
    assert "--incident" in capsys.readouterr().err


async def test_a_fallback_seat_is_declared_once_and_disabled(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    await register.load(settings)
    file = tmp_path / "seat-01.json"
    await devices.add_seat(settings, org=register.CENTRE, seat="01", file=file)
    seat = read_seat(file)
    assert (seat.org, seat.seat) == (register.CENTRE, "01")
    assert file.stat().st_mode & 0o777 == 0o600
    (device,) = await PostgresAccounts(database).list_devices("seat")
    assert device.id == sha256(seat.key.encode()).hexdigest()
    assert seat.key not in msgspec.json.encode(device).decode()

    refused = {
        ("nowhere", "02"): "--org: there is no centre nowhere",
        (register.CENTRE, "02"): "--org: 01 is its fallback seat",
        (register.CENTRE, "一"): "--seat: a name of 1 to 6",
    }
    for (org, name), words in refused.items():
        other = tmp_path / "other.json"
        with pytest.raises(SystemExit, match=words):
            await devices.add_seat(settings, org=org, seat=name, file=other)
        assert not other.exists()

    await devices.disable_seat(settings, seat="01")
    with pytest.raises(SystemExit, match="no fallback seat 01 is enabled"):
        await devices.disable_seat(settings, seat="01")


async def test_another_node_is_given_a_key_and_shut_out(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    await register.load(settings)
    file = tmp_path / "peers-county.json"
    given = {"org": register.CENTRE, "name": "county", "url": "https://city:8443", "file": file}
    with pytest.raises(SystemExit, match="this node has no name"):
        await devices.add_node(settings, **given)  # type: ignore[arg-type] # as options give them
    named = replace(settings, node="city")
    await devices.add_node(named, **given)  # type: ignore[arg-type] # as above
    (peer,) = read_peers(file)
    assert (peer.node, peer.url) == ("city", "https://city:8443")
    assert file.stat().st_mode & 0o777 == 0o600
    (device,) = await PostgresAccounts(database).list_devices("node")
    assert (device.id, device.org) == (sha256(peer.key.encode()).hexdigest(), register.CENTRE)
    again = given | {"file": tmp_path / "other.json"}
    with pytest.raises(SystemExit, match="known already"):
        await devices.add_node(named, **again)  # type: ignore[arg-type] # as above
    assert not (tmp_path / "other.json").exists()
    await devices.disable_node(named, name="county")
    with pytest.raises(SystemExit, match="no node county is enabled"):
        await devices.disable_node(named, name="county")
