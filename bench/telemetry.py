"""JT/T 808 positions through the real gateway process into PostgreSQL, acknowledged after commit.

Counted are positions that the terminals saw acknowledged, against the processor time of gateway and
PostgreSQL together; the terminals (telemetry_load.py), the listeners of the bus and this process
are apart. Full speed first, beside the codec alone on the same frames in the same minutes; then
the acknowledgement's delay at a given rate; then the vehicles of a city, each once a second.
Afterwards the rows in the table must be as many as the acknowledgements.
"""

import argparse
import asyncio
import json
import os
import socket
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from random import Random  # noqa: TID251 (a benchmark makes its dice from its seed)
from time import process_time, time_ns
from typing import Any

import psutil
import psycopg

from goldenhour.adapters.bus.unix import BusServer
from goldenhour.adapters.postgres.embedded import OWNER, EmbeddedServer
from goldenhour.main.drills import lab
from goldenhour.simulator.jt808_frames import Identity
from goldenhour.wire.jt808 import Message, Splitter, decode

sys.path.insert(0, str(Path(__file__).parent))

from telemetry_load import key_of, phone_of, ring, unit_of

GOAL_PER_CPU_S = 30_000
GOAL_CITY_SHARE = 0.10
CITY_VEHICLES = 1_000
CODEC_FRAMES = 100
LISTENERS = ("api.sock", "worker.sock")


class Load:
    """The process of the terminals."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def do(self, what: str, **arguments: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": what} | arguments).encode() + b"\n")
        answer: dict[str, Any] = json.loads(await self._process.stdout.readline())
        return answer


def cpu_s(gateway: int, postmaster: int) -> tuple[float, float]:
    """Processor seconds so far of the gateway and of all of PostgreSQL."""
    one = psutil.Process(gateway).cpu_times()
    server = psutil.Process(postmaster)
    times = server.cpu_times()
    total = times.user + times.system + times.children_user + times.children_system
    for child in server.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            spent = child.cpu_times()
            total += spent.user + spent.system
    return one.user + one.system, total


def codec_per_cpu_s(frames: list[bytes]) -> float:
    """Frames split and decoded a second of this process, as chunks of a socket would bring them."""
    splitter, good = Splitter(), 0
    begin = process_time()
    for _ in range(CODEC_FRAMES):
        for found in splitter.feed(b"".join(frames)):
            good += isinstance(found, bytes) and isinstance(decode(found), Message)
    return CODEC_FRAMES * len(frames) / (process_time() - begin)


@asynccontextmanager
async def gateway(running: EmbeddedServer, folder: Path, port: int) -> AsyncIterator[int]:
    """The product's own gateway process and what listens on its bus; gives its process id."""
    environ = {name: value for name, value in os.environ.items() if "GOLDENHOUR" not in name} | {
        "GOLDENHOUR_STATE": str(folder),
        "GOLDENHOUR_DATABASE_URL": running.conninfo(OWNER, lab.DATABASE),
        "GOLDENHOUR_HOST": "127.0.0.1",
        "GOLDENHOUR_JT808_PORT": str(port),
        "GOLDENHOUR_RUN_DIR": str(folder),
    }
    async with AsyncExitStack() as stack:
        for name in LISTENERS:
            await stack.enter_async_context(BusServer(folder / name, lambda _topic, _data: None))
        with (folder / "gateway.log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "goldenhour.main.cli", "serve", "gateway"),
                env=environ,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
            assert process.stdout is not None
            copying = None
            try:
                line = await asyncio.wait_for(process.stdout.readline(), 30)
                if b"ready" not in line:
                    raise RuntimeError(f"the gateway says: {line.decode()}")
                copying = asyncio.create_task(_copy(process.stdout, log))
                yield process.pid
            finally:
                with suppress(ProcessLookupError):
                    process.terminate()
                await process.wait()
                if copying:
                    await copying


async def _copy(source: asyncio.StreamReader, target: Any) -> None:
    while chunk := await source.read(1 << 16):
        target.write(chunk)


@asynccontextmanager
async def load_process() -> AsyncIterator[Load]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(__file__).with_name("telemetry_load.py")),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield Load(process)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def prepare(running: EmbeddedServer, terminals: int) -> None:
    lab.own(running, f"select make_partitions({time_ns() // 1_000_000}, 1)")
    with psycopg.connect(running.conninfo(OWNER, lab.DATABASE), autocommit=True) as owner:
        owner.cursor().executemany(
            "insert into device (id, kind, unit_id, key, enabled)"
            " values (%s, 'terminal', %s, %s, true)",
            [(phone_of(n), unit_of(n), key_of(n)) for n in range(terminals)],
        )


def count_rows(running: EmbeddedServer) -> int:
    with psycopg.connect(running.conninfo(OWNER, lab.DATABASE)) as owner:
        row = owner.execute("select count(*) from fix").fetchone()
    assert row is not None
    return int(row[0])


