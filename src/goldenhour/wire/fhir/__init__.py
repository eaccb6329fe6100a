"""A patient's record as a FHIR R4 document."""

from goldenhour.wire.fhir.document import (
    CareDocument,
    Code,
    Concept,
    Correction,
    Deed,
    Dose,
    DrugLine,
    File,
    Form,
    Item,
    Line,
    Moment,
    Paper,
    Part,
    Person,
    Quantity,
    Stay,
)
from goldenhour.wire.fhir.record import bundle

__all__ = [
    "CareDocument",
    "Code",
    "Concept",
    "Correction",
    "Deed",
    "Dose",
    "DrugLine",
    "File",
    "Form",
    "Item",
    "Line",
    "Moment",
    "Paper",
    "Part",
    "Person",
    "Quantity",
    "Stay",
    "bundle",
]
