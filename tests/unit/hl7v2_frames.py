"""HL7 messages in the manner of real peers; what each stands for is said beside it."""

from goldenhour.content.devices import load_quirks
from goldenhour.wire.hl7v2 import Observation, decode

MAKERS = load_quirks().makers


def obx(
    code: str, value: str, unit: str, *, place: str = "1.1.1.1", status: str = "R", time: str = ""
) -> str:
    return f"OBX||NM|{code}|{place}|{value}|{unit}|||||{status}|||{time}"


def frame(
    *rows: str,
    charset: str = "UNICODE UTF-8",
    name: str = "",
    time: str = "20260912120000+0800",
    control_id: str = "77",
) -> str:
    """A plain message with an EUI-64 in MSH-3 and the given OBX rows."""
    return _lines(
        "MSH|^~\\&|MON^00A037EB21A00001^EUI-64||||"
        f"{time}||ORU^R01^ORU_R01|{control_id}|P|2.6|||NE|AL||{charset}",
        f"PID|||||{name}",
        "OBR|1|||182777000^monitoring of patient^SCT",
        *rows,
    )


def seen(raw: str) -> Observation:
    result = decode(raw.encode(), MAKERS)
    assert isinstance(result, Observation), result
    return result


def _lines(*lines: str) -> str:
    return "".join(f"{line}\r" for line in lines)


_TIME = "20260912120000.0000+0530"

# A ward gateway: it stands in MSH-3, the monitor in OBX-18; everything is filled in.
MINDRAY = _lines(
    f"MSH|^~\\&|MINDRAY_EGATEWAY^00A03700273EDE18^EUI-64|MINDRAY|||{_TIME}||ORU^R01^ORU_R01|5512|P"
    "|2.6|||AL|NE||UNICODE UTF-8|||IHE_PCD_001^IHE PCD^1.3.6.1.4.1.19376.1.6.1.1.1^ISO",
    "PID|||^^^Hospital^PI|",
    "PV1||I|ICU^^5^^^^^^00-0F-14-50-72-38",
    f"OBR|1|5512^EGATEWAY|5512^EGATEWAY|182777000^monitoring of patient^SCT|||{_TIME}",
    "OBX|1||69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC|1.0.0.0|||||||X|||||||"
    "000f14049b507238^MONITOR^00-0F-14-04-9B-50-72-38^EUI-64",
    f"OBX|2|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1.3.1.150456|98|262688^MDC_DIM_PERCENT^MDC|||||R|||{_TIME}",
    f"OBX|3|NM|149530^MDC_PULS_OXIM_PULS_RATE^MDC|1.3.1.149530|65|264864^MDC_DIM_BEAT_PER_MIN^MDC|||||R|||{_TIME}",
    f"OBX|4|NM|151578^MDC_TTHOR_RESP_RATE^MDC|1.7.1.151578|17|264928^MDC_DIM_RESP_PER_MIN^MDC|||||R|||{_TIME}",
    f"OBX|5|NM|352^MNDRY_ECG_VPB_RATE^99MNDRY|1.7.2.352|0|264864^MDC_DIM_BEAT_PER_MIN^MDC|||||R|||{_TIME}",
    f"OBX|6|NM|147842^MDC_ECG_HEART_RATE^MDC|1.7.4.147842|66|264864^MDC_DIM_BEAT_PER_MIN^MDC|||||R|||{_TIME}",
    "OBX|7|NM|150021^MDC_PRESS_BLD_NONINV_SYS^MDC|1.1.9.150021|121|266016^MDC_DIM_MMHG^MDC|||||R|||20260912115500.0000+0530",
    "OBX|8|NM|150022^MDC_PRESS_BLD_NONINV_DIA^MDC|1.1.9.150022|79|266016^MDC_DIM_MMHG^MDC|||||R|||20260912115500.0000+0530",
    "OBX|9|NM|150023^MDC_PRESS_BLD_NONINV_MEAN^MDC|1.1.9.150023|93|266016^MDC_DIM_MMHG^MDC|||||R|||20260912115500.0000+0530",
)

