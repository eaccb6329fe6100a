"""The vehicle gateway over real loopback sockets, against doubles of its ports (jt808_doubles).

The terminal here speaks through the wire codec; frames that others wrote are in tests/unit.
"""

import asyncio
import gc
import weakref

import msgspec
import pytest
from jt808_doubles import DEVICE_MS, NOW_MS, a_position, running
from structlog.testing import capture_logs

from goldenhour.adapters.jt808 import TextOutcome
from goldenhour.adapters.jt808.connection import Connection
from goldenhour.app.ports import TerminalClock, TerminalLength, TerminalProfile
from goldenhour.kernel.datum import Datum
from goldenhour.kernel.geo import Point, distance_m
from goldenhour.kernel.telemetry import Fix
from goldenhour.wire.jt808 import Part, Splitter, Version, encode, encode_parts
from goldenhour.wire.jt808.driver import Card, Driver
from goldenhour.wire.jt808.frame import close_frame
from goldenhour.wire.jt808.messages import (
    Authenticate,
    BatchKind,
    Heartbeat,
    Logout,
    PlatformAnswer,
    PlatformResend,
    PositionAnswer,
    PositionBatch,
    Raw,
    Register,
    RegisterAnswer,
    RegisterResult,
    Result,
    TerminalAnswer,
    TerminalResend,
    TimeAnswer,
    TimeQuery,
)

REGISTER = Register(
    province=14, city=4, maker="GH", model="M", terminal_id="1", plate_colour=1, plate="晋D12345"
)


async def test_registration_gives_the_key_and_the_key_opens() -> None:
    async with running() as world:
        for version in Version:
            terminal = await world.connect(version=version)
            answer = await terminal.ask(REGISTER)
            assert isinstance(answer, RegisterAnswer)
            assert (answer.result, answer.key) == (RegisterResult.OK, "key-13800000001")
            assert await terminal.result(Authenticate(key=answer.key)) == Result.OK
            assert await terminal.result(Heartbeat()) == Result.OK
            assert await terminal.ask(TimeQuery()) == TimeAnswer(at_ms=NOW_MS)


@pytest.mark.parametrize(
    ("gateways", "again"),
    [
        ((), RegisterResult.TERMINAL_TAKEN),
        (("10.0.0.0/8", "fd00::/8"), RegisterResult.TERMINAL_TAKEN),
        (("10.0.0.0/8", "127.0.0.0/8"), RegisterResult.OK),
    ],
)
async def test_a_key_is_given_once_except_to_an_approved_gateway(
    gateways: tuple[str, ...], again: RegisterResult
) -> None:
    async with running(gateways=gateways) as world:
        world.directory.once = True
        found = []
        for _ in range(2):
            terminal = await world.connect()
            answer = await terminal.ask(REGISTER)
            assert isinstance(answer, RegisterAnswer)
            found.append((answer.result, answer.key))
        key = f"key-{terminal.phone}"
        assert found[0] == (RegisterResult.OK, key)
        assert found[1] == (again, key if again is RegisterResult.OK else "")
        # Whoever has the key may use it as before.
        assert await terminal.result(Authenticate(key=key)) == Result.OK


async def test_a_profile_is_taken_at_the_next_connection_which_comes_at_once() -> None:
    async with running() as world:
        terminal = await world.terminal()
        world.directory.profile = TerminalProfile(datum=Datum.GCJ02)
        known = {p: await world.directory.find_terminal(p) for p in (terminal.phone,)}
        world.gateway.keep_only({p: t for p, t in known.items() if t}, known)
        await terminal.closed()
        terminal = await world.terminal()
        world.gateway.keep_only({p: t for p, t in known.items() if t}, known)
        assert await terminal.result(a_position()) == Result.OK
        (fix,) = world.store.fixes
        # By GCJ-02 the place lies some 600 m to the west.
        assert fix.point is not None
        assert distance_m(fix.point, Point(lat=36.1954, lon=113.1163)) == pytest.approx(600, abs=30)


