"""What must hold of every shipped pack whatever the facts are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from jicheng.errors import Text
from jicheng.rules.expression.intervals import Choices, Interval, Truth
from jicheng.rules.facts.dictionary import FactDefinition, FactKind, fact_dictionary
from jicheng.rules.facts.table import FactTable
from jicheng.rules.pack.model import Options, Pack
from jicheng.rules.pack.names import chosen_facts, judged_facts
from jicheng.rules.pack.shipped import pack_of, shipped
from jicheng.rules.score.evaluate import FAIL, PASS, Evaluation, evaluate
from pack_edges import YEAR

N = 40
SEEDS = st.integers(0, 2**32 - 1)
# A failing seed is as good as a smaller one, and shrinking draws all firms anew each time.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
_TYPICAL = {"CNY": 3e7, "persons": 60.0, "count": 2.0, "months": 30.0, "years": 4.0, "rank": 6.0}


@cache
def shipped_pack(key: str) -> Pack:
    return pack_of(key)


@dataclass(frozen=True)
class Firms:
    """Facts of N firms, all known: numbers by fact and year, conditions, choices.

    ``decisions`` are the applicants' own and never hidden: one that has not decided yet
    gets its best option, so deciding may lower its points.
    """

    numbers: dict[tuple[str, int], np.ndarray]
    conditions: dict[str, np.ndarray]
    choices: dict[str, Choices]
    decisions: dict[str, Choices]

    def table(self) -> FactTable:
        return self.hidden(np.random.default_rng(0), share=0.0)

    def hidden(self, rng: np.random.Generator, share: float) -> FactTable:
        """Return the facts with a share of them unknown, or known within bounds only."""
        numbers = {}
        for key, values in self.numbers.items():
            is_rough, is_lost = rng.random(N) < share, rng.random(N) < share / 2
            slack = np.where(is_rough, rng.random(N) * np.abs(values), 0.0)
            low = np.where(is_lost, np.nan, values - slack)
            high = np.where(is_lost, np.nan, values + slack * rng.random(N))
            numbers[key] = Interval(low, high) if share else Interval.known(values)
        conditions = {}
        for name, known in self.conditions.items():
            is_lost = rng.random(N) < share
            conditions[name] = Truth(known & ~is_lost, known | is_lost)
        choices = {
            name: Choices(each.values, np.where(rng.random(N) < share, -1, each.codes))
            for name, each in self.choices.items()
        } | self.decisions
        return FactTable(
            subjects=pl.Series([f"f{k}" for k in range(N)]), year=YEAR,
            numbers=numbers, conditions=conditions, choices=choices,
        )  # fmt: skip


def firms(pack: Pack, rng: np.random.Generator) -> Firms:
    """Draw firms near the bounds of the packs: every fact, judgement and choice is known."""
    numbers: dict[tuple[str, int], np.ndarray] = {}
    conditions, choices, decisions = {}, {}, {}
    founded = rng.integers(2015, YEAR + 1, N).astype(float)
    for fact in fact_dictionary().values():
        if fact.of is not None:
            continue
        if fact.kind is FactKind.CONDITION:
            conditions[fact.name] = rng.random(N) < 0.6
        elif fact.kind is FactKind.CHOICE:
            codes = rng.integers(0, len(fact.values), N).astype(np.int32)
            choices[fact.name] = Choices(fact.values, codes)
        else:
            years = (0, -1, -2) if fact.is_yearly else (0,)
            for year in years:  # no figures of years before the foundation
                values = _values(fact, rng)
                numbers[fact.name, year] = np.where(founded <= YEAR + year, values, np.nan)
    numbers["founded_year", 0] = founded
    for name, item in chosen_facts(pack).items():
        assert isinstance(item.rule, Options)
        ways = tuple(option.id for option in item.rule.options)
        decisions[name] = Choices(ways, rng.integers(0, len(ways), N).astype(np.int32))
    drawn = Firms(numbers, conditions, choices, decisions)
    allowed = evaluate(pack, drawn.table()).points  # experts stay within what the facts allow
    for name, item in judged_facts(pack).items():
        low, high = allowed[item.path].low, allowed[item.path].high
        numbers[name, 0] = np.round(low + rng.random(N) * (high - low))
    return drawn


def _values(fact: FactDefinition, rng: np.random.Generator) -> np.ndarray:
    if fact.unit == "ratio":
        return np.round(rng.random(N) * 0.3, 2)
    values = _TYPICAL.get(fact.unit, 2.0) * rng.lognormal(0.0, 0.7, N)
    if fact.name.startswith("rd_") and fact.unit == "CNY":
        values *= 0.06
    if fact.minimum < 0:
        values *= rng.choice([-0.1, 0.1, 1.0], N)
    if fact.is_integer or fact.unit == "rank":
        values = np.round(values)
    return np.clip(values, fact.minimum, fact.maximum)


def contains(wide: Interval, narrow: Interval) -> bool:
    return bool((wide.low <= narrow.low + 1e-9).all() and (wide.high >= narrow.high - 1e-9).all())


def says_no_more(vague: Evaluation, clear: Evaluation) -> None:
    """Fail if vague facts say something that clear ones do not."""
    for path, points in clear.points.items():
        assert contains(vague.points[path], points), path
    if clear.score is not None and vague.score is not None:
        assert contains(vague.score, clear.score)
    for path, truth in clear.truths.items():
        assert (truth.certainly | ~vague.truths[path].certainly).all(), path
        assert (vague.truths[path].possibly | ~truth.possibly).all(), path
    for verdict in (FAIL, PASS):
        decided = vague.verdicts == verdict
        assert (clear.verdicts[decided] == verdict).all()


@pytest.mark.parametrize("key", sorted(shipped()))
@settings(max_examples=5, deadline=None, phases=PHASES)
@given(seed=SEEDS, share=st.floats(0.05, 0.9))
def test_knowing_less_never_says_more(key, seed, share):
    pack, rng = shipped_pack(key), np.random.default_rng(seed)
    drawn = firms(pack, rng)
    clear = evaluate(pack, drawn.table())

    vague = evaluate(pack, drawn.hidden(rng, share), peers=clear.peers)

    says_no_more(vague, clear)


@pytest.mark.parametrize("key", sorted(shipped()))
@settings(max_examples=5, deadline=None, phases=PHASES)
@given(seed=SEEDS)
def test_order_of_firms_changes_nothing(key, seed):
    pack, rng = shipped_pack(key), np.random.default_rng(seed)
    facts = firms(pack, rng).hidden(rng, 0.2)
    order = rng.permutation(N)

    straight, shuffled = evaluate(pack, facts), evaluate(pack, facts.rows(order))

    assert straight.verdicts[order].tolist() == shuffled.verdicts.tolist()
    if straight.score is not None and shuffled.score is not None:
        assert straight.score.low[order] == pytest.approx(shuffled.score.low)
        assert straight.score.high[order] == pytest.approx(shuffled.score.high)


JUDGEMENT = FactDefinition(
    name="judged", kind=FactKind.NUMBER, label=Text("评分", "Points"), is_integer=True
)
BETTER_UP = {
    "cn.hte@2016": [
        "tech_staff", "rd_domestic", "ht_product_income", "ip_class1", "ip_class2",
        "transformations_per_year", "months_registered", "judged.cn.hte.ip.advanced",
    ],
    "cn.tech_sme@2017": ["tech_staff", "rd_expense", "ip_class1", "ip_class2"],
    "cn.innovative_sme@2022": [
        "rd_expense", "main_revenue", "ip_class1", "ip_class1_self", "ip_class1_high_value",
        "ip_class2", "equity_financing_3y",
    ],
    "cn.srdi_sme@2022": [
        "rd_expense", "main_revenue", "net_profit", "rd_staff", "niche_years", "digital_level",
        "ip_class1_high_value", "equity_financing_2y",
    ],
    "cn.little_giant@2022": [
        "rd_expense", "rd_staff", "niche_years", "main_revenue", "national_niche_share",
        "ip_class1_main_product", "core_processes_on_it", "equity_financing_2y",
    ],
    "cn.innovation_points@2024": [
        "tech_staff", "net_profit", "rd_expense", "invention_applications", "venture_capital",
        "postgraduate_share", "provincial_platforms_2y",
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("key", "fact"), [(key, fact) for key, facts in BETTER_UP.items() for fact in facts]
)
@settings(max_examples=5, deadline=None, phases=PHASES)
@given(seed=SEEDS, more=st.floats(0.0, 3.0))
def test_more_of_a_good_thing_never_costs_points_or_the_verdict(key, fact, seed, more):
    pack, rng = shipped_pack(key), np.random.default_rng(seed)
    facts = firms(pack, rng).hidden(rng, 0.1)
    before = evaluate(pack, facts)
    old = facts.value(fact, 0)
    assert isinstance(old, Interval)

    step = round(more) if fact_dictionary().get(fact, JUDGEMENT).is_integer else more
    raised = facts.with_facts({(fact, 0): Interval(old.low + step, old.high + step)})
    after = evaluate(pack, raised, peers=before.peers)

    assert (after.verdicts >= before.verdicts).all()
    if before.score is not None and after.score is not None:
        assert (after.score.low >= before.score.low - 1e-9).all()
        assert (after.score.high >= before.score.high - 1e-9).all()
