"""What holds for every expression and all facts: the truth is inside, more facts never widen."""

from __future__ import annotations

import math
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fact_builders import (
    CONDITIONS,
    condition_texts,
    number_texts,
    steps,
    table,
    truth_of,
)
from jicheng.rules.expression.evaluation import Scope, condition, number
from jicheng.rules.expression.nodes import (
    And,
    Arithmetic,
    Comparison,
    Count,
    Extreme,
    Floor,
    Growth,
    Literal,
    Matches,
    Membership,
    Name,
    Negative,
    Node,
    Not,
    Operator,
    Or,
    OverPositive,
    Relation,
    Window,
)
from jicheng.rules.expression.syntax import parse


@settings(max_examples=150, deadline=None)
@given(number_texts, steps())
def test_number_contains_what_it_is_when_more_is_known(text, tables):
    expression = parse(text)
    found = [number(expression, Scope(facts)) for facts in tables]
    for less, more in pairwise(found):
        assert less.low[0] <= more.low[0]
        assert more.high[0] <= less.high[0]
    assert all(part.low[0] <= part.high[0] for part in found)


@settings(max_examples=150, deadline=None)
@given(condition_texts, steps())
def test_condition_that_is_settled_stays_so_when_more_is_known(text, tables):
    expression = parse(text)
    found = [condition(expression, Scope(facts)) for facts in tables]
    for less, more in pairwise(found):
        assert more.certainly[0] or not less.certainly[0]
        assert less.possibly[0] or not more.possibly[0]
    assert all(part.possibly[0] or not part.certainly[0] for part in found)


@settings(max_examples=150, deadline=None)
@given(number_texts, steps())
def test_number_of_known_facts_is_what_plain_python_computes(text, tables):
    facts = tables[-1]
    expression = parse(text)
    expected = _plain(expression.root, facts, 0)
    found = number(expression, Scope(facts))
    if expected is None:  # a zero denominator somewhere: unknown
        return
    assert found.low[0] == found.high[0] == expected


@settings(max_examples=100, deadline=None)
@given(condition_texts, steps())
def test_condition_of_known_facts_is_what_plain_python_computes(text, tables):
    expression = parse(text)
    expected = _plain(expression.root, tables[-1], 0)
    found = condition(expression, Scope(tables[-1]))
    if expected is not None:
        assert found.certainly[0] == found.possibly[0] == expected


_TREES = st.permutations(CONDITIONS).flatmap(
    lambda names: st.sampled_from([
        f"{names[0]} and {names[1]} or {names[2]}", f"not ({names[0]} or not {names[1]})",
        f"{names[0]} or {names[1]} or not {names[2]}", f"count({', '.join(names)}) >= 2",
        f"not {names[0]} and count({names[1]}, {names[2]}) < 2",
    ])
)  # fmt: skip


@settings(deadline=None)
@given(_TREES, st.tuples(*[st.sampled_from([True, False, None])] * 3))
def test_three_values_equal_the_enumeration_of_all_completions(text, values):
    unknown = [i for i, value in enumerate(values) if value is None]
    outcomes = set()
    for completion in product([True, False], repeat=len(unknown)):
        complete = list(values)
        for i, value in zip(unknown, completion, strict=True):
            complete[i] = value
        facts = table(**{name: [v] for name, v in zip(CONDITIONS, complete, strict=True)})
        outcomes |= set(truth_of(text, facts))
    if all(value is None for value in values):
        facts = table()
    else:
        facts = table(**{n: [v] for n, v in zip(CONDITIONS, values, strict=True) if v is not None})
    assert set(truth_of(text, facts)) == ({None} if len(outcomes) == 2 else outcomes)


@settings(deadline=None)
@given(number_texts, st.lists(steps(), min_size=2, max_size=4), st.randoms())
def test_order_of_subjects_changes_nothing(text, drawn, random):
    rows = [tables[random.randrange(3)] for tables in drawn]
    stacked = _stacked(rows)
    order = list(range(len(rows)))
    random.shuffle(order)
    expression = parse(text)
    straight = number(expression, Scope(stacked))
    shuffled = number(expression, Scope(stacked.rows(order)))
    assert shuffled.low.tolist() == straight.low[order].tolist()
    assert shuffled.high.tolist() == straight.high[order].tolist()
    for place, alone in enumerate(rows):
        one = number(expression, Scope(alone))
        assert (one.low[0], one.high[0]) == (straight.low[place], straight.high[place])


@pytest.mark.parametrize("copies", [1, 3])
def test_known_facts_give_known_results(copies):
    facts = table(x=[[1.0, 2.0, 4.0]] * copies, y=[[1.0, 1.0, 1.0]] * copies)
    for text in ("x / y", "sum(x, 3)", "official_growth(x)", "mean(w, 2)", "floor(x / 3)"):
        assert number(parse(text), Scope(facts)).is_point
    assert condition(parse("x / y >= 2 and not x < 1"), Scope(facts)).is_known


