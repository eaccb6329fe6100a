/**
 * Filters for the eye: what is stored and sent stays as the device gave it.
 *
 * Rule 1: no array that comes in is ever changed; nothing is on unless somebody put it on.
 * Rule 2: nothing is filtered across a gap: each run of samples starts afresh.
 * Rule 3: on paper a filter runs forwards and backwards, so no wave is moved in time; on the sweep,
 *         which cannot know what comes, it runs forwards only. Both are 3 dB down at the named edge.
 */
export interface FilterChoice {
  /** The mains: a notch there. 0: off, as of the others. */
  notch_hz: 0 | 50
  high_pass_hz: 0 | 0.05 | 0.5
  low_pass_hz: 0 | 40 | 150
}

export const NO_FILTER: FilterChoice = { notch_hz: 0, high_pass_hz: 0, low_pass_hz: 0 }
export const HIGH_PASSES = [0, 0.05, 0.5] as const
export const LOW_PASSES = [0, 40, 150] as const

/** How narrow the notch is: its width is its place divided by this. */
const NOTCH_Q = 20
/** Of half the rate: beyond it a digital filter has no such edge. */
const HIGHEST = 0.9
/** What is mirrored at both ends of a run, so that its ends do not ring. */
const MIRROR_S = 1

export const isOn = (choice: FilterChoice): boolean =>
  choice.notch_hz > 0 || choice.high_pass_hz > 0 || choice.low_pass_hz > 0

/** Whether a rate leaves room for an edge: 150 Hz mean nothing to 250 samples a second. */
export const fits = (hz: number, rate_hz: number): boolean => hz < (rate_hz / 2) * HIGHEST

/** y[n] = b0 x[n] + b1 x[n-1] + b2 x[n-2] - a1 y[n-1] - a2 y[n-2] */
export interface Section {
  b0: number
  b1: number
  b2: number
  a1: number
  a2: number
}

function notch(hz: number, rate_hz: number): Section {
  const w = (2 * Math.PI * hz) / rate_hz
  const alpha = Math.sin(w) / (2 * NOTCH_Q)
  const whole = 1 + alpha
  const turn = (-2 * Math.cos(w)) / whole
  return { b0: 1 / whole, b1: turn, b2: 1 / whole, a1: turn, a2: (1 - alpha) / whole }
}

/** An edge is moved so far that all passes together are 3 dB down at the named place. */
const spread = (order: number, passes: 1 | 2): number =>
  passes === 1 ? 1 : (Math.SQRT2 - 1) ** (1 / (2 * order))

/** First order: a baseline's filter that rings is worse than the baseline. */
function highPass(hz: number, rate_hz: number, passes: 1 | 2): Section {
  const k = Math.tan((Math.PI * hz) / rate_hz) * spread(1, passes)
  return { b0: 1 / (1 + k), b1: -1 / (1 + k), b2: 0, a1: (k - 1) / (k + 1), a2: 0 }
}

/** Butterworth, second order. */
function lowPass(hz: number, rate_hz: number, passes: 1 | 2): Section {
  const k = Math.tan((Math.PI * hz) / rate_hz) / spread(2, passes)
  const whole = 1 + Math.SQRT2 * k + k * k
  const b = (k * k) / whole
  return {
    b0: b,
    b1: 2 * b,
    b2: b,
    a1: (2 * (k * k - 1)) / whole,
    a2: (1 - Math.SQRT2 * k + k * k) / whole,
  }
}

export function sections(choice: FilterChoice, rate_hz: number, passes: 1 | 2): Section[] {
  const all: Section[] = []
  const { notch_hz, high_pass_hz, low_pass_hz } = choice
  if (high_pass_hz > 0) all.push(highPass(high_pass_hz, rate_hz, passes))
  if (notch_hz > 0 && fits(notch_hz, rate_hz)) all.push(notch(notch_hz, rate_hz))
  if (low_pass_hz > 0 && fits(low_pass_hz, rate_hz)) {
    all.push(lowPass(low_pass_hz, rate_hz, passes))
  }
  return all
}

/** What is really on at this rate: the words beside a trace must not promise more. */
export function effective(choice: FilterChoice, rate_hz: number): FilterChoice {
  return {
    notch_hz: fits(choice.notch_hz, rate_hz) ? choice.notch_hz : 0,
    high_pass_hz: choice.high_pass_hz,
    low_pass_hz: fits(choice.low_pass_hz, rate_hz) ? choice.low_pass_hz : 0,
  }
}

/** One pass over one lead, sample by sample, as if the first one had stood there for ever. */
export class Pass {
  private readonly one: Float64Array
  private readonly two: Float64Array
  private begun = false

  constructor(private readonly parts: readonly Section[]) {
    this.one = new Float64Array(parts.length)
    this.two = new Float64Array(parts.length)
  }

  /** After a gap nothing is known of what was before. */
  reset(): void {
    this.begun = false
  }

  step(value: number): number {
    if (!this.begun) this.settle(value)
    let x = value
    for (let s = 0; s < this.parts.length; s++) {
      const part = this.parts[s] as Section
      const y = part.b0 * x + (this.one[s] as number)
      this.one[s] = part.b1 * x - part.a1 * y + (this.two[s] as number)
      this.two[s] = part.b2 * x - part.a2 * y
      x = y
    }
    return x
  }

  private settle(value: number): void {
    this.begun = true
    let x = value
    this.parts.forEach((part, s) => {
      const y = (x * (part.b0 + part.b1 + part.b2)) / (1 + part.a1 + part.a2)
      this.two[s] = part.b2 * x - part.a2 * y
      this.one[s] = part.b1 * x - part.a1 * y + (this.two[s] as number)
      x = y
    })
  }
}

/** Forwards and backwards over samples without a gap; a new array. */
function bothWays(run: Float32Array, parts: readonly Section[], rate_hz: number): Float32Array {
  const pad = Math.min(run.length - 1, Math.ceil(MIRROR_S * rate_hz))
  const size = run.length + 2 * pad
  const work = new Float64Array(size)
  const head = run[0] ?? 0
  const tail = run[run.length - 1] ?? 0
  for (let n = 0; n < pad; n++) {
    work[n] = 2 * head - (run[pad - n] ?? 0)
    work[size - 1 - n] = 2 * tail - (run[run.length - 1 - pad + n] ?? 0)
  }
  work.set(run, pad)
  const there = new Pass(parts)
  for (let n = 0; n < size; n++) work[n] = there.step(work[n] as number)
  const back = new Pass(parts)
  for (let n = size - 1; n >= 0; n--) work[n] = back.step(work[n] as number)
  return Float32Array.from(work.subarray(pad, pad + run.length))
}

/** One lead, in millivolts; `present` is 1 where a sample is. What is missing stays as it is. */
export function filtered(
  row: Float32Array,
  present: Uint8Array,
  choice: FilterChoice,
  rate_hz: number,
): Float32Array {
  const parts = sections(choice, rate_hz, 2)
  const made = row.slice()
  if (parts.length === 0) return made
  let from = -1
  for (let n = 0; n <= row.length; n++) {
    const here = n < row.length && present[n] === 1
    if (here && from < 0) from = n
    if (!here && from >= 0) {
      made.set(bothWays(row.subarray(from, n), parts, rate_hz), from)
      from = -1
    }
  }
  return made
}
