"""A record as EDF+.

Rule 1: digital values are the record's integers; the physical ends of the range are chosen so that
        their eight characters give back the scale exactly.
Rule 2: a gap is an annotation (`Signal gap`, of one lead `Signal gap@@ECG V1`) over samples at the
        digital minimum. The file stays continuous, EDF+C: a discontinuous one, EDF+D, would break
        at whole data records only, and most programs, EDFlib among them, do not open it. A viewer
        without annotations draws the line at the bottom of its range, never a flat heart.
Rule 3: the last data record is filled up in the same way; an annotation says where it ends.
Rule 4: EDF knows no time zone; the time is China's, which is what people set devices by here. It
        has no field for an age.
"""

import math
from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from typing import Final, Literal

import numpy as np
from edfio import Edf, EdfAnnotation, EdfSignal, Patient, Recording
from numpy.typing import NDArray

from goldenhour.kernel.time import CHINA, to_datetime
from goldenhour.wire.ecg_files.dicom import TEST_TEXT
from goldenhour.wire.ecg_files.record import EcgFileError, EcgRecord, Lead, gaps_of, missing

GAP: Final = "Signal gap"
OF_LEAD: Final = "@@"
"""EDF+ ties an annotation to one signal by this and the signal's label."""
ENDS: Final = "Recording ends"
TEST_WORD: Final = "TEST_DATA"
_LEAST, _GREATEST = -0x8000, 0x7FFF
_NUMBER_CHARS: Final = 8
_LABEL_CHARS: Final = 16
_MAX_RECORD_S: Final = 60
"""A rate that needs longer data records than this to have whole samples is refused."""
_SEXES: Final[dict[str, Literal["M", "F"]]] = {"M": "M", "F": "F"}


def label_of(lead: str) -> str:
    """EDF+ standard texts: `ECG V1`."""
    return f"ECG {lead}"


def write_edf(record: EcgRecord) -> bytes:
    """Raises EcgFileError where EDF+ cannot hold the record exactly."""
    rate_hz, count = record.rate_hz, record.count
    record_s = rate_hz.denominator
    if record_s > _MAX_RECORD_S:
        raise EcgFileError("rate_hz", f"{rate_hz} Hz has no whole samples in {_MAX_RECORD_S} s")
    in_record = int(rate_hz * record_s)
    mask = missing(record)
    filled = math.ceil(count / in_record) * in_record
    annotations = _gap_annotations(record, mask)
    annotations.append(EdfAnnotation(float(count / rate_hz), None, ENDS))
    if record.test:
        annotations.append(EdfAnnotation(0, None, TEST_TEXT))
    try:
        signals = [
            _signal(lead, record.samples[:, place], mask[:, place], float(rate_hz), filled)
            for place, lead in enumerate(record.leads)
        ]
        begun = None if record.begun_ms is None else to_datetime(record.begun_ms).astimezone(CHINA)
        file = Edf(
            signals,
            patient=Patient(code=_code(record.subject), sex=_SEXES.get(record.sex, "X")),
            recording=Recording(
                startdate=begun.date() if begun else None,
                hospital_administration_code=_code(record.case),
                equipment_code=_code(record.device),
                additional=(TEST_WORD,) if record.test else (),
            ),
            starttime=begun.timetz().replace(microsecond=0, tzinfo=None) if begun else None,
            data_record_duration=record_s,
            annotations=annotations,
        )
        if begun and begun.microsecond:
            # Set afterwards, every onset is rounded to what can be written; given at once, some
            # are sums of binary fractions with 17 digits, which EDFlib refuses to open.
            file.starttime = begun.timetz().replace(tzinfo=None)
        out = BytesIO()
        file.write(out)
    except ValueError as error:
        # What edfio refuses: texts that are too long or not ASCII, years that EDF does not have.
        if isinstance(error, EcgFileError):
            raise
        raise EcgFileError("header", str(error)) from error
    return out.getvalue()


def _signal(
    lead: Lead,
    samples: NDArray[np.int32],
    mask: NDArray[np.bool_],
    rate_hz: float,
    filled: int,
) -> EdfSignal:
    measured = samples[~mask]
    least = int(measured.min()) if measured.size else 0
    greatest = int(measured.max()) if measured.size else 0
    if least < _LEAST or greatest > _GREATEST:
        raise EcgFileError("samples", f"{lead.name}: more than 16 bits, EDF has no more")
    low = _end(lead, range(_LEAST, min(least, -1) + 1))
    high = _end(lead, range(_GREATEST, max(greatest, 1) - 1, -1))
    label = label_of(lead.name)
    if len(label) > _LABEL_CHARS:
        raise EcgFileError("leads", f"{lead.name!r} is too long for EDF")
    digital = np.full(filled, low[0], np.int16)
    digital[: len(samples)] = np.where(mask, low[0], samples)
    return EdfSignal.from_digital(
        digital,
        rate_hz,
        label=label,
        physical_dimension="uV",
        physical_range=(float(low[1]), float(high[1])),
        digital_range=(low[0], high[0]),
    )


def _end(lead: Lead, candidates: range) -> tuple[int, Decimal]:
    """The outermost digital value whose physical one can be written exactly, and that one."""
    for digital in candidates:
        microvolt = (lead.lsb_nv * digital + lead.zero_nv) / 1000
        physical = Decimal(microvolt.numerator) / Decimal(microvolt.denominator)
        text = str(float(physical)).removesuffix(".0")
        if len(text) <= _NUMBER_CHARS and "e" not in text and Fraction(text) == microvolt:
            return digital, physical
    raise EcgFileError(
        "lsb_nv", f"{lead.name}: {float(lead.lsb_nv):g} nV has no exact range of eight characters"
    )


def _gap_annotations(record: EcgRecord, mask: NDArray[np.bool_]) -> list[EdfAnnotation]:
    everywhere = mask.all(axis=1)
    texts = [(GAP, everywhere)] + [
        (f"{GAP}{OF_LEAD}{label_of(lead.name)}", mask[:, place] & ~everywhere)
        for place, lead in enumerate(record.leads)
    ]
    return [
        EdfAnnotation(float(first / record.rate_hz), float(count / record.rate_hz), text)
        for text, where in texts
        for first, count in gaps_of(where)
    ]


def _code(text: str) -> str:
    """EDF+ writes spaces in codes as underscores, and X for nothing."""
    return text.strip().replace(" ", "_") or "X"
