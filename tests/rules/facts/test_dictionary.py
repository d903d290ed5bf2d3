"""The dictionary of facts that ships, and what no dictionary may say."""

from __future__ import annotations

import math
import re

import pytest

from fact_builders import SMALL, fact
from jicheng.errors import InvalidInput
from jicheng.rules.expression.syntax import parse
from jicheng.rules.facts.dictionary import Dictionary, FactKind, fact_dictionary
from jicheng.schema import zone_tables

FACTS = list(fact_dictionary().values())
_ORIGINS = (
    r"indicator|input|judged|derived|(organisation|person):\w+|organisation_age_months:\w+"
    r"|qualification(_age|_rank)?:\w+"
)


@pytest.mark.parametrize("definition", FACTS, ids=lambda definition: definition.name)
class TestEveryFact:
    def test_has_both_languages(self, definition):
        for text in (definition.label, definition.help):
            assert re.search(r"[\u4e00-\u9fff]", text.zh)
            assert text.en
            assert not re.search(r"[\u4e00-\u9fff]", text.en)

    def test_comes_from_somewhere(self, definition):
        assert re.fullmatch(_ORIGINS, definition.origin)
        assert (definition.origin == "derived") == (definition.of is not None)

    def test_comes_from_a_column_that_exists(self, definition):
        origin, _, attribute = definition.origin.partition(":")
        table = {"person": "people"}.get(origin, "organisations")
        if origin in ("organisation", "person", "organisation_age_months"):
            assert attribute in zone_tables()[table].names

    def test_has_what_its_kind_has(self, definition):
        assert bool(definition.choices) == (definition.kind is FactKind.CHOICE)
        assert bool(definition.unit) == (definition.kind is FactKind.NUMBER)
        assert definition.minimum < definition.maximum
        if definition.kind is not FactKind.NUMBER:
            assert not definition.is_yearly
            assert (definition.minimum, definition.maximum) == (-math.inf, math.inf)


def test_facts_have_one_label_each():
    for language in ("zh", "en"):
        labels = [definition.label.in_language(language) for definition in FACTS]
        assert sorted(set(labels)) == sorted(labels)


def test_losses_are_possible_and_negative_sales_are_not():
    known = fact_dictionary()
    assert known["net_profit"].minimum == known["net_assets"].minimum == -math.inf
    assert known["revenue"].minimum == known["staff_total"].minimum == 0.0


def test_derived_facts_that_lead_back_to_themselves_are_refused():
    facts = [
        fact("a", of=parse("b + 1"), origin="derived"),
        fact("b", of=parse("2 * c"), origin="derived"),
        fact("c", of=parse("sum(a, 3)"), origin="derived"),
        fact("founded_year"),
    ]
    with pytest.raises(InvalidInput) as raised:
        Dictionary(facts)
    (found,) = raised.value.faults
    assert found.code == "E912"
    assert found.message.en.endswith("a → b → c → a")


def test_derived_fact_of_nothing_known_is_refused_with_the_nearest_name():
    with pytest.raises(InvalidInput) as raised:
        SMALL.with_facts([fact("founded_month", of=parse("founded_years * 12"), origin="derived")])
    (found,) = raised.value.faults
    assert found.code == "E909"
    assert "founded_year" in found.hint.en


def test_facts_may_be_added_and_replaced():
    more = SMALL.with_facts([fact("judged.cn.hte.ip"), fact("x", unit="CNY")])
    assert more["judged.cn.hte.ip"].kind is FactKind.NUMBER
    assert more["x"].unit == "CNY"
    assert SMALL["x"].unit == ""
    assert SMALL.with_facts([]) is SMALL
