"""Time limits of the watch over a case: content with a version and a sign-off, never constants."""

from goldenhour.kernel.record import Record


class Limits(Record):
    id: str
    version: str
    sign_off: str
    sources: tuple[str, ...]
    ring_s: int
    acknowledge_s: int
    depart_s: int
    prealert_s: int
    vitals_fresh_s: int
    chart_every_s: int
    chart_change_s: int
    undo_s: int
    escalate_s: dict[str, int]
    """By alert priority, written as text since TOML keys are text."""
    grant_after_handover_h: int
    grant_after_reroute_s: int
    grant_after_run_h: int
    state_s: dict[str, int]
    """How long a mission may stay in a state before its age counts as overdue."""
