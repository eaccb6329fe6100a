"""The link over real sockets and TLS: a centre that is slow, loses answers, dies; a cut radio."""

import asyncio
import json
import random  # noqa: TID251 (seeded, for the places of the cuts)
import time
import zlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import msgspec
import pytest
import uvicorn
from msgspec.structs import replace

from factories.edge_centre import ROSTER, UNIT, Centre, numeric_set
from factories.world import START_MS, FakeClock, TestWorld
from goldenhour.adapters.edge import EdgeConfig, EdgeLink, EdgeStore, uplinks
from goldenhour.app.edge import Beat, BeatAnswer, FeedHello, FeedMessage, Roster, Upload
from goldenhour.app.journal import SYSTEM, Envelope
from goldenhour.app.uplinks import DataClass, Uplink
from goldenhour.domain import commands as c
from goldenhour.domain.dispatch.events import Milestone, Source
from goldenhour.kernel.geo import Point
from goldenhour.kernel.telemetry import Fix
from goldenhour.main.local_ca import Certificate, ensure_certificate

WITHIN_S = 30
AHEAD_MS = 2_500
"""The centre's clock before the vehicle's."""
FIX = Fix(
    unit_id=UNIT,
    point=Point(lat=50.8, lon=9.7),
    speed_kmh=40,
    heading_deg=90,
    altitude_m=0,
    device_ms=START_MS,
    received_ms=START_MS,
    catch_up=False,
    mileage_km=None,
    satellites=None,
    alarms=(),
)
Send = Callable[[dict[str, Any]], Awaitable[None]]


async def until(true: Callable[[], bool | Awaitable[bool]]) -> None:
    async with asyncio.timeout(WITHIN_S):
        while True:
            found = true()
            if found if isinstance(found, bool) else await found:
                return
            await asyncio.sleep(0.01)


