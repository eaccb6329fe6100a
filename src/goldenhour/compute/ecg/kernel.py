"""What the next sample will probably be, and how little that leaves to be said.

Rule 1: integers only, and no intermediate value beyond 2^51 in size. So int64 here and the doubles
        of JavaScript (web/packages/waveform/src/kernel.ts) give the same number on every machine.
        Every division and every shift to the right rounds down.
Rule 2: encoder and decoder run the same model and differ only in where the sample comes from.
Rule 3: nothing here depends on one record; every state starts again at a key block.
Rule 4: a block ends in the fewest bytes; what is missing at its end reads as zeros, so decoding
        never runs past an end, and bytes that no encoder wrote give some samples or OUT_OF_RANGE.

Per channel, predictor A is a least-squares fit over its own last 12 differences and two differences
of up to 8 channels that were coded before it in the same instant; predictor B is a quick one over
its own last two. Both keep exponentially forgotten sums and move some coefficients a sample towards
the solution (Gauss-Seidel), which needs no matrix inverse and cannot blow up. Each of eight experts
is a logistic distribution around a prediction, as wide as recent errors; their mixture follows
those that foretold well. A range coder of 48 bits turns the mixture's intervals into bytes.

All of this is one file because numba's cache on disk notices changes of the same file only. Numba
compiles arrays and integers; so the memory of a channel is one row of numbers, laid out below.
"""

from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from goldenhour.compute.ecg.logistic import LOGISTIC

Ints = NDArray[np.int64]
Octets = NDArray[np.uint8]

LAGS: Final = 12
REFERENCES: Final = 8
TERMS: Final = LAGS + 2 * REFERENCES
QUICK: Final = 2
EXPERTS: Final = 8
MOVED: Final = 8
"""Coefficients of predictor A that are improved at each sample."""
SETTLING: Final = 32
"""For so many samples after a key all of them are."""

# A channel's memory, one row: where each part begins.
MOMENTS: Final = 0  # TERMS x TERMS sums of products of terms
TARGETS: Final = MOMENTS + TERMS * TERMS  # sums of term x difference
WEIGHTS: Final = TARGETS + TERMS  # coefficients; 2^14 is 1
QUICK_MOMENTS: Final = WEIGHTS + TERMS
QUICK_TARGETS: Final = QUICK_MOMENTS + QUICK * QUICK
QUICK_WEIGHTS: Final = QUICK_TARGETS + QUICK
PAST: Final = QUICK_WEIGHTS + QUICK  # differences, newest first, halved and clipped
SHARES: Final = PAST + LAGS  # of each expert in the mixture; their sum is 2^16
ERRORS: Final = SHARES + EXPERTS  # mean errors: A fast, A slow, B fast, B slow; 1/256 of a step
VALUE: Final = ERRORS + 4  # the last one
SHIFT: Final = VALUE + 1
PLACE: Final = SHIFT + 1  # which coefficient is improved next
ROW: Final = PLACE + 1

# Work space of one prediction.
X: Final = 0  # the terms
CENTRES: Final = X + TERMS  # of each expert, 1/16 of a step
WIDTHS: Final = CENTRES + EXPERTS
INVERSES: Final = WIDTHS + EXPERTS
WORK: Final = INVERSES + EXPERTS

# The range coder.
LOW: Final = 0  # of the encoder; the decoder keeps its code here
RANGE: Final = 1
AT: Final = 2  # the next byte

TOTAL: Final = 1 << 24
WIDEST: Final = 2047
"""Errors beyond are coded as an escape and 32 plain bits."""
SPAN: Final = TOTAL + 2 * WIDEST + 3
MAX_STEPPED: Final = 1 << 26
"""Values are below this in size; what is beyond was never written by an encoder."""

OK: Final = 0
OUT_OF_RANGE: Final = 1

_CLIP: Final = 2047
_MAX_WEIGHT: Final = (1 << 15) - 1
_MAX_MOVE: Final = 1 << 31
_RIDGE: Final = 16
_FORGET_EVERY: Final = 16
_FORGET: Final = 5
_FORGET_QUICK: Final = 3
_ONE: Final = 1 << 16
_LEAST: Final = 256
_QUIET: Final = 64
"""How wrong the channels before the first one were, in 1/64 of what is usual: as usual."""
_TOP: Final = 1 << 48
_BOTTOM: Final = 1 << 40
_FULL: Final = 255


def new_memory(shifts: list[int], errors: list[int]) -> Ints:
    memory = np.zeros((len(shifts), ROW), np.int64)
    memory[:, SHARES : SHARES + EXPERTS] = _ONE // EXPERTS
    memory[:, ERRORS : ERRORS + 4] = np.array(errors)[:, None]
    memory[:, SHIFT] = shifts
    return memory


