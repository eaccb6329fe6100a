"""Row-level security alone: raw SQL as the role of people's requests, no application around it."""

import base64
import json
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
from goldenhour.app.access import TOPICS, Role
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

GENESIS = base64.b64encode(bytes(32)).decode()
GRANT = "insert into access_grant (org, stream, until_ms) values (%(org)s, %(stream)s, null)"


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
        given = {"org": identity.orgs[0]} | values
        counts = []
        async with self.database.transaction(identity, now_ms) as connection:
            for statement in statements:
                cursor = await connection.execute(statement.encode(), given)
                counts.append(cursor.rowcount)
        return counts

    async def append(self, identity: Identity, stream: dict[str, Any], **more: Any) -> None:
        """Call the journal's one function with a document of one's own making."""
        given = {"owner": "centre", "before": 0, "previous": GENESIS, "case_stream": ""} | stream
        event = {"version": given["before"] + 1, "kind": "x.v1", "part": 0, "sequence": 1}
        event |= dict.fromkeys(("body", "actor", "seat", "role", "origin"), "")
        event |= {"org": identity.orgs[0], "installation": f"raw {stream}", "hash": GENESIS}
        event |= {"occurred_ms": 1, "received_ms": 1, "previous_hash": given["previous"]}
        given |= {"version": event["version"], "hash": GENESIS, "is_open": True}
        document = {"orgs": ",".join(identity.orgs), "topics": ",".join(identity.topics)}
        document |= {
            "now_ms": START_MS,
            "again": True,
            "fingerprint": "",
            "streams": [given | {"events": [event]}],
        } | more
        async with self.database.transaction(identity, START_MS) as connection:
            await connection.execute("select append(%s::jsonb)", (json.dumps(document),))

    async def standing(self, stream: str) -> dict[str, Any]:
        """Where a stream stands, as its next append must know it."""
        async with self.database.system() as connection:
            cursor = await connection.execute(
                "select version, hash from stream_head where stream = %s", (stream,)
            )
            version, digest = await cursor.fetchone() or (0, bytes(32))
        previous = base64.b64encode(digest).decode()
        return {"stream": stream, "before": version, "previous": previous}

    async def timer(self, key: str) -> tuple[str, int] | None:
        async with self.database.system() as connection:
            cursor = await connection.execute(
                "select stream, due_ms from timer where key = %s", (key,)
            )
            return await cursor.fetchone()


@pytest.fixture
async def wall(database: Database) -> Wall:
    made = Wall(database)
    await made.prepare()
    return made


@pytest.mark.parametrize("table", ["event", "stream_head", "personal", "access_grant"])
async def test_a_foreign_organisation_reads_nothing(wall: Wall, table: str) -> None:
    query = f"select 1 from {table}"  # noqa: S608 (the names above)
    assert await wall.run(COUNTY, query) == [0]
    assert (await wall.run(CENTRE, query))[0] > 0


@pytest.mark.parametrize(
    "statement",
    [
        "insert into event (stream) values ('incident:raw')",
        "insert into stream_head (stream) values ('incident:raw')",
        GRANT,
        "insert into personal (row_id) values ('p')",
        "insert into claim values ('unit', 'A-09', %(stream)s)",
        "insert into timer values ('t', 1, '', 0, '')",
        "insert into effect (key) values ('e')",
        "insert into outbox values (1, %(stream)s)",
        "update stream_head set version = 99 where stream = %(stream)s",
        "update access_grant set until_ms = 0 where stream = %(stream)s",
        "delete from claim",
        "delete from timer",
    ],
)
@pytest.mark.parametrize("identity", [COUNTY, CENTRE])
async def test_nobody_writes_around_the_append(
    wall: Wall, identity: Identity, statement: str
) -> None:
    with pytest.raises(InsufficientPrivilege):
        await wall.run(identity, statement, stream=wall.incident)


async def test_the_system_too_writes_events_by_the_append_alone(wall: Wall) -> None:
    for statement in ("insert into event (stream) values ('x')", "delete from claim"):
        with pytest.raises(InsufficientPrivilege):
            async with wall.database.system() as connection:
                await connection.execute(statement.encode())


