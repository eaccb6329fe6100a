"""An engineer looks at a terminal and asks it something: page, database, gateway and back."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import pytest
from jt808_doubles import NOW_MS, PHONES, TerminalDouble, World, a_position, running

from factories.office import Office, opened
from goldenhour.adapters.postgres import terminals as terminals_store
from goldenhour.adapters.postgres.pool import Database
from goldenhour.adapters.postgres.terminals import PostgresTerminals
from goldenhour.app.accounts import Device
from goldenhour.app.ports import TerminalProfile, TerminalReads
from goldenhour.app.terminal_media import TerminalMedia
from goldenhour.app.terminals import (
    LOOK_MS,
    TELL_MS,
    TOLD_FOR_MS,
    TRACE,
    Order,
    OrderKind,
    OrderRow,
    check,
    decode_value,
    encode_value,
)
from goldenhour.kernel.outcome import Refused
from goldenhour.main import terminal_orders
from goldenhour.main.terminal_orders import Console
from goldenhour.wire.jt808 import Version
from goldenhour.wire.jt808.driver import Card, CardResult, Driver
from goldenhour.wire.jt808.messages import (
    Body,
    Choice,
    Heartbeat,
    Parameter,
    ParametersAnswer,
    PositionAnswer,
    QueryDriver,
    QueryParameters,
    QueryPosition,
    Question,
    QuestionAnswer,
    Result,
    SetParameters,
    TerminalAnswer,
    Text,
    Track,
)

PHONE = "13800000001"
PATH = f"/api/admin/terminals/{PHONE}"
TOLD = (
    Parameter(parameter_id=0x0029, data=b"\0\0\0\x0a"),
    Parameter(parameter_id=0xF0, data=b"\1"),
)


class Tasks(asyncio.TaskGroup):
    """Remembers what it was given, so that a test can await it."""

    def __init__(self) -> None:
        super().__init__()
        self.made: list[asyncio.Task[Any]] = []

    def create_task(self, *given: Any, **named: Any) -> asyncio.Task[Any]:
        self.made.append(super().create_task(*given, **named))
        return self.made[-1]


class Place:
    """The page's server and the gateway on one database, and a terminal on the wire."""

    def __init__(self, office: Office, world: World, console: Console, group: Tasks) -> None:
        self.office, self._world, self._console, self._group = office, world, console, group
        self._number = 0

    @property
    def profile(self) -> TerminalProfile:
        return self._world.directory.profile

    @profile.setter
    def profile(self, profile: TerminalProfile) -> None:
        self._world.directory.profile = profile

    async def terminal(
        self, version: Version = Version.V2019, phone: str = PHONE
    ) -> TerminalDouble:
        found = await self._world.terminal(phone, version)
        await self.turn()
        return found

    async def turn(self) -> None:
        await self._console.turn(self._group)

    async def order(self, **order: object) -> str:
        self._number += 1
        ident = f"order-{self._number:04d}"
        body = {"id": ident, "order": order}
        answer = await self.office.client.post(
            f"{PATH}/orders", json=body, headers=await self.office.cookie("admin")
        )
        assert answer.status_code == 202, answer.text
        await self.turn()
        return ident

    async def look(self) -> dict[str, object]:
        answer = await self.office.client.get(PATH, headers=await self.office.cookie("admin"))
        assert answer.status_code == 200
        found: dict[str, object] = answer.json()
        return found

    async def newest(self) -> OrderRow:
        rows = await PostgresTerminals(self.office.database).list_orders(PHONE, 1)
        return rows[0]

    async def until_done(self) -> OrderRow:
        async with asyncio.timeout(10):
            await asyncio.gather(*self._group.made)
        row = await self.newest()
        assert row.done_ms is not None
        return row


@asynccontextmanager
async def a_place(
    database: Database, media: TerminalMedia | None = None, **settings: float
) -> AsyncIterator[Place]:
    book = PostgresTerminals(database)
    async with (
        opened(database, terminal_media=media) as office,
        running(drivers=book, keeper=media, **settings) as world,
    ):
        await office.accounts.put_device(
            Device(id=PHONE, kind="terminal", unit_id="A-01", key="k", enabled=True)
        )
        async with Tasks() as group:
            console = Console(world.gateway, book, office.world.clock)
            yield Place(office, world, console, group)


def to_parameters(serial: int) -> Body:
    return ParametersAnswer(serial=serial, count=2, parameters=TOLD)


def to_place(serial: int) -> Body:
    return PositionAnswer(serial=serial, position=a_position())


