"""A simulated emergency department: it answers pre-alerts, signs, and says how full it is.

Rule 1: it declines only when it has no bed left, and says so; otherwise somebody acknowledges with
        name and bay.
Rule 2: beds fill with every hand-over and empty at a steady rate; the word on them goes out when
        it changes, and again before it is too old to be trusted.
Rule 3: a pre-alert that a person has answered, and everything after it, is that person's.
"""

from enum import StrEnum
from random import Random  # noqa: TID251 (a simulator is given its generator)
from typing import Final

from goldenhour.domain import commands as c
from goldenhour.domain.handover import prealert
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.time import MINUTE_MS
from goldenhour.simulator.api import ApiError, Live
from goldenhour.simulator.mind import Next, Office
from goldenhour.views.rows import HandoverRow, HospitalRow

SIDE: Final = "hospital"
REPORT_AGAIN_MS: Final = 60 * MINUTE_MS
STAY_MS: Final = 150 * MINUTE_MS
"""How long a patient keeps a bed of the emergency department, on average."""
BEDS: Final = {"ed": 0.02, "resus": 0.006, "icu": 0.04}
"""Beds of a kind, as a share of all beds of the hospital; at least two of each."""
MANY_BEDS: Final = 300
"""Where nobody has said how many beds a hospital has."""
NAMES: Final = ("陈护士", "林医生", "王护士", "赵医生")


class Deed(StrEnum):
    REPORT = "report"
    ACKNOWLEDGE = "acknowledge"
    DECLINE = "decline"
    SIGN = "sign"


PACE_S: Final[dict[Deed, tuple[float, float]]] = {
    Deed.REPORT: (5, 60),
    Deed.ACKNOWLEDGE: (15, 80),
    Deed.DECLINE: (20, 60),
    Deed.SIGN: (40, 180),
}


class WardMind:
    def __init__(self, hospital_id: str, beds: int | None, rng: Random) -> None:
        self._hospital_id = hospital_id
        self._rng = rng
        all_beds = beds or MANY_BEDS
        self._size = {kind: max(2, round(all_beds * share)) for kind, share in BEDS.items()}
        self._taken: list[int] = []
        """When each bed of the emergency department is free again."""
        self._counted: set[str] = set()
        self._done: set[str] = set()
        self._now_ms = 0

    def find_next(self, live: Live, now_ms: int) -> Next[Deed] | None:
        self._now_ms = now_ms
        own = [r for r in live.list_rows(HandoverRow) if r.hospital_id == self._hospital_id]
        self._count(own)
        for row in sorted(own, key=lambda row: row.sent_ms):
            found = self._answer(row)
            if found:
                return found
        return self._report(live)

    def free(self) -> dict[str, int]:
        taken = sum(until_ms > self._now_ms for until_ms in self._taken)
        return self._size | {"ed": max(0, self._size["ed"] - taken)}

    def _next(self, deed: Deed, about: str) -> Next[Deed] | None:
        found = Next(deed=deed, about=about, wait_s=PACE_S[deed])
        return None if found.key in self._done else found

    def _count(self, own: list[HandoverRow]) -> None:
        self._taken = [until_ms for until_ms in self._taken if until_ms > self._now_ms]
        for row in own:
            if row.state == prealert.State.HANDED_OVER and row.id not in self._counted:
                self._counted.add(row.id)
                stay_ms = self._rng.expovariate(1 / STAY_MS)
                self._taken.append(self._now_ms + round(stay_ms))

    def _answer(self, row: HandoverRow) -> Next[Deed] | None:
        if row.state == prealert.State.SENT:
            full = self.free()["ed"] == 0
            return self._next(Deed.DECLINE if full else Deed.ACKNOWLEDGE, row.id)
        mine = f"{Deed.ACKNOWLEDGE}/{row.id}" in self._done
        waits = row.state == prealert.State.ACKNOWLEDGED and "crew" in row.signatures
        if mine and waits and SIDE not in row.signatures:
            return self._next(Deed.SIGN, row.id)
        return None

    def _report(self, live: Live) -> Next[Deed] | None:
        row = live.find_row(HospitalRow, self._hospital_id)
        if row is None:
            return None
        told_ms = row.beds_reported_ms
        old = told_ms is None or self._now_ms - told_ms >= REPORT_AGAIN_MS
        if old or row.free_beds.get("ed") != self.free()["ed"]:
            found = Next(deed=Deed.REPORT, about=str(told_ms), wait_s=PACE_S[Deed.REPORT])
            return None if found.key in self._done else found
        return None

    async def do(self, due: Next[Deed], live: Live, office: Office) -> None:
        del live
        self._done.add(due.key)
        try:
            answer = await office.send(self._command(due))
        except ApiError:
            return
        if isinstance(answer, Refused) and due.deed is Deed.ACKNOWLEDGE:
            self._done.discard(due.key)  # not ours after all: somebody was faster
            self._done.add(f"{Deed.DECLINE}/{due.about}")

    def _command(self, due: Next[Deed]) -> c.Command:
        name = self._rng.choice(NAMES)
        match due.deed:
            case Deed.ACKNOWLEDGE:
                bay = str(self._rng.randint(1, self._size["ed"]))
                return c.AcknowledgePreAlert(handover_id=due.about, name=name, bay=bay)
            case Deed.DECLINE:
                return c.DeclinePreAlert(handover_id=due.about, reason="no_bed")
            case Deed.SIGN:
                return c.Sign(handover_id=due.about, side=SIDE, name=name)
            case Deed.REPORT:
                return c.ReportBeds(hospital_id=self._hospital_id, free=self.free())
