"""Lists of elements of other standards, each place checked against what a record can hold."""

from collections.abc import Iterable
from importlib.resources.abc import Traversable
from pathlib import Path

from goldenhour.content.check import ContentError, read_file
from goldenhour.domain.care.record_form import RecordForm
from goldenhour.domain.care.sheets import Sheet
from goldenhour.domain.review.elements import ElementList, PlaceTable
from goldenhour.domain.review.timeline import CODES
from goldenhour.kernel.telemetry import Sign
from goldenhour.views.answers import CaseAnswer
from goldenhour.views.places import KINDS
from goldenhour.views.rows import MissionRow, PatientRow
from goldenhour.views.whole_record import ObservedRow


class Places:
    """Every place that there is, by kind."""

    def __init__(self, form: RecordForm, sheets: Iterable[Sheet]) -> None:
        sheets = tuple(sheets)
        fields = {field.id for field in form.list_fields()}
        self._known: dict[str, set[str]] = {
            "node": set(CODES),
            "mission": {*MissionRow.__struct_fields__, "stood_down"},
            "case": set(CaseAnswer.__struct_fields__),
            "person": set(PatientRow.__struct_fields__),
            "field": fields,
            "yes": fields,
            "item": {f"{s.about.id}.{item.id}" for s in sheets for item in s.list_items()},
            "sheet": {sheet.about.id for sheet in sheets},
            "vitals": {*Sign, "any"},
            "observed": set(ObservedRow.__struct_fields__),
            "level": {"confirmed"},
            "entry": {"drug", "procedure", "note", "form"},
            "procedure": {one.id for one in form.procedures},
            "form": {paper.id for paper in form.forms},
            "handover": {"sent"},
        }
        assert set(self._known) == set(KINDS)

    def check(self, where: str, row: str, places: Iterable[str]) -> None:
        for place in places:
            kind, _, name = place.partition(":")
            if name not in self._known.get(kind, ()):
                raise ContentError(where, f"{row}: there is no place {place!r}")


def read_elements(file: Traversable, places: Places) -> ElementList:
    """Raises ContentError."""
    listed = read_file(file, ElementList)
    where = listed.about.id
    ids = [element.id for element in listed.elements]
    for element in listed.elements:
        if ids.count(element.id) > 1:
            raise ContentError(where, f"elements.{element.id}: stands twice")
        if bool(element.held) == bool(element.reason):
            raise ContentError(where, f"elements.{element.id}: needs held or a reason, not both")
        places.check(where, f"elements.{element.id}.held", element.held)
    for group in listed.groups:
        if not any(ident.startswith(f"{group.id}.") for ident in ids):
            raise ContentError(where, f"groups.{group.id}: has no element")
        places.check(where, f"groups.{group.id}.applies", group.applies)
    return listed


def read_places(file: Traversable | Path, places: Places) -> PlaceTable:
    """Raises ContentError."""
    table = read_file(file, PlaceTable)
    where = table.about.id
    listed = [row.place for row in table.rows]
    for place, row in enumerate(table.rows):
        if listed.count(row.place) > 1:
            raise ContentError(where, f"rows.{place}.place: {row.place!r} stands twice")
        places.check(where, f"rows.{place}.place", (row.place,))
        if bool(row.element) == bool(row.note):
            raise ContentError(
                where, f"rows.{place}: needs the element, or a note on why there is none"
            )
    return table
