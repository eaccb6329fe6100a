"""When personal text may be erased: kinds, holds, leap years."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldenhour.domain.review.retention import (
    Kept,
    Retention,
    free_from_ms,
    refuse_erasure,
    written_before_ms,
)
from goldenhour.kernel.files import FileKind
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.time import CHINA, from_datetime
from goldenhour.main.erase import load_retention

RULES = Retention(
    id="r", version="1", sign_off="unsigned", sources=(), years={"call": 3, "patient": 15}
)


def at(year: int, month: int, day: int, hour: int = 12) -> int:
    return from_datetime(datetime(year, month, day, hour, tzinfo=CHINA))


def kept(topic: str, written_ms: int) -> Kept:
    return Kept(row=f"{topic}-{written_ms}", topic=topic, written_ms=written_ms)


@pytest.mark.parametrize(
    ("now_ms", "expected"),
    [
        (at(2029, 11, 26, 11), Refused(code="retention_runs", detail="20291126")),
        (at(2029, 11, 26, 12), None),
    ],
)
def test_a_call_is_kept_three_years_to_the_hour(now_ms: int, expected: Refused | None) -> None:
    assert refuse_erasure([kept("call", at(2026, 11, 26))], "", RULES, now_ms) == expected


def test_the_longest_retention_of_a_case_counts() -> None:
    rows = [kept("call", at(2026, 11, 26)), kept("patient", at(2026, 11, 26))]
    refused = refuse_erasure(rows, "", RULES, at(2030, 1, 1))
    assert refused == Refused(code="retention_runs", detail="20411126")


def test_a_hold_forbids_what_retention_allows() -> None:
    rows = [kept("call", at(2000, 1, 1))]
    refused = refuse_erasure(rows, "court file 7", RULES, at(2026, 1, 1))
    assert refused == Refused(code="legal_hold", detail="court file 7")


def test_what_nobody_has_decided_about_stays() -> None:
    rows = [kept("video", at(1990, 1, 1))]
    refused = refuse_erasure(rows, "", RULES, at(2026, 1, 1))
    assert refused == Refused(code="retention_unknown", detail="video")


def test_a_leap_day_is_kept_until_the_first_of_march() -> None:
    assert free_from_ms(kept("call", at(2024, 2, 29)), RULES) == at(2027, 3, 1)


@given(
    written=st.datetimes(datetime(2001, 1, 1), datetime(2060, 1, 1)),  # noqa: DTZ001 (made aware below)
    now=st.datetimes(datetime(2020, 1, 1), datetime(2090, 1, 1)),  # noqa: DTZ001 (as above)
)
def test_what_is_due_in_bulk_may_also_be_erased_one_by_one(
    written: datetime, now: datetime
) -> None:
    now_ms = from_datetime(now.replace(tzinfo=CHINA))
    row = kept("call", from_datetime(written.replace(tzinfo=CHINA)))
    if row.written_ms < written_before_ms(RULES.years, now_ms)["call"]:
        assert refuse_erasure([row], "", RULES, now_ms) is None


def test_every_kind_of_stream_with_personal_text_has_a_retention() -> None:
    assert {"call", "incident", "patient", "handover"} <= set(load_retention().years)


def test_every_kind_of_file_has_a_retention_that_counts_for_its_case() -> None:
    rules = load_retention()
    assert {*FileKind, "ecg_stream", "cabin_video", "terminal_media"} == set(rules.files)
    # A kind of file and a kind of stream are looked up by one name.
    assert not set(rules.files) & set(rules.years)
    film = kept("body_camera", at(2026, 11, 26))
    refused = refuse_erasure([film], "", rules, at(2027, 11, 26, 11))
    assert refused == Refused(code="retention_runs", detail="20271126")
    assert refuse_erasure([film], "", rules, at(2027, 11, 26, 12)) is None
