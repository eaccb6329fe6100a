"""The whole city in virtual time: the product's own deciders and the simulated people, no clock.

Rule 1: everybody acts through `handle`, under their own identity and after the same question of
        access as on the web; nothing writes to the journal but that.
Rule 2: the same seed gives the same journal, byte for byte. Time jumps from one thing due to the
        next; things due at one moment happen in the order in which they were planned.
Rule 3: nothing here waits: a coroutine that suspends is a fault, since virtual time has no other.
Rule 4: positions are computed when something asks: a dispatch, a geofence, the 30-s track.
"""

import hashlib
import heapq
from collections.abc import Callable, Coroutine, Iterable
from random import Random  # noqa: TID251 (a simulator makes its dice from its seed)
from typing import Any, Final

import msgspec

from goldenhour.app import advise
from goldenhour.app.access import (
    Organisation,
    Organisations,
    Principal,
    Role,
    identity_of,
    may_send,
)
from goldenhour.app.chart import chart
from goldenhour.app.handle import handle, recorded_of
from goldenhour.app.journal import SYSTEM, Identity, Outcome
from goldenhour.app.memory import MemoryJournal
from goldenhour.app.ports import TravelTimes
from goldenhour.app.positions import Positions
from goldenhour.app.timers import fire
from goldenhour.domain import case
from goldenhour.domain import commands as c
from goldenhour.domain.dispatch.recommend import DispatchRules
from goldenhour.domain.handover.choose import DestinationRules
from goldenhour.domain.register.city import City
from goldenhour.kernel.ids import Entropy, uuid7
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.personal import Clear
from goldenhour.kernel.record import Record
from goldenhour.kernel.recorded import Stamp
from goldenhour.kernel.telemetry import Numeric, NumericSet, Sign
from goldenhour.kernel.time import MINUTE_MS, SECOND_MS
from goldenhour.simulator.api import Live
from goldenhour.simulator.caller import LINE
from goldenhour.simulator.crew import CrewMind
from goldenhour.simulator.demand import Demand, Emergency, Habits
from goldenhour.simulator.drivers import find_leg, find_run
from goldenhour.simulator.mind import CARED_FOR, Due, Mind, RankedHospital
from goldenhour.simulator.monitor import Patient
from goldenhour.simulator.seat import SeatConfig, SeatMind
from goldenhour.simulator.vehicles import Fleet, Ways
from goldenhour.simulator.ward import WardMind
from goldenhour.views.answers import RecommendAnswer
from goldenhour.views.fold import Folded, Patch, Reveal, personal_rows
from goldenhour.views.render import renderer
from goldenhour.views.rows import AlertRow, CallRow, HandoverRow, IncidentRow, MissionRow

TRACK_MS: Final = 30 * SECOND_MS
VITALS_MS: Final = 60 * SECOND_MS
LOOK_MS: Final = 10 * MINUTE_MS
"""Hospitals look again though nothing happened: beds become free by themselves."""
SWEEP_MS: Final = 15 * MINUTE_MS
KEPT_MS: Final = 30 * MINUTE_MS
"""How long an ended case stays in sight."""


class VirtualClock:
    def __init__(self, at_ms: int) -> None:
        self.at_ms = at_ms

    def now_ms(self) -> int:
        return self.at_ms


class Setup(Record):
    """What a virtual city is made of."""

    city: City
    organisations: tuple[Organisation, ...]
    enrolments: dict[str, c.Command]
    """Organisation -> the command that puts its unit or hospital on the register."""
    centre: str
    facts: case.Facts
    dispatch: DispatchRules
    destination: DestinationRules
    habits: Habits
    seed: int
    start_ms: int
    calls_per_day: float
    seats: int
    travel: TravelTimes
    ways: Ways


class World:
    """What `handle` works on."""

    def __init__(self, facts: case.Facts, entropy: Entropy) -> None:
        self.journal = MemoryJournal()
        self.facts = facts
        self.entropy = entropy


