"""Rules of advice and review as content: kept out of `Facts`, since no decider reads them."""

from importlib.resources import files
from importlib.resources.abc import Traversable

import msgspec

from goldenhour import content
from goldenhour.content import ContentError
from goldenhour.domain.care.files import FileRules
from goldenhour.domain.dispatch.rules import DispatchRules
from goldenhour.domain.handover.choose import DestinationRules
from goldenhour.domain.register.city import CAPABILITIES
from goldenhour.domain.review.kpi import KpiRules
from goldenhour.domain.review.timeline import CODES
from goldenhour.kernel.levels import DispatchLevel
from goldenhour.kernel.record import Record


class Rules(Record):
    dispatch: DispatchRules
    destination: DestinationRules
    kpis: KpiRules
    files: FileRules


def load_rules(root: Traversable | None = None) -> Rules:
    """Raises ContentError when any file must not be used."""
    root = root or files(content)
    rules = Rules(
        dispatch=_read(root / "dispatch.toml", DispatchRules),
        destination=_read(root / "destination.toml", DestinationRules),
        kpis=_read(root / "kpi.toml", KpiRules),
        files=_read(root / "files.toml", FileRules),
    )
    _check(rules)
    return rules


def _read[T](file: Traversable, kind: type[T]) -> T:
    try:
        return msgspec.toml.decode(file.read_bytes(), type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, OSError) as error:
        raise ContentError(file.name, str(error)) from error


def _check(rules: Rules) -> None:
    """What the records cannot state: names that must exist and must not be confused."""
    kinds = [rule.kind for rule in rules.files.kinds]
    if len(set(kinds)) != len(kinds):
        raise ContentError("files.toml", "kinds: a kind is named twice")
    stated = [level for urgency in rules.dispatch.objective for level in urgency.levels]
    if sorted(stated) != sorted(DispatchLevel):
        raise ContentError("dispatch.toml", "objective: each level stands in exactly one entry")
    if sum(urgency.unknown for urgency in rules.dispatch.objective) != 1:
        raise ContentError("dispatch.toml", "objective: one entry is that of an unknown level")
    if not all(urgency.half_s > 0 for urgency in rules.dispatch.objective):
        raise ContentError("dispatch.toml", "objective: half_s is more than nothing")
    destination = rules.destination
    words = [
        *CAPABILITIES,
        *(c.id for c in destination.conditions),
        *(n.id for n in destination.nearest_if),
    ]
    if doubled := {word for word in words if words.count(word) > 1}:
        raise ContentError("destination.toml", f"id: {min(doubled)!r} is used twice")
    for condition in destination.conditions:
        for choice in condition.choices:
            if unknown := set(choice.needs) - set(CAPABILITIES):
                raise ContentError(
                    "destination.toml",
                    f"conditions.{condition.id}.needs: no capability {min(unknown)!r}",
                )
    for kpi in rules.kpis.kpis:
        for name in ("start", "end"):
            if getattr(kpi, name) not in ("", *CODES):
                raise ContentError("kpi.toml", f"kpis.{kpi.code}.{name}: no such node")
        if (kpi.fact is None) != bool(kpi.start and kpi.end):
            raise ContentError("kpi.toml", f"kpis.{kpi.code}: needs start and end, or a fact")