async def measure(running: EmbeddedServer, options: argparse.Namespace) -> dict[str, Any]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    frames = [
        frame
        for number in range(20)
        for frame, _good in ring(
            Identity(phone=phone_of(number), v2019=number % 2 == 1, plate="晋D12345"),
            Random(number),
        )
    ]
    postmaster = running.pid
    assert postmaster is not None
    runs: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory(prefix="gh-bench-") as name:
        async with gateway(running, Path(name), port) as pid, load_process() as load:

            async def counted(what: str, **order: Any) -> dict[str, Any]:
                before = cpu_s(pid, postmaster)
                found = await load.do(what, **order)
                after = cpu_s(pid, postmaster)
                ours, theirs = after[0] - before[0], after[1] - before[1]
                return found | {"gateway_s": ours, "postgres_s": theirs, "cpu_s": ours + theirs}

            await load.do("connect", port=port, terminals=options.terminals)
            await load.do("full", seconds=1.0, window=options.window)
            for repetition in range(options.repetitions):
                found = await counted("full", seconds=options.seconds, window=options.window)
                found["codec"] = codec_per_cpu_s(frames)
                runs.append(found)
                print(
                    f"{repetition}: {found['acked'] / found['cpu_s']:.0f} a CPU second"
                    f" (gateway {found['gateway_s']:.2f} s,"
                    f" PostgreSQL {found['postgres_s']:.2f} s),"
                    f" {found['acked'] / options.seconds:.0f} a second;"
                    f" codec alone {found['codec']:.0f}",
                    file=sys.stderr,
                )
            steady = await counted(
                "rate", seconds=options.seconds, frames=options.rate, terminals=options.terminals
            )
            cities = [
                await counted(
                    "rate", seconds=options.seconds, frames=CITY_VEHICLES, terminals=CITY_VEHICLES
                )
                for _ in range(options.repetitions)
            ]
    return {"runs": runs, "steady": steady, "cities": cities, "rows": count_rows(running)}


def summary(found: dict[str, Any], options: argparse.Namespace) -> dict[str, Any]:
    runs = found["runs"]
    rates = [run["acked"] / run["cpu_s"] for run in runs]
    codecs = [run["codec"] for run in runs]
    value, codec = statistics.median(rates), statistics.median(codecs)
    # The last line of the load is cumulative: nothing acknowledged may be missing from the table.
    cities, last = found["cities"], found["cities"][-1]
    acked, missing = last["acked_ever"], last["missing"]
    city_share = statistics.median(city["cpu_s"] for city in cities) / options.seconds
    return {
        "name": "telemetry",
        "value": round(value),
        "unit": "positions acknowledged and stored a CPU second, gateway and PostgreSQL together",
        "goal": f">= {GOAL_PER_CPU_S}; {CITY_VEHICLES} vehicles at 1 Hz under"
        f" {GOAL_CITY_SHARE:.0%} of a core; rows = acknowledgements",
        "pass": value >= GOAL_PER_CPU_S
        and city_share < GOAL_CITY_SHARE
        and missing == 0
        and found["rows"] == acked,
        "n": options.repetitions,
        "spread": {"min": round(min(rates)), "max": round(max(rates))},
        "peer": "the codec alone, frames split and decoded a CPU second",
        "peer_value": round(codec),
        "ratio": round(value / codec, 3),
        "terminals": options.terminals,
        "gateway_alone": round(statistics.median(r["acked"] / r["gateway_s"] for r in runs)),
        "a_second": round(statistics.median(r["acked"] / options.seconds for r in runs)),
        "at_rate": {
            "frames_per_s": options.rate,
            "p50_ms": round(found["steady"]["p50_ms"], 1),
            "p99_ms": round(found["steady"]["p99_ms"], 1),
            "core_share": round(found["steady"]["cpu_s"] / options.seconds, 2),
            "late_ticks": found["steady"]["late_ticks"],
        },
        "city": {
            "core_share": round(city_share, 3),
            "shares": [round(city["cpu_s"] / options.seconds, 3) for city in cities],
            "p99_ms": round(last["p99_ms"], 1),
        },
        "acknowledged": acked,
        "stored": found["rows"],
        "missing": missing,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0, help="of one run")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--terminals", type=int, default=2_000)
    parser.add_argument("--window", type=int, default=8, help="unanswered frames of a terminal")
    parser.add_argument("--rate", type=int, default=10_000, help="frames a second for the delay")
    options = parser.parse_args(arguments)
    with lab.server() as running:
        prepare(running, options.terminals)
        result = summary(asyncio.run(measure(running, options)), options)
    print(json.dumps(result))
    return 0 if result["pass"] else 1


if __name__ == "__main__":
    sys.exit(main())
