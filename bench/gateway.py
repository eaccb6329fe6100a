"""JT/T 808 at the terms of a province: 10,000 terminals connected, and a gateway that is killed.

As `telemetry`, with its gateway process, its terminals and its way of counting: positions that the
terminals saw acknowledged a processor second of gateway and PostgreSQL, at full speed; then the
delay of an acknowledgement at 10,000 frames a second over all terminals; then, at that rate, the
gateway is killed (-9) and everything that was acknowledged must be in the table. Beside it, in
turns, a gateway as one writes it in an afternoon (gateway_naive.py) on the same frames.
"""

import argparse
import asyncio
import json
import os
import signal
import socket
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from goldenhour.adapters.postgres.embedded import OWNER, EmbeddedServer
from goldenhour.main.drills import lab
from goldenhour.main.file_limit import allow_connections

sys.path.insert(0, str(Path(__file__).parent))

from telemetry import count_rows, cpu_s, gateway, load_process, prepare

GOAL_PER_CPU_S = 60_000
GOAL_P99_MS = 10.0
RATE = 10_000
NAIVE_TERMINALS = 500
"""More only wait longer there."""


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@asynccontextmanager
async def naive(running: EmbeddedServer, port: int) -> AsyncIterator[int]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(__file__).with_name("gateway_naive.py")),
        running.conninfo(OWNER, lab.DATABASE),
        str(port),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        if b"ready" not in await asyncio.wait_for(process.stdout.readline(), 30):
            raise RuntimeError("the naive gateway did not begin")
        yield process.pid
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def measure(running: EmbeddedServer, options: argparse.Namespace) -> dict[str, Any]:
    postmaster = running.pid
    assert postmaster is not None
    found: dict[str, Any] = {"ours": [], "naive": []}
    port, other = free_port(), free_port()
    with tempfile.TemporaryDirectory(prefix="gh-bench-") as name:
        async with (
            gateway(running, Path(name), port) as pid,
            naive(running, other) as peer,
            load_process() as load,
            load_process() as peer_load,
        ):

            async def counted(process: int, loaded: Any, what: str, **order: Any) -> dict[str, Any]:
                before = cpu_s(process, postmaster)
                said: dict[str, Any] = await loaded.do(what, **order)
                after = cpu_s(process, postmaster)
                return said | {"cpu_s": sum(after) - sum(before)}

            await load.do("connect", port=port, terminals=options.terminals)
            await peer_load.do("connect", port=other, terminals=NAIVE_TERMINALS)
            full = {"seconds": options.seconds, "window": options.window}
            await load.do("full", seconds=1.0, window=options.window)
            for repetition in range(options.repetitions):
                ours = await counted(pid, load, "full", **full)
                theirs = await counted(peer, peer_load, "full", **full)
                found["ours"].append(ours["acked"] / ours["cpu_s"])
                found["naive"].append(theirs["acked"] / theirs["cpu_s"])
                print(
                    f"{repetition}: ours {found['ours'][-1]:.0f}, naive {found['naive'][-1]:.0f}"
                    " a CPU second",
                    file=sys.stderr,
                )
            steady = {"frames": RATE, "terminals": options.terminals}
            found["steady"] = [
                await counted(pid, load, "rate", seconds=options.seconds, **steady)
                for _ in range(options.repetitions)
            ]
            acked = found["steady"][-1]["acked_ever"]
            found["missing"] = found["steady"][-1]["missing"]
            found["stored"], found["acked"] = count_rows(running), acked
            dying = asyncio.create_task(
                load.do("rate", seconds=options.seconds, patience_s=1.0, **steady)
            )
            await asyncio.sleep(options.seconds / 2)
            os.kill(pid, signal.SIGKILL)
            killed = await dying
            found["acked_at_kill"] = killed["acked_ever"]
            # What was acknowledged was committed before; whatever else is there was on its way.
            found["lost"] = max(0, killed["acked_ever"] - count_rows(running))
    return found


def summary(found: dict[str, Any], options: argparse.Namespace) -> dict[str, Any]:
    value, peer = statistics.median(found["ours"]), statistics.median(found["naive"])
    p99_ms = statistics.median(one["p99_ms"] for one in found["steady"])
    return {
        "name": "gateway",
        "value": round(value),
        "unit": "positions acknowledged and stored a CPU second, gateway and PostgreSQL together",
        "goal": f">= {GOAL_PER_CPU_S} with {options.terminals} connections; p99 of the"
        f" acknowledgement <= {GOAL_P99_MS:.0f} ms at {RATE} a second; nothing lost by kill -9",
        "pass": value >= GOAL_PER_CPU_S
        and p99_ms <= GOAL_P99_MS
        and found["missing"] == 0
        and found["stored"] == found["acked"]
        and found["lost"] == 0,
        "n": options.repetitions,
        "spread": {"min": round(min(found["ours"])), "max": round(max(found["ours"]))},
        "peer": f"asyncio, struct and an INSERT a frame, {NAIVE_TERMINALS} connections",
        "peer_value": round(peer),
        "ratio": round(value / peer, 1),
        "terminals": options.terminals,
        "at_rate": {
            "frames_per_s": RATE,
            "p50_ms": round(statistics.median(one["p50_ms"] for one in found["steady"]), 1),
            "p99_ms": round(p99_ms, 1),
            "p99_each": [round(one["p99_ms"], 1) for one in found["steady"]],
            "core_share": round(
                statistics.median(one["cpu_s"] for one in found["steady"]) / options.seconds, 2
            ),
            "late_ticks": sum(one["late_ticks"] for one in found["steady"]),
            "own_lag_p99_ms": [round(one["own_lag_ms"], 1) for one in found["steady"]],
        },
        "acknowledged": found["acked"],
        "stored": found["stored"],
        "missing": found["missing"],
        "killed": {"acknowledged": found["acked_at_kill"], "lost": found["lost"]},
    }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0, help="of one run")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--terminals", type=int, default=10_000)
    parser.add_argument("--window", type=int, default=4, help="unanswered frames of a terminal")
    options = parser.parse_args(arguments)
    allow_connections(options.terminals)
    with lab.server() as running:
        prepare(running, options.terminals)
        result = summary(asyncio.run(measure(running, options)), options)
    print(json.dumps(result))
    return 0 if result["pass"] else 1


if __name__ == "__main__":
    sys.exit(main())
