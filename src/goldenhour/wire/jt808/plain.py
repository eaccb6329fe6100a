"""The everyday exchange of many terminals at once: positions, each in one frame, and their answers.

Nine frames in ten are this one. Here they are read and answered by the hundred in compiled loops,
which costs a twentieth of reading them one by one.

Rule 1: `take` gives what `Splitter` and `decode` would, or stops before the frame: whatever else it
        is, the general way reads it, and knows how to refuse it. `answer` gives the bytes that
        `encode` would. Both are held to it by tests/property.
Rule 2: a loop reads inside its own chunk only, whatever bytes come.

All of the loops are in this file because numba's cache on disk notices changes of the same file
only; `warm` has them compiled before the first terminal calls.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from goldenhour.wire.jt808.frame import MAX_BODY_BYTES, MAX_FRAME_BYTES, MIN_PAYLOAD_BYTES
from goldenhour.wire.jt808.values import SERIALS, Version

Ints = NDArray[np.int64]
Octets = NDArray[np.uint8]

POSITION_ID: Final = 0x0200
NOTHING: Final = -1
"""In a row, for a value that the terminal did not give."""

# A position, one row of numbers: what each column holds.
SERIAL: Final = 0
ALARMS: Final = 1  # bits
TIME: Final = 2  # device_ms, or NOTHING
LOCATED: Final = 3  # 0: it tells no place
LAT: Final = 4  # millionths of a degree
LON: Final = 5
ALTITUDE: Final = 6  # m
SPEED: Final = 7  # tenths of km/h
DIRECTION: Final = 8  # degrees
MILEAGE: Final = 9  # tenths of km, or NOTHING
SATELLITES: Final = 10  # or NOTHING
COLUMNS: Final = 11

_ANSWER_ID: Final = 0x8001
_IS_2019: Final = 1 << 14
_OLD_DIGITS: Final = 6  # bytes of the number in the edition of 2013
_DIGITS: Final = 10  # and of 2019
_FORM: Final = 1 + _DIGITS
_FLAG: Final = 0x7E
_ESCAPE: Final = 0x7D
_BODY: Final = 28  # bytes of a position without items
_SHORTEST: Final = 12 + _BODY + 2
"""Bytes of a position's frame, its checksum and one delimiter with it."""
_LONGEST_ANSWER: Final = 2 * 23 + 2
_MICRO: Final = 1_000_000
_MONTHS: Final = np.array((0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365))
"""Days of the year before each month."""


class Taken(NamedTuple):
    """Of each chunk, and of all in their order."""

    counts: list[int]
    """Positions at its head."""
    stops: list[int]
    """Where they end: there is something else, or a frame that is not whole, or nothing."""
    rows: Ints
    """positions x COLUMNS."""


def form_of(version: Version, phone: str) -> bytes:
    """A terminal as these loops know it: how long its number is on the wire, and the number."""
    size = _DIGITS if version is Version.V2019 else _OLD_DIGITS
    return bytes((size,)) + bytes.fromhex(phone.zfill(2 * size)).ljust(_DIGITS, b"\0")


