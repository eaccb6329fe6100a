"""The identity number: its check digit and what it says. The region 99 exists nowhere."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldenhour.domain.care.events import Sex
from goldenhour.domain.care.id_card import CHECKS, IdNumber, check_digit, read_id_number
from goldenhour.kernel.outcome import Refused


@pytest.mark.parametrize(
    ("number", "birth_day", "sex"),
    [
        # The standard's own two examples, of a region that has since been dissolved.
        ("11010519491231002X", "1949-12-31", Sex.FEMALE),
        ("440524188001010014", "1880-01-01", Sex.MALE),
        ("11010519491231002x", "1949-12-31", Sex.FEMALE),
        (" 990000196203040012 ".replace("0012", "001" + check_digit("99000019620304001")),
         "1962-03-04", Sex.MALE),
    ],
)  # fmt: skip
def test_says_birth_and_sex(number: str, birth_day: str, sex: Sex) -> None:
    read = read_id_number(number)
    assert isinstance(read, IdNumber)
    assert (read.birth_day, read.sex) == (birth_day, sex)


@pytest.mark.parametrize(
    ("number", "code", "detail"),
    [
        ("", "id_length", "0"),
        ("1101051949123100", "id_length", "16"),
        ("110105194912310O2X", "id_digit", "16"),
        ("1101051949123100２X", "id_digit", "17"),
        ("11010519491231002Y", "id_digit", "18"),
        ("11010519491331002X", "id_birth_date", "1949-13-31"),
        ("110105194912310021", "id_check_digit", "18: 1 ≠ X"),
        ("X10105194912310021", "id_digit", "1"),
    ],
)
def test_names_the_digit_at_fault(number: str, code: str, detail: str) -> None:
    assert read_id_number(number) == Refused(code=code, field="id_number", detail=detail)


numbers = st.builds(
    lambda region, born, order: f"{region:06}{born:%Y%m%d}{order:03}",
    st.integers(0, 999_999),
    st.dates(date(1900, 1, 1), date(2099, 12, 31)),
    st.integers(0, 999),
)


@given(numbers, st.integers(0, 17), st.sampled_from(CHECKS))
def test_one_wrong_digit_is_always_found(first_17: str, place: int, other: str) -> None:
    number = first_17 + check_digit(first_17)
    read = read_id_number(number)
    assert isinstance(read, IdNumber)
    assert read.number == number
    changed = number[:place] + other + number[place + 1 :]
    assert (changed == number) == isinstance(read_id_number(changed), IdNumber)


@given(st.text(max_size=30))
def test_any_text_is_answered(text: str) -> None:
    assert isinstance(read_id_number(text), IdNumber | Refused)
