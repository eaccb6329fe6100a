"""A driver's card of the wire in the platform's words; the person stays behind."""

from typing import Final

from goldenhour.adapters.jt808.fixes import BEHIND_MS
from goldenhour.app.ports import TerminalClock
from goldenhour.app.terminals import DriverSaid, mask_certificate
from goldenhour.wire.jt808.driver import Card, CardResult, Driver

_CARDS: Final[dict[int, str]] = {Card.INSERTED: "inserted", Card.REMOVED: "removed"}
_RESULTS: Final[dict[int, str]] = {result: result.name.lower() for result in CardResult}


def to_said(driver: Driver, heard_ms: int, clock: TerminalClock) -> DriverSaid:
    return DriverSaid(
        heard_ms=heard_ms,
        said_ms=None if driver.at_ms is None else driver.at_ms + BEHIND_MS[clock],
        card=_CARDS.get(driver.card, ""),
        result=_RESULTS.get(driver.result, str(driver.result)),
        certificate=mask_certificate(driver.certificate),
        issuer=driver.issuer.strip("\0 "),
        valid_until=driver.valid_until.isoformat() if driver.valid_until else "",
    )
