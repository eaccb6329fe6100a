"""The vehicle gateway: JT/T 808 terminals in, task texts out. It may die and come back alone."""

import asyncio
import contextlib
import unicodedata
from collections import defaultdict
from itertools import batched

import psycopg
import structlog
from prometheus_client import REGISTRY

from goldenhour.adapters.jt808 import MediaFolder
from goldenhour.adapters.jt808.adapter import Jt808Gateway, TextOutcome
from goldenhour.adapters.jt808.config import Jt808Config
from goldenhour.adapters.postgres.strangers import PostgresStrangers
from goldenhour.adapters.postgres.terminal_media import PostgresTerminalMedia
from goldenhour.adapters.postgres.terminals import PostgresTerminals
from goldenhour.adapters.postgres.timers import DueEffect, Effects
from goldenhour.app.accounts import Accounts, terminal_of
from goldenhour.app.ports import Clock, Terminal
from goldenhour.app.strangers import GATEWAY, StrangerBook, StrangerNews, StrangerStore
from goldenhour.app.terminal_media import TerminalMedia
from goldenhour.content.rules import load_rules
from goldenhour.domain.commands import CallHelp, RecordTaskText
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.domain.intake.incident import Incident
from goldenhour.domain.register.events import HelpAlarm
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.telemetry import Fix
from goldenhour.main.file_limit import allow_connections
from goldenhour.main.metrics import metrics_on
from goldenhour.main.node import Node, case_view, open_bus, open_node, say
from goldenhour.main.settings import Settings, list_channels, list_networks, read_address
from goldenhour.main.terminal_orders import PACE_S, SLICE, serve_console
from goldenhour.main.until import stop_on_signal, until
from goldenhour.views.render import location_of
from goldenhour.wire.jt808.video import SendVideo

EFFECT_POLL_S = 0.25
EFFECT_HOLD_MS = 45_000
"""Longer than a mute terminal lets a text wait, and the same vehicle's text before it."""
ATTEMPTS = 4
AT_ONCE = 32
"""Texts that wait for an answer; terminals that are mute must not hold up the other vehicles."""
DIRECTORY_POLL_S = 2.0
"""A terminal that was disabled is off within 5 s."""
LOOKED_UP_AT_ONCE = 500
"""Terminals compared with the directory before positions have their turn."""
SEEN_EVERY_MS = 30_000
SEEN_AT_ONCE = 1_000
"""Terminals noted as heard in one turn, `SLICE` by `SLICE`."""

_log = structlog.get_logger()


async def run_gateway(settings: Settings) -> None:
    """JT/T 808 terminals in, task texts out."""
    stopping = stop_on_signal()
    with metrics_on(settings.gateway_metrics_port, "gateway_metrics_port"):
        await _work(settings, stopping)


async def _work(settings: Settings, stopping: asyncio.Event) -> None:
    async with open_node(settings, pool=4) as node, open_bus(settings) as bus:
        book, rules = PostgresTerminals(node.database), load_rules().dispatch
        config = Jt808Config(
            host=settings.host,
            port=settings.jt808_port,
            gateways=list_networks(settings.jt808_gateways),
            video=video_orders(settings),
            help_alarms=rules.help_alarms,
            help_alarm_s=rules.help_alarm_s,
        )
        allow_connections(config.max_connections)
        strangers = StrangerBook(node.clock)
        gateway = Jt808Gateway(
            config,
            directory=node.accounts,
            drivers=book,
            media=TerminalMedia(
                MediaFolder(settings.state_dir / "terminal-media"),
                PostgresTerminalMedia(node.database),
            ),
            telemetry=node.telemetry,
            bus=bus,
            clock=node.clock,
            registry=REGISTRY,
            help_line=CentreLine(node),
            on_stranger=lambda phone, reason: strangers.hear("jt808", phone, reason),
        )
        await gateway.start()
        print(f"gateway ready on {gateway.port}", flush=True)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(until(send_texts(node, gateway, stopping), stopping))
                console = serve_console(gateway, book, node.clock, stopping)
                group.create_task(until(console, stopping))
                group.create_task(
                    until(shut_out(node.accounts, gateway, stopping, node.clock), stopping)
                )
                telling = tell_strangers(PostgresStrangers(node.database), strangers, stopping)
                group.create_task(until(telling, stopping))
        finally:
            await gateway.stop()


