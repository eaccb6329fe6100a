"""A small city lives for hours in virtual time: whole cases, no fault, the same from its seed."""

from collections import Counter

import pytest

from factories.virtual import virtual_city
from goldenhour.kernel.time import HOUR_MS
from goldenhour.main.virtual_city import START_MS
from goldenhour.simulator import invariants
from goldenhour.simulator.virtual import VirtualCity

HOURS = 3


@pytest.fixture(scope="module")
def lived() -> VirtualCity:
    city = virtual_city()
    city.run(START_MS + HOURS * HOUR_MS)
    return city


def kinds(city: VirtualCity) -> Counter[str]:
    return Counter(event.kind for event in city.journal.feed)


def test_cases_go_from_the_call_to_the_bed_by_the_hands_of_simulated_people(
    lived: VirtualCity,
) -> None:
    found = kinds(lived)
    assert found["call.ended.v1"] >= 8
    assert found["mission.assigned.v1"] >= 6
    assert found["patient.vitals_charted.v1"] >= 30
    assert found["handover.acknowledged.v1"] >= 3
    assert found["incident.closed.v1"] >= 3
    signed = [e for e in lived.journal.feed if e.kind == "handover.signed.v1"]
    assert {e.role for e in signed} == {"crew", "hospital"}


def test_every_invariant_holds(lived: VirtualCity) -> None:
    assert invariants.broken(lived) == []


def test_the_same_seed_is_the_same_journal_and_another_seed_another(lived: VirtualCity) -> None:
    again, other = virtual_city(), virtual_city(seed=2)
    for city in (again, other):
        city.run(START_MS + HOURS * HOUR_MS)
    assert again.digest() == lived.digest()
    assert again.refusals == lived.refusals
    assert other.digest() != lived.digest()


def test_time_run_in_pieces_is_the_same_time(lived: VirtualCity) -> None:
    pieces = virtual_city()
    for tenth in range(1, 10 * HOURS + 1):
        pieces.run(START_MS + tenth * HOUR_MS // 10)
    assert pieces.digest() == lived.digest()


def test_nobody_is_refused_what_a_person_would_know_better(lived: VirtualCity) -> None:
    """Racing for one call is human; anything else is a mind that does not look."""
    assert set(lived.refusals) <= {"already_answered", "unit_claimed", "not_ringing"}


def test_a_planted_fault_is_found() -> None:
    city = virtual_city()
    city.run(START_MS + HOUR_MS)
    stream = next(s for s in city.journal.streams if s.startswith("incident:"))
    del city.journal.streams[stream][2]
    assert any("version" in sentence for sentence in invariants.broken(city))
