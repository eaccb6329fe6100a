"""Erasing personal text on the real database: refusals, holds, and evidence that stays whole."""

import json
from pathlib import Path

import pytest

from factories.world import TestWorld
from goldenhour.adapters.postgres import evidence
from goldenhour.adapters.postgres.embedded import EmbeddedServer
from goldenhour.adapters.postgres.erasure import Erasure
from goldenhour.adapters.postgres.journal import PostgresJournal
from goldenhour.adapters.postgres.pool import Database
from goldenhour.adapters.postgres.relay import move_once
from goldenhour.app.journal import SYSTEM
from goldenhour.main import erase as host
from goldenhour.main import verify
from goldenhour.main.settings import Settings


class Case:
    """One case in the journal; its texts are as old as the test world's clock says."""

    def __init__(self, server: EmbeddedServer, database: Database, state: Path) -> None:
        self.database = database
        self.settings = Settings(
            state=str(state), database_url=server.conninfo("postgres", "goldenhour")
        )
        self.world = TestWorld()
        self.world.journal = PostgresJournal(database, self.world.clock)
        self.number = self.stream = ""

    async def open(self) -> None:
        _, incident_id = await self.world.open_incident()
        self.stream = f"incident:{incident_id}"
        loaded = await self.world.journal.load([self.stream], SYSTEM)
        self.number = json.loads(loaded[self.stream].events[0].body)["number"]

    async def rows(self) -> dict[str, bool]:
        """Topic of each personal row -> whether its text is there."""
        async with self.database.system() as connection:
            cursor = await connection.execute("select topic, content is not null from personal")
            return dict(await cursor.fetchall())

    async def log(self) -> list[tuple[str, str, str]]:
        async with self.database.system() as connection:
            cursor = await connection.execute(
                "select action, subject, outcome from access_log order by id"
            )
            return [(str(a), str(s), str(o)) for a, s, o in await cursor.fetchall()]


@pytest.fixture
async def case(server: EmbeddedServer, database: Database, tmp_path: Path) -> Case:
    made = Case(server, database, tmp_path)
    await made.open()
    return made


@pytest.fixture
def long_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retention of no years: what is written may be erased at once."""
    kept = host.load_retention()
    over = dict.fromkeys(kept.years, 0)
    monkeypatch.setattr(
        host, "load_retention", lambda: type(kept)(**{**_fields(kept), "years": over})
    )


def _fields(record: object) -> dict[str, object]:
    return {name: getattr(record, name) for name in record.__struct_fields__}  # type: ignore[attr-defined] # a Record


async def test_what_must_be_kept_is_not_erased_and_the_try_is_logged(case: Case) -> None:
    with pytest.raises(SystemExit, match="must be kept until 20"):
        await host._erase_case(case.settings, case.number, "asked by the patient")
    assert all((await case.rows()).values())
    assert await case.log() == [("erase", case.number, "retention_runs")]


@pytest.mark.usefixtures("long_ago")
async def test_a_hold_forbids_it_until_it_is_lifted(case: Case) -> None:
    await host._hold(case.settings, case.number, "court file 7")
    with pytest.raises(SystemExit, match="legal hold: court file 7"):
        await host._erase_case(case.settings, case.number, "x")
    await host._erase_due(case.settings)
    assert all((await case.rows()).values())
    await host._lift(case.settings, case.number, "closed")
    with pytest.raises(SystemExit, match="under no legal hold"):
        await host._lift(case.settings, case.number, "closed")
    await host._erase_case(case.settings, case.number, "x")
    assert not any((await case.rows()).values())


async def test_a_hold_that_comes_between_the_decision_and_the_deed_protects(case: Case) -> None:
    store = Erasure(case.database)
    streams = await case.world.journal.case_streams([case.stream], SYSTEM)  # type: ignore[attr-defined] # PostgreSQL's
    rows = [kept.row for kept in await store.list_kept(streams)]
    assert rows
    await store.hold(case.stream, "court file 7", "p", 1)
    assert await store.erase(rows, 2) == 0


@pytest.mark.usefixtures("long_ago")
async def test_erased_text_is_gone_and_the_evidence_stays_whole(
    case: Case, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = evidence.load_key(tmp_path / "roots.key")
    async with case.database.system() as connection:
        await move_once(connection)
    await evidence.make_root(case.database, key, 1)
    await evidence.write_outside(case.database, key, tmp_path / "roots")
    await host._erase_case(case.settings, case.number, "retention over")
    assert (await case.log())[-1] == ("erase", f"{case.number}: retention over", "accepted")
    path = tmp_path / "all.bin"
    with path.open("wb") as out:
        await evidence.export(case.database, key, 2, out, None)
    assert verify.main([str(path), "--roots", str(tmp_path / "roots")]) == 0
    assert "erased" in capsys.readouterr().out
    content = path.read_bytes()
    assert b"13900001111" not in content
    assert "学府路".encode() not in content


async def test_nothing_is_due_in_the_first_years(case: Case) -> None:
    await host._erase_due(case.settings)
    assert all((await case.rows()).values())
