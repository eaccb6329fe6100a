"""GCJ-02 and BD-09 against published triples, and there and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldenhour.kernel.datum import Datum, from_wgs84, to_wgs84
from goldenhour.kernel.geo import Point, distance_m


def at(lon: float, lat: float) -> Point:
    return Point(lat=lat, lon=lon)


# Longitude and latitude of one place in WGS-84, GCJ-02 and BD-09.
PLACES = [
    (at(113.1163, 36.1954), at(113.122965, 36.195567), at(113.129490, 36.201440)),  # 长治
    (at(120.6552, 27.7783), at(120.659157, 27.774970), at(120.665745, 27.780610)),  # 瑞安
    (at(105.0584, 29.5802), at(105.061627, 29.577624), at(105.068218, 29.583310)),  # 内江
]
DIGITS_M = 0.2
"""The triples have six decimals."""


@pytest.mark.parametrize(("wgs84", "gcj02", "bd09"), PLACES)
def test_a_published_place_is_met_in_every_datum(wgs84: Point, gcj02: Point, bd09: Point) -> None:
    for datum, point in ((Datum.GCJ02, gcj02), (Datum.BD09, bd09), (Datum.WGS84, wgs84)):
        assert distance_m(from_wgs84(wgs84, datum), point) < DIGITS_M
        assert distance_m(to_wgs84(point, datum), wgs84) < DIGITS_M


@given(lat=st.floats(18, 53.5), lon=st.floats(73.5, 135), datum=st.sampled_from(list(Datum)))
def test_there_and_back_is_less_than_a_centimetre(lat: float, lon: float, datum: Datum) -> None:
    place = Point(lat=lat, lon=lon)
    assert distance_m(to_wgs84(from_wgs84(place, datum), datum), place) < 0.01


@given(lat=st.floats(-90, 90), lon=st.floats(-180, 180), datum=st.sampled_from(list(Datum)))
def test_every_place_on_earth_stays_on_it(lat: float, lon: float, datum: Datum) -> None:
    place = Point(lat=lat, lon=lon)
    assert distance_m(to_wgs84(place, datum), place) < 3_000


@pytest.mark.parametrize("place", [at(9.7, 50.87), at(-8.61, 41.15), at(139.7, 35.6)])
def test_outside_of_china_nothing_is_shifted(place: Point) -> None:
    assert to_wgs84(place, Datum.GCJ02) == to_wgs84(place, Datum.BD09) == place
