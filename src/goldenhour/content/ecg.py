"""The rules on a measured ECG: `ecg.toml`, read and checked whole."""

from importlib.resources import files
from importlib.resources.abc import Traversable

import msgspec

from goldenhour import content
from goldenhour.content import ContentError
from goldenhour.domain.care.ecg_rules import Caution, EcgRules, PromptId, Reading, Rule

FILE = "ecg.toml"


def load_ecg_rules(root: Traversable | None = None) -> EcgRules:
    """Raises ContentError when the file must not be used."""
    file = (root or files(content)) / FILE
    try:
        rules = msgspec.toml.decode(file.read_bytes(), type=EcgRules)
    except (msgspec.DecodeError, UnicodeDecodeError, OSError) as error:
        raise ContentError(FILE, str(error)) from error
    _check(rules)
    return rules


def _check(rules: EcgRules) -> None:
    """What the record cannot state: that every text is there, and every lead is known."""
    for field, wanted, given in (
        ("titles", set(Rule), rules.titles.keys()),
        ("cautions", set(Caution), rules.cautions.keys()),
        ("prompts", set(PromptId), rules.prompts.keys()),
        ("readings", set(Reading), rules.readings.keys()),
    ):
        if lacking := wanted - given:
            raise ContentError(FILE, f"{field}: {min(lacking)!r} is missing")
    cut_leads = {lead for cut in rules.cuts for lead in cut.leads}
    known = {lead for order in rules.contiguous for lead in order} | set(rules.standard)
    for field, leads in (
        ("cuts", cut_leads),
        ("territories", {lead for t in rules.territories for lead in t.leads}),
        ("posterior", set(rules.posterior.leads)),
        ("left_main", {rules.left_main.lead}),
        ("sgarbossa", set(rules.sgarbossa.depression_leads)),
        ("prompts", {lead for p in rules.prompts.values() for lead in p.leads}),
    ):
        if unknown := leads - known:
            raise ContentError(FILE, f"{field}: no lead {min(unknown)!r}")
    for order in rules.contiguous:
        if uncut := set(order) - cut_leads:
            raise ContentError(FILE, f"contiguous: {min(uncut)!r} has no cut")
    if unknown := set(rules.sgarbossa.when) - rules.confounders.keys():
        raise ContentError(FILE, f"sgarbossa.when: no confounder {min(unknown)!r}")
    if min(cut.mm for cut in rules.cuts) <= 0 or rules.neighbours < 1:
        raise ContentError(FILE, "cuts, neighbours: must be above 0")
