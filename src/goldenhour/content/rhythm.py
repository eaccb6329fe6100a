"""The limits of the live ECG's rhythm: `rhythm.toml`, read and checked whole."""

from importlib.resources.abc import Traversable

from goldenhour.content.check import ContentError, read_file
from goldenhour.domain.care.rhythm import RhythmRules


def read_rhythm_rules(file: Traversable) -> RhythmRules:
    """Raises ContentError when the file must not be used."""
    rules = read_file(file, RhythmRules)
    where = rules.about.id
    for name in ("no_beat_s", "chaotic_s", "flat_mv", "over_s", "again_s", "late_s"):
        if getattr(rules, name) <= 0:
            raise ContentError(where, f"{name}: must be above 0")
    for name in ("crossing_level", "crossing_share", "leakage"):
        if not 0 < getattr(rules, name) < 1:
            raise ContentError(where, f"{name}: a share between 0 and 1")
    if rules.quiet_mv <= rules.flat_mv:
        raise ContentError(where, "quiet_mv: must be above flat_mv")
    return rules
