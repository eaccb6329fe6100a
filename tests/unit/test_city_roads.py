"""Importing roads, on towns drawn by hand: one unit of the drawing takes ten seconds to drive."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from goldenhour.adapters.city.roads import (
    WORDS,
    Imported,
    Reason,
    RoadImportCode,
    RoadImportError,
    import_roads,
)
from goldenhour.compute.roads import Snapper, TravelTimes
from goldenhour.compute.roads.snap import Snaps
from goldenhour.kernel.geo import Point

UNIT_DEG = 0.001
"""111.195 m beside the equator: 10.0 s at 40 km/h."""

type Tags = dict[str, str]

SQUARE = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1)}
#  5---4
#  |   |
#  3---2---6
#      |
#      1
CROSSING = {1: (1, 0), 2: (1, 1), 3: (0, 1), 4: (1, 2), 5: (0, 2), 6: (2, 1)}
CROSSING_WAYS: dict[str, Tags] = {"1 2": {}, "2 3": {}, "2 4": {}, "4 5 3": {}, "2 6": {}}


def tag_lines(tags: Tags) -> str:
    return "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())


def osm(
    nodes: Mapping[int, tuple[float, float]],
    ways: Mapping[str, Tags],
    *,
    node_tags: dict[int, Tags] | None = None,
    rules: list[tuple[str, Tags]] | None = None,
) -> str:
    """A way's id is its rank from 1; a rule names role, type and id of its members."""
    lines = ["<osm version='0.6'>"]
    for ref, (x, y) in nodes.items():
        place = f'lat="{y * UNIT_DEG}" lon="{x * UNIT_DEG}"'
        lines.append(f'<node id="{ref}" {place}>{tag_lines((node_tags or {}).get(ref, {}))}</node>')
    for rank, (refs, tags) in enumerate(ways.items(), start=1):
        nds = "".join(f'<nd ref="{ref}"/>' for ref in refs.split())
        usual = {"highway": "residential", "maxspeed": "40"}
        lines.append(f'<way id="{rank}">{nds}{tag_lines(usual | tags)}</way>')
    for rank, (members, tags) in enumerate(rules or [], start=1):
        words = [member.split(":") for member in members.split()]
        parts = "".join(f'<member role="{r}" type="{t}" ref="{i}"/>' for r, t, i in words)
        lines.append(f'<relation id="{rank}">{parts}{tag_lines({"type": "restriction"} | tags)}')
        lines.append("</relation>")
    return "\n".join([*lines, "</osm>"])


def quiet(_stage: str, _done: int, _total: int) -> None: ...


class Town:
    def __init__(self, folder: Path, text: str) -> None:
        (folder / "town.osm").write_text(text, encoding="utf-8")
        imported = import_roads(folder / "town.osm", quiet)
        self.imported: Imported = imported
        self.report = imported.report
        self.network = imported.network
        self.travel = TravelTimes.start(imported.network, version=0)
        self.snapper = Snapper(imported.network)

    def at(self, x: float, y: float, heading_deg: float | None = None) -> Snaps:
        if heading_deg is None:
            found = self.snapper.find_nearest(Point(lat=y * UNIT_DEG, lon=x * UNIT_DEG))
            assert isinstance(found, Snaps)
            return found
        place = np.array([[y * UNIT_DEG, x * UNIT_DEG]])
        return self.snapper.snap(place, np.array([heading_deg]), np.array([10.0]))

    def seconds(self, source: Snaps, target: Snaps) -> float:
        """Asked in all three ways, which must agree."""
        to = float(self.travel.times_to(target, source).seconds[0])
        assert float(self.travel.times_from(source, target).seconds[0]) == to
        route = self.travel.find_route(source, target)
        assert (route.seconds if route else np.inf) == pytest.approx(to)
        return round(to, 3)


def test_two_way_street_is_driven_both_ways(tmp_path: Path) -> None:
    town = Town(tmp_path, osm({1: (0, 0), 2: (1, 0), 3: (2, 0)}, {"1 2 3": {}}))
    assert town.seconds(town.at(0.5, 0), town.at(1.5, 0)) == 10.0
    assert town.seconds(town.at(1.5, 0), town.at(0.5, 0)) == 10.0
    assert town.report.street_pieces == 1


