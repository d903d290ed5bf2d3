"""Technologies, links, supply, challenges, purses and ties of a zone made of lists."""

from __future__ import annotations

from pathlib import Path

from intake_builders import FIRMS, inputs_of
from jicheng.intake.intake import Intake, IntakeOptions, take_in

HEADINGS = (
    "技术编号 技术名称 产业链 技术说明 下游产品 主要来源国及份额 进口依存度 替代年限"
    " 所需能力 攻关经费 攻关周期（年） 可替代比例 发榜单位"
)
TECHNOLOGIES = [
    list(HEADINGS.split()),
    [
        *("T1", "光刻胶", "集成电路", "需要树脂", "芯片；显示面板", "日本80%；其他20%", "90%"),
        *("3-5年", "树脂；配方", "800～1200万元", 3, "40%", "广州澜图光电有限公司"),
    ],
    ["", "光刻胶树脂", "集成电路", "", "光 刻胶", "日本、美国", 0.8, 4],
]
HOLDERS = [
    ["被投资企业", "股东名称", "持股比例"],
    ["广州翊帆半导体有限公司", "广州澜图光电有限公司", "35%"],
    ["广州翊帆半导体有限公司", "张三", "65%"],
    ["广州翊帆半导体有限公司", "广州翊帆半导体有限公司", "1%"],
]


def made(tmp_path: Path, **books: list[list[object]]) -> Intake:
    return take_in(inputs_of(tmp_path, firms=FIRMS, **books), IntakeOptions("示例园区"))


def test_technologies_are_linked_by_name_and_downstream_products_added(tmp_path: Path) -> None:
    zone = made(tmp_path, tech=TECHNOLOGIES).zone
    names = dict(zone["technologies"].select("id", "name").iter_rows())
    assert names["tech:T1"] == "光刻胶"
    links = {(names[a], names[b]) for a, b in zone["links"].select("source", "target").iter_rows()}
    assert links == {("光刻胶", "芯片"), ("光刻胶", "显示面板"), ("光刻胶树脂", "光刻胶")}
    kinds = dict(zone["technologies"].select("name", "kind").iter_rows())
    assert (kinds["芯片"], kinds["光刻胶"]) == ("product", None)
    row = zone["technologies"].row(by_predicate=zone_id("tech:T1"), named=True)
    assert (row["years_low"], row["years_high"], row["import_reliance"]) == (3.0, 5.0, 0.9)
    assert row["description"] == "需要树脂\n所需能力：树脂、配方。"


def zone_id(own: str):  # type: ignore[no-untyped-def]
    import polars as pl

    return pl.col("id") == own


def test_supply_keeps_unknown_shares_unknown(tmp_path: Path) -> None:
    zone = made(tmp_path, tech=TECHNOLOGIES).zone
    rows = set(zone["supply"].select("technology", "country", "share", "basis").iter_rows())
    assert ("tech:T1", "JPN", 0.8, "world") in rows
    assert {(country, share) for t, country, share, _ in rows if t != "tech:T1"} == {
        ("JPN", None), ("USA", None)}  # fmt: skip


def test_shares_of_imports_are_those_of_home(tmp_path: Path) -> None:
    rows = [["技术名称", "产业链", "进口来源国及份额"], ["光刻胶", "集成电路", "日本80%"]]
    mapping = {"lists": [{"kind": "technologies", "columns": {"supply": "进口来源国及份额"},
                          "header_row": 1}]}  # fmt: skip
    from intake_builders import write_lists
    from jicheng.intake.inputs import read_inputs
    from jicheng.io.raw.mapping import read_list_maps

    firms = write_lists(tmp_path / "f", firms=FIRMS)
    tech = write_lists(tmp_path / "t", tech=rows)
    maps = read_list_maps({"lists": [{**mapping["lists"][0], "file": "tech.xlsx"}]})
    zone = take_in(read_inputs([*firms, *tech], mapping=maps), IntakeOptions("x")).zone
    assert zone["supply"]["basis"].to_list() == ["CHN"]