async def test_an_unknown_or_disabled_terminal_gets_no_key() -> None:
    async with running() as world:
        stranger = await world.connect(phone="19900000000")
        terminal = await world.connect()
        world.directory.enabled = False
        for refused in (stranger, terminal):
            answer = await refused.ask(REGISTER)
            assert isinstance(answer, RegisterAnswer)
            assert (answer.result, answer.key) == (RegisterResult.NO_TERMINAL, "")
            key = Authenticate(key=f"key-{refused.phone}")
            assert await refused.result(key) == Result.FAILED
        wanted_in = [stranger.phone, stranger.phone, terminal.phone, terminal.phone]
        assert world.strangers == [(phone, "unknown_terminal") for phone in wanted_in]


async def test_nothing_is_accepted_before_authentication() -> None:
    async with running() as world:
        terminal = await world.connect()
        batch = PositionBatch(kind=0, positions=(a_position(),))
        for body in (a_position(), batch, Heartbeat(), TimeQuery()):
            assert await terminal.result(body) == Result.FAILED
        assert await terminal.result(Authenticate(key="wrong")) == Result.FAILED
        assert await terminal.result(a_position()) == Result.FAILED
        await terminal.authenticate()
        assert await terminal.result(a_position()) == Result.OK
        assert len(world.store.fixes) == 1
        assert world.count("jt808_bad_frames_total", reason="unauthenticated") == 5


async def test_a_connection_cannot_speak_for_another_terminal() -> None:
    async with running() as world:
        terminal = await world.terminal()
        terminal.phone = "13800000002"
        terminal.send(a_position())
        terminal.phone = "13800000001"
        assert await terminal.result(Heartbeat()) == Result.OK
        assert world.store.fixes == []
        assert world.count("jt808_bad_frames_total", reason="phone_changed") == 1


async def test_a_position_becomes_a_fix_on_store_and_bus() -> None:
    async with running() as world:
        terminal = await world.terminal()
        assert await terminal.result(a_position(alarm_bits=1)) == Result.OK
        fix = Fix(
            unit_id="unit-1",
            point=Point(lat=36.1954, lon=113.1163),
            speed_kmh=42.3,
            heading_deg=90,
            altitude_m=930,
            device_ms=DEVICE_MS,
            received_ms=NOW_MS,
            catch_up=False,
            mileage_km=10.1,
            satellites=11,
            alarms=("sos",),
        )
        assert world.store.fixes == [fix]
        topic, payload = await world.bus.payloads.get()
        assert (topic, msgspec.json.decode(payload, type=list[Fix])) == ("fixes", [fix])
        assert await terminal.result(PositionAnswer(serial=1, position=a_position())) == Result.OK


async def test_a_terminal_without_a_clock_keeps_its_alarm_and_moves_nothing() -> None:
    async with running() as world:
        terminal = await world.terminal()
        assert await terminal.result(a_position(device_ms=None, alarm_bits=1)) == Result.OK
        (fix,) = world.store.fixes
        assert (fix.point, fix.device_ms, fix.alarms) == (None, NOW_MS, ("sos",))


async def test_a_position_is_acknowledged_only_after_the_store_returned() -> None:
    async with running() as world:
        terminal = await world.terminal()
        world.store.gate.clear()
        position_serial = terminal.send(a_position())
        await world.store.arrived.wait()
        # The heartbeat came later and is answered first: the position's answer is truly held.
        assert await terminal.result(Heartbeat()) == Result.OK
        assert world.bus.payloads.empty()
        world.store.gate.set()
        answer = (await terminal.receive()).body
        assert answer == PlatformAnswer(serial=position_serial, message_id=0x0200, result=0)


async def test_while_one_append_runs_the_next_batch_collects_over_all_connections() -> None:
    async with running() as world:
        first, second = await world.terminal(), await world.terminal("13800000002")
        world.store.gate.clear()
        first.send(a_position())
        await world.store.arrived.wait()
        for terminal in (first, second):
            for _ in range(5):
                terminal.send(a_position())
            assert await terminal.result(Heartbeat()) == Result.OK
        world.store.gate.set()
        for terminal, count in ((first, 6), (second, 5)):
            for _ in range(count):
                assert isinstance((await terminal.receive()).body, PlatformAnswer)
        assert [len(call) for call in world.store.calls] == [1, 10]
        assert world.store.most_running == 1


