"""What is known of a patient at one moment, as scores and levels read it.

Rule 1: None is "not known"; nothing here has a normal value as its default.
Rule 2: which measurement is fresh enough to stand here is decided by whoever builds the record.
"""

import math
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from msgspec.structs import asdict, fields

from goldenhour.domain.care.age import in_days, in_months
from goldenhour.domain.care.events import Consciousness
from goldenhour.kernel.condition import Answer, Answers
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
    gcs_motor: int | None = None
    pain: int | None = None
    etco2_mmhg: float | None = None
    glucose_mmol_l: float | None = None
    potassium_mmol_l: float | None = None
    ecg_suggests_ami: bool | None = None
    weight_kg: float | None = None
    lkw_min: float | None = None
    """Minutes since the patient was last known well; neither onset nor the time of finding."""
    mews: int | None = None
    """A MEWS that was taken elsewhere; without it the MEWS of these findings is used."""
    pews: int | None = None
    contraction_min: float | None = None
    """Minutes between contractions; None also when there are none."""
    vaginal_bleeding: str | None = None
    """Compared with a period: none, less, equal, more."""
    judged: tuple[str, ...] | None = None
    """Ids of human-judged indicators; empty says that a person looked and none applies."""
    unjudged: tuple[str, ...] | None = None
    """Those that nobody has answered, where others are: neither yes nor no."""


DERIVED: Final = {
    "age_mo": ("age_y",),
    "age_d": ("age_y",),
    "shock_index": ("heart_rate_per_min", "sbp_mmhg"),
    "hr_over_sbp": ("heart_rate_per_min", "sbp_mmhg"),
    "sbp_below_child_limit": ("age_y", "sbp_mmhg"),
}
"""Values that conditions may name although nobody measures them, since conditions have no
arithmetic; with what each is computed from."""
NAMES: Final = frozenset(field.name for field in fields(Findings)) | set(DERIVED)
"""What a condition over findings may name."""

_WHOLE_FROM: Final = 1e15
"""A number of this size has no fraction that rounding could change."""


def known(findings: Findings) -> dict[str, Answer]:
    """What is known, by name, and what follows from it.

    `shock_index` is heart rate over systolic pressure and does not exist at pressure 0.
    `hr_over_sbp` is a criterion of the national field triage guideline 2021.
    `sbp_below_child_limit` is below 70 + 2 x completed years (PALS 2015, ages 1-9), the 5th
    percentile; which ages it counts for is the table's word.
    """
    values: dict[str, Answer] = {
        name: value for name, value in asdict(findings).items() if value is not None
    }
    age_y, sbp, rate = findings.age_y, findings.sbp_mmhg, findings.heart_rate_per_min
    if age_y is not None:
        values["age_mo"] = in_months(age_y)
        values["age_d"] = in_days(age_y)
    if sbp is not None and rate is not None:
        values["hr_over_sbp"] = rate > sbp
        if sbp > 0:
            values["shock_index"] = rate / sbp
    if sbp is not None and age_y is not None:
        values["sbp_below_child_limit"] = sbp < 70 + 2 * math.floor(age_y)
    return values


def missing_bases(names: Iterable[str], values: Answers) -> set[str]:
    """Derived names as what they are computed from: only that can be measured."""
    bases: set[str] = set()
    for name in names:
        open_bases = {base for base in DERIVED.get(name, ()) if base not in values}
        bases |= open_bases or {name}
    return bases


def rounded(value: Answer, places: int) -> Answer:
    """Half up, as printed tables expect; only fractions change."""
    if not isinstance(value, float) or not abs(value) < _WHOLE_FROM:
        return value
    return float(Decimal(str(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))
