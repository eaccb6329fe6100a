"""The roads of a city from an OpenStreetMap extract (.osm.pbf, .osm.gz, .osm).

Rule 1: whatever is left out is counted under a reason that a person can read; nothing is dropped
        in silence.
Rule 2: the vehicle is an ambulance on a call, obeying signs. It may enter what is private or for
        residents, and what is closed to others but open to emergency vehicles or buses; it does
        not drive against a one-way street or make a banned turn unless a tag exempts it.
Rule 3: speeds are free flow: the posted limit, else a usual speed of the class. Live speeds and
        those learned from own runs come on top (compute.roads, `with_speeds`).
"""

import re
from array import array
from collections import Counter
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Final

import numpy as np
import osmium

from goldenhour.compute.roads.build import (
    AGAINST,
    ALONG,
    Built,
    Outcome,
    Restriction,
    Ways,
    assemble,
)
from goldenhour.compute.roads.network import RoadNetwork
from goldenhour.kernel.record import Record

Progress = Callable[[str, int, int], None]
"""Stage, how much of it is done, and of how much (0: not known beforehand)."""

CLASS_KMH: Final[dict[str, float]] = {
    "motorway": 100, "motorway_link": 50, "trunk": 70, "trunk_link": 45,
    "primary": 50, "primary_link": 35, "secondary": 45, "secondary_link": 35,
    "tertiary": 40, "tertiary_link": 30, "unclassified": 30, "residential": 25,
    "living_street": 10, "service": 15, "road": 25, "track": 15, "busway": 35,
}  # fmt: skip
PATH_KMH: Final = 10.0
"""Foot and cycle ways, only where emergency vehicles are let in by name."""
PATHS: Final = frozenset({"pedestrian", "footway", "path", "cycleway", "bridleway"})
MIN_KMH: Final = 5.0
MAX_KMH: Final = 120.0
NAMED_KMH: Final[dict[str, float]] = {"walk": 7, "none": MAX_KMH}
MILE_KM: Final = 1.609344

_OPEN: Final = frozenset({"yes", "designated", "official", "permissive"})
_SHUT: Final = frozenset({"no", "agricultural", "forestry", "bicycle", "foot"})
_BARRIERS: Final = frozenset({
    "block", "bollard", "bus_trap", "chain", "cycle_barrier", "debris", "fence", "jersey_barrier",
    "kissing_gate", "log", "motorcycle_barrier", "planter", "stile", "turnstile", "wall",
})  # fmt: skip
_RING: Final = frozenset({"roundabout", "circular"})
_ACCESS_KEYS: Final = ("motor_vehicle", "vehicle", "access")
_FACING: Final[dict[str | None, int]] = {"forward": ALONG, "backward": AGAINST}
_RESTRICTION_KEYS: Final = ("restriction", "restriction:motor_vehicle", "restriction:motorcar")
_NO: Final = frozenset({
    "no_left_turn", "no_right_turn", "no_straight_on", "no_u_turn", "no_entry", "no_exit",
})  # fmt: skip
_ONLY: Final = frozenset({
    "only_left_turn", "only_right_turn", "only_straight_on", "only_u_turn",
})  # fmt: skip
_ZONE: Final = re.compile(r"[A-Z]{2}:")
"""A limit given as the kind of its zone, `CN:urban`: no number, so the class decides."""
_SPEED: Final = re.compile(r"(\d+(?:\.\d+)?) ?(km/h|kmh|mph)?")
_OBJECTS_PER_REPORT: Final = 10_000


class Reason(StrEnum):
    """Why something of the map is not, or not fully, in the network."""

    NO_VEHICLES = "no_vehicles"
    ACCESS = "access"
    AREA = "area"
    REVERSIBLE = "reversible"
    FEW_NODES = "few_nodes"
    MISSING_NODES = "missing_nodes"
    ISLAND = "island"
    MAXSPEED = "maxspeed"
    CONDITIONAL_WAY = "conditional_way"
    FERRY = "ferry"
    CONDITIONAL_TURN = "conditional_turn"
    OTHER_VEHICLES = "other_vehicles"
    EXEMPT = "exempt"
    UNKNOWN_TURN = "unknown_turn"
    BROKEN_TURN = "broken_turn"
    VIA_WAY = "via_way"
    OFF_NETWORK = "off_network"
    NO_SUCH_TURN = "no_such_turn"
    AMBIGUOUS = "ambiguous"


