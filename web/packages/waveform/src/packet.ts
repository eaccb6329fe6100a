/** Packets of the live ECG stream; the reading half of wire/ecg_stream/packet.py. */
import { BadBytes, Reader } from './reader.ts'

const VERSION = 0xe1
const KEY = 0x01
const REPLAY = 0x01
const SAME_SCALE = 0x80
const MAX_CHANNELS = 64
const MAX_COUNT = 4096
const HASH_BYTES = 32

export const LEADS =
  ' I II III aVR aVL aVF V1 V2 V3 V4 V5 V6 V7 V8 V9 V3R V4R V5R V6R X Y Z MCL1 ES AS AI'.split(' ')

export interface ChannelOf {
  lead: string
  /** Nanovolts of one unit of a sample. */
  nanovolt: number
}

export interface Declaration {
  device_id: string
  /** A recording that is played again, for demonstration: never a patient. */
  replay: boolean
  device_ms: number
  /** Samples a second. */
  rate_hz: number
  channels: ChannelOf[]
}

/** Whether samples of both may stand under the same names, on one scale and at one rate. */
export const sameSource = (one: Declaration, other: Declaration): boolean =>
  one.device_id === other.device_id &&
  one.replay === other.replay &&
  one.rate_hz === other.rate_hz &&
  one.channels.length === other.channels.length &&
  one.channels.every(
    ({ lead, nanovolt }, c) =>
      lead === other.channels[c]?.lead && nanovolt === other.channels[c]?.nanovolt,
  )

export interface Packet {
  epoch: number
  sequence: number
  first: number
  count: number
  /** Present in key packets. */
  declaration: Declaration | null
  coded: Uint8Array
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, octet) => {
  let value = octet
  for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? 0x82f63b78 : 0)
  return value
})

export function crc32c(data: Uint8Array): number {
  let crc = 0xffffffff
  for (const octet of data) crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ octet) & 0xff] as number)
  return (crc ^ 0xffffffff) >>> 0
}

/** Throws BadBytes, and nothing else. */
export function readPacket(data: Uint8Array): Packet {
  const body = data.subarray(0, Math.max(data.length - 4, 0))
  if (new Reader(data.subarray(body.length)).u32('crc') !== crc32c(body)) {
    throw new BadBytes('crc: does not match')
  }
  const reader = new Reader(body)
  if (reader.octet('version') !== VERSION) throw new BadBytes('version: unknown')
  const flags = reader.octet('flags')
  if ((flags & ~KEY) !== 0) throw new BadBytes(`flags: ${flags} is unknown`)
  const epoch = reader.u32('epoch')
  const sequence = reader.varint('sequence')
  const first = reader.varint('first')
  const count = reader.varint('count')
  if (count < 1 || count > MAX_COUNT) throw new BadBytes(`count: ${count} is out of range`)
  const declaration = (flags & KEY) !== 0 ? readDeclaration(reader) : null
  return { epoch, sequence, first, count, declaration, coded: reader.rest() }
}

function readDeclaration(reader: Reader): Declaration {
  const device_id = reader.text('device_id')
  const marks = reader.octet('marks')
  if ((marks & ~REPLAY) !== 0) throw new BadBytes(`marks: ${marks} is unknown`)
  const device_ms = reader.varint('device_ms')
  const rate_hz = reader.varint('rate_mhz') / 1000
  if (rate_hz === 0) throw new BadBytes('rate_mhz: 0')
  reader.octets(HASH_BYTES, 'sealed') // the chain is checked where blocks are stored
  const count = reader.octet('channels')
  if (count < 1 || count > MAX_CHANNELS) throw new BadBytes(`channels: ${count}`)
  const channels: ChannelOf[] = []
  let nanovolt = 0
  for (let c = 0; c < count; c++) {
    const form = reader.octet('lead')
    const name = LEADS[form & ~SAME_SCALE]
    if (name === undefined) throw new BadBytes(`lead: ${form & ~SAME_SCALE} is unknown`)
    const lead = name === '' ? reader.text('lead') : name
    nanovolt = (form & SAME_SCALE) !== 0 ? nanovolt : reader.varint('nanovolt')
    if (nanovolt === 0) throw new BadBytes('nanovolt: 0')
    channels.push({ lead, nanovolt })
  }
  return { device_id, replay: (marks & REPLAY) !== 0, device_ms, rate_hz, channels }
}
