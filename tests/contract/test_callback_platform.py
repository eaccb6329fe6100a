"""The platform that joins two telephones: our client against its double, and the worker's part.

The double is the project's own. No stranger's platform is at hand: the interface is ours, and an
operator's is adapted to it (docs/interfaces/callback.md).
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from factories.doubles import answers, running_double
from factories.world import TestWorld, facts
from goldenhour.adapters.postgres.accounts import PostgresAccounts
from goldenhour.adapters.postgres.journal import PostgresJournal
from goldenhour.adapters.postgres.pool import Database
from goldenhour.adapters.postgres.telemetry import PostgresTelemetry
from goldenhour.adapters.postgres.timers import Effects
from goldenhour.adapters.telephone import HttpCallPlatform, PlatformConfig
from goldenhour.app.accounts import Device
from goldenhour.app.journal import SYSTEM
from goldenhour.domain import commands as c
from goldenhour.domain.dispatch.events import Milestone
from goldenhour.main.callback_platform import TOKEN_FILE
from goldenhour.main.callbacks import answer
from goldenhour.main.clock import SystemClock, entropy
from goldenhour.main.node import LiveWorld, Node
from goldenhour.main.settings import Settings
from goldenhour.simulator.callback_platform import WARNING, Fault


class Service:
    def __init__(self, folder: Path, port: int) -> None:
        self._folder = folder
        self._url = f"https://localhost:{port}"

    def client(self, **changes: object) -> HttpCallPlatform:
        given = {
            "url": self._url,
            "token": (self._folder / TOKEN_FILE).read_text(encoding="utf-8"),
            "ca_file": self._folder / "tls" / "ca.crt",
            "poll_s": 0.05,
        } | changes
        return HttpCallPlatform(PlatformConfig(**given))  # type: ignore[arg-type] # test values

    async def join(self, **changes: object) -> str:
        async with self.client(**changes) as client:
            return await client.join("k1", "13800000001", "13900005678")


@asynccontextmanager
async def running(folder: Path, fault: Fault = Fault.NONE) -> AsyncIterator[Service]:
    async with running_double(folder, "callbacks", WARNING, fault=fault) as port:
        await answers(folder, port, "/callbacks/none")
        yield Service(folder, port)


@pytest.mark.parametrize(
    ("fault", "word"),
    [
        (Fault.NONE, "connected"),
        (Fault.SLOW, "connected"),
        (Fault.LOST_ANSWER, "connected"),
        (Fault.CREW_NO_ANSWER, "crew_no_answer"),
        (Fault.CALLER_NO_ANSWER, "caller_no_answer"),
        (Fault.CALLER_BUSY, "caller_busy"),
        (Fault.ERROR, "service_error"),
        (Fault.UNAUTHORISED, "service_error"),
    ],
)
async def test_every_end_has_its_word(tmp_path: Path, fault: Fault, word: str) -> None:
    async with running(tmp_path, fault) as service:
        assert await service.join() == word


@pytest.mark.parametrize("fault", [Fault.SILENT, Fault.MALFORMED])
async def test_a_platform_that_makes_no_sense_is_given_up(tmp_path: Path, fault: Fault) -> None:
    async with running(tmp_path, fault) as service:
        assert await service.join(answer_s=0.3, ring_s=1.0) == "service_error"


async def test_the_same_order_rings_once_and_can_be_looked_at(tmp_path: Path) -> None:
    async with running(tmp_path) as service, service.client() as client:
        assert await client.look("k1") is None
        both = asyncio.gather(
            client.join("k1", "13800000001", "13900005678"),
            client.join("k1", "13800000001", "13900005678"),
        )
        assert await both == ["connected", "connected"]
        assert await client.look("k1") == "connected"


async def test_a_stranger_is_not_told_the_numbers(tmp_path: Path) -> None:
    """A certificate that nobody here signed: the order is not sent."""
    async with running(tmp_path) as service:
        assert await service.join(ca_file=None) == "service_error"
        async with service.client() as client:
            assert await client.look("k1") is None


# ---- from the crew's word to the journal


async def asked(database: Database) -> tuple[Node, str]:
    """A run whose crew wants to speak to the caller."""
    clock = SystemClock()
    journal = PostgresJournal(database, clock)
    world = TestWorld(journal=journal)
    world.clock.at_ms = clock.now_ms()
    await world.list_unit()
    _, incident_id = await world.open_incident()
    mission_id = await world.assign(incident_id)
    await world.reach(mission_id, Milestone.ACKNOWLEDGED)
    world.clock.at_ms = clock.now_ms()
    await world.accept(c.AskCallback(mission_id=mission_id, callback_id="k1"), role="crew")
    node = Node(
        settings=Settings(state="unused"),
        clock=clock,
        database=database,
        journal=journal,
        accounts=PostgresAccounts(database),
        telemetry=PostgresTelemetry(database),
        world=LiveWorld(journal=journal, facts=facts(), entropy=entropy),
    )
    return node, mission_id


async def outcome_of(node: Node, mission_id: str) -> tuple[str, bytes]:
    stream = f"mission:{mission_id}"
    events = (await node.journal.load([stream], SYSTEM))[stream].events
    return events[-1].kind, b"".join(event.body for event in events)


async def test_two_telephones_are_joined_and_no_event_holds_a_number(
    database: Database, tmp_path: Path
) -> None:
    node, mission_id = await asked(database)
    phone = Device(id="13800000001", kind="phone", unit_id="A-01", key="", enabled=True)
    await node.accounts.put_device(phone)
    effects, later_ms = Effects(database), node.clock.now_ms() + 60_000
    effect = await effects.claim("callback", later_ms, 1_000)
    assert effect is not None
    async with running(tmp_path) as service, service.client() as client:
        await answer(node, effects, effect, client)
    assert await effects.claim("callback", later_ms + 9_000, 1_000) is None
    kind, bodies = await outcome_of(node, mission_id)
    assert kind == "mission.callback_answered.v1"
    assert b'"connected"' in bodies
    assert b"13900001111" not in bodies
    assert b"13800000001" not in bodies
    async with database.system() as connection:
        cursor = await connection.execute("select action, subject, outcome from access_log")
        assert await cursor.fetchall() == [("callback", f"mission:{mission_id}", "connected")]


async def test_without_a_telephone_or_a_platform_the_crew_is_told_so(database: Database) -> None:
    node, mission_id = await asked(database)
    effects = Effects(database)
    effect = await effects.claim("callback", node.clock.now_ms() + 60_000, 1_000)
    assert effect is not None
    await answer(node, effects, effect, None)
    kind, bodies = await outcome_of(node, mission_id)
    assert (kind, b'"no_service"' in bodies) == ("mission.callback_answered.v1", True)
