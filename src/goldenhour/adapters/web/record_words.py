"""The record's ids as words of the content and as codes, its own and other people's."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from goldenhour.content.fhir import FhirMap, Loinc, Measured
from goldenhour.domain.care.items import Item as Asked
from goldenhour.domain.care.items import ItemChoice, ItemKind
from goldenhour.domain.care.record import CareContent
from goldenhour.domain.care.record_form import Region
from goldenhour.kernel.condition import UNKNOWN, Answer
from goldenhour.wire.fhir import Code, Concept, Moment, Quantity
from goldenhour.wire.fhir.document import Value

_LOINC: Final = "http://loinc.org"
_ABSENT: Final = "http://terminology.hl7.org/CodeSystem/data-absent-reason"


class Words:
    def __init__(self, care: CareContent, codes: FhirMap, people: Mapping[str, str]) -> None:
        self.care = care
        self._people = people
        self.codes = codes
        self.fields = {field.id: field for field in care.form.list_fields()}

    def who(self, ident: str) -> str:
        """A person by name; a device, or whom the server does not know, by id."""
        return self._people.get(ident, ident)

    def loinc(self, found: Loinc) -> tuple[Code, ...]:
        if not found.loinc:
            return ()
        return (Code(system=_LOINC, code=found.loinc, display=found.display),)

    def own(self, kind: str, ident: str, text: str) -> Concept:
        code = Code(system=f"{self.codes.base}:{kind}", code=ident, display=text)
        return Concept(text=text, codes=(code,))

    def named(self, kind: str, ident: str, choices: Iterable[ItemChoice | Region]) -> Concept:
        found = next((one for one in choices if one.id == ident), None)
        return self.own(kind, ident, found.zh) if found else Concept(text=ident)

    def measured(self, found: Measured) -> Concept:
        own = Code(system=f"{self.codes.base}:sign", code=found.id, display=found.zh)
        return Concept(text=found.zh, codes=(*self.loinc(found), own))

    def site(self, region: str) -> Concept | None:
        return self.named("region", region, self.care.form.regions) if region else None

    def value(self, asked: Asked, answer: Answer) -> Iterator[Value]:
        if answer == UNKNOWN:
            code = Code(system=_ABSENT, code="asked-unknown", display="Asked But Unknown")
            yield Concept(text="未知", codes=(code,))
        elif isinstance(answer, tuple):
            for one in answer:
                yield self.named(f"item:{asked.id}", one, asked.choices)
        elif asked.kind is ItemKind.TIME and isinstance(answer, int):
            yield Moment(at_ms=answer)
        elif isinstance(answer, bool):
            yield answer
        elif isinstance(answer, int | float):
            yield Quantity(value=answer, unit=asked.unit, ucum="") if asked.unit else float(answer)
        elif asked.choices:
            yield self.named(f"item:{asked.id}", answer, asked.choices)
        else:
            yield answer