class Site:
    """The three paths of the protocol in front of a `Centre`, with what may go wrong there."""

    def __init__(self, centre: Centre) -> None:
        self.centre = centre
        self.authorizations: set[str] = set()
        self.bodies: list[bytes] = []
        """Unpacked."""
        self.unpacks = True
        self.says_at_once = False
        """That it unpacks, where a line for heartbeats is opened."""
        self.packed: list[bool] = []
        """Each of them, whether it came packed."""
        self.asked: list[dict[str, list[str]]] = []
        """What stands in the addresses of the uploads."""
        self.faults: list[str] = []
        """What happens to the next uploads: drop_answer, twice, error, garbage, slow."""
        self.in_flight: Counter[str] = Counter()
        self.most_in_flight = 0
        """Of one lane."""
        self.go_on = asyncio.Event()
        self.hellos: list[FeedHello] = []
        self.silent = False
        self.dumb = False
        """Its heartbeats get no answer."""
        self.hearts = 0
        """Lines for heartbeats that it has taken."""
        self.break_chain = False
        self.broken = ""
        self.changed = asyncio.Event()

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Send) -> None:
        if scope["type"] == "lifespan":
            return
        self.authorizations.add(dict(scope["headers"])[b"authorization"].decode())
        match scope["path"]:
            case "/api/edge/upload":
                self.asked.append(parse_qs(scope["query_string"].decode()))
                packed = (b"content-encoding", b"deflate") in scope["headers"]
                await self._upload(receive, send, packed=packed)
            case "/api/edge/roster":
                await _answer(send, 200, msgspec.json.encode(ROSTER))
            case "/api/edge/feed":
                await self._feed(receive, send)
            case "/api/edge/beat":
                await self._beat(receive, send)

    async def _upload(self, receive: Any, send: Send, *, packed: bool) -> None:
        body, more = b"", True
        while more:
            part = await receive()
            if part["type"] == "http.disconnect":
                return
            body += part["body"]
            more = part.get("more_body", False)
        self.packed.append(packed)
        if packed:
            body = zlib.decompress(body)
        self.bodies.append(body)
        fault = self.faults.pop(0) if self.faults else ""
        upload = msgspec.json.decode(body, type=Upload)
        self.in_flight[upload.installation] += 1
        self.most_in_flight = max(self.most_in_flight, *self.in_flight.values())
        if fault == "error":
            self.in_flight[upload.installation] -= 1
            await _answer(send, 503, b"")
            return
        answer = await self.centre.upload(upload)
        answer = replace(answer, unpacks=self.unpacks)
        if fault == "twice":
            again = await self.centre.upload(upload)
            assert replace(again, unpacks=self.unpacks) == answer
        if fault == "slow":
            await self.go_on.wait()
        self.in_flight[upload.installation] -= 1
        self.changed.set()
        if fault == "drop_answer":
            await _answer(send, 500, b"")
        else:
            await _answer(send, 200, b"{]" if fault == "garbage" else msgspec.json.encode(answer))

    async def _beat(self, receive: Any, send: Send) -> None:
        self.hearts += 1
        await receive()
        headers = [(b"accept-encoding", b"gzip, deflate")] if self.says_at_once else []
        await send({"type": "websocket.accept", "headers": headers})
        with suppress(Exception):  # the peer may go at any moment
            while (message := await receive())["type"] == "websocket.receive":
                if self.dumb:
                    continue
                number = msgspec.json.decode(message["text"], type=Beat).number
                answer = BeatAnswer(
                    number=number, server_ms=self.centre.world.clock.at_ms + AHEAD_MS
                )
                await send({"type": "websocket.send", "text": msgspec.json.encode(answer).decode()})

    async def _feed(self, receive: Any, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        hello = await receive()
        if hello["type"] == "websocket.disconnect":
            return
        known = msgspec.json.decode(hello["text"], type=FeedHello).known
        self.hellos.append(FeedHello(known=dict(known)))
        with suppress(Exception):  # the peer may go at any moment
            while True:
                if not self.silent:
                    message = await self.centre.feed(known)
                    known |= {e.stream: e.version for e in message.events}
                    await send({"type": "websocket.send", "text": self._text(message)})
                self.changed.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(0.05):
                        await self.changed.wait()

    def _text(self, message: FeedMessage) -> str:
        value = msgspec.to_builtins(message) | {"fix": msgspec.to_builtins(FIX)}
        if self.break_chain and value["events"]:
            self.break_chain = False
            self.broken = value["events"][0]["stream"]
            value["events"] = value["events"][1:]
        return json.dumps(value)


async def _answer(send: Send, status: int, body: bytes) -> None:
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def served(app: Site, certificate: Certificate, port: int = 0) -> AsyncIterator[int]:
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=port,
        ssl_certfile=certificate.chain,
        ssl_keyfile=certificate.key,
        ws="websockets-sansio",
        lifespan="off",
        log_config=None,
        timeout_graceful_shutdown=0,
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = server.force_exit = True
        await task


class Car:
    """A vehicle with its store and its link."""

    def __init__(self, folder: Path, certificate: Certificate) -> None:
        self.clock = FakeClock()
        self.centre = Centre(self.clock)
        self.site = Site(self.centre)
        self.world = TestWorld(clock=self.clock, seed=2)
        self.store = EdgeStore(folder / "edge.sqlite", self.world.entropy, self.clock)
        self.world.journal = self.store
        self.entropy = self.world.entropy
        self.certificate = certificate
        self.fixes: list[Fix] = []
        self.rosters: list[Roster] = []
        self.mission = ""

    def config(self, port: int, **changes: Any) -> EdgeConfig:
        given: dict[str, Any] = {
            "uplinks": (Uplink(name="private", url=f"https://127.0.0.1:{port}"),),
            "unit_id": UNIT,
            "key": "secret",
            "ca_file": str(self.certificate.ca),
            "silence_s": 5.0,
            "slow_beat_s": 0.05,
            "knock_s": 0.02,
            "first_pause_s": 0.02,
            "longest_pause_s": 0.1,
        }
        return EdgeConfig(**(given | changes))

    @asynccontextmanager
    async def linked(self, port: int, **changes: Any) -> AsyncIterator[EdgeLink]:
        config = self.config(port, **changes)
        link = EdgeLink(
            config,
            self.store,
            self.clock,
            self.entropy,
            self.fixes.append,
            on_roster=self.take_roster,
        )
        stopping = asyncio.Event()
        task = asyncio.create_task(link.run(stopping))
        try:
            yield link
        finally:
            stopping.set()
            async with asyncio.timeout(WITHIN_S):
                await task

    async def take_roster(self, roster: Roster) -> None:
        assert self.store.find_roster() == roster  # durable before it is told
        self.rosters.append(roster)

    async def dispatched(self) -> None:
        await self.centre.world.list_unit(UNIT)
        _, incident = await self.centre.world.open_incident()
        self.mission = await self.centre.world.assign(incident)
        self.site.changed.set()

    async def say(self, count: int) -> None:
        for n in range(count):
            self.clock.at_ms += 1_000
            await self.store.append_numerics([numeric_set(self.clock.at_ms)])
            patient = c.RegisterPatient(
                patient_id=self.world.new_id(), mission_id=self.mission, age_y=n
            )
            await self.world.accept(patient, org=f"unit:{UNIT}")

    async def both_alike(self) -> None:
        """Waits until everything is on both sides, then compares."""
        centre = self.centre.journal.streams
        await until(lambda: self.store.pending_count() == 0)
        await until(self._heard_back)
        held = await self._held()
        assert held == [e for s in sorted({e.stream for e in held}) for e in centre[s]]
        arrived = [
            e.sequence for e in self.centre.journal.feed if e.installation.startswith("edge:")
        ]
        assert arrived == list(range(1, len(arrived) + 1))
        assert len(self.centre.numerics) == len(arrived)
        assert self.centre.aside == []

    async def knows(self, stream: str) -> bool:
        return stream in await self.store.known()

    async def _heard_back(self) -> bool:
        known = await self.store.known()
        events = await self.store.list_streams(list(self.centre.journal.streams), SYSTEM)
        return (
            len(events)
            == sum(known.values())
            == sum(len(self.centre.journal.streams[s]) for s in known)
        )

    async def _held(self) -> list[Envelope]:
        return await self.store.list_streams(list(self.centre.journal.streams), SYSTEM)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    folder = tmp_path_factory.mktemp("tls")
    return ensure_certificate(folder, ["127.0.0.1"], now_ms=time.time_ns() // 1_000_000)


@pytest.fixture
async def car(tmp_path: Path, certificate: Certificate) -> AsyncIterator[Car]:
    made = Car(tmp_path, certificate)
    yield made
    await made.store.close()


async def test_a_dispatch_arrives_and_the_crew_answers(car: Car) -> None:
    async with served(car.site, car.certificate) as port, car.linked(port) as link:
        await until(lambda: link.status().connected)
        await car.dispatched()
        await until(lambda: car.knows(f"mission:{car.mission}"))
        reach = c.Reach(
            mission_id=car.mission, milestone=Milestone.ACKNOWLEDGED, source=Source.CREW
        )
        await car.world.accept(reach)
        await until(lambda: len(car.centre.journal.streams[f"mission:{car.mission}"]) == 2)
        await until(lambda: car.store.find_roster() == ROSTER)
        await until(lambda: car.store.pending_count() == 0)
        status = link.status(backlog=7, images=2, segments=3)
        assert (status.connected, status.pending) == (True, 0)
        assert (status.unit_id, status.call_sign) == (UNIT, "急救 01")
        assert status.last_contact_ms == car.clock.at_ms
        (uplink,) = status.uplinks
        assert (uplink.name, uplink.up, uplink.answered_ms) == ("private", True, car.clock.at_ms)
        assert [(one.data, one.uplink, one.waiting) for one in status.classes] == [
            (DataClass.EVENTS, "private", 0),
            (DataClass.VITALS, "private", 0),
            (DataClass.ECG, "private", None),
            (DataClass.BACKLOG, "private", 7),
            (DataClass.IMAGES, "private", 2),
            (DataClass.VIDEO, "private", 3),
        ]
        assert status.clock is not None
        assert abs(status.clock.offset_ms - AHEAD_MS) <= status.clock.uncertainty_ms
        assert car.fixes[-1] == FIX
        await car.say(1)
        await until(lambda: car.store.pending_count() == 0)
        asked = car.site.asked[-1]
        assert asked["reasons"] == ["true"]
        assert abs(int(asked["clock_ms"][0]) - AHEAD_MS) <= int(asked["clock_within_ms"][0])
    assert car.site.authorizations == {f"Edge {car.store.installation}:secret"}


@pytest.mark.parametrize("fault", ["drop_answer", "twice", "error", "garbage"])
async def test_an_upload_that_goes_wrong_is_done_once(car: Car, fault: str) -> None:
    await car.dispatched()
    async with served(car.site, car.certificate) as port:
        async with car.linked(port):
            await until(lambda: bool(car.fixes))
        car.site.faults = [fault, fault]
        await car.say(4)
        async with car.linked(port):
            await car.both_alike()


async def test_never_two_uploads_of_a_lane_in_flight_and_events_before_vital_signs(
    car: Car, monkeypatch: pytest.MonkeyPatch
) -> None:
    await car.dispatched()
    car.site.faults = ["slow"]
    async with served(car.site, car.certificate) as port:
        async with car.linked(port):
            await until(lambda: bool(car.fixes))
        await car.say(3)
        monkeypatch.setattr(uplinks, "slice_bytes", lambda _rate: 1)
        async with car.linked(port):
            await until(lambda: car.site.in_flight[car.store.installation] == 1)
            await car.say(3)
            assert len(car.site.bodies) == 1
            car.site.go_on.set()
            await car.both_alike()
    assert car.site.most_in_flight == 1
    assert len(car.site.bodies) == 12


async def test_uploads_are_packed_once_the_centre_has_said_that_it_unpacks(car: Car) -> None:
    await car.dispatched()
    async with served(car.site, car.certificate) as port, car.linked(port):
        await until(lambda: bool(car.fixes))
        await car.say(1)
        await car.both_alike()
        await car.say(1)
        await car.both_alike()
    assert car.site.asked[-1]["packs"] == ["true"]
    assert car.site.packed[0] is False
    assert car.site.packed[-1] is True


async def test_a_centre_that_says_so_at_once_is_sent_packed_ones_from_the_first(car: Car) -> None:
    await car.dispatched()
    car.site.says_at_once = True
    async with served(car.site, car.certificate) as port, car.linked(port):
        await until(lambda: bool(car.fixes))
        await car.say(1)
        await car.both_alike()
        car.site.unpacks = False  # another centre answers now
        for _time in range(2):
            await car.say(1)
            await car.both_alike()
    assert (car.site.packed[0], car.site.packed[-1]) == (True, False)


async def test_a_centre_that_does_not_unpack_is_sent_nothing_packed(car: Car) -> None:
    await car.dispatched()
    car.site.unpacks = False
    async with served(car.site, car.certificate) as port, car.linked(port):
        await until(lambda: bool(car.fixes))
        for _time in range(3):
            await car.say(1)
            await car.both_alike()
    assert not any(car.site.packed)


async def test_what_waited_long_goes_in_few_uploads_once_they_are_packed(car: Car) -> None:
    await car.dispatched()
    async with served(car.site, car.certificate) as port:
        async with car.linked(port):
            await until(lambda: bool(car.fixes))
        await car.say(200)
        async with car.linked(port):
            await car.both_alike()
    sizes = [len(body) for body in car.site.bodies]
    assert max(sizes) > 2 * sizes[0], "as many bytes on the line hold more of what waited"


async def test_an_answer_that_never_comes_is_not_waited_for(car: Car) -> None:
    await car.dispatched()
    async with served(car.site, car.certificate) as port:
        async with car.linked(port):
            await until(lambda: bool(car.fixes))
        car.site.faults = ["slow"]
        await car.say(2)
        async with car.linked(port, answer_s=0.3):
            await car.both_alike()
        assert len(car.site.bodies) >= 2


async def test_silence_is_a_lost_link(car: Car) -> None:
    async with (
        served(car.site, car.certificate) as port,
        car.linked(port, silence_s=0.3) as link,
    ):
        await until(lambda: link.status().connected)
        car.site.silent = True
        await until(lambda: not link.status().connected)
        car.site.silent = False
        await until(lambda: link.status().connected)
    assert len(car.site.hellos) >= 2


async def test_every_roster_that_comes_is_told(car: Car) -> None:
    async with served(car.site, car.certificate) as port, car.linked(port, roster_s=0.05):
        await until(lambda: len(car.rosters) >= 3)
    assert all(roster == ROSTER for roster in car.rosters)


async def test_a_feed_with_a_hole_is_asked_for_whole(car: Car) -> None:
    await car.dispatched()
    async with served(car.site, car.certificate) as port:
        car.site.break_chain = True
        async with car.linked(port):
            await until(lambda: car.knows(f"unit:{UNIT}"))
            await car.both_alike()
    assert car.site.broken == f"unit:{UNIT}"
    assert f"unit:{UNIT}" not in car.site.hellos[1].known
    assert car.site.hellos[1].known


async def test_a_centre_with_another_authority_gets_nothing(car: Car, tmp_path: Path) -> None:
    other = ensure_certificate(
        tmp_path / "other", ["127.0.0.1"], now_ms=time.time_ns() // 1_000_000
    )
    async with served(car.site, other) as port:
        await car.store.append_numerics([numeric_set(START_MS)])
        pauses: list[int] = []

        def entropy(count: int) -> bytes:
            pauses.append(count)
            return bytes(count)

        car.entropy = entropy
        async with car.linked(port, knock_s=60) as link:
            # Its heartbeat failed, and everything else waits for that.
            await until(lambda: len(pauses) == 1)
            assert not link.status().connected
    assert car.site.authorizations == set()
    assert car.store.pending_count() == 1


async def test_a_centre_that_dies_and_returns(car: Car) -> None:
    await car.dispatched()
    async with served(car.site, car.certificate) as port, car.linked(port) as link:
        await until(lambda: link.status().connected and bool(car.fixes))
        await car.say(2)
        await car.both_alike()
    async with car.linked(port) as link:
        await car.say(3)
        assert not link.status().connected
        async with served(car.site, car.certificate, port):
            await until(lambda: link.status().connected)
            await car.both_alike()


class Radio:
    """Passes bytes on and cuts every connection after a random number of them."""

    def __init__(self, port: int, seed: int) -> None:
        self.port = port
        self.random = random.Random(seed)
        self.cuts = 0
        self.good = False
        self._tasks: set[asyncio.Task[None]] = set()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.port)
            left = [1 << 40 if self.good else self.random.randrange(500, 12_000)]

            async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
                while data := await source.read(700):
                    left[0] -= len(data)
                    if left[0] < 0:
                        self.cuts += 1
                        break
                    sink.write(data)
                    await sink.drain()

            pumps = {
                asyncio.create_task(pump(reader, far_writer)),
                asyncio.create_task(pump(far_reader, writer)),
            }
            try:
                await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for end in pumps:
                    end.cancel()
                await asyncio.gather(*pumps, return_exceptions=True)
                far_writer.transport.abort()
                writer.transport.abort()
        finally:
            self._tasks.discard(task)

    def hang_up(self) -> None:
        for task in self._tasks:
            task.cancel()


@pytest.mark.parametrize("seed", range(6))
async def test_a_radio_that_is_cut_anywhere_loses_and_doubles_nothing(
    car: Car, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uplinks, "slice_bytes", lambda _rate: 3_000)
    await car.dispatched()
    async with served(car.site, car.certificate) as port:
        radio = Radio(port, seed)
        relay = await asyncio.start_server(radio, "127.0.0.1", 0)
        async with relay, car.linked(relay.sockets[0].getsockname()[1]):
            await until(lambda: car.knows(f"mission:{car.mission}"))
            await car.say(8)
            await until(lambda: radio.cuts >= 6)
            radio.good = True
            await car.both_alike()
            radio.hang_up()
