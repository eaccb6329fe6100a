# ruff: noqa: E501 (a worked example reads as one line)
"""The worked examples of entry and of the eight cards, as literals: content may not drift."""

import pytest

from goldenhour.content import load
from goldenhour.domain.triage import (
    OTHERWISE,
    AnswerError,
    Card,
    Determination,
    Topic,
    Vector,
    evaluate,
    judge_interval,
)
from goldenhour.kernel.condition import Answer
from goldenhour.kernel.content import Status
from goldenhour.kernel.levels import DispatchLevel

CONTENT = load()
PROTOCOL = CONTENT.protocol
CARDS = (PROTOCOL.entry, *PROTOCOL.cards.values())


def determine(complaint: str | None = None, **answers: Answer) -> Determination:
    given = answers if complaint is None else {"complaint": complaint, **answers}
    return evaluate(PROTOCOL, given)


@pytest.mark.parametrize(
    ("answers", "level", "complaint", "flags", "script"),
    [
        # E1-E8 and the vectors of telephone CPR
        ({"conscious": False, "breathing_normal": False}, "R0", "cardiac_arrest", {"tcpr"}, "tcpr_adult"),
        ({"conscious": False, "breathing_normal": "unknown"}, "R0", "cardiac_arrest", {"tcpr"}, "tcpr_adult"),
        ({"conscious": False, "breathing_normal": True}, "R1", "unconscious", {"recheck_breathing"}, "recovery_position"),
        ({"conscious": True, "breathing_normal": False}, "R1", "breathing", set(), "breathing_upright"),
        ({"conscious": False, "breathing_normal": False, "age_y": 4 / 12}, "R0", "cardiac_arrest", {"tcpr"}, "tcpr_infant"),
        ({"conscious": False, "breathing_normal": False, "age_y": 6}, "R0", "cardiac_arrest", {"tcpr"}, "tcpr_child"),
        ({"complaint": "drowning", "age_y": 30, "conscious": False, "breathing_normal": False}, "R0", "cardiac_arrest", {"tcpr"}, "tcpr_adult_breaths"),
        ({"complaint": "choking", "can_speak_cough": False}, "R0", "choking", set(), "choking_adult"),
        ({"massive_bleed": True}, "R0", "bleeding", set(), "bleeding_pressure"),
        ({"conscious": "unknown", "breathing_normal": "unknown"}, "R1", None, {"reach_patient"}, None),
        ({"scene_hazards": ("violence",)}, None, None, {"stage", "caller_away", "police_110"}, None),
        ({"scene_hazards": ("fire", "traffic")}, None, None, {"stage", "caller_away", "fire_119", "traffic_122"}, None),
        ({"scene_hazards": ("hazmat",)}, None, None, {"stage", "caller_away", "fire_119", "supervisor", "mci_plan"}, None),
        ({"count": 3}, None, None, {"supervisor", "mci_plan"}, None),
        ({"count": 2}, None, None, set(), None),
    ],
)  # fmt: skip
def test_entry(
    answers: dict[str, Answer],
    level: str | None,
    complaint: str | None,
    flags: set[str],
    script: str | None,
) -> None:
    found = evaluate(PROTOCOL, answers)
    assert found.level == level
    assert found.complaint == complaint
    assert set(found.flags) == flags
    assert (found.scripts or (None,))[0] == script


def test_an_arrest_is_not_declared_before_breathing_was_asked_but_stays_possible() -> None:
    found = determine(conscious=False)
    assert found.level is None
    assert found.worst_possible is DispatchLevel.R0
    assert "breathing_normal" in found.missing
    assert "E1" in {hit.row_id for hit in found.open}


def test_death_stated_before_takes_the_arrest_back() -> None:
    arrest = {"conscious": False, "breathing_normal": False}
    assert determine("unconscious", **arrest).level is DispatchLevel.R0
    found = determine("unconscious", **arrest, obvious_death=True)
    assert found.level is DispatchLevel.R3
    assert "police_110" in found.flags


