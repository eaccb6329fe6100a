"""Packets of one stream in any order, with losses and duplicates; samples in theirs.

Rule 1: a sample is given out once, exactly as it was coded, or not at all.
Rule 2: what is missing is a gap with known ends, from the first packet ever seen to the newest.
        Late packets fill it; nothing is ever interpolated.
Rule 3: a packet that cannot be decoded yet (its key or one between is missing) waits. At most
        `keep` packets wait or stand by; then the oldest are forgotten and their gap stays.
"""

from collections.abc import Callable
from typing import Final, Protocol

from goldenhour.kernel.record import Record
from goldenhour.wire.ecg_stream.packet import Declaration, Packet

KEEP: Final = 4096


class SampleDecoder[Rows](Protocol):
    """Decodes the blocks of one key group in order. Test double: `Echo` in the tests."""

    def decode(self, packet: Packet) -> Rows: ...


class Piece[Rows](Record):
    """Samples that can be shown from now on."""

    first: int
    count: int
    declaration: Declaration
    rows: Rows


class Assembler[Rows]:
    """`new_decoder` starts a decoder for a key group; `bad` is the error that it raises."""

    def __init__(
        self,
        new_decoder: Callable[[Declaration], SampleDecoder[Rows]],
        bad: type[Exception],
        keep: int = KEEP,
    ) -> None:
        self._new_decoder = new_decoder
        self._bad = bad
        self._keep = keep
        self._packets: dict[int, Packet] = {}
        """By first sample: those that wait and those that later ones may lean on."""
        self._given: dict[int, Packet] = {}
        """By end: packets that were given out."""
        self._live: tuple[int, Declaration, SampleDecoder[Rows]] | None = None
        """Where the last decoded packet ended, and the decoder that stands there."""
        self._covered: list[tuple[int, int]] = []
        """What was given out: ordered, disjoint, never touching."""
        self._start: int | None = None
        self._newest = 0

    def add(self, packet: Packet) -> list[Piece[Rows]]:
        """Take one packet; the samples that it makes available, in order."""
        if packet.first in self._packets or self._overlaps(packet):
            return []
        self._packets[packet.first] = packet
        self._start = packet.first if self._start is None else min(self._start, packet.first)
        self._newest = max(self._newest, packet.end)
        pieces = self._advance(packet)
        if len(self._packets) > self._keep:
            self._forget()
        return pieces

    def missing(self) -> list[tuple[int, int]]:
        """Gaps between the first packet ever seen and the newest: [first, end) each."""
        if self._start is None:
            return []
        gaps: list[tuple[int, int]] = []
        at = self._start
        for first, end in self._covered:
            if first > at:
                gaps.append((at, first))
            at = max(at, end)
        if at < self._newest:
            gaps.append((at, self._newest))
        return gaps

    def _advance(self, packet: Packet) -> list[Piece[Rows]]:
        declaration, decoder = packet.declaration, None
        if declaration is not None:
            decoder = self._new_decoder(declaration)
        elif self._live is not None and self._live[0] == packet.first:
            declaration, decoder = self._live[1], self._live[2]
        else:
            group = self._group_before(packet)
            if not group or group[0].declaration is None:
                return []
            declaration = group[0].declaration
            decoder = self._new_decoder(declaration)
            for earlier in group:
                decoder.decode(earlier)
        pieces: list[Piece[Rows]] = []
        following: Packet | None = packet
        while following is not None:
            try:
                rows = decoder.decode(following)
            except self._bad:
                # Its CRC was right, so no other copy will be better: it stays a gap.
                return pieces
            pieces.append(
                Piece(
                    first=following.first,
                    count=following.count,
                    declaration=declaration,
                    rows=rows,
                )
            )
            self._cover(following.first, following.end)
            self._given[following.end] = following
            self._live = (following.end, declaration, decoder)
            following = self._packets.get(following.end)
            if following is not None and (following.key or self._overlaps(following)):
                following = None
        return pieces

    def _group_before(self, packet: Packet) -> list[Packet]:
        """The packets from the key up to this one, or none while one is missing."""
        group: list[Packet] = []
        earlier = self._given.get(packet.first)
        while earlier is not None:
            group.append(earlier)
            if earlier.key:
                return group[::-1]
            earlier = self._given.get(earlier.first)
        return []

    def _overlaps(self, packet: Packet) -> bool:
        return any(first < packet.end and packet.first < end for first, end in self._covered)

    def _cover(self, first: int, end: int) -> None:
        before = [r for r in self._covered if r[1] < first]
        after = [r for r in self._covered if r[0] > end]
        between = self._covered[len(before) : len(self._covered) - len(after)]
        joined = (
            min([first, *(r[0] for r in between)]),
            max([end, *(r[1] for r in between)]),
        )
        self._covered = [*before, joined, *after]

    def _forget(self) -> None:
        for first in sorted(self._packets)[: len(self._packets) - self._keep]:
            self._given.pop(self._packets.pop(first).end, None)
