"""Who rings, from where and for how long: all of it from a seed."""

import re
from itertools import pairwise
from random import Random  # noqa: TID251 (a seed fixes the test)

import pytest

from goldenhour.domain.register.city import Bounds, City, Signal
from goldenhour.kernel.geo import Point, distance_m
from goldenhour.simulator.caller import (
    BESIDE_STREET_M,
    NUMBER_PREFIX,
    SAME_EVENT_M,
    SAME_EVENT_MS,
    Caller,
    CallersConfig,
    CallerWriter,
)

NOW_MS = 1_767_225_600_000
CENTRE = Point(lat=31.2, lon=105.4)


def city(*signals: tuple[str, float]) -> City:
    """Signals along one parallel."""
    return City(
        name="澜溪", name_en="Lanxi", fictional=True,
        bounds=Bounds(south=31, west=105, north=32, east=106), centre=CENTRE, attribution="",
        source_sha256="", overrides_sha256=None, stations=(), hospitals=(), aeds=(),
        signals=tuple(
            Signal(id=f"n{i}", name=name, name_en="", point=Point(lat=31.2, lon=lon))
            for i, (name, lon) in enumerate(signals)
        ),
        units=(),
    )  # fmt: skip


TOWN = city(
    ("人民路 / 健康路", 105.40), ("人民路 / 东桥路", 105.41), ("人民路", 105.45), ("", 105.5)
)


def callers(config: CallersConfig, where: City, count: int, seed: int = 1) -> list[Caller]:
    writer = CallerWriter(config, where, Random(seed))
    return [writer.next_caller(NOW_MS) for _ in range(count)]


def test_the_same_seed_gives_the_same_callers_and_another_seed_others() -> None:
    config = CallersConfig()
    assert callers(config, TOWN, 50) == callers(config, TOWN, 50)
    assert callers(config, TOWN, 50) != callers(config, TOWN, 50, seed=2)


def test_callers_are_along_named_streets_and_the_operator_errs_within_its_radius() -> None:
    found = callers(CallersConfig(duplicate_share=0), TOWN, 300)
    streets = set()
    for one in found:
        label = re.fullmatch(r"(\S+) ±(\d+) m", one.location.label)
        assert label is not None
        streets.add(label[1])
        told = Point(lat=one.location.lat, lon=one.location.lon)
        assert distance_m(told, one.place) <= int(label[2]) + 0.2  # six digits are a decimetre
        assert abs(one.place.lat - 31.2) * 111_195 <= BESIDE_STREET_M + 0.1
        assert 105.399 < one.place.lon < 105.451
        if label[1] == "健康路":  # it meets one signal only, so its callers are there
            assert distance_m(one.place, TOWN.signals[0].point) <= BESIDE_STREET_M + 0.1
    assert streets == {"人民路", "健康路", "东桥路"}
    longitudes = sorted(one.place.lon for one in found)
    assert max(b - a for a, b in pairwise(longitudes)) < 0.01  # between the signals, not at them
    assert all(re.fullmatch(NUMBER_PREFIX + r"\d{8}", one.number) for one in found)
    assert len({one.number for one in found}) == len(found)


def test_as_many_give_up_as_configured_and_a_patient_one_never_does() -> None:
    config = CallersConfig(abandon_share=0.3, patience_s=(8, 40))
    patience = [one.patience_s for one in callers(config, TOWN, 1_000)]
    leaving = [seconds for seconds in patience if seconds is not None]
    assert 250 < len(leaving) < 350
    assert all(8 <= seconds <= 40 for seconds in leaving)
    writer = CallerWriter(CallersConfig(abandon_share=1), TOWN, Random(1))
    assert writer.next_caller(NOW_MS, patient=True).patience_s is None
    assert writer.next_caller(NOW_MS).patience_s is not None


def test_duplicates_are_near_a_recent_call_only() -> None:
    writer = CallerWriter(CallersConfig(duplicate_share=1), TOWN, Random(1))
    first = writer.next_caller(NOW_MS)
    again = [writer.next_caller(NOW_MS + SAME_EVENT_MS) for _ in range(20)]
    assert all(distance_m(one.place, first.place) <= SAME_EVENT_M + 0.1 for one in again)
    assert len({one.number for one in (first, *again)}) == 21
    later = writer.next_caller(NOW_MS + SAME_EVENT_MS + 1)
    assert distance_m(later.place, first.place) > SAME_EVENT_M + 0.1


@pytest.mark.parametrize(
    ("where", "place"), [(city(), CENTRE), (city(("", 105.5)), Point(lat=31.2, lon=105.5))]
)
def test_a_city_without_street_names_has_callers_too(where: City, place: Point) -> None:
    for one in callers(CallersConfig(duplicate_share=0), where, 20):
        assert one.location.label.startswith("澜溪 ±")
        assert distance_m(one.place, place) <= BESIDE_STREET_M + 0.1
