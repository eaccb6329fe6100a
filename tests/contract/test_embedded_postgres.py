"""The embedded PostgreSQL: start, refusal, and what remains after a kill."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from goldenhour.adapters.postgres.embedded import OWNER, EmbeddedError, EmbeddedServer, embedded


@pytest.fixture
def data() -> Iterator[Path]:
    # Not tmp_path: under root PostgreSQL's own account must be able to enter.
    with tempfile.TemporaryDirectory(prefix="goldenhour-test-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "postgres"


def _ask(server: EmbeddedServer, statement: str) -> object:
    with psycopg.connect(server.conninfo(OWNER, "postgres")) as connection:
        row = connection.execute(statement).fetchone()
    return None if row is None else row[0]


def _write(server: EmbeddedServer, statement: str) -> None:
    with psycopg.connect(server.conninfo(OWNER, "postgres")) as connection:
        connection.execute(statement)


def test_data_is_there_at_the_second_start(data: Path) -> None:
    with embedded(data) as server:
        _write(server, "create table kept as select 42 as n")
        assert _ask(server, "show data_checksums") == "on"
        assert _ask(server, "show fsync") == "on"
    assert not (data / "postmaster.pid").exists()
    with embedded(data) as server:
        assert _ask(server, "select n from kept") == 42


def test_server_listens_on_no_port_and_its_socket_is_closed_to_others(data: Path) -> None:
    with embedded(data) as server:
        assert _ask(server, "show listen_addresses") == ""
        sockets = Path(str(_ask(server, "show unix_socket_directories")))
        assert sockets.stat().st_mode & 0o777 == 0o700


def test_a_second_owner_of_the_same_data_is_refused_in_plain_words(data: Path) -> None:
    with (
        embedded(data) as server,
        pytest.raises(EmbeddedError, match=f"already runs on .*process {os.getpid()}"),
        embedded(data),
    ):
        pytest.fail("two servers on one data folder")
    assert server.pid is None


def test_data_of_another_release_is_refused(data: Path) -> None:
    with embedded(data):
        pass
    (data / "PG_VERSION").write_text("17\n")
    with pytest.raises(EmbeddedError, match="written by PostgreSQL 17"), embedded(data):
        pytest.fail("started on data of another release")


def test_an_initialisation_cut_short_is_done_again(data: Path) -> None:
    half = data.with_name("postgres.new")
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    with embedded(data) as server:
        assert _ask(server, "select 1") == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes to another account")
def test_under_root_an_unreachable_folder_is_named(data: Path) -> None:
    data.parent.chmod(0o700)
    with pytest.raises(EmbeddedError, match=f"cannot enter {data.parent}"), embedded(data):
        pytest.fail("started where its account cannot enter")


def test_a_killed_server_is_revived_with_what_was_committed(data: Path) -> None:
    with embedded(data) as server:
        _write(server, "create table kept as select 7 as n")
        assert not server.revive()
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        os.waitid(os.P_PID, server.pid, os.WEXITED | os.WNOWAIT)
        assert server.revive()
        assert _ask(server, "select n from kept") == 7


_PARENT = """
import sys
from pathlib import Path
from goldenhour.adapters.postgres.embedded import embedded
with embedded(Path(sys.argv[1])) as server:
    print(server.pid, flush=True)
    sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's promise is Linux's")
def test_no_server_survives_its_killed_parent(data: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _PARENT, str(data)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as parent:
        assert parent.stdout is not None
        server_pid = int(parent.stdout.readline())
        server_end = os.pidfd_open(server_pid)
        parent.kill()
        try:
            _await_exit(server_end)
        finally:
            os.close(server_end)
    assert not (data / "postmaster.pid").exists(), "it was killed, not stopped"
    with embedded(data) as server:
        assert _ask(server, "select 1") == 1


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_start_after_parent_and_server_were_killed_at_once(data: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _PARENT, str(data)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as parent:
        assert parent.stdout is not None
        server_pid = int(parent.stdout.readline())
        parent.send_signal(signal.SIGSTOP)  # it reaps no one
        os.kill(server_pid, signal.SIGKILL)
        parent.kill()
    # A number that is alive, as after a restart of the machine, misleads PostgreSQL itself.
    pid_file = data / "postmaster.pid"
    assert pid_file.exists()
    pid_file.write_text(pid_file.read_text().replace(str(server_pid), str(os.getppid()), 1))
    with embedded(data) as server:
        assert _ask(server, "select 1") == 1


def _await_exit(pidfd: int) -> None:
    import select  # noqa: PLC0415 (Linux only)

    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    assert poll.poll(30_000), "the process still runs"
