"""Time limits of the watch over a case: content with a version and a sign-off, never constants."""

from goldenhour.domain.register.roster import RosterLimits
from goldenhour.kernel.record import Record


class ScreenLimits(Record):
    """When a screen marks a value as old, and how long it lets a person be: no decider reads it."""

    position_amber_s: int
    position_grey_s: int
    """As `position_excluded_s` of the dispatch rules: such a unit is not recommended either."""
    beds_old_s: int
    beds_ask_s: int
    """After this the hospital is asked for a new report."""
    monitor_silent_s: int
    alarms_silent_s: int
    device_clock_off_s: int
    """A device whose clock is further off is shown by the time of arrival, and its clock told."""
    disk_warn_share: float
    """A vehicle's disk that is fuller is told to the crew."""
    link_alarm_s: int
    """With a patient on board; at the vehicle and at the hospital."""
    mute_s: int
    """Nobody silences an alarm of the first priority for longer."""
    offload_s: tuple[int, ...]
    """Marks on the clock from a vehicle's arrival to the signed hand-over."""
    help_hold_s: int
    """A crew's button for help is held so long before it calls."""
    driver_lock_kmh: float
    """Faster than this a driver's screen takes no lists and no typing."""
    choice_worse_s: int
    """A unit that fell behind the first choice by more before the click is asked about."""
    resend_s: int
    """An order to a unit without an answer is repeated by itself so long, then by a person alone:
    another seat may have decided meanwhile."""


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
    valid_s: dict[str, int]
    """Other findings than vital signs of a moving patient, and how long each may be scored."""
    reassess_s: dict[str, int]
    """By triage level, and `unknown`: a set of vital signs that is older is to be taken again."""
    chart_every_s: int
    chart_change_s: int
    ecg_clock_s: int
    ecg_read_s: int
    """An ECG that rules suspect has waited so long for a physician: alert."""
    undo_s: int
    callback_s: int
    ask_s: int
    """An ask for another node's unit that has waited so long has ended: the desk telephones."""
    escalate_s: dict[str, int]
    """By alert priority, written as text since TOML keys are text."""
    grant_after_handover_h: int
    grant_after_reroute_s: int
    grant_after_run_h: int
    state_s: dict[str, int]
    """How long a mission may stay in a state before its age counts as overdue."""
    screen: ScreenLimits
    roster: RosterLimits

    def alert_limit_s(self, code: str) -> int | None:
        """After how long a condition became this alert; None: at once, or by a level's target."""
        return {
            "ring_unanswered": self.ring_s,
            "not_acknowledged": self.acknowledge_s,
            "not_departed": self.depart_s,
            "prealert_unanswered": self.prealert_s,
            "ecg_unread": self.ecg_read_s,
            "ask_unanswered": self.ask_s,
        }.get(code)
