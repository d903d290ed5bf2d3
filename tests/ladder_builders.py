"""Random packs, firms and actions for the ladder, and the cheapest way by trying everything."""

from __future__ import annotations

import itertools
import math

import numpy as np
import polars as pl

from fact_builders import table
from jicheng.errors import Text
from jicheng.rules.expression.intervals import Choices, Interval, Truth
from jicheng.rules.expression.syntax import parse
from jicheng.rules.facts.dictionary import (
    Dictionary,
    FactDefinition,
    FactKind,
    fact_dictionary,
)  # fmt: skip
from jicheng.rules.facts.table import FactTable
from jicheng.rules.pack.model import (
    Additive,
    Band,
    Banded,
    Case,
    Cases,
    Combine,
    Condition,
    Definition,
    Formula,
    Group,
    Indicator,
    Judged,
    Options,
    Pack,
    PackKind,
    Parts,
    Provenance,
    Side,
)  # fmt: skip
from jicheng.rules.score.evaluate import PASS
from jicheng.schema import Choice
from jicheng.select.ladder.changing import after
from jicheng.select.ladder.settings import Action, Change, Effect

YEAR = 2024
NUMBERS = {"a": 0.0, "b": 0.0, "c": 0.0, "d": 0.0, "e": -math.inf}
CONDITIONS = ("p", "q", "r")
VALUES = ("none", "city", "national")
_KNOWN = {"status": Provenance.VERIFIED, "numbers": Provenance.VERIFIED}


def _fact(name: str, kind: FactKind = FactKind.NUMBER, **fields) -> FactDefinition:
    return FactDefinition(name=name, kind=kind, label=Text(name, name), **fields)


DICTIONARY = Dictionary([
    *(
        _fact(name, is_yearly=True, minimum=least, is_integer=name == "c")
        for name, least in NUMBERS.items()
    ),
    *(_fact(name, FactKind.CONDITION) for name in CONDITIONS),
    _fact("k", FactKind.CHOICE, choices=tuple(Choice(v, Text(v, v)) for v in VALUES)),
    _fact("founded_year", is_integer=True),
    _fact("total", is_yearly=True, minimum=0.0, of=parse("a + b"), origin="derived"),
])  # fmt: skip


def named(section: str, name: str) -> dict:
    return {"id": name, "path": f"{section}/{name}", "name": Text(name, name), **_KNOWN}


def condition(section: str, name: str, text: str) -> Condition:
    return Condition(**named(section, name), when=parse(text))


def indicator(name: str, most: float, rule, *, path: str = "", **fields) -> Indicator:
    head = named("indicators", name) | ({"path": path} if path else {})
    return Indicator(**head, max=most, rule=rule, **fields)


def pack_of(
    *, gates=(), indicators=(), conditions=(), direct=(), definitions=(), groups=()
) -> Pack:
    return Pack(
        id="test.pack", version="1", name=Text("t", "t"), kind=PackKind.QUALIFICATION,
        total=100.0 if indicators else 0.0, gates=tuple(gates), indicators=tuple(indicators),
        conditions=tuple(conditions), direct=tuple(direct), definitions=tuple(definitions),
        groups=tuple(groups),
    )  # fmt: skip