@pytest.mark.parametrize(
    ("tags", "eastward", "westward"),
    [
        ({}, 5.0, 5.0),
        ({"oneway": "yes"}, 5.0, 35.0),
        ({"oneway": "1"}, 5.0, 35.0),
        ({"oneway": "-1"}, 35.0, 5.0),
        ({"oneway": "yes", "oneway:emergency": "no"}, 5.0, 5.0),
        ({"junction": "roundabout"}, 5.0, 35.0),
        ({"junction": "roundabout", "oneway": "no"}, 5.0, 5.0),
        ({"highway": "motorway"}, 5.0, 35.0),
    ],
)
def test_a_place_behind_on_a_one_way_street_is_reached_round_the_block(
    tmp_path: Path, tags: Tags, eastward: float, westward: float
) -> None:
    town = Town(tmp_path, osm(SQUARE, {"1 2": tags, "2 3 4 1": {}}))
    assert town.seconds(town.at(0.25, 0), town.at(0.75, 0)) == eastward
    assert town.seconds(town.at(0.75, 0), town.at(0.25, 0)) == westward


def test_roundabout_is_driven_one_way_only(tmp_path: Path) -> None:
    nodes = SQUARE | {5: (0, -1), 6: (0, 2)}
    ring = {"junction": "roundabout"}
    town = Town(tmp_path, osm(nodes, {"1 2 3 4 1": ring, "5 1": {}, "4 6": {}}))
    assert town.seconds(town.at(0, -0.5), town.at(0, 1.5)) == 40.0
    assert town.seconds(town.at(0, 1.5), town.at(0, -0.5)) == 20.0


@pytest.mark.parametrize(
    ("members", "tags", "seconds", "left_out"),
    [
        ("from:way:1 via:node:2 to:way:2", {"restriction": "no_left_turn"}, 40.0, None),
        ("from:way:1 via:node:2 to:way:3", {"restriction": "only_straight_on"}, 40.0, None),
        ("from:way:1 via:node:2 to:way:5", {"restriction": "no_right_turn"}, 10.0, None),
        ("from:way:2 via:node:2 to:way:1", {"restriction": "no_right_turn"}, 10.0, None),
        (
            "from:way:1 via:node:2 to:way:2",
            {"restriction": "no_left_turn", "except": "bus; emergency"},
            10.0,
            Reason.EXEMPT,
        ),
        (
            "from:way:1 via:node:2 to:way:2",
            {"restriction": "no_left_turn", "except": "bus"},
            40.0,
            None,
        ),
        (
            "from:way:1 via:node:2 to:way:2",
            {"restriction:conditional": "no_left_turn @ (07:00-09:00)"},
            10.0,
            Reason.CONDITIONAL_TURN,
        ),
        (
            "from:way:1 via:node:2 to:way:2",
            {"restriction:hgv": "no_left_turn"},
            10.0,
            Reason.OTHER_VEHICLES,
        ),
        ("from:way:1 via:node:2 to:way:2", {"restriction": "maybe"}, 10.0, Reason.UNKNOWN_TURN),
        ("from:way:1 via:node:2 to:way:2", {}, 10.0, Reason.UNKNOWN_TURN),
        ("from:way:1 to:way:2", {"restriction": "no_left_turn"}, 10.0, Reason.BROKEN_TURN),
        (
            "from:way:1 via:way:3 to:way:4",
            {"restriction": "no_left_turn"},
            10.0,
            Reason.VIA_WAY,
        ),
        (
            "from:way:1 via:node:99 to:way:2",
            {"restriction": "no_left_turn"},
            10.0,
            Reason.OFF_NETWORK,
        ),
        (
            "from:way:1 via:node:2 to:way:4",
            {"restriction": "only_left_turn"},
            10.0,
            Reason.NO_SUCH_TURN,
        ),
    ],
)
def test_turn_restriction(
    tmp_path: Path, members: str, tags: Tags, seconds: float, left_out: Reason | None
) -> None:
    town = Town(tmp_path, osm(CROSSING, CROSSING_WAYS, rules=[(members, tags)]))
    assert town.seconds(town.at(1, 0.5), town.at(0.5, 1)) == seconds
    assert town.report.left_out == ({left_out: 1} if left_out else {})
    assert town.report.restrictions_applied == (0 if left_out else 1)


