"""What the web adapter is given: the wiring decides whether it serves a centre or a vehicle."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from goldenhour.app.access import Organisations, Principal
from goldenhour.app.accounts import Accounts, DemoAccount, Person
from goldenhour.app.cabin import CabinHub, CabinSwitch
from goldenhour.app.clocks import VehicleClocks
from goldenhour.app.copies import CopyStore
from goldenhour.app.ecg_files import ImportedEcgStore
from goldenhour.app.edge import AsideItem, EdgeStatus, Roster, Upload, UploadAnswer
from goldenhour.app.files import FileStore
from goldenhour.app.handing import Getter, Giver
from goldenhour.app.handle import World
from goldenhour.app.id_card import CardReader
from goldenhour.app.images import ImageStore
from goldenhour.app.journal import Envelope, Identity
from goldenhour.app.learn import Learnt
from goldenhour.app.lending import Lender
from goldenhour.app.live import Hub, Reader
from goldenhour.app.maps import MapShelf
from goldenhour.app.peers import Peers
from goldenhour.app.ports import Clock, RoadLines, WayMatching
from goldenhour.app.seat import SeatMode
from goldenhour.app.strangers import StrangerStore
from goldenhour.app.strips import Missing, Placed, StreamState, StripHub, Worn
from goldenhour.app.tablet import Ear
from goldenhour.app.taught_speeds import TaughtSpeeds
from goldenhour.app.terminal_media import TerminalMedia
from goldenhour.app.terminals import TerminalBook
from goldenhour.app.travel_times import TravelTimes
from goldenhour.app.video import VideoStore
from goldenhour.app.ways import Ways
from goldenhour.content.exchange import Exchange
from goldenhour.content.rules import Rules
from goldenhour.domain.case import Facts
from goldenhour.domain.dispatch.route import Language, Route, RouteFailure
from goldenhour.domain.register.city import AddressHit, City
from goldenhour.kernel.geo import Point
from goldenhour.kernel.ids import Entropy
from goldenhour.kernel.telemetry import Fix, Mileage, NumericSet
from goldenhour.views.answers import PaintedAnswer
from goldenhour.wire.ecg_files import EcgRecord


class AddressBook(Protocol):
    def search(self, text: str, *, near: Point | None, limit: int) -> list[AddressHit]: ...
    def reverse(self, point: Point) -> AddressHit | None: ...


class RouteFinder(Protocol):
    async def route(
        self,
        points: Sequence[Point],
        *,
        language: Language,
        avoid: Sequence[Sequence[Point]] = (),
        into_shut: bool = False,
    ) -> Route | RouteFailure:
        """`avoid`: lines along roads that nobody drives through.

        `into_shut`: the way begins or ends on another one of those.
        """


class TelemetryReader(Protocol):
    async def list_track(self, unit_id: str, from_ms: int, to_ms: int) -> list[Fix]: ...
    async def list_numerics(self, unit_id: str, from_ms: int, to_ms: int) -> list[NumericSet]: ...


class MileageReader(Protocol):
    async def list_mileage(
        self, units: Sequence[str], from_ms: int, to_ms: int, *, jump_kmh: float, over_kmh: float
    ) -> list[Mileage]: ...


class History(Protocol):
    async def case_streams(self, incidents: Sequence[str], identity: Identity) -> list[str]: ...
    async def list_copies(self, streams: Sequence[str], identity: Identity) -> dict[str, str]:
        """Those of these streams that are another node's (ADR 0026), with its name."""

    async def list_begun(
        self, topic: str, from_ms: int, to_ms: int, identity: Identity
    ) -> list[Envelope]: ...
    async def list_file_runs(self, since_ms: int, identity: Identity) -> list[str]:
        """Streams of the runs to which a file came while it was nobody's."""
        ...

    async def find_written(self, texts: Sequence[str], identity: Identity) -> list[str]:
        """As `app.residents.Writings`."""


class Paintings(Protocol):
    async def list_seats(
        self, stream: str, version: int, reads: Callable[[str, str], bool]
    ) -> PaintedAnswer | None:
        """Of the seats whose (role, organisation) `reads`; None: there is no such event."""


class EdgeCentre(Protocol):
    """The centre's side of the protocol of vehicles and fallback seats."""

    async def take(self, upload: Upload, sender: Principal) -> UploadAnswer: ...
    async def roster(self, computer: Principal) -> Roster | None: ...
    def monitors(self, unit_id: str) -> tuple[str, ...]: ...


class EcgReader(Protocol):
    """Stored ECG of a vehicle. Test double: none, a folder is quick."""

    async def find_record(
        self,
        unit_id: str,
        from_ms: int,
        to_ms: int,
        worn: Worn | None = None,
        placed: Placed | None = None,
    ) -> EcgRecord | None:
        """Raises EcgFileError where it is no single record. Without `worn`: whoever wore it."""

    async def list_packets(
        self,
        unit_id: str,
        from_ms: int,
        to_ms: int,
        worn: Worn | None = None,
        placed: Placed | None = None,
    ) -> list[bytes]: ...


class StripSink(Protocol):
    """Takes the packets of ECG that a vehicle sends."""

    async def take(self, data: bytes, unit_id: str) -> None:
        """Raises ValueError for bytes that are no packet."""
        ...

    async def missing(self, unit_id: str, stream: StreamState) -> Missing: ...


