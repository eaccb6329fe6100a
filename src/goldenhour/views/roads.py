"""A road that is shut or slow, as screens show it."""

from goldenhour.domain.dispatch.road import Road
from goldenhour.views.rows import RoadRow


def road_row(ident: str, state: Road) -> RoadRow | None:
    """None: it is open again."""
    if state.reopened_ms is not None:
        return None
    return RoadRow(
        id=ident,
        line=state.line,
        both_ways=state.both_ways,
        share=state.share,
        reason=state.reason,
        label=state.label,
        since_ms=state.since_ms,
        until_ms=state.until_ms,
        seat=state.seat,
        role=state.role,
    )