def _stacked(rows):
    first = rows[0]
    picked = [facts.rows([0]) for facts in rows]
    numbers = {
        key: type(value).between(
            np.concatenate([facts.numbers[key].low for facts in picked]),
            np.concatenate([facts.numbers[key].high for facts in picked]),
        )
        for key, value in first.numbers.items()
    }
    conditions = {
        key: type(value)(
            np.concatenate([facts.conditions[key].certainly for facts in picked]),
            np.concatenate([facts.conditions[key].possibly for facts in picked]),
        )
        for key, value in first.conditions.items()
    }
    choices = {
        key: type(value)(
            value.values, np.concatenate([facts.choices[key].codes for facts in picked])
        )
        for key, value in first.choices.items()
    }
    empty = first.rows([0] * len(rows))
    return empty.with_facts(numbers, conditions, choices)


# A plain evaluator of one subject of whom everything is known; None = unknown.


def _plain(node: Node, facts, shift: int):
    match node:
        case Literal():
            return node.value
        case Name():
            return _plain_name(node, facts, shift)
        case Negative():
            return _if_known(lambda x: -x, _plain(node.of, facts, shift))
        case Arithmetic():
            sides = _plain(node.left, facts, shift), _plain(node.right, facts, shift)
            return _if_known(_ARITHMETIC[node.operator], *sides)
        case Extreme():
            parts = [_plain(part, facts, shift) for part in node.parts]
            return _if_known(lambda *xs: max(xs) if node.is_largest else min(xs), *parts)
        case OverPositive():
            sides = _plain(node.left, facts, shift), _plain(node.right, facts, shift)
            return _if_known(lambda x, y: _over(x, y) if y > 0 else None, *sides)
        case Floor():
            x = _plain(node.of, facts, shift)
            return _if_known(_floor, x)
        case Window():
            years = [_plain(node.of, facts, shift - k) for k in range(node.years)]
            divisor = node.years if node.is_mean else 1
            return _if_known(lambda *xs: sum(xs[1:], xs[0]) / divisor, *years)
        case Growth():
            years = [_plain(node.of, facts, shift - k) for k in range(3)]
            return _if_known(_official if node.is_official else _mean_growth, *years)
        case Count():
            parts = [_plain(part, facts, shift) for part in node.parts]
            return _if_known(lambda *xs: float(sum(xs)), *parts)
    return _plain_condition(node, facts, shift)


def _plain_condition(node: Node, facts, shift: int):
    match node:
        case Comparison():
            sides = _plain(node.left, facts, shift), _plain(node.right, facts, shift)
            return _if_known(_COMPARED[node.relation], *sides)
        case Not():
            return _if_known(lambda x: not x, _plain(node.of, facts, shift))
        case And() | Or():
            parts = [_plain(part, facts, shift) for part in node.parts]
            return _if_known(all if isinstance(node, And) else any, parts)
        case Matches() if node.subject.id != "c":
            sides = (_plain_name(name, facts, shift) for name in (node.subject, node.word))
            return _if_known(_COMPARED[Relation.EQUAL], *sides)
        case Membership() | Matches():
            if shift != 0:
                return None  # choices have no years
            chosen = facts.choices["c"]
            values = node.values if isinstance(node, Membership) else (node.word.id,)
            return chosen.values[chosen.codes[0]] in values
    raise AssertionError(node)


def _plain_name(node: Name, facts, shift: int):
    offset = node.offset + shift
    if node.id == "w":
        parts = (_plain_name(Name(part, offset), facts, 0) for part in "xy")
        return _if_known(_ARITHMETIC[Operator.MINUS], *parts)
    if node.id in facts.conditions:
        return bool(facts.conditions[node.id].certainly[0]) if offset == 0 else None
    found = facts.numbers.get((node.id, offset))
    return None if found is None else float(found.low[0])


def _if_known(function, *parts):
    flat = parts[0] if len(parts) == 1 and isinstance(parts[0], list) else parts
    if any(part is None for part in flat):
        return None
    return function(*parts)


def _over(x, y):
    if y == 0:
        return None
    return x / y if math.isfinite(x / y) else None


_ARITHMETIC = {
    Operator.PLUS: lambda x, y: x + y,
    Operator.MINUS: lambda x, y: x - y,
    Operator.TIMES: lambda x, y: x * y if math.isfinite(x * y) else None,
    Operator.OVER: _over,
}


def _floor(x):
    return float(math.floor(x + _tolerance(x))) if abs(x) < 1e12 else None


def _tolerance(bound: float) -> float:
    return 1e-9 * max(1.0, abs(bound))


_COMPARED = {
    Relation.AT_LEAST: lambda x, c: x >= c - _tolerance(c),
    Relation.ABOVE: lambda x, c: x > c + _tolerance(c),
    Relation.AT_MOST: lambda x, c: x <= c + _tolerance(c),
    Relation.BELOW: lambda x, c: x < c - _tolerance(c),
    Relation.EQUAL: lambda x, c: abs(x - c) <= _tolerance(c),
}


def _mean_growth(y3, y2, y1):
    if y1 == 0 or y2 == 0 or not math.isfinite(y2 / y1 + y3 / y2):
        return None
    return 0.5 * (y2 / y1 + y3 / y2) - 1.0


def _official(y3, y2, y1):
    if y1 < -1e-9 or y2 < -1e-9:
        return None
    if y2 <= 1e-9:
        return -1.0
    if y1 <= 1e-9:
        return y3 / y2 - 1.0
    return 0.5 * (y2 / y1 + y3 / y2) - 1.0
