"""200 live 12-lead streams of 500 Hz: how long from a sample to the browser's hands, on loopback.

Four processes: the source double, the vehicles (listener, segment files, uplink), the centre (the
web adapter's ECG routes over TLS, segment files) and this one, which holds a socket per stream.
Only sessions and missions are stood in for; sockets, files and packets are the product's. Goals:
p99 of the newest sample of a packet <= 100 ms, of its oldest <= 300 ms, every sample bit for bit.
"""

import argparse
import asyncio
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random  # noqa: TID251 (a benchmark makes its dice from its seed)
from types import SimpleNamespace
from typing import Any

import numpy as np
import psutil
import uvicorn
import uvloop
from litestar import Litestar
from litestar.connection import ASGIConnection
from websockets.asyncio.client import connect

from goldenhour.adapters.ecg import (
    EcgConfig,
    EcgListener,
    EcgUplink,
    SegmentStore,
    UplinkConfig,
)
from goldenhour.adapters.web import ecg_routes
from goldenhour.app.access import Principal, Role
from goldenhour.app.strips import StripHub
from goldenhour.app.uplinks import MOST_SLICE_BYTES, DataClass, Uplink
from goldenhour.compute.ecg import Block, Decoder
from goldenhour.domain.dispatch.mission import Mission, State
from goldenhour.kernel.telemetry import Strip
from goldenhour.main.centre import StripTaker
from goldenhour.main.clock import SystemClock
from goldenhour.main.local_ca import ensure_certificate
from goldenhour.main.memory import run_for_long
from goldenhour.simulator.ecg_source import (
    EcgSource,
    EcgSourcesConfig,
    always_worn,
    load_recording,
    run_sources,
)
from goldenhour.wire.ecg_stream import Packet, decode

RATE_HZ = 500
GOAL_NEWEST_MS = 100
GOAL_OLDEST_MS = 300
COMPARED = 10
"""Streams that are decoded and compared with the recording."""


def unit_of(number: int) -> str:
    return f"u-{number}"


def mission_of(unit_id: str) -> Mission:
    return Mission(
        state=State.ASSIGNED,
        incident_id="",
        incident_number="",
        unit_id=unit_id,
        call_sign="",
        level="",
        seat="",
        due_ms=None,
        nodes=(),
        proposed=(),
        destination_id="",
        destination_name="",
        stand_down_reason="",
        task_text="",
        flags=(),
        assigned_ms=0,
        since_ms=0,
        ended_ms=None,
    )


def principal_of(unit_id: str) -> Principal:
    return Principal(
        person_id=unit_id,
        name="",
        role=Role.CREW,
        org="",
        seat="",
        unit_id=unit_id,
        hospital_id="",
    )


async def run_centre(folder: Path, port: int, streams: int) -> None:
    clock, hub, store = SystemClock(), StripHub(), SegmentStore(folder / "centre")
    states = {f"mission:{n}": mission_of(unit_of(n)) for n in range(streams)}
    scope = SimpleNamespace(view=SimpleNamespace(states=states), followers=0)

    async def find_scope(_identity: object) -> Any:
        return scope

    async def find_principal(socket: Any) -> Principal:
        return principal_of(socket.query_params["unit"])

    desk = SimpleNamespace(strips=hub, hub=SimpleNamespace(scope=find_scope))
    services: Any = SimpleNamespace(
        clock=clock,
        desk_of=lambda _principal: desk,
        identity_of=lambda _principal: None,
        strip_sink=StripTaker(store, hub, clock),
    )
    door: Any = SimpleNamespace(find_principal=find_principal)

    async def guard(connection: ASGIConnection[Any, Any, Any, Any], _handler: object) -> None:
        header = connection.headers.get("authorization", "")
        unit_id = header or connection.query_params["unit"]
        connection.state.principal = principal_of(unit_id)

    app = Litestar(route_handlers=ecg_routes.routes(services, door), guards=[guard])
    certificate = ensure_certificate(folder / "tls", ["localhost"], now_ms=clock.now_ms())
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=port,
        ssl_certfile=str(certificate.chain),
        ssl_keyfile=str(certificate.key),
        log_config=None,
    )
    await uvicorn.Server(config).serve()


