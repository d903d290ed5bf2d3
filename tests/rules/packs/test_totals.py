"""Shipped packs as wholes: sums, names of facts, the eighteen indicators and their groups."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from jicheng.rules.facts.dictionary import FactKind, fact_dictionary
from jicheng.rules.pack.expressions import used_facts
from jicheng.rules.pack.model import Indicator, Options, PackKind, Parts, Transform
from jicheng.rules.pack.shipped import pack_of, shipped

SHIPPED = sorted(shipped())
LADDER = {
    "cn.tech_sme@2017": "tech_sme", "cn.innovative_sme@2022": "innovative_sme",
    "cn.srdi_sme@2022": "srdi_sme", "cn.hte@2016": "high_tech_enterprise",
    "cn.little_giant@2022": "little_giant",
}  # fmt: skip

FOR_POLICIES = {"founded_year", "guarantee_amount", "organisation_kind", "person_kind",
                "talent_level"}  # fmt: skip


def test_all_rule_systems_ship():
    assert SHIPPED == [
        "cn.consortium.baoding@undated", "cn.consortium.hainan@2022", "cn.consortium.hefei@2025",
        "cn.consortium.hubei@2022", "cn.consortium.wuhu@2024", "cn.consortium.yangtze_delta@2025",
        "cn.guarantee_plan@2024", "cn.gz.huangpu.hk_macao_youth@2.0",
        "cn.gz.huangpu.talent@2024", "cn.gz.huangpu.talent_port@undated", "cn.hte@2016",
        "cn.innovation_points@2.0", "cn.innovation_points@2024", "cn.innovative_sme@2022",
        "cn.little_giant@2022", "cn.open_challenge.miit_ai@2018", "cn.open_challenge.miit_ai@2021",
        "cn.open_challenge.miit_ai_plus@2025", "cn.open_challenge.miit_future@2023",
        "cn.open_challenge.most_nkp@undated", "cn.srdi_sme@2022", "cn.tech_sme@2017",
    ]  # fmt: skip


@pytest.mark.parametrize("key", SHIPPED)
def test_points_of_a_pack_sum_to_its_total(key):
    pack = pack_of(key)

    assert sum(each.max for each in pack.indicators if not each.is_bonus) == pytest.approx(
        pack.total
    )


@pytest.mark.parametrize("key", SHIPPED)
def test_points_of_parts_sum_to_their_item_and_options_never_exceed_it(key):
    for item in pack_of(key).elements():
        if isinstance(item, Indicator) and isinstance(item.rule, Parts):
            assert sum(part.max for part in item.below if not part.is_bonus) == item.max
        elif isinstance(item, Indicator) and isinstance(item.rule, Options):
            assert {option.max for option in item.below} == {item.max}


@pytest.mark.parametrize(("key", "title"), LADDER.items())
def test_rung_of_the_ladder_grants_its_title(key, title):
    pack = pack_of(key)

    assert (pack.kind, pack.grants) == (PackKind.QUALIFICATION, title)


def test_titles_that_packs_grant_are_facts_of_other_packs():
    origins = {fact.origin for fact in fact_dictionary().values()}

    assert {f"qualification:{title}" for title in LADDER.values()} <= origins


def test_innovation_points_have_eighteen_indicators_in_three_groups():
    pack = pack_of("cn.innovation_points@2024")

    assert Counter(each.group for each in pack.indicators) == {
        "technology": 7, "growth_operation": 6, "auxiliary": 5,
    }  # fmt: skip
    assert pack.has_demo_weights


def test_innovation_points_take_logarithms_of_money_and_counts_only():
    """Ratios are recognised by their name: growth, intensity, share, margin."""
    ratios = {"rd_growth", "rd_intensity", "tech_staff_share", "revenue_growth",
              "postgraduate_share", "net_asset_margin"}  # fmt: skip

    for each in pack_of("cn.innovation_points@2024").indicators:
        wanted = Transform.IDENTITY if each.id in ratios else Transform.LOG
        assert each.rule.transform is wanted


@pytest.mark.parametrize("fact", fact_dictionary().values(), ids=lambda fact: fact.name)
def test_fact_says_in_both_languages_what_it_is_and_how_it_is_counted(fact):
    for words in (fact.label, fact.help):
        assert words.zh
        assert words.en.isascii()
        assert words.zh != words.en
    assert bool(fact.unit) == (fact.kind is FactKind.NUMBER)
    assert bool(fact.choices) == (fact.kind is FactKind.CHOICE)


def test_dictionary_has_no_fact_that_nothing_asks_for():
    asked = {name.id for key in SHIPPED for name in used_facts(pack_of(key), fact_dictionary())}
    asked |= {name.id for fact in fact_dictionary().values() if fact.of for name in fact.of.names}
    peers = [pack_of(key).peers for key in SHIPPED]
    asked |= {name for each in peers if each for name in (each.stage, each.field)}

    assert {*fact_dictionary()} - asked <= FOR_POLICIES


def test_facts_are_sorted_and_come_from_somewhere():
    origins = re.compile(
        r"indicator|input|derived|organisation:\w+|organisation_age_months:founded|person:\w+"
        r"|qualification(_age|_rank)?:\w+"
    )
    facts = fact_dictionary()

    assert [*facts] == sorted(facts)
    assert [fact.name for fact in facts.values() if not origins.fullmatch(fact.origin)] == []
    assert all((fact.of is not None) == (fact.origin == "derived") for fact in facts.values())


def test_missing_money_counts_and_shares_are_never_taken_for_negative():
    below_zero = {name for name, fact in fact_dictionary().items() if fact.minimum < 0}
    numbers = {name for name in below_zero if fact_dictionary()[name].kind is FactKind.NUMBER}

    assert numbers == {"founded_year", "net_assets", "net_profit"}
