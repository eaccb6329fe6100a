"""Numbers and texts of packets: little-endian, seven bits a byte where small ones are usual."""

from typing import Final

MAX_NUMBER: Final = (1 << 49) - 1
"""Seven bytes of seven bits; exact in every language, doubles included."""
_VARINT_MAX_BYTES: Final = 7
_CONTINUED: Final = 0x80


class BadPacketError(ValueError):
    """These bytes are no packet of this format; the text names the field."""


class Reader:
    """Takes fields from the front; what is cut short or too large raises BadPacketError."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def octets(self, count: int, field: str) -> bytes:
        taken = self._data[self._at : self._at + count]
        if len(taken) < count:
            raise BadPacketError(f"{field}: cut short")
        self._at += count
        return taken

    def octet(self, field: str) -> int:
        return self.octets(1, field)[0]

    def fixed(self, count: int, field: str) -> int:
        return int.from_bytes(self.octets(count, field), "little")

    def varint(self, field: str) -> int:
        value = 0
        for place in range(_VARINT_MAX_BYTES):
            byte = self.octet(field)
            value |= (byte & 0x7F) << 7 * place
            if byte < _CONTINUED:
                return value
        raise BadPacketError(f"{field}: longer than {_VARINT_MAX_BYTES} bytes")

    def text(self, field: str) -> str:
        try:
            return self.octets(self.octet(field), field).decode()
        except UnicodeDecodeError as error:
            raise BadPacketError(f"{field}: not UTF-8") from error

    def rest(self) -> bytes:
        return self._data[self._at :]


def varint(value: int, field: str) -> bytes:
    if not 0 <= value <= MAX_NUMBER:
        raise BadPacketError(f"{field}: {value} is out of range")
    out = bytearray()
    while value >= _CONTINUED:
        out.append(value & 0x7F | _CONTINUED)
        value >>= 7
    out.append(value)
    return bytes(out)


def text(value: str, field: str) -> bytes:
    encoded = value.encode()
    if len(encoded) > 0xFF:  # noqa: PLR2004 (one byte holds the length)
        raise BadPacketError(f"{field}: {len(encoded)} bytes, 255 are possible")
    return bytes([len(encoded)]) + encoded
