"""From samples to findings: what the numerics measured, as the rules take it.

Rule 1: leads that the rules do not name (pleth, respiration, X, Y, Z) are not measured as ECG.
Rule 2: a lead's name is matched without regard to case; whatever else it is called is left out.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from goldenhour.compute.ecg.measure import Measurement, measure
from goldenhour.domain.care.ecg import (
    EcgFindings,
    EcgPatient,
    EcgRules,
    LeadMeasured,
    Measured,
    judge,
)
from goldenhour.kernel.record import Record


class EcgReading(Record):
    measurement: Measurement
    measured: Measured
    findings: EcgFindings


def measured_of(measurement: Measurement, rules: EcgRules) -> Measured:
    """The numbers of a measurement under the names that the rules use."""
    names = _names(rules)
    return Measured(
        leads={
            names[lead.lead.casefold()]: LeadMeasured(
                st_j_mm=lead.st_j_mm,
                st_80_mm=lead.st_80_mm,
                t_mm=lead.t_mm,
                q_mm=lead.q_mm,
                r_mm=lead.r_mm,
                s_mm=lead.s_mm,
                reason=lead.reason,
            )
            for lead in measurement.leads
            if lead.lead.casefold() in names
        },
        heart_rate_per_min=measurement.heart_rate_per_min,
        rr_irregular=measurement.rr_irregular,
        pr_ms=measurement.pr_ms,
        qrs_ms=measurement.qrs_ms,
        qt_ms=measurement.qt_ms,
        qtcf_ms=measurement.qtcf_ms,
        qtcb_ms=measurement.qtcb_ms,
        pacing_spikes=measurement.pacing_spikes,
        reasons=measurement.reasons,
    )


def read_ecg(
    samples: Any,
    leads: Sequence[str],
    rate_hz: float,
    lsb_nv: Sequence[float],
    *,
    patient: EcgPatient,
    rules: EcgRules,
) -> EcgReading | None:
    """Measure and judge rows (sample, lead); None when no lead is one that the rules know.

    Raises ValueError as `measure` does.
    """
    found = measure_ecg(samples, leads, rate_hz, lsb_nv, rules=rules)
    if found is None:
        return None
    measurement, measured = found
    return EcgReading(
        measurement=measurement, measured=measured, findings=judge(measured, patient, rules)
    )


def measure_ecg(
    samples: Any,
    leads: Sequence[str],
    rate_hz: float,
    lsb_nv: Sequence[float],
    *,
    rules: EcgRules,
) -> tuple[Measurement, Measured] | None:
    """The numbers alone: nothing is judged. None and ValueError as of `read_ecg`."""
    names = _names(rules)
    wanted = [n for n, lead in enumerate(leads) if lead.casefold() in names]
    if not wanted:
        return None
    measurement = measure(
        np.ma.asarray(samples)[:, wanted],
        [leads[n] for n in wanted],
        rate_hz,
        [lsb_nv[n] for n in wanted],
    )
    return measurement, measured_of(measurement, rules)


def _names(rules: EcgRules) -> dict[str, str]:
    leads = (*rules.standard, *(lead for order in rules.contiguous for lead in order))
    return {lead.casefold(): lead for lead in leads}
