"""What an operator may set on the vehicle gateway; the defaults hold for 10,000 terminals."""

from typing import Annotated

from msgspec import Meta

from goldenhour.kernel.record import Record
from goldenhour.wire.jt808.video import SendVideo

Seconds = Annotated[float, Meta(gt=0)]
Count = Annotated[int, Meta(ge=1)]


class Jt808Config(Record):
    host: str
    port: Annotated[int, Meta(ge=0, le=65535)]
    """0 takes any free port."""
    gateways: tuple[str, ...] = ()
    """Networks (CIDR) of approved gateways, such as that of a private APN. From there a terminal
    is given its key whenever it registers; from elsewhere once."""
    video: tuple[SendVideo, ...] = ()
    """What each recorder is asked to send, and where to; empty: nobody is asked."""
    help_alarms: tuple[str, ...] = ()
    """Names of alarms by which a crew calls for help."""
    help_alarm_s: Seconds = 600.0
    """One that comes later than that out of a blind zone calls no more."""
    heartbeat_s: Seconds = 60.0
    """What terminals are set to; three silent heartbeats close a connection."""
    handshake_s: Seconds = 30.0
    """A connection that has not authenticated by then is closed."""
    read_s: Seconds = 600.0
    """A driver reads when the vehicle stands; later it was not read in time."""
    answer_s: Seconds = 15.0
    """How long a text waits for the terminal's answer."""
    part_s: Seconds = 10.0
    """After this silence missing sub-packages are asked for."""
    part_age_s: Seconds = 300.0
    """A message that is not whole by then is given up, and ours is not sent again."""
    max_part_messages: Count = 4
    """Messages of one terminal that are under way in sub-packages; the oldest makes room."""
    max_parts: Count = 512
    """Sub-packages of one message."""
    max_part_bytes: Count = 512 * 1024
    """Bytes of sub-packages that one terminal may have under way."""
    max_part_bytes_of_all: Count = 64 * 1024 * 1024
    """The same, over all terminals."""
    bus_s: Seconds = 0.2
    """The most that one batch of live positions may take to publish."""
    bad_frames_per_minute: Count = 30
    """A connection that offends more often is closed."""
    bad_frames_logged_per_s: Count = 5
    """Lines of the log for bad frames, over all terminals; beyond, one line a second says how many
    more there were. One bad frame in a hundred would else be a sixth of the gateway's work."""
    max_connections: Count = 12_000
    gather_fixes: Count = 24
    gather_s: Annotated[float, Meta(ge=0)] = 0.02
    """Fewer positions than that are stored only so long after the last ones were."""
    max_batch: Count = 5_000
    """Positions in one append; a single message may exceed it."""
    max_waiting: Count = 50_000
    """Positions that wait for the store, over all connections; beyond, nothing more is read. Room
    for some of each: to stop reading a line, and begin again, costs as much as four positions."""
    max_waiting_messages: Count = 64
    """Messages of one connection that wait for the store, so that no terminal crowds out others."""
