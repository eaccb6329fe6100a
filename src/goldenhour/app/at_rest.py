"""How bytes lie on a disk: sealed in a vehicle, as they are at a centre.

A vehicle's computer can be carried away; a centre's disks are its operator's to encrypt, whole.
"""

from typing import Final, Protocol


class AtRest(Protocol):
    """Test double: `PLAIN`."""

    @property
    def added_bytes(self) -> int:
        """By which a sealed piece is longer."""
        ...

    def seal(self, data: bytes) -> bytes: ...

    def unseal(self, data: bytes) -> bytes:
        """Raises ValueError for what this key did not seal, or what was changed since."""
        ...


class _Plain:
    added_bytes = 0

    def seal(self, data: bytes) -> bytes:
        return data

    def unseal(self, data: bytes) -> bytes:
        return data


PLAIN: Final[AtRest] = _Plain()
