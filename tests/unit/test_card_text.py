"""What a card reader says, byte by byte; the cards are the double's, so nobody of them exists."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldenhour.app.id_card import IdCard, check_card
from goldenhour.domain.care.events import Sex
from goldenhour.kernel.outcome import Refused
from goldenhour.simulator.card_reader import text_block
from goldenhour.simulator.residents import list_people
from goldenhour.wire.id_card import (
    BLOCK_BYTES,
    BlockFault,
    CardText,
    Stop,
    Stopped,
    read_block,
    read_text,
)

PERSON = list_people(1, 1)[0]
BLOCK = text_block(PERSON)
NOW_MS = 1_795_000_000_000
"""In November 2026."""


def changed(at: int, text: str) -> bytes:
    """The block with this text from the unit `at` on."""
    part = text.encode("utf-16-le")
    return BLOCK[: at * 2] + part + BLOCK[at * 2 + len(part) :]


def test_a_card_is_read_field_by_field() -> None:
    assert read_block(BLOCK) == CardText(
        name=PERSON.name,
        sex="1" if PERSON.story.male else "2",
        nation="01",
        birth_day=PERSON.born.isoformat(),
        address="安澜市澜溪区虚构路1号",
        number=PERSON.id_number,
        issuer="安澜市公安局(虚构)",
        valid_from="2020-01-01",
        valid_to="",
    )


def test_a_rare_character_takes_two_units_and_moves_nothing() -> None:
    read = read_block(changed(0, "\U00020bb7明".ljust(14)))
    assert isinstance(read, CardText)
    assert (read.name, read.number) == ("\U00020bb7明", PERSON.id_number)


@pytest.mark.parametrize(
    ("block", "field"),
    [
        (b"", "length"),
        (BLOCK[:-2], "length"),
        (BLOCK + b"\0\0", "length"),
        (changed(0, " " * 15), "name"),
        (changed(0, "\x07"), "name"),
        (BLOCK[:28] + b"\x00\xd8" + BLOCK[30:], "name"),  # half of a rare character
        (changed(15, "3"), "sex"),
        (changed(18, "20260230"), "birth_day"),
        (changed(18, "２０２６０２１０"), "birth_day"),
        (changed(61, " " * 18), "number"),
        (changed(94, "2020/1/1"), "valid_from"),
        (changed(102, "20401301"), "valid_to"),
        (changed(124, "I"), "kind"),
        (changed(124, "Y"), "kind"),
        (changed(124, "Z"), "reserve"),
    ],
)
def test_names_the_field_at_fault(block: bytes, field: str) -> None:
    assert read_block(block) == BlockFault(field=field)


def test_a_residence_permit_is_read_by_the_same_places() -> None:
    assert isinstance(read_block(changed(124, "J")), CardText)


@given(st.binary(min_size=BLOCK_BYTES, max_size=BLOCK_BYTES) | st.binary(max_size=300))
def test_any_bytes_are_answered(block: bytes) -> None:
    assert isinstance(read_block(block), CardText | BlockFault)


@given(st.integers(0, BLOCK_BYTES - 1), st.integers(0, 255))
def test_one_changed_byte_is_answered(at: int, byte: int) -> None:
    block = BLOCK[:at] + bytes([byte]) + BLOCK[at + 1 :]
    assert isinstance(read_block(block), CardText | BlockFault)


# ---- the talk


def told(*answers: bytes) -> bytes | Stopped:
    """What the reading says in the end, when it is answered so."""
    talk = read_text()
    next(talk)
    for answer in answers:
        try:
            talk.send(answer)
        except StopIteration as ended:
            said: bytes | Stopped = ended.value
            return said
    raise AssertionError("it waits for another answer")


ATR = bytes.fromhex("3B80800101")
OK = b"\x90\x00"


def test_the_commands_are_those_of_the_standard() -> None:
    talk = read_text()
    assert next(talk) == b"\x04"
    assert talk.send(ATR) == bytes.fromhex("00A4020C021001")
    assert talk.send(OK) == bytes.fromhex("00B0000080")
    assert talk.send(bytes(128) + OK) == bytes.fromhex("00B0008080")


def test_a_block_comes_in_parts() -> None:
    assert told(ATR, OK, BLOCK[:128] + OK, BLOCK[128:] + OK) == BLOCK
    parts = [BLOCK[at : at + 64] + OK for at in range(0, BLOCK_BYTES, 64)]
    assert told(ATR, OK, *parts) == BLOCK


@pytest.mark.parametrize(
    ("answers", "stopped"),
    [
        ((b"",), Stopped(stop=Stop.NO_CARD)),
        ((b"\x00\x01",), Stopped(stop=Stop.REFUSED, status="ATR")),
        ((ATR, b""), Stopped(stop=Stop.REMOVED)),
        ((ATR, b"\x6a\x82"), Stopped(stop=Stop.REFUSED, status="6A82")),
        ((ATR, b"\x90"), Stopped(stop=Stop.REFUSED, status="90")),
        ((ATR, OK, BLOCK[:128] + OK, b""), Stopped(stop=Stop.REMOVED)),
        ((ATR, OK, BLOCK[:128] + OK, b"\x6b\x00"), Stopped(stop=Stop.REFUSED, status="6B00")),
        ((ATR, OK, OK), Stopped(stop=Stop.REFUSED, status="empty")),
    ],
)
def test_every_end_has_a_reason(answers: tuple[bytes, ...], stopped: Stopped) -> None:
    assert told(*answers) == stopped


# ---- what the card claims


def checked(**changes: str) -> IdCard | Refused:
    said = {
        "name": PERSON.name,
        "sex": "1" if PERSON.story.male else "2",
        "birth_day": PERSON.born.isoformat(),
        "number": PERSON.id_number,
        "valid_to": "",
    }
    return check_card(**(said | changes), now_ms=NOW_MS)


def test_a_card_that_agrees_with_its_number_is_a_proposal() -> None:
    card = checked()
    assert isinstance(card, IdCard)
    assert card.sex is (Sex.MALE if PERSON.story.male else Sex.FEMALE)
    assert (card.name, card.number, card.expired) == (PERSON.name, PERSON.id_number, False)
    assert 0 <= date(2026, 11, 1).year - PERSON.born.year - card.age_y <= 1


def test_an_expired_card_says_so() -> None:
    card = checked(valid_to="2026-01-01")
    assert isinstance(card, IdCard)
    assert card.expired


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"birth_day": "1950-01-01"}, "card_contradicts", "birth_day"),
        ({"sex": "2" if PERSON.story.male else "1"}, "card_contradicts", "sex"),
        ({"number": PERSON.id_number[:-1]}, "id_length", "id_number"),
    ],
)
def test_a_card_that_contradicts_itself_is_none(
    changes: dict[str, str], code: str, field: str
) -> None:
    refused = checked(**changes)
    assert isinstance(refused, Refused)
    assert (refused.code, refused.field) == (code, field)


def test_an_unknown_sex_on_the_card_leaves_it_to_the_number() -> None:
    card = checked(sex="9")
    assert isinstance(card, IdCard)
    assert card.sex is (Sex.MALE if PERSON.story.male else Sex.FEMALE)