def test_money_makes_a_challenge_and_its_owner_is_resolved(tmp_path: Path) -> None:
    found = made(tmp_path, tech=TECHNOLOGIES)
    rows = found.zone["challenges"].to_dicts()
    assert [(r["id"], r["cost_low"], r["cost_high"], r["years"], r["relief"]) for r in rows] == [
        ("ch:T1", 800.0, 1200.0, 3.0, 0.4)]  # fmt: skip
    assert rows[0]["owner"] == "org:914401010000000430"
    assert {"E645", "E655"} <= {f.code for f in found.warnings}


def test_shareholders_are_ties_of_ownership(tmp_path: Path) -> None:
    zone = made(tmp_path, holders=HOLDERS).zone
    ties = zone["ties"].select("a", "b", "kind", "weight").rows()
    firm = "org:91440101000000190H"
    assert ("org:914401010000000430", firm, "ownership", 0.35) in ties
    assert sum(weight == 0.65 for *_, weight in ties) == 1  # the person
    assert len(ties) == 2


def test_facilities_have_owners_and_texts_of_what_they_do(tmp_path: Path) -> None:
    equipment = [
        ["所属单位", "仪器名称", "规格型号", "主要功能", "年开放机时", "收费标准（元/小时）"],
        ["广州澜图光电有限公司", "质谱仪", "X1", "痕量杂质分析", "800小时", 200],
        ["广州澜图光电有限公司", "质谱仪", "X2", "", "", ""],
    ]
    zone = made(tmp_path, equipment=equipment).zone
    assert zone["facilities"].height == 2
    assert set(zone["facilities"]["owner"]) == {"org:914401010000000430"}
    text = zone["texts"].filter(zone["texts"]["kind"] == "equipment").to_dicts()
    assert [(one["title"], one["body"]) for one in text] == [
        ("质谱仪", "型号：X1\n痕量杂质分析")]  # fmt: skip


def test_people_of_a_list_keep_their_level(tmp_path: Path) -> None:
    people = [["姓名", "工作单位", "人才层次", "ORCID"],
              ["赵一", "广州澜图光电有限公司", "省级领军人才", "0000-0002-1825-0097"]]  # fmt: skip
    row = made(tmp_path, people=people).zone["people"].to_dicts()[0]
    assert (row["id"], row["level"]) == ("person:0000-0002-1825-0097", "省级领军人才")


CODED = ["技术编号", "技术名称", "产业链", "技术说明", "攻关经费"]


def test_codes_that_differ_in_chinese_letters_stay_two_technologies(tmp_path: Path) -> None:
    rows = [CODED, ["集01", "光刻胶", "集成电路", "", "100万元"],
            ["机01", "减速器", "机器人", "", "200万元"]]  # fmt: skip
    zone = made(tmp_path, tech=rows).zone
    assert dict(zone["technologies"].select("id", "name").iter_rows()) == {
        "tech:集01": "光刻胶", "tech:机01": "减速器"}  # fmt: skip
    assert zone["challenges"].height == 2


def test_lists_that_both_number_from_one_keep_all_their_technologies(tmp_path: Path) -> None:
    first, second = ["1", "光刻胶", "集成电路", "", ""], ["1", "减速器", "机器人", "", ""]
    found = made(tmp_path, a=[CODED, first], b=[CODED, second])
    assert found.zone["technologies"]["name"].sort().to_list() == ["光刻胶", "减速器"]
    told = [f for f in found.warnings if f.code == "E668"]
    assert len(told) == 1
    assert "光刻胶、减速器" in told[0].message.zh


def test_of_two_lists_that_differ_the_latest_counts_and_it_is_told(tmp_path: Path) -> None:
    old = [["截至2024年12月31日"], CODED, ["1", "静电卡盘", "集成电路", "旧", "300万元"]]
    new = [["截至2025年12月31日"], CODED, ["1", "静电卡盘", "集成电路", "", "999万元"]]
    found = made(tmp_path, a=old, b=new)
    assert found.zone["challenges"]["cost_low"].to_list() == [999.0]
    assert found.zone["technologies"]["description"].to_list() == ["旧"]
    told = [f.message.zh for f in found.warnings if f.code == "E669"]
    assert any("999 / 300" in one for one in told)
    assert not any("说明" in one or "description" in one for one in told)
