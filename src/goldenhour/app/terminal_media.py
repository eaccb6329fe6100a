"""What a vehicle terminal's cameras and microphones took, and what it said that it took.

Rule 1: bytes first, then the row, both durable; the terminal is answered after that. A row has its
        bytes until their retention ends, and stays to tell what was there.
Rule 2: an upload is known by the terminal, its number there and the hash of its bytes. However
        often that comes, it is one. Other bytes under the same number are another: terminals begin
        to count anew.
Rule 3: bytes are kept as they came, whatever they are. As a picture is shown what begins like one;
        the rest is there to be taken along.
Rule 4: unlike the rest of the terminals' console, who looked at a picture is on the access log
        before the answer: it may show a patient.
"""

from collections.abc import Collection
from typing import Final, Protocol

from msgspec.structs import replace

from goldenhour.kernel.geo import Point
from goldenhour.kernel.record import Record

MOST_ANNOUNCED: Final = 50
"""Of one terminal; the newest."""


class Announced(Record):
    """Something that the terminal said it took, and that has not come."""

    phone: str
    media_id: int
    kind: str
    """picture, sound, video; another code as its number."""
    format: str
    """jpeg, tif, mp3, wav, wmv; another code as its number."""
    occasion: str
    """order, timer, robbery, collision, door_opened, door_closed, drove_off, distance; likewise."""
    channel: int
    heard_ms: int


class MediaRow(Record):
    phone: str
    media_id: int
    """The terminal's own number; it may come again for something else."""
    sha256: str
    size_bytes: int
    unit_id: str
    """The terminal's when it came."""
    kind: str
    format: str
    occasion: str
    channel: int
    point: Point | None
    """WGS-84; None: the terminal gave no place."""
    taken_ms: int | None
    """By the terminal's clock."""
    received_ms: int
    media_type: str
    """image/jpeg or image/png by its first bytes; empty: it is not shown as a picture."""
    erased: bool = False
    """Its retention is over; only where a person reads it."""


class MediaKeeper(Protocol):
    """Test double: `MediaDouble` in jt808_doubles.py."""

    async def keep(self, row: MediaRow, data: bytes) -> None:
        """It is durable when this returns."""

    async def announce(self, said: Announced) -> None: ...


class MediaFiles(Protocol):
    """The bytes. Test double: none, a folder is quick."""

    async def keep(self, unit_id: str, sha256: str, data: bytes) -> None:
        """Durable when it returns; nothing that is there, or was erased, is written again."""

    async def find(self, unit_id: str, sha256: str) -> bytes | None: ...
    async def list_erased(self, files: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
        """Those of them, by unit and hash."""


class MediaBook(Protocol):
    """The rows. Test double: none, they are asked of a database."""

    async def put_media(self, row: MediaRow) -> None:
        """Nothing that is known already; what was announced under its number has come."""

    async def put_announced(self, said: Announced) -> None: ...
    async def list_media(self, phone: str, before_ms: int, most: int) -> list[MediaRow]:
        """The newest first."""

    async def list_announced(self, phone: str) -> list[Announced]:
        """The newest first."""

    async def find_media(self, phone: str, media_id: int, sha256: str) -> MediaRow | None: ...


class TerminalMedia:
    """A `MediaKeeper`, and what a page reads of it."""

    def __init__(self, files: MediaFiles, book: MediaBook) -> None:
        self._files, self._book = files, book

    async def keep(self, row: MediaRow, data: bytes) -> None:
        await self._files.keep(row.unit_id, row.sha256, data)
        await self._book.put_media(row)

    async def announce(self, said: Announced) -> None:
        await self._book.put_announced(said)

    async def list_newest(self, phone: str, before_ms: int, most: int) -> list[MediaRow]:
        rows = await self._book.list_media(phone, before_ms, most)
        erased = await self._files.list_erased({(row.unit_id, row.sha256) for row in rows})
        return [replace(row, erased=(row.unit_id, row.sha256) in erased) for row in rows]

    async def list_announced(self, phone: str) -> list[Announced]:
        return await self._book.list_announced(phone)

    async def find(self, phone: str, media_id: int, sha256: str) -> tuple[MediaRow, bytes] | None:
        row = await self._book.find_media(phone, media_id, sha256)
        data = None if row is None else await self._files.find(row.unit_id, row.sha256)
        return None if row is None or data is None else (row, data)
