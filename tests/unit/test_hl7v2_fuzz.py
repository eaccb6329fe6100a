"""Damaged messages give a value or a refusal; nothing is raised and nothing impossible charts."""

from hl7v2_alarm_frames import EVERY
from hl7v2_frames import (
    COMEN,
    COMEN_SPOT,
    DOUBTFUL_GATEWAY,
    GE,
    MAKERS,
    MINDRAY,
    NORTHERN,
    XH80X,
)
from hypothesis import given
from hypothesis import strategies as st

from goldenhour.wire.hl7v2 import (
    AckCode,
    Framer,
    Observation,
    Rejected,
    build_ack,
    decode,
    wrap,
)
from goldenhour.wire.hl7v2.mdc import LIMITS

FRAMES = [
    text.encode()
    for text in (COMEN, COMEN_SPOT, DOUBTFUL_GATEWAY, GE, MINDRAY, NORTHERN, XH80X, *EVERY)
]
TELLING = st.sampled_from(
    [
        *(b"|", b"^", b"~", b"\\", b"&", b"\r", b"\x0b", b"\x1c", b"9" * 400, b".", b"-", b"+9999"),
        *(
            b"8388607",
            b"1" * 5_000,
            b"\xff",
            "张".encode("gb18030"),
            "９".encode(),
            b"MSH",
            b"OBX|",
        ),
    ]
)
EDIT = st.tuples(
    st.floats(0, 1), st.integers(0, 12), st.one_of(TELLING, st.binary(max_size=4), st.just(b""))
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    raw = draw(st.sampled_from(FRAMES))
    for share, length, put in draw(st.lists(EDIT, max_size=8)):
        at = int(share * len(raw))
        raw = raw[:at] + put + raw[at + length :]
    return raw


@given(st.one_of(damaged(), st.binary(max_size=200)))
def test_damage_gives_a_typed_result_and_an_answer(raw: bytes) -> None:
    result = decode(raw, MAKERS)
    assert isinstance(result, Observation | Rejected)
    if isinstance(result, Observation):
        signs = [numeric.sign for numeric in result.values]
        assert len(signs) == len(set(signs))
        for numeric in result.values:
            low, high = LIMITS[numeric.sign]
            assert numeric.note if numeric.value is None else low <= numeric.value <= high
        assert all(alarm.words and len(alarm.words) <= 120 for alarm in result.alarms)
    ack = build_ack(result.envelope, AckCode.ERROR, at_ms=0, field="PID-5", text="张|\r三")
    signs_of = result.envelope.separators
    assert ack.decode(result.envelope.charset).startswith(f"MSH{signs_of.bar}{signs_of.caret}")


@given(st.lists(damaged(), max_size=4), st.lists(st.integers(1, 700), min_size=1, max_size=8))
def test_however_a_stream_is_cut_the_messages_are_the_same(
    messages: list[bytes], cuts: list[int]
) -> None:
    stream = b"".join(wrap(message) for message in messages)
    whole = [item for item in Framer().feed(stream) if isinstance(item, bytes)]
    framer, at, cut = Framer(), 0, 0
    pieces: list[bytes] = []
    while at < len(stream):
        size = cuts[cut % len(cuts)]
        pieces += [i for i in framer.feed(stream[at : at + size]) if isinstance(i, bytes)]
        at, cut = at + size, cut + 1
    assert pieces == whole
