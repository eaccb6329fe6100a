"""Building the city folder: a generated city or any OpenStreetMap extract, one importer.

The importers are loaded only where there is something to import: they take seconds of each start.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from goldenhour.adapters.city.files import ROADS_FILE
from goldenhour.main.city_file import read_city

SEED: Final = 1
TOWN_MARK: Final = "town 1"
PREFECTURE_MARK: Final = "anlan 1"
"""The number is raised when the same seed gives another city, which is then built anew."""
_MARK: Final = "source.txt"

Say = Callable[[str], None]


def ensure_city(
    folder: Path, *, source: Path | None, overrides: Path | None, town: bool, say: Say
) -> None:
    """Make the folder hold this city; nothing is done when it already does.

    Without a source it is the fictional prefecture, of whatever seed, or the small fictional town.
    Raises SystemExit with a plain sentence, and leaves the folder as it was.
    """
    mark = folder / _MARK
    found = mark.read_text(encoding="utf-8") if mark.is_file() else ""
    if source is None and not town:
        if overrides:
            raise SystemExit(
                "The fictional city brings its own corrections: --overrides needs --city."
            )
        if not found and (folder / ROADS_FILE).is_file():
            say(f"the city that was imported into {folder}; move it away for the fictional one")
            return
        if not found.startswith(f"{PREFECTURE_MARK} "):
            say("generating 安澜市, a fictional city (a real one: make run CITY=file.osm.pbf)")
            with _replacing(folder) as built:
                build_prefecture(folder.parent, built, seed=SEED, say=say)
        return
    wanted = " ".join([
        TOWN_MARK if source is None else _sha256(source),
        *([_sha256(overrides)] if overrides else []),
    ])  # fmt: skip
    if found == wanted:
        return
    if source is None:
        from goldenhour.simulator.town import write_town  # noqa: PLC0415 (as above)

        say("generating a small fictional town")
        source = folder.parent / "town.osm.pbf"
        source.parent.mkdir(parents=True, exist_ok=True)
        write_town(source, SEED)
    with _replacing(folder) as built:
        for remark in build_city(source, built, overrides=overrides, name=None, say=say):
            say(f"note: {remark}")
        (built / _MARK).write_text(wanted, encoding="utf-8")


def refusal_of_another(name: str, state: Path) -> str:
    """The devices and log-ins of a demo are numbered: those of one city would speak for another's.

    What the person reads who starts a second city in the first one's folder.
    """
    return (
        f"{state} holds the vehicles, cases and log-ins of another city. Start {name} in a"
        " folder of its own: GOLDENHOUR_STATE=/path/to/another"
    )


@contextmanager
def _replacing(folder: Path) -> Iterator[Path]:
    """Where to build; takes the folder's place when it is whole and is no other city."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as scratch:
        built = Path(scratch, "city")
        yield built
        old, new = read_city(folder), read_city(built)
        if (
            old
            and new
            and old.units
            and {u.id for u in old.units}.isdisjoint(u.id for u in new.units)
        ):
            raise SystemExit(refusal_of_another(new.name, folder.parent))
        if folder.exists():
            folder.rename(Path(scratch, "old"))
        built.rename(folder)


def build_prefecture(out: Path, folder: Path, *, seed: int, say: Say) -> None:
    """The fictional prefecture: its two files into `out`, then through the importer."""
    from goldenhour.simulator.prefecture import write_prefecture  # noqa: PLC0415 (as above)

    source, overrides = out / "anlan.osm.pbf", out / "anlan.csv"
    out.mkdir(parents=True, exist_ok=True)
    write_prefecture(source, overrides, seed, lambda stage: say(f"generate: {stage}"))
    for remark in build_city(source, folder, overrides=overrides, name=None, say=say):
        say(f"note: {remark}")
    (folder / _MARK).write_text(f"{PREFECTURE_MARK} {seed}", encoding="utf-8")


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


def _sha256(path: Path) -> str:
    if not path.is_file():
        raise SystemExit(f"There is no file {path}.")
    return sha256(path.read_bytes()).hexdigest()