@pytest.mark.parametrize("version", list(Version))
async def test_parameters_are_read_and_a_place_is_asked_for(
    database: Database, version: Version
) -> None:
    answers: list[tuple[str, type, Callable[[int], Body]]] = [
        ("query_parameters", QueryParameters, to_parameters),
        ("query_position", QueryPosition, to_place),
    ]
    async with a_place(database) as place:
        terminal = await place.terminal(version)
        for kind, asked, answer in answers:
            await place.order(kind=kind)
            message = await terminal.receive()
            assert isinstance(message.body, asked)
            terminal.send(answer(message.header.serial))
            row = await place.until_done()
            assert row.outcome == "done"
            if kind == "query_parameters":
                assert [(p.parameter_id, p.value) for p in row.parameters] == [
                    (0x0029, "10"),
                    (0xF0, "01"),
                ]
            else:
                assert row.place.startswith("36.195400, 113.116300 · 2025-")
            await terminal.receive()  # our general answer to its answer


@pytest.mark.parametrize(
    ("order", "sent", "result", "outcome"),
    [
        (
            {"kind": "set_parameter", "parameter_id": 0x29, "value": "5"},
            SetParameters(parameters=(Parameter(parameter_id=0x29, data=b"\0\0\0\5"),)),
            Result.OK,
            "done",
        ),
        (
            {"kind": "track", "interval_s": 5, "duration_s": 60},
            Track(interval_s=5, duration_s=60),
            Result.UNSUPPORTED,
            "unsupported",
        ),
        ({"kind": "track"}, Track(interval_s=0, duration_s=0), Result.FAILED, "refused"),
    ],
)
async def test_a_deed_ends_in_the_terminals_own_word(
    database: Database, order: dict[str, object], sent: Body, result: Result, outcome: str
) -> None:
    async with a_place(database) as place:
        terminal = await place.terminal()
        await place.order(**order)
        message = await terminal.receive()
        assert message.body == sent
        # A general answer to something else is not the answer to this.
        other = TerminalAnswer(serial=message.header.serial, message_id=0x8300, result=Result.OK)
        terminal.send(other)
        answer = TerminalAnswer(
            serial=message.header.serial, message_id=message.header.message_id, result=result
        )
        terminal.send(answer)
        assert (await place.until_done()).outcome == outcome


@pytest.mark.parametrize("version", list(Version))
async def test_a_drivers_card_is_asked_for_and_stays_known_without_the_person(
    database: Database, version: Version
) -> None:
    driver = Driver(
        card=Card.INSERTED,
        at_ms=1_750_000_000_000,
        name="测试员甲",
        certificate="140400199001012222",
        issuer="测试运管局",
        valid_until=date(2034, 4, 9),
    )
    async with a_place(database) as place:
        terminal = await place.terminal(version)
        await place.look()
        await place.turn()
        await place.order(kind="query_driver")
        assert (await terminal.receive()).body == QueryDriver()
        assert await terminal.result(driver) == Result.OK
        assert (await place.until_done()).outcome == "done"
        await place.turn()
        state = (await place.look())["state"]
        assert state["driver"] == {  # type: ignore[index] # JSON
            "heard_ms": NOW_MS,
            "said_ms": driver.at_ms,
            "card": "inserted",
            "result": "read",
            "certificate": "*" * 14 + "2222",
            "issuer": "测试运管局",
            "valid_until": "2034-04-09",
        }
        # Nor does the person lie in the newest frames, which the page shows as bytes.
        shown = [frame["hex"] for frame in state["trace"]]  # type: ignore[index] # JSON
        header_bytes = 17 if version is Version.V2019 else 12
        assert [len(one) for one in shown if one.startswith("0702")] == [2 * header_bytes]
        for told in (driver.name, driver.certificate):
            assert told.encode("gbk").hex() not in "".join(shown)
        # It outlives the line, and the next thing said takes its place.
        terminal.writer.close()
        terminal = await place.terminal(version)
        await place.turn()
        state = (await place.look())["state"]
        assert state["driver"]["card"] == "inserted"  # type: ignore[index] # JSON
        refused = Driver(card=Card.INSERTED, at_ms=driver.at_ms, result=CardResult.LOCKED)
        assert await terminal.result(refused) == Result.OK
        state = (await place.look())["state"]
        assert (state["driver"]["result"], state["driver"]["certificate"]) == ("locked", "")  # type: ignore[index] # JSON


