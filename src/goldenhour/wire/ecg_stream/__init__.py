"""The live ECG stream, sans-I/O: packets, sealed blocks, framing, reassembly.

The coded samples inside a packet are opaque here; compute/ecg makes and reads them. A byte stream
goes through `Framer`, packets of one stream through `Assembler`, seconds through `seal`. The format
is docs/interfaces/ecg-stream.md.
"""

from goldenhour.wire.ecg_stream.assemble import Assembler, Piece, SampleDecoder
from goldenhour.wire.ecg_stream.frame import Ack, AckReader, Broken, Framer, wrap, write_ack
from goldenhour.wire.ecg_stream.packet import (
    LEADS,
    BadPacketError,
    Channel,
    Declaration,
    Packet,
    block_number,
    decode,
    encode,
)
from goldenhour.wire.ecg_stream.prove import Proof, prove
from goldenhour.wire.ecg_stream.relabel import Relabeller, renamed
from goldenhour.wire.ecg_stream.seal import GENESIS, BadSealError, Sealed, open_sealed, seal

__all__ = [
    "GENESIS",
    "LEADS",
    "Ack",
    "AckReader",
    "Assembler",
    "BadPacketError",
    "BadSealError",
    "Broken",
    "Channel",
    "Declaration",
    "Framer",
    "Packet",
    "Piece",
    "Proof",
    "Relabeller",
    "SampleDecoder",
    "Sealed",
    "block_number",
    "decode",
    "encode",
    "open_sealed",
    "prove",
    "renamed",
    "seal",
    "wrap",
    "write_ack",
]