class CentreLine:
    """A terminal's alarm is its crew's call for help: `app.terminals.HelpLine`."""

    def __init__(self, node: Node) -> None:
        self._node = node

    async def call(self, alarm: str, fix: Fix) -> None:
        command = CallHelp(unit_id=fix.unit_id, point=fix.point, by_alarm=HelpAlarm(alarm))
        # The same report again is the same call.
        said = await say(self._node, command, f"alarm:{fix.unit_id}:{alarm}:{fix.device_ms}")
        if isinstance(said, Refused) and said.code != "help_is_called":
            _log.error("gateway.help_refused", unit_id=fix.unit_id, alarm=alarm, code=said.code)


def video_orders(settings: Settings) -> tuple[SendVideo, ...]:
    """Sound and pictures of each channel, to the vehicle's own computer."""
    if not settings.cabin_video_to:
        return ()
    host, port = read_address(settings.cabin_video_to)
    return tuple(
        SendVideo(host=host, tcp_port=port, channel=channel) for channel in list_channels(settings)
    )


async def shut_out(
    accounts: Accounts, gateway: Jt808Gateway, stopping: asyncio.Event, clock: Clock
) -> None:
    """Disconnect terminals that were disabled or given to another unit; note who is here."""
    seen: dict[str, int] = {}
    digest, terminals = "", dict[str, Terminal]()
    while not stopping.is_set():
        now_ms = clock.now_ms()
        due = [p for p in gateway.list_phones() if now_ms - seen.get(p, 0) >= SEEN_EVERY_MS]
        due = due[:SEEN_AT_ONCE]
        try:
            for some in batched(due, SLICE):
                await accounts.saw_devices(some, now_ms)
                seen |= dict.fromkeys(some, now_ms)
                await asyncio.sleep(PACE_S)
            if (newest := await accounts.digest_devices("terminal")) != digest:
                devices = await accounts.list_devices("terminal")
                terminals = {t.phone: t for t in map(terminal_of, devices) if t.enabled}
                digest = newest
        except psycopg.OperationalError as error:
            # Without the directory nobody is shut out; a database that is away ends no connection.
            _log.warning("gateway.directory_away", error=str(error))
        else:
            for some in batched(gateway.list_phones(), LOOKED_UP_AT_ONCE):
                gateway.keep_only(terminals, some)
                await asyncio.sleep(PACE_S)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), DIRECTORY_POLL_S)


async def tell_strangers(store: StrangerStore, book: StrangerBook, stopping: asyncio.Event) -> None:
    """Keep who wants in and is in no register."""
    news = StrangerNews(book)
    while not stopping.is_set():
        heard = news.list_new()
        try:
            if heard:
                await store.hear(GATEWAY, 0, heard)
                news.told(heard)
        except psycopg.OperationalError as error:
            _log.warning("gateway.strangers_not_kept", error=str(error))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), DIRECTORY_POLL_S)


