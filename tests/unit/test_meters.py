"""The meter double, judged by hl7apy (a third party) and by the product's own decoder."""

import pytest
from hl7apy.consts import VALIDATION_LEVEL
from hl7apy.parser import parse_message

from goldenhour.content.devices import load_quirks
from goldenhour.kernel.telemetry import ABOVE_RANGE, BELOW_RANGE, Numeric, Sign
from goldenhour.simulator.meters import (
    MADE,
    WRONG_BY_MS,
    Measurement,
    MeterKind,
    MeterTrouble,
    report,
)
from goldenhour.wire.hl7v2 import Observation, decode

MAKERS = load_quirks().makers
AT_MS = 1_767_225_600_000


def measured(kind: MeterKind, value: float, unit: str) -> Measurement:
    return Measurement(device_id="0200000100000001", kind=kind, value=value, unit=unit, at_ms=AT_MS)


GLUCOSE = measured(MeterKind.GLUCOSE, 5.4, "mmol/L")


def read(raw: bytes) -> Observation:
    result = decode(raw, MAKERS)
    assert isinstance(result, Observation), result
    return result


@pytest.mark.parametrize("kind", list(MeterKind))
def test_hl7apy_accepts_the_report(kind: MeterKind) -> None:
    for unit in MADE[kind].units:
        raw = report(measured(kind, 37, unit))
        parsed = parse_message(raw.decode(), validation_level=VALIDATION_LEVEL.STRICT)
        assert parsed.validate()


@pytest.mark.parametrize(
    ("kind", "value", "unit", "expected"),
    [
        (MeterKind.GLUCOSE, 5.4, "mmol/L", Numeric(sign=Sign.GLUCOSE, value=5.4, note="")),
        (
            MeterKind.GLUCOSE,
            99,
            "mg/dL",
            Numeric(sign=Sign.GLUCOSE, value=5.5, note="converted from mg/dL"),
        ),
        (MeterKind.THERMOMETER, 38.2, "degC", Numeric(sign=Sign.TEMP, value=38.2, note="")),
        (
            MeterKind.THERMOMETER,
            98.6,
            "degF",
            Numeric(sign=Sign.TEMP, value=37, note="converted from degF"),
        ),
    ],
)
def test_the_product_reads_it_in_our_units(
    kind: MeterKind, value: float, unit: str, expected: Numeric
) -> None:
    observation = read(report(measured(kind, value, unit)))
    assert observation.values == (expected,)
    assert observation.device_id == "0200000100000001"


@pytest.mark.parametrize(
    ("trouble", "note"), [(MeterTrouble.LOW, BELOW_RANGE), (MeterTrouble.HIGH, ABOVE_RANGE)]
)
@pytest.mark.parametrize("kind", list(MeterKind))
def test_beyond_its_range_is_a_word_and_never_a_number(
    kind: MeterKind, trouble: MeterTrouble, note: str
) -> None:
    unit = next(iter(MADE[kind].units))
    (numeric,) = read(report(measured(kind, 37, unit), trouble)).values
    assert (numeric.value, numeric.note) == (None, note)


def test_a_result_that_is_not_available_is_none() -> None:
    (numeric,) = read(report(GLUCOSE, MeterTrouble.NO_RESULT)).values
    assert (numeric.value, numeric.note) == (None, "not available (OBX-11 X)")


def test_its_own_code_and_its_usual_unit_are_known_by_its_row_and_by_it_alone() -> None:
    raw = report(GLUCOSE, MeterTrouble.OWN_CODE)
    assert read(raw).values == (Numeric(sign=Sign.GLUCOSE, value=5.4, note=""),)
    bare = decode(raw)
    assert isinstance(bare, Observation)
    assert (bare.values, bare.ignored) == ((), ("1001^GLUCOSE^99GHMETER",))


def test_a_wrong_clock_is_kept_and_doubted() -> None:
    observation = read(report(GLUCOSE, MeterTrouble.WRONG_CLOCK))
    assert observation.device_ms == AT_MS - WRONG_BY_MS
    assert observation.clock_doubted
    assert not observation.reads_answers
