"""What the drills of a vehicle's box look for: each damage to a store is found as what it is."""

from collections.abc import Callable
from pathlib import Path
from shutil import rmtree

import pytest

from goldenhour.adapters.edge.schema import connect
from goldenhour.main.drills import load, rig
from goldenhour.main.drills.load import Faults, Said

TURNS = 12
SAID = Said(packets=TURNS, sets=TURNS, commands=3, photos=1, pictures=1)


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return rig.write_ca(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def packets(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    path = tmp_path_factory.mktemp("ecg") / "packets"
    load.write_packets(path, 4)
    return load.read_packets(path)


@pytest.fixture
async def folder(tmp_path: Path, ca: Path, packets: list[bytes]) -> Path:
    """Of a box that has recorded some turns and was switched off."""
    box = rig.open_rig(tmp_path, ca)
    await rig.tell_of_a_run(box)
    writing = load.Load(box, packets, rig.RUN)
    for turn in range(1, TURNS + 1):
        for kind in writing.list_due(turn):
            await writing.say(kind)
    assert writing.said == SAID
    await rig.close_rig(box)
    return tmp_path


async def look(folder: Path, ca: Path, packets: list[bytes]) -> Faults:
    box = rig.open_rig(folder, ca)
    try:
        return await load.check(box, folder, SAID, packets, rig.RUN)
    finally:
        await rig.close_rig(box)


async def test_what_stands_has_no_fault(folder: Path, ca: Path, packets: list[bytes]) -> None:
    assert await look(folder, ca, packets) == Faults()


def shorten(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5])


def turn_a_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def only(folder: Path, pattern: str) -> Path:
    (path,) = folder.rglob(pattern)
    return path


def change(folder: Path, statement: str) -> None:
    database = connect(
        folder / "journal.sqlite", rig.open_vault(folder, "own key").key_for("journal")
    )
    with database.transaction():
        assert database.execute(statement).rowcount == 1
    database.close()


DAMAGES: dict[str, tuple[Callable[[Path], object], Faults]] = {
    "a torn packet": (lambda at: shorten(only(at, "*.seg")), Faults(lost=1)),
    "no ECG": (lambda at: rmtree(at / "ecg"), Faults(lost=TURNS)),
    "a photo without its description": (
        lambda at: only(at / "files", "*.json").unlink(),
        Faults(lost=1),
    ),
    "a photo of other bytes": (lambda at: turn_a_bit(only(at, "*.bin")), Faults(differs=1)),
    "a picture of other bytes": (lambda at: turn_a_bit(only(at, "*.dcm")), Faults(differs=1)),
    "a set that is gone": (
        lambda at: change(at, "delete from vital where sequence = 12"),
        Faults(lost=1),
    ),
    "an event that was changed": (
        lambda at: change(
            at,
            "update own_event set body = cast(cast(body as text) || ' ' as blob)"
            " where sequence = 2",
        ),
        Faults(chain_broken=1),
    ),
    "a set under another time": (
        lambda at: change(at, "update vital set origin = fingerprint where sequence = 2"),
        Faults(chain_broken=1),
    ),
    "a name that can be read": (
        lambda at: (at / "left-over").write_text(load.NAME, encoding="utf-8"),
        Faults(in_the_clear=1),
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
async def test_a_damage_is_found(damage: str, folder: Path, ca: Path, packets: list[bytes]) -> None:
    harm, expected = DAMAGES[damage]
    harm(folder)
    assert await look(folder, ca, packets) == expected
