"""JT/T 1078-2016 media packets, sans-I/O: bytes in, access units and what is missing out.

A stream goes through `Splitter`, its packets through `Assembler`; `segment` says how access units
lie in a file of ours, `codec` what a browser must know to play one, `newest` what a slow line
leaves out of live pictures, and `slices` how they go.
"""

from goldenhour.wire.jt1078.assemble import MAX_UNIT_BYTES, AccessUnit, Assembler, Lost
from goldenhour.wire.jt1078.codec import H264, H265, codec_of, h264_codec, h265_codec
from goldenhour.wire.jt1078.newest import MOST_OLD_MS, Newest, begins
from goldenhour.wire.jt1078.packet import Broken, Kind, Packet, Split, Splitter
from goldenhour.wire.jt1078.segment import Kept, read_kept, write_kept
from goldenhour.wire.jt1078.slices import Joiner, Slice, read_slice, write_slice

__all__ = [
    "H264",
    "H265",
    "MAX_UNIT_BYTES",
    "MOST_OLD_MS",
    "AccessUnit",
    "Assembler",
    "Broken",
    "Joiner",
    "Kept",
    "Kind",
    "Lost",
    "Newest",
    "Packet",
    "Slice",
    "Split",
    "Splitter",
    "begins",
    "codec_of",
    "h264_codec",
    "h265_codec",
    "read_kept",
    "read_slice",
    "write_kept",
    "write_slice",
]
