"""What an operator may set on a vehicle's computer; the defaults hold for a 512 kbit/s link."""

from typing import Annotated

from msgspec import Meta

from goldenhour.app.uplinks import Uplink
from goldenhour.kernel.record import Record

Seconds = Annotated[float, Meta(gt=0)]


class EdgeConfig(Record):
    uplinks: Annotated[tuple[Uplink, ...], Meta(min_length=1)]
    """The networks to the centre, the best first."""
    unit_id: Annotated[str, Meta(min_length=1)]
    key: Annotated[str, Meta(min_length=1)]
    """The vehicle's own key, given at registration."""
    ca_file: str
    """PEM of the authority that signed the centre's certificate; no other is trusted."""
    beat_s: Seconds = 0.5
    beat_patience_s: Seconds = 0.9
    """With two uplinks, on one in use: both and a handshake are the 2 s until data have moved."""
    slow_beat_s: Seconds = 2.0
    slow_beat_patience_s: Seconds = 4.0
    """Where a silence would move nothing."""
    knock_s: Seconds = 0.5
    knock_patience_s: Seconds = 2.0
    """Between attempts on a dead uplink, and how long one may take: events reach the hospital
    within 5 s of the link's return. After half of that the next is begun beside it."""
    silence_s: Seconds = 6.0
    """Without a word from the centre for so long, the link is lost."""
    answer_s: Seconds = 15.0
    """How long an answer may take; then the same upload is sent again."""
    first_pause_s: Seconds = 0.25
    longest_pause_s: Seconds = 4.0
    """Between attempts while the uplink lives, so that the centre is the one in trouble."""
    keep_s: Seconds = 60.0
    """An idle line for uploads is kept open so long; the centre keeps it a little longer."""
    roster_s: Seconds = 300.0