@pytest.mark.parametrize(
    ("complaint", "answers", "level", "flags", "script"),
    [
        # A
        ("cardiac_arrest", {"age_y": 62, "conscious": False, "breathing_normal": False}, "R0", {"tcpr"}, "tcpr_adult"),
        ("unconscious", {"age_y": 20, "conscious": False, "breathing_normal": True, "faint_risk": ("alcohol",)}, "R1", set(), "recovery_position"),
        ("unconscious", {"age_y": 72, "conscious": True, "before_faint": ("palpitation",)}, "R2", set(), "faint_rest"),
        ("unconscious", {"age_y": 19, "conscious": True, "alert": True, "before_faint": (), "faint_risk": (), "faint_signs": ()}, "R3", set(), "faint_rest"),
        # B
        ("chest_pain", {"age_y": 58, "pain_kind": ("pressure",), "pain_min": 30, "chest_signs": ("sweating",)}, "R2", {"chest_pain_prealert"}, "chest_rest"),
        ("chest_pain", {"age_y": 45, "pain_kind": ("tearing",)}, "R1", set(), "chest_rest"),
        ("chest_pain", {"age_y": 22, "alert": True, "breathing_normal": True, "speech": "sentences", "pain_kind": ("sharp_breathing",), "chest_signs": (), "with_pain": (), "chest_history": (), "clot_risk": False}, "R3", set(), "chest_rest"),
        ("chest_pain", {"age_y": 66, "speech": "phrases"}, "R1", set(), "chest_rest"),
        # C
        ("stroke", {"alert": True, "stroke_signs": ("face", "speech"), "lkw_min": 40}, "R2", {"window_4_5h", "stroke_prealert"}, "stroke_rest"),
        ("stroke", {"alert": True, "stroke_signs": ("arm",), "lkw_min": "unknown"}, "R2", {"window_24h"}, "stroke_rest"),
        ("stroke", {"alert": True, "stroke_signs": ("arm",), "lkw_min": 300}, "R2", {"window_6h"}, "stroke_rest"),
        ("stroke", {"alert": True, "stroke_signs": ("speech",), "lkw_min": 20, "signs_resolved": True}, "R2", {"tia"}, "stroke_rest"),
        ("stroke", {"alert": True, "stroke_signs": ("arm",), "lkw_min": 3 * 24 * 60, "deficit_stable": True}, "R3", set(), "stroke_rest"),
        ("stroke", {"alert": False, "stroke_signs": ("face",)}, "R1", {"stroke_prealert"}, "stroke_side"),
        # D
        ("breathing", {"speech": "words"}, "R1", set(), "breathing_upright"),
        ("breathing", {"conscious": True, "breathing_normal": False, "speech": "sentences", "at_rest": True}, "R2", set(), "breathing_upright"),
        ("breathing", {"conscious": True, "breathing_normal": False, "speech": "sentences", "at_rest": False, "breath_onset": "longstanding"}, "R3", set(), "breathing_upright"),
        ("breathing", {"age_y": 8 / 12, "child_signs": ("pauses",)}, "R1", set(), "breathing_child"),
        # E
        ("choking", {"age_y": 45, "conscious": True, "can_speak_cough": False}, "R0", set(), "choking_adult"),
        ("choking", {"age_y": 7 / 12, "conscious": True, "can_speak_cough": False}, "R0", set(), "choking_infant"),
        ("choking", {"age_y": 30, "conscious": True, "can_speak_cough": True, "choking_now": "distress"}, "R2", set(), "choking_cough"),
        ("choking", {"age_y": 29, "conscious": True, "choking_now": "silent", "chest_thrusts_only": True}, "R0", set(), "choking_pregnant"),
        ("choking", {"conscious": True, "can_speak_cough": True, "choking_now": "cleared", "thrusts_given": True}, "R3", set(), None),
        # F
        ("bleeding", {"bleed_flow": "spurting", "injury_site": ("limb",)}, "R0", set(), "bleeding_pressure"),
        ("trauma", {"alert": True, "fall_height_m": 4}, "R1", set(), "injury_still"),
        ("trauma", {"age_y": 70, "alert": True, "mechanism": ("head_strike",), "bleed_risk": ("anticoagulant",)}, "R2", set(), "injury_still"),
        ("bleeding", {"bleed_flow": "oozing", "injury_site": ("limb",), "injury_kind": ("minor_cut",)}, "R4", set(), "bleeding_pressure"),
        # G
        ("childbirth", {"birth_number": 2, "labour": True, "contraction_min": 3}, "R1", set(), "birth_coming"),
        ("childbirth", {"birth_signs": ("head",)}, "R0", set(), "birth_coming"),
        ("childbirth", {"birth_signs": ("cord",)}, "R0", set(), "cord_first"),
        ("childbirth", {"weeks": 30, "waters": "clear"}, "R2", set(), "pregnancy_rest"),
        ("childbirth", {"weeks": 8, "preg_signs": ("faint", "one_sided_pain")}, "R1", set(), "pregnancy_rest"),
        # H
        ("traffic", {"alert": True, "crash_signs": ("thrown",)}, "R1", {"traffic_122"}, "crash_scene"),
        ("traffic", {"auto_call": True, "voice_contact": False, "delta_v_kmh": 48}, "R1", {"traffic_122"}, None),
        ("traffic", {"auto_call": True, "voice_contact": False, "delta_v_kmh": 30}, "R2", {"traffic_122"}, None),
        ("traffic", {"auto_call": True, "voice_contact": False, "delta_v_kmh": 30, "crash_data": ("near_side",)}, "R1", {"traffic_122"}, None),
        ("traffic", {"alert": True, "injured_count": 1, "unresponsive": False, "crash_signs": ()}, "R3", {"traffic_122"}, "crash_scene"),
        ("traffic", {"injured_count": 6, "crash_vehicles": ("bus",)}, "R1", {"mci_plan", "supervisor", "fire_119", "traffic_122"}, "crash_scene"),
    ],
)  # fmt: skip
def test_cards(
    complaint: str | None,
    answers: dict[str, Answer],
    level: str | None,
    flags: set[str],
    script: str | None,
) -> None:
    found = determine(complaint, **answers)
    assert found.level == level
    assert flags <= set(found.flags)
    assert (found.scripts or (None,))[0] == script


