"""The warnings of a roster against a plain comparison of every pair of shifts."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from goldenhour.domain.register.events import CrewFunction, CrewMember, DutyKind
from goldenhour.domain.register.roster import Placed, Shift, key_of, list_warnings

REST_MS = 11
PEOPLE = st.sampled_from(["甲", "乙", "丙"])


@st.composite
def shifts(draw: st.DrawFn) -> list[Placed]:
    made = []
    for number in range(draw(st.integers(0, 12))):
        from_ms = draw(st.integers(0, 100))
        crew = draw(st.lists(PEOPLE, max_size=2, unique=True))
        made.append(
            Placed(
                unit_id=draw(st.sampled_from(["A-01", "A-02"])),
                shift=Shift(
                    shift_id=str(number),
                    from_ms=from_ms,
                    to_ms=from_ms + draw(st.integers(1, 40)),
                    duty=DutyKind.EMERGENCY,
                    crew=tuple(CrewMember(name=n, function=CrewFunction.DRIVER) for n in crew),
                ),
            )
        )
    return made


def by_pairs(placed: list[Placed]) -> set[tuple[str, str, str]]:
    """(shift, code, person): every pair once, by the definitions."""
    found: set[tuple[str, str, str]] = set()
    for one, other in combinations(placed, 2):
        first, second = sorted((one.shift, other.shift), key=lambda shift: shift.from_ms)
        overlap = second.from_ms < first.to_ms
        short = not overlap and second.from_ms - first.to_ms < REST_MS
        both = (one.shift.shift_id, other.shift.shift_id)
        if one.unit_id == other.unit_id and overlap:
            found |= {(ident, "unit_twice", "") for ident in both}
        for name in {key_of(m) for m in first.crew} & {key_of(m) for m in second.crew}:
            if overlap or short:
                code = "person_twice" if overlap else "short_rest"
                found |= {(ident, code, name) for ident in both}
    found |= {(p.shift.shift_id, "no_crew", "") for p in placed if not p.shift.crew}
    return found


@given(shifts())
def test_every_conflict_is_told_on_both_shifts_and_no_other(placed: list[Placed]) -> None:
    told = list_warnings(placed, REST_MS)
    assert {
        (ident, str(warning.code), warning.person)
        for ident, warnings in told.items()
        for warning in warnings
    } == by_pairs(placed)
