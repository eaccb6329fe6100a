"""The centre as one vehicle meets it: the application's own Observer on a journal in memory."""

from collections.abc import Mapping

from factories.world import FakeClock, TestWorld
from goldenhour.app.access import TOPICS, Role
from goldenhour.app.edge import (
    FedEvent,
    FeedMessage,
    Roster,
    RosterEntry,
    Upload,
    UploadAnswer,
)
from goldenhour.app.handle import recorded_of
from goldenhour.app.journal import SYSTEM
from goldenhour.app.memory import MemoryJournal
from goldenhour.app.observe import Numbered, Observer, Progress
from goldenhour.app.vehicle_authority import FromVehicle
from goldenhour.domain.case import kind_of
from goldenhour.kernel.telemetry import Numeric, NumericSet, Sign
from goldenhour.views.fold import personal_rows

UNIT = "A-01"
ROSTER = Roster(
    unit_id=UNIT,
    call_sign="急救 01",
    org="unit:A-01",
    home_org="centre",
    people=(
        RosterEntry(
            person_id="p1",
            username="zhang",
            name="张",
            org="unit:A-01",
            seat="A-01",
            password_hash="hash",
            totp_secret="",
            demo=False,
        ),
    ),
    orgs=("unit:A-01", "centre"),
)


def numeric_set(received_ms: int, value: float = 97, unit_id: str = UNIT) -> NumericSet:
    return NumericSet(
        device_id="monitor-1",
        unit_id=unit_id,
        device_ms=received_ms - 40,
        received_ms=received_ms,
        values=(Numeric(sign=Sign.SPO2, value=value, note=""),),
    )


class Centre:
    """It is also the Observer's `UploadStore` and `TelemetrySink`."""

    def __init__(self, clock: FakeClock) -> None:
        self.world = TestWorld(clock=clock, seed=7)
        self.journal: MemoryJournal = self.world.journal
        self.numerics: list[NumericSet] = []
        self.aside: list[tuple[int, str]] = []
        self.withheld: set[str] = set()
        """Streams that the vehicle may not see (any longer)."""
        self._through: dict[str, Progress] = {}
        self._observer = Observer(self.world, self, clock, self)

    async def upload(self, upload: Upload) -> UploadAnswer:
        return await self._observer.take(upload, FromVehicle(name=UNIT))

    async def feed(self, known: Mapping[str, int]) -> FeedMessage:
        streams = {
            stream: events
            for stream, events in self.journal.streams.items()
            if kind_of(stream) in TOPICS[Role.VEHICLE] and stream not in self.withheld
        }
        fresh = [e for s, events in streams.items() for e in events[known.get(s, 0) :]]
        rows = [row for e in fresh for row in personal_rows(recorded_of(e))]
        names = [name for name in FedEvent.__struct_fields__ if name != "owner"]
        return FeedMessage(
            server_ms=self.world.clock.at_ms,
            events=tuple(
                FedEvent(
                    **{name: getattr(e, name) for name in names},
                    owner=self.journal.owners[e.stream],
                )
                for e in fresh
            ),
            personal=await self.journal.reveal(rows, SYSTEM),
            forget=tuple(s for s in known if s not in streams),
            fix=None,
        )

    def forget_positions(self) -> None:
        """As after a restore from an older copy."""
        self._through.clear()

    # ---- app.observe.UploadStore

    async def find_progress(self, installation: str) -> Progress | None:
        return self._through.get(installation)

    async def advance(
        self,
        installation: str,
        unit_id: str,  # noqa: ARG002 (the port's form)
        progress: Progress,
        numerics: Numbered,
    ) -> None:
        known = self._through.get(installation)
        before = known.through if known else 0
        self._through[installation] = progress
        self.numerics.extend(item for sequence, item in numerics if sequence > before)

    async def set_aside(
        self,
        installation: str,  # noqa: ARG002 (the port's form)
        sequence: int,
        reason: str,
        content: bytes,  # noqa: ARG002 (the port's form)
        now_ms: int,  # noqa: ARG002 (the port's form)
    ) -> None:
        self.aside.append((sequence, reason))

    async def find_aside(self, installation: str, sequence: int) -> str:  # noqa: ARG002 (the port's form)
        return dict(self.aside).get(sequence, "")

    # ---- app.observe.TelemetrySink

    def take_numerics(self, numerics: NumericSet) -> None:
        """Live telemetry goes nowhere in these tests."""