async def test_a_failed_append_acknowledges_nobody_and_the_next_one_works() -> None:
    async with running() as world:
        terminal = await world.terminal()
        world.store.failures = 1
        world.store.gate.clear()
        terminal.send(a_position())
        await world.store.arrived.wait()
        resent = terminal.send(a_position())
        assert await terminal.result(Heartbeat()) == Result.OK
        world.store.gate.set()
        answer = (await terminal.receive()).body
        assert answer == PlatformAnswer(serial=resent, message_id=0x0200, result=0)
        assert world.count("jt808_append_failures_total") == 1


async def test_a_bus_that_hangs_holds_up_no_acknowledgement() -> None:
    async with running(bus_s=0.01) as world:
        world.bus.hangs = True
        terminal = await world.terminal()
        for _ in range(3):
            assert await terminal.result(a_position()) == Result.OK
        assert len(world.store.fixes) == 3


async def test_blind_zone_positions_are_history_and_never_live() -> None:
    async with running() as world:
        terminal = await world.terminal()
        old = PositionBatch(kind=BatchKind.CATCH_UP, positions=(a_position(), a_position()))
        live = PositionBatch(kind=BatchKind.NORMAL, positions=(a_position(),))
        assert await terminal.result(old) == Result.OK
        assert await terminal.result(live) == Result.OK
        assert [fix.catch_up for fix in world.store.fixes] == [True, True, False]
        _, payload = await world.bus.payloads.get()
        assert [fix.catch_up for fix in msgspec.json.decode(payload, type=list[Fix])] == [False]
        assert world.bus.payloads.empty()


async def test_a_split_batch_is_stored_whole_and_each_part_is_then_answered() -> None:
    async with running() as world:
        terminal = await world.terminal()
        batch = PositionBatch(kind=1, positions=(a_position(),) * 60)
        frames = encode_parts(batch, version=terminal.version, phone=terminal.phone, serial=100)
        assert len(frames) == 3
        terminal.writer.write(frames[2] + frames[0])
        assert await terminal.result(Heartbeat()) == Result.OK
        terminal.writer.write(frames[1])
        answers = [(await terminal.receive()).body for _ in frames]
        assert answers == [
            PlatformAnswer(serial=serial, message_id=0x0704, result=0) for serial in (100, 101, 102)
        ]
        assert len(world.store.fixes) == 60


async def test_missing_parts_are_asked_for_again() -> None:
    async with running(part_s=0.01) as world:
        terminal = await world.terminal(version=Version.V2013)
        batch = PositionBatch(kind=1, positions=(a_position(),) * 60)
        frames = encode_parts(batch, version=terminal.version, phone=terminal.phone, serial=7)
        terminal.writer.write(frames[0])
        asked = (await terminal.receive()).body
        assert asked == PlatformResend(first_serial=7, indices=(2, 3))


async def test_parts_with_reports_between_them_are_one_message_and_each_is_answered() -> None:
    """As a recorder sends a picture: its reports go on, and take serials of their own."""
    async with running() as world:
        terminal = await world.terminal()
        batch = PositionBatch(kind=1, positions=(a_position(),) * 60)
        first, second, third = (
            encode_parts(batch, version=terminal.version, phone=terminal.phone, serial=serial)[n]
            for n, serial in enumerate((100, 101, 102))  # of the first part, were there no gap
        )
        report = encode(a_position(), version=terminal.version, phone=terminal.phone, serial=101)
        terminal.writer.write(first + report + second + third)
        answers = {(await terminal.receive()).body for _ in range(4)}
        assert answers == {
            PlatformAnswer(serial=101, message_id=0x0200, result=0),
            *(PlatformAnswer(serial=s, message_id=0x0704, result=0) for s in (100, 102, 104)),
        }
        assert len(world.store.fixes) == 61


async def test_parts_that_come_again_while_the_message_is_stored_do_not_begin_it_anew() -> None:
    async with running(part_s=0.01) as world:
        terminal = await world.terminal()
        batch = PositionBatch(kind=1, positions=(a_position(),) * 60)
        frames = encode_parts(batch, version=terminal.version, phone=terminal.phone, serial=100)
        world.store.gate.clear()
        terminal.writer.write(b"".join(frames) + frames[2] + frames[0])
        await world.store.arrived.wait()
        assert await terminal.result(Heartbeat()) == Result.OK
        world.store.gate.set()
        assert [(await terminal.receive()).body for _ in frames] == [
            PlatformAnswer(serial=serial, message_id=0x0704, result=0) for serial in (100, 101, 102)
        ]
        assert await terminal.result(Heartbeat()) == Result.OK
        assert len(world.store.fixes) == 60


