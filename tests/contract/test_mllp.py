"""The MLLP listener over real sockets, against raw bytes, the `hl7` package and our own double."""

import asyncio
import itertools
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from random import Random  # noqa: TID251 (a seed fixes the test)

import hl7
import msgspec
import pytest
from hl7.mllp import open_hl7_connection

from goldenhour.adapters.mllp import MllpConfig, MllpListener
from goldenhour.content.devices import load_quirks
from goldenhour.kernel.device_alarm import DeviceAlarm
from goldenhour.kernel.telemetry import Numeric, NumericSet, Sign
from goldenhour.simulator.meters import (
    Measurement,
    MeterConfig,
    MeterKind,
    MeterTrouble,
    report,
    send,
)
from goldenhour.simulator.monitor import (
    MonitorDouble,
    MonitorsConfig,
    Profile,
    Trouble,
    TroubleKind,
    run_monitors,
)

DEVICE = "00A037EB21A00001"
ANY_PORT = MllpConfig(port=0)
STRANGER = "00A037EB21A0FFFF"


class Directory:
    """Knows the monitor that each test registers, and none else."""

    def __init__(self) -> None:
        self.strangers = {STRANGER}

    async def find_unit(self, device_id: str) -> str | None:
        return None if device_id in self.strangers else f"unit of {device_id}"


class Sink:
    def __init__(self) -> None:
        self.got: asyncio.Queue[NumericSet] = asyncio.Queue()
        self.entered = asyncio.Event()
        self.open = asyncio.Event()
        self.open.set()
        self.failures = 0
        self.named = ""
        self.alarms: list[tuple[str, str, int]] = []
        self.refused: list[tuple[str, str]] = []

    async def __call__(self, numerics: NumericSet, named: str) -> None:
        self.named = named
        self.entered.set()
        await self.open.wait()
        if self.failures:
            self.failures -= 1
            raise OSError("disk full")
        self.got.put_nowait(numerics)

    async def take_alarms(self, unit_id: str, alarms: Sequence[DeviceAlarm], at_ms: int) -> None:
        if self.failures:
            self.failures -= 1
            raise OSError("disk full")
        self.alarms.extend((unit_id, alarm.event, at_ms) for alarm in alarms)


class Ticking:
    """A clock on which every reading is a second later."""

    def __init__(self) -> None:
        self._seconds = itertools.count(1_700_000_000)

    def now_ms(self) -> int:
        return next(self._seconds) * 1000


@asynccontextmanager
async def listening(
    sink: Sink, config: MllpConfig = ANY_PORT, directory: Directory | None = None
) -> AsyncIterator[MllpListener]:
    known = directory or Directory()
    async with MllpListener(
        config,
        directory=known,
        sink=sink,
        on_alarms=sink.take_alarms,
        clock=Ticking(),
        makers=load_quirks().makers,
        on_refused=lambda *refused: sink.refused.append(refused),
    ) as listener:
        yield listener


def message(control_id: str, device_id: str = DEVICE) -> bytes:
    return (
        f"\x0bMSH|^~\\&|MON^{device_id}^EUI-64||||20260101120000+0800||ORU^R01|{control_id}|P|2.6\r"
        "OBX||NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1.1.1.1|97|262688^MDC_DIM_PERCENT^MDC|||||F\r"
        "\x1c\r"
    ).encode()


