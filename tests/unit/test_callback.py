"""A crew's call to the caller: what is asked, what comes of it, and what of a number is seen."""

import pytest

from factories.world import TestWorld
from goldenhour.app.callbacks import Order, order_of, put_through
from goldenhour.app.handle import fold, recorded_of
from goldenhour.app.journal import SYSTEM
from goldenhour.domain import commands as c
from goldenhour.domain.dispatch.callback import Callback
from goldenhour.domain.dispatch.events import Milestone
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.domain.intake.events import CallField
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.personal import Clear
from goldenhour.views.fold import Folded, Reveal
from goldenhour.views.masked import for_crew, masked
from goldenhour.views.render import renderer
from goldenhour.views.rows import CallRow

OTHER = Clear(text="13700000001")


async def on_the_way(world: TestWorld) -> tuple[str, str]:
    await world.list_unit()
    call_id, incident_id = await world.open_incident()
    mission_id = await world.assign(incident_id)
    await world.reach(mission_id, Milestone.ACKNOWLEDGED)
    return call_id, mission_id


async def run_of(world: TestWorld, mission_id: str) -> Mission:
    stream = f"mission:{mission_id}"
    state = fold(stream, (await world.journal.load([stream], SYSTEM))[stream].events)
    assert isinstance(state, Mission)
    return state


def view_of(world: TestWorld) -> Folded:
    texts = {row: p.content.decode() for row, (_s, p) in world.journal.personal.items()}
    view = Folded(renderer(world.facts), Reveal(texts))
    for event in world.journal.feed:
        view.apply(recorded_of(event))
    return view


async def test_a_call_is_asked_for_once_and_ends_in_a_word() -> None:
    world = TestWorld()
    _call, mission_id = await on_the_way(world)
    ask = c.AskCallback(mission_id=mission_id, callback_id="k1")
    await world.accept(ask, role="crew")
    (effect,) = (e for e in world.journal.effects.values() if e.kind == "callback")
    assert effect.body == {"mission_id": mission_id, "callback_id": "k1"}
    assert await world.send(ask) == Refused(code="exists", field="callback_id")
    again = c.AskCallback(mission_id=mission_id, callback_id="k2")
    assert await world.send(again) == Refused(code="callback_under_way")

    old = c.AnswerCallback(mission_id=mission_id, callback_id="k0", outcome="connected")
    assert (await world.accept(old)).versions == {}
    odd = c.AnswerCallback(mission_id=mission_id, callback_id="k1", outcome="perhaps")
    assert await world.send(odd) == Refused(code="unknown_value", field="outcome")
    busy = c.AnswerCallback(mission_id=mission_id, callback_id="k1", outcome="caller_busy")
    await world.accept(busy)
    late = c.AnswerCallback(mission_id=mission_id, callback_id="k1", outcome="connected")
    await world.accept(late)
    found = (await run_of(world, mission_id)).callback
    assert found is not None
    assert (found.id, found.outcome) == ("k1", "caller_busy")
    await world.accept(again)


async def test_a_call_without_a_word_does_not_stand_in_the_way_for_ever() -> None:
    world = TestWorld()
    _call, mission_id = await on_the_way(world)
    await world.accept(c.AskCallback(mission_id=mission_id, callback_id="k1"))
    world.clock.at_ms += world.facts.limits.callback_s * 1000
    await world.accept(c.AskCallback(mission_id=mission_id, callback_id="k2"))


async def test_after_the_run_nobody_is_rung_up() -> None:
    world = TestWorld()
    _call, mission_id = await on_the_way(world)
    await world.accept(c.StandDown(mission_id=mission_id, reason="cancelled"))
    for command in (
        c.AskCallback(mission_id=mission_id, callback_id="k1"),
        c.ShowNumber(mission_id=mission_id, reason="no_link"),
    ):
        assert await world.send(command) == Refused(code="mission_stood_down")
    absent = c.AskCallback(mission_id="nobody", callback_id="k1")
    assert await world.send(absent) == Refused(code="absent", field="mission_id")