async def test_a_split_message_that_was_not_stored_is_taken_when_it_comes_again() -> None:
    async with running() as world:
        terminal = await world.terminal()
        batch = PositionBatch(kind=1, positions=(a_position(),) * 60)
        frames = encode_parts(batch, version=terminal.version, phone=terminal.phone, serial=100)
        world.store.failures = 1
        terminal.writer.write(b"".join(frames))
        await world.store.arrived.wait()
        while world.count("jt808_append_failures_total") < 1:
            assert await terminal.result(Heartbeat()) == Result.OK
        terminal.writer.write(b"".join(frames))
        answers = [(await terminal.receive()).body for _ in frames]
        assert len({answer.serial for answer in answers if isinstance(answer, PlatformAnswer)}) == 3
        assert len(world.store.fixes) == 60


@pytest.mark.parametrize("version", list(Version))
async def test_what_we_say_at_length_goes_in_parts_which_may_be_asked_for_again(
    version: Version,
) -> None:
    async with running() as world:
        terminal = await world.terminal(version=version)
        text = "救" * 512
        sending = asyncio.create_task(world.gateway.send_text("unit-1", text, urgent=True))
        parts = [await terminal.receive() for _ in range(2)]
        assert [part.header.part for part in parts] == [Part(total=2, index=n) for n in (1, 2)]
        first, second = (part.header.serial for part in parts)
        terminal.send(TerminalResend(first_serial=first, indices=(2, 9, 2, 0)))
        assert await terminal.receive() == parts[1]
        # What was never split, or is asked for without end, is not sent again.
        assert await terminal.result(TerminalResend(first_serial=second, indices=(1,))) == 1
        for _ in range(2):
            terminal.send(TerminalResend(first_serial=first, indices=(1, 2)))
            assert [await terminal.receive() for _ in range(2)] == parts
        assert await terminal.result(TerminalResend(first_serial=first, indices=(1, 2))) == 1
        # A terminal that confirms each part has the text only with the last.
        for serial in (first, second):
            assert not sending.done()
            terminal.send(TerminalAnswer(serial=serial, message_id=0x8300, result=0))
            assert await terminal.result(Heartbeat()) == Result.OK
        assert await sending is TextOutcome.DELIVERED


async def test_a_drivers_card_is_answered_after_it_is_kept() -> None:
    driver = Driver(card=Card.REMOVED, at_ms=DEVICE_MS)
    async with running() as world:
        world.directory.profile = TerminalProfile(clock=TerminalClock.UTC)
        terminal = await world.terminal(version=Version.V2013)
        world.drivers.gate.clear()
        serial = terminal.send(driver)
        await world.drivers.arrived.wait()
        beat = terminal.send(Heartbeat())
        assert world.drivers.said == {}
        world.drivers.gate.set()
        assert [(await terminal.receive()).body for _ in range(2)] == [
            PlatformAnswer(serial=serial, message_id=0x0702, result=0),
            PlatformAnswer(serial=beat, message_id=0x0002, result=0),
        ]
        said = world.drivers.said[terminal.phone]
        assert (said.card, said.heard_ms, said.said_ms) == (
            "removed",
            NOW_MS,
            DEVICE_MS + 28_800_000,
        )
        # One that could not be kept costs the line, so that the terminal says it again.
        world.drivers.broken = True
        terminal.send(driver)
        await terminal.closed()


async def test_frames_cut_anywhere_are_put_together() -> None:
    async with running() as world:
        terminal = await world.terminal()
        for byte in terminal.frame(a_position()):
            terminal.writer.write(bytes((byte,)))
            await terminal.writer.drain()
        assert isinstance((await terminal.receive()).body, PlatformAnswer)
        assert len(world.store.fixes) == 1


async def test_a_second_connection_of_a_terminal_replaces_the_first() -> None:
    async with running() as world:
        first = await world.terminal()
        second = await world.terminal()
        await first.closed()
        assert await second.result(a_position()) == Result.OK
        sending = asyncio.create_task(world.gateway.send_text("unit-1", "出车", urgent=False))
        text = await second.receive()
        second.send(TerminalAnswer(serial=text.header.serial, message_id=0x8300, result=0))
        assert await sending is TextOutcome.DELIVERED
        assert world.count("jt808_connections_closed_total", reason="replaced") == 1


