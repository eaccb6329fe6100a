"""A demo starts nine doubles, each a process: none loads what only a centre needs."""

import subprocess
import sys

import pytest

HEAVY = {"psycopg", "litestar", "numba", "scipy", "numpy", "pydicom", "argon2"}
"""A second of processor time at each start, and 100 MB."""
DOUBLES = ("simulate", "card_reader", "residents", "callback_platform", "road_feed_double")


@pytest.mark.parametrize("module", DOUBLES)
def test_a_double_loads_neither_database_nor_web_server_nor_numerics(module: str) -> None:
    look = f"import goldenhour.main.{module}, sys; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", look], capture_output=True, text=True, check=True
    )
    assert HEAVY.isdisjoint(loaded.stdout.split())