async def test_the_number_is_shown_for_a_reason_that_is_known() -> None:
    world = TestWorld()
    _call, mission_id = await on_the_way(world)
    odd = c.ShowNumber(mission_id=mission_id, reason="curious")
    assert await world.send(odd) == Refused(code="unknown_value", field="reason")
    await world.accept(c.ShowNumber(mission_id=mission_id, reason="call_failed"))
    assert (await run_of(world, mission_id)).number_shown


async def test_an_order_names_the_number_that_the_call_taker_asked_for() -> None:
    world = TestWorld()
    call_id, mission_id = await on_the_way(world)
    await world.accept(c.AskCallback(mission_id=mission_id, callback_id="k1"))
    first = order_of(view_of(world), mission_id, "k1")
    assert first is not None
    assert (first.unit_id, first.number) == ("A-01", "13900001111")
    await world.accept(
        c.RecordCallField(
            call_id=call_id, field=CallField.CALLBACK, value=Clear(text="13700000001")
        )
    )
    asked = order_of(view_of(world), mission_id, "k1")
    assert asked is not None
    assert asked.number == "13700000001"
    assert order_of(view_of(world), mission_id, "k0") is None
    await world.accept(
        c.AnswerCallback(mission_id=mission_id, callback_id="k1", outcome="connected")
    )
    assert order_of(view_of(world), mission_id, "k1") is None


class Platform:
    def __init__(self, knows: str | None = None) -> None:
        self.knows = knows
        self.joined: list[tuple[str, str, str]] = []

    async def join(self, ident: str, first: str, second: str) -> str:
        self.joined.append((ident, first, second))
        return "connected"

    async def look(self, ident: str) -> str | None:
        assert ident == "k1"
        return self.knows


ASKED = Callback(id="k1", asked_ms=1_000, by="crew1")
NOW_MS = 61_000
"""The last moment at which it may begin."""


KNOWN = Order(asked=ASKED, unit_id="A-01", number="139")
UNKNOWN = Order(asked=ASKED, unit_id="A-01", number=None)


@pytest.mark.parametrize(
    ("order", "phone", "begun", "now_ms", "word"),
    [
        (KNOWN, "138", False, NOW_MS, "connected"),
        (KNOWN, "138", True, NOW_MS, "connected"),
        (KNOWN, "138", False, NOW_MS + 1, "too_late"),
        (KNOWN, None, False, NOW_MS, "no_phone"),
        (UNKNOWN, "138", False, NOW_MS, "no_number"),
    ],
)
async def test_who_is_rung_up(
    order: Order, phone: str | None, begun: bool, now_ms: int, word: str
) -> None:
    platform = Platform()
    said = await put_through(order, phone, platform, begun=begun, now_ms=now_ms, within_s=60)
    assert said == word
    assert platform.joined == ([("k1", "138", "139")] if word == "connected" else [])


async def test_what_a_dead_process_began_is_looked_at_and_not_begun_again() -> None:
    platform = Platform(knows="caller_no_answer")
    said = await put_through(KNOWN, "138", platform, begun=True, now_ms=NOW_MS * 9, within_s=60)
    assert (said, platform.joined) == ("caller_no_answer", [])
    assert (
        await put_through(KNOWN, "138", None, begun=False, now_ms=NOW_MS, within_s=60)
        == "no_service"
    )


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("13900005678", "139****5678"),
        ("+8613900005678", "+86****5678"),
        ("110", "****"),
        ("", "****"),
    ],
)
def test_the_middle_of_a_number_is_not_seen(number: str, shown: str) -> None:
    assert masked(number) == shown


async def test_a_crew_sees_no_number_of_a_call() -> None:
    world = TestWorld()
    call_id, _mission = await on_the_way(world)
    await world.accept(
        c.RecordCallField(
            call_id=call_id, field=CallField.CALLBACK, value=Clear(text="13700000001")
        )
    )
    (row,) = (row for row in for_crew(view_of(world).snapshot()) if isinstance(row, CallRow))
    assert row.masked
    assert (row.number, row.fields[CallField.CALLBACK]) == ("139****1111", "137****0001")
