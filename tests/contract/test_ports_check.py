import socket
from pathlib import Path

import pytest

from goldenhour.main.ports_check import list_faults


def test_nothing_wrong_is_no_fault(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert list_faults(host="127.0.0.1", ports={"https_port": port}, state=tmp_path / "new") == []


def test_a_busy_port_is_named_with_the_setting_that_changes_it(tmp_path: Path) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        (fault,) = list_faults(host="127.0.0.1", ports={"mllp_port": port}, state=tmp_path)
    assert f"port {port} on 127.0.0.1: it is in use" in fault
    assert "GOLDENHOUR_MLLP_PORT=" in fault


@pytest.mark.parametrize("under", ["file/below", "/proc/goldenhour"])
def test_a_state_folder_that_cannot_be_is_named(tmp_path: Path, under: str) -> None:
    (tmp_path / "file").touch()
    (fault,) = list_faults(host="127.0.0.1", ports={}, state=tmp_path / under)
    assert str(tmp_path / under) in fault
    assert "GOLDENHOUR_STATE=" in fault


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    (fault,) = list_faults(host="127.0.0.1", ports={}, state=tmp_path, disk_needed_bytes=10**18)
    assert "make room" in fault
