"""A full disk under a vehicle's store: the person reads so, and the vehicle goes on."""

import sqlite3
from pathlib import Path
from typing import Any

import msgspec
import pytest
from litestar import Litestar, post
from litestar.testing import TestClient

from factories.edge_centre import numeric_set
from factories.world import START_MS, FakeClock, TestWorld
from goldenhour.adapters.edge import EdgeStore
from goldenhour.adapters.web.problems import HANDLERS, Problem
from goldenhour.app.journal import StoreFullError


async def test_a_full_store_says_so_by_name_and_goes_on_when_there_is_space(tmp_path: Path) -> None:
    store = EdgeStore(tmp_path / "edge.sqlite", TestWorld().entropy, FakeClock())
    try:
        await store.append_numerics([numeric_set(START_MS)])
        await store._run(lambda: limit_pages(store, 1))
        with pytest.raises(StoreFullError, match=r"edge\.sqlite: database or disk is full"):
            await fill(store)
        stood = await store.list_numerics("A-01", 0, START_MS * 2)
        assert stood[0] == numeric_set(START_MS)
        assert store.pending_count() == len(stood)
        await store._run(lambda: limit_pages(store, 1 << 20))
        await store.append_numerics([numeric_set(START_MS + 5_000)])
        assert await store.list_numerics("A-01", 0, START_MS * 2) == [
            *stood,
            numeric_set(START_MS + 5_000),
        ]
    finally:
        await store.close()


async def fill(store: EdgeStore) -> None:
    for n in range(1_000):
        await store.append_numerics([numeric_set(START_MS + n)])


def limit_pages(store: EdgeStore, more: int) -> None:
    """As a disk with so many pages left."""
    database: sqlite3.Connection = store._ledger._db
    (pages,) = database.execute("pragma page_count").fetchone()
    database.execute(f"pragma max_page_count = {pages + more}")


def test_the_console_is_told_what_is_wrong_and_not_that_something_is() -> None:
    @post("/say", status_code=200)
    async def say() -> None:
        raise StoreFullError("edge.sqlite: database or disk is full")

    handlers: Any = HANDLERS
    with TestClient(Litestar([say], exception_handlers=handlers)) as client:
        answer = client.post("/say")
    assert answer.status_code == 507
    assert msgspec.json.decode(answer.content, type=Problem).code == "disk_full"
