"""What is known of a patient at one moment, as scores and levels read it.

Rule 1: None is "not known"; nothing here has a normal value as its default.
Rule 2: which measurement is fresh enough to stand here is decided by whoever builds the record.
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from msgspec.structs import asdict, fields

from goldenhour.domain.care.events import Consciousness
from goldenhour.kernel.condition import Answer
from goldenhour.kernel.record import Record


class Findings(Record):
    age_y: float | None = None
    """Years; five months are 5/12, three days 3/365.25."""
    pregnant: bool | None = None
    """Pregnant, or within six weeks after birth."""
    heart_rate_per_min: float | None = None
    sbp_mmhg: float | None = None
    dbp_mmhg: float | None = None
    sbp_fell: bool | None = None
    """A sudden fall of pressure."""
    resp_per_min: float | None = None
    spo2_pct: float | None = None
    on_oxygen: bool | None = None
    spo2_corrected: bool | None = None
    """A low saturation rose with oxygen."""
    spo2_scale_2: bool | None = None
    """A clinician has confirmed hypercapnic failure with a target of 88-92 %."""
    chronic_hypoxia: bool | None = None
    """COPD, or oxygen at home."""
    temp_c: float | None = None
    """As measured; a level that asks for the axilla gets no silent conversion."""
    consciousness: Consciousness | None = None
    gcs: int | None = None
    pain: int | None = None
    glucose_mmol_l: float | None = None
    potassium_mmol_l: float | None = None
    ecg_suggests_ami: bool | None = None
    mews: int | None = None
    """A MEWS that was taken elsewhere; without it the MEWS of these findings is used."""
    pews: int | None = None
    contraction_min: float | None = None
    """Minutes between contractions; None also when there are none."""
    vaginal_bleeding: str | None = None
    """Compared with a period: none, less, equal, more."""
    judged: tuple[str, ...] | None = None
    """Ids of human-judged indicators; empty says that a person looked and none applies."""


DERIVED: Final = ("age_mo", "age_d")
NAMES: Final = frozenset(field.name for field in fields(Findings)) | set(DERIVED)
"""What a condition over findings may name."""

_MONTHS_PER_YEAR: Final = 12
_DAYS_PER_YEAR: Final = 365.25


def known(findings: Findings) -> dict[str, Answer]:
    """What is known, by name, with the age in months and days as well."""
    values: dict[str, Answer] = {
        name: value for name, value in asdict(findings).items() if value is not None
    }
    if findings.age_y is not None:
        values["age_mo"] = findings.age_y * _MONTHS_PER_YEAR
        values["age_d"] = findings.age_y * _DAYS_PER_YEAR
    return values


def rounded(value: Answer, places: int) -> Answer:
    """Half up, as printed tables expect; only fractions change."""
    if not isinstance(value, float):
        return value
    return float(Decimal(str(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))
