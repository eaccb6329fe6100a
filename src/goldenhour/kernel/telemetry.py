"""What devices say, already in our units, before anybody judges it.

Rule 1: a value that a device did not give is None; it is never zero and never normal.
Rule 2: device time and receive time are both kept; neither is corrected here.
"""

from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta

from goldenhour.kernel.geo import Point
from goldenhour.kernel.record import Record


class Fix(Record, gc=False, omit_defaults=True):  # a leaf; an older peer knows no tablets
    """One position report of a vehicle terminal, or in its stead of the crew's tablet."""

    unit_id: str
    point: Point | None
    """None: the terminal says that it has no valid fix; the vehicle must not be moved."""
    speed_kmh: float
    heading_deg: int
    altitude_m: int
    device_ms: int
    received_ms: int
    catch_up: bool
    """True for blind-zone catch-up: history, never a live position."""
    mileage_km: float | None
    satellites: int | None
    alarms: tuple[str, ...]
    """Names of raised alarm bits, for example `sos`, `gnss_fault`, `collision`."""
    tablet: bool = False
    accuracy_m: float | None = None
    """As `TabletPosition`; a terminal has no such word. Not stored."""


class TabletPosition(Record):
    """Where the crew's tablet says that it is."""

    unit_id: str
    """Whom it speaks for."""
    point: Point
    accuracy_m: Annotated[float, Meta(ge=0)]
    """As far as its own receiver can tell; 95 of 100 times it is right."""
    speed_kmh: Annotated[float, Meta(ge=0)] | None
    heading_deg: Annotated[int, Meta(ge=0, lt=360)] | None
    device_ms: int
    """By the clock of whoever is told: the page puts it to the vehicle's, the vehicle to the
    centre's, since a tablet is set by nobody."""


class Mileage(Record):
    """What a unit drove in a period, by its terminal's reports."""

    unit_id: str
    fixes: int
    top_kmh: float
    odometer_km: float | None
    """By the terminal's own count; None: it sends none."""
    track_km: float
    """From place to place; below the way on the road, the farther apart the reports are."""
    moving_ms: int
    over_ms: int
    """Faster than the limit that was asked for."""


class Sign(StrEnum):
    """A vital sign; its unit is fixed, a device's other unit is converted at the edge."""

    HEART_RATE = "heart_rate"  # /min, from the ECG
    PULSE = "pulse"  # /min, from the oximeter or the cuff
    SPO2 = "spo2"  # %
    RESP = "resp"  # /min
    NIBP_SYS = "nibp_sys"  # mmHg
    NIBP_DIA = "nibp_dia"  # mmHg
    NIBP_MEAN = "nibp_mean"  # mmHg
    TEMP = "temp"  # degrees Celsius
    ETCO2 = "etco2"  # mmHg
    GLUCOSE = "glucose"  # mmol/L


HAND: Final = "hand:"
"""Begins the device id of a set that a person typed; what follows is its entry in the record."""


def is_by_hand(device_id: str) -> bool:
    return device_id.startswith(HAND)


class Numeric(Record, omit_defaults=True):  # an older release wrote, and hashed, no age
    sign: Sign
    value: float | None
    """None: the device reports the sign but has no value (lead off, not measured)."""
    note: str
    """Why there is no value, or the unit that was converted; empty otherwise."""
    age_ms: int = 0
    """How much older than the newest of its set, by the device's own clock: a cuff's last pressure
    is told again with every message."""


BELOW_RANGE: Final = "below range"
ABOVE_RANGE: Final = "above range"
BEYOND: Final = frozenset({BELOW_RANGE, ABOVE_RANGE})
"""Notes of a meter that has measured and can say no number: LO and HI."""

SPOT: Final = frozenset({Sign.GLUCOSE, Sign.TEMP})
"""Signs of meters: they measure once, and a set of nothing else comes from one."""


class NumericSet(Record, omit_defaults=True):  # an older release wrote, and hashed, the first five
    """All vital signs of one device message."""

    device_id: str
    unit_id: str
    device_ms: int | None
    received_ms: int
    values: tuple[Numeric, ...]
    mismatch: bool = False
    """It names somebody else (PID-3) than the band it is bound by: shown, never used."""
    clock_doubted: bool = False
    """Its maker's clocks are known, or its own was seen, to be wrong: its times are kept and not
    shown."""
    unstored: bool = False
    """The disk was full: it is shown, and exists nowhere else."""

    @property
    def shown_ms(self) -> int:
        """Where the set stands in time; that of its arrival where the device knows no better."""
        known = None if self.clock_doubted else self.device_ms
        return self.received_ms if known is None else known


class Rhythm(StrEnum):
    """What some seconds of live ECG look like; no diagnosis."""

    BEATS = "beats"
    NO_BEAT = "no_beat"
    """No signal, or no beat in it: the electrodes, or a heart that stands still."""
    CHAOTIC = "chaotic"
    """Waves without order and without complexes."""
    UNCLEAR = "unclear"


class SampleClock(Record):
    """A device's time of every sample: from one it is known of, they are counted evenly."""

    device_id: str
    first: int
    at_ms: int
    """The device's clock at the sample `first`."""
    rate_mhz: int

    def ms_of(self, sample: int) -> int:
        return self.at_ms + round((sample - self.first) * 1_000_000 / self.rate_mhz)


class Strip(Record):
    """A packet of live ECG, coded: where it belongs, and its bytes as they came."""

    unit_id: str
    epoch: int
    """Names the stream: a source that starts again takes a later one."""
    sequence: int
    key: bool
    """It can be decoded without the packets before."""
    received_ms: int
    data: bytes
    first: int = 0
    """The number of its first sample."""
    clock: SampleClock | None = None
    """What a key packet says; of another one, what its stream has said."""
    measured_ms: int | None = None
    """By our clock; None: nobody has asked, or its stream has not said."""
