from __future__ import annotations

import pytest

from jicheng.errors import InvalidInput
from jicheng.rules.facts.dictionary import fact_dictionary
from jicheng.rules.pack.shipped import pack_of
from jicheng.select.ladder.settings import (
    Effect,
    read_actions,
    read_rungs,
    shipped_costs,
    shipped_rungs,
)

HEAD = "action,zh,en,changes,unit_cost,most,whole\n"


def written(folder, text: str):
    path = folder / "actions.csv"
    path.write_text(text, "utf-8")
    return path


def refused(folder, text: str, **how) -> list[tuple[str, int | None, str]]:
    with pytest.raises(InvalidInput) as caught:
        read_actions(written(folder, text), **how)
    return [(f.code, f.where.row, f.where.column) for f in caught.value.faults]


def test_shipped_actions_are_demo_and_change_facts_that_exist():
    costs = shipped_costs()
    assert costs.is_demo
    assert [fact for fact in sorted(costs.facts) if fact not in fact_dictionary()] == []


def test_shipped_actions_have_names_in_both_languages():
    assert all(a.name.zh and a.name.en and a.name.zh != a.name.en for a in shipped_costs().actions)


def test_shipped_rungs_rise_and_name_packs_that_ship():
    rungs = shipped_rungs()
    assert [rung.level for rung in rungs] == [1, 2, 3, 4]
    assert all(pack_of(pack).name.zh for rung in rungs for pack in rung.packs)


def test_shipped_actions_leave_alone_what_nobody_can_change():
    fixed = {"founded_year", "months_registered", "niche_years", "tech_field", "major_accident"}
    assert not fixed & shipped_costs().facts


def test_a_file_of_the_zones_own_is_read(tmp_path):
    text = HEAD + "hire,招聘,Hire,tech_staff+1; staff_total + 1,2e5,4,false\n"
    costs = read_actions(written(tmp_path, text), facts=fact_dictionary())
    one = costs.actions[0]
    assert [(c.fact, c.effect, c.amount) for c in one.changes] == [
        ("tech_staff", Effect.ADD, 1.0), ("staff_total", Effect.ADD, 1.0)
    ]  # fmt: skip
    assert (one.unit_cost, one.most, one.is_whole, one.status) == (2e5, 4.0, False, "demo")


def test_a_fact_that_does_not_exist_is_refused_with_line_and_a_near_name(tmp_path):
    text = HEAD + "\nhire,a,b,tech_stuff+1,1,1,true\n"
    with pytest.raises(InvalidInput) as caught:
        read_actions(written(tmp_path, text), facts=fact_dictionary())
    fault = caught.value.faults[0]
    assert (fault.code, fault.where.row, fault.where.column) == ("E966", 3, "changes")
    assert "tech_staff" in fault.hint.en


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("hire,a,b,tech_staff+,1,1,true", "changes"),
        ("hire,a,b,tech_staff*2,1,1,true", "changes"),
        ("hire,a,b,,1,1,true", "changes"),
        ("hire,a,b,tech_staff+1,-1,1,true", "unit_cost"),
        ("hire,a,b,tech_staff+1,dear,1,true", "unit_cost"),
        ("hire,a,b,tech_staff+1,1,inf,true", "most"),
        ("hire,a,b,tech_staff+1,1,1,maybe", "whole"),
        ("hire,a,b,own_brand=true,1,1,false", "whole"),
        (",a,b,tech_staff+1,1,1,true", "action"),
    ],
)
def test_a_wrong_cell_is_refused_with_its_place(tmp_path, row, column):
    assert refused(tmp_path, HEAD + row + "\n") == [("E965", 2, column)]


def test_an_action_twice_is_refused_where_it_comes_again(tmp_path):
    row = "hire,a,b,tech_staff+1,1,1,true\n"
    assert refused(tmp_path, HEAD + row + row) == [("E965", 3, "action")]


def test_a_missing_and_an_unknown_column_are_refused(tmp_path):
    assert refused(tmp_path, "action,cost\nhire,1\n") == [
        ("E965", 1, "changes"), ("E965", 1, "cost")
    ]  # fmt: skip


def test_every_fault_is_told_at_once(tmp_path):
    text = HEAD + "hire,a,b,tech_staff?,1,1,true\nfire,a,b,staff_total-1,x,1,true\n"
    assert [row for _, row, _ in refused(tmp_path, text)] == [2, 3]


def test_an_order_of_rungs_of_ones_own_is_read_by_level(tmp_path):
    path = tmp_path / "rungs.csv"
    path.write_text("rung,zh,en,packs\n2,乙,B,cn.hte\n1,甲,A,cn.tech_sme; cn.srdi_sme\n", "utf-8")
    rungs = read_rungs(path)
    assert [(r.level, r.name.en, r.packs) for r in rungs] == [
        (1, "A", ("cn.tech_sme", "cn.srdi_sme")), (2, "B", ("cn.hte",))
    ]  # fmt: skip


def test_a_rung_without_a_pack_is_refused(tmp_path):
    path = tmp_path / "rungs.csv"
    path.write_text("rung,zh,en,packs\n1,甲,A,\n", "utf-8")
    with pytest.raises(InvalidInput) as caught:
        read_rungs(path)
    assert (caught.value.code, caught.value.faults[0].where.column) == ("E965", "packs")
