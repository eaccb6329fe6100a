"""Building the city folder: a generated town or any OpenStreetMap extract, one importer.

The importers are loaded only where there is something to import: they take seconds of each start.
"""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Final

TOWN_SEED: Final = 1
_MARK: Final = "source.txt"

Say = Callable[[str], None]


def ensure_city(folder: Path, *, source: Path | None, overrides: Path | None, say: Say) -> None:
    """Make the folder hold this city; nothing is done when it already does.

    Without a source a small fictional town is generated. Raises SystemExit with a plain sentence.
    """
    wanted = _fingerprint(source, overrides)
    mark = folder / _MARK
    if mark.is_file() and mark.read_text(encoding="utf-8") == wanted:
        return
    if source is None:
        from goldenhour.simulator.town import write_town  # noqa: PLC0415 (as above)

        say("generating a small fictional town (a real one: make run CITY=file.osm.pbf)")
        source = folder.parent / "town.osm.pbf"
        source.parent.mkdir(parents=True, exist_ok=True)
        write_town(source, TOWN_SEED)
    for remark in build_city(source, folder, overrides=overrides, name=None, say=say):
        say(f"note: {remark}")
    mark.write_text(wanted, encoding="utf-8")


def build_city(
    source: Path, folder: Path, *, overrides: Path | None, name: str | None, say: Say
) -> tuple[str, ...]:
    """Everything of a city: places, addresses, tiles, turn-by-turn, road graph; the remarks."""
    from goldenhour.adapters.city.errors import CityError  # noqa: PLC0415 (as above)
    from goldenhour.adapters.city.files import ROADS_FILE  # noqa: PLC0415 (as above)
    from goldenhour.adapters.city.importer import import_city  # noqa: PLC0415 (as above)
    from goldenhour.adapters.city.roads import (  # noqa: PLC0415 (as above)
        RoadImportError,
        import_roads,
    )

    try:
        report = import_city(
            source,
            folder,
            overrides=overrides,
            name=name,
            progress=lambda stage: say(f"city: {stage}"),
        )
        imported = import_roads(source, lambda stage, _done, _total: say(f"roads: {stage}"))
    except CityError as error:
        raise SystemExit(f"The city cannot be read: {error}") from error
    except RoadImportError as error:
        raise SystemExit(f"The roads cannot be read: {error}") from error
    imported.network.save(folder / ROADS_FILE)
    for line in imported.report.lines():
        say(f"roads: {line}")
    return tuple(report.remarks)


def _fingerprint(source: Path | None, overrides: Path | None) -> str:
    parts = [f"town {TOWN_SEED}" if source is None else _sha256(source)]
    if overrides:
        parts.append(_sha256(overrides))
    return " ".join(parts)


def _sha256(path: Path) -> str:
    if not path.is_file():
        raise SystemExit(f"There is no file {path}.")
    return sha256(path.read_bytes()).hexdigest()
