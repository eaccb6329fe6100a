"""Whom an event of a virtual city concerns, so that only they look again."""

from collections.abc import Iterable

from goldenhour.simulator.sight import Sight
from goldenhour.views.rows import AlertRow, HandoverRow, IncidentRow, MissionRow


def concerned(sight: Sight, stream: str, seats: Iterable[str]) -> list[str]:
    """Names of people: `seat:03`, `unit:A-01`, `hospital:h1`. `seats`: all of them."""
    live = sight.live
    kind, _, ident = stream.partition(":")
    match kind:
        case "call":
            return list(seats)
        case "alert":
            alert = live.find_row(AlertRow, ident)
            if alert is None or alert.owner == "all":
                return list(seats)
            return [f"seat:{alert.owner}"]
        case "incident":
            incident = live.find_row(IncidentRow, ident)
            return [f"seat:{incident.seat}"] if incident else []
        case "mission":
            run = live.find_row(MissionRow, ident)
            if run is None:
                return []
            incident = live.find_row(IncidentRow, run.incident_id)
            seat = [f"seat:{incident.seat}"] if incident else []
            return [f"unit:{run.unit_id}", *seat]
        case "patient":
            state = sight.view.states.get(f"patient:{ident}")
            return [f"unit:{getattr(state, 'unit_id', '')}"]
        case "handover":
            row = live.find_row(HandoverRow, ident)
            return [f"hospital:{row.hospital_id}", f"unit:{row.unit_id}"] if row else []
        case "unit" | "hospital":
            return [f"{kind}:{ident}"]
        case _:
            return []
