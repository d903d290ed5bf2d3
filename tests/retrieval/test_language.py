from __future__ import annotations

import pytest

from jicheng.retrieval import Language, language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("谐波减速器", Language.ZH),
        ("harmonic drive", Language.EN),
        ("基于 FPGA 的高速数据采集板卡", Language.ZH),
        ("Laser welding (激光) of thin steel sheets", Language.EN),
        ("", Language.EN),
        ("RV-40E 2,300 rpm", Language.EN),
        ("𠮷野家", Language.ZH),
        ("АБВ лазер", Language.EN),
    ],
)
def test_language_is_told_by_script(text: str, language: Language) -> None:
    assert language_of(text) is language


@pytest.mark.parametrize(("n_latin", "language"), [(4, Language.ZH), (5, Language.EN)])
def test_a_fifth_of_the_letters_makes_a_text_chinese(n_latin: int, language: Language) -> None:
    assert language_of("汉" + "a" * n_latin + " 123，。") is language
