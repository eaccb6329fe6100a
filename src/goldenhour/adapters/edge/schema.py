"""The vehicle's tables, and the one way to open them.

Rule 1: WAL with synchronous=FULL, or the store does not open: anything less loses acknowledged rows
        in a power cut.
Rule 2: with a key every page is encrypted (SQLCipher), the write-ahead log too. A page is written
        whole, so a power cut finds no half-encrypted row that was acknowledged.
Rule 3: one process has it, alone, and the index of its write-ahead log stays in memory. As a file
        (-shm) it lies beside the store in the clear, and after a power cut SQLite fills it up with
        whatever this process's memory held before.
Rule 4: the schema is numbered; a store made by a newer release is refused, never guessed at.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlcipher3 import dbapi2 as sqlite3

SCHEMA: Final = 4
CACHE_KB: Final = 512
"""What one store works on is small; sixty in the process of a demo would fill 2 MB each."""
PRAGMAS: Final[tuple[str, ...]] = (
    "pragma locking_mode = exclusive",
    "pragma journal_mode = wal",
    "pragma synchronous = full",
    f"pragma cache_size = -{CACHE_KB}",
)
_FULL: Final = 2

_TABLES: Final = """
create table own_installation (
  only         integer primary key check (only = 1),
  id           text not null,              -- UUIDv7 made at first start
  confirmed    integer not null,           -- everything up to here is durable at the centre
  roster       blob
) strict;

-- What was recorded here, in order: the upload queue and the vehicle's own chain.
create table item (
  sequence     integer primary key,        -- dense from 1
  installation text,                       -- the page that asked, with its own count
  asked        integer,
  fingerprint  blob not null,
  actor        text not null,
  seat         text not null,
  role         text not null,
  org          text not null,
  occurred_ms  integer not null,
  received_ms  integer not null,
  origin       blob not null,
  unique (installation, asked)
) strict;

create table own_event (
  sequence integer not null references item,
  part     integer not null,
  stream   text not null,
  kind     text not null,
  body     blob not null,
  state    text not null check (state in ('pending', 'seen', 'aside')),
  primary key (sequence, part)
) strict;
create index own_event_stream on own_event (stream, state);

create table numerics (
  sequence    integer primary key references item,
  unit_id     text not null,
  received_ms integer not null,
  content     blob not null
) strict;
create index numerics_received on numerics (received_ms);

-- What the centre has said, by its versions.
create table centre_event (
  stream        text not null,
  version       integer not null,
  kind          text not null,
  body          blob not null,
  actor         text not null,
  seat          text not null,
  role          text not null,
  org           text not null,
  installation  text not null,
  sequence      integer not null,
  part          integer not null,
  occurred_ms   integer not null,
  received_ms   integer not null,
  origin        blob not null,
  previous_hash blob not null,
  hash          blob not null,
  primary key (stream, version)
) strict;

create table stream (
  stream    text primary key,
  owner     text not null,
  forgotten integer not null default 0     -- goes as soon as the centre has what we said in it
) strict;

create table personal (
  row_id   text primary key,
  stream   text not null,
  sequence integer not null,               -- of the item that brought it; 0: from the centre
  salt     blob not null,
  content  blob not null
) strict;
create index personal_stream on personal (stream);
create index personal_sequence on personal (sequence);

-- Dense numbers: the cursor of this vehicle's screens.
create table delivery (
  delivery integer primary key,
  stream   text not null
) strict;

create table session (
  token_hash blob primary key,
  person_id  text not null,
  expires_ms integer not null
) strict;
"""


_LANES: Final = """
alter table own_installation add column vitals_confirmed integer not null default 0;

-- Vital signs in a lane of their own. Those of an older release stay in `numerics`, as items.
create table vital (
  sequence    integer primary key,         -- dense from 1
  unit_id     text not null,
  received_ms integer not null,
  content     blob,                        -- null: old, and the centre has it
  fingerprint blob not null,
  origin      blob not null
) strict;
create index vital_received on vital (received_ms) where content is not null;
"""
_NUMBERS: Final = """
-- A fallback seat counts the cases that it opens alone.
create table case_number (
  day  text primary key,
  last integer not null
) strict;
"""
_REASONS: Final = """
-- Why the centre has kept it aside; empty: it has not, or did not say.
alter table own_event add column reason text not null default '';
"""
_STEPS: Final = (_TABLES, _LANES, _NUMBERS, _REASONS)
"""Schema 0 to 1, 1 to 2, 2 to 3, 3 to 4."""


class StoreError(Exception):
    """The store cannot be opened as it must be; the text says why."""


class Database(sqlite3.Connection):
    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Durable when it ends, undone when it raises."""
        with self:
            self.execute("begin immediate")
            yield

    def column(self, query: str, *values: Any) -> list[Any]:
        return [row[0] for row in self.execute(query, values).fetchall()]

    def one(self, query: str, *values: Any) -> Any:
        return self.execute(query, values).fetchone()[0]


def connect(path: Path, key: bytes | None = None) -> Database:
    """A connection that commits durably, with the tables in place; raises StoreError.

    `key` is 32 bytes; without one the file is not encrypted.
    """
    try:
        database = sqlite3.connect(path, isolation_level=None, factory=Database)
    except sqlite3.Error as error:
        raise StoreError(f"{path}: {error}") from error
    try:
        if key is not None:
            database.execute(f"pragma key = \"x'{key.hex()}'\"")
        _prepare(database, path)
    except sqlite3.Error as error:
        database.close()
        raise StoreError(f"{path}: {error}") from error
    except StoreError:
        database.close()
        raise
    return database


def _prepare(database: Database, path: Path) -> None:
    for pragma in PRAGMAS:
        database.execute(pragma)
    mode, durability = database.one("pragma journal_mode"), database.one("pragma synchronous")
    if (mode, durability) != ("wal", _FULL):
        raise StoreError(f"{path}: journal {mode}, synchronous {durability}: not durable")
    # Of an older release, or of a process that was killed: ours alone now, and of no use.
    path.with_name(f"{path.name}-shm").unlink(missing_ok=True)
    found = database.one("pragma user_version")
    if found > SCHEMA:
        raise StoreError(f"{path}: schema {found}, this release knows {SCHEMA}")
    if found < SCHEMA:
        steps = " ".join(_STEPS[found:])
        database.executescript(f"begin immediate; {steps} pragma user_version = {SCHEMA}; commit;")