@dataclass(frozen=True)
class Desk:
    """What one principal's requests run on; at a vehicle there is one a unit."""

    world: World
    reader: Reader
    hub: Hub
    telemetry: TelemetryReader
    strips: StripHub = field(default_factory=StripHub)
    cabin: CabinHub = field(default_factory=CabinHub)
    ecg: EcgReader | None = None
    imports: ImportedEcgStore | None = None
    images: ImageStore | None = None
    video: VideoStore | None = None
    files: FileStore | None = None
    """Photos, voice memos, body-camera files."""


class Tree:
    """The organisations, read again when somebody changes them."""

    def __init__(self) -> None:
        self.organisations = Organisations([])

    async def refresh(self, accounts: Accounts) -> None:
        self.organisations = Organisations(await accounts.list_organisations())


@dataclass(frozen=True)
class Services:
    clock: Clock
    entropy: Entropy
    accounts: Accounts
    tree: Tree
    identity_of: Callable[[Principal], Identity]
    desk_of: Callable[[Principal], Desk]
    facts: Facts
    rules: Rules
    exchange: Exchange
    content: bytes
    """The clinical content as JSON, made once."""
    cookie: str
    """Its name; cookies know no port, so a centre and a vehicle on one host need two."""
    world_name: str
    """live, training or simulation."""
    demo_accounts: tuple[DemoAccount, ...]
    """Empty outside demo mode; demo accounts skip the second factor."""
    doubles: tuple[str, ...]
    web_root: Path
    city: City | None = None
    tiles: Path | None = None
    addresses: AddressBook | None = None
    router: RouteFinder | None = None
    travel: TravelTimes | None = None
    road_lines: RoadLines | None = None
    """None at a vehicle: no road is shut there."""
    matching: WayMatching | None = None
    """None at a vehicle, and without a road graph."""
    ways: Ways | None = None
    """Those kept of ended runs; None where nothing is matched."""
    learnt: Callable[[], Learnt | None] | None = None
    taught_speeds: Callable[[str], TaughtSpeeds | None] | None = None
    """What vehicles with this road network are taught."""
    """Of street speeds and arrivals, newest; None at a vehicle, and without a road graph."""
    history: History | None = None
    clocks: VehicleClocks | None = None
    """None at a vehicle."""
    edge_centre: EdgeCentre | None = None
    edge_status: Callable[[str], EdgeStatus] | None = None
    not_taken: Callable[[str, int], Awaitable[list[AsideItem]]] | None = None
    """Of this unit, recorded since then."""
    ear_of: Callable[[str], Ear | None] | None = None
    """Who hears the tablets of a unit's crew."""
    learn_password: Callable[[Person, str], Awaitable[None]] | None = None
    """At a vehicle: whoever has logged in may open it again after a power cut."""
    tablet_key: Callable[[Principal, str], bytes] | None = None
    """For a tablet of whoever asks; None where no store is sealed for tablets."""
    card_reader_of: Callable[[str], CardReader | None] | None = None
    """A unit's identity card reader; None at a centre, which has none."""
    cabin_of: Callable[[str], CabinSwitch | None] | None = None
    """A unit's cameras, live; None at a centre, and of a unit without cameras."""
    seat: SeatMode | None = None
    """At a fallback seat alone."""
    peers: Peers | None = None
    """The nodes beside this one; None where there are none."""
    copies: CopyStore | None = None
    lender: Lender | None = None
    """Of this node's units, to those; None where there are none."""
    giver: Giver | None = None
    getter: Getter | None = None
    """Of cases, to and from those."""
    tell_again: Callable[[str], Awaitable[bool]] | None = None
    """One of those tells anew what of its streams is not here; False: there is no such node."""
    strip_sink: StripSink | None = None
    """None at a vehicle: its ECG comes over its own listener."""
    terminals: TerminalBook | None = None
    """None at a vehicle."""
    terminal_media: TerminalMedia | None = None
    """None at a vehicle."""
    maps: MapShelf | None = None
    """None at a vehicle: it fetches its centre's."""
    strangers: StrangerStore | None = None
    """None at a vehicle: it tells its centre."""
    mileage: MileageReader | None = None
    """None at a vehicle."""
    run_sheet: Path | None = None
    """Where the newest run sheet lies; None at a vehicle."""
    mask_callers: bool = False
    """Crews see callers' numbers masked."""
    ca_file: Path | None = None
    ready: Callable[[], Awaitable[Mapping[str, bool]]] | None = None
    painted: Callable[[Principal, int], Awaitable[None]] | None = None
    """Records that a seat has painted a delivery."""
    paintings: Paintings | None = None
    erased: Callable[[Sequence[str]], Awaitable[bool]] | None = None
    """Whether the text of any of these streams has been erased; None at a vehicle."""
    evidence: Callable[[Sequence[str], BinaryIO], Awaitable[None]] | None = None
    """Writes the evidence of these streams."""
    background: tuple[Callable[[], Coroutine[Any, Any, None]], ...] = ()
    """Loops that live as long as the server: the hub, the relay of telemetry."""
