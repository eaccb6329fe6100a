"""Whether stored packets are what their source sealed.

Rule 1: a key packet vouches for every block since the one before it that did. Where a block is not
        whole nothing can be said, and the next key packet is a new beginning.
Rule 2: what follows the last key packet has nobody yet who vouches for it.
Rule 3: who can write the files can seal anew whatever he wrote; the vehicle's copy shows it.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby, pairwise

from goldenhour.kernel.record import Record
from goldenhour.wire.ecg_stream.packet import Packet, block_number, decode
from goldenhour.wire.ecg_stream.seal import seal


class Proof(Record):
    """Numbers of blocks, which are seconds of the stream."""

    proved: tuple[int, ...]
    broken: tuple[int, ...]
    """Whole, and not what the source sealed."""
    unproved: tuple[int, ...]
    """Not whole, beside one that is not, or newer than the last key packet."""


class _Block(Record):
    number: int
    packets: tuple[bytes, ...]
    whole: bool
    vouched: bytes | None
    """The hash of all blocks before it, where it begins with a key packet."""


def prove(packets: Iterable[bytes]) -> Proof:
    """`packets` of one stream in order, each once, from a key packet on. Raises BadPacketError."""
    told: dict[str, list[int]] = {"proved": [], "broken": [], "unproved": []}
    waiting: list[_Block] = []
    epoch, blocks = _blocks(packets)
    for block in blocks:
        if block.vouched is not None:
            told[_judge(epoch, waiting, block)] += [one.number for one in waiting]
            waiting = []
        waiting.append(block)
    told["unproved"] += [one.number for one in waiting]
    return Proof(**{word: tuple(numbers) for word, numbers in told.items()})


def _judge(epoch: int, blocks: list[_Block], following: _Block) -> str:
    """What a key packet says of the blocks since the last one."""
    numbers = [block.number for block in (*blocks, following)]
    together = numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    chained = blocks[0].vouched if blocks else None
    if chained is None or not together or not all(block.whole for block in blocks):
        return "unproved"
    for block in blocks:
        _, chained = seal(epoch, block.number, block.packets, chained)
    return "proved" if chained == following.vouched else "broken"


def _blocks(packets: Iterable[bytes]) -> tuple[int, Iterator[_Block]]:
    read = [(data, decode(data)) for data in packets]
    rate_mhz = next((p.declaration.rate_mhz for _, p in read if p.declaration), 0)
    seconds = groupby(read, lambda item: block_number(item[1].first, rate_mhz))
    epoch = read[0][1].epoch if read else 0
    return epoch, (_block(number, list(items), rate_mhz) for number, items in seconds)


def _block(number: int, items: list[tuple[bytes, Packet]], rate_mhz: int) -> _Block:
    packets = [packet for _, packet in items]
    joined = all(one.end == other.first for one, other in pairwise(packets))
    begun = block_number(packets[0].first - 1, rate_mhz) < number
    ended = block_number(packets[-1].end, rate_mhz) > number
    declaration = packets[0].declaration if begun else None
    return _Block(
        number=number,
        packets=tuple(data for data, _ in items),
        whole=begun and joined and ended,
        vouched=declaration.sealed if declaration else None,
    )
