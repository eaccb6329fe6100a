"""The web's types are those of this server; a stale file is a screen that reads a wrong name."""

import runpy
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_generated_types_are_fresh() -> None:
    tool = runpy.run_path(str(ROOT / "tools" / "contract.py"))
    written = Path(tool["TARGET"]).read_text(encoding="utf-8")
    assert written == tool["typescript"](), "run: python tools/contract.py"
