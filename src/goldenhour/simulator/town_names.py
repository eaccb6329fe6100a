"""Names of the fictional town: data for `town.py`. None of it means a real place or firm."""

from typing import Final, NamedTuple

from pypinyin import lazy_pinyin

TOWN: Final = ("澜溪示范镇", "Lanxi Model Town (fictional)")
SUBURBS: Final = (("老城社区", -0.35, 0.45), ("东风社区", 0.62, 0.5), ("南岸社区", 0.0, -0.5))
RIVER: Final = "澜溪河"


class Street(NamedTuple):
    """A street along one line of the lattice."""

    at: float
    name: str
    highway: str
    first: float
    last: float
    """Where it begins and ends on the other axis."""


# Streets along the river, at their distance from it (v).
LONG_STREETS: Final = (
    Street(1.0, "环镇北路", "secondary", -1.0, 1.0),
    Street(0.79, "学府路", "residential", -0.66, 0.76),
    Street(0.6, "文昌路", "tertiary", -1.0, 0.76),
    Street(0.46, "永安街", "residential", -0.83, 0.38),
    Street(0.33, "澜溪大道", "primary", -1.0, 1.0),
    Street(0.21, "盐市街", "residential", -0.66, 0.57),
    Street(0.1, "滨江北路", "secondary", -1.0, 1.0),
    Street(-0.1, "滨江南路", "tertiary", -1.0, 1.0),
    Street(-0.25, "新桥街", "residential", -0.66, 0.76),
    Street(-0.42, "振兴路", "tertiary", -1.0, 1.0),
    Street(-0.6, "桂花路", "residential", -0.47, 0.57),
    Street(-0.82, "环镇南路", "secondary", -1.0, 1.0),
)
# Streets across, at their place along the river (u); three of them bridge it.
CROSS_STREETS: Final = (
    Street(-1.0, "环镇西路", "secondary", 0.1, 1.0),
    Street(-1.0, "环江西路", "tertiary", -0.82, -0.1),
    Street(-0.83, "石门路", "residential", 0.1, 0.6),
    Street(-0.66, "西桥路", "secondary", -0.82, 1.0),
    Street(-0.47, "桑园路", "residential", -0.6, -0.1),
    Street(-0.47, "书院街", "residential", 0.1, 0.79),
    Street(-0.3, "钟楼街", "residential", 0.1, 0.6),
    Street(-0.12, "人民路", "primary", -0.82, 1.0),
    Street(0.05, "东正街", "residential", 0.1, 0.79),
    Street(0.05, "荷塘路", "residential", -0.6, -0.1),
    Street(0.22, "竹林街", "residential", 0.1, 0.6),
    Street(0.22, "橘园路", "residential", -0.42, -0.1),
    Street(0.38, "迎春路", "tertiary", -0.82, -0.1),
    Street(0.38, "迎宾路", "tertiary", 0.1, 1.0),
    Street(0.57, "东桥路", "secondary", -0.82, 1.0),
    Street(0.76, "工业路", "residential", 0.1, 0.79),
    Street(0.76, "柑园路", "residential", -0.42, -0.1),
    Street(1.0, "环镇东路", "secondary", 0.1, 1.0),
    Street(1.0, "环江东路", "tertiary", -0.82, -0.1),
)
BRIDGES: Final = {"西桥路": "西桥", "人民路": "澜溪大桥", "东桥路": "东桥"}
ONE_WAYS: Final = {"钟楼街": 1, "东正街": -1}
"""A pair: one up, one down."""
LANES: Final = (
    "青石巷",
    "水井巷",
    "槐树巷",
    "油坊巷",
    "铁匠巷",
    "豆腐巷",
    "灯笼巷",
    "竹器巷",
    "米市巷",
    "草药巷",
    "糖坊巷",
    "柳荫巷",
    "茶馆巷",
    "石磨巷",
    "染布巷",
    "梧桐巷",
    "双井巷",
    "观音巷",
    "木匠巷",
    "桃李巷",
    "杏花巷",
    "银杏巷",
    "菜根巷",
    "听雨巷",
    "月牙巷",
    "回龙巷",
    "凤尾巷",
    "葫芦巷",
    "小桥巷",
    "柴家巷",
)


class Poi(NamedTuple):
    name: str
    name_en: str
    key: str
    value: str
    u: float
    v: float


