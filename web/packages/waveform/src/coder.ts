/** Coded blocks to samples; the decoder's half of compute/ecg/coder.py and params.py. */
import { decodeValues, type Model, newModel } from './kernel.ts'
import { BadBytes, Reader } from './reader.ts'

const MAX_VALUE = 2 ** 23
const HAS_STEP = 0x10
const MAX_SHIFT = 15
const MAX_SCALE = 223
/** By kind of relation: how many halves of lead I and of lead II make the lead. */
const HALVES: readonly (readonly [number, number])[] = [
  [0, 0],
  [-2, 2],
  [-1, -1],
  [2, -1],
  [-1, 2],
]

interface Params {
  relation: { ofI: number; ofII: number; leadI: number; leadII: number } | null
  step: number
  first: number
  shift: number
  scale: number
}

function readParams(reader: Reader, count: number): Params[] {
  const all: Params[] = []
  for (let c = 0; c < count; c++) {
    const form = reader.octet('form')
    const halves = HALVES[form >> 5]
    if (halves === undefined) throw new BadBytes(`relation: ${form >> 5} is unknown`)
    const relation =
      form >> 5 === 0
        ? null
        : {
            ofI: halves[0],
            ofII: halves[1],
            leadI: reader.octet('lead I'),
            leadII: reader.octet('lead II'),
          }
    const step = (form & HAS_STEP) !== 0 ? reader.varint('step') : 1
    const scale = reader.octet('scale')
    const folded = reader.varint('first')
    const first = folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2
    if (step < 1 || step > 2 * MAX_VALUE) throw new BadBytes(`step: ${step} is out of range`)
    if (scale > MAX_SCALE) throw new BadBytes(`scale: ${scale} is out of range`)
    if (Math.abs(first) >= 4 * MAX_VALUE) throw new BadBytes(`first: ${first} is out of range`)
    all.push({ relation, step, first, shift: form & MAX_SHIFT, scale })
  }
  for (const { relation } of all) {
    for (const lead of relation === null ? [] : [relation.leadI, relation.leadII]) {
      if (all[lead] === undefined || all[lead].relation !== null) {
        throw new BadBytes(`relation: channel ${lead} is not a plain one`)
      }
    }
  }
  return all
}

function fresh(params: Params[]): Model {
  const places = params.map((_, c) => c)
  return newModel(
    places.filter((c) => params[c]?.relation === null),
    places.filter((c) => params[c]?.relation !== null),
    params.map((p) => p.shift),
    params.map((p) => Math.floor(((8 + (p.scale & 7)) * 2 ** (p.scale >> 3)) / 8)),
  )
}

/** Decodes one stream: the blocks since a key block, in order. */
export class Decoder {
  private params: Params[] = []
  private model: Model | null = null
  private time = 0

  constructor(private readonly channels: number) {}

  /** One array per channel. Throws BadBytes; then the next block must be a key. */
  decode(key: boolean, data: Uint8Array, samples: number): Int32Array[] {
    let model = this.model
    this.model = null
    let coded = data
    if (key) {
      const reader = new Reader(data)
      this.params = readParams(reader, this.channels)
      coded = reader.rest()
      model = fresh(this.params)
      this.time = 0
    }
    if (model === null) throw new BadBytes('key: there is none before this block')
    const skipped = key ? 1 : 0
    const values = decodeValues(model, coded, samples - skipped, this.time)
    if (values === null) throw new BadBytes('samples: out of range')
    this.time += samples - skipped
    const rests = this.params.map((p, c) => {
      const rest = new Float64Array(samples)
      rest[0] = p.first
      for (let n = skipped; n < samples; n++) {
        rest[n] = (values[(n - skipped) * this.channels + c] as number) * p.step + p.first
      }
      return rest
    })
    this.params.forEach(({ relation }, c) => {
      if (relation === null) return
      const one = rests[relation.leadI] as Float64Array
      const two = rests[relation.leadII] as Float64Array
      const rest = rests[c] as Float64Array
      for (let n = 0; n < samples; n++) {
        const halves = relation.ofI * (one[n] as number) + relation.ofII * (two[n] as number)
        rest[n] = (rest[n] as number) + Math.floor(halves / 2)
      }
    })
    if (rests.some((rest) => rest.some((v) => v < -MAX_VALUE || v >= MAX_VALUE))) {
      throw new BadBytes('samples: beyond 24 bits')
    }
    this.model = model
    return rests.map((rest) => Int32Array.from(rest))
  }
}