async def test_after_logout_positions_are_refused() -> None:
    async with running() as world:
        terminal = await world.terminal()
        assert await terminal.result(Logout()) == Result.OK
        assert await terminal.result(a_position()) == Result.FAILED
        outcome = await world.gateway.send_text("unit-1", "出车", urgent=False)
        assert outcome is TextOutcome.NOT_CONNECTED


async def test_unknown_messages_are_unsupported_and_bad_ones_are_named_so() -> None:
    async with running() as world:
        terminal = await world.terminal()
        unknown = Raw(message_id=0x0900, data=b"\x01")
        broken = Raw(message_id=0x0200, data=b"short")
        assert await terminal.result(unknown) == Result.UNSUPPORTED
        assert await terminal.result(broken) == Result.BAD_MESSAGE
        assert await terminal.result(a_position()) == Result.OK
        assert world.count("jt808_bad_frames_total", reason="length") == 1


async def test_a_flood_of_garbage_costs_its_own_connection_only() -> None:
    async with running(bad_frames_per_minute=20) as world:
        good, bad = await world.terminal(), await world.terminal("13800000002")
        bad.writer.write(b"\x7egarbage" * 20 + b"\x7e")
        assert await bad.result(Heartbeat()) == Result.OK  # bad frames alone do not end it
        bad.writer.write(b"\x7egarbage" * 100_000)
        await bad.closed()
        assert await good.result(a_position()) == Result.OK
        assert world.count("jt808_connections_closed_total", reason="flood") == 1
        assert world.count("jt808_bad_frames_total", reason="length") == 21


async def test_a_huge_part_count_gets_one_refusal_and_no_memory() -> None:
    async with running() as world:
        terminal = await world.terminal(version=Version.V2013)
        frames = encode_parts(
            Raw(message_id=0x0704, data=bytes(65535)),
            version=terminal.version,
            phone=terminal.phone,
            serial=50,
            part_bytes=1,
        )
        terminal.writer.write(frames[0])
        answer = (await terminal.receive()).body
        assert answer == PlatformAnswer(serial=50, message_id=0x0704, result=Result.BAD_MESSAGE)
        assert await terminal.result(Heartbeat()) == Result.OK


async def test_when_too_much_waits_nothing_more_is_read_and_later_nothing_is_lost() -> None:
    async with running(max_waiting=10, max_waiting_messages=100) as world:
        terminal = await world.terminal()
        world.store.gate.clear()
        terminal.writer.write(b"".join(terminal.frame(a_position()) for _ in range(50)))
        await world.store.arrived.wait()
        world.store.gate.set()
        answers = [(await terminal.receive()).body for _ in range(50)]
        # The handshake was message 1.
        assert answers == [
            PlatformAnswer(serial=serial, message_id=0x0200, result=0) for serial in range(2, 52)
        ]
        assert max(len(call) for call in world.store.calls) == 10


async def test_one_terminal_cannot_fill_the_queue() -> None:
    async with running(max_waiting_messages=3) as world:
        greedy, modest = await world.terminal(), await world.terminal("13800000002")
        world.store.gate.clear()
        for _ in range(50):
            greedy.send(a_position())
        await world.store.arrived.wait()
        modest.send(a_position())
        assert await modest.result(Heartbeat()) == Result.OK
        world.store.gate.set()
        for _ in range(50):
            await greedy.receive()
        assert all(sum(fix.unit_id == "unit-1" for fix in call) <= 3 for call in world.store.calls)


async def test_silence_closes_a_connection() -> None:
    async with running(heartbeat_s=0.02) as world:
        terminal = await world.terminal()
        await terminal.closed()
        assert world.count("jt808_connections_closed_total", reason="idle") == 1


async def test_a_connection_that_never_authenticates_is_closed() -> None:
    async with running(handshake_s=0.05) as world:
        stranger = await world.connect()
        await stranger.closed()
        assert world.count("jt808_connections_closed_total", reason="handshake") == 1


async def test_connections_beyond_the_limit_are_closed_at_once() -> None:
    async with running(max_connections=1) as world:
        terminal = await world.terminal()
        other = await world.connect("13800000002")
        await other.closed()
        assert await terminal.result(Heartbeat()) == Result.OK


