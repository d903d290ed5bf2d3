"""Random zones that follow the schema, for property tests; they need not be consistent."""

from __future__ import annotations

import datetime as dt

from hypothesis import strategies as st

from jicheng.schema import Kind, Status, choices, countries, zone_tables
from jicheng.zone import Zone

__all__ = ["raw_zones", "zones"]

_LETTERS = st.characters(
    blacklist_categories=("Cs", "Cc", "Cn"), whitelist_characters="\n中文（），；\"'|`"
)
_IDS = st.sampled_from(["a", "b", "tech:光刻机", "firm:1", "x,y", 'q"q', "N20", "a b"])


def _values(attribute):
    kind = attribute.kind
    low = -1e9 if attribute.low is None else attribute.low
    high = 1e9 if attribute.high is None else attribute.high
    by_kind = {
        Kind.ID: _IDS,
        Kind.REFERENCE: _IDS,
        Kind.TEXT: st.text(_LETTERS, max_size=12).map(lambda text: f"字{text}"),
        Kind.COUNTRY: st.sampled_from(sorted(countries())),
        Kind.NUMBER: st.floats(low, high, allow_nan=False),
        Kind.SHARE: st.floats(0, 1),
        Kind.BOOLEAN: st.booleans(),
        Kind.DATE: st.dates(dt.date(1900, 1, 1), dt.date(2200, 1, 1)),
    }
    if attribute.choice:
        values = [choice.value for choice in choices()[attribute.choice]]
        one = st.sampled_from(values)
        return one if kind is Kind.CHOICE else st.lists(one, min_size=1).map(";".join)
    if kind is Kind.LIST:
        return st.lists(st.sampled_from(["a", "firm:1", "光刻"]), min_size=1).map(";".join)
    if kind in (Kind.INTEGER, Kind.YEAR):
        return st.integers(int(low), int(high))
    return by_kind[kind]


def _rows(table):
    parts = {
        attribute.name: _values(attribute)
        if attribute.status is not Status.OPTIONAL
        else st.none() | _values(attribute)
        for attribute in table.attributes
    }
    return st.lists(st.fixed_dictionaries(parts), max_size=4)


_TABLES = {name: _rows(table) for name, table in zone_tables().items()}
raw_zones = st.lists(st.sampled_from(sorted(_TABLES)), max_size=4, unique=True).flatmap(
    lambda names: st.fixed_dictionaries({name: _TABLES[name] for name in names})
)
zones = raw_zones.map(lambda tables: Zone.of(tables, strict=False))
