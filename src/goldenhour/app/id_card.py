"""An identity card as a vehicle's reader gives it: a proposal, which a person confirms.

Rule 1: a card whose number is wrong, or says something else than its text, is no card.
Rule 2: an expired card still says who somebody is; that it is expired is said with it.
Rule 3: what nobody needs on board stays on the card: address, nation, issuer.
"""

from typing import Final, Protocol

from goldenhour.domain.care.age import age_on
from goldenhour.domain.care.events import Sex
from goldenhour.domain.care.id_card import read_id_number
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.record import Record
from goldenhour.kernel.time import china_date

_SEXES: Final = {"1": Sex.MALE, "2": Sex.FEMALE}
"""GB/T 2261.1; anything else says nothing, and the number knows."""


class IdCard(Record):
    name: str
    sex: Sex
    birth_day: str
    """YYYY-MM-DD"""
    age_y: float
    number: str
    expired: bool


class CardReader(Protocol):
    """A vehicle's reader. Test double: `simulator.card_reader`, over a real socket."""

    @property
    def connected(self) -> bool: ...
    async def read(self) -> IdCard | Refused: ...


def check_card(
    *, name: str, sex: str, birth_day: str, number: str, valid_to: str, now_ms: int
) -> IdCard | Refused:
    """`sex` as GB/T 2261.1, the days as YYYY-MM-DD; an empty `valid_to`: for ever."""
    read = read_id_number(number)
    if isinstance(read, Refused):
        return read
    if read.birth_day != birth_day:
        return Refused(code="card_contradicts", field="birth_day")
    if _SEXES.get(sex, read.sex) is not read.sex:
        return Refused(code="card_contradicts", field="sex")
    day = china_date(now_ms)
    today = f"{day[:4]}-{day[4:6]}-{day[6:]}"
    if birth_day > today:
        return Refused(code="card_contradicts", field="birth_day")
    return IdCard(
        name=name,
        sex=read.sex,
        birth_day=birth_day,
        age_y=age_on(birth_day, today),
        number=read.number,
        expired=valid_to != "" and valid_to < today,
    )
