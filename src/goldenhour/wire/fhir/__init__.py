"""FHIR R4 as a resident record service speaks it."""

from goldenhour.wire.fhir.resident import (
    FhirError,
    Found,
    next_page,
    read_everything,
    read_patients,
)

__all__ = ["FhirError", "Found", "next_page", "read_everything", "read_patients"]
