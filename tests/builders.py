"""Builders of small zones for tests; each test makes its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jicheng.zone import Zone


def make_zone(*, strict: bool = True, **tables: Sequence[Mapping[str, Any]]) -> Zone:
    """Make a zone of the tables given, with one zone row (home CHN, period 2026)."""
    rows: dict[str, Sequence[Mapping[str, Any]]] = {
        "zones": [{"id": "zone:test", "name": "测试区", "home": "CHN", "period": 2026}]
    }
    return Zone.of(rows | tables, strict=strict)


def technologies(*ids: str, **values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return rows of technologies, with further values by id."""
    return [{"id": name, "name": name} | dict(values.get(name, {})) for name in ids]


def link(source: str, target: str, relation: str = "input", **values: Any) -> dict[str, Any]:
    """Return an arrow of the chain."""
    return {"source": source, "target": target, "relation": relation} | values


def share(technology: str, supplier: str, value: float | None, **values: Any) -> dict[str, Any]:
    """Return a share of world supply by country, of the year before the zone's period."""
    row = {"technology": technology, "supplier": supplier, "country": supplier, "share": value}
    return row | {"system": "country", "basis": "world", "period": 2025} | values
