"""The key by which a tablet seals what has no answer yet: the crew that is logged in gets it."""

import os
import warnings
from base64 import b64decode
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from litestar.exceptions.base_exceptions import LitestarDeprecationWarning

from factories.office import Office, opened
from factories.world import FakeClock
from goldenhour.adapters.edge import Vault
from goldenhour.adapters.postgres.pool import Database
from goldenhour.adapters.web.app import create_app

TABLET = {"tablet": "0197-of-this-browser"}


@pytest.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    async with opened(database, edge=True) as made:
        yield made


async def test_the_crew_of_a_vehicle_gets_the_key_of_its_tablet(
    office: Office, tmp_path: Path
) -> None:
    vault = Vault(tmp_path / "keys.json", "own key of the box", FakeClock(), os.urandom)
    assert vault.open_by_centre(b"s" * 32)
    services = replace(
        office.services,
        edge_centre=None,
        edge_status=lambda _unit_id: None,  # type: ignore[arg-type, return-value] # nobody asks here
        tablet_key=lambda _principal, tablet: vault.key_for(f"tablet {tablet}"),
    )
    with warnings.catch_warnings():
        # Some routes still declare parameters in the style that Litestar 3 drops.
        warnings.simplefilter("ignore", LitestarDeprecationWarning)
        app = create_app(services)
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type] # Litestar's own ASGI types
    async with httpx.AsyncClient(transport=transport, base_url="https://car.local") as car:

        async def ask(username: str, tablet: dict[str, str] = TABLET) -> httpx.Response:
            headers = await office.cookie(username) if username else {}
            return await car.post("/api/tablets/key", json=tablet, headers=headers)

        key = (await ask("crew1")).json()["key"]
        assert len(b64decode(key)) == 32
        assert (await ask("crew1")).json()["key"] == key
        assert (await ask("crew1", {"tablet": "0197-of-another"})).json()["key"] != key
        assert (await ask("")).status_code == 401
        for username in ("dispatcher", "hospital1", "admin"):
            assert (await ask(username)).status_code == 403


async def test_a_centre_seals_for_no_tablet(office: Office) -> None:
    answer = await office.client.post(
        "/api/tablets/key", json=TABLET, headers=await office.cookie("crew1")
    )
    assert answer.status_code in {404, 405}
