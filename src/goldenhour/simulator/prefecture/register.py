"""What no map says: stations' rank and units, hospitals' capabilities; as an overrides file."""

import csv
import io
from typing import Final

from goldenhour.simulator.prefecture.tables import Hospital

_HEADER: Final = ("kind", "id", "name", "name_en", "lat", "lon", "field", "value")
_UNITS: Final = {
    "centre": "JJYFN", "subcentre": "JJYY", "city": "JYY", "township": "JY",
}  # fmt: skip
"""The vehicles of a station by the first letter of their kind: 监护, 普通, 负压, 新生儿."""
_ONE_ONLY: Final = 5
"""So many township stations have two vehicles, the others one."""
_KIND: Final = {"J": "als", "Y": "bls", "F": "als", "N": "als"}


class Register:
    """Collects rows; ids are those that the importer forms from the map."""

    def __init__(self) -> None:
        self._rows: list[tuple[str, ...]] = []
        self._numbers: dict[str, int] = {}
        self._subcentres: dict[str, str] = {}
        self._small = 0

    def hospital(self, ident: str, hospital: Hospital) -> None:
        can = hospital.can.split()
        for capability in can:
            self._rows.append(("hospital", ident, "", "", "", "", capability, "yes"))
        if not can:
            self._rows.append(("hospital", ident, "", "", "", "", "ct_24h", "no"))

    def station(self, ident: str, town_kind: str, level: str, county: str) -> None:
        """A county's sub-centre comes before its stations."""
        self._rows.append(("station", ident, "", "", "", "", "level", level))
        if level == "subcentre":
            self._subcentres[county] = ident
        elif county in self._subcentres:
            parent = self._subcentres[county]
            self._rows.append(("station", ident, "", "", "", "", "parent", parent))
        units = _UNITS.get(level) or _UNITS[town_kind]
        if town_kind == "township":
            self._small += 1
            units = units if self._small <= _ONE_ONLY else units[:1]
        for letter in units:
            self._unit(letter, ident)

    def _unit(self, letter: str, station: str) -> None:
        number = self._numbers.get(letter, 0) + 1
        self._numbers[letter] = number
        ident, call_sign = f"local-{letter.lower()}{number:02d}", f"{letter}{number:02d}"
        self._rows.append(("unit", ident, call_sign, "", "", "", "station", station))
        self._rows.append(("unit", ident, "", "", "", "", "kind", _KIND[letter]))

    def csv(self) -> str:
        file = io.StringIO(newline="")
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_HEADER)
        writer.writerows(self._rows)
        return file.getvalue()
