from __future__ import annotations

import pytest

from jicheng.integrate.resolve.people.names import is_common, person_name

WANG = ("wang|xiaoming",)


@pytest.mark.parametrize(
    "written",
    [
        "王小明", "Wang Xiaoming", "Xiaoming Wang", "Xiao-Ming Wang", "WANG Xiao Ming",
        "Wang, Xiaoming", "Wang, Xiao-Ming", "ＷＡＮＧ　Xiaoming", "Prof. Xiaoming Wang",
        "王 小 明 教授", "王小明（Wang Xiaoming）",
    ],
)  # fmt: skip
def test_every_order_and_script_of_a_name_has_one_key(written: str) -> None:
    assert person_name(written).whole == WANG
    assert "wang|xm" in person_name(written).initials


@pytest.mark.parametrize(
    "written", ["Wang X.M.", "X. M. Wang", "X.M. Wang", "X.-M. Wang", "Wang, XM", "WANG XM"]
)
def test_initials_are_not_a_written_out_name(written: str) -> None:
    assert person_name(written).whole == ()
    assert person_name(written).initials == ("wang|xm",)


def test_name_that_reads_in_two_ways_has_both_keys() -> None:
    assert person_name("Xiao Ming Wang").whole == ("mingwang|xiao", "wang|xiaoming")
    assert person_name("Wei Wang").initials == ("wang|w", "wei|w")
    assert person_name("Wei Wang").whole == person_name("Wang Wei").whole == ("wang|wei",)


@pytest.mark.parametrize(
    ("chinese", "pinyin"),
    [("曾凡", "Zeng Fan"), ("单海", "Shan Hai"), ("仇真", "Qiu Zhen"), ("吕丽", "Lyu Li"),
     ("欧阳修远", "Ouyang Xiuyuan"), ("歐陽修遠", "Xiuyuan Ouyang")],
)  # fmt: skip
def test_family_names_are_read_as_family_names(chinese: str, pinyin: str) -> None:
    assert set(person_name(chinese).whole) <= set(person_name(pinyin).whole)


def test_traditional_characters_and_titles_change_nothing() -> None:
    assert person_name("劉偉 副教授").han == person_name("刘伟").han == "刘伟"
    assert person_name("高工").han == "高工"  # nothing would be left


def test_middle_initial_is_not_part_of_the_key() -> None:
    assert person_name("John A. Smith").whole == person_name("Smith, John").whole
    assert person_name("Müller, Jörg").whole == ("jorg|muller",)


@pytest.mark.parametrize("written", ["", " ", "王", "3", "?!", "A", "()", "，"])
def test_what_is_no_name_has_no_keys(written: str) -> None:
    assert person_name(written).whole == ()


def test_english_name_of_a_record_adds_its_keys() -> None:
    found = person_name("陈大文", "Chan Tai-Man")
    assert found.han == "陈大文"
    assert {"chen|dawen", "chan|taiman"} & set(found.whole) >= {"chen|dawen"}
    assert len(found.whole) >= 2


def test_short_names_of_large_families_are_common() -> None:
    assert is_common("王伟")
    assert not is_common("王小明")
    assert not is_common("仇真")
