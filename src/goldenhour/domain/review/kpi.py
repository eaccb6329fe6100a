"""Indicators: definitions are content, and every figure states what it left out.

Rule 1: a share counts a missing stop as not met; a stop that may still come, or that was never due
        because the caller or the run had gone before the limit, is excluded with its reason.
Rule 2: a duration counts only what has both stamps. Start after stop is an error in the data.
Rule 3: a call is one caller's leg and counts once, joined or not; a case counts once however many
        calls and units it has, from its first call and to its first arrival.
Rule 4: percentiles by nearest rank. A figure of nothing is None, never zero and never 100 %.
Rule 5: every counted thing is measured once, by `measure`; every figure, group and histogram rests
        on these measures, so that what stands behind a number can always be listed.
Rule 6: what another node records (ADR 0026) is counted there and excluded here with that reason, a
        call, a case and a run each by its own stream: of a borrowed unit the run is its home's.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Final

from goldenhour.domain.dispatch import mission
from goldenhour.domain.intake import call, incident
from goldenhour.domain.review.timeline import CaseFile, run_nodes, seconds_begun
from goldenhour.domain.review.timeline import nodes as case_nodes
from goldenhour.kernel.content import About, Text
from goldenhour.kernel.levels import DispatchLevel
from goldenhour.kernel.record import Record
from goldenhour.kernel.time import CHINA, SECOND_MS, china_date, to_datetime


class Counted(StrEnum):
    CALL = "call"
    CASE = "case"
    RUN = "run"


class Fact(StrEnum):
    """What is true or not of a counted thing, where no interval says it."""

    DISPOSITION = "disposition"  # the call ended with a recorded disposition
    PREALERTED = "prealerted"  # a hospital was told before the arrival


class Dimension(StrEnum):
    """By what a figure can be told apart."""

    HOUR = "hour"  # of the day, 00 to 23
    DAY = "day"  # YYYYMMDD
    LEVEL = "level"
    STATION = "station"
    UNIT = "unit"
    SEAT = "seat"


DIMENSIONS: Final[dict[Counted, tuple[Dimension, ...]]] = {
    Counted.CALL: (Dimension.HOUR, Dimension.DAY, Dimension.SEAT),
    Counted.CASE: (Dimension.HOUR, Dimension.DAY, Dimension.LEVEL, Dimension.SEAT),
    Counted.RUN: tuple(Dimension),
}
"""A call has no level of its own, and only a run has a vehicle."""


class Definition(Record):
    code: str
    definition: Text
    source: str
    of: Counted
    start: str = ""
    """Node that must be there for a thing to count; empty: everything counts."""
    end: str = ""
    within_s: int | None = None
    """With a limit it is the share of those within, without one the mean duration."""
    fact: Fact | None = None
    """Instead of an interval."""
    levels: tuple[DispatchLevel, ...] = ()
    """Only these levels; empty: all, known or not."""
    exclude: tuple[str, ...] = ()
    """Marks that take a thing out of the count."""
    target: float | None = None
    """A share, or seconds."""

    @property
    def is_share(self) -> bool:
        return self.within_s is not None or self.fact is not None

    @property
    def target_s(self) -> int | None:
        if self.within_s is not None or self.target is None or self.is_share:
            return self.within_s
        return round(self.target)


class KpiRules(Record):
    about: About
    cancel_reasons: tuple[str, ...]
    """Closing reasons that say: nobody wanted a vehicle any more."""
    kpis: tuple[Definition, ...]


class Kpi(Record):
    code: str
    numerator: int
    """Of a share how many met it, of a duration the sum of seconds."""
    denominator: int
    value: float | None
    unit: str
    """`share` or `seconds`."""
    target: float | None
    p50: int | None
    """Seconds."""
    p90: int | None
    n: int
    """How many the value rests on."""
    missing: int
    """Of these, how many lack the time that should be measured; never counted as zero seconds."""
    definition: str
    definition_en: str
    source: str
    """Where the definition and the target come from."""
    sign_off: str
    """Who answers for the definitions and targets; `unsigned` until somebody does."""
    excluded: dict[str, int]
    """Reason -> how many."""


class Figure(Record):
    """What `Kpi` says of all, said of some."""

    numerator: int
    denominator: int
    value: float | None
    p50: int | None
    p90: int | None
    missing: int
    excluded: dict[str, int]


class Measure(Record):
    """One counted thing under one definition."""

    incident_id: str
    """Empty for a call that belongs to no case."""
    call_sign: str
    at_ms: int
    """When it began: the ring, the opening, the assignment."""
    seconds: int | None
    met: bool | None
    """Of a share; None for a duration and for what is excluded."""
    excluded: str
    """The reason; empty when it counts."""
    groups: dict[Dimension, str]
    """An empty value: not known."""


class Item(Record):
    """One counted thing, whatever it is."""

    incident_id: str
    call_sign: str
    at_ms: int
    seat: str
    unit_id: str
    stamps: dict[str, int]
    facts: frozenset[Fact]
    marks: tuple[str, ...]
    level: DispatchLevel | None
    running: bool
    """Its stamps may still come."""
    gone: str
    """Why there was nothing to wait for any more: abandoned, stood_down; empty."""
    gone_ms: int | None
    home: str
    """The other node that counts it; empty: this one."""


def kpis(
    cases: Sequence[CaseFile],
    calls: Mapping[str, call.Call],
    rules: KpiRules,
    copies: Mapping[str, str],
) -> tuple[Kpi, ...]:
    """`calls`: all of the period by their streams, those of the cases among them.

    `copies`: stream -> the node that records it.
    """
    items = {of: items_of(of, cases, calls, rules, copies) for of in Counted}
    return tuple(
        kpi_of(definition, rules, measure(definition, items[definition.of]))
        for definition in rules.kpis
    )


def items_of(
    of: Counted,
    cases: Sequence[CaseFile],
    calls: Mapping[str, call.Call],
    rules: KpiRules,
    copies: Mapping[str, str],
) -> list[Item]:
    match of:
        case Counted.CALL:
            return [_call_item(c, copies.get(stream, "")) for stream, c in calls.items()]
        case Counted.CASE:
            return [
                _case_item(c, rules, copies.get(f"incident:{c.incident_id}", "")) for c in cases
            ]
        case Counted.RUN:
            return [item for c in cases for item in _run_items(c, copies)]


def measure(
    definition: Definition, items: Sequence[Item], stations: Mapping[str, str] | None = None
) -> tuple[Measure, ...]:
    """`stations`: unit -> the station that it belongs to now; a run does not keep its own."""
    return tuple(
        _measured(definition, item, stations or {})
        for item in items
        if not definition.levels or item.level in definition.levels
    )


def kpi_of(definition: Definition, rules: KpiRules, measures: Sequence[Measure]) -> Kpi:
    found = figure(definition, measures)
    return Kpi(
        code=definition.code,
        numerator=found.numerator,
        denominator=found.denominator,
        value=found.value,
        unit="share" if definition.is_share else "seconds",
        target=definition.target,
        p50=found.p50,
        p90=found.p90,
        n=found.denominator,
        missing=found.missing,
        definition=definition.definition.zh,
        definition_en=definition.definition.en,
        source=definition.source,
        sign_off=rules.about.sign_off,
        excluded=found.excluded,
    )


def figure(definition: Definition, measures: Sequence[Measure]) -> Figure:
    excluded = Counter(m.excluded for m in measures if m.excluded)
    counted = [m for m in measures if not m.excluded]
    seconds = [m.seconds for m in counted if m.seconds is not None]
    numerator = sum(m.met is True for m in counted) if definition.is_share else sum(seconds)
    return Figure(
        numerator=numerator,
        denominator=len(counted),
        value=numerator / len(counted) if counted else None,
        p50=nearest_rank(seconds, 50),
        p90=nearest_rank(seconds, 90),
        missing=0 if definition.fact else len(counted) - len(seconds),
        excluded=dict(sorted(excluded.items())),
    )


def nearest_rank(values: Sequence[int], percent: int) -> int | None:
    """The smallest value that at least `percent` of the values do not exceed."""
    if not values:
        return None
    return sorted(values)[-(-len(values) * percent // 100) - 1]


def _measured(definition: Definition, item: Item, stations: Mapping[str, str]) -> Measure:
    why = _why_excluded(definition, item)
    taken_s = None if why else _taken_s(definition, item)
    met: bool | None = None
    if not why and definition.fact:
        met = definition.fact in item.facts
    elif not why and definition.within_s is not None:
        met = taken_s is not None and taken_s <= definition.within_s
    values = {
        Dimension.HOUR: f"{to_datetime(item.at_ms).astimezone(CHINA):%H}",
        Dimension.DAY: china_date(item.at_ms),
        Dimension.LEVEL: item.level or "",
        Dimension.STATION: stations.get(item.unit_id, ""),
        Dimension.UNIT: item.call_sign,
        Dimension.SEAT: item.seat,
    }
    return Measure(
        incident_id=item.incident_id,
        call_sign=item.call_sign,
        at_ms=item.at_ms,
        seconds=taken_s,
        met=met,
        excluded=why,
        groups={name: str(values[name]) for name in DIMENSIONS[definition.of]},
    )


def _why_excluded(definition: Definition, item: Item) -> str:
    """The reason why an item does not count; empty when it does."""
    if item.home:
        return f"counted_at:{item.home}"
    for mark in item.marks:
        if mark in definition.exclude:
            return mark
    start, end = item.stamps.get(definition.start), item.stamps.get(definition.end)
    if definition.start and start is None:
        return f"missing:{definition.start}"
    if definition.fact:
        return "running" if item.running and definition.fact not in item.facts else ""
    if start is not None and end is not None:
        return "data_error" if end < start else ""
    if item.gone_ms is not None and start is not None and definition.within_s is not None:
        early = item.gone_ms - start <= definition.within_s * SECOND_MS
        return f"{item.gone}_early" if early else ""
    if item.running:
        return "running"
    return "" if definition.within_s is not None else item.gone or f"missing:{definition.end}"


def _taken_s(definition: Definition, item: Item) -> int | None:
    start, end = item.stamps.get(definition.start), item.stamps.get(definition.end)
    return None if start is None or end is None else seconds_begun(start, end)


def _call_item(state: call.Call, home: str) -> Item:
    stamps = {"T1": state.rang_ms}
    # A ring-back that reached the caller is no answer to the call that was given up.
    abandoned = state.abandoned_ms is not None and (
        state.answered_ms is None or state.ring_backs > 0
    )
    if state.answered_ms is not None and not abandoned:
        stamps["T2"] = state.answered_ms
    return Item(
        incident_id=state.incident_id,
        call_sign="",
        at_ms=state.rang_ms,
        seat=state.owner,
        unit_id="",
        stamps=stamps,
        facts=frozenset({Fact.DISPOSITION} if state.disposition else ()),
        marks=(str(state.disposition),) if state.disposition else (),
        level=None,
        running=state.state is not call.State.ENDED,
        gone="abandoned" if abandoned else "",
        gone_ms=state.abandoned_ms if abandoned else None,
        home=home,
    )


def _case_item(case: CaseFile, rules: KpiRules, home: str) -> Item:
    state = case.incident
    stamps: dict[str, int] = {}
    for node in case_nodes(case):
        stamps.setdefault(node.code, node.at_ms)  # the first of several runs
    runs = case.missions.values()
    marks = [str(c.disposition) for c in case.calls[:1] if c.disposition]
    if state.level is DispatchLevel.R5:
        marks.append("advice_level")
    if any(m.due_ms is not None for m in runs):
        marks.append("scheduled")
    if state.standby is not None:
        marks.append("standby")
    if "T6" not in stamps and state.close_reason in rules.cancel_reasons:
        marks.append("cancelled_before_dispatch")
    stood_down = [m.ended_ms for m in runs if m.state is mission.State.STOOD_DOWN and m.ended_ms]
    called_off = bool(stood_down) and len(stood_down) == len(case.missions)
    return Item(
        incident_id=case.incident_id,
        call_sign="",
        at_ms=state.opened_ms,
        seat=state.seat,
        unit_id="",
        stamps=stamps,
        facts=frozenset(),
        marks=tuple(marks),
        level=state.level,
        running=state.state is incident.State.OPEN,
        gone="stood_down" if called_off else "",
        gone_ms=max(stood_down) if called_off else None,
        home=home,
    )


def _run_items(case: CaseFile, copies: Mapping[str, str]) -> Iterator[Item]:
    for mission_id, run in case.missions.items():
        stamps = {n.code: n.at_ms for n in run_nodes(case, mission_id, run)}
        arrived_ms = stamps.get("T14")
        told = any(
            h.mission_id == mission_id and (arrived_ms is None or h.sent_ms <= arrived_ms)
            for h in case.handovers
        )
        stood_down = run.state is mission.State.STOOD_DOWN
        yield Item(
            incident_id=case.incident_id,
            call_sign=run.call_sign,
            at_ms=case.incident.opened_ms if run.assigned_ms is None else run.assigned_ms,
            seat=run.seat,
            unit_id=run.unit_id,
            stamps=stamps,
            facts=frozenset({Fact.PREALERTED} if told else ()),
            marks=(
                *(("scheduled",) if run.due_ms is not None else ()),
                *(("standby",) if run.standby else ()),
            ),
            level=case.incident.level,
            running=run.ended_ms is None,
            gone="stood_down" if stood_down else "",
            gone_ms=run.ended_ms if stood_down else None,
            home=copies.get(f"mission:{mission_id}", ""),
        )
