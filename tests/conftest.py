"""Fixtures for lifetimes only; everything else is a plain factory in tests/factories."""

import os
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import hypothesis
import psycopg
import pytest

from goldenhour.adapters.postgres.embedded import EmbeddedServer, embedded
from goldenhour.adapters.postgres.migrate import migrate
from goldenhour.adapters.postgres.pool import Database

sys.path.insert(0, str(Path(__file__).parent))
# How long an example takes says something about the machine, nothing about the code.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    """One embedded PostgreSQL a test worker."""
    folder = tmp_path_factory.mktemp("postgres")
    for parent in (folder, *folder.parents):
        # The server runs as another account when the tests run as root; pytest's folders are 0700.
        if parent == Path(parent.anchor) or parent.stat().st_uid != os.getuid():
            break
        if parent.name.startswith(("pytest-", "postgres", "popen-")):
            parent.chmod(0o755)
    with embedded(folder / "data") as running:
        with psycopg.connect(running.conninfo("postgres", "postgres"), autocommit=True) as admin:
            admin.execute("create database goldenhour")
        migrate(running.conninfo("postgres", "goldenhour"))
        yield running


@pytest.fixture
async def database(server: EmbeddedServer) -> AsyncIterator[Database]:
    """The two pools on an emptied database (deleting from small tables beats a clone)."""
    with psycopg.connect(server.conninfo("postgres", "goldenhour"), autocommit=True) as owner:
        tables = owner.execute(
            "select relname from pg_class c join pg_namespace n on n.oid = relnamespace"
            " where nspname = 'public' and relkind in ('r', 'p') and not relispartition"
            " and relname <> 'migration'"
        ).fetchall()
        names = ", ".join(f'"{name}"' for (name,) in tables)
        owner.execute(f"truncate {names} restart identity cascade".encode())
    opened = Database(server.conninfo("postgres", "goldenhour"))
    await opened.open()
    yield opened
    await opened.close()
