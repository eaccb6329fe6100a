"""What was seen is good for a while: then it is shown with its age, missing, and never normal."""

import pytest
from msgspec.structs import replace

from factories.recorded import recorded
from goldenhour.content.facts import load_facts
from goldenhour.domain.care import assess
from goldenhour.domain.care.events import (
    Consciousness,
    Observed,
    PatientRegistered,
    Scored,
    Sex,
    VitalsEntered,
)
from goldenhour.domain.care.patient import Patient, evolve
from goldenhour.kernel.levels import TriageLevel
from goldenhour.kernel.telemetry import Numeric, Sign

FACTS = load_facts()
MINUTE = 60_000
USUAL = {
    Sign.HEART_RATE: 80.0,
    Sign.NIBP_SYS: 124.0,
    Sign.NIBP_DIA: 76.0,
    Sign.RESP: 14.0,
    Sign.SPO2: 98.0,
    Sign.TEMP: 36.8,
}


def after(*events: tuple[int, object]) -> Patient:
    """A patient after events at minutes."""
    registered = PatientRegistered(
        incident_id="i", mission_id="m", unit_id="u", name=None, age_y=40, sex=Sex.MALE
    )
    state: Patient | None = None
    for minute, event in ((0, registered), *events):
        state = evolve(state, recorded(event, "patient:p", occurred_ms=minute * MINUTE))
    assert state is not None
    return state


def entered(minute: int, **changed: float) -> tuple[int, VitalsEntered]:
    values = USUAL | {Sign(name): value for name, value in changed.items()}
    return minute, VitalsEntered(
        entry_id=f"e{minute}",
        taken_ms=minute * MINUTE,
        values=tuple(Numeric(sign=sign, value=value, note="") for sign, value in values.items()),
    )


def look(gcs: int | None = 15, *as_before: str, pain: int | None = 0) -> Observed:
    return Observed(
        consciousness=Consciousness.ALERT, on_oxygen=False, gcs=gcs, pain=pain, as_before=as_before
    )


def scored(state: Patient, minute: int) -> Scored:
    return assess.assess(state, minute * MINUTE, FACTS.scores, FACTS.care)


def test_a_coma_scale_of_an_hour_ago_is_not_scored_as_of_now() -> None:
    state = after((0, look()), entered(0), entered(60))
    now = scored(state, 60)
    assert {"consciousness", "on_oxygen"} <= set(now.news2_missing)
    assert {"gcs", "pain"} <= set(now.level_missing)
    assert not now.complete
    assert (now.news2, now.news2_band) == (0, "")  # at least, and no band that reassures
    fresh = scored(state, 1)
    assert fresh.news2_missing == ()
    assert not {"gcs", "pain"} & set(fresh.level_missing)


def test_each_is_good_for_its_own_time() -> None:
    state = after((0, look()), entered(0))
    assert assess.findings_of(state, 11 * MINUTE, FACTS.scores).heart_rate_per_min is None
    assert assess.findings_of(state, 11 * MINUTE, FACTS.scores).gcs == 15
    assert assess.findings_of(state, 31 * MINUTE, FACTS.scores).gcs is None
    # Under half an hour by the content and no second longer.
    assert assess.findings_of(state, 30 * MINUTE, FACTS.scores).gcs == 15


def test_time_alone_makes_nobody_better() -> None:
    state = after((0, look(gcs=8)), entered(0), entered(60))
    now = scored(state, 60)
    assert now.level is TriageLevel.I
    assert now.level_missing == ("gcs",)
    assert now.level_reasons[0].endswith("#gcs_1")
    # Only who looks again can say that it is over.
    awake = after((0, look(gcs=8)), entered(60), (60, look(gcs=15)))
    assert scored(awake, 60).level is TriageLevel.IV


def test_an_outdated_mews_keeps_its_level_and_asks_again() -> None:
    ill = entered(0, heart_rate=112.0, nibp_sys=82.0, resp=22.0)
    state = after((0, look()), ill, (60, look()))
    now = scored(state, 60)
    assert now.level is TriageLevel.II
    assert "mews" in now.level_missing or "sbp_mmhg" in now.level_missing


@pytest.mark.parametrize(
    ("second", "since"),
    [
        (look(15, "gcs", "consciousness", "on_oxygen"), {"gcs": 0, "pain": 20}),
        (look(15), {"gcs": 20, "pain": 20}),
        # It says that nobody looked, and says another value: somebody did.
        (look(14, "gcs"), {"gcs": 20, "pain": 20}),
        (look(None), {"pain": 20}),
    ],
)
def test_what_nobody_looked_at_again_keeps_its_age(second: Observed, since: dict[str, int]) -> None:
    state = after((0, look(15)), (20, second))
    kept = {
        name: state.seen_ms[name] // MINUTE for name in ("gcs", "pain") if name in state.seen_ms
    }
    assert kept == since


def test_a_screen_hears_until_when_a_score_is_good() -> None:
    state = after((0, look()), entered(5))
    early, level = assess.valid_until(state, FACTS.scores)
    assert early["heart_rate_per_min"] == 15 * MINUTE
    assert early["consciousness"] == 30 * MINUTE
    assert (level["gcs"], level["pain"]) == (30 * MINUTE, 30 * MINUTE)
    assert "etco2_mmhg" not in {**early, **level}


def test_the_newest_of_two_signs_is_what_was_last_known() -> None:
    state = after(entered(0, heart_rate=80.0), (1, replace(entered(1)[1], values=(
        Numeric(sign=Sign.PULSE, value=190.0, note=""),
    ))))  # fmt: skip
    assert assess.findings_of(state, 60 * MINUTE, FACTS.scores, ever=True).heart_rate_per_min == 190


def test_a_score_of_outdated_signs_is_at_least_what_it_was() -> None:
    ill = entered(0, spo2=90.6, resp=26.0)
    state = after((0, look()), ill, (60, look()))
    before, now = scored(state, 1), scored(state, 60)
    assert (before.news2, before.news2_missing) == (6, ())  # 91 after rounding: 3, breathing: 3
    assert (now.news2, now.news2_band) == (6, "medium")
    assert {"spo2_pct", "resp_per_min", "sbp_mmhg"} <= set(now.news2_missing)
    better = after((0, look()), ill, (60, look()), entered(60))
    assert (scored(better, 60).news2, scored(better, 60).news2_band) == (0, "low")
