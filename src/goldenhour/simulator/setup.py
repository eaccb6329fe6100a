"""What a virtual city is made of, and its clock."""

from goldenhour.app.access import Organisation
from goldenhour.app.travel_times import TravelTimes
from goldenhour.domain import case
from goldenhour.domain import commands as c
from goldenhour.domain.dispatch.rules import DispatchRules
from goldenhour.domain.handover.choose import DestinationRules
from goldenhour.domain.register.city import City
from goldenhour.kernel.record import Record
from goldenhour.simulator.demand import Habits
from goldenhour.simulator.vehicles import Ways


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
