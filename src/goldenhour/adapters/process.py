"""Child processes that cannot outlive their parent.

Rule 1: a child has its own session, so the terminal's Ctrl-C reaches only its parent, which stops
its children in order.
Rule 2: on Linux the kernel signals the child when the *thread* that started it ends, so `spawn`
is called from the main thread. Elsewhere a killed parent leaves its children running.
"""

import ctypes
import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
# Loaded before any fork: between fork and exec a child must not import or open libraries.
_LIBC: Final = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def dies_with_parent(death_signal: signal.Signals) -> Callable[[], None]:
    """A `preexec_fn` that has the kernel send this signal when the parent dies."""
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("start children from the main thread: they die with their thread")
    parent = os.getpid()

    def before_exec() -> None:
        if _LIBC is None:
            return
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:  # it died before the kernel was told
            os._exit(1)

    return before_exec
