"""The names of leads in the code systems that files use.

SCP-ECG (EN 1064) numbers the leads; ISO/IEEE 11073-10101 (MDC) has the same numbers in partition
2, where a term's code is 2 * 65536 + 256 + number: lead III is SCP 61, MDC 2:61 in DICOM's CID
3001 and 131389 in FHIR.
"""

import re
from typing import Final

STANDARD: Final = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")

_SCP: Final = dict(
    zip(
        ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6", "V7"),
        range(1, 10),
        strict=True,
    )
) | {
    "V3R": 11,
    "V4R": 12,
    "V5R": 13,
    "V6R": 14,
    "X": 16,
    "Y": 17,
    "Z": 18,
    "III": 61,
    "aVR": 62,
    "aVL": 63,
    "aVF": 64,
    "V8": 66,
    "V9": 67,
}
_NAMES: Final = {number: name for name, number in _SCP.items()}
_SPELT: Final = {name.upper(): name for name in _SCP}
_MDC_BASE: Final = 131_328
_FILLERS: Final = frozenset({"LEAD", "ECG", "EKG", "MDC"})
_HYPHEN: Final = re.compile(rf"\b({'|'.join(sorted(_FILLERS))})-(?=\w)", re.IGNORECASE)
"""`ECG-V1`; any other hyphen is a minus."""
_MINUS: Final = ("-", "\u2212", "\u2013")


def scp_number(name: str) -> int | None:
    return _SCP.get(name)


def mdc_code(name: str) -> int | None:
    number = _SCP.get(name)
    return None if number is None else _MDC_BASE + number


def name_of_number(number: int) -> str | None:
    return _NAMES.get(number)


def name_in(text: str) -> str:
    """`Lead aVR`, `ECG V1`, `Lead I (Einthoven)`: the lead's name; an unknown text stays itself.

    So do a lead turned round (`Lead -aVR`, of Cabrera) and the difference of two (`ECG II-V5`).
    """
    plain = _HYPHEN.sub(r"\1 ", text.replace("_", " ").replace("(", " ")).split()
    words = [word for word in plain if word.upper() not in _FILLERS]
    named = {_SPELT[lead] for word in words if (lead := word.strip(")").upper()) in _SPELT}
    if not words or len(named) > 1 or any(word.startswith(_MINUS) for word in words[1:]):
        return text.strip()
    return _SPELT.get(words[0].upper(), words[0] if len(words) == 1 else text.strip())
