"""What a centre decides about its dispatching: content, with its source and sign-off."""

from msgspec import field

from goldenhour.domain.dispatch.credible import Credible
from goldenhour.domain.dispatch.geofence import Fences
from goldenhour.domain.dispatch.lend import Lending
from goldenhour.domain.register.events import HelpAlarm, UnitKind
from goldenhour.kernel.content import About
from goldenhour.kernel.levels import DispatchLevel
from goldenhour.kernel.record import Record


class Preference(Record):
    """How a level weighs kinds against seconds."""

    level: DispatchLevel
    later_s: dict[UnitKind, int] = field(default_factory=dict)
    """A kind ranks as if it arrived this much later; a kind without a number as it is."""
    als_follows: bool = False
    """A first unit of another kind is followed by the best ALS unit."""


class Rest(Record):
    """A crew that has been on duty for long ranks as if it arrived later: it may still go."""

    after_h: float
    later_s: int


class Home(Record):
    """An area left with fewer ready units keeps its own, unless they are clearly sooner.

    A unit that would leave its area so short ranks as if it arrived later, in a case of another
    area and of these levels.
    """

    least_ready: int
    later_s: int
    levels: tuple[DispatchLevel, ...]


class Urgency(Record):
    """What a late arrival loses, where cases compete for units."""

    levels: tuple[DispatchLevel, ...]
    weight: float
    half_s: float
    """After so many seconds half of the weight is lost."""
    unknown: bool = False
    """It holds for a case whose level nobody knows yet, too."""


class Nearby(Record):
    """When two open incidents may be one."""

    distance_m: int
    apart_min: int


class DispatchRules(Record):
    about: About
    position_excluded_s: int
    """An older position is no position to recommend on."""
    reserved_soon_s: int
    reach_s: int
    """A first arrival later than this is called out of reach."""
    crow_speed_kmh: float
    """Assumed along the lengthened straight line where no road time is known."""
    preferences: tuple[Preference, ...]
    fences: Fences
    duplicates: Nearby
    credible: Credible
    help_alarms: tuple[HelpAlarm, ...]
    """Alarms of a vehicle's terminal that call for help as its crew does."""
    help_alarm_s: int
    """One that is told late, after a blind zone, calls for so long; then it is history."""
    equipment: dict[DispatchLevel, tuple[str, ...]]
    """Items of the shift check that a level needs in order."""
    crew_least: dict[UnitKind, int]
    """Of a crew whose people are named."""
    rest: Rest
    home: Home
    redirect_gain_s: int
    """A unit is not turned round for less."""
    lend: Lending
    """Of this node's units, to another node's cases."""
    objective: tuple[Urgency, ...]
    """Every level stands in one of them, and one is that of an unknown level."""

    def urgency(self, level: DispatchLevel | None) -> Urgency:
        if level is None:
            return next(u for u in self.objective if u.unknown)
        return next(u for u in self.objective if level in u.levels)

    def preference(self, level: DispatchLevel) -> Preference:
        found = (p for p in self.preferences if p.level is level)
        return next(found, Preference(level=level))
