"""A DOUBLE of the public telephone network: callers who ring at the seats through the API.

Rule 1: it acts as a telephony gateway may: it offers calls and takes them back. What callers would
say is left to whoever plays them.
Rule 2: calls come at random around a mean interval, and only while fewer than `max_ringing` ring;
a person who asks for one (SIGUSR1) always gets it.
Rule 3: the first call comes at once and is patient, so that a visitor sees something.
Rule 4: everything drawn comes from the given `rng`; the same seed gives the same calls.
Rule 5: nothing here may reach a live world: it warns once, loudly, and names itself as the line.
"""

import asyncio
import math
import signal
from collections import defaultdict
from contextlib import aclosing
from random import Random  # noqa: TID251 (a simulator is given its generator)
from typing import Final

import msgspec
import structlog

from goldenhour.app.ports import Clock
from goldenhour.domain.commands import Abandon, Ring
from goldenhour.domain.intake.incident import Location
from goldenhour.domain.register.city import City
from goldenhour.kernel.geo import EARTH_RADIUS_M, Point, distance_m
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.personal import Clear
from goldenhour.kernel.record import Record
from goldenhour.kernel.time import MINUTE_MS
from goldenhour.simulator.api import ApiClient, Live
from goldenhour.views.rows import CallRow

_log = structlog.get_logger(__name__)

LINE: Final = "double"
NUMBER_PREFIX: Final = "100"
"""No network in China gives out mobile numbers that begin so: ringing back disturbs nobody."""
SAME_EVENT_MS: Final = 10 * MINUTE_MS
"""How long after a call somebody else may still report the same emergency."""
SAME_EVENT_M: Final = 60
BESIDE_STREET_M: Final = 30
RADII_M: Final = (30, 80, 150, 400)
"""How well an operator knows where a telephone is: by satellite, or by cells near or far."""
RADII_WEIGHTS: Final = (4, 3, 2, 1)
_RINGING: Final = "ringing"


class CallersConfig(Record):
    mean_interval_s: float = 90.0
    max_ringing: int = 3
    abandon_share: float = 0.08
    patience_s: tuple[float, float] = (8.0, 40.0)
    """How soon and how late those who give up do so."""
    duplicate_share: float = 0.12


class Caller(Record):
    number: str
    place: Point
    """Where the emergency really is; nobody is told."""
    location: Location
    """What the operator says; the place is within the radius that its label names."""
    patience_s: float | None
    """None: rings until answered."""


class CallerWriter:
    """Invents callers, one after another."""

    def __init__(self, config: CallersConfig, city: City, rng: Random) -> None:
        self._config = config
        self._rng = rng
        self._stretches = _list_stretches(city)
        self._earlier: list[tuple[int, str, Point]] = []

    def next_caller(self, now_ms: int, *, patient: bool = False) -> Caller:
        rng, config = self._rng, self._config
        self._earlier = [one for one in self._earlier if now_ms - one[0] <= SAME_EVENT_MS]
        if rng.random() < config.duplicate_share and self._earlier:
            _, street, near = rng.choice(self._earlier)
            place = _near(near, SAME_EVENT_M, rng)
        else:
            street, a, b = rng.choice(self._stretches)
            share = rng.random()
            between = Point(
                lat=a.lat + (b.lat - a.lat) * share, lon=a.lon + (b.lon - a.lon) * share
            )
            place = _near(between, BESIDE_STREET_M, rng)
            self._earlier.append((now_ms, street, place))
        radius_m = rng.choices(RADII_M, RADII_WEIGHTS)[0]
        told = _near(place, radius_m, rng)
        gives_up = rng.random() < config.abandon_share
        patience_s = rng.uniform(*config.patience_s)
        return Caller(
            number=f"{NUMBER_PREFIX}{rng.randrange(10**8):08d}",
            place=place,
            location=Location(
                label=f"{street} ±{radius_m} m", lat=round(told.lat, 6), lon=round(told.lon, 6)
            ),
            patience_s=patience_s if gives_up and not patient else None,
        )