@asynccontextmanager
async def connected(
    listener: MllpListener,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def exchange(
    streams: tuple[asyncio.StreamReader, asyncio.StreamWriter], data: bytes
) -> list[str]:
    """Sends, and gives the segments of the next answer."""
    reader, writer = streams
    writer.write(data)
    answer = await reader.readuntil(b"\x1c\r")
    assert answer[0] == 0x0B
    return answer[1:-2].decode().rstrip("\r").split("\r")


async def test_a_message_is_acknowledged_only_after_it_is_stored() -> None:
    sink = Sink()
    sink.open.clear()
    async with listening(sink) as listener, connected(listener) as one, connected(listener) as two:
        waiting = asyncio.create_task(exchange(one, message("1")))
        await sink.entered.wait()
        # A whole exchange elsewhere: an early answer would have arrived by now.
        await exchange(two, message("2", STRANGER))
        assert not waiting.done()
        sink.open.set()
        assert (await waiting)[1] == "MSA|AA|1"
    numerics = sink.got.get_nowait()
    assert (numerics.device_id, numerics.unit_id) == (DEVICE, f"unit of {DEVICE}")
    assert [(n.sign, n.value) for n in numerics.values] == [(Sign.SPO2, 97)]
    assert numerics.device_ms == 1_767_240_000_000
    assert 1_700_000_000_000 <= numerics.received_ms < 1_700_000_010_000


async def test_a_failed_store_is_an_ae_and_the_next_try_succeeds() -> None:
    sink = Sink()
    sink.failures = 1
    async with listening(sink) as listener, connected(listener) as streams:
        refused = await exchange(streams, message("1"))
        assert refused[1] == "MSA|AE|1|not stored, send again"
        assert refused[2].startswith("ERR|||207^INTERNAL^HL70357|E|")
        assert (await exchange(streams, message("1")))[1] == "MSA|AA|1"
    assert sink.got.qsize() == 1


async def test_an_unknown_device_and_a_foreign_message_are_rejected() -> None:
    sink = Sink()
    async with listening(sink) as listener, connected(listener) as streams:
        answer = await exchange(streams, message("1", STRANGER))
        assert answer[1] == f"MSA|AR|1|device {STRANGER} is not registered"
        adt = message("2").replace(b"ORU^R01", b"ADT^A08")
        assert (await exchange(streams, adt))[
            1
        ] == "MSA|AR|2|only ORU\\S\\R01 and ORU\\S\\R40 are taken, not ADT\\S\\A08"
        assert (await exchange(streams, b"noise\x0bno message\x1c\r"))[1].startswith("MSA|AE||")
        assert (await exchange(streams, message("3")))[1] == "MSA|AA|3"
    assert sink.got.qsize() == 1


async def test_a_monitor_that_is_revoked_loses_its_line() -> None:
    sink, directory = Sink(), Directory()
    async with listening(sink, directory=directory) as listener, connected(listener) as streams:
        assert (await exchange(streams, message("1")))[1] == "MSA|AA|1"
        directory.strangers.add(DEVICE)
        reader, writer = streams
        writer.write(message("2"))
        assert await reader.read() == b""
    assert sink.got.qsize() == 1


async def test_a_monitor_that_never_reads_its_answers_is_heard_to_the_end() -> None:
    sink, count = Sink(), 3_000
    async with listening(sink, MllpConfig(port=0, max_unread_ack_bytes=2_000)) as listener:
        # Small buffers of the system, so that it cannot hide the unread answers.
        assert listener._server is not None
        listener._server.sockets[0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
        with socket.socket() as raw:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2_048)
            raw.setblocking(False)
            loop = asyncio.get_running_loop()
            await loop.sock_connect(raw, ("127.0.0.1", listener.port))
            await loop.sock_sendall(raw, b"".join(message(str(i)) for i in range(count)))
            for _ in range(count):
                await sink.got.get()
        async with connected(listener) as streams:
            assert (await exchange(streams, message("after")))[1] == "MSA|AA|after"


async def test_a_link_lost_amid_a_message_leaves_no_half_of_it() -> None:
    sink = Sink()
    async with listening(sink) as listener:
        async with connected(listener) as (_, writer):
            writer.write(message("1")[:-2])
            await writer.drain()
        async with connected(listener) as streams:
            assert (await exchange(streams, message("2")))[1] == "MSA|AA|2"
    assert sink.got.qsize() == 1


async def test_a_dead_link_is_closed_and_a_surplus_one_refused() -> None:
    async with (
        listening(Sink(), MllpConfig(port=0, silence_s=0.01)) as listener,
        connected(listener) as (reader, _),
    ):
        assert await reader.read() == b""
    async with (
        listening(Sink(), MllpConfig(port=0, max_connections=1)) as listener,
        connected(listener) as first,
    ):
        assert (await exchange(first, message("1")))[1] == "MSA|AA|1"
        async with connected(listener) as (reader, _):
            with suppress(ConnectionError):
                assert await reader.read() == b""
        assert (await exchange(first, message("2")))[1] == "MSA|AA|2"


async def test_the_hl7_package_understands_our_answers() -> None:
    async with listening(Sink()) as listener:
        reader, writer = await open_hl7_connection("127.0.0.1", listener.port)
        writer.writemessage(hl7.parse(message("77")[1:-2].decode()))
        answer = await reader.readmessage()
        writer.close()
        await writer.wait_closed()
    assert str(answer.segment("MSA")[1]) == "AA"
    assert str(answer.segment("MSA")[2]) == "77"


@pytest.fixture
async def doubles() -> AsyncIterator[list[asyncio.Task[None]]]:
    tasks: list[asyncio.Task[None]] = []
    yield tasks
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_ward_of_doubles_with_troubles(doubles: list[asyncio.Task[None]]) -> None:
    sink = Sink()
    names = [f"00A037EB21A0000{i}" for i in range(5)]
    plain, off, lying, twice, mute = names
    troubles = (
        Trouble(device_id=off, kind=TroubleKind.LEAD_OFF, from_s=0, until_s=1e9),
        Trouble(
            device_id=lying,
            kind=TroubleKind.WRONG_CLOCK,
            shift_s=-86_400_000,
            from_s=0,
            until_s=1e9,
        ),
        Trouble(device_id=twice, kind=TroubleKind.DUPLICATE, from_s=0, until_s=1e9),
        Trouble(device_id=mute, kind=TroubleKind.SILENT, from_s=0, until_s=1e9),
    )
    seen: dict[str, list[NumericSet]] = {name: [] for name in names}
    async with listening(sink) as listener:
        config = MonitorsConfig(
            host="127.0.0.1",
            port=listener.port,
            monitors=tuple(
                MonitorDouble(device_id=name, profile=profile, waits_for_ack=name != plain)
                for name, profile in zip(names, itertools.cycle(Profile), strict=False)
            ),
            troubles=troubles,
            period_s=0.005,
            retry_s=0.005,
        )
        doubles.append(asyncio.create_task(run_monitors(config, clock=Ticking(), rng=Random(3))))
        while any(len(seen[name]) < 4 for name in (plain, off, lying, twice)):
            numerics = await sink.got.get()
            seen[numerics.device_id].append(numerics)

    def spo2(numerics: NumericSet) -> float | None:
        return next(n.value for n in numerics.values if n.sign is Sign.SPO2)

    assert all(spo2(numerics) is not None for numerics in seen[plain])
    assert all(spo2(numerics) is None for numerics in seen[off])
    assert all((numerics.device_ms or 0) < 1_650_000_000_000 for numerics in seen[lying])
    assert [seen[twice][0].values, seen[twice][2].values] == [
        seen[twice][1].values,
        seen[twice][3].values,
    ]
    assert seen[mute] == []


async def test_a_double_comes_back_after_the_listener_was_gone(
    doubles: list[asyncio.Task[None]],
) -> None:
    sink = Sink()
    async with listening(sink) as listener:
        port = listener.port
        config = MonitorsConfig(
            host="127.0.0.1",
            port=port,
            monitors=(MonitorDouble(device_id=DEVICE, profile=Profile.STABLE),),
            period_s=0.005,
            retry_s=0.005,
        )
        doubles.append(asyncio.create_task(run_monitors(config, clock=Ticking(), rng=Random(3))))
        await sink.got.get()
    after = Sink()
    async with listening(after, MllpConfig(port=port)):
        await after.got.get()


async def test_a_meter_is_heard_and_never_answered() -> None:
    sink = Sink()
    measured = Measurement(
        device_id=DEVICE, kind=MeterKind.GLUCOSE, value=5.4, unit="mmol/L", at_ms=1_767_225_600_000
    )
    async with listening(sink) as listener:
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(b"\x0b" + report(measured) + b"\x1c\r")
        writer.write_eof()
        assert await reader.read() == b""
        writer.close()
        config = MeterConfig(host="127.0.0.1", port=listener.port)
        await send(config, measured, MeterTrouble.REPEATED)
    heard = [sink.got.get_nowait() for _ in range(3)]
    assert {numerics.values for numerics in heard} == {
        (Numeric(sign=Sign.GLUCOSE, value=5.4, note=""),)
    }
    assert all(numerics.clock_doubted for numerics in heard)
    assert [n.shown_ms for n in heard] == [n.received_ms for n in heard]


async def test_whom_a_monitor_names_is_handed_on_beside_its_numbers() -> None:
    sink = Sink()
    named = message("1").replace(b"OBX||", b"PID|||B-0007^^^H^PI~X|\rOBX||")
    async with listening(sink) as listener, connected(listener) as streams:
        assert (await exchange(streams, named))[1] == "MSA|AA|1"
    assert sink.named == "B-0007"
    assert b"B-0007" not in msgspec.json.encode(sink.got.get_nowait())


ALARM = (
    f"\x0bMSH|^~\\&|MON^{DEVICE}^EUI-64||||20260101120000+0800||ORU^R40^ORU_R40|7|P|2.6\r"
    "OBR|1|||196616^MDC_EVT_ALARM^MDC\r"
    "OBX|1|CWE|196616^MDC_EVT_ALARM^MDC|1.7.0.1.1|196680^MDC_EVT_LEAD_OFF^MDC|||PL~ST|||R\r"
    "\x1c\r"
).encode()


async def test_what_a_device_alarms_is_acknowledged_once_it_is_kept() -> None:
    sink = Sink()
    sink.failures = 1
    async with listening(sink) as listener, connected(listener) as streams:
        assert (await exchange(streams, ALARM))[1].startswith("MSA|AE|7")
        assert (await exchange(streams, ALARM))[1] == "MSA|AA|7"
    ((unit_id, event, _),) = sink.alarms
    assert (unit_id, event) == (f"unit of {DEVICE}", "MDC_EVT_LEAD_OFF")
    assert sink.got.empty(), "it measured nothing"


async def test_who_sends_what_cannot_be_read_is_named_with_the_reason() -> None:
    sink = Sink()
    other = message("1").replace(b"ORU^R01", b"ADT^A08")
    async with listening(sink) as listener, connected(listener) as streams:
        assert (await exchange(streams, other))[1].startswith("MSA|AR|1")
    assert sink.refused == [(DEVICE, "message_type")]
