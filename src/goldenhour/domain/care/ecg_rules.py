"""The rules on a measured ECG as records: the content file in types, and the codes they speak.

Rule 1: every threshold, set of leads, territory and text stands in the file; there is none here.
"""

from enum import StrEnum

from goldenhour.domain.care.events import Sex
from goldenhour.kernel.content import About, Text
from goldenhour.kernel.record import Record


class Cut(Record):
    leads: tuple[str, ...]
    mm: float
    sex: Sex | None = None
    from_age_y: float | None = None
    below_age_y: float | None = None


class Territory(Record):
    id: str
    leads: tuple[str, ...]
    title: Text


class Posterior(Record):
    leads: tuple[str, ...]
    depression_mm: float
    neighbours: int


class LeftMain(Record):
    lead: str
    elevation_mm: float
    depression_mm: float
    depressed_leads: int


class Sgarbossa(Record):
    when: tuple[str, ...]
    """The confounders that it is made for."""
    concordant_elevation_mm: float
    concordant_depression_mm: float
    depression_leads: tuple[str, ...]
    discordant_elevation_mm: float
    discordant_ratio: float
    """ST elevation over the depth of S."""


class Prompt(Record):
    leads: tuple[str, ...]
    text: Text


class Rule(StrEnum):
    ST_ELEVATION = "st_elevation"
    POSTERIOR = "posterior"
    LEFT_MAIN = "left_main"
    SGARBOSSA_A = "sgarbossa_a"
    SGARBOSSA_B = "sgarbossa_b"
    SGARBOSSA_C = "sgarbossa_c"


class Caution(StrEnum):
    QRS_WIDE = "qrs_wide"
    QRS_UNKNOWN = "qrs_unknown"
    PACING_SPIKES = "pacing_spikes"
    ARTEFACT = "artefact"


class PromptId(StrEnum):
    POSTERIOR = "record_v7_v9"
    RIGHT = "record_v3r_v4r"


class Reading(StrEnum):
    SUSPECTED = "suspected"
    NONE = "none"
    INCOMPLETE = "incomplete"


class Placement(Record):
    """Where electrodes are put beside the standard places."""

    leads: dict[str, str]
    """By the lead that the plug names the lead that it then is."""
    title: Text


class EcgRules(Record):
    about: About
    standard: tuple[str, ...]
    contiguous: tuple[tuple[str, ...], ...]
    neighbours: int
    decimals_mm: int
    qrs_wide_ms: float
    axis_least_mm: float
    """A net height of the QRS that is smaller has no direction."""
    cuts: tuple[Cut, ...]
    territories: tuple[Territory, ...]
    posterior: Posterior
    left_main: LeftMain
    sgarbossa: Sgarbossa
    confounders: dict[str, Text]
    cautions: dict[Caution, Text]
    prompts: dict[PromptId, Prompt]
    placements: dict[str, Placement]
    """`standard` among them, which moves nothing."""
    titles: dict[Rule, Text]
    readings: dict[Reading, Text]
    not_assessed: dict[str, Text]
