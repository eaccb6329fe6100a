"""What rules say of a measured ECG: findings with their numbers, prompts, and what is missing.

Rule 1: this is decision support. Nothing is activated by it, and while the rule set is unsigned a
        finding has no title: the measurements and "suspected" are all that may be shown.
Rule 2: a lead, an age or a sex that is missing is never normal: unknown age or sex takes the lowest
        cut that is possible, what is missing is listed, and no answer is reassuring.
Rule 3: a confounder removes no finding; it marks it and asks for a person.
Rule 4: levels are rounded as they are shown, then compared; a level on the cut meets it.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from goldenhour.domain.care.ecg_rules import (
    Caution,
    Cut,
    EcgRules,
    PromptId,
    Reading,
    Rule,
)
from goldenhour.domain.care.events import Sex
from goldenhour.domain.care.findings import rounded
from goldenhour.kernel.content import SignOff, Status, Text
from goldenhour.kernel.record import Record

__all__ = [
    "ConfounderError",
    "EcgFinding",
    "EcgFindings",
    "EcgPatient",
    "EcgRules",
    "LeadMeasured",
    "LeadValue",
    "Measured",
    "cut_mm",
    "judge",
]

_BELIEVED_MM: Final = 1000.0
"""No heart reaches it; such a level is as good as missing, and so is one that is no number."""


class LeadMeasured(Record):
    st_j_mm: float | None = None
    st_80_mm: float | None = None
    """80 ms after the J point."""
    t_mm: float | None = None
    q_mm: float | None = None
    r_mm: float | None = None
    s_mm: float | None = None
    """Q and S are negative, zero where there is no such wave."""
    reason: str = ""
    """Why the levels are None."""


class Measured(Record):
    """One ECG in mm (0.1 mV) and ms; None is "not measurable", with the reason in `reasons`."""

    leads: dict[str, LeadMeasured]
    heart_rate_per_min: float | None = None
    rr_irregular: bool | None = None
    pr_ms: float | None = None
    qrs_ms: float | None = None
    qt_ms: float | None = None
    qtcf_ms: float | None = None
    qtcb_ms: float | None = None
    pacing_spikes: bool | None = None
    reasons: dict[str, str] = msgspec.field(default_factory=dict)


class EcgPatient(Record):
    age_y: float | None
    sex: Sex
    confounders: tuple[str, ...] | None
    """Ids of `EcgRules.confounders`; empty says that a person looked, None that nobody did."""


class LeadValue(Record):
    lead: str
    st_mm: float
    cut_mm: float
    """What it was compared with, in the same direction."""


class EcgFinding(Record):
    rule: Rule
    leads: tuple[LeadValue, ...]
    territories: tuple[str, ...]
    confounded: bool
    """Something is known, or measured, that this rule was not made for."""
    title: Text | None
    """None while the rule set is unsigned: then nothing but the numbers may be shown."""


class EcgFindings(Record):
    table_id: str
    table_version: int
    sign_off: SignOff
    status: Status
    reading: Reading
    reading_text: Text
    findings: tuple[EcgFinding, ...]
    prompts: tuple[PromptId, ...]
    """More leads to record; each names itself in `EcgRules.prompts`."""
    needs_human: tuple[str, ...]
    """Confounders and cautions. Empty never means that nobody needs to look."""
    missing: tuple[str, ...]
    """Of age_y, sex, confounders, qrs_ms, standard and recorded leads, and "V1_qrs" where the
    direction of a lead's QRS is wanted and unknown."""
    not_assessed: tuple[str, ...]


class ConfounderError(ValueError):
    def __init__(self, names: set[str]) -> None:
        super().__init__(f"confounders: no such confounder: {', '.join(sorted(names))}")
        self.names = names