def _list_stretches(city: City) -> list[tuple[str, Point, Point]]:
    """Pieces of streets: from each signal to the next one of a street of the same name.

    A city file has no streets, but its signals name the streets that meet at them.
    """
    along: dict[str, list[Point]] = defaultdict(list)
    for one in city.signals:
        for street in filter(None, one.name.split(" / ")):
            along[street].append(one.point)
    stretches = []
    for street, points in along.items():
        for a in points:
            others = [b for b in points if b != a]
            nearest = min(others, key=lambda b, a=a: distance_m(a, b), default=a)  # type: ignore[misc] # the default binds this turn's value
            stretches.append((street, a, nearest))
    if stretches:
        return stretches
    points = [one.point for one in city.signals] or [city.centre]
    return [(city.name, point, point) for point in points]


def _near(point: Point, radius_m: float, rng: Random) -> Point:
    """Somewhere in the circle, everywhere alike."""
    away_m = radius_m * math.sqrt(rng.random())
    angle = rng.uniform(0, math.tau)
    north = math.degrees(away_m * math.cos(angle) / EARTH_RADIUS_M)
    east = math.degrees(away_m * math.sin(angle) / EARTH_RADIUS_M)
    return Point(lat=point.lat + north, lon=point.lon + east / math.cos(math.radians(point.lat)))


async def run_callers(
    config: CallersConfig, *, client: ApiClient, city: City, clock: Clock, rng: Random
) -> None:
    """Runs until cancelled. The client is logged in as a gateway; SIGUSR1 rings one more call."""
    _log.warning(
        "simulator.caller_double",
        meaning="THESE CALLERS ARE A DOUBLE: nobody of them needs help",
        mean_interval_s=config.mean_interval_s,
    )
    exchange = _Exchange(config, client, clock, CallerWriter(config, city, rng), rng)
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, exchange.asked.set)
    try:
        await exchange.run()
    finally:
        loop.remove_signal_handler(signal.SIGUSR1)


class _Exchange:
    def __init__(
        self,
        config: CallersConfig,
        client: ApiClient,
        clock: Clock,
        writer: CallerWriter,
        rng: Random,
    ) -> None:
        self.asked = asyncio.Event()
        self._config = config
        self._client = client
        self._clock = clock
        self._writer = writer
        self._rng = rng
        self._live = Live()
        self._unseen: set[str] = set()
        """Rung, but not yet on the live view."""

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow())
            group.create_task(self._ring(self._next_caller(patient=True)))
            while True:
                due_s = self._rng.expovariate(1 / self._config.mean_interval_s)
                asked = await self._is_asked_within(due_s)
                if asked or self._count_ringing() < self._config.max_ringing:
                    group.create_task(self._ring(self._next_caller(patient=asked)))

    async def _is_asked_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self.asked.wait()
        except TimeoutError:
            return False
        self.asked.clear()
        return True

    def _next_caller(self, *, patient: bool) -> Caller:
        return self._writer.next_caller(self._clock.now_ms(), patient=patient)

    async def _follow(self) -> None:
        async with aclosing(self._client.live("board")) as views:
            async for self._live in views:
                self._unseen -= {row.id for row in self._live.list_rows(CallRow)}

    def _count_ringing(self) -> int:
        """An earlier process's calls count too: the seats hear them all."""
        rows = self._live.list_rows(CallRow)
        return len(self._unseen) + sum(r.line == LINE and r.state == _RINGING for r in rows)

    async def _ring(self, caller: Caller) -> None:
        call_id = self._client.new_id()
        self._unseen.add(call_id)
        location = msgspec.json.encode(caller.location).decode()
        answer = await self._client.send(
            Ring(
                call_id=call_id,
                number=Clear(text=caller.number),
                line=LINE,
                location=Clear(text=location),
            )
        )
        if isinstance(answer, Refused):
            _log.warning("simulator.ring_refused", code=answer.code, field=answer.field)
            self._unseen.discard(call_id)
        elif caller.patience_s is not None:
            await asyncio.sleep(caller.patience_s)
            row = self._live.find_row(CallRow, call_id)
            if row is None or row.state == _RINGING:
                # A refusal means that somebody has answered in this very moment.
                await self._client.send(Abandon(call_id=call_id))
