"""What the limb leads have in common.

Lead III is II - I; aVR, aVL and aVF follow from I and II as well (Einthoven, Goldberger). A device
rounds each lead for itself, so the rest is small but not zero, and it is coded too.
"""

from collections.abc import Sequence

from goldenhour.compute.ecg.params import Relation, RelationKind

_KINDS = {
    "III": RelationKind.III,
    "AVR": RelationKind.AVR,
    "AVL": RelationKind.AVL,
    "AVF": RelationKind.AVF,
}


def limb_relations(names: Sequence[str]) -> tuple[Relation | None, ...]:
    """For each channel the relation that its lead's name promises; the encoder checks it."""
    upper = [name.strip().upper() for name in names]
    if "I" not in upper or "II" not in upper:
        return (None,) * len(upper)
    lead_i, lead_ii = upper.index("I"), upper.index("II")
    return tuple(
        Relation(kind=_KINDS[name], lead_i=lead_i, lead_ii=lead_ii) if name in _KINDS else None
        for name in upper
    )
