from goldenhour.kernel.record import Record


class ParcelConfig(Record):
    authorization: str
    """The header's value: the vehicle's installation and key."""
    ca_file: str
    every_s: float = 5.0
    """How often files that came are offered to the centre."""
    answer_s: float = 60.0
    """The last part of a long film is answered after its hash has been proved."""
