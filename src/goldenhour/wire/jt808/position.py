"""The position body, which 0x0200, 0x0201 and 0x0704 carry.

Rule 1: latitude and longitude are unsigned on the wire; hemisphere, validity and encryption are
        status bits. Only `point` is safe to use: it is None for anything that is no place.
Rule 2: extra items that do not parse are kept as `tail`, and one that is longer than its number can
        be has no number: a vendor's oddity never costs a position, least of all another vehicle's.
"""

from struct import Struct
from typing import Final

from goldenhour.kernel.geo import Point
from goldenhour.kernel.record import Record
from goldenhour.wire.jt808.fields import TIME_BYTES, encode_time, find_time_ms
from goldenhour.wire.jt808.values import Reason, RefusedError, UnencodableError

# Altitude is signed here although the standard says WORD: places below the sea exist, and
# vehicles above 32,767 m do not.
_FIXED: Final = Struct(">IIIIhHH")
_FIXED_BYTES: Final = _FIXED.size + TIME_BYTES
_ITEM_MAX_BYTES: Final = 255
MICRO: Final = 1_000_000
_LAT_MAX: Final = 90 * MICRO
_LON_MAX: Final = 180 * MICRO

POSITIONED: Final = 1 << 1
SOUTH: Final = 1 << 2
WEST: Final = 1 << 3
ENCRYPTED: Final = 1 << 5

ITEM_MILEAGE: Final = 0x01
ITEM_SATELLITES: Final = 0x31
_MILEAGE_MAX_BYTES: Final = 4
_SATELLITES_MAX_BYTES: Final = 2  # the standard has one; a WORD is read too

ALARMS: Final = {
    0: "sos",
    1: "overspeed",
    2: "fatigue",
    3: "danger",
    4: "gnss_fault",
    5: "antenna_open",
    6: "antenna_short",
    7: "low_voltage",
    8: "power_lost",
    11: "camera_fault",
    13: "overspeed_warning",
    14: "fatigue_warning",
    18: "day_driving",
    19: "parking",
    20: "area",
    21: "route",
    23: "deviation",
    26: "stolen",
    28: "moved",
    29: "collision",
    30: "rollover",
}


class Item(Record, gc=False):  # a leaf, as kernel.geo.Point
    item_id: int
    data: bytes


class Position(Record, gc=False):  # a leaf, as kernel.geo.Point
    """0x0200."""

    alarm_bits: int
    status_bits: int
    lat_microdeg: int
    """Unsigned, as sent."""
    lon_microdeg: int
    """Unsigned, as sent."""
    altitude_m: int
    speed_dkmh: int
    """Tenths of km/h."""
    direction_deg: int
    device_ms: int | None
    """None: the terminal's clock gave no date."""
    items: tuple[Item, ...] = ()
    tail: bytes = b""
    """Bytes after the last item that parsed."""

    @property
    def encrypted(self) -> bool:
        """The plug-in encrypted the coordinates (status bit 5): they are no WGS-84."""
        return bool(self.status_bits & ENCRYPTED)

    @property
    def point(self) -> Point | None:
        """None: no fix, encrypted, off the globe, or the 0,0 of a receiver without a fix."""
        lat, lon = self.lat_microdeg, self.lon_microdeg
        if not self.status_bits & POSITIONED or self.status_bits & ENCRYPTED:
            return None
        if lat > _LAT_MAX or lon > _LON_MAX or lat == lon == 0:
            return None
        return Point(
            lat=(-lat if self.status_bits & SOUTH else lat) / MICRO,
            lon=(-lon if self.status_bits & WEST else lon) / MICRO,
        )

    @property
    def mileage_km(self) -> float | None:
        data = self.find_item(ITEM_MILEAGE)
        return int.from_bytes(data) / 10 if data and len(data) <= _MILEAGE_MAX_BYTES else None

    @property
    def satellites(self) -> int | None:
        data = self.find_item(ITEM_SATELLITES)
        return int.from_bytes(data) if data and len(data) <= _SATELLITES_MAX_BYTES else None

    @property
    def alarms(self) -> tuple[str, ...]:
        return name_alarms(self.alarm_bits)

    def find_item(self, item_id: int) -> bytes | None:
        for item in self.items:
            if item.item_id == item_id:
                return item.data
        return None


def name_alarms(bits: int) -> tuple[str, ...]:
    """Of raised alarms; a bit without a name here is `bit_N`, never dropped."""
    return tuple(ALARMS.get(n, f"bit_{n}") for n in range(32) if bits >> n & 1) if bits else ()


def decode_position(data: bytes, field: str = "position") -> Position:
    if len(data) < _FIXED_BYTES:
        raise RefusedError(Reason.LENGTH, field, f"{len(data)} bytes of {_FIXED_BYTES}")
    alarm, status, lat, lon, altitude, speed, direction = _FIXED.unpack_from(data)
    items = []
    at = _FIXED_BYTES
    while at + 2 <= len(data) and (end := at + 2 + data[at + 1]) <= len(data):
        items.append(Item(item_id=data[at], data=data[at + 2 : end]))
        at = end
    return Position(
        alarm_bits=alarm,
        status_bits=status,
        lat_microdeg=lat,
        lon_microdeg=lon,
        altitude_m=altitude,
        speed_dkmh=speed,
        direction_deg=direction,
        device_ms=find_time_ms(data[_FIXED.size : _FIXED_BYTES]),
        items=tuple(items),
        tail=data[at:],
    )


def encode_position(position: Position) -> bytes:
    parts = [
        _FIXED.pack(
            position.alarm_bits,
            position.status_bits,
            position.lat_microdeg,
            position.lon_microdeg,
            position.altitude_m,
            position.speed_dkmh,
            position.direction_deg,
        ),
        encode_time(position.device_ms),
    ]
    for item in position.items:
        if len(item.data) > _ITEM_MAX_BYTES:
            raise UnencodableError(f"items: {item.item_id:02X} has {len(item.data)} bytes")
        parts += (bytes((item.item_id, len(item.data))), item.data)
    return b"".join((*parts, position.tail))
