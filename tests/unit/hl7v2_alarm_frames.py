"""Alarm messages (ORU^R40, IHE PCD-04) in the manner of public ones; each says whose.

The public ones stand in test suites and gateways of others: a Mindray gateway that tells of a lead,
a Masimo oximeter's low saturation, a GE gateway's advisory, an ICU Medical and a B. Braun pump.
"""

# ruff: noqa: E501 (a row of a message reads best as one line)
from hl7v2_frames import _lines

EUI = "00A037EB21A00001"
_PCD04 = "IHE_PCD_ACM_001^IHE PCD^1.3.6.1.4.1.19376.1.6.1.4.1^ISO"


def told(sender: str, *rows: str, request: str = "196616^MDC_EVT_ALARM^MDC") -> str:
    return _lines(
        f"MSH|^~\\&|{sender}|WARD|||20260912120000+0800||ORU^R40^ORU_R40|9001|P|2.6|||AL|NE||"
        f"UNICODE UTF-8|||{_PCD04}",
        "PID|||^^^Hospital^PI||||",
        f"OBR|1|9001^SENDER|9001^SENDER|{request}|||20260912120000+0800",
        *rows,
    )


LEAD_OFF = told(
    f"MINDRAY_^{EUI}^EUI-64",
    "OBX|1|CWE|196616^MDC_EVT_ALARM^MDC|1.7.0.196680.1|196680^MDC_EVT_LEAD_OFF^MDC|||A~PL~ST|||R|||20260912120000+0800",
    "OBX|3|ST|68481^MDC_ATTR_EVENT_PHASE^MDC|1.7.0.196680.3|start",
    "OBX|4|ST|68482^MDC_ATTR_ALARM_STATE^MDC|1.7.0.196680.4|active",
    "OBX|6|ST|68484^MDC_ATTR_ALARM_PRIORITY^MDC|1.7.0.196680.6|PL",
)
LEAD_ON = LEAD_OFF.replace("|start", "|end").replace("|active", "|inactive")
LOW_SPO2 = told(
    f"PSN^{EUI}^EUI-64",
    "OBX|1||69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC|1.0.0.0|||||||X",
    "OBX|3|ST|196674^MDC_EVT_LO_VAL_LT_LIM^MDC|1.1.0.1.1|SPO2 LOW|||L~PH~SP|||R|||20260912120000+0800",
    "OBX|4|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1.1.0.1.2|82|262688^MDC_DIM_PERCENT^MDC|>90||||R",
    "OBX|5|ST|68481^MDC_ATTR_EVENT_PHASE^MDC|1.1.0.1.3|start||||||R",
    "OBX|6|ST|68482^MDC_ATTR_ALARM_STATE^MDC|1.1.0.1.4|active||||||R",
    "OBX|7|ST|68483^MDC_ATTR_ALARM_INACTIVATION_STATE^MDC|1.1.0.1.5|audio-paused||||||R",
)
ADVISORY = told(
    f"GE_GATEWAY^{EUI}^EUI-64",
    "OBX|1||69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC|1.0.0.0|||||||X",
    "OBX|2|ST|0^MDCX_EVT_ALERT_ADVISORY^MDC|1.0.0.0.1|HYPERTENSION-Alert Recheck BP|||A~PM~SA|||R",
    "OBX|3|ST|68164^MDC_ATTR_ALERT_SOURCE^MDC|1.0.0.0.2|GE_GATEWAY|||A~PM~SA|||R",
    "OBX|4|ST|68165^MDC_ATTR_EVENT_PHASE^MDC|1.0.0.0.3|update|||A~PM~SA|||R",
    "OBX|5|ST|68166^MDC_ATTR_ALERT_STATE^MDC|1.0.0.0.4|active|||A~PM~SA|||R",
)
PUMP = told(
    f"PAT_DEVICE^{EUI}^EUI-64",
    "OBX|3|ST|531975^MDC_ID_PROD_SPEC_SW^MDC|43455986.1.0.1|InfuserType=PUMP||||||X",
    "OBX|6|ST|196616^MDC_EVT_ALARM^MDC|21766848.1.0.0.1|56^MDC_EVT_DOOR_POSN_ERR^MDC^^^^^^Cassette Eject Lever||||||R",
    "OBX|7|ST|68480^MDC_ATTR_ALERT_SOURCE^MDC|21766848.1.0.0.2|||||||R",
    "OBX|8|ST|68481^MDC_ATTR_EVENT_PHASE^MDC|21766848.1.0.0.3|start||||||R",
    "OBX|9|ST|68482^MDC_ATTR_ALARM_STATE^MDC|21766848.1.0.0.4|active||||||R",
    "OBX|11|ST|68484^MDC_ATTR_ALARM_PRIORITY^MDC|21766848.1.0.0.6|20||||||R",
    "OBX|12|ST|68485^MDC_ATTR_ALERT_TYPE^MDC|21766848.1.0.0.7|ST||||||R",
)
INFUSION = told(
    f"PAT_DEVICE_B^{EUI}^EUI-64",
    "OBX|3|CWE|196616^MDC_EVT_ALARM^MDC|1.1.0.0.1|196940^MDC_EVT_FLUID_LINE_OCCL^MDC||||||F",
    "OBX|4|CWE|68480^MDC_ATTR_ALERT_SOURCE^MDC|1.1.0.0.2|69985^MDC_DEV_PUMP_INFUS_MDS^MDC||||||F",
    "OBX|5|ST|68481^MDC_ATTR_EVENT_PHASE^MDC|1.1.0.0.3|end||||||F",
    "OBX|6|ST|68482^MDC_ATTR_ALARM_STATE^MDC|1.1.0.0.4|latched||||||F",
    "OBX|8|ST|68484^MDC_ATTR_ALARM_PRIORITY^MDC|1.1.0.0.6|PM||||||F",
    "OBX|9|ST|68485^MDC_ATTR_ALERT_TYPE^MDC|1.1.0.0.7|ST||||||F",
    "OBX|10|ST|68546^MDC_ATTR_ALERT_TEXT^MDC|1.1.0.0.8|Line occluded||||||F",
    "OBX|11|ST|67972^MDC_ATTR_SYS_ID^MDC|1.1.0.9|P-7||||||F",
)
EVERY = (LEAD_OFF, LEAD_ON, LOW_SPO2, ADVISORY, PUMP, INFUSION)