def judge(measured: Measured, patient: EcgPatient, rules: EcgRules) -> EcgFindings:
    """Everything the rules find; raises ConfounderError for a confounder they do not know."""
    stated = patient.confounders or ()
    if unknown := set(stated) - rules.confounders.keys():
        raise ConfounderError(unknown)
    cautions = _cautions(measured, rules)
    levels = {
        name: _shown(lead.st_j_mm, rules)
        for name, lead in measured.leads.items()
        if lead.st_j_mm is not None and abs(lead.st_j_mm) < _BELIEVED_MM
    }
    made_for = set(stated) & set(rules.sgarbossa.when)
    # A wide or unmeasured QRS of unknown kind may be one of those, so both sets of rules are read.
    maybe = {Caution.QRS_WIDE, Caution.QRS_UNKNOWN, Caution.PACING_SPIKES} & set(cautions)
    plain = [
        *_elevations(levels, patient, rules),
        *_posterior(levels, measured, rules),
        *_left_main(levels, rules),
    ]
    findings = [(rule, leads, bool(stated or cautions)) for rule, leads in plain]
    missing = _missing(levels, measured, patient, rules)
    if made_for or maybe:
        blocked = _sgarbossa(levels, measured, rules)
        findings += [(rule, leads, not made_for) for rule, leads in blocked]
        missing += tuple(
            f"{lead}_qrs"
            for lead in rules.standard
            if lead in levels and _upward(measured.leads[lead]) is None
        )
    reading = Reading.SUSPECTED if findings else Reading.INCOMPLETE if missing else Reading.NONE
    signed = rules.about.sign_off is SignOff.SIGNED
    told = tuple(
        EcgFinding(
            rule=rule,
            leads=leads,
            territories=_territories(leads, rules),
            confounded=confounded,
            title=rules.titles[rule] if signed else None,
        )
        for rule, leads, confounded in findings
    )
    return EcgFindings(
        table_id=rules.about.id,
        table_version=rules.about.version,
        sign_off=rules.about.sign_off,
        status=Status.PARTIAL if missing else Status.COMPLETE,
        reading=reading,
        reading_text=rules.readings[reading],
        findings=told,
        prompts=_prompts(told, levels, rules),
        needs_human=(*stated, *cautions),
        missing=missing,
        not_assessed=tuple(rules.not_assessed),
    )


def cut_mm(lead: str, patient: EcgPatient, rules: EcgRules) -> float | None:
    """The lowest cut that what is known of the patient leaves possible; None for other leads."""
    return min((c.mm for c in rules.cuts if lead in c.leads and _may_be(c, patient)), default=None)


def _may_be(cut: Cut, patient: EcgPatient) -> bool:
    age_y = patient.age_y
    if cut.sex is not None and patient.sex not in {cut.sex, Sex.UNKNOWN}:
        return False
    if age_y is None:
        return True
    if cut.from_age_y is not None and age_y < cut.from_age_y:
        return False
    return cut.below_age_y is None or age_y < cut.below_age_y


type _Leads = tuple[LeadValue, ...]
type _Found = list[tuple[Rule, _Leads]]


def _shown(value: float, rules: EcgRules) -> float:
    shown = rounded(float(value), rules.decimals_mm)
    assert isinstance(shown, float)  # a fraction stays one
    return shown


def _runs(order: Iterable[str], met: Mapping[str, LeadValue], least: int) -> list[_Leads]:
    """The longest runs of neighbours that meet their cut, from `least` leads on."""
    runs: list[list[LeadValue]] = [[]]
    for lead in order:
        if lead in met:
            runs[-1].append(met[lead])
        else:
            runs.append([])
    return [tuple(run) for run in runs if len(run) >= least]


def _elevations(levels: Mapping[str, float], patient: EcgPatient, rules: EcgRules) -> _Found:
    met = {
        lead: LeadValue(lead=lead, st_mm=level, cut_mm=cut)
        for lead, level in levels.items()
        if (cut := cut_mm(lead, patient, rules)) is not None and level >= cut
    }
    return [
        (Rule.ST_ELEVATION, run)
        for order in rules.contiguous
        for run in _runs(order, met, rules.neighbours)
    ]


def _posterior(levels: Mapping[str, float], measured: Measured, rules: EcgRules) -> _Found:
    wanted = rules.posterior
    cut = -wanted.depression_mm

    def horizontal(lead: str) -> bool:
        later = measured.leads[lead].st_80_mm
        # A slope that could not be measured excludes nothing.
        return later is None or not abs(later) < _BELIEVED_MM or _shown(later, rules) <= cut

    met = {
        lead: LeadValue(lead=lead, st_mm=levels[lead], cut_mm=cut)
        for lead in wanted.leads
        if lead in levels and levels[lead] <= cut and horizontal(lead)
    }
    return [(Rule.POSTERIOR, run) for run in _runs(wanted.leads, met, wanted.neighbours)]


