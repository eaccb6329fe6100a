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
from collections.abc import Callable, Iterable
from random import Random  # noqa: TID251 (a simulator makes its dice from its seed)
from typing import Final, Protocol

import msgspec

from goldenhour.app import advise
from goldenhour.app.access import (
    Organisations,
    Principal,
    Role,
    identity_of,
    may_send,
)
from goldenhour.app.fleet import Fleet
from goldenhour.app.handle import handle
from goldenhour.app.journal import SYSTEM, Identity, Outcome
from goldenhour.app.memory import MemoryJournal
from goldenhour.app.timers import fire
from goldenhour.domain import commands as c
from goldenhour.kernel.ids import uuid7
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.personal import Clear
from goldenhour.kernel.recorded import Stamp, system_stamp
from goldenhour.kernel.telemetry import Fix, NumericSet
from goldenhour.kernel.time import MINUTE_MS, SECOND_MS
from goldenhour.simulator.caller import LINE
from goldenhour.simulator.concern import concerned
from goldenhour.simulator.crowd import Crowd, office_of
from goldenhour.simulator.cut_off import CutOff
from goldenhour.simulator.demand import Demand, Emergency
from goldenhour.simulator.mind import RankedHospital
from goldenhour.simulator.setup import Setup, VirtualClock
from goldenhour.simulator.sight import Sight, World, at_once
from goldenhour.simulator.street import Street
from goldenhour.views.answers import RecommendAnswer
from goldenhour.views.rows import CallRow

SWEEP_MS: Final = 15 * MINUTE_MS
KEPT_MS: Final = 30 * MINUTE_MS
"""How long an ended case stays in sight."""


class Trouble(Protocol):
    """What goes wrong in a city (`trouble.py`); without one nothing does."""

    def fix(self, fix: Fix) -> Fix: ...
    def numerics(self, item: NumericSet) -> NumericSet: ...
    def told(self, tell: Callable[[], Outcome | Refused], outcome: Outcome) -> None:
        """After an accepted command; `tell` says the very same again."""