POIS: Final = (
    Poi("澜溪镇人民政府", "Lanxi Town Government", "amenity", "townhall", -0.16, 0.38),
    Poi("澜溪派出所", "Lanxi Police Station", "amenity", "police", -0.26, 0.36),
    Poi("澜溪消防救援站", "Lanxi Fire Station", "amenity", "fire_station", 0.53, 0.36),
    Poi("澜溪汽车客运站", "Lanxi Bus Station", "amenity", "bus_station", 0.72, 0.36),
    Poi("澜溪农贸市场", "Lanxi Market", "amenity", "marketplace", 0.09, 0.24),
    Poi("澜溪邮政支局", "Lanxi Post Office", "amenity", "post_office", -0.08, 0.3),
    Poi("澜溪图书馆", "Lanxi Library", "amenity", "library", -0.34, 0.5),
    Poi("澜溪文化馆", "Lanxi Culture Centre", "amenity", "community_centre", -0.42, 0.3),
    Poi("江畔超市", "Riverside Supermarket", "shop", "supermarket", 0.18, 0.3),
    Poi("南岸超市", "South Bank Supermarket", "shop", "supermarket", 0.1, -0.22),
    Poi("安康大药房", "Ankang Pharmacy", "amenity", "pharmacy", 0.01, 0.36),
    Poi("南岸药店", "South Bank Pharmacy", "amenity", "pharmacy", -0.16, -0.28),
    Poi("示范信用社", "Model Credit Union", "amenity", "bank", -0.2, 0.3),
    Poi("澜溪宾馆", "Lanxi Hotel", "tourism", "hotel", 0.34, 0.3),
    Poi("望江茶楼", "Riverview Tea House", "amenity", "restaurant", -0.06, 0.13),
    Poi("老码头饭馆", "Old Wharf Restaurant", "amenity", "restaurant", 0.28, 0.13),
    Poi("东风加油站", "Dongfeng Petrol Station", "amenity", "fuel", 0.8, 0.3),
    Poi("西郊加油站", "Xijiao Petrol Station", "amenity", "fuel", -0.8, 0.36),
    Poi("澜溪钟楼", "Lanxi Bell Tower", "tourism", "attraction", -0.28, 0.4),
    Poi("古镇码头", "Old Town Wharf", "tourism", "attraction", -0.4, 0.07),
)
AED_PLACES: Final = (
    ("汽车客运站候车厅", "Bus station, waiting hall", 0.73, 0.37, "Mo-Su 06:00-21:00", "yes"),
    ("镇政府一楼大厅", "Town hall, ground floor", -0.17, 0.39, "Mo-Fr 08:30-17:30", "yes"),
    ("农贸市场管理处", "Market office", 0.1, 0.25, "Mo-Su 06:00-18:00", "yes"),
    ("澜溪中学体育馆", "Middle school, gymnasium", -0.56, 0.68, "Mo-Fr 07:00-21:00", "private"),
    ("滨江公园服务站", "Riverside park kiosk", 0.3, 0.07, "24/7", "yes"),
    ("南岸社区服务中心", "South bank community centre", 0.0, -0.34, "Mo-Su 08:00-20:00", "yes"),
)


class Campus(NamedTuple):
    """One block of the lattice given to one use: between two u and two v."""

    name: str
    name_en: str
    tags: dict[str, str]
    west: float
    east: float
    south: float
    north: float


CAMPUSES: Final = (
    Campus(
        "澜溪人民医院",
        "Lanxi People's Hospital",
        {"amenity": "hospital", "healthcare": "hospital", "beds": "480", "emergency": "yes"},
        -0.12,
        0.05,
        0.46,
        0.6,
    ),
    Campus(
        "东风中医医院",
        "Dongfeng Hospital of Chinese Medicine",
        {"amenity": "hospital", "healthcare": "hospital", "beds": "120", "emergency": "yes"},
        0.57,
        0.76,
        0.6,
        0.79,
    ),
    Campus(
        "南岸妇幼保健院",
        "South Bank Maternity and Children's Hospital",
        {"amenity": "hospital", "healthcare": "hospital", "beds": "180", "emergency": "yes"},
        -0.3,
        -0.12,
        -0.42,
        -0.25,
    ),
    Campus("澜溪中学", "Lanxi Middle School", {"amenity": "school"}, -0.66, -0.47, 0.6, 0.79),
    Campus("东正小学", "Dongzheng Primary School", {"amenity": "school"}, 0.22, 0.38, 0.46, 0.6),
    Campus(
        "南岸小学", "South Bank Primary School", {"amenity": "school"}, 0.05, 0.22, -0.42, -0.25
    ),
    Campus("文昌公园", "Wenchang Park", {"leisure": "park"}, -0.3, -0.12, 0.6, 0.79),
    Campus("桂花公园", "Guihua Park", {"leisure": "park"}, 0.38, 0.57, -0.6, -0.42),
    Campus("钟楼广场", "Bell Tower Square", {"leisure": "park"}, -0.3, -0.12, 0.33, 0.46),
)
STATIONS: Final = (
    ("澜溪急救中心站", "Lanxi Emergency Station", 0.03, 0.485),
    ("南岸急救站", "South Bank Emergency Station", 0.3, -0.4),
)
ALL: Final = frozenset(LANES) | {street.name for street in (*LONG_STREETS, *CROSS_STREETS)}
"""Streets of the town itself, which have door numbers."""


def english(name: str) -> str:
    """The sign-post form: 澜溪大道 -> Lanxi Avenue."""
    endings = {"大道": "Avenue", "大桥": "Bridge", "路": "Road", "街": "Street", "巷": "Lane"}
    for ending, word in (endings | {"桥": "Bridge", "河": "River"}).items():
        if name.endswith(ending) and len(name) > len(ending):
            return f"{''.join(lazy_pinyin(name.removesuffix(ending))).capitalize()} {word}"
    return "".join(lazy_pinyin(name)).capitalize()
