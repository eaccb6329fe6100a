"""Street speeds on their way to a vehicle: nothing is lost but hundredths, and the hour turns."""

import zlib

import numpy as np
import pytest
from msgspec.structs import replace

from factories.match_truth import town
from goldenhour.app.learn import Lore
from goldenhour.app.taught_speeds import TaughtSpeeds, taught_of, update_at
from goldenhour.compute.roads.learn import BINS, bin_of

STREET = town([([(0, 0), (3_000, 0)], True)])
NOON_MS = 1_795_320_000_000
HOURS = tuple(0.5 + n / 100 for n in range(BINS))


def taught(factor: float = 0.8) -> TaughtSpeeds:
    lore = Lore(learnt_ms=NOON_MS, by_hour=HOURS)
    found = taught_of(lore, np.full(STREET.arc_count, factor))
    assert found is not None
    return found


def test_in_the_hour_in_which_it_was_learnt_it_is_what_was_learnt() -> None:
    update = update_at(taught(0.83), STREET, bin_of(NOON_MS))
    assert update.arcs.tolist() == list(range(STREET.arc_count))
    assert update.factors == pytest.approx(np.full(STREET.arc_count, 0.83))


def test_in_another_hour_every_street_turns_with_the_hours() -> None:
    now, later = bin_of(NOON_MS), (bin_of(NOON_MS) + 5) % BINS
    update = update_at(taught(0.8), STREET, later)
    assert update.factors == pytest.approx(
        np.full(STREET.arc_count, 0.8 * HOURS[later] / HOURS[now])
    )


@pytest.mark.parametrize("factor", [0.0001, 0.01, 2.55, 9.0])
def test_no_speed_is_zero_and_none_overflows(factor: float) -> None:
    (least, *_), most = update_at(taught(factor), STREET, bin_of(NOON_MS)).factors, 2.55
    assert 0 < least <= most


def test_nothing_is_taught_before_the_hours_are_known() -> None:
    assert taught_of(Lore(learnt_ms=1), np.ones(STREET.arc_count)) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"factors": zlib.compress(b"\x64" * 3)},
        {"factors": b"no such thing"},
        {"by_hour": (1.0,) * 3},
        {"by_hour": (0.0,) * BINS},
    ],
)
def test_what_is_of_another_network_or_broken_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"factors|by_hour"):
        update_at(replace(taught(), **wrong), STREET, 0)
