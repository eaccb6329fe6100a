"""The resident record service over https: the double as a process of its own, and its failures."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from factories.doubles import answers, running_double
from factories.world import START_MS, TestWorld, facts
from goldenhour.adapters.postgres.accounts import PostgresAccounts
from goldenhour.adapters.postgres.journal import PostgresJournal
from goldenhour.adapters.postgres.pool import Database
from goldenhour.adapters.postgres.telemetry import PostgresTelemetry
from goldenhour.adapters.postgres.timers import Effects
from goldenhour.adapters.residents import FhirResidents, ResidentsConfig
from goldenhour.app.journal import SYSTEM
from goldenhour.app.portraits import Identifier, NoRecord
from goldenhour.domain import commands as c
from goldenhour.kernel.personal import Clear
from goldenhour.kernel.resident import Resident
from goldenhour.main.clock import SystemClock, entropy
from goldenhour.main.node import LiveWorld, Node
from goldenhour.main.portraits import answer
from goldenhour.main.residents import TOKEN_FILE
from goldenhour.main.settings import Settings
from goldenhour.simulator.residents import (
    HEALTH_CARD,
    ID_NUMBER,
    WARNING,
    Fault,
    Person,
    list_people,
)


class Service:
    """A running double and how to reach it."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.url = f"https://localhost:{port}"
        self.people = list_people(1, 200)
        self.ca = folder / "tls" / "ca.crt"

    @property
    def token(self) -> str:
        return (self.folder / TOKEN_FILE).read_text()

    def client(self, **changes: object) -> FhirResidents:
        given = {"url": self.url, "token": self.token, "ca_file": self.ca} | changes
        return FhirResidents(ResidentsConfig(**given))  # type: ignore[arg-type] # test values

    async def find(self, person: Person, **changes: object) -> Resident | NoRecord:
        async with self.client(**changes) as client:
            return await client.find(by_number(person))


def by_number(person: Person, **changes: str) -> Identifier:
    given = {
        "system": ID_NUMBER,
        "value": person.id_number,
        "birth_day": person.born.isoformat(),
    }
    return Identifier(**(given | changes))


@asynccontextmanager
async def running(folder: Path, fault: Fault = Fault.NONE) -> AsyncIterator[Service]:
    async with running_double(folder, "residents", WARNING, fault=fault) as port:
        await answers(folder, port, "/ready")
        yield Service(folder, port)


async def test_a_resident_is_found_by_number_and_by_card(tmp_path: Path) -> None:
    async with running(tmp_path) as service:
        first = service.people[0]
        found = await service.find(first)
        assert isinstance(found, Resident)
        assert len(found.facts) == len(first.story.entries)
        assert found.words.facts[found.facts[0].id].name == "青霉素"
        async with service.client() as client:
            card = by_number(first, system=HEALTH_CARD, value=first.health_card, birth_day="")
            assert isinstance(await client.find(card), Resident)
            nobody = by_number(first, value="990000190001010010", birth_day="")
            assert await client.find(nobody) == NoRecord(reason="not_found")
        assert await service.find(first, token="wrong") == NoRecord(
            reason="not_allowed", detail="HTTP 401"
        )
        few = await service.find(first, most_bytes=300)
        assert isinstance(few, NoRecord)
        assert few.reason == "too_long"
    gone = await service.find(first)
    assert isinstance(gone, NoRecord)
    assert (gone.reason, gone.again) == ("no_answer", True)


async def test_every_story_is_understood(tmp_path: Path) -> None:
    async with running(tmp_path) as service:
        for person in service.people[:12]:
            found = await service.find(person)
            assert isinstance(found, Resident)
            assert len(found.facts) + found.not_understood == len(person.story.entries)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault.SILENT, NoRecord(reason="no_answer", detail="TimeoutError", again=True)),
        (Fault.CUT, NoRecord(reason="no_answer", detail="RemoteProtocolError", again=True)),
        (Fault.WRONG_PERSON, NoRecord(reason="wrong_person", detail="identifier")),
        (Fault.OTHER_BIRTHDAY, NoRecord(reason="wrong_person", detail="birthDate")),
        (Fault.MIXED, NoRecord(reason="wrong_person")),
        (Fault.DUPLICATE, NoRecord(reason="several_found", detail="2")),
        (Fault.ERROR, NoRecord(reason="service_error", detail="HTTP 503", again=True)),
        (Fault.MALFORMED, NoRecord(reason="not_understood")),
        (Fault.UNAUTHORISED, NoRecord(reason="not_allowed", detail="HTTP 401")),
    ],
)
async def test_every_failure_has_its_reason(tmp_path: Path, fault: Fault, said: NoRecord) -> None:
    async with running(tmp_path, fault) as service:
        patience = {"answer_s": 0.5} if fault is Fault.SILENT else {}
        assert await service.find(service.people[0], **patience) == said


