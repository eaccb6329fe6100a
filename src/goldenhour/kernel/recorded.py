"""An event with the facts of its recording: what a fold sees."""

from typing import Any

from goldenhour.kernel.record import Record


class Stamp(Record):
    """Who said it, from where and when. Every command carries one; so does every event."""

    actor: str
    """Id of a person, a device or `system`."""
    seat: str
    """The seat, vehicle or process; empty for the system itself."""
    role: str
    org: str
    """The organisation on whose behalf it was said."""
    installation: str
    sequence: int
    """With `installation` the identity of the command: the same pair is the same deed."""
    now_ms: int


def system_stamp(installation: str, sequence: int, now_ms: int, org: str = "") -> Stamp:
    """Of what the system itself says."""
    return Stamp(
        actor="system",
        seat="",
        role="system",
        org=org,
        installation=installation,
        sequence=sequence,
        now_ms=now_ms,
    )


class Recorded(Record):
    stream: str
    version: int
    event: Any
    actor: str
    seat: str
    role: str
    org: str
    occurred_ms: int
    received_ms: int
    """Later than `occurred_ms` when it came from a vehicle that had been out of reach."""
    installation: str
