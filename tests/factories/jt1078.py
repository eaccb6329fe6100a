"""Packets of cabin cameras, written by hand from the standard's table, and where real ones are."""

import os
from pathlib import Path

import pytest

DATA = Path(os.environ.get("GOLDENHOUR_DATA", Path(__file__).parents[2] / "../shared/data"))
FORMATS = DATA / "formats"
NUMBER = "012345678999"
"""Of the camera of the foreign recordings, as BCD has it."""
CAMERA = "12345678999"
STARTED_MS = 0x016CD3A9B9F2
"""When their first picture was taken, by that camera."""
ATOMIC, FIRST, LAST, MIDDLE = 0, 1, 2, 3
KEY, PREDICTED, BOTH_WAYS, AUDIO, TRANSPARENT = 0, 1, 2, 3, 4
PARAMETERS = bytes.fromhex("00000001674d001495a85825900000000168ee3c80")
"""Of a real key frame: H.264, main profile, level 2.0."""


def shared(name: str) -> Path:
    path = FORMATS / name
    if not path.exists():
        pytest.skip(f"shared data is not here: {path} (set GOLDENHOUR_DATA)")
    return path


def foreign(name: str) -> list[bytes]:
    """The packets of a recording, one a line; the last field of a line is the packet."""
    lines = shared(name).read_text(encoding="utf-8-sig").split()
    return [bytes.fromhex(line.rpartition(",")[2]) for line in lines]


def packet(
    body: bytes = b"body",
    *,
    number: str = NUMBER,
    sequence: int = 0,
    channel: int = 1,
    kind: int = PREDICTED,
    split: int = ATOMIC,
    device_ms: int = 1_000,
    payload_type: int = 98,
) -> bytes:
    """`number` has 12 digits, or 20 as terminals of 2019 write it."""
    made = b"\x30\x31\x63\x64\x81" + bytes([payload_type]) + sequence.to_bytes(2, "big")
    made += bytes.fromhex(number) + bytes([channel, kind << 4 | split])
    if kind != TRANSPARENT:
        made += device_ms.to_bytes(8, "big")
    if kind < AUDIO:
        made += b"\x00\x00\x00\x28"
    return made + len(body).to_bytes(2, "big") + body


def key_frame(rest: bytes = b"\x00\x00\x00\x01\x65picture") -> bytes:
    return PARAMETERS + rest


def filmed(
    first_ms: int,
    last_ms: int,
    *,
    every_ms: int = 100,
    key_every: int = 20,
    sequence: int = 0,
    number: str = NUMBER,
) -> list[tuple[int, bytes]]:
    """A picture a packet: the camera's time of each, and the packet."""
    made = []
    for place, at_ms in enumerate(range(first_ms, last_ms, every_ms)):
        key = place % key_every == 0
        body = key_frame() if key else b"\x00\x00\x00\x01\x61 %d" % at_ms
        made.append(
            (
                at_ms,
                packet(
                    body,
                    number=number,
                    sequence=(sequence + place) % 65_536,
                    kind=KEY if key else PREDICTED,
                    device_ms=at_ms,
                ),
            )
        )
    return made
