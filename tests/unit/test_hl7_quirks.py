"""Makers' departures as a table: each row does something, and none touches another's message."""

import shutil
from importlib.resources import files
from pathlib import Path

import pytest
from hl7v2_frames import COMEN_SPOT, DOUBTFUL_GATEWAY, GE, MINDRAY, NORTHERN, XH80X, frame, obx
from hypothesis import given
from hypothesis import strategies as st

from goldenhour.app.accounts import Device
from goldenhour.app.devices import Registered, register
from goldenhour.content import ContentError
from goldenhour.content.devices import FILE, load_quirks
from goldenhour.kernel.telemetry import Sign
from goldenhour.simulator.meters import Measurement, MeterKind, MeterTrouble, report
from goldenhour.wire.hl7v2 import Maker, Observation, decode
from goldenhour.wire.hl7v2.mdc import METRICS

MAKERS = {maker.id: maker for maker in load_quirks().makers}
METER = Measurement(
    device_id="0200000100000001",
    kind=MeterKind.GLUCOSE,
    value=5.4,
    unit="mmol/L",
    at_ms=1_767_225_600_000,
)
FRAMES = {
    "ge_b1x5": GE.encode(),
    "oxygen_with_a_zero": DOUBTFUL_GATEWAY.encode(),
    "comen_nc": COMEN_SPOT.encode(),
    "xh80x": XH80X.encode(),
    "northern": NORTHERN.encode(),
    "goldenhour_meter": report(METER, MeterTrouble.OWN_CODE),
}


def read(raw: bytes, *makers: Maker) -> Observation:
    result = decode(raw, makers)
    assert isinstance(result, Observation), result
    return result


class NoDevices:
    """An `app.devices.Devices` in which nothing is registered yet."""

    async def find_device(self, _device_id: str, _kind: str) -> Device | None:
        return None

    async def list_devices(self, _kind: str) -> list[Device]:
        return []

    async def put_device(self, device: Device) -> None:
        pass

    async def forget_key_given(self, _device_id: str) -> None:
        pass


async def may_be_registered(device_id: str) -> bool:
    found = await register(
        NoDevices(), bytes, kind="monitor", unit_id="u1", call_sign="u1", device_id=device_id
    )
    return isinstance(found, Registered) and found.device.id == device_id


def values(raw: bytes, *makers: Maker) -> dict[Sign, tuple[float | None, str]]:
    return {n.sign: (n.value, n.note) for n in read(raw, *makers).values}


def test_every_row_has_a_frame_here() -> None:
    assert set(FRAMES) == set(MAKERS)


@pytest.mark.parametrize("ident", sorted(FRAMES))
def test_a_row_changes_its_makers_frame_and_no_other(ident: str) -> None:
    row = MAKERS[ident]
    assert read(FRAMES[ident], row) != read(FRAMES[ident])
    for other, raw in FRAMES.items():
        if other != ident:
            assert read(raw, row) == read(raw)


@pytest.mark.parametrize(
    ("ident", "device_id"),
    [
        ("ge_b1x5", "080019FFFE134535"),
        ("oxygen_with_a_zero", "0040976B2559"),
        ("comen_nc", "NC_MONITOR"),
        ("xh80x", "00A037009B000000"),
        ("northern", "NORTHERN"),
        ("goldenhour_meter", "0200000100000001"),
    ],
)
async def test_every_makers_device_may_be_registered(ident: str, device_id: str) -> None:
    assert read(FRAMES[ident], MAKERS[ident]).device_id == device_id
    assert await may_be_registered(device_id)


@pytest.mark.parametrize(
    ("name", "device_id"),
    [
        ("Monitor 7/b (Straße)", "MONITOR-7-B--STRASSE-"),
        ("监护仪 2", "----2"),
        ("m" * 200, "M" * 64),
        ("MON^00-a0 37:eb/21^EUI-64", "00A0-37EB-21"),
    ],
)
async def test_whatever_a_device_calls_itself_may_be_registered(name: str, device_id: str) -> None:
    raw = frame(obx("150456^MDC_PULS_OXIM_SAT_O2^MDC", "97", "%")).replace(
        "MON^00A037EB21A00001^EUI-64", name
    )
    assert read(raw.encode()).device_id == device_id
    assert await may_be_registered(device_id)


def test_a_cuff_under_names_of_its_own_and_the_oximeter_of_the_row() -> None:
    found = values(FRAMES["comen_nc"], MAKERS["comen_nc"])
    assert found == {
        Sign.PULSE: (60, ""),
        Sign.SPO2: (98, ""),
        Sign.NIBP_SYS: (121, ""),
        Sign.NIBP_DIA: (79, ""),
        Sign.NIBP_MEAN: (91, ""),
    }
    assert values(FRAMES["comen_nc"])[Sign.SPO2] == (88, "")  # the lower place, without the row


def test_numbers_that_stand_for_nothing_are_called_so() -> None:
    assert values(FRAMES["xh80x"], MAKERS["xh80x"]) == {
        Sign.SPO2: (None, "not available (-999)"),
        Sign.NIBP_SYS: (118, ""),
        Sign.TEMP: (None, "not available (-99.9)"),
    }
    assert values(FRAMES["northern"], MAKERS["northern"]) == {
        Sign.SPO2: (None, "not available (-100)"),
        Sign.NIBP_SYS: (142, ""),
        Sign.NIBP_DIA: (100, ""),
        Sign.TEMP: (None, "impossible: 384.5 is outside 0 to 50"),
    }


rows = st.builds(
    obx,
    st.sampled_from([f"{code}^{name}^MDC" for code, name, _sign in METRICS]),
    st.sampled_from(["0", "37", "97.5", "-999", "8388607", "LO", "", "12^13"]),
    st.sampled_from(["", "262688^MDC_DIM_PERCENT^MDC", "266016^MDC_DIM_MMHG^MDC", "mmol/L"]),
    place=st.sampled_from(["1.1.1.1", "1.3.2.1", "1.10.1", ""]),
    status=st.sampled_from(["R", "F", "X", ""]),
)


@given(st.lists(rows, max_size=8))
def test_a_message_of_a_maker_without_a_row_is_read_as_without_a_table(listed: list[str]) -> None:
    raw = frame(*listed).encode()
    assert decode(raw, MAKERS.values()) == decode(raw)


def test_a_profile_conformant_gateway_needs_no_row() -> None:
    assert read(MINDRAY.encode(), *MAKERS.values()) == read(MINDRAY.encode())


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('id = "xh80x"', 'id = "northern"', "makers.northern: stands twice"),
        ("sender = '^northern$'\n", "", "makers.northern: needs a pattern"),
        ("sender = '^northern$'", "sender = '('", "makers.northern.sender"),
        ('temp = "degC" }', 'temp = "mmHg" }', "makers.goldenhour_meter.units: 'mmHg'"),
        ('prefer = ["1.3"]', 'prefer = ["upper"]', "makers.comen_nc.prefer: 'upper'"),
        ('= "etco2"', '= "co2"', "co2"),
        ("name_first = true", "name_last = true", "name_last"),
    ],
)
def test_a_faulty_table_is_refused(tmp_path: Path, old: str, new: str, says: str) -> None:
    shutil.copy(str(files("goldenhour.content") / FILE), tmp_path)
    text = (tmp_path / FILE).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / FILE).write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ContentError) as refused:
        load_quirks(tmp_path)
    assert refused.value.file == FILE
    assert says in refused.value.reason
