"""A simulated emergency department: it answers pre-alerts, signs, and says how full it is.

Rule 1: it declines only when it has no bed left, and says so; otherwise somebody acknowledges with
        name and bay.
Rule 2: beds fill with every hand-over and empty at a steady rate; the word on them goes out when
        it changes, and again before it is too old to be trusted.
Rule 3: a pre-alert that a person has answered, and everything after it, is that person's.
"""

from random import Random  # noqa: TID251 (a simulator is given its generator)
from typing import Final

from goldenhour.domain import commands as c
from goldenhour.domain.attention.alert import State
from goldenhour.domain.case.reactions import centre_owner, hospital_org
from goldenhour.domain.handover import prealert
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.time import MINUTE_MS
from goldenhour.simulator.api import ApiError, Live
from goldenhour.simulator.deeds import WardDeed
from goldenhour.simulator.demand import WardHabits
from goldenhour.simulator.mind import Next, Office
from goldenhour.views.rows import AlertRow, HandoverRow, HospitalRow

SIDE: Final = "hospital"


class WardMind:
    def __init__(self, hospital_id: str, beds: int | None, habits: WardHabits, rng: Random) -> None:
        self._hospital_id = hospital_id
        self._owner = centre_owner(hospital_org(hospital_id))
        self._habits = habits
        self._rng = rng
        all_beds = beds or habits.beds_unsaid
        self._size = {
            kind: max(habits.fewest_beds, round(all_beds * share))
            for kind, share in habits.bed_shares.items()
        }
        self._taken: list[int] = []
        """When each bed of the emergency department is free again."""
        self._counted: set[str] = set()
        self._done: set[str] = set()
        self._now_ms = 0

    def find_next(self, live: Live, now_ms: int) -> Next[WardDeed] | None:
        self._now_ms = now_ms
        own = [r for r in live.list_rows(HandoverRow) if r.hospital_id == self._hospital_id]
        self._count(own)
        for row in sorted(own, key=lambda row: row.sent_ms):
            found = self._answer(row)
            if found:
                return found
        return self._see(live) or self._report(live)

    def free(self) -> dict[str, int]:
        taken = sum(until_ms > self._now_ms for until_ms in self._taken)
        return self._size | {"ed": max(0, self._size["ed"] - taken)}

    def _next(self, deed: WardDeed, about: str) -> Next[WardDeed] | None:
        found = Next(deed=deed, about=about, wait_s=self._habits.pace_s[deed])
        return None if found.key in self._done else found

    def _count(self, own: list[HandoverRow]) -> None:
        self._taken = [until_ms for until_ms in self._taken if until_ms > self._now_ms]
        for row in own:
            if row.state == prealert.State.HANDED_OVER and row.id not in self._counted:
                self._counted.add(row.id)
                stay_ms = self._rng.expovariate(1 / (self._habits.stay_min * MINUTE_MS))
                self._taken.append(self._now_ms + round(stay_ms))

    def _answer(self, row: HandoverRow) -> Next[WardDeed] | None:
        if row.state == prealert.State.SENT:
            full = self.free()["ed"] == 0
            return self._next(WardDeed.DECLINE if full else WardDeed.ACKNOWLEDGE, row.id)
        mine = f"{WardDeed.ACKNOWLEDGE}/{row.id}" in self._done
        waits = row.state == prealert.State.ACKNOWLEDGED and "crew" in row.signatures
        if mine and waits and SIDE not in row.signatures:
            return self._next(WardDeed.SIGN, row.id)
        return None

    def _see(self, live: Live) -> Next[WardDeed] | None:
        told = (r for r in live.list_rows(AlertRow) if r.owner == self._owner)
        asked = (self._next(WardDeed.SEE, r.id) for r in told if r.state == State.OPEN)
        return next((found for found in asked if found), None)

    def _report(self, live: Live) -> Next[WardDeed] | None:
        row = live.find_row(HospitalRow, self._hospital_id)
        if row is None:
            return None
        told_ms = row.beds_reported_ms
        again_ms = self._habits.report_again_min * MINUTE_MS
        old = told_ms is None or self._now_ms - told_ms >= again_ms
        if old or row.free_beds.get("ed") != self.free()["ed"]:
            return self._next(WardDeed.REPORT, str(told_ms))
        return None

    async def do(self, due: Next[WardDeed], live: Live, office: Office) -> None:
        del live
        self._done.add(due.key)
        try:
            answer = await office.send(self._command(due))
        except ApiError:
            return
        if isinstance(answer, Refused) and due.deed is WardDeed.ACKNOWLEDGE:
            self._done.discard(due.key)  # not ours after all: somebody was faster
            self._done.add(f"{WardDeed.DECLINE}/{due.about}")

    def _command(self, due: Next[WardDeed]) -> c.Command:
        name = self._rng.choice(self._habits.names)
        match due.deed:
            case WardDeed.ACKNOWLEDGE:
                bay = str(self._rng.randint(1, self._size["ed"]))
                return c.AcknowledgePreAlert(handover_id=due.about, name=name, bay=bay)
            case WardDeed.DECLINE:
                return c.DeclinePreAlert(handover_id=due.about, reason="no_bed")
            case WardDeed.SIGN:
                return c.Sign(handover_id=due.about, side=SIDE, name=name)
            case WardDeed.SEE:
                return c.AcknowledgeAlert(alert_id=due.about)
            case WardDeed.REPORT:
                return c.ReportBeds(hospital_id=self._hospital_id, free=self.free())
