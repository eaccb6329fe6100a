"""Identity card readers: asking the reader of a vehicle over a local socket."""

from goldenhour.adapters.cards.config import CardReaderConfig
from goldenhour.adapters.cards.reader import CardReader

__all__ = ["CardReader", "CardReaderConfig"]
