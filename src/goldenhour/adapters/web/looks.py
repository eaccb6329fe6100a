"""Who looked at which file, on the access log before the answer.

The frames of one loop, or the parts of one film, are one look: it is written again after `LOOK_MS`.
"""

from typing import Final

from goldenhour.adapters.web.services import Services
from goldenhour.kernel.time import MINUTE_MS

LOOK_MS: Final = 10 * MINUTE_MS
MOST_LOOKS: Final = 10_000


class Looks:
    def __init__(self, services: Services) -> None:
        self._services = services
        self._looked: dict[tuple[str, str, str], int] = {}
        """Person, action and file -> when it was last written down."""

    async def log(self, person_id: str, action: str, subject: str) -> None:
        now_ms, look = self._services.clock.now_ms(), (person_id, action, subject)
        if now_ms - self._looked.get(look, -LOOK_MS) < LOOK_MS:
            return
        await self._services.accounts.log_access(now_ms, person_id, action, subject, "accepted")
        if len(self._looked) >= MOST_LOOKS:
            self._looked.clear()
        self._looked[look] = now_ms
