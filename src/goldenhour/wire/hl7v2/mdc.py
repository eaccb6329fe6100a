"""What the codes of IEEE 11073-10101 mean to us: signs, units and limits, as data.

How makers depart from it is content: `hl7_quirks.toml`.

Rule 1: only what a sign's clinical meaning covers is mapped; an arterial line is no cuff, so
its pressures stay unmapped and are listed instead.
Rule 2: a unit is told by OBX-6, or by the maker's row where that is empty; it is never guessed
from the value.
"""

from typing import Final

from goldenhour.kernel.record import Record
from goldenhour.kernel.telemetry import ABOVE_RANGE, BELOW_RANGE, Sign

NO_VALUE: Final = 8_388_607
"""The 11073 float's "not a number", which gateways print as if it were one."""

METRICS: Final[tuple[tuple[str, str, Sign], ...]] = (
    # Code, name, sign. Where several give one sign, the earlier is preferred.
    ("147842", "MDC_ECG_HEART_RATE", Sign.HEART_RATE),
    ("149530", "MDC_PULS_OXIM_PULS_RATE", Sign.PULSE),
    ("149546", "MDC_PULS_RATE_NON_INV", Sign.PULSE),
    ("149522", "MDC_PULS_RATE", Sign.PULSE),
    ("150456", "MDC_PULS_OXIM_SAT_O2", Sign.SPO2),
    ("151562", "MDC_RESP_RATE", Sign.RESP),
    ("151578", "MDC_TTHOR_RESP_RATE", Sign.RESP),
    ("151594", "MDC_CO2_RESP_RATE", Sign.RESP),
    ("150021", "MDC_PRESS_BLD_NONINV_SYS", Sign.NIBP_SYS),
    ("150022", "MDC_PRESS_BLD_NONINV_DIA", Sign.NIBP_DIA),
    ("150023", "MDC_PRESS_BLD_NONINV_MEAN", Sign.NIBP_MEAN),
    ("150344", "MDC_TEMP", Sign.TEMP),
    ("151708", "MDC_CONC_AWAY_CO2_ET", Sign.ETCO2),
    ("160184", "MDC_CONC_GLU_CAPILLARY_WHOLEBLOOD", Sign.GLUCOSE),
)
BY_CODE: Final = {code: (sign, rank) for rank, (code, _, sign) in enumerate(METRICS)}
BY_NAME: Final = {name: (sign, rank) for rank, (_, name, sign) in enumerate(METRICS)}

BEYOND_WORDS: Final = {
    "LO": BELOW_RANGE,
    "LOW": BELOW_RANGE,
    "HI": ABOVE_RANGE,
    "HIGH": ABOVE_RANGE,
}
"""What a meter says instead of a number."""

CUFF: Final = frozenset({Sign.NIBP_SYS, Sign.NIBP_DIA, Sign.NIBP_MEAN})
"""One measurement in three numbers: they are taken from one place of the containment tree."""


class Unit(Record):
    name: str
    keys: tuple[str, ...]
    """Everything that OBX-6 may hold for it: MDC code, MDC name, UCUM, common spellings."""
    signs: frozenset[Sign]
    factor: float = 1.0
    offset: float = 0.0
    """Ours = theirs * factor + offset."""


_RATES: Final = frozenset({Sign.HEART_RATE, Sign.PULSE, Sign.RESP})
_PRESSURES: Final = CUFF | {Sign.ETCO2}

UNITS: Final = (
    # Makers mix the two rates (one gives breaths per minute in beats), so either serves.
    Unit(
        name="/min",
        keys=(
            *("264864", "MDC_DIM_BEAT_PER_MIN", "264928", "MDC_DIM_RESP_PER_MIN", "BPM", "RPM"),
            *("/MIN", "1/MIN", "{BEAT}/MIN", "{BEATS}/MIN", "{BREATH}/MIN", "{BREATHS}/MIN"),
        ),
        signs=_RATES,
    ),
    Unit(name="%", keys=("262688", "MDC_DIM_PERCENT", "%"), signs=frozenset({Sign.SPO2})),
    Unit(name="mmHg", keys=("266016", "MDC_DIM_MMHG", "MM[HG]", "MMHG"), signs=_PRESSURES),
    Unit(
        name="kPa",
        keys=("265987", "MDC_DIM_KILO_PASCAL", "KPA"),
        signs=_PRESSURES,
        factor=1 / 0.133_322_387_415,
    ),
    Unit(
        name="degC",
        keys=("268192", "MDC_DIM_DEGC", "CEL", "DEGC", "°C", "℃"),
        signs=frozenset({Sign.TEMP}),
    ),
    Unit(
        name="degF",
        keys=("266560", "268160", "268224", "MDC_DIM_FAHR", "[DEGF]", "DEGF", "°F", "℉"),
        signs=frozenset({Sign.TEMP}),
        factor=1 / 1.8,
        offset=-32 / 1.8,
    ),
    Unit(
        name="mmol/L",
        keys=("266866", "MDC_DIM_MILLI_MOLE_PER_L", "MMOL/L"),
        signs=frozenset({Sign.GLUCOSE}),
    ),
    Unit(
        name="mg/dL",
        keys=("264274", "MDC_DIM_MILLI_G_PER_DL", "MG/DL"),
        signs=frozenset({Sign.GLUCOSE}),
        factor=1 / 18.0,
    ),
)
UNIT_BY_NAME: Final = {unit.name: unit for unit in UNITS}
BY_UNIT: Final = {key: unit for unit in UNITS for key in unit.keys}
UNIT_MAY_BE_MISSING: Final = _RATES | {Sign.SPO2}
"""Signs that are given in one unit all over the world."""

LIMITS: Final[dict[Sign, tuple[float, float]]] = {
    # What is physically possible, ends included (clinical fact sheet, "hard"), in our units.
    Sign.HEART_RATE: (0, 500),
    Sign.PULSE: (0, 500),
    Sign.SPO2: (0, 100),
    Sign.RESP: (0, 300),
    Sign.NIBP_SYS: (0, 500),
    Sign.NIBP_DIA: (0, 500),
    Sign.NIBP_MEAN: (0, 500),
    Sign.TEMP: (0, 50),
    Sign.ETCO2: (0, 760),
    Sign.GLUCOSE: (0, 111),
}
