"""The farm of terminal doubles against a platform written by hand for this test."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from random import Random  # noqa: TID251 (a seed fixes the test)

from goldenhour.kernel.geo import Point
from goldenhour.simulator.driving import DrivePlan
from goldenhour.simulator.terminals import (
    Faults,
    TerminalsConfig,
    list_terminals,
    run_terminals,
)

HOMES = {"120-01": Point(lat=30.0, lon=120.0), "120-02": Point(lat=30.5, lon=120.5)}
END = Point(lat=30.001, lon=120.0)


class Frame:
    def __init__(self, raw: bytes) -> None:
        content = raw.replace(b"\x7d\x02", b"\x7e").replace(b"\x7d\x01", b"\x7d")
        self.v2019 = bool(content[2] & 0x40)
        start = 17 if self.v2019 else 12
        self.id = int.from_bytes(content[0:2])
        self.phone = content[5:15].hex() if self.v2019 else content[4:10].hex()
        self.serial = content[start - 2 : start]
        self.body = content[start:-1]
        self.right_length = len(self.body) == int.from_bytes(content[2:4]) & 0x3FF


class Platform:
    """Lets everybody in and keeps all it hears."""

    def __init__(self) -> None:
        self.heard: list[Frame] = []
        self.news = asyncio.Condition()
        self.links: dict[str, asyncio.StreamWriter] = {}
        self.answers = True
        self.codes: list[bytes] = []
        self.tasks: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        try:
            while True:
                raw = await reader.readuntil(b"\x7e")
                if len(raw) > 1:  # else the delimiter that opens a frame
                    await self.on_frame(Frame(raw[:-1]), writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def on_frame(self, frame: Frame, writer: asyncio.StreamWriter) -> None:
        self.links[frame.phone] = writer
        if frame.id == 0x0100:
            self.say(frame, 0x8100, frame.serial + b"\x00" + b"code-" + frame.phone[-4:].encode())
        elif self.answers and frame.right_length and frame.id != 0x0001:
            self.say(frame, 0x8001, frame.serial + frame.id.to_bytes(2) + b"\x00")
        if frame.id == 0x0102:
            self.codes.append(frame.body)
        async with self.news:
            self.heard.append(frame)
            self.news.notify_all()

    def say(self, to: Frame, message_id: int, body: bytes, serial: int = 7) -> None:
        properties = len(body) | (0x4000 if to.v2019 else 0)
        content = message_id.to_bytes(2) + properties.to_bytes(2) + (b"\x01" if to.v2019 else b"")
        content += bytes.fromhex(to.phone) + serial.to_bytes(2) + body
        check = 0
        for byte in content:
            check ^= byte
        inner = (
            (content + bytes([check])).replace(b"\x7d", b"\x7d\x01").replace(b"\x7e", b"\x7d\x02")
        )
        self.links[to.phone].write(b"\x7e" + inner + b"\x7e")

    async def until(self, found: Callable[[list[Frame]], bool]) -> None:
        async with self.news:
            await self.news.wait_for(lambda: found(self.heard))


class Plans:
    def __init__(self) -> None:
        self.plan: DrivePlan | None = None

    async def current(self, unit_id: str) -> DrivePlan | None:
        return self.plan if unit_id == "120-01" else None


class Fast:
    """A clock on which every reading is half a second later."""

    def __init__(self) -> None:
        self._ms = 1_767_225_600_000

    def now_ms(self) -> int:
        self._ms += 500
        return self._ms


@asynccontextmanager
async def farm(
    platform: Platform, plans: Plans, faults: Faults | None = None, count: int = 2
) -> AsyncIterator[int]:
    server = await asyncio.start_server(platform.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    config = TerminalsConfig(
        host="127.0.0.1",
        port=port,
        terminals=list_terminals(HOMES)[:count],
        moving_period_s=0.002,
        parked_period_s=4.0,
        heartbeat_s=3.0,
        retry_s=0.002,
        answer_timeout_s=3_000.0,
        reading_s=(1.0, 2.0),
        faults=faults or Faults(),
    )
    running = asyncio.create_task(run_terminals(config, plan=plans, clock=Fast(), rng=Random(5)))
    try:
        yield port
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        server.close()
        for task in platform.tasks:
            task.cancel()
        await asyncio.gather(*platform.tasks, return_exceptions=True)


def fixes(heard: list[Frame]) -> list[bytes]:
    return [frame.body for frame in heard if frame.id == 0x0200]


def caught_up(heard: list[Frame]) -> Iterator[bytes]:
    for frame in heard:
        if frame.id == 0x0704:
            count, kind, body = int.from_bytes(frame.body[:2]), frame.body[2], frame.body[3:]
            assert kind == 1
            for _ in range(count):
                length = int.from_bytes(body[:2])
                yield body[2 : 2 + length]
                body = body[2 + length :]
            assert body == b""


def when(fix: bytes) -> str:
    return fix[22:28].hex()


def place(fix: bytes) -> tuple[int, int]:
    return int.from_bytes(fix[8:12]), int.from_bytes(fix[12:16])


async def test_both_editions_are_let_in_report_and_beat() -> None:
    platform = Platform()
    async with farm(platform, Plans()):
        await platform.until(
            lambda heard: (
                {f.v2019 for f in heard if f.id == 0x0200} == {True, False}
                and {f.v2019 for f in heard if f.id == 0x0002} == {True, False}
            )
        )
    for edition in (True, False):
        ids = [frame.id for frame in platform.heard if frame.v2019 is edition]
        assert ids[:2] == [0x0100, 0x0102]
    old, new = sorted(platform.codes, key=len)
    assert old == b"code-0000"
    assert new.startswith(b"\x09code-0001")


async def test_a_vehicle_drives_its_plan_and_reports_its_end() -> None:
    platform, plans = Platform(), Plans()
    plans.plan = DrivePlan(plan_id="m1", polyline=(HOMES["120-01"], END), speed_kmh=36)
    end = (30_001_000, 120_000_000)
    async with farm(platform, plans, count=1):
        await platform.until(lambda heard: [place(fix) for fix in fixes(heard)][-2:] == [end] * 2)
    driven = [place(fix)[0] for fix in fixes(platform.heard)]
    assert driven == sorted(driven)
    assert len(set(driven)) > 5
    speeds = [int.from_bytes(fix[18:20]) for fix in fixes(platform.heard)]
    assert speeds[0] == 360
    assert speeds[-1] == 0


async def test_a_crew_confirms_a_text() -> None:
    platform = Platform()
    async with farm(platform, Plans(), count=1):
        await platform.until(lambda heard: any(frame.id == 0x0200 for frame in heard))
        platform.say(platform.heard[0], 0x8300, b"\x01" + "胸痛 人民路1号".encode("gbk"), serial=99)
        platform.say(platform.heard[0], 0x8103, b"\x00", serial=100)
        await platform.until(lambda heard: len([f for f in heard if f.id == 0x0001]) == 2)
    answers = {frame.body for frame in platform.heard if frame.id == 0x0001}
    assert answers == {b"\x00\x63\x83\x00\x00", b"\x00\x64\x81\x03\x03"}


async def test_no_fix_is_lost_when_the_link_breaks() -> None:
    platform, plans = Platform(), Plans()
    plans.plan = DrivePlan(plan_id="m1", polyline=(Point(lat=31, lon=120),), speed_kmh=36)
    async with farm(platform, plans, count=1):
        await platform.until(lambda heard: len(fixes(heard)) >= 3)
        platform.answers = False
        unanswered = len(platform.heard)
        await platform.until(lambda heard: len(fixes(heard[unanswered:])) >= 3)
        platform.answers = True
        lost = fixes(platform.heard[unanswered:])
        platform.links[platform.heard[0].phone].transport.abort()
        await platform.until(lambda heard: len(list(caught_up(heard))) >= len(lost))
    history = list(caught_up(platform.heard))
    assert [when(fix) for fix in history] == sorted(when(fix) for fix in history)
    assert set(lost) <= set(history)
    assert [frame.id for frame in platform.heard].count(0x0100) == 1  # the code is remembered


async def test_faults_come_as_configured() -> None:
    platform, plans = Platform(), Plans()
    plans.plan = DrivePlan(plan_id="m1", polyline=(Point(lat=31, lon=120),), speed_kmh=36)
    faults = Faults(
        zero_fix=0.1, duplicate=0.1, out_of_order=0.1, wrong_length=0.1, silence=0.02, silence_s=20
    )

    def all_seen(heard: list[Frame]) -> bool:
        found = [fix for frame in heard if frame.right_length for fix in fixes([frame])]
        times = [when(fix) for fix in found]
        return (
            any(fix[7] & 2 == 0 for fix in found)
            and len(set(found)) < len(found)
            and times != sorted(times)
            and not all(frame.right_length for frame in heard)
            and any(frame.id == 0x0704 for frame in heard)
        )

    async with farm(platform, plans, faults, count=1):
        await platform.until(all_seen)
