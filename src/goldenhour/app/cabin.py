"""Live pictures of a cabin on their way to who watches: the newest of every run, as they came.

Rule 1: nothing is stored: of a camera that is watched the newest pictures are kept in memory, from
        the last key frame but one, and of any other none.
Rule 2: pictures belong to the run that the vehicle says it is on, and go to who watches that run.
Rule 3: who comes new, or is too slow, begins with the newest key frame. Nobody waits for it.
Rule 4: what nobody watches is not asked for; the vehicle is told at once.
"""

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Final, Protocol

from goldenhour.kernel.record import Record

MOST_KEPT_BYTES: Final = 16 * 1024 * 1024
"""Of one camera in memory, where its key frames stand that far apart."""


class CabinSaid(Record):
    """What a vehicle says of its run; again whenever it changes."""

    cameras: tuple[str, ...]
    """`DEVICE/CHANNEL` of those that have sent a picture, in the order in which they appeared."""
    closed: bool
    """The crew lets nobody watch."""


class CabinAsk(Record):
    """What the centre answers; again whenever it changes, and to every slice."""

    cameras: tuple[str, ...]
    """Those that are watched: only of these the vehicle sends."""
    watchers: int
    taken: int
    """Slices of this line."""


class CabinPicture(Record):
    """One unit as in a segment file."""

    begins: bool
    """A decoder can begin with it."""
    data: bytes


class CabinSwitch(Protocol):
    """A vehicle's own cameras, live: adapters/jt1078. Test double: none, one is made quickly."""

    @property
    def watchers(self) -> int: ...
    @property
    def closed(self) -> bool: ...
    async def switch(self, *, closed: bool) -> None:
        """By the crew, for the run that the vehicle is on."""
        ...


class _Film:
    def __init__(self) -> None:
        self._pictures: deque[CabinPicture] = deque()
        self._size_bytes = 0
        self.taken = 0
        self._begun = 0
        """The number of the newest that begins; the first picture is number 1."""

    def take(self, picture: CabinPicture) -> None:
        self.taken += 1
        self._pictures.append(picture)
        self._size_bytes += len(picture.data)
        if picture.begins:
            while self._first < self._begun:
                self._drop()
            self._begun = self.taken
        while self._size_bytes > MOST_KEPT_BYTES:
            self._drop()

    def after(self, number: int) -> list[CabinPicture]:
        if number + 1 < self._first or number == 0:
            if not self._begun or self._begun < self._first:
                return []
            number = self._begun - 1
        return list(islice(self._pictures, number + 1 - self._first, None))

    @property
    def _first(self) -> int:
        return self.taken - len(self._pictures) + 1

    def _drop(self) -> None:
        self._size_bytes -= len(self._pictures.popleft().data)


class _Run:
    def __init__(self) -> None:
        self.line: CabinLine | None = None
        self.watching: list[CabinWatch] = []
        self.films: dict[str, _Film] = {}
        self.changed = asyncio.Event()

    def watched(self) -> tuple[str, ...]:
        return tuple(sorted({watch.camera for watch in self.watching} - {""}))

    def tell(self) -> None:
        for camera in self.films.keys() - set(self.watched()):
            del self.films[camera]  # the next look at it begins with a new picture
        self.changed.set()
        self.changed = asyncio.Event()


class CabinLine:
    """One vehicle's line, for one run."""

    def __init__(self, run: _Run) -> None:
        self._run = run
        self.heard: CabinSaid | None = None
        self._taken = 0

    def say(self, said: CabinSaid) -> None:
        self.heard = said
        if said.closed:
            self._run.films.clear()
        self._run.tell()

    def take(self, camera: str, pictures: Sequence[CabinPicture]) -> None:
        """A slice, and the whole pictures that it brought; returns at once."""
        run = self._run
        self._taken += 1
        may = run.line is self and self.heard is not None and not self.heard.closed
        if may and camera in run.watched():
            film = run.films.setdefault(camera, _Film())
            for picture in pictures:
                film.take(picture)
        run.tell()

    def ask(self) -> CabinAsk:
        run = self._run
        return CabinAsk(cameras=run.watched(), watchers=len(run.watching), taken=self._taken)

    @property
    def changed(self) -> asyncio.Event:
        """Set with the next change; taken before anything is read."""
        return self._run.changed


class CabinWatch:
    """One look at a run."""

    def __init__(self, run: _Run, wanted: str) -> None:
        self._run = run
        self._wanted = wanted
        self._film: _Film | None = None
        self._number = 0

    @property
    def heard(self) -> CabinSaid | None:
        """What the vehicle says; None: it has no line for this run."""
        return self._run.line.heard if self._run.line else None

    @property
    def camera(self) -> str:
        """Which one is shown; empty: there is none."""
        return self._wanted or next(iter(self.heard.cameras if self.heard else ()), "")

    @property
    def changed(self) -> asyncio.Event:
        """Set with the next change; taken before anything is read."""
        return self._run.changed

    async def next(self) -> list[CabinPicture]:
        """The pictures since the last ones; waits until there is one."""
        while True:
            changed, film = self._run.changed, self._run.films.get(self.camera)
            if film is not self._film:
                self._film, self._number = film, 0
            if film is not None and (found := film.after(self._number)):
                self._number = film.taken
                return found
            await changed.wait()


class CabinHub:
    def __init__(self) -> None:
        self._runs: dict[str, _Run] = {}

    @contextmanager
    def line(self, mission_id: str) -> Iterator[CabinLine]:
        """A line that comes again takes the place of the one before."""
        run = self._runs.setdefault(mission_id, _Run())
        line = run.line = CabinLine(run)
        run.films.clear()
        try:
            yield line
        finally:
            if run.line is line:
                run.line = None
                run.films.clear()
            run.tell()
            self._tidy(mission_id)

    @contextmanager
    def watch(self, mission_id: str, camera: str) -> Iterator[CabinWatch]:
        """`camera` empty: the first that there is."""
        run = self._runs.setdefault(mission_id, _Run())
        watch = CabinWatch(run, camera)
        run.watching.append(watch)
        run.tell()
        try:
            yield watch
        finally:
            run.watching.remove(watch)
            run.tell()
            self._tidy(mission_id)

    def _tidy(self, mission_id: str) -> None:
        run = self._runs.get(mission_id)
        if run is not None and run.line is None and not run.watching:
            del self._runs[mission_id]
