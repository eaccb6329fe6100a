"""A process raises its limit of open files as far as it may, and says when that is too little."""

import resource
import subprocess
import sys

import pytest

SAYS = """
import resource
from goldenhour.main.file_limit import allow_connections
allow_connections({wanted})
print("limit", *resource.getrlimit(resource.RLIMIT_NOFILE))
"""


def limits_after(wanted: int, soft: int, hard: int) -> tuple[str, str]:
    """(the last line, everything said), of a process that begins with these limits."""
    found = subprocess.run(
        [sys.executable, "-c", SAYS.format(wanted=wanted)],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard)),
        capture_output=True,
        text=True,
        check=True,
    )
    return found.stdout.splitlines()[-1], found.stdout + found.stderr


@pytest.mark.parametrize(
    ("wanted", "soft", "hard", "after", "warned"),
    [
        (300, 256, 4_000, 800, False),
        (300, 900, 4_000, 900, False),
        (9_000, 256, 4_000, 4_000, True),
    ],
)
def test_it_is_raised_as_far_as_the_system_allows(
    wanted: int, soft: int, hard: int, after: int, warned: bool
) -> None:
    last, said = limits_after(wanted, soft, hard)
    assert last == f"limit {after} {hard}"
    assert ("files.too_few" in said) == warned
