"""The supervisor with real processes, in a process of its own as in the product."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

_PRELUDE = """
import sys
from pathlib import Path
from goldenhour.main.supervisor import *

FOLDER = Path(sys.argv[1])

def child(name, code, **other):
    return Child(name=name, command=(sys.executable, "-c", code), env={}, **other)

POLITE = '''
import os, signal, sys
def stop(*_):
    print("stopping", flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
print("pid", os.getpid(), flush=True)
while True: signal.pause()
'''
READY = ReadyLine(text="pid")
"""


@contextmanager
def _supervisor(folder: Path, script: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", _PRELUDE + script, str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _read_until(output: IO[str] | None, text: str) -> str:
    assert output is not None
    seen = []
    for line in output:
        seen.append(line)
        if text in line:
            return line
    pytest.fail(f"{text!r} was never printed:\n{''.join(seen)}")


def _pid_in(line: str) -> int:
    return int(line.rsplit(maxsplit=1)[-1])


def test_children_start_in_order_and_stop_in_reverse(tmp_path: Path) -> None:
    script = """
Supervisor([child("first", POLITE, ready=READY), child("second", POLITE, ready=READY)],
           on_ready=lambda: print("all ready", flush=True)).run()
"""
    with _supervisor(tmp_path, script) as process:
        assert _read_until(process.stdout, "pid").startswith("first ")
        assert _read_until(process.stdout, "pid").startswith("second")
        _read_until(process.stdout, "all ready")
        process.send_signal(signal.SIGINT)
        rest = process.communicate()[0].splitlines()
    assert rest == ["second | stopping", "first  | stopping"]
    assert process.returncode == 0


def test_a_child_may_start_beside_the_one_before_and_the_next_waits_for_both(
    tmp_path: Path,
) -> None:
    # The first is ready only once the second has left its mark: one after the other would hang.
    script = """
WAITS = "import sys, time, os\\nwhile not os.path.exists(sys.argv[1]): time.sleep(0.01)\\n" + POLITE
MARKS = "import sys\\nopen(sys.argv[1], 'w').close()\\n" + POLITE
first, second, third = (
    msgspec.structs.replace(child(name, code, ready=READY, beside=beside),
                            command=(sys.executable, "-c", code, str(FOLDER / "mark")))
    for name, code, beside in
    (("first", WAITS, False), ("second", MARKS, True), ("third", POLITE, False)))
Supervisor([first, second, third], on_ready=lambda: print("all ready", flush=True)).run()
"""
    with _supervisor(tmp_path, "import msgspec\n" + script) as process:
        both = {_read_until(process.stdout, "pid").split()[0] for _ in range(2)}
        assert both == {"first", "second"}
        assert _read_until(process.stdout, "pid").startswith("third")
        _read_until(process.stdout, "all ready")
        process.send_signal(signal.SIGINT)
        process.communicate()
    assert process.returncode == 0


def test_a_dead_child_is_started_again_and_the_other_lives_on(tmp_path: Path) -> None:
    script = """
Supervisor([child("a", POLITE, ready=READY), child("b", POLITE, ready=READY)]).run()
"""
    with _supervisor(tmp_path, script) as process:
        steady = _pid_in(_read_until(process.stdout, "pid"))
        os.kill(_pid_in(_read_until(process.stdout, "pid")), signal.SIGKILL)
        assert _read_until(process.stdout, "ended") == (
            "b | ended with exit code -9; starting it again\n"
        )
        assert _read_until(process.stdout, "pid").startswith("b | ")
        os.kill(steady, 0)  # raises if it is gone
        process.send_signal(signal.SIGTERM)
        assert process.communicate()[0] == "b | stopping\na | stopping\n"
    assert process.returncode == 0


def test_end_by_the_signal_itself_counts_as_clean(tmp_path: Path) -> None:
    # As uvicorn does: it stops cleanly, then lets SIGTERM end it.
    script = """
CODE = 'import os, signal; print("pid", os.getpid(), flush=True); signal.pause()'
Supervisor([child("web", CODE, ready=READY)]).run()
"""
    with _supervisor(tmp_path, script) as process:
        _read_until(process.stdout, "pid")
        process.send_signal(signal.SIGTERM)
        assert process.communicate()[0] == ""
    assert process.returncode == 0


def test_a_child_that_ignores_the_stop_is_killed(tmp_path: Path) -> None:
    script = """
