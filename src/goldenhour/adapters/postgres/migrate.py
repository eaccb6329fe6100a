"""Numbered, forward-only SQL migrations with a compat version.

Rule 1: a file runs once, in one transaction, in order; its SHA-256 is kept, and a changed file is
        refused by name.
Rule 2: `compat` is the oldest release that can still work on the schema; a release refuses to
        start on a schema whose compat is newer than itself.
Rule 3: this runs as the owner of the schema; no other process connects as the owner.
"""

import hashlib
import re
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

import psycopg
from psycopg import sql

from goldenhour.adapters.postgres.pool import APP_ROLE, WORKER_ROLE, Database

RELEASE: Final = 2
"""What this release can work on; raised with a migration that old code cannot read."""
_COMPAT: Final = re.compile(r"^-- compat: (\d+)$", re.MULTILINE)


class MigrationError(RuntimeError):
    """The schema cannot be brought to this release; the text says why and what to do."""


def migrate(owner_conninfo: str) -> list[str]:
    """Bring the schema up to date and return the names of the migrations that ran."""
    ran: list[str] = []
    with psycopg.connect(owner_conninfo, autocommit=True) as connection:
        _make_roles(connection)
        connection.execute(
            "create table if not exists migration (name text primary key, sha256 text not null,"
            " compat integer not null, ran_at timestamptz not null default now())"
        )
        for role in (APP_ROLE, WORKER_ROLE):
            connection.execute(
                sql.SQL("grant select on migration to {}").format(sql.Identifier(role))
            )
        rows = connection.execute("select name, sha256 from migration").fetchall()
        done: dict[str, str] = {str(name): str(digest) for name, digest in rows}
        newest = connection.execute("select coalesce(max(compat), 0) from migration").fetchone()
        _refuse_newer(newest)
        for path in _list_files():
            text = path.read_text(encoding="utf-8")
            digest = hashlib.sha256(text.encode()).hexdigest()
            if path.name in done:
                if done[path.name] != digest:
                    raise MigrationError(f"{path.name} was changed after it ran: add a new file")
                continue
            compat = _COMPAT.search(text)
            if compat is None:
                raise MigrationError(f"{path.name} states no compat version")
            with connection.transaction():
                connection.execute(text.encode())
                connection.execute(
                    "insert into migration (name, sha256, compat) values (%s, %s, %s)",
                    (path.name, digest, int(compat[1])),
                )
            ran.append(path.name)
    return ran


async def check_schema(database: Database) -> None:
    """Raises MigrationError where this release cannot work on the schema."""
    async with database.system() as connection:
        try:
            cursor = await connection.execute("select name, compat from migration")
        except psycopg.errors.UndefinedTable:
            raise MigrationError("the database is empty: run `goldenhour migrate`") from None
        rows = dict(await cursor.fetchall())
    _refuse_newer((max(rows.values(), default=0),))
    missing = [path.name for path in _list_files() if path.name not in rows]
    if missing:
        raise MigrationError(f"the database lacks {', '.join(missing)}: run `goldenhour migrate`")


def _refuse_newer(newest: tuple[int, ...] | None) -> None:
    if newest and newest[0] > RELEASE:
        raise MigrationError(
            f"the database needs release {newest[0]} or newer, this is {RELEASE}: upgrade"
        )


def _list_files() -> list[Traversable]:
    folder = files("goldenhour.adapters.postgres") / "migrations"
    return sorted((p for p in folder.iterdir() if p.name.endswith(".sql")), key=lambda p: p.name)


def _make_roles(connection: psycopg.Connection) -> None:
    for role in (APP_ROLE, WORKER_ROLE):
        exists = connection.execute("select 1 from pg_roles where rolname = %s", (role,)).fetchone()
        if not exists:
            connection.execute(
                sql.SQL("create role {} login nosuperuser nobypassrls nocreatedb").format(
                    sql.Identifier(role)
                )
            )
