"""Registries abroad write cities of China in pinyin."""

from __future__ import annotations

import polars as pl
import pytest

from jicheng.integrate.resolve import resolve

_OTHERS = ("宏达", "利源", "天泽", "百川", "云图")


def is_one(region: str | None) -> bool:
    name = "深圳市清河光电有限公司"
    rows = [
        {"id": "a", "name": name, "region": "深圳"},
        {"id": "b", "name": name, "region": region},
    ]
    rows += [
        {"id": f"c{brand}", "name": f"深圳市{brand}科技有限公司", "region": "深圳"}
        for brand in _OTHERS
    ]
    members = resolve(pl.DataFrame(rows, infer_schema_length=None)).members
    return members.filter(pl.col("record").is_in(["a", "b"]))["organisation"].n_unique() == 1


@pytest.mark.parametrize("region", ["Shenzhen", "SHENZHEN", "深圳市", "Guangdong", None])
def test_city_in_pinyin_is_the_city(region: str | None) -> None:
    pytest.importorskip("splink")
    assert is_one(region)


@pytest.mark.parametrize("region", ["Kiel", "Beijing"])
def test_another_city_in_latin_letters_is_another(region: str) -> None:
    pytest.importorskip("splink")
    assert not is_one(region)
