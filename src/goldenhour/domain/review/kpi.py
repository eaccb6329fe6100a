"""Indicators: definitions are content, and every figure states what it left out.

Rule 1: a share counts a missing stop as not met; a stop that may still come, or that was never due
        because the caller or the run had gone before the limit, is excluded with its reason.
Rule 2: a duration counts only what has both stamps. Start after stop is an error in the data.
Rule 3: a call is one caller's leg and counts once, joined or not; a case counts once however many
        calls and units it has, from its first call and to its first arrival.
Rule 4: percentiles by nearest rank. A figure of nothing is None, never zero and never 100 %.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum

from goldenhour.domain.dispatch import mission
from goldenhour.domain.intake import call, incident
from goldenhour.domain.review.timeline import CaseFile, run_nodes, seconds_begun
from goldenhour.domain.review.timeline import nodes as case_nodes
from goldenhour.kernel.content import About, Text
from goldenhour.kernel.levels import DispatchLevel
from goldenhour.kernel.record import Record
from goldenhour.kernel.time import SECOND_MS


class Counted(StrEnum):
    CALL = "call"
    CASE = "case"
    RUN = "run"


class Fact(StrEnum):
    """What is true or not of a counted thing, where no interval says it."""

    DISPOSITION = "disposition"  # the call ended with a recorded disposition
    PREALERTED = "prealerted"  # a hospital was told before the arrival


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
    definition: str
    definition_en: str
    excluded: dict[str, int]
    """Reason -> how many."""


class _Item(Record):
    """One counted thing, whatever it is."""

    stamps: dict[str, int]
    facts: frozenset[Fact]
    marks: tuple[str, ...]
    level: DispatchLevel | None
    running: bool
    """Its stamps may still come."""
    gone: str
    """Why there was nothing to wait for any more: abandoned, stood_down; empty."""
    gone_ms: int | None


def kpis(cases: Sequence[CaseFile], calls: Sequence[call.Call], rules: KpiRules) -> tuple[Kpi, ...]:
    """`calls` are all calls of the period, those of the cases among them."""
    items = {
        Counted.CALL: [_call_item(c) for c in calls],
        Counted.CASE: [_case_item(c, rules) for c in cases],
        Counted.RUN: [item for c in cases for item in _run_items(c)],
    }
    return tuple(_figure(definition, items[definition.of]) for definition in rules.kpis)


def nearest_rank(values: Sequence[int], percent: int) -> int | None:
    """The smallest value that at least `percent` of the values do not exceed."""
    if not values:
        return None
    return sorted(values)[-(-len(values) * percent // 100) - 1]


def _figure(definition: Definition, items: Iterable[_Item]) -> Kpi:
    excluded: Counter[str] = Counter()
    seconds: list[int] = []
    met = counted = 0
    for item in items:
        if definition.levels and item.level not in definition.levels:
            continue
        why = _why_excluded(definition, item)
        if why:
            excluded[why] += 1
            continue
        counted += 1
        taken_s = _taken_s(definition, item)
        if taken_s is not None:
            seconds.append(taken_s)
        if definition.fact:
            met += definition.fact in item.facts
        elif definition.within_s is not None and taken_s is not None:
            met += taken_s <= definition.within_s
    numerator = met if definition.is_share else sum(seconds)
    return Kpi(
        code=definition.code,
        numerator=numerator,
        denominator=counted,
        value=numerator / counted if counted else None,
        unit="share" if definition.is_share else "seconds",
        target=definition.target,
        p50=nearest_rank(seconds, 50),
        p90=nearest_rank(seconds, 90),
        n=counted,
        definition=definition.definition.zh,
        definition_en=definition.definition.en,
        excluded=dict(sorted(excluded.items())),
    )


def _why_excluded(definition: Definition, item: _Item) -> str:
    """The reason why an item does not count; empty when it does."""
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


def _taken_s(definition: Definition, item: _Item) -> int | None:
    start, end = item.stamps.get(definition.start), item.stamps.get(definition.end)
    return None if start is None or end is None else seconds_begun(start, end)


def _call_item(state: call.Call) -> _Item:
    stamps = {"T1": state.rang_ms}
    # A ring-back that reached the caller is no answer to the call that was given up.
    abandoned = state.abandoned_ms is not None and (
        state.answered_ms is None or state.ring_backs > 0
    )
    if state.answered_ms is not None and not abandoned:
        stamps["T2"] = state.answered_ms
    return _Item(
        stamps=stamps,
        facts=frozenset({Fact.DISPOSITION} if state.disposition else ()),
        marks=(str(state.disposition),) if state.disposition else (),
        level=None,
        running=state.state is not call.State.ENDED,
        gone="abandoned" if abandoned else "",
        gone_ms=state.abandoned_ms if abandoned else None,
    )


def _case_item(case: CaseFile, rules: KpiRules) -> _Item:
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
    if "T6" not in stamps and state.close_reason in rules.cancel_reasons:
        marks.append("cancelled_before_dispatch")
    stood_down = [m.ended_ms for m in runs if m.state is mission.State.STOOD_DOWN and m.ended_ms]
    called_off = bool(stood_down) and len(stood_down) == len(case.missions)
    return _Item(
        stamps=stamps,
        facts=frozenset(),
        marks=tuple(marks),
        level=state.level,
        running=state.state is incident.State.OPEN,
        gone="stood_down" if called_off else "",
        gone_ms=max(stood_down) if called_off else None,
    )


def _run_items(case: CaseFile) -> Iterator[_Item]:
    for mission_id, run in case.missions.items():
        stamps = {n.code: n.at_ms for n in run_nodes(case, mission_id, run)}
        arrived_ms = stamps.get("T14")
        told = any(
            h.mission_id == mission_id and (arrived_ms is None or h.sent_ms <= arrived_ms)
            for h in case.handovers
        )
        stood_down = run.state is mission.State.STOOD_DOWN
        yield _Item(
            stamps=stamps,
            facts=frozenset({Fact.PREALERTED} if told else ()),
            marks=("scheduled",) if run.due_ms is not None else (),
            level=case.incident.level,
            running=run.ended_ms is None,
            gone="stood_down" if stood_down else "",
            gone_ms=run.ended_ms if stood_down else None,
        )
