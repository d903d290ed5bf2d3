"""Records of made-up organisations from several sources, and which belong together.

Firms, institutes and branches with Chinese names; each has a row in a registry and some
have more in other lists, with names as people shorten, misspell and translate them. One
seed gives the same rows. Brands are random characters: no name is meant to be anybody's.
What is planted (shares in ``Noise``) is our assumption of how such lists look.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import polars as pl
from pypinyin import lazy_pinyin

from jicheng.identifiers.credit_code import check_character, organisation_code_check
from jicheng.integrate.resolve.names.vocabulary import english_industries, regions

__all__ = ["Noise", "identities"]

BRAND = (
    "翊图禾川帆辰序维构岳泽璞聿量桥澜瀚晟泓昱璟岚霁沐铭衡朔曜湛旌笃砺珩澄颢翎屹渊栎峤玥棠煜皓骁琛玮筱茗楷淳漾"
    "嵘宥翀铄佳美华中新天海金宏伟达昌盛兴隆泰和顺安康源丰瑞祥福德正信诚博文雅思创想卓越领先启明星辉光宇航飞腾"
    "龙虎鹏鹰凤麟云雨雪霜山石玉宝珠晶钻银铜铁锐锋利剑盾弓箭东西南北春夏秋冬森林木竹梅兰菊松柏枫桦青蓝紫红"
)
INDUSTRY = [
    "科技",
    "智能科技",
    "信息技术",
    "电子科技",
    "智能装备",
    "生物科技",
    "生物医药",
    "新材料",
    "新能源",
    "软件",
    "网络科技",
    "半导体",
    "光电",
    "机器人",
    "自动化设备",
    "精密机械",
    "医疗器械",
    "环保科技",
    "汽车零部件",
    "通信",
    "电气",
    "化工",
    "食品",
    "贸易",
    "供应链",
    "物流",
    "咨询",
    "检测",
    "建筑工程",
    "文化传媒",
    "投资",
    "集成电路",
    "激光",
    "仪器仪表",
    "数据",
    "航空",
    "模具",
    "塑料",
    "包装",
    "照明",
]
SURNAME = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董"
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀兰霞平刚桂英华"
    "建国文斌宇浩轩子涵欣怡晨曦志远思琪嘉豪雨婷俊凯晓峰"
)
FORMS = ("有限公司", "有限责任公司", "股份有限公司", "集团有限公司")
FIELDS = [
    "能源",
    "材料",
    "半导体",
    "生物医药",
    "人工智能",
    "海洋",
    "环境",
    "电子信息",
    "先进制造",
    "光学",
    "机器人",
    "基因",
]
BODIES = ("研究院", "研究所", "技术研究院", "创新中心", "实验室")
TRADITIONAL = str.maketrans(
    "东广华龙飞云兰岚图铭颢峤骁玮业电气机车药联设备网络导体宝银铜铁锐剑创启达兴丰",
    "東廣華龍飛雲蘭嵐圖銘顥嶠驍瑋業電氣機車藥聯設備網絡導體寶銀銅鐵銳劍創啟達興豐",
)
SOURCES = ("tax", "projects", "patents", "exhibition")


@dataclass(frozen=True, slots=True)
class Noise:
    """Shares of what is missing or wrong in rows, of a registry and of other lists."""

    more: float = 0.6  # further rows for each organisation
    code_registry: float = 0.98
    code_other: float = 0.45
    code_mistyped: float = 0.03
    person: float = 0.75
    telephone: float = 0.40
    region: float = 0.80
    district: float = 0.50
    industry: float = 0.60
    founded: float = 0.60
    wrong: float = 0.04  # of a value that is there
    institutes: float = 0.06
    branches: float = 0.06
    names: dict[str, float] = field(default_factory=lambda: {
        "same": 0.37, "no_region": 0.13, "short": 0.12, "wrong_character": 0.08, "other_form": 0.11,
        "brackets": 0.09, "province": 0.04, "traditional": 0.04, "latin": 0.02,
    })  # fmt: skip


@dataclass(slots=True)
class _Body:
    kind: str
    city: str
    province: str
    brand: str
    words: str
    ending: str
    unit: str
    code: str
    district: str
    industry: str
    founded: int
    person: str
    telephone: str
    head: int | None = None  # number of what a branch belongs to
    number: int = 0


def identities(records: int, *, seed: int = 1, noise: Noise | None = None) -> pl.DataFrame:
    """Make up about ``records`` rows.

    Returns
    -------
    polars.DataFrame
        The columns that ``resolve`` reads, and the truth: ``entity``, ``entity_kind`` (firm,
        institute, university or branch) and ``entity_head``, the entity of a branch's head.
    """
    noise = noise or Noise()
    rng = random.Random(seed)  # noqa: S311 - no secrets
    bodies = _bodies(round(records / (1 + noise.more)), rng, noise)
    rows: list[tuple[object, ...]] = []
    for entity, body in enumerate(bodies):
        rows.append((entity, body.head, *_row(body, "registry", rng, noise)))
        while rng.random() < noise.more / (1 + noise.more):
            rows.append((entity, body.head, *_row(body, rng.choice(SOURCES), rng, noise)))
    rng.shuffle(rows)
    frame = pl.DataFrame(rows, schema=_SCHEMA, orient="row", infer_schema_length=None)
    return frame.with_row_index("n").select(
        pl.format("r{}", pl.col("n").cast(pl.String).str.zfill(8)).alias("id"),
        pl.all().exclude("n"),
    )


_SCHEMA = {
    "entity": pl.Int64, "entity_head": pl.Int64, "entity_kind": pl.String,
    "source": pl.String, "as_of": pl.String,
    "name": pl.String, "credit_code": pl.String, "region": pl.String, "district": pl.String,
    "industry": pl.String, "founded": pl.Int64, "legal_person": pl.String, "telephone": pl.String,
}  # fmt: skip


def _bodies(count: int, rng: random.Random, noise: Noise) -> list[_Body]:
    cities = [one for one in regions() if one.level == "city" and one.parent]
    weights = [30.0 if one.name == "广州" else 1 / (2 + k % 40) for k, one in enumerate(cities)]
    brand_weights = [1 / (10 + k) for k in range(len(BRAND))]
    rng_brand = list(BRAND)
    rng.shuffle(rng_brand)
    bodies: list[_Body] = []
    firms: list[_Body] = []
    taken: set[tuple[int, str]] = set()
    for number in range(count):
        draw = rng.random()
        city = rng.choices(cities, weights)[0]
        if draw < noise.branches and firms:
            parent = rng.choice(firms)
            unit = f"{city.name}分公司" if rng.random() < 0.7 else f"{city.name}研发中心"
            while (id(parent), unit) in taken:  # nobody has two branches of one name
                parent = rng.choice(firms)
            taken.add((id(parent), unit))
            body = _Body("branch", parent.city, parent.province, parent.brand, parent.words,
                         parent.ending, unit, "", "", parent.industry, 0, "", "",
                         head=parent.number)  # fmt: skip
        else:
            brand = "".join(
                rng.choices(rng_brand, brand_weights, k=3 if rng.random() < 0.25 else 2)
            )
            words = rng.choice(INDUSTRY)
            form = rng.choices(FORMS, (75, 8, 12, 5))[0]
            body = _Body("firm", city.name, city.parent, brand, words, form,
                         "", "", "", "", 0, "", "")  # fmt: skip
            if draw > 1 - noise.institutes:
                body.kind, body.words = "institute", rng.choice(FIELDS)
                body.ending = rng.choice(BODIES)
                if rng.random() < 0.4:  # a unit of a university
                    body.brand, body.words, body.ending = brand[:2], "", "大学"
                    body.kind = "university"
                    body.unit = rng.choice(FIELDS) + rng.choice(
                        ("学院", "研究院", "实验室", "研究所")
                    )
            else:
                firms.append(body)
            body.industry = f"C{13 + INDUSTRY.index(words) % 20}"
        body.code = _credit_code(number, "91" if body.kind in ("firm", "branch") else "12", rng)
        body.number = number
        body.district = f"{rng.randrange(8)}区"
        body.founded = 2024 - int(rng.expovariate(1 / 9)) % 34
        body.person = rng.choice(SURNAME) + "".join(rng.choices(GIVEN, k=1 + (rng.random() < 0.8)))
        body.telephone = f"0{rng.randrange(20, 999)}-{rng.randrange(20_000_000, 89_999_999)}"
        bodies.append(body)
    return bodies


def _credit_code(number: int, head: str, rng: random.Random) -> str:
    eight = f"{number:07d}{rng.randrange(10)}"
    body = f"{head}999999{eight}{organisation_code_check(eight)}"  # no division has 999999
    return body + check_character(body)


def _full(body: _Body, city: str, ending: str) -> str:
    return city + body.brand + body.words + ending + body.unit


def _row(body: _Body, source: str, rng: random.Random, noise: Noise) -> tuple[object, ...]:
    is_registry = source == "registry"
    name = _full(body, body.city, body.ending)
    if rng.random() < 0.5:
        name = name.replace(body.city, body.city + "市", 1)
    if not is_registry:
        for _ in range(1 + (rng.random() < 0.15)):
            name = _variant(name, body, rng, noise)

    def kept(share: float, value: str) -> str | None:
        return value if rng.random() < share else None

    share = noise.code_registry if is_registry else noise.code_other
    if body.unit:
        share *= 0.6  # branches and departments often have no code of their own in a list
    code = kept(share, body.code)
    if code and not is_registry and rng.random() < noise.code_mistyped:
        at = rng.randrange(8, 17)
        code = code[:at] + rng.choice("0123456789") + code[at + 1 :]
    person = kept(noise.person, body.person)
    if person and rng.random() < noise.wrong:
        person = rng.choice(SURNAME) + rng.choice(GIVEN)
    elif person and rng.random() < noise.wrong:
        person = person[:-1] + rng.choice(GIVEN)
    telephone = kept(noise.telephone, body.telephone)
    if telephone and rng.random() < 2 * noise.wrong:
        telephone = f"020-{rng.randrange(20_000_000, 89_999_999)}"
    founded = body.founded if rng.random() < noise.founded else None
    if founded and rng.random() < noise.wrong:
        founded += rng.choice((-1, 1))
    industry = kept(noise.industry, body.industry)
    if industry and rng.random() < 2 * noise.wrong:
        industry = f"C{rng.randrange(13, 33)}"
    return (
        body.kind, source, f"202{rng.randrange(3, 6)}-0{rng.randrange(1, 10)}-15", name, code,
        kept(noise.region, body.city), kept(noise.district, body.district), industry, founded,
        person, telephone,
    )  # fmt: skip


def _variant(name: str, body: _Body, rng: random.Random, noise: Noise) -> str:
    kind = rng.choices(list(noise.names), list(noise.names.values()))[0]
    if kind == "no_region" and body.words:
        return name.replace(body.city + "市", "").replace(body.city, "", 1)
    if kind == "short" and body.kind == "firm":
        return body.brand + body.words if rng.random() < 0.8 else body.brand + body.words[:2]
    if kind == "wrong_character" and len(name) > 4:
        at = rng.randrange(2, min(len(name), 2 + len(body.brand + body.words)))
        return name[:at] + rng.choice(BRAND) + name[at + 1 :]
    if kind == "other_form" and body.kind in ("firm", "branch"):
        return _full(body, body.city, rng.choice(FORMS))
    if kind == "brackets" and body.words:
        return f"{body.brand}{body.words}（{body.city}）{body.ending}{body.unit}"
    if kind == "province":
        return body.province + "省" + name
    if kind == "traditional":
        return name.translate(TRADITIONAL)
    if kind == "latin" and body.kind == "firm":
        return _latin(body)
    return name


_ENGLISH = {word: english for english, word in reversed(english_industries().items())}


def _latin(body: _Body) -> str:
    brand = "".join(lazy_pinyin(body.brand)).capitalize()
    words, rest = [], body.words
    while rest:
        for length in range(len(rest), 0, -1):
            if rest[:length] in _ENGLISH:
                words.append(_ENGLISH[rest[:length]].title())
                rest = rest[length:]
                break
        else:
            rest = rest[1:]
    city = "".join(lazy_pinyin(body.city)).capitalize()
    return f"{city} {brand} {' '.join(words)} Co., Ltd."
