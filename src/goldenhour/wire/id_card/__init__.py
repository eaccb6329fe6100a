"""A second-generation identity card: the talk with a reader, and the text that it gives."""

from goldenhour.wire.id_card.block import BLOCK_BYTES, BlockFault, CardText, read_block
from goldenhour.wire.id_card.exchange import (
    GET_ATR,
    LENGTH_BYTES,
    MOST_BYTES,
    POWER_OFF,
    POWER_ON,
    Stop,
    Stopped,
    frame,
    read_text,
)

__all__ = [
    "BLOCK_BYTES",
    "GET_ATR",
    "LENGTH_BYTES",
    "MOST_BYTES",
    "POWER_OFF",
    "POWER_ON",
    "BlockFault",
    "CardText",
    "Stop",
    "Stopped",
    "frame",
    "read_block",
    "read_text",
]
