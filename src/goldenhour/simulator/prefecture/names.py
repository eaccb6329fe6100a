"""Names by a scheme: data and the maker. None of them means a real place, firm or hospital."""

import random  # noqa: TID251 (as in ground.py)
from collections.abc import Iterator
from itertools import chain
from typing import Final

from pypinyin import lazy_pinyin

CITY: Final = ("安澜市", "Anlan (fictional)")
RIVER: Final = "澜江"
STREAMS: Final = ("青禾河", "柏溪河", "浅水河", "石泉河")
ISLAND: Final = "橘洲"
COUNTIES: Final = ("临澜县", "青禾县", "云坪县")
DISTRICTS: Final = ("江北区", "江南区")

_FIRST: Final = "青云桂兰松竹梅荷枫柳桐槐杏桃橘翠锦瑞祥晴虹霞星月和康宁泰兴丰盛明德学"
_SECOND: Final = "园苑溪泉塘桥井亭阁坡湾屏台林"
_REAL: Final = frozenset({
    "桃园", "兰溪", "松溪", "竹溪", "云溪", "桂林", "明溪", "瑞泉", "青林", "松林", "松桃", "云台",
    "和林", "宁台", "兰坡", "翠屏", "星台", "青台", "德兴", "泰兴", "康林", "丰台", "桐园",
    "盛泉", "荷塘", "翠亭", "和园", "兴林", "柳林", "青塘", "德林",
})  # fmt: skip
"""Combinations that are known places; the scheme leaves them out."""
_VILLAGE_FIRST: Final = [
    "柳树",
    "石桥",
    "白鹭",
    "黄桷",
    "双井",
    "三溪",
    "大石",
    "竹林",
    "桐子",
    "青杠",
    "枣树",
    "马鞍",
    "红岩",
    "松毛",
    "野鸭",
    "长塘",
    "杨柳",
    "古井",
    "半边",
    "梨树",
    "瓦窑",
    "庙前",
    "河嘴",
    "石磨",
    "油房",
    "桑园",
    "菜籽",
    "高粱",
    "红苕",
    "麻柳",
    "铜锣",
    "老鹰",
    "水车",
    "望江",
    "团堡",
    "新房",
    "四方",
    "柿子",
    "五里",
    "七里",
]
_VILLAGE_SECOND: Final = [
    "湾",
    "沟",
    "坝",
    "坪",
    "岭",
    "塘",
    "坡",
    "嘴",
    "坳",
    "岗",
    "冲",
    "庄",
    "渡",
    "垭",
    "桥",
    "坎",
]
_TOWNSHIP: Final = [
    "石鼓坪",
    "柳荫场",
    "白鹭渡",
    "双河口子",
    "太平铺子",
    "龙尾场",
    "鹤鸣坝",
    "古槐场",
    "枣子坪",
    "清溪铺子",
    "黄桷场",
    "松毛岭",
    "金盆坝",
    "月亮坪",
    "观澜场",
    "茶店子坪",
    "竹箐场",
    "桐油坝",
    "马灯铺",
    "红岩场",
    "麦田坝",
    "芦花渡",
    "土桥铺",
    "三棵树场",
]
_COMPOUNDS: Final = ("小区", "花园", "家园", "名苑", "新村", "雅苑", "公寓")
_ENDINGS: Final = {
    "大道": "Avenue", "大桥": "Bridge", "小区": "Residential Quarter", "花园": "Garden",
    "家园": "Homes", "名苑": "Court", "新村": "New Village", "雅苑": "Court", "公寓": "Apartments",
    "社区": "Community", "公园": "Park", "国道": "National Road", "高速": "Expressway",
    "水库": "Reservoir", "立交": "Interchange", "铁路": "Railway", "县道": "County Road",
    "路": "Road", "街": "Street", "巷": "Lane", "桥": "Bridge", "河": "River", "江": "River",
    "湖": "Lake", "村": "Village", "镇": "Town", "乡": "Township", "县": "County", "区": "District",
    "洲": "Island", "站": "Station",
}  # fmt: skip


def english(name: str) -> str:
    """The sign-post form: 桂苑路 -> Guiyuan Road."""
    for ending, word in _ENDINGS.items():
        if name.endswith(ending) and len(name) > len(ending):
            return f"{pinyin(name.removesuffix(ending))} {word}"
    return pinyin(name)


def pinyin(name: str) -> str:
    return "".join(lazy_pinyin(name)).capitalize()


class Names:
    """Draws names; none is drawn twice within its kind."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._compounds = self._draw(
            f"{stem}{end}"
            for stem in list_stems()
            for end in _COMPOUNDS
            if dice.random() < 0.5  # noqa: PLR2004 (half of them)
        )
        self._communities = self._draw(f"{stem}社区" for stem in list_stems())
        self._villages = self._draw(
            f"{first}{second}村" for first in _VILLAGE_FIRST for second in _VILLAGE_SECOND
        )
        self._townships = self._draw(iter(_TOWNSHIP))
        self._stems = self._draw(iter(list_stems()))

    def compound(self) -> str:
        return next(self._compounds)

    def community(self) -> str:
        return next(self._communities)

    def stem(self) -> str:
        """For a school or a park."""
        return next(self._stems)

    def village(self) -> str:
        return next(self._villages)

    def township(self) -> str:
        stem = next(self._townships)
        return f"{stem}{'乡' if self._dice.random() < 0.35 else '镇'}"  # noqa: PLR2004 (a third)

    def streets(self) -> "StreetNames":
        """A fresh set: two towns may have streets of one name, one town may not."""
        return StreetNames(self._dice)

    def _draw(self, made: Iterator[str]) -> Iterator[str]:
        drawn = list(made)
        self._dice.shuffle(drawn)
        return iter(drawn)


class StreetNames:
    def __init__(self, dice: random.Random) -> None:
        self._stems: dict[str, Iterator[str]] = {}
        for ending in ("路", "街", "巷"):
            stems = list_stems()
            dice.shuffle(stems)
            parts = (f"{stem}{side}" for side in "东西南北" for stem in stems)
            self._stems[ending] = chain(stems, parts)

    def draw(self, ending: str) -> str:
        return f"{next(self._stems[ending])}{ending}"


def list_stems() -> list[str]:
    made = (f"{first}{second}" for first in _FIRST for second in _SECOND)
    return [stem for stem in made if stem not in _REAL]
