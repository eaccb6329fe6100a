"""The order to send video, as others write it.

Frame: SmallChi/JT808, extension for JT/T 1078, its test of 0x9101 (MIT).
"""

import pytest

from goldenhour.wire.jt808 import Malformed, Message, Splitter, UnencodableError, Version
from goldenhour.wire.jt808 import decode as read
from goldenhour.wire.jt808 import encode as write
from goldenhour.wire.jt808.video import SendVideo

THEIRS = "7E910100110123456798100001093132372E302E302E31076000000101014C7E"
ORDER = SendVideo(host="127.0.0.1", tcp_port=1888, udp_port=0, channel=1, data=1, stream=1)


def test_the_order_of_another_library_is_read_and_written_byte_for_byte() -> None:
    (frame,) = Splitter().feed(bytes.fromhex(THEIRS))
    assert isinstance(frame, bytes)
    message = read(frame)
    assert isinstance(message, Message)
    assert message.body == ORDER
    ours = write(ORDER, version=Version.V2013, phone="12345679810", serial=1)
    assert ours.hex().upper() == THEIRS


@pytest.mark.parametrize(
    "body", ["", "09", "093132372E302E302E31", "093132372E302E302E31076000000101"]
)
def test_an_order_that_ends_too_early_is_refused(body: str) -> None:
    data = bytes.fromhex(body)
    header = bytes.fromhex(f"9101{len(data):04X}0123456798100001")
    content = header + data
    check = 0
    for byte in content:
        check ^= byte
    (frame,) = Splitter().feed(b"\x7e" + content + bytes([check]) + b"\x7e")
    assert isinstance(frame, bytes)
    assert isinstance(read(frame), Malformed)


@pytest.mark.parametrize(
    "order",
    [
        SendVideo(host="x" * 256, tcp_port=1, channel=1),
        SendVideo(host="\u0e01", tcp_port=1, channel=1),
        SendVideo(host="x", tcp_port=65_536, channel=1),
        SendVideo(host="x", tcp_port=1, channel=256),
    ],
)
def test_an_order_that_has_no_form_is_not_written(order: SendVideo) -> None:
    with pytest.raises(UnencodableError):
        write(order, version=Version.V2019, phone="1", serial=1)
