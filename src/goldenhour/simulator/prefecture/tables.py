"""Who serves the people of 安澜市, and where: data for `services`. None of it exists."""

from typing import Final, NamedTuple


class Hospital(NamedTuple):
    name: str
    name_en: str
    beds: int
    can: str
    """Capabilities, apart by blanks."""
    a: float
    b: float
    """Where on the city's lattice; a county's stand where its seat is."""


CITY_HOSPITALS: Final = (
    Hospital(
        "安澜市人民医院",
        "Anlan People's Hospital",
        2_200,
        "pci_24h thrombolysis thrombectomy_24h ct_24h neurosurgery_24h trauma_level poison dialysis"
        " ecmo isolation",
        -300,
        2_150,
    ),
    Hospital(
        "安澜市中心医院",
        "Anlan Central Hospital",
        1_600,
        "pci_24h thrombolysis thrombectomy_24h ct_24h neurosurgery_24h trauma_level burn dialysis"
        " ecmo hyperbaric",
        900,
        -1_400,
    ),
    Hospital(
        "安澜大学附属医院",
        "Anlan University Hospital",
        1_300,
        "pci_24h thrombolysis thrombectomy_24h ct_24h neurosurgery_24h pediatric_trauma dialysis",
        2_700,
        2_100,
    ),
    Hospital(
        "安澜市中医医院",
        "Anlan Hospital of Chinese Medicine",
        700,
        "ct_24h thrombolysis dialysis",
        -2_300,
        1_250,
    ),
    Hospital(
        "安澜市妇幼保健院",
        "Anlan Maternity and Children's Hospital",
        520,
        "maternal_critical neonatal_critical",
        1_500,
        -2_300,
    ),
    Hospital(
        "安澜市儿童医院",
        "Anlan Children's Hospital",
        450,
        "pediatric_trauma neonatal_critical ct_24h",
        1_300,
        1_250,
    ),
    Hospital(
        "安澜市第三人民医院",
        "Anlan Third People's Hospital",
        400,
        "isolation ct_24h dialysis",
        -4_200,
        -2_900,
    ),
    Hospital(
        "安澜市骨科医院", "Anlan Orthopaedic Hospital", 320, "trauma_level ct_24h", -2_500, -1_300
    ),
    Hospital(
        "江北区人民医院",
        "Jiangbei District Hospital",
        520,
        "ct_24h thrombolysis pci_24h",
        4_300,
        1_250,
    ),
    Hospital(
        "江南区人民医院",
        "Jiangnan District Hospital",
        560,
        "ct_24h thrombolysis pci_24h dialysis",
        2_900,
        -2_800,
    ),
    Hospital("高新区医院", "High-tech Zone Hospital", 300, "ct_24h thrombolysis", -7_000, -1_400),
    Hospital("经开区职工医院", "Works Hospital", 260, "ct_24h burn poison", 5_700, -1_400),
)
COUNTY_HOSPITALS: Final = (
    (
        "人民医院",
        "People's Hospital",
        600,
        "ct_24h thrombolysis pci_24h neurosurgery_24h dialysis maternal_critical antivenom",
    ),
    ("中医医院", "Hospital of Chinese Medicine", 240, "ct_24h antivenom"),
)
CAMPUSES: Final = (
    ("安澜大学", {"amenity": "university"}, 1_300, 4_850),
    ("安澜大学东区", {"amenity": "university"}, 3_200, 4_850),
    ("安澜师范学院", {"amenity": "university"}, 2_700, -1_300),
    ("安澜职业技术学院", {"amenity": "university"}, -3_900, 3_000),
    ("人民公园", {"leisure": "park"}, -1_000, 1_950),
    ("江南公园", {"leisure": "park"}, 1_300, -1_300),
    ("文庙公园", {"leisure": "park"}, -1_000, 1_200),
    ("植物园", {"leisure": "park"}, -2_600, -3_200),
    ("高新中央公园", {"leisure": "park"}, -6_900, -600),
    ("安澜体育中心", {"leisure": "stadium"}, 4_300, 2_100),
    ("市民中心", {"amenity": "townhall"}, 900, 2_200),
    ("江北区政府", {"amenity": "townhall"}, -2_400, 2_100),
    ("江南区政府", {"amenity": "townhall"}, 700, -2_350),
    ("安澜一中", {"amenity": "school"}, -1_200, 2_900),
    ("安澜二中", {"amenity": "school"}, 1_600, -3_200),
)
CENTRE: Final = ("安澜市急救中心", "Anlan Emergency Centre", 450, 2_450)
STATIONS: Final = (
    ("江北", -2_000, 2_300),
    ("站前", -1_900, 3_900),
    ("文化路", -3_900, 1_900),
    ("城东", 4_500, 600),
    ("东湖", 2_300, 1_200),
    ("大学城", 1_700, 4_300),
    ("江南", -900, -1_600),
    ("师范", 2_500, -2_000),
    ("高新", -6_500, -1_300),
    ("经开", 5_600, -1_100),
)
"""Stations of the city; eight townships have one as well: together eighteen."""


