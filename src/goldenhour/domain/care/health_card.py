"""The number of a resident's electronic health card (电子健康卡), as a code or a keyboard says it.

Rule 1: the code that people show is the card's identifier, a colon, one digit for the kind of code,
        and for a code of the moment more after another colon. The identifier alone says who it is.
Rule 2: whatever else is taken for an opaque number, as it stands; the record service knows it or
        does not.
"""

import re
from typing import Final

from goldenhour.kernel.outcome import Refused

_CODE: Final = re.compile(r"([0-9A-Za-z]{8,64}):[0-9](?::.*)?")
_LONGEST: Final = 128


def read_health_card(text: str) -> str | Refused:
    """The card's identifier; spaces around it do not count."""
    number = text.strip()
    if not number or len(number) > _LONGEST or not number.isprintable():
        return Refused(code="health_card_number", field="health_card", detail=str(len(number)))
    code = _CODE.fullmatch(number)
    return code[1] if code else number
