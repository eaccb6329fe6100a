"""Parts of the fictional prefecture that can be judged without building all of it."""

import math
import random  # noqa: TID251 (the seeded dice of the parts under test)

import shapely
from shapely.geometry import LineString

from goldenhour.simulator.prefecture.buildings import Front, Grain, fronts, rows
from goldenhour.simulator.prefecture.divide import Divider, lengthen
from goldenhour.simulator.prefecture.ground import Ground
from goldenhour.simulator.prefecture.names import Names, english, list_stems
from goldenhour.simulator.prefecture.network import Network
from goldenhour.simulator.prefecture.streets import Street, Town

PLOT = shapely.box(0, 0, 300, 200)


def town(outline: shapely.Polygon, target_ha: float) -> Town:
    return Town("镇", outline, (0, 0), 0, "seat", "县", lambda _place: target_ha)


def test_ground_is_divided_into_blocks_of_about_the_wanted_size_without_slivers() -> None:
    ground = shapely.box(0, 0, 2_000, 1_500)
    dice = random.Random(3)
    divider = Divider(town(ground, 6), Names(dice).streets(), dice)
    divider.divide(ground)
    lines = [ground.exterior, *(lengthen(street.line) for street in divider.streets)]
    faces = shapely.ops.polygonize(shapely.unary_union(lines))
    blocks = [face for face in faces if face.area > 1]  # where two ends nearly meet
    assert 20 < len(blocks) < 60
    assert math.isclose(sum(block.area for block in blocks), ground.area, rel_tol=0.02)
    assert max(block.area for block in blocks) < 6 * 1.9 * 10_000
    assert min(block.area for block in blocks) > 6_000
    names = {street.name for street in divider.streets}
    assert all(name.endswith(("路", "街", "巷")) for name in names)


def test_streets_that_cross_or_end_on_another_share_a_node_and_islands_are_left_out() -> None:
    def street(*places: tuple[float, float], level: int = 0) -> Street:
        return Street(LineString(places), "路", "tertiary", "镇", level=level)

    long = street((0, 0), (1_000, 0))
    crossing = street((300, -200), (300, 200))
    ending = street((600, 0.4), (600, 300))
    island = street((0, 5_000), (200, 5_000))
    above = street((450, -200), (450, 200), level=1)
    network = Network([long, crossing, ending, island, above])
    assert network.streets == [long, crossing, ending]
    assert sorted(round(x) for x, _ in network.crossings.values()) == [300, 600]
    assert len(network.signals) == 2


def test_buildings_stay_on_their_plot_and_off_one_another() -> None:
    dice = random.Random(5)
    slabs = rows(PLOT, Grain(50, 12, 14, 20), 0.1, dice)
    assert len(slabs) > 15
    along = fronts(PLOT, Front((14, 30), (10, 14), (1, 6), 0.9), dice)
    assert len(along) > 20
    for shapes in (slabs, along):
        assert all(PLOT.buffer(0.5).contains(shape) for shape in shapes)
        whole = shapely.union_all(shapes)
        assert math.isclose(whole.area, sum(shape.area for shape in shapes), rel_tol=1e-6)


def test_the_citys_lattice_keeps_to_the_banks_and_turns_back() -> None:
    for seed in range(5):
        ground = Ground(random.Random(seed))
        for a in range(-8_000, 8_001, 800):
            for b in (-3_600, -900, -80, 80, 900, 3_500):
                x, y = ground.place(a, b)
                assert (y > ground.river_m(x)) == (b > 0)
                assert not ground.river.contains(shapely.Point(x, y))
        assert ground.river.is_valid
        assert all(stream.length > 10_000 for stream in ground.streams)


def test_names_are_composed_once_each_and_have_an_english_form() -> None:
    stems = list_stems()
    assert len(set(stems)) == len(stems)
    assert not {"桂林", "桃园", "兰溪"} & set(stems)
    names = Names(random.Random(1))
    villages = [names.village() for _ in range(200)]
    assert len(set(villages)) == len(villages)
    assert english("桂苑路") == "Guiyuan Road"
    assert english("柳树湾村") == "Liushuwan Village"
    streets = names.streets()
    drawn = [streets.draw("路") for _ in range(900)]
    assert len(set(drawn)) == len(drawn)
