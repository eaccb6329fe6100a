"""A dead connection is known by its end of the line, without asking the server."""

import os

import pytest
from psycopg import OperationalError

from goldenhour.adapters.postgres.pool import hung_up


class Pipe:
    """A connection's end of the line; `far` is the server's."""

    def __init__(self) -> None:
        self.socket, self.far = os.pipe()

    def consume_input(self) -> None:
        if not os.read(self.socket, 10):
            raise OperationalError("server closed the connection unexpectedly")


@pytest.mark.parametrize("said", [b"", b"a notice that is longer than what is read at once"])
def test_who_says_nothing_or_only_a_notice_is_there(said: bytes) -> None:
    line = Pipe()
    os.write(line.far, said)
    assert not hung_up(line)
    assert not hung_up(line)
    os.close(line.far)
    assert hung_up(line)
    os.close(line.socket)


def test_last_words_and_the_end_of_the_line_are_the_end() -> None:
    line = Pipe()
    os.write(line.far, b"FATAL: terminating connection due to administrator command")
    os.close(line.far)
    assert hung_up(line)
    os.close(line.socket)


def test_a_connection_without_a_line_is_dead() -> None:
    class Closed:
        @property
        def socket(self) -> int:
            raise OperationalError("the connection is lost")

        def consume_input(self) -> None: ...

    assert hung_up(Closed())
