"""Writes a fictional Chinese prefecture, 安澜市 (Anlan), as an `.osm.pbf` and its overrides file.

Rule 1: everything in it is invented and says so; it goes through the same importer as a real city.
Rule 2: the same seed gives the same bytes; names and places are drawn, the plan of the city is not.
Rule 3: what no map says (ambulances, capabilities, who belongs to whom) goes into the overrides
file that every city may have.
Geometry is in metres east and north of the city's middle until it is written. The order of work is
that of a real place: river and hills (`ground`), roads (`core`, `county`, `country`, divided into
blocks by `divide` and joined by `network`), then what stands between them (`blocks`, `buildings`)
and what serves people there (`services`, `register`).
"""

from goldenhour.simulator.prefecture.build import write_prefecture

__all__ = ["write_prefecture"]