def test_restriction_from_a_way_that_runs_through_its_node_is_ambiguous(tmp_path: Path) -> None:
    rule = ("from:way:1 via:node:2 to:way:2", {"restriction": "no_left_turn"})
    town = Town(tmp_path, osm(CROSSING, {"1 2 4": {}, "2 3": {}}, rules=[rule]))
    assert town.report.left_out == {Reason.AMBIGUOUS: 1}


def test_no_entry_from_two_ways_bans_both(tmp_path: Path) -> None:
    rule = ("from:way:1 from:way:5 via:node:2 to:way:2", {"restriction": "no_entry"})
    town = Town(tmp_path, osm(CROSSING, CROSSING_WAYS, rules=[rule]))
    assert town.seconds(town.at(1, 0.5), town.at(0.5, 1)) == 40.0
    assert town.seconds(town.at(1.5, 1), town.at(0.5, 1)) == 40.0


def test_moving_vehicle_turns_round_only_at_a_dead_end(tmp_path: Path) -> None:
    nodes = {1: (0, 0), 2: (1, 0), 3: (2, 0), 4: (1, 1)}
    straight = Town(tmp_path, osm(nodes, {"1 2 3": {}}))
    assert straight.seconds(straight.at(1.5, 0), straight.at(0.5, 0)) == 10.0
    assert straight.seconds(straight.at(1.5, 0, 90), straight.at(0.5, 0)) == 5 + 10 + 15
    assert straight.seconds(straight.at(1.5, 0, 270), straight.at(0.5, 0)) == 10.0
    junction = Town(tmp_path, osm(nodes, {"1 2 3": {}, "2 4": {}}))
    assert junction.seconds(junction.at(0.5, 0, 90), junction.at(0.2, 0)) == 5 + 10 + 10 + 18


@pytest.mark.parametrize(
    ("tags", "eastward", "westward"),
    [
        ({}, 14.0, 14.0),
        ({"traffic_signals:direction": "forward"}, 14.0, 10.0),
        ({"traffic_signals:direction": "backward"}, 10.0, 14.0),
    ],
)
def test_signal_costs_four_seconds(
    tmp_path: Path, tags: Tags, eastward: float, westward: float
) -> None:
    lights = {2: {"highway": "traffic_signals"} | tags}
    town = Town(tmp_path, osm({1: (0, 0), 2: (1, 0), 3: (2, 0)}, {"1 2 3": {}}, node_tags=lights))
    assert town.seconds(town.at(0.5, 0), town.at(1.5, 0)) == eastward
    assert town.seconds(town.at(1.5, 0), town.at(0.5, 0)) == westward
    assert town.report.signals == 1


@pytest.mark.parametrize(
    ("tags", "seconds"),
    [
        ({"barrier": "bollard"}, 26.0),
        ({"barrier": "bollard", "emergency": "yes"}, 14.0),
        ({"barrier": "gate", "access": "private"}, 14.0),
    ],
)
def test_barrier(tmp_path: Path, tags: Tags, seconds: float) -> None:
    nodes = SQUARE | {9: (0.5, 0)}
    ways: dict[str, Tags] = {"1 9 2": {}, "2 3 4 1": {}}
    town = Town(tmp_path, osm(nodes, ways, node_tags={9: tags}))
    assert town.seconds(town.at(0, 0.2), town.at(1, 0.2)) == seconds


