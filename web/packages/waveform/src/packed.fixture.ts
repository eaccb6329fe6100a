/** Packets for tests, written anew: the same coded samples under other names, scales, rates and times. */
import { crc32c, LEADS, type Packet } from './packet.ts'

const HASH_BYTES = 32

function varint(value: number): number[] {
  const octets: number[] = []
  let rest = value
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) octets.push((rest % 128) | 0x80)
  return [...octets, rest]
}

const u32 = (value: number): number[] => [0, 8, 16, 24].map((n) => (value >>> n) & 0xff)
const text = (value: string): number[] => {
  const octets = new TextEncoder().encode(value)
  return [octets.length, ...octets]
}

/** The bytes of a packet; names that have no number are written out. */
export function packed({
  epoch,
  sequence,
  first,
  count,
  declaration,
  coded,
}: Packet): Uint8Array<ArrayBuffer> {
  const head = [0xe1, declaration === null ? 0 : 1, ...u32(epoch)]
  head.push(...varint(sequence), ...varint(first), ...varint(count))
  if (declaration !== null) {
    head.push(...text(declaration.device_id), declaration.replay ? 1 : 0)
    head.push(...varint(declaration.device_ms), ...varint(declaration.rate_hz * 1000))
    head.push(...new Array<number>(HASH_BYTES).fill(0), declaration.channels.length)
    for (const { lead, nanovolt } of declaration.channels) {
      const number = Math.max(LEADS.indexOf(lead), 0)
      head.push(number, ...(number === 0 ? text(lead) : []), ...varint(nanovolt))
    }
  }
  const body = [...head, ...coded]
  return Uint8Array.from([...body, ...u32(crc32c(Uint8Array.from(body)))])
}
