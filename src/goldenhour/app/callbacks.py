"""Joining a crew and whoever called, by an operator's platform that shows neither number.

Rule 1: both numbers are read here, under the system's identity, and go to the platform and nowhere
        else: no event, no log and no outcome holds them.
Rule 2: an order that is older than its limit rings nobody up. One that was begun before a process
        died is looked at, and not begun again.
Rule 3: every order ends in a word of `callback.OUTCOMES`.
"""

from typing import Protocol

from goldenhour.domain.dispatch.callback import Callback
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.kernel.record import Record
from goldenhour.kernel.time import SECOND_MS
from goldenhour.views.fold import Folded
from goldenhour.views.masked import number_of


class CallPlatform(Protocol):
    """Rings up the first number, then the second, and lets them speak to one another."""

    async def join(self, ident: str, first: str, second: str) -> str:
        """Until it is over or they speak: a word of `callback.OUTCOMES`. The same id, once."""

    async def look(self, ident: str) -> str | None:
        """What became of one that was begun; None: it never was."""


class Order(Record):
    """What a crew asked for, with whom it is about."""

    asked: Callback
    unit_id: str
    number: str | None
    """The caller's; None: nobody knows one."""


def order_of(view: Folded, mission_id: str, callback_id: str) -> Order | None:
    """From a view of the whole case; None: it was answered, or another has taken its place."""
    run = view.states.get(f"mission:{mission_id}")
    if not isinstance(run, Mission) or run.callback is None:
        return None
    if run.callback.id != callback_id or run.callback.outcome:
        return None
    return Order(asked=run.callback, unit_id=run.unit_id, number=number_of(view, run))


async def put_through(
    order: Order,
    phone: str | None,
    platform: CallPlatform | None,
    *,
    begun: bool,
    now_ms: int,
    within_s: int,
) -> str:
    """A word of `callback.OUTCOMES`. `begun`: a process has died over it."""
    if platform is None:
        return "no_service"
    if phone is None:
        return "no_phone"
    if order.number is None:
        return "no_number"
    if begun and (word := await platform.look(order.asked.id)) is not None:
        return word
    if now_ms - order.asked.asked_ms > within_s * SECOND_MS:
        return "too_late"
    return await platform.join(order.asked.id, phone, order.number)
