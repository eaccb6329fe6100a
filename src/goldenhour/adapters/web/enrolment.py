"""What the tables of vehicles and of stations share: what is seen, and how one is carried out."""

from collections.abc import Sequence

from goldenhour.adapters.web.command_routes import stamp_of
from goldenhour.adapters.web.problems import refused
from goldenhour.adapters.web.services import Services
from goldenhour.app.access import Organisation, Principal
from goldenhour.app.handle import handle
from goldenhour.domain.case import States
from goldenhour.domain.commands import ImportStations, ImportUnits
from goldenhour.kernel.ids import uuid7
from goldenhour.kernel.outcome import Refused


async def states_of(services: Services, principal: Principal) -> States:
    hub = services.desk_of(principal).hub
    return (await hub.scope(services.identity_of(principal))).view.states


async def carry_out(
    services: Services,
    principal: Principal,
    rows: Sequence[Organisation],
    command: ImportStations | ImportUnits,
) -> None:
    """The organisations, then what they own; a refusal puts back those that stood before.

    Raises ProblemError.
    """
    accounts, tree, now_ms = services.accounts, services.tree, services.clock.now_ms()
    before = [known for row in rows if (known := tree.organisations.rows.get(row.id))]
    await accounts.put_organisations(rows)
    await tree.refresh(accounts)
    stamp = stamp_of(principal, f"import-{uuid7(now_ms, services.entropy)}", 1, now_ms)
    # The new organisations are the asker's since a moment.
    identity = services.identity_of(principal)
    outcome = await handle(command, stamp, identity, services.desk_of(principal).world)
    if isinstance(outcome, Refused):
        await accounts.put_organisations(before)
        await tree.refresh(accounts)
        raise refused(outcome)