async def test_a_slow_service_is_waited_for(tmp_path: Path) -> None:
    async with running(tmp_path, Fault.SLOW) as service:
        assert isinstance(await service.find(service.people[10]), Resident)


async def test_a_stranger_is_not_told_the_number(tmp_path: Path) -> None:
    """A certificate that nobody here signed: the question is not sent."""
    async with running(tmp_path) as service:
        found = await service.find(service.people[0], ca_file=None)
    assert isinstance(found, NoRecord)
    assert (found.reason, found.again) == ("no_answer", True)


# ---- from the crew's word to the journal


async def asked(database: Database, number: str) -> tuple[Node, str]:
    """A patient at the centre whose identity number the crew has written."""
    clock = SystemClock()
    journal = PostgresJournal(database, clock)
    world = TestWorld(journal=journal)
    await world.list_unit()
    _, incident_id = await world.open_incident()
    mission_id = await world.assign(incident_id)
    patient_id = world.new_id()
    await world.accept(c.RegisterPatient(patient_id=patient_id, mission_id=mission_id))
    await world.accept(
        c.WriteField(
            patient_id=patient_id, write_id="w1", field="id_number", text=Clear(text=number)
        )
    )
    node = Node(
        settings=Settings(state="unused"),
        clock=clock,
        database=database,
        journal=journal,
        accounts=PostgresAccounts(database),
        telemetry=PostgresTelemetry(database),
        world=LiveWorld(journal=journal, facts=facts(), entropy=entropy),
    )
    return node, patient_id


async def told(node: Node, patient_id: str) -> list[str]:
    stream = f"patient:{patient_id}"
    loaded = await node.journal.load([stream], SYSTEM)
    return [
        envelope.kind.removeprefix("patient.") for envelope in loaded[stream].events[-2:]
    ]  # fmt: skip


async def test_a_written_number_becomes_a_portrait(database: Database, tmp_path: Path) -> None:
    async with running(tmp_path) as service, service.client() as client:
        person = service.people[0]
        node, patient_id = await asked(database, person.id_number)
        effects = Effects(database)
        effect = await effects.claim("portrait", START_MS * 2, 1_000)
        assert effect is not None
        await answer(node, effects, effect, client)
        assert await effects.claim("portrait", START_MS * 2, 1_000) is None
    assert await told(node, patient_id) == ["portrait_asked.v1", "portrait_taken.v1"]
    loaded = await node.journal.load([f"patient:{patient_id}"], SYSTEM)
    bodies = b"".join(envelope.body for envelope in loaded[f"patient:{patient_id}"].events)
    for secret in (person.id_number, person.name, "青霉素", "安澜市人民医院"):
        assert secret.encode() not in bodies
    async with database.system() as connection:
        cursor = await connection.execute("select action, subject, outcome from access_log")
        assert await cursor.fetchall() == [("portrait:emergency", f"patient:{patient_id}", "found")]


@pytest.mark.parametrize(
    ("number", "reason"),
    [("11010519491231002X", "no_service"), ("110105194912310021", "id_check_digit")],
)
async def test_what_cannot_be_asked_is_said_at_once(
    database: Database, number: str, reason: str
) -> None:
    node, patient_id = await asked(database, number)
    effects = Effects(database)
    effect = await effects.claim("portrait", START_MS * 2, 1_000)
    assert effect is not None
    await answer(node, effects, effect, None)
    assert await told(node, patient_id) == ["portrait_asked.v1", "portrait_failed.v1"]
    loaded = await node.journal.load([f"patient:{patient_id}"], SYSTEM)
    said = msgspec.json.decode(loaded[f"patient:{patient_id}"].events[-1].body)
    assert (said["reason"], said["again"]) == (reason, False)


class Away:
    """A service that does not answer."""

    async def find(self, identifier: Identifier) -> Resident | NoRecord:
        assert identifier.birth_day == "1949-12-31"
        return NoRecord(reason="no_answer", detail="TimeoutError", again=True)


async def test_a_service_that_is_away_is_asked_again_and_given_up(database: Database) -> None:
    node, patient_id = await asked(database, "11010519491231002X")
    effects = Effects(database)
    attempts = 0
    while effect := await effects.claim("portrait", START_MS * 2, 1_000):
        attempts += 1
        await answer(node, effects, effect, Away())
    assert attempts == 4
    stream = f"patient:{patient_id}"
    loaded = await node.journal.load([stream], SYSTEM)
    failed = [
        msgspec.json.decode(envelope.body)["again"]
        for envelope in loaded[stream].events
        if "portrait_failed" in envelope.kind
    ]
    assert failed == [True, False]
