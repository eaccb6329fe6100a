"""Roots and exports against a real journal; tests/unit/test_verify.py tests the judge itself."""

import asyncio
import hashlib
import io
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from factories.world import FakeClock, TestWorld
from goldenhour.adapters.postgres import evidence
from goldenhour.adapters.postgres.journal import PostgresJournal
from goldenhour.adapters.postgres.pool import Database
from goldenhour.adapters.postgres.relay import run_relay
from goldenhour.app.journal import SYSTEM
from goldenhour.main import verify

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@pytest.fixture
def world(database: Database) -> TestWorld:
    clock = FakeClock()
    return TestWorld(journal=PostgresJournal(database, clock), clock=clock)


async def deliver(database: Database) -> None:
    """Number all that is committed."""
    stopping = asyncio.Event()
    relay = asyncio.create_task(run_relay(database.worker_conninfo, stopping))
    async with database.system() as connection:
        while True:
            cursor = await connection.execute("select 1 from outbox limit 1")
            if await cursor.fetchone() is None:
                break
            await asyncio.sleep(0.005)
    stopping.set()
    await relay


async def check(
    database: Database, outside: Path, streams: list[str] | None = None
) -> verify.Check:
    out = io.BytesIO()
    await evidence.export(database, KEY, 1, out, streams)
    return verify.Check(out.getvalue(), verify.read_roots([str(outside)]))


async def test_roots_cover_what_was_delivered_and_nothing_twice(
    world: TestWorld, database: Database, tmp_path: Path
) -> None:
    assert await evidence.make_root(database, KEY, 1) is None
    await world.open_incident()
    await deliver(database)
    assert await evidence.make_root(database, KEY, 2) is not None
    assert await evidence.make_root(database, KEY, 3) is None
    await world.open_incident()
    uncovered = (await check(database, tmp_path)).uncovered
    assert uncovered > 0
    await deliver(database)
    second = await evidence.make_root(database, KEY, 4)
    assert second is not None
    assert second.id == 2
    assert await evidence.write_outside(database, KEY, tmp_path) == 2
    assert await evidence.write_outside(database, KEY, tmp_path) == 0
    found = await check(database, tmp_path)
    assert (found.findings, found.uncovered) == ([], 0)
    assert await evidence.find_newest_line(database, KEY) == evidence.root_line(second, KEY)


async def test_two_workers_at_once_make_one_root(world: TestWorld, database: Database) -> None:
    await world.open_incident()
    await deliver(database)
    made = await asyncio.gather(*(evidence.make_root(database, KEY, 1) for _ in range(4)))
    assert len([root for root in made if root]) == 1


async def test_a_case_is_proved_without_showing_others(
    world: TestWorld, database: Database, tmp_path: Path
) -> None:
    await world.open_incident()
    call, incident = await world.open_incident()
    await deliver(database)
    await evidence.make_root(database, KEY, 1)
    await evidence.write_outside(database, KEY, tmp_path)
    streams = await world.journal.case_streams([f"incident:{incident}"], SYSTEM)
    assert set(streams) == {f"call:{call}", f"incident:{incident}"}
    found = await check(database, tmp_path, streams)
    assert (found.findings, found.uncovered) == ([], 0)
    assert {name.decode() for name in found.heads} == set(streams)


async def test_the_job_makes_and_writes_a_last_root_when_it_is_stopped(
    world: TestWorld, database: Database, tmp_path: Path
) -> None:
    await world.open_incident()
    await deliver(database)
    stopping = asyncio.Event()
    stopping.set()
    await evidence.run_roots(database, KEY, world.clock, tmp_path, stopping)
    assert len(verify.read_roots([str(tmp_path)]).roots) == 1


def test_the_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "roots.key"
    first, second = evidence.load_key(path), evidence.load_key(path)
    assert first.private_bytes_raw() == second.private_bytes_raw()
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("count", range(1, 10))
def test_every_leaf_has_a_path_to_the_top(count: int) -> None:
    leaves = [evidence.Leaf(stream=b"s%d" % i, version=b"1", hash=b"h") for i in range(count)]
    top, paths = evidence.merkle(leaves)
    for leaf, path in zip(leaves, paths, strict=True):
        packed = evidence.pack(leaf.stream, leaf.version, leaf.hash)
        node = hashlib.sha256(b"\0" + packed).digest()
        for at in range(0, len(path), 33):
            side, sibling = path[at : at + 1], path[at + 1 : at + 33]
            pair = sibling + node if side == b"L" else node + sibling
            node = hashlib.sha256(b"\1" + pair).digest()
        assert node == top


@pytest.mark.parametrize("count", [1, 3])
def test_broken_heads_are_no_leaves(count: int) -> None:
    leaves = [evidence.Leaf(stream=b"s%d" % i, version=b"1", hash=b"h") for i in range(count)]
    packed = b"".join(evidence.pack(x.stream, x.version, x.hash) for x in leaves)
    assert evidence.leaves_of(packed) == leaves
    assert evidence.leaves_of(packed[:-1]) == []
