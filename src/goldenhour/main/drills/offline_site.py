"""The centre of the offline drill: the product's own api and worker, with vehicles on runs."""

import asyncio
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random  # noqa: TID251 (a drill makes its dice from its seed)
from typing import Any, Final

import psycopg

from goldenhour.adapters.postgres.embedded import OWNER, EmbeddedServer
from goldenhour.app.access import Organisation
from goldenhour.app.devices import Registered, register
from goldenhour.app.handle import handle
from goldenhour.app.journal import SYSTEM, Envelope, Outcome
from goldenhour.domain import commands as c
from goldenhour.kernel.chain import GENESIS, link
from goldenhour.kernel.ids import uuid7
from goldenhour.kernel.record import Record
from goldenhour.kernel.recorded import Stamp
from goldenhour.main.clock import SystemClock, entropy
from goldenhour.main.drills import lab
from goldenhour.main.node import Node, open_node
from goldenhour.main.settings import Settings, World
from goldenhour.main.tls import certificate_of
from goldenhour.simulator import cases

_STARTS_S: Final = 120.0
_POLL_S: Final = 0.1
_NOT_LINKED: Final = ("kind", "previous_hash", "hash")
"""The kind is part of the body."""


class Enrolled(Record):
    """A vehicle that the centre knows and has sent on a run."""

    unit_id: str
    mission_id: str
    key: str


class Site:
    def __init__(
        self, settings: Settings, ca: Path, enrolled: list[Enrolled], conninfo: str
    ) -> None:
        self.folder = settings.state_dir
        self.port = settings.https_port
        self.ca = ca
        self.enrolled = enrolled
        self._conninfo = conninfo

    async def ask(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        async with await psycopg.AsyncConnection.connect(self._conninfo) as connection:
            return await (await connection.execute(query.encode(), values)).fetchall()

    async def count_broken_chains(self) -> int:
        """Streams of which an event does not continue the one before by its hash."""
        names = Envelope.__struct_fields__
        heads: dict[str, tuple[int, bytes]] = {}
        broken = set()
        rows = await self.ask(f"select {', '.join(names)} from event order by stream, version")  # noqa: S608 (names of our own record)
        for row in rows:
            event = Envelope(**dict(zip(names, row, strict=True)))
            version, previous = heads.get(event.stream, (0, GENESIS))
            linked = {name: getattr(event, name) for name in names if name not in _NOT_LINKED}
            if (event.version, event.hash) != (version + 1, link(previous, **linked)):
                broken.add(event.stream)
            heads[event.stream] = (event.version, event.hash)
        return len(broken)


@asynccontextmanager
async def opened(
    running: EmbeddedServer, folder: Path, vehicles: int, seed: int
) -> AsyncIterator[Site]:
    conninfo = running.conninfo(OWNER, lab.DATABASE)
    settings = Settings(
        state=str(folder / "centre"),
        database_url=conninfo,
        host="127.0.0.1",
        https_port=_free_port(),
        world=World.SIMULATION,
    )
    settings.state_dir.mkdir()
    certificate = certificate_of(settings)
    async with open_node(settings, pool=2) as node:
        enrolled = await _enrol(node, vehicles, Random(seed))  # noqa: S311 (a drill must be repeatable)
    children = [await _start(settings, process) for process in ("worker", "api")]
    try:
        await _wait_open(settings.https_port, children)
        yield Site(settings, certificate.ca, enrolled, conninfo)
    finally:
        for child in children:
            if child.returncode is None:
                child.send_signal(signal.SIGKILL)
                await child.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _start(settings: Settings, process: str) -> asyncio.subprocess.Process:
    with (settings.state_dir / "errors").open("ab") as errors:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "goldenhour.main.cli", "serve", process),
            env={
                "GOLDENHOUR_STATE": settings.state,
                "GOLDENHOUR_DATABASE_URL": settings.database_url or "",
                "GOLDENHOUR_WORLD": settings.world,
                "GOLDENHOUR_HOST": settings.host,
                "GOLDENHOUR_HTTPS_PORT": str(settings.https_port),
            },
            stdin=asyncio.subprocess.DEVNULL,
            stdout=errors,
            stderr=errors,
            start_new_session=True,
        )


async def _wait_open(port: int, children: list[asyncio.subprocess.Process]) -> None:
    async with asyncio.timeout(_STARTS_S):
        while True:
            if any(child.returncode is not None for child in children):
                raise RuntimeError("a process of the centre ended at its start")
            try:
                _reader, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(_POLL_S)
                continue
            writer.transport.abort()
            return


async def _enrol(node: Node, vehicles: int, dice: Random) -> list[Enrolled]:
    clock, count = SystemClock(), 0

    async def accept(step: cases.Step) -> None:
        nonlocal count
        count += 1
        stamp: Stamp = step.stamp("drill", count, clock.now_ms())
        outcome = await handle(step.command, stamp, SYSTEM, node.world)
        if not isinstance(outcome, Outcome):
            raise RuntimeError(f"{step.command!r} was refused: {outcome.code}")  # noqa: TRY004 (not a type)

    def organisation(ident: str, parent: str, kind: str) -> Organisation:
        return Organisation(id=ident, parent=parent, kind=kind, name=ident, name_en=ident)

    for row in (
        organisation("city", "", "city"),
        organisation("centre", "city", "centre"),
        organisation("station:s1", "centre", "station"),
    ):
        await node.accounts.put_organisation(row)
    enrolled = []
    for number in range(1, vehicles + 1):
        unit_id = f"V{number:02d}"
        await node.accounts.put_organisation(organisation(f"unit:{unit_id}", "station:s1", "unit"))
        for step in cases.list_unit(unit_id):
            await accept(step)
        _, incident_id, calling = cases.call_to_dispatchable(
            dice, lambda: uuid7(clock.now_ms(), entropy)
        )
        for step in calling:
            await accept(step)
        mission_id = uuid7(clock.now_ms(), entropy)
        await accept(
            cases.dispatcher(
                0, c.Assign(mission_id=mission_id, incident_id=incident_id, unit_id=unit_id)
            )
        )
        made = await register(
            node.accounts,
            entropy,
            kind="edge",
            unit_id=unit_id,
            call_sign=unit_id,
            device_id="",
        )
        assert isinstance(made, Registered)
        assert made.vehicle is not None
        enrolled.append(Enrolled(unit_id=unit_id, mission_id=mission_id, key=made.vehicle.key))
    return enrolled
