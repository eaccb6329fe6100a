"""`goldenhour run` where it cannot work: one plain sentence, no trace, exit code 1."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from goldenhour.main.clock import SystemClock
from goldenhour.main.local_ca import ensure_certificate


def run(state: Path, **settings: str) -> str:
    """What it printed, when it ended by itself with a fault."""
    ports = {}
    for name in (
        *("https", "jt808", "mllp", "edge", "ecg", "dicom"),
        *("residents", "video", "card_reader", "callback", "road_feed"),
    ):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            ports[f"GOLDENHOUR_{name.upper()}_PORT"] = str(free.getsockname()[1])
    ended = subprocess.run(
        [sys.executable, "-m", "goldenhour.main.cli", "run", "--town"],
        env={**os.environ, "GOLDENHOUR_HOST": "127.0.0.1", **ports}
        | {"GOLDENHOUR_STATE": str(state)}
        | {f"GOLDENHOUR_{name.upper()}": value for name, value in settings.items()},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 1, ended
    assert "Traceback" not in ended.stderr
    return ended.stderr.strip()


def test_a_busy_port_is_named_with_its_setting(tmp_path: Path) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = str(busy.getsockname()[1])
        said = run(tmp_path, jt808_port=port)
    assert f"port {port} on 127.0.0.1: it is in use" in said
    assert "GOLDENHOUR_JT808_PORT" in said


def test_a_state_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    said = run(tmp_path / "file")
    assert str(tmp_path / "file") in said
    assert "GOLDENHOUR_STATE" in said


def test_a_full_disk_is_told_before_anything_is_started(tmp_path: Path) -> None:
    small = Path("/dev/shm")
    if not small.is_dir() or shutil.disk_usage(small).free >= 1_000_000_000:
        pytest.skip("no small file system here; the rule itself is in test_ports_check.py")
    said = run(small / tmp_path.name)
    assert "MB free" in said
    assert not any((small / tmp_path.name).iterdir())
    (small / tmp_path.name).rmdir()


def test_an_authority_that_is_not_ours_is_neither_used_nor_overwritten(tmp_path: Path) -> None:
    (tmp_path / "city").mkdir()
    (tmp_path / "city" / "source.txt").write_text("town 1")  # nothing to build
    (tmp_path / "tls").mkdir()
    (tmp_path / "tls" / "ca.crt").write_text("theirs")
    assert "not an authority that was made here" in run(tmp_path)
    assert (tmp_path / "tls" / "ca.crt").read_text() == "theirs"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"https_prot": "1"}, "GOLDENHOUR_HTTPS_PROT: there is no such setting"),
        ({"https_port": "x"}, "GOLDENHOUR_HTTPS_PORT"),
        ({"tls_ca": "/nowhere/ca.pem"}, "tls_ca: there is no file /nowhere/ca.pem"),
        ({"log_level": "loud"}, "loud"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, settings: dict[str, str], said: str) -> None:
    assert said in run(tmp_path, **settings)


def test_a_database_that_is_somebody_elses_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "city").mkdir()
    (tmp_path / "city" / "source.txt").write_text("town 1")
    said = run(tmp_path, database_url="postgresql://127.0.0.1:1/none")
    assert "127.0.0.1" in said


def test_a_certificate_for_another_name_is_refused_before_anything_waits_for_it(
    tmp_path: Path,
) -> None:
    (tmp_path / "city").mkdir()
    (tmp_path / "city" / "source.txt").write_text("town 1")
    made = ensure_certificate(tmp_path / "theirs", ["120.example"], now_ms=SystemClock().now_ms())
    said = run(tmp_path, tls_cert=str(made.chain), tls_key=str(made.key), tls_ca=str(made.ca))
    assert "is for 120.example and not for localhost" in said
