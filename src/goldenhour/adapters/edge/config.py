"""What an operator may set on a vehicle's computer; the defaults hold for a 512 kbit/s link."""

from typing import Annotated

from msgspec import Meta

from goldenhour.kernel.record import Record

Seconds = Annotated[float, Meta(gt=0)]


class EdgeConfig(Record):
    centre_url: Annotated[str, Meta(pattern="^https://[^/]+$")]
    """The centre's address without a path; never plain http."""
    unit_id: Annotated[str, Meta(min_length=1)]
    key: Annotated[str, Meta(min_length=1)]
    """The vehicle's own key, given at registration."""
    ca_file: str
    """PEM of the authority that signed the centre's certificate; no other is trusted."""
    upload_bytes: Annotated[int, Meta(ge=1)] = 64 * 1024
    """About what one upload carries: a second on a poor link; one item may exceed it."""
    silence_s: Seconds = 6.0
    """Without a word from the centre for so long, the link is lost."""
    answer_s: Seconds = 15.0
    """How long an answer may take; then the same upload is sent again."""
    first_pause_s: Seconds = 0.25
    longest_pause_s: Seconds = 4.0
    """Between attempts: clinical events reach the hospital within 5 s of the link's return."""
    keep_s: Seconds = 60.0
    """An idle line for uploads is kept open so long; the centre keeps it a little longer."""
    roster_s: Seconds = 300.0
