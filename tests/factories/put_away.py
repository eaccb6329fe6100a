"""What a module leaves open is ended by the product's own commands: the next finds a free node."""

import asyncio
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path

from goldenhour.domain import commands as c
from goldenhour.domain.dispatch.events import Milestone, Source
from goldenhour.domain.intake.events import Disposition
from goldenhour.kernel.outcome import Refused
from goldenhour.main.clock import SystemClock, entropy
from goldenhour.main.demo_names import DEMO_PASSWORD
from goldenhour.simulator.api import ApiClient, Live
from goldenhour.views.rows import AlertRow, CallRow, HandoverRow, IncidentRow, MissionRow

WITHIN_S = 120.0
TALKING = frozenset({"ringing", "answered"})
ANNOUNCED = frozenset({"sent", "acknowledged"})
"""A hospital shows these first, also when their run is over."""


async def put_away(centre: str, vehicle: str, ca_file: Path) -> None:
    """Returns when no case is open, no unit on a run and no patient announced; raises TimeoutError.

    `centre`, `vehicle`: where each is reached. Runs end at their vehicles, the rest at the desk.
    """
    done: set[tuple[str, type[c.Command]]] = set()
    desk = client_at(centre, ca_file)
    async with asyncio.timeout(WITHIN_S), desk:
        await desk.login("dispatcher", DEMO_PASSWORD)
        async with aclosing(desk.live("board")) as views:
            async for live in views:
                if not any(_list_open(live)):
                    return
                for ident, call_sign, command in _deeds(live):
                    if (ident, type(command)) in done:
                        continue
                    if call_sign:
                        async with client_at(vehicle, ca_file) as crew:
                            await crew.login(f"crew-{call_sign.lower()}", DEMO_PASSWORD)
                            answer = await crew.send(command)
                    else:
                        answer = await desk.send(command)
                    # A vehicle may not have heard of its run yet: the next view asks again.
                    if not isinstance(answer, Refused):
                        done.add((ident, type(command)))


def client_at(url: str, ca_file: Path) -> ApiClient:
    return ApiClient(url, ca_file=ca_file, entropy=entropy, clock=SystemClock())


def _list_open(live: Live) -> list[CallRow | IncidentRow | MissionRow | HandoverRow]:
    return [
        *(call for call in live.list_rows(CallRow) if call.state in TALKING),
        *(run for run in live.list_rows(MissionRow) if run.active),
        *(case for case in live.list_rows(IncidentRow) if case.state == "open"),
        *(one for one in live.list_rows(HandoverRow) if one.state in ANNOUNCED),
    ]


def _deeds(live: Live) -> Iterator[tuple[str, str, c.Command]]:
    """Of what, at which vehicle (empty: at the desk), which command."""
    for run in live.list_rows(MissionRow):
        if run.state == "reserved":
            yield run.id, "", c.StandDown(mission_id=run.id, reason="relieved")
        elif run.active:
            cleared = c.Reach(mission_id=run.id, milestone=Milestone.CLEARED, source=Source.CREW)
            yield run.id, run.call_sign, cleared
    for one in live.list_rows(HandoverRow):
        if one.state in ANNOUNCED:
            yield one.id, "", c.WithdrawPreAlert(handover_id=one.id, reason="put away")
    for call in live.list_rows(CallRow):
        if call.state == "ringing":
            yield call.id, "", c.Answer(call_id=call.id)
        elif call.state == "answered":
            how = Disposition.INCIDENT if call.incident_id else Disposition.NO_CONTACT
            yield call.id, "", c.EndCall(call_id=call.id, disposition=how)
    for alert in live.list_rows(AlertRow):
        if alert.state == "open":
            yield alert.id, "", c.AcknowledgeAlert(alert_id=alert.id)
    running = {run.incident_id for run in live.list_rows(MissionRow) if run.active}
    for case in live.list_rows(IncidentRow):
        if case.state == "open" and case.id not in running:
            yield case.id, "", c.CloseIncident(incident_id=case.id, reason="put away")
