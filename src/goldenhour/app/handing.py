"""A case goes from one node to another: asked for by the one, said by the other (ADR 0026).

Rule 1: the old home's last word makes the case the new home's. Only that node can say it, so a desk
        that takes an offered case asks its home, and waits for the answer.
Rule 2: the new home's first word behind it says that it has it. Until then both boards warn.
Rule 3: without an answer nothing is known: the desk telephones, and the word may come yet.
"""

from collections.abc import Awaitable, Callable
from typing import Literal

from goldenhour.app.access import Principal
from goldenhour.app.copies import Copier, CopyStore, told_to
from goldenhour.app.handle import World, fold, handle
from goldenhour.app.journal import SYSTEM, Identity
from goldenhour.app.lending import AskAnswer, refusal
from goldenhour.app.ports import Clock
from goldenhour.domain import case
from goldenhour.domain import commands as c
from goldenhour.domain.case.loading import node_org
from goldenhour.domain.intake.incident import Incident
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.record import Record
from goldenhour.kernel.recorded import Stamp


class CaseDeed(Record):
    """What a desk of another node does with a case that it was offered."""

    incident_id: str
    deed: Literal["take", "decline"]
    person: str
    role: str
    seat: str
    reason: str
    org_name: str
    """Of its centre."""


Post = Callable[[str, CaseDeed], Awaitable[AskAnswer | None]]
"""To the node of this name; None: not reached."""


class Giver:
    """The old home's side."""

    def __init__(self, world: World, store: CopyStore, clock: Clock) -> None:
        self._world = world
        self._store = store
        self._clock = clock

    async def answer(self, node: str, deed: CaseDeed) -> AskAnswer:
        stream = case.stream_id("incident", deed.incident_id)
        loaded = (await self._world.journal.load([stream], told_to(node))).get(stream)
        found = fold(stream, loaded.events) if loaded else None
        if not isinstance(found, Incident):
            return refusal(Refused(code="absent", field="incident_id"))
        # Asked once more, since the answer was lost: it is that node's already.
        if not (deed.deed == "take" and found.home == node):
            refused = await self._do(node, deed, found.offers)
            if refused is not None:
                return refusal(refused)
        copied = await self._store.read({stream: 0}, told_to(node))
        return AskAnswer(code="", detail="", copied=copied)

    async def _do(self, node: str, deed: CaseDeed, times: int) -> Refused | None:
        command: c.Command
        if deed.deed == "take":
            command = c.TakeCase(
                incident_id=deed.incident_id,
                reason=deed.reason,
                org_name=deed.org_name,
                node=node,
            )
        else:
            command = c.DeclineCase(incident_id=deed.incident_id, reason=deed.reason)
        stamp = Stamp(
            actor=f"{node}/{deed.person}",
            seat=deed.seat,
            role=deed.role,
            org=node_org(node),
            installation=f"{deed.deed}:{node}:{deed.incident_id}",
            sequence=times,
            now_ms=self._clock.now_ms(),
        )
        outcome = await handle(command, stamp, SYSTEM, self._world)
        return outcome if isinstance(outcome, Refused) else None


class Getter:
    """The new home's side."""

    def __init__(
        self,
        world: World,
        copier: Copier,
        post: Post,
        org_of: Callable[[str], Awaitable[str]],
    ) -> None:
        """`org_of`: the centre that a node's cases are shown to."""
        self._world = world
        self._copier = copier
        self._post = post
        self._org_of = org_of

    async def ask_home(
        self, command: c.Command, principal: Principal, identity: Identity
    ) -> Refused | bool:
        """Before the command is carried out here; False: that is all there is to do."""
        if not isinstance(command, c.TakeCase | c.DeclineCase):
            return True
        stream = case.stream_id("incident", command.incident_id)
        loaded = (await self._world.journal.load([stream], identity)).get(stream)
        if loaded is None or not loaded.head.node:
            return True
        node, takes = loaded.head.node, isinstance(command, c.TakeCase)
        answer = await self._post(
            node,
            CaseDeed(
                incident_id=command.incident_id,
                deed="take" if takes else "decline",
                person=principal.person_id,
                role=principal.role,
                seat=principal.seat,
                reason=command.reason,
                org_name=getattr(command, "org_name", ""),
            ),
        )
        if answer is None:
            return Refused(code="home_silent", detail=node)
        if answer.code:
            return Refused(code=answer.code, detail=answer.detail)
        org = await self._org_of(node)
        if takes:
            # What follows is what this desk does next: that it has the case.
            await self._copier.keep(node, org, answer.copied)
        else:
            await self._copier.take(node, org, answer.copied)
        return takes
