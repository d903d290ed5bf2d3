"""Points of indicators, one function for each kind of rule."""

from __future__ import annotations

import numpy as np

from jicheng.rules.expression.intervals import Interval
from jicheng.rules.pack.model import (
    Additive,
    Banded,
    Cases,
    Combine,
    Extension,
    Formula,
    Indicator,
    Judged,
    Missing,
    Options,
    Parts,
    Percentile,
)
from jicheng.rules.pack.names import chosen_fact, judged_fact
from jicheng.rules.score.application import Application
from jicheng.rules.score.bands import band_table, points_of_cases
from jicheng.rules.score.percentile import earned, transformed

__all__ = ["points_of", "total_of"]

_CLOSE = 1e-9  # points that differ by less are the same


def points_of(application: Application, indicator: Indicator) -> Interval:
    """Return the points of an indicator and note them and those of its parts."""
    fixed = application.fixed.get(indicator.path)
    found = fixed if isinstance(fixed, Interval) else _by_rule(application, indicator)
    if indicator.cap is not None:
        found = _at_most(found, indicator.cap)
    application.points[indicator.path] = found
    return found


def total_of(points: list[Interval], n: int) -> Interval:
    """Return the sum of points of n subjects."""
    if all(each.is_point for each in points):
        return Interval.known(_sum([each.low for each in points], n))
    return Interval(_sum([each.low for each in points], n), _sum([each.high for each in points], n))


def _by_rule(application: Application, indicator: Indicator) -> Interval:
    path = indicator.path
    match indicator.rule:
        case Banded() as rule:
            values = application.values[path] = application.number(rule.of, path)
            return _fixed(application, band_table(rule.bands).points(values), path)
        case Cases() as rule:
            truths = application.truths_of_cases(rule, path)
            points = points_of_cases(rule.cases, truths, application.facts.n)
            return _fixed(application, points, path)
        case Judged() as rule:
            return _judged(application, rule, path)
        case Formula() as rule:
            values = application.values[path] = application.number(rule.of, path)
            return _at_most(_at_least(values, 0.0), indicator.max)
        case Additive() as rule:
            return _additive(application, rule, path)
        case Parts() as rule:
            return _sum_of(application, rule.parts)
        case Options() as rule:
            return _options(application, rule, path)
        case Extension() as rule:
            return _extension(application, rule, indicator.max, path)
        case Percentile() as rule:
            return _percentile(application, rule, path)
        case Missing():
            return _unknown(application, indicator.max, path)


def _sum_of(application: Application, parts: tuple[Indicator, ...]) -> Interval:
    points = [points_of(application, part) for part in parts]
    return total_of(points, application.facts.n)


def _fixed(application: Application, points: Interval, path: str) -> Interval:
    """Return points where an expert has fixed them inside the range of a band or case.

    A number outside the range is taken to its nearest end and flagged.
    """
    number = application.facts.numbers.get((judged_fact(application.pack, path), 0))
    if number is None:
        return points
    is_outside = (number.low > points.high + _CLOSE) | (number.high < points.low - _CLOSE)
    application.flag(path, "outside_levels", is_outside)
    low = np.where(np.isnan(number.low), points.low, number.low)
    high = np.where(np.isnan(number.high), points.high, number.high)
    return Interval(np.clip(low, points.low, points.high), np.clip(high, points.low, points.high))


def _judged(application: Application, rule: Judged, path: str) -> Interval:
    """Return the points of the level or the number judged, else of all levels.

    A number outside the levels is taken to their nearest end and flagged.
    """
    facts, name = application.facts, judged_fact(application.pack, path)
    least = min(low for _, low, _ in rule.levels)
    most = max(high for _, _, high in rule.levels)
    low, high = np.full(facts.n, least), np.full(facts.n, most)
    judged = facts.choices.get(name)
    if judged is not None:
        ends = {level: (low, high) for level, low, high in rule.levels}
        table = np.array([*(ends.get(v, (least, most)) for v in judged.values), (least, most)])
        low, high = table[judged.codes].T.copy()
    number = facts.numbers.get((name, 0))
    if number is not None:
        application.flag(path, "outside_levels", (number.low > most) | (number.high < least))
        given = Interval(  # nan = not judged
            np.clip(np.where(np.isnan(number.low), least, number.low), least, most),
            np.clip(np.where(np.isnan(number.high), most, number.high), least, most),
        )
        both = Interval(np.maximum(low, given.low), np.minimum(high, given.high))
        agree = both.low <= both.high  # a number that contradicts the level wins
        low, high = np.where(agree, both.low, given.low), np.where(agree, both.high, given.high)
    application.flag(path, "not_judged", (low == least) & (high == most) & (least < most))
    return Interval(low, high)


def _additive(application: Application, rule: Additive, path: str) -> Interval:
    low, high = np.zeros(application.facts.n), np.zeros(application.facts.n)
    for each in rule.of:
        truth = application.condition(each, path)
        low += truth.certainly
        high += truth.possibly
    return _at_most(Interval(low * rule.each, high * rule.each), rule.cap)


def _options(application: Application, rule: Options, path: str) -> Interval:
    """Return the largest option, or the one that the applicant has chosen."""
    options = [points_of(application, each) for each in rule.options]
    low = np.maximum.reduce([each.low for each in options])
    high = np.maximum.reduce([each.high for each in options])
    if rule.combine is Combine.LARGEST:
        return Interval(low, high)
    chosen = application.facts.choices.get(chosen_fact(application.pack, path))
    is_open = np.ones(application.facts.n, dtype=bool)
    for option, points in zip(rule.options, options, strict=True):
        if chosen is None or option.id not in chosen.values:
            continue
        taken = chosen.codes == chosen.values.index(option.id)
        low, high = np.where(taken, points.low, low), np.where(taken, points.high, high)
        is_open &= ~taken
    application.flag(path, "not_chosen", is_open)
    return Interval(low, high)


def _extension(application: Application, rule: Extension, most: float, path: str) -> Interval:
    if rule.parts:
        return _at_most(_sum_of(application, rule.parts), most)
    return _unknown(application, most, path)


def _unknown(application: Application, most: float, path: str) -> Interval:
    """Return anything up to the maximum: the text of the rule is missing."""
    n = application.facts.n
    application.flag(path, "missing_rule", np.ones(n, dtype=np.bool_))
    return Interval.unknown(n, 0.0, most)


def _percentile(application: Application, rule: Percentile, path: str) -> Interval:
    groups = application.groups
    if groups is None:
        raise AssertionError("subjects are grouped before percentiles are taken")
    values = application.values[path] = application.number(rule.of, path)
    compared = transformed(values, rule.transform)
    frozen = application.frozen
    table = frozen.tables[path] if frozen is not None else groups.quantiles(compared)
    application.tables[path] = table
    application.flag(path, "missing", values.is_open)
    return earned(compared, table, groups, application.weights[path])


def _at_most(points: Interval, most: float) -> Interval:
    low = np.minimum(points.low, most)
    return Interval.known(low) if points.is_point else Interval(low, np.minimum(points.high, most))


def _at_least(points: Interval, least: float) -> Interval:
    low = np.maximum(points.low, least)
    return Interval.known(low) if points.is_point else Interval(low, np.maximum(points.high, least))


def _sum(arrays: list[np.ndarray], n: int) -> np.ndarray:
    total = np.zeros(n)
    for each in arrays:
        total += each
    return total
