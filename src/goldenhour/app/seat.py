"""A centre's fallback seat: it shows the board while the centre answers, and decides if it cannot.

Rule 1: two must not decide for the same units. Nothing is decided here until the centre has been
        silent for `SILENT_MS` and a person has said that the seat goes on alone.
Rule 2: that it does is an alert in the seat's own journal: it says who began it and when, outlives
        a power cut, and reaches the centre before anything that was decided under it.
Rule 3: it ends by itself, when the centre answers and has everything.
Rule 4: only the centre's own units are sent from here, and nothing is done that somebody has to
        hear who cannot: a vehicle is told by telephone or radio, a hospital likewise.
"""

import asyncio
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Final, Protocol

from goldenhour.app.access import Principal
from goldenhour.app.devices import Seat
from goldenhour.app.edge import ASIDE_SHOWN_MS, Aside, Roster
from goldenhour.app.handle import World, handle
from goldenhour.app.journal import Identity
from goldenhour.app.ports import Clock
from goldenhour.app.seat_authority import ALONE
from goldenhour.domain import case
from goldenhour.domain import commands as c
from goldenhour.domain.attention.alert import Alert
from goldenhour.domain.attention.alert import State as AlertState
from goldenhour.domain.dispatch.events import Assigned
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.record import Record
from goldenhour.kernel.recorded import Stamp
from goldenhour.kernel.time import SECOND_MS
from goldenhour.views.fold import Folded

SILENT_MS: Final = 10 * SECOND_MS
"""A process of the centre that died is back before."""

COMMANDS: Final[frozenset[type[Record]]] = frozenset(
    {
        *(c.Ring, c.Answer, c.Abandon, c.RingBack, c.RecordCallField, c.EndCall),
        *(c.OpenIncident, c.OpenStandby, c.JoinCall, c.SetLocation, c.SetComplaint),
        *(c.AnswerQuestion, c.OverrideLevel, c.GiveInstruction),
        *(c.CloseIncident, c.ReopenIncident, c.TakeCase),
        *(c.Assign, c.Reserve, c.Activate, c.Divert, c.Relieve, c.StandDown, c.SetDestination),
        *(c.Reach, c.UndoMilestone, c.CorrectMilestone),
        *(c.AcknowledgeAlert, c.SetDuty, c.TakeOutOfService, c.PutBackInService, c.EndHelp),
        *(c.CloseRoad, c.ChangeClosure, c.ReopenRoad),
    }
)
"""What a desk can do by itself. A pre-alert, an offer to another centre or a paper form waits."""


class Mode(StrEnum):
    CENTRE = "centre"
    """The centre answers, or has been silent for a moment only."""
    SILENT = "silent"
    """It does not; nobody has said yet that the seat goes on alone."""
    ALONE = "alone"


class SeatStatus(Record):
    mode: Mode
    seat: str
    centre_url: str
    connected: bool
    last_contact_ms: int | None
    """None: the centre has not spoken since this computer started."""
    since_ms: int | None
    """Since when it decides alone."""
    pending: int
    """Items that are not known to be durable at the centre."""
    aside: int
    """Items of the last day that the centre could not take as they are."""
    aside_units: tuple[str, ...]
    """Call signs of the units that were sent by them."""
    phones: dict[str, str]
    """Unit -> its telephone."""


class Line(Protocol):
    """The link to the centre. Test double: `Cable`."""

    @property
    def connected(self) -> bool: ...

    @property
    def last_contact_ms(self) -> int | None: ...


class Store(Protocol):
    """The part of the seat's store that is needed here. Test double: `Cable` as well."""

    @property
    def installation(self) -> str: ...

    def pending_count(self) -> int: ...
    async def list_aside(self, since_ms: int) -> list[Aside]: ...
    def find_roster(self) -> Roster | None: ...


