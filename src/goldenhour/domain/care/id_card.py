"""The citizen's identity number of GB 11643: its check digit, birth date and sex.

Rule 1: a wrong number is refused with the digit at fault; nothing is ever corrected.
Rule 2: 17 digits and a check: six for the region, eight for the birth date, three for the order
        of registration (odd: a man), then the sum of the weighted digits modulo 11.
"""

from datetime import date
from typing import Final

from goldenhour.domain.care.events import Sex
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.record import Record

LENGTH: Final = 18
WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS: Final = "10X98765432"


class IdNumber(Record):
    number: str
    """18 characters; a small x is written large."""
    birth_day: str
    """YYYY-MM-DD"""
    sex: Sex


def check_digit(first_17: str) -> str:
    """The last character of a number; `first_17` is digits alone."""
    total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, first_17, strict=True))
    return CHECKS[total % len(CHECKS)]


def read_id_number(text: str) -> IdNumber | Refused:
    """What an identity number says; spaces around it do not count."""
    number = text.strip().upper()
    if len(number) != LENGTH:
        return _wrong("id_length", str(len(number)))
    for place, character in enumerate(number[:-1], start=1):
        if character not in "0123456789":
            return _wrong("id_digit", str(place))
    if number[-1] not in CHECKS:
        return _wrong("id_digit", str(LENGTH))
    birth = f"{number[6:10]}-{number[10:12]}-{number[12:14]}"
    try:
        date.fromisoformat(birth)
    except ValueError:
        return _wrong("id_birth_date", birth)
    if number[-1] != (expected := check_digit(number[:-1])):
        # The digit that would fit is not told as a correction: any of the others may be wrong.
        return _wrong("id_check_digit", f"{LENGTH}: {number[-1]} ≠ {expected}")
    sex = Sex.MALE if int(number[16]) % 2 else Sex.FEMALE
    return IdNumber(number=number, birth_day=birth, sex=sex)


def _wrong(code: str, detail: str) -> Refused:
    return Refused(code=code, field="id_number", detail=detail)
