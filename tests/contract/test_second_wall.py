"""Row-level security alone: raw SQL as the role of people's requests, no application around it."""

from typing import Any

import psycopg
import pytest
from psycopg.errors import ForeignKeyViolation, InsufficientPrivilege

from factories.world import START_MS, FakeClock, TestWorld
from goldenhour.adapters.postgres import migrate as migrate_module
from goldenhour.adapters.postgres.embedded import EmbeddedServer
from goldenhour.adapters.postgres.journal import PostgresJournal
from goldenhour.adapters.postgres.migrate import migrate
from goldenhour.adapters.postgres.pool import Database
from goldenhour.app.journal import Identity
from goldenhour.domain import commands as c
from goldenhour.domain.dispatch.events import Milestone, Source
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.personal import Clear

ALL = ("call", "incident", "mission", "patient", "handover", "alert", "unit", "hospital")
COUNTY = Identity(orgs=("county",), topics=ALL)
CENTRE = Identity(orgs=("centre",), topics=ALL)
CREW = Identity(orgs=("unit:A-01",), topics=ALL)
HOSPITAL = Identity(orgs=("hospital:h1",), topics=("incident", "mission", "patient", "handover"))

EVENT = (
    "insert into event (stream, version, topic, kind, body, actor, seat, role, org, owner,"
    " installation, sequence, part, fingerprint, occurred_ms, received_ms, origin, previous_hash,"
    " hash) values (%(stream)s, %(version)s, split_part(%(stream)s, ':', 1), 'x.v1', '', 'a', '',"
    " 'r', 'county', %(owner)s, 'raw', 1, 0, '', 1, 1, '', '', '')"
)
HEAD = (
    "insert into stream_head (stream, topic, owner, version, hash, is_open, begun_ms, changed_ms,"
    " case_stream) values (%(stream)s, split_part(%(stream)s, ':', 1), %(owner)s, 1, '', true, 1,"
    " 1, %(case)s)"
)
GRANT = "insert into access_grant (org, stream, until_ms) values (%(org)s, %(stream)s, null)"
PERSONAL = (
    "insert into personal (row_id, stream, topic, owner, salt, content, written_ms)"
    " values ('p', %(stream)s, 'incident', %(owner)s, 's', 'c', 1)"
)


class Wall:
    """A case of the centre, and whoever tries their hand at it."""

    def __init__(self, database: Database) -> None:
        clock = FakeClock()
        self.database = database
        self.world = TestWorld(journal=PostgresJournal(database, clock), clock=clock)
        self.incident = self.mission = ""

    async def prepare(self) -> None:
        await self.world.list_unit()
        await self.world.list_hospital()
        _, incident_id = await self.world.open_incident()
        mission_id = await self.world.assign(incident_id)
        self.incident, self.mission = f"incident:{incident_id}", f"mission:{mission_id}"

    async def run(
        self, identity: Identity, *statements: str, now_ms: int = START_MS, **values: Any
    ) -> list[int]:
        """The rows that each statement touched, in one transaction."""
        given = {"owner": "centre", "version": 99, "case": "", "org": identity.orgs[0]} | values
        counts = []
        async with self.database.transaction(identity, now_ms) as connection:
            for statement in statements:
                cursor = await connection.execute(statement.encode(), given)
                counts.append(cursor.rowcount)
        return counts


@pytest.fixture
async def wall(database: Database) -> Wall:
    made = Wall(database)
    await made.prepare()
    return made


@pytest.mark.parametrize("table", ["event", "stream_head", "personal", "access_grant", "claim"])
async def test_a_foreign_organisation_reads_nothing(wall: Wall, table: str) -> None:
    query = f"select 1 from {table}"  # noqa: S608 (the names above)
    assert await wall.run(COUNTY, query) == [0]
    assert (await wall.run(CENTRE, query))[0] > 0


