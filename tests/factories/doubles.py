"""Doubles of other people's services as processes of their own: `goldenhour simulate KIND`."""

import asyncio
import os
import socket
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

READY_S = 30


@asynccontextmanager
async def running_double(
    folder: Path, kind: str, warning: str, *, fault: str = "none"
) -> AsyncIterator[int]:
    """It has said what it is; its port. `folder` is its state folder."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    setting = {
        "residents": "RESIDENTS", "callbacks": "CALLBACK", "card-reader": "CARD_READER",
        "roads": "ROAD_FEED",
    }  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "goldenhour.main.cli", "simulate", kind, "--fault", fault,
        stdout=asyncio.subprocess.PIPE,
        env=os.environ
        | {
            "GOLDENHOUR_STATE": str(folder),
            "GOLDENHOUR_WORLD": "simulation",
            f"GOLDENHOUR_{setting[kind]}_PORT": str(port),
        },
    )  # fmt: skip
    assert process.stdout is not None
    try:
        async with asyncio.timeout(READY_S):
            assert (await process.stdout.readline()).decode().strip() == warning
        yield port
    finally:
        process.terminate()
        await process.wait()


async def answers(folder: Path, port: int, path: str) -> None:
    """Returns when the https service answers, whatever it says."""
    context = ssl.create_default_context(cafile=str(folder / "tls" / "ca.crt"))
    async with (
        asyncio.timeout(READY_S),
        httpx.AsyncClient(verify=context, trust_env=False) as client,
    ):
        while True:
            try:
                await client.get(f"https://localhost:{port}{path}")
            except httpx.TransportError:
                await asyncio.sleep(0.05)  # a port says nothing when it opens
            else:
                return
