"""Two measured ECGs of one person side by side: numbers and their differences.

Rule 1: nothing is judged: no difference is called new, better or worse. A person reads both.
Rule 2: what one of the two could not measure has no difference, and is never taken for unchanged.
Rule 3: numbers are rounded as they are shown and then subtracted, so that the table adds up.
Rule 4: the axis is that of the QRS in the frontal plane, from its net heights in I and aVF; where
        both are next to nothing (content says when), or one is missing, there is none.
"""

from math import atan2, degrees, hypot, sqrt
from typing import Final

from goldenhour.domain.care.ecg import LeadMeasured, Measured
from goldenhour.domain.care.ecg_rules import EcgRules
from goldenhour.domain.care.findings import rounded
from goldenhour.kernel.record import Record

_BELIEVED_MM: Final = 1000.0
"""As in `ecg.py`: no heart reaches it."""
_TURN_DEG: Final = 360


class NumberChange(Record):
    what: str
    """heart_rate, pr, qrs, qt, qtcf, qtcb, axis"""
    unit: str
    older: float | None
    newer: float | None
    change: float | None
    """The newer less the older; of the axis the shorter way round."""


class StChange(Record):
    """The ST level at the J point of one lead, in mm; a depression is negative."""

    lead: str
    older_mm: float | None
    newer_mm: float | None
    change_mm: float | None


class EcgChanges(Record):
    numbers: tuple[NumberChange, ...]
    leads: tuple[StChange, ...]
    """The standard ones first, then whatever else either has."""


def changes(older: Measured, newer: Measured, rules: EcgRules) -> EcgChanges:
    pairs = (
        ("heart_rate", "/min", older.heart_rate_per_min, newer.heart_rate_per_min),
        ("pr", "ms", older.pr_ms, newer.pr_ms),
        ("qrs", "ms", older.qrs_ms, newer.qrs_ms),
        ("qt", "ms", older.qt_ms, newer.qt_ms),
        ("qtcf", "ms", older.qtcf_ms, newer.qtcf_ms),
        ("qtcb", "ms", older.qtcb_ms, newer.qtcb_ms),
        ("axis", "°", axis_deg(older, rules), axis_deg(newer, rules)),
    )
    known = (*rules.standard, *sorted({*older.leads, *newer.leads} - {*rules.standard}))
    return EcgChanges(
        numbers=tuple(_number(*pair) for pair in pairs),
        leads=tuple(
            _lead(lead, older, newer, rules)
            for lead in known
            if lead in older.leads or lead in newer.leads
        ),
    )


def axis_deg(measured: Measured, rules: EcgRules) -> float | None:
    """From -180 to 180; 0 is lead I, 90 is aVF."""
    across, down = (_net_mm(measured.leads.get(lead)) for lead in ("I", "aVF"))
    if across is None or down is None:
        return None
    # aVF is recorded at the size of an augmented lead: less than lead I by this much.
    down *= 2 / sqrt(3)
    directed = hypot(across, down) >= rules.axis_least_mm
    return degrees(atan2(down, across)) if directed else None


def _net_mm(lead: LeadMeasured | None) -> float | None:
    if lead is None or lead.q_mm is None or lead.r_mm is None or lead.s_mm is None:
        return None
    net = lead.q_mm + lead.r_mm + lead.s_mm
    return net if abs(net) < _BELIEVED_MM else None


def _number(what: str, unit: str, older: float | None, newer: float | None) -> NumberChange:
    before, after = _shown(older, 0), _shown(newer, 0)
    change = None if before is None or after is None else after - before
    if change is not None and what == "axis":
        change = (change + _TURN_DEG / 2) % _TURN_DEG - _TURN_DEG / 2
    return NumberChange(what=what, unit=unit, older=before, newer=after, change=change)


def _lead(lead: str, older: Measured, newer: Measured, rules: EcgRules) -> StChange:
    before, after = (
        _shown(one.leads[lead].st_j_mm if lead in one.leads else None, rules.decimals_mm)
        for one in (older, newer)
    )
    change = None if before is None or after is None else _shown(after - before, rules.decimals_mm)
    return StChange(lead=lead, older_mm=before, newer_mm=after, change_mm=change)


def _shown(value: float | None, decimals: int) -> float | None:
    if value is None:
        return None
    shown = rounded(float(value), decimals)
    assert isinstance(shown, float)  # a fraction stays one
    return shown
