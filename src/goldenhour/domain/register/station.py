"""A station, where ambulances stand. Whose it is the tree of organisations says.

A station that nobody has listed yet has no stream: then the city and its vehicles tell where it is.
"""

from goldenhour.domain.register.events import StationListed
from goldenhour.kernel.geo import Point
from goldenhour.kernel.record import Record
from goldenhour.kernel.recorded import Recorded


class Station(Record):
    name: str
    name_en: str
    point: Point
    phone: str
    assumed: bool


def evolve(state: Station | None, recorded: Recorded) -> Station | None:
    event = recorded.event
    if not isinstance(event, StationListed):
        return state
    return Station(
        name=event.name,
        name_en=event.name_en,
        point=event.point,
        phone=event.phone,
        assumed=event.assumed,
    )


def listed_of(state: Station) -> StationListed:
    """What the register says of it."""
    return StationListed(
        name=state.name,
        name_en=state.name_en,
        point=state.point,
        phone=state.phone,
        assumed=state.assumed,
    )
