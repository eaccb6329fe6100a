"""A vehicle behind bad radio, over real sockets and TLS: what breaks, what moves, what waits."""

import asyncio
import random  # noqa: TID251 (seeded, for the link's dice)
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from test_edge_link import Car, served, until

from factories.edge_centre import numeric_set
from factories.world import START_MS
from goldenhour.adapters.edge import EdgeLink
from goldenhour.app.uplinks import DataClass, Uplink, UplinkLostError
from goldenhour.main.local_ca import Certificate, ensure_certificate
from goldenhour.simulator.bad_radio import BadRadio, Profile, Trouble

GOOD = Profile(up_kbit_s=50_000, down_kbit_s=50_000)
EVENTS_ONLY = (DataClass.EVENTS,)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    folder = tmp_path_factory.mktemp("tls")
    return ensure_certificate(folder, ["127.0.0.1"], now_ms=time.time_ns() // 1_000_000)


@pytest.fixture
async def car(tmp_path: Path, certificate: Certificate) -> AsyncIterator[Car]:
    made = Car(tmp_path, certificate)
    yield made
    await made.store.close()


@asynccontextmanager
async def behind_radio(
    car: Car, *, second: tuple[DataClass, ...] = (), patience_s: float = 0.5
) -> AsyncIterator[tuple[EdgeLink, list[BadRadio]]]:
    """The vehicle's link through one bad radio, or through two when `second` names its classes."""
    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(served(car.site, car.certificate))
        radios = [
            BadRadio(GOOD, ("127.0.0.1", port), random.Random(n)) for n in range(1 + bool(second))
        ]
        for radio in radios:
            await stack.enter_async_context(radio.running())
        url = "https://127.0.0.1:{}".format
        uplinks = [Uplink(name="private", url=url(radios[0].port))]
        uplinks += [Uplink(name="public", url=url(r.port), carries=second) for r in radios[1:]]
        link = await stack.enter_async_context(
            car.linked(
                port,
                uplinks=tuple(uplinks),
                beat_s=0.05,
                beat_patience_s=0.3,
                slow_beat_patience_s=patience_s,
                knock_patience_s=0.5,
            )
        )
        await until(lambda: all(one.up for one in link.status().uplinks))
        yield link, radios


def way(link: EdgeLink, data: DataClass) -> str:
    return next(one.uplink for one in link.status().classes if one.data is data)


async def test_an_upload_whose_answer_is_cut_off_is_done_once(car: Car) -> None:
    await car.dispatched()
    async with behind_radio(car) as (link, (radio,)):
        await until(lambda: link.status().connected)
        radio.set(Profile(up_kbit_s=50_000, down_kbit_s=50_000, answers_cut=0.3))
        await car.say(6)
        await until(lambda: radio.cuts >= 5)
        radio.set(GOOD)
        await car.both_alike()


@pytest.mark.parametrize("trouble", [Trouble.HOLE, Trouble.CUT, Trouble.PORTAL, Trouble.DEAF])
async def test_a_dead_link_is_noticed_and_everything_goes_on_afterwards(
    car: Car, trouble: Trouble
) -> None:
    await car.dispatched()
    async with behind_radio(car) as (link, (radio,)):
        await until(lambda: link.status().connected)
        radio.trouble(trouble)
        await until(lambda: not link.status().uplinks[0].up)
        await car.say(3)
        await until(lambda: not link.status().connected)
        assert way(link, DataClass.EVENTS) == ""
        assert link.status().pending == 6
        radio.trouble(Trouble.NONE)
        await car.both_alike()


async def test_what_a_dead_network_swallowed_is_asked_again_before_it_is_given_up(car: Car) -> None:
    asked: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()

    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.put_nowait((reader, writer))

    server = await asyncio.start_server(swallow, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    uplink = Uplink(name="private", url=f"https://127.0.0.1:{port}")
    async with server, car.linked(port, uplinks=(uplink,), knock_patience_s=4):
        (first, writer), (_second, other) = await asked.get(), await asked.get()
        handshake = await first.read(1 << 16)
        try:
            async with asyncio.timeout(0):
                left = await first.read(1)
        except (TimeoutError, ConnectionError) as error:
            left = error
        writer.transport.abort()
        other.transport.abort()
        assert handshake
        assert isinstance(left, TimeoutError), "the first had been given up"


@pytest.mark.parametrize("trouble", [Trouble.HOLE, Trouble.CUT, Trouble.DEAF])
async def test_when_one_network_dies_its_data_go_over_the_other_once(
    car: Car, trouble: Trouble
) -> None:
    await car.dispatched()
    async with behind_radio(car, second=tuple(DataClass)) as (link, (private, _public)):
        # Whichever network was up first carries them until the preferred one is steady.
        await until(lambda: way(link, DataClass.EVENTS) == "private")
        await until(lambda: car.knows(f"mission:{car.mission}"))
        car.site.faults = ["slow"]
        await car.say(1)
        # The centre has it and has not answered: the answer will be lost with the network.
        await until(lambda: car.site.in_flight.total() == 1)
        private.trouble(trouble)
        await until(lambda: way(link, DataClass.EVENTS) == "public")
        car.site.go_on.set()
        await car.say(3)
        await car.both_alike()
        assert not link.status().uplinks[0].up


async def test_what_a_network_may_not_carry_waits_for_the_one_that_may(car: Car) -> None:
    await car.dispatched()
    async with behind_radio(car, second=EVENTS_ONLY) as (link, (private, _public)):
        await until(lambda: car.knows(f"mission:{car.mission}"))
        private.trouble(Trouble.HOLE)
        await until(lambda: way(link, DataClass.EVENTS) == "public")
        assert way(link, DataClass.VITALS) == ""
        await car.say(2)
        await until(lambda: car.store.pending_of(DataClass.EVENTS) == 0)
        assert car.store.pending_of(DataClass.VITALS) == 2
        assert car.centre.numerics == []
        private.trouble(Trouble.NONE)
        await car.both_alike()
        assert way(link, DataClass.EVENTS) == "public"  # it stays until the other one is steady


async def test_a_silent_centre_behind_a_good_network_is_dead_too(car: Car) -> None:
    async with behind_radio(car) as (link, _radios):
        car.site.dumb = True
        await until(lambda: not link.status().uplinks[0].up)
        car.site.dumb = False
        await until(lambda: link.status().uplinks[0].up)


async def test_events_go_before_hours_of_vital_signs(car: Car) -> None:
    await car.dispatched()
    async with behind_radio(car) as (_link, (radio,)):
        await until(lambda: car.knows(f"mission:{car.mission}"))
        radio.trouble(Trouble.HOLE)
        await car.store.append_numerics([numeric_set(START_MS + n) for n in range(2_000)])
        await car.say(2)
        radio.trouble(Trouble.NONE)
        await until(lambda: car.store.pending_of(DataClass.EVENTS) == 0)
        assert car.store.pending_of(DataClass.VITALS) > 0
        await until(lambda: car.store.pending_count() == 0)
        assert len(car.centre.numerics) == 2_002


async def test_a_lower_class_waits_while_a_higher_one_wants_the_line(car: Car) -> None:
    async with behind_radio(car) as (link, _radios):
        uplinks, order = link.uplinks, []

        async def send(data: DataClass) -> None:
            async with uplinks.turn("private", data):
                order.append(data)
                await asyncio.sleep(0)

        async with uplinks.turn("private", DataClass.EVENTS):
            tasks = [asyncio.create_task(send(data)) for data in reversed(DataClass)]
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            assert order == [DataClass.EVENTS]  # itself is not held up by its like
        await asyncio.gather(*tasks)
        assert order[-3:] == [DataClass.BACKLOG, DataClass.IMAGES, DataClass.VIDEO]


async def test_work_is_broken_off_when_its_network_dies(car: Car) -> None:
    async with behind_radio(car) as (link, (radio,)):
        begun = asyncio.Event()

        async def work(_uplink: Uplink) -> None:
            begun.set()
            await asyncio.Event().wait()

        working = asyncio.create_task(link.uplinks.during(DataClass.ECG, work))
        await begun.wait()
        radio.trouble(Trouble.HOLE)
        with pytest.raises(UplinkLostError):
            await working


@pytest.mark.parametrize("heard", [True, False])
async def test_a_line_that_breaks_is_no_dead_network(car: Car, *, heard: bool) -> None:
    """A middlebox forgets connections: what another line is carrying goes on."""
    car.site.dumb = not heard  # it breaks before the first beat is answered
    async with behind_radio(car, patience_s=30) as (link, (radio,)):
        if heard:
            await until(lambda: link.uplinks.clock_offset() is not None)
        begun = asyncio.Event()

        async def work(_uplink: Uplink) -> None:
            begun.set()
            await asyncio.Event().wait()

        working = asyncio.create_task(link.uplinks.during(DataClass.ECG, work))
        await begun.wait()
        hearts = car.site.hearts
        radio.break_connections()
        car.site.dumb = False
        await until(lambda: car.site.hearts > hearts)
        await until(lambda: link.uplinks.clock_offset() is not None)
        assert link.status().uplinks[0].up
        assert not working.done()
        working.cancel()
