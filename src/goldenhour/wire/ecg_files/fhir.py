"""A record as a FHIR R4 Observation with SampledData for each lead, as a plain dictionary.

Rule 1: `data` holds the device's own integers; `factor` and `origin` give their meaning exactly.
        Only the period may have no end (300 Hz); it is rounded at the eighteenth digit.
Rule 2: a sample that nobody measured is `E`, FHIR's own word for it.
Rule 3: test data carries the label HTEST, which a server must keep and a client must show.
Rule 4: text grows: at most `MAX_FHIR_VALUES`; for more there are DICOM and EDF+.
"""

from decimal import Context, Decimal
from fractions import Fraction
from typing import Any, Final

import msgspec

from goldenhour.kernel.time import to_datetime
from goldenhour.wire.ecg_files.leads import mdc_code
from goldenhour.wire.ecg_files.record import EcgFileError, EcgRecord, Lead, missing

MAX_FHIR_VALUES: Final = 2_000_000
"""Twelve leads at 500 Hz for five and a half minutes: some 10 MB of JSON."""
_MDC: Final = "urn:oid:2.16.840.1.113883.6.24"
_UCUM: Final = "http://unitsofmeasure.org"
_JSON: Final = msgspec.json.Encoder(decimal_format="number")
_DIGITS: Final = 18
"""FHIR asks of a receiver to keep so many digits of a decimal."""


def observation(record: EcgRecord, subject: str) -> dict[str, Any]:
    """`subject` is a reference, as `Patient/1`, or empty. Raises EcgFileError."""
    if record.samples.size > MAX_FHIR_VALUES:
        raise EcgFileError(
            "range", f"{record.samples.size} values, {MAX_FHIR_VALUES} are possible in FHIR"
        )
    if record.begun_ms is None:
        raise EcgFileError("begun_ms", "FHIR needs the time of the first sample")
    mask = missing(record)
    end_ms = record.ms_of(record.count)
    assert end_ms is not None  # it has a beginning
    found: dict[str, Any] = {
        "resourceType": "Observation",
        "status": "final",
        "category": [
            _concept(
                "http://terminology.hl7.org/CodeSystem/observation-category",
                "procedure",
                "Procedure",
            )
        ],
        "code": _concept(_MDC, "131328", "MDC_ECG_ELEC_POTL"),
        "effectivePeriod": {"start": _instant(record.begun_ms), "end": _instant(end_ms)},
        "component": [
            {
                "code": _lead_concept(lead),
                "valueSampledData": _sampled(record, lead, place, mask[:, place].tolist()),
            }
            for place, lead in enumerate(record.leads)
        ],
    }
    if record.test:
        found["meta"] = {
            "security": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/v3-ActReason",
                    "code": "HTEST",
                    "display": "test health data",
                }
            ]
        }
    if record.case:
        found["identifier"] = [{"type": {"text": "emergency"}, "value": record.case}]
    if subject:
        found["subject"] = {"reference": subject}
    if record.device:
        found["device"] = {"display": record.device}
    return found


def write_fhir(record: EcgRecord, subject: str = "") -> bytes:
    return _JSON.encode(observation(record, subject))


def _sampled(record: EcgRecord, lead: Lead, place: int, mask: list[bool]) -> dict[str, Any]:
    values = record.samples[:, place].tolist()
    return {
        "origin": {
            "value": _decimal(lead.zero_nv / 1000, "zero_nv"),
            "unit": "uV",
            "system": _UCUM,
            "code": "uV",
        },
        "period": _period_ms(record.rate_hz),
        "factor": _decimal(lead.lsb_nv / 1000, "lsb_nv"),
        "dimensions": 1,
        "data": " ".join("E" if gone else str(v) for v, gone in zip(values, mask, strict=True)),
    }


def _lead_concept(lead: Lead) -> dict[str, Any]:
    code = mdc_code(lead.name)
    if code is None:
        return {"text": lead.name}
    return _concept(_MDC, str(code), f"MDC_ECG_ELEC_POTL_{lead.name.upper()}") | {"text": lead.name}


def _concept(system: str, code: str, display: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code, "display": display}]}


def _instant(at_ms: int) -> str:
    return to_datetime(at_ms).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _period_ms(rate_hz: Fraction) -> Decimal:
    """Rounded at the eighteenth digit, where it has no end: a nanosecond in a thousand years."""
    period = Context(prec=_DIGITS).divide(1000 * rate_hz.denominator, rate_hz.numerator)
    return Decimal(format(period.normalize(), "f"))


def _decimal(value: Fraction, field: str) -> Decimal:
    number = Decimal(value.numerator) / Decimal(value.denominator)
    if Fraction(number) != value or len(number.as_tuple().digits) > _DIGITS:
        raise EcgFileError(field, f"{value} has no exact decimal of {_DIGITS} digits")
    return Decimal(format(number.normalize(), "f"))
