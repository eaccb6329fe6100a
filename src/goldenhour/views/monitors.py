"""The devices of a run as a screen shows them: where each is, what was corrected and measured."""

from collections.abc import Mapping

from goldenhour.domain.care.patient import Measured
from goldenhour.domain.dispatch import leads
from goldenhour.domain.dispatch.monitors import Monitors
from goldenhour.kernel.telemetry import Numeric, Sign
from goldenhour.views.rows import LeadsRow, MeasuredRow, MonitorCorrectionRow, MonitorRow


def monitor_rows(state: Monitors) -> tuple[MonitorRow, ...]:
    """Each device once, where it is now."""
    newest = {place.device_id: place for place in state.places}
    return tuple(
        MonitorRow(
            device_id=device_id,
            patient_id=place.patient_id,
            band=place.band,
            since_ms=place.from_ms,
            off=place.off,
        )
        for device_id, place in sorted(newest.items())
    )


def correction_rows(state: Monitors) -> tuple[MonitorCorrectionRow, ...]:
    return tuple(
        MonitorCorrectionRow(
            id=one.id,
            device_id=one.device_id,
            from_ms=one.from_ms,
            to_ms=one.to_ms,
            patient_id=one.patient_id,
            reason=one.reason,
            by=one.by,
            at_ms=one.at_ms,
        )
        for one in state.corrections
    )


def leads_rows(state: Monitors) -> tuple[LeadsRow, ...]:
    return tuple(
        LeadsRow(
            device_id=one.device_id,
            placement=one.placement,
            from_ms=one.from_ms,
            by=one.by,
            at_ms=one.at_ms,
        )
        for device_id in sorted({said.device_id for said in state.leads})
        for one in leads.list_placings(state, device_id)
    )


def newest_values(vitals: Mapping[Sign, Measured]) -> tuple[Numeric, ...]:
    return tuple(Numeric(sign=sign, value=one.value, note=one.note) for sign, one in vitals.items())


def measured_rows(vitals: Mapping[Sign, Measured]) -> dict[Sign, MeasuredRow]:
    return {
        sign: MeasuredRow(at_ms=one.at_ms, device_id=one.device_id) for sign, one in vitals.items()
    }