def take(
    chunks: Sequence[bytes], forms: Sequence[bytes], most: Sequence[int], *, room: int, but: int
) -> Taken:
    """The positions at the heads of these chunks, each of which begins where a frame may.

    `most`: of each chunk; `room`: of all. Those with one of the alarm bits `but` are left.
    """
    data = np.frombuffer(b"".join(chunks), np.uint8)
    ends = np.cumsum(np.fromiter(map(len, chunks), np.int64, len(chunks)))
    rows = np.empty((min(room, data.size // _SHORTEST + 1), COLUMNS), np.int64)
    counts, stops = np.zeros((2, len(chunks)), np.int64)
    most_each = np.array(most, np.int64)
    count = _take(data, ends, _join(forms), most_each, but, rows, counts, stops)
    return Taken(counts.tolist(), stops.tolist(), rows[:count])


def answer(
    forms: Sequence[bytes], firsts: Sequence[int], counts: Sequence[int], serials: Ints
) -> list[bytes]:
    """For each terminal the frames that say: these positions are stored.

    `firsts`: our own serials, from which the frames count on; `counts`: of `serials`, those of each
    terminal in turn.
    """
    out = np.empty(_LONGEST_ANSWER * len(serials), np.uint8)
    ends = np.zeros(len(forms), np.int64)
    first_of, count_of = np.array(firsts, np.int64), np.array(counts, np.int64)
    # A column of rows is another type to numba, but for one row.
    _answer(_join(forms), first_of, count_of, np.ascontiguousarray(serials), out, ends)
    written, begin, found = out.tobytes(), 0, []
    for end in ends.tolist():
        found.append(written[begin:end])
        begin = end
    return found


def warm() -> None:
    """Compiles, or loads what was compiled before."""
    form = form_of(Version.V2019, "")
    take([b""], [form], [0], room=0, but=0)
    answer([form], [0], [1], np.zeros(1, np.int64))


def _join(forms: Sequence[bytes]) -> Octets:
    return np.frombuffer(b"".join(forms), np.uint8).reshape(len(forms), _FORM)


@njit(cache=True)
def _take(
    data: Octets,
    ends: Ints,
    forms: Octets,
    most: Ints,
    but: int,
    rows: Ints,
    counts: Ints,
    stops: Ints,
) -> int:
    payload = np.empty(MAX_FRAME_BYTES, np.uint8)
    count = begin = 0
    for chunk in range(len(ends)):
        at, end = begin, ends[chunk]
        while counts[chunk] < most[chunk] and count < len(rows):
            while at < end and data[at] == _FLAG:
                at += 1
            after = at
            while after < end and data[after] != _FLAG:
                after += 1
            if after == end or after - at > MAX_FRAME_BYTES:
                break
            size = _open(data[at:after], payload)
            if not _read(payload[:size], forms[chunk], but, rows[count]):
                break
            at = after + 1
            counts[chunk] += 1
            count += 1
        stops[chunk] = at - begin
        begin = end
    return count


@njit(cache=True)
def _open(frame: Octets, payload: Octets) -> int:
    """Bytes of the payload without its checksum; 0 when there is none, or it is wrong."""
    size = folded = at = 0
    while at < len(frame):
        byte = frame[at]
        at += 1
        if byte == _ESCAPE and at < len(frame) and frame[at] in (1, 2):
            byte = _ESCAPE + frame[at] - 1
            at += 1
        payload[size] = byte
        folded ^= byte
        size += 1
    return 0 if folded or size <= MIN_PAYLOAD_BYTES else size - 1


@njit(cache=True)
def _read(payload: Octets, form: Octets, but: int, row: Ints) -> bool:
    """Whether it is a position of this terminal and nothing else; then the row is filled."""
    digits = form[0]
    phone_at = 5 if digits == _DIGITS else 4
    body_at = phone_at + digits + 2
    body = payload[body_at:]
    if len(payload) < body_at + _BODY or len(body) > MAX_BODY_BYTES:
        return False
    # Equal only without encryption, sub-packages and a length that is wrong.
    properties = len(body) | (_IS_2019 if digits == _DIGITS else 0)
    if _number(payload, 0, 2) != POSITION_ID or _number(payload, 2, 2) != properties:
        return False
    for n in range(digits):
        if payload[phone_at + n] != form[1 + n]:
            return False
    if _number(body, 0, 4) & but:
        return False
    row[SERIAL] = _number(payload, body_at - 2, 2)
    _read_position(body, row)
    _read_items(body, row)
    return True


@njit(cache=True)
def _read_position(body: Octets, row: Ints) -> None:
    """As `position.Position` reads its fields and its place."""
    status, lat, lon = _number(body, 4, 4), _number(body, 8, 4), _number(body, 12, 4)
    altitude = _number(body, 16, 2)
    on_globe = lat <= 90 * _MICRO and lon <= 180 * _MICRO and (lat or lon)
    row[ALARMS] = _number(body, 0, 4)
    row[LOCATED] = 1 if on_globe and status & 0b10_0010 == 0b10 else 0  # valid, not encrypted
    row[LAT] = -lat if status & 0b100 else lat
    row[LON] = -lon if status & 0b1000 else lon
    row[ALTITUDE] = altitude - 0x1_0000 if altitude >= 0x8000 else altitude
    row[SPEED] = _number(body, 18, 2)
    row[DIRECTION] = _number(body, 20, 2)
    row[TIME] = _time_ms(body[22:28])


@njit(cache=True)
def _read_items(body: Octets, row: Ints) -> None:
    """The first mileage and the first count of satellites; one that is too long has no number."""
    row[MILEAGE] = row[SATELLITES] = NOTHING
    mileage = satellites = False
    at = _BODY
    while at + 2 <= len(body) and at + 2 + body[at + 1] <= len(body):
        item, size = body[at], int(body[at + 1])
        if item == 0x01 and not mileage:
            mileage = True
            if 0 < size <= 4:
                row[MILEAGE] = _number(body, at + 2, size)
        elif item == 0x31 and not satellites:
            satellites = True
            if 0 < size <= 2:
                row[SATELLITES] = _number(body, at + 2, size)
        at += 2 + size


@njit(cache=True)
def _time_ms(data: Octets) -> int:
    """BCD[6] YYMMDDhhmmss of Beijing; NOTHING when that is no date."""
    year, month, day = _digits(data[0]), _digits(data[1]), _digits(data[2])
    hour, minute, second = _digits(data[3]), _digits(data[4]), _digits(data[5])
    if year < 0 or not 1 <= month <= 12 or not 0 <= hour <= 23:
        return NOTHING
    if not 0 <= minute <= 59 or not 0 <= second <= 59:
        return NOTHING
    leap = 1 if year % 4 == 0 else 0  # and 2000 was one
    length = _MONTHS[month] - _MONTHS[month - 1] + (leap if month == 2 else 0)
    if not 1 <= day <= length:
        return NOTHING
    # 10,957 days from 1970 to 2000; the leap days of this century before this year.
    days = 10_957 + 365 * year + (year + 3) // 4
    days += _MONTHS[month - 1] + (leap if month > 2 else 0) + day - 1
    return int(((days * 24 + hour - 8) * 60 + minute) * 60 + second) * 1_000


@njit(cache=True)
def _digits(byte: int) -> int:
    """Two decimal digits; NOTHING when one is none."""
    high, low = byte >> 4, byte & 15
    return high * 10 + low if high <= 9 and low <= 9 else NOTHING


@njit(cache=True)
def _number(data: Octets, at: int, size: int) -> int:
    value = 0
    for n in range(size):
        value = value << 8 | int(data[at + n])
    return value


@njit(cache=True)
def _answer(
    forms: Octets, firsts: Ints, counts: Ints, serials: Ints, out: Octets, ends: Ints
) -> None:
    payload = np.zeros(_LONGEST_ANSWER, np.uint8)
    at = n = 0
    for terminal in range(len(counts)):
        digits = int(forms[terminal, 0])
        phone_at = 5 if digits == _DIGITS else 4
        _put(payload, 0, _ANSWER_ID)
        _put(payload, 2, 5 | (_IS_2019 if digits == _DIGITS else 0))
        payload[4] = 1  # the protocol's version, where there is one
        payload[phone_at : phone_at + digits] = forms[terminal, 1 : 1 + digits]
        tail_at = phone_at + digits
        for k in range(counts[terminal]):
            _put(payload, tail_at, (firsts[terminal] + k) % SERIALS)
            _put(payload, tail_at + 2, serials[n])
            _put(payload, tail_at + 4, POSITION_ID)
            payload[tail_at + 6] = 0  # stored
            at = _close(payload[: tail_at + 8], out, at)
            n += 1
        ends[terminal] = at


@njit(cache=True)
def _put(payload: Octets, at: int, word: int) -> None:
    payload[at] = word >> 8
    payload[at + 1] = word & 0xFF


@njit(cache=True)
def _close(payload: Octets, out: Octets, at: int) -> int:
    """Writes the frame, whose last byte becomes the checksum; gives where it ends."""
    folded = 0
    for byte in payload[:-1]:
        folded ^= byte
    payload[-1] = folded
    out[at] = _FLAG
    at += 1
    for byte in payload:
        if byte in (_FLAG, _ESCAPE):
            out[at] = _ESCAPE
            at += 1
            out[at] = byte - _ESCAPE + 1
        else:
            out[at] = byte
        at += 1
    out[at] = _FLAG
    return at + 1