class OneLine:
    """Double of the vehicles' networks: one, and it always lives."""

    def __init__(self, uplink: Uplink) -> None:
        self._uplink = uplink

    async def during(self, data: DataClass, work: Callable[[Uplink], Awaitable[None]]) -> None:
        del data
        await work(self._uplink)

    @asynccontextmanager
    async def turn(self, uplink: str, data: DataClass) -> AsyncIterator[None]:
        del uplink, data
        yield

    def slice_bytes(self, uplink: str) -> int:
        del uplink
        return MOST_SLICE_BYTES

    def sent(self, uplink: str, sent_bytes: int, took_s: float) -> None:
        """Nothing is measured here."""


async def run_vehicles(folder: Path, centre: int, port: int, streams: int) -> None:
    clock, store = SystemClock(), SegmentStore(folder / "vehicles")
    carrier = OneLine(Uplink(name="centre", url=f"https://localhost:{centre}"))
    uplinks = {
        unit_of(n): EcgUplink(
            UplinkConfig(
                unit_id=unit_of(n),
                authorization=unit_of(n),
                ca_file=str(folder / "tls" / "ca.crt"),
            ),
            store,
            carrier,
        )
        for n in range(streams)
    }

    async def find_unit(device_id: str) -> str | None:
        return device_id

    async def sink(items: Sequence[Strip]) -> int:
        await store.append(items)
        return store.through(items[0].unit_id, items[0].epoch)

    directory: Any = SimpleNamespace(find_unit=find_unit)
    listener = EcgListener(
        EcgConfig(port=port),
        directory=directory,
        sink=sink,
        on_strip=lambda strip: uplinks[strip.unit_id].take(strip),
        clock=clock,
    )
    async with listener, asyncio.TaskGroup() as group:
        for uplink in uplinks.values():
            group.create_task(uplink.run(asyncio.Event()))


async def run_source(port: int, streams: int) -> None:
    sources = tuple(EcgSource(device_id=unit_of(n)) for n in range(streams))
    config = EcgSourcesConfig(host="127.0.0.1", port=port, sources=sources, rate_hz=RATE_HZ)
    await run_sources(config, worn=always_worn(config), clock=SystemClock(), rng=Random(1))


class Screen:
    """One socket; what it got and when."""

    def __init__(self) -> None:
        self.newest_ms: list[float] = []
        self.oldest_ms: list[float] = []
        self.packets: dict[int, Packet] = {}

    async def follow(self, url: str, context: ssl.SSLContext, from_s: float, to_s: float) -> None:
        anchor: tuple[int, int] | None = None
        async with connect(url, ssl=context, proxy=None, compression=None) as socket:
            while time.monotonic() < to_s:
                message = await socket.recv()
                now_ms = time.time_ns() / 1e6
                if isinstance(message, str):
                    continue
                packet = decode(message)
                self.packets[packet.sequence] = packet
                if packet.declaration is not None:
                    anchor = (packet.first, packet.declaration.device_ms)
                if anchor is None or time.monotonic() < from_s:
                    continue
                first_ms = anchor[1] + (packet.first - anchor[0]) * 1000 / RATE_HZ
                self.oldest_ms.append(now_ms - first_ms)
                self.newest_ms.append(now_ms - first_ms - packet.count * 1000 / RATE_HZ)


def is_exact(screen: Screen) -> bool:
    """Whether all its samples, decoded, are the recording's, without one missing."""
    own = load_recording(RATE_HZ).samples
    order = sorted(screen.packets)
    start = next(n for n in order if screen.packets[n].key)
    decoder, rows = Decoder(own.shape[1]), []
    for sequence in range(start, order[-1] + 1):
        if sequence not in screen.packets:
            return False
        packet = screen.packets[sequence]
        rows.append(decoder.decode(Block(packet.key, packet.coded), packet.count))
    got = np.concatenate(rows)
    for offset in np.flatnonzero((own == got[0]).all(axis=1)):
        if np.array_equal(own[np.arange(offset, offset + len(got)) % len(own)], got):
            return True
    return False


Children = dict[str, subprocess.Popen[bytes]]


