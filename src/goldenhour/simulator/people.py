"""The people of a living city in real time: callers, dispatchers, crews and hospitals, all DOUBLES.

Rule 1: everybody is logged in like the person they stand for and acts through the same pages'
        interface; nothing here knows the database.
Rule 2: a person who sits down beside them is first: calls ring for a while before a simulated seat
        takes them, and whatever a person has begun is left alone.
Rule 3: after a restart the exchange takes back the calls that nobody is behind any more.
Rule 4: nothing here may reach a live world: it warns once, loudly.
"""

import asyncio
from contextlib import aclosing
from pathlib import Path
from random import Random  # noqa: TID251 (a simulator is given its generator)
from typing import Final

import msgspec
import structlog

from goldenhour.app.ports import Clock
from goldenhour.domain import commands as c
from goldenhour.domain.intake import call
from goldenhour.domain.register.city import City
from goldenhour.domain.triage.protocol import Protocol
from goldenhour.kernel.ids import Entropy
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.personal import Clear
from goldenhour.kernel.record import Record
from goldenhour.kernel.time import SECOND_MS
from goldenhour.simulator.api import ApiClient, CrewAccount, Live
from goldenhour.simulator.caller import LINE
from goldenhour.simulator.crew import CrewsConfig, run_crews
from goldenhour.simulator.demand import Demand, Emergency, Habits
from goldenhour.simulator.mind import act
from goldenhour.simulator.seat import SeatConfig, SeatMind
from goldenhour.simulator.ward import WardMind
from goldenhour.views.rows import CallRow

_log = structlog.get_logger(__name__)

COURTESY_S: Final = 3.0
"""Less than what a call may ring before it counts as late, more than a person's first look."""
BOARD: Final = "board"


class Account(Record):
    """Whom to log in as, and what for."""

    username: str
    subject: str
    """The seat, or the hospital."""


class PeopleConfig(Record):
    centre_url: str
    ca_file: Path | None
    password: str
    caller: str
    seats: tuple[Account, ...]
    hospitals: tuple[Account, ...]
    crews: tuple[CrewAccount, ...]
    calls_per_day: float
    seed: int


async def run_people(
    config: PeopleConfig,
    *,
    city: City,
    protocol: Protocol,
    habits: Habits,
    clock: Clock,
    entropy: Entropy,
) -> None:
    """Runs until cancelled."""
    _log.warning(
        "simulator.people_double",
        meaning="CALLERS, DISPATCHERS, CREWS AND HOSPITALS ARE DOUBLES: nobody of them is there",
        seats=len(config.seats),
        crews=len(config.crews),
        hospitals=len(config.hospitals),
    )
    rng = Random(config.seed)  # noqa: S311 (a simulation, no secret)
    truths: dict[str, Emergency] = {}
    beds = {hospital.id: hospital.beds for hospital in city.hospitals}

    def client() -> ApiClient:
        return ApiClient(config.centre_url, ca_file=config.ca_file, entropy=entropy, clock=clock)

    async def seat(account: Account, own: Random) -> None:
        async with client() as logged_in:
            await logged_in.login(account.username, config.password)
            seat_config = SeatConfig(seat=account.subject, courtesy_s=COURTESY_S, seed=config.seed)
            mind = SeatMind(seat_config, truths, protocol, habits, own)
            await act(mind, logged_in, BOARD, clock=clock, rng=own)

    async def ward(account: Account, own: Random) -> None:
        async with client() as logged_in:
            await logged_in.login(account.username, config.password)
            mind = WardMind(account.subject, beds[account.subject], habits.ward, own)
            await act(mind, logged_in, "ed", clock=clock, rng=own)

    async with client() as gateway, asyncio.TaskGroup() as group:
        await gateway.login(config.caller, config.password)
        demand = Demand(
            city,
            habits,
            seed=config.seed,
            start_ms=clock.now_ms(),
            calls_per_day=config.calls_per_day,
        )
        exchange = Exchange(gateway, demand, truths, clock)
        group.create_task(exchange.run())
        for account in config.seats:
            group.create_task(seat(account, _own(rng)))
        for account in config.hospitals:
            group.create_task(ward(account, _own(rng)))
        crews = CrewsConfig(crews=config.crews, habits=habits.crew, ca_file=config.ca_file)
        group.create_task(run_crews(crews, clock=clock, entropy=entropy, rng=_own(rng)))


def _own(rng: Random) -> Random:
    return Random(rng.getrandbits(64))  # noqa: S311 (a simulation, no secret)


class Exchange:
    """Rings the calls that the demand brings, and takes back those whose callers give up."""

    def __init__(
        self, client: ApiClient, demand: Demand, truths: dict[str, Emergency], clock: Clock
    ) -> None:
        self._client = client
        self._demand = demand
        self._truths = truths
        self._clock = clock
        self._live = Live()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow())
            # The first call comes at once, so that whoever has just come in sees one.
            emergency = self._demand.next()
            while True:
                group.create_task(self._ring(emergency))
                emergency = self._demand.next()
                wait_ms = emergency.rings_ms - self._clock.now_ms()
                await asyncio.sleep(max(0, wait_ms) / SECOND_MS)

    async def _follow(self) -> None:
        async with aclosing(self._client.live(BOARD)) as views:
            async for self._live in views:
                await self._take_back_orphans()

    async def _take_back_orphans(self) -> None:
        for row in self._live.list_rows(CallRow):
            orphan = row.line == LINE and row.id not in self._truths
            if orphan and row.state == call.State.RINGING:
                await self._client.send(c.Abandon(call_id=row.id))

    async def _ring(self, emergency: Emergency) -> None:
        call_id = self._client.new_id()
        self._truths[call_id] = emergency
        location = msgspec.json.encode(emergency.caller.location).decode()
        ring = c.Ring(
            call_id=call_id,
            number=Clear(text=emergency.caller.number),
            line=LINE,
            location=Clear(text=location),
        )
        answer = await self._client.send(ring)
        if isinstance(answer, Refused):
            _log.warning("simulator.ring_refused", code=answer.code, field=answer.field)
            del self._truths[call_id]
            return
        patience_s = emergency.caller.patience_s
        if patience_s is not None:
            await asyncio.sleep(patience_s)
            row = self._live.find_row(CallRow, call_id)
            if row is None or row.state == call.State.RINGING:
                # A refusal means that somebody has answered in this very moment.
                await self._client.send(c.Abandon(call_id=call_id))
