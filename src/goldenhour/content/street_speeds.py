"""Reading `street_speeds.toml`."""

from importlib.resources import files
from importlib.resources.abc import Traversable

import msgspec

from goldenhour import content
from goldenhour.compute.roads.learn import Learning
from goldenhour.content import ContentError
from goldenhour.domain.dispatch.arrival import ArrivalRules
from goldenhour.kernel.content import About
from goldenhour.kernel.record import Record

NAME = "street_speeds.toml"


class StreetRules(Record):
    about: About
    streets: Learning
    arrival: ArrivalRules


def load_street_speeds(root: Traversable | None = None) -> StreetRules:
    """Raises ContentError when the file must not be used."""
    file = (root or files(content)) / NAME
    try:
        rules = msgspec.toml.decode(file.read_bytes(), type=StreetRules)
    except (msgspec.DecodeError, UnicodeDecodeError, OSError) as error:
        raise ContentError(NAME, str(error)) from error
    arrival = rules.arrival
    if list(arrival.like_s) != sorted(set(arrival.like_s)) or min(arrival.like_s, default=1) <= 0:
        raise ContentError(NAME, "arrival.like_s: must be above zero and rise")
    if not 0 < arrival.low < arrival.high < 1:
        raise ContentError(NAME, "arrival: low and high are shares, low below high")
    if not 1 < arrival.fewest <= arrival.most or arrival.shortest_s <= 0:
        raise ContentError(NAME, "arrival: fewest, most and shortest_s must be above zero")
    return rules
