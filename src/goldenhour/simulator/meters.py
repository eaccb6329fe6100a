"""A DOUBLE of a glucose meter and a thermometer: one message a measurement, HL7 over MLLP.

Rule 1: it writes its own bytes and never imports `wire.hl7v2`, as `monitor.py`.
Rule 2: it never reads an answer, as small meters do not; it may be told to fail besides.
Rule 3: nothing here may reach a patient: it warns loudly, and names itself in MSH-3.
"""

import asyncio
from enum import StrEnum
from random import Random  # noqa: TID251 (a simulator is given one)
from typing import Final, NamedTuple

import structlog

from goldenhour.app.ports import Clock
from goldenhour.kernel.record import Record
from goldenhour.kernel.time import CHINA, HOUR_MS, to_datetime

_log = structlog.get_logger(__name__)

WRONG_BY_MS: Final = 72 * HOUR_MS


class MeterKind(StrEnum):
    GLUCOSE = "glucose"
    THERMOMETER = "thermometer"


class MeterTrouble(StrEnum):
    LOW = "lo"  # LO in the place of a number
    HIGH = "hi"
    NO_RESULT = "no-result"  # X in OBX-11
    REPEATED = "repeated"  # the same message twice
    WRONG_CLOCK = "wrong-clock"  # three days behind
    OWN_CODE = "own-code"  # a code of its own, and no unit


class _Made(NamedTuple):
    code: str
    own_code: str
    usual: tuple[float, float]  # in the first unit
    units: dict[str, str]


MADE: Final = {
    MeterKind.GLUCOSE: _Made(
        "160184^MDC_CONC_GLU_CAPILLARY_WHOLEBLOOD^MDC",
        "1001^GLUCOSE^99GHMETER",
        (4.2, 9.6),
        {
            "mmol/L": "266866^MDC_DIM_MILLI_MOLE_PER_L^MDC",
            "mg/dL": "264274^MDC_DIM_MILLI_G_PER_DL^MDC",
        },
    ),
    MeterKind.THERMOMETER: _Made(
        "150344^MDC_TEMP^MDC",
        "1002^TEMPERATURE^99GHMETER",
        (36.0, 38.9),
        {"degC": "268192^MDC_DIM_DEGC^MDC", "degF": "268160^MDC_DIM_FAHR^MDC"},
    ),
}


class Measurement(Record):
    """One reading; `value` is in `unit`, a name in `MADE`."""

    device_id: str
    kind: MeterKind
    value: float
    unit: str
    at_ms: int


class MeterConfig(Record):
    host: str
    port: int


async def send(
    config: MeterConfig, measured: Measurement, trouble: MeterTrouble | None = None
) -> None:
    """Push it and hang up; returns when the other side has hung up too."""
    _log.warning(
        "simulator.meter_double",
        meaning="THIS METER IS A DOUBLE: its value belongs to no patient",
        device_id=measured.device_id,
    )
    message = b"\x0b" + report(measured, trouble) + b"\x1c\r"
    reader, writer = await asyncio.open_connection(config.host, config.port)
    try:
        writer.write(message * (2 if trouble is MeterTrouble.REPEATED else 1))
        await writer.drain()
        writer.write_eof()
        await reader.read()
    finally:
        writer.close()


def draw(device_id: str, kind: MeterKind, clock: Clock, rng: Random) -> Measurement:
    """A usual value, in the first of the kind's units."""
    made = MADE[kind]
    return Measurement(
        device_id=device_id,
        kind=kind,
        value=round(rng.uniform(*made.usual), 1),
        unit=next(iter(made.units)),
        at_ms=clock.now_ms(),
    )


def report(measured: Measurement, trouble: MeterTrouble | None = None) -> bytes:
    """One ORU^R01 with one OBX, without its MLLP frame."""
    made = MADE[measured.kind]
    wrong = WRONG_BY_MS if trouble is MeterTrouble.WRONG_CLOCK else 0
    at = f"{to_datetime(measured.at_ms - wrong).astimezone(CHINA):%Y%m%d%H%M%S}+0800"
    value = {MeterTrouble.LOW: "LO", MeterTrouble.HIGH: "HI"}.get(trouble) if trouble else None
    kind = "NM" if value is None else "ST"
    own = trouble is MeterTrouble.OWN_CODE
    code, unit = (made.own_code, "") if own else (made.code, made.units[measured.unit])
    status = "X" if trouble is MeterTrouble.NO_RESULT else "F"
    number = f"{measured.device_id[-6:]}-{measured.at_ms}"
    order = f"{number}^GOLDENHOUR-METER"
    head = (
        f"MSH|^~\\&|GOLDENHOUR-METER^{measured.device_id}^EUI-64||||{at}||ORU^R01^ORU_R01"
        f"|{number}|P|2.6|||NE|NE||UNICODE UTF-8"
        "|||IHE_PCD_001^IHE PCD^1.3.6.1.4.1.19376.1.6.1.1.1^ISO"
    )
    shown = value or f"{measured.value:g}"
    lines = (
        head,
        f"OBR|1|{order}|{order}|182777000^monitoring of patient^SCT|||{at}",
        f"OBX|1|{kind}|{code}|1.1.1.1|{shown}|{unit}|||||{status}|||{at}",
    )
    return "".join(f"{line}\r" for line in lines).encode()
