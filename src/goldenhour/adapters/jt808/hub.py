"""What a connection needs of its gateway."""

from typing import TYPE_CHECKING, Protocol

from goldenhour.adapters.jt808.alarms import Alarms
from goldenhour.adapters.jt808.config import Jt808Config
from goldenhour.adapters.jt808.intake import Intake
from goldenhour.adapters.jt808.metrics import Metrics
from goldenhour.adapters.jt808.writer import FixWriter
from goldenhour.app.ports import Clock, TerminalDirectory
from goldenhour.app.terminal_media import MediaKeeper
from goldenhour.app.terminals import DriverBook
from goldenhour.wire.jt808 import Room

if TYPE_CHECKING:  # the two speak of each other
    from goldenhour.adapters.jt808.connection import Connection


class Hub(Protocol):
    config: Jt808Config
    directory: TerminalDirectory
    drivers: DriverBook
    media: MediaKeeper
    clock: Clock
    metrics: Metrics
    intake: Intake
    writer: FixWriter
    alarms: Alarms
    room: Room
    """For sub-packages of all terminals."""

    def opened(self, connection: "Connection") -> bool:
        """False when there is no room for it."""

    def closed(self, connection: "Connection") -> None: ...

    def authenticated(self, connection: "Connection") -> None: ...

    def logged_out(self, connection: "Connection") -> None: ...

    def is_gateway(self, peer: str) -> bool:
        """Whether the address is one of an approved gateway."""

    def may_log(self) -> bool:
        """Whether one more bad frame may have a line of the log; all are counted."""

    def stranger(self, phone: str, reason: str) -> None:
        """A terminal that is in no register wants in."""

    def wait_for_room(self, connection: "Connection") -> None:
        """Asks for one `pump` when the writer has room."""