@pytest.mark.parametrize(
    ("card", "vector"),
    [(card, vector) for card in CARDS for vector in card.vectors],
    ids=lambda part: getattr(part, "name", None) or part.about.id,
)
def test_a_card_satisfies_its_own_vectors(card: Card, vector: Vector) -> None:
    answers = vector.answers
    if card is not PROTOCOL.entry:
        topic = next(t for t in PROTOCOL.topics.topics if t.card == card.about.id)
        answers = {"complaint": topic.id} | answers
    found = evaluate(PROTOCOL, answers)
    assert found.level is vector.level
    assert set(vector.flags) <= set(found.flags)
    if vector.script:
        assert found.scripts[0] == vector.script


def test_every_written_card_carries_vectors() -> None:
    assert all(card.vectors for card in CARDS)


def test_only_one_window_is_flagged() -> None:
    for lkw_min in (0, 270, 271, 360, 361, 1440):
        found = determine("stroke", stroke_signs=("arm",), lkw_min=lkw_min)
        assert len([flag for flag in found.flags if flag.startswith("window")]) == 1
    assert not determine("stroke", stroke_signs=("arm",), lkw_min=1441).flags


def test_fired_rows_name_card_and_version() -> None:
    found = determine("breathing", speech="words")
    (hit,) = found.fired
    card = PROTOCOL.cards["breathing"]
    assert (hit.card_id, hit.card_version, hit.row_id) == ("breathing", card.about.version, "1")


