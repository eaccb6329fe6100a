/**
 * What the next sample will probably be, and which it was: the decoder's half of
 * compute/ecg/kernel.py, step by step. docs/interfaces/ecg-stream.md, section 4.
 *
 * Rule 1: whole numbers only, none beyond 2^51 in size, so that doubles hold them exactly. Products
 *         are plain, divisions and shifts to the right are Math.floor; bit operators, which would
 *         cut to 32 bits, touch only what is known to be small.
 * Rule 2: any bytes give samples or `null`; nothing is read past the end.
 */
import { LOGISTIC } from './logistic.ts'

const LAGS = 12
const REFERENCES = 8
const TERMS = LAGS + 2 * REFERENCES
const QUICK = 2
const EXPERTS = 8
const MOVED = 8
const SETTLING = 32

// A channel's memory, one row: where each part begins.
const MOMENTS = 0
const TARGETS = MOMENTS + TERMS * TERMS
const WEIGHTS = TARGETS + TERMS
const QUICK_MOMENTS = WEIGHTS + TERMS
const QUICK_TARGETS = QUICK_MOMENTS + QUICK * QUICK
const QUICK_WEIGHTS = QUICK_TARGETS + QUICK
const PAST = QUICK_WEIGHTS + QUICK
const SHARES = PAST + LAGS
const ERRORS = SHARES + EXPERTS
const VALUE = ERRORS + 4
const SHIFT = VALUE + 1
const PLACE = SHIFT + 1
const ROW = PLACE + 1

const TOTAL = 2 ** 24
const WIDEST = 2047
const SPAN = TOTAL + 2 * WIDEST + 3
const MAX_STEPPED = 2 ** 26
const CLIP = 2047
const MAX_WEIGHT = 2 ** 15 - 1
const MAX_MOVE = 2 ** 31
const RIDGE = 16
const FORGET_EVERY = 16
const FORGET = 2 ** 5
const FORGET_QUICK = 2 ** 3
const ONE = 2 ** 16
const LEAST = 256
const QUIET = 64
const TOP = 2 ** 48
const BOTTOM = 2 ** 40

type Row = Float64Array

/** The model of one stream between two blocks. */
export interface Model {
  memory: Row[]
  /** The order in which channels are coded: those without a relation first. */
  order: number[]
  plain: number
}

export function newModel(
  plain: number[],
  derived: number[],
  shifts: number[],
  errors: number[],
): Model {
  const memory = shifts.map((shift, c) => {
    const row = new Float64Array(ROW)
    row.fill(ONE / EXPERTS, SHARES, SHARES + EXPERTS)
    row.fill(errors[c] ?? 0, ERRORS, ERRORS + 4)
    row[SHIFT] = shift
    return row
  })
  return { memory, order: [...plain, ...derived], plain: plain.length }
}

const floor = Math.floor
/** An element of an array that is known to be long enough. */
const at = (row: ArrayLike<number>, i: number): number => row[i] as number
const clamp = (value: number, limit: number): number => Math.min(Math.max(value, -limit), limit)

// Work space of one prediction; decoding is not reentered.
const x = new Float64Array(TERMS)
const centres = new Float64Array(EXPERTS)
const widths = new Float64Array(EXPERTS)
const inverses = new Float64Array(EXPERTS)
const chances = new Float64Array(EXPERTS)

function dot(a: Row, from: number, b: Row, fromB: number, count: number): number {
  let total = 0
  for (let i = 0; i < count; i++) total += at(a, from + i) * at(b, fromB + i)
  return total
}

function below(distance: number, k: number): number {
  const width = at(widths, k)
  if (distance >= 12 * width) return TOTAL
  if (distance <= -12 * width) return 0
  const z = floor((distance * at(inverses, k)) / 2 ** 20) + 4096
  if (z >= 8192) return TOTAL
  if (z < 0) return 0
  const low = at(LOGISTIC, z >> 5)
  return low + floor(((at(LOGISTIC, (z >> 5) + 1) - low) * (z & 31)) / 32)
}

function gather(model: Model, place: number): number {
  const own = model.memory[at(model.order, place)] as Row
  for (let k = 0; k < LAGS; k++) x[k] = at(own, PAST + k)
  let count = LAGS
  if (place < model.plain) {
    for (let back = 1; back <= Math.min(place, REFERENCES); back++) {
      const other = model.memory[at(model.order, place - back)] as Row
      x[count] = at(other, PAST)
      x[count + 1] = at(other, PAST + 1)
      count += 2
    }
  }
  return count
}

