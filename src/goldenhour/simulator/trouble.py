"""What goes wrong in a simulated city, from a seed: cut links, lying devices, deaths, repetitions.

Rule 1: trouble is what networks, devices and power do; no person behaves worse for it.
Rule 2: what it notices itself (a repeated command that was answered otherwise, an upload that was
        kept aside) it keeps as sentences; everything else is for `invariants.py`.
"""

from collections.abc import Callable
from functools import partial
from random import Random  # noqa: TID251 (a simulator makes its dice from its seed)
from typing import Final

from msgspec.structs import replace

from goldenhour.app.journal import Outcome
from goldenhour.app.observe import Observer
from goldenhour.app.vehicle_authority import FromVehicle
from goldenhour.kernel.geo import Point
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.telemetry import Fix, Numeric, NumericSet
from goldenhour.kernel.time import HOUR_MS, MINUTE_MS, SECOND_MS
from goldenhour.simulator.cut_off import CutOff, Ledger
from goldenhour.simulator.sight import at_once
from goldenhour.simulator.virtual import VirtualCity

CUTS_A_UNIT_DAY: Final = 12
CUT_MS: Final = (2 * MINUTE_MS, 25 * MINUTE_MS)
DEATHS_A_DAY: Final = 48
LIES: Final = 0.03
"""Share of a device's reports that are wrong."""
TOLD_TWICE: Final = 0.05
"""Share of accepted commands whose answer got lost, so that they are sent again."""
_FAR_DEG: Final = 0.3
_DAY_MS: Final = 24 * HOUR_MS


class CityTrouble:
    def __init__(self, city: VirtualCity, seed: int) -> None:
        self._city = city
        self._dice = Random(f"{seed}/trouble")  # noqa: S311 (a simulation, no secret)
        self._ledger = Ledger()
        self._observer = Observer(city.sight.world, self._ledger, city.clock, self._ledger)
        self.noticed: list[str] = []
        self.counts = dict.fromkeys(("cuts", "uploaded", "deaths", "lies", "repeated"), 0)
        city.trouble = self
        self._plan(city.clock.at_ms)

    def _plan(self, now_ms: int) -> None:
        for unit in self._city.setup.city.units:
            self._later(now_ms, _DAY_MS / CUTS_A_UNIT_DAY, partial(self._cut, unit.id))
        self._later(now_ms, _DAY_MS / DEATHS_A_DAY, self._die)

    def _later(self, now_ms: int, mean_ms: float, act: Callable[[], None]) -> None:
        self._city.at(now_ms + round(self._dice.expovariate(1 / mean_ms)), act)

    # ---- links

    def _cut(self, unit_id: str) -> None:
        city, now_ms = self._city, self._city.clock.at_ms
        self._later(now_ms, _DAY_MS / CUTS_A_UNIT_DAY, partial(self._cut, unit_id))
        if unit_id in city.cut_off:
            return
        self.counts["cuts"] += 1
        principal = city.crowd.principal_of(f"unit:{unit_id}")
        known = self._ledger.progress.get(f"edge:sim-{unit_id}")
        last, origin = (known.through, known.origin or b"") if known else (0, b"")
        identity = city.identity_of(principal)
        city.cut_off[unit_id] = CutOff(unit_id, city.sight, identity, last, origin)
        city.at(now_ms + self._dice.randint(*CUT_MS), partial(self._join, unit_id))

    def _join(self, unit_id: str) -> None:
        city = self._city
        cut = city.cut_off.pop(unit_id)
        upload = cut.upload()
        for _time in range(2):  # the first answer is lost on the way
            answer = at_once(self._observer.take(upload, FromVehicle(name=unit_id)))
        last = upload.items[-1].sequence if upload.items else answer.through
        if answer.through != last:
            self.noticed.append(f"{unit_id}: uploaded {last}, durable is {answer.through}")
        self.counts["uploaded"] += len(upload.items)
        for _installation, sequence, reason in self._ledger.aside:
            self.noticed.append(f"{unit_id}: item {sequence} was kept aside: {reason}")
        self._ledger.aside.clear()
        city.fold()
        city.street.drive(unit_id)
        city.crowd.wake([f"unit:{unit_id}"])

    # ---- processes

    def _die(self) -> None:
        self._later(self._city.clock.at_ms, _DAY_MS / DEATHS_A_DAY, self._die)
        self.counts["deaths"] += 1
        self._city.restart()

    def told(self, tell: Callable[[], Outcome | Refused], outcome: Outcome) -> None:
        if self._dice.random() < TOLD_TWICE:
            self.counts["repeated"] += 1
            again = tell()
            if again != outcome:
                self.noticed.append(f"told again: {again} where {outcome} was the answer")

    # ---- devices

    def fix(self, fix: Fix) -> Fix:
        if self._dice.random() >= LIES or fix.point is None:
            return fix
        self.counts["lies"] += 1
        match self._dice.randrange(3):
            case 0:
                return replace(fix, point=None)
            case 1:
                north = self._dice.uniform(-_FAR_DEG, _FAR_DEG)
                return replace(fix, point=Point(lat=fix.point.lat + north, lon=fix.point.lon))
            case _:
                late_ms = self._dice.randint(-HOUR_MS, 5 * SECOND_MS)
                return replace(fix, device_ms=fix.device_ms + late_ms)

    def numerics(self, item: NumericSet) -> NumericSet:
        if self._dice.random() >= LIES:
            return item
        self.counts["lies"] += 1
        lie = self._dice.choice((None, 0.0, -7.0, 8388607.0))
        numbers = [Numeric(sign=n.sign, value=lie, note="") for n in item.values]
        return replace(item, values=tuple(numbers))
