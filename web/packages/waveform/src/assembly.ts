/** Bytes of one source's streams to packets, and to the samples that can be given out with each. */
import { Assembler, type Piece } from './assemble.ts'
import { type Packet, readPacket } from './packet.ts'
import { BadBytes } from './reader.ts'

export interface Assembled {
  data: Uint8Array
  packet: Packet
  pieces: Piece[]
}

export class Assembly {
  private assembler = new Assembler()
  private epoch = -1

  /** Null for bytes that are no packet. A stream that has been followed by another gives nothing more. */
  take(data: Uint8Array): Assembled | null {
    let packet: Packet
    try {
      packet = readPacket(data)
    } catch (error) {
      if (error instanceof BadBytes) return null
      throw error
    }
    if (packet.epoch > this.epoch) {
      this.epoch = packet.epoch
      this.assembler = new Assembler()
    }
    const pieces = packet.epoch < this.epoch ? [] : this.assembler.add(packet)
    return { data, packet, pieces }
  }
}
