"""JT/T 1078-2016 media packets, sans-I/O: bytes in, access units and what is missing out.

A stream goes through `Splitter`, its packets through `Assembler`; `segment` says how access units
lie in a file of ours, `codec` what a browser must know to play one.
"""

from goldenhour.wire.jt1078.assemble import MAX_UNIT_BYTES, AccessUnit, Assembler, Lost
from goldenhour.wire.jt1078.codec import H264, H265, h264_codec
from goldenhour.wire.jt1078.packet import Broken, Kind, Packet, Split, Splitter
from goldenhour.wire.jt1078.segment import Kept, read_kept, write_kept

__all__ = [
    "H264",
    "H265",
    "MAX_UNIT_BYTES",
    "AccessUnit",
    "Assembler",
    "Broken",
    "Kept",
    "Kind",
    "Lost",
    "Packet",
    "Split",
    "Splitter",
    "h264_codec",
    "read_kept",
    "write_kept",
]
