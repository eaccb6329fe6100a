"""The protocol between the centre and a vehicle's own computer, and what the centre does with it.

A centre's fallback seat speaks it as well; where it differs, `app/seat.py` and
`app/seat_authority.py` say how.

Rule 1: the vehicle is the authority for what it saw and did. The centre appends that always, in the
        order of arrival, behind whatever is already there; a contradiction is flagged by the
        fold and looked at by a person, never refused.
Rule 2: (installation, sequence) is the identity of an item. The same pair again changes nothing,
        with other bytes it is kept aside and raises an alarm.
Rule 3: the vehicle's own hash chain travels inside (`origin`), so that the origin is provable as
        well as the arrival.
Rule 4: vital signs go in a lane of their own, with their own dense sequences and their own chain,
        as if they came from another installation: a milestone never waits behind hours of them.
Rule 5: what a vehicle may not say (another unit's run, another authority's word) is kept aside with
        its reason, acknowledged so that the queue moves on, and never folded. The centre's desks
        are told by an alert, the crew by the list of what was not taken.
"""

from typing import Final

from msgspec import field

from goldenhour.app.maps import MapStatus
from goldenhour.app.strangers import Stranger
from goldenhour.app.uplinks import ClockOffset, DataClass
from goldenhour.app.video import VideoStatus
from goldenhour.kernel.record import Record
from goldenhour.kernel.telemetry import Fix, NumericSet
from goldenhour.kernel.time import HOUR_MS
from goldenhour.views.rows import LogRow

ASIDE_SHOWN_MS: Final = 24 * HOUR_MS
"""How long a vehicle or a seat lists what the centre has not taken."""


def vitals_lane(installation: str) -> str:
    """The name under which an installation's vital signs are numbered and chained."""
    return f"{installation}:vitals"


class Share(Record):
    """What opens a vehicle's sealed store, together with what lies in the vehicle."""

    share: bytes


class PersonalText(Record):
    row: str
    salt: bytes
    content: bytes


class EdgeEvent(Record):
    """One event as the vehicle recorded it."""

    stream: str
    part: int
    body: bytes


class UploadItem(Record):
    """One command's events, or one set of vital signs; `sequence` is dense from 1."""

    sequence: int
    events: tuple[EdgeEvent, ...]
    actor: str
    seat: str
    role: str
    occurred_ms: int
    """The event time by the vehicle's clock."""
    fingerprint: bytes
    origin: bytes
    """The vehicle's chain after this item: SHA-256(previous origin + canonical item bytes)."""
    personal: tuple[PersonalText, ...]
    numerics: NumericSet | None


class Upload(Record):
    installation: str
    items: tuple[UploadItem, ...]


class UploadAnswer(Record, omit_defaults=True):  # an older vehicle knows the first two alone
    through: int
    """Everything up to this sequence is durable at the centre."""
    set_aside: tuple[int, ...]
    """Sequences that were kept aside for a person to look at."""
    reasons: dict[int, str] = field(default_factory=dict)
    """Of these sequences, to whoever asks for reasons (`?reasons=true`): code."""
    unpacks: bool = False
    """To whoever would pack its uploads (`?packs=true`): the centre takes them so."""


class Aside(Record):
    """An event of one's own that the centre has kept aside, as it was recorded here."""

    sequence: int
    reason: str
    """Empty where an older centre gave none."""
    stream: str
    body: bytes
    actor: str
    seat: str
    role: str
    occurred_ms: int
    received_ms: int


class AsideItem(Record):
    """To the crew: what the centre has not taken."""

    sequence: int
    reason: str
    event: LogRow


class Beat(Record):
    """From the vehicle, over every uplink: whether somebody is there, and what time it is there."""

    number: int


class BeatAnswer(Record):
    number: int
    """Of the beat that is answered."""
    server_ms: int


class FeedHello(Record):
    """From the vehicle: what it has, stream -> version. The centre sends what is newer.

    That it knows tablets stands in the address (`?tablets=true`): an older centre passes over what
    it does not know there, and refuses it here.
    """

    known: dict[str, int]


class FedEvent(Record):
    stream: str
    version: int
    kind: str
    body: bytes
    actor: str
    seat: str
    role: str
    org: str
    owner: str
    installation: str
    sequence: int
    part: int
    occurred_ms: int
    received_ms: int
    origin: bytes
    previous_hash: bytes
    hash: bytes


class FeedMessage(Record, omit_defaults=True):  # an older vehicle knows no fixes
    """From the centre, whenever something changed, and every 2 s as a sign of life."""

    server_ms: int
    events: tuple[FedEvent, ...]
    personal: dict[str, str]
    """Row -> text of the personal rows that these events point to."""
    forget: tuple[str, ...]
    """Streams that the vehicle may not keep any longer."""
    fix: Fix | None
    monitors: tuple[str, ...] | None = None
    """The monitors that may speak for this vehicle; None from a centre that does not say."""
    fixes: tuple[Fix, ...] = ()
    """To a fallback seat: the positions that have changed, of the units that it reads."""
    tablets: bool = False
    """The centre hears tablets; it says so to whoever knows of them."""


class RosterEntry(Record, omit_defaults=True):  # an older vehicle knows no roles
    """A person who may log in on this computer, with the link down too."""

    person_id: str
    username: str
    name: str
    org: str
    seat: str
    password_hash: str
    totp_secret: str
    """The vehicle checks the second factor itself when the centre is out of reach."""
    demo: bool
    role: str = ""
    """Empty: crew."""
    physician: bool = False


class Roster(Record, omit_defaults=True):  # an older vehicle knows neither units nor phones
    unit_id: str
    """Empty for a fallback seat."""
    call_sign: str
    """Of a fallback seat: its centre's name."""
    org: str
    home_org: str
    """The centre that owns the vehicle's missions."""
    people: tuple[RosterEntry, ...]
    orgs: tuple[str, ...]
    """Organisations whose streams this vehicle's people may read."""
    units: tuple[str, ...] = ()
    """To a fallback seat: the units that it may send alone."""
    phones: dict[str, str] = field(default_factory=dict)
    """To a fallback seat: the telephone of each of them that has one."""


class UplinkStatus(Record):
    name: str
    up: bool
    since_ms: int | None
    """Since when it is up or down; None: it was never asked."""
    answered_ms: int | None
    rate_kbit_s: int
    """As measured, to the centre."""
    carries: tuple[DataClass, ...]


class ClassStatus(Record):
    data: DataClass
    uplink: str
    """What it goes over now; empty: it waits."""
    since_ms: int
    waiting: int | None
    """Items, or packets of ECG, that are not known to be there; None: nobody counts them."""


class EdgeStatus(Record):
    connected: bool
    pending: int
    last_contact_ms: int | None
    unit_id: str
    call_sign: str
    uplinks: tuple[UplinkStatus, ...]
    classes: tuple[ClassStatus, ...]
    """The most urgent first."""
    clock: ClockOffset | None
    """How far the centre's clock is ahead of this one; None until it has answered."""
    video: VideoStatus | None = None
    """None: this vehicle names no cameras."""
    card_reader: bool | None = None
    """Whether the identity card reader answers; None: this vehicle has none."""
    disk_used: float | None = None
    """Share of the disk below the store; None: nobody looked."""
    commander: str = ""
    """The node whose orders it obeys, where one has taken it over (ADR 0026)."""
    refused: tuple[str, ...] = ()
    """Numbers of the cases whose orders were refused for that."""
    map: MapStatus | None = None
    """The map that this vehicle's computer works with; None: nobody looked."""
    strangers: tuple[Stranger, ...] = ()
    """The latest last; of this vehicle's computer since its start."""
