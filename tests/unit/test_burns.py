from goldenhour.content import load
from goldenhour.domain.care.burns import burn_fluid, burned_pct, region_pct

BURNS = load().burns
HOUR_MS = 3_600_000


def test_an_adult_is_a_hundred_percent() -> None:
    assert sum(region_pct(BURNS, 40).values()) == 100


def test_a_child_of_three_has_a_larger_head_and_smaller_legs() -> None:
    pct = region_pct(BURNS, 3)
    assert pct["head"] == 18
    assert pct["left_leg"] + pct["right_leg"] == 37
    assert sum(pct.values()) == 100


def test_the_burned_surface_sums_regions_and_palms() -> None:
    assert burned_pct(BURNS, 40, {"left_arm": 1, "trunk_front": 0.5}, palms=2) == 20
    assert burned_pct(BURNS, None, {"left_arm": 1}) is None


def test_fluid_of_seventy_kilograms_and_twenty_percent() -> None:
    fluid = burn_fluid(BURNS, 70, 20, burned_at_ms=1_000)
    assert fluid is not None
    assert (fluid.total_ml, fluid.first_ml) == (5600, 2800)
    assert fluid.first_until_ms == 1_000 + 8 * HOUR_MS
    assert fluid.until_ms == 1_000 + 24 * HOUR_MS


def test_without_weight_there_is_no_volume_and_without_a_time_no_deadline() -> None:
    assert burn_fluid(BURNS, None, 20, burned_at_ms=0) is None
    assert burn_fluid(BURNS, 70, None, burned_at_ms=0) is None
    fluid = burn_fluid(BURNS, 70, 20, burned_at_ms=None)
    assert fluid is not None
    assert (fluid.total_ml, fluid.first_until_ms) == (5600, None)
