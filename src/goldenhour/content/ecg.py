"""The rules on a measured ECG: `ecg.toml`, read and checked whole."""

from importlib.resources.abc import Traversable

from goldenhour.content.check import ContentError, read_file
from goldenhour.domain.care.ecg_rules import Caution, EcgRules, PromptId, Reading, Rule
from goldenhour.domain.care.record_form import RecordForm


def read_ecg_rules(file: Traversable) -> EcgRules:
    """Raises ContentError when the file must not be used."""
    rules = read_file(file, EcgRules)
    _check(rules)
    return rules


def check_confounders(form: RecordForm, rules: EcgRules) -> None:
    """The record asks for exactly the confounders that the rules know."""
    field = form.find_field("ecg_confounders")
    asked = {choice.id for choice in field.choices} if field else set()
    if asked != rules.confounders.keys():
        raise ContentError(form.about.id, "ecg_confounders.choices: other than in ecg.toml")


def _check(rules: EcgRules) -> None:
    """What the record cannot state: that every text is there, and every lead is known."""
    for field, wanted, given in (
        ("titles", set(Rule), rules.titles.keys()),
        ("cautions", set(Caution), rules.cautions.keys()),
        ("prompts", set(PromptId), rules.prompts.keys()),
        ("readings", set(Reading), rules.readings.keys()),
    ):
        if lacking := wanted - given:
            raise ContentError("ecg.toml", f"{field}: {min(lacking)!r} is missing")
    cut_leads = {lead for cut in rules.cuts for lead in cut.leads}
    known = {lead for order in rules.contiguous for lead in order} | set(rules.standard)
    for field, leads in (
        ("cuts", cut_leads),
        ("territories", {lead for t in rules.territories for lead in t.leads}),
        ("posterior", set(rules.posterior.leads)),
        ("left_main", {rules.left_main.lead}),
        ("sgarbossa", set(rules.sgarbossa.depression_leads)),
        ("prompts", {lead for p in rules.prompts.values() for lead in p.leads}),
        ("placements", {name for p in rules.placements.values() for name in p.leads.values()}),
    ):
        if unknown := leads - known:
            raise ContentError("ecg.toml", f"{field}: no lead {min(unknown)!r}")
    for order in rules.contiguous:
        if uncut := set(order) - cut_leads:
            raise ContentError("ecg.toml", f"contiguous: {min(uncut)!r} has no cut")
    if unknown := set(rules.sgarbossa.when) - rules.confounders.keys():
        raise ContentError("ecg.toml", f"sgarbossa.when: no confounder {min(unknown)!r}")
    plain = rules.placements.get("standard")
    if plain is None or plain.leads:
        raise ContentError("ecg.toml", "placements.standard: it must be there and move nothing")
    for ident, one in rules.placements.items():
        if moved := set(one.leads) - set(rules.standard):
            raise ContentError("ecg.toml", f"placements.{ident}: no standard lead {min(moved)!r}")
        if len(set(one.leads.values())) < len(one.leads):
            raise ContentError("ecg.toml", f"placements.{ident}: two leads of one name")
    if min(cut.mm for cut in rules.cuts) <= 0 or rules.neighbours < 1:
        raise ContentError("ecg.toml", "cuts, neighbours: must be above 0")
