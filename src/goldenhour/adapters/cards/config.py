from goldenhour.kernel.record import Record


class CardReaderConfig(Record):
    host: str
    port: int
    every_s: float = 10.0
    """How often the reader is asked whether it is there."""
    answer_s: float = 2.0
    """For that to be answered."""
    read_s: float = 8.0
    """For a whole card; the page waits ten seconds."""
