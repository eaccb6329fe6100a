"""Looking back on cases: events of many streams composed into timelines, lists and indicators.

Rule 1: what a reader may not read is not among the envelopes, and what may not be revealed is not
        in `reveal`; nothing here widens either.
Rule 2: envelopes come in the order of recording within each stream; the order of the streams does
        not matter.
Rule 3: indicators count a stream at its home node (ADR 0026): a copy of a call, a case or a run is
        measured here and counted there. `copies`: stream -> the node whose copy it is.
"""

from collections.abc import Iterable, Mapping, Sequence

from goldenhour.app.handle import recorded_of
from goldenhour.app.journal import Envelope
from goldenhour.domain import case
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.domain.handover.prealert import Handover
from goldenhour.domain.intake.call import Call
from goldenhour.domain.intake.incident import Incident
from goldenhour.domain.review.breakdown import Breakdown, breakdown
from goldenhour.domain.review.kpi import Dimension, Kpi, KpiRules, items_of, kpis, measure
from goldenhour.domain.review.timeline import CaseFile, intervals, nodes
from goldenhour.kernel.recorded import Recorded
from goldenhour.views.answers import (
    CaseAnswer,
    CasePatientsAnswer,
    ReplayAnswer,
    TimelineAnswer,
)
from goldenhour.views.fold import Folded, Renderer, Reveal
from goldenhour.views.homes import other_node
from goldenhour.views.render import location_of, log_row
from goldenhour.views.replay import ClockOf, choices, frames
from goldenhour.views.rows import HandoverRow, LogRow, PatientRow


def timeline_of(
    envelopes: Iterable[Envelope],
    reveal: Reveal,
    rules: KpiRules,
    facts: case.Facts,
    incident_id: str,
) -> TimelineAnswer | None:
    """None when the incident is not among the envelopes."""
    told = [recorded_of(envelope) for envelope in envelopes]
    states: dict[str, case.State] = {}
    lines: list[LogRow] = []
    for recorded in told:
        before = states.get(recorded.stream)
        _fold(states, recorded)
        lines.append(log_row(recorded, before, states.get(recorded.stream)))
    found = case_files(states, told).get(incident_id)
    if found is None:
        return None
    own = {r.stream for r in found.recorded}
    return TimelineAnswer(
        case=head_of(found, reveal, facts),
        nodes=nodes(found),
        events=tuple(
            sorted((line for line in lines if line.stream in own), key=lambda r: r.received_ms)
        ),
        intervals=intervals(found, rules.kpis),
    )


def patients_of(
    envelopes: Iterable[Envelope], reveal: Reveal, renderer: Renderer, incident_id: str
) -> CasePatientsAnswer:
    """In the order of their registration; none where the reader may not read the case."""
    view = Folded(renderer, reveal)
    view.apply_all(recorded_of(envelope) for envelope in envelopes)
    own = [row for row in view.rows.values() if getattr(row, "incident_id", "") == incident_id]
    patients = [row for row in own if isinstance(row, PatientRow)]
    return CasePatientsAnswer(
        patients=tuple(sorted(patients, key=lambda row: (row.registered_ms, row.id))),
        handovers=tuple(row for row in own if isinstance(row, HandoverRow)),
    )


def replay_of(
    envelopes: Iterable[Envelope],
    reveal: Reveal,
    renderer: Renderer,
    clock: ClockOf,
    incident_id: str,
) -> ReplayAnswer | None:
    """None when the incident is not among the envelopes."""
    told = [recorded_of(envelope) for envelope in envelopes]
    states: dict[str, case.State] = {}
    for recorded in told:
        _fold(states, recorded)
    found = case_files(states, told).get(incident_id)
    if found is None:
        return None
    played = frames(found.recorded, clock, renderer, reveal)
    return ReplayAnswer(
        clock=clock,
        begun_ms=played[0].at_ms,
        ended_ms=played[-1].at_ms,
        frames=played,
        choices=choices(found.recorded),
    )


def case_list(
    envelopes: Iterable[Envelope],
    reveal: Reveal,
    facts: case.Facts,
    *,
    q: str = "",
    from_ms: int,
    to_ms: int,
) -> tuple[CaseAnswer, ...]:
    """Cases opened from `from_ms` on and before `to_ms`, newest first.

    `q` is looked for in the number, the place, the topic, the call signs and the hospital.
    """
    states = _states(envelopes)
    heads = [
        head_of(found, reveal, facts)
        for found in case_files(states, ()).values()
        if from_ms <= found.incident.opened_ms < to_ms
    ]
    wanted = q.strip().casefold()
    return tuple(
        head
        for head in sorted(heads, key=lambda h: (h.opened_ms, h.number), reverse=True)
        if any(wanted in text.casefold() for text in _searched(head))
    )


