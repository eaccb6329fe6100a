"""A driver's card becomes a fact about a terminal; the person behind it goes no further."""

from datetime import date

import msgspec
import pytest

from goldenhour.adapters.jt808.drivers import to_said
from goldenhour.adapters.jt808.watch import Watch
from goldenhour.app.ports import TerminalClock
from goldenhour.app.terminals import (
    DriverSaid,
    Order,
    OrderKind,
    OrderRow,
    check,
    mask_certificate,
)
from goldenhour.kernel.time import HOUR_MS
from goldenhour.main.terminal_orders import body_of, read_answer
from goldenhour.wire.jt808 import Malformed, Splitter, Version, decode, encode, encode_parts
from goldenhour.wire.jt808.driver import Card, CardResult, Driver
from goldenhour.wire.jt808.messages import QueryDriver, Raw

SAID_MS, HEARD_MS = 1_749_999_999_000, 1_750_000_000_000
DRIVER = Driver(
    card=Card.INSERTED,
    at_ms=SAID_MS,
    name="测试员甲\0\0",  # some makers fill the name up
    certificate="140400199001012222",
    issuer="测试运管局\0",
    valid_until=date(2034, 4, 9),
    id_number="140400199001012222",
)
PERSONAL = ("测试员甲", "140400199001012222", "19900101")


class ClockDouble:
    def now_ms(self) -> int:
        return HEARD_MS


def test_of_a_card_that_was_read_the_person_stays_behind() -> None:
    said = to_said(DRIVER, HEARD_MS, TerminalClock.CHINA)
    assert said == DriverSaid(
        heard_ms=HEARD_MS,
        said_ms=SAID_MS,
        card="inserted",
        result="read",
        certificate="*" * 14 + "2222",
        issuer="测试运管局",
        valid_until="2034-04-09",
    )
    told = msgspec.json.encode(said).decode()
    assert not any(personal in told for personal in PERSONAL)


@pytest.mark.parametrize(
    ("driver", "card", "result"),
    [
        (Driver(card=Card.REMOVED, at_ms=None), "removed", "read"),
        (Driver(card=Card.NONE, at_ms=None, short=True), "", "read"),
        (Driver(card=9, at_ms=None), "", "read"),
        (Driver(card=Card.INSERTED, at_ms=None, result=CardResult.LOCKED), "inserted", "locked"),
        (Driver(card=Card.INSERTED, at_ms=None, result=77), "inserted", "77"),
    ],
)
def test_every_state_of_a_card_has_its_word(driver: Driver, card: str, result: str) -> None:
    said = to_said(driver, HEARD_MS, TerminalClock.UTC)
    assert (said.card, said.result, said.said_ms) == (card, result, None)
    assert (said.certificate, said.issuer, said.valid_until) == ("", "", "")


def test_a_clock_that_writes_utc_is_read_as_utc() -> None:
    early = msgspec.structs.replace(DRIVER, at_ms=SAID_MS - 8 * HOUR_MS)
    assert to_said(early, HEARD_MS, TerminalClock.UTC).said_ms == SAID_MS


@pytest.mark.parametrize("version", list(Version))
def test_the_newest_frames_show_the_header_alone_whole_or_in_parts(version: Version) -> None:
    watch = Watch(ClockDouble())
    watch.look(on=True)
    frame = encode(DRIVER, version=version, phone="1", serial=1)
    parts = encode_parts(DRIVER, version=version, phone="1", serial=1, part_bytes=30)
    other = encode(Raw(message_id=0x0900, data=b"\1\2\3"), version=version, phone="1", serial=1)
    watch.note(Splitter().feed(b"".join((frame, *parts, other))), sent=False)
    trace = watch.state("1", "A-01", None, connected=True).trace
    header_bytes = 17 if version is Version.V2019 else 12
    assert len(trace[0].hex) == 2 * header_bytes
    assert {len(one.hex) for one in trace[1:-1]} == {2 * (header_bytes + 4)}
    assert trace[-1].hex.endswith("010203")


@pytest.mark.parametrize("version", list(Version))
def test_no_refusal_says_who_it_is(version: Version) -> None:
    """Its detail stands in a log."""
    (payload,) = Splitter().feed(encode(DRIVER, version=version, phone="1", serial=1))
    assert isinstance(payload, bytes)
    header_bytes = 17 if version is Version.V2019 else 12
    body = payload[header_bytes:]
    refused = 0
    for cut in range(len(body)):
        short = Raw(message_id=0x0702, data=body[:cut])
        (found,) = Splitter().feed(encode(short, version=version, phone="1", serial=1))
        assert isinstance(found, bytes)
        refusal = decode(found)
        if isinstance(refusal, Malformed):
            refused += 1
            assert not any(personal in repr(refusal) for personal in PERSONAL)
    assert refused > 50


def test_a_card_is_asked_for_and_whatever_it_says_is_an_answer() -> None:
    order = Order(kind=OrderKind.QUERY_DRIVER)
    assert check(order) is None
    assert body_of(order, Version.V2013) == QueryDriver()
    row = OrderRow(
        id="order-0001",
        phone="1",
        order=order,
        asked_by="admin",
        asked_ms=0,
        done_ms=None,
        outcome="",
        parameters=(),
        place="",
    )
    answer = read_answer(row, Driver(card=Card.INSERTED, at_ms=None, result=CardResult.LOCKED))
    assert answer.outcome == "done"


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("140400199001012222", "*" * 14 + "2222"),
        ("\0\0 140400199001012222  \0", "*" * 14 + "2222"),
        ("12345678", "*" * 8),  # of a short one the end would be half of it
        ("", ""),
    ],
)
def test_of_a_certificates_number_only_the_end_is_shown(number: str, shown: str) -> None:
    assert mask_certificate(number) == shown
