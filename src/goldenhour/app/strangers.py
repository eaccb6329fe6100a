"""Devices that speak here and are in no register, told to whoever can register them.

Rule 1: nothing of what they say is taken. Kept is what each calls itself, where and how it spoke,
        when first and last, how often, and why the newest of it was refused.
Rule 2: whoever hears them counts them and tells the centre what is new; a word whose answer was
        lost counts twice.
Rule 3: an administrator registers one, or dismisses it, which can be taken back. Dismissed it is
        counted on; registered where it speaks it is none any more.
Rule 4: whoever makes up names fills no list: of each place the latest count.
"""

from collections.abc import Iterable, Sequence
from typing import Annotated, Final, Literal, Protocol

from msgspec import Meta
from msgspec.structs import replace

from goldenhour.app.accounts import Device
from goldenhour.app.ports import Clock
from goldenhour.kernel.record import Record

Way = Literal["hl7", "ecg", "dicom", "jt1078", "jt808"]
KIND_OF: Final[dict[Way, str]] = {
    "hl7": "monitor",
    "ecg": "monitor",
    "dicom": "",
    "jt1078": "",
    "jt808": "terminal",
}
"""As what it is registered; empty: the vehicle's own file names it."""
GATEWAY: Final = ""
"""The place of what spoke to the centre itself."""
MOST_LETTERS: Final = 64
"""Of a name that is kept; a device can make up a longer one."""
MOST: Final = 8
"""As many are kept by whoever hears them; the latest count."""
MOST_OF_A_PLACE: Final = 50


class Stranger(Record):
    way: Way
    device_id: Annotated[str, Meta(min_length=1, max_length=MOST_LETTERS)]
    """What it calls itself."""
    first_ms: int
    heard_ms: int
    count: Annotated[int, Meta(ge=1)]
    reason: Annotated[str, Meta(max_length=40)]
    """Why the newest of it was refused: a code."""


class HeardStrangers(Record):
    """From a vehicle's computer: those that spoke since it last said so."""

    heard: Annotated[tuple[Stranger, ...], Meta(max_length=MOST)]
    """Each with how often it spoke since."""
    others: Annotated[int, Meta(ge=0)] = 0
    """How many other vehicles that computer serves: it may hang in any of them."""


class KnownStranger(Record):
    """As the centre keeps it."""

    place: str
    """The unit whose computer heard it; `GATEWAY`."""
    others: int
    way: Way
    device_id: str
    first_ms: int
    heard_ms: int
    count: int
    reason: str
    dismissed_ms: int | None
    dismissed_by: str


class StrangerStore(Protocol):
    """Test double: none, the tests have a PostgreSQL."""

    async def hear(self, place: str, others: int, heard: Sequence[Stranger]) -> None: ...
    async def list_all(self) -> list[KnownStranger]:
        """The latest first."""
        ...

    async def dismiss(
        self, place: str, way: Way, device_id: str, person: str, at_ms: int | None
    ) -> bool:
        """None takes it back. Whether it is known."""
        ...


class StrangerBook:
    """Those that were heard here since the start."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._heard: dict[tuple[Way, str], Stranger] = {}
        """The latest last."""

    def hear(self, way: Way, device_id: str, reason: str) -> None:
        """Who says no name is nobody."""
        now_ms, device_id = self._clock.now_ms(), device_id[:MOST_LETTERS]
        if not device_id:
            return
        before = self._heard.pop((way, device_id), None)
        self._heard[way, device_id] = Stranger(
            way=way,
            device_id=device_id,
            first_ms=before.first_ms if before else now_ms,
            heard_ms=now_ms,
            count=before.count + 1 if before else 1,
            reason=reason,
        )
        if len(self._heard) > MOST:
            del self._heard[next(iter(self._heard))]

    def forget(self, way: Way, device_id: str) -> None:
        self._heard.pop((way, device_id[:MOST_LETTERS]), None)

    def list_all(self) -> tuple[Stranger, ...]:
        """The latest last."""
        return tuple(self._heard.values())


class StrangerNews:
    """What of a book one listener was not told yet."""

    def __init__(self, book: StrangerBook) -> None:
        self._book = book
        self._told: dict[tuple[Way, str, int], int] = {}
        """How often each had spoken by what was told; who was forgotten begins anew."""

    def list_new(self) -> tuple[Stranger, ...]:
        """Each with how often it spoke since."""
        news = ((one, one.count - self._told.get(_key(one), 0)) for one in self._book.list_all())
        return tuple(replace(one, count=count) for one, count in news if count > 0)

    def told(self, heard: Iterable[Stranger]) -> None:
        before = self._told
        self._told = {
            _key(one): before.get(_key(one), 0)
            for one in self._book.list_all()
            if _key(one) in before
        }
        for one in heard:
            self._told[_key(one)] = before.get(_key(one), 0) + one.count


def _key(one: Stranger) -> tuple[Way, str, int]:
    return one.way, one.device_id, one.first_ms


def is_registered(one: KnownStranger, found: Device | None) -> bool:
    """Whether it may speak where it spoke by now."""
    if found is None or not found.enabled:
        return False
    return one.place in (GATEWAY, found.unit_id) or one.others > 0
