/** Cabin sound: G.711 as samples (ITU-T G.711, tables 1a and 2a), and when each block is due. Pure. */
import { AUDIO, DEVICE_MS_AT, HEAD_BYTES, KIND_AT, PAYLOAD_AT } from './cabin.ts'

export const RATE_HZ = 8_000
const FULL = 32_768

/** By payload type of JT/T 1078. */
const DECODERS: Readonly<Record<number, ((byte: number) => number) | undefined>> = {
  6: aLaw,
  7: muLaw,
}

/** A block of sound, on the vehicle's clock. */
export interface Sound {
  at_ms: number
  samples: Float32Array<ArrayBuffer>
}

/** The sound of a segment that can be played; `other`: blocks of another codec. */
export function soundsOf(
  segment: ArrayBuffer,
  offset_ms: number,
): { sounds: Sound[]; other: number } {
  const view = new DataView(segment)
  const sounds: Sound[] = []
  let other = 0
  let at = 0
  while (at + HEAD_BYTES <= view.byteLength) {
    const begin = at + HEAD_BYTES
    const end = begin + view.getUint32(at, true)
    if (end > view.byteLength) break
    if (view.getUint8(at + KIND_AT) === AUDIO) {
      const decode = DECODERS[view.getUint8(at + PAYLOAD_AT)]
      if (decode === undefined) other += 1
      else {
        const coded = withoutHead(new Uint8Array(segment, begin, end - begin))
        sounds.push({
          at_ms: Number(view.getBigUint64(at + DEVICE_MS_AT, true)) - offset_ms,
          samples: Float32Array.from(coded, (byte) => decode(byte) / FULL),
        })
      }
    }
    at = end
  }
  return { sounds, other }
}

/** Recorders with HiSilicon chips put 00 01, half the length and 00 before each block. */
function withoutHead(block: Uint8Array): Uint8Array {
  const [zero, one, half = 0, last] = block
  const headed = zero === 0 && one === 1 && last === 0 && half * 2 === block.length - 4
  return headed ? block.subarray(4) : block
}

export function aLaw(byte: number): number {
  const code = byte ^ 0x55
  const exponent = (code & 0x70) >> 4
  const mantissa = (code & 0x0f) << 4
  const size = exponent === 0 ? mantissa + 8 : (mantissa + 0x108) << (exponent - 1)
  return code & 0x80 ? size : -size
}

export function muLaw(byte: number): number {
  const code = ~byte & 0xff
  const size = ((((code & 0x0f) << 3) + 0x84) << ((code & 0x70) >> 4)) - 0x84
  return code & 0x80 ? -size : size
}

/** The blocks that begin in a stretch of time, which may be played now. */
export const dueIn = (sounds: readonly Sound[], from_ms: number, to_ms: number): Sound[] =>
  sounds.filter((one) => one.at_ms >= from_ms && one.at_ms < to_ms)