def kpis_of(
    envelopes: Iterable[Envelope],
    rules: KpiRules,
    copies: Mapping[str, str],
    *,
    from_ms: int,
    to_ms: int,
) -> tuple[Kpi, ...]:
    """Calls that rang and cases that were opened from `from_ms` on and before `to_ms`."""
    return kpis(*_period(envelopes, from_ms, to_ms), rules, copies)


def breakdown_of(
    envelopes: Iterable[Envelope],
    rules: KpiRules,
    copies: Mapping[str, str],
    stations: Mapping[str, str],
    *,
    code: str,
    by: Dimension,
    from_ms: int,
    to_ms: int,
) -> Breakdown | None:
    """One indicator of the period told apart; None: there is none, or not like that."""
    definition = next((d for d in rules.kpis if d.code == code), None)
    if definition is None:
        return None
    items = items_of(definition.of, *_period(envelopes, from_ms, to_ms), rules, copies)
    measures = measure(definition, items, stations)
    return breakdown(definition, rules, measures, by, from_ms=from_ms, to_ms=to_ms)


def _period(
    envelopes: Iterable[Envelope], from_ms: int, to_ms: int
) -> tuple[list[CaseFile], dict[str, Call]]:
    """The calls by their streams."""
    states = _states(envelopes)
    files = case_files(states, ()).values()
    calls = {
        stream: state
        for stream, state in states.items()
        if isinstance(state, Call) and from_ms <= state.rang_ms < to_ms
    }
    return [f for f in files if from_ms <= f.incident.opened_ms < to_ms], calls


def _states(envelopes: Iterable[Envelope]) -> dict[str, case.State]:
    states: dict[str, case.State] = {}
    for envelope in envelopes:
        _fold(states, recorded_of(envelope))
    return states


def _fold(states: dict[str, case.State], recorded: Recorded) -> None:
    after = case.evolve(recorded.stream, states.get(recorded.stream), recorded)
    if after is not None:
        states[recorded.stream] = after


def case_files(states: dict[str, case.State], told: Sequence[Recorded]) -> dict[str, CaseFile]:
    """Incident id -> the incident with everything linked to it."""
    streams: dict[str, set[str]] = {}
    for stream, state in states.items():
        if isinstance(state, Incident):
            calls = {f"call:{ident}" for ident in state.calls}
            streams.setdefault(stream.partition(":")[2], set()).update({stream}, calls)
        elif incident_id := getattr(state, "incident_id", ""):
            streams.setdefault(incident_id, set()).add(stream)
    found: dict[str, CaseFile] = {}
    for ident, own in streams.items():
        incident = states.get(f"incident:{ident}")
        if not isinstance(incident, Incident):
            continue  # the reader may see the call but not the case
        linked = {s: states[s] for s in sorted(own) if s in states}
        missions = {s.partition(":")[2]: m for s, m in linked.items() if isinstance(m, Mission)}
        calls_of = (states.get(f"call:{c}") for c in incident.calls)
        found[ident] = CaseFile(
            incident_id=ident,
            incident=incident,
            calls=tuple(c for c in calls_of if isinstance(c, Call)),
            missions=missions,
            handovers=tuple(h for h in linked.values() if isinstance(h, Handover)),
            recorded=tuple(r for r in told if r.stream in own),
        )
    return found


def head_of(found: CaseFile, reveal: Reveal, facts: case.Facts) -> CaseAnswer:
    state = found.incident
    place = location_of(state.location, reveal)
    goals = [m.destination_name for m in found.missions.values() if m.destination_name]
    return CaseAnswer(
        incident_id=found.incident_id,
        number=state.number,
        opened_ms=state.opened_ms,
        closed_ms=state.closed_ms,
        level=state.level or "",
        topic=state.topic,
        occasion=state.standby.occasion if state.standby else "",
        label=place.label if place else "",
        call_signs=tuple(dict.fromkeys(m.call_sign for m in found.missions.values())),
        hospital=goals[-1] if goals else "",
        node=other_node(state, facts),
    )


def _searched(head: CaseAnswer) -> tuple[str, ...]:
    return head.number, head.label, head.topic, head.occasion, head.hospital, *head.call_signs