def at_once[T](work: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that waits for nothing."""
    try:
        work.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    work.close()
    raise RuntimeError("something waits in virtual time")


class VirtualOffice:
    """An `Office` of one person."""

    def __init__(self, city: "VirtualCity", principal: Principal) -> None:
        self._city = city
        self.principal = principal
        self._sequence = 0

    def new_id(self) -> str:
        return self._city.new_id()

    async def send(self, command: c.Command) -> Outcome | Refused:
        self._sequence += 1
        return self._city.submit(self.principal, self._sequence, command)

    async def recommend(self, incident_id: str) -> RecommendAnswer | None:
        return self._city.recommend(incident_id)

    async def rank_hospitals(self, mission_id: str) -> list[RankedHospital]:
        return self._city.rank_hospitals(mission_id)


class _Person:
    def __init__(self, mind: Mind[Any], office: VirtualOffice, rng: Random) -> None:
        self.mind = mind
        self.office = office
        self.rng = rng
        self.planned: Due | None = None
        self.plan = 0
        """Counts plans, so that one that was dropped is known when its time comes."""


class VirtualCity:
    def __init__(self, setup: Setup, clock: VirtualClock) -> None:
        """`clock`: shared with whatever else of the setup depends on the time."""
        self._setup = setup
        self.clock = clock
        self._ids = Random(f"{setup.seed}/ids")  # noqa: S311 (a simulation, no secret)
        self._nature = Random(f"{setup.seed}/nature")  # noqa: S311 (as above)
        self.world = World(setup.facts, self._ids.randbytes)
        self.journal = self.world.journal
        self.view = Folded(renderer(setup.facts), Reveal({}))
        self.live = Live()
        self.positions = Positions(setup.travel.locate)
        self._tree = Organisations(list(setup.organisations))
        self._identities: dict[tuple[Role, str], Identity] = {}
        self._sequence = 0
        self._queue: list[tuple[int, int, Callable[[], None]]] = []
        self._order = 0
        self._folded = 0
        self.truths: dict[str, Emergency] = {}
        stations = {station.id: station.point for station in setup.city.stations}
        homes = {unit.id: stations[unit.station_id] for unit in setup.city.units}
        self._fleet = Fleet(homes, setup.ways)
        self._legs: dict[str, str] = {}
        self._last_runs: dict[str, str] = {}
        self._patients: dict[str, tuple[Patient, int]] = {}
        self._people: dict[str, _Person] = {}
        self._demand = Demand(
            setup.city,
            setup.habits,
            seed=setup.seed,
            start_ms=setup.start_ms,
            calls_per_day=setup.calls_per_day,
        )
        self._exchange = self._office(Role.GATEWAY, setup.centre, seat=LINE)
        self.fixes = 0
        self.commands = 0
        self.refusals: dict[str, int] = {}

    # ---- what everybody may do

    def new_id(self) -> str:
        return uuid7(self.clock.at_ms, self.world.entropy)

    def submit(self, principal: Principal, sequence: int, command: c.Command) -> Outcome | Refused:
        if not may_send(principal, command):
            raise RuntimeError(f"a {principal.role} may not say {command!r}")
        stamp = Stamp(
            actor=principal.person_id,
            seat=principal.seat,
            role=principal.role,
            org=principal.org,
            installation=principal.person_id,
            sequence=sequence,
            now_ms=self.clock.at_ms,
        )
        key = (principal.role, principal.org)
        identity = self._identities.get(key)
        if identity is None:
            identity = self._identities.setdefault(key, identity_of(principal, self._tree))
        outcome = at_once(handle(command, stamp, identity, self.world))
        self.commands += 1
        if isinstance(outcome, Refused):
            self.refusals[outcome.code] = self.refusals.get(outcome.code, 0) + 1
        self._fold()
        return outcome

    def recommend(self, incident_id: str) -> RecommendAnswer | None:
        for unit in self._setup.city.units:
            self._report(unit.id)
        found = advise.recommend_for(
            self.view,
            self.positions,
            self._setup.travel,
            facts=self._setup.facts,
            rules=self._setup.dispatch,
            incident_id=incident_id,
            now_ms=self.clock.at_ms,
        )
        return None if isinstance(found, Refused) else found

    def rank_hospitals(self, mission_id: str) -> list[RankedHospital]:
        found = advise.hospitals_for(
            self.view,
            self.positions,
            self._setup.travel,
            rules=self._setup.destination,
            mission_id=mission_id,
            needs=(),
            now_ms=self.clock.at_ms,
        )
        if isinstance(found, Refused):
            return []
        return [
            RankedHospital(hospital_id=h.hospital_id, eta_s=h.eta_s, diverting=h.diverting)
            for h in found
        ]

    # ---- the run of time

    def run(self, until_ms: int) -> None:
        if not self._people:
            self._begin()
        while True:
            timer = min(self.journal.timers.values(), key=lambda t: (t.due_ms, t.key), default=None)
            at_ms = self._queue[0][0]
            if timer is not None and timer.due_ms <= at_ms:
                at_ms = max(timer.due_ms, self.clock.at_ms)
            if at_ms >= until_ms:
                self.clock.at_ms = until_ms
                return
            self.clock.at_ms = at_ms
            if timer is not None and timer.due_ms <= at_ms:
                at_once(fire(timer, at_ms, self.world, self.journal))
                self._fold()
            else:
                _at_ms, _order, act = heapq.heappop(self._queue)
                act()

    def _at(self, at_ms: int, act: Callable[[], None]) -> None:
        self._order += 1
        heapq.heappush(self._queue, (at_ms, self._order, act))

    def _begin(self) -> None:
        setup = self._setup
        for org, command in setup.enrolments.items():
            self._say(command, org)
        for unit in setup.city.units:
            crew = (f"{unit.call_sign} 甲", f"{unit.call_sign} 乙")
            duty = c.SetDuty(unit_id=unit.id, on_duty=True, crew=crew)
            self._say(duty, f"unit:{unit.id}")
        protocol = setup.facts.triage.protocol
        for number in range(1, setup.seats + 1):
            seat = f"{number:02d}"
            config = SeatConfig(seat=seat, courtesy_s=0, seed=setup.seed)
            answers = setup.habits.answers
            office = self._office(Role.DISPATCHER, setup.centre, seat=seat)
            rng = self._rng(seat)
            mind = SeatMind(config, self.truths, protocol, answers, rng)
            self._people[f"seat:{seat}"] = _Person(mind, office, rng)
        for unit in setup.city.units:
            rng = self._rng(unit.id)
            office = self._office(
                Role.CREW, f"unit:{unit.id}", seat=unit.call_sign, unit_id=unit.id
            )
            mind_of_crew = CrewMind(unit.id, f"{unit.call_sign} 班组", rng)
            self._people[f"unit:{unit.id}"] = _Person(mind_of_crew, office, rng)
        for hospital in setup.city.hospitals:
            rng = self._rng(hospital.id)
            office = self._office(
                Role.HOSPITAL, f"hospital:{hospital.id}", seat="ED", hospital_id=hospital.id
            )
            ward = WardMind(hospital.id, hospital.beds, rng)
            self._people[f"hospital:{hospital.id}"] = _Person(ward, office, rng)
        self._wake(list(self._people))
        self._at(setup.start_ms + LOOK_MS, self._look)
        self._at(setup.start_ms + SWEEP_MS, self._sweep)
        self._next_call()

    def _office(
        self, role: Role, org: str, *, seat: str, unit_id: str = "", hospital_id: str = ""
    ) -> VirtualOffice:
        principal = Principal(
            person_id=f"sim-{role}-{seat}-{hospital_id}",
            name=seat,
            role=role,
            org=org,
            seat=seat,
            unit_id=unit_id,
            hospital_id=hospital_id,
        )
        return VirtualOffice(self, principal)

    def _rng(self, purpose: str) -> Random:
        return Random(f"{self._setup.seed}/{purpose}")  # noqa: S311 (a simulation, no secret)

    def _say(self, command: c.Command, org: str) -> None:
        """As the system's own processes do: the register, the geofence."""
        self._sequence += 1
        stamp = Stamp(
            actor="system",
            seat="",
            role="system",
            org=org,
            installation="sim-system",
            sequence=self._sequence,
            now_ms=self.clock.at_ms,
        )
        at_once(handle(command, stamp, SYSTEM, self.world))
        self._fold()

    # ---- callers

    def _next_call(self) -> None:
        emergency = self._demand.next()
        self._at(max(emergency.rings_ms, self.clock.at_ms), lambda: self._ring(emergency))

    def _ring(self, emergency: Emergency) -> None:
        self._next_call()
        call_id = self.new_id()
        self.truths[call_id] = emergency
        location = msgspec.json.encode(emergency.caller.location).decode()
        ring = c.Ring(
            call_id=call_id,
            number=Clear(text=emergency.caller.number),
            line=LINE,
            location=Clear(text=location),
        )
        at_once(self._exchange.send(ring))
        patience_s = emergency.caller.patience_s
        if patience_s is not None:
            until_ms = self.clock.at_ms + round(patience_s * SECOND_MS)
            self._at(until_ms, lambda: self._give_up(call_id))

    def _give_up(self, call_id: str) -> None:
        row = self.live.find_row(CallRow, call_id)
        if row is not None and row.state == "ringing":
            at_once(self._exchange.send(c.Abandon(call_id=call_id)))

    # ---- people

    def _wake(self, names: Iterable[str]) -> None:
        for name in names:
            person = self._people.get(name)
            if person is None:
                continue
            found = person.mind.find_next(self.live, self.clock.at_ms)
            if found == person.planned:
                continue
            person.planned = found
            person.plan += 1
            if found is not None:
                wait_ms = round(person.rng.uniform(*found.wait_s) * SECOND_MS)
                plan = person.plan
                self._at(
                    self.clock.at_ms + wait_ms,
                    lambda name=name, plan=plan: self._act(name, plan),  # type: ignore[misc] # the defaults bind this turn's values
                )

    def _act(self, name: str, plan: int) -> None:
        person = self._people[name]
        if person.plan != plan or person.planned is None:
            return
        due, person.planned = person.planned, None
        at_once(person.mind.do(due, self.live, person.office))
        self._wake([name])

    def _look(self) -> None:
        self._at(self.clock.at_ms + LOOK_MS, self._look)
        self._wake([name for name in self._people if not name.startswith("unit:")])

    # ---- what follows from what happened

    def _fold(self) -> None:
        """Bring the view up to the journal, then let whoever it concerns look."""
        touched: dict[str, None] = {}
        while self._folded < len(self.journal.feed):
            recorded = recorded_of(self.journal.feed[self._folded])
            self._folded += 1
            rows = personal_rows(recorded)
            self.view.reveal.add(
                {row: self.journal.personal[row][1].content.decode() for row in rows}
            )
            self._show(self.view.apply(recorded))
            touched[recorded.stream] = None
        if touched and self._people:
            self._follow(touched)

    def _show(self, patch: Patch) -> None:
        self.live.fold(patch.put, patch.drop)

    def _follow(self, streams: Iterable[str]) -> None:
        concerned: dict[str, None] = {}
        for stream in streams:
            kind, _, ident = stream.partition(":")
            for name in self._concerned(kind, ident):
                concerned[name] = None
        for name in concerned:
            if name.startswith("unit:"):
                self._drive(name.partition(":")[2])
        self._wake(concerned)

    def _concerned(self, kind: str, ident: str) -> list[str]:
        live = self.live
        match kind:
            case "call":
                return [name for name in self._people if name.startswith("seat:")]
            case "alert":
                alert = live.find_row(AlertRow, ident)
                if alert is None or alert.owner == "all":
                    return [name for name in self._people if name.startswith("seat:")]
                return [f"seat:{alert.owner}"]
            case "incident":
                incident = live.find_row(IncidentRow, ident)
                return [f"seat:{incident.seat}"] if incident else []
            case "mission":
                run = live.find_row(MissionRow, ident)
                if run is None:
                    return []
                incident = live.find_row(IncidentRow, run.incident_id)
                seat = [f"seat:{incident.seat}"] if incident else []
                return [f"unit:{run.unit_id}", *seat]
            case "patient":
                state = self.view.states.get(f"patient:{ident}")
                return [f"unit:{getattr(state, 'unit_id', '')}"]
            case "handover":
                row = live.find_row(HandoverRow, ident)
                return [f"hospital:{row.hospital_id}", f"unit:{row.unit_id}"] if row else []
            case "unit" | "hospital":
                return [f"{kind}:{ident}"]
            case _:
                return []

    # ---- vehicles and monitors

    def _drive(self, unit_id: str) -> None:
        run = find_run(self.live, unit_id)
        leg = find_leg(self.live, unit_id, self._last_runs.get(unit_id, ""))
        if run is not None:
            self._last_runs[unit_id] = run.id
            if run.state in CARED_FOR and unit_id not in self._patients:
                self._attach(unit_id, run)
        if leg is None:
            if self._legs.pop(unit_id, None):
                self._fleet.stop(unit_id, self.clock.at_ms)
            return
        if self._legs.get(unit_id) == leg.plan_id:
            return
        self._legs[unit_id] = leg.plan_id
        arrives_ms = self._fleet.send(unit_id, leg.target, self.clock.at_ms)
        plan_id = leg.plan_id
        self._at(arrives_ms, lambda: self._track(unit_id, plan_id))
        self._at(self.clock.at_ms + TRACK_MS, lambda: self._track(unit_id, plan_id))

    def _track(self, unit_id: str, plan_id: str) -> None:
        """A report on the way, or the one on arrival."""
        if self._legs.get(unit_id) != plan_id:
            return
        self._report(unit_id)
        fix = self.positions.fixes[unit_id]
        proposed = advise.propose_for(
            self.view, fix, rules=self._setup.dispatch, now_ms=self.clock.at_ms
        )
        if proposed is not None:
            self._say(proposed, self._setup.centre)
        if self._fleet.is_driving(unit_id, self.clock.at_ms):
            self._at(self.clock.at_ms + TRACK_MS, lambda: self._track(unit_id, plan_id))
        self._wake([f"unit:{unit_id}"])

    def _report(self, unit_id: str) -> None:
        fix = self._fleet.fix(unit_id, self.clock.at_ms)
        self.fixes += 1
        self.positions.take(fix)
        self.live.fixes[unit_id] = fix

    def _attach(self, unit_id: str, run: MissionRow) -> None:
        """The monitor is connected: the patient's signs come once a minute until the end."""
        incident = self.live.find_row(IncidentRow, run.incident_id)
        call_id = incident.calls[0] if incident else ""
        truth = self.truths.get(call_id)
        if truth is None:
            return
        self._patients[unit_id] = (Patient(truth.complaint.course, self._nature), self.clock.at_ms)
        self._at(self.clock.at_ms + VITALS_MS, lambda: self._measure(unit_id, run.id))

    def _measure(self, unit_id: str, mission_id: str) -> None:
        run = self.live.find_row(MissionRow, mission_id)
        if run is None or run.state not in CARED_FOR:
            self._patients.pop(unit_id, None)
            return
        patient, since_ms = self._patients[unit_id]
        drawn = patient.vitals((self.clock.at_ms - since_ms) / SECOND_MS)
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
            device_ms=self.clock.at_ms,
            received_ms=self.clock.at_ms,
            values=tuple(Numeric(sign=s, value=round(v, 1), note="") for s, v in signs.items()),
        )
        at_once(
            chart(
                item,
                self.view,
                self.world,
                org=f"unit:{unit_id}",
                sequence=self.clock.at_ms,
            )
        )
        self._fold()
        self._at(self.clock.at_ms + VITALS_MS, lambda: self._measure(unit_id, mission_id))

    # ---- housekeeping

    def _sweep(self) -> None:
        """Ended cases go out of sight, as they do from people's screens."""
        self._at(self.clock.at_ms + SWEEP_MS, self._sweep)
        old_ms = self.clock.at_ms - KEPT_MS
        gone = [
            stream
            for stream in self.view.states
            if not self.journal.open[stream]
            and self.journal.streams[stream][-1].received_ms < old_ms
            and not self._case_runs(stream)
        ]
        if gone:
            self._show(self.view.forget(gone))
            self._show(self.view.refresh_all())

    def _case_runs(self, stream: str) -> bool:
        incident = self.journal.cases.get(stream, "")
        return bool(incident) and self.journal.open.get(incident, False)

    # ---- afterwards

    def digest(self) -> str:
        """One figure for the whole journal: two runs that differ anywhere differ here."""
        total = hashlib.sha256()
        for stream, events in sorted(self.journal.streams.items()):
            total.update(stream.encode())
            total.update(events[-1].hash)
        return total.hexdigest()


def count_cases(journal: MemoryJournal) -> int:
    return sum(1 for stream in journal.streams if stream.startswith("incident:"))
