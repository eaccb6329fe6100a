"""The resident record service: FHIR R4 over https."""

from goldenhour.adapters.residents.adapter import FhirResidents
from goldenhour.adapters.residents.config import ResidentsConfig

__all__ = ["FhirResidents", "ResidentsConfig"]
