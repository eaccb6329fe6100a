"""What a dispatch level means and asks for: content, shown and configured, never computed with."""

from enum import StrEnum

from goldenhour.kernel.content import Text
from goldenhour.kernel.levels import DispatchLevel
from goldenhour.kernel.record import Record


class Lights(StrEnum):
    YES = "yes"
    LOCAL = "local"  # the local organisation decides
    NO = "no"
    NONE = "none"  # no vehicle goes


class UnitKind(StrEnum):
    ALS = "als"
    BLS = "bls"
    TRANSFER = "transfer"


class LevelPlan(Record):
    level: DispatchLevel
    name: Text
    meaning: Text
    lights: Lights
    response: Text
    unit_kinds: tuple[UnitKind, ...]
    """Wanted kinds, best first; empty: refer elsewhere."""
    crews: int
    assign_within_s: int | None = None
    """Call pick-up to unit assigned; None: no target."""


class Service(StrEnum):
    POLICE = "police"
    FIRE = "fire"


class Response(Record):
    """What a complaint asks for beside its level; what it leaves out is the level's plan."""

    topics: tuple[str, ...]
    levels: tuple[DispatchLevel, ...]
    unit_kinds: tuple[UnitKind, ...] = ()
    crews: int = 0
    others: tuple[Service, ...] = ()
    """Told at the same time."""
    staged: bool = False
    """Units wait at a safe distance until the others have made the place safe."""