class Kind(NamedTuple):
    """A kind of place that everybody knows."""

    key: str
    value: str
    name: str
    name_en: str
    city: int
    seat: int
    township: int
    hours: str = ""
    """Its AED's; empty: it has none."""
    access: str = "yes"
    where: str = "一楼大厅"
    where_en: str = "entrance hall"


KINDS: Final = (
    Kind(
        "amenity",
        "bus_station",
        "汽车客运站",
        "Bus Station",
        3,
        1,
        0,
        "Mo-Su 06:00-21:00",
        where="候车厅",
        where_en="waiting hall",
    ),
    Kind(
        "shop",
        "mall",
        "广场",
        "Plaza",
        16,
        1,
        0,
        "Mo-Su 10:00-22:00",
        where="一楼服务台",
        where_en="ground floor desk",
    ),
    Kind(
        "amenity",
        "community_centre",
        "文化活动中心",
        "Culture Centre",
        22,
        2,
        1,
        "Mo-Su 08:30-20:00",
    ),
    Kind("tourism", "hotel", "宾馆", "Hotel", 26, 2, 0, "24/7", "customers", "前台", "reception"),
    Kind(
        "amenity",
        "police",
        "派出所",
        "Police Station",
        16,
        2,
        1,
        "24/7",
        where="值班室",
        where_en="duty room",
    ),
    Kind(
        "amenity",
        "fire_station",
        "消防救援站",
        "Fire Station",
        7,
        1,
        0,
        "24/7",
        "private",
        "门岗",
        "gate",
    ),
    Kind(
        "amenity",
        "school",
        "小学",
        "Primary School",
        0,
        2,
        1,
        "Mo-Fr 07:00-18:00",
        "private",
        "门卫室",
        "gatehouse",
    ),
    Kind(
        "amenity",
        "marketplace",
        "农贸市场",
        "Market",
        18,
        2,
        1,
        "Mo-Su 06:00-18:00",
        where="管理处",
        where_en="office",
    ),
    Kind("amenity", "library", "书屋", "Library", 8, 1, 0, "Tu-Su 09:00-20:00"),
    Kind("amenity", "clinic", "社区卫生服务站", "Community Clinic", 30, 3, 0),
    Kind("amenity", "pharmacy", "大药房", "Pharmacy", 60, 5, 2),
    Kind("shop", "supermarket", "超市", "Supermarket", 60, 5, 2),
    Kind("amenity", "bank", "信用社", "Credit Union", 30, 3, 1),
    Kind("amenity", "restaurant", "饭店", "Restaurant", 90, 8, 3),
    Kind("amenity", "kindergarten", "幼儿园", "Kindergarten", 40, 3, 1),
    Kind("amenity", "fuel", "加油站", "Petrol Station", 16, 2, 1),
)
