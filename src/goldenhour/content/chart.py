"""The record's form and the formulary, read and checked whole."""

from datetime import date
from importlib.resources.abc import Traversable
from pathlib import Path

from goldenhour.content.check import ContentError, check_names, read_file
from goldenhour.domain.care.drugs import NAMES, Formulary
from goldenhour.domain.care.events import Sex
from goldenhour.domain.care.items import ItemKind
from goldenhour.domain.care.record_form import RecordForm
from goldenhour.domain.care.unknown import PLACES


def read_record(file: Traversable) -> RecordForm:
    form = read_file(file, RecordForm)
    where = form.about.id
    if set(form.unknown.sexes) != set(Sex):
        raise ContentError(where, f"unknown.sexes: needs {', '.join(Sex)} and no other")
    for pattern in (form.unknown.pattern.zh, form.unknown.pattern.en):
        if any(f"{{{place}}}" not in pattern for place in PLACES):
            raise ContentError(where, f"unknown.pattern: needs {', '.join(PLACES)} in braces")
    fields = form.list_fields()
    names = frozenset(field.id for field in fields)
    if len(names) != len(fields):
        raise ContentError(where, "sections: a field id is used twice")
    check_names(where, (field.required_when for field in fields), names)
    check_names(where, (paper.required_when for paper in form.forms), names)
    for paper in form.forms:
        if unknown := set(paper.details_for) - {one.id for one in paper.decisions}:
            raise ContentError(where, f"forms.{paper.id}.details_for: no {', '.join(unknown)}")
    for field in fields:
        if (field.kind in (ItemKind.CHOICE, ItemKind.CHOICES)) != bool(field.choices):
            raise ContentError(where, f"{field.id}.choices: needed by choices and only so")
    return form


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def read_formulary(file: Traversable | Path) -> Formulary:
    formulary = read_file(file, Formulary)
    where = formulary.about.id
    drugs = {drug.id for drug in formulary.drugs}
    for row in formulary.doses:
        if row.drug not in drugs:
            raise ContentError(where, f"doses.{row.id}.drug: no drug {row.drug!r}")
        if (row.fixed is None) == (row.per_kg is None):
            raise ContentError(where, f"doses.{row.id}: needs fixed or per_kg, and not both")
        if row.valid_from and not _is_day(row.valid_from):
            raise ContentError(where, f"doses.{row.id}.valid_from: no day {row.valid_from!r}")
    for rule in formulary.interactions:
        if rule.drug not in drugs:
            raise ContentError(where, f"interactions.{rule.id}.drug: no drug {rule.drug!r}")
    check_names(where, (row.when for row in formulary.doses), NAMES)
    check_names(where, (rule.when for rule in formulary.interactions), NAMES)
    return formulary
