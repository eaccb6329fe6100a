"""Vehicles and monitors of a virtual city: what the devices would report, when something asks.

Rule 1: where a vehicle drives follows from its run, as its crew sees it (`drivers.find_leg`).
Rule 2: a vehicle on its way reports every 30 s and on arrival; a parked one when somebody asks.
Rule 3: what devices report passes through the city's trouble, where there is one.
"""

from random import Random  # noqa: TID251 (a simulator is given its generator)
from typing import TYPE_CHECKING, Final

from goldenhour.app import advise
from goldenhour.app.chart import chart
from goldenhour.app.positions import Positions
from goldenhour.kernel.telemetry import Fix, Numeric, NumericSet, Sign
from goldenhour.kernel.time import SECOND_MS
from goldenhour.simulator.drivers import find_leg, find_run
from goldenhour.simulator.mind import CARED_FOR
from goldenhour.simulator.monitor import Patient
from goldenhour.simulator.sight import at_once
from goldenhour.simulator.vehicles import Fleet
from goldenhour.views.rows import IncidentRow, MissionRow

if TYPE_CHECKING:
    from goldenhour.simulator.virtual import VirtualCity

TRACK_MS: Final = 30 * SECOND_MS
VITALS_MS: Final = 60 * SECOND_MS


class Street:
    def __init__(self, city: "VirtualCity", nature: Random) -> None:
        setup = city.setup
        stations = {station.id: station.point for station in setup.city.stations}
        homes = {unit.id: stations[unit.station_id] for unit in setup.city.units}
        self._city = city
        self._nature = nature
        self._fleet = Fleet(homes, setup.ways)
        self.positions = Positions(setup.travel.locate)
        """What the centre knows."""
        self._legs: dict[str, str] = {}
        self._last_runs: dict[str, str] = {}
        self._patients: dict[str, tuple[Patient, int]] = {}
        self.fixes = 0

    def drive(self, unit_id: str) -> None:
        """Look where the vehicle has to go now, and whether a patient is in its care."""
        live = self._city.sight_of(unit_id).live
        run = find_run(live, unit_id)
        leg = find_leg(live, unit_id, self._last_runs.get(unit_id, ""))
        now_ms = self._city.clock.at_ms
        if run is not None:
            self._last_runs[unit_id] = run.id
            if run.state in CARED_FOR and unit_id not in self._patients:
                self._attach(unit_id, run)
        if leg is None:
            if self._legs.pop(unit_id, None):
                self._fleet.stop(unit_id, now_ms)
        elif self._legs.get(unit_id) != leg.plan_id:
            plan_id = self._legs[unit_id] = leg.plan_id
            arrives_ms = self._fleet.send(unit_id, leg.target, now_ms)
            self._city.at(arrives_ms, lambda: self._track(unit_id, plan_id))
            self._city.at(now_ms + TRACK_MS, lambda: self._track(unit_id, plan_id))

    def report(self, unit_id: str) -> Fix:
        """What the terminal says; the centre hears it when the vehicle is in reach."""
        city = self._city
        fix = self._fleet.fix(unit_id, city.clock.at_ms)
        if city.trouble is not None:
            fix = city.trouble.fix(fix)
        self.fixes += 1
        sight = city.sight_of(unit_id)
        if sight is city.sight:
            self.positions.take(fix)
        if fix.point is not None:
            sight.live.fixes[unit_id] = fix
        return fix

    def _track(self, unit_id: str, plan_id: str) -> None:
        """A report on the way, or the one on arrival."""
        if self._legs.get(unit_id) != plan_id:
            return
        city = self._city
        now_ms = city.clock.at_ms
        fix = self.report(unit_id)
        if city.sight_of(unit_id) is city.sight:
            rules = city.setup.dispatch
            proposed = advise.propose_for(city.sight.view, fix, rules=rules, now_ms=now_ms)
            if proposed is not None:
                city.say(proposed, city.setup.centre)
        # A terminal that has just lied is heard again until it is where it says.
        wrong = fix.point != self._fleet.place(unit_id, now_ms)[0]
        if wrong or self._fleet.is_driving(unit_id, now_ms):
            city.at(now_ms + TRACK_MS, lambda: self._track(unit_id, plan_id))
        city.crowd.wake([f"unit:{unit_id}"])

    def _attach(self, unit_id: str, run: MissionRow) -> None:
        """The monitor is connected: the patient's signs come once a minute until the end."""
        city = self._city
        incident = city.sight_of(unit_id).live.find_row(IncidentRow, run.incident_id)
        truth = city.truths.get(incident.calls[0]) if incident else None
        if truth is not None:
            now_ms = city.clock.at_ms
            self._patients[unit_id] = (Patient(truth.complaint.course, self._nature), now_ms)
            city.at(now_ms + VITALS_MS, lambda: self._measure(unit_id, run.id))

    def _measure(self, unit_id: str, mission_id: str) -> None:
        city = self._city
        sight, now_ms = city.sight_of(unit_id), city.clock.at_ms
        run = sight.live.find_row(MissionRow, mission_id)
        if run is None or run.state not in CARED_FOR:
            self._patients.pop(unit_id, None)
            return
        patient, since_ms = self._patients[unit_id]
        drawn = patient.vitals((now_ms - since_ms) / SECOND_MS)
        signs = {
            Sign.HEART_RATE: drawn.heart_rate,
            Sign.SPO2: drawn.spo2,
            Sign.RESP: drawn.resp,
            Sign.NIBP_SYS: drawn.systolic,
            Sign.NIBP_DIA: drawn.diastolic,
            Sign.TEMP: drawn.temp,
        }
        item = NumericSet(
            device_id=f"sim-monitor-{unit_id}",
            unit_id=unit_id,
            device_ms=now_ms,
            received_ms=now_ms,
            values=tuple(Numeric(sign=s, value=round(v, 1), note="") for s, v in signs.items()),
        )
        if city.trouble is not None:
            item = city.trouble.numerics(item)
        org = f"unit:{unit_id}"
        at_once(chart(item, sight.view, sight.world, org=org, sequence=now_ms))
        city.fold(sight)
        city.at(now_ms + VITALS_MS, lambda: self._measure(unit_id, mission_id))
