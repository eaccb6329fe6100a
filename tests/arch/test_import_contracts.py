"""The import rules hold on the tree, and each of them is able to break."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]

# One violation for each contract of pyproject.toml, in its order: module -> its one line.
PLANTED = (
    ("kernel/planted.py", "import goldenhour.app"),
    ("domain/register/planted.py", "import goldenhour.domain.dispatch"),
    ("wire/planted.py", "import asyncio"),
    ("app/planted.py", "import goldenhour.wire"),
    ("adapters/web/planted.py", "import goldenhour.adapters.jt808"),
    ("simulator/planted.py", "import psycopg"),
)


def _contracts() -> list[str]:
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return [contract["name"] for contract in pyproject["tool"]["importlinter"]["contracts"]]


def _lint(project: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=project,
        env=os.environ | {"PYTHONPATH": str(project / "src"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_tree_keeps_every_contract() -> None:
    result = _lint(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_contract_breaks_on_its_planted_violation(tmp_path: Path) -> None:
    assert len(PLANTED) == len(_contracts()), "a new contract needs a planted violation"
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    for module, line in PLANTED:
        (tmp_path / "src" / "goldenhour" / module).write_text(f"{line}\n")
    result = _lint(tmp_path)
    assert result.returncode == 1, result.stdout + result.stderr
    kept = [name for name in _contracts() if f"{name} BROKEN" not in result.stdout]
    assert not kept, result.stdout
