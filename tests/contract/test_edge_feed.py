"""What the centre's feed sends a vehicle, without the socket under it."""

import asyncio
from typing import Any

import msgspec
import pytest
from litestar.exceptions import WebSocketDisconnect

from factories.memory_reader import MemoryReader
from factories.world import TestWorld
from goldenhour.adapters.web import edge_routes
from goldenhour.app.access import Principal, Role
from goldenhour.app.edge import FeedMessage
from goldenhour.app.handle import build, recorded_of
from goldenhour.app.journal import SYSTEM, Envelope
from goldenhour.app.live import Hub
from goldenhour.domain.case.streams import Unknown
from goldenhour.kernel.geo import Point
from goldenhour.kernel.outcome import Write
from goldenhour.kernel.telemetry import Fix
from goldenhour.views.fold import personal_rows

SEAT = Principal(
    person_id="box", name="01", role=Role.SEAT, org="centre", seat="01", unit_id="", hospital_id="",
)  # fmt: skip
VEHICLE = Principal(
    person_id="box", name="A-01", role=Role.VEHICLE, org="unit:A-01", seat="A-01", unit_id="A-01",
    hospital_id="",
)  # fmt: skip


class Socket:
    """Takes a few messages, then the line breaks."""

    def __init__(self, most: int = 2) -> None:
        self.most = most
        self.sent: list[FeedMessage] = []
        self.sizes: list[int] = []

    async def send_text(self, text: str) -> None:
        self.sent.append(msgspec.json.decode(text, type=FeedMessage))
        self.sizes.append(len(text))
        if len(self.sent) == self.most:
            raise WebSocketDisconnect(detail="gone")


class Everything:
    """Double of what the feed asks of services, desk and door."""

    def __init__(self, world: TestWorld, computer: Principal = VEHICLE) -> None:
        self.computer = computer
        self.world, self.clock = world, world.clock
        self.reader = MemoryReader(world.journal)
        self.hub = Hub(self.reader, self.reader, world.facts, world.clock)
        self.edge_centre = None

    def desk_of(self, _vehicle: Principal) -> "Everything":
        return self

    def identity_of(self, _vehicle: Principal) -> Any:
        return SYSTEM

    async def find_vehicle(self, _socket: Any) -> Principal:
        return self.computer


