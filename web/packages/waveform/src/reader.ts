/** Numbers and texts from bytes: little-endian, seven bits a byte where small ones are usual. */

/** These bytes are nothing of this format; the message names the field. */
export class BadBytes extends Error {}

const VARINT_MAX_BYTES = 7
const utf8 = new TextDecoder('utf-8', { fatal: true })

export class Reader {
  private at = 0
  constructor(private readonly data: Uint8Array) {}

  octets(count: number, field: string): Uint8Array {
    if (this.at + count > this.data.length) throw new BadBytes(`${field}: cut short`)
    this.at += count
    return this.data.subarray(this.at - count, this.at)
  }

  octet(field: string): number {
    return this.octets(1, field)[0] as number
  }

  u32(field: string): number {
    return this.octets(4, field).reduceRight((sum, octet) => sum * 256 + octet, 0)
  }

  varint(field: string): number {
    let value = 0
    for (let place = 0; place < VARINT_MAX_BYTES; place++) {
      const octet = this.octet(field)
      value += (octet & 0x7f) * 2 ** (7 * place)
      if (octet < 0x80) return value
    }
    throw new BadBytes(`${field}: longer than ${VARINT_MAX_BYTES} bytes`)
  }

  text(field: string): string {
    const octets = this.octets(this.octet(field), field)
    try {
      return utf8.decode(octets)
    } catch {
      throw new BadBytes(`${field}: not UTF-8`)
    }
  }

  rest(): Uint8Array {
    return this.data.subarray(this.at)
  }
}
