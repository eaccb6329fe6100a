"""The folder from which run sheets are printed: the newest is always whole, old ones go."""

from pathlib import Path
from typing import Final

from goldenhour.kernel.time import CHINA, to_datetime

LATEST: Final = "latest.pdf"


class Spool:
    def __init__(self, folder: Path, kept: int) -> None:
        self._folder, self._kept = folder, kept

    def put(self, data: bytes, made_ms: int) -> Path:
        """Raises OSError; then what was there before still stands."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = to_datetime(made_ms).astimezone(CHINA)
        path = self._folder / f"run-sheet-{made:%Y%m%d-%H%M%S}.pdf"
        for target in (path, self._folder / LATEST):
            part = target.with_suffix(".part")
            part.write_bytes(data)
            part.replace(target)
        for old in sorted(self._folder.glob("run-sheet-*.pdf"))[: -self._kept]:
            old.unlink(missing_ok=True)
        return path