async def test_a_stream_of_nothing_but_unknown_kinds_is_sent_once_and_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(edge_routes, "SIGN_OF_LIFE_S", 0)
    world = TestWorld()
    unknown = Unknown(kind="drone.launched.v1", body=b'{"kind":"drone.launched.v1"}')
    append, _after = build(
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


async def test_a_whole_board_comes_in_parts_one_at_once_after_the_other() -> None:
    world = TestWorld()
    units = [await world.list_unit(f"A-{n:02d}") for n in range(edge_routes.MOST_STREAMS + 7)]
    double: Any = Everything(world)
    socket: Any = Socket()
    async with asyncio.timeout(edge_routes.SIGN_OF_LIFE_S / 2):
        with pytest.raises(WebSocketDisconnect):
            await edge_routes._feed(double, double, socket, VEHICLE, {})
    first, second = ({e.stream for e in message.events} for message in socket.sent)
    assert len(first) == edge_routes.MOST_STREAMS
    assert first | second == {f"unit:{unit}" for unit in units}
    assert not first & second


class Whole(Socket):
    """The line breaks when so many events have come."""

    def __init__(self, events: int) -> None:
        super().__init__(most=0)
        self.events = events

    async def send_text(self, text: str) -> None:
        await super().send_text(text)
        if sum(len(message.events) for message in self.sent) >= self.events:
            raise WebSocketDisconnect(detail="gone")


@pytest.mark.parametrize("most_bytes", [1, 3_000])
async def test_a_message_is_no_longer_than_a_slow_line_takes_and_the_rest_comes_at_once(
    monkeypatch: pytest.MonkeyPatch, most_bytes: int
) -> None:
    monkeypatch.setattr(edge_routes, "MOST_BYTES", most_bytes)
    world = TestWorld()
    await world.list_unit()
    await world.list_hospital()
    _call, incident_id = await world.open_incident()
    await world.prealert(await world.assign(incident_id))
    streams = world.journal.streams
    double: Any = Everything(world)
    socket: Any = Whole(sum(len(events) for events in streams.values()))
    async with asyncio.timeout(edge_routes.SIGN_OF_LIFE_S / 2):
        with pytest.raises(WebSocketDisconnect):
            await edge_routes._feed(double, double, socket, VEHICLE, {})
    versions: dict[str, list[int]] = {}
    texts: dict[str, str] = {}
    for message, size in zip(socket.sent, socket.sizes, strict=True):
        assert size < most_bytes + 1_000 or len(message.events) == 1
        rows: list[str] = []
        for event in message.events:
            versions.setdefault(event.stream, []).append(event.version)
            names = Envelope.__struct_fields__
            envelope = Envelope(**{name: getattr(event, name) for name in names})
            rows += personal_rows(recorded_of(envelope))
        assert sorted(message.personal) == sorted(rows)
        texts |= message.personal
    assert versions == {s: list(range(1, len(events) + 1)) for s, events in streams.items()}
    assert {"13900001111", "周建明"} <= set(texts.values())
    counts = [len(message.events) for message in socket.sent]
    assert len(counts) > 2
    assert set(counts) == {1} if most_bytes == 1 else max(counts) > 1


async def test_what_was_read_and_not_sent_goes_no_more_once_the_right_has_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(edge_routes, "SIGN_OF_LIFE_S", 0)
    monkeypatch.setattr(edge_routes, "MOST_BYTES", 1)
    world = TestWorld()
    for unit_id in ("A-01", "A-02"):
        await world.list_unit(unit_id)
    double: Any = Everything(world)
    scope = await double.hub.scope(SYSTEM)

    class Ending(Socket):
        async def send_text(self, text: str) -> None:
            scope.view.forget(["unit:A-02"])
            await super().send_text(text)

    socket: Any = Ending(most=4)
    with pytest.raises(WebSocketDisconnect):
        await edge_routes._feed(double, double, socket, VEHICLE, {})
    told = [[(e.stream, e.version) for e in message.events] for message in socket.sent]
    assert told == [[("unit:A-01", 1)], [("unit:A-01", 2)], [], []]


async def test_a_seat_is_told_where_the_units_of_its_board_are_and_only_what_has_moved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(edge_routes, "SIGN_OF_LIFE_S", 0)
    world = TestWorld()
    for unit_id in ("A-01", "A-02"):
        await world.list_unit(unit_id)
    double: Any = Everything(world, SEAT)
    for unit_id in ("A-01", "A-02", "strange"):
        double.hub.positions.take(fix(unit_id, world.clock.at_ms))

    class Moving(Socket):
        async def send_text(self, text: str) -> None:
            double.hub.positions.take(fix("A-02", world.clock.at_ms + 1_000))
            await super().send_text(text)

    socket: Any = Moving()
    with pytest.raises(WebSocketDisconnect):
        await edge_routes._feed(double, double, socket, SEAT, {})
    assert [[one.unit_id for one in m.fixes] for m in socket.sent] == [["A-01", "A-02"], ["A-02"]]
    assert {(m.fix, m.monitors) for m in socket.sent} == {(None, None)}


def fix(unit_id: str, at_ms: int) -> Fix:
    return Fix(
        unit_id=unit_id, point=Point(lat=50.8, lon=9.7), speed_kmh=40, heading_deg=90, altitude_m=0,
        device_ms=at_ms, received_ms=at_ms, catch_up=False, mileage_km=None, satellites=None,
        alarms=(),
    )  # fmt: skip