import goldenhour.main.supervisor as module
module.STOPS_WITHIN_S = 0.3
CODE = '''
import os, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("pid", os.getpid(), flush=True)
while True: signal.pause()
'''
Supervisor([child("deaf", CODE, ready=READY)]).run()
"""
    with _supervisor(tmp_path, script) as process:
        _read_until(process.stdout, "pid")
        process.send_signal(signal.SIGTERM)
        assert "did not stop cleanly (exit code -9)" in process.communicate()[0]


def test_a_child_that_never_gets_ready_is_named_with_its_last_words(tmp_path: Path) -> None:
    script = """
try:
    Supervisor([child("mute", "print('no licence'); input()", ready=READY, ready_within_s=1)]).run()
except SupervisorError as error:
    print("REFUSED", error)
"""
    with _supervisor(tmp_path, script) as process:
        output = process.communicate()[0]
    assert "REFUSED mute was not ready after 1 s; it printed last:\n" in output
    assert "  no licence" in output


def test_readiness_by_http_and_by_socket(tmp_path: Path) -> None:
    script = """
SERVE = '''
import http.server, sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(204); self.end_headers()
    def log_message(self, *_): pass
server = http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Answer)
server.serve_forever()
'''
LISTEN = '''
import socket, sys
with socket.socket(socket.AF_UNIX) as s:
    s.bind(sys.argv[1]); s.listen()
    while True: s.accept()[0].close()
'''
import socket
with socket.socket() as s:
    s.bind(("127.0.0.1", 0)); port = s.getsockname()[1]
path = str(FOLDER / "s")
run = lambda name, code, arg, ready: Child(
    name=name, command=(sys.executable, "-c", code, arg), env={}, ready=ready)
Supervisor([run("http", SERVE, str(port), ReadyHttp(url=f"http://127.0.0.1:{port}/")),
            run("unix", LISTEN, path, ReadySocket(path=path))],
           on_ready=lambda: print("all ready", flush=True)).run()
"""
    with _supervisor(tmp_path, script) as process:
        _read_until(process.stdout, "all ready")
        process.send_signal(signal.SIGTERM)
        process.communicate()
    assert process.returncode == 0


def test_a_failing_tick_is_told_and_ends_nothing(tmp_path: Path) -> None:
    script = """
def fail(): raise RuntimeError("no disk")
Supervisor([child("a", POLITE, ready=READY)], tick=fail).run()
"""
    with _supervisor(tmp_path, script) as process:
        _read_until(process.stdout, "supervisor: no disk; trying again")
        process.send_signal(signal.SIGTERM)
        assert "a | stopping" in process.communicate()[0]


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's promise is Linux's")
def test_no_child_survives_the_killed_supervisor(tmp_path: Path) -> None:
    with _supervisor(tmp_path, 'Supervisor([child("a", POLITE, ready=READY)]).run()') as process:
        end = os.pidfd_open(_pid_in(_read_until(process.stdout, "pid")))
        process.kill()
        poll = select.poll()
        poll.register(end, select.POLLIN)
        try:
            assert poll.poll(30_000), "the child still runs"
        finally:
            os.close(end)


@pytest.mark.skipif(sys.platform != "linux", reason="pidfd is Linux's")
def test_what_a_dead_child_started_does_not_outlive_it(tmp_path: Path) -> None:
    script = """
CODE = '''
import subprocess, sys, os
p = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
print("pid", p.pid, flush=True)
input()
'''
Supervisor([child("a", CODE, ready=READY)]).run()
"""
    with _supervisor(tmp_path, script) as process:
        grandchild = _pid_in(_read_until(process.stdout, "pid"))
        try:
            end = os.pidfd_open(grandchild)
        except ProcessLookupError:
            return  # gone already: its parent ended at once, for want of input
        poll = select.poll()
        poll.register(end, select.POLLIN)
        try:
            assert poll.poll(30_000), "the grandchild still runs"
        finally:
            os.close(end)