# A transport monitor: number in MSH-4, two components in MSH-9, OBX-1 empty, empty PID, no
# offsets, cuff pressures under neighbouring codes, three-part OBX-4, an oximeter that is off.
COMEN = _lines(
    "MSH|^~\\&||KC575235977G|||20260726120500||ORU^R01|20260726120500.0001|P|2.6",
    "PID|||||",
    "PV1||I|^^&24",
    "OBR||||1^MDC_OBS^MDC|||20260726120500",
    "OBX||NM|150017^MDC_PRESS_BLD_NONINV_SYS^MDC|1.1.1|128|266016^MDC_DIM_MMHG^MDC|||||F|||20260726120500",
    "OBX||NM|150018^MDC_PRESS_BLD_NONINV_DIA^MDC|1.1.2|76|266016^MDC_DIM_MMHG^MDC|||||F|||20260726120500",
    "OBX||NM|150019^MDC_PRESS_BLD_NONINV_MEAN^MDC|1.1.3|93|266016^MDC_DIM_MMHG^MDC|||||F|||20260726120500",
    "OBX||NM|147842^MDC_ECG_HEART_RATE^MDC|1.2.1|89|264864^MDC_DIM_BEAT_PER_MIN^MDC|||||F|||20260726120500",
    "OBX||NM|149530^MDC_PULS_OXIM_PULS_RATE^MDC|1.3.1|88|264864^MDC_DIM_BEAT_PER_MIN^MDC|||||F|||20260726120500",
    "OBX||NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1.3.2|97|262688^MDC_DIM_PERCENT^MDC|||||F|||20260726120500",
    "OBX||NM|150344^MDC_TEMP^MDC|1.4.1|98.24|268160^MDC_DIM_FAHR^MDC|||||F|||20260726120500",
    "OBX||NM|151562^MDC_RESP_RATE^MDC|1.5.1|18|264928^MDC_DIM_RESP_PER_MIN^MDC|||||F|||20260726120500",
    "OBX||NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1.1.1|8388607|262688^MDC_DIM_PERCENT^MDC|||||X|||20260726120500",
    "OBX||CNE|2453^COMEN_POS_BODY^99COMEN|1.1.9.2453|2821^COMEN_POS_SITTING^99COMEN||||||F|||20260726120500",
)

# A spot-check device behind a gateway: value type ST, one OBX-4 for all, typing errors.
DOUBTFUL_GATEWAY = _lines(
    "MSH|^~\\&|SPOT^00:40:97:6B:25:59^EUI-64||||20250625114236.0000+0500||ORU^R01^ORU_R01|9|P|2.6",
    "OBR|1|||182777000^monitoring of patient^SCT",
    "OBX|1|ST|^MDC PULS_OXIM_SAT_02^MDC|1.1.1.1|100|%^%^UCUM|||||F|||20250625114236.0000+0500",
    "OBX|3|ST|149530^MDC_PULS_OXIM_PULS_RATE^MDC|1.1.1.1|83|{beats}/min^{beats}/min^UCUM|||||F",
    "OBX|4|ST|150344^MDC_TEMP~MDC|1.1.1.1|36.4|Cel^Cel~UCUM|||||F|||20250625114049.0000+0500",
)

# An older gateway: right names under wrong codes, breaths counted in beats.
GE = _lines(
    "MSH|^~\\&|VSP^080019FFFE134535^EUI-64|GE Healthcare|||20260912120000+0000||ORU^R01^ORU_R01"
    "|12|P|2.6|||NE|AL||UNICODE UTF-8|||PCD_DEC_001^IHE PCD^1.3.6.1.4.1.19376.1.6.1.1.1^ISO",
    "PID|||HED12^^^PID^MR||^^^^^^L|||",
    "OBX|1||69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC|1.0.0.0|||||||X",
    "OBX|4|NM|147842^MDC_ECG_HEART_RATE^MDC|1.5.1.1|72|264864^MDC_DIM_BEAT_PER_MIN^MDC|||||R|||||||080019FFFE134535^B1X5_GE",
    "OBX|6|NM|147844^MDC_ECG_RESP_RATE^MDC|1.5.1.3|16|264864^MDC_DIM_BEAT_PER_MIN^MDC|||||R|||||||080019FFFE134535^B1X5_GE",
    "OBX|7|NM|150456^MDC_CO2_ET^MDC|1.7.1.1|35|266016^MDC_DIM_MMHG^MDC|||||R|||||||080019FFFE134535^B1X5_GE",
    "OBX|8|NM|150457^MDC_CO2_INSP^MDC|1.7.1.2|0|266016^MDC_DIM_MMHG^MDC|||||R|||||||080019FFFE134535^B1X5_GE",
)
