"""The roster as a table: read line by line, compared with what stands, and written out.

Rule 1: every fault names its line, its column and the value; all faults are found, not the first.
Rule 2: a line is a shift, known again by its unit and its beginning. What the table does not name
        stays as it is: a table plans and changes, it withdraws nothing.
Rule 3: the same table read again changes nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from goldenhour.domain.register.events import CrewFunction, CrewMember, DutyKind
from goldenhour.domain.register.roster import Shift, key_of, span_text
from goldenhour.domain.register.table import Columns, FaultCode, Row, TableFault, read_rows
from goldenhour.kernel.record import Record
from goldenhour.kernel.time import CHINA, HOUR_MS, from_datetime, to_datetime

_FUNCTIONS: Final = {
    CrewFunction.DOCTOR: ("医生", "doctor"),
    CrewFunction.NURSE: ("护士", "nurse"),
    CrewFunction.DRIVER: ("驾驶员", "driver"),
    CrewFunction.STRETCHER_BEARER: ("担架员", "stretcher bearer"),
}
_CALL_SIGN, _FROM, _TO, _DUTY = "call_sign", "from", "to", "duty"
COLUMNS: Final[Columns] = {
    _CALL_SIGN: ("车号", "call sign"),
    _FROM: ("开始", "from"),
    _TO: ("结束", "to"),
    _DUTY: ("班种", "duty"),
    **{str(function): names for function, names in _FUNCTIONS.items()},
}
DUTIES: Final = {
    DutyKind.EMERGENCY: ("急救", "emergency"),
    DutyKind.RESERVE: ("备班", "reserve"),
    DutyKind.TRANSFER: ("转运", "transfer"),
    DutyKind.STANDBY: ("保障", "standby"),
}
_REQUIRED: Final = (_CALL_SIGN, _FROM, _TO)
_TIMES: Final = (
    *("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%dT%H:%M"),
    *("%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y年%m月%d日 %H:%M"),
)
_SERIAL_ZERO: Final = datetime(1899, 12, 30, tzinfo=CHINA)
_SERIALS: Final = (36_526, 73_050)  # 2000 to 2099: anything else is no day of a roster
_BETWEEN: Final = "；;、，,/\n"
_LONGEST_NAME: Final = 40
_LONGEST_NUMBER: Final = 20
_MOST_CREW: Final = 12


class TableShift(Record):
    """A line that is a shift; `shift_id` is empty where it is new."""

    line: int
    unit_id: str
    shift: Shift


class TableChange(Record):
    line: int
    unit_id: str
    was: Shift | None
    """None: it is new."""
    now: Shift


class TableRead(Record):
    shifts: tuple[TableShift, ...]
    faults: tuple[TableFault, ...]


class Compared(Record):
    changes: tuple[TableChange, ...]
    unchanged: int
    faults: tuple[TableFault, ...]


def read_roster(
    lines: Iterable[tuple[int, Sequence[str]]], units: Mapping[str, str], longest_h: int
) -> TableRead:
    """`lines`: number and cells, the header first.

    `units`: id by call sign, empty where several have it.
    """
    rows, faults = read_rows(lines, COLUMNS, _REQUIRED)
    shifts: list[TableShift] = []
    for row in rows:
        found = _shift(row, units, longest_h)
        if isinstance(found, TableShift):
            shifts.append(found)
        else:
            faults += found
    return TableRead(shifts=tuple(shifts), faults=tuple(faults))


def compare(read: Sequence[TableShift], standing: Mapping[str, Sequence[Shift]]) -> Compared:
    """`standing`: by unit the shifts of the weeks that the table touches, and of those around."""
    changes: list[TableChange] = []
    faults: list[TableFault] = []
    unchanged = 0
    after = {unit_id: {one.from_ms: one for one in given} for unit_id, given in standing.items()}
    lines: dict[tuple[str, int], int] = {}
    # In order of time: a shift that is cut short makes room for the next, wherever its line stands.
    for row in sorted(read, key=lambda one: one.shift.from_ms):
        mine = after.setdefault(row.unit_id, {})
        was = mine.get(row.shift.from_ms)
        twice = lines.get((row.unit_id, row.shift.from_ms))
        clash = str(twice) if twice else _clash(row.shift, mine.values())
        if clash:
            code = FaultCode.DOUBLE_LINE if twice else FaultCode.OVERLAPS
            text = span_text(row.shift)
            faults.append(TableFault(line=row.line, column="", value=text, code=code, detail=clash))
            continue
        lines[row.unit_id, row.shift.from_ms] = row.line
        if was and _same(was, row.shift):
            unchanged += 1
            continue
        now = replace(row.shift, shift_id=was.shift_id if was else "")
        mine[now.from_ms] = now
        changes.append(TableChange(line=row.line, unit_id=row.unit_id, was=was, now=now))
    faults.sort(key=lambda fault: fault.line)
    return Compared(changes=tuple(changes), unchanged=unchanged, faults=tuple(faults))


def cells_of(call_sign: str, shift: Shift, *, zh: bool) -> list[str]:
    """A shift as a line, in the order of `COLUMNS`."""
    crew = [
        "；".join(_name_text(one) for one in shift.crew if one.function is function)
        for function in _FUNCTIONS
    ]
    return [
        call_sign,
        _time_text(shift.from_ms),
        _time_text(shift.to_ms),
        DUTIES[shift.duty][0 if zh else 1],
        *crew,
    ]


def _shift(row: Row, units: Mapping[str, str], longest_h: int) -> TableShift | list[TableFault]:
    if row.faults:
        return row.faults
    unit_id = _unit(row, units)
    from_ms, to_ms = _time(row, _FROM), _time(row, _TO)
    duty, crew = _duty(row), _crew(row)
    if from_ms is not None and to_ms is not None:
        if to_ms <= from_ms:
            row.wrong(_TO, FaultCode.ENDS_EARLY)
        elif to_ms - from_ms > longest_h * HOUR_MS:
            row.wrong(_TO, FaultCode.TOO_LONG, detail=str(longest_h))
    if row.faults or from_ms is None or to_ms is None:
        return row.faults
    shift = Shift(shift_id="", from_ms=from_ms, to_ms=to_ms, duty=duty, crew=crew)
    return TableShift(line=row.number, unit_id=unit_id, shift=shift)


def _unit(row: Row, units: Mapping[str, str]) -> str:
    sign = row.cell(_CALL_SIGN)
    if not sign:
        row.wrong(_CALL_SIGN, FaultCode.REQUIRED)
    elif sign not in units:
        row.wrong(_CALL_SIGN, FaultCode.UNKNOWN_UNIT)
    elif not units[sign]:
        row.wrong(_CALL_SIGN, FaultCode.SIGN_OF_SEVERAL)
    return units.get(sign, "")


def _time(row: Row, key: str) -> int | None:
    value = row.cell(key)
    if not value:
        row.wrong(key, FaultCode.REQUIRED)
        return None
    at_ms = read_time(value)
    if at_ms is None:
        row.wrong(key, FaultCode.NOT_A_TIME)
    return at_ms


def _duty(row: Row) -> DutyKind:
    value = row.cell(_DUTY)
    if not value:
        return DutyKind.EMERGENCY
    for duty, names in DUTIES.items():
        if value.lower() in (duty.value, *names):
            return duty
    row.wrong(_DUTY, FaultCode.UNKNOWN_DUTY)
    return DutyKind.EMERGENCY


def _crew(row: Row) -> tuple[CrewMember, ...]:
    crew: list[CrewMember] = []
    for function in _FUNCTIONS:
        text = row.cell(str(function))
        for between in _BETWEEN[1:]:
            text = text.replace(between, _BETWEEN[0])
        for written in filter(None, (part.strip() for part in text.split(_BETWEEN[0]))):
            name, _, number = (part.strip() for part in written.partition("#"))
            if not name or len(name) > _LONGEST_NAME or len(number) > _LONGEST_NUMBER:
                row.wrong(str(function), FaultCode.NOT_A_NAME, written)
                continue
            crew.append(CrewMember(name=name, function=function, number=number))
    keys = [key_of(one) for one in crew]
    twice = [one for one in crew if keys.count(key_of(one)) > 1]
    if twice:
        row.wrong(str(twice[-1].function), FaultCode.PERSON_TWICE, twice[-1].name)
    if len(crew) > _MOST_CREW:
        row.wrong(str(crew[-1].function), FaultCode.TOO_MANY, detail=str(_MOST_CREW))
    return tuple(crew)


def read_time(text: str) -> int | None:
    """A time as people write it, or a spreadsheet's serial day; None: it is neither."""
    try:
        serial = float(text)
    except ValueError:
        serial = None
    if serial is not None:
        if not _SERIALS[0] <= serial < _SERIALS[1]:
            return None
        minutes = round(serial * 24 * 60)
        return from_datetime(_SERIAL_ZERO + timedelta(minutes=minutes))
    for form in _TIMES:
        try:
            return from_datetime(datetime.strptime(text, form).replace(tzinfo=CHINA))
        except ValueError:
            continue
    return None


def _time_text(at_ms: int) -> str:
    return to_datetime(at_ms).astimezone(CHINA).strftime("%Y-%m-%d %H:%M")


def _name_text(member: CrewMember) -> str:
    return f"{member.name}#{member.number}" if member.number else member.name


def _clash(shift: Shift, others: Iterable[Shift]) -> str:
    """The first other shift that it overlaps; one of the same beginning is itself."""
    for other in others:
        apart = other.to_ms <= shift.from_ms or shift.to_ms <= other.from_ms
        if other.from_ms != shift.from_ms and not apart:
            return span_text(other)
    return ""


def _same(one: Shift, other: Shift) -> bool:
    """Of one beginning; the order of a crew says nothing."""
    return one.to_ms == other.to_ms and one.duty is other.duty and set(one.crew) == set(other.crew)
