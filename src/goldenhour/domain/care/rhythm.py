"""When the live ECG alarms: no beat is seen, or waves without any order, and since when.

Rule 1: it is a suspicion that makes somebody look at the patient, never a diagnosis, and nothing is
        activated by it.
Rule 2: it begins at once, since a whole window has looked so; it ends, or becomes the other one,
        when the signal has looked otherwise for `over_s` on end.
Rule 3: a signal that cannot be judged, and silence, begin nothing and end nothing.
Rule 4: a person at the patient may end it; while the signal stays as it is, it begins anew after
        `again_s`.
Source of the limits: content/rhythm.toml.
"""

from typing import Final

from goldenhour.kernel.content import About
from goldenhour.kernel.record import Record
from goldenhour.kernel.telemetry import Rhythm
from goldenhour.kernel.time import SECOND_MS

SUSPECTED: Final = frozenset({Rhythm.NO_BEAT, Rhythm.CHAOTIC})


class RhythmRules(Record):
    """The first eight are `compute.ecg.rhythm.Criteria`."""

    about: About
    no_beat_s: float
    chaotic_s: float
    flat_mv: float
    quiet_mv: float
    crossing_level: float
    crossing_share: float
    leakage: float
    slowest_per_min: float
    over_s: int
    again_s: int
    late_s: int


class RhythmAlarming(Record):
    rhythm: Rhythm
    since_ms: int


class RhythmWatch(Record):
    """What the signal of one source has looked like on end, and since when."""

    seen: Rhythm
    since_ms: int


def watch_rhythm(
    before: RhythmWatch | None,
    item: RhythmWatch,
    standing: Rhythm | None,
    looked_ms: int | None,
    rules: RhythmRules,
) -> tuple[RhythmWatch | None, Rhythm | None]:
    """The watch after a look of now, and what alarms from now on.

    `looked_ms`: when a person last ended the alarm of this source.
    """
    if item.seen is Rhythm.UNCLEAR:
        return before, standing
    after = before if before is not None and before.seen is item.seen else item
    found = item.seen if item.seen in SUSPECTED else None
    now_ms = item.since_ms
    if standing is None:
        quiet = looked_ms is not None and now_ms < looked_ms + rules.again_s * SECOND_MS
        return after, None if quiet else found
    return after, found if now_ms - after.since_ms >= rules.over_s * SECOND_MS else standing