async def test_the_owner_appends_where_the_stream_stands_and_nowhere_else(wall: Wall) -> None:
    standing = await wall.standing(wall.incident)
    for stale in ({"before": standing["before"] - 1}, {"previous": GENESIS}):
        with pytest.raises(psycopg.Error, match="has moved on"):
            await wall.append(CENTRE, standing | stale)
    await wall.append(CENTRE, standing)


async def test_a_foreign_organisation_appends_nothing(wall: Wall) -> None:
    standing = await wall.standing(wall.incident)
    share = {"org": "county", "streams": [wall.incident], "cause": "x", "until_ms": None}
    for more in ({}, {"grants": [share]}):
        with pytest.raises(InsufficientPrivilege):
            await wall.append(COUNTY, standing, **more)
    limit = {"org": "centre", "case_stream": wall.incident, "until_ms": 1}
    for more in ({"grants": [share]}, {"limits": [limit]}):
        with pytest.raises(InsufficientPrivilege):
            await wall.append(COUNTY, {"stream": "incident:own", "owner": "county"}, **more)


async def test_a_purpose_that_does_not_cover_a_topic_appends_nothing_there(wall: Wall) -> None:
    deaf = Identity(orgs=("centre",), topics=("incident",))
    with pytest.raises(InsufficientPrivilege):
        await wall.append(deaf, await wall.standing(wall.mission))


async def test_a_foreign_organisation_neither_silences_nor_replaces_a_timer(wall: Wall) -> None:
    key = f"acknowledge:{wall.mission.partition(':')[2]}"
    before = await wall.timer(key)
    assert before is not None
    assert before[0] == wall.mission
    own = {"stream": "incident:own", "owner": "county"}
    await wall.append(COUNTY, own | {"cancelled": [key]})
    own |= {"stream": "incident:next", "timers": [{"key": key, "due_ms": 9, "command": {}}]}
    await wall.append(COUNTY, own)
    assert await wall.timer(key) == before
    mine = await wall.standing(wall.incident)
    await wall.append(CENTRE, mine | {"cancelled": [key]})
    assert await wall.timer(key) is None


async def test_a_stream_that_does_not_exist_yet_cannot_be_granted_ahead(wall: Wall) -> None:
    ahead = {"org": "county", "streams": ["mission:to-come"], "cause": "x", "until_ms": None}
    own = {"stream": "incident:own", "owner": "county"}
    with pytest.raises(ForeignKeyViolation):
        await wall.append(COUNTY, own, grants=[ahead])


async def test_nobody_plants_a_stream_in_anothers_name_by_granting_it_to_itself(
    wall: Wall,
) -> None:
    planted = {"stream": "mission:planted", "case_stream": wall.incident}
    share = {"org": "county", "streams": ["mission:planted"], "cause": "x", "until_ms": None}
    with pytest.raises(InsufficientPrivilege):
        await wall.append(COUNTY, planted, grants=[share])


async def test_a_crew_begins_a_stream_in_its_own_case_only(wall: Wall) -> None:
    def begun(stream: str, **more: str) -> tuple[dict[str, Any], dict[str, Any]]:
        share = {"org": "unit:A-01", "streams": [stream], "cause": "x", "until_ms": None}
        return {"stream": stream, "case_stream": wall.incident} | more, share

    stream, share = begun("patient:p1")
    await wall.append(CREW, stream, grants=[share])
    for other in ({"case_stream": ""}, {"owner": "county"}):
        stream, share = begun("patient:p2", **other)
        with pytest.raises(InsufficientPrivilege):
            await wall.append(CREW, stream, grants=[share])


async def test_a_crew_reads_its_own_units_alert_and_no_other(wall: Wall) -> None:
    def raised(ident: str, subject: str) -> c.RaiseAlert:
        return c.RaiseAlert(
            alert_id=ident,
            code="sos",
            priority=1,
            subject=subject,
            incident_id="",
            owner="all",
            details={},
        )

    await wall.world.list_unit("A-02")
    for ident, subject in (("own", "unit:A-01"), ("other", "unit:A-02"), ("run", wall.mission)):
        await wall.world.accept(raised(ident, subject), role="system")
    crew = Identity(orgs=CREW.orgs, topics=TOPICS[Role.CREW])
    read = "select 1 from stream_head where stream = %(stream)s"
    assert await wall.run(crew, read, stream="alert:own") == [1]
    assert await wall.run(crew, read, stream="alert:other") == [0]
    assert await wall.run(crew, read, stream="alert:run") == [0]