async def test_who_is_not_there_or_says_nothing_is_told_so(database: Database) -> None:
    async with a_place(database, answer_s=0.2) as place:
        await place.order(kind="query_position")
        assert (await place.until_done()).outcome == "not_connected"
        terminal = await place.terminal()
        await place.order(kind="text", text="请回电")
        assert isinstance((await terminal.receive()).body, Text)
        assert (await place.until_done()).outcome == "timeout"


async def test_the_newest_frames_are_told_while_somebody_looks(database: Database) -> None:
    async with a_place(database) as place:
        terminal = await place.terminal()
        first = await place.look()
        assert (first["state"]["trace"], first["state"]["connected"]) == ([], True)  # type: ignore[index] # JSON
        await place.turn()
        await terminal.result(a_position())
        await place.turn()
        state = (await place.look())["state"]
        trace = [(frame["sent"], frame["hex"][:4]) for frame in state["trace"]]  # type: ignore[index] # JSON
        assert trace == [(False, "0200"), (True, "8001")]
        place.office.world.clock.at_ms += 60_000
        await place.turn()
        assert (await place.look())["state"]["trace"] == []  # type: ignore[index] # JSON
        terminal.writer.close()
        await terminal.closed()
        async with asyncio.timeout(10):
            while (await place.look())["state"]["connected"]:  # type: ignore[index] # JSON
                await place.turn()


async def test_nobody_passes_for_connected_after_the_gateway_itself_is_gone(
    database: Database,
) -> None:
    async with a_place(database) as place:
        await place.terminal()
        place.office.world.clock.at_ms += TOLD_FOR_MS
        assert (await place.look())["state"]["connected"]  # type: ignore[index] # JSON
        place.office.world.clock.at_ms += 1
        assert not (await place.look())["state"]["connected"]  # type: ignore[index] # JSON


async def test_so_many_at_once_are_told_turn_by_turn_and_who_is_looked_at_in_each(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terminal_orders, "TOLD_AT_ONCE", 1)
    book = PostgresTerminals(database)

    async def told(at_ms: int) -> list[int]:
        states = [await book.look(phone, at_ms) for phone in PHONES]
        return [state.frames if state else 0 for state in states]

    async with a_place(database) as place:
        clock = place.office.world.clock
        first, second = await place.terminal(), await place.terminal(phone="13800000002")
        # Both are told by now; in the next turns each waits until it is due.
        assert await told(clock.at_ms - LOOK_MS - 1) == [1, 1]
        for terminal in (first, second):
            assert await terminal.result(a_position()) == Result.OK
        await place.turn()
        assert await told(clock.at_ms - LOOK_MS - 1) == [1, 1]
        clock.at_ms += TELL_MS
        await place.turn()
        assert sorted(await told(clock.at_ms - LOOK_MS - 1)) == [1, 2]
        await place.turn()
        assert await told(clock.at_ms) == [2, 2]
        for terminal in (first, second):
            assert await terminal.result(a_position()) == Result.OK
        await place.turn()
        assert await told(clock.at_ms) == [3, 3]


async def test_only_administrators_ask_and_only_known_terminals_are_asked(
    database: Database,
) -> None:
    async with a_place(database) as place:
        await place.terminal()
        client = place.office.client
        body = {"id": "order-9999", "order": {"kind": "query_position"}}
        for username in ("dispatcher", "quality", "crew1"):
            cookie = await place.office.cookie(username)
            assert (await client.get(PATH, headers=cookie)).status_code == 403
            refused = await client.post(f"{PATH}/orders", json=body, headers=cookie)
            assert refused.status_code == 403
        admin = await place.office.cookie("admin")
        stranger = "/api/admin/terminals/13999999999"
        assert (await client.get(stranger, headers=admin)).status_code == 404
        refused = await client.post(f"{stranger}/orders", json=body, headers=admin)
        assert refused.status_code == 404
        # The same press twice is one order.
        for _ in range(2):
            assert (
                await client.post(f"{PATH}/orders", json=body, headers=admin)
            ).status_code == 202
        rows = await PostgresTerminals(database).list_orders(PHONE, 9)
        assert [row.id for row in rows] == ["order-9999"]


@pytest.mark.parametrize(
    ("order", "field"),
    [
        (Order(kind=OrderKind.SET_PARAMETER, parameter_id=0x7777, value="1"), "parameter_id"),
        (Order(kind=OrderKind.SET_PARAMETER, parameter_id=0x29, value="five"), "value"),
        (Order(kind=OrderKind.SET_PARAMETER, parameter_id=0x29, value="4294967296"), "value"),
        (Order(kind=OrderKind.SET_PARAMETER, parameter_id=0x13, value="ß"), "value"),
        (Order(kind=OrderKind.TRACK, interval_s=5), "duration_s"),
        (Order(kind=OrderKind.TEXT, text=" "), "text"),
    ],
)
def test_what_cannot_be_asked_is_said_before_anything_is_sent(order: Order, field: str) -> None:
    said = check(order)
    assert isinstance(said, Refused)
    assert said.field == field


