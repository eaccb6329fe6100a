"""What must be so before anything is started.

Rule 1: each fault is one plain sentence that says what to do.
Rule 2: all faults are told at once, so that a person mends them in one round.
"""

import errno
import os
import shutil
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Final

DISK_NEEDED_BYTES: Final = 1_000_000_000


def list_faults(
    *, host: str, ports: Mapping[str, int], state: Path, disk_needed_bytes: int = DISK_NEEDED_BYTES
) -> list[str]:
    """`ports`: name of the setting -> TCP port on this host."""
    faults = [
        f"port {port} on {host}: {why}. Stop the program that uses it, or choose another port: "
        f"GOLDENHOUR_{setting.upper()}=..."
        for setting, port in ports.items()
        if (why := _find_port_fault(host, port)) is not None
    ]
    if (fault := _find_state_fault(state, disk_needed_bytes)) is not None:
        faults.append(f"{fault} Choose another state folder with GOLDENHOUR_STATE=/path.")
    return faults


def _find_port_fault(host: str, port: int) -> str | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As the servers do; a connection of the last run in TIME_WAIT is no fault.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as error:
            return "it is in use" if error.errno == errno.EADDRINUSE else error.strerror
    return None


def _find_state_fault(state: Path, needed_bytes: int) -> str | None:
    try:
        state.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return f"{state} cannot be made: {error.strerror}."
    if not os.access(state, os.W_OK | os.X_OK):
        return f"{state} cannot be written."
    free_bytes = shutil.disk_usage(state).free
    if free_bytes < needed_bytes:
        return (
            f"{state} has {free_bytes // 1_000_000} MB free, {needed_bytes // 1_000_000} MB are "
            "needed: make room."
        )
    return None
