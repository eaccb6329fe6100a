"""Screens held against the pictures that people looked at and found right.

A screen shows clocks, numbers and moving vehicles, so no two pictures are alike in every pixel.
Both are shrunk to cells of a text line, in which a word is a shade of grey. A panel that moved or
is missing, signs squeezed into a corner, a map that stayed blank, a theme or a style sheet that did
not come is more than what differs between two runs (measured: most screens 1-5 %, a dispatcher's
with its map 12 %; the hospital's with its columns changed was 22 % away).
`RECORD_SCREENS=1 make e2e` records them anew; look at them before you commit them.
"""

import os
from pathlib import Path

from PIL import Image, ImageChops

KNOWN = Path(__file__).parent / "known_screens"
RECORD = bool(os.environ.get("RECORD_SCREENS"))
CELL_PX = 24
SHADE = 24
"""Of 255, in any colour: from here on a cell is another one."""
ALLOWED = 0.1
"""Of the cells."""
WITH_CITY = 0.18
"""Of a dispatcher's and a driver's: the map goes where the calls are, and rows come and go."""
OF_AN_ECG = 0.14
"""Each beat stands elsewhere, as it was frozen."""


def allowed(name: str) -> float:
    if name.startswith("ecg-viewer"):
        return OF_AN_ECG
    return WITH_CITY if name.startswith(("dispatcher", "crew-driver")) else ALLOWED


def shrink(picture: Path) -> Image.Image:
    with Image.open(picture) as image:
        cells = (max(1, image.width // CELL_PX), max(1, image.height // CELL_PX))
        return image.convert("RGB").resize(cells, Image.Resampling.BOX)


def share_of_other_cells(one: Image.Image, other: Image.Image) -> float:
    """0: alike; 1: nothing is as it was, or not even the size."""
    if one.size != other.size:
        return 1.0
    cells = ImageChops.difference(one, other).get_flattened_data()
    return sum(max(cell) > SHADE for cell in cells) / len(cells)


def differ(one: str, other: str) -> float:
    """How far two known screens are from one another."""
    with Image.open(KNOWN / f"{one}.png") as first, Image.open(KNOWN / f"{other}.png") as second:
        return share_of_other_cells(first.convert("RGB"), second.convert("RGB"))


def compare(picture: Path) -> None:
    """Fails where the picture is not the screen that is known by its name."""
    now, known = shrink(picture), KNOWN / picture.name
    if RECORD:
        KNOWN.mkdir(exist_ok=True)
        now.save(known, optimize=True)
        return
    assert known.exists(), f"no known picture of {picture.stem}: record it and look at it"
    with Image.open(known) as before:
        other = share_of_other_cells(now, before.convert("RGB"))
    assert other <= allowed(picture.stem), (
        f"{picture.stem} is not the screen it was: {other:.0%} of its cells are others;"
        f" look at {picture}, and record it anew if it is right"
    )