def test_questions_come_in_order_and_unknown_ones_again_at_the_end() -> None:
    found = determine("breathing", alert="unknown", speech="sentences")
    assert found.next_questions[0] == "location"
    assert found.next_questions[-1] == "alert"
    assert "at_rest" in found.next_questions
    assert "speech" not in found.next_questions


def test_a_decided_level_asks_no_card_question_that_cannot_raise_it() -> None:
    found = determine("breathing", breath_look=("blue",), scene_hazards=(), count=1, age_y=50)
    assert found.level is DispatchLevel.R1
    assert not set(found.missing) & {q.id for q in PROTOCOL.cards["breathing"].questions}


def test_the_age_is_asked_while_it_could_change_the_script() -> None:
    assert "age_y" in determine("choking", can_speak_cough=False).missing


def test_a_topic_without_its_own_card_still_gets_a_level() -> None:
    topics = {topic.id: topic for topic in PROTOCOL.topics.topics}
    assert len(topics) == 33
    assert isinstance(topics["seizure"], Topic)
    assert topics["seizure"].card is None
    assert determine("seizure").level is DispatchLevel.R2
    assert determine("seizure", alert=False).level is DispatchLevel.R1
    assert determine("seizure", alert=True, seen_state="walking").level is DispatchLevel.R3


def test_everything_answered_and_nothing_fired_is_not_reassuring() -> None:
    benign: dict[str, Answer] = {
        "scene_hazards": (), "count": 1, "age_y": 30, "conscious": True, "breathing_normal": True,
        "massive_bleed": False, "alert": True, "speech": "sentences", "breath_look": (),
        "breath_onset": "gradual", "at_rest": False, "breath_history": (), "breath_with": (),
        "airway_signs": (), "child_signs": (),
    }  # fmt: skip
    found = determine("breathing", **benign)
    assert found.status is Status.COMPLETE
    assert found.level is DispatchLevel.R2
    assert found.worst_possible is DispatchLevel.R2
    assert found.fired[0].row_id == OTHERWISE


def test_a_disabled_script_is_never_read() -> None:
    found = determine("choking", age_y=3, can_speak_cough=True, object="button_battery")
    assert found.scripts == ("choking_cough",)


@pytest.mark.parametrize(
    ("answers", "name"),
    [
        ({"conscious": "yes"}, "conscious"),
        ({"count": -1}, "count"),
        ({"count": True}, "count"),
        ({"age_y": float("nan")}, "age_y"),
        ({"sex": "both"}, "sex"),
        ({"scene_hazards": "fire"}, "scene_hazards"),
        ({"scene_hazards": ("flood",)}, "scene_hazards"),
    ],
)
def test_an_unfit_answer_is_an_error_that_names_its_question(
    answers: dict[str, Answer], name: str
) -> None:
    with pytest.raises(AnswerError) as wrong:
        evaluate(PROTOCOL, answers)
    assert wrong.value.question_id == name


def test_answers_of_another_card_do_not_disturb() -> None:
    assert determine("breathing", speech="words", weeks=30) == determine(
        "breathing", speech="words"
    )


def test_tcpr_intervals() -> None:
    answered_ms = 36_000_000
    recognition, compression = CONTENT.tcpr.goals
    first = judge_interval(recognition, answered_ms, answered_ms + 80_000)
    second = judge_interval(compression, answered_ms, answered_ms + 140_000)
    assert (first.length_s, first.meets_minimum, first.meets_high_performing) == (80, True, True)
    assert (second.length_s, second.meets_minimum, second.meets_high_performing) == (
        140,
        True,
        True,
    )
    late = judge_interval(recognition, answered_ms, answered_ms + 90_000)
    assert (late.meets_minimum, late.meets_high_performing) == (True, False)
    assert judge_interval(recognition, answered_ms, None).meets_minimum is False


def test_infants_are_offered_breaths() -> None:
    groups = {group.script: group for group in CONTENT.tcpr.groups}
    assert groups["tcpr_infant"].offer_breaths
    assert not groups["tcpr_adult"].offer_breaths
    assert CONTENT.tcpr.metronome.rate_per_min == 110
