"""Packs as tables for people."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jicheng.rules.pack.reading import read_pack
from jicheng.rules.pack.rendering import pack_table, render
from jicheng.rules.pack.shipped import pack_of, shipped
from pack_builders import PACK, POINTS, SLOT, changed, written

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def row(text: str, path: str) -> list[str]:
    """Return the cells of an element's row."""
    line = next(line for line in text.splitlines() if line.startswith(f"| `{path}` |"))
    return [cell.strip() for cell in line.strip("|").split(" | ")]


@pytest.mark.parametrize("language", ["zh", "en", "both"])
@pytest.mark.parametrize("key", list(shipped()))
def test_every_element_of_a_shipped_pack_has_its_row(key: str, language: str) -> None:
    pack = pack_of(key)
    text = render(pack, language)
    for element in pack.elements():
        assert f"| `{element.path.split('/', 1)[1]}` |" in text


@pytest.mark.parametrize("key", list(shipped()))
def test_tables_have_as_many_cells_in_every_row(key: str) -> None:
    for block in render(pack_of(key)).split("\n\n"):
        lines = [line for line in block.splitlines() if line.startswith("|")]
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in lines}) <= 1


def test_bands_are_said_with_names_and_units_that_people_know() -> None:
    text = render(pack_of("cn.hte@2016"), "zh")
    assert "研发费用" in row(text, "rd_ratio")[2]
    assert row(text, "growth/revenue_growth")[3].startswith(
        "按“营业收入增长率（官方公式，三年）”分档：≥ 35 %：9–10 分；≥ 25 %：7–8 分"
    )


def test_english_has_no_chinese_but_names_of_things() -> None:
    text = render(pack_of("cn.little_giant@2022"), "en")
    body = text[text.index("## ") : text.index("## Sources")]
    assert not CHINESE.search(body)


def test_both_languages_stand_above_one_another() -> None:
    name = row(render(pack_of("cn.hte@2016")), "age")[1]
    assert name == "注册满一年<br>Registered for a year"


def test_both_languages_stand_side_by_side_in_a_terminal() -> None:
    text = render(pack_of("cn.hte@2016"), between=" ｜ ")
    assert row(text, "age")[1] == "注册满一年 ｜ Registered for a year"
    assert "<br>" not in text


def test_marks_tell_clause_and_figures_apart() -> None:
    text = render(pack_of("cn.srdi_sme@2022"), "en")
    assert row(text, "debt_ratio")[5] == "✓"
    assert row(text, "ip_main_product")[5] == "✓/?"


def test_draft_is_said_first() -> None:
    lines = render(pack_of("cn.hte@2016"), "en").splitlines()
    assert lines[2].startswith("**Draft rules")


def test_pack_that_is_all_ours_is_no_draft(tmp_path: Path) -> None:
    text = changed("kind: qualification", "kind: qualification\nissuer: {text: 我, status: ours}")
    pack = read_pack(written(tmp_path, text))
    assert not pack.is_draft
    assert "Draft" not in render(pack, "en")


def test_demo_weights_are_called_so() -> None:
    assert "Demo weights" in render(pack_of("cn.innovation_points@2024"), "en")


def test_weights_stand_by_stage(tmp_path: Path) -> None:
    text = render(read_pack(written(tmp_path, POINTS)), "zh")
    assert "| 名称 | 初创期 | 成长期 | 稳定期 |" in text
    assert "| spend | 50 | 45 | 40 |" in text


def test_open_slot_says_who_fills_it(tmp_path: Path) -> None:
    text = render(read_pack(written(tmp_path, SLOT)), "en")
    assert row(text, "local_feature")[3] == (
        "the province fills in 1 to 2 indicators, not yet: 0 to 15 points"
    )


def test_element_of_an_overlay_says_so(tmp_path: Path) -> None:
    overlay = written(
        tmp_path,
        'overlay: {id: test.pack, version: "1", name: {zh: 本市, en: The city}}\n'
        "gates: [{id: age, when: own_brand, status: ours}]",
        "o.yaml",
    )
    text = render(read_pack(written(tmp_path, PACK), overlays=[overlay]), "en")
    assert row(text, "age")[-1] == "From the overlay: The city"
    assert row(text, "field")[-1] == ""
    assert "| Overlays | The city" in text


def test_text_cannot_break_the_table(tmp_path: Path) -> None:
    text = changed("{zh: 创新, en: Innovation}", '{zh: "a|b\\nc", en: "a|b\\nc"}')
    shown = render(read_pack(written(tmp_path, text)), "zh")
    assert "| `innovation` | a\\|b c |" in shown


def test_table_has_a_row_for_every_element_at_all_depths() -> None:
    pack = pack_of("cn.hte@2016")
    table = pack_table(pack)
    assert table["path"].to_list() == [one.path for one in pack.elements()]
    part = table.filter(path="indicators/ip/count").row(0, named=True)
    assert (part["depth"], part["max"], part["is_bonus"], part["section"]) == (
        1, 8.0, False, "indicators",
    )  # fmt: skip
    assert part["rule_en"].startswith("Class I rights ≥ 1: 7–8")
    assert (part["file"], part["status"]) == ("cn.hte.2016.yaml", "verified")


def test_what_gives_no_points_has_no_maximum() -> None:
    table = pack_table(pack_of("cn.hte@2016"))
    assert table.filter(section="gates")["max"].null_count() == table.filter(section="gates").height
