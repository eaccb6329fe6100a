"""Asking a terminal for its live video: 0x9101 of JT/T 1078-2016, which rides on JT/T 808.

Rule 1: codes are bare numbers, since terminals know others than the standard's.
"""

from typing import Final

from goldenhour.kernel.record import Record
from goldenhour.wire.jt808.fields import Cursor, decode_text, encode_text
from goldenhour.wire.jt808.values import UnencodableError, Version

_LONGEST_HOST: Final = 255


class SendVideo(Record):
    """0x9101; the terminal's answer is the general one, and a stream of JT/T 1078."""

    host: str
    """An address or a name, where the stream is to go."""
    tcp_port: int
    """0: not by TCP."""
    channel: int
    udp_port: int = 0
    data: int = 0
    """0 sound and pictures, 1 pictures, 2 talk, 3 listen, 4 to all, 5 transparent."""
    stream: int = 0
    """0 the main one, 1 the smaller one."""


def decode_send_video(cursor: Cursor, _version: Version) -> SendVideo:
    host = decode_text(cursor.take(cursor.number(1, "host"), "host"))
    tcp_port, udp_port = cursor.number(2, "tcp_port"), cursor.number(2, "udp_port")
    return SendVideo(
        host=host,
        tcp_port=tcp_port,
        udp_port=udp_port,
        channel=cursor.number(1, "channel"),
        data=cursor.number(1, "data"),
        stream=cursor.number(1, "stream"),
    )


def encode_send_video(body: SendVideo, _version: Version) -> bytes:
    host = encode_text(body.host, "host")
    if len(host) > _LONGEST_HOST:
        raise UnencodableError(f"host: {len(host)} bytes do not fit {_LONGEST_HOST}")
    return b"".join(
        (
            len(host).to_bytes(1),
            host,
            body.tcp_port.to_bytes(2),
            body.udp_port.to_bytes(2),
            body.channel.to_bytes(1),
            body.data.to_bytes(1),
            body.stream.to_bytes(1),
        )
    )
