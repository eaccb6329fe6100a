"""Name, age and sex as they were said: by the rule of the record's other fields.

Rule 1: a field holds every write that no later write has seen, so two people who wrote out of
        reach of each other have both values kept, until somebody writes over both. The order of
        arrival plays no part.
Rule 2: ages or sexes that differ are no known age and no known sex: every rule then takes what is
        safe for somebody of whom it is not known, and alarms go by whichever age is worse.
Rule 3: that a thing is not known contradicts nobody who knows it.
Rule 4: what was said before writes had ids replaced whatever stood, and counts so.
"""

from typing import Final

from msgspec import field
from msgspec.structs import replace

from goldenhour.domain.care.events import DemographicCorrected, PatientRegistered, Sex
from goldenhour.domain.care.written import Written
from goldenhour.kernel.personal import Personal
from goldenhour.kernel.record import Record
from goldenhour.kernel.recorded import Recorded

FIELDS: Final = ("name", "age_y", "sex")


class Identity(Record):
    said: dict[str, tuple[Written, ...]] = field(default_factory=dict)
    """By field: the writes that stand, oldest first."""
    replaced: frozenset[str] = frozenset()
    """Field and write that another has seen: a late arrival of an old one does not revive it."""

    @property
    def name(self) -> Personal | None:
        """The newest."""
        return next((one.text for one in reversed(self.said.get("name", ())) if one.text), None)

    @property
    def ages(self) -> tuple[float, ...]:
        """Those that were said, each once; more than one: a conflict."""
        values = (one.value for one in self.said.get("age_y", ()))
        numbers = (one for one in values if isinstance(one, int | float))
        return tuple(dict.fromkeys(float(one) for one in numbers))

    @property
    def sexes(self) -> tuple[Sex, ...]:
        values = (Sex(str(one.value)) for one in self.said.get("sex", ()))
        return tuple(dict.fromkeys(one for one in values if one is not Sex.UNKNOWN))

    @property
    def age_y(self) -> float | None:
        return self.ages[0] if len(self.ages) == 1 else None

    @property
    def sex(self) -> Sex:
        return self.sexes[0] if len(self.sexes) == 1 else Sex.UNKNOWN

    @property
    def conflicts(self) -> tuple[str, ...]:
        """Of age and sex; whether two sealed names differ only a reader of them can see."""
        said = {"age_y": len(self.ages), "sex": len(self.sexes)}
        return tuple(name for name, values in said.items() if values > 1)

    def standing(self, name: str) -> tuple[str, ...]:
        return tuple(one.write_id for one in self.said.get(name, ()))


def evolve(
    state: Identity, event: PatientRegistered | DemographicCorrected, recorded: Recorded
) -> Identity:
    over, named, reason = None, "", ""
    if isinstance(event, DemographicCorrected):
        over, named, reason = event.over, event.write_id, event.reason
    written = Written(
        # Unlike that of any other record, so that two merged ones are not taken for one.
        write_id=named or f"first.{recorded.stream}",
        value=None,
        text=None,
        by=recorded.actor,
        at_ms=recorded.occurred_ms,
        reason=reason,
    )
    values = {
        "name": replace(written, text=event.name),
        "age_y": replace(written, value=event.age_y),
        "sex": replace(written, value=str(event.sex)),
    }
    said, replaced = dict(state.said), state.replaced
    if over is None:
        for name, one in values.items():
            if name != "name" or one.text is not None:
                said[name] = (one,)
        return Identity(said=said, replaced=replaced)
    replaced |= {_key(name, one) for name, seen in over.items() for one in seen}
    for name in over:
        said[name] = _ordered(name, (*said.get(name, ()), values[name]), replaced)
    return Identity(said=said, replaced=replaced)


def together(one: Identity, other: Identity) -> Identity:
    """As two records of one person show it."""
    replaced = one.replaced | other.replaced
    return Identity(
        said={
            name: _ordered(name, (*one.said.get(name, ()), *other.said.get(name, ())), replaced)
            for name in FIELDS
        },
        replaced=replaced,
    )


def _ordered(
    name: str, writes: tuple[Written, ...], replaced: frozenset[str]
) -> tuple[Written, ...]:
    standing = {one.write_id: one for one in writes if _key(name, one.write_id) not in replaced}
    return tuple(sorted(standing.values(), key=lambda one: (one.at_ms, one.write_id)))


def _key(name: str, write_id: str) -> str:
    return f"{name} {write_id}"