async def test_a_hospital_neither_extends_an_ended_grant_nor_reads_by_it(wall: Wall) -> None:
    _patient, handover = await wall.world.prealert(wall.mission.partition(":")[2])
    read = "select 1 from stream_head where stream = %(stream)s"
    assert await wall.run(HOSPITAL, read, stream=wall.mission) == [1]
    shared = {"org": "hospital:h1", "streams": [wall.mission], "cause": f"handover:{handover}"}
    ended = shared | {"until_ms": 1}
    await wall.append(CENTRE, await wall.standing(wall.incident), grants=[ended])
    assert await wall.run(HOSPITAL, read, stream=wall.mission) == [0]
    extended = shared | {"until_ms": None}
    with pytest.raises(InsufficientPrivilege):
        await wall.append(HOSPITAL, await wall.standing(wall.incident), grants=[extended])


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
        "select * from claim",
        "select * from timer",
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
    older = [path for path in files if path.name < "0004"]
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


def whole(wall: Wall, org: str, until_ms: int | None = None) -> dict[str, Any]:
    return {
        "org": org,
        "streams": [wall.incident],
        "cause": wall.incident,
        "until_ms": until_ms,
        "whole": True,
    }


async def read_by(wall: Wall, identity: Identity, now_ms: int = START_MS) -> set[str]:
    async with wall.database.transaction(identity, now_ms) as connection:
        cursor = await connection.execute("select distinct stream from event")
        return {str(row[0]) for row in await cursor.fetchall()}


async def test_a_case_that_is_shared_whole_is_read_with_what_begins_in_it_later(
    wall: Wall,
) -> None:
    plain = {"org": "hospital:h1", "streams": [wall.incident], "cause": "x", "until_ms": None}
    standing = await wall.standing(wall.incident)
    await wall.append(CENTRE, standing, grants=[whole(wall, "county"), plain])
    assert {wall.incident, wall.mission} <= await read_by(wall, COUNTY)
    later = {"stream": "mission:later", "case_stream": wall.incident}
    await wall.append(CENTRE, later)
    assert "mission:later" in await read_by(wall, COUNTY)
    assert await read_by(wall, HOSPITAL) == {wall.incident}, "what was given alone stays alone"
    # Its reader may begin what the case needs, and shares it as it was shared.
    await wall.append(COUNTY, {"stream": "mission:own", "case_stream": wall.incident})
    assert "mission:own" in await read_by(wall, CENTRE)
    elsewhere = {"stream": "mission:elsewhere", "case_stream": "incident:elsewhere"}
    with pytest.raises(InsufficientPrivilege):
        await wall.append(COUNTY, elsewhere)


async def test_the_right_to_a_whole_case_ends_whole(wall: Wall) -> None:
    await wall.append(CENTRE, await wall.standing(wall.incident), grants=[whole(wall, "county")])
    ended = whole(wall, "county", START_MS + 5)
    await wall.append(CENTRE, await wall.standing(wall.incident), grants=[ended])
    await wall.append(CENTRE, {"stream": "mission:later", "case_stream": wall.incident})
    assert await read_by(wall, COUNTY, START_MS + 4) != set()
    assert await read_by(wall, COUNTY, START_MS + 6) == set()


async def test_a_guest_gives_itself_no_more_of_a_case_than_it_has(wall: Wall) -> None:
    plain = {"org": "hospital:h1", "streams": [wall.incident], "cause": "x", "until_ms": None}
    await wall.append(CENTRE, await wall.standing(wall.incident), grants=[plain])
    for org in ("hospital:h1", "county"):
        with pytest.raises(InsufficientPrivilege):
            await wall.append(
                HOSPITAL, await wall.standing(wall.incident), grants=[whole(wall, org)]
            )
    assert await read_by(wall, HOSPITAL) == {wall.incident}
