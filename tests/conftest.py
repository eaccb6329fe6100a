"""Fixtures for lifetimes only; everything else is a plain factory in tests/factories."""

import os
import sys
import tempfile
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
hypothesis.settings.register_profile("long", deadline=None, max_examples=5_000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "untimed"))


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedServer]:
    """One embedded PostgreSQL a test worker."""
    # Not in pytest's own folder: as root the server runs under another account, which every start
    # of pytest shuts out of that folder again, and a database that runs there with it.
    with tempfile.TemporaryDirectory(prefix="goldenhour-tests-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with embedded(folder / "data") as running:
            first = running.conninfo("postgres", "postgres")
            with psycopg.connect(first, autocommit=True) as admin:
                admin.execute("create database goldenhour")
            migrate(running.conninfo("postgres", "goldenhour"))
            yield running


@pytest.fixture
async def database(server: EmbeddedServer) -> AsyncIterator[Database]:
    """The two pools on an emptied database."""
    from factories.emptied import empty  # noqa: PLC0415 (the folder is on the path from here on)

    empty(server.conninfo("postgres", "goldenhour"))
    opened = Database(server.conninfo("postgres", "goldenhour"))
    await opened.open()
    yield opened
    await opened.close()
