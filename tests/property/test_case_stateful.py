"""Anybody may ask for anything in any order: what must hold, holds after every step."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from factories.recorded import EVENTS, VITALS, recorded
from factories.timers import pass_time
from factories.world import PLACE, TestWorld, facts
from goldenhour.app.handle import fold, handle
from goldenhour.app.journal import SYSTEM, Outcome
from goldenhour.domain import case
from goldenhour.domain import commands as c
from goldenhour.domain.attention.alert import Alert
from goldenhour.domain.attention.alert import State as AlertState
from goldenhour.domain.care.events import Sex
from goldenhour.domain.case.streams import KINDS, Unknown
from goldenhour.domain.dispatch.events import Milestone, Source
from goldenhour.domain.dispatch.mission import STAND_DOWN_REASONS, Mission
from goldenhour.domain.handover.events import Tier
from goldenhour.domain.intake.events import CallField, Disposition, LocationSource
from goldenhour.kernel import chain
from goldenhour.kernel.levels import DispatchLevel, TriageLevel
from goldenhour.kernel.personal import Clear
from goldenhour.kernel.recorded import Stamp

NUMBER, NAME = "13900001111", "周建明"
SECRETS = (NUMBER, NAME, "学府路")

call_ids = st.sampled_from(["c1", "c2", "c3"])
incident_ids = st.sampled_from(["i1", "i2"])
mission_ids = st.sampled_from(["m1", "m2", "m3", "m4"])
unit_ids = st.sampled_from(["A-01", "A-02"])
patient_ids = st.sampled_from(["p1", "p2"])
handover_ids = st.sampled_from(["h1", "h2"])
hospital_ids = st.sampled_from(["h1", "none"])
reasons = st.sampled_from(["", "because"])
names = st.just(Clear(text=NAME))
milestones = st.sampled_from(Milestone)
alert_ids = st.sampled_from(
    [
        *(f"not_acknowledged.{m}" for m in ("m1", "m2")),
        "not_departed.m1",
        "ring_unanswered.c1",
        "call_abandoned.c2",
        "not_dispatched.i1",
        "prealert_unanswered.h1",
    ]
)

# Grouped so that a machine says several things about the same matter and gets somewhere.
calls: st.SearchStrategy[Any] = st.one_of(
    st.builds(c.Ring, call_id=call_ids, number=st.just(Clear(text=NUMBER)), line=st.just("typed")),
    st.builds(c.Answer, call_id=call_ids),
    st.builds(c.Abandon, call_id=call_ids),
    st.builds(c.RingBack, call_id=call_ids, reached=st.booleans()),
    st.builds(c.RecordCallField, call_id=call_ids, field=st.sampled_from(CallField), value=names),
    st.builds(c.EndCall, call_id=call_ids, disposition=st.sampled_from(Disposition)),
    st.builds(c.OpenIncident, incident_id=incident_ids, call_id=call_ids),
    st.builds(c.JoinCall, incident_id=incident_ids, call_id=call_ids),
)
incidents: st.SearchStrategy[Any] = st.one_of(
    st.builds(
        c.SetLocation,
        incident_id=incident_ids,
        location=st.just(Clear(text=PLACE)),
        source=st.sampled_from(LocationSource),
        accuracy_m=st.just(15),
    ),
    st.builds(
        c.SetComplaint, incident_id=incident_ids, topic=st.sampled_from(["chest_pain", "stroke"])
    ),
    st.builds(
        c.AnswerQuestion,
        incident_id=incident_ids,
        card=st.just("entry"),
        question=st.sampled_from(["conscious", "breathing_normal", "massive_bleed"]),
        answer=st.sampled_from([True, False, None]),
    ),
    st.builds(
        c.OverrideLevel,
        incident_id=incident_ids,
        level=st.sampled_from(DispatchLevel),
        reason=reasons,
    ),
    st.builds(c.CloseIncident, incident_id=incident_ids, reason=reasons),
    st.builds(c.ReopenIncident, incident_id=incident_ids, reason=reasons),
)
runs: st.SearchStrategy[Any] = st.one_of(
    st.builds(c.Assign, mission_id=mission_ids, incident_id=incident_ids, unit_id=unit_ids),
    st.builds(
        c.Reserve,
        mission_id=mission_ids,
        incident_id=incident_ids,
        unit_id=unit_ids,
        due_ms=st.just(1),
    ),
    st.builds(c.Activate, mission_id=mission_ids),
    st.builds(
        c.Reach, mission_id=mission_ids, milestone=milestones, source=st.sampled_from(Source)
    ),
    st.builds(
        c.Reach,
        mission_id=mission_ids,
        milestone=milestones,
        source=st.just(Source.CREW),
        at_ms=st.just(1),
    ),
    st.builds(
        c.ProposeMilestone, mission_id=mission_ids, milestone=milestones, distance_m=st.just(90)
    ),
    st.builds(c.UndoMilestone, mission_id=mission_ids, milestone=milestones),
    st.builds(
        c.CorrectMilestone,
        mission_id=mission_ids,
        milestone=milestones,
        at_ms=st.just(1),
        reason=reasons,
    ),
    st.builds(
        c.StandDown, mission_id=mission_ids, reason=st.sampled_from([*STAND_DOWN_REASONS, ""])
    ),
    st.builds(c.SeeStandDown, mission_id=mission_ids),
    st.builds(
        c.CloseUntreated,
        mission_id=mission_ids,
        entry_id=st.just("e1"),
        reason=st.sampled_from(["refused", "not_found"]),
        name=st.just("李"),
        signer=st.just(Clear(text="张")),
        witness=st.just(Clear(text="王")),
    ),
    st.builds(
        c.Divert, mission_id=mission_ids, new_mission_id=mission_ids, incident_id=incident_ids
    ),
    st.builds(c.SetDestination, mission_id=mission_ids, hospital_id=hospital_ids),
    st.builds(
        c.AskCallback, mission_id=mission_ids, callback_id=st.sampled_from(["k1", "k2", "k3"])
    ),
    st.builds(
        c.AnswerCallback,
        mission_id=mission_ids,
        callback_id=st.sampled_from(["k1", "k2", "k3"]),
        outcome=st.sampled_from(["connected", "caller_busy", ""]),
    ),
    st.builds(c.ShowNumber, mission_id=mission_ids, reason=st.sampled_from(["no_link", "curious"])),
)
care: st.SearchStrategy[Any] = st.one_of(
    st.builds(
        c.RegisterPatient,
        patient_id=patient_ids,
        mission_id=mission_ids,
        name=names,
        age_y=st.just(62.0),
        sex=st.sampled_from(Sex),
    ),
    st.builds(c.CorrectDemographic, patient_id=patient_ids, reason=reasons, name=names),
    st.builds(c.ChartVitals, patient_id=patient_ids, vitals=st.just(VITALS)),
    st.builds(c.Observe, patient_id=patient_ids, gcs=st.integers(2, 16)),
    st.builds(
        c.PlaceMonitor,
        mission_id=mission_ids,
        device_id=st.just("monitor-1"),
        patient_id=st.sampled_from(["", "p1", "p2"]),
    ),
    st.builds(
        c.BindMonitor,
        mission_id=mission_ids,
        device_id=st.just("monitor-1"),
        band=st.sampled_from(["", "B1", "B2"]),
        patient_id=st.sampled_from(["", "p1", "p2"]),
    ),
    st.builds(
        c.GiveBand,
        mission_id=mission_ids,
        patient_id=patient_ids,
        band=st.sampled_from(["", "B1", "B2"]),
    ),
    st.builds(
        c.TakeBand, mission_id=mission_ids, band=st.sampled_from(["B1", "B2"]), reason=reasons
    ),
    st.builds(
        c.PlaceLeads,
        mission_id=mission_ids,
        device_id=st.just("monitor-1"),
        placement=st.sampled_from(["standard", "posterior", "elsewhere"]),
    ),
    st.builds(c.TakeOffMonitor, mission_id=mission_ids, device_id=st.just("monitor-1")),
    st.builds(c.PutBackMonitor, mission_id=mission_ids, device_id=st.just("monitor-1")),
    st.builds(
        c.CorrectMonitor,
        mission_id=mission_ids,
        correction_id=st.sampled_from(["k1", "k2", "k3"]),
        device_id=st.just("monitor-1"),
        from_ms=st.just(1),
        to_ms=st.just(VITALS.received_ms + 1),
        patient_id=st.sampled_from(["", "p1", "p2"]),
        reason=reasons,
    ),
    st.builds(
        c.ConfirmLevel,
        patient_id=patient_ids,
        level=st.sampled_from(TriageLevel),
        reason=reasons,
    ),
    st.builds(
        c.PreAlert,
        handover_id=handover_ids,
        mission_id=mission_ids,
        patient_id=patient_ids,
        hospital_id=hospital_ids,
        tier=st.sampled_from(Tier),
        summary=names,
    ),
    st.builds(c.AcknowledgePreAlert, handover_id=handover_ids, name=reasons, bay=st.just("1")),
    st.builds(c.DeclinePreAlert, handover_id=handover_ids, reason=reasons),
    st.builds(c.WithdrawPreAlert, handover_id=handover_ids, reason=reasons),
    st.builds(
        c.Sign,
        handover_id=handover_ids,
        side=st.sampled_from(["crew", "hospital"]),
        name=st.just("x"),
    ),
)
rest: st.SearchStrategy[Any] = st.one_of(
    st.builds(c.AcknowledgeAlert, alert_id=alert_ids),
    st.builds(c.SetDuty, unit_id=unit_ids, on_duty=st.booleans()),
    st.builds(c.TakeOutOfService, unit_id=unit_ids, reason=st.just("fault")),
    st.builds(c.PutBackInService, unit_id=unit_ids),
)
actors = st.sampled_from(
    [
        {"actor": "person-1", "seat": "01", "role": "dispatcher", "org": "centre"},
        {"actor": "person-2", "seat": "02", "role": "supervisor", "org": "centre"},
        {"actor": "person-3", "seat": "A-01", "role": "crew", "org": "unit:A-01"},
        {"actor": "person-4", "seat": "ED1", "role": "hospital", "org": "hospital:h1"},
    ]
)


Said = list[tuple[c.Command, dict[str, str]]]


def several(commands: st.SearchStrategy[Any]) -> st.SearchStrategy[Said]:
    return st.lists(st.tuples(commands, actors), min_size=1, max_size=10)


class Anybody(RuleBasedStateMachine):
    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run(work)

    @initialize()
    def begin(self) -> None:
        self.world = TestWorld()
        self.said: list[tuple[c.Command, Stamp, Any]] = []
        self.verified: Counter[str] = Counter()
        self.run(self._furnish())

    async def _furnish(self) -> None:
        for unit_id in ("A-01", "A-02"):
            await self.world.list_unit(unit_id)
        await self.world.list_hospital()
        for ident in ("1", "2"):
            call_id, incident_id = f"c{ident}", f"i{ident}"
            ring = c.Ring(call_id=call_id, number=Clear(text=NUMBER), line="typed")
            location = c.SetLocation(
                incident_id=incident_id,
                location=Clear(text=PLACE),
                source=LocationSource.TYPED,
                accuracy_m=15,
            )
            for command in (
                ring,
                c.Answer(call_id=call_id),
                c.OpenIncident(incident_id=incident_id, call_id=call_id),
                location,
            ):
                await self.world.accept(command)
            await self.world.answer(incident_id, "breathing_normal", answer=True)

    @rule(said=several(runs))
    def dispatch(self, said: Said) -> None:
        self.say(said)

    @rule(said=several(care))
    def care(self, said: Said) -> None:
        self.say(said)

    @rule(said=several(incidents))
    def ask(self, said: Said) -> None:
        self.say(said)

    @rule(said=several(calls))
    def call(self, said: Said) -> None:
        self.say(said)

    @rule(said=several(rest))
    def look_after_units_and_alerts(self, said: Said) -> None:
        self.say(said)

    def say(self, said: Said) -> None:
        for command, actor in said:
            self.world.clock.at_ms += 1000
            stamp = self.world.stamp(**actor)
            outcome = self.run(handle(command, stamp, SYSTEM, self.world))
            self.said.append((command, stamp, outcome))
            self.one_active_mission_a_unit()

    @rule(seconds=st.sampled_from([0, 20, 60, 600]))
    def wait(self, seconds: int) -> None:
        self.run(pass_time(self.world, seconds))

    @precondition(lambda self: any(isinstance(o, Outcome) for _c, _s, o in self.said))
    @rule(data=st.data())
    def say_again(self, data: st.DataObject) -> None:
        """What was accepted once is answered in the same way, and nothing is written."""
        accepted = [said for said in self.said if isinstance(said[2], Outcome) and said[2].versions]
        if not accepted:
            return
        command, stamp, outcome = data.draw(st.sampled_from(accepted))
        before = len(self.world.journal.feed)
        assert self.run(handle(command, stamp, SYSTEM, self.world)) == outcome
        assert len(self.world.journal.feed) == before

    def states(self) -> dict[str, Any]:
        return {s: fold(s, events) for s, events in self.world.journal.streams.items()}

    @invariant()
    def one_active_mission_a_unit(self) -> None:
        active = [s.unit_id for s in self.states().values() if isinstance(s, Mission) and s.active]
        assert len(active) == len(set(active))
        assert {claim.key for claim in self.world.journal.claims} == set(active)

    @invariant()
    def every_open_alert_has_an_owner_and_climbs_until_all_know(self) -> None:
        for stream, state in self.states().items():
            if isinstance(state, Alert) and state.state is AlertState.OPEN:
                assert state.owner
                ident = stream.partition(":")[2]
                timed = f"escalate:{ident}" in self.world.journal.timers
                assert timed or state.owner == "all"

    @invariant()
    def every_stream_is_a_chain_and_holds_no_personal_text(self) -> None:
        for stream, events in self.world.journal.streams.items():
            done = self.verified[stream]
            previous = events[done - 1].hash if done else chain.GENESIS
            for version, e in enumerate(events[done:], start=done + 1):
                assert (e.version, e.previous_hash) == (version, previous)
                previous = chain.link(
                    previous,
                    stream=stream,
                    version=version,
                    body=e.body,
                    actor=e.actor,
                    seat=e.seat,
                    role=e.role,
                    org=e.org,
                    installation=e.installation,
                    sequence=e.sequence,
                    part=e.part,
                    occurred_ms=e.occurred_ms,
                    received_ms=e.received_ms,
                    origin=e.origin,
                )
                assert e.hash == previous
                assert not any(secret.encode() in e.body for secret in SECRETS)
            self.verified[stream] = len(events)


TestAnybody = Anybody.TestCase
TestAnybody.settings = settings(
    max_examples=15,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


@given(
    kind=st.sampled_from(KINDS),
    events=st.lists(
        st.one_of(st.sampled_from(EVENTS), st.just(Unknown(kind="x.y.v9", body=b"{}"))),
        max_size=12,
    ),
)
def test_any_event_on_any_state_is_folded_and_reacted_to_without_a_fault(
    kind: str, events: list[Any]
) -> None:
    """A stream may hold whatever a newer, older or broken peer has sent."""
    stream, state = f"{kind}:x1", None
    for version, event in enumerate(events, start=1):
        seen = recorded(EVENTS[0], stream, version=version)
        seen = type(seen)(
            **{n: getattr(seen, n) for n in seen.__struct_fields__} | {"event": event}
        )
        state = case.evolve(stream, state, seen)
        case.react(state, seen, facts())
        case.claims(state)
