"""Text of addresses, folded so that what people type meets what stands on the map.

Rule 1: a folded letter keeps the place that it came from, so that a hit can be shown.
Rule 2: signs, spaces, accents and case carry nothing; `ä`, `ae` and `a` are one, a final `str` is
`strasse`.
Rule 3: one text has three forms: as written, as pinyin, as pinyin initials.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final, NamedTuple

from pypinyin import lazy_pinyin

_NUMBER: Final = re.compile(
    r"(?<!\d)(?P<number>\d{1,4}(?!\d)(?:\s?[-/]\s?\d+)?(?:\s?[a-z](?![a-z]))?)(?P<sign>\s*[号號])?",
    re.IGNORECASE,
)
WRITTEN, PINYIN, INITIALS = "w", "p", "i"
"""The marks of the three forms in the index: a piece of pinyin never meets one of Latin text."""
_MOST_EDITS: Final = 4
"""One letter in four may be wrong."""
_SHORTEST_INSIDE: Final = 4


class Form(NamedTuple):
    """Folded text; `at[i]` is the index in the original of its i-th letter."""

    text: str
    at: tuple[int, ...]


class Forms(NamedTuple):
    written: Form
    pinyin: Form
    initials: Form
    """Both empty where the text has no Chinese letter."""


class Match(NamedTuple):
    score: float
    start: int
    end: int
    """In letters of the folded key."""


def has_han(text: str) -> bool:
    return any("㐀" <= letter <= "鿿" or letter >= "\U00020000" for letter in text)


def _plain(letter: str) -> str:
    parts = unicodedata.normalize("NFKD", letter.casefold())
    return "".join(part for part in parts if part.isalnum())


def fold_plain(text: str) -> str:
    """As `fold`, without the rules for German: for what may be pinyin."""
    return "".join(map(_plain, text)).replace("v", "u")


@lru_cache(maxsize=8192)
def fold(text: str) -> Form:
    letters: list[str] = []
    at: list[int] = []
    for index, letter in enumerate(text):
        for part in _plain(letter):
            if part == "e" and letters and letters[-1] in "aou":
                continue
            letters.append(part)
            at.append(index)
        ends_word = index + 1 == len(text) or not text[index + 1].isalnum()
        if ends_word and letters[-3:] == ["s", "t", "r"]:
            letters.extend("asse")
            at.extend([index] * 4)
    return Form("".join(letters), tuple(at))


@lru_cache(maxsize=8192)
def forms(text: str) -> Forms:
    if not has_han(text):
        return Forms(fold(text), Form("", ()), Form("", ()))
    syllables: list[str] = lazy_pinyin(text, errors=_each)
    sound: list[tuple[str, int]] = []
    first: list[tuple[str, int]] = []
    for index, syllable in enumerate(syllables):
        spoken = fold_plain(syllable)
        sound.extend((letter, index) for letter in spoken)
        first.extend((letter, index) for letter in spoken[:1])
    return Forms(fold(text), _form(sound), _form(first))


def _each(letters: str) -> Any:
    """Keeps letters without a sound one by one, so that syllables and letters stay in step."""
    return list(letters)


def _form(pairs: list[tuple[str, int]]) -> Form:
    return Form("".join(letter for letter, _ in pairs), tuple(index for _, index in pairs))


def grams(text: str, mark: str) -> list[str]:
    """Overlapping pieces, each marked with its form; two letters, three of Latin script."""
    width = 2 if mark == INITIALS else 3
    return [
        mark + (text[i : i + 2] if has_han(text[i : i + 2]) else text[i : i + width])
        for i in range(len(text))
    ]


def query_grams(text: str, mark: str) -> list[str]:
    """The whole pieces of a query; a query too short for one stays as it is."""
    width = 2 if mark == INITIALS else 3
    whole = [g for g in grams(text, mark) if len(g) > (2 if has_han(g) else width)]
    return list(dict.fromkeys(whole)) or ([mark + text] if text else [])


def house_numbers(text: str) -> Iterator[tuple[str, str]]:
    """Every way to read the text as (street, house number), the likeliest first."""
    found = list(_NUMBER.finditer(text))
    for match in sorted(found, key=lambda m: (m["sign"] is None, -m.start())):
        street = text[: match.start()].strip(" ,，、") or text[match.end() :].strip(" ,，、")
        if street:
            yield street, fold_number(match["number"])


def fold_number(number: str) -> str:
    return "".join(number.casefold().rstrip("号號幢栋").split())


def compare(query: str, words: tuple[str, ...], key: str) -> Match | None:
    """How well a query fits a key, and where; both folded. None: not at all."""
    if not query or not key:
        return None
    size = min(len(query), len(key)) / max(len(query), len(key))
    start = key.find(query)
    if start >= 0:
        base = 0.94 if start == 0 else 0.88
        return Match(base + (1 - base) * size, start, start + len(query))
    if len(key) > 1 and key in query:
        return Match(0.5 + 0.45 * size, 0, len(key))
    if len(words) > 1 and all(word in key for word in words):
        first = min(key.find(word) for word in words)
        last = max(key.find(word) + len(word) for word in words)
        return Match(0.78 + 0.12 * size, first, last)
    pieces = {query[i : i + 2] for i in range(len(query) - 1)}
    common = [i for i in range(len(key) - 1) if key[i : i + 2] in pieces]
    shared = len({key[i : i + 2] for i in common})
    allowed = max(1, len(query) // _MOST_EDITS)
    # Each edit spoils at most two pieces: where more are missing, the slow comparison is vain.
    if shared >= len(pieces) - 2 * allowed:
        edits, start, end = _nearest_part(query, key)
        if edits <= allowed < len(query):
            return Match(0.86 * (1 - edits / len(query)) + 0.06 * size, start, end)
    if _SHORTEST_INSIDE <= len(key) < len(query) and shared >= len(key) - 3:
        # The query says more than the name does, and says the name wrongly.
        edits, _, _ = _nearest_part(key, query)
        if edits <= 1:
            return Match(0.42 + 0.4 * size, 0, len(key))
    if not pieces or shared < len(pieces) / 2:
        return None
    return Match(0.7 * shared / len(pieces) + 0.06 * size, common[0], common[-1] + 2)


def _nearest_part(query: str, key: str) -> tuple[int, int, int]:
    """The part of the key with the fewest edits to the query: Sellers' dynamic programme."""
    width = len(key) + 1
    edits, starts = [0] * width, list(range(width))
    for row, letter in enumerate(query, 1):
        above, above_starts = edits, starts
        edits, starts = [row], [0]
        for column, other in enumerate(key):
            least, start = above[column] + (letter != other), above_starts[column]
            if above[column + 1] + 1 < least:
                least, start = above[column + 1] + 1, above_starts[column + 1]
            if edits[column] + 1 < least:
                least, start = edits[column] + 1, starts[column]
            edits.append(least)
            starts.append(start)
    end = edits.index(min(edits))
    return edits[end], starts[end], end