@pytest.mark.parametrize(
    ("tags", "seconds"),
    [
        ({"access": "private"}, 14.0),
        ({"motor_vehicle": "destination"}, 14.0),
        ({"access": "no"}, 26.0),
        ({"access": "no", "emergency": "yes"}, 14.0),
        ({"access": "emergency"}, 14.0),
        ({"access": "no", "bus": "yes"}, 14.0),
        ({"access": "no", "motor_vehicle": "yes"}, 14.0),
        ({"motor_vehicle": "no"}, 26.0),
        ({"emergency": "no"}, 26.0),
        ({"highway": "footway"}, 26.0),
        ({"highway": "footway", "emergency": "designated"}, 14.0),
        ({"highway": "steps", "emergency": "yes"}, 26.0),
        ({"oneway": "reversible"}, 26.0),
        ({"area": "yes"}, 26.0),
    ],
)
def test_what_an_ambulance_may_enter(tmp_path: Path, tags: Tags, seconds: float) -> None:
    """14 s through the street in question, 26 s round it."""
    town = Town(tmp_path, osm(SQUARE, {"1 2": tags, "2 3 4 1": {}}))
    assert town.seconds(town.at(0, 0.2), town.at(1, 0.2)) == seconds


@pytest.mark.parametrize(
    ("tags", "seconds", "unread"),
    [
        ({"maxspeed": "20"}, 20.0, 0),
        ({"maxspeed": "25 mph"}, 9.9, 0),
        ({"maxspeed": "walk"}, 57.2, 0),
        ({"maxspeed": "CN:urban"}, 16.0, 0),
        ({"maxspeed": "fast"}, 16.0, 1),
        ({"maxspeed": "0"}, 80.1, 0),
        ({"maxspeed:backward": "80"}, 10.0, 0),
    ],
)
def test_speed(tmp_path: Path, tags: Tags, seconds: float, unread: int) -> None:
    town = Town(tmp_path, osm({1: (0, 0), 2: (1, 0)}, {"1 2": tags}))
    assert town.seconds(town.at(0, 0), town.at(1, 0)) == pytest.approx(seconds)
    assert town.report.left_out.get(Reason.MAXSPEED, 0) == unread


def test_small_islands_and_cut_ways_are_counted(tmp_path: Path) -> None:
    nodes = {1: (0, 0), 2: (1, 0), 3: (0, 0.1), 4: (0.1, 0.1)}
    town = Town(tmp_path, osm(nodes, {"1 2 77": {}, "3 4": {}, "1 78": {}}))
    assert town.report.left_out == {
        Reason.FEW_NODES: 1,
        Reason.MISSING_NODES: 1,
        Reason.ISLAND: 1,
    }
    assert town.report.street_pieces == 1
    assert town.report.lines()[0] == "1 ways with fewer than two nodes inside the extract"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("<osm version='0.6'><node", RoadImportCode.UNREADABLE),
        ("<osm version='0.6'><node id='1' lat='x' lon='2'/></osm>", RoadImportCode.UNREADABLE),
        ("<osm version='0.6'></osm>", RoadImportCode.NO_ROADS),
        ("", RoadImportCode.UNREADABLE),
    ],
)
def test_file_without_roads_is_a_typed_error(
    tmp_path: Path, text: str, code: RoadImportCode
) -> None:
    with pytest.raises(RoadImportError) as caught:
        Town(tmp_path, text)
    assert caught.value.code == code


def test_missing_file_is_a_typed_error(tmp_path: Path) -> None:
    with pytest.raises(RoadImportError, match=r"none\.osm\.pbf"):
        import_roads(tmp_path / "none.osm.pbf", quiet)


def test_progress_names_every_stage(tmp_path: Path) -> None:
    steps = {ref: (ref / 10_000, 0) for ref in range(1, 10_001)}
    lights = {ref: {"highway": "crossing"} for ref in steps}
    text = osm(steps, {"1 10000": {}}, node_tags=lights)
    (tmp_path / "town.osm").write_text(text, encoding="utf-8")
    seen: list[tuple[str, int, int]] = []
    import_roads(tmp_path / "town.osm", lambda *step: seen.append(step))
    assert seen == [
        ("read", 10_000, 0),
        ("cut", 0, 1),
        ("turns", 0, 1),
        ("order", 0, 1),
        ("ready", 1, 1),
    ]


def test_every_reason_has_its_words() -> None:
    assert set(WORDS) == set(Reason)
