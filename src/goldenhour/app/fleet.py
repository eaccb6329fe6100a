"""The units of a view, kept ready for the question whom to send.

Rule 1: what depends neither on the case nor on the time is worked out when it changes, unit by
        unit: how it stands, what shuts it out of a plan, where its station is.
Rule 2: before every question it catches up with the view, by its count of changes, and reads where
        all units are; with other sources than before it begins anew. So it is never older than
        they are.
"""

from typing import Final, NamedTuple

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from goldenhour.app.positions import COLUMNS, Positions, row_of
from goldenhour.app.travel_times import Spots, Travel, TravelTimes
from goldenhour.domain.dispatch.mission import Mission, State
from goldenhour.domain.dispatch.recommend import (
    NEVER,
    Flags,
    Gates,
    Known,
    Longs,
    Standing,
    Wanted,
    gates_for,
    gates_of,
    in_order,
)
from goldenhour.domain.dispatch.rules import DispatchRules
from goldenhour.domain.register.city import City, area_at, area_of
from goldenhour.domain.register.unit import Unit
from goldenhour.kernel.time import SECOND_MS
from goldenhour.views.fold import Folded

type Floats = NDArray[np.float64]

UNIT: Final = "unit:"


class Sources(NamedTuple):
    view: Folded
    positions: Positions
    travel: TravelTimes
    rules: DispatchRules
    city: City | None
    """Without one no unit has a home that it could leave short."""


class Fleet:
    """A unit is a row, in the order of call signs."""

    def __init__(self) -> None:
        self._changes = self._placed = 0
        self._rows: dict[str, int] = {}
        self._units = in_order(())
        self._gates: dict[Wanted, Gates] = {}
        self._at_station = np.zeros((0, COLUMNS))
        """Where each is that was never seen."""
        self._seen = self._theirs = np.zeros(0, dtype=np.intp)
        """The rows of those that were seen, and which rows of the positions those are."""
        self._seen_ms = np.zeros(0, dtype=np.int64)
        """When its newest position was true; NEVER: it was never seen."""
        self.spots = Spots.of([])
        self._sources: Sources | None = None

    def catch_up(self, sources: Sources) -> None:
        sources.positions.place()
        changed = sources.view.changes
        known = self._sources is not None and all(
            mine is theirs for mine, theirs in zip(self._sources, sources, strict=True)
        )
        self._sources = sources
        stood = changed.since(self._changes) if known else None
        self._changes = changed.count
        units = [s.removeprefix(UNIT) for s in stood or () if s.startswith(UNIT)]
        if stood is None or not all(self._stand(ident, sources) for ident in units):
            self._begin(sources)
        self._place(sources.positions)

    def known(self, wanted: Wanted, times: Travel, now_ms: int, freed: frozenset[str]) -> Known:
        """For one question; `freed` are units that count as free though they are on a run."""
        assert self._sources is not None
        positions, rules = self._sources.positions, self._sources.rules
        units = self._units
        gates = self._gates.get(wanted)
        if gates is None:
            gates = self._gates[wanted] = gates_for(units.standing, wanted, rules)
        if freed:
            standing, gates = units.standing.copy(), gates.copy()
            for row in (self._rows[ident] for ident in freed if ident in self._rows):
                standing[row] = replace(standing[row], on_mission=False)
                gates.set(row, gates_of(standing[row], wanted, rules))
            units = replace(units, standing=standing)
        return Known(
            wanted=wanted,
            units=units,
            gates=gates,
            eta_s=_whole(np.rint(times.seconds), np.isfinite(times.seconds)),
            estimated=times.estimated,
            age_s=_whole(
                np.maximum(now_ms - self._seen_ms, 0) // SECOND_MS, self._seen_ms != NEVER
            ),
            doubted=positions.doubted,
        )

    def _begin(self, sources: Sources) -> None:
        streams = [stream for stream in sources.view.states if stream.startswith(UNIT)]
        found = (_standing_of(stream.removeprefix(UNIT), sources) for stream in streams)
        self._units = in_order(one for one in found if one is not None)
        self._rows = {ident: row for row, ident in enumerate(self._units.unit_ids)}
        self._gates = {}
        rows = [_at_station(one, sources) for one in self._units.standing]
        self._at_station = np.array(rows, dtype=float).reshape(-1, COLUMNS)
        self._placed = NEVER

    def _stand(self, ident: str, sources: Sources) -> bool:
        """False: the rows are others now."""
        row, now = self._rows.get(ident), _standing_of(ident, sources)
        if row is None or now is None:
            return row is None and now is None
        before = self._units.call_signs[row]
        self._units.set(row, now)
        self._at_station[row] = _at_station(now, sources)
        for wanted, gates in self._gates.items():
            gates.set(row, gates_of(now, wanted, sources.rules))
        return before == now.unit.call_sign

    def _place(self, positions: Positions) -> None:
        if self._placed != len(positions.rows):
            self._placed = len(positions.rows)
            theirs = np.array([positions.rows.get(ident, NEVER) for ident in self._units.unit_ids])
            self._seen = np.flatnonzero(theirs != NEVER)
            self._theirs = theirs[self._seen].astype(np.intp)
        table = np.frombuffer(positions.table).reshape(-1, COLUMNS)[self._theirs]
        if len(self._seen) < len(self._at_station):
            table, seen = self._at_station.copy(), table
            table[self._seen] = seen
        self._seen_ms = table[:, -1].astype(np.int64)
        self.spots = Spots.of_table(table[:, :-1])


def _standing_of(ident: str, sources: Sources) -> Standing | None:
    """None: there is no such unit any more."""
    view, city = sources.view, sources.city
    unit = view.states.get(f"{UNIT}{ident}")
    if not isinstance(unit, Unit):
        return None
    linked = (view.states[f"mission:{other}"] for other in view.linked(f"{UNIT}{ident}", "mission"))
    runs = [run for run in linked if isinstance(run, Mission) and run.unit_id == ident]
    due = [run.due_ms for run in runs if run.state is State.RESERVED and run.due_ms is not None]
    return Standing(
        unit_id=ident,
        unit=unit,
        on_mission=any(run.active for run in runs),
        reserved_ms=min(due, default=None),
        home=_home_of(unit, city) if city else "",
    )


def _home_of(unit: Unit, city: City) -> str:
    """A station that was written by a table is in no file of the city."""
    own = next((station for station in city.stations if station.id == unit.station_id), None)
    return area_of(own) if own else area_at(city, unit.station_point)


def _at_station(one: Standing, sources: Sources) -> tuple[float, ...]:
    return row_of(sources.travel.locate_fixed(one.unit.station_point), NEVER)


def _whole(values: Floats | Longs, told: Flags) -> Longs:
    """As whole numbers, NEVER where nothing is told."""
    return np.where(told, values, NEVER).astype(np.int64)
