"""`goldenhour erase` and `goldenhour hold`: the end of texts and files, and what forbids it.

Rule 1: both are on the access log with their reason, refusals too.
Rule 2: a vehicle's own copies end with its grant; copies in exports and backups are not reached.
"""

import asyncio
import getpass
from importlib.resources import files

import msgspec

from goldenhour import content
from goldenhour.adapters.postgres.erasure import Erasure
from goldenhour.domain.review.retention import Retention, refuse_erasure, written_before_ms
from goldenhour.main.cases import find_case
from goldenhour.main.erase_files import erase_due, erase_found, list_of_case
from goldenhour.main.node import Node, open_node
from goldenhour.main.settings import Settings

_SENTENCES = {
    "legal_hold": "the case is under a legal hold: {}",
    "retention_runs": "it must be kept until {} (content/retention.toml)",
    "retention_unknown": "content/retention.toml says nothing about {}, so it stays",
}


def load_retention() -> Retention:
    raw = (files(content) / "retention.toml").read_bytes()
    return msgspec.toml.decode(raw, type=Retention)


def erase(settings: Settings, *, incident: str | None, reason: str) -> None:
    """A case by its number, or whatever is due; raises SystemExit with a plain sentence."""
    asyncio.run(_erase_case(settings, incident, reason) if incident else _erase_due(settings))


def hold(settings: Settings, *, incident: str, reason: str, lift: bool) -> None:
    """Put a case under a legal hold, or lift its holds; raises SystemExit."""
    asyncio.run(_lift(settings, incident, reason) if lift else _hold(settings, incident, reason))


async def _erase_case(settings: Settings, number: str, reason: str) -> None:
    async with open_node(settings, pool=2) as node:
        store, now_ms = Erasure(node.database), node.clock.now_ms()
        case_stream, streams = await find_case(node.journal, number)
        rows = await store.list_kept(streams)
        found = await list_of_case(node, streams)
        held = await store.find_hold(case_stream) or ""
        refused = refuse_erasure(
            [*rows, *(one.kept for one in found)], held, load_retention(), now_ms
        )
        if refused is not None:
            await _log(node, "erase", number, refused.code)
            sentence = _SENTENCES[refused.code].format(refused.detail)
            raise SystemExit(f"{number} is not erased: {sentence}")
        count = await store.erase([kept.row for kept in rows], now_ms)
        gone = await erase_found(node, found)
        await _log(node, "erase", f"{number}: {reason}", "accepted")
    print(f"{number}: {count} personal texts and {gone} files erased; the journal stays whole")


async def _erase_due(settings: Settings) -> None:
    async with open_node(settings, pool=2) as node:
        now_ms = node.clock.now_ms()
        retention = load_retention()
        limits = written_before_ms(retention.years, now_ms)
        count = await Erasure(node.database).erase_written_before(limits, now_ms)
        gone = await erase_due(node, retention)
        await _log(node, "erase", "due", f"accepted {count} texts, {gone} files")
    print(f"{count} personal texts and {gone} files erased that were due and that no hold covers")


async def _hold(settings: Settings, number: str, reason: str) -> None:
    async with open_node(settings, pool=2) as node:
        case_stream, _streams = await find_case(node.journal, number)
        person = f"host:{getpass.getuser()}"
        await Erasure(node.database).hold(case_stream, reason, person, node.clock.now_ms())
        await _log(node, "hold", f"{number}: {reason}", "accepted")
    print(f"{number} is under a legal hold")


async def _lift(settings: Settings, number: str, reason: str) -> None:
    async with open_node(settings, pool=2) as node:
        case_stream, _streams = await find_case(node.journal, number)
        if not await Erasure(node.database).lift(case_stream, node.clock.now_ms()):
            raise SystemExit(f"{number} is under no legal hold")
        await _log(node, "hold.lift", f"{number}: {reason}", "accepted")
    print(f"the legal holds of {number} are lifted")


async def _log(node: Node, action: str, subject: str, outcome: str) -> None:
    person = f"host:{getpass.getuser()}"
    await node.accounts.log_access(node.clock.now_ms(), person, action, subject, outcome)
