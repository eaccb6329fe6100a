"""Drivers for the terminal double: where a unit drives follows from its run, as its crew sees it.

Rule 1: a driver knows only what a crew knows. It logs in at the vehicle's own computer, follows
the live view and asks for the route there.
Rule 2: the state of the run decides (`TOWARDS`); in every other state the vehicle stays.
Rule 3: a leg is planned once. A new target (the caller was elsewhere, another hospital) is a new
leg, and the vehicle drives on along the old plan until the new one is there.
Rule 4: a leg is driven at the traffic of the hour in which it begins, as in virtual time.
Rule 5: without a route it drives straight to the target: a demo without a road graph still moves.
"""

import asyncio
from contextlib import aclosing
from enum import StrEnum
from pathlib import Path
from typing import Final

import structlog

from goldenhour.app.ports import Clock
from goldenhour.domain.dispatch.mission import State
from goldenhour.domain.dispatch.route import Route
from goldenhour.kernel.geo import Point
from goldenhour.kernel.ids import Entropy
from goldenhour.kernel.record import Record
from goldenhour.simulator.api import ApiClient, ApiError, CrewAccount, Live
from goldenhour.simulator.demand import Habits
from goldenhour.simulator.driving import DrivePlan
from goldenhour.views.rows import HospitalRow, IncidentRow, MissionRow, UnitRow

_log = structlog.get_logger(__name__)


class To(StrEnum):
    SCENE = "scene"
    HOSPITAL = "hospital"
    STATION = "station"


TOWARDS: Final[dict[str, To]] = {
    State.EN_ROUTE: To.SCENE,
    State.TO_HOSPITAL: To.HOSPITAL,
    State.CLEARED: To.STATION,
    State.STOOD_DOWN: To.STATION,
}


class DriversConfig(Record):
    crews: tuple[CrewAccount, ...]
    ca_file: Path | None
    speed_kmh: float = 45.0
    """On free roads."""
    time_factor: float = 1.0
    """How many times faster than real the vehicles drive."""


class Leg(Record):
    mission_id: str
    to: To
    target: Point

    @property
    def plan_id(self) -> str:
        return f"{self.mission_id}/{self.to}/{self.target.lat:.5f},{self.target.lon:.5f}"


def find_run(live: Live, unit_id: str) -> MissionRow | None:
    """The unit's run: the active one, else the last; a reservation is none yet."""
    runs = [
        row
        for row in live.list_rows(MissionRow)
        if row.unit_id == unit_id and row.state != State.RESERVED
    ]
    return max(runs, key=lambda run: (run.active, run.assigned_ms or 0), default=None)


def find_leg(live: Live, unit_id: str, last_mission_id: str = "") -> Leg | None:
    """Where to drive now; None: stay.

    `last_mission_id` is the run seen last: one that is no longer shown has ended.
    """
    run = find_run(live, unit_id)
    if run is None:
        to = To.STATION if last_mission_id else None
    else:
        to, last_mission_id = TOWARDS.get(run.state), run.id
    target: Point | None = None
    if to is To.SCENE and run:
        incident = live.find_row(IncidentRow, run.incident_id)
        if incident and incident.location:
            target = Point(lat=incident.location.lat, lon=incident.location.lon)
    elif to is To.HOSPITAL and run:
        hospital = live.find_row(HospitalRow, run.destination_id)
        target = hospital.point if hospital else None
    elif to is To.STATION:
        unit = live.find_row(UnitRow, unit_id)
        target = unit.station_point if unit else None
    return Leg(mission_id=last_mission_id, to=to, target=target) if to and target else None


class EdgePlans:
    """A `PlanSource`; `run` keeps its plans up to date until cancelled."""

    def __init__(
        self, config: DriversConfig, habits: Habits, *, clock: Clock, entropy: Entropy
    ) -> None:
        self._config = config
        self._habits = habits
        self._clock = clock
        self._entropy = entropy
        self._plans: dict[str, DrivePlan] = {}

    async def current(self, unit_id: str) -> DrivePlan | None:
        return self._plans.get(unit_id)

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for crew in self._config.crews:
                group.create_task(self._drive(crew))

    async def _drive(self, crew: CrewAccount) -> None:
        client = ApiClient(
            crew.base_url,
            ca_file=self._config.ca_file,
            entropy=self._entropy,
            clock=self._clock,
        )
        async with client:
            await client.login(crew.username, crew.password)
            planned: Leg | None = None
            last_mission_id = ""
            async with aclosing(client.live("crew")) as views:
                async for live in views:
                    leg = find_leg(live, crew.unit_id, last_mission_id)
                    run = find_run(live, crew.unit_id)
                    last_mission_id = run.id if run else last_mission_id
                    if leg == planned:
                        continue
                    planned = leg
                    if leg is None:
                        self._plans.pop(crew.unit_id, None)
                    else:
                        self._plans[crew.unit_id] = await self._plan(client, leg)

    async def _plan(self, client: ApiClient, leg: Leg) -> DrivePlan:
        # A vehicle drives from where it is to the first point, so that the target alone is a
        # straight line.
        polyline: tuple[Point, ...] = (leg.target,)
        try:
            route = await client.get(
                "/api/route", {"mission_id": leg.mission_id, "to": leg.to}, Route
            )
        except ApiError as error:
            _log.info("simulator.no_route", plan_id=leg.plan_id, reason=str(error))
        else:
            polyline = route.points or polyline
        traffic = self._habits.traffic_at(self._clock.now_ms())
        return DrivePlan(
            plan_id=leg.plan_id,
            polyline=polyline,
            speed_kmh=self._config.speed_kmh * traffic * self._config.time_factor,
        )
