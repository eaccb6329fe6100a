"""The authz drill is green on the product and red on its planted bug."""

from goldenhour.main.drills.authz import run
from goldenhour.main.drills.report import Options

SMALL = 300


def test_nobody_sees_more_than_is_theirs() -> None:
    report = run(Options(n=SMALL))
    # Not `passed`: that also judges how fast screens close, which a busy machine decides.
    assert report.value == report.spread["late closing"], report
    assert report.n > 10_000


def test_a_policy_without_its_organisation_is_found() -> None:
    report = run(Options(n=SMALL, plant=True))
    assert not report.passed
    assert report.spread["too_wide rows"] > 0