FORBIDDEN: dict[str, tuple[str, ...]] = {
    "an event": (EVENT,),
    "an event behind a grant to itself": (GRANT, EVENT),
    "a head": (HEAD.replace("%(stream)s,", "'mission:new',"),),
    "a grant to itself": (GRANT,),
    "a personal row": (PERSONAL,),
    "a claim": ("insert into claim values ('unit', 'A-09', %(stream)s)",),
}


@pytest.mark.parametrize("attempt", FORBIDDEN)
async def test_a_foreign_organisation_writes_nothing(wall: Wall, attempt: str) -> None:
    with pytest.raises(InsufficientPrivilege):
        await wall.run(COUNTY, *FORBIDDEN[attempt], stream=wall.incident, case=wall.incident)


@pytest.mark.parametrize(
    "statement",
    [
        "update stream_head set version = 99 where stream = %(stream)s",
        "update access_grant set until_ms = 0 where stream = %(stream)s",
        "delete from claim where stream like 'mission:%%'",
    ],
)
async def test_a_foreign_organisation_moves_nothing(wall: Wall, statement: str) -> None:
    assert await wall.run(COUNTY, statement, stream=wall.incident) == [0]


async def test_a_stream_that_does_not_exist_yet_cannot_be_granted_ahead(wall: Wall) -> None:
    with pytest.raises(ForeignKeyViolation):
        await wall.run(COUNTY, GRANT, stream="mission:to-come")


async def test_nobody_plants_a_stream_in_anothers_name_by_granting_it_to_itself(
    wall: Wall,
) -> None:
    with pytest.raises(InsufficientPrivilege):
        await wall.run(COUNTY, GRANT, HEAD, stream="mission:planted", case=wall.incident)


async def test_a_crew_begins_a_stream_in_its_own_case_only(wall: Wall) -> None:
    planted = {"stream": "patient:p1", "version": 1}
    await wall.run(CREW, GRANT, HEAD, EVENT, case=wall.incident, **planted)
    for case, owner in (("", "centre"), (wall.incident, "county")):
        other = planted | {"stream": f"patient:{owner}", "owner": owner}
        with pytest.raises(InsufficientPrivilege):
            await wall.run(CREW, GRANT, HEAD, case=case, **other)


async def test_a_hospital_neither_extends_an_ended_grant_nor_reads_by_it(wall: Wall) -> None:
    await wall.world.prealert(wall.mission.partition(":")[2])
    read = "select 1 from stream_head where stream = %(stream)s"
    assert await wall.run(HOSPITAL, read, stream=wall.mission) == [1]
    end = "update access_grant set until_ms = 1 where org = 'hospital:h1'"
    assert (await wall.run(CENTRE, end))[0] == 4
    assert await wall.run(HOSPITAL, read, stream=wall.mission) == [0]
    extend = "update access_grant set until_ms = null where stream = %(stream)s"
    assert await wall.run(HOSPITAL, extend, stream=wall.mission) == [0]


async def test_two_patients_at_one_hospital_give_it_the_case_until_the_last_is_gone(
    wall: Wall,
) -> None:
    run = wall.mission.partition(":")[2]
    (_, first), (patient, second) = [await wall.world.prealert(run) for _ in range(2)]
    read = "select 1 from stream_head where stream = any (%(streams)s)"
    await wall.world.accept(c.DeclinePreAlert(handover_id=first, reason="no bed"))
    later_ms = START_MS + 5_000
    shared = [wall.incident, wall.mission]
    still = [*shared, f"patient:{patient}", f"handover:{second}"]
    assert await wall.run(HOSPITAL, read, now_ms=later_ms, streams=still) == [4]
    assert await wall.run(HOSPITAL, read, now_ms=later_ms, streams=[f"handover:{first}"]) == [0]
    await wall.world.accept(c.WithdrawPreAlert(handover_id=second, reason="full too"))
    assert await wall.run(HOSPITAL, read, now_ms=later_ms, streams=still) == [0]


