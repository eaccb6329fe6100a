"""Lossless coding of multi-lead ECG samples: arrays to blocks and back.

`coder` is what others call, `kernel` predicts and codes, `params` is the head of a key block,
`leads` knows what the limb leads have in common. Nothing here knows packets, sockets or clocks.
The format is section 4 of docs/interfaces/ecg-stream.md.

Apart from the coder, `measure` tells beats, intervals and ST levels of a window of decoded samples
(`condition`, `beats`, `average`, `waves`); docs/reference/ecg-measurements.md says how.
"""

from goldenhour.compute.ecg.coder import Block, Decoder, Encoder
from goldenhour.compute.ecg.leads import limb_relations
from goldenhour.compute.ecg.params import (
    MAX_CHANNELS,
    MAX_SAMPLES,
    BadBlockError,
    Relation,
    RelationKind,
)

__all__ = [
    "MAX_CHANNELS",
    "MAX_SAMPLES",
    "BadBlockError",
    "Block",
    "Decoder",
    "Encoder",
    "Relation",
    "RelationKind",
    "limb_relations",
]
