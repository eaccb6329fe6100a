"""Which of the vehicles' devices somebody has put on a patient."""

from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing

from goldenhour.simulator.api import ApiClient
from goldenhour.simulator.mind import CARED_FOR
from goldenhour.views.rows import MissionRow


async def worn_on_runs(
    client: ApiClient, device_of: Mapping[str, str]
) -> AsyncIterator[frozenset[str]]:
    """Those whose unit has a patient now, as the board shows it. `device_of`: unit id -> device."""
    before: frozenset[str] | None = None
    async with aclosing(client.live("board")) as views:
        async for live in views:
            runs = live.list_rows(MissionRow)
            cared_for = {run.unit_id for run in runs if run.state in CARED_FOR}
            worn = frozenset(device_of[unit] for unit in cared_for if unit in device_of)
            if worn != before:
                before = worn
                yield worn
