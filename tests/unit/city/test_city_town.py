from pathlib import Path

import osmium

from goldenhour.simulator.town import write_town


def test_the_same_seed_gives_the_same_bytes_and_another_seed_another_town(tmp_path: Path) -> None:
    first, again, other = (tmp_path / f"{name}.osm.pbf" for name in ("first", "again", "other"))
    write_town(first, 7)
    write_town(again, 7)
    write_town(other, 8)
    assert first.read_bytes() == again.read_bytes()
    assert first.read_bytes() != other.read_bytes()


def test_the_town_has_bridges_rules_of_turning_and_one_ways(tmp_path: Path) -> None:
    path = tmp_path / "town.osm.pbf"
    write_town(path, 7)
    bridges, restrictions, one_ways = set(), 0, set()
    ends: dict[int, tuple[int, int]] = {}
    for thing in osmium.FileProcessor(str(path)):
        if thing.is_way():
            ends[thing.id] = (thing.nodes[0].ref, thing.nodes[-1].ref)
            if thing.tags.get("bridge") == "yes":
                bridges.add(thing.tags["bridge:name"])
            if thing.tags.get("oneway"):
                one_ways.add(thing.tags["name"])
        elif thing.is_relation():
            restrictions += 1
            roles = {member.role: member.ref for member in thing.members}
            assert roles["via"] in ends[roles["from"]]
            assert roles["via"] in ends[roles["to"]]
    assert bridges == {"西桥", "澜溪大桥", "东桥"}
    assert restrictions == 4
    assert one_ways == {"钟楼街", "东正街"}
