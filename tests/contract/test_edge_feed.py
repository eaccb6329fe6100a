"""What the centre's feed sends a vehicle, without the socket under it."""

from typing import Any

import msgspec
import pytest
from litestar.exceptions import WebSocketDisconnect

from factories.memory_reader import MemoryReader
from factories.world import TestWorld
from goldenhour.adapters.web import edge_routes
from goldenhour.app.access import Principal, Role
from goldenhour.app.edge import FeedMessage
from goldenhour.app.handle import build
from goldenhour.app.journal import SYSTEM
from goldenhour.app.live import Hub
from goldenhour.domain.case.streams import Unknown
from goldenhour.kernel.outcome import Write

VEHICLE = Principal(
    person_id="box", name="A-01", role=Role.VEHICLE, org="unit:A-01", seat="A-01", unit_id="A-01",
    hospital_id="",
)  # fmt: skip


class Socket:
    """Takes two messages, then the line breaks."""

    def __init__(self) -> None:
        self.sent: list[FeedMessage] = []

    async def send_text(self, text: str) -> None:
        self.sent.append(msgspec.json.decode(text, type=FeedMessage))
        if len(self.sent) == 2:
            raise WebSocketDisconnect(detail="gone")


class Everything:
    """Double of what the feed asks of services, desk and door."""

    def __init__(self, world: TestWorld) -> None:
        self.world, self.clock = world, world.clock
        self.reader = MemoryReader(world.journal)
        self.hub = Hub(self.reader, self.reader, world.facts, world.clock)
        self.edge_centre = None

    def desk_of(self, _vehicle: Principal) -> "Everything":
        return self

    def identity_of(self, _vehicle: Principal) -> Any:
        return SYSTEM

    async def find_vehicle(self, _socket: Any) -> Principal:
        return VEHICLE


async def test_a_stream_of_nothing_but_unknown_kinds_is_sent_once_and_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(edge_routes, "SIGN_OF_LIFE_S", 0)
    world = TestWorld()
    unknown = Unknown(kind="drone.launched.v1", body=b'{"kind":"drone.launched.v1"}')
    append = build(
        [Write(stream="mission:m1", events=(unknown,))],
        {}, {}, world.stamp(), world.facts, fingerprint=b"f", personal=[], occurred_ms=1,
    )  # fmt: skip
    await world.journal.append(
        msgspec.structs.replace(append, open_streams={"mission:m1": True}), SYSTEM
    )
    double: Any = Everything(world)
    socket: Any = Socket()
    with pytest.raises(WebSocketDisconnect):
        await edge_routes._feed(double, double, socket, VEHICLE, {})
    first, second = socket.sent
    assert [(e.stream, e.version) for e in first.events] == [("mission:m1", 1)]
    assert (second.events, first.forget, second.forget) == ((), (), ())


async def test_a_stream_that_may_not_be_read_any_more_is_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(edge_routes, "SIGN_OF_LIFE_S", 0)
    double: Any = Everything(TestWorld())
    socket: Any = Socket()
    with pytest.raises(WebSocketDisconnect):
        await edge_routes._feed(double, double, socket, VEHICLE, {"mission:old": 3})
    assert [m.forget for m in socket.sent] == [("mission:old",), ()]