class SeatMode:
    def __init__(
        self,
        seat: Seat,
        centre_url: str,
        *,
        line: Line,
        store: Store,
        view: Callable[[], Awaitable[Folded]],
        world: World,
        identity: Identity,
        clock: Clock,
    ) -> None:
        """`view`: the seat's own board."""
        self._seat = seat
        self._centre_url = centre_url
        self._line = line
        self._store = store
        self._view = view
        self._world = world
        self._identity = identity
        self._clock = clock
        self._started_ms = clock.now_ms()
        self._alert_id = ""
        self._since_ms: int | None = None
        self._switching = asyncio.Lock()

    async def restore(self) -> None:
        """After a start: whether it had been alone before."""
        for stream, state in (await self._view()).states.items():
            if (
                isinstance(state, Alert)
                and state.code == ALONE
                and state.state is not AlertState.RESOLVED
                and state.details.get("installation") == self._store.installation
            ):
                self._alert_id = stream.partition(":")[2]
                self._since_ms = state.raised_ms

    @property
    def mode(self) -> Mode:
        if self._alert_id:
            return Mode.ALONE
        heard_ms = max(self._started_ms, self._line.last_contact_ms or 0)
        silent = not self._line.connected and self._clock.now_ms() - heard_ms >= SILENT_MS
        return Mode.SILENT if silent else Mode.CENTRE

    async def status(self) -> SeatStatus:
        roster = self._store.find_roster()
        aside = await self._store.list_aside(self._clock.now_ms() - ASIDE_SHOWN_MS)
        sent = (case.decode_event(one.body) for one in aside)
        return SeatStatus(
            mode=self.mode,
            seat=self._seat.seat,
            centre_url=self._centre_url,
            connected=self._line.connected,
            last_contact_ms=self._line.last_contact_ms,
            since_ms=self._since_ms,
            pending=self._store.pending_count(),
            aside=len({one.sequence for one in aside}),
            aside_units=tuple(one.call_sign for one in sent if isinstance(one, Assigned)),
            phones=roster.phones if roster else {},
        )

    async def refuse(self, command: c.Command) -> Refused | None:
        """Why this is not decided here and now; what it is about is checked by the decider."""
        match self.mode:
            case Mode.CENTRE:
                return Refused(code="centre_answers", detail=self._centre_url)
            case Mode.SILENT:
                return Refused(code="seat_not_alone")
        if type(command) not in COMMANDS:
            return Refused(code="needs_centre")
        unit_id = await self._unit_of(command)
        roster = self._store.find_roster()
        if unit_id and (roster is None or unit_id not in roster.units):
            return Refused(code="not_its_unit", field="unit_id")
        return None

    async def _unit_of(self, command: c.Command) -> str:
        """The unit that would be sent, or that is spoken of; empty: none."""
        if isinstance(command, c.Activate | c.Divert):
            run = (await self._view()).states.get(f"mission:{command.mission_id}")
            return run.unit_id if isinstance(run, Mission) else ""
        return str(getattr(command, "unit_id", ""))

    async def begin(self, principal: Principal) -> Refused | None:
        """A person says that the seat goes on alone; said again it changes nothing."""
        async with self._switching:
            if self._alert_id:
                return None
            if self.mode is not Mode.SILENT:
                return Refused(code="centre_answers", detail=self._centre_url)
            now_ms = self._clock.now_ms()
            alert_id = f"{ALONE}.{self._seat.seat}.{now_ms}"
            raised = c.RaiseAlert(
                alert_id=alert_id,
                code=ALONE,
                priority=2,
                subject=f"alert:{alert_id}",
                incident_id="",
                owner="all",
                details={"seat": self._seat.seat, "installation": self._store.installation},
            )
            stamp = self._stamp("began", principal.person_id, principal.role, principal.seat)
            outcome = await handle(raised, stamp, self._identity, self._world)
            if isinstance(outcome, Refused):
                return outcome
            self._alert_id, self._since_ms = alert_id, now_ms
            return None

    async def end_when_united(self) -> None:
        """The centre answers and has everything: nothing is decided here any more."""
        async with self._switching:
            united = self._line.connected and self._store.pending_count() == 0
            if not self._alert_id or not united:
                return
            resolved = c.ResolveAlert(alert_id=self._alert_id, reason="united")
            stamp = self._stamp("ended", "system", "system", self._seat.seat)
            await handle(resolved, stamp, self._identity, self._world)
            self._alert_id, self._since_ms = "", None

    def _stamp(self, deed: str, actor: str, role: str, seat: str) -> Stamp:
        now_ms = self._clock.now_ms()
        return Stamp(
            actor=actor,
            seat=seat,
            role=role,
            org=self._seat.org,
            installation=f"{deed}:{self._store.installation}",
            sequence=now_ms,
            now_ms=now_ms,
        )
