"""Finds addresses by what a caller says: Chinese, pinyin, initials, Latin, misspelt, reordered.

Rule 1: a house number that does not exist is not made up: the street is given instead, and
numbers that begin with it.
Rule 2: candidates come from the index by shared pieces of text; the order comes from comparing
the texts themselves.
"""

import math
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple, Self

from msgspec.structs import replace

from goldenhour.adapters.city.address_text import (
    INITIALS,
    PINYIN,
    WRITTEN,
    Form,
    Match,
    compare,
    fold,
    fold_plain,
    forms,
    has_han,
    house_numbers,
    query_grams,
)
from goldenhour.domain.register.city import AddressHit, AddressKind
from goldenhour.kernel.geo import EARTH_RADIUS_M, Point, distance_m

_CANDIDATES: Final = 24
_TELLING: Final = 10
_LOWEST_SCORE: Final = 0.45
_LONGEST_QUERY: Final = 80
_NEAR_M: Final = 3_000
_REVERSE_M: Final = (60, 250, 1_000)
_HOUSE_FIRST_M: Final = 30
"""A house this much farther off than a nameless piece of street still names the spot better."""
_M_PER_DEGREE: Final = EARTH_RADIUS_M * math.pi / 180


class _Name(NamedTuple):
    id: int
    kind: str
    label: str
    label_en: str
    locality: str
    lat: float
    lon: float
    weight: float


class _Query(NamedTuple):
    """One reading of what was typed: a name, and perhaps a number in that street."""

    text: str
    number: str | None


