from goldenhour.kernel.record import Record


class EcgConfig(Record):
    host: str = "127.0.0.1"
    port: int = 2576
    """0 lets the system choose one."""
    max_connections: int = 1_000
    silence_s: float = 30.0
    """A source sends five packets a second; after so long without one it is taken for dead."""


class UplinkConfig(Record):
    unit_id: str
    authorization: str
    """The header's value: the vehicle's installation and key."""
    ca_file: str
    answer_s: float = 10.0
    ask_s: float = 2.0
    """How often the vehicle says how far it holds each stream; at once when it connects."""
    pause_s: float = 1.0
    """After a failure of a line that lives."""
    files_every_s: float = 10.0
    """How often files that were brought to the vehicle are offered to the centre."""
    file_s: float = 120.0
    """For one of them to be taken."""
