"""A small zone whose candidates are planted, for tests of matching."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from builders import make_zone
from jicheng.integrate.match.matcher import Matcher
from jicheng.integrate.match.settings import MatchSettings
from jicheng.retrieval import RetrievalSettings
from jicheng.zone import Zone

WORDS = RetrievalSettings(engines=())

CAPABILITIES = [
    {"id": "cap:material", "name": "电子材料"},
    {
        "id": "cap:resist",
        "name": "光刻胶树脂合成",
        "name_en": "photoresist resin synthesis",
        "parent": "cap:material",
        "description": "合成用于光刻的低金属杂质树脂",
    },
    {"id": "cap:clean", "name": "晶圆湿法清洗", "parent": "cap:material"},
    {"id": "cap:krf", "name": "氟化氪光刻胶树脂合成", "parent": "cap:resist"},
    {"id": "cap:blade", "name": "风机叶片设计"},
]
NEEDS = [
    {"technology": "tech:resist", "capability": "cap:resist", "level": 0.6, "weight": 3},
    {"technology": "tech:resist", "capability": "cap:clean", "level": 0.5, "weight": 1},
]
CHATTER = [
    "海上风机叶片采用碳纤维主梁，长一百二十米。",
    "冷链物流车辆的温度监控平台。",
    "城市轨道交通信号系统的维护服务。",
    "面向中小学的在线课程与题库。",
    "不锈钢餐具的冲压与抛光。",
    "智能停车场收费与车位引导系统。",
    "宠物食品的烘焙配方。",
    "数控机床主轴的热误差补偿。",
]


def firm(id_: str, **values: Any) -> dict[str, Any]:
    """Return a firm in the zone."""
    return {
        "id": id_,
        "name": id_.removeprefix("org:"),
        "kind": "firm",
        "zone": "zone:test",
        "country": "CHN",
    } | values


def held(holder: str, capability: str, level: float | None = None, **values: Any) -> dict[str, Any]:
    """Return a holding with a source."""
    row = {"holder": holder, "capability": capability, "level": level, "source": "survey"}
    return row | values


def told(text: str, party: str, role: str = "owner") -> dict[str, Any]:
    """Return that a text has a party."""
    return {"text": text, "party": party, "role": role}


def match_zone(**more: Sequence[Mapping[str, Any]]) -> Zone:
    """Make a zone with a challenge on resist resins, and eight firms that do other things.

    Rows given for a table come on top of those of the zone.
    """
    firms = [firm(f"org:other{i}") for i in range(len(CHATTER))]
    tables: dict[str, list[Mapping[str, Any]]] = {
        "technologies": [
            {
                "id": "tech:resist",
                "name": "氟化氪光刻胶",
                "description": "用于深紫外光刻的感光材料，树脂的金属杂质须低于十亿分之一。",
            }
        ],
        "capabilities": list(CAPABILITIES),
        "needs": list(NEEDS),
        "organisations": [*firms, firm("org:owner")],
        "challenges": [
            {
                "id": "chal:resist",
                "technology": "tech:resist",
                "name": "光刻胶攻关",
                "owner": "org:owner",
                "lead_kinds": "firm",
            }
        ],
        "texts": [
            {"id": f"txt:other{i}", "kind": "product", "title": said, "period": 2024}
            for i, said in enumerate(CHATTER)
        ],
        "text_parties": [told(f"txt:other{i}", f"org:other{i}") for i in range(len(CHATTER))],
    }
    for name, rows in more.items():
        tables[name] = [*tables.get(name, []), *rows]
    return make_zone(**tables)


def matcher_of(zone: Zone, *, words: bool = True, **settings: Any) -> Matcher:
    """Make the matcher of a zone, by words alone unless told otherwise."""
    retrieval = WORDS if words else RetrievalSettings(engines=("use",))
    return Matcher.of(zone, MatchSettings(**settings), retrieval=retrieval)
