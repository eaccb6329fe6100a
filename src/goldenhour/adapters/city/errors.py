"""Why a city cannot be imported: our one error, with a code that stays and a place to look at."""

from enum import StrEnum


class Problem(StrEnum):
    SOURCE_MISSING = "source_missing"
    SOURCE_UNREADABLE = "source_unreadable"
    NO_ROADS = "no_roads"
    OVERRIDES_UNREADABLE = "overrides_unreadable"
    OVERRIDES_WRONG = "overrides_wrong"
    TILES_FAILED = "tiles_failed"
    ROUTING_FAILED = "routing_failed"


class CityError(Exception):
    """The import stops and leaves the target as it was."""

    def __init__(self, problem: Problem, where: str, detail: str) -> None:
        super().__init__(f"{problem}: {where}: {detail}")
        self.problem = problem
        self.where = where
        """The file, or `line 3, column lat` of the overrides."""
        self.detail = detail
