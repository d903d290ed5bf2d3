"""Small packs, facts and policies made by hand."""

from __future__ import annotations

import numpy as np
import polars as pl

from jicheng.errors import Text
from jicheng.rules.expression.intervals import Choices, Interval, Truth
from jicheng.rules.expression.syntax import parse
from jicheng.rules.facts.table import FactTable
from jicheng.rules.pack.model import (
    Band,
    Banded,
    Condition,
    Indicator,
    Pack,
    PackKind,
    Provenance,
    Side,
)
from jicheng.select.policies.model import Policy

OURS = Provenance.OURS


def known(*values):
    return Interval.known(np.array(values, dtype=float))


def between(low, high):
    return Interval(np.array(low, dtype=float), np.array(high, dtype=float))


def truth(text):
    """Return a truth from a text of letters: y, n and ? for unknown."""
    certainly = np.array([letter == "y" for letter in text])
    return Truth(certainly, np.array([letter != "n" for letter in text]))


def facts(n, *, conditions=None, choices=None, groups=None, year=2025, **numbers):
    """Return facts of subjects ``s0``, ``s1`` ...; numbers are lists, nan = unknown."""
    return FactTable(
        subjects=pl.Series([f"s{i}" for i in range(n)]),
        year=year,
        numbers={
            (name, 0): v if isinstance(v, Interval) else known(*v) for name, v in numbers.items()
        },
        conditions={name: truth(text) for name, text in (conditions or {}).items()},
        choices={
            name: Choices(tuple(sorted(set(v))), np.array([sorted(set(v)).index(x) for x in v],
                                                          dtype=np.int32))
            for name, v in (choices or {}).items()
        },
        groups=pl.DataFrame(groups or {}),
    )  # fmt: skip


def condition(section, name, when):
    return Condition(
        id=name, path=f"{section}/{name}", name=Text(name, name), status=OURS, numbers=OURS,
        when=parse(when) if when else None,
    )  # fmt: skip


def gate(name, when):
    return condition("gates", name, when)


def banded(name, of, *steps, most=10.0):
    """Return an indicator: points from each bound on, else 0."""
    bands = [Band(Side.AT_LEAST, bound, points, points) for bound, points in steps]
    rule = Banded(parse(of), (*bands, Band(Side.OTHERWISE, np.nan, 0.0, 0.0)))
    return Indicator(
        id=name, path=f"indicators/{name}", name=Text(name, name), status=OURS, numbers=OURS,
        max=most, rule=rule,
    )  # fmt: skip


def pack(
    name="test.pack", version="1", *, gates=(), indicators=(), conditions=(), direct=(), **more
):
    return Pack(
        id=name, version=version, name=Text(name, name), kind=PackKind.QUALIFICATION,
        gates=tuple(gates), indicators=tuple(indicators), conditions=tuple(conditions),
        direct=tuple(direct), total=sum(i.max for i in indicators if not i.is_bonus), **more,
    )  # fmt: skip


def policy(name, **stated):
    return Policy(id=name, name=Text(name, name), **stated)
