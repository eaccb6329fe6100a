"""An age in years, months or days: what is said of it, and the limits that follow."""

import pytest

from goldenhour.domain.care.age import DAYS_PER_YEAR, age_on, in_days, in_months, with_unit
from goldenhour.domain.care.findings import Findings, known


@pytest.mark.parametrize(
    ("born", "day", "said"),
    [
        ("1962-03-04", "2026-03-03", (63, "a")),
        ("1962-03-04", "2026-03-04", (64, "a")),
        ("2024-02-29", "2025-02-28", (11, "mo")),
        ("2024-02-29", "2025-03-01", (1, "a")),
        ("2025-05-28", "2026-11-28", (18, "mo")),
        ("2026-11-28", "2026-11-28", (0, "d")),
        ("2026-10-31", "2026-11-28", (28, "d")),
        ("2026-10-31", "2026-11-30", (30, "d")),
    ],
)
def test_counts_what_is_completed(born: str, day: str, said: tuple[int, str]) -> None:
    assert with_unit(age_on(born, day)) == said


def test_parts_of_a_year_come_back_whole() -> None:
    assert [in_days(day / DAYS_PER_YEAR) for day in range(29)] == list(range(29))
    assert [in_months(month / 12) for month in range(36)] == list(range(36))
    # The last day of a newborn is one for the tables, too.
    assert known(Findings(age_y=28 / DAYS_PER_YEAR))["age_d"] == 28
