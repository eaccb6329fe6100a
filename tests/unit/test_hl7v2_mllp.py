import pytest

from goldenhour.wire.hl7v2 import Broken, Framer, wrap


def _feed_bytewise(framer: Framer, data: bytes) -> list[bytes | Broken]:
    return [item for at in range(len(data)) for item in framer.feed(data[at : at + 1])]


def test_chunks_of_any_size_give_the_same_messages() -> None:
    stream = wrap(b"MSH|one\r") + b"\r\n" + wrap(b"") + wrap("MSH|张三\r".encode("gb18030"))
    expected = [b"MSH|one\r", b"", "MSH|张三\r".encode("gb18030")]
    assert list(Framer().feed(stream)) == expected
    assert _feed_bytewise(Framer(), stream) == expected


@pytest.mark.parametrize("bytewise", [False, True])
@pytest.mark.parametrize(
    ("damage", "text", "dropped_bytes"),
    [
        (b"GET / HTTP/1.1", "outside a frame", 14),
        (b"\x0bMSH|cut", "a new frame began inside a frame", 7),
        (b"\x0bMSH|12\x1c0", "1C without 0D", 7),
        (b"\x0bMSH\x1c", "1C without 0D", 4),
        (b"\x0b\x1c\x1c", "1C without 0D", 1),
    ],
)
def test_after_damage_the_next_frame_is_whole(
    damage: bytes, text: str, dropped_bytes: int, *, bytewise: bool
) -> None:
    framer = Framer()
    stream = damage + wrap(b"MSH|good")
    items = _feed_bytewise(framer, stream) if bytewise else list(framer.feed(stream))
    assert items[0] == Broken(text=text, dropped_bytes=dropped_bytes)
    assert items[-1] == b"MSH|good"
    assert [item for item in items if isinstance(item, bytes)] == [b"MSH|good"]


def test_an_endless_message_is_dropped_and_never_kept() -> None:
    framer = Framer(max_bytes=100)
    assert framer.feed(wrap(b"x" * 100)) == (b"x" * 100,)
    first = framer.feed(b"\x0b" + b"x" * 101)
    assert first == (Broken(text="longer than 100 bytes", dropped_bytes=101),)
    assert framer.feed(b"x" * 10_000) == ()
    assert len(framer._kept) == 0
    assert framer.feed(b"\x1c\r" + wrap(b"good"))[-1] == b"good"
