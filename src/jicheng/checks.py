"""Rules of consistency between and inside the tables of a zone.

One function per rule; each returns the faults it finds, naming the rows, the
column and the remedy. To add a rule, write a function and list it in ``CHECKS``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from jicheng.errors import Fault

__all__ = ["CHECKS", "check_tables"]

Tables = Mapping[str, pl.DataFrame]
CHECKS: tuple[Callable[[Tables], list[Fault]], ...] = ()


def check_tables(tables: Tables) -> list[Fault]:
    """Return the faults that every rule finds, in the order of the rules."""
    return [found for check in CHECKS for found in check(tables)]
