"""What a pack asks for."""

from __future__ import annotations

from pathlib import Path

import pytest

from jicheng.rules.facts.dictionary import FactKind, fact_dictionary
from jicheng.rules.pack.expressions import expressions, facts_needed, used_facts
from jicheng.rules.pack.model import Pack
from jicheng.rules.pack.reading import read_pack
from jicheng.rules.pack.shipped import pack_of, shipped
from pack_builders import PACK, POINTS, changed, written

FACTS = fact_dictionary()


def read(folder: Path, text: str) -> Pack:
    return read_pack(written(folder, text))


def test_facts_of_all_forms_are_found_with_their_years(tmp_path: Path) -> None:
    used = [str(name) for name in used_facts(read(tmp_path, PACK), FACTS)]
    assert used == [
        "months_registered", "tech_field", "revenue", "revenue[-1]", "revenue[-2]", "founded_year",
        "ip_class1", "ip_class2", "own_brand", "hte_valid",
    ]  # fmt: skip


def test_definition_stands_for_its_facts_in_the_year_that_is_meant(tmp_path: Path) -> None:
    text = changed("value: 0.03", 'value: "rd_expense / revenue[-1]"')
    text = changed("months_registered >= 12", "least[-1] > 0.01 and months_registered > 1", text)
    used = {str(name) for name in used_facts(read(tmp_path, text), FACTS)}
    assert {"rd_expense[-1]", "revenue[-2]"} <= used
    assert "rd_expense" not in used


def test_definition_that_nothing_uses_asks_for_nothing(tmp_path: Path) -> None:
    text = changed("value: 0.03", "value: cost_total")
    assert "cost_total" not in {name.id for name in used_facts(read(tmp_path, text), FACTS)}


def test_banded_definition_asks_for_what_it_looks_at(tmp_path: Path) -> None:
    banded = "of: cost_total, bands: [{ge: 1, value: 1}, {otherwise: true, value: 2}]"
    text = changed("value: 0.03", banded)
    text = changed("months_registered >= 12", "months_registered >= least", text)
    assert "cost_total" in {name.id for name in used_facts(read(tmp_path, text), FACTS)}


def test_peers_ask_for_stage_and_field(tmp_path: Path) -> None:
    used = {name.id for name in used_facts(read(tmp_path, POINTS), FACTS)}
    assert {"stage", "tech_field"} <= used


def test_fact_that_follows_from_others_is_needed_as_those(tmp_path: Path) -> None:
    text = changed("months_registered >= 12", "ip_total >= 1")
    needed = {one.name for one in facts_needed(read(tmp_path, text), FACTS)}
    assert "ip_total" not in needed
    assert {"ip_class1", "ip_class2"} <= needed


def test_judgement_is_a_choice_of_levels_with_labels(tmp_path: Path) -> None:
    text = changed("good: 4", "good: {points: 4, name: {zh: 好, en: Good}}")
    needed = {one.name: one for one in facts_needed(read(tmp_path, text), FACTS)}
    fact = needed["judged.test.pack.plan.written"]
    assert (fact.kind, fact.maximum, fact.is_integer) == (FactKind.CHOICE, 4, True)
    assert fact.values == ("good", "poor")
    assert fact.choices[0].label.zh == "好"


def test_points_inside_a_range_are_judged_as_a_number(tmp_path: Path) -> None:
    needed = {one.name: one for one in facts_needed(read(tmp_path, PACK), FACTS)}
    fact = needed["judged.test.pack.growth"]
    assert (fact.kind, fact.unit, fact.minimum, fact.maximum) == (FactKind.NUMBER, "points", 0, 10)
    assert "judged.test.pack.rights" not in needed


def test_choice_of_the_applicant_is_one_of_the_options() -> None:
    needed = {one.name: one for one in facts_needed(pack_of("cn.tech_sme"), FACTS)}
    fact = needed["chosen.cn.tech_sme.rd_input"]
    assert len(fact.values) == 2
    assert fact.origin == "chosen"


@pytest.mark.parametrize("key", list(shipped()))
def test_every_name_in_a_shipped_pack_leads_to_facts(key: str) -> None:
    pack = pack_of(key)
    assert all(one.name in FACTS or one.origin in ("judged", "chosen")
               for one in facts_needed(pack, FACTS))  # fmt: skip
    named = {name.id for used in expressions(pack) for name in used.expression.names}
    known = {*FACTS, *(one.id for one in pack.definitions)}
    assert {name for name in named - known if "." not in name} <= {"score", "direct_pass"}
