"""What somebody is called of whom nobody knows the name.

Rule 1: never a name that somebody could have: a word, the case, the vehicle and a letter.
Rule 2: the letter is given at the registration and stays, whoever is registered or merged later.
        Case and vehicle stand beside it, since two vehicles that are out of reach of each other
        give the same letters.
"""

from goldenhour.kernel.content import Text
from goldenhour.kernel.record import Record

PLACES = ("sex", "case", "call_sign", "letter")
"""What a pattern may name, in braces."""


class UnknownName(Record):
    pattern: Text
    sexes: dict[str, Text]
    """By `Sex`."""
    letters: str
    """In the order in which they are given."""


def working_name(rule: UnknownName, *, sex: str, number: str, call_sign: str, letter: str) -> Text:
    """`number` is the whole case number, of which people say the last part."""
    word = rule.sexes[sex]
    case = number.rpartition("-")[2]

    def filled(pattern: str, said: str) -> str:
        words = {"sex": said, "case": case, "call_sign": call_sign, "letter": letter}
        for place in PLACES:
            pattern = pattern.replace(f"{{{place}}}", words[place])
        # Who was registered by an older release has no letter.
        return pattern.rstrip("- ")

    return Text(zh=filled(rule.pattern.zh, word.zh), en=filled(rule.pattern.en, word.en))