@njit(cache=True)
def _dot(a: Ints, at_a: int, b: Ints, at_b: int, count: int) -> int:
    total = 0
    for i in range(count):
        total += a[at_a + i] * b[at_b + i]
    return total


@njit(cache=True)
def _below(distance: int, width: int, inverse: int) -> int:
    """The probability, of 2^24, that a sample lies below `distance` from an expert's centre."""
    if distance >= 12 * width:
        return TOTAL
    if distance <= -12 * width:
        return 0
    z = (distance * inverse >> 20) + 4096
    if z >= 8192:  # noqa: PLR2004 (the table's end)
        return TOTAL
    if z < 0:
        return 0
    low = LOGISTIC[z >> 5]
    return low + ((LOGISTIC[(z >> 5) + 1] - low) * (z & 31) >> 5)


@njit(cache=True)
def _gather(memory: Ints, order: Ints, plain: int, place: int, w: Ints) -> int:
    """The terms of the channel at this place of the order; how many there are."""
    c = order[place]
    for k in range(LAGS):
        w[X + k] = memory[c, PAST + k]
    count = LAGS
    if place < plain:
        for back in range(1, min(place, REFERENCES) + 1):
            other = order[place - back]
            w[X + count] = memory[other, PAST]
            w[X + count + 1] = memory[other, PAST + 1]
            count += 2
    return count


@njit(cache=True)
def _predict(r: Ints, w: Ints, count: int, activity: int) -> int:
    """Set up the experts; the value in the middle of both predictions.

    `activity` is how wrong the channels before were in this instant, in 1/64 of what is usual.
    """
    move_a = (_dot(r, WEIGHTS, w, X, count) << r[SHIFT]) >> 10
    move_b = (_dot(r, QUICK_WEIGHTS, w, X, QUICK) << r[SHIFT]) >> 10
    a = r[VALUE] * 16 + min(max(move_a, -_MAX_MOVE), _MAX_MOVE)
    b = r[VALUE] * 16 + min(max(move_b, -_MAX_MOVE), _MAX_MOVE)
    a_fast = max(r[ERRORS] >> 4, 1)
    a_slow = max(r[ERRORS + 1] >> 4, 1)
    b_fast = max(r[ERRORS + 2] >> 4, 1)
    b_slow = max(r[ERRORS + 3] >> 4, 1)
    w[CENTRES] = w[CENTRES + 1] = w[CENTRES + 2] = w[CENTRES + 7] = a
    w[CENTRES + 3] = w[CENTRES + 4] = w[CENTRES + 5] = b
    w[CENTRES + 6] = (a + b) >> 1
    w[WIDTHS] = a_fast
    w[WIDTHS + 1] = a_slow
    w[WIDTHS + 2] = max(a_slow * activity >> 6, 1)
    w[WIDTHS + 3] = b_fast
    w[WIDTHS + 4] = b_slow
    w[WIDTHS + 5] = max(b_slow * activity >> 6, 1)
    w[WIDTHS + 6] = min(a_slow, b_slow)
    w[WIDTHS + 7] = a_slow * 4
    for k in range(EXPERTS):
        w[INVERSES + k] = (355 << 20) // w[WIDTHS + k]
    return w[CENTRES + 6] >> 4


@njit(cache=True)
def _bound(r: Ints, w: Ints, error: int, centre: int) -> int:
    """Where the interval of this error begins, of SPAN; it ends where that of error + 1 begins."""
    if error <= -WIDEST - 1:
        return 0
    if error >= WIDEST + 2:
        return SPAN
    edge = (centre + error) * 16 - 8
    mixed = 0
    for k in range(EXPERTS):
        mixed += r[SHARES + k] * _below(edge - w[CENTRES + k], w[WIDTHS + k], w[INVERSES + k])
    return min(mixed >> 16, TOTAL) + error + WIDEST + 1


@njit(cache=True)
def _share(r: Ints, w: Ints, value: int) -> None:
    """Give more of the mixture to the experts that foretold this sample."""
    chances = np.empty(EXPERTS, np.int64)
    total = 0
    for k in range(EXPERTS):
        distance = value * 16 - w[CENTRES + k]
        width, inverse = w[WIDTHS + k], w[INVERSES + k]
        upper = _below(distance + 8, width, inverse)
        chances[k] = upper - _below(distance - 8, width, inverse) + 1
        total += r[SHARES + k] * chances[k]
    held = 0
    largest = 0
    for k in range(EXPERTS):
        posterior = (r[SHARES + k] * chances[k] << 10) // total
        share = r[SHARES + k] + (((posterior << 6) - r[SHARES + k]) >> 4)
        r[SHARES + k] = max(share, _LEAST)
        held += r[SHARES + k]
        if r[SHARES + k] > r[SHARES + largest]:
            largest = k
    r[SHARES + largest] += _ONE - held