class AddressIndex:
    """Reads the file that the importer wrote; for one thread at a time."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
        )
        rows = self._database.execute("select distinct label from name where kind = 'place'")
        self._localities = sorted((fold(label).text for (label,) in rows), key=len, reverse=True)

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def search(self, text: str, *, near: Point | None, limit: int) -> list[AddressHit]:
        """Best first. An empty list is an answer: nothing here is called that."""
        text = text.strip()[:_LONGEST_QUERY]
        best: dict[tuple[int, str], AddressHit] = {}
        readings = [_Query(text, None), *(_Query(s, n) for s, n in house_numbers(text))]
        for reading in readings[:4]:
            for ident, hit in self._read(reading, near):
                known = best.get(ident)
                if known is None or known.score < hit.score:
                    best[ident] = hit
        return sorted(best.values(), key=lambda hit: (-hit.score, len(hit.label), hit.label))[
            :limit
        ]

    def reverse(self, point: Point) -> AddressHit | None:
        """The nearest address within 1 km, houses preferred."""
        for radius_m in _REVERSE_M:
            spots = self._list_spots(point, radius_m)
            if not spots:
                continue
            nearest = min(spots)
            houses = [s for s in spots if s[2] and s[0] <= nearest[0] + _HOUSE_FIRST_M]
            away_m, name_id, number, lat, lon = min(houses, default=nearest)
            name = self._get_names([name_id])[0]
            hit = self._hit(name, Match(1.0, 0, 0), None, None)
            at = Point(lat=lat, lon=lon)
            if number:
                (shown,) = self._database.execute(
                    "select shown from house where street = ? and number = ?", (name_id, number)
                ).fetchone()
                return _house(hit, shown, number, at, away_m)
            return replace(hit, point=at, distance_m=away_m)
        return None

    def _read(
        self, reading: _Query, near: Point | None
    ) -> Iterator[tuple[tuple[int, str], AddressHit]]:
        for name, match, form in self._match(reading.text):
            hit = self._hit(name, match, form, near)
            if reading.number is None:
                yield (name.id, ""), hit
            elif name.kind == AddressKind.STREET:
                yield from self._list_houses(name, hit, reading.number, near)

    def _list_houses(
        self, name: _Name, street: AddressHit, number: str, near: Point | None
    ) -> Iterator[tuple[tuple[int, str], AddressHit]]:
        rows = self._database.execute(
            "select number, shown, lat, lon from house where street = ? and number >= ? "
            "and number < ? order by number limit 6",
            (name.id, number, number + "\U0010ffff"),
        ).fetchall()
        if not rows:
            # The number was read and not found: worse than a full hit, better than half a name.
            yield (name.id, ""), _scored(street, street.score - 0.06)
        for found, shown, lat, lon in rows:
            point = Point(lat=lat, lon=lon)
            away_m = distance_m(near, point) if near else None
            score = street.score + (0.04 if found == number else -0.1)
            yield (name.id, found), _scored(_house(street, shown, found, point, away_m), score)

    def _match(self, text: str) -> Iterator[tuple[_Name, Match, Form | None]]:
        """Names that fit, each by its best form; the form is None where the label has no part."""
        asked = _asked(text, self._localities)
        for name in self._get_names(self._list_candidates(asked)):
            own = forms(name.label)
            best: tuple[Match, Form | None] | None = None
            trials: list[tuple[tuple[str, ...], Form, float, Form | None]] = [
                (asked.written, own.written, 1.0, own.written)
            ]
            if name.label_en != name.label:
                trials.append((asked.written, fold(name.label_en), 0.99, None))
            trials += [(asked.pinyin, own.pinyin, asked.pinyin_worth, own.pinyin)]
            trials += [(asked.initials, own.initials, 0.9, own.initials)]
            for queries, key, worth, shown in trials:
                for query in queries:
                    match = compare(query, asked.words, key.text)
                    if match and (best is None or match.score * worth > best[0].score):
                        best = match._replace(score=match.score * worth), shown
            if best and best[0].score >= _LOWEST_SCORE:
                yield name, *best

    def _list_candidates(self, asked: "_Asked") -> list[int]:
        found: dict[int, None] = {}
        for mark, queries in (
            (WRITTEN, asked.written),
            (PINYIN, asked.pinyin),
            (INITIALS, asked.initials),
        ):
            for query in queries:
                pieces = query_grams(query, mark)
                if len(pieces) == 1:
                    terms = f'"{pieces[0]}"*'
                else:
                    terms = " OR ".join(f'"{piece}"' for piece in self._rarest(pieces))
                if not terms:
                    continue
                rows = self._database.execute(
                    "select rowid from gram where gram match ? order by rank limit ?",
                    (terms, _CANDIDATES),
                )
                found |= dict.fromkeys(row[0] for row in rows)
        return list(found)

    def _rarest(self, pieces: list[str]) -> list[str]:
        """The telling pieces: `rua` stands in half of all names and only costs time."""
        marks = ",".join("?" * len(pieces))
        rows = self._database.execute(
            f"select term from gram_count where term in ({marks}) order by doc limit ?",  # noqa: S608 (only marks)
            (*pieces, _TELLING),
        )
        return [term for (term,) in rows]

    def _get_names(self, idents: list[int]) -> list[_Name]:
        marks = ",".join("?" * len(idents))
        rows = self._database.execute(f"select * from name where id in ({marks})", idents)  # noqa: S608 (only marks)
        return [_Name(*row) for row in rows]

    def _hit(self, name: _Name, match: Match, form: Form | None, near: Point | None) -> AddressHit:
        point = Point(lat=name.lat, lon=name.lon)
        away_m = distance_m(near, point) if near else None
        closeness = 0.03 * math.exp(-away_m / _NEAR_M) if away_m is not None else 0.0
        span = (form.at[match.start], form.at[match.end - 1] + 1) if form and match.end else None
        return AddressHit(
            kind=AddressKind(name.kind),
            label=name.label,
            label_en=name.label_en,
            locality=name.locality,
            point=point,
            score=min(1.0, 0.93 * match.score + 0.04 * name.weight + closeness),
            span=span,
            distance_m=away_m,
        )

    def _list_spots(
        self, point: Point, radius_m: float
    ) -> list[tuple[float, int, str, float, float]]:
        high = radius_m / _M_PER_DEGREE
        wide = high / max(0.01, math.cos(math.radians(point.lat)))
        rows = self._database.execute(
            "select name, number, lat, lon from spot "
            "where south >= ? and north <= ? and west >= ? and east <= ?",
            (point.lat - high, point.lat + high, point.lon - wide, point.lon + wide),
        )
        spots = [
            (distance_m(point, Point(lat=lat, lon=lon)), name, number, lat, lon)
            for name, number, lat, lon in rows
        ]
        return [spot for spot in spots if spot[0] <= radius_m]


class _Asked(NamedTuple):
    """A query in all its forms; each form once whole and once without a leading locality."""

    written: tuple[str, ...]
    pinyin: tuple[str, ...]
    pinyin_worth: float
    initials: tuple[str, ...]
    words: tuple[str, ...]


def _asked(text: str, localities: list[str]) -> _Asked:
    written = fold(text).text
    variants = [written]
    for locality in localities:
        if locality and written.startswith(locality) and len(written) > len(locality) + 1:
            variants.append(written[len(locality) :])
            break
        if locality and written.endswith(locality) and len(written) > len(locality) + 1:
            variants.append(written[: -len(locality)])
            break
    words = tuple(word for word in (fold(part).text for part in text.split()) if word)
    if has_han(text):
        # The right sound with the wrong letter is the commonest slip of a Chinese keyboard.
        sounds = tuple(forms(variant).pinyin.text for variant in variants)
        return _Asked(tuple(variants), sounds, 0.93, (), words)
    plain = fold_plain(text)
    return _Asked(tuple(variants), (plain,), 0.97, (plain,), words)


def _house(
    street: AddressHit, shown: str, number: str, point: Point, away_m: float | None
) -> AddressHit:
    # The label of a house begins with its street, so the street's span still holds.
    return replace(
        street,
        kind=AddressKind.HOUSE,
        label=shown,
        label_en=f"{number} {street.label_en}" if has_han(street.label) else shown,
        point=point,
        distance_m=away_m,
    )


def _scored(hit: AddressHit, score: float) -> AddressHit:
    return replace(hit, score=max(0.0, min(1.0, score)))
