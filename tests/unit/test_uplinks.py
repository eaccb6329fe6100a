"""Which uplink, how much at once, whose clock: the pure choices of a vehicle's link."""

from hypothesis import given
from hypothesis import strategies as st

from goldenhour.app.uplinks import (
    FIRST_RATE,
    LEAST_SLICE_BYTES,
    MOST_SLICE_BYTES,
    STEADY_MS,
    ClockOffset,
    ClockSample,
    DataClass,
    Uplink,
    choose,
    clock_offset,
    rate_after,
    slice_bytes,
)

PRIVATE = Uplink(name="private", url="https://10.1.0.1:8443")
PUBLIC = Uplink(
    name="public", url="https://c.example", carries=(DataClass.EVENTS, DataClass.VITALS)
)
BOTH = (PRIVATE, PUBLIC)
NOW_MS = 1_000_000


def chosen(up: dict[str, int], current: str = "", data: DataClass = DataClass.EVENTS) -> str:
    return choose(data, BOTH, up, current, NOW_MS)


def test_the_first_that_lives_is_taken() -> None:
    assert chosen({"private": 0, "public": 0}) == "private"
    assert chosen({"public": 0}) == "public"
    assert chosen({}) == ""


def test_what_the_public_network_may_not_carry_waits() -> None:
    assert chosen({"public": 0}, "private", DataClass.BACKLOG) == ""
    assert chosen({"public": 0}, "private", DataClass.VITALS) == "public"


def test_back_to_the_better_one_only_when_it_is_steady() -> None:
    fresh, steady = NOW_MS - STEADY_MS + 1, NOW_MS - STEADY_MS
    assert chosen({"private": fresh, "public": 0}, "public") == "public"
    assert chosen({"private": steady, "public": 0}, "public") == "private"
    assert chosen({"private": steady, "public": 0}, "private") == "private"


names = st.sampled_from(["private", "public", "third"])
links = st.lists(
    st.builds(
        Uplink,
        name=names,
        url=st.just("https://c"),
        carries=st.lists(st.sampled_from(DataClass), unique=True).map(tuple),
    ),
    unique_by=lambda uplink: uplink.name,
)


@given(
    data=st.sampled_from(DataClass),
    uplinks=links,
    up=st.dictionaries(names, st.integers(0, 2 * STEADY_MS)),
    current=names | st.just(""),
    now_ms=st.integers(2 * STEADY_MS, 4 * STEADY_MS),
)
def test_a_class_never_goes_over_a_dead_uplink_or_one_that_may_not_carry_it(
    data: DataClass, uplinks: list[Uplink], up: dict[str, int], current: str, now_ms: int
) -> None:
    found = choose(data, uplinks, up, current, now_ms)
    allowed = {u.name for u in uplinks if data in u.carries} & up.keys()
    assert found in allowed if allowed else found == ""
    # Chosen again at once, it stays: a choice does not swing.
    assert choose(data, uplinks, up, found, now_ms) == found


def test_a_slice_is_half_a_second_within_bounds() -> None:
    assert slice_bytes(FIRST_RATE) == 32_000
    assert slice_bytes(10) == LEAST_SLICE_BYTES
    assert slice_bytes(1e9) == MOST_SLICE_BYTES


def test_small_things_measure_no_rate_and_large_ones_do() -> None:
    assert rate_after(FIRST_RATE, 300, 0.3) == FIRST_RATE
    rate = FIRST_RATE
    for _ in range(20):
        rate = rate_after(rate, 8_192, 1.0)
    assert 8_192 < rate < 8_300


def test_the_clock_is_read_from_the_quickest_answer() -> None:
    quick = ClockSample(asked_ms=NOW_MS, round_trip_ms=40, server_ms=NOW_MS + 2_020)
    slow = ClockSample(asked_ms=NOW_MS, round_trip_ms=900, server_ms=NOW_MS + 2_800)
    assert clock_offset([slow, quick], NOW_MS) == ClockOffset(offset_ms=2_000, uncertainty_ms=21)
    assert clock_offset([], NOW_MS) is None


def test_an_old_answer_is_worth_less_than_a_new_one() -> None:
    hour_ms = 3_600_000
    old = ClockSample(asked_ms=NOW_MS, round_trip_ms=10, server_ms=NOW_MS + 5)
    new = ClockSample(asked_ms=NOW_MS + hour_ms, round_trip_ms=60, server_ms=NOW_MS + hour_ms)
    assert clock_offset([old, new], NOW_MS + hour_ms) == ClockOffset(
        offset_ms=-30, uncertainty_ms=31
    )


@given(
    offset_ms=st.integers(-100_000, 100_000),
    ways_ms=st.lists(st.tuples(st.integers(0, 3_000), st.integers(0, 3_000)), min_size=1),
)
def test_the_true_offset_lies_within_the_uncertainty(
    offset_ms: int, ways_ms: list[tuple[int, int]]
) -> None:
    samples = [
        ClockSample(
            asked_ms=NOW_MS,
            round_trip_ms=there_ms + back_ms,
            server_ms=NOW_MS + there_ms + offset_ms,
        )
        for there_ms, back_ms in ways_ms
    ]
    found = clock_offset(samples, NOW_MS)
    assert found is not None
    assert abs(found.offset_ms - offset_ms) <= found.uncertainty_ms
