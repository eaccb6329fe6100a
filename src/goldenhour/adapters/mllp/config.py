from goldenhour.kernel.record import Record


class MllpConfig(Record):
    host: str = "127.0.0.1"
    port: int = 2575
    """HL7's registered port; 0 lets the system choose one."""
    max_message_bytes: int = 256 * 1024
    max_connections: int = 1_000
    silence_s: float = 300.0
    """After so long without a byte a connection is taken for dead and closed."""
    max_unread_ack_bytes: int = 64 * 1024
    """A peer that leaves so much unread is taken for one that never reads answers."""