@pytest.mark.parametrize(
    ("parameter_id", "data", "value"),
    [
        (0x0029, b"\0\0\1\0", "256"),
        (0x0029, b"\1", "01"),  # a number of another length is shown as it is
        (0x0013, "主机".encode("gbk") + b"\0", "主机"),
        (0xF001, b"\xde\xad", "dead"),
    ],
)
def test_a_parameter_is_read_by_its_form(parameter_id: int, data: bytes, value: str) -> None:
    assert decode_value(parameter_id, data).value == value
    order = Order(kind=OrderKind.SET_PARAMETER, parameter_id=parameter_id, value=value)
    encoded = encode_value(order)
    if not isinstance(encoded, Refused) and len(data) > 1:
        assert encoded == data.rstrip(b"\0") or encoded == data


async def test_a_text_is_read_when_its_driver_presses_so(database: Database) -> None:
    async with a_place(database) as place:
        place.profile = TerminalProfile(reads=TerminalReads.QUESTION)
        terminal = await place.terminal(Version.V2013)
        await place.order(kind="text", text="请到北门接人")
        message = await terminal.receive()
        assert isinstance(message.body, Text)
        taken = message.header.serial
        terminal.send(TerminalAnswer(serial=taken, message_id=0x8300, result=Result.OK))
        question = await terminal.receive()
        assert question.body == Question(
            flags=0b1000, text="请确认已读：请到北门接人", choices=(Choice(id=1, text="已读"),)
        )
        assert ((await place.newest()).outcome, (await place.newest()).read) == ("done", "waiting")
        # That the terminal has taken the question is not that the driver has read it.
        asked = question.header.serial
        terminal.send(TerminalAnswer(serial=asked, message_id=0x8302, result=Result.OK))
        assert await terminal.result(QuestionAnswer(serial=asked, choice=1)) == Result.OK
        row = await place.until_done()
        assert (row.outcome, row.read, row.read_ms is not None) == ("done", "read", True)


@pytest.mark.parametrize("result", [Result.OK, Result.UNSUPPORTED])
async def test_a_text_that_nobody_confirms_is_unread(database: Database, result: Result) -> None:
    async with a_place(database, read_s=0.05) as place:
        place.profile = TerminalProfile(reads=TerminalReads.QUESTION)
        terminal = await place.terminal(Version.V2013)
        await place.order(kind="text", text="x")
        for message_id in (0x8300, 0x8302):
            asked = await terminal.receive()
            answer = Result.OK if message_id == 0x8300 else result
            serial = asked.header.serial
            terminal.send(TerminalAnswer(serial=serial, message_id=message_id, result=answer))
        assert (await place.until_done()).read == "unread"


async def test_older_frames_are_paged_through_and_the_oldest_dropped(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terminals_store, "MOST_FRAMES", 100)
    # The gateway's clock of these tests lies far behind the office's.
    monkeypatch.setattr(terminals_store, "FRAMES_DAYS", 10_000)
    async with a_place(database) as place:
        terminal = await place.terminal()
        await place.look()
        await place.turn()
        for _ in range(4):
            for _ in range(TRACE // 2):
                await terminal.ask(Heartbeat())
            await place.turn()
        seen: list[tuple[int, int]] = []
        query = ""
        headers = await place.office.cookie("admin")
        while True:
            answer = await place.office.client.get(f"{PATH}/frames{query}", headers=headers)
            page = answer.json()
            seen += [(one["line_ms"], one["n"]) for one in page["frames"]]
            if not page["more"]:
                break
            query = f"?line_ms={seen[-1][0]}&n={seen[-1][1]}"
        assert len(seen) == len(set(seen)) == 100 == page["most"]
        assert [n for _, n in seen] == [*range(4 * TRACE, 4 * TRACE - 100, -1)]
        # What is too old goes with the next frame that is kept.
        monkeypatch.setattr(terminals_store, "FRAMES_DAYS", 1)
        await terminal.ask(Heartbeat())
        await place.turn()
        answer = await place.office.client.get(f"{PATH}/frames", headers=headers)
        assert answer.json()["frames"] == []
