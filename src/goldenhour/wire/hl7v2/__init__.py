"""HL7 v2.6 device observations (IHE PCD-01) over MLLP: bytes in, values out, no sockets.

Implements the message layouts of HL7 v2.6 and IHE PCD-01; no conformity is claimed.
"""

from goldenhour.wire.hl7v2.ack import AckCode, build_ack
from goldenhour.wire.hl7v2.message import Envelope, Reason, Rejected
from goldenhour.wire.hl7v2.mllp import Broken, Framer, wrap
from goldenhour.wire.hl7v2.pcd01 import Observation, decode
from goldenhour.wire.hl7v2.quirks import Maker

__all__ = [
    "AckCode",
    "Broken",
    "Envelope",
    "Framer",
    "Maker",
    "Observation",
    "Reason",
    "Rejected",
    "build_ack",
    "decode",
    "wrap",
]
