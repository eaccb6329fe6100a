"""The words of the printed run sheet, as content."""

from goldenhour.kernel.content import About, Text
from goldenhour.kernel.record import Record


class RunSheetContent(Record):
    about: About
    every_s: int
    kept: int
    """So many of the newest stay in the folder."""
    made: Text
    cases: Text
    units: Text
    hospitals: Text
    none: Text
    columns: dict[str, Text]
    states: dict[str, Text]
    """Of units; a state without a word is printed as its code."""