WORDS: Final[dict[Reason, str]] = {
    Reason.NO_VEHICLES: "ways of a kind that ambulances do not drive on (steps, footways, plans)",
    Reason.ACCESS: "ways closed to motor vehicles, emergency vehicles not exempted",
    Reason.AREA: "squares drawn as areas instead of lines",
    Reason.REVERSIBLE: "ways whose direction changes with the hour",
    Reason.FEW_NODES: "ways with fewer than two nodes inside the extract",
    Reason.MISSING_NODES: "ways cut short because some of their nodes are missing in the extract",
    Reason.ISLAND: "street pieces on small islands that no street joins to the rest",
    Reason.MAXSPEED: "speed limits that could not be read; the usual speed of the class was taken",
    Reason.CONDITIONAL_WAY: "ways with rules for certain hours or loads; those rules were left out",
    Reason.FERRY: "ferries, which have no travel time here",
    Reason.CONDITIONAL_TURN: "turn restrictions for certain hours, not applied",
    Reason.OTHER_VEHICLES: "turn restrictions for other kinds of vehicles only, not applied",
    Reason.EXEMPT: "turn restrictions from which emergency vehicles are exempt, not applied",
    Reason.UNKNOWN_TURN: "turn restrictions of an unknown kind",
    Reason.BROKEN_TURN: "turn restrictions without exactly a from-way, a via node and a to-way",
    Reason.VIA_WAY: "turn restrictions over a way instead of a node, not applied",
    Reason.OFF_NETWORK: "turn restrictions whose node or from-way is not on the network",
    Reason.NO_SUCH_TURN: "turn restrictions about a turn that does not exist anyway",
    Reason.AMBIGUOUS: "turn restrictions at a way that runs through the node: direction not said",
}
_OUTCOMES: Final = {
    Outcome.OFF_NETWORK: Reason.OFF_NETWORK,
    Outcome.NO_SUCH_TURN: Reason.NO_SUCH_TURN,
    Outcome.AMBIGUOUS: Reason.AMBIGUOUS,
}


class RoadReport(Record):
    """What an import made of an extract."""

    ways: int
    street_pieces: int
    street_km: float
    arcs: int
    turns: int
    turns_banned: int
    restrictions_applied: int
    signals: int
    barriers: int
    no_return_arcs: int
    """Arcs that lead out of the extract, or in, and not back."""
    left_out: dict[Reason, int]

    def lines(self) -> list[str]:
        return [f"{count} {WORDS[reason]}" for reason, count in self.left_out.items()]


class Imported(Record, eq=False):
    network: RoadNetwork
    report: RoadReport


class RoadImportCode(StrEnum):
    UNREADABLE = "unreadable"
    NO_ROADS = "no_roads"


