/** The committed vectors of tests/vectors: both decoders are held to the same file. */
import { describe, expect, it } from 'vitest'
import CASES from '../../../../tests/vectors/ecg_stream.json' with { type: 'json' }
import { Assembler } from './assemble.ts'
import { Decoder } from './coder.ts'
import { crc32c, readPacket } from './packet.ts'
import { BadBytes } from './reader.ts'

interface Case {
  name: string
  channels: number
  samples: string
  packets: string[]
}
const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64'))

function samplesOf(one: Case): Int32Array {
  const raw = bytes(one.samples)
  const view = new DataView(raw.buffer, raw.byteOffset)
  return Int32Array.from({ length: raw.length / 4 }, (_, n) => view.getInt32(4 * n, true))
}

/** All samples that come out, in one array like the recorded one; -1 where nothing came. */
function play(one: Case, order: number[]): Int32Array {
  const got = new Int32Array(samplesOf(one).length).fill(-1)
  const assembler = new Assembler()
  for (const n of order) {
    for (const piece of assembler.add(readPacket(bytes(one.packets[n] as string)))) {
      piece.rows.forEach((row, c) => {
        row.forEach((value, k) => {
          got[(piece.first + k) * one.channels + c] = value
        })
      })
    }
  }
  return got
}

describe.each(CASES)('$name', (one) => {
  const all = one.packets.map((_, n) => n)

  it('decodes to the recorded samples', () => {
    expect(play(one, all)).toEqual(samplesOf(one))
  })

  it('is the same after a loss that is filled late and backwards', () => {
    const late = all.filter((n) => n % 3 === 1)
    const early = all.filter((n) => n % 3 !== 1)
    expect(play(one, [...early, ...late.reverse(), ...early])).toEqual(samplesOf(one))
  })
})

describe('what is not as it should be', () => {
  const twelve = CASES[0] as Case

  it('is a gap while a packet is missing, up to the next key', () => {
    const assembler = new Assembler()
    twelve.packets.forEach((text, n) => {
      if (n !== 3) assembler.add(readPacket(bytes(text)))
    })
    expect(assembler.missing()).toEqual([[300, 1000]])
  })

  it('is no packet when one bit is changed', () => {
    const data = bytes(twelve.packets[0] as string)
    for (const at of [0, 1, 5, 40, data.length - 1]) {
      const broken = data.slice()
      broken[at] = (broken[at] as number) ^ 4
      expect(() => readPacket(broken)).toThrow(BadBytes)
    }
    expect(() => readPacket(new Uint8Array())).toThrow(BadBytes)
  })

  it('gives samples or BadBytes for any coded bytes', () => {
    const coded = readPacket(bytes(twelve.packets[0] as string)).coded
    for (let at = 0; at < coded.length; at += 17) {
      const broken = coded.slice(0, coded.length - at)
      broken[at % broken.length] = at % 251
      try {
        expect(new Decoder(12).decode(true, broken, 100)).toHaveLength(12)
      } catch (error) {
        expect(error).toBeInstanceOf(BadBytes)
      }
    }
  })

  it('has the checksum of its name', () => {
    expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283)
  })
})