class VirtualCity:
    def __init__(self, setup: Setup, clock: VirtualClock) -> None:
        """`clock`: shared with whatever else of the setup depends on the time."""
        self.setup = setup
        self.clock = clock
        self._ids = Random(f"{setup.seed}/ids")  # noqa: S311 (a simulation, no secret)
        self.sight = Sight(World(setup.facts, self._ids.randbytes, MemoryJournal()))
        self.journal = self.sight.world.journal
        self._fleet = Fleet()
        self._tree = Organisations(list(setup.organisations))
        self._identities: dict[tuple[Role, str], Identity] = {}
        self._sequence = 0
        self._queue: list[tuple[int, int, Callable[[], None]]] = []
        self._order = 0
        self.truths: dict[str, Emergency] = {}
        self.street = Street(self, Random(f"{setup.seed}/nature"))  # noqa: S311 (as above)
        self.trouble: Trouble | None = None
        self.cut_off: dict[str, CutOff] = {}
        """Units without a link now."""
        self.crowd = Crowd(self)
        self._begun = False
        self._demand = Demand(
            setup.city,
            setup.habits,
            seed=setup.seed,
            start_ms=setup.start_ms,
            calls_per_day=setup.calls_per_day,
        )
        self._exchange = office_of(self, Role.GATEWAY, setup.centre, seat=LINE)
        self.commands = 0
        self.refusals: dict[str, int] = {}

    # ---- what everybody may do

    def new_id(self) -> str:
        return uuid7(self.clock.at_ms, self.sight.world.entropy)

    def sight_of(self, unit_id: str) -> Sight:
        """What the vehicle's own people see: the centre's, or their own copy without a link."""
        cut = self.cut_off.get(unit_id)
        return cut.sight if cut else self.sight

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
        sight = self.sight_of(principal.unit_id)
        identity = self.identity_of(principal) if sight is self.sight else SYSTEM

        def tell() -> Outcome | Refused:
            return at_once(handle(command, stamp, identity, sight.world))

        outcome = tell()
        self.commands += 1
        if isinstance(outcome, Refused):
            self.refusals[outcome.code] = self.refusals.get(outcome.code, 0) + 1
        elif self.trouble is not None:
            self.trouble.told(tell, outcome)
        self.fold(sight)
        return outcome

    def identity_of(self, principal: Principal) -> Identity:
        key = (principal.role, principal.org)
        if key not in self._identities:
            self._identities[key] = identity_of(principal, self._tree)
        return self._identities[key]

    def recommend(self, incident_id: str) -> RecommendAnswer | None:
        for unit in self.setup.city.units:
            if unit.id not in self.cut_off:
                self.street.report(unit.id)
        grounds = advise.Grounds(
            view=self.sight.view,
            positions=self.street.positions,
            travel=self.setup.travel,
            facts=self.setup.facts,
            rules=self.setup.dispatch,
            now_ms=self.clock.at_ms,
            city=self.setup.city,
            fleet=self._fleet,
        )
        found = advise.recommend_for(grounds, incident_id)
        return None if isinstance(found, Refused) else found

    def rank_hospitals(self, mission_id: str, unit_id: str) -> list[RankedHospital]:
        if unit_id in self.cut_off:
            return []
        found = advise.hospitals_for(
            self.sight.view,
            self.street.positions,
            self.setup.travel,
            rules=self.setup.destination,
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
        if not self._begun:
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
                at_once(fire(timer, at_ms, self.sight.world, self.journal))
                self.fold()
            else:
                _at_ms, _order, act = heapq.heappop(self._queue)
                act()

    def at(self, at_ms: int, act: Callable[[], None]) -> None:
        self._order += 1
        heapq.heappush(self._queue, (at_ms, self._order, act))

    def _begin(self) -> None:
        setup = self.setup
        for org, command in setup.enrolments.items():
            self.say(command, org)
        for unit in setup.city.units:
            crew = (f"{unit.call_sign} 甲", f"{unit.call_sign} 乙")
            duty = c.SetDuty(unit_id=unit.id, on_duty=True, crew=crew)
            self.say(duty, f"unit:{unit.id}")
        self._begun = True
        self.crowd.come()
        self.at(setup.start_ms + SWEEP_MS, self._sweep)
        self._next_call()

    def say(self, command: c.Command, org: str) -> None:
        """As the system's own processes do: the register, the geofence."""
        self._sequence += 1
        stamp = system_stamp("sim-system", self._sequence, self.clock.at_ms, org=org)
        at_once(handle(command, stamp, SYSTEM, self.sight.world))
        self.fold()

    # ---- callers

    def _next_call(self) -> None:
        emergency = self._demand.next()
        self.at(max(emergency.rings_ms, self.clock.at_ms), lambda: self._ring(emergency))

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
            self.at(until_ms, lambda: self._give_up(call_id))

    def _give_up(self, call_id: str) -> None:
        row = self.sight.live.find_row(CallRow, call_id)
        if row is not None and row.state == "ringing":
            at_once(self._exchange.send(c.Abandon(call_id=call_id)))

    # ---- what follows from what happened

    def fold(self, sight: Sight | None = None) -> None:
        """Bring a view up to its journal, then let whoever it concerns look."""
        touched = (sight or self.sight).fold()
        if touched and self._begun:
            self._follow(touched)

    def restart(self) -> None:
        """The death of every process at the centre: what was not in the journal is gone."""
        self.sight.restart()
        self.crowd.forget_plans()
        self.crowd.wake(self.crowd.names)

    def _follow(self, streams: Iterable[str]) -> None:
        seats = [name for name in self.crowd.names if name.startswith("seat:")]
        looking: dict[str, None] = {}
        for stream in streams:
            for name in concerned(self.sight, stream, seats):
                looking[name] = None
        for name in looking:
            if name.startswith("unit:"):
                self.street.drive(name.partition(":")[2])
        self.crowd.wake(looking)

    # ---- housekeeping

    def _sweep(self) -> None:
        """Ended cases go out of sight, as they do from people's screens."""
        self.at(self.clock.at_ms + SWEEP_MS, self._sweep)
        old_ms = self.clock.at_ms - KEPT_MS
        gone = [
            stream
            for stream in self.sight.view.states
            if not self.journal.open[stream]
            and self.journal.streams[stream][-1].received_ms < old_ms
            and not self._case_runs(stream)
        ]
        if gone:
            self.sight.forget(gone)

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
