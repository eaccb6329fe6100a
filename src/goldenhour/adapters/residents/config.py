from pathlib import Path

from goldenhour.kernel.record import Record


class ResidentsConfig(Record):
    url: str
    """Of the FHIR service, without a slash at its end."""
    token: str
    ca_file: Path | None
    """None: the authorities that this system trusts."""
    connect_s: float = 3.0
    answer_s: float = 8.0
    """For one page, from the first byte asked to the last received."""
    most_bytes: int = 4 * 1024 * 1024
    most_pages: int = 20