@njit(cache=True)
def _add(
    r: Ints, moments: int, targets: int, w: Ints, count: int, stride: int, y: int, damp: int
) -> None:
    for i in range(count):
        x = w[X + i]
        r[targets + i] += x * y >> damp
        for j in range(count):
            r[moments + i * stride + j] += x * w[X + j] >> damp


@njit(cache=True)
def _forget(r: Ints, moments: int, targets: int, count: int, stride: int, shift: int) -> None:
    for i in range(count):
        r[targets + i] -= r[targets + i] >> shift
        for j in range(count):
            r[moments + i * stride + j] -= r[moments + i * stride + j] >> shift


@njit(cache=True)
def _improve(
    r: Ints, moments: int, targets: int, weights: int, count: int, stride: int, i: int
) -> None:
    """Solve equation i for coefficient i, the others as they are."""
    rest = (r[targets + i] << 14) - _RIDGE * r[weights + i]
    rest -= _dot(r, moments + i * stride, r, weights, count)
    better = r[weights + i] + rest // (r[moments + i * stride + i] + _RIDGE)
    r[weights + i] = min(max(better, -_MAX_WEIGHT), _MAX_WEIGHT)


@njit(cache=True)
def _learn(r: Ints, w: Ints, count: int, value: int, time: int) -> int:
    """Take the sample into the memory; how wrong predictor A was, in 1/64 of what is usual.

    `time` counts samples since the key, from 1.
    """
    _share(r, w, value)
    a_error = abs(value * 16 - w[CENTRES])
    b_error = abs(value * 16 - w[CENTRES + 3])
    r[ERRORS] += ((a_error << 4) - r[ERRORS]) >> 2
    r[ERRORS + 1] += ((a_error << 4) - r[ERRORS + 1]) >> 5
    r[ERRORS + 2] += ((b_error << 4) - r[ERRORS + 2]) >> 2
    r[ERRORS + 3] += ((b_error << 4) - r[ERRORS + 3]) >> 5
    half = (1 << r[SHIFT]) >> 1
    y = min(max((value - r[VALUE] + half) >> r[SHIFT], -_CLIP), _CLIP)
    r[VALUE] = value
    ratio = (a_error << 6) // w[WIDTHS + 1]
    # A steep wave is no example of the noise between: the more surprising, the less it teaches.
    damp = (1 if ratio > 128 else 0) + (1 if ratio > 256 else 0) + (1 if ratio > 512 else 0)  # noqa: PLR2004 (twice, four and eight times as wrong as usual)
    _add(r, MOMENTS, TARGETS, w, count, TERMS, y, damp)
    _add(r, QUICK_MOMENTS, QUICK_TARGETS, w, QUICK, QUICK, y, 0)
    for k in range(LAGS - 1, 0, -1):
        r[PAST + k] = r[PAST + k - 1]
    r[PAST] = y
    if time % _FORGET_EVERY == 0:
        _forget(r, MOMENTS, TARGETS, count, TERMS, _FORGET)
        _forget(r, QUICK_MOMENTS, QUICK_TARGETS, QUICK, QUICK, _FORGET_QUICK)
    i = r[PLACE]
    for _ in range(count if time <= SETTLING else MOVED):
        _improve(r, MOMENTS, TARGETS, WEIGHTS, count, TERMS, i)
        i += 1
        if i >= count:
            i = 0
    r[PLACE] = i
    for k in range(QUICK):
        _improve(r, QUICK_MOMENTS, QUICK_TARGETS, QUICK_WEIGHTS, QUICK, QUICK, k)
    return min(ratio, 512)


@njit(cache=True)
def _carry(coder: Ints, out: Octets) -> None:
    at = coder[AT] - 1
    while out[at] == _FULL:
        out[at] = 0
        at -= 1
    out[at] += 1


@njit(cache=True)
def _put(coder: Ints, out: Octets, start: int, end: int, span: int) -> None:
    unit = coder[RANGE] // span
    coder[LOW] += start * unit
    coder[RANGE] = (end - start) * unit
    if coder[LOW] >= _TOP:
        coder[LOW] -= _TOP
        _carry(coder, out)
    while coder[RANGE] <= _BOTTOM:
        out[coder[AT]] = coder[LOW] >> 40
        coder[AT] += 1
        coder[LOW] = (coder[LOW] & (_BOTTOM - 1)) << 8
        coder[RANGE] <<= 8


