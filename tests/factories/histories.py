"""Random case histories: small numbers choose commands against whatever exists by then."""

from typing import Any

from factories.world import TestWorld
from goldenhour.app.journal import Outcome
from goldenhour.app.memory import MemoryJournal
from goldenhour.app.timers import fire
from goldenhour.domain import commands as c
from goldenhour.domain.care.events import Consciousness
from goldenhour.domain.dispatch.events import Milestone, Source
from goldenhour.domain.handover.events import Tier
from goldenhour.domain.intake.events import CallField
from goldenhour.kernel.levels import TriageLevel
from goldenhour.kernel.personal import Clear

MILESTONES = tuple(Milestone)
MOST_INCIDENTS = 5


class History:
    """One world that grows by steps; a refused command is an ordinary step."""

    def __init__(self) -> None:
        self.world = TestWorld()
        self.journal: MemoryJournal = self.world.journal
        self.ids: dict[str, list[str]] = {}
        """Kind of stream -> the ids that exist, oldest first."""

    async def begin(self) -> None:
        for unit in ("A-01", "A-02"):
            await self.world.list_unit(unit)
        await self.world.list_hospital()
        await self.step((0, 0))
        await self.step((2, 0))

    async def step(self, choice: tuple[int, int]) -> None:
        """The first number chooses what to do, the second to what."""
        what, which = choice
        self.world.clock.at_ms += 1_000 + 700 * which
        if what == 0:
            if len(self.ids.get("incident", ())) < MOST_INCIDENTS:
                call, incident = await self.world.open_incident()
                self._know(f"call:{call}", f"incident:{incident}")
        elif what == 1:
            self.world.clock.at_ms += 31_000 * (1 + which % 3)
            for timer in await self.journal.due(self.world.clock.at_ms):
                await fire(timer, self.world.clock.at_ms, self.world, self.journal)
        else:
            outcome = await self.world.send(self._command(what, which))
            if isinstance(outcome, Outcome):
                self._know(*outcome.versions)

    def _know(self, *streams: str) -> None:
        for stream in streams:
            kind, _, ident = stream.partition(":")
            known = self.ids.setdefault(kind, [])
            if ident not in known:
                known.append(ident)

    def _one(self, kind: str, which: int) -> str:
        """Mostly the newest."""
        ids = self.ids.get(kind, ["nobody"])
        return ids[-1 - which % min(len(ids), 3)]

    def _command(self, what: int, which: int) -> c.Command:
        incident, mission = self._one("incident", which), self._one("mission", which)
        patient, handover = self._one("patient", which), self._one("handover", which)
        unit = ("A-01", "A-02")[which % 2]
        new = self.world.new_id()
        milestone = MILESTONES[which % len(MILESTONES)]
        choices: tuple[Any, ...] = (
            c.Assign(mission_id=new, incident_id=incident, unit_id=unit),
            c.Reach(mission_id=mission, milestone=milestone, source=Source.CREW),
            c.RegisterPatient(patient_id=new, mission_id=mission, name=Clear(text="周建明")),
            c.PreAlert(
                handover_id=new,
                mission_id=mission,
                patient_id=patient,
                hospital_id="h1",
                tier=Tier.ALERT,
                summary=Clear(text="胸痛"),
            ),
            c.Observe(patient_id=patient, consciousness=Consciousness.VOICE, gcs=12),
            c.ConfirmLevel(patient_id=patient, level=TriageLevel.II, reason="看到"),
            c.WriteField(
                patient_id=patient, write_id=new, field="story", text=Clear(text="半小时前开始")
            ),
            c.OpenSheet(patient_id=patient, sheet="chest_pain"),
            c.GiveDrug(patient_id=patient, entry_id=new, drug="aspirin", dose=300, unit="mg"),
            c.TakeNote(patient_id=patient, entry_id=new, text=Clear(text="家属在场")),
            c.AcknowledgePreAlert(handover_id=handover, name="李", bay="1"),
            c.WithdrawPreAlert(handover_id=handover, reason="re-routed"),
            c.Divert(mission_id=mission, new_mission_id=new, incident_id=incident),
            c.StandDown(mission_id=mission, reason="cancelled"),
            c.UndoMilestone(mission_id=mission, milestone=milestone),
            c.SetDestination(mission_id=mission, hospital_id="h1", reason="专科"),
            c.RecordCallField(
                call_id=self._one("call", which), field=CallField.NOTE, value=Clear(text="三楼")
            ),
            c.ReportBeds(hospital_id="h1", free={"icu": which}),
            c.SetDuty(unit_id=unit, on_duty=which % 3 > 0, crew=("甲",)),
            c.CloseIncident(incident_id=incident, reason="done"),
            c.ReopenIncident(incident_id=incident, reason="mistake"),
        )
        chosen: c.Command = choices[(what - 2) % len(choices)]
        return chosen


async def grown(steps: list[tuple[int, int]]) -> History:
    history = History()
    await history.begin()
    for choice in steps:
        await history.step(choice)
    return history
