"""Care at the patient: scores, triage level, plausibility of vital signs."""

from goldenhour.domain.care.findings import Findings
from goldenhour.domain.care.levels import TriageGrade
from goldenhour.domain.care.plausible import (
    Alarm,
    Plausibility,
    Verdict,
    VitalTable,
    check_pressure,
    check_vital,
)
from goldenhour.domain.care.scores import (
    Gcs,
    GcsInputError,
    GcsTable,
    Score,
    ScoreTable,
    gcs,
    score,
)
from goldenhour.domain.care.sheets import (
    Sheet,
    SheetReading,
    read_sheet,
)
from goldenhour.domain.care.triage import (
    Indicator,
    JudgedError,
    LevelProposal,
    LevelTable,
    triage_level,
)

__all__ = [
    "Alarm",
    "Findings",
    "Gcs",
    "GcsInputError",
    "GcsTable",
    "Indicator",
    "JudgedError",
    "LevelProposal",
    "LevelTable",
    "Plausibility",
    "Score",
    "ScoreTable",
    "Sheet",
    "SheetReading",
    "TriageGrade",
    "Verdict",
    "VitalTable",
    "check_pressure",
    "check_vital",
    "gcs",
    "read_sheet",
    "score",
    "triage_level",
]
