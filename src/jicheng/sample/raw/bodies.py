"""Firms and institutes of the made-up zone: names, codes, people, what they can do."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

from jicheng.sample.codes import credit_codes
from jicheng.sample.frames import data

__all__ = ["Body", "bodies", "person_names", "rows_of"]

N_FIRMS = 60
_FIRST_NUMBER = 70_010_000  # of the organisation codes, apart from those of other samples
_STEP = 137
_BLAND = (
    *("信息技术", "商贸", "物业管理", "建筑设计", "文化传播", "物流", "环保工程", "人力资源服务"),
    *("机械设备", "食品", "纺织", "会展服务", "软件", "广告", "餐饮管理", "咨询服务"),
)


@dataclass(frozen=True, slots=True)
class Body:
    """A firm or an institute.

    ``main`` are capabilities that most of its texts show, ``also`` those that few do;
    ``kind`` is firm, university, institute or outside (a firm of another zone).
    """

    key: str
    name: str
    name_en: str
    kind: str
    size: str
    place: str
    main: tuple[str, ...]
    also: tuple[str, ...]
    code: str
    legal_person: str

    @property
    def is_listed(self) -> bool:
        """Whether the lists of the zone name it."""
        return self.kind != "outside"


def rows_of(name: str) -> list[dict[str, str]]:
    """Return the lines of ``<name>.csv``."""
    file = resources.files("jicheng.sample.raw").joinpath(f"{name}.csv")
    return list(csv.DictReader(file.read_text("utf-8").splitlines()))


@cache
def person_names() -> tuple[str, ...]:
    """Return names of people, no two the same."""
    parts: dict[str, list[str]] = {}
    for part, word in data("names").select("part", "zh").iter_rows():
        parts.setdefault(part, []).append(word)
    surnames, first, second = parts["surname"], parts["given_first"], parts["given_second"]
    made = [
        surnames[(7 * k) % len(surnames)]
        + first[(3 * k + k // 16) % len(first)]
        + second[(5 * k + k // 11) % len(second)]
        for k in range(900)
    ]
    return tuple(dict.fromkeys(made))


def bodies() -> tuple[Body, ...]:
    """Return the bodies: those with capabilities first, then bland firms up to sixty."""
    described = rows_of("bodies")
    bland = _bland_names(N_FIRMS - sum(row["kind"] == "firm" for row in described))
    described += [
        {"key": f"b{k}", "name": name, "name_en": "", "kind": "firm", "size": size,
         "place": "广州", "main": "", "also": ""}
        for k, (name, size) in enumerate(bland)
    ]  # fmt: skip
    numbers = np.arange(len(described), dtype=np.int64) * _STEP + _FIRST_NUMBER
    codes = {kind: credit_codes(numbers, kind) for kind in ("91", "12")}
    people = person_names()
    return tuple(
        Body(
            key=row["key"],
            name=row["name"],
            name_en=row["name_en"],
            kind=row["kind"],
            size=row["size"],
            place=row["place"],
            main=tuple(part for part in row["main"].split(";") if part),
            also=tuple(part for part in row["also"].split(";") if part),
            code=codes["91" if row["kind"] in ("firm", "outside") else "12"][k],
            legal_person=people[k],
        )
        for k, row in enumerate(described)
    )


def _bland_names(n: int) -> list[tuple[str, str]]:
    """Return names of firms that hold no capability, and their sizes."""
    parts: dict[str, list[str]] = {}
    for part, word in data("names").select("part", "zh").iter_rows():
        parts.setdefault(part, []).append(word)
    first, second = parts["brand_first"], parts["brand_second"]
    sizes = ("微型", "小型", "小型", "中型")
    return [
        (
            f"广州{first[(k + 22) % len(first)]}{second[(5 * k + 11) % len(second)]}"
            f"{_BLAND[k % len(_BLAND)]}有限公司",
            sizes[k % len(sizes)],
        )
        for k in range(n)
    ]