function predict(r: Row, count: number, activity: number): number {
  const scale = 2 ** at(r, SHIFT)
  const value = at(r, VALUE)
  const a = value * 16 + clamp(floor((dot(r, WEIGHTS, x, 0, count) * scale) / 1024), MAX_MOVE)
  const b = value * 16 + clamp(floor((dot(r, QUICK_WEIGHTS, x, 0, QUICK) * scale) / 1024), MAX_MOVE)
  const aFast = Math.max(floor(at(r, ERRORS) / 16), 1)
  const aSlow = Math.max(floor(at(r, ERRORS + 1) / 16), 1)
  const bFast = Math.max(floor(at(r, ERRORS + 2) / 16), 1)
  const bSlow = Math.max(floor(at(r, ERRORS + 3) / 16), 1)
  centres.fill(a)
  centres.fill(b, 3, 6)
  centres[6] = floor((a + b) / 2)
  widths[0] = aFast
  widths[1] = aSlow
  widths[2] = Math.max(floor((aSlow * activity) / 64), 1)
  widths[3] = bFast
  widths[4] = bSlow
  widths[5] = Math.max(floor((bSlow * activity) / 64), 1)
  widths[6] = Math.min(aSlow, bSlow)
  widths[7] = aSlow * 4
  for (let k = 0; k < EXPERTS; k++) inverses[k] = floor((355 * 2 ** 20) / at(widths, k))
  return floor(at(centres, 6) / 16)
}

function bound(r: Row, error: number, centre: number): number {
  if (error <= -WIDEST - 1) return 0
  if (error >= WIDEST + 2) return SPAN
  const edge = (centre + error) * 16 - 8
  let mixed = 0
  for (let k = 0; k < EXPERTS; k++) mixed += at(r, SHARES + k) * below(edge - at(centres, k), k)
  return Math.min(floor(mixed / ONE), TOTAL) + error + WIDEST + 1
}

function share(r: Row, value: number): void {
  let total = 0
  for (let k = 0; k < EXPERTS; k++) {
    const distance = value * 16 - at(centres, k)
    chances[k] = below(distance + 8, k) - below(distance - 8, k) + 1
    total += at(r, SHARES + k) * at(chances, k)
  }
  let held = 0
  let largest = 0
  for (let k = 0; k < EXPERTS; k++) {
    const before = at(r, SHARES + k)
    const posterior = floor((before * at(chances, k) * 1024) / total)
    const after = Math.max(before + floor((posterior * 64 - before) / 16), LEAST)
    r[SHARES + k] = after
    held += after
    if (after > at(r, SHARES + largest)) largest = k
  }
  r[SHARES + largest] = at(r, SHARES + largest) + ONE - held
}

function add(
  r: Row,
  moments: number,
  targets: number,
  count: number,
  stride: number,
  y: number,
  damp: number,
): void {
  for (let i = 0; i < count; i++) {
    const xi = at(x, i)
    r[targets + i] = at(r, targets + i) + floor((xi * y) / damp)
    const row = moments + i * stride
    for (let j = 0; j < count; j++) r[row + j] = at(r, row + j) + floor((xi * at(x, j)) / damp)
  }
}

function forget(
  r: Row,
  moments: number,
  targets: number,
  count: number,
  stride: number,
  share_: number,
): void {
  for (let i = 0; i < count; i++) {
    r[targets + i] = at(r, targets + i) - floor(at(r, targets + i) / share_)
    const row = moments + i * stride
    for (let j = 0; j < count; j++) r[row + j] = at(r, row + j) - floor(at(r, row + j) / share_)
  }
}

function improve(
  r: Row,
  moments: number,
  targets: number,
  weights: number,
  count: number,
  stride: number,
  i: number,
): void {
  const row = moments + i * stride
  const rest =
    at(r, targets + i) * 2 ** 14 - RIDGE * at(r, weights + i) - dot(r, row, r, weights, count)
  const better = at(r, weights + i) + floor(rest / (at(r, row + i) + RIDGE))
  r[weights + i] = clamp(better, MAX_WEIGHT)
}

