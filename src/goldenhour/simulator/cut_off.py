"""A vehicle without a link: it goes on with its own copy, and uploads when the link is back.

Rule 1: the copy holds what the crew may read at the moment of the cut; what the centre says
        meanwhile is not known here, and the other way round.
Rule 2: what happened here goes to the centre as items with dense sequences under the vehicle's own
        hash chain, through the same `Observer` as every upload.
"""

from typing import Final

import msgspec

from goldenhour.app.edge import EdgeEvent, PersonalText, Upload, UploadItem
from goldenhour.app.journal import Envelope, Identity
from goldenhour.app.memory import MemoryJournal
from goldenhour.app.observe import Numbered, Progress
from goldenhour.app.origin import origin_after
from goldenhour.domain.case import kind_of
from goldenhour.kernel.chain import GENESIS
from goldenhour.kernel.telemetry import NumericSet
from goldenhour.simulator.sight import Sight, World

KINDS: Final = ("call", "incident", "mission", "patient", "handover", "unit", "hospital")


class Ledger:
    """`app.observe.UploadStore` and `TelemetrySink` in memory."""

    def __init__(self) -> None:
        self.progress: dict[str, Progress] = {}
        self.aside: list[tuple[str, int, str]] = []

    async def find_progress(self, installation: str) -> Progress | None:
        return self.progress.get(installation)

    async def advance(
        self,
        installation: str,
        unit_id: str,  # noqa: ARG002 (the port's form)
        progress: Progress,
        numerics: Numbered,  # noqa: ARG002 (as above; these vehicles send none apart)
    ) -> None:
        self.progress[installation] = progress

    async def set_aside(
        self,
        installation: str,
        sequence: int,
        reason: str,
        content: bytes,  # noqa: ARG002 (the port's form)
        now_ms: int,  # noqa: ARG002 (as above)
    ) -> None:
        self.aside.append((installation, sequence, reason))

    async def find_aside(self, installation: str, sequence: int) -> str:
        return next((why for at, n, why in self.aside if (at, n) == (installation, sequence)), "")

    def take_numerics(self, numerics: NumericSet) -> None:
        raise AssertionError(numerics)


class CutOff:
    """One vehicle from the cut to the upload."""

    def __init__(
        self, unit_id: str, centre: Sight, identity: Identity, last: int, origin: bytes
    ) -> None:
        """`last`, `origin`: where the vehicle's uploads stand."""
        self.installation = f"sim-{unit_id}"
        self.sight = Sight(World(centre.world.facts, centre.world.entropy, MemoryJournal()))
        self._copy(centre, identity)
        self.sight.fold()
        self.sight.live.fixes = dict(centre.live.fixes)
        self._known = len(self.sight.world.journal.feed)
        self._last = last
        self._origin = origin or GENESIS

    def _copy(self, centre: Sight, identity: Identity) -> None:
        source, own = centre.world.journal, self.sight.world.journal
        streams = [
            stream
            for stream in centre.view.states
            if kind_of(stream) in KINDS and source.may_read(stream, identity)
        ]
        for stream in streams:
            own.streams[stream] = list(source.streams[stream])
            own.feed += own.streams[stream]
            own.owners[stream] = source.owners[stream]
            own.open[stream] = source.open[stream]
            if stream in source.cases:
                own.cases[stream] = source.cases[stream]
        own.personal = {
            row: held for row, held in source.personal.items() if held[0] in own.streams
        }
        own.now_ms = source.now_ms

    def upload(self) -> Upload:
        journal = self.sight.world.journal
        commands: dict[tuple[str, int], list[Envelope]] = {}
        for event in journal.feed[self._known :]:
            commands.setdefault((event.installation, event.sequence), []).append(event)
        items = []
        for identity, events in commands.items():
            self._last += 1
            first = events[0]
            streams = {event.stream for event in events}
            item = UploadItem(
                sequence=self._last,
                events=tuple(EdgeEvent(stream=e.stream, part=e.part, body=e.body) for e in events),
                actor=first.actor,
                seat=first.seat,
                role=first.role,
                occurred_ms=first.occurred_ms,
                fingerprint=journal.fingerprints[identity],
                origin=b"",
                personal=tuple(
                    PersonalText(row=row.row, salt=row.salt, content=row.content)
                    for stream, row in journal.personal.values()
                    if stream in streams and row.row.encode() in b"".join(e.body for e in events)
                ),
                numerics=None,
            )
            self._origin = origin_after(self._origin, self.installation, item)
            items.append(msgspec.structs.replace(item, origin=self._origin))
        return Upload(installation=self.installation, items=tuple(items))