class Draw:
    """Draws packs, firms and actions from one stream."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)

    def one(self, *options):
        return options[self.random.integers(len(options))]

    def comparison(self) -> str:
        ratio = self.one("a / b", "c / (a + b)", "d / c", "a / total", "e / b", "a / b + c / b")
        number = self.one(
            "a", "b", "c", "d", "e", "a + c", "2 * a - b", "total", "sum(a, 3)", "mean(c, 2)",
            "max(a, c)", "min(b, d)", "floor(a / 2)", "a - b",
        )  # fmt: skip
        growth = self.one("official_growth(b)", "mean_growth(a)", "official_growth(e)",
                          "a / a[-1] - 1")  # fmt: skip
        relation = self.one(">=", ">=", ">", "<=", "<")
        match self.random.integers(8):
            case 0 | 1 | 2:
                return f"{ratio} {relation} {self.one(0, 0.1, 0.25, 0.5, 1, 1.5)}"
            case 3 | 4:
                return f"{number} {relation} {self.one(0, 1, 2, 3, 5, 8)}"
            case 5:
                return f"{growth} {relation} {self.one(-0.1, 0, 0.15, 0.35, 0.5)}"
            case 6:
                return f"{self.one('a', 'b', 'c')} {relation} {self.one('d', 'a + 1', '0.5 * b')}"
            case _:
                return f"count({self.leaf()}, {self.leaf()}, {self.leaf()}) >= {self.one(1, 2)}"

    def leaf(self) -> str:
        choice = self.one("k == city", "k in [city, national]", "not (k == none)", "k in levels")
        return self.one(self.comparison, lambda: self.one(*CONDITIONS), lambda: choice)()

    def condition(self) -> str:
        match self.random.integers(6):
            case 0:
                return f"({self.leaf()}) and ({self.leaf()})"
            case 1:
                return f"({self.leaf()}) or ({self.leaf()})"
            case 2:
                return f"not (({self.leaf()}) or ({self.leaf()}))"
            case 3:
                return f"a / b >= {self.one('needed', 'wanted')}"
            case _:
                return self.leaf()

    def points(self, n: int, *, ranges: bool) -> list[tuple[float, float]]:
        levels = np.sort(self.random.choice(np.arange(1, 21), n - 1, replace=False))[::-1]
        high = [*map(float, levels), 0.0]
        return [(max(0.0, h - 1) if ranges else h, h) for h in high]

    def banded(self) -> Banded:
        of = self.one("a / b", "c", "official_growth(a)", "d / (a + b)", "a + c", "e / b",
                      "mean_growth(b)", "total", "sum(c, 2) / b")  # fmt: skip
        ranges = bool(self.random.random() < 0.3)
        bounds = self.one([0.5, 0.25, 0.1], [3, 2, 1], [1.0, 0.5, 0.0], [5.0, 2.0])
        points = self.points(len(bounds) + 1, ranges=ranges)
        if self.random.random() < 0.3:  # lower is better
            side, bounds = Side.AT_MOST, bounds[::-1]
        else:
            side = self.one(Side.AT_LEAST, Side.ABOVE)
        if self.random.random() < 0.2:  # neither rising nor falling
            self.random.shuffle(points)
        bands = [
            Band(side, float(bound), *pair) for bound, pair in zip(bounds, points, strict=False)
        ]
        return Banded(parse(of), (*bands, Band(Side.OTHERWISE, math.nan, *points[-1])))

    def cases(self) -> Cases:
        points = self.points(3, ranges=bool(self.random.random() < 0.3))
        if self.random.random() < 0.3:
            self.random.shuffle(points)
        first, second = (
            Case(parse(self.condition()), *points[0]),
            Case(parse(self.leaf()), *points[1]),
        )
        last = () if self.random.random() < 0.3 else (Case(None, *points[2]),)
        return Cases((first, second, *last))

    def simple(self, name: str, path: str = "") -> Indicator:
        match self.random.integers(8):
            case 0 | 1 | 2 | 3:
                return indicator(name, 20, self.banded(), path=path)
            case 4 | 5:
                return indicator(name, 20, self.cases(), path=path)
            case 6:
                of = tuple(parse(self.leaf()) for _ in range(3))
                return indicator(name, 20, Additive(4.0, 10.0, of), path=path)
            case _:
                text = self.one("min(5, floor(a / 2))", "floor(c)", "count(p, q, a >= 2)")
                return indicator(name, 5, Formula(parse(text)), path=path)

    def indicator(self, name: str) -> Indicator:
        parts = tuple(self.simple(f"x{k}", f"indicators/{name}/x{k}") for k in range(2))
        match self.random.integers(6):
            case 0:
                cap = self.one(None, 15.0)
                return indicator(name, 40, Parts(parts), cap=cap, group="g")
            case 1:
                return indicator(name, 40, Options(parts, self.one(*Combine)), group="g")
            case 2 if self.random.random() < 0.4:
                levels = (("good", 3.0, 5.0), ("bad", 0.0, 2.0))
                return indicator(name, 5, Judged(levels, (Text("", ""), Text("", ""))))
            case _:
                return self.simple(name)

    def pack(self) -> Pack:
        n = int(self.random.integers(0, 4))
        indicators = [self.indicator(f"i{k}") for k in range(n)]
        bound = self.one(3, 5, 8, 12, 20)
        conditions = [condition("conditions", "total", f"score {self.one('>=', '>')} {bound}")]
        if n and self.random.random() < 0.3:
            conditions.append(condition("conditions", "group", "group.g >= 4"))
        if n and self.random.random() < 0.3:
            conditions.append(condition("conditions", "first", "indicator.i0 > 0"))
        if n and self.random.random() < 0.2:
            text = f"score >= {bound + 5} or direct_pass"
            conditions = [condition("conditions", "either", text)]
        n_gates = int(self.random.choice([0, 1, 1, 2])) if n else 2
        gates = [condition("gates", f"g{k}", self.condition()) for k in range(n_gates)]
        has_direct = n and (self.random.random() < 0.4 or "direct_pass" in conditions[0].when.text)
        return pack_of(
            gates=gates,
            indicators=indicators,
            conditions=conditions if n else (),
            direct=[condition("direct", "d0", self.condition())] if has_direct else (),
            definitions=DEFINITIONS,
            groups=[Group(**named("groups", "g"))],
        )

    def facts(self, n: int = 1, *, unknown: float = 0.12) -> FactTable:
        draw = self.random
        numbers = {}
        for name in NUMBERS:
            for back in range(3):
                values = draw.integers(-2 if name == "e" else 0, 9, n).astype(float)
                numbers[name, -back] = self._known(values, unknown, NUMBERS[name])
        numbers["founded_year", 0] = Interval.known(draw.integers(2020, 2025, n).astype(float))
        conditions = {name: self._truth(draw.random(n) < 0.4, unknown) for name in CONDITIONS}
        codes = draw.integers(-1 if unknown else 0, len(VALUES), n).astype(np.int32)
        subjects = pl.Series([f"s{k}" for k in range(n)], dtype=pl.String)
        return FactTable(
            subjects, YEAR, numbers, conditions, {"k": Choices(VALUES, codes)},
            dictionary=DICTIONARY,
        )  # fmt: skip

    def _known(self, values: np.ndarray, unknown: float, least: float) -> Interval:
        is_open = self.random.random(len(values)) < unknown
        low = np.where(is_open, least, values)
        high = np.where(is_open, self.one(np.inf, 10.0), values)
        return Interval.between(low, np.maximum(low, high))

    def _truth(self, values: np.ndarray, unknown: float) -> Truth:
        is_open = self.random.random(len(values)) < unknown
        return Truth(values & ~is_open, values | is_open)

    def actions(self, *, whole: bool = True) -> tuple[Action, ...]:
        n = int(self.random.integers(3, 6))
        return tuple(self._action(f"act{k}", whole=whole) for k in range(n))

    def _action(self, name: str, *, whole: bool) -> Action:
        changes = self.one(
            ("a+1",), ("a+1", "b+1"), ("b+1",), ("c+1",), ("c+1", "a+1"), ("d+1", "c-1"),
            ("e+1",), ("b-1",), ("b+2", "e+1"), ("p=true",), ("q=true", "a+1"), ("r=false",),
            ("k=city",), ("k=national", "p=true"), ("a+0.5",), ("b+3", "d+1"),
        )  # fmt: skip
        is_set = any("=" in change for change in changes)
        return Action(
            id=name,
            name=Text(name, name),
            changes=tuple(map(_change, changes)),
            unit_cost=float(self.random.integers(1, 12)),
            start_cost=float(self.one(0, 0, 3, 7)),
            lead_months=float(self.random.integers(0, 24)),
            most=1.0 if is_set else float(self.random.integers(2, 6)),
            is_whole=whole or is_set,
        )


DEFINITIONS = (
    Definition(**named("definitions", "levels"), choices=("city", "national")),
    Definition(
        **named("definitions", "needed"),
        rule=Banded(
            parse("b"),
            (Band(Side.AT_MOST, 2.0, 1.0, 1.0), Band(Side.AT_MOST, 5.0, 0.5, 0.5),
             Band(Side.OTHERWISE, math.nan, 0.25, 0.25)),
        ),
    ),
    Definition(
        **named("definitions", "wanted"),
        rule=Cases((Case(parse("p"), 0.25, 0.25), Case(None, 1.0, 1.0))),
    ),
)  # fmt: skip


def action(name: str, *changes: str, **fields) -> Action:
    """Return an action from changes such as ``a+1`` or ``p=true``."""
    told = {"unit_cost": 1.0, **fields}
    return Action(name, Text(name, name), tuple(map(_change, changes)), **told)


def _change(text: str) -> Change:
    if "=" in text:
        fact, value = text.split("=")
        return Change(fact, Effect.SET, value=value)
    sign = "+" if "+" in text else "-"
    fact, amount = text.split(sign)
    return Change(fact, Effect.ADD, amount=float(sign + amount))


def grid(actions, parts: int = 1) -> np.ndarray:
    """Return all amounts in whole units, or in parts of units where these may be parted."""
    steps = [1 if action.is_whole else parts for action in actions]
    axes = [np.arange(int(a.most) * k + 1) / k for a, k in zip(actions, steps, strict=True)]
    return np.array(list(itertools.product(*axes)), dtype=float)


def cheapest_by_trying(
    assumed, facts: FactTable, firm: int, actions, *, without: frozenset[int] = frozenset(),
    parts: int = 1,
) -> float:  # fmt: skip
    """Return the least cost over all amounts of a grid; inf if none passes."""
    points = grid(actions, parts)
    if without:
        points = points[~(points[:, sorted(without)] > 0).all(axis=1)]
    places = np.full(len(points), firm)
    changed = after(facts.rows(places), actions, points)
    passes = assumed.rows(places).evaluate(changed).verdicts == PASS
    passes &= _is_legal(facts.rows(places), changed, actions, points)
    costs = np.array([sum(a.cost(x) for a, x in zip(actions, p, strict=True)) for p in points])
    return float(costs[passes].min(initial=np.inf))


def _is_legal(before: FactTable, changed: FactTable, actions, points: np.ndarray) -> np.ndarray:
    """Tell where no fact is below its least, or is lowered though it may be there, or set twice."""
    legal = np.ones(len(points), dtype=bool)
    numbers = {c.fact for a in actions for c in a.changes if c.effect is Effect.ADD}
    for name in numbers:
        least, was = before.range_of(name)[0], before.given(name)
        if was is None or before.derivation(name) is not None:
            continue
        legal &= changed.numbers[name, 0].low >= np.minimum(least, was.low)
        is_open = was.is_open & (was.low <= least)
        for place, action in enumerate(actions):
            lowers = any(c.fact == name and c.amount < 0 for c in action.changes)
            legal &= ~(is_open & lowers & (points[:, place] > 0))
    setters: dict[str, dict[str, np.ndarray]] = {}
    for place, action in enumerate(actions):
        for change in action.changes:
            if change.effect is Effect.SET:
                values = setters.setdefault(change.fact, {})
                values[change.value] = values.get(change.value, False) | (points[:, place] > 0)
    for values in setters.values():
        legal &= np.sum(list(values.values()), axis=0) <= 1
    return legal


SME = {  # a technology SME of the published vectors: 12 + 40 + 18 = 70 points
    "staff_total": [60], "tech_staff": [13], "rd_expense": [1.8e6], "revenue": [36e6],
    "cost_total": [30e6], "assets_total": [30e6], "ip_class1": [0], "ip_class2": [3],
    "major_accident": [False], "env_violation": [False], "research_dishonesty": [False],
    "abnormal_list": [False], "hte_valid": [False], "rd_institution_level": ["none"],
    "national_award_years_ago": [math.inf], "national_award_rank": [math.inf],
    "led_standard_years_ago": [math.inf],
}  # fmt: skip

HTE = {  # a high-tech enterprise in the making: only experts' points and growth are open
    "months_registered": [60], "ip_class1": [[1]], "ip_class2": [[0]],
    "tech_field": ["电子信息"], "tech_staff": [20], "staff_total": [100],
    "rd_expense": [[1e6, 1.2e6, 1.5e6]], "revenue": [[1e7, 1.2e7, 1.5e7]],
    "rd_domestic": [[1e6, 1.2e6, 1.5e6]], "ht_product_income": [1.2e7], "total_income": [1.5e7],
    "major_safety_quality_environment_case": [False], "ip_self_developed": [True],
    "standard_participation": [False], "transformations_per_year": [5],
    "assets_total": [[1e7, 9e6, 1.2e7]], "liabilities": [[0, 0, 0]], "founded_year": [2010],
}  # fmt: skip


def firms(*rows: dict, **changed) -> FactTable:
    """Return real facts of some firms, each as in ``SME`` or ``HTE`` with some changed."""
    rows = rows or ({},)
    merged = [{**SME, **row, **changed} for row in rows]
    names = dict.fromkeys(name for row in merged for name in row)
    columns = {name: [row.get(name, [None])[0] for row in merged] for name in names}
    return table(dictionary=fact_dictionary(), year=YEAR, **columns)