function learn(r: Row, count: number, value: number, time: number): number {
  share(r, value)
  const aError = Math.abs(value * 16 - at(centres, 0))
  const bError = Math.abs(value * 16 - at(centres, 3))
  const drift = (i: number, error: number, by: number) => {
    r[ERRORS + i] = at(r, ERRORS + i) + floor((error * 16 - at(r, ERRORS + i)) / by)
  }
  drift(0, aError, 4)
  drift(1, aError, 32)
  drift(2, bError, 4)
  drift(3, bError, 32)
  const scale = 2 ** at(r, SHIFT)
  const y = clamp(floor((value - at(r, VALUE) + floor(scale / 2)) / scale), CLIP)
  r[VALUE] = value
  const ratio = floor((aError * 64) / at(widths, 1))
  const damp = (ratio > 128 ? 2 : 1) * (ratio > 256 ? 2 : 1) * (ratio > 512 ? 2 : 1)
  add(r, MOMENTS, TARGETS, count, TERMS, y, damp)
  add(r, QUICK_MOMENTS, QUICK_TARGETS, QUICK, QUICK, y, 1)
  r.copyWithin(PAST + 1, PAST, PAST + LAGS - 1)
  r[PAST] = y
  if (time % FORGET_EVERY === 0) {
    forget(r, MOMENTS, TARGETS, count, TERMS, FORGET)
    forget(r, QUICK_MOMENTS, QUICK_TARGETS, QUICK, QUICK, FORGET_QUICK)
  }
  let i = at(r, PLACE)
  for (let n = time <= SETTLING ? count : MOVED; n > 0; n--) {
    improve(r, MOMENTS, TARGETS, WEIGHTS, count, TERMS, i)
    i = i + 1 >= count ? 0 : i + 1
  }
  r[PLACE] = i
  for (let k = 0; k < QUICK; k++) {
    improve(r, QUICK_MOMENTS, QUICK_TARGETS, QUICK_WEIGHTS, QUICK, QUICK, k)
  }
  return Math.min(ratio, 512)
}

class RangeDecoder {
  private code = 0
  private range = TOP
  private next = 6

  constructor(private readonly data: Uint8Array) {
    for (let k = 0; k < 6; k++) this.code = this.code * 256 + (data[k] ?? 0)
  }

  unit(span: number): number {
    return floor(this.range / span)
  }

  target(unit: number, span: number): number {
    return Math.min(floor(this.code / unit), span - 1)
  }

  take(start: number, end: number, unit: number): void {
    this.code -= start * unit
    this.range = (end - start) * unit
    while (this.range <= BOTTOM) {
      this.code = this.code * 256 + (this.data[this.next] ?? 0)
      this.next += 1
      this.range *= 256
    }
  }
}

function find(r: Row, centre: number, target: number): number {
  let low = -WIDEST - 1
  let high = WIDEST + 2
  let reach = Math.max(floor(at(widths, 6) / 8), 1)
  if (bound(r, 0, centre) <= target) {
    low = 0
    while (low + reach < high && bound(r, low + reach, centre) <= target) {
      low += reach
      reach *= 2
    }
    high = Math.min(high, low + reach)
  } else {
    high = 0
    while (high - reach > low && bound(r, high - reach, centre) > target) {
      high -= reach
      reach *= 2
    }
    low = Math.max(low, high - reach)
  }
  while (high - low > 1) {
    const middle = floor((low + high) / 2)
    if (bound(r, middle, centre) <= target) low = middle
    else high = middle
  }
  return low
}

/**
 * Rows of values (sample by sample, all channels), or null for bytes that no encoder wrote.
 * `time` is the number of samples since the key before the first row.
 */
export function decodeValues(
  model: Model,
  data: Uint8Array,
  samples: number,
  time: number,
): Float64Array | null {
  const channels = model.order.length
  const values = new Float64Array(samples * channels)
  const coder = new RangeDecoder(data)
  for (let n = 0; n < samples; n++) {
    let activity = QUIET
    for (let place = 0; place < channels; place++) {
      const c = at(model.order, place)
      const r = model.memory[c] as Row
      const count = gather(model, place)
      const centre = predict(r, count, activity)
      const unit = coder.unit(SPAN)
      let error = find(r, centre, coder.target(unit, SPAN))
      coder.take(bound(r, error, centre), bound(r, error + 1, centre), unit)
      if (Math.abs(error) > WIDEST) {
        let folded = 0
        for (let octets = 0; octets < 4; octets++) {
          const part = coder.unit(256)
          const octet = coder.target(part, 256)
          coder.take(octet, octet + 1, part)
          folded = folded * 256 + octet
        }
        error = folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2
      }
      const value = centre + error
      if (Math.abs(value) >= MAX_STEPPED) return null
      values[n * channels + c] = value
      const ratio = learn(r, count, value, time + n + 1)
      if (place < model.plain) activity = floor((3 * activity + ratio + 16) / 4)
    }
  }
  return values
}
