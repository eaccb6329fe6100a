"""A case of a county with a node of its own, beside a city whose unit A-01 it may ask for."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from factories.office import NO_PAGES
from factories.two_nodes import (
    UNIT,
    NodeSite,
    certificate_in,
    node_site,
    second_database,
    until,
)
from goldenhour.adapters.postgres.embedded import EmbeddedServer
from goldenhour.adapters.postgres.pool import Database
from goldenhour.app.journal import SYSTEM, Envelope
from goldenhour.domain import commands as c
from goldenhour.domain.intake.incident import Ask

RUN = "m-lent"


@dataclass
class Two:
    city: NodeSite
    county: NodeSite
    incident_id: str
    """A case of the county, whose own unit A-01 is not."""

    @property
    def incident(self) -> str:
        return f"incident:{self.incident_id}"

    async def ask(self, mission_id: str = RUN) -> None:
        await self.county.world.accept(
            c.AskUnit(incident_id=self.incident_id, unit_id=UNIT, mission_id=mission_id)
        )

    async def asked(self, mission_id: str = RUN) -> Ask:
        ask = (await self.county.state(self.incident)).find_ask(mission_id)
        assert isinstance(ask, Ask)
        return ask

    async def borrow(self) -> None:
        await self.ask()
        await self.county.carry()

        async def city_reads_on() -> bool:
            return RUN in (await self.city.state(self.incident)).missions

        await until(city_reads_on)


@asynccontextmanager
async def shared_case(
    server: EmbeddedServer,
    database: Database,
    tmp_path: Path,
    web_root: Path = NO_PAGES,
) -> AsyncIterator[Two]:
    certificate = certificate_in(tmp_path)
    async with (
        second_database(server) as other,
        node_site("city", database, certificate, web_root) as city,
        node_site("county", other, certificate, web_root) as county,
    ):
        county.world.clock.at_ms = city.world.clock.at_ms
        # Ids of two nodes differ, and so do their pages.
        county.world.random.seed(2)
        county.office.sequence = 1_000
        await county.world.accept(c.NameHome(unit_id=UNIT, node="city"))
        _, incident_id = await county.world.open_incident()
        yield Two(city, county, incident_id)


async def bytes_of(site: NodeSite, stream: str) -> list[Envelope]:
    return list((await site.world.journal.load([stream], SYSTEM))[stream].events)


async def rows_of(site: NodeSite, table: str) -> list[Any]:
    async with site.office.database.system() as connection:
        cursor = await connection.execute(f"select * from {table} order by 1".encode())  # noqa: S608 (a name that a test gives)
        return await cursor.fetchall()


def append_behind(last: Envelope) -> str:
    """For either function of the database: one more event of this stream."""
    event = replace(
        last, version=last.version + 1, sequence=last.sequence + 10_000, installation="raw",
        previous_hash=last.hash,
    )  # fmt: skip
    stream = {
        "stream": last.stream, "owner": "centre", "before": last.version, "previous": last.hash,
        "version": event.version, "hash": event.hash, "is_open": True,
        "case_stream": last.stream, "events": [event], "personal": [],
    }  # fmt: skip
    document = {
        "orgs": "centre", "topics": "incident", "now_ms": 1, "fingerprint": b"", "node": "county",
        "org": "centre", "streams": [stream], "again": False,
    }  # fmt: skip
    return msgspec.json.encode(document).decode()
