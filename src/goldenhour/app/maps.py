"""A region's map for a vehicle's computer: offered by the centre, taken whole, used without a link.

Rule 1: a map is the files of a city folder, named by a digest of all of them: streets, tiles,
        addresses and turn-by-turn are of one extract, or the way leads where no road is drawn.
Rule 2: it is taken in slices after everything else, goes on where it stopped, and is used only
        when every file has its hash. Until then the one before is.
Rule 3: what a vehicle has of it already, by hash, is not sent again.
"""

from typing import Annotated, Final, Literal, Protocol

from msgspec import Meta

from goldenhour.kernel.record import Record

MOST_SLICE_BYTES: Final = 1 << 20
Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


class MapFile(Record):
    path: Annotated[str, Meta(pattern=r"^(?!\.)[\w.-]+(/(?!\.)[\w.-]+)*$", max_length=200)]
    """Within the city folder."""
    size_bytes: Annotated[int, Meta(ge=1)]
    sha256: Sha256


class MapOffer(Record):
    """The centre's map of now."""

    digest: Sha256
    built_ms: int
    """When the newest of its files was made."""
    files: Annotated[tuple[MapFile, ...], Meta(min_length=1, max_length=100_000)]


class MapStatus(Record):
    """To the crew: the map that this vehicle works with."""

    state: Literal["own", "fetched", "none"]
    """Put here by hand, fetched from the centre, or none yet."""
    built_ms: int | None
    """When it was made."""
    looked_ms: int | None
    """When the centre last said that it is its newest; None: not since the start."""
    fetched_bytes: int = 0
    """Of a newer one that is under way."""
    fetching_bytes: int = 0
    """Its size; 0: none is."""
    no_room: bool = False
    """The disk has no room for the newer one."""


class MapShelf(Protocol):
    """The centre's side. Test double: none, a folder is quick."""

    async def find_offer(self) -> MapOffer | None:
        """None: this centre has no map."""

    async def read(self, sha256: str, offset: int, size: int) -> bytes | None:
        """A slice of a file of the offer; None: it is not offered (any more)."""
