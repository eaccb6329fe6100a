"""A DOUBLE of patient monitors: many of them in one process, HL7 PCD-01 and PCD-04 over MLLP.

Rule 1: it writes its own bytes and never imports `wire.hl7v2`, so that the product's decoder is
judged by somebody else's messages.
Rule 2: everything drawn comes from the given `rng`; each monitor has a stream of its own.
Rule 3: it alarms by limits of its own, which differ from the product's and are nobody's advice:
what begins is told as `start`, while it lasts as `continue`, and once as `end`.
Rule 4: nothing here may reach a patient: it warns once, loudly, and names itself in MSH-3.
"""

import asyncio
from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from random import Random  # noqa: TID251 (a simulator makes generators from the one it is given)
from typing import Final, NamedTuple

import structlog

from goldenhour.app.ports import Clock
from goldenhour.kernel.record import Record
from goldenhour.kernel.time import CHINA, SECOND_MS, to_datetime

_log = structlog.get_logger(__name__)

_NO_VALUE: Final = "8388607"
_ACK_LIMIT_BYTES: Final = 64 * 1024


class Profile(StrEnum):
    STABLE = "stable"
    SEPSIS = "sepsis"
    STEMI = "stemi"
    BLEEDING = "bleeding"


class Vitals(NamedTuple):
    """What a patient has; pulse and mean pressure follow from it."""

    heart_rate: float  # /min
    spo2: float  # %
    resp: float  # /min
    systolic: float  # mmHg
    diastolic: float  # mmHg
    temp: float  # degrees Celsius
    etco2: float  # mmHg


COURSE_S: Final = 1_800
PROFILES: Final[dict[Profile, tuple[Vitals, Vitals]]] = {
    # At first contact, and half an hour later without treatment. Made to look right.
    Profile.STABLE: (Vitals(76, 98, 15, 126, 78, 36.7, 37), Vitals(78, 98, 15, 124, 77, 36.7, 37)),
    Profile.SEPSIS: (Vitals(104, 94, 24, 104, 58, 39.1, 30), Vitals(132, 90, 31, 82, 44, 39.4, 25)),
    Profile.STEMI: (Vitals(92, 96, 20, 138, 88, 36.6, 34), Vitals(104, 93, 23, 108, 70, 36.5, 31)),
    Profile.BLEEDING: (
        Vitals(112, 97, 22, 106, 66, 36.2, 32),
        Vitals(146, 91, 32, 68, 40, 35.4, 22),
    ),
}
_STRESS: Final = Vitals(3.0, -0.3, 1.0, 4.0, 2.0, 0.0, -0.7)
"""What one unit of shared restlessness adds to each sign, so that they move together."""
_OWN: Final = Vitals(0.6, 0.3, 0.4, 1.0, 0.8, 0.02, 0.4)
"""Each sign's own unrest, one standard deviation."""


class Patient:
    """Slowly varying signs along a profile's course."""

    def __init__(self, profile: Profile, rng: Random) -> None:
        self._first, self._last = PROFILES[profile]
        self._rng = rng
        self._stress = 0.0

    def vitals(self, elapsed_s: float) -> Vitals:
        """The next sample; one call a message keeps the wandering slow."""
        self._stress = 0.95 * self._stress + self._rng.gauss(0, 0.3)
        share = min(max(elapsed_s / COURSE_S, 0.0), 1.0)
        drawn = Vitals(
            *(
                a + (b - a) * share + stress * self._stress + self._rng.gauss(0, own)
                for a, b, stress, own in zip(self._first, self._last, _STRESS, _OWN, strict=True)
            )
        )
        return drawn._replace(
            spo2=min(drawn.spo2, 100.0), diastolic=min(drawn.diastolic, drawn.systolic - 15)
        )


class Limit(NamedTuple):
    """When the monitor itself alarms; priority as in PCD-04 (PH high, PM medium, PL low)."""

    field: str
    source: str
    place: str
    low: float | None
    high: float | None
    unit: str
    priority: str
    words: str


class _Alarm(NamedTuple):
    event: str
    source: str
    place: str
    value: str
    unit: str
    limits: str
    flags: str
    words: str


class TroubleKind(StrEnum):
    LEAD_OFF = "lead_off"  # the oximeter's finger is out: SpO2 and pulse are 8388607
    WRONG_CLOCK = "wrong_clock"  # device times are off by `shift_s`
    DUPLICATE = "duplicate"  # every message is sent twice
    SILENT = "silent"  # nothing is sent, the connection stays


class Trouble(Record):
    device_id: str
    kind: TroubleKind
    from_s: float
    until_s: float
    shift_s: int = 0


