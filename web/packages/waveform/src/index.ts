export { Assembler, type Piece, type Span } from './assemble.ts'
export { type Declaration, type Packet, readPacket } from './packet.ts'
export { BadBytes } from './reader.ts'