async def test_a_directory_that_fails_costs_only_that_connection() -> None:
    async with running() as world:
        terminal = await world.terminal()
        world.directory.broken = True
        other = await world.connect("13800000002")
        other.send(Authenticate(key="key-13800000002"))
        await other.closed()
        assert await terminal.result(a_position()) == Result.OK


async def test_stopping_stores_and_acknowledges_what_was_taken() -> None:
    async with running() as world:
        terminal = await world.terminal()
        world.store.gate.clear()
        serial = terminal.send(a_position())
        await world.store.arrived.wait()
        stopping = asyncio.create_task(world.gateway.stop())
        world.store.gate.set()
        answer = (await terminal.receive()).body
        assert answer == PlatformAnswer(serial=serial, message_id=0x0200, result=0)
        await terminal.closed()
        await stopping
        assert len(world.store.fixes) == 1


async def test_bad_frames_are_all_counted_and_do_not_fill_the_log(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running(bad_frames_logged_per_s=1) as world:
        terminal = await world.terminal()
        with capture_logs() as logs:
            terminal.writer.write(b"\x7egarbage" * 2 + b"\x7e")
            assert await terminal.result(Heartbeat()) == Result.OK
            monkeypatch.setattr(world.gateway, "_logging_since", 0.0)  # a second later
            terminal.writer.write(b"\x7egarbage\x7e")
            assert await terminal.result(Heartbeat()) == Result.OK
        assert world.count("jt808_bad_frames_total", reason="length") == 3
        lines = [(line["event"], line.get("count")) for line in logs]
        assert lines == [
            ("jt808.bad_frame", None),
            ("jt808.bad_frames_not_logged", 1),
            ("jt808.bad_frame", None),
        ]


def misstated(frame: bytes) -> bytes:
    """The frame with another length in its header; its checksum is right."""
    (payload,) = Splitter().feed(frame)
    assert isinstance(payload, bytes)
    return close_frame(payload[:3] + bytes((payload[3] ^ 1,)) + payload[4:])


@pytest.mark.parametrize("version", list(Version))
async def test_a_wrong_length_in_the_header_is_passed_over_where_the_profile_says_so(
    version: Version,
) -> None:
    async with running() as world:
        terminal = await world.connect(version=version)
        terminal.writer.write(misstated(terminal.frame(Authenticate(key="key-13800000001"))))
        assert await terminal.result(Heartbeat()) == Result.FAILED  # nobody was let in
        assert world.count("jt808_bad_frames_total", reason="length") == 1

        world.directory.profile = TerminalProfile(length=TerminalLength.COUNTED)
        terminal = await world.connect(version=version)
        for body in (REGISTER, Authenticate(key="key-13800000001"), a_position()):
            terminal.writer.write(misstated(terminal.frame(body)))
        answers = [(await terminal.receive()).body for _ in range(3)]
        assert answers == [
            RegisterAnswer(serial=1, result=RegisterResult.OK, key="key-13800000001"),
            PlatformAnswer(serial=2, message_id=0x0102, result=Result.OK),
            PlatformAnswer(serial=3, message_id=0x0200, result=Result.OK),
        ]
        assert len(world.store.fixes) == 1
        # What cannot be read is refused as ever.
        terminal.writer.write(misstated(terminal.frame(Raw(message_id=0x0200, data=b"short"))))
        answer = (await terminal.receive()).body
        assert answer == PlatformAnswer(serial=4, message_id=0x0200, result=Result.BAD_MESSAGE)


async def test_a_line_that_has_ended_is_gone_without_a_search_for_cycles() -> None:
    """So the gateway need not search, which would keep every other line waiting."""
    async with running() as world:
        terminal, other = await world.terminal(), await world.terminal("13800000002")
        assert await terminal.result(a_position()) == Result.OK
        gc.collect()
        gc.disable()
        try:
            (line,) = [
                weakref.ref(one)
                for one in gc.get_objects()
                if isinstance(one, Connection) and one.phone == terminal.phone
            ]
            terminal.writer.close()
            while world.count("jt808_connections") > 1:
                assert await other.result(Heartbeat()) == Result.OK
            assert await other.result(Heartbeat()) == Result.OK
            assert line() is None
        finally:
            gc.enable()
