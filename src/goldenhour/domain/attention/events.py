from goldenhour.kernel.record import Record


class AlertRaised(Record, tag="alert.raised.v1", tag_field="kind"):
    code: str
    """Key of the message catalogues, for example `dispatch_not_acknowledged`."""
    priority: int
    """1 high, 2 medium, 3 low (interface.md 2.3)."""
    subject: str
    """The stream that it is about."""
    incident_id: str
    owner: str
    """A seat, or `supervisor`, or `all`."""
    details: dict[str, str]


class AlertAcknowledged(Record, tag="alert.acknowledged.v1", tag_field="kind"):
    """Somebody has seen it; the condition stands until it is resolved."""


class AlertEscalated(Record, tag="alert.escalated.v1", tag_field="kind"):
    owner: str


class AlertMoved(Record, tag="alert.moved.v1", tag_field="kind"):
    """Its case is led by another seat now."""

    owner: str


class AlertResolved(Record, tag="alert.resolved.v1", tag_field="kind"):
    reason: str


AlertEvent = AlertRaised | AlertAcknowledged | AlertEscalated | AlertMoved | AlertResolved