class MonitorDouble(Record):
    device_id: str
    """EUI-64, 16 hexadecimal digits."""
    profile: Profile
    waits_for_ack: bool = True
    cuff_told_once: bool = False
    """It tells a pressure when it was measured, and never again."""


class MonitorsConfig(Record):
    host: str
    port: int
    monitors: tuple[MonitorDouble, ...]
    troubles: tuple[Trouble, ...] = ()
    period_s: float = 1.0
    cuff_period_s: float = 60.0
    """Oftener than in a ward: a pressure of before the run is nobody's, the next one soon there."""
    ack_timeout_s: float = 5.0
    retry_s: float = 2.0


async def run_monitors(config: MonitorsConfig, *, clock: Clock, rng: Random) -> None:
    """Runs until cancelled."""
    _log.warning(
        "simulator.monitor_double",
        meaning="THESE PATIENT MONITORS ARE A DOUBLE: their values belong to no patient",
        monitors=len(config.monitors),
    )
    async with asyncio.TaskGroup() as group:
        for monitor in config.monitors:
            own = Random(rng.getrandbits(64))  # noqa: S311 (a simulation, no secret)
            group.create_task(_Sender(config, monitor, clock, own).run())


class _Sender:
    def __init__(
        self, config: MonitorsConfig, monitor: MonitorDouble, clock: Clock, rng: Random
    ) -> None:
        self._config = config
        self._monitor = monitor
        self._clock = clock
        self._rng = rng
        self._writer = ReportWriter(monitor, rng, cuff_period_s=config.cuff_period_s)
        self._started_ms = clock.now_ms()
        self._log = _log.bind(device_id=monitor.device_id)

    async def run(self) -> None:
        await asyncio.sleep(self._rng.random() * self._config.period_s)  # not all at once
        while True:
            try:
                await self._talk()
            except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
                self._log.info("simulator.monitor_link_lost", reason=type(error).__name__)
            await asyncio.sleep(self._config.retry_s)

    async def _talk(self) -> None:
        reader, writer = await asyncio.open_connection(
            self._config.host, self._config.port, limit=_ACK_LIMIT_BYTES
        )
        try:
            while True:
                await self._report(reader, writer)
                await asyncio.sleep(self._config.period_s)
        finally:
            writer.close()

    async def _report(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        now_ms = self._clock.now_ms()
        elapsed_s = (now_ms - self._started_ms) / SECOND_MS
        active = {
            trouble.kind: trouble
            for trouble in self._config.troubles
            if trouble.device_id == self._monitor.device_id
            and trouble.from_s <= elapsed_s < trouble.until_s
        }
        if TroubleKind.SILENT in active:
            return
        wrong = active.get(TroubleKind.WRONG_CLOCK)
        message = self._writer.next_report(
            elapsed_s=elapsed_s,
            device_ms=now_ms + (wrong.shift_s * SECOND_MS if wrong else 0),
            lead_off=TroubleKind.LEAD_OFF in active,
        )
        alarms = self._writer.next_alarms(device_ms=now_ms)
        for told in (message, *alarms):
            for _ in range(2 if TroubleKind.DUPLICATE in active else 1):
                await self._tell(told, reader, writer)

    async def _tell(
        self, message: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        writer.write(b"\x0b" + message + b"\x1c\r")
        await writer.drain()
        if self._monitor.waits_for_ack:
            async with asyncio.timeout(self._config.ack_timeout_s):
                answer = await reader.readuntil(b"\x1c\r")
            if b"\rMSA|AA|" not in answer:
                self._log.warning("simulator.monitor_refused", answer=answer[:300])


class ReportWriter:
    """Writes the messages of one monitor; the cuff tells its last one again, or once."""

    def __init__(self, monitor: MonitorDouble, rng: Random, *, cuff_period_s: float) -> None:
        self._monitor = monitor
        self._patient = Patient(monitor.profile, rng)
        self._cuff_period_s = cuff_period_s
        self._sequence = 0
        self._cuff: tuple[float, Vitals, int] | None = None
        self._beyond: dict[str, _Alarm] = {}
        """What the monitor would alarm about by the report that was written last."""
        self._told: dict[str, tuple[_Alarm, int]] = {}
        """What it alarms about, and when it said so last."""

    def next_report(self, *, elapsed_s: float, device_ms: int, lead_off: bool) -> bytes:
        """One ORU^R01 without its MLLP frame; `device_ms` is by the monitor's own clock."""
        self._sequence += 1
        now = self._patient.vitals(elapsed_s)
        measured = self._cuff is None or elapsed_s - self._cuff[0] >= self._cuff_period_s
        if self._cuff is None or measured:
            self._cuff = (elapsed_s, now, device_ms)
        _, cuff, cuff_ms = self._cuff
        at, cuff_at = _dtm(device_ms), _dtm(cuff_ms)
        oximeter = (
            (_NO_VALUE, _NO_VALUE) if lead_off else (f"{now.spo2:.0f}", f"{now.heart_rate:.0f}")
        )
        mean = (cuff.systolic + 2 * cuff.diastolic) / 3
        rows: tuple[tuple[str, str, str, str, str], ...] = (
            ("69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS", "1.0.0.0", "", "", ""),
            ("69798^MDC_DEV_ECG_VMD", "1.1.0.0", "", "", ""),
            ("147842^MDC_ECG_HEART_RATE", "1.1.1.1", f"{now.heart_rate:.0f}", _BEATS, at),
            ("151578^MDC_TTHOR_RESP_RATE", "1.1.2.1", f"{now.resp:.0f}", _BREATHS, at),
            ("69642^MDC_DEV_ANALY_SAT_O2_VMD", "1.2.0.0", "", "", ""),
            ("150456^MDC_PULS_OXIM_SAT_O2", "1.2.1.1", oximeter[0], _PERCENT, at),
            ("149530^MDC_PULS_OXIM_PULS_RATE", "1.2.1.2", oximeter[1], _BEATS, at),
            ("70686^MDC_DEV_PRESS_BLD_NONINV_VMD", "1.3.0.0", "", "", ""),
            ("150021^MDC_PRESS_BLD_NONINV_SYS", "1.3.1.1", f"{cuff.systolic:.0f}", _MMHG, cuff_at),
            ("150022^MDC_PRESS_BLD_NONINV_DIA", "1.3.1.2", f"{cuff.diastolic:.0f}", _MMHG, cuff_at),
            ("150023^MDC_PRESS_BLD_NONINV_MEAN", "1.3.1.3", f"{mean:.0f}", _MMHG, cuff_at),
            ("69902^MDC_DEV_METER_TEMP_VMD", "1.4.0.0", "", "", ""),
            ("150344^MDC_TEMP", "1.4.1.1", f"{now.temp:.1f}", "268192^MDC_DIM_DEGC^MDC", at),
            ("151708^MDC_CONC_AWAY_CO2_ET", "1.5.1.1", f"{now.etco2:.0f}", _MMHG, at),
        )
        if self._monitor.cuff_told_once and not measured:
            rows = tuple(row for row in rows if "PRESS_BLD_NONINV" not in row[0])
        self._beyond = _alarms_of(now, cuff, lead_off=lead_off, standing=self._told.keys())
        device = self._device()
        # No PID: such a monitor knows nobody, and HL7 would rather have none than an empty one.
        head = self._head(at, "R01", "IHE_PCD_001^IHE PCD^1.3.6.1.4.1.19376.1.6.1.1.1^ISO")
        order = f"{self._sequence}^GOLDENHOUR-DOUBLE"
        lines = [head, f"OBR|1|{order}|{order}|182777000^monitoring of patient^SCT|||{at}"]
        for number, (code, place, value, unit, time) in enumerate(rows, start=1):
            kind, status = ("NM", "R") if value else ("", "X")
            instance = f"||||{device}" if number == 1 else ""
            lines.append(
                f"OBX|{number}|{kind}|{code}^MDC|{place}|{value}|{unit}|||||{status}|||{time}{instance}"
            )
        return "".join(f"{line}\r" for line in lines).encode()

    def next_alarms(self, *, device_ms: int) -> list[bytes]:
        """ORU^R40 of what the last report begins, continues or ends; one message each."""
        told: list[bytes] = []
        for key, alarm in self._beyond.items():
            before = self._told.get(key)
            if before is not None and device_ms - before[1] < _AGAIN_MS:
                continue
            told.append(self._alarm(alarm, "start" if before is None else "continue", device_ms))
            self._told[key] = (alarm, device_ms)
        over = [key for key in self._told if key not in self._beyond]
        return told + [self._alarm(self._told.pop(key)[0], "end", device_ms) for key in over]

    def _alarm(self, alarm: _Alarm, phase: str, device_ms: int) -> bytes:
        self._sequence += 1
        at, order = _dtm(device_ms), f"{self._sequence}^GOLDENHOUR-DOUBLE"
        state = "inactive" if phase == "end" else "active"
        rows: tuple[tuple[str, str, str, str, str, str], ...] = (
            ("ST", alarm.event, alarm.words, "", "", alarm.flags),
            (
                "NM" if alarm.value else "ST",
                alarm.source,
                alarm.value,
                alarm.unit,
                alarm.limits,
                "",
            ),
            ("ST", "68481^MDC_ATTR_EVENT_PHASE", phase, "", "", ""),
            ("ST", "68482^MDC_ATTR_ALARM_STATE", state, "", "", ""),
            ("ST", "68483^MDC_ATTR_ALARM_INACTIVATION_STATE", "enabled", "", "", ""),
        )
        head = self._head(at, "R40", "IHE_PCD_ACM_001^IHE PCD^1.3.6.1.4.1.19376.1.6.1.4.1^ISO")
        lines = [head, f"OBR|1|{order}|{order}|196616^MDC_EVT_ALARM^MDC|||{at}"]
        lines += (
            f"OBX|{facet}|{kind}|{code}^MDC|{alarm.place}.{facet}|{value}|{unit}|{limits}"
            f"|{flags}|||R|||{at}{f'||||{self._device()}' if facet == 1 else ''}"
            for facet, (kind, code, value, unit, limits, flags) in enumerate(rows, start=1)
        )
        return "".join(f"{line}\r" for line in lines).encode()

    def _head(self, at: str, trigger: str, profile: str) -> str:
        return (
            f"MSH|^~\\&|GOLDENHOUR-DOUBLE^{self._monitor.device_id}^EUI-64||||{at}"
            f"||ORU^{trigger}^ORU_{trigger}|{self._monitor.device_id[-6:]}-{self._sequence}"
            f"|P|2.6|||NE|AL||UNICODE UTF-8|||{profile}"
        )

    def _device(self) -> str:
        return f"{self._monitor.device_id}^GOLDENHOUR-DOUBLE^{self._monitor.device_id}^EUI-64"


def _alarms_of(
    now: Vitals, cuff: Vitals, *, lead_off: bool, standing: Collection[str]
) -> dict[str, _Alarm]:
    """By key; what stands ends only when the sign is back by more than its unrest."""
    found: dict[str, _Alarm] = {}
    for limit in LIMITS:
        value = getattr(cuff if limit.field in ("systolic", "diastolic") else now, limit.field)
        if lead_off and limit.field == "spo2":
            continue  # no finger, no value to alarm about
        below, above = f"{limit.field} low", f"{limit.field} high"
        low, high = limit.low, limit.high
        if low is not None and value < low + (_BACK if below in standing else 0):
            found[below] = _of_limit(limit, value, _LOW, f">{low:.0f}", "L")
        elif high is not None and value > high - (_BACK if above in standing else 0):
            found[above] = _of_limit(limit, value, _HIGH, f"<{high:.0f}", "H")
    if lead_off:
        found["probe off"] = _Alarm(
            "196680^MDC_EVT_LEAD_OFF", "150456^MDC_PULS_OXIM_SAT_O2", "1.2.1.1", "", "", "",
            "A~PL~ST", "SpO2 探头脱落",
        )  # fmt: skip
    return found


def _of_limit(limit: Limit, value: float, event: str, limits: str, flag: str) -> _Alarm:
    return _Alarm(
        event=event,
        source=limit.source,
        place=limit.place,
        value=f"{value:.0f}",
        unit=limit.unit,
        limits=limits,
        flags=f"{flag}~{limit.priority}~SP",
        words=f"{limit.words}{'低' if flag == 'L' else '高'}",
    )


_LOW: Final = "196674^MDC_EVT_LO_VAL_LT_LIM"
_HIGH: Final = "196652^MDC_EVT_HI_VAL_GT_LIM"
_AGAIN_MS: Final = 10 * SECOND_MS
_BACK: Final = 2.0
_BEATS: Final = "264864^MDC_DIM_BEAT_PER_MIN^MDC"
_BREATHS: Final = "264928^MDC_DIM_RESP_PER_MIN^MDC"
_PERCENT: Final = "262688^MDC_DIM_PERCENT^MDC"
_MMHG: Final = "266016^MDC_DIM_MMHG^MDC"
LIMITS: Final = (
    Limit("heart_rate", "147842^MDC_ECG_HEART_RATE", "1.1.1.1", 50, 120, _BEATS, "PM", "心率"),
    Limit("resp", "151578^MDC_TTHOR_RESP_RATE", "1.1.2.1", 8, 30, _BREATHS, "PM", "呼吸"),
    Limit("spo2", "150456^MDC_PULS_OXIM_SAT_O2", "1.2.1.1", 92, None, _PERCENT, "PH", "SpO2 "),
    Limit("systolic", "150021^MDC_PRESS_BLD_NONINV_SYS", "1.3.1.1", 90, 180, _MMHG, "PM", "收缩压"),
)


def _dtm(at_ms: int) -> str:
    local: datetime = to_datetime(at_ms).astimezone(CHINA)
    return f"{local:%Y%m%d%H%M%S}.{local.microsecond // 1000:03d}+0800"
