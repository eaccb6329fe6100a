"""A DOUBLE of a road authority's feed (CIFS): no policeman says any of it.

Rule 1: it writes its own JSON and never imports `wire.cifs`, which it tries.
Rule 2: what a lively one says follows from its seed and the moment alone: asked twice, it says the
        same. Otherwise it says only what lies in a file, which a person or a test may write.
Rule 3: `fault` makes it fail like a real one.
"""

import asyncio
import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from http import HTTPStatus
from pathlib import Path
from random import Random  # noqa: TID251 (a simulator makes its dice from its seed)
from typing import Any, Final

from goldenhour.app.ports import Clock
from goldenhour.kernel.geo import Point
from goldenhour.kernel.record import Record
from goldenhour.kernel.time import CHINA, MINUTE_MS, SECOND_MS
from goldenhour.simulator.asgi import Receive, Send, answer, live

WARNING: Final = (
    "WARNING: a DOUBLE of a road authority's feed: it shuts roads that are open."
    " Never point a live centre at it."
)
PATH: Final = "/cifs.json"
_SLOT_MS: Final = 10 * MINUTE_MS
"""In each something may begin."""
_LONGEST_MIN: Final = 40
_BEGINS: Final = 0.3
_KINDS: Final = (
    ("ROAD_CLOSED", "ROAD_CLOSED_CONSTRUCTION"),
    ("ROAD_CLOSED", "ROAD_CLOSED_EVENT"),
    ("ROAD_CLOSED", ""),
    ("JAM", "JAM_STAND_STILL_TRAFFIC"),
    ("ACCIDENT", "ACCIDENT_MINOR"),
)
_SLOW_S: Final = 12.0


class Fault(StrEnum):
    NONE = "none"
    SLOW = "slow"
    SILENT = "silent"
    ERROR = "error"
    MALFORMED = "malformed"
    UNAUTHORISED = "unauthorised"
    FORGETS = "forgets"
    """Every other answer is empty."""
    DUPLICATE = "duplicate"
    """Every entry stands twice."""
    NO_ZONE = "no-zone"
    """Its times have no zone."""
    SWAPPED = "swapped"
    """Longitude before latitude."""


class Street(Record):
    name: str
    line: tuple[Point, ...]


class RoadFeedConfig(Record):
    token: str
    by_hand: Path
    """A list of entries as the feed gives them; absent: none."""
    lively: bool = False
    seed: int = 1
    fault: Fault = Fault.NONE


class RoadFeedDouble:
    """An ASGI application; https is the server's."""

    def __init__(self, config: RoadFeedConfig, streets: Sequence[Street], clock: Clock) -> None:
        self.config = config
        self.asked = 0
        self._streets = streets
        self._clock = clock

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await live(receive, send)
            return
        self.asked += 1
        fault = self.config.fault
        sent = dict(scope["headers"])
        allowed = sent.get(b"authorization") == f"Bearer {self.config.token}".encode()
        if not allowed or fault is Fault.UNAUTHORISED:
            await answer(send, HTTPStatus.UNAUTHORIZED, b'{"error": "login"}')
            return
        if scope["path"] != PATH:
            await answer(send, HTTPStatus.NOT_FOUND, b'{"error": "not found"}')
            return
        match fault:
            case Fault.SILENT:
                await receive()  # until the client goes away
                return
            case Fault.SLOW:
                await asyncio.sleep(_SLOW_S)
            case Fault.ERROR:
                await answer(send, HTTPStatus.SERVICE_UNAVAILABLE, b"")
                return
            case Fault.MALFORMED:
                await answer(send, HTTPStatus.OK, b"<html>please log in</html>")
                return
            case _:
                pass
        body = json.dumps({"incidents": self._entries()}, ensure_ascii=False).encode()
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'.encode()
        if sent.get(b"if-none-match") == tag:
            await answer(send, HTTPStatus.NOT_MODIFIED, b"", headers=[(b"etag", tag)])
            return
        await answer(send, HTTPStatus.OK, body, headers=[(b"etag", tag)])

    def _entries(self) -> list[dict[str, Any]]:
        fault = self.config.fault
        if fault is Fault.FORGETS and self.asked % 2 == 0:
            return []
        found = [*self._by_hand(), *(self._lively() if self.config.lively else ())]
        if fault is Fault.DUPLICATE:
            found = [one for one in found for _twice in range(2)]
        if fault is Fault.NO_ZONE:
            found = [one | {"starttime": one.get("starttime", "")[:19]} for one in found]
        if fault is Fault.SWAPPED:
            found = [one | {"polyline": _swapped(one["polyline"])} for one in found]
        return found

    def _by_hand(self) -> list[dict[str, Any]]:
        try:
            return list(json.loads(self.config.by_hand.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return []

    def _lively(self) -> Iterator[dict[str, Any]]:
        now_ms = self._clock.now_ms()
        newest = now_ms // _SLOT_MS
        for slot in range(newest - _LONGEST_MIN * MINUTE_MS // _SLOT_MS, newest + 1):
            dice = Random(f"{self.config.seed}:{slot}")  # noqa: S311 (a simulation, no secret)
            begun_ms = slot * _SLOT_MS + dice.randrange(_SLOT_MS // SECOND_MS) * SECOND_MS
            ended_ms = begun_ms + dice.randint(15, _LONGEST_MIN) * MINUTE_MS
            if self._streets and dice.random() < _BEGINS and begun_ms <= now_ms < ended_ms:
                street = dice.choice(self._streets)
                kind, subtype = dice.choice(_KINDS)
                yield {
                    "id": f"D{slot}",
                    "type": kind,
                    **({"subtype": subtype} if subtype else {}),
                    "street": street.name,
                    "polyline": " ".join(f"{p.lat:.6f} {p.lon:.6f}" for p in street.line),
                    "direction": dice.choice(("BOTH_DIRECTIONS", "ONE_DIRECTION")),
                    "starttime": _local(begun_ms),
                    "endtime": _local(ended_ms),
                }


def _local(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / SECOND_MS, UTC).astimezone(CHINA).isoformat()


def _swapped(polyline: str) -> str:
    words = polyline.split()
    return " ".join(f"{lon} {lat}" for lat, lon in zip(words[::2], words[1::2], strict=True))
