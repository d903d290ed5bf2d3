"""Rules of consistency between and inside the tables of a zone.

One function per rule; each takes a :class:`~jicheng.checks.view.View` and returns
the faults it finds, naming the row, the column and the remedy. What would corrupt a
result is an error; what a reader should know is a warning. To add a rule, write a
function beside its kind and list it in ``CHECKS``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from jicheng.checks import challenges, conditions, links, references, supply, ties, values
from jicheng.checks.view import Locate, View
from jicheng.errors import Fault

__all__ = ["CHECKS", "Locate", "View", "check_tables"]

CHECKS: tuple[Callable[[View], list[Fault]], ...] = (
    values.one_zone,
    references.duplicate_keys,
    references.unknown_references,
    references.capability_cycles,
    links.self_links,
    links.mixed_relations,
    links.cycles,
    links.weights,
    supply.sums_of_shares,
    supply.supplier_and_country,
    supply.repeated_countries,
    supply.bases,
    supply.spelling_of_firms,
    supply.restrictions_on_oneself,
    values.bounds_in_order,
    values.known_countries,
    values.substitutability_above_zero,
    values.weights_of_needs,
    values.whole_coordinates,
    values.coordinate_systems,
    ties.with_oneself,
    ties.listed_twice,
    challenges.shares_of_cost,
    challenges.dates_in_order,
    challenges.reasons,
    challenges.size_of_consortium,
    challenges.chains_of_purses,
    challenges.later_amounts_of_purses,
    conditions.usable_conditions,
    conditions.conditions_against_decisions,
    conditions.reasons_of_conditions,
)


def check_tables(
    tables: Mapping[str, pl.DataFrame],
    places: Mapping[str, Locate] | None = None,
    *,
    unreadable: frozenset[str] = frozenset(),
) -> list[Fault]:
    """Return the faults that every rule finds, in the order of the rules.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        As returned by :func:`jicheng.conform.conform`.
    places : mapping of str to callable, optional
        For each table, what turns the position of a row into its place in the
        user's file, so that a fault can point at it.
    unreadable : frozenset of str
        Tables that are there but could not be read and are not in ``tables``: what
        refers to them is not judged.
    """
    view = View(tables, places or {}, unreadable)
    return [found for check in CHECKS for found in check(view)]
