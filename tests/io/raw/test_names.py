from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jicheng.io.raw.names import (
    looks_like_a_person,
    split_list,
    split_organisations,
    split_people,
    tidy_name,
)


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("甲有限公司；乙大学", ("甲有限公司", "乙大学")),
        ("甲有限公司;乙大学", ("甲有限公司", "乙大学")),
        ("甲有限公司、乙大学，丙研究院", ("甲有限公司", "乙大学", "丙研究院")),
        ("甲有限公司\n乙大学", ("甲有限公司", "乙大学")),
        ("甲有限公司/乙大学", ("甲有限公司", "乙大学")),
        ("甲有限公司（牵头）；乙大学(合作单位)", ("甲有限公司", "乙大学")),
        ("1.甲有限公司\n2.乙大学", ("甲有限公司", "乙大学")),
        ("甲公司（一厂、二厂）、乙公司", ("甲公司（一厂、二厂）", "乙公司")),
        ("甲 有限 公司", ("甲有限公司",)),
        ("甲有限公司等", ("甲有限公司",)),
        ("甲有限公司；甲有限公司", ("甲有限公司",)),
        ("Lantu Co., Ltd.; Xi University", ("Lantu Co., Ltd.", "Xi University")),
        ("Lantu Co., Ltd., Xi University", ("Lantu Co., Ltd.", "Xi University")),
        ("Siemens AG, Bosch GmbH", ("Siemens AG", "Bosch GmbH")),
        ("；、", ()),
    ],
)  # fmt: skip
def test_organisations_in_a_cell_are_parted(cell: str, names: tuple[str, ...]) -> None:
    assert split_organisations(cell) == names


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("张三;李四", ("张三", "李四")),
        ("张三；李四；", ("张三", "李四")),
        ("张三、李四,王五", ("张三", "李四", "王五")),
        ("张三 李四　王五", ("张三", "李四", "王五")),
        ("王 五", ("王五",)),
        ("张三\n李四", ("张三", "李四")),
        ("1.张三 2.李四", ("张三", "李四")),
        ("张三等", ("张三",)),
        ("张三（通讯作者）、李四", ("张三", "李四")),
        ("Zhang, San; Li, Si", ("Zhang, San", "Li, Si")),
        ("San Zhang, Si Li, Wu Wang", ("San Zhang", "Si Li", "Wu Wang")),
        ("阿依古丽·买买提；李四", ("阿依古丽·买买提", "李四")),
    ],
)
def test_people_in_a_cell_are_parted(cell: str, names: tuple[str, ...]) -> None:
    assert split_people(cell) == names


def test_a_list_of_products_is_parted_outside_brackets() -> None:
    assert split_list("芯片（逻辑、存储）；显示面板、整机") == (
        "芯片（逻辑、存储）",
        "显示面板",
        "整机",
    )


@pytest.mark.parametrize(
    ("name", "is_person"),
    [("张三", True), ("欧阳修远", False), ("李四光", True), ("岭湾大学", False), ("某某厂", False),
     ("华为", True), ("阿依古丽·买买提", True), ("Zhang San", False)],
)  # fmt: skip
def test_a_person_among_owners_is_told_by_a_short_name(name: str, *, is_person: bool) -> None:
    assert looks_like_a_person(name) is is_person


def test_a_name_becomes_one_line() -> None:
    assert tidy_name(" 广州某某\n（集团）  有限公司（牵头单位）") == "广州某某（集团）有限公司"


@given(st.text(max_size=60))
def test_any_text_gives_names_without_blanks_around(text: str) -> None:
    for split in (split_organisations, split_people, split_list):
        assert all(name == name.strip() and name for name in split(text))