class RoadImportError(Exception):
    """The extract gives no network at all; `field` is the place in the file as far as known."""

    def __init__(self, code: RoadImportCode, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.code = code
        self.field = field


def import_roads(path: Path, progress: Progress) -> Imported:
    """Stages `read` (map objects so far, total unknown), `cut`, `turns`, `order`, `ready`."""
    gathered = _Gathered()
    wanted = osmium.filter.KeyFilter("highway", "barrier", "route", "type")
    try:
        objects = osmium.FileProcessor(path).with_locations().with_filter(wanted)
        for done, thing in enumerate(objects, start=1):
            if isinstance(thing, osmium.osm.Node):
                gathered.take_node(thing)
            elif isinstance(thing, osmium.osm.Way):
                gathered.take_way(thing)
            elif isinstance(thing, osmium.osm.Relation):
                gathered.take_relation(thing)
            if done % _OBJECTS_PER_REPORT == 0:
                progress("read", done, 0)
    except (RuntimeError, OSError, ValueError, osmium.InvalidLocationError) as error:
        raise RoadImportError(RoadImportCode.UNREADABLE, path.name, str(error)) from error
    if not gathered.way_id:
        raise RoadImportError(RoadImportCode.NO_ROADS, "way", "none that an ambulance can drive on")
    built = assemble(
        gathered.ways(),
        signals=gathered.signals,
        blocked=gathered.blocked,
        restrictions=gathered.restrictions,
        on_stage=lambda stage: progress(stage, 0, 1),
    )
    progress("ready", 1, 1)
    return Imported(network=built.network, report=_report(gathered, built))


class _Gathered:
    """What one pass over the file collects; flat arrays, since a city has a million nodes."""

    def __init__(self) -> None:
        self.way_id = array("q")
        self.start = array("q", [0])
        self.node = array("q")
        self.lat = array("d")
        self.lon = array("d")
        self.forward_kmh = array("d")
        self.backward_kmh = array("d")
        self.signals: dict[int, int] = {}
        self.blocked: set[int] = set()
        self.restrictions: list[Restriction] = []
        self.left_out: Counter[Reason] = Counter()

    def take_node(self, node: osmium.osm.Node) -> None:
        tags = dict(node.tags)
        if tags.get("highway") == "traffic_signals":
            facing = tags.get("traffic_signals:direction", tags.get("direction"))
            self.signals[node.id] = _FACING.get(facing, ALONG | AGAINST)
        if tags.get("barrier") in _BARRIERS and not _lets_in(tags):
            self.blocked.add(node.id)

    def take_way(self, way: osmium.osm.Way) -> None:
        tags = dict(way.tags)
        if "highway" not in tags:
            if tags.get("route") == "ferry":
                self.left_out[Reason.FERRY] += 1
            return
        refused = _refusal(tags)
        if refused is not None:
            self.left_out[refused] += 1
            return
        before = len(self.node)
        missing = False
        for place in way.nodes:
            if not place.location.valid():
                missing = True
            elif len(self.node) == before or self.node[-1] != place.ref:
                self.node.append(place.ref)
                self.lat.append(place.lat)
                self.lon.append(place.lon)
        if len(self.node) - before < 2:  # noqa: PLR2004 (a line has two ends)
            del self.node[before:], self.lat[before:], self.lon[before:]
            self.left_out[Reason.FEW_NODES] += 1
            return
        self.left_out[Reason.MISSING_NODES] += missing
        self.left_out[Reason.CONDITIONAL_WAY] += any(key.endswith(":conditional") for key in tags)
        speeds = [_kmh(tags, side) for side in ("forward", "backward")]
        self.left_out[Reason.MAXSPEED] += None in speeds
        usual = CLASS_KMH.get(tags["highway"], PATH_KMH)
        forward_kmh, backward_kmh = (usual if kmh is None else kmh for kmh in speeds)
        forward, backward = _directions(tags)
        self.way_id.append(way.id)
        self.start.append(len(self.node))
        self.forward_kmh.append(forward_kmh if forward else 0.0)
        self.backward_kmh.append(backward_kmh if backward else 0.0)

    def take_relation(self, relation: osmium.osm.Relation) -> None:
        tags = dict(relation.tags)
        if not tags.get("type", "").startswith("restriction"):
            return
        members = [(member.role, member.type, member.ref) for member in relation.members]
        read = _read_restriction(tags, members)
        if isinstance(read, Reason):
            self.left_out[read] += 1
        else:
            self.restrictions += read

    def ways(self) -> Ways:
        on_ways = set(self.node)
        self.signals = {node: side for node, side in self.signals.items() if node in on_ways}
        self.blocked &= on_ways
        return Ways(
            way_id=np.array(self.way_id, dtype=np.int64),
            start=np.array(self.start, dtype=np.int64),
            node=np.array(self.node, dtype=np.int64),
            lat=np.array(self.lat),
            lon=np.array(self.lon),
            forward_kmh=np.array(self.forward_kmh),
            backward_kmh=np.array(self.backward_kmh),
        )


def _refusal(tags: dict[str, str]) -> Reason | None:
    kind = tags["highway"]
    by_name = _lets_in(tags)
    if kind not in CLASS_KMH and not (kind in PATHS and by_name):
        return Reason.NO_VEHICLES
    if tags.get("area") == "yes":
        return Reason.AREA
    if tags.get("emergency") == "no" or not (by_name or _open_to_motors(tags)):
        return Reason.ACCESS
    if tags.get("oneway") == "reversible":
        return Reason.REVERSIBLE
    return None


def _lets_in(tags: dict[str, str]) -> bool:
    """Whether emergency vehicles are let in by name."""
    return tags.get("emergency") in _OPEN or any(
        tags.get(key) == "emergency" for key in _ACCESS_KEYS
    )


def _open_to_motors(tags: dict[str, str]) -> bool:
    """Anything short of a plain no will do, and so will a bus lane; the narrower tag decides."""
    if tags.get("bus") in _OPEN or tags.get("psv") in _OPEN:
        return True
    stated = next((tags[key] for key in _ACCESS_KEYS if key in tags), "yes")
    return stated not in _SHUT


def _directions(tags: dict[str, str]) -> tuple[bool, bool]:
    """Whether driving along and against the way's nodes is allowed."""
    if tags.get("oneway:emergency") == "no":
        return True, True
    implied = tags.get("junction") in _RING or tags["highway"] == "motorway"
    match tags.get("oneway"):
        case "-1" | "reverse":
            return False, True
        case "yes" | "true" | "1":
            return True, False
        case "no" | "false" | "0":
            return True, True
        case _:
            return True, not implied


def _kmh(tags: dict[str, str], side: str) -> float | None:
    """The speed on one side; None for a posted limit that cannot be read."""
    posted = tags.get(f"maxspeed:{side}", tags.get("maxspeed"))
    if posted is None or _ZONE.match(posted):
        return CLASS_KMH.get(tags["highway"], PATH_KMH)
    match = _SPEED.fullmatch(posted)
    if match is not None:
        posted_kmh = float(match[1]) * (MILE_KM if match[2] == "mph" else 1)
    elif posted in NAMED_KMH:
        posted_kmh = NAMED_KMH[posted]
    else:
        return None
    return min(max(posted_kmh, MIN_KMH), MAX_KMH)


def _read_restriction(
    tags: dict[str, str], members: list[tuple[str, str, int]]
) -> list[Restriction] | Reason:
    kind = next((tags[key] for key in _RESTRICTION_KEYS if key in tags), None)
    if kind is None:
        rest = [key for key in tags if key.startswith("restriction:")]
        if any(key.endswith(":conditional") for key in rest):
            return Reason.CONDITIONAL_TURN
        return Reason.OTHER_VEHICLES if rest else Reason.UNKNOWN_TURN
    if "emergency" in {word.strip() for word in tags.get("except", "").split(";")}:
        return Reason.EXEMPT
    only = kind in _ONLY
    if not only and kind not in _NO:
        return Reason.UNKNOWN_TURN
    starts = [ref for role, type_, ref in members if (role, type_) == ("from", "w")]
    ends = [ref for role, type_, ref in members if (role, type_) == ("to", "w")]
    via = [(type_, ref) for role, type_, ref in members if role == "via"]
    if any(type_ == "w" for type_, _ in via):
        return Reason.VIA_WAY
    many = len(starts) > 1 and kind != "no_entry", len(ends) > 1 and kind != "no_exit"
    if not (starts and ends and len(via) == 1 and via[0][0] == "n") or any(many):
        return Reason.BROKEN_TURN
    return [
        Restriction(from_way=start, via_node=via[0][1], to_way=end, only=only)
        for start in starts
        for end in ends
    ]


def _report(gathered: _Gathered, built: Built) -> RoadReport:
    network, left_out = built.network, gathered.left_out
    left_out[Reason.ISLAND] += built.island_pieces
    for outcome, reason in _OUTCOMES.items():
        left_out[reason] += built.outcomes[outcome]
    return RoadReport(
        ways=len(gathered.way_id),
        street_pieces=len(network.piece_way),
        street_km=round(float(network.piece_length_m.sum()) / 1000, 1),
        arcs=network.arc_count,
        turns=len(network.turn_from),
        turns_banned=int(np.count_nonzero(network.turn_banned)),
        restrictions_applied=built.outcomes[Outcome.USED],
        signals=len(gathered.signals),
        barriers=len(gathered.blocked),
        no_return_arcs=built.no_return_arcs,
        left_out={reason: left_out[reason] for reason in Reason if left_out[reason]},
    )