async def send_texts(node: Node, gateway: Jt808Gateway, stopping: asyncio.Event) -> None:
    """Task texts are effects of the journal: claimed, sent, and their outcome said back.

    Each on its own, and those of one vehicle in their order: its stand-down is the last word.
    """
    effects = Effects(node.database)
    turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
    under_way: set[str] = set()
    newest: dict[str, str] = {}
    """By run, the text that its vehicle was sent last."""

    async def send(effect: DueEffect) -> None:
        mission_id = effect.body["mission_id"]
        try:
            async with turns[effect.body["unit_id"]]:
                newest[mission_id] = effect.key
                text = await _send_text(node, gateway, effects, effect)
            under_way.discard(effect.key)
            read = bool(text) and await gateway.ask_read(effect.body["unit_id"], text)
            # Whoever has read the task has not read that it was called off since.
            if read and newest[mission_id] == effect.key:
                command = RecordTaskText(mission_id=mission_id, outcome="read")
                await say(node, command, f"read:{effect.key}")
        except psycopg.OperationalError as error:
            # It is held and comes again; a database that is away ends no connection.
            _log.warning("gateway.text_not_told", key=effect.key, error=str(error))
        finally:
            under_way.discard(effect.key)
            if newest.get(mission_id) == effect.key:
                del newest[mission_id]

    async with asyncio.TaskGroup() as group:
        while not stopping.is_set():
            effect = None
            try:
                if len(under_way) < AT_ONCE:
                    now_ms = node.clock.now_ms()
                    effect = await effects.claim("terminal_text", now_ms, EFFECT_HOLD_MS)
            except psycopg.OperationalError as error:
                _log.warning("gateway.texts_away", error=str(error))
            if effect is None:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stopping.wait(), EFFECT_POLL_S)
            elif effect.key not in under_way:  # else its turn is late, and it is held anew
                under_way.add(effect.key)
                group.create_task(send(effect))


async def _send_text(node: Node, gateway: Jt808Gateway, effects: Effects, effect: DueEffect) -> str:
    """The text that a terminal has taken; empty: none has."""
    mission_id, unit_id = effect.body["mission_id"], effect.body["unit_id"]
    stand_down = effect.body["text"] == "stand_down"
    text = await _task_text(node, mission_id, stand_down=stand_down)
    if text is None:
        await effects.finish(effect.key, "superseded", node.clock.now_ms())
        return ""
    if not stand_down:
        gateway.ask_video(unit_id)
    outcome = await gateway.send_text(unit_id, text, urgent=True)
    command = RecordTaskText(mission_id=mission_id, outcome=str(outcome))
    await say(node, command, f"effect:{effect.key}", effect.attempts)
    if outcome in ("delivered", "refused", "unsendable") or effect.attempts >= ATTEMPTS:
        await effects.finish(effect.key, str(outcome), node.clock.now_ms())
    else:
        await effects.again(effect, str(outcome), node.clock.now_ms())
    return text if outcome is TextOutcome.DELIVERED else ""


async def _task_text(node: Node, mission_id: str, *, stand_down: bool) -> str | None:
    """What the driver reads: number, level, place; personal data stays within the vehicle.

    None: a later word has overtaken it, and must stay the driver's last one.
    """
    view = await case_view(node, mission_id)
    run = view.states.get(f"mission:{mission_id}")
    if not isinstance(run, Mission):
        return None
    if stand_down:
        # Sent to the same incident anew, it would take the number of its new task for cancelled.
        runs = (state for state in view.states.values() if isinstance(state, Mission))
        anew = any(other.active and other.unit_id == run.unit_id for other in runs)
        return None if anew else f"任务取消 {run.incident_number}"
    if not run.active:
        return None
    found = view.states.get(f"incident:{run.incident_id}")
    place = location_of(found.location, view.reveal) if isinstance(found, Incident) else None
    known = (found.level if isinstance(found, Incident) else None) or run.level
    level, label = known or "未定", place.label if place else "未定"
    whose = whose_word(run)
    if isinstance(found, Incident) and found.standby:
        occasion = found.standby.occasion
        return in_gbk(f"保障任务 {run.incident_number} {occasion} 地点 {label}{whose}")
    return in_gbk(f"任务 {run.incident_number} 级别 {level} 地点 {label}{whose}")


def whose_word(run: Mission) -> str:
    """Where a unit has ever been taken over, its driver reads whose order this is (ADR 0026)."""
    return f" 指挥 {run.node} 令序 {run.epoch}" if run.epoch else ""


def in_gbk(text: str) -> str:
    """The text in letters that a terminal knows: JT/T 808 texts are GBK, which lacks ß or ö."""

    def known(letter: str) -> str:
        for form in (letter, unicodedata.normalize("NFKD", letter.casefold())):
            with contextlib.suppress(UnicodeEncodeError):
                form.encode("gbk")
                return form
        plain = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
        return plain or "?"

    return "".join(known(letter) for letter in text)