def _left_main(levels: Mapping[str, float], rules: EcgRules) -> _Found:
    wanted = rules.left_main
    depressed = tuple(
        LeadValue(lead=lead, st_mm=levels[lead], cut_mm=-wanted.depression_mm)
        for lead in rules.standard
        if lead != wanted.lead and lead in levels and levels[lead] <= -wanted.depression_mm
    )
    raised = levels.get(wanted.lead)
    if raised is None or raised < wanted.elevation_mm or len(depressed) < wanted.depressed_leads:
        return []
    own = LeadValue(lead=wanted.lead, st_mm=raised, cut_mm=wanted.elevation_mm)
    return [(Rule.LEFT_MAIN, (own, *depressed))]


def _sgarbossa(levels: Mapping[str, float], measured: Measured, rules: EcgRules) -> _Found:
    wanted = rules.sgarbossa
    found: dict[Rule, list[LeadValue]] = {}

    def add(rule: Rule, lead: str, cut: float) -> None:
        value = LeadValue(lead=lead, st_mm=levels[lead], cut_mm=cut)
        found.setdefault(rule, []).append(value)

    for lead in rules.standard:
        if lead not in levels:
            continue
        level, upward = levels[lead], _upward(measured.leads[lead])
        if upward is True and level >= wanted.concordant_elevation_mm:
            add(Rule.SGARBOSSA_A, lead, wanted.concordant_elevation_mm)
        if (
            upward is False
            and lead in wanted.depression_leads
            and level <= -wanted.concordant_depression_mm
        ):
            add(Rule.SGARBOSSA_B, lead, -wanted.concordant_depression_mm)
        depth_mm = _depth_mm(measured.leads[lead])
        if (
            upward is False
            and level >= wanted.discordant_elevation_mm
            and level >= wanted.discordant_ratio * depth_mm
        ):
            add(Rule.SGARBOSSA_C, lead, wanted.discordant_ratio * depth_mm)
    return [(rule, tuple(values)) for rule, values in sorted(found.items())]


def _depth_mm(lead: LeadMeasured) -> float:
    return max(-(lead.s_mm or 0.0), -(lead.q_mm or 0.0))


def _upward(lead: LeadMeasured) -> bool | None:
    """Whether the QRS points mainly upwards; one wave that is known decides where it is alone."""
    height_mm, depth_mm = lead.r_mm or 0.0, _depth_mm(lead)
    return None if height_mm == depth_mm == 0.0 else height_mm > depth_mm


def _cautions(measured: Measured, rules: EcgRules) -> tuple[Caution, ...]:
    cautions = []
    if measured.qrs_ms is None:
        cautions.append(Caution.QRS_UNKNOWN)
    elif measured.qrs_ms >= rules.qrs_wide_ms:
        cautions.append(Caution.QRS_WIDE)
    if measured.pacing_spikes:
        cautions.append(Caution.PACING_SPIKES)
    if any(lead.st_j_mm is None for lead in measured.leads.values()):
        cautions.append(Caution.ARTEFACT)
    return tuple(cautions)


def _missing(
    levels: Mapping[str, float], measured: Measured, patient: EcgPatient, rules: EcgRules
) -> tuple[str, ...]:
    missing = []
    # Of a woman no cut asks for the age.
    if patient.age_y is None and any(
        cut.from_age_y is not None and _may_be(cut, patient) for cut in rules.cuts
    ):
        missing.append("age_y")
    if patient.sex is Sex.UNKNOWN:
        missing.append("sex")
    if patient.confounders is None:
        missing.append("confounders")
    if measured.qrs_ms is None:
        missing.append("qrs_ms")
    # Further leads are asked for once somebody has recorded them.
    wanted = (*rules.standard, *(lead for lead in measured.leads if lead not in rules.standard))
    return (*missing, *(lead for lead in wanted if lead not in levels))


def _territories(leads: _Leads, rules: EcgRules) -> tuple[str, ...]:
    names = {value.lead for value in leads if value.st_mm > 0}
    return tuple(t.id for t in rules.territories if names & set(t.leads))


def _prompts(
    findings: tuple[EcgFinding, ...], levels: Mapping[str, float], rules: EcgRules
) -> tuple[PromptId, ...]:
    wanted = set()
    for finding in findings:
        if finding.rule is Rule.POSTERIOR:
            wanted.add(PromptId.POSTERIOR)
        if finding.rule is Rule.ST_ELEVATION and "inferior" in finding.territories:
            wanted.add(PromptId.RIGHT)
    return tuple(
        prompt
        for prompt in PromptId
        if prompt in wanted and not set(rules.prompts[prompt].leads) <= levels.keys()
    )
