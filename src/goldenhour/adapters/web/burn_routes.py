"""How much of a patient is burned, from what a person marks; and what the formula says of fluid.

Rule 1: nothing is written here: a person takes the surface into the assessment, or does not.
Rule 2: the volume is the formula's, not an order; without age or weight there is no number.
"""

from typing import Annotated, Any

from litestar import get
from litestar.handlers import BaseRouteHandler
from litestar.params import Parameter

from goldenhour import content
from goldenhour.adapters.web.identity import AnyRequest, access, principal_of
from goldenhour.adapters.web.problems import ProblemError
from goldenhour.adapters.web.services import Services
from goldenhour.app.access import Role
from goldenhour.app.handle import fold
from goldenhour.domain.care.burns import BurnFluid, BurnTable, burn_fluid, burned_pct, region_pct
from goldenhour.domain.care.patient import Patient
from goldenhour.kernel.record import Record


class BurnRegionAnswer(Record):
    id: str
    zh: str
    en: str
    pct: float
    """Of this patient's body surface."""


class BurnAnswer(Record):
    regions: tuple[BurnRegionAnswer, ...]
    """Empty: the age is not known, and a child's regions differ."""
    tbsa_pct: float | None
    weight_kg: float | None
    fluid: BurnFluid | None
    ml_per_kg_pct: float
    first_h: int
    fluid_h: int
    table: str
    """id@version"""


def routes(services: Services) -> list[BaseRouteHandler]:
    table = content.load().burns

    @get("/api/patients/{patient_id:str}/burns", opt=access(Role.CREW, Role.HOSPITAL))
    async def burns(
        request: AnyRequest,
        patient_id: str,
        burned: Annotated[str, Parameter(max_length=400)] = "",
        palms: Annotated[float, Parameter(ge=0, le=100)] = 0,
        burned_at_ms: int | None = None,
    ) -> BurnAnswer:
        """`burned` is `REGION:SHARE,...`, the share from 0 to 1."""
        principal = principal_of(request)
        stream = f"patient:{patient_id}"
        reader, identity = services.desk_of(principal).reader, services.identity_of(principal)
        patient = fold(stream, await reader.list_streams([stream], identity))
        if not isinstance(patient, Patient):
            raise ProblemError(404, "absent", "patient_id")
        pct = burned_pct(table, patient.age_y, _shares(table, burned), palms)
        weight = patient.record.value("weight_kg")
        weight_kg = float(weight) if isinstance(weight, int | float) else None
        return BurnAnswer(
            regions=_regions(table, patient.age_y),
            tbsa_pct=pct,
            weight_kg=weight_kg,
            fluid=burn_fluid(table, weight_kg, pct, burned_at_ms),
            ml_per_kg_pct=table.fluid_ml_per_kg_pct,
            first_h=table.first_h,
            fluid_h=table.fluid_h,
            table=f"{table.about.id}@{table.about.version}",
        )

    handlers: list[Any] = [burns]
    return handlers


def _regions(table: BurnTable, age_y: float | None) -> tuple[BurnRegionAnswer, ...]:
    if age_y is None:
        return ()
    pct = region_pct(table, age_y)
    return tuple(
        BurnRegionAnswer(id=one.id, zh=one.title.zh, en=one.title.en, pct=pct[one.id])
        for one in table.regions
    )


def _shares(table: BurnTable, text: str) -> dict[str, float]:
    """Raises ProblemError."""
    known = {region.id for region in table.regions}
    shares: dict[str, float] = {}
    for part in text.split(",") if text else ():
        region, _, share = part.partition(":")
        if region not in known:
            raise ProblemError(400, "unknown_value", "burned", region)
        try:
            shares[region] = float(share)
        except ValueError as error:
            raise ProblemError(400, "invalid", "burned", share) from error
        if not 0 <= shares[region] <= 1:
            raise ProblemError(400, "out_of_range", "burned", share)
    return shares
