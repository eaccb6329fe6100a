"""What an engineer sees of a vehicle terminal, and what may be asked of it from afar.

Rule 1: the gateway tells how each connection stands; a terminal that is looked at tells more, its
        newest frames among it, and only while somebody looks.
Rule 2: an order is asked once, by a person, and ends in a word: what the terminal answered, or why
        it did not. Who asked and what stands on the access log.
Rule 3: of parameters only those can be set whose meaning is known here; all can be read.
Rule 4: of a driver the card is told, never the person: this page is read every two seconds by
        whoever keeps the devices, and no look at it is on the access log. Name and identity number
        are neither kept nor shown, and of the certificate's number, which often is the identity
        card's, only the end.
"""

from enum import StrEnum
from typing import Annotated, Final, Literal, Protocol

from msgspec import Meta

from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.record import Record
from goldenhour.kernel.telemetry import Fix

LOOK_MS: Final = 15_000
"""A terminal tells its frames for so long after the last look."""
TELL_MS: Final = 10_000
"""How often a terminal that nobody looks at is written down."""
TOLD_FOR_MS: Final = 3 * TELL_MS
TRACE: Final = 60
"""The newest frames, in both directions; as many are on one page."""
MOST_FRAMES: Final = 5_000
"""Kept of one terminal, of those that were told while somebody looked."""
FRAMES_DAYS: Final = 7


class WireFrame(Record):
    at_ms: int
    sent: bool
    """By us; else by the terminal."""
    hex: str
    """Header and body, without delimiters, escapes and checksum."""
    n: int = 0
    """Its number on this connection while somebody looks; a gap was not kept."""


class KeptFrame(WireFrame):
    line_ms: int = 0
    """When its connection began."""


class FramePage(Record):
    frames: tuple[KeptFrame, ...]
    """The newest first."""
    more: bool
    """Whether there are older ones."""
    most: int
    """As many are kept of one terminal, the newest."""
    days: int
    """So long."""


class DriverSaid(Record):
    """A driver's certificate as a terminal told it, without the person."""

    heard_ms: int
    said_ms: int | None
    """When the card was inserted or removed, by the terminal's clock."""
    card: str
    """inserted, removed; empty: the terminal does not say."""
    result: str
    """read, key_refused, locked, pulled_out, checksum; another one as its number."""
    certificate: str
    """The end of its number, with stars before it."""
    issuer: str
    valid_until: str
    """YYYY-MM-DD, or empty."""


class TerminalState(Record):
    phone: str
    unit_id: str
    connected: bool
    peer: str
    edition: int
    """2013 or 2019."""
    since_ms: int
    last_ms: int
    """When its newest frame came."""
    frames: int
    bad: int
    last_bad: str
    """Why its newest bad frame was refused; empty: there was none."""
    driver: DriverSaid | None = None
    """The last that it told; only where a person reads it."""
    trace: tuple[WireFrame, ...] = ()


class OrderKind(StrEnum):
    QUERY_PARAMETERS = "query_parameters"
    SET_PARAMETER = "set_parameter"
    QUERY_POSITION = "query_position"
    TRACK = "track"
    TEXT = "text"
    QUERY_DRIVER = "query_driver"
    TAKE_PICTURE = "take_picture"


class Order(Record):
    """Numbers that a kind does not need are 0, texts empty."""

    kind: OrderKind
    parameter_id: Annotated[int, Meta(ge=0, le=0xFFFF_FFFF)] = 0
    value: Annotated[str, Meta(max_length=255)] = ""
    """Of a parameter, as a person writes it."""
    interval_s: Annotated[int, Meta(ge=0, le=3600)] = 0
    duration_s: Annotated[int, Meta(ge=0, le=86_400)] = 0
    text: Annotated[str, Meta(max_length=400)] = ""
    channel: Annotated[int, Meta(ge=0, le=255)] = 0
    """Of a camera, from 1."""


class Told(Record):
    """A parameter as the terminal tells it."""

    parameter_id: int
    value: str
    """A number or a text where its form is known, else hex."""


class OrderRow(Record):
    id: str
    phone: str
    order: Order
    asked_by: str
    asked_ms: int
    done_ms: int | None
    outcome: str
    """Empty: under way. done, refused, unsupported, no_channel, timeout, not_connected,
    unsendable."""
    parameters: tuple[Told, ...]
    place: str
    """Latitude, longitude and time, where a position was asked for."""
    read: Literal["", "waiting", "read", "unread"] = ""
    """Of a text, whether its driver said that it was read; empty: the terminal has no way."""
    read_ms: int | None = None