def start_children(options: argparse.Namespace, folder: Path) -> Children:
    ensure_certificate(folder / "tls", ["localhost"], now_ms=SystemClock().now_ms())
    common = ["--folder", str(folder), "--port", str(options.port)]
    common += ["--streams", str(options.streams)]
    return {
        role: subprocess.Popen([sys.executable, __file__, "--role", role, *common])  # noqa: S603 (this very file)
        for role in ("centre", "vehicles", "source")
    }


async def measure(options: argparse.Namespace, folder: Path, children: Children) -> dict[str, Any]:
    """One run: how late packets were, what each process spent, whether samples are the source's."""
    centre, port = options.port, options.port + 1
    try:
        context = ssl.create_default_context(cafile=str(folder / "tls" / "ca.crt"))
        await until_open(centre)
        await until_open(port)
        screens = [Screen() for _ in range(options.streams)]
        from_s = time.monotonic() + options.warm_up
        to_s = from_s + options.seconds
        following = [
            asyncio.create_task(
                screen.follow(
                    f"wss://localhost:{centre}/api/ecg?unit={unit_of(n)}", context, from_s, to_s
                )
            )
            for n, screen in enumerate(screens)
        ]
        await asyncio.sleep(from_s - time.monotonic())
        before = cpu_s(children)
        await asyncio.gather(*following)
        after = cpu_s(children)
    finally:
        for child in children.values():
            child.terminate()
        for child in children.values():
            child.wait()
    newest = np.concatenate([screen.newest_ms for screen in screens])
    oldest = np.concatenate([screen.oldest_ms for screen in screens])
    share = 1000 / options.seconds / options.streams
    return {
        "packets": len(newest),
        "newest_p50_ms": round(float(np.percentile(newest, 50)), 1),
        "newest_p99_ms": round(float(np.percentile(newest, 99)), 1),
        "oldest_p99_ms": round(float(np.percentile(oldest, 99)), 1),
        "bit_exact": all(is_exact(screen) for screen in screens[:COMPARED]),
        "cpu_ms_per_stream_and_s": {
            role: round((after[role] - before[role]) * share, 2) for role in children
        },
    }


def live(arguments: Sequence[str] = ()) -> dict[str, Any]:
    """Several runs, and of each figure the median."""
    options = _options(arguments)
    runs = []
    for _ in range(options.repetitions):
        with tempfile.TemporaryDirectory(prefix="goldenhour-ecg-") as name:
            children = start_children(options, Path(name))
            work = measure(options, Path(name), children)
            runs.append(asyncio.run(work, loop_factory=uvloop.new_event_loop))
        print(runs[-1], file=sys.stderr)
    newest, oldest = (
        statistics.median(run[f"{which}_p99_ms"] for run in runs) for which in ("newest", "oldest")
    )
    exact = all(run["bit_exact"] for run in runs)
    return {
        "streams": options.streams,
        "newest_p99_ms": newest,
        "oldest_p99_ms": oldest,
        "goal": f"<= {GOAL_NEWEST_MS} newest, <= {GOAL_OLDEST_MS} oldest, bit-exact",
        "pass": newest <= GOAL_NEWEST_MS and oldest <= GOAL_OLDEST_MS and exact,
        "runs": runs,
    }


def cpu_s(children: Children) -> dict[str, float]:
    times = {role: psutil.Process(child.pid).cpu_times() for role, child in children.items()}
    return {role: one.user + one.system for role, one in times.items()}


async def until_open(port: int) -> None:
    async with asyncio.timeout(120):
        while True:
            try:
                _reader, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.1)
                continue
            writer.close()
            return


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=200)
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--warm-up", type=float, default=30.0, dest="warm_up")
    parser.add_argument("--port", type=int, default=18461, help="and the one after it")
    parser.add_argument("--role", help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def main() -> None:
    """One of the processes that `live` starts."""
    options = _options(None)
    folder, port, streams = Path(options.folder), options.port, options.streams
    match options.role:
        case "centre":
            run_for_long(run_centre(folder, port, streams))
        case "vehicles":
            run_for_long(run_vehicles(folder, port, port + 1, streams))
        case "source":
            run_for_long(run_source(port + 1, streams))


if __name__ == "__main__":
    main()
