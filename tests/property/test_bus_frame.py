import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldenhour.adapters.bus.frame import (
    FRAME_MAX_BYTES,
    LENGTH_BYTES,
    FrameError,
    decode_body,
    decode_length,
    encode,
)


@given(st.text(min_size=1, max_size=50), st.binary(max_size=2000))
def test_what_is_framed_is_read_back(topic: str, payload: bytes) -> None:
    frame = encode(topic, payload)
    head, body = frame[:LENGTH_BYTES], frame[LENGTH_BYTES:]
    assert decode_length(head) == len(body)
    assert decode_body(body) == (topic, payload)


@given(st.binary(max_size=8), st.binary(max_size=300))
def test_any_bytes_give_a_frame_or_an_error_that_names_its_field(head: bytes, body: bytes) -> None:
    for read, raw in ((decode_length, head), (decode_body, body)):
        try:
            read(raw)
        except FrameError as error:
            message = str(error)
        else:
            continue
        assert message.startswith(("length:", "topic length:", "topic:"))


@pytest.mark.parametrize(
    ("topic", "payload", "field"),
    [("", b"", "topic"), ("x" * 65_536, b"", "topic"), ("x", bytes(FRAME_MAX_BYTES), "payload")],
)
def test_what_cannot_be_framed_is_refused(topic: str, payload: bytes, field: str) -> None:
    with pytest.raises(FrameError, match=f"^{field}"):
        encode(topic, payload)
