"""Road travel times of a city, on arrays.

`network` holds the graph, `build` makes it from ways, `snap` brings places onto it and `travel`
answers times and routes. Nothing here knows OpenStreetMap's tags, sockets or clocks; the owner of
the live speeds (an adapter) swaps one whole `TravelTimes` for the next.
"""

from goldenhour.compute.roads.network import NetworkFileError, RoadNetwork
from goldenhour.compute.roads.snap import OffRoad, Snapper, Snaps
from goldenhour.compute.roads.stretch import arcs_along, both_ways, whole_arcs
from goldenhour.compute.roads.travel import (
    Route,
    SpeedUpdate,
    Times,
    TravelTimes,
    estimate_crow_s,
)

__all__ = [
    "NetworkFileError",
    "OffRoad",
    "RoadNetwork",
    "Route",
    "Snapper",
    "Snaps",
    "SpeedUpdate",
    "Times",
    "TravelTimes",
    "arcs_along",
    "both_ways",
    "estimate_crow_s",
    "whole_arcs",
]
