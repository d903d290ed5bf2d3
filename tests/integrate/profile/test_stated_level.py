from __future__ import annotations

import pytest

from jicheng.integrate.profile.stated_level import stated_level


@pytest.mark.parametrize(
    ("said", "level"),
    [
        ("由 TRL 4 提升到 TRL 7", 0.78),
        ("技术成熟度达到6—7级", 0.78),
        ("readiness of TRL: 6", 0.67),
        ("能力水平不低于70%", 0.7),
        ("a level of at least 0.6", 0.6),
        ("整体达到国际先进水平", 0.75),
        ("nationally leading process", 0.6),
    ],
)
def test_stated_level_is_read_with_its_words(said: str, level: float) -> None:
    found = stated_level(said)
    assert found is not None
    assert found.level == level
    assert found.words in said
    assert found.words in found.told


@pytest.mark.parametrize(
    "said", ["纯度不低于99.99%", "缺陷密度≤0.1", "reflectivity above 68 %", "重复精度2纳米以内"]
)
def test_figure_is_quoted_and_gives_no_level(said: str) -> None:
    found = stated_level(said)
    assert found is not None
    assert found.level is None
    assert found.words in said


@pytest.mark.parametrize("said", ["", "多层膜镀制", "水平集方法", "成熟度高，2025年", "国际合作"])
def test_nothing_is_read_where_nothing_is_stated(said: str) -> None:
    assert stated_level(said) is None


def test_level_goes_before_a_figure() -> None:
    found = stated_level("反射率大于68%，技术成熟度8级")
    assert found is not None
    assert found.level == 0.89
