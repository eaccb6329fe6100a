"""What every part of the codec speaks of: headers, refusals, and the two sides' errors.

Rule 1: a peer's fault is a value (`Malformed`), never an exception that leaves the codec.
Rule 2: our own fault, a value that the protocol cannot carry, is an exception (`UnencodableError`).
"""

from enum import IntEnum, StrEnum

from goldenhour.kernel.record import Record

SERIALS = 0x1_0000
"""Serial numbers are WORDs and wrap."""


class Version(IntEnum):
    """The edition that a frame is written in; its header says which."""

    V2013 = 2013
    V2019 = 2019


class Part(Record):
    """Place of a sub-package in its message; `index` counts from 1."""

    total: int
    index: int


class Header(Record):
    message_id: int
    version: Version
    phone: str
    """Digits, left zeros stripped."""
    serial: int
    encryption: int = 0
    """Bits 10-12 of the properties; 0 is plain."""
    part: Part | None = None
    serials: tuple[int, ...] = ()
    """Of a message that was put together: those of its parts, in their order."""

    def list_serials(self) -> tuple[int, ...]:
        """Serials of all frames of the message that this header belongs to."""
        return self.serials or (self.serial,)


class Reason(StrEnum):
    """Why bytes were refused; stable, since it labels counters and logs."""

    GARBAGE = "garbage"  # bytes outside a frame
    OVERLONG = "overlong"  # more bytes without a delimiter than any frame has
    CHECKSUM = "checksum"
    LENGTH = "length"
    DIGITS = "digits"  # a BCD nibble above 9
    RANGE = "range"
    ENCRYPTED = "encrypted"
    CAPACITY = "capacity"  # more sub-packages than we keep
    INCOMPLETE = "incomplete"  # sub-packages that never came


class Malformed(Record):
    """Bytes that we refuse. `header` is there when at least that could be read."""

    reason: Reason
    field: str
    detail: str
    header: Header | None = None


class RefusedError(Exception):
    """Carries a refusal out of nested decoding; `decode` turns it into a `Malformed`."""

    def __init__(self, reason: Reason, field: str, detail: str) -> None:
        super().__init__(f"{reason} {field}: {detail}")
        self.reason = reason
        self.field = field
        self.detail = detail


class UnencodableError(ValueError):
    """The protocol cannot carry this value."""
