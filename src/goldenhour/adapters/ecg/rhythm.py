"""What the newest seconds of each ECG source of a vehicle look like, once a second.

Rule 1: it hears packets as they arrive, before any disk has them, and keeps a few seconds.
Rule 2: of a device its newest stream counts. What arrives later than `late_s` fills the window, and
        nobody is told of it: it is history.
Rule 3: channels that are no leads of an ECG (pleth, respiration) have no say.
Rule 4: `hear` is work on the processor: it runs in a thread, one call at a time.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from goldenhour.adapters.ecg.archive import PacketDecoder
from goldenhour.app.alarming import Heard
from goldenhour.compute.ecg import BadBlockError
from goldenhour.compute.ecg.condition import Floats, millivolts
from goldenhour.compute.ecg.rhythm import Criteria, look
from goldenhour.domain.care.rhythm import RhythmRules
from goldenhour.kernel.telemetry import Strip
from goldenhour.kernel.time import SECOND_MS
from goldenhour.wire.ecg_stream import LEADS, Assembler, Declaration, Piece, decode

_KEEP: Final = 64
"""Packets of a stream that may lean on one another: a key comes every two seconds."""
_LEAST_HZ: Final = 100.0
"""The criteria look at waves of up to 30 Hz."""


class RhythmEar:
    def __init__(self, rules: RhythmRules) -> None:
        self._late_ms = rules.late_s * SECOND_MS
        self._criteria = Criteria(*(getattr(rules, name) for name in Criteria._fields))
        self._streams: dict[int, _Stream] = {}

    def hear(self, strips: Sequence[Strip]) -> list[Heard]:
        """What each source looks like now of which a second has come. Raises BadPacketError."""
        newest: dict[str, int] = {}
        for strip in strips:
            stream = self._streams.setdefault(strip.epoch, _Stream())
            stream.add(strip, max(self._criteria.no_beat_s, self._criteria.chaotic_s))
        for epoch, stream in self._streams.items():
            newest[stream.device_id] = max(epoch, newest.get(stream.device_id, 0))
        self._streams = {epoch: self._streams[epoch] for epoch in newest.values()}
        return [
            Heard(stream.device_id, look(stream.rows, stream.rate_hz, self._criteria), stream.at_ms)
            for stream in self._streams.values()
            if stream.is_due() and stream.late_ms <= self._late_ms
        ]


class _Stream:
    """The newest rows of one stream, in mV; what is not there is NaN."""

    def __init__(self) -> None:
        self.device_id = ""
        self.rate_hz = 0.0
        self.at_ms = 0
        """When its newest packet came."""
        self.late_ms = 0
        self.rows: Floats = np.zeros((0, 0))
        self._end = 0
        self._looked = 0
        self._assembler = Assembler(PacketDecoder, BadBlockError, _KEEP)

    def add(self, strip: Strip, span_s: float) -> None:
        for piece in self._assembler.add(decode(strip.data)):
            self._begin(piece.declaration, span_s, piece.first)
            self._put(piece)
        self.at_ms = strip.received_ms
        self.late_ms = strip.received_ms - (strip.measured_ms or strip.received_ms)

    def is_due(self) -> bool:
        """Whether a second has come since the last time, behind a whole window."""
        full = len(self.rows) > 0 and not bool(np.isnan(self.rows[0]).all())
        if not full or self._end - self._looked < self.rate_hz:
            return False
        self._looked = self._end
        return self.rows.shape[1] > 0 and self.rate_hz >= _LEAST_HZ

    def _begin(self, declared: Declaration, span_s: float, first: int) -> None:
        if self.device_id:
            return
        self.device_id = declared.device_id
        self.rate_hz = declared.rate_mhz / 1000
        self._leads = [n for n, one in enumerate(declared.channels) if one.lead in LEADS[1:]]
        self._lsb_nv = [declared.channels[n].nanovolt for n in self._leads]
        self.rows = np.full((round(span_s * self.rate_hz), len(self._leads)), np.nan)
        self._end = self._looked = first

    def _put(self, piece: Piece[NDArray[np.int32]]) -> None:
        """At its place in the window, which it moves on when it is newer."""
        rows = millivolts(piece.rows[:, self._leads], self._lsb_nv)
        ahead = piece.first + piece.count - self._end
        if ahead > 0:
            kept = self.rows[min(ahead, len(self.rows)) :]
            fresh = np.full((len(self.rows) - len(kept), self.rows.shape[1]), np.nan)
            self.rows = np.concatenate((kept, fresh))
            self._end += ahead
        at = len(self.rows) - (self._end - piece.first)
        low = max(-at, 0)
        if low < len(rows):
            self.rows[at + low : at + len(rows)] = rows[low:]