@pytest.mark.parametrize(
    "statement",
    [
        "update stream_head set owner = 'county'",
        "update access_grant set org = 'county'",
        "update event set body = ''",
        "delete from event",
        "delete from access_grant",
        "select * from outbox",
        "select body from effect",
        "update effect set done_ms = 1",
        *(
            f"select 1 from {table}"  # noqa: S608 (the names below)
            for table in ("feed", "quarantine", "root", "fix", "vital", "painted", "person")
        ),
        *(
            f"select 1 from {table}"  # noqa: S608 (the names below)
            for table in ("session", "device", "organisation", "access_log", "edge_progress")
        ),
    ],
)
async def test_requests_have_no_right_that_the_append_does_not_need(
    wall: Wall, statement: str
) -> None:
    with pytest.raises(InsufficientPrivilege):
        await wall.run(CENTRE, statement)


async def test_a_write_that_the_second_wall_stops_is_refused_not_a_fault(wall: Wall) -> None:
    deaf = Identity(orgs=("county",), topics=("incident",))
    ring = c.Ring(call_id=wall.world.new_id(), number=Clear(text="139"), line="typed")
    assert await wall.world.send(ring, deaf, org="county") == Refused(code="exists")


async def test_the_wall_stands_where_the_owner_of_the_schema_is_no_superuser(
    server: EmbeddedServer,
) -> None:
    with psycopg.connect(server.conninfo("postgres", "postgres"), autocommit=True) as admin:
        admin.execute("create role plain_owner login createrole")
        admin.execute("create database plainly_owned owner plain_owner")
    assert migrate(server.conninfo("plain_owner", "plainly_owned"))
    database = Database(server.conninfo("postgres", "plainly_owned"))
    await database.open()
    try:
        wall = Wall(database)
        await wall.prepare()
        reach = c.Reach(
            mission_id=wall.mission.partition(":")[2],
            milestone=Milestone.ACKNOWLEDGED,
            source=Source.CREW,
        )
        await wall.world.accept(reach, CREW)
        assert await wall.run(COUNTY, "select 1 from stream_head") == [0]
        with pytest.raises(InsufficientPrivilege):
            await wall.run(COUNTY, GRANT, stream=wall.mission)
    finally:
        await database.close()


async def test_rights_from_before_causes_were_kept_stay_and_end_as_they_did(
    server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The migration gives an old right of a hospital the hand-over that it came from."""
    with psycopg.connect(server.conninfo("postgres", "postgres"), autocommit=True) as admin:
        admin.execute("create database before_causes")
    owner = server.conninfo("postgres", "before_causes")
    files = migrate_module._list_files()
    older = [path for path in files if path.name < "0006"]
    monkeypatch.setattr(migrate_module, "_list_files", lambda: older)
    migrate(owner)
    streams = (
        "incident:i",
        "mission:m",
        "patient:p",
        "handover:old",
        "handover:new",
        "hospital:h1",
    )
    with psycopg.connect(owner) as connection:
        for stream in streams:
            case = "" if stream.startswith("hospital") else "incident:i"
            connection.execute(
                "insert into stream_head values (%s, %s, 'centre', 1, '', true, 1, 1, %s)",
                (stream, stream.partition(":")[0], case),
            )
            until = 5 if stream == "handover:old" else None
            grant = (
                "insert into access_grant (org, stream, until_ms) values ('hospital:h1', %s, %s)"
            )
            connection.execute(grant, (stream, until))
    monkeypatch.setattr(migrate_module, "_list_files", lambda: files)
    migrate(owner)
    with psycopg.connect(owner) as connection:
        rows = connection.execute("select stream, cause, until_ms from access_grant").fetchall()
    shared = {(s, f"handover:{h}", u) for s in streams[:3] for h, u in (("old", 5), ("new", None))}
    assert set(rows) == shared | {
        ("handover:old", "handover:old", 5),
        ("handover:new", "handover:new", None),
        ("hospital:h1", "", None),
    }
