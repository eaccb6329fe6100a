"""The api process's part in other nodes: the file that names them, and lines to each."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec
import structlog

from goldenhour.adapters.peers import PeerLink
from goldenhour.adapters.postgres.copies import PostgresCopies
from goldenhour.adapters.postgres.timers import DueEffect, Effects
from goldenhour.app.accounts import Accounts
from goldenhour.app.copies import Copied, Copier
from goldenhour.app.devices import NODE
from goldenhour.app.handing import CaseDeed, Getter, Giver
from goldenhour.app.handle import World
from goldenhour.app.journal import SYSTEM, Identity
from goldenhour.app.lending import Ask, AskAnswer, Lender, carry
from goldenhour.app.peers import Peer, Peers
from goldenhour.app.ports import Clock
from goldenhour.domain.dispatch.lend import Lending
from goldenhour.kernel.telemetry import Fix
from goldenhour.main.node import Node

POLL_S: Final = 0.25
HOLD_MS: Final = 10_000
"""Longer than a node is waited for."""
_log = structlog.get_logger(__name__)


def read_peers(path: Path | None) -> tuple[Peer, ...]:
    """Raises SystemExit with a plain sentence."""
    if path is None:
        return ()
    try:
        return msgspec.json.decode(path.read_bytes(), type=tuple[Peer, ...])
    except OSError as error:
        raise SystemExit(f"peers: {path}: {error.strerror}") from error
    except msgspec.DecodeError as error:
        raise SystemExit(f"peers: {path}: {error}") from error


class Streams(Protocol):
    """The part of the journal that is needed here."""

    async def case_streams(self, incidents: list[str], identity: Identity) -> list[str]: ...


@dataclass(frozen=True)
class Taker:
    """Copies of one node's streams, for the centre that it was registered for here."""

    node: str
    copier: Copier
    accounts: Accounts

    async def known(self) -> dict[str, int]:
        await self.copier.catch_up(self.node)
        return await self.copier.known(self.node)

    async def take(self, copied: Copied) -> None:
        await self.copier.take(self.node, await org_of(self.node, self.accounts), copied)


class UnknownNodeError(Exception):
    """Nobody has registered that node here: there is no centre that its cases could be shown to."""


async def org_of(node: str, accounts: Accounts) -> str:
    """Raises UnknownNodeError."""
    for device in await accounts.list_devices(NODE):
        if device.seat == node and device.enabled:
            return device.org
    raise UnknownNodeError(node)


@dataclass(frozen=True)
class Asks:
    """Carries this node's asks for units to their homes: effects, answered by a command."""

    effects: Effects
    world: World
    store: PostgresCopies
    streams: Streams
    copier: Copier
    accounts: Accounts
    clock: Clock
    links: Mapping[str, PeerLink]

    async def run(self) -> None:
        while True:
            try:
                effect = await self.effects.claim("unit_ask", self.clock.now_ms(), HOLD_MS)
                if effect is not None:
                    await self.carry(effect)
                    continue
            except Exception as error:  # noqa: BLE001 (logged: the database may be away for a while)
                _log.warning("peer.asks_wait", error=repr(error))
            await asyncio.sleep(POLL_S)

    async def carry(self, effect: DueEffect) -> None:
        stream = f"incident:{effect.body['incident_id']}"
        try:
            outcome = await carry(
                effect.body,
                world=self.world,
                store=self.store,
                streams=await self.streams.case_streams([stream], SYSTEM),
                copier=self.copier,
                post=self._post,
                now_ms=self.clock.now_ms(),
                org=await org_of(effect.body["node"], self.accounts),
            )
        except Exception as error:  # noqa: BLE001 (logged: it is tried again)
            _log.warning("peer.ask_failed", node=effect.body["node"], error=repr(error))
            outcome = ""
        if outcome:
            await self.effects.finish(effect.key, outcome, self.clock.now_ms())
        else:
            await self.effects.again(effect, "not_reached", self.clock.now_ms())

    async def _post(self, node: str, ask: Ask) -> AskAnswer | None:
        link = self.links.get(node)
        return await link.ask(ask) if link else None

    async def post_deed(self, node: str, deed: CaseDeed) -> AskAnswer | None:
        link = self.links.get(node)
        return await link.deed(deed) if link else None

    async def tell_again(self, node: str) -> bool:
        """That node tells anew what is not here; False: there is no line to such a node."""
        link = self.links.get(node)
        if link is not None:
            await link.begin_again()
        return link is not None

    async def org_of(self, node: str) -> str:
        return await org_of(node, self.accounts)


@dataclass(frozen=True)
class Neighbours:
    """What the api process has of other nodes."""

    peers: Peers
    copies: PostgresCopies
    lender: Lender
    giver: Giver
    getter: Getter
    tell_again: Callable[[str], Awaitable[bool]]
    loops: list[Callable[[], Coroutine[Any, Any, None]]]


def open_peers(node: Node, rules: Lending, show: Callable[[Fix], object]) -> Neighbours | None:
    """None where there are none. `show`: where their units are."""
    named = read_peers(node.settings.peers_file)
    if not named:
        return None
    peers = Peers([peer.node for peer in named], node.world, node.clock, show)
    own, ca_file = node.settings.node, node.settings.trusted_ca
    links = [PeerLink(own, peer, ca_file, peers.take) for peer in named]
    store = PostgresCopies(node.database, node.journal, node.clock)
    copier = Copier(node.world, store, node.clock)
    asks = Asks(
        effects=Effects(node.database),
        world=node.world,
        store=store,
        streams=node.journal,
        copier=copier,
        accounts=node.accounts,
        clock=node.clock,
        links={link.node: link for link in links},
    )
    lender = Lender(node.world, store, node.clock, rules, peers.now_at)
    loops: list[Callable[[], Coroutine[Any, Any, None]]] = [asks.run]
    for link in links:
        taker = Taker(node=link.node, copier=copier, accounts=node.accounts)
        loops += [link.run, partial(link.follow, taker)]
    return Neighbours(
        peers=peers,
        copies=store,
        lender=lender,
        giver=Giver(node.world, store, node.clock),
        getter=Getter(node.world, copier, asks.post_deed, asks.org_of),
        tell_again=asks.tell_again,
        loops=loops,
    )
