"""Photos, voice memos and body-camera files: what is kept of them, and how they travel.

Rule 1: the bytes are kept as they came and known by their hash; the journal holds the fact.
Rule 2: whose a file is was said by the crew that captured it for a patient; nothing in the file is
        read for it.
Rule 3: a carried file counts when its hash is the one that was announced; else it is begun again.
"""

from collections.abc import AsyncIterator, Sequence
from enum import StrEnum
from typing import Annotated, Protocol, Self

from msgspec import Meta

from goldenhour.app.uplinks import DataClass
from goldenhour.kernel.files import FileKind, TakenSource
from goldenhour.kernel.record import Record

Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
PlainId = Annotated[str, Meta(pattern="^[A-Za-z0-9-]{1,64}$")]


class FileStanding(StrEnum):
    """Where the bytes of a file are, as far as this server knows."""

    HERE = "here"
    AWAITED = "awaited"
    """Not yet: a vehicle has them."""
    ERASED = "erased"
    """Gone on purpose, after their retention."""


class FileOrigin(Record):
    """What stands beside the bytes, and goes with them to the centre."""

    sha256: Sha256
    size_bytes: Annotated[int, Meta(ge=1)]
    patient_id: PlainId
    mission_id: PlainId
    kind: FileKind
    media_type: Annotated[str, Meta(max_length=64)]
    received_ms: int


class Held(Record):
    """How far the centre holds a file that a vehicle carries to it."""

    held_bytes: int
    kept: bool
    """Whole, proved by its hash, and on the disk: the vehicle is done with it."""


class Parcel(Record):
    """A file that the centre lacks, as the carrier sees it."""

    owner: str
    """The folder that it is found in: a patient, or a run."""
    sha256: str
    size_bytes: int
    query: dict[str, str | int]
    """What the centre is told of it with every part."""


class Parcels(Protocol):
    """A vehicle's files on their way to the centre: adapters/files, adapters/dicom."""

    @property
    def path(self) -> str:
        """Where the centre takes them."""
        ...

    async def list_parcels(self, data: DataClass) -> Sequence[Parcel]:
        """What the centre lacks of a class, oldest first."""
        ...

    async def is_whole(self, parcel: Parcel) -> bool:
        """Whether the bytes on the disk are still those of its hash."""
        ...

    async def read_part(self, parcel: Parcel, at: int, count: int) -> bytes: ...

    async def mark_carried(self, parcel: Parcel) -> None: ...


class FilesFullError(Exception):
    """The patient has as many files of this kind as it may have."""


class Incoming(Protocol):
    """A file while it comes; what was not kept is gone when the block ends."""

    @property
    def size_bytes(self) -> int: ...

    async def __aenter__(self) -> Self: ...
    async def __aexit__(self, *error: object) -> None: ...

    async def write(self, data: bytes) -> None:
        """Raises StoreFullError."""
        ...

    async def finish(self) -> str:
        """The SHA-256 of what came, all of it on the disk. Raises StoreFullError."""
        ...

    async def keep(self, origin: FileOrigin, most: int) -> FileOrigin:
        """Durable when it returns; the same bytes of the same patient stay as they were.

        Raises FilesFullError where the patient has `most` of the kind, and StoreFullError.
        """
        ...


class FileStore(Protocol):
    """Where captured files are kept: adapters/files. Test double: none, a folder is quick."""

    def incoming(self) -> Incoming: ...

    async def free_bytes(self) -> int:
        """Of its disk."""
        ...

    async def standing(self, patient_id: str, sha256: str) -> FileStanding: ...

    async def find_origin(self, patient_id: str, sha256: str) -> FileOrigin | None: ...

    async def read(self, patient_id: str, sha256: str, at: int, count: int) -> bytes:
        """A part of a file that `find_origin` has found."""
        ...

    def stream(self, patient_id: str, sha256: str) -> AsyncIterator[bytes]:
        """The whole of it, in parts."""
        ...

    async def take_part(self, origin: FileOrigin, offset: int, part: bytes) -> Held:
        """Append a part that begins at `offset`; nothing is written when it does not fit there."""
        ...


class FileRow(Record):
    """A file of a patient as a screen shows it, whichever store its bytes lie in."""

    patient_id: str
    """The record that it was brought to: another one than was asked for where they were merged."""
    sha256: str
    kind: FileKind
    media_type: str
    size_bytes: int
    taken_ms: int
    taken_source: TakenSource
    device: str
    caption: str | None
    by: str
    """Who brought it: a person's id, or a device; empty: it came before anybody was registered."""
    name: str
    """Of that person, where this server knows it."""
    added_ms: int
    standing: FileStanding
