"""The answer to a message: MSH, MSA and, when it is refused, ERR.

Rule 1: AA only after what the message said is durable; AE: may succeed when sent again;
AR: will not, until somebody changes a setting.
Rule 2: separators and character set are those of the peer. MSH-10 repeats its control id, which
is as unique as the peer made it.
"""

from enum import StrEnum

from goldenhour.kernel.time import to_datetime
from goldenhour.wire.hl7v2.message import TRIGGERS, Envelope, Reason, escape


class AckCode(StrEnum):
    ACCEPT = "AA"
    ERROR = "AE"
    REJECT = "AR"


def build_ack(
    to: Envelope,
    code: AckCode,
    *,
    at_ms: int,
    reason: Reason = Reason.INTERNAL,
    field: str = "",
    text: str = "",
) -> bytes:
    """The message without its MLLP frame; `field` is HL7's name, for example `OBX-5`."""
    signs = to.separators
    now = f"{to_datetime(at_ms):%Y%m%d%H%M%S}+0000"
    kind = signs.caret.join(("ACK", to.trigger if to.trigger in TRIGGERS else "R01", "ACK"))
    others = signs.caret + signs.tilde + signs.escape + signs.ampersand
    said = escape(text, signs)
    who = [others, "GOLDENHOUR", "", to.sender, to.facility]
    what = [now, "", kind, to.control_id, to.processing_id or "P", "2.6"]
    how = ["", "", "NE", "NE", "", to.charset_name]
    segments = [["MSH", *who, *what, *how], ["MSA", code.value, to.control_id, said]]
    if code is not AckCode.ACCEPT:
        segment, _, number = field.partition("-")
        place = signs.caret.join((segment, "1", number)) if number else segment
        cause = signs.caret.join((reason.value, reason.name, "HL70357"))
        segments.append(["ERR", "", place, cause, "E", "", "", "", said])
    lines = "".join(f"{signs.bar.join(fields).rstrip(signs.bar)}\r" for fields in segments)
    return lines.encode(to.charset, errors="replace")
