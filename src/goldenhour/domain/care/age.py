"""An age is one number of years, also of an infant: months and days are parts of a year.

Rule 1: it is as exact as the limits for that age are: days for a newborn, then completed months,
        then completed years.
"""

import math
from datetime import date
from typing import Final

MONTHS_PER_YEAR: Final = 12
DAYS_PER_YEAR: Final = 365.25
_NEWBORN_BELOW_D: Final = 29
_WHOLE_FROM_Y: Final = 3
_PLACES: Final = 6
"""Whole months and days are parts of a year that no float holds exactly."""


def in_months(age_y: float) -> float:
    return round(age_y * MONTHS_PER_YEAR, _PLACES)


def in_days(age_y: float) -> float:
    return round(age_y * DAYS_PER_YEAR, _PLACES)


def with_unit(age_y: float) -> tuple[int, str]:
    """The coarsest unit that loses nothing that counts: how many, and "a", "mo" or "d" (UCUM)."""
    days, months = math.floor(in_days(age_y)), math.floor(in_months(age_y))
    if days < _NEWBORN_BELOW_D or months == 0:
        return days, "d"
    if age_y < _WHOLE_FROM_Y and months % MONTHS_PER_YEAR:
        return months, "mo"
    return math.floor(age_y), "a"


def age_on(birth_day: str, day: str) -> float:
    """The age of one born on `birth_day`; both days as YYYY-MM-DD."""
    born, then = date.fromisoformat(birth_day), date.fromisoformat(day)
    months = (then.year - born.year) * MONTHS_PER_YEAR + then.month - born.month
    months -= then.day < born.day
    days = (then - born).days
    # Twenty-nine days in a February are not a month: nobody is a newborn again.
    if days < _NEWBORN_BELOW_D or months == 0:
        return days / DAYS_PER_YEAR
    if months < _WHOLE_FROM_Y * MONTHS_PER_YEAR:
        return months / MONTHS_PER_YEAR
    return months // MONTHS_PER_YEAR
