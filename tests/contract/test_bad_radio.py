"""The bad link itself: it spoils what it says it spoils, and never a byte."""

import asyncio
import random  # noqa: TID251 (seeded, for the link's dice)
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from goldenhour.main.radio import run_radio
from goldenhour.main.settings import Settings, World
from goldenhour.simulator.bad_radio import BadRadio, Profile, Trouble, load_profiles

GOOD = Profile(up_kbit_s=50_000, down_kbit_s=50_000)
BYTES = random.Random(5).randbytes(60_000)


@asynccontextmanager
async def echo(profile: Profile) -> AsyncIterator[tuple[BadRadio, asyncio.Queue[bytes]]]:
    """A link before a peer that sends back what it hears."""
    heard: asyncio.Queue[bytes] = asyncio.Queue()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(4_096):
            heard.put_nowait(data)
            writer.write(data)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    radio = BadRadio(profile, ("127.0.0.1", port), random.Random(1))
    async with server, radio.running():
        yield radio, heard


async def ask(radio: BadRadio, data: bytes = b"hello") -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", radio.port)
    try:
        writer.write(data)
        return await reader.readexactly(len(data))
    finally:
        writer.transport.abort()


def test_the_named_links_are_there() -> None:
    assert {
        *("good_5g", "rural_4g", "poor", "tunnel", "flapping"),
        *("dead_30_min", "captive_portal", "one_way"),
    } <= set(load_profiles())


async def test_losses_and_late_segments_change_no_byte() -> None:
    rough = Profile(
        up_kbit_s=20_000, down_kbit_s=20_000, delay_ms=1, loss=0.1, reorder=0.2, reorder_ms=2
    )
    async with echo(rough) as (radio, _heard):
        assert await asyncio.gather(ask(radio, BYTES), ask(radio, BYTES[::-1])) == [
            BYTES,
            BYTES[::-1],
        ]


async def test_the_line_is_as_slow_as_its_rate() -> None:
    slow = Profile(up_kbit_s=800, down_kbit_s=50_000)
    loop = asyncio.get_running_loop()
    async with echo(slow) as (radio, _heard):
        began_s = loop.time()
        await ask(radio, BYTES)
        # A floor, not a limit: 60 kB leave in no less than 0.6 s, however quick the machine is.
        assert loop.time() - began_s > 0.55


async def test_a_cut_answer_means_that_the_request_arrived() -> None:
    async with echo(Profile(up_kbit_s=50_000, down_kbit_s=50_000, answers_cut=0.99)) as both:
        radio, heard = both
        with pytest.raises(asyncio.IncompleteReadError):
            await ask(radio)
        assert await heard.get() == b"hello"
        assert radio.cuts == 1


async def test_nothing_passes_in_the_dark_and_everything_afterwards() -> None:
    async with echo(GOOD) as (radio, heard):
        reader, writer = await asyncio.open_connection("127.0.0.1", radio.port)
        writer.write(b"a")
        assert await reader.readexactly(1) == b"a"
        radio.trouble(Trouble.HOLE)
        writer.write(b"b")
        reading = asyncio.create_task(reader.readexactly(1))
        done, _ = await asyncio.wait({reading}, timeout=0.05)
        assert (done, heard.qsize()) == (set(), 1)
        radio.trouble(Trouble.NONE)
        assert await reading == b"b"
        writer.transport.abort()


async def test_deaf_the_request_arrives_and_no_answer_comes() -> None:
    async with echo(GOOD) as (radio, heard):
        radio.trouble(Trouble.DEAF)
        asking = asyncio.create_task(ask(radio))
        assert await heard.get() == b"hello"
        done, _ = await asyncio.wait({asking}, timeout=0.05)
        assert done == set()
        radio.trouble(Trouble.NONE)
        assert await asking == b"hello"


async def test_a_portal_answers_for_the_centre_and_a_cut_ends_what_is_open() -> None:
    async with echo(GOOD) as (radio, heard):
        radio.trouble(Trouble.PORTAL)
        assert await ask(radio) == b"HTTP/"
        assert heard.empty()
        radio.trouble(Trouble.NONE)
        reader, writer = await asyncio.open_connection("127.0.0.1", radio.port)
        writer.write(b"a")
        await reader.readexactly(1)
        radio.trouble(Trouble.CUT)
        assert await reader.read() == b""
        writer.transport.abort()


async def test_good_and_dark_take_turns_by_themselves() -> None:
    async with echo(Profile(up_kbit_s=9_000, down_kbit_s=9_000, good_s=0.01, dead_s=0.01)) as both:
        radio, _heard = both
        seen: set[Trouble] = set()
        while seen != {Trouble.NONE, Trouble.HOLE}:
            seen.add(radio.profile.trouble)
            await asyncio.sleep(0.002)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"listen": 1, "to": "c:1", "profile": "perfect"}, "--profile: there is no perfect"),
        ({"listen": 1, "to": "c", "profile": "poor"}, "--to: c is not HOST:PORT"),
        ({"listen": None, "to": "c:1", "profile": "poor"}, "--listen"),
    ],
)
def test_a_wrong_word_on_the_command_line_is_named(given: dict[str, Any], named: str) -> None:
    with pytest.raises(SystemExit, match=named):
        run_radio(Settings(state="x", world=World.SIMULATION), **given)


def test_a_live_world_starts_no_bad_radio() -> None:
    with pytest.raises(SystemExit, match="live world"):
        run_radio(Settings(state="x"), listen=1, to="c:1", profile="poor")
