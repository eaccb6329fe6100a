"""How the record speaks to other systems: FHIR codes, NEMSIS elements, the table for WS 542."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from goldenhour import content
from goldenhour.content.elements import Places, read_elements, read_places
from goldenhour.content.fhir import FhirMap, read_fhir
from goldenhour.domain.care.record import CareContent
from goldenhour.domain.review.elements import ElementList, PlaceTable
from goldenhour.kernel.record import Record


class Exchange(Record):
    fhir: FhirMap
    nemsis: ElementList
    ws542: PlaceTable


def load_exchange(
    care: CareContent, root: Traversable | None = None, ws542: Path | None = None
) -> Exchange:
    """Raises ContentError when any file must not be used.

    `ws542` is the table that whoever holds the standard's text has filled in, instead of ours.
    """
    root = root or files(content)
    places = Places(care.form, care.sheets)
    return Exchange(
        fhir=read_fhir(root / "fhir.toml", care.form),
        nemsis=read_elements(root / "nemsis.toml", places),
        ws542=read_places(ws542 or root / "ws542.toml", places),
    )