@njit(cache=True)
def _finish(coder: Ints, out: Octets) -> int:
    """Write the shortest number of the last interval; how many bytes there are."""
    for octets in range(7):
        unit = np.int64(1) << (48 - 8 * octets)
        chosen = (coder[LOW] + unit - 1) // unit * unit
        if chosen < coder[LOW] + coder[RANGE]:
            if chosen >= _TOP:
                chosen -= _TOP
                _carry(coder, out)
            for k in range(octets):
                out[coder[AT]] = (chosen >> (40 - 8 * k)) & _FULL
                coder[AT] += 1
            break
    used = coder[AT]
    while used > 0 and out[used - 1] == 0:
        used -= 1
    return used


@njit(cache=True)
def _take(coder: Ints, data: Octets, start: int, end: int, unit: int) -> None:
    coder[LOW] -= start * unit
    coder[RANGE] = (end - start) * unit
    while coder[RANGE] <= _BOTTOM:
        following = np.int64(data[coder[AT]]) if coder[AT] < len(data) else np.int64(0)
        coder[AT] += 1
        coder[LOW] = (coder[LOW] << 8) + following
        coder[RANGE] <<= 8


@njit(cache=True)
def _find(r: Ints, w: Ints, centre: int, target: int) -> int:
    """The error whose interval holds `target`; looked for outwards, since most are small."""
    low, high = -WIDEST - 1, WIDEST + 2
    reach = max(w[WIDTHS + 6] >> 3, 1)
    if _bound(r, w, 0, centre) <= target:
        low = 0
        while low + reach < high and _bound(r, w, low + reach, centre) <= target:
            low += reach
            reach *= 2
        high = min(high, low + reach)
    else:
        high = 0
        while high - reach > low and _bound(r, w, high - reach, centre) > target:
            high -= reach
            reach *= 2
        low = max(low, high - reach)
    while high - low > 1:
        middle = (low + high) >> 1
        if _bound(r, w, middle, centre) <= target:
            low = middle
        else:
            high = middle
    return low


@njit(cache=True)
def encode_values(
    memory: Ints, order: Ints, plain: int, values: Ints, out: Octets, time: int
) -> int:
    """Code rows of values (sample, channel); how many bytes of `out` are used.

    `order` is the order of channels, the first `plain` of them without a relation; `time` is the
    number of samples since the key before the first row.
    """
    w = np.zeros(WORK, np.int64)
    coder = np.array([0, _TOP, 0], np.int64)
    for n in range(len(values)):
        activity = _QUIET
        for place in range(len(order)):
            c = order[place]
            r = memory[c]
            value = values[n, c]
            count = _gather(memory, order, plain, place, w)
            centre = _predict(r, w, count, activity)
            error = value - centre
            capped = min(max(error, -WIDEST - 1), WIDEST + 1)
            start = _bound(r, w, capped, centre)
            _put(coder, out, start, _bound(r, w, capped + 1, centre), SPAN)
            if abs(error) > WIDEST:
                folded = (error << 1) if error >= 0 else (-error << 1) - 1
                for shift in (24, 16, 8, 0):
                    octet = (folded >> shift) & _FULL
                    _put(coder, out, octet, octet + 1, 256)
            ratio = _learn(r, w, count, value, time + n + 1)
            if place < plain:
                activity = (3 * activity + ratio + 16) >> 2
    return _finish(coder, out)


@njit(cache=True)
def decode_values(
    memory: Ints, order: Ints, plain: int, data: Octets, values: Ints, time: int
) -> int:
    """The reverse of encode_values: fill `values` from `data`; OK or OUT_OF_RANGE."""
    w = np.zeros(WORK, np.int64)
    coder = np.array([0, _TOP, 6], np.int64)
    for k in range(6):
        coder[LOW] <<= 8
        if k < len(data):
            coder[LOW] += np.int64(data[k])
    for n in range(len(values)):
        activity = _QUIET
        for place in range(len(order)):
            c = order[place]
            r = memory[c]
            count = _gather(memory, order, plain, place, w)
            centre = _predict(r, w, count, activity)
            unit = coder[RANGE] // SPAN
            error = _find(r, w, centre, min(coder[LOW] // unit, SPAN - 1))
            start = _bound(r, w, error, centre)
            _take(coder, data, start, _bound(r, w, error + 1, centre), unit)
            if abs(error) > WIDEST:
                folded = 0
                for _ in range(4):
                    unit = coder[RANGE] // 256
                    octet = min(coder[LOW] // unit, _FULL)
                    _take(coder, data, octet, octet + 1, unit)
                    folded = (folded << 8) + octet
                error = (folded >> 1) if folded & 1 == 0 else -((folded + 1) >> 1)
            value = centre + error
            if abs(value) >= MAX_STEPPED:
                return OUT_OF_RANGE
            values[n, c] = value
            ratio = _learn(r, w, count, value, time + n + 1)
            if place < plain:
                activity = (3 * activity + ratio + 16) >> 2
    return OK
