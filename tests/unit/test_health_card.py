"""The number of an electronic health card: of its code, or as somebody typed it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories.world import facts
from goldenhour.app.portraits import Identifier, identifier_of
from goldenhour.domain.care.health_card import read_health_card
from goldenhour.kernel.outcome import Refused
from goldenhour.simulator.residents import HEALTH_CARD, list_people

LONG = "E1D10AAC73D0B947060B099128732C96" * 2


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (f"{LONG}:1", LONG),
        (f"{LONG}:0:20261121083000:330100", LONG),
        (f" {LONG}:1\r\n", LONG),
        ("99HC0001000001:1", "99HC0001000001"),
        ("99HC0001000001", "99HC0001000001"),
        # No code of that form: an opaque number, as it stands.
        ("330100-0017/2", "330100-0017/2"),
        (f"{LONG}:17", f"{LONG}:17"),
        ("A1:1", "A1:1"),
    ],
)
def test_the_identifier_alone_says_who_it_is(text: str, number: str) -> None:
    assert read_health_card(text) == number


@pytest.mark.parametrize("text", ["", "  ", "x" * 129, "12\x0034"])
def test_what_can_be_no_number_is_refused(text: str) -> None:
    refused = read_health_card(text)
    assert isinstance(refused, Refused)
    assert (refused.code, refused.field) == ("health_card_number", "health_card")


@given(st.text(max_size=200))
def test_any_text_is_answered(text: str) -> None:
    assert isinstance(read_health_card(text), str | Refused)


def test_the_code_of_a_made_up_resident_asks_for_that_resident() -> None:
    person = list_people(1, 1)[0]
    content = facts().care.portrait
    assert identifier_of("health_card", person.health_code, content) == Identifier(
        system=HEALTH_CARD, value=person.health_card, birth_day=""
    )
    refused = identifier_of("health_card", " ", content)
    assert isinstance(refused, Refused)
    assert refused.code == "health_card_number"
