"""A desk reads what a crew scored of a scene, and nothing else of the record."""

from msgspec.structs import replace

from factories.crew_rows import patient
from goldenhour.domain.care.events import SheetRead
from goldenhour.kernel.content import Status
from goldenhour.kernel.levels import DispatchLevel
from goldenhour.views.desk import for_desk
from goldenhour.views.rows import PatientRow


def reading(sheet: str, response: DispatchLevel | None) -> SheetRead:
    return SheetRead(
        sheet=sheet, version=1, status=Status.PARTIAL, used=(), level=None, response=response,
        scores=(), reasons=(), responses=(), actions=("police",), needs=(), missing=(),
        contradictions=(),
    )  # fmt: skip


def test_a_desk_reads_the_scene_and_nothing_of_the_patient() -> None:
    row = patient()
    scene, own = reading("crash", DispatchLevel.R1), reading("stroke", None)
    told = replace(row, record=replace(row.record, sheets=(own, scene), signed_by="somebody"))
    (shown,) = for_desk((told,))
    assert isinstance(shown, PatientRow)
    assert shown.record.sheets == (scene,)
    assert shown.record.signed_by == ""