class TerminalBook(Protocol):
    """Where states and orders lie between the gateway and the administrator's page."""

    async def put_states(self, states: list[TerminalState], now_ms: int) -> None: ...
    async def look(self, phone: str, now_ms: int) -> TerminalState | None:
        """A state that nobody told for `TOLD_FOR_MS` is that of a line which is gone."""

    async def keep_frames(self, states: list[TerminalState], now_ms: int) -> None:
        """What these tell of their frames; of each terminal the newest stay."""

    async def list_frames(self, phone: str, before: tuple[int, int] | None) -> FramePage:
        """`before`: (line_ms, n) of the oldest that is known; None: from the newest."""
        ...

    async def list_looked_at(self, since_ms: int) -> set[str]: ...
    async def put_order(self, row: OrderRow) -> None: ...
    async def list_orders(self, phone: str, most: int) -> list[OrderRow]:
        """The newest first."""

    async def list_waiting(self) -> list[OrderRow]: ...
    async def finish(self, row: OrderRow) -> None: ...


class DriverBook(Protocol):
    """Test double: `DriversDouble` in jt808_doubles.py."""

    async def put_driver(self, phone: str, said: DriverSaid) -> None:
        """It is durable when this returns."""


class HelpLine(Protocol):
    """Test double: `HelpDouble` in jt808_doubles.py."""

    async def call(self, alarm: str, fix: Fix) -> None:
        """Every seat hears of it, or of one that stands already; durable when this returns."""


CERTIFICATE_SHOWN: Final = 4
"""Of its end; a shorter number is not shown at all."""


def mask_certificate(number: str) -> str:
    known = number.strip("\0 ")
    shown = known[-CERTIFICATE_SHOWN:] if len(known) > 2 * CERTIFICATE_SHOWN else ""
    return "*" * (len(known) - len(shown)) + shown


class Form(StrEnum):
    NUMBER = "number"
    TEXT = "text"


KNOWN: Final = {
    0x0001: Form.NUMBER,  # heartbeat, s
    0x0002: Form.NUMBER,  # TCP answer timeout, s
    0x0003: Form.NUMBER,  # TCP resends
    0x0010: Form.TEXT,  # main server's APN
    0x0013: Form.TEXT,  # main server
    0x0017: Form.TEXT,  # backup server
    0x0018: Form.NUMBER,  # TCP port
    0x0020: Form.NUMBER,  # report by time, by distance or both
    0x0027: Form.NUMBER,  # interval asleep, s
    0x0028: Form.NUMBER,  # interval in an emergency, s
    0x0029: Form.NUMBER,  # interval, s
    0x002C: Form.NUMBER,  # distance between reports, m
    0x0055: Form.NUMBER,  # top speed, km/h
    0x0080: Form.NUMBER,  # odometer, 0.1 km
    0x0083: Form.TEXT,  # plate
}
"""Parameters of JT/T 808 whose form is known here; a number is a DWORD."""
_NUMBER_BYTES: Final = 4


def encode_value(order: Order) -> bytes | Refused:
    form = KNOWN.get(order.parameter_id)
    if form is None:
        return Refused(code="unknown_parameter", field="parameter_id")
    if form is Form.TEXT:
        try:
            return order.value.encode("gbk")
        except UnicodeEncodeError:
            return Refused(code="unknown_value", field="value")
    if not order.value.isdecimal() or int(order.value) >= 1 << 32:
        return Refused(code="unknown_value", field="value")
    return int(order.value).to_bytes(_NUMBER_BYTES)


def decode_value(parameter_id: int, data: bytes) -> Told:
    form = KNOWN.get(parameter_id)
    if form is Form.NUMBER and len(data) == _NUMBER_BYTES:
        value = str(int.from_bytes(data))
    elif form is Form.TEXT:
        value = data.rstrip(b"\0").decode("gbk", errors="replace")
    else:
        value = data.hex()
    return Told(parameter_id=parameter_id, value=value)


def check(order: Order) -> Refused | None:
    """What can be said before anything is sent."""
    match order.kind:
        case OrderKind.SET_PARAMETER:
            value = encode_value(order)
            return value if isinstance(value, Refused) else None
        case OrderKind.TRACK if order.interval_s and not order.duration_s:
            return Refused(code="required", field="duration_s")
        case OrderKind.TEXT if not order.text.strip():
            return Refused(code="required", field="text")
        case OrderKind.TAKE_PICTURE if not order.channel:
            return Refused(code="required", field="channel")
        case _:
            return None
